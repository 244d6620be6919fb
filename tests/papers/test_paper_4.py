"""Paper 4 with other numbers than those in print, beside PyTorch, SymPy, mpmath and searches."""

from __future__ import annotations

from ast import literal_eval
from fractions import Fraction
from math import floor, prod
from typing import Any

import mpmath
import pytest
import sympy as sp
import torch

from tests.papers.here import Here, answer, paper


def solved(part: str, **givens: Any) -> Any:
    """The answer to a part of paper 4, with these givens of its question."""
    return answer("4", part, givens)


# -- question 1: parameters, and the gradients of a layer ------------------------------------------


@pytest.mark.parametrize(("inputs", "widths"), [(3, [4, 7]), (1, [9, 2]), (8, [1, 1])])
def test_parameters_of_a_perceptron(inputs: int, widths: list[int]) -> None:
    layers = torch.nn.Linear(inputs, widths[0]), torch.nn.Linear(widths[0], widths[1])
    counts = [sum(p.numel() for p in layer.parameters()) for layer in layers]
    found = solved("1a-i", inputs=inputs, widths=widths)
    assert found == {"layer1": counts[0], "layer2": counts[1], "total": sum(counts)}


@pytest.mark.parametrize("shape", [(1, 4, 2), (3, 2, 2), (4, 1, 1)])
def test_a_literal_has_the_shape_and_whole_numbers(shape: tuple[int, ...]) -> None:
    made = torch.tensor(literal_eval(solved("1a-ii", shape=list(shape))))
    assert made.shape == shape
    assert made.dtype == torch.int64


def symbols(name: str, *sizes: int) -> Any:
    """A matrix or a vector of symbols, as the paper calls them."""
    names = {2: lambda i, j: f"{name}{i + 1}_{j + 1}", 1: lambda i, _: f"{name}{i + 1}"}
    return sp.Matrix(*sizes[:2], names[2]) if len(sizes) == 2 else sp.Matrix(*sizes, 1, names[1])


@pytest.mark.parametrize(("n", "k"), [(2, 4), (4, 3)])
@pytest.mark.parametrize("beta", [None, Fraction(3, 10)])
def test_gradients_of_a_linear_layer(n: int, k: int, beta: Fraction | None) -> None:
    w, x, y, d = symbols("W", n, k), symbols("x", n), symbols("y", k), symbols("d", k)
    b = symbols("b", k)
    out = w.T * x + b
    loss = sum((d[i] - out[i]) ** 2 for i in range(k))
    if beta is not None:
        loss += sp.Rational(3, 10) * sum(entry**2 for entry in w)
    given = {"n": n, "K": k} | ({} if beta is None else {"beta": beta})
    found = solved("1b-i" if beta is None else "1b-ii", **given)
    into = dict(zip(y, out, strict=True))

    def same(texts: Any, wanted: Any) -> None:
        made = sp.Matrix(sp.sympify(texts)).subs(into)
        assert made.shape == wanted.shape
        assert sp.expand(made - wanted) == sp.zeros(*wanted.shape)

    same(found["W"], w.applyfunc(lambda entry: sp.diff(loss, entry)))
    same(found["b"], b.applyfunc(lambda entry: sp.diff(loss, entry)))


# -- question 2: backpropagation -------------------------------------------------------------------

NET: dict[str, Any] = {
    "x": [-0.5, 1.5],
    "d": 1,
    "into_h1": [[0.3, -1.2], [1.4, 0.7], [-0.6, 2.0]],
    "into_h2": [[1.1, -0.4, 0.2], [0.5, 0.9, -1.5]],
    "into_y": [[-0.8, 1.3]],
    "bias": -0.4,
}


def three_layers(hidden: str) -> dict[str, torch.Tensor]:
    """All values of the network by PyTorch, with what flows back to them."""
    values = {"h0": torch.tensor(NET["x"], dtype=torch.float64)}
    activation = {"tanh": torch.tanh, "sigmoid": torch.sigmoid}[hidden]
    for i, key in enumerate(("into_h1", "into_h2", "into_y"), 1):
        w = torch.tensor(NET[key], dtype=torch.float64).T.clone().requires_grad_()
        b = torch.full((w.shape[1],), NET["bias"], dtype=torch.float64, requires_grad=True)
        u = w.T @ values[f"h{i - 1}"] + b
        u.retain_grad()
        values |= {f"W{i}": w, f"b{i}": b, f"u{i}": u}
        values[f"h{i}"] = activation(u) if i < 3 else torch.sigmoid(u)
    d = torch.tensor([float(NET["d"])], dtype=torch.float64)
    values["J"] = torch.nn.functional.binary_cross_entropy(values["h3"], d)
    values["J"].backward()
    return values


