"""Values by the names that an explanation uses, in every arithmetic."""

from __future__ import annotations

from fractions import Fraction
from typing import Any

import numpy as np
import pytest

import chainrule as cr
from chainrule import nn
from chainrule.core.errors import ArgumentError, UnknownName, ValueCheckError

ARITHMETICS = [None, cr.float64, cr.float32, cr.exact, cr.decimal(places=9), cr.decimal(figures=9)]


def layer() -> tuple[cr.Tensor, dict[str, cr.Tensor]]:
    W = cr.tensor([[1.0, -2.0], [0.5, 0.25]], dtype=cr.float64, requires_grad=True)
    x = cr.tensor([0.5, 0.25], dtype=cr.float64)
    u = W @ x
    h = u * u
    J = h.sum()
    return J, {"W": W, "x": x, "u": u, "h": h}


@pytest.mark.parametrize("arithmetic", ARITHMETICS, ids=str)
def test_values_adjoints_and_derivatives(arithmetic: Any) -> None:
    J, values = layer()
    for value in values.values():
        if value.requires_grad:
            value.retain_grad()
    J.backward()
    found = cr.explain(J, arithmetic=arithmetic)
    assert found.arithmetic == arithmetic
    for name, value in values.items():
        np.testing.assert_allclose(found.value(name).astype(float), value.detach().numpy())
    for name in ("W", "u", "h"):
        grad = values[name].grad
        assert grad is not None
        np.testing.assert_allclose(found.adjoint(name).astype(float), grad.numpy())
    assert (found.value("J").astype(float), found.adjoint("J")) == (J.item(), 1)


def test_their_types() -> None:
    J, _ = layer()
    kinds = {
        arithmetic: cr.explain(J, arithmetic=arithmetic).value("u").dtype.name
        for arithmetic in ARITHMETICS
    }
    assert list(kinds.values()) == ["float64", "float64", "float32", "object", "float64", "float64"]
    exact = cr.explain(J, arithmetic=cr.exact)
    assert exact.value("u").tolist() == [0, Fraction(5, 16)]
    assert "u = W @ x = [[1, -2], [1/2, 1/4]] @ [1/2, 1/4] = [0, 5/16]" in str(exact)


@pytest.mark.parametrize("arithmetic", [None, cr.exact, cr.decimal(places=2)], ids=str)
def test_local_derivatives(arithmetic: Any) -> None:
    x = cr.tensor([0.0, 0.5], dtype=cr.float64, requires_grad=True)
    h = x.tanh()
    found = cr.explain(h.sum(), arithmetic=arithmetic)
    slopes = found.derivative("h", "x")
    assert [round(float(v), 2) for v in slopes] == [1, 0.79]


def test_the_same_text_in_the_same_arithmetic() -> None:
    net = nn.Sequential(nn.Linear(2, 3), nn.Tanh(), nn.Linear(3, 1), nn.Sigmoid()).double()
    x = cr.tensor([[1.0, 2.0]], dtype=cr.float64)
    loss = nn.functional.binary_cross_entropy(net(x), cr.zeros(1, 1, dtype=cr.float64))
    assert str(cr.explain(loss, arithmetic=cr.float64)) == str(cr.explain(loss))


def test_exact_arithmetic_of_floats() -> None:
    """0.1 is 1/10, and the logarithm stays one."""
    x = cr.tensor(0.1, requires_grad=True)  # float32
    y = x.log()
    found = cr.explain(y, arithmetic=cr.exact)
    assert str(found.value("y")) == "-log(10)"
    assert found.adjoint("x") == 10
    assert "y = log(x) = log(1/10) = -log(10)" in str(found)


def test_names_with_low_digits() -> None:
    net = nn.Sequential(nn.Linear(1, 1), nn.Tanh())
    found = cr.explain(net(cr.ones(1, 1)).sum())
    np.testing.assert_array_equal(found.value("h0"), found.value("h₀"))
    np.testing.assert_array_equal(found.adjoint("weight0"), found.adjoint("weight₀"))


def test_a_name_that_nothing_has() -> None:
    J, _ = layer()
    found = cr.explain(J)
    with pytest.raises(UnknownName, match="there is no value of the name 'v'") as caught:
        found.value("v")
    assert caught.value.expected == "u, h, J, W, x"
    assert isinstance(caught.value, KeyError)
    with pytest.raises(UnknownName, match="there is no adjoint of the name 'x'") as caught:
        found.adjoint("x")
    assert caught.value.expected == "h, u, W, J"
    with pytest.raises(UnknownName, match="there is no local derivative of the name '∂J/∂W'"):
        found.derivative("J", "W")


def test_without_a_gradient_there_are_no_adjoints() -> None:
    with cr.record():
        y = cr.tensor(2.0) * 3
    found = cr.explain(y, arithmetic=cr.decimal(places=1))
    assert found.value("y") == 6
    with pytest.raises(UnknownName) as caught:
        found.adjoint("y")
    assert caught.value.expected == "nothing: the explanation has no adjoint"


@pytest.mark.parametrize("arithmetic", ["exact", 2, cr.int64, cr.complex64, cr.decimal])
def test_no_such_arithmetic(arithmetic: Any) -> None:
    J, _ = layer()
    with pytest.raises(ArgumentError, match="arithmetic is") as caught:
        cr.explain(J, arithmetic=arithmetic)
    assert caught.value.expected == "cr.exact, cr.float64, cr.float32 or cr.decimal(places=2)"


def test_what_has_no_value_in_an_arithmetic() -> None:
    x = cr.tensor(0.0, requires_grad=True)
    y = x.log()
    assert cr.explain(y).value("y") == -np.inf
    with pytest.raises(ValueCheckError, match=r"y has no value in chainrule.exact: log\(0\)"):
        cr.explain(y, arithmetic=cr.exact)
    z = cr.tensor(np.inf, requires_grad=True) * 2
    with pytest.raises(ValueCheckError, match=r"explain\(\) in decimal\(places=2\): inf is no"):
        cr.explain(z, arithmetic=cr.decimal(places=2))
