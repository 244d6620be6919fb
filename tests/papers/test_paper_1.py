"""Paper 1 with other numbers than those in print, beside PyTorch, SymPy, NumPy and searches."""

from __future__ import annotations

import itertools
from collections.abc import Callable
from fractions import Fraction
from typing import Any

import numpy as np
import pytest
import sympy as sp
import torch
from torch.nn import functional as TF

from tests.papers.here import answer, numbers, rewritten
from tests.papers.here import solved as solution


def solved(part: str, **givens: Any) -> Any:
    """The answer to a part of paper 1, with these givens of its question."""
    return answer("1", part, givens)


# -- question 3: units, losses, operators ----------------------------------------------------------


@pytest.mark.parametrize("far", [2, 15])
def test_slopes_of_a_sigmoid(far: int) -> None:
    at = torch.tensor([0.0, far], dtype=torch.float64, requires_grad=True)
    torch.sigmoid(at).sum().backward()
    found = solution("1", "3a", {"far": far, "depth": 8}, arithmetic="float64").also
    assert at.grad is not None
    assert [value.data for value in found.values()] == pytest.approx(at.grad.tolist(), rel=1e-9)


@pytest.mark.parametrize(("depth", "far", "letter"), [(12, 18, "B"), (3, 1, "none of the options")])
def test_gradients_through_sigmoids(depth: int, far: int, letter: str) -> None:
    """Deep and far out the first weight hardly moves; near 0 it does, and no option holds."""
    steps = []
    for start in (1.0, -1.0):
        weights = torch.full((depth,), float(far), dtype=torch.float64, requires_grad=True)
        h = torch.tensor(start, dtype=torch.float64)
        for w in weights:
            h = torch.sigmoid(w * h)
        h.backward()
        assert weights.grad is not None
        steps.append(abs(weights.grad[0].item()))
    assert (max(steps) < 1e-3) == (letter == "B")
    assert solved("3a", depth=depth, far=far) == letter


@pytest.mark.parametrize(("kernel", "stride"), [(2, 1), (3, 2), (4, 3)])
def test_linear_operators_are_matrices(kernel: int, stride: int) -> None:
    """The matrix of each operator, column by column, on numbers that it has not seen."""
    draw = torch.Generator().manual_seed(0)
    wide, turned = (torch.randn(n, 1, kernel, kernel, generator=draw) for n in (2, 1))
    operators: list[tuple[Any, tuple[int, ...], bool]] = [
        (lambda x: TF.conv2d(x, wide, stride=stride), (1, 4, 4), True),
        (lambda x: TF.conv_transpose2d(x, turned, stride=stride), (1, 2, 2), True),
        (lambda x: TF.avg_pool2d(x, 2), (1, 4, 4), True),
        (lambda x: x.flip(-1), (5,), True),
        (lambda x: TF.conv2d(x, wide, torch.ones(2)), (1, 4, 4), False),
    ]
    for operator, shape, linear in operators:
        units = torch.eye(int(np.prod(shape))).reshape(-1, *shape)
        x = torch.randn(1, *shape, generator=draw)
        made = operator(units).flatten(1).T @ x.flatten()
        assert torch.allclose(made, operator(x).flatten(), atol=1e-4) == linear
    found = solution("1", "3d", {"kernel": kernel, "stride": stride})
    assert found.answer == "A"
    assert [value.data for value in found.also.values()] == [False]


def test_an_operator_that_is_not_linear_is_no_matrix() -> None:
    found = rewritten("1", "3d", old="lambda x: x.flip(-1)", new="lambda x: x * x")
    assert found.answer == "B"


# -- question 4: a perceptron ----------------------------------------------------------------------


@pytest.mark.parametrize(("features", "classes", "h"), [(2, 20, 8), (5, 3, 17)])
def test_parameters_of_a_perceptron(features: int, classes: int, h: int) -> None:
    layers = {
        "Linear1": torch.nn.Linear(features, h), "LayerNorm1": torch.nn.LayerNorm(h),
        "Linear2": torch.nn.Linear(h, classes), "Relu1": torch.nn.ReLU(),
        "CrossEntropyLoss": torch.nn.CrossEntropyLoss(),
    }  # fmt: skip
    counts = {n: sum(p.numel() for p in layer.parameters()) for n, layer in layers.items()}
    assert solved("4a", features=features, classes=classes, h=h) == counts
    lettered = solved("4a", features=features, classes=classes)
    put = {n: sp.sympify(v).subs("h", h) for n, v in lettered.items()}
    assert put == counts


