"""Paper 0 with other numbers than those in print, beside PyTorch, SymPy and enumerations."""

from __future__ import annotations

import itertools
from fractions import Fraction
from typing import Any

import numpy as np
import pytest
import sympy as sp
import torch
from torch.nn import functional as TF

from chainrule.papers.expressions import parse
from tests.papers.here import answer, close, double, numbers
from tests.papers.here import solved as whole


def solved(part: str, conventions: dict[str, Any] | None = None, **givens: Any) -> Any:
    """The answer to a part of paper 0, with these givens of its question."""
    return answer("0", part, givens, conventions=conventions)


# -- question 1: a step with momentum --------------------------------------------------------------

LETTERS = {"gamma": 0.25, "x1": 1.5, "x2": -2.0, "v1": 0.75, "v2": -0.5, "t": 3}


def step(a: float, b: float, mu: float, average: bool) -> tuple[list[float], list[float]]:
    """Position and velocity by PyTorch's SGD; an average is a velocity that is dampened."""
    x = torch.tensor([LETTERS["x1"], LETTERS["x2"]], dtype=torch.float64, requires_grad=True)
    optimizer = torch.optim.SGD(
        [x], lr=LETTERS["gamma"], momentum=mu, dampening=1 - (1 - mu) if average else 0
    )
    velocity = torch.tensor([LETTERS["v1"], LETTERS["v2"]], dtype=torch.float64)
    optimizer.state[x]["momentum_buffer"] = velocity
    (a * x[0] + b * x[0] * x[1]).backward()
    optimizer.step()
    return x.tolist(), optimizer.state[x]["momentum_buffer"].tolist()


@pytest.mark.parametrize("momentum", ["ema", "heavy-ball"])
@pytest.mark.parametrize(("a", "b", "friction"), [(5, 7, "0.75"), (1, 4, "0.5"), (-3, 0, "1/3")])
def test_a_step_with_momentum(momentum: str, a: int, b: int, friction: str) -> None:
    given = {"a": a, "b": b, "friction": Fraction(friction)}
    position, velocity = step(a, b, float(Fraction(friction)), momentum == "ema")
    said = {"momentum": momentum}
    assert numbers(solved("1a", said, **given), **LETTERS) == pytest.approx(velocity, abs=1e-12)
    assert numbers(solved("1b", said, **given), **LETTERS) == pytest.approx(position, abs=1e-12)
    heavy = step(a, b, float(Fraction(friction)), average=False)
    for part, wanted in (("1a", heavy[1]), ("1b", heavy[0])):
        (also,) = whole("0", part, given).also.values()
        assert numbers(also.data, **LETTERS) == pytest.approx(wanted, abs=1e-12)


def test_numbers_in_place_of_letters_give_the_same_step() -> None:
    x, v = [3, -2], [1, 4]
    found = solved("1b", a=1, b=2, friction=0.5, gamma=Fraction(1, 10), x=x, v=v)
    slopes = [1 + 2 * x[1], 2 * x[0]]
    wanted = [
        p - Fraction(1, 10) * (Fraction(u, 2) + Fraction(g, 2))
        for p, u, g in zip(x, v, slopes, strict=True)
    ]
    assert [Fraction(str(one)) for one in found] == wanted


@pytest.mark.parametrize("momentum", ["ema", "heavy-ball"])
@pytest.mark.parametrize("t", [1, 2, 7])
def test_corrected_the_velocity_of_equal_gradients_is_the_gradient(momentum: str, t: int) -> None:
    """The velocity that t - 1 equal gradients leave, and the same gradient once more."""
    a, b, x, mu, gamma = 3, 2, [4, -1], Fraction(3, 4), Fraction(1, 2)
    gradient = [a + b * x[1], b * x[0]]
    share = 1 - mu if momentum == "ema" else 1
    before = [sum(share * mu**k * g for k in range(t - 1)) for g in gradient]
    given = {"a": a, "b": b, "friction": mu, "gamma": gamma, "x": x, "v": before, "t": t}
    found = solved("1c", {"momentum": momentum}, **given)
    wanted = [p - gamma * g for p, g in zip(x, gradient, strict=True)]
    assert [Fraction(str(one)) for one in found] == wanted


# -- questions 2 and 5: convolutions ---------------------------------------------------------------

SIZES = ("channels", "width", "height", "filters", "kernel", "stride", "padding")
LAYERS = [
    dict(zip(SIZES, sizes, strict=True))
    for sizes in ((4, 20, 17, 5, 3, 2, 1), (2, 9, 14, 7, 5, 3, 0), (1, 6, 6, 1, 6, 9, 2))
]