@pytest.mark.parametrize("hidden", ["tanh", "sigmoid"])
def test_backpropagation_by_pytorch(hidden: str) -> None:
    values = three_layers(hidden)
    u1, u2 = values["u1"].detach(), values["u2"].detach()
    slope = {"tanh": lambda u: 1 - torch.tanh(u) ** 2,
             "sigmoid": lambda u: torch.sigmoid(u) * torch.sigmoid(-u)}[hidden]  # fmt: skip
    expected = {
        "2a": {name: values[name] for name in ("W1", "b1", "W2", "b2", "W3", "b3")},
        "2b": {name: values[name] for name in ("u1", "h1", "u2", "h2")},
        "2c": {"u3": values["u3"], "y": values["h3"], "J": values["J"]},
        "2d": {"f1": slope(u1), "f2": slope(u2)},
        "2e": {f"g{i}": values[f"u{i}"].grad for i in (3, 2, 1)},
        "2f": {f"d{kind}{i}": values[f"{kind}{i}"].grad for i in (3, 2, 1) for kind in "Wb"},
    }
    for part, wanted in expected.items():
        found = solved(part, hidden=hidden, **NET)
        assert list(found) == list(wanted)
        for name, value in wanted.items():
            got = torch.tensor(found[name], dtype=torch.float64)
            torch.testing.assert_close(got, value.detach(), rtol=1e-12, atol=1e-15)


PRINTED: dict[str, Any] = {
    "u1": [1.3, -4.7, 3.6], "h1": [0.86, -1.00, 1.00], "u2": [2.48, 7.20], "h2": [0.99, 1.00],
    "u3": [1.48], "y": [0.81], "J": 1.66, "f1": [0.26, 0, 0], "f2": [0.02, 0],
    "g3": [0.81], "g2": [0.03, 0], "g1": [0.02, 0, 0], "dW3": [[0.80], [0.81]], "db3": [0.81],
    "dW2": [[0.03, 0], [-0.03, 0], [0.03, 0]], "db2": [0.03, 0],
    "dW1": [[0.02, 0, 0], [0.04, 0, 0]], "db1": [0.02, 0, 0],
}  # fmt: skip
"""The eighteen figures of the paper's answers to (b) to (f)."""
WRONG = {"u2", "u3", "J", "f2", "g2", "g1", "dW2", "db2", "dW1", "db1"}
"""Those that are not the true ones, rounded."""


def figures(arithmetic: str | None) -> dict[str, Any]:
    """The same figures as the paper's file gives them, by name."""
    found = paper("4").solve(["2"], arithmetic=arithmetic, executor=Here()).parts
    return {name: value for one in found if one.id != "2a" for name, value in one.answer.items()}


def near(found: Any, printed: Any, places: int | None) -> bool:
    """Whether numbers, rounded half up, are those in print."""
    if isinstance(printed, list):
        return len(found) == len(printed) and all(map(near, found, printed, [places] * len(found)))
    exact = Fraction(str(found))
    if places is not None:
        exact = Fraction(floor(exact * 10**places + Fraction(1, 2)), 10**places)
    return exact == Fraction(str(printed))


def test_rounded_at_every_step_the_figures_are_those_in_print() -> None:
    found = figures("decimal(places=2)")
    assert list(found) == list(PRINTED)
    assert all(near(found[name], printed, None) for name, printed in PRINTED.items())


def test_rounded_once_ten_of_them_differ() -> None:
    found = figures(None)
    assert {name for name, printed in PRINTED.items() if not near(found[name], printed, 2)} == WRONG


def test_both_ways_are_shown_side_by_side() -> None:
    found = paper("4").solve(["2"], executor=Here())
    for part, name in (("2b", "u2"), ("2c", "J"), ("2d", "f2"), ("2e", "g1"), ("2f", "dW1")):
        assert near(found[part].also[f"{name}, rounded at every step"].data, PRINTED[name], None)
        assert found[part].agreement == "differs"


# -- question 3: convolutions ----------------------------------------------------------------------


@pytest.mark.parametrize(
    ("size", "size_1", "size_2", "kernel_2", "padding_1"),
    [(57, 47, 26, 5, 1), (52, 45, 25, 7, 0), (60, 48, 28, 4, 2)],
)
def test_unknowns_and_parameters_by_trying_all(
    size: int, size_1: int, size_2: int, kernel_2: int, padding_1: int
) -> None:
    given = {
        "channels": 5, "channels_1": 3, "channels_2": 2, "outputs": 11, "size": size,
        "size_1": size_1, "size_2": size_2, "kernel_2": kernel_2, "padding_1": padding_1,
    }  # fmt: skip

    def outputs(layer: torch.nn.Module, *shape: int) -> Any:
        return layer(torch.empty(1, *shape, device="meta")).shape[1:]

    def first(k: int) -> torch.nn.Module:
        return torch.nn.Conv2d(5, 3, k, padding=padding_1, device="meta")

    def second(p: int) -> torch.nn.Module:
        return torch.nn.Conv2d(3, 2, kernel_2, stride=2, padding=p, device="meta")

    kernels = [k for k in range(1, size) if outputs(first(k), 5, size, size)[1] == size_1]
    paddings = [p for p in range(30) if outputs(second(p), 3, size_1, size_1)[1] == size_2]
    assert len(kernels) == len(paddings) == 1
    found = solved("3a-i", **given)
    assert found == {"n1": 3, "d1": 5, "F1": kernels[0], "p2": paddings[0]}
    layers = first(kernels[0]), second(paddings[0]), torch.nn.Linear(2 * size_2**2, 11)
    counts = [sum(p.numel() for p in layer.parameters()) for layer in layers]
    names = ("conv1", "conv2", "fc", "total")
    assert solved("3a-ii", **given) == dict(zip(names, [*counts, sum(counts)], strict=True))


