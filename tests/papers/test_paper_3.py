"""Paper 3 with other numbers than those in print, beside PyTorch, SymPy and searches."""

from __future__ import annotations

import itertools
import re
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
    """The answer to a part of paper 3, with these givens of its question."""
    return answer("3", part, givens, conventions=conventions)


def also(part: str, conventions: dict[str, Any] | None = None, **givens: Any) -> dict[str, Any]:
    """The further figures of a part."""
    found = whole("3", part, givens, conventions=conventions)
    assert found.status == "answered", found.error
    return {label: value.data for label, value in found.also.items()}


# -- question 1: a sine ----------------------------------------------------------------------------

SINES: list[dict[str, Any]] = [
    {"x": [3, 2], "w": ["pi/6", "pi/3"], "b": 2, "label": -1, "rate": "1/4"},
    {"x": [1, 4], "w": ["2*pi", "pi/6"], "b": -3, "label": 0, "rate": "1/10"},
    {"x": [-2, 5], "w": ["1/3", "0"], "b": 1, "label": 2, "rate": "3"},
]


def given_sine(case: dict[str, Any]) -> dict[str, Any]:
    w, rate = [parse(one) for one in case["w"]], Fraction(case["rate"])
    return {**case, "w": w, "rate": rate}


def sine(case: dict[str, Any], half: bool) -> dict[str, Any]:
    """All figures of the question by PyTorch."""
    w, x = double(case["w"], requires_grad=True), double(case["x"])

    def loss_of(w: torch.Tensor) -> torch.Tensor:
        error = torch.sin(w @ x) - case["b"] - case["label"]
        return error**2 / 2 if half else error**2

    loss = loss_of(w)
    loss.backward()
    assert w.grad is not None
    gradient = w.grad.clone()
    torch.optim.SGD([w], lr=float(Fraction(case["rate"]))).step()
    z = double(case["w"]) @ x
    return {
        "wx": z, "y": torch.sin(z) - case["b"], "loss": loss, "gradient": gradient, "w": w.detach(),
        "after": loss_of(w.detach()),
    }  # fmt: skip


@pytest.mark.parametrize("half", [False, True])
@pytest.mark.parametrize("case", SINES)
def test_a_step_down_a_sine(case: dict[str, Any], half: bool) -> None:
    wanted, halved, given = sine(case, half), sine(case, half=True), given_sine(case)
    said = {"half": half}
    forward = solved("1b", said, **given)
    assert list(forward) == ["wx", "y"]
    for part in (forward, solved("1d", said, **given)):
        for name, value in part.items():
            close(value, wanted[name])
    close(solved("1c", said, **given)["loss"], wanted["loss"])
    close(also("1c", said, **given)["with a factor ½"], halved["loss"])
    other = also("1d", said, **given)
    close(other["with a factor ½, gradient"], halved["gradient"])
    close(other["with a factor ½, w"], halved["w"])
    close(other["loss after the step"], wanted["after"])


OPERATIONS = {
    "@": torch.dot, "sin": torch.sin, "-": torch.sub, "+": torch.add, "*": torch.mul,
    "· ** 2": torch.square,
}  # fmt: skip


def run(drawing: str, inputs: dict[str, torch.Tensor]) -> torch.Tensor:
    """What comes out of a drawn graph, node by node."""
    values = dict(inputs)
    for line in drawing.split("\n"):
        node = re.fullmatch(r"(\S+) +(\S.*?) +(\d) inputs? +(.*)", line.strip())
        if node is not None:
            operands = node[4].split(", ")
            assert len(operands) == int(node[3])
            values[node[1]] = OPERATIONS[node[2]](*(values[name] for name in operands))
    return values[drawing.rsplit(maxsplit=1)[1]]


