"""A paper as text, read and not run: what is given, what is asked, what was published."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from chainrule.papers.paper import Asked, Code, Given, Paper, Part, Question
from chainrule.papers.printing.statement import clean
from chainrule.papers.wording import counted, written


def outline(paper: Paper) -> str:
    """The whole paper as text; nothing of it is run.

    >>> from chainrule.papers.paper import Asked
    >>> asked = Asked("exact", 9, values={"": Code("2 * k", 10)}, published="6")
    >>> question = Question(
    ...     "1",
    ...     4,
    ...     "Twice",
    ...     "What is 2k?",
    ...     {"k": Given("k", 3, 6)},
    ...     (),
    ...     {},
    ...     (Part("1", 4, "", "", 2.0, (), asked),),
    ... )
    >>> print(outline(Paper("exam.md", "A first paper", "", {}, "", (question,))))
    A first paper
    exam.md: 1 question, 1 part, 2 marks; its Python was not run
    <BLANKLINE>
    1. Twice
      What is 2k?
      given      k = 3
      asked      exact [2 marks], line 9
                 2 * k
      published  6
    """
    return clean("\n".join(_paper(paper)))


def _paper(paper: Paper) -> Iterator[str]:
    yield paper.title
    if paper.source:
        yield paper.source
    yield f"{paper.file}: {size(paper)}; its Python was not run"
    yield from _rows("conventions", _said(paper.conventions), "")
    if paper.introduction:
        yield ""
        yield from paper.introduction.split("\n")
    for question in paper.questions:
        yield ""
        yield from _question(question)


def size(paper: Paper) -> str:
    """How many questions, parts and marks a paper has, in words."""
    words = [counted(len(paper.questions), "question"), counted(len(paper.parts), "part")]
    marks = [part.marks for part in paper.parts if part.marks is not None]
    return ", ".join(words + [counted(sum(marks), "mark")] * bool(marks))


def _question(question: Question) -> Iterator[str]:
    yield f"{question.id}. {question.title}".rstrip() + _marks(question.marks)
    yield from _indented(question.statement, 2)
    yield from _rows("given", map(given_text, question.givens.values()))
    yield from _rows("conventions", _said(question.conventions))
    yield from _rows("defined", map(_lines, question.definitions))
    for part in question.parts:
        if part.id != question.id:
            yield ""
            yield f"  {part.id} {part.title}".rstrip()
        yield from _part(part)


def _part(part: Part) -> Iterator[str]:
    yield from _indented(part.statement, 2)
    yield from _rows("defined", map(_lines, part.definitions))
    asked = part.asked
    yield from _rows("asked", [f"{asked.kind}{_marks(part.marks)}, line {asked.line}"])
    yield from _rows("", _asked(asked))
    for word, text in (("waits", asked.derivation), ("waits", asked.experiment)):
        yield from _rows(word, text.split("\n") if text else [])
    if asked.published is not None:
        yield from _rows("published", [written(asked.published)])


def _asked(asked: Asked) -> Iterator[str]:
    """Its expressions, as they stand in the file."""
    for label, code in asked.values.items():
        yield _labelled(label, code)
    for reading, codes in asked.readings.items():
        for label, code in codes.items():
            yield _labelled(f"{reading}, {label}".rstrip(", "), code)
    for option in asked.options:
        yield f"{option.letter}  {option.says}: {_short(option.holds)}"
    for label, code in asked.claims.items():
        yield _labelled(label, code)
    for label, code in asked.also.items():
        yield f"also {_labelled(label, code)}"


def _labelled(label: str, code: Code) -> str:
    return f"{label}: {_short(code)}" if label else _short(code)


def _short(code: Code) -> str:
    return " ".join(code.text.split())


def given_text(given: Given) -> str:
    """A given on one line: its name and value, what else it could be, and what it is.

    >>> given_text(Given("lr", [1, 2], 3, says="the learning rates"))
    'lr = [1, 2]: the learning rates'
    """
    if given.form == "value":
        text = f"{given.name} = {written(given.value)}"
    else:
        word = {"symbol": "unknown", "symbols": "unknown", "letter": "a size"}[given.form]
        said = [name for name, holds in given.assumptions.items() if holds]
        text = f"{given.name} = {written(given.value)}, {' '.join([*said, word])}"
    if given.range is not None:
        text += f" (from {given.range})"
    return f"{text}: {given.says}" if given.says else text


def _said(conventions: Mapping[str, Any]) -> list[str]:
    return [f"{name}: {written(value)}" for name, value in conventions.items()]


def _lines(code: Code) -> str:
    last = code.line + code.text.count("\n")
    where = f"line {code.line}" if last == code.line else f"lines {code.line} to {last}"
    return f"by Python, {where}"


def _marks(marks: float | None) -> str:
    return "" if marks is None else f" [{counted(marks, 'mark')}]"


def _indented(text: str, by: int) -> Iterator[str]:
    for line in text.split("\n") if text else ():
        yield f"{' ' * by}{line}".rstrip()


def _rows(word: str, lines: Any, indent: str = "  ") -> Iterator[str]:
    for i, line in enumerate(lines):
        yield f"{indent}{'' if i else word:<10} {line}".rstrip()
