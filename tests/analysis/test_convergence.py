"""For which rates linear iterations converge, against eigenvalues in floats and by running them."""

from __future__ import annotations

import math
from collections.abc import Callable
from fractions import Fraction
from typing import Any

import numpy as np
import pytest

import chainrule as cr
from chainrule.analysis import convergence
from chainrule.core.errors import ArgumentError, ShapeError

Step = Callable[[Any, Any], Any]


def exact(data: Any) -> Any:
    return cr.tensor(data, dtype=cr.exact)


def descent(curvature: Any, momentum: Any = 0) -> tuple[Step, int]:
    """Gradient descent on ½ wᵀHw, w with the velocity where there is momentum."""
    n = len(curvature)

    def step(w: Any, alpha: Any) -> Any:
        H = cr.tensor(curvature, dtype=w.dtype)
        if not momentum:
            return w - alpha * (H @ w)
        velocity = cr.tensor(momentum, dtype=w.dtype) * w[n:] + H @ w[:n]
        return cr.cat([w[:n] - alpha * velocity, velocity])

    return step, n * (2 if momentum else 1)


def nesterov(curvature: Any, momentum: Any) -> tuple[Step, int]:
    """The gradient is taken ahead; w with what it was before."""
    n = len(curvature)

    def step(w: Any, alpha: Any) -> Any:
        H = cr.tensor(curvature, dtype=w.dtype)
        ahead = w[:n] + cr.tensor(momentum, dtype=w.dtype) * (w[:n] - w[n:])
        return cr.cat([ahead - alpha * (H @ ahead), w[:n]])

    return step, 2 * n


THIRD, QUARTER = Fraction(1, 3), Fraction(1, 4)
ITERATIONS = {
    "diagonal": descent([[3, 0], [0, 1]]),
    "one weight": descent([[4]]),
    "irrational": descent([[2, 1], [1, 3]]),
    "three": descent([[2, 1, 0], [1, 2, 1], [0, 1, 2]]),
    "heavy ball": descent([[4]], QUARTER),
    "two heavy balls": descent([[1, 0], [0, 9]], QUARTER),
    "Nesterov": nesterov([[2]], THIRD),
    "saddle": descent([[1, 0], [0, -1]]),
    "rotating": descent([[1, -2], [2, 1]]),
    "triangular": descent([[2, 5], [0, 1]]),
}


def radius(step: Step, n: int, rate: float) -> float:
    """The largest size of an eigenvalue, in floats, from the steps of unit vectors."""
    columns = [step(unit, rate).tolist() for unit in cr.eye(n, dtype=cr.float64)]
    return float(np.abs(np.linalg.eigvals(np.array(columns).T)).max())


RATES = np.linspace(-1.03, 3.07, 46)


@pytest.mark.parametrize("name", ITERATIONS)
def test_rates_converge_where_the_eigenvalues_are_small(name: str) -> None:
    step, n = ITERATIONS[name]
    found = convergence(step, n)
    for rate in RATES:
        inside = any(float(one.low) < rate < float(one.high) for one in found.intervals)
        assert inside == (radius(step, n, rate) < 1), rate
        if rate in RATES[::9]:
            factors = [complex(f.subs(found.symbol, rate)) for f in found.factors.tolist()]
            assert max(map(abs, factors)) == pytest.approx(radius(step, n, rate), abs=1e-6)


@pytest.mark.parametrize("name", [name for name in ITERATIONS if name != "saddle"])
def test_no_rate_is_better_than_the_best(name: str) -> None:
    step, n = ITERATIONS[name]
    found = convergence(step, n)
    best, factor = found.best
    assert radius(step, n, float(best)) == pytest.approx(float(factor), abs=1e-6)
    for rate in np.linspace(float(found.interval.low), float(found.interval.high), 31):
        assert radius(step, n, rate) > float(factor) - 1e-6


def test_the_best_heavy_ball_is_polyaks() -> None:
    """(√κ - 1)/(√κ + 1) = 1/2 for curvatures 1 and 9, at 4/(1 + √9)², with momentum 1/4."""
    step, n = ITERATIONS["two heavy balls"]
    found = convergence(step, n)
    assert found.best == (Fraction(1, 4), Fraction(1, 2))
    assert found.interval == (0, Fraction(5, 18))  # 2 (1 + μ) / 9


