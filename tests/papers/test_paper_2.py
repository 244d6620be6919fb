"""Paper 2 with other givens than those in print, beside PyTorch, SymPy and enumerations."""

from __future__ import annotations

import itertools
import re
from collections import defaultdict
from fractions import Fraction
from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest
import sympy as sp
import torch

from tests.papers.here import answer
from tests.papers.here import solved as whole


def solved(part: str, **givens: Any) -> Any:
    """The answer to a part of paper 2, with these givens of its question."""
    return answer("2", part, givens)


def numbers(text: Any, **values: Any) -> sp.Expr:
    """A formula with numbers in place of its letters."""
    return sp.sympify(text).subs(values)


# -- question 1: a scale and a shift ---------------------------------------------------------------

SIZES = {"batch": 2, "height": 3, "width": 5, "channels": 4}
FORMS = list(itertools.product(["last", "first"], ["before", "after"]))


def by_pytorch(channel: str, shift: str) -> dict[str, torch.Tensor]:
    """Tensors of random numbers, the result and the gradients."""
    generator = torch.Generator().manual_seed(0)

    def draw(*shape: int) -> torch.Tensor:
        return torch.randn(shape, generator=generator, dtype=torch.float64, requires_grad=True)

    image = (2, 3, 5, 4) if channel == "last" else (2, 4, 3, 5)
    L, A, B = draw(*image), draw(4), draw(4)
    a, b = (v if channel == "last" else v[:, None, None] for v in (A, B))
    result = a * (L + b) if shift == "before" else a * L + b
    seed = draw(*image).detach()
    result.backward(seed)
    return {"L": L, "A": A, "B": B, "result": result.detach(), "seed": seed}


def looped(line: str, channel: str, names: dict[str, Any]) -> None:
    """Run a line for all its indices, over the sizes that they have."""
    loops, body = line.removeprefix("for all ").split(": ")
    letters = loops.split(", ")
    sizes = {"b": 2, "x": 3, "y": 5, "c": 4}
    assert set(letters) <= set(sizes)
    code = compile(body.replace("L'", "out"), line, "exec")
    for at in itertools.product(*(range(sizes[letter]) for letter in letters)):
        exec(code, {**names, **dict(zip(letters, at, strict=True))})


@pytest.mark.parametrize(("channel", "shift"), FORMS)
def test_lines_with_indices(channel: str, shift: str) -> None:
    wanted = by_pytorch(channel, shift)
    value: dict[Any, float] = defaultdict(float)
    names = {
        name: SimpleNamespace(value=wanted[name].detach().numpy(), grad=defaultdict(float))
        for name in "LAB"
    }
    names["out"] = SimpleNamespace(value=value, grad=wanted["seed"].numpy())
    looped(solved("1a", channel=channel, shift=shift, **SIZES), channel, names)
    for at, entry in np.ndenumerate(wanted["result"].numpy()):
        assert value[at] == pytest.approx(entry, abs=1e-12)
    for name, line in solved("1b", channel=channel, shift=shift).items():
        looped(line, channel, names)
        gradient = wanted[name].grad
        assert gradient is not None
        for at, entry in np.ndenumerate(gradient.numpy()):
            key = at if len(at) > 1 else at[0]
            assert names[name].grad[key] == pytest.approx(entry, abs=1e-12)


@pytest.mark.parametrize(("channel", "shift"), FORMS)
def test_lines_of_numpy(channel: str, shift: str) -> None:
    wanted = by_pytorch(channel, shift)
    tensors = {name: wanted[name] for name in "LAB"}
    names: dict[str, Any] = {
        name: SimpleNamespace(value=t.detach().numpy(), grad=np.zeros(t.shape))
        for name, t in tensors.items()
    }
    names["out"] = SimpleNamespace(grad=wanted["seed"].numpy())
    for name, line in solved("1c", channel=channel, shift=shift, **SIZES).items():
        exec(re.sub(r"\bL'", "out", line), {**names, "np": np})
        gradient = tensors[name].grad
        assert gradient is not None
        np.testing.assert_allclose(names[name].grad, gradient.numpy(), atol=1e-12)


# -- question 2: momentum --------------------------------------------------------------------------


