"""The blocks of a paper put together: questions, their parts, and what belongs to which."""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

from chainrule.papers.errors import PaperError
from chainrule.papers.paper import Asked, Code, Given, Paper, Part, Question
from chainrule.papers.reading.answers import Scope, answer
from chainrule.papers.reading.blocks import Block, blocks, visible
from chainrule.papers.reading.code import LARGEST, defined, definitions, missing
from chainrule.papers.reading.givens import conventions, front, given
from chainrule.papers.reading.yaml import Budget, read

MOST, WRONG = 1000, 50
"""How many questions and parts a paper may have; after how many problems nobody reads on."""

_QUESTION = re.compile(r"(?:(\d{1,3}|[A-Z])[.)]|(\d{1,3}))(?:\s+(.*))?", re.DOTALL)
_PART = re.compile(r"\(([A-Za-z0-9]+(?:-[A-Za-z0-9]+)*)\)(?:\s+(.*))?", re.DOTALL)
_MARKS = re.compile(
    r"\[\s*(\d{1,4}(?:\.\d{1,2})?)\s*(?:marks?|points?|pts?\.?|p)?\s*\]\s*$", re.IGNORECASE
)
_LIKE_MARKS = re.compile(
    r"\[[^\[\]]*\b(?:marks?|points?|pts?|Punkte?)\.?\s*\]"
    r"|[\d½¼¾]\s*(?:marks?|pts?|Punkte?)\.?\s*[\])]?\s*$",
    re.IGNORECASE,
)
"""Marks; and what is meant as marks, and would stand in the title."""


@dataclass
class _Draft:
    """A question or a part while its blocks come in."""

    id: str
    line: int
    title: str
    marks: float | None
    prose: list[str] = field(default_factory=list)
    code: list[Code] = field(default_factory=list)
    answers: list[Block] = field(default_factory=list)
    names: set[str] = field(default_factory=set)
    complete: bool = True
    """The names that its definitions bind, and whether these are all of them."""

    @property
    def statement(self) -> str:
        return "\n\n".join(self.prose)


@dataclass
class _Whole(_Draft):
    """A question: also with givens, conventions and parts."""

    givens: dict[str, Given] = field(default_factory=dict)
    given_names: list[str] = field(default_factory=list)
    conventions: dict[str, Any] = field(default_factory=dict)
    parts: list[_Draft] = field(default_factory=list)