@pytest.mark.parametrize("case", SINES)
def test_drawn_graphs_compute_what_they_should(case: dict[str, Any]) -> None:
    given, wanted = given_sine(case), sine(case, half=False)
    w, x = double(case["w"]), double(case["x"])
    inputs = {"w": w, "x": x, "b": double(case["b"]), "l": double(case["label"])}
    inputs |= {"w1": w[0], "w2": w[1], "x1": x[0], "x2": x[1]}
    for drawing in solved("1a", **given).values():
        close(run(drawing, inputs), wanted["y"])
    close(run(solved("1c", **given)["graph"], inputs), wanted["loss"])


# -- question 2: a filter over a volume ------------------------------------------------------------

VOLUMES: list[dict[str, Any]] = [
    {"batch": 2, "width": 7, "height": 9, "depth": 6, "channels": 3, "kernel": 5,
     "stored": "float32"},
    {"batch": 5, "width": 6, "height": 8, "depth": 11, "channels": 2, "kernel": 3,
     "stored": "float64"},
    {"batch": 1, "width": 12, "height": 4, "depth": 5, "channels": 1, "kernel": 1,
     "stored": "float16"},
]  # fmt: skip


def sizes(given: dict[str, Any]) -> tuple[int, ...]:
    return tuple(given[name] for name in ("batch", "channels", "width", "height", "depth"))


@pytest.mark.parametrize("given", VOLUMES)
@pytest.mark.parametrize("bias", [False, True])
def test_padding_memory_and_applications(given: dict[str, Any], bias: bool) -> None:
    volume = torch.empty(*sizes(given), device="meta")

    def layer(padding: int, **options: Any) -> torch.nn.Conv3d:
        return torch.nn.Conv3d(
            given["channels"], 1, given["kernel"], padding=padding, device="meta", **options
        )

    keeps = [p for p in range(20) if layer(p)(volume).shape[2:] == volume.shape[2:]]
    said = {"bias": bias}
    assert [solved("2a", said, **given)] == keeps
    stored = layer(0, bias=bias, dtype=getattr(torch, given["stored"])).parameters()
    assert solved("2b", said, **given) == sum(p.numel() * p.element_size() for p in stored)
    k = given["kernel"]
    corners = [range(given[name] - k + 1) for name in ("width", "height", "depth")]
    each = sum(1 for _ in itertools.product(*corners))
    whole_batch = sum(each for _ in range(given["batch"]))
    assert solved("2d", said, **given) == {"each sample": each, "the whole batch": whole_batch}


@pytest.mark.parametrize("given", VOLUMES)
@pytest.mark.parametrize("bias", [False, True])
@pytest.mark.parametrize("inner", ["n", "2n-1", "2n"])
def test_operations_one_by_one(given: dict[str, Any], bias: bool, inner: str) -> None:
    """A sum of products, and what a program counts that computes it."""
    terms = given["channels"] * given["kernel"] ** 3
    counts = {"multiply": 0, "add": 0}
    for i in range(terms):
        counts["multiply"] += 1
        counts["add"] += i > 0
    by_name = {"n": terms, "2n-1": sum(counts.values()), "2n": 2 * terms}
    said = {"inner": inner, "bias": bias}
    assert solved("2c", said, **given) == by_name[inner] + bias
    found = also("2c", said, **given)
    assert found["multiplications"] == counts["multiply"]
    assert found["additions"] == counts["add"] + bias
    assert found["with a bias"] == by_name[inner] + 1
    assert found["as the example counts"] == by_name["2n"]
    assert found["as the example counts, with a bias"] == by_name["2n"] + 1
    assert found["multiply-accumulates"] == terms


# -- question 3: a leaky rectifier -----------------------------------------------------------------


