"""Answers to exam questions about recurrent networks, from the modules themselves."""

from fractions import Fraction
from typing import Any

import numpy as np
import pytest
import sympy as sp

import chainrule as cr
from chainrule import nn
from chainrule.core.tensor import Tensor


def weights(net: nn.Module, **values: Any) -> None:
    """Give the parameters of a network these values, in its own type."""
    net.load_state_dict({k: cr.tensor(v, dtype=net.weight_ih_l0.dtype) for k, v in values.items()})


def exact(values: Any) -> Tensor:
    return cr.tensor(values, dtype=cr.exact)


# -- paper 0, question 6: h_t = σ(w h_{t-1}), the adjoint of the state before ----------------------


def recurrence(w: Tensor, nonlinearity: Any) -> nn.RNN:
    """Elman's network of one unit whose inputs contribute nothing."""
    net = nn.RNN(1, 1, nonlinearity=nonlinearity, bias=False, dtype=cr.exact)
    net.weight_ih_l0 = nn.Parameter(exact([[0]]))
    net.weight_hh_l0 = nn.Parameter(w.reshape(1, 1))
    return net


def test_the_adjoint_of_the_state_before() -> None:
    w, h, a = cr.symbols("w h a")
    before = h.reshape(1, 1).requires_grad_()
    _, last = recurrence(w, cr.abstract("sigma"))(exact([[0]]), before)
    last.backward(a.reshape(1, 1))
    assert before.grad is not None
    assert str(before.grad.item()) == "a*w*σ'(h*w)"


def test_the_adjoint_equations_are_told() -> None:
    w, h, a = cr.symbols("w h a")
    before = h.reshape(1, 1).requires_grad_()
    _, last = recurrence(w, cr.abstract("sigma"))(exact([[0]]), before)
    told = {row.name: row for row in cr.explain((a * last).sum()).adjoints}
    assert told["h̄₀"].formula == "ā₁ @ weight_hh_l0"
    assert str(told["h̄₀"].value[0]) == "a*w*σ'(h*w)"
    assert told["ā₁"].formula == "h̄₁ * σ'(a₁)"


def test_with_tanh_it_is_the_derivative_that_sympy_finds() -> None:
    w, h = cr.symbols("w h")
    before = h.reshape(1, 1).requires_grad_()
    output, last = recurrence(w, "tanh")(exact([[0], [0], [0]]), before)
    last.sum().backward()
    assert before.grad is not None
    symbol, slope = before.detach().item(), before.grad.item()
    assert sp.simplify(sp.diff(output[-1].item(), symbol) - slope) == 0


# -- paper 2, question 7: a gate that is constant, per layer and in a recurrence -------------------


@pytest.mark.parametrize(("gate", "gain"), [("0.5", 8.9e-16), ("0.9", 0.0052), ("0.99", 0.61)])
def test_the_gain_of_50_constant_gates(gate: str, gain: float) -> None:
    net = nn.RNN(1, 1, nonlinearity="identity", bias=False, dtype=cr.exact)
    weights(net, weight_ih_l0=[[1]], weight_hh_l0=[[Fraction(gate)]])
    first = exact([[1]]).requires_grad_()
    net(cr.zeros(50, 1, dtype=cr.exact), first)[1].sum().backward()
    assert first.grad is not None
    assert first.grad.item() == Fraction(gate) ** 50
    assert float(first.grad.item()) == pytest.approx(gain, rel=0.01)


def test_to_keep_the_last_flagged_value_a_gate_must_look() -> None:
    """MSE at most 0.05 where the gate depends on the value, at least 0.4 where it is constant."""
    draw = np.random.default_rng(0)
    flags, values = draw.random((12, 2000)) < 0.3, draw.normal(size=(12, 2000))
    flags[0] = True
    wanted = values[11 - np.argmax(flags[::-1], axis=0), np.arange(2000)]
    x = cr.tensor(np.stack([flags, flags * values], axis=-1).astype("float64"))

    small, sure = 0.01, 50.0  # tanh is straight near 0; z is 0 where there is a flag, else 1
    gated = nn.GRU(2, 1, dtype=cr.float64)
    weights(
        gated,
        weight_ih_l0=[[0, 0], [-2 * sure, 0], [0, small]], weight_hh_l0=[[0], [0], [0]],
        bias_ih_l0=[0, sure, 0], bias_hh_l0=[0, 0, 0],
    )  # fmt: skip
    found = gated(x)[1].detach().numpy().ravel() / small
    assert np.mean((found - wanted) ** 2) < 0.05

    errors = []
    for gate in np.linspace(0, 0.99, 34):
        constant = nn.RNN(2, 1, nonlinearity="identity", bias=False, dtype=cr.float64)
        weights(constant, weight_ih_l0=[[0, 1 - gate]], weight_hh_l0=[[gate]])
        h = constant(x)[1].detach().numpy().ravel()
        errors.append(np.mean((h * (h @ wanted) / (h @ h) - wanted) ** 2))
    assert min(errors) > 0.4


