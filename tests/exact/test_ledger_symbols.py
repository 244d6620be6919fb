"""Answers to exam questions as formulas: symbols, abstract functions, and the complex step."""

from typing import Any

import numpy as np
import pytest
import sympy as sp

import chainrule as cr
from chainrule.core.errors import GradientError
from chainrule.core.tensor import Tensor


def equal(ours: Tensor, expected: Any) -> None:
    """Equal as formulas, entry by entry."""
    found = np.asarray(ours.detach())
    wanted = np.asarray(expected.detach() if isinstance(expected, Tensor) else expected, object)
    assert found.shape == wanted.shape
    assert all(sp.expand(a - b) == 0 for a, b in zip(found.ravel(), wanted.ravel(), strict=True))


# -- paper 0, question 6: one step of a recurrence, the function unknown ---------------------------


def test_adjoint_of_the_state_before() -> None:
    w, before, a = cr.symbols("w h a")
    sigma = cr.abstract("sigma")
    state = sigma(w * before.requires_grad_())
    state.backward(a)
    assert str(before.grad.item()) == "a*w*σ'(h*w)"
    equal(before.grad, a * w * sigma.derivative()(w * before))
    assert sp.diff(a.item() * state.item(), before.item()) == before.grad.item()


def test_with_tanh_in_its_place() -> None:
    w, before = (cr.symbols(name).requires_grad_() for name in "wh")
    sigma = cr.abstract("sigma")
    (abstract,) = cr.autograd.grad(sigma(w * before), [before])
    (concrete,) = cr.autograd.grad((w * before).tanh(), [before])
    slope = sigma.derivative()(cr.symbols("u")).item().func
    put_in = abstract.item().replace(slope, lambda u: 1 - sp.tanh(u) ** 2)
    assert sp.simplify(put_in - concrete.item()) == 0


def test_through_time_every_step_gives_a_factor() -> None:
    w, first = (cr.symbols(name).requires_grad_() for name in ("w", "h0"))
    sigma = cr.abstract("sigma")
    state = first
    for _ in range(3):
        state = sigma(w * state)
    (slope,) = cr.autograd.grad(state, [first])
    assert slope.item() == sp.diff(state.item(), first.item())
    assert len(sp.Mul.make_args(slope.item())) == 4  # w³, and one σ' for each step


# -- paper 2, question 4: a log-uniform prior ------------------------------------------------------


def _objective(fit: Any, theta: Tensor, weight: Tensor) -> Tensor:
    penalty: Tensor = weight * theta.abs().log().sum()
    return fit(theta) + penalty


def test_stationarity_under_a_log_prior() -> None:
    theta = cr.symbols("Theta", (2,), positive=True)
    weight, ell = cr.symbols("lambda"), cr.abstract("ell")
    found = cr.grad(lambda t: _objective(lambda t: ell(t[0], t[1]), t, weight))(theta)
    slopes = [ell.derivative(*orders)(theta[0], theta[1]) for orders in ((1, 0), (0, 1))]
    equal(found, [(s + weight / t).item() for s, t in zip(slopes, theta, strict=True)])
    assert str(found[0].item()) == "∂₁ℓ(Theta1, Theta2) + lambda/Theta1"


def test_the_smaller_root_is_a_maximum() -> None:
    theta, weight = cr.symbols("Theta lambda", positive=True)
    a = cr.symbols("a")

    def objective(t: Tensor) -> Tensor:
        return _objective(lambda t: (t - a) ** 2 / 2, t, weight)

    slope = cr.grad(objective)
    roots = sp.solve(slope(theta).item(), theta.item())
    half = sp.sqrt(a.item() ** 2 - 4 * weight.item()) / 2
    assert {sp.expand(r) for r in roots} == {a.item() / 2 - half, a.item() / 2 + half}
    numbers = {a.item(): 3, weight.item(): 2}
    curvature = cr.grad(slope)(theta).item().subs(numbers)
    at = sorted(root.subs(numbers) for root in roots)
    assert [curvature.subs(theta.item(), t) for t in at] == [-1, sp.Rational(1, 2)]


# -- paper 4, question 1b: the squared error of a linear layer -------------------------------------


def _layer() -> tuple[Tensor, ...]:
    weight, bias = cr.symbols("W", (3, 2)), cr.symbols("b", (2,))
    return (
        weight.requires_grad_(),
        bias.requires_grad_(),
        cr.symbols("x", (3,)),
        cr.symbols("d", (2,)),
    )


def test_gradients_of_a_linear_layer() -> None:
    weight, bias, x, d = _layer()
    y = weight.mT @ x + bias
    loss = (d - y) @ (d - y)
    by_y, by_w, by_b = cr.autograd.grad(loss, [y, weight, bias])
    equal(by_y, -2 * (d - y))
    equal(by_b, -2 * (d - y))
    equal(by_w, -2 * x.reshape(3, 1) @ (d - y).reshape(1, 2))
    assert by_w.shape == weight.shape
    published = -2 * (d - y).reshape(2, 1) @ x.reshape(1, 3)
    assert published.shape != weight.shape
    equal(by_w, published.mT)
    shown = str(cr.explain(loss))
    assert "W̄ = x @ ȳᵀ" in shown
    assert "b̄ = ȳ" in shown