@pytest.mark.parametrize("alpha", ["1/20", "1/4", "3/2"])
def test_pseudocode_is_run(alpha: str) -> None:
    slope, points = float(Fraction(alpha)), [-2.0, -0.5, 0.0, 0.5, 3.0]
    x = double(points, requires_grad=True)
    y = TF.leaky_relu(x, slope)
    y.sum().backward()
    assert x.grad is not None
    for part, name, wanted in (("3a", "lrelu", y.detach()), ("3b", "dlrelu", x.grad)):
        names: dict[str, Any] = {}
        exec(solved(part, alpha=Fraction(alpha)), names)
        assert [names[name](at) for at in points] == pytest.approx(wanted.tolist())
        close(also(part, alpha=Fraction(alpha))["at -2, -1/2, 0, 1/2, 3"], wanted)
    kink = double(0, requires_grad=True)
    torch.maximum(slope * kink, kink).backward()
    assert kink.grad is not None
    close(also("3b", alpha=Fraction(alpha))["at 0, if it is written max(αx, x)"], kink.grad)


# -- questions 4, 5, 6: batch norm -----------------------------------------------------------------


def batch_norm(
    x: list[int], gamma: torch.Tensor, beta: torch.Tensor, eps: float = 0, biased: bool = True
) -> torch.Tensor:
    """By PyTorch, which wants a number for eps; with the unbiased variance, by its definition."""
    eps = max(eps, 1e-40)
    column = double(x).reshape(-1, 1)
    if biased:
        return TF.batch_norm(column, None, None, gamma, beta, training=True, eps=eps)[:, 0]
    deviation = torch.sqrt(column.var(0, correction=1) + eps)
    return ((column - column.mean(0)) / deviation * gamma + beta)[:, 0]


@pytest.mark.parametrize("variance", ["biased", "unbiased"])
@pytest.mark.parametrize("eps", ["0", "3/4"])
@pytest.mark.parametrize(
    ("x", "gamma", "beta"), [([5, 2], 3, -4), ([7, -1], 8, 0), ([-3, 9], -2, 5)]
)
def test_batch_norm_of_two(x: list[int], gamma: int, beta: int, eps: str, variance: str) -> None:
    said = {"variance": variance, "eps": Fraction(eps)}
    given = {"x": x, "gamma": gamma, "beta": beta}
    g, b, e = double([gamma], requires_grad=True), double([beta]), float(Fraction(eps))
    biased = variance == "biased"
    y = batch_norm(x, g, b, e, biased)
    loss = (y**2).sum()
    (slope,) = torch.autograd.grad(loss, g)
    found = solved("4", said, **given)
    plain = batch_norm(x, double([1]), double([0]), e, biased)
    for value, wanted in zip(found.values(), (plain, y, loss, slope[0]), strict=True):
        close(value, wanted)
    (other,) = torch.autograd.grad((batch_norm(x, g, b, e, not biased) ** 2).sum(), g)
    (of_norm,) = torch.autograd.grad(batch_norm(x, g, b, e, biased).norm(), g)
    for value, wanted in zip(also("4", said, **given).values(), (other, of_norm), strict=True):
        close(value, wanted[0])


@pytest.mark.parametrize("variance", ["biased", "unbiased"])
@pytest.mark.parametrize(("x", "eps"), [([4, 2], "0"), ([7, -1], "1/2"), ([-3, 9], "2")])
def test_jacobian_in_the_scale(x: list[int], eps: str, variance: str) -> None:
    said, e, biased = {"variance": variance, "eps": Fraction(eps)}, float(Fraction(eps)), True

    def jacobian(e: float, biased: bool) -> torch.Tensor:
        def outputs(gamma: torch.Tensor) -> torch.Tensor:
            return batch_norm(x, gamma, double([2]), e, biased)

        return torch.autograd.functional.jacobian(outputs, double([5])).flatten()

    biased = variance == "biased"
    close(solved("5", said, x=x, gamma=5, beta=2), jacobian(e, biased))
    other, with_eps = also("5", said, x=x, gamma=5, beta=2).values()
    close(other, jacobian(e, not biased))
    close(with_eps, jacobian(1e-5, biased))


