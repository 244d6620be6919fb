"""Loops are explained step by step, as they are written out on paper."""

from typing import Any

import numpy as np
import pytest

import chainrule as cr
from chainrule import nn
from chainrule.readings.explain.unrolling import MOST


def scalar(value: float) -> Any:
    return cr.tensor(value, dtype=cr.float64, requires_grad=True)


def looped(w: Any, h0: Any, xs: Any, reverse: bool = False) -> Any:
    def step(h: Any, x: Any) -> Any:
        h = (w * h + x).tanh()
        return h, h

    return cr.scan(step, h0, xs, reverse=reverse)


TEXT = """\
Forward
    x₁ = [1, 2][0] = 1
    x₂ = [1, 2][1] = 2
    h₁ = tanh(w * h₀ + x₁) = tanh(0.5 * 0.1 + 1) = 0.7818
    h₂ = tanh(w * h₁ + x₂) = tanh(0.5 * 0.7818 + 2) = 0.9834
  loss = h₂ * 2 = 0.9834 * 2 = 1.9668

Adjoints: v̄ is the derivative of loss by v
  h̄₂ = 2
  h̄₁ = h̄₂ * (1 - h₂ ** 2) * w = 2 * (1 - 0.9834 ** 2) * 0.5 = 0.0330

Gradients of loss
   w̄ = h̄₂ * (1 - h₂ ** 2) * h₁ + h̄₁ * (1 - h₁ ** 2) * h₀
     = 2 * (1 - 0.9834 ** 2) * 0.7818 + 0.0330 * (1 - 0.7818 ** 2) * 0.1
     = 0.0528
  h̄₀ = h̄₁ * (1 - h₁ ** 2) * w = 0.0330 * (1 - 0.7818 ** 2) * 0.5 = 0.0064"""


def test_the_text() -> None:
    w, h0 = scalar(0.5), scalar(0.1)
    last, _ = looped(w, h0, cr.tensor([1, 2], dtype=cr.float64))
    loss = last * 2
    assert str(cr.explain(loss)) == TEXT


@pytest.mark.parametrize("reverse", [False, True])
@pytest.mark.parametrize("zoom", ["lines", "ops", "primitives"])
def test_gradients_are_those_of_the_loop(zoom: str, reverse: bool) -> None:
    w, h0 = scalar(0.5), scalar(0.1)
    xs = cr.tensor([1.0, -2.0, 0.5], dtype=cr.float64, requires_grad=True)
    last, ys = looped(w, h0, xs, reverse)
    loss = last * (ys * ys).sum()
    found = {row.name: row.value for row in cr.explain(loss, zoom=zoom).gradients}
    expected = cr.autograd.grad(loss, (w, h0))
    assert np.allclose(found["w̄"], expected[0].numpy())
    start = "h̄₄" if reverse else "h̄₀"
    assert np.allclose(found[start], expected[1].numpy())


def test_backwards_the_last_row_comes_first() -> None:
    loss = looped(scalar(0.5), scalar(0.1), cr.tensor([1.0, 2.0], dtype=cr.float64), True)[0]
    rows = {row.name: row.formula for row in cr.explain(loss).forward}
    assert rows["h₂"] == "tanh(w * h₃ + x₂)"
    assert list(rows)[-1] == "loss"
    assert rows["loss"] == "tanh(w * h₂ + x₁)"


def test_a_long_loop_stays_one_op() -> None:
    def text(length: int) -> str:
        xs = cr.ones(length, dtype=cr.float64)
        return str(cr.explain(looped(scalar(0.5), scalar(0.1), xs)[0] * 2))

    assert "scan" not in text(MOST)
    assert "scan" in text(MOST + 1)


def test_two_loops_are_told_apart() -> None:
    w, h0 = scalar(0.5), scalar(0.1)
    first, _ = looped(w, h0, cr.ones(2, dtype=cr.float64))
    second, _ = looped(w, first, cr.ones(2, dtype=cr.float64))
    names = [row.name for row in cr.explain(second * 2).forward]
    assert [n for n in names if n.startswith("h")] == ["h⁽¹⁾₁", "h⁽¹⁾₂", "h⁽²⁾₁", "h⁽²⁾₂"]


def test_loops_in_loops_are_written_out() -> None:
    w = scalar(0.5)

    def outer(c: Any, x: Any) -> Any:
        inner, _ = cr.scan(lambda h, _: (w * h + x, None), c, length=2)
        return inner, None

    loss = cr.scan(outer, scalar(1.0), cr.ones(2, dtype=cr.float64))[0] * 1
    told = cr.explain(loss)
    assert "scan" not in str(told)
    (row,) = [row for row in told.gradients if row.name == "w̄"]
    assert np.allclose(row.value, cr.autograd.grad(loss, w)[0].numpy())


def test_no_gradient_flows_where_the_step_cut_it() -> None:
    def step(h: Any, x: Any) -> Any:
        with cr.no_grad():
            fixed = h * 2
        return h * fixed * h.detach(), None

    h = scalar(3.0)
    loss = cr.scan(step, h, length=1)[0] * 1
    (row,) = list(cr.explain(loss).gradients)
    assert row.value == cr.autograd.grad(loss, h)[0].item() == 18.0


@pytest.mark.parametrize(
    ("net", "names"),
    [
        (nn.RNN(2, 2), ["U", "u₁", "u₂", "a₁", "h₁", "a₂", "h₂"]),
        (nn.GRU(2, 2), ["U", "u₁", "u₂", *(n + s for s in "₁₂" for n in "vrznh")]),
        (nn.LSTM(2, 2), ["U", "u₁", "u₂", *(n + s for s in "₁₂" for n in "aifgoch")]),
        (nn.JordanRNN(2, 2, 1), ["U", "u₁", "u₂", *(n + s for s in "₁₂" for n in "ahy")]),
    ],
)
def test_layers_are_told_in_the_names_of_the_textbooks(net: Any, names: list[str]) -> None:
    output, _ = net(cr.randn(2, 2))
    loss = (output * output).sum()
    told = cr.explain(loss)
    assert [row.name for row in told.forward] == [*names, "loss"]
    loss.backward()
    found = {row.name: row.value for row in told.gradients}
    for name, p in net.named_parameters():
        assert np.allclose(found[f"∂loss/∂{name}"], p.grad.numpy(), atol=1e-6)


def test_a_cell_is_told_in_the_same_names() -> None:
    h, _ = nn.LSTMCell(2, 2)(cr.randn(2))
    names = [row.name for row in cr.explain(h.sum()).forward]
    assert names[:7] == ["u", "a", "i", "f", "g", "o", "c"]


def test_stacked_layers_and_directions_have_a_number_each() -> None:
    output, _ = nn.RNN(2, 2, num_layers=2, bidirectional=True)(cr.randn(2, 2))
    names = [row.name for row in cr.explain(output.sum()).forward]
    for loop in "¹²³⁴":
        assert {f"h⁽{loop}⁾₁", f"h⁽{loop}⁾₂"} <= set(names)