@pytest.mark.parametrize(("mu", "eta"), [("1/2", "1/5"), ("9/10", "1/20")])
def test_velocity_and_smoothing(mu: str, eta: str) -> None:
    """PyTorch's SGD goes where smoothing by hand goes, and with dampening it does not."""
    found = whole("2", "2", {"mu": Fraction(mu), "eta": Fraction(eta), "start": [2, -1]})
    m, n = float(Fraction(mu)), float(Fraction(eta))

    def gradient(theta: Any, t: int) -> Any:
        x, y = theta
        return [x * x / 10 + (t + 1) * y / 10, y * y / 10 + (t + 1) * x / 10 - 1 / (t + 2)]

    def end(lr: float, dampening: float) -> list[float]:
        theta = torch.tensor([2.0, -1.0], dtype=torch.float64, requires_grad=True)
        optimizer = torch.optim.SGD([theta], lr=lr, momentum=m, dampening=dampening)
        for t in range(6):
            theta.grad = torch.tensor(gradient(theta.tolist(), t), dtype=torch.float64)
            optimizer.step()
        return theta.tolist()

    psi, smooth = np.array([2.0, -1.0]), np.zeros(2)
    for t in range(6):
        smooth = m * smooth + (1 - m) * np.array(gradient(psi, t))
        psi = psi - n / (1 - m) * smooth
    assert end(n, 0) == pytest.approx(psi.tolist(), rel=1e-12)
    assert end(n / (1 - m), 1 - m) != pytest.approx(psi.tolist(), rel=1e-3)
    assert all(found.answer.values())
    assert [value.data for value in found.also.values()] == [False, False]


# -- question 3: rare gradients --------------------------------------------------------------------


@pytest.mark.parametrize(("hits", "eps"), [(7, "1/10"), (12, "1/50")])
def test_a_window_that_sees_so_many(hits: int, eps: str) -> None:
    found = whole("2", "3", {"hits": hits})
    first, second = (reading[""].data for reading in found.readings.values())
    beta2 = float(numbers(first, epsilon=sp.Rational(eps)))
    rate = float(Fraction(eps))
    weights = (1 - beta2) * beta2 ** np.arange(20000)
    assert rate / weights[0] == pytest.approx(hits)
    variance = rate * (1 - rate) * (weights**2).sum()
    told = next(iter(found.also.values())).data
    assert float(numbers(told, epsilon=sp.Rational(eps))) == pytest.approx(variance / rate**2)
    assert sp.simplify(numbers(second, b=1) - numbers(first)) == 0


# -- question 4: penalties -------------------------------------------------------------------------


@pytest.mark.parametrize("prior", ["log-uniform", "laplace", "normal"])
def test_where_the_slopes_cancel(prior: str) -> None:
    t = sp.Symbol("Theta_i", positive=True)
    density = {"log-uniform": 1 / t, "laplace": sp.exp(-t), "normal": sp.exp(-(t**2) / 2)}[prior]
    wanted = sp.Symbol("lambda", positive=True) * sp.diff(sp.log(density), t)
    (text,) = solved("4", prior=prior).values()
    found = sp.sympify(
        text.replace("lambda", "lam"), {"Theta_i": t, "lam": sp.Symbol("lambda", positive=True)}
    )
    assert sp.simplify(found - wanted) == 0


@pytest.mark.parametrize(("a", "strength"), [(4, 1), (5, 2)])
def test_of_two_points_the_smaller_is_a_maximum(a: int, strength: int) -> None:
    found = whole("2", "4", {"a": a, "strength": strength}).also
    points, curvatures = (
        [sp.sympify(str(entry)) for entry in value.data] for value in found.values()
    )
    t = sp.Symbol("t", positive=True)
    loss = (t - a) ** 2 / 2 + strength * sp.log(t)
    assert sorted(points, key=float) == sorted(sp.solve(sp.diff(loss, t), t), key=float)
    for point, curvature in zip(points, curvatures, strict=True):
        assert sp.simplify(sp.diff(loss, t, 2).subs(t, point) - curvature) == 0
    assert [float(c) < 0 for c in curvatures] == [True, False]


# -- question 5: a complex step --------------------------------------------------------------------


def gradient(theta: Any) -> Any:
    """Of the paper's small network, by the chain rule in NumPy: it takes complex numbers."""
    x, d = np.array([0.5, -1.0, 2.0]), np.array([1.0, 0.0, -1.0])
    h = np.tanh(np.outer(x, theta[:2]))
    by_output = 2 / 3 * (h @ theta[2:] - d)
    inside = by_output[:, None] * theta[2:] * (1 - h**2)
    return np.concatenate([x @ inside, by_output @ h])


def network(theta: torch.Tensor) -> torch.Tensor:
    """The same network in PyTorch, for H times a direction."""
    x, d = (torch.tensor(v, dtype=torch.float64) for v in ([0.5, -1, 2], [1.0, 0, -1]))
    return (((x[:, None] * theta[:2]).tanh() @ theta[2:] - d) ** 2).mean()