def test_shapes_of_a_perceptron() -> None:
    B, h, classes = 5, 7, 4
    z1 = torch.nn.Linear(3, h)(torch.zeros(B, 3))
    z4 = torch.nn.Linear(h, classes)(torch.nn.ReLU()(torch.nn.LayerNorm(h)(z1)))
    loss = torch.nn.CrossEntropyLoss()(z4, torch.zeros(B, dtype=torch.int64))
    shapes = [list(z.shape) for z in (z1, z1, z1, z4, loss)]
    found = solved("4b", features=3, classes=classes, B=B, h=h)
    assert list(found.values()) == shapes


# -- question 5: blanks, and adjoints --------------------------------------------------------------

SIGNS: dict[str, Callable[[Any, Any], Any]] = {
    "+": lambda a, b: a + b, "-": lambda a, b: a - b, "*": lambda a, b: a * b,
}  # fmt: skip
ORDERS: list[Callable[..., Any]] = [
    lambda x, a, c, d, e: e(d(a(x[0], x[1]) ** 2, c(x[1], x[2])), x[2]),
    lambda x, a, c, d, e: e(a(x[0], x[1]) ** 2, d(c(x[1], x[2]), x[2])),
    lambda x, a, c, d, e: e(d(a(x[0], x[1]) ** 2, x[2]), c(x[1], x[2])),
]


@pytest.mark.parametrize(("inner", "last"), [("+", "-"), ("-", "-"), ("+", "+"), ("-", "+")])
def test_blanks_by_going_through_all(inner: str, last: str) -> None:
    x = sp.symbols("x1:4")
    target = SIGNS[last](SIGNS[inner](x[0], x[1]) ** 2 + x[1] * x[2], x[2])
    letters = {"+": "A", "-": "B", "*": "C"}
    wanted: list[dict[str, str]] = []
    for order in ORDERS:
        (filling,) = (
            labels
            for labels in itertools.product(SIGNS, repeat=4)
            if sp.expand(order(x, *(SIGNS[label] for label in labels)) - target) == 0
        )
        names = zip("acde", filling, strict=True)
        wanted.append({"b": "D"} | {blank: letters[label] for blank, label in names})
    for blank, part in zip("abcde", ("5a", "5b", "5c", "5d", "5e"), strict=True):
        found = solution("1", part, {"inner": inner, "last": last})
        readings = [reading[""].data for reading in found.readings.values()]
        assert readings == [one[blank] for one in wanted]
        assert found.answer == readings[0]


def test_closed_adjoints_are_the_gradients_of_pytorch() -> None:
    n = 4
    draw = torch.Generator().manual_seed(0)
    v1, v2, v3 = (
        torch.randn(shape, generator=draw, dtype=torch.float64, requires_grad=True)
        for shape in ((1, n), (n, n), (1, n))
    )
    v4 = v1 @ v2
    v5 = v4.exp()
    v6 = v4 + v5
    v7 = TF.mse_loss(v6, v3)
    grads = torch.autograd.grad(v7, [v6, v5, v4, v3, v2, v1])
    g = 2 / n * (v6 - v3)
    by_hand = {
        f"2 / {n} * (v6 - v3)": g,
        f"2 / {n} * (v6 - v3) * (1 + v5)": g * (1 + v5),
        f"-(2 / {n} * (v6 - v3))": -g,
        f"v1ᵀ @ (2 / {n} * (v6 - v3) * (1 + v5))": v1.T @ (g * (1 + v5)),
        f"(2 / {n} * (v6 - v3) * (1 + v5)) @ v2ᵀ": (g * (1 + v5)) @ v2.T,
    }
    found = solved("5g", d=n)
    assert found.pop("v7bar") == "1"
    for text, grad in zip(found.values(), grads, strict=True):
        torch.testing.assert_close(by_hand[text], grad, rtol=1e-12, atol=1e-12)


