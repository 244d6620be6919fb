"""What an explanation rounds in decimal arithmetic: the numbers that it prints, and no others."""

from __future__ import annotations

import math
from decimal import ROUND_HALF_EVEN, ROUND_HALF_UP
from decimal import Decimal as Number
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import chainrule as cr
from chainrule import nn
from chainrule.core.errors import ValueCheckError
from chainrule.core.names import named
from chainrule.nn import functional as F

TWO = cr.decimal(places=2)


def parameter(data: Any) -> cr.Tensor:
    return cr.tensor(data, dtype=cr.float64, requires_grad=True)


def constant(data: Any) -> cr.Tensor:
    return cr.tensor(data, dtype=cr.float64)


def forward(found: cr.Explanation) -> dict[str, Any]:
    """The forward table, as lists."""
    return {row.name: np.asarray(row.value).tolist() for row in found.forward}


def backward(found: cr.Explanation) -> dict[str, Any]:
    return {row.name: np.asarray(row.value).tolist() for row in found.adjoints}


def test_a_row_is_rounded_once() -> None:
    """0.125 * 0.5 + 0.004 is 0.0665: neither the product nor the sum is rounded before."""
    x = parameter(0.125)
    y = x * 0.5 + 0.004
    assert forward(cr.explain(y, arithmetic=TWO)) == {"y": 0.07}


def test_what_has_a_name_is_rounded_and_goes_on_rounded() -> None:
    x = parameter(0.125)
    p = x * 0.5  # 0.0625
    y = p + 0.004  # 0.064
    assert forward(cr.explain(y, arithmetic=TWO)) == {"p": 0.06, "y": 0.06}


def test_inputs_and_numbers_are_as_they_were_given() -> None:
    x = cr.tensor(0.123456, requires_grad=True)  # float32: its shortest decimal
    found = cr.explain(x * 1000.0625, arithmetic=TWO)
    assert str(found).splitlines()[1] == "  loss = x * 1000.0625 = 0.123456 * 1000.0625 = 123.46"


def test_halves() -> None:
    x = parameter([0.5, 1.5, -0.5])
    y = named(x * 0.25, "y")
    loss = y.sum()
    up, even = (cr.explain(loss, arithmetic=cr.decimal(places=2, mode=m)) for m in
                ("half-up", "half-even"))  # fmt: skip
    assert forward(up) == {"y": [0.13, 0.38, -0.13], "loss": 0.38}
    assert forward(even) == {"y": [0.12, 0.38, -0.12], "loss": 0.38}


def test_figures() -> None:
    x = parameter([123.456, 0.00123456])
    y = x * 2
    z = y.sum()
    found = cr.explain(z, arithmetic=cr.decimal(figures=3))
    assert forward(found) == {"y": [247, 0.00247], "z": 247}
    assert "[247, 0.00247]" in str(found)


def test_a_local_derivative_is_rounded_and_used() -> None:
    """1 - 0.46² is 0.7884, written as 0.79; twice 0.79 is 1.58, and not 1.58 from 0.7884 * 2."""
    x = parameter(0.5)
    h = x.tanh()
    J = h * 5
    found = cr.explain(J, arithmetic=TWO)
    assert found.derivative("h", "x") == 0.79
    assert found.adjoint("x") == 3.95  # 5 * 0.7884 would be 3.94
    (row,) = found.gradients
    assert (row.formula, row.substitution) == ("h̄ * ∂h/∂x", "5 * 0.79")


def test_an_entry_of_a_product_is_rounded_once() -> None:
    """0.05 * 0.05 is 0.0025 four times, together 0.01."""
    W, x = parameter(np.full((2, 4), 0.05)), constant(np.full(4, 0.05))
    u = W @ x
    assert forward(cr.explain(u.sum(), arithmetic=TWO))["u"] == [0.01, 0.01]


def test_what_cancels_is_not_computed() -> None:
    """(y - d) / (y (1 - y)) times y (1 - y): with both rounded it would be 5.26 * 0.15 = 0.79."""
    u = parameter(1.48)
    y = u.sigmoid()
    J = F.binary_cross_entropy(y, constant(0.0))  # the target 0 goes, too
    found = cr.explain(J, arithmetic=TWO)
    assert backward(found) == {"ȳ": 5.26, "ū": 0.81}
    (row,) = found.gradients
    assert (row.formula, row.substitution) == ("ȳ * ∂y/∂u = y", "")
    assert row.latex() == [
        r"\bar{u}", r"\bar{y} \cdot \frac{\partial y}{\partial u}", "y", "0.81"
    ]  # fmt: skip


