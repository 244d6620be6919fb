"""Questions of exam papers about optimizers, answered by the optimizers themselves.

Each test is named after its question; the expected values were verified by independent programs.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator
from fractions import Fraction
from typing import Any

import numpy as np
import pytest
import sympy as sp

import chainrule as cr
from chainrule import nn, optim
from chainrule.core.errors import ArgumentError
from chainrule.optim.adaptive_rules import adam_moments
from chainrule.optim.rules import average_gradient, heavy_ball
from chainrule.optim.transform import Average

HALF = sp.Rational(1, 2)
x1, x2, v1, v2, gamma, t_ = sp.symbols("x1 x2 v1 v2 gamma t", real=True)


def rational(x: Any) -> Any:
    """A fraction as SymPy's."""
    return sp.Rational(x.numerator, x.denominator) if isinstance(x, Fraction) else x


def equal(found: cr.Tensor, wanted: list[Any]) -> bool:
    """Whether all entries are equal expressions."""
    pairs = zip(found.detach().reshape(-1).tolist(), wanted, strict=True)
    return all(sp.simplify(rational(a) - rational(b)) == 0 for a, b in pairs)


# -- momentum on 2 x1 + 3 x1 x2 --------------------------------------------------------------------


def bilinear(**options: Any) -> tuple[Any, Any]:
    """The point (x1, x2), and an optimizer of friction 0.9, rate gamma and velocity (v1, v2)."""
    x = nn.Parameter(cr.stack(list(cr.symbols("x1 x2"))))
    optimizer = optim.SGD([x], lr=cr.symbols("gamma"), momentum=0.9, **options)
    optimizer.state[x]["momentum_buffer"].copy_(cr.stack(list(cr.symbols("v1 v2"))))
    (2 * x[0] + 3 * x[0] * x[1]).backward()
    return x, optimizer


VELOCITY = [
    sp.Rational(9, 10) * v1 + sp.Rational(2, 10) + sp.Rational(3, 10) * x2,
    sp.Rational(9, 10) * v2 + sp.Rational(3, 10) * x1,
]


def test_p0_q1a_the_velocity_is_a_moving_average() -> None:
    x, optimizer = bilinear(average=True)
    optimizer.step()
    assert equal(optimizer.state[x]["momentum_buffer"], VELOCITY)


def test_p0_q1a_the_heavy_ball_has_another_velocity() -> None:
    x, optimizer = bilinear()
    optimizer.step()
    wanted = [sp.Rational(9, 10) * v1 + 2 + 3 * x2, sp.Rational(9, 10) * v2 + 3 * x1]
    assert equal(optimizer.state[x]["momentum_buffer"], wanted)


def test_p0_q1b_the_position_moves_by_the_new_velocity() -> None:
    x, optimizer = bilinear(average=True)
    told = optimizer.explain()["p"]
    optimizer.step()
    wanted = [x1 - gamma * VELOCITY[0], x2 - gamma * VELOCITY[1]]
    assert equal(x, wanted)
    assert [r.formula for r in told][-2:] == [
        "momentum * velocity + gain * gradient", "p - lr * velocity′"
    ]  # fmt: skip
    assert sp.expand(told["velocity"].value[0] - VELOCITY[0]) == 0


@pytest.mark.parametrize("t", range(1, 13))
def test_p0_q1c_the_correction_at_step_t(t: int) -> None:
    x, optimizer = bilinear(average=True, bias_correction=True)
    saved = optimizer.state_dict()
    velocity = optimizer.state[x]["momentum_buffer"].clone()
    saved["state"] = {0: {"step": t - 1, "momentum_buffer": velocity}}
    optimizer.load_state_dict(saved)
    optimizer.step()
    divisor = 1 - sp.Rational(9, 10) ** t
    wanted = [x1 - gamma / divisor * VELOCITY[0], x2 - gamma / divisor * VELOCITY[1]]
    assert equal(x, wanted)
    assert (divisor == sp.Rational(3439, 10000)) == (t == 4)  # the printed exponent


def test_p0_q1c_the_correction_at_a_symbolic_step() -> None:
    _, optimizer = bilinear(average=True, bias_correction=True)
    group = {**optimizer.param_groups[0], "momentum": Fraction(9, 10)}
    numbers = Average().numbers(group, cr.symbols("t"))
    g, v = cr.symbols("g v")
    update, _ = average_gradient(g, v, *numbers)
    wanted = (sp.Symbol("v", real=True) * 9 / 10 + sp.Symbol("g", real=True) / 10) / (
        1 - sp.Rational(9, 10) ** t_
    )
    assert equal(update, [wanted])


