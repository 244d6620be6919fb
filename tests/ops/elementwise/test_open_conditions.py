"""Conditions on symbols that are not decided yet: bool tensors that hold neither True nor False."""

from __future__ import annotations

import itertools
import operator
from collections.abc import Callable
from typing import Any

import pytest

import chainrule as cr
from chainrule.core.errors import ValueCheckError

a, b = cr.symbols("a b")
CONNECTIVES: list[Callable[[Any, Any], Any]] = [
    cr.logical_and, cr.logical_or, cr.logical_xor, operator.and_, operator.or_, operator.xor,
    operator.eq, operator.ne, operator.lt, operator.le, lambda p, q: cr.logical_not(p),
    lambda p, q: ~q,
]  # fmt: skip


@pytest.mark.parametrize("connect", CONNECTIVES)
def test_connected_conditions_stay_open_until_there_are_numbers(
    connect: Callable[[Any, Any], Any],
) -> None:
    graph = cr.capture(lambda x, y: cr.where(connect(x > 0, y > 0), 1, 2), cr.spec(), cr.spec())
    chosen = cr.where(connect(a > 0, b > 0), 1, 2)
    for x, y in itertools.product((-1, 1), repeat=2):
        filled = chosen.item().subs({a.item(): x, b.item(): y})
        assert filled == cr.run(graph, x, y).item()


def test_some_of_them_decided() -> None:
    flags = cr.tensor([True, False])
    found = cr.logical_and(cr.stack([a > 0, a > 0]), flags)
    assert [str(c) for c in found.tolist()] == ["a > 0", "False"]


@pytest.mark.parametrize("ask", [bool, cr.any, cr.all, cr.sum])
def test_what_must_be_known_is_refused(ask: Callable[[Any], Any]) -> None:
    with pytest.raises(ValueCheckError, match="is open: a unknown"):
        ask(a > 0)