# -- question 6: the optimizer that is asked for ---------------------------------------------------


@pytest.mark.parametrize(("alpha", "beta1"), [("1/5", "3/4"), ("1/100", "99/100")])
def test_the_rule_is_momentum(alpha: str, beta1: str) -> None:
    a, b = float(Fraction(alpha)), float(Fraction(beta1))
    theta, m = torch.tensor([1.0, -2.0], dtype=torch.float64), torch.zeros(2, dtype=torch.float64)
    other = theta.clone().requires_grad_()
    optimizer = torch.optim.SGD([other], lr=a * (1 - b), momentum=b)

    def gradient(x: Any) -> Any:
        return torch.stack([x[0] + x[1] / 4, x[0] / 4 + 5 * x[1]])

    for _ in range(4):
        m = b * m + (1 - b) * gradient(theta)
        theta = theta - a * m
        other.grad = gradient(other.detach())
        optimizer.step()
        torch.testing.assert_close(other.detach(), theta, rtol=1e-12, atol=1e-12)
    givens = {"alpha": Fraction(alpha), "beta1": Fraction(beta1), "curvature": 5}
    assert solved("6a", **givens) == "B"


# -- question 7: moments of a layer ----------------------------------------------------------------


@pytest.mark.parametrize("n", [2, 3, 5])
def test_mean_square_behind_a_layer(n: int) -> None:
    h = np.arange(1, n + 1)
    cases = np.array(list(itertools.product((-1, 1), repeat=n)))
    behind = {c: np.mean(np.maximum(cases @ h * np.sqrt(c / n), 0) ** 2) for c in (1, 2, 4)}
    found = [value.data for value in solution("1", "7a", {"n": n}).also.values()]
    np.testing.assert_allclose(numbers(found), [x / np.mean(h**2) for x in behind.values()])
    assert solved("7a", n=n) == "A"


# -- question 8: norms -----------------------------------------------------------------------------


@pytest.mark.parametrize("eps", [0, 2])
@pytest.mark.parametrize("X", [[[3, 7], [-5, 1]], [[4, -40], [90, 2]]])
def test_layer_norm(X: list[list[int]], eps: int) -> None:
    wanted = TF.layer_norm(torch.tensor(X, dtype=torch.float64), (2,), eps=eps)
    np.testing.assert_allclose(numbers(solved("8a", X=X, eps=eps)), wanted.numpy(), rtol=1e-12)


@pytest.mark.parametrize("eps", [1, 3])
def test_batch_norm(eps: int) -> None:
    Y = [[5, -3, 40], [2, 9, 41]]
    x = torch.tensor(Y, dtype=torch.float64)
    wanted = TF.batch_norm(x, None, None, training=True, eps=eps)
    np.testing.assert_allclose(numbers(solved("8b", Y=Y, eps=eps)), wanted.numpy(), rtol=1e-12)


@pytest.mark.parametrize("given", [{"running_mean": 2}, {"running_var": 4}, {"eps": 3}, {}])
def test_batch_norm_in_evaluation(given: dict[str, int]) -> None:
    layer = torch.nn.BatchNorm1d(3, eps=given.get("eps", 0), affine=False).double().eval()
    layer.running_mean = torch.full((3,), float(given.get("running_mean", 0)), dtype=torch.float64)
    layer.running_var = torch.full((3,), float(given.get("running_var", 1)), dtype=torch.float64)
    x = torch.randn(2, 3, dtype=torch.float64)
    assert (solved("8c", **given) == "C") == torch.equal(layer(x), x)


# -- question 9: dropout ---------------------------------------------------------------------------