def test_p0_q1c_a_constant_gradient_is_met_exactly_at_every_step() -> None:
    x = nn.Parameter(cr.tensor([0], dtype=cr.exact))
    optimizer = optim.SGD([x], lr=1, momentum=0.9, average=True, bias_correction=True)
    for t in range(1, 13):
        x.grad = cr.symbols("G").reshape(1)
        optimizer.step()
        assert equal(x, [-t * sp.Symbol("G", real=True)])


# -- which optimizers are the same -----------------------------------------------------------------


def trajectory(
    make: Callable[[list[Any]], Any], loss: Callable[[Any, int], Any], steps: int, dtype: Any
) -> Iterator[tuple[Any, Any]]:
    """Position and optimizer after every step."""
    w = nn.Parameter(cr.tensor([1, -2], dtype=dtype))
    optimizer = make([w])
    for t in range(steps):
        optimizer.zero_grad()
        loss(w, t).backward()
        optimizer.step()
        yield w.detach().tolist(), optimizer.state[w]


def quadratic(w: Any, t: int) -> Any:
    return (w * w).sum() / 2 + w[0] * w[1] / 4


B1, ALPHA = Fraction(9, 10), Fraction(1, 10)
CANDIDATES: dict[str, Callable[[list[Any]], Any]] = {
    "A SGD": lambda p: optim.SGD(p, lr=ALPHA),
    "B momentum": lambda p: optim.SGD(p, lr=ALPHA * (1 - B1), momentum=B1),
    "C momentum, corrected": lambda p: optim.SGD(
        p, lr=ALPHA, momentum=B1, average=True, bias_correction=True
    ),
    "D Nesterov": lambda p: optim.SGD(p, lr=ALPHA * (1 - B1), momentum=B1, nesterov=True),
}


def first_moment_alone(p: list[Any]) -> Any:
    """The rule of the question: m <- b1 m + (1 - b1) g; theta <- theta - alpha m."""
    return optim.SGD(p, lr=ALPHA, momentum=B1, average=True)


def test_p1_q6a_adam_without_its_second_moment_is_momentum() -> None:
    wanted = [w for w, _ in trajectory(first_moment_alone, quadratic, 6, cr.exact)]
    same = [
        name
        for name, make in CANDIDATES.items()
        if [w for w, _ in trajectory(make, quadratic, 6, cr.exact)] == wanted
    ]
    assert same == ["B momentum"]


def test_p1_q6a_in_floats_over_50_steps() -> None:
    a = [w for w, _ in trajectory(first_moment_alone, quadratic, 50, cr.float64)]
    b = [w for w, _ in trajectory(CANDIDATES["B momentum"], quadratic, 50, cr.float64)]
    assert np.abs(np.subtract(a, b)).max() < 1e-14


def test_p1_q6a_taking_v_for_0_literally_makes_the_step_longer() -> None:
    m, g = cr.symbols("m g")
    nothing, eps = cr.tensor(0, dtype=cr.exact), cr.tensor(Fraction(1, 10**8))
    update, mean, _ = adam_moments(g, m, nothing, B1, 1 - B1, 0, 0, eps, inside=True)
    assert equal(update / mean, [10**4])


def cubic(w: Any, t: int) -> Any:
    """Neither quadratic nor the same at each step."""
    return (w * w * w).sum() / 30 + (t + 1) * w[0] * w[1] / 10 - w[1] / (t + 2)


MU, ETA = Fraction(3, 4), Fraction(1, 10)


def test_p2_q2_velocity_is_smoothing_with_eta_over_1_minus_mu() -> None:
    rate = ETA / (1 - MU)
    ball = trajectory(lambda p: optim.SGD(p, lr=ETA, momentum=MU), cubic, 6, cr.exact)
    smooth = trajectory(
        lambda p: optim.SGD(p, lr=rate, momentum=MU, average=True), cubic, 6, cr.exact
    )
    for (theta, a), (psi, b) in zip(ball, smooth, strict=True):
        assert theta == psi
        v, ghat = a["momentum_buffer"].tolist(), b["momentum_buffer"].tolist()
        assert [ETA * x for x in v] == [rate * x for x in ghat]


def test_p2_q2_the_induction_step() -> None:
    """With eta v = eta' ĝ before, eta v = eta' ĝ after, whatever the gradient."""
    eta, mu, ghat, g = cr.symbols("eta mu ghat g")
    rate = eta / (1 - mu)
    _, v = heavy_ball(g, rate * ghat / eta, mu)
    _, smooth = average_gradient(g, ghat, mu, 1 - mu)
    assert equal(eta * v - rate * smooth, [0])