def test_operations_of_a_separable_convolution_one_by_one() -> None:
    c, n, size, size_1 = 3, 4, 52, 49
    found = solved("3b-ii", channels=c, channels_1=n, size=size, size_1=size_1)
    k = size - size_1 + 1
    places = prod((size_1, size_1))
    standard = sum(2 for _ in range(c * k * k)) * n * places
    depthwise = sum(2 for _ in range(k * k)) * c * places
    pointwise = sum(2 for _ in range(c)) * n * places
    assert found == {
        "standard": standard, "depthwise": depthwise, "pointwise": pointwise,
        "separable": depthwise + pointwise,
        "ratio": str(Fraction(1, n) + Fraction(1, k * k)),
    }  # fmt: skip
    sizes = solved("3b-i", channels=c, channels_1=n, size=size, size_1=size_1)
    assert list(sizes.values()) == [c, [1, k, k], n, [c, 1, 1]]


# -- question 4: a recurrence, and positions -------------------------------------------------------


def test_a_jordan_network_by_pytorch() -> None:
    given = {
        "U": [[-0.7, 0.1], [0.4, 0.6]], "W": [[-1.5, 0.5]], "V": [[0.9], [0.3]], "bias": -0.2,
        "start": 0.5, "x": [[2.0, -1.0], [0.5, 3.0]],
    }  # fmt: skip
    u, w, v, x = (torch.tensor(given[name], dtype=torch.float64) for name in "UWVx")
    y, expected = torch.tensor([0.5], dtype=torch.float64), []
    for t in range(2):
        h = torch.tanh(x[t] @ u + y @ w - 0.2)
        y = torch.sigmoid(h @ v - 0.2)
        expected.append(y.item())
    found = solved("4a", **given)
    assert list(found.values()) == pytest.approx(expected, rel=1e-13)


@pytest.mark.parametrize(("pos", "d_model", "last"), [(0, 16, 5), (17, 48, 12), (9, 512, 3)])
def test_the_code_of_a_position_to_30_digits(pos: int, d_model: int, last: int) -> None:
    expected = []
    with mpmath.workdps(30):
        for i in range(last + 1):
            angle = pos / mpmath.power(10000, mpmath.mpf(i - i % 2) / d_model)
            expected.append(float(mpmath.cos(angle) if i % 2 else mpmath.sin(angle)))
    found = solved("4c-ii", pos=pos, d_model=d_model, last=last)
    assert found == pytest.approx(expected, rel=1e-12, abs=1e-14)


# -- statements that a given turns over ------------------------------------------------------------


def test_keys_from_elsewhere_turn_a_statement_over() -> None:
    assert solved("4b-iii", source="self") == "A"
    assert solved("4b-iii", source="cross") == "C"


@pytest.mark.parametrize("initial", ["equal", "different"])
@pytest.mark.parametrize("start", ["1/10", "7/10"])
def test_neurons_that_start_apart_stay_apart(initial: str, start: str) -> None:
    sizes = ((2, 3), (3, 3), (3, 1))
    layers = [torch.nn.Linear(*size, dtype=torch.float64) for size in sizes]
    for layer in layers:
        count = layer.weight.numel()
        steps = torch.ones(count) if initial == "equal" else torch.arange(1, count + 1)
        layer.weight.data = float(Fraction(start)) * steps.double().reshape(layer.weight.shape)
        layer.bias.data.zero_()
    net = torch.nn.Sequential(layers[0], torch.nn.ReLU(), layers[1], torch.nn.ReLU(), layers[2])
    sgd, gradients = torch.optim.SGD(net.parameters(), lr=0.01), []
    x, d = torch.tensor([[1.0, 2.0], [3.0, 1.0]]).double(), torch.tensor([[1.0], [0.0]]).double()
    for _ in range(3):
        sgd.zero_grad()
        torch.nn.functional.mse_loss(net(x), d).backward()
        gradients += [layer.weight.grad.clone() for layer in layers[:2]]  # type: ignore[union-attr]
        sgd.step()

    def alike(matrix: torch.Tensor) -> bool:
        return bool(torch.allclose(matrix, matrix[:1].expand_as(matrix), rtol=1e-9))

    wanted = [
        all(map(alike, gradients)),
        all(alike(layer.weight) for layer in layers[:2]),
        int(torch.linalg.matrix_rank(layers[0].weight)) == 1,
    ]
    found = solved("1a-iii", initial=initial, start=Fraction(start))
    assert list(found.values()) == wanted == [initial == "equal"] * 3


@pytest.mark.parametrize(("m", "holds"), [(2, True), (3, False), (4, False)])
def test_two_examples_leave_nothing_of_their_sizes(m: int, holds: bool) -> None:
    assert list(solved("3b-iii", smallest=m).values()) == [True, holds, True]