@pytest.mark.parametrize("said", [{}, {"variance": "unbiased"}, {"eps": 2}])
@pytest.mark.parametrize("x", [[4, 4, -2], [1, 3, 8], [-90, 0, 7]])
def test_jacobian_in_the_shift(x: list[int], said: dict[str, Any]) -> None:
    """Differences are exact, the outputs being linear in the shift."""
    biased = "variance" not in said

    def outputs(beta: float) -> torch.Tensor:
        return batch_norm(x, double([3]), double([beta]), said.get("eps", 0), biased)

    found = solved("6", said, x=x, gamma=3, beta=4)
    close(found, (outputs(6) - outputs(2)) / 4)


# -- question 7: a policy --------------------------------------------------------------------------


@pytest.mark.parametrize("direction", ["ascent", "descent"])
@pytest.mark.parametrize(
    ("theta", "visited", "action", "rate"),
    [(-1, [2, 4], 2, "1/10"), (3, [4, 4], 1, "2"), (0, [1, 3], 2, "1/2"), (2, [-3, 0], 1, "1")],
)
def test_a_step_of_a_policy(
    theta: int, visited: list[int], action: int, rate: str, direction: str
) -> None:
    chosen = double(theta, requires_grad=True)
    chances = torch.stack([torch.sigmoid(chosen * visited[0]), torch.sigmoid(-chosen * visited[0])])
    log_chance = torch.distributions.Categorical(chances).log_prob(torch.tensor(action - 1))
    (log_chance * sum((x - 1) ** 2 for x in visited)).backward()
    assert chosen.grad is not None
    given = {"theta": theta, "visited": visited, "action": action, "rate": Fraction(rate)}
    said = {"direction": direction}
    close(solved("7a", said, **given), chosen.grad)
    ends = {}
    for way in ("ascent", "descent"):
        moved = chosen.detach().clone()
        moved.grad = chosen.grad.clone()
        torch.optim.SGD([moved], lr=float(Fraction(rate)), maximize=way == "ascent").step()
        ends[way] = moved
    close(solved("7b", said, **given), ends[direction])
    close(also("7b", said, **given)["a step down instead"], ends["descent"])


# -- question 8: the largest of a convolution ------------------------------------------------------


@pytest.mark.parametrize("convolution", ["cross-correlation", "convolution"])
@pytest.mark.parametrize(
    ("x", "w"),
    [([7, 3, 9], [-2, 3]), ([0, 5, 1], [1, 1]), ([4, 4, 4], [2, -1]), ([-8, 6, 2], [0, 3])],
)
def test_the_largest_of_a_convolution(x: list[int], w: list[int], convolution: str) -> None:
    def by_pytorch(flipped: bool) -> dict[str, Any]:
        kernel = double(w, requires_grad=True)
        seen = kernel.flip(0) if flipped else kernel
        conv = TF.conv1d(double(x).reshape(1, 1, 3), seen.reshape(1, 1, 2))
        f = TF.max_pool1d(conv, 2)
        f.backward(torch.ones_like(f))
        return {"conv": conv.flatten(), "f": f.flatten()[0], "gradient": kernel.grad}

    said = {"convolution": convolution}
    found, wanted = solved("8", said, x=x, w=w), by_pytorch(convolution == "convolution")
    for name, value in wanted.items():
        close(found[name], value)
    turned, flipped = also("8", said, x=x, w=w), by_pytorch(flipped=True)
    close(turned["conv, if the kernel is turned round"], flipped["conv"])
    close(turned["gradient, if the kernel is turned round"], flipped["gradient"])


# -- question 9: how fast gradient descent converges -----------------------------------------------


def descended(x: list[float], rate: float, steps: int) -> torch.Tensor:
    """Weights after steps of PyTorch's SGD from 1."""
    w = torch.ones(2, dtype=torch.float64, requires_grad=True)
    optimizer = torch.optim.SGD([w], lr=rate)
    for _ in range(steps):
        optimizer.zero_grad()
        (((w * double(x)) ** 2).sum() / 2).backward()
        optimizer.step()
    return w.detach()


