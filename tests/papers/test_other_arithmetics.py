"""Papers in floats and in decimals: an answer is the exact one, or it is refused with a reason."""

from __future__ import annotations

import random
from collections.abc import Iterator
from typing import Any

import pytest
import sympy as sp

from chainrule.papers.ranges import other
from chainrule.papers.solution import PartSolution
from tests.papers.here import IDS, paper, solved

PARTS = [
    (number, id)
    for number, ids in IDS.items()
    for id in ids.split()
    if not (paper(number).part(id).asked.derivation or paper(number).part(id).asked.experiment)
]
REFUSALS = (
    "an entry has no value in float64",  # a letter
    "it has no values in floats",  # a function that nobody has chosen
    "is no number yet",
    "has no value in decimal",  # 0 / 0, where a rounded number is 0
)


def values(found: PartSolution) -> dict[str, Any]:
    """All that stands in the solution, by its place."""
    placed = {f"value {label}": value.data for label, value in found.values.items()}
    placed |= {f"also {label}": value.data for label, value in found.also.items()}
    for reading, of_it in found.readings.items():
        placed |= {f"{reading} {label}": value.data for label, value in of_it.items()}
    return placed


def differences(got: Any, exact: Any, tolerance: float, at: str) -> Iterator[str]:
    """Where two answers differ; numbers, and those in formulas, by more than so much."""
    if isinstance(exact, dict) and isinstance(got, dict):
        for key in exact.keys() | got.keys():
            yield from differences(got.get(key), exact.get(key), tolerance, f"{at}.{key}")
    elif isinstance(exact, list) and isinstance(got, list) and len(exact) == len(got):
        for i, (a, b) in enumerate(zip(got, exact, strict=True)):
            yield from differences(a, b, tolerance, f"{at}[{i}]")
    elif str(got) != str(exact) and not near(got, exact, tolerance):
        yield f"{at}: {got!r}, not {exact!r}"


def near(got: Any, exact: Any, tolerance: float) -> bool:
    """Whether numbers, formulas or inequalities are nearly the same."""
    if isinstance(got, bool) or isinstance(exact, bool):
        return False
    sides = [str(one).split(" < ") for one in (got, exact)]
    if len(sides[0]) != len(sides[1]):
        return False
    return all(map(formulas_near, *sides, [tolerance] * len(sides[0])))


def formulas_near(got: str, exact: str, tolerance: float) -> bool:
    try:
        one, two = (sp.sympify(text.replace("'", "_slope")) for text in (got, exact))
        put = {letter: sp.Rational(k + 3, 7) for k, letter in enumerate(sorted(
            one.free_symbols | two.free_symbols, key=str))}  # fmt: skip
        a, b = (complex(sp.N(formula.subs(put))) for formula in (one, two))
    except (sp.SympifyError, SyntaxError, TypeError, AttributeError, ValueError):
        return False
    return abs(a - b) <= tolerance * max(1, abs(b))


def compared(number: str, id: str, givens: dict[str, Any], arithmetic: str, near: float) -> None:
    exact = solved(number, id, givens)
    assert exact.status == "answered", exact.error
    if exact.arithmetic == arithmetic:
        return
    found = solved(number, id, givens, arithmetic=arithmetic)
    if found.status != "answered":
        assert any(one in found.error for one in REFUSALS), found.error
        return
    wanted, got = values(exact), values(found)
    assert list(got) == list(wanted)
    faults = [one for at in wanted for one in differences(got[at], wanted[at], near, at)]
    assert not faults, faults


def draw(number: str, id: str, seed: int) -> dict[str, Any]:
    """Other values for all givens at once."""
    (question,) = (q for q in paper(number).questions if id in {p.id for p in q.parts})
    rng = random.Random(f"{number} {id} {seed}")
    given = {name: one for name, one in question.givens.items() if one.range is not None}
    return {name: other(one, rng) for name, one in given.items()}


@pytest.mark.parametrize(("number", "id"), PARTS)
def test_floats_give_the_exact_answer_or_refuse(number: str, id: str) -> None:
    compared(number, id, {}, "float64", 1e-9)


@pytest.mark.slow
@pytest.mark.parametrize("seed", range(3))
@pytest.mark.parametrize(("number", "id"), PARTS)
def test_floats_with_other_givens(number: str, id: str, seed: int) -> None:
    compared(number, id, draw(number, id, seed), "float64", 1e-9)


@pytest.mark.slow
@pytest.mark.parametrize(("number", "id"), PARTS)
def test_decimals_are_near_the_answer_or_refuse(number: str, id: str) -> None:
    compared(number, id, {}, "decimal(places=6)", 1e-3)


@pytest.mark.slow
@pytest.mark.parametrize("seed", range(3))
@pytest.mark.parametrize(("number", "id"), PARTS)
def test_other_givens_all_at_once_are_answered(number: str, id: str, seed: int) -> None:
    found = solved(number, id, draw(number, id, seed))
    assert found.status == "answered", found.error