def convolution(given: dict[str, int], groups: int = 1) -> torch.nn.Conv2d:
    """The layer of PyTorch; with as many groups as channels, the depthwise one."""
    names = ("kernel", "stride", "padding")
    kernel, stride, padding = (given[name] for name in names)
    out = given["filters"] if groups == 1 else given["channels"]
    return torch.nn.Conv2d(given["channels"], out, kernel, stride, padding, groups=groups)


def size(module: torch.nn.Module) -> int:
    return sum(p.numel() for p in module.parameters())


def image(given: dict[str, int]) -> torch.Tensor:
    return torch.ones(given["channels"], given["width"], given["height"])


@pytest.mark.parametrize("given", LAYERS)
@pytest.mark.parametrize("part", ["2", "5a"])
def test_the_shape_of_a_convolution(part: str, given: dict[str, int]) -> None:
    assert solved(part, **given) == list(convolution(given)(image(given)).shape)


@pytest.mark.parametrize("given", LAYERS)
def test_parameters_of_both_ways(given: dict[str, int]) -> None:
    assert solved("5b", **given) == size(convolution(given))
    depthwise = convolution({**given, "filters": given["channels"]}, given["channels"])
    pointwise = torch.nn.Conv2d(given["channels"], given["filters"], 1)
    assert solved("5d", **given) == {
        "depthwise": size(depthwise), "pointwise": size(pointwise),
        "total": size(depthwise) + size(pointwise),
    }  # fmt: skip


CONVENTIONS: list[dict[str, Any]] = [
    {}, {"mac": 2}, {"inner": "n"}, {"inner": "2n-1"}, {"inner": "2n"}, {"bias": True},
    {"inner": "2n-1", "bias": True}, {"mac": 2, "bias": True},
]  # fmt: skip


def operations(said: dict[str, Any], terms: int, outputs: int) -> int:
    """One by one: for each output its products and sums, as the convention has them."""
    inner = said.get("inner") or {1: "n", 2: "2n"}[said.get("mac", 1)]
    each = {"n": terms, "2n-1": 2 * terms - 1, "2n": 2 * terms}[inner]
    return sum(each + (1 if said.get("bias") else 0) for _ in range(outputs))