@pytest.mark.parametrize("x", [["3", "1/2"], ["sqrt(2)", "sqrt(5)"], ["-2", "2"]])
def test_convergence_by_running_it(x: list[str]) -> None:
    given, values = [parse(one) for one in x], numbers(x)
    found = solved("9a", x=given)
    alpha = sp.Symbol("alpha")
    for rate in (0.05, 1.1):
        factors = [float(sp.sympify(found[name]).subs(alpha, rate)) for name in ("ρ1", "ρ2")]
        assert descended(values, rate, 1).tolist() == pytest.approx(factors, abs=1e-12)
    low, high = found["converges"].split(" < alpha < ")
    assert low == "0"
    edge = float(sp.sympify(high))
    assert descended(values, 0.95 * edge, 300).abs().max() < 1e-3
    assert descended(values, 1.05 * edge, 100).abs().max() > 1e3
    (scalar,) = also("9a", x=given).values()
    squares = sum(one**2 for one in values)
    put = sorted(float(sp.sympify(str(one)).subs(alpha, 0.1)) for one in scalar)
    assert put == pytest.approx(sorted([1, 1 - 0.1 * squares]))


@pytest.mark.parametrize("x", [["3", "1/2"], ["sqrt(2)", "sqrt(5)"], ["-2", "2"]])
def test_the_best_rate_by_trying_many(x: list[str]) -> None:
    rate, factor = numbers(list(solved("9b", x=[parse(one) for one in x]).values()))
    values = numbers(x)
    one_step = 1 - descended(values, 1, 1)  # the gradient at 1
    rates = np.linspace(0, 4 * rate, 400_001)
    slowest = np.abs(1 - rates * one_step.numpy()[:, None]).max(0)
    assert rate == pytest.approx(rates[slowest.argmin()], abs=2e-5 * rate)
    assert factor == pytest.approx(slowest.min(), abs=1e-4)
    assert descended(values, rate, 1).abs().max().item() == pytest.approx(factor, abs=1e-12)


# -- question 10: a recurrent network --------------------------------------------------------------

WIRINGS: list[Any] = [
    (lambda a, b, x, z: a * x + b * z, lambda a, b, z: z),
    (lambda a, b, x, z: a * (x + z) + b, lambda a, b, z: z),
    (lambda a, b, x, z: a * x + z + b, lambda a, b, z: z),
    (lambda a, b, x, z: b * x + a * z, lambda a, b, z: z),
    (lambda a, b, x, z: x + a * z + b, lambda a, b, z: z),
    (lambda a, b, x, z: a * x + z, lambda a, b, z: b * z),
]


@pytest.mark.parametrize("said", [{}, {"half": True}, {"reduction": "mean"}])
@pytest.mark.parametrize(
    ("theta", "z0", "x", "y"),
    [([2, -1], 0, [3, -2], [4, 1]), ([-3, 2], 5, [1, 1], [0, -2]), ([1, 3], -1, [0, 2], [5, 5])],
)
def test_every_wiring_unrolled(
    theta: list[int], z0: int, x: list[int], y: list[int], said: dict[str, Any]
) -> None:
    scale = 0.5 if said else 1.0  # a half, or the mean over two times

    def gradient(wiring: Any) -> float:
        a, b = (double(one, requires_grad=True) for one in theta)
        z, loss = double(z0), double(0)
        for seen, wanted in zip(x, y, strict=True):
            z = wiring[0](a, b, seen, z)
            loss = loss + (wiring[1](a, b, z) - wanted) ** 2
        (loss * scale).backward()
        return 0.0 if a.grad is None else a.grad.item()

    found = whole("3", "10", {"theta": theta, "z0": z0, "x": x, "y": y}, conventions=said)
    readings = [float(sp.sympify(reading[""].data)) for reading in found.readings.values()]
    assert readings == pytest.approx([gradient(wiring) for wiring in WIRINGS])
    others = [float(sp.sympify(value.data)) for value in found.also.values()]
    assert others == pytest.approx([gradient(WIRINGS[0]) / scale / 2] * 2)
