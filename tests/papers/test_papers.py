"""All papers: every part is there, its answer is the verified one, and it is computed: it changes
with what it depends on, and with nothing else."""

from __future__ import annotations

import random
import re
from collections.abc import Iterator
from dataclasses import replace
from decimal import ROUND_HALF_UP, Decimal
from fractions import Fraction
from functools import cache
from pathlib import Path
from typing import Any

import pytest
import sympy as sp
from ruamel.yaml import YAML

from chainrule.papers.paper import Part, Question
from chainrule.papers.ranges import other
from chainrule.papers.solution import PartSolution
from tests.papers.here import IDS, ROOT, Here, file_of, paper, solved

VERIFIED = Path(__file__).parent / "verified"
FIGURES = Path(__file__).parent / "figures.txt"
PAPERS = [number for number in IDS if any((ROOT / "papers").glob(f"{number}-*.md"))]
TRIES = 6
"""A given that should change an answer has so many other values to do it."""

by_paper = pytest.mark.parametrize("number", PAPERS)
by_part = pytest.mark.parametrize(
    ("number", "id"), [(number, id) for number in PAPERS for id in IDS[number].split()]
)


@cache
def base(number: str) -> dict[str, PartSolution]:
    """The paper as it stands, solved."""
    return {one.id: one for one in paper(number).solve(executor=Here()).parts}


def part_of(number: str, id: str) -> tuple[Question, Part]:
    for question in paper(number).questions:
        for part in question.parts:
            if part.id == id:
                return question, part
    raise AssertionError(f"paper {number} has no part {id}")


# -- every part is there ---------------------------------------------------------------------------


@by_paper
def test_every_part_is_there(number: str) -> None:
    assert [part.id for part in paper(number).parts] == IDS[number].split()


@by_paper
def test_every_part_is_answered_or_says_what_it_waits_for(number: str) -> None:
    for one in base(number).values():
        assert one.status in ("answered", "waits"), f"{one.id}: {one.error}"
        asked = one.part.asked
        assert bool(one.waits_for) == bool(asked.derivation or asked.experiment)


# -- the answers are the verified ones -------------------------------------------------------------


@cache
def verified(number: str) -> dict[str, Any]:
    return YAML(typ="safe", pure=True).load(VERIFIED / f"{number}.yaml")


@by_part
def test_the_answer_is_the_verified_one(number: str, id: str) -> None:
    found = base(number)[id]
    if found.status == "waits":
        assert id not in verified(number)
        return
    assert found.status == "answered", found.error
    wanted = verified(number)[id]
    got = found.answer
    if wanted is True and isinstance(got, dict):  # all claims hold
        wanted = dict.fromkeys(got, True)
    if found.readings and isinstance(wanted, dict) and set(wanted) == set(found.readings):
        got = {label: plain(reading) for label, reading in found.readings.items()}
    faults = list(differences(got, wanted, found.part.asked.decimals, found.part.asked.figures))
    assert not faults, faults


def plain(values: Any) -> Any:
    """Values by label as plain data."""
    return values[""].data if set(values) == {""} else {k: v.data for k, v in values.items()}


def differences(got: Any, wanted: Any, decimals: Any, figures: Any, at: str = "") -> Iterator[str]:
    """Where two answers differ: numbers are rounded as was asked, formulas are to be equal."""
    if isinstance(wanted, dict) and isinstance(got, dict):
        if list(got) != list(wanted):
            yield f"{at}: labels {list(got)}, not {list(wanted)}"
        for label in wanted.keys() & got.keys():
            yield from differences(got[label], wanted[label], decimals, figures, f"{at}.{label}")
    elif isinstance(wanted, list) and isinstance(got, list):
        if len(got) != len(wanted):
            yield f"{at}: {len(got)} entries, not {len(wanted)}"
        for i, (a, b) in enumerate(zip(got, wanted, strict=False)):
            yield from differences(a, b, decimals, figures, f"{at}[{i}]")
    elif not same(got, wanted, decimals, figures):
        yield f"{at}: {got!r}, not {wanted!r}"


def same(got: Any, wanted: Any, decimals: int | None, figures: int | None) -> bool:
    if got == wanted or str(got) == str(wanted):
        return True
    if isinstance(got, bool | dict | list) or isinstance(wanted, bool | dict | list):
        return False
    a, b = number_of(got), number_of(wanted)
    if a is None or b is None:
        return formulas_equal(str(got), str(wanted))
    if isinstance(got, float) and decimals is None and figures is None:
        return abs(a - b) <= abs(b) * Fraction(1, 10**9)
    if figures is not None:
        decimals = figures - 1 - Decimal(str(float(b) or 1)).adjusted()
    return rounded(a, decimals) == rounded(b, decimals)


def number_of(value: Any) -> Fraction | None:
    try:
        return Fraction(str(value))
    except ValueError:
        return None


def rounded(value: Fraction, decimals: int | None) -> Any:
    if decimals is None:
        return value
    exact = Decimal(value.numerator) / Decimal(value.denominator)
    return exact.quantize(Decimal(1).scaleb(-decimals), ROUND_HALF_UP) + 0  # no minus zero


def formulas_equal(got: str, wanted: str) -> bool:
    """Whether two formulas of positive numbers are equal; of other texts, never."""
    texts = [text.replace("σ'", "slope").replace("^", "**") for text in (got, wanted)]
    names = re.findall(r"[^\W\d]\w*(?!\w*\()", " ".join(texts))
    try:
        a, b = (
            sp.sympify(text, {name: sp.Symbol(name, positive=True) for name in names})
            for text in texts
        )
        return bool(sp.simplify(a - b) == 0)
    except (sp.SympifyError, TypeError, SyntaxError, AttributeError):
        return False