def test_p2_q2_dampening_is_something_else_and_so_is_the_lost_minus() -> None:
    smooth = list(trajectory(
        lambda p: optim.SGD(p, lr=ETA / (1 - MU), momentum=MU, average=True), cubic, 3, cr.exact
    ))  # fmt: skip
    damped = list(trajectory(
        lambda p: optim.SGD(p, lr=ETA / (1 - MU), momentum=MU, dampening=1 - MU),
        cubic, 3, cr.exact,
    ))  # fmt: skip
    assert [w for w, _ in smooth] != [w for w, _ in damped]
    lost = [ETA * x for x in smooth[-1][1]["momentum_buffer"].tolist()]  # Theta = v, as printed
    assert lost != smooth[-1][0]


# -- Adam's second moment --------------------------------------------------------------------------


def test_p2_q3_beta2_for_rare_gradients() -> None:
    """E[s] and E[s²] of s <- beta2 s + (1 - beta2) g² at rest, for g² = 1 with probability eps."""
    eps = cr.symbols("eps")
    beta2 = 1 - eps / 5
    one, zero = cr.tensor(1, dtype=cr.exact), cr.tensor(0, dtype=cr.exact)
    s = cr.symbols("s")

    def after(g: Any) -> Any:
        return adam_moments(g, zero, s, 0, 1, beta2, 1 - beta2, 0)[2]

    symbol, rare = sp.Symbol("s", real=True), sp.Symbol("eps", real=True)
    hit, miss = (after(g).item() for g in (one, zero))
    mean, square = sp.symbols("mean square")

    def expected(power: int) -> Any:
        both = sp.Poly(sp.expand(rare * hit**power + (1 - rare) * miss**power), symbol)
        moments = {0: 1, 1: mean, 2: square}
        return sum(c * moments[k] for (k,), c in both.terms())

    rest = sp.solve([expected(1) - mean, expected(2) - square], [mean, square], dict=True)[0]
    assert sp.simplify(rest[mean] - rare) == 0
    relative = sp.simplify((rest[square] - rest[mean] ** 2) / rest[mean] ** 2)
    assert sp.simplify(relative - (1 - rare) / (10 - rare)) == 0
    window = 1 / (1 - beta2)
    assert equal(window * eps, [5])  # five hits are expected in it


@pytest.mark.parametrize(("eps", "deviation"), [(0.1, 0.302), (0.01, 0.315)])
def test_p2_q3_simulated(eps: float, deviation: float) -> None:
    """Many parameters with 0/1 gradients of their own are so many runs."""
    draw = np.random.default_rng(0)
    w = nn.Parameter(cr.zeros(4000, dtype=cr.float64))
    optimizer = optim.Adam([w], betas=(0.9, 1 - eps / 5))
    for _ in range(int(30 / eps)):
        w.grad = cr.tensor((draw.random(4000) < eps).astype(float))
        optimizer.step()
    s = optimizer.state[w]["exp_avg_sq"].numpy()
    assert abs(s.mean() / eps - 1) < 0.02
    assert abs(s.std() / s.mean() - deviation) < 0.015


def test_p2_q3_the_published_form_holds_for_batches_of_one_alone() -> None:
    with pytest.raises(ArgumentError) as raised:
        optim.Adam([nn.Parameter(cr.zeros(1))], betas=(0.9, 1 - 128 * 0.1 / 5))
    assert raised.value.fact == "Adam: a beta is -1.56"
    p = Fraction(1, 10)
    weights = [math.comb(8, k) * p**k * (1 - p) ** (8 - k) for k in range(9)]
    hits = cr.arange(9).to(cr.exact) / 8
    mean_square = (cr.tensor(weights, dtype=cr.exact) * hits * hits).sum()
    assert mean_square.item() == Fraction(2125, 100000)


# -- single steps ----------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("scale", "gradient", "wanted"),
    [
        (1, [-8, -4], [sp.pi / 2 + 4, sp.pi + 2]),
        (HALF, [-4, -2], [sp.pi / 2 + 2, sp.pi + 1]),
    ],
)
def test_p3_q1d_a_step_through_a_sine(scale: Any, gradient: list[Any], wanted: list[Any]) -> None:
    w = nn.Parameter(cr.tensor([sp.pi / 2, sp.pi], dtype=cr.exact))
    x = cr.tensor([2, 1], dtype=cr.exact)

    def loss() -> Any:
        return cr.tensor(scale, dtype=cr.exact) * (cr.sin((w * x).sum()) - 2) ** 2

    optimizer = optim.SGD([w], lr=0.5)
    loss().backward()
    assert w.grad.tolist() == gradient
    optimizer.step()
    assert equal(w, wanted)
    if scale == 1:
        assert [round(float(v), 4) for v in wanted] == [5.5708, 5.1416]
        assert round(float(loss().item()), 3) == 6.472  # it overshoots