@pytest.mark.parametrize(("p", "entry"), [(Fraction(1, 5), 7), (Fraction(2, 5), 3)])
def test_what_dropout_returns_on_average(p: Fraction, entry: int) -> None:
    x = [entry, -3]
    found = {k: v.data for k, v in solution("1", "9a", {"p": p, "entry": entry}).also.items()}
    keep = 1 - p
    wanted = {
        "the mean in training": x,
        "the mean afterwards, as it stands": [keep * v for v in x],
        "and its variance, which should be 0": [keep * v * v - (keep * v) ** 2 for v in x],
        "the mean afterwards with C": [keep * v / p for v in x],
        "the mean afterwards with D, which is right": x,
        "and its variance, which is not 0": [keep * (v / keep) ** 2 - v * v for v in x],
        "the mean afterwards with E, as printed": [keep for _ in x],
    }
    for label, values in wanted.items():
        assert [Fraction(str(v)) for v in found[label]] == values


def test_what_dropout_on_logits_leaves() -> None:
    half, certain = Fraction(1, 4), 25
    found = solution("1", "9b", {"half": half, "certain": certain}).also
    kept = -np.log(1 / (1 + 9 * np.exp(-certain / 0.75)))
    wanted = 0.25 * np.log(10) + 0.75 * kept
    assert abs(found["on the logits of 10 classes"].data - wanted) < 1e-12


# -- question 10: convolution and pooling ----------------------------------------------------------


@pytest.mark.parametrize(("z", "k", "s", "padding"), [(32, 3, 2, 1), (17, 5, 3, 2), (28, 4, 1, 0)])
def test_size_of_a_convolution(z: int, k: int, s: int, padding: int) -> None:
    out = torch.nn.Conv2d(1, 1, k, stride=s, padding=padding)(torch.zeros(1, z, z))
    found = solved("10a", z=z, k=k, s=s, padding=padding)
    assert found == {"height": out.shape[1], "width": out.shape[2]}


@pytest.mark.parametrize("padding", [0, 1, 2])
def test_a_convolution(padding: int) -> None:
    image, kernel = [[7, -4, 0], [2, 9, -3], [1, 1, 6]], [[-1, 5], [2, 3]]
    x, w = torch.tensor([[image]]).double(), torch.tensor([[kernel]]).double()
    out = TF.conv2d(x, w, padding=padding)[0, 0]
    found = solution("1", "10b", {"image": image, "kernel": kernel, "padding": padding})
    assert found.answer == out.tolist()
    turned = TF.conv2d(x, w.flip(2, 3), padding=padding)[0, 0]
    assert found.also["true convolution"].data == turned.tolist()


@pytest.mark.parametrize("pool", [1, 2, 3])
def test_max_pooling(pool: int) -> None:
    pooled = [[3, -4, 5, 0], [2, 8, 3, 1], [9, 1, -5, 0], [0, 1, 7, 1]]
    wanted = TF.max_pool2d(torch.tensor([[pooled]]).double(), pool)[0, 0].tolist()
    assert solved("10c", pooled=pooled, pool=pool) == wanted


# -- question 11: a convnet ------------------------------------------------------------------------

CONVNET = {
    "pixels": 65, "C1": 8, "k1": 5, "s1": 2, "p1": 2, "C2": 16, "k2": 3, "s2": 2, "p2": 1,
}  # fmt: skip


def convnet(C1: int, k1: int, s1: int, p1: int, **second: int) -> Any:
    """The layers in PyTorch."""
    C2, k2, s2, p2 = (second[name] for name in ("C2", "k2", "s2", "p2"))
    return {
        "Conv2d1": torch.nn.Conv2d(1, C1, k1, s1, p1), "BatchNorm2d1": torch.nn.BatchNorm2d(C1),
        "Relu1": torch.nn.ReLU(), "Conv2d2": torch.nn.Conv2d(C1, C2, k2, s2, p2),
        "BatchNorm2d2": torch.nn.BatchNorm2d(C2), "Relu2": torch.nn.ReLU(),
    }  # fmt: skip


def test_a_convnet_with_numbers_and_with_letters() -> None:
    layers = convnet(**CONVNET)
    counts = {n: sum(p.numel() for p in layer.parameters()) for n, layer in layers.items()}
    assert solved("11a", **CONVNET) == counts
    assert {n: sp.sympify(v).subs(CONVNET) for n, v in solved("11a").items()} == counts
    z, shapes = torch.zeros(3, 1, 65, 65), []
    for layer in layers.values():
        z = layer(z)
        shapes.append(list(z.shape))
    assert list(solved("11b", B=3, **CONVNET).values()) == shapes
    lettered = solved("11b", pixels=65)
    put = [[sp.sympify(n).subs({**CONVNET, "B": 3}) for n in shape] for shape in lettered.values()]
    assert put == shapes