@pytest.mark.parametrize("power", [2, 12, 30, 45])
def test_how_small_a_complex_step_has_to_be(power: int) -> None:
    """Outside the range the claims about floats fall, one after the other, when they should."""
    point, direction = [0.4, 1.1, -0.7, 0.9], [-2, 0.25, 1, -0.5]
    at, along = (torch.tensor(v, dtype=torch.float64) for v in (point, direction))
    product = torch.autograd.functional.hvp(network, at, along)[1].numpy()
    step = 2.0**-power
    complex_gradient = gradient(at.numpy() + 1j * step * along.numpy())
    difference = gradient(at.numpy() + step * along.numpy()) - gradient(at.numpy())

    def error(found: Any) -> float:
        return float(np.abs(found - product).max() / np.abs(product).max())

    wanted = [
        error(complex_gradient.imag / step) < 1e-14,
        error(difference / step) > 1e-4,
        abs(error(complex_gradient.conj().imag / step) - 2) < 1e-12,
    ]
    claims = list(solved("5", power=power, point=point, direction=direction).values())
    assert claims == [True, True, *wanted]
    assert wanted[0] == (power > 24)  # both ways are tried


def test_a_complex_step_on_letters() -> None:
    """What the first two claims say, by SymPy alone."""
    x, y, p, q = sp.symbols("x y p q", real=True)
    eps = sp.Symbol("eps", positive=True)
    loss = x**4 * y + y**5
    slopes = [sp.diff(loss, letter) for letter in (x, y)]
    put = {x: x + sp.I * eps * p, y: y + sp.I * eps * q}
    exact = sp.hessian(loss, (x, y)) * sp.Matrix([p, q])
    for slope, wanted in zip(slopes, exact, strict=True):
        stepped = sp.im(sp.expand(slope.subs(put, simultaneous=True))) / eps
        left = sp.expand(stepped - wanted)
        assert left != 0
        assert sp.rem(left, eps**2, eps) == 0


# -- question 6: mean and variance -----------------------------------------------------------------


def test_mean_and_variance_of_a_unit() -> None:
    """All draws of numbers that are one of two: mean ± deviation."""
    found = solved("6a")
    mw, sw, mx, sx, d = (sp.Rational(v) for v in ("1/2", "2", "-1/3", "3", "2"))
    total, square = sp.Integer(0), sp.Integer(0)
    for signs in itertools.product((-1, 1), repeat=4):
        w, x = [mw + s * sw for s in signs[:2]], [mx + s * sx for s in signs[2:]]
        y = sum(a * b for a, b in zip(w, x, strict=True))
        total, square = total + y / 16, square + y**2 / 16
    values = {"mu_w": mw, "sigma_w": sw, "mu_x": mx, "sigma_x": sx, "d": d}
    assert numbers(found["b"], **values) == -total
    assert sp.simplify(numbers(found["1/a"], **values) ** 2 - (square - total**2)) == 0
    letters = {"mw": "mu_w", "sw": "sigma_w", "mx": "mu_x", "sx": "sigma_x", "d": "d"}
    given = {name: Fraction(str(values[letter])) for name, letter in letters.items()}
    put = {name: sp.sympify(value) for name, value in solved("6a", **given).items()}
    assert put["b"] == -total
    assert sp.simplify(put["1/a"] ** 2 - (square - total**2)) == 0


# -- questions 7 and 8: gates and masks ------------------------------------------------------------


@pytest.mark.parametrize("layers", [3, 20])
def test_what_is_left_behind_gates(layers: int) -> None:
    gates = [Fraction(1, 4), Fraction(99, 100), Fraction(1, 2)]
    found = whole("2", "7", {"layers": layers, "gates": gates})
    (left,) = (value.data for value in found.also.values())
    assert left == pytest.approx([float(gate) ** layers for gate in gates])


@pytest.mark.parametrize("low", ["0", "1/4", "3/4"])
def test_a_scale_for_masks(low: str) -> None:
    weights, x, chance = [1, -2, 4], [3, 1, -1], Fraction(1, 4)
    givens = {"low": Fraction(low), "weights": weights, "x": x, "chance": chance}
    found = whole("2", "8", givens)
    alpha = sp.Symbol("alpha", positive=True)
    scale = sp.sympify(found.answer, {"alpha": alpha})
    assert sp.expand(scale - (1 - alpha + alpha * sp.Rational(low))) == 0
    mean, after = Fraction(0), Fraction(0)
    for mask in itertools.product((Fraction(low), Fraction(1)), repeat=3):
        odds = Fraction(1)
        for entry in mask:
            odds *= chance if entry == Fraction(low) else 1 - chance
        total = sum(w * m * v for w, m, v in zip(weights, mask, x, strict=True))
        mean, after = mean + odds * total, after + odds * max(total, 0)
    told = [Fraction(str(value.data)) for value in list(found.also.values())[1:]]
    kept = 1 - chance + chance * Fraction(low)
    scaled = kept * sum(w * v for w, v in zip(weights, x, strict=True))
    assert told == [mean, scaled, after, max(scaled, 0)]
    assert mean == scaled


# -- how it is printed -----------------------------------------------------------------------------


def test_figures_beside_claims_are_printed() -> None:
    solution = whole("2", "7")
    (label,) = solution.also
    for page in (solution.text(200), solution.markdown(), solution.html()):
        assert "Also" in page
        assert label.partition(",")[0] in page