def test_what_cancels_in_part() -> None:
    u = parameter(0.3)
    y = u.sigmoid()  # 0.57
    J = -y.log()
    found = cr.explain(J, arithmetic=TWO)
    assert found.adjoint("u") == -0.43
    assert found.gradients[0].formula == "ȳ * ∂y/∂u = -1 * (1 - y)"


def test_an_adjoint_without_a_value_is_left_out_where_it_cancels() -> None:
    """Y is rounded to 1: the derivative by it is 0 / 0, that by u is y - 1."""
    u = parameter(7.0)
    y = u.sigmoid()
    J = F.mse_loss(y, constant(1.0))
    assert cr.explain(J, arithmetic=TWO).adjoint("u") == 0
    s = y * (1 - y)
    K = (y - 1) / s
    with pytest.raises(ValueCheckError, match=r"K has no value in decimal\(places=2\)") as caught:
        cr.explain(K, arithmetic=TWO)
    assert "0 / 0 has no value" in caught.value.fact
    assert caught.value.hint == (
        "a rounded number may be 0 or 1 where the full one is not: try more places"
    )


def test_softmax_by_hand() -> None:
    """e, e², e^0.5 are 2.72, 7.39, 1.65, together 11.76."""
    z = parameter([1.0, 2.0, 0.5])
    p = z.softmax(0)
    L = -p[1].log()
    found = cr.explain(L, arithmetic=TWO)
    assert forward(found) == {
        "p: exp": [2.72, 7.39, 1.65],
        "p: sum": [11.76],
        "p": [0.23, 0.63, 0.14],
        "L": 0.46,
    }
    # p̄ = -1 / 0.63 at the second place; p * (p̄ - p̄ · p), where p̄ · p is -1.59 * 0.63 = -1.0017
    assert backward(found) == {"p̄": [0, -1.59, 0], "z̄": [0.23, -0.37, 0.14]}


def test_cross_entropy_by_hand() -> None:
    """Ln 11.76 is 2.4647, less 2 it is 0.46; the shares 2.72 / 11.76, … less 1 for the target."""
    z = parameter([1.0, 2.0, 0.5])
    J = F.cross_entropy(z, cr.tensor(1))
    found = cr.explain(J, arithmetic=TWO)
    assert forward(found) == {"J: sum of exponentials": 11.76, "J": 0.46}
    assert found.adjoint("z").tolist() == [0.23, -0.37, 0.14]


def test_layer_norm_by_hand() -> None:
    """Mean 7/3 = 2.33; squares 1.7689 + 0.1089 + 2.7889, a third of them is 1.56, its root 1.25."""
    x = parameter([[1.0, 2.0, 4.0]])
    y = F.layer_norm(x, (3,), eps=0)
    found = cr.explain(y.sum(), arithmetic=TWO)
    assert forward(found) == {
        "y: mean": [[2.33]],
        "y: distance from the mean": [[-1.33, -0.33, 1.67]],
        "y: variance": [[1.56]],
        "y: standard deviation": [[1.25]],
        "y": [[-1.06, -0.26, 1.34]],  # 1.33 / 1.25 = 1.064, 0.33 / 1.25 = 0.264, 1.336
        "loss": 0.02,
    }
    assert backward(found)["std"] == [[1.25]]


def test_attention_by_hand() -> None:
    """Q k / √2 = 0.7071, 0 and 1.0607, 1.4142; e^0.71 = 2.03, e^1.06 = 2.89, e^1.41 = 4.10."""
    q, k = parameter([[1.0, 0.0], [0.5, 1.0]]), constant([[1.0, 1.0], [0.0, 2.0]])
    v = constant([[1.0, 2.0], [3.0, 4.0]])
    o = F.scaled_dot_product_attention(q, k, v)
    assert forward(cr.explain(o.sum(), arithmetic=TWO)) == {
        "o: scores": [[0.71, 0], [1.06, 1.41]],
        "o: exp": [[2.03, 1], [2.89, 4.1]],
        "o: sum": [[3.03], [6.99]],
        "o: weights": [[0.67, 0.33], [0.41, 0.59]],
        "o": [[1.66, 2.66], [2.18, 3.18]],
        "loss": 9.68,
    }


