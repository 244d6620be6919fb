"""Blanks: the fillings that are found are those that going through all of them by SymPy finds."""

from __future__ import annotations

import itertools
import json
import re
from typing import Any

import pytest
import sympy as sp

import chainrule as cr
from chainrule.core.errors import ArgumentError

SIGNS = {"+": cr.add, "-": cr.sub, "*": cr.mul, "square": cr.square}
BY_SYMPY = {"+": lambda a, b: a + b, "-": lambda a, b: a - b, "*": lambda a, b: a * b}


def target(x1: Any, x2: Any, x3: Any) -> Any:
    return (x1 + x2) ** 2 + x2 * x3 - x3


def sum_first(x1: Any, x2: Any, x3: Any, *, a: Any, b: Any, c: Any, d: Any, e: Any) -> Any:
    return e(d(b(a(x1, x2)), c(x2, x3)), x3)


def product_first(x1: Any, x2: Any, x3: Any, *, a: Any, b: Any, c: Any, d: Any, e: Any) -> Any:
    return e(b(a(x1, x2)), d(c(x2, x3), x3))


def square_first(x1: Any, x2: Any, x3: Any, *, a: Any, b: Any, c: Any, d: Any, e: Any) -> Any:
    return e(d(b(a(x1, x2)), x3), c(x2, x3))


ORDERS = {"sum": sum_first, "product": product_first, "square": square_first}
TARGETS = {
    "of the paper": target,
    "with other signs": lambda x1, x2, x3: (x1 - x2) ** 2 - x2 * x3 + x3,
    "with two fillings": lambda x1, x2, x3: (x1 + x2) ** 2 + x2 + x3 - x3,
    "with none": lambda x1, x2, x3: (x1 + x2) ** 2 + x2 * x3 * x3,
}


def by_sympy(graph: Any, wanted: Any) -> list[tuple[str, ...]]:
    """All fillings by brute force."""
    x = sp.symbols("x1 x2 x3")
    found = []
    for labels in itertools.product(BY_SYMPY, repeat=4):
        a, c, d, e = (BY_SYMPY[label] for label in labels)
        made = graph(*x, a=a, b=lambda y: y**2, c=c, d=d, e=e)
        if sp.expand(made - wanted(*x)) == 0:
            found.append(labels)
    return found


@pytest.mark.parametrize("order", ORDERS)
@pytest.mark.parametrize("of", TARGETS)
def test_fillings_are_those_of_brute_force(order: str, of: str) -> None:
    found = cr.fill_blanks(ORDERS[order], TARGETS[of], SIGNS)
    labels = [(one["a"], one["c"], one["d"], one["e"]) for one in found]
    assert labels == by_sympy(ORDERS[order], TARGETS[of])
    assert all(one["b"] == "square" and one.proved for one in found)
    assert found.unique == (len(labels) == 1)
    assert bool(found.because) == (not labels)


def test_what_is_printed() -> None:
    text = str(cr.fill_blanks(sum_first, target, SIGNS))
    assert text.splitlines() == [
        "Fill a, c, d, e with +, -, *; b with square",
        "  target  (x1 + x2) ** 2 + x2 * x3 - x3",
        "  tried   81 fillings; 80 differ at x1 = -4, x2 = 7/3, x3 = 3/2",
        "unique",
        "  a = +, b = square, c = *, d = +, e = -",
        "    (x1 + x2) ** 2 + x2 * x3 - x3, the same in symbols",
    ]


def test_why_there_is_none() -> None:
    found = cr.fill_blanks(sum_first, TARGETS["with none"], SIGNS)
    (reason,) = found.because
    assert re.fullmatch(
        r"at x1 = -4, .* the target is [-\d/]+, which is none of the \d+ .*", reason
    )
    assert found.verdict == "none"
    with pytest.raises(ArgumentError, match="there is not one filling: none"):
        _ = found.only


def test_a_blank_that_no_op_fits() -> None:
    found = cr.fill_blanks(lambda x, y, *, a: a(x, y), lambda x, y: x, [cr.exp])
    assert found.because == ("a has 2 operands, and no op takes so many",)
    assert "tried   0 fillings" in str(found)