def test_the_head_of_a_resnet() -> None:
    found = solved("11c", C6=24, H6=5, n_c=11)
    head = torch.nn.Sequential(
        torch.nn.AvgPool2d(found["a"]), torch.nn.Flatten(), torch.nn.Linear(found["b"], found["c"])
    )
    z6 = torch.randn(2, 24, 5, 5)
    assert head(z6).shape == (2, 11)
    torch.testing.assert_close(head[:2](z6), z6.mean((2, 3)))


def features(x: torch.Tensor, padded: Any) -> torch.Tensor:
    """The paper's two convolutions, and the mean of each map."""
    weights = (
        [[[[1, -2], [3, 1]]], [[[2, 1], [-1, -3]]]],
        [[[[1, 2], [-1, 1]], [[2, -1], [1, 3]]], [[[3, 1], [-2, 1]], [[1, 1], [2, -3]]]],
    )
    for w, b in zip(weights, ([1, -1], [0, 2]), strict=True):
        x = TF.conv2d(padded(x), torch.tensor(w).double(), torch.tensor(b).double()).relu()
    return x.mean((2, 3))


@pytest.mark.parametrize(("mode", "letter"), [("circular", "A"), ("zeros", "none of the options")])
def test_what_the_maps_of_a_convnet_do_not_see(mode: str, letter: str) -> None:
    picture = torch.tensor([[5, 1, 0, 2], [3, 8, 1, 1], [0, 4, 9, 2], [1, 0, 2, 7]]).double()
    picture = picture[None, None]

    def padded(x: torch.Tensor) -> torch.Tensor:
        return TF.pad(x, (0, 1, 0, 1), "circular" if mode == "circular" else "constant")

    def invariant(changed: torch.Tensor) -> bool:
        return torch.equal(features(changed, padded), features(picture, padded))

    moved, turned = invariant(picture.roll((1, 2), (2, 3))), invariant(picture.rot90(1, (2, 3)))
    brighter = any(map(invariant, (picture + 3, picture - 1, picture * 2)))
    assert (moved, turned, brighter) == (mode == "circular", False, False)
    found = rewritten("1", "11f", old='padding_mode="circular"', new=f'padding_mode="{mode}"')
    assert found.answer == letter


@pytest.mark.parametrize(("objects", "passes"), [(2, 1), (97, 1), (99, 2), (400, 5)])
def test_passes_of_a_detector(objects: int, passes: int) -> None:
    """A net of stride 64 sees 7 x 7 cells of a picture of 448, each with two boxes."""
    cells = torch.nn.Conv2d(3, 1, 64, stride=64, device="meta")(
        torch.empty(1, 3, 448, 448, device="meta")
    )
    boxes = 2 * cells.numel()
    assert -(-objects // boxes) == passes
    found = solution("1", "11d", {"objects": objects})
    assert [value.data for value in found.also.values()] == [passes, boxes]
    assert found.answer == "B"


# -- question 12: derivatives ----------------------------------------------------------------------


@pytest.mark.parametrize("at", [2, 5])
def test_derivatives_of_a_cube(at: int) -> None:
    found = solution("1", "12b", {"at": at})
    x = torch.tensor(float(at), requires_grad=True)
    (first,) = torch.autograd.grad(x**3, x, create_graph=True)
    (second,) = torch.autograd.grad(first, x)
    assert [value.data for value in found.also.values()] == [first, first, second]
    assert found.answer == "D"


def test_what_is_handed_to_a_gradient() -> None:
    A, x = [[2, -1], [3, 5], [0, 4]], [7, -2]
    found = solution("1", "12a", {"A": A, "x": x})
    (by_out,) = (value.data for value in found.also.values())
    assert by_out == (2 * np.array(A) @ np.array(x)).tolist()
    assert found.answer == "B"