def test_by_running_it() -> None:
    step, n = ITERATIONS["irrational"]
    high = convergence(step, n).interval.high

    def after(rate: Any) -> float:
        w = cr.tensor([1.0, 1.0], dtype=cr.float64)
        H = cr.tensor([[2.0, 1.0], [1.0, 3.0]], dtype=cr.float64)
        for _ in range(400):
            w = w - rate * (H @ w)
        return float(w.abs().max())

    assert after(float(high) - 0.01) < 1e-3
    assert after(float(high) + 0.01) > 1e3


def test_a_gradient_is_back_propagated_and_a_shift_does_not_matter() -> None:
    x = exact([3, 1]).sqrt()
    step = cr.grad(lambda w: ((w * x - 7) ** 2).sum() / 2)
    found = convergence(lambda w, alpha: w - alpha * step(w), 2)
    assert [str(f) for f in found.factors.tolist()] == ["1 - 3*alpha", "1 - alpha"]
    assert found.interval == (0, Fraction(2, 3))
    assert found.best == (Fraction(1, 2), Fraction(1, 2))
    assert found.matrix[1].tolist()[0] == 0


def test_weights_of_any_shape_and_another_name() -> None:
    h = exact([[1, 2], [3, 1]])
    found = convergence(lambda w, eta: w - eta * h * w, (2, 2), rate="eta")
    assert [str(f) for f in found.factors.tolist()] == [
        "1 - eta", "1 - 2*eta", "1 - 3*eta", "1 - eta"
    ]  # fmt: skip
    assert str(found).splitlines()[-2] == "converges for 0 < eta < 2/3"
    single = convergence(lambda w, alpha: w - alpha * w)
    assert "ρ = 1 - alpha" in str(single)
    assert single.best == (1, 0)


def test_a_direction_that_never_moves() -> None:
    found = convergence(descent([[3, 0], [0, 0]])[0], 2)
    assert found.intervals == ()
    assert "converges for no alpha" in str(found)
    with pytest.raises(ArgumentError, match="not one interval: there are none"):
        _ = found.interval
    with pytest.raises(ArgumentError, match="no rate converges"):
        _ = found.best


def test_rates_without_an_upper_end() -> None:
    found = convergence(lambda w, alpha: w / (1 + alpha))  # an implicit step
    assert found.intervals == ((-math.inf, -2), (0, math.inf))
    assert "alpha < -2 or 0 < alpha" in str(found)
    assert "no rate is best: to each there is a better one" in str(found)
    with pytest.raises(ArgumentError, match="alpha < -2 or 0 < alpha"):
        _ = found.interval
    always = convergence(lambda w, alpha: w / 2)
    assert always.interval.text("alpha") == "every alpha"


def test_other_unknowns_stay_in_the_factors() -> None:
    k = cr.symbols("k", positive=True)
    found = convergence(lambda w, alpha: w - alpha * k * w)
    assert str(found.factors.item()) == "-alpha*k + 1"
    assert "ρ = -alpha*k + 1" in str(found)
    with pytest.raises(ArgumentError, match="which rates converge depends on k"):
        _ = found.intervals


def test_refusals() -> None:
    with pytest.raises(ArgumentError, match=r"not linear.*depends on the weights"):
        convergence(lambda w, alpha: w - alpha * w**3)
    with pytest.raises(ShapeError, match="changes the shape"):
        convergence(lambda w, alpha: (w * alpha).sum(), 2)
    with pytest.raises(ArgumentError, match="the step returns a float"):
        convergence(lambda w, alpha: 1.0)
    with pytest.raises(ArgumentError, match="the weights have no shape"):
        convergence(lambda w, alpha: w, 0)
    quartic = [[2, 1, 0, 3], [1, 2, 1, 0], [0, 1, 2, 5], [3, 0, 5, 1]]
    with pytest.raises(ArgumentError, match="4 factors of the iteration have no closed form"):
        convergence(*descent(quartic))


def test_where_no_rate_converges_none_is_best() -> None:
    found = convergence(lambda w, alpha: 3 * w + 0 * alpha * w)
    assert found.intervals == ()
    with pytest.raises(ArgumentError, match="no rate converges, so none is best"):
        _ = found.best