class Reader:
    """Reads one paper; ``problems`` collects what is wrong with it."""

    def __init__(self, file: str) -> None:
        self.file, self.problems, self.budget = file, list[PaperError](), Budget()
        self.ids: dict[str, int] = {}
        self.python = 0
        self.introduction: list[str] = []
        self.questions: list[_Whole] = []
        self.part: _Draft | None = None
        self.lost = False
        """Whether the last heading was not understood: what stands below it is not looked at."""

    def error(self, fact: str, line: int, **more: str | None) -> PaperError:
        """A PaperError of this file."""
        return PaperError(fact, file=self.file, line=line, **more)

    @contextmanager
    def collecting(self) -> Iterator[None]:
        """Go on after a problem: what follows may have others."""
        try:
            yield
        except PaperError as problem:
            self.problems.append(problem)

    def paper(self, text: str) -> Paper | None:
        """The paper, or None where there are problems; raises PaperError for what is no paper."""
        found = blocks(text, self.file)
        if not found or found[0].kind != "front":
            raise self.error("the paper has no front matter", 1,
                             hint="it begins with the lines --- and title: … and ---")  # fmt: skip
        head: dict[str, Any] = {}
        with self.collecting():
            visible(found[0], self.file)
            head = front(read(found[0].text, self.file, found[0].line, self.budget), self.file)
        for block in found[1:]:
            with self.collecting():
                self.take(block)
            if len(self.problems) >= WRONG:
                return None
        if not self.questions and not self.problems:
            raise self.error("the paper has no question", 1, hint="a heading opens one: # 1. Title")
        questions = tuple(map(self.question, self.questions))
        if self.problems:
            return None
        return Paper(
            self.file,
            head["title"],
            head.get("source", ""),
            head["conventions"],
            "\n\n".join(self.introduction),
            questions,
            head.get("language", ""),
        )

    def take(self, block: Block) -> None:
        """Put a block where it belongs."""
        if block.kind == "heading":
            self.open(block)
        elif self.lost:
            return
        elif block.kind == "prose":
            place = self.part or (self.questions[-1] if self.questions else None)
            (place.prose if place else self.introduction).append(block.text)
        else:
            self.fence(block)

    def open(self, block: Block) -> None:
        """A question, or a part."""
        self.lost = True
        title, marks = block.text, None
        if found := _MARKS.search(title):
            title, marks = title[: found.start()], float(found[1])
        elif found := _LIKE_MARKS.search(title):
            self.problems.append(self.error(
                "the marks of a heading are not read", block.line, got=found[0][:60],
                expected="[2 marks] or [2.5 marks] at its end",
            ))  # fmt: skip
        if block.level == 1:
            if not (opened := _QUESTION.fullmatch(title.strip())):
                raise self.error(
                    "a heading opens no question",
                    block.line,
                    got=block.text[:60],
                    expected="# 3. Title",
                    hint="the title of the paper stands in "
                    "the front matter; headings in a text are ### or smaller",
                )
            id = opened[1] or opened[2]
            self.new(id, block.line, "question")
            self.questions.append(_Whole(id, block.line, opened[3] or "", marks))
            self.part, self.lost = None, False
            return
        if not (opened := _PART.fullmatch(title.strip())):
            nested = re.match(r"\((\w+)\)\s*\((\w+)\)", title.strip())
            raise self.error(
                "a heading opens no part", block.line, got=block.text[:60],
                expected="## (a) Title [2 marks]",
                hint=f"a part of a part: ## ({nested[1]}-{nested[2]}) Title" if nested else None,
            )  # fmt: skip
        if not self.questions:
            raise self.error("a part stands before the first question", block.line,
                             hint="a heading opens a question: # 1. Title")  # fmt: skip
        question = self.questions[-1]
        id = f"{question.id}{opened[1]}"
        self.new(id, block.line, "part")
        self.part = _Draft(id, block.line, opened[2] or "", marks)
        question.parts.append(self.part)
        self.lost = False

    def new(self, id: str, line: int, what: str) -> None:
        """Take an id for a question or a part: each stands for one."""
        if id in self.ids:
            raise self.error(f"the {what} {id} opens twice", line,
                             hint=f"it opened on line {self.ids[id]} already")  # fmt: skip
        self.ids[id] = line
        if len(self.ids) > MOST:
            raise self.error(f"the paper has more than {MOST} questions and parts", line)

    def fence(self, block: Block) -> None:
        """Givens, conventions, definitions, an answer."""
        visible(block, self.file)
        if not self.questions:
            raise self.error(
                f"a fence {block.info!r} stands before the first question",
                block.line - 1,
                hint="conventions of the whole paper stand in the front matter"
                if block.info == "yaml conventions"
                else "a heading opens a question: # 1. Title, with a space behind the #",
            )
        question, draft = self.questions[-1], self.part or self.questions[-1]
        if block.info == "python":
            self.define(draft, Code(block.text, block.line))
        elif block.info == "yaml answer":
            draft.answers.append(block)
        else:
            with self.known_in_part(question):
                node = read(block.text, self.file, block.line, self.budget)
            if block.info == "yaml givens":
                for name, item in node.items.items():
                    question.given_names.append(name)  # also where its value is wrong
                    with self.collecting():
                        before = question.givens.values()
                        found = given(node.keys[name], item, before, self.file)
                        question.givens[name] = found
            elif self.part:
                raise self.error(
                    "conventions stand in a part",
                    block.line - 1,
                    hint="they hold for a question: write them above its parts",
                )
            else:
                question.conventions |= conventions(node, self.file)

    def define(self, draft: _Draft, code: Code) -> None:
        """Definitions, and the names that they bind."""
        self.python += len(code.text)
        if self.python > LARGEST:
            raise self.error("the paper has too much Python", code.line,
                             expected=f"at most {LARGEST} characters")  # fmt: skip
        with self.known_in_part(draft):
            names, complete = defined(definitions(code, self.file))
        draft.code.append(code)
        draft.names |= names
        draft.complete &= complete

    @contextmanager
    def known_in_part(self, draft: _Draft) -> Iterator[None]:
        """Where givens or definitions are wrong, a missing name is no problem of its own."""
        try:
            yield
        except PaperError:
            draft.complete = False
            raise

    def question(self, draft: _Whole) -> Question:
        """The question, with those of its parts that have no problem."""
        parts: list[Part] = []
        self.whole(draft)
        with self.collecting():
            if draft.parts and draft.answers:
                raise self.error(
                    f"question {draft.id} has an answer of its own, and parts",
                    draft.answers[0].line - 1,
                    hint="write ## (a) above it",
                )
        if not draft.parts:
            whole = _Draft(draft.id, draft.line, "", draft.marks, answers=draft.answers)
            parts = [*filter(None, [self.asking(draft, whole)])]
        else:
            parts = [*filter(None, (self.asking(draft, part) for part in draft.parts))]
        return Question(
            draft.id,
            draft.line,
            draft.title,
            draft.statement,
            draft.givens,
            tuple(draft.code),
            draft.conventions,
            tuple(parts),
            draft.marks,
        )

    def whole(self, draft: _Whole) -> None:
        """What only the whole question shows: names that nothing defines, marks that do not add
        up."""
        inside = {name for part in draft.parts for name in part.names}
        known = {*draft.given_names, *draft.names}
        if draft.complete and all(part.complete for part in draft.parts):
            self.problems += missing(draft.code, known | inside, self.file)
            for part in draft.parts:
                self.problems += missing(part.code, known | part.names, self.file)
        marks = [part.marks for part in draft.parts if part.marks is not None]
        known_all = len(marks) == len(draft.parts) > 0 and draft.marks is not None
        if known_all and sum(marks) != draft.marks and not self.problems:
            fact = f"question {draft.id} has {draft.marks:g} marks, and its parts {sum(marks):g}"
            self.problems.append(self.error(fact, draft.line))

    def asking(self, question: _Whole, draft: _Draft) -> Part | None:
        """The part with its answer read; None where it has problems."""
        with self.collecting():
            asked = self.answer(question, draft)
            return Part(draft.id, draft.line, draft.title, draft.statement, draft.marks,
                        tuple(draft.code), asked)  # fmt: skip
        return None

    def answer(self, question: _Whole, draft: _Draft) -> Asked:
        """What the part asks; a part has one answer."""
        if not draft.answers:
            raise self.error(f"part {draft.id} asks for nothing: it has no answer", draft.line,
                             hint="a fence ```yaml answer says what is asked for")  # fmt: skip
        if len(draft.answers) > 1:
            raise self.error(f"part {draft.id} has two answers", draft.answers[1].line - 1,
                             hint=f"the first is on line {draft.answers[0].line - 1}")  # fmt: skip
        block = draft.answers[0]
        known = {*question.given_names, *question.names, *draft.names}
        complete = question.complete and draft.complete
        node = read(block.text, self.file, block.line, self.budget)
        return answer(node, block.line - 1, Scope(self.file, known, complete, question.given_names))