def test_convolution_and_pooling_by_hand() -> None:
    """0.11 + 2 * 0.22 + 4 * 0.33 + 5 * 0.44 = 4.07 is one entry; 0.3333 * 1 would be four."""
    x = constant(np.arange(1.0, 10).reshape(1, 1, 3, 3))
    w = parameter([[[[0.111, 0.222], [0.333, 0.444]]]])
    c = F.conv2d(x, w)
    m = F.max_pool2d(c, 2)
    found = cr.explain(m.sum(), arithmetic=TWO)
    assert forward(found) == {
        "c": [[[[4.11, 5.22], [7.44, 8.55]]]],  # 4.107, 5.217, 7.437, 8.547
        "m": [[[[8.55]]]],
        "loss": 8.55,
    }
    assert found.adjoint("w").tolist() == [[[[5, 6], [8, 9]]]]


def test_a_mean_rounds_its_sum() -> None:
    x = parameter([0.125, 0.25])
    loss = F.mse_loss(x, constant([0.0, 0.0]))
    # the differences 0.13, 0.25, their squares 0.0169, 0.0625, together 0.08
    assert forward(cr.explain(loss, arithmetic=TWO)) == {
        "loss: difference": [0.13, 0.25],
        "loss: squares": [0.02, 0.06],
        "loss: sum": 0.08,
        "loss": 0.04,
    }


def test_steps_are_called_as_the_code_calls_the_operand() -> None:
    speed = parameter(1.48)
    y = speed.sigmoid()
    assert forward(cr.explain(y, arithmetic=TWO)) == {"exp(-speed)": 0.23, "y": 0.81}
    assert forward(cr.explain((speed * 2).sigmoid(), arithmetic=TWO)) == {
        "loss: exp(-x)": 0.05,
        "loss": 0.95,
    }


def test_a_step_that_is_the_value_is_not_told_twice() -> None:
    x = parameter([2.0])
    loss = F.mse_loss(x, constant([1.5]), reduction="sum")
    assert "loss: sum" not in forward(cr.explain(loss, arithmetic=TWO))


def test_zoom() -> None:
    """Every op has a row: each of them is rounded."""
    x = parameter(0.125)
    y = x * 0.5 + 0.004
    found = cr.explain(y, zoom="ops", arithmetic=TWO)
    assert forward(found) == {"v2": 0.06, "y": 0.06}
    deep = cr.explain(x.sigmoid(), zoom="primitives", arithmetic=TWO)
    assert list(forward(deep).values())[-3:] == [0.88, 1.88, 0.53]


def test_layers_are_rounded_as_they_are_named() -> None:
    net = nn.Sequential(nn.Linear(2, 2), nn.Tanh(), nn.Linear(2, 1)).double()
    for i, p in enumerate(net.parameters(), 1):
        p.data = cr.full_like(p, 0.1 * i)
    x = constant([[1.0, 2.0]])
    found = cr.explain(net(x).sum(), arithmetic=TWO)
    # 0.1 * 3 + 0.2 = 0.5; tanh 0.5 = 0.46; 0.3 * 0.92 + 0.4 = 0.676
    assert found.value("h₀").tolist() == [[0.5, 0.5]]
    assert found.value("h₁").tolist() == [[0.46, 0.46]]
    assert found.value("loss") == 0.68


def test_what_is_not_real_is_refused() -> None:
    z = cr.tensor(1 + 2j, requires_grad=True)
    with pytest.raises(ValueCheckError, match="decimal arithmetic has real numbers"):
        cr.explain(z.abs(), arithmetic=TWO)


def test_symbols_are_refused() -> None:
    from sympy import Symbol

    x = cr.tensor([Symbol("x")], dtype=cr.exact, requires_grad=True)
    with pytest.raises(ValueCheckError, match="x is no number yet"):
        cr.explain((x * 2).sum(), arithmetic=TWO)


def test_exact_numbers_are_rounded() -> None:
    x = cr.tensor([1, 2], dtype=cr.exact, requires_grad=True)
    y = x.sqrt() / 3
    assert forward(cr.explain(y.sum(), arithmetic=TWO)) == {"y": [0.33, 0.47], "loss": 0.80}