@pytest.mark.parametrize("said", CONVENTIONS)
@pytest.mark.parametrize("given", LAYERS[:2])
def test_operations_of_both_ways_one_by_one(given: dict[str, int], said: dict[str, Any]) -> None:
    names = ("kernel", "padding", "stride")
    kernel, padding, stride = (given[name] for name in names)
    columns = TF.unfold(image(given)[None], kernel, padding=padding, stride=stride)[0]
    terms, places = columns.shape  # windows as columns
    assert solved("5c", said, **given) == operations(said, terms, places * given["filters"])
    depthwise = operations(said, terms // given["channels"], places * given["channels"])
    pointwise = operations(said, given["channels"], places * given["filters"])
    assert solved("5e", said, **given) == {
        "depthwise": depthwise, "pointwise": pointwise, "total": depthwise + pointwise,
    }  # fmt: skip
    also = [value.data for value in whole("0", "5c", given, conventions=said).also.values()]
    with_bias, doubled = {**said, "bias": True}, {"mac": 2}
    outputs = places * given["filters"]
    cut = operations(said, terms, outputs) // 10**5 * 10**5
    assert also == [
        operations(with_bias, terms, outputs), operations(doubled, terms, outputs), cut,
    ]  # fmt: skip


# -- question 3: an initialisation -----------------------------------------------------------------


@pytest.mark.parametrize("fan", ["fan_in", "fan_out", "fan_avg"])
@pytest.mark.parametrize(("inputs", "outputs"), [(9, 4), (7, 12)])
def test_all_signs_of_weights_keep_the_second_moments(fan: str, inputs: int, outputs: int) -> None:
    """One row of weights ±σ meets signals of size 1 on the way forward, one column on the way back;
    the mean of squares over all signs is 1."""
    text = solved("3", {"fan": fan}, inputs=inputs, outputs=outputs)
    sigma = float(sp.sympify(text))
    moments = {
        name: np.mean([(sigma * sum(row)) ** 2 for row in itertools.product((-1, 1), repeat=width)])
        for name, width in (("fan_in", inputs), ("fan_out", outputs))
    }
    moments["fan_avg"] = (moments["fan_in"] + moments["fan_out"]) / 2
    assert moments[fan] == pytest.approx(1, rel=1e-12)


def test_the_deviation_and_the_bound_of_pytorch() -> None:
    found = whole("0", "3", {"inputs": 33, "outputs": 150}).also
    glorot, bound = (float(sp.sympify(value.data)) for value in found.values())
    with torch.random.fork_rng():
        torch.manual_seed(0)
        uniform = torch.nn.init.xavier_uniform_(torch.empty(150, 33, dtype=torch.float64))
        normal = torch.nn.init.xavier_normal_(torch.empty(150, 33, dtype=torch.float64))
    assert 0.999 * bound < uniform.abs().max().item() < bound
    assert normal.std().item() == pytest.approx(glorot, rel=0.03)


# -- question 4: norms -----------------------------------------------------------------------------

BATCHES = [
    [[[[9, -4], [0, 7]], [[-2, 3], [3, -8]]], [[[6, 6], [-5, 1]], [[8, 0], [-9, 2]]]],
    [[[[10**6, 1], [-(10**6), 1]], [[1, 1], [1, 1]]], [[[0, 0], [0, 0]], [[-1, 1], [-1, 1]]]],
]


@pytest.mark.parametrize("batch", BATCHES)
def test_means_of_norms(batch: Any) -> None:
    x = torch.tensor(batch, dtype=torch.float64)
    one = torch.nn.BatchNorm2d(2, momentum=1.0, dtype=torch.float64)
    one(x)
    layer = torch.native_layer_norm(x, (2, 2, 2), None, None, 1e-5)[1].flatten()
    rows = torch.nn.BatchNorm2d(4, momentum=1.0, dtype=torch.float64)
    rows(x.reshape(1, 4, 2, 2))  # an instance is a batch of its own
    assert one.running_mean is not None
    assert rows.running_mean is not None
    assert solved("4a", batch=batch) == pytest.approx(one.running_mean.tolist())
    assert solved("4b", batch=batch) == pytest.approx(layer.tolist())
    wanted = rows.running_mean.reshape(2, 2)
    close(solved("4c", batch=batch), wanted)


# -- question 6: back through one step -------------------------------------------------------------


@pytest.mark.parametrize("sigma", ["tanh", "sigmoid", "sin"])
@pytest.mark.parametrize(("w", "h", "a"), [(0.5, -1.25, 3.0), (-2.0, 0.75, -0.5)])
def test_what_is_passed_back(sigma: str, w: float, h: float, a: float) -> None:
    state = torch.tensor(h, dtype=torch.float64, requires_grad=True)
    getattr(torch, sigma)(w * state).backward(torch.tensor(a, dtype=torch.float64))
    assert state.grad is not None
    passed = numbers(solved("6", sigma=sigma), w=w, h=h, a=a)
    assert passed == pytest.approx(state.grad.item(), rel=1e-12)
    given = {name: Fraction(value) for name, value in (("w", w), ("h", h), ("a", a))}
    assert numbers(solved("6", sigma=sigma, **given)) == pytest.approx(passed, rel=1e-12)


def test_what_is_passed_back_through_any_function() -> None:
    """With the slope of a function in place of that of sigma."""
    found = solved("6").replace("σ'", "slope")
    w, h, a = sp.symbols("w h a")
    for f in (sp.tanh, sp.exp, lambda u: u**3 + sp.cos(u)):
        put = sp.sympify(found, {"slope": lambda u, f=f: sp.diff(f(w), w).subs(w, u)})
        assert sp.simplify(put - a * sp.diff(f(w * h), h)) == 0


# -- question 7: attention -------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("Q", "K", "V"),
    [
        ([["sqrt(2)*log(3)", "0"], ["-sqrt(2)*log(2)", "sqrt(2)*log(2)"]], [[1, 2], [-1, 1]],
         [[5, -2], [3, 4]]),
        ([["1/2", "-3"], ["0", "sqrt(3)"]], [[0, 0], [2, -2]], [[0, 1], [7, -5]]),
    ],
)  # fmt: skip
def test_attention(Q: list[list[str]], K: Any, V: Any) -> None:
    q, k, v = (double(one)[None] for one in (Q, K, V))
    wanted = TF.scaled_dot_product_attention(q, k, v)[0]
    given = {"Q": [[parse(one) for one in row] for row in Q], "K": K, "V": V}
    found = whole("0", "7", given)
    close(found.answer, wanted)
    (at_once,) = found.also.values()
    close(at_once.data, wanted)
