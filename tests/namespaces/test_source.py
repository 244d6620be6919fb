"""Pieces of NumPy source: brackets, axes, and what is left to broadcasting."""

from __future__ import annotations

from fractions import Fraction
from typing import Any

import pytest

from chainrule.namespaces.constants import PI
from chainrule.namespaces.contract import PRIMITIVES
from chainrule.namespaces.source import (
    FUNCTIONS,
    OPERATORS,
    PLAIN,
    WRITTEN,
    Text,
    Unwritten,
    number,
    source,
)

a, b, c = (Text(name, shape=(2, 3)) for name in "abc")
v = Text("v", shape=(3,))


def test_brackets_stand_where_python_needs_them() -> None:
    total = source.add(a, b)
    assert str(source.multiply(total, c)) == "(a + b) * c"
    assert str(source.subtract(a, source.subtract(b, c))) == "a - (b - c)"
    assert str(source.subtract(source.subtract(a, b), c)) == "a - b - c"
    assert str(source.power(source.negative(a), 2)) == "(-a) ** 2"
    assert str(source.negative(source.power(a, 2))) == "-a ** 2"
    assert str(source.power(source.power(a, b), c)) == "(a ** b) ** c"
    assert str(source.equal(source.less(a, b), c)) == "(a < b) == c"
    assert str(source.tanh(total)) == "np.tanh(a + b)"
    assert str(source.sum(total, (0,), False)) == "(a + b).sum(axis=0)"


@pytest.mark.parametrize(
    ("value", "text"),
    [(2.0, "2"), (-1, "-1"), (0.1, "0.1"), (Fraction(1, 4), "0.25"), (True, "True"),
     (float("inf"), "np.inf"), (float("nan"), "np.nan"), (PI, "3.141592653589793")],
)  # fmt: skip
def test_numbers(value: Any, text: str) -> None:
    assert str(number(value)) == text


def test_what_broadcasts_is_not_written() -> None:
    spread = source.expand(v, (2, 3))
    assert str(spread) == "np.broadcast_to(v, (2, 3))"
    assert str(source.add(a, spread)) == "a + v"
    column = Text("w[:, None]", shape=(2, 1))
    assert str(source.add(spread, column)) == "v + w[:, None]"
    assert str(source.add(spread, 1)) == "np.broadcast_to(v, (2, 3)) + 1"


def test_axes_that_come_and_go() -> None:
    x = Text("x", shape=(3,))
    column = source.reshape(x, (3, 1))
    assert str(column) == "x[:, None]"
    kept = source.sum(a, (1,), True)
    assert str(kept) == "a.sum(axis=1, keepdims=True)"
    assert str(source.reshape(kept, (2,))) == "a.sum(axis=1)"
    assert str(source.sum(a, (0, 1), False)) == "a.sum()"
    assert str(source.reshape(a, (6,))) == "a.reshape(6)"


def test_vectors_in_products() -> None:
    m, x = Text("m", shape=(2, 3)), Text("x", shape=(3,))
    column = Text("x[:, None]", shape=(3, 1), base=x)
    assert str(source.reshape(source.matmul(m, column), (2,))) == "m @ x"
    y = Text("y", shape=(2,))
    up, row = Text("y[:, None]", shape=(2, 1), base=y), Text("x[None]", shape=(1, 3), base=x)
    assert str(source.matmul(up, row)) == "np.outer(y, x)"


def test_what_numpy_does_not_have_is_refused() -> None:
    with pytest.raises(Unwritten):
        source.erfinv(a)
    with pytest.raises(Unwritten):
        source.uniform(a, (2,))


def test_every_function_of_the_contract_is_written_or_refused() -> None:
    written = {*OPERATORS, *FUNCTIONS, *PLAIN, *WRITTEN}
    assert PRIMITIVES.keys() - written == {"erfinv"}
    assert written <= PRIMITIVES.keys()