@pytest.mark.parametrize(("maximize", "wanted"), [(True, 2.029671), (False, 1.970329)])
def test_p3_q7b_a_step_of_reinforce(maximize: bool, wanted: float) -> None:
    theta = nn.Parameter(cr.tensor(2.0, dtype=cr.float64))
    states = cr.tensor([3.0, 1.0], dtype=cr.float64)
    reward = ((states - 1) ** 2).sum()
    (cr.sigmoid(theta * states[0]).log() * reward).backward()
    optim.SGD([theta], lr=1.0, maximize=maximize).step()
    assert round(theta.item(), 6) == wanted


# -- experiments -----------------------------------------------------------------------------------


def displacement(scale: float, make: Callable[[list[Any]], Any]) -> float:
    """How far 10 steps along one gradient lead."""
    w = nn.Parameter(cr.zeros(1, dtype=cr.float64))
    optimizer = make([w])
    for _ in range(10):
        w.grad = cr.tensor([scale], dtype=cr.float64)
        optimizer.step()
    return abs(float(w.item()))


def test_p1_q7b_a_smaller_rate_does_not_help_vanishing_gradients() -> None:
    found = {
        name: [displacement(scale, make) for scale in (1e-6, 1.0, 1e6)]
        for name, make in {
            "adam": lambda p: optim.Adam(p, lr=1e-3),
            "sgd": lambda p: optim.SGD(p, lr=1e-3),
            "sgd, rate / 1e6": lambda p: optim.SGD(p, lr=1e-9),
        }.items()
    }
    np.testing.assert_allclose(found["adam"], [0.01, 0.01, 0.01], rtol=0.011)  # eps is 1% of 1e-6
    np.testing.assert_allclose(found["sgd"], [1e-8, 0.01, 1e4], rtol=1e-12)
    np.testing.assert_allclose(found["sgd, rate / 1e6"], [1e-14, 1e-8, 0.01], rtol=1e-12)


def first_gradient(scale: float, kind: str, depth: int = 30, width: int = 32) -> float:
    """The norm of the gradient in the first of many layers."""
    draw = np.random.default_rng(0)
    layers = [
        nn.Parameter(cr.tensor(scale / math.sqrt(width) * draw.normal(size=(width, width))))
        for _ in range(depth)
    ]
    h = cr.tensor(draw.normal(size=(16, width)))
    for layer in layers:
        u = h @ layer
        if kind == "normalised":
            u = u - u.mean(1, keepdim=True)
            u = u / (u * u).mean(1, keepdim=True).sqrt()
        new = cr.relu(u)
        h = h + new / depth if kind == "residual" else new
    ((h @ cr.tensor(draw.normal(size=width))) ** 2).mean().backward()
    grad = layers[0].grad
    return float((grad * grad).sum().sqrt().item())


def test_p1_q7b_normalisation_and_residuals_keep_the_gradient() -> None:
    assert first_gradient(0.5, "plain") < 1e-24
    assert first_gradient(4.0, "plain") > 1e22
    for scale in (0.5, 4.0):
        assert 1e-2 < first_gradient(scale, "residual") < 1e2
        assert 1e-2 < first_gradient(scale, "normalised") < 1e2


def test_p4_q1a_vi_noise_leaves_the_worse_basin() -> None:
    """Runs side by side in the double well (x² - 1)² + 0.3 x, whose better minimum is at -1.04."""

    def ends(noise: float, runs: int = 400) -> np.ndarray:
        draw = np.random.default_rng(1)
        x = nn.Parameter(cr.tensor(np.full(runs, 1.2)))
        optimizer = optim.SGD([x], lr=0.02)
        schedule = optim.lr_scheduler.ExponentialLR(optimizer, gamma=0.998)

        @cr.compile
        def step(push: Any) -> None:
            optimizer.zero_grad()
            ((x * x - 1) ** 2 + 0.3 * x + push * x).sum().backward()
            optimizer.step()
            schedule.step()

        for _ in range(2000):
            step(cr.tensor(noise * draw.normal(size=runs)))
        return x.detach().numpy()

    still = ends(0.0)
    np.testing.assert_allclose(still, 0.96, atol=0.005)
    moved = ends(10.0)
    assert 0.5 < (moved < 0).mean() < 0.95