# -- paper 3, question 10: z_t = θ₁ x_t + θ₂ z_{t-1} -----------------------------------------------


def test_back_propagation_through_two_linear_steps() -> None:
    net = nn.RNN(1, 1, nonlinearity="identity", bias=False, dtype=cr.exact)
    weights(net, weight_ih_l0=[[1]], weight_hh_l0=[[0]])
    z, _ = net(exact([[0], [1]]))
    loss = ((z - exact([[1], [3]])) ** 2).sum()
    loss.backward()
    assert (z.flatten().tolist(), loss.item()) == ([0, 1], 5)
    assert net.weight_ih_l0.grad is not None
    assert net.weight_ih_l0.grad.tolist() == [[-4]]


def test_the_recurrent_weight_as_the_first_parameter_would_make_the_question_empty() -> None:
    net = nn.RNN(1, 1, nonlinearity="identity", bias=False, dtype=cr.exact)
    weights(net, weight_ih_l0=[[0]], weight_hh_l0=[[1]])
    z, _ = net(exact([[0], [1]]))
    loss = ((z - exact([[1], [3]])) ** 2).sum()
    loss.backward()
    assert (z.flatten().tolist(), loss.item()) == ([0, 0], 10)
    assert net.weight_hh_l0.grad is not None
    assert net.weight_hh_l0.grad.tolist() == [[0]]


# -- paper 4, question 4a: two steps of Jordan's network -------------------------------------------

X = [[1.5, 1.0], [-3.0, 2.0]]


def jordan(dtype: Any) -> nn.JordanRNN:
    net = nn.JordanRNN(2, 2, 1, dtype=dtype)
    weights(
        net,
        weight_ih_l0=[[0.2, 0.8], [0.3, 0.9]], weight_yh_l0=[[2.0], [1.0]],
        weight_hy_l0=[[0.2, -0.2]], bias_ih_l0=[0.2, 0.2], bias_hy_l0=[0.2],
    )  # fmt: skip
    return net


def test_the_outputs_of_a_jordan_network() -> None:
    y, _ = jordan(cr.float64)(cr.tensor(X, dtype=cr.float64), cr.ones(1, 1, dtype=cr.float64))
    assert y.flatten().tolist() == pytest.approx([0.550299, 0.552368], abs=5e-7)
    assert [f"{v:.4f}" for v in y.flatten().tolist()] == ["0.5503", "0.5524"]


def test_its_working_has_every_step() -> None:
    y, _ = jordan(cr.float64)(cr.tensor(X, dtype=cr.float64), cr.ones(1, 1, dtype=cr.float64))
    told = {row.name: row for row in cr.explain(y.sum()).forward}
    expected = {
        "a₁": [3.3, 2.55], "h₁": [0.9973, 0.9879], "y₁": [0.5503],
        "a₂": [2.3006, 1.6503], "h₂": [0.9801, 0.9289], "y₂": [0.5524],
    }  # fmt: skip
    for name, values in expected.items():
        assert np.round(told[name].value, 4).tolist() == values
    assert told["h₂"].formula == "tanh(a₂)"
    assert told["a₂"].formula == "u₂ + y₁ @ weight_yh_l0ᵀ"


def test_it_is_exact_before_it_is_rounded() -> None:
    y, _ = jordan(cr.exact)(exact(X), exact([[1]]))
    first, second = y.flatten().tolist()
    h = sp.tanh(sp.Rational(33, 10)), sp.tanh(sp.Rational(51, 20))
    assert sp.simplify(first - 1 / (1 + sp.exp(-(h[0] - h[1]) / 5 - sp.Rational(1, 5)))) == 0
    assert round(float(sp.N(second, 12)), 6) == 0.552368
