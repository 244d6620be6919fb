"""Other values for givens: the same question with other numbers."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import replace
from decimal import Decimal
from fractions import Fraction
from typing import Any

from chainrule.core.errors import ArgumentError
from chainrule.papers.expressions import Tree
from chainrule.papers.paper import Given, Paper, Part, Question


def changed(paper: Paper, givens: Mapping[str, Mapping[str, Any]]) -> tuple[Question, ...]:
    """The questions of the paper with other values for some givens, by the question's id.

    Raises ArgumentError for a question or a given that is not there, and for a value of another
    form: a word for a number, another shape of a tensor.
    """
    questions = {question.id: question for question in paper.questions}
    for id, values in givens.items():
        if id not in questions:
            raise ArgumentError(f"the paper has no question {id!r}", expected=", ".join(questions))
        question = questions[id]
        new = dict(question.givens)
        for name, value in values.items():
            if name not in new:
                raise ArgumentError(
                    f"question {id} has no given {name!r}", expected=", ".join(new) or "none"
                )
            new[name] = other(new[name], value)
        questions[id] = replace(question, givens=new)
    return tuple(questions.values())


def comparable(part: Part, before: Question, after: Question) -> bool:
    """Whether what was published is still an answer: no given is another that the answer of the
    part depends on."""
    return all(
        given == before.givens[name] or name in part.asked.unaffected
        for name, given in after.givens.items()
    )


def other(given: Given, value: Any) -> Given:
    """The given with another value of the same form; a number for a symbol or a letter, too.

    >>> other(Given("k", 3, 7), 5).value
    5
    """
    value = _exact(value)
    if given.form == "symbol":
        _number(given, value)
        return replace(given, form="tensor", value=value)
    if given.form == "symbols":
        _same(given, given.value, value, number=True)
        return replace(given, form="tensor", value=value)
    if given.form == "letter":
        if type(value) is not int or value < 1:
            raise _wrong(given, value, "a size: a whole number from 1")
        return replace(given, form="value", value=value)
    _same(given, given.value, value)
    return replace(given, value=value)


def _exact(value: Any) -> Any:
    """Floats by their shortest decimal form, tuples as lists."""
    if isinstance(value, list | tuple):
        return [_exact(part) for part in value]
    if isinstance(value, float | Decimal) and math.isfinite(value):
        value = Fraction(str(value))
    if isinstance(value, Fraction) and value.denominator == 1:
        return int(value)
    return value


def _same(given: Given, before: Any, value: Any, number: bool = False) -> None:
    """Refuse a value of another form; each entry is to be a ``number``, whatever it was before."""
    if isinstance(before, list):
        if not isinstance(value, list) or len(value) != len(before):
            raise _wrong(given, value, f"a list of {len(before)} entries")
        for one, another in zip(before, value, strict=True):
            _same(given, one, another, number)
    elif isinstance(before, bool | str) and not number:
        if type(value) is not type(before):
            raise _wrong(given, value, "true or false" if isinstance(before, bool) else "a word")
    else:
        _number(given, value)


def _number(given: Given, value: Any) -> None:
    if not isinstance(value, int | Fraction | Tree) or isinstance(value, bool):
        raise _wrong(given, value, "a number")


def _wrong(given: Given, value: Any, expected: str) -> ArgumentError:
    return ArgumentError(f"{given.name} cannot be {value!r}", expected=expected)