DIFFERS = {
    "0": "1c 5c",
    "2": "3",
    "4": "1a-ii 1a-iv 1b-i 1b-ii 2b 2c 2d 2e 2f 4c-ii",
}
"""Where what was published is wrong, as an independent program found; all the rest is right."""


@by_paper
def test_answers_differ_from_the_published_ones_where_those_are_wrong(number: str) -> None:
    wrong = DIFFERS.get(number, "").split()
    for one in base(number).values():
        if one.part.asked.published is not None and one.status == "answered":
            wanted = "differs" if one.id in wrong else "agrees"
            assert one.agreement == wanted, f"{one.id}: {one.because}"


@by_paper
def test_answers_come_from_graphs(number: str) -> None:
    """At most one part in ten builds none."""
    answers = [one for one in base(number).values() if one.status == "answered"]
    without = [one.id for one in answers if one.ops == 0]
    assert 10 * len(without) <= len(IDS[number].split()), without


# -- they are computed -----------------------------------------------------------------------------


def computed(found: PartSolution) -> Any:
    """All that a part gives as its answer, in every reading."""
    return found.answer, {label: plain(reading) for label, reading in found.readings.items()}


def changed(number: str, id: str, givens: dict[str, Any]) -> bool:
    """Whether other givens change an answer; they may not make it fail."""
    found = solved(number, id, givens)
    assert found.status == "answered", f"{id} with {givens}: {found.error}"
    return computed(found) != computed(base(number)[id])


def draws(number: str, id: str, names: list[str], tries: int) -> Iterator[dict[str, Any]]:
    """Other values for some givens of a part, the same whenever the tests run."""
    question, _ = part_of(number, id)
    generator = random.Random(f"{number} {id} {' '.join(names)}")
    for _ in range(tries):
        yield {name: other(question.givens[name], generator) for name in names}


@by_part
def test_what_an_answer_depends_on_changes_it(number: str, id: str) -> None:
    question, part = part_of(number, id)
    if part.asked.derivation or part.asked.experiment:
        pytest.skip("waits")
    for name, given in question.givens.items():
        if given.range is not None and name not in part.asked.unaffected:
            tried = list(draws(number, id, [name], TRIES))
            assert any(changed(number, id, one) for one in tried), f"{name} as in {tried}"


@by_part
def test_what_an_answer_does_not_depend_on_leaves_it(number: str, id: str) -> None:
    question, part = part_of(number, id)
    if part.asked.derivation or part.asked.experiment:
        pytest.skip("waits")
    unaffected = [n for n in part.asked.unaffected if question.givens[n].range is not None]
    for givens in draws(number, id, unaffected, 1 if unaffected else 0):
        assert not changed(number, id, givens), givens


@pytest.mark.slow
@by_part
def test_what_an_answer_does_not_depend_on_one_by_one(number: str, id: str) -> None:
    question, part = part_of(number, id)
    if part.asked.derivation or part.asked.experiment:
        pytest.skip("waits")
    for name in part.asked.unaffected:
        if question.givens[name].range is not None:
            for givens in draws(number, id, [name], 3):
                assert not changed(number, id, givens), givens


CHOICES = [
    (number, part.id) for number in PAPERS for part in paper(number).parts if part.asked.options
]


@pytest.mark.parametrize(("number", "id"), CHOICES)
def test_the_letter_goes_with_the_option(number: str, id: str) -> None:
    """With the texts and predicates of the options moved on by one letter, so is the answer."""
    question, part = part_of(number, id)
    options = part.asked.options
    letters = [option.letter for option in options]
    moved = tuple(
        replace(option, letter=letter)
        for option, letter in zip(options, [*letters[1:], letters[0]], strict=True)
    )
    moved = tuple(sorted(moved, key=lambda option: letters.index(option.letter)))
    other_part = replace(part, asked=replace(part.asked, options=moved))
    parts = tuple(other_part if one is part else one for one in question.parts)
    written = paper(number)
    questions = tuple(replace(q, parts=parts) if q is question else q for q in written.questions)
    found = replace(written, questions=questions).solve([id], executor=Here())[id].answer
    before = base(number)[id].answer
    on = dict(zip(letters, [*letters[1:], letters[0]], strict=True))
    expected = sorted(map(on.get, before)) if isinstance(before, list) else on.get(before, before)
    assert found == expected


# -- and never typed in ----------------------------------------------------------------------------


def literals(text: str) -> Iterator[str]:
    """The numbers in a text, without what groups their digits."""
    for found in re.finditer(r"(?<![\w.])\d[\d_,]*(?:\.\d+)?(?![\w])", text):
        yield re.sub(r"[_,]", "", found[0])


def without_published(text: str) -> str:
    """A paper without what it says was printed: from `published:` to the end of the fence."""
    return re.sub(r"^published:.*?^```", "```", text, flags=re.DOTALL | re.MULTILINE)


def test_no_figure_of_an_answer_is_typed_in() -> None:
    figures = set(FIGURES.read_text().split())
    sources = {file: file.read_text() for file in sorted((ROOT / "chainrule").rglob("*.py"))}
    sources |= {file_of(n): without_published(file_of(n).read_text()) for n in PAPERS}
    found = {
        f"{file.relative_to(ROOT)}: {figure}"
        for file, text in sources.items()
        for figure in figures & set(literals(text))
    }
    assert not found


def test_a_typed_figure_would_be_found() -> None:
    text = "total: 1_234_567\npublished: 98765.5\nmore: 4\n```\n98,765 at 12.5"
    assert set(literals(without_published(text))) == {"1234567", "98765", "12.5"}