def test_several_fillings_are_all_told() -> None:
    found = cr.fill_blanks(product_first, TARGETS["with two fillings"], SIGNS)
    assert (found.verdict, len(found)) == ("2 fillings", 2)
    assert [dict(one) for one in found] == [one["ops"] for one in found.to_dict()["fillings"]]
    with pytest.raises(ArgumentError, match="there is not one filling: 2 fillings"):
        _ = found.only


def test_fillings_are_json() -> None:
    found = cr.fill_blanks(square_first, target, SIGNS)
    data = json.loads(json.dumps(found.to_dict()))
    assert data["verdict"] == "unique" and data["tried"] == 81 and data["differ"] == [80, 0, 0]
    assert data["fillings"] == [{
        "ops": {"a": "+", "b": "square", "c": "*", "d": "-", "e": "+"},
        "formula": "(x1 + x2) ** 2 - x3 + x2 * x3", "proved": True,
    }]  # fmt: skip


def test_a_target_in_symbols() -> None:
    x, y = cr.symbols("x y")
    found = cr.fill_blanks(lambda x, y, *, a, b: b(a(x, y), y), x * y + y, SIGNS)
    assert dict(found.only) == {"a": "*", "b": "+"}


def test_matrices_and_what_stands_in_a_blank() -> None:
    found = cr.fill_blanks(
        lambda W, x, *, a, b: b(a(W, x)), lambda W, x: (W @ x).relu(),
        a=[cr.matmul, cr.mul, cr.add], b=[cr.relu, cr.exp], inputs={"W": (2, 2), "x": 2},
    )  # fmt: skip
    assert dict(found.only) == {"a": "matmul", "b": "relu"}


def test_functions_that_are_not_polynomials() -> None:
    found = cr.fill_blanks(
        lambda x, y, *, a, b: b(a(x), y), lambda x, y: (x * y).exp(),
        [cr.exp, cr.log, cr.pow, cr.mul],
    )  # fmt: skip
    assert dict(found.only) == {"a": "exp", "b": "pow"}
    root = cr.fill_blanks(lambda x, *, a, b: b(a(x)), lambda x: x.abs(), [cr.square, cr.sqrt])
    assert dict(root.only) == {"a": "square", "b": "sqrt"} and root.only.proved


def test_a_target_that_wants_positive_numbers() -> None:
    found = cr.fill_blanks(lambda x, y, *, a: a(x, y).log(), lambda x, y: x.log() + y.log(), SIGNS)
    assert dict(found.only) == {"a": "*"}


def test_what_is_open_in_symbols_is_said() -> None:
    found = cr.fill_blanks(lambda x, *, a: a(x.abs()), lambda x: x.abs(), [cr.relu])
    assert not found.only.proved
    assert "the same at all points; in symbols it stays open" in str(found)


@pytest.mark.parametrize(
    ("call", "told"),
    [
        (lambda: cr.fill_blanks(3, target, SIGNS), "fills a function, not int"),
        (lambda: cr.fill_blanks(target, target, SIGNS), "3 inputs and 0 blanks"),
        (lambda: cr.fill_blanks(lambda *, a: a, target, SIGNS), "0 inputs and 1 blank"),
        (lambda: cr.fill_blanks(sum_first, 3, SIGNS), "the target is int"),
        (lambda: cr.fill_blanks(sum_first, target, []), r"'ops' is \[\]"),
        (lambda: cr.fill_blanks(sum_first, target, SIGNS, a=3), "'a' is 3"),
        (lambda: cr.fill_blanks(sum_first, target, SIGNS, z=[cr.add]), "no blank 'z'"),
        (lambda: cr.fill_blanks(sum_first, target, SIGNS, inputs={"y": 2}), "no input 'y'"),
        (lambda: cr.fill_blanks(sum_first, target, SIGNS, inputs={"x1": 0}), "has the shape 0"),
        (lambda: cr.fill_blanks(sum_first, target, SIGNS, limit=80), "81 fillings"),
        (lambda: cr.fill_blanks(sum_first, lambda *x: 3, SIGNS), "the target gave int"),
        (lambda: cr.fill_blanks(lambda x, *, a: 3, lambda x: x, SIGNS), "the graph gave int"),
    ],
)  # fmt: skip
def test_what_is_no_question(call: Any, told: str) -> None:
    with pytest.raises(ArgumentError, match=told):
        call()