def test_with_a_penalty() -> None:
    weight, bias, x, d = _layer()
    beta = cr.symbols("beta")
    y = weight.mT @ x + bias
    loss = (d - y) @ (d - y) + beta * (weight * weight).sum()
    by_w, by_b = cr.autograd.grad(loss, [weight, bias])
    equal(by_w, -2 * x.reshape(3, 1) @ (d - y).reshape(1, 2) + 2 * beta * weight)
    equal(by_b, -2 * (d - y))


def test_any_loss_of_a_linear_layer() -> None:
    """The same shape for a loss nobody has chosen: the gradient is x times ∂₁ℓ as a row."""
    weight, bias, x, d = _layer()
    y = weight.mT @ x + bias
    ell = cr.abstract("ell")
    (by_w,) = cr.autograd.grad(ell(y, d).sum(), [weight])
    equal(by_w, x.reshape(3, 1) @ ell.derivative(1, 0)(y, d).reshape(1, 2))


# -- paper 1, question 5: every adjoint of a small graph -------------------------------------------


def test_adjoints_of_a_graph() -> None:
    d = 3
    v1, v2, v3 = cr.symbols("x", (1, d)), cr.symbols("W", (d, d)), cr.symbols("y", (1, d))
    leaves = [v.requires_grad_() for v in (v1, v2, v3)]
    v4 = v1 @ v2
    v5 = v4.exp()
    v6 = v4 + v5
    v7 = cr.nn.functional.mse_loss(v6, v3)
    found = cr.autograd.grad(v7, [v6, v5, v4, *reversed(leaves)])
    to_6 = 2 * (v6 - v3) / d
    to_4 = to_6 * (1 + v5)
    wanted = (to_6, to_6, to_4, -to_6, v1.mT @ to_4, to_4 @ v2.mT)
    for ours, expected in zip(found, wanted, strict=True):
        equal(ours, expected)


def test_the_misprinted_graph_has_a_dead_node() -> None:
    v1, v2, v3 = cr.symbols("x", (1, 2)), cr.symbols("W", (2, 2)), cr.symbols("y", (1, 2))
    v4 = v1 @ v2.requires_grad_()
    v5 = v4.exp()
    v6 = v4 + v3.requires_grad_()
    v7 = cr.nn.functional.mse_loss(v6, v3)
    dead, to_y = cr.autograd.grad(v7, [v5, v3], allow_unused=True)
    assert dead is None
    equal(to_y, [[0, 0]])


# -- paper 1, question 12: what a gradient method takes and gives ----------------------------------


def test_a_product_gives_vector_jacobian_products() -> None:
    a, b, g = cr.symbols("a", (2, 3)), cr.symbols("b", (3, 2)), cr.symbols("g", (2, 2))
    out = a.requires_grad_() @ b.requires_grad_()
    assert out.shape == g.shape
    by_a, by_b = cr.autograd.grad(out, [a, b], g)
    equal(by_a, g @ b.mT)
    equal(by_b, a.mT @ g)


def test_detached_rules_have_no_second_derivative() -> None:
    x = cr.tensor(3, dtype=cr.exact, requires_grad=True)
    (first,) = cr.autograd.grad(x**3, [x], create_graph=True)
    assert first.item() == 27
    assert cr.autograd.grad(first, [x])[0].item() == 18
    with pytest.raises(GradientError):
        cr.autograd.grad(first.detach(), [x])


# -- paper 2, question 5: a Hessian-vector product from one complex gradient -----------------------


def _net(weights: Tensor) -> Tensor:
    x = cr.tensor([[0.3, -0.7], [1.1, 0.4], [-0.2, 0.9]], dtype=cr.float64)
    hidden = (x @ weights[:6].reshape(2, 3)).tanh()
    out: Tensor = ((hidden @ weights[6:] - 0.5) ** 2).mean()
    return out


def test_complex_step_of_a_network() -> None:
    rng = np.random.default_rng(0)
    weights, v = (cr.tensor(rng.normal(size=9)) for _ in range(2))
    wanted = cr.hessian(_net)(weights) @ v
    size = float(wanted.abs().max())
    found = cr.hvp(_net, weights, v, method="complex-step")
    assert float((found - wanted).abs().max()) < 4e-15 * size
    eps = 2.0**-50
    rough = (cr.grad(_net)(weights + eps * v) - cr.grad(_net)(weights)) / eps
    assert float((rough - wanted).abs().max()) > 1e-3 * size


def test_the_error_of_the_complex_step_is_of_second_order() -> None:
    """Im f'(x + iε v) / ε = v (f'' - ε² v² f'''' / 6 + …), exactly, for f = x⁵."""
    x, v, eps = cr.symbols("x v epsilon")
    at = x + cr.tensor(sp.I) * eps * v
    found = (cr.grad(lambda t: t**5)(at).item() / eps.item()).as_real_imag()[1]
    error = sp.expand(found - v.item() * sp.diff(x.item() ** 5, x.item(), 2))
    assert error == sp.expand(-(eps.item() ** 2) * v.item() ** 3 * 120 * x.item() / 6)