def test_decimals_only_say_how_they_are_written() -> None:
    x = parameter(1.48)
    y = x.sigmoid()
    assert "= sigmoid(1.5) = 0.8" in str(cr.explain(y, arithmetic=TWO, decimals=1))


# -- against another program -----------------------------------------------------------------------


class Paper:
    """A person with a pencil: two layers, everything rounded, with Python's decimal module."""

    def __init__(self, places: int, rounding: str) -> None:
        self.unit, self.rounding = Number(1).scaleb(-places), rounding

    def write(self, x: Number) -> Number:
        return x.quantize(self.unit, rounding=self.rounding) + 0

    def tanh(self, x: Number) -> Number:
        e = (2 * x).exp()
        return self.write((e - 1) / (e + 1))

    def product(self, W: Any, x: Any, b: Any) -> list[Number]:
        rows = zip(W, b, strict=True)
        return [self.write(sum((w * v for w, v in zip(row, x, strict=True)), c)) for row, c in rows]

    def net(self, x: Any, W1: Any, b1: Any, W2: Any, b2: Any, d: Any) -> dict[str, Any]:
        u1 = self.product(W1, x, b1)
        h = list(map(self.tanh, u1))
        u2 = self.product(W2, h, b2)
        e = [a - b for a, b in zip(u2, d, strict=True)]
        J = self.write(sum((v * v for v in e), Number(0)))
        g2 = [self.write(2 * v) for v in e]
        f = [self.write(1 - v * v) for v in h]
        back = list(zip(*W2, strict=True))
        gh = self.product(back, g2, [Number(0)] * len(h))
        g1 = [self.write(a * b) for a, b in zip(gh, f, strict=True)]
        return {
            "u1": u1, "h": h, "u2": u2, "J": J, "∂h/∂u1": f, "ū2": g2, "h̄": gh, "ū1": g1,
            "W̄2": [[self.write(g * v) for v in h] for g in g2],
            "W̄1": [[self.write(g * v) for v in x] for g in g1],
        }  # fmt: skip


def hundredths(low: int, high: int) -> st.SearchStrategy[Number]:
    return st.integers(low, high).map(lambda n: Number(n) / 100)


def vectors(n: int) -> Any:
    return st.lists(hundredths(-200, 200), min_size=n, max_size=n)


@settings(max_examples=60, deadline=None)
@given(
    x=vectors(2),
    W1=st.lists(vectors(2), min_size=3, max_size=3),
    b1=vectors(3),
    W2=st.lists(vectors(3), min_size=2, max_size=2),
    b2=vectors(2),
    d=vectors(2),
    places=st.integers(1, 5),
    mode=st.sampled_from(["half-up", "half-even"]),
)
def test_a_person_with_a_pencil_gets_the_same(
    x: Any, W1: Any, b1: Any, W2: Any, b2: Any, d: Any, places: int, mode: str
) -> None:
    person = Paper(places, ROUND_HALF_UP if mode == "half-up" else ROUND_HALF_EVEN)
    expected = person.net(x, W1, b1, W2, b2, d)
    values = {"x": x, "W1": W1, "b1": b1, "W2": W2, "b2": b2, "d": d}
    t = {name: constant(np.array(v, float)) for name, v in values.items()}
    W1, b1, W2, b2 = (t[name].requires_grad_() for name in ("W1", "b1", "W2", "b2"))
    u1 = W1 @ t["x"] + b1
    h = u1.tanh()
    u2 = W2 @ h + b2
    J = ((u2 - t["d"]) ** 2).sum()
    found = cr.explain(J, arithmetic=cr.decimal(places=places, mode=mode))
    rows = (*found.forward, *found.derivatives, *found.adjoints)
    told = {row.name: np.asarray(row.value).tolist() for row in rows}
    for name, value in expected.items():
        assert told[name] == np.array(value, float).tolist(), name


def test_what_is_asked_is_quick() -> None:
    """An exam's network, in a fraction of a second (and most of that the first time)."""
    import time

    h, W = constant(np.ones(10) / 7), parameter(np.ones((10, 10)) / 9)
    for _ in range(3):
        h = (W @ h).tanh()
    loss = h.sum()
    start = time.perf_counter()
    cr.explain(loss, arithmetic=TWO)
    assert time.perf_counter() - start < 5
    assert math.isfinite(float(cr.explain(loss, arithmetic=TWO).value("loss")))
