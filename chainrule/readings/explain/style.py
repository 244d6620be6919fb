"""How expressions are written in text: names, values, brackets, notations, functions.

`notation` decides where brackets are needed and asks a style for everything that is seen; the style
of LaTeX is in `style_latex`.
"""

from __future__ import annotations

import re
from abc import ABC, abstractmethod
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from string import Formatter
from typing import Any

import numpy as np

from chainrule.core.names import subscript
from chainrule.readings.explain.attributes import attribute, entries, told
from chainrule.readings.explain.figures import line
from chainrule.readings.explain.terms import Call

ATOM = 100
"""The precedence of what never needs brackets."""
ANY = -100
"""The precedence of what stands in brackets anyway."""
QUOTIENT = 3
"""The precedence of the name ∂J/∂x: a factor as it is, in brackets before ᵀ and **."""


@dataclass(frozen=True)
class Notation:
    """An op's own way of writing: a template, and its precedence.

    ``fields`` are the operands that it has, each with the lowest precedence that needs no brackets
    where it stands, ANY within brackets of the template, None where that is as the op says.
    """

    template: str
    precedence: int
    fields: dict[int, int | None]

    @property
    def between(self) -> str | None:
        """What stands between two operands, where the template is nothing else."""
        inside = self.template.startswith("{0}") and self.template.endswith("{1}")
        return self.template[len("{0}") : -len("{1}")] if inside else None

    @property
    def before(self) -> str | None:
        """What stands before the only operand, where the template is nothing else: a sign."""
        return self.template.removesuffix("{0}") if self.template.endswith("{0}") else None


class Style(ABC):
    """What a formula looks like; each method that gives a pair gives text and precedence."""

    dots: str
    minus_binds: int
    """The lowest precedence of what a minus may stand before without brackets."""

    @abstractmethod
    def name(self, name: str, value: Any) -> tuple[str, int]:
        """A name; ``value`` is for what nobody has named, which is called by its numbers."""

    @abstractmethod
    def value(self, value: Any, decimals: int) -> tuple[str, int]:
        """A value, with the precedence of what it looks like: -1 is a negation, 1/2 a quotient."""

    @abstractmethod
    def filled(self, number: str, shape: tuple[Any, ...]) -> str:
        """A tensor of one number."""

    @abstractmethod
    def bracketed(self, text: str) -> str:
        """In brackets."""

    @abstractmethod
    def turned(self, text: str) -> tuple[str, int]:
        """The transpose of what is an atom."""

    @abstractmethod
    def output(self, text: str, part: str) -> str:
        """An output of an op that has several; `Op.output_text` says what ``part`` is."""

    @abstractmethod
    def named_output(self, part: str, operands: Sequence[str]) -> str:
        """The same, where ``part`` is a template for the operands."""

    @abstractmethod
    def notation(self, made: Call) -> Notation | None:
        """The notation of a call, None where it is written as a function."""

    @abstractmethod
    def function(self, made: Call, operands: list[str]) -> str:
        """A call as a function of its operands."""

    @abstractmethod
    def filled_in(self, notation: Notation, made: Call, operands: list[str]) -> str:
        """The template with operands and attributes."""

    @abstractmethod
    def counted(self, last: str, terms: int) -> str:
        """The last term of a long sum, with how many there are."""


class _Text(Style):
    """As in Python, with ᵀ and bars."""

    dots = "…"
    minus_binds = 4

    def name(self, name: str, value: Any) -> tuple[str, int]:
        return name, ATOM if "/" not in name else QUOTIENT

    def value(self, value: Any, decimals: int) -> tuple[str, int]:
        text = line(value, decimals)
        if text.startswith(("[", "(")) or re.fullmatch(r"[\w.]+(e-\d+)?", text) or _applied(text):
            return text, ATOM
        if re.search(r" [+-] ", text):
            return text, 1
        return text, 2 if re.search("[*/]", text) else 3

    def filled(self, number: str, shape: tuple[Any, ...]) -> str:
        return f"[{number}]{'ₓ'.join(map(subscript, shape))}"

    def bracketed(self, text: str) -> str:
        return f"({text})"

    def turned(self, text: str) -> tuple[str, int]:
        return f"{text}ᵀ", ATOM

    def output(self, text: str, part: str) -> str:
        return text + part

    def named_output(self, part: str, operands: Sequence[str]) -> str:
        return part.format(*operands)

    def notation(self, made: Call) -> Notation | None:
        op, given = made.op, len(made.args)
        found = _of_text(shortened(op.text, len(op.inputs), given), op.precedence)
        return found if found is not None and given > max(found.fields, default=-1) else None

    def function(self, made: Call, operands: list[str]) -> str:
        op = made.op
        if (name := op.written(made.attrs)) is not None:
            return f"{name}({', '.join(operands)})"
        shown = [f"[{', '.join(operands)}]"] if op.variadic else operands
        words = [f"{name}={attribute(value)}" for name, value in told(made).items()]
        return f"{op.name}({', '.join(shown + words)})"

    def filled_in(self, notation: Notation, made: Call, operands: list[str]) -> str:
        of = made.args[0].shape if made.args else ()
        given = {name: entries(value, of) for name, value in made.attrs.items()}
        return notation.template.format(*operands, **given)

    def counted(self, last: str, terms: int) -> str:
        return f"{last} ({terms} terms)"


TEXT: Style = _Text()


@cache
def shortened(template: str | None, operands: int, given: int) -> str | None:
    """The notation of a call in which the last term is left out: x @ Wᵀ without + b."""
    missing = (
        None if template is None or given != operands - 1 else template.find(f" + {{{given}}}")
    )
    return template if missing is None or missing < 0 else template[:missing]  # type: ignore[index]


@cache
def _of_text(template: str | None, precedence: int) -> Notation | None:
    if template is None:
        return None
    fields: dict[int, int | None] = {}
    for before, name, _, _ in Formatter().parse(template):
        if name and name.isdigit():
            fields[int(name)] = ANY if before.endswith(("(", "|")) else None
    return Notation(template, precedence, fields)


def _applied(text: str) -> bool:
    """Whether a value is one function of something, such as ∂₁ℓ(σ(w), d)."""
    if not re.match(r"[\w'∂]+\(", text) or not text.endswith(")"):
        return False
    depths = np.cumsum([(letter == "(") - (letter == ")") for letter in text])
    return not (depths[text.index("(") : -1] == 0).any()
