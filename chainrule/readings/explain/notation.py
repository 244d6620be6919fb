"""Writing expressions as text: the ops give their notation, this module the brackets."""

from __future__ import annotations

import re
import unicodedata
from functools import cache
from string import Formatter
from typing import Any

from chainrule.core.dtypes import DType
from chainrule.core.names import subscript
from chainrule.core.op import Op
from chainrule.readings.explain.expression import (
    Call,
    Expression,
    Moved,
    Number,
    Output,
    Symbol,
    is_product,
)
from chainrule.readings.explain.figures import figure, line

ATOM = 100
"""The precedence of what never needs brackets."""
LEFT_TO_RIGHT = 2
"""Operators up to this precedence are read from the left: a - b - c is (a - b) - c."""
TERMS_SHOWN = 6
"""A longer sum is abridged."""


def write(made: Expression, decimals: int | None = None) -> str:
    """The expression in names; with ``decimals``, in their values.

    >>> x, y = Symbol("x", 2.0, ()), Symbol("y", -3.0, ())
    >>> from chainrule.ops.elementwise import mul, sub
    >>> product = Call(mul, (x, Call(sub, (x, y), {}, ())), {}, ())
    >>> write(product), write(product, 2)
    ('x * (x - y)', '2 * (2 - (-3))')
    """
    return _Writer(decimals).write(made, "")[0]


class _Writer:
    """Expressions as pairs of text and precedence."""

    def __init__(self, decimals: int | None) -> None:
        self.decimals = decimals

    def write(self, made: Expression, place: str) -> tuple[str, int]:
        """``place`` is what the expression is an operand of: an ``elementwise`` op, a ``product``
        of matrices, anything else."""
        match made:
            case Symbol(name=name, value=value):
                return (name, ATOM) if self.decimals is None and name != "…" else self.value(value)
            case Number(value=value):
                return self.value(value)
            case Output(whole=whole, name=name):
                return f"{self.enclosed(whole)}.{name}", ATOM
            case Moved(mark="turned", base=base) if not isinstance(base, Call):
                return f"{self.enclosed(base)}ᵀ", ATOM
            case Moved(mark="turned", base=base):
                return f"({self.write(base, '')[0]})ᵀ", ATOM
            case Moved(mark="row", base=base) if place == "product":
                return f"{self.enclosed(base)}ᵀ", ATOM
            case Moved(mark="column" | "same", base=base) if place == "product":
                return self.write(base, place)
            case Moved(mark="spread", base=base) if place == "elementwise":
                return self.write(base, place)
            case Moved(mark="same", base=base) if base.shape == () or made.shape == ():
                return self.write(base, place)
            case Moved(plain=plain):
                return self.call(plain)
        return self.call(made)

    def enclosed(self, made: Expression) -> str:
        """The expression, in brackets unless it is an atom."""
        text, precedence = self.write(made, "")
        return text if precedence >= ATOM else f"({text})"

    def value(self, value: Any) -> tuple[str, int]:
        """A value, with the precedence of what it looks like: -1 is a negation, 1/2 a quotient."""
        decimals = 4 if self.decimals is None else self.decimals
        text = (
            figure(value, decimals) if getattr(value, "shape", ()) == () else line(value, decimals)
        )
        if text.startswith(("[", "(")) or re.fullmatch(r"[\w.]+(e-\d+)?|\w+\([^()]*\)", text):
            return text, ATOM
        if re.search(r" [+-] ", text):
            return text, 1
        return text, 2 if re.search("[*/]", text) else 3

    def call(self, made: Call) -> tuple[str, int]:
        """An op between or before its operands, or as a function where it has no notation."""
        op = made.op
        place = "elementwise" if op.kind == "elementwise" else "product" if is_product(op) else ""
        parts = [self.write(arg, place) for arg in made.args]
        fields = _fields(op.text, len(parts))
        if fields is None:
            words = [text for text, _ in parts] + attributes(op, made.attrs)
            if op.variadic:
                words = [f"[{', '.join(text for text, _ in parts)}]", *words[len(parts) :]]
            return f"{op.name}({', '.join(words)})", ATOM
        if len(parts) > len(op.inputs):
            return self.in_a_row(op, parts), op.precedence
        several = sum(i is not None for _, i in fields) > LEFT_TO_RIGHT
        text = ""
        for before, i in fields:
            text += before
            if i is not None:
                bracketed = _needs_brackets(op, i, *parts[i], several)
                text += f"({parts[i][0]})" if bracketed else parts[i][0]
        return text, op.precedence

    def in_a_row(self, op: Op, parts: list[tuple[str, int]]) -> str:
        """The terms of a + b + c + …, a long one abridged."""
        assert op.text is not None  # only such ops are taken together
        sign = op.text[len("{0}") : -len("{1}")]
        terms = [
            f"({text})" if _needs_brackets(op, min(i, 1), text, precedence, False) else text
            for i, (text, precedence) in enumerate(parts)
        ]
        if len(terms) > TERMS_SHOWN:
            terms = [*terms[: TERMS_SHOWN - 2], "…", f"{terms[-1]} ({len(terms)} terms)"]
        return sign.join(terms)


def _needs_brackets(op: Op, i: int, text: str, precedence: int, several: bool) -> bool:
    """Whether operand ``i`` of ``op`` would be misread without brackets."""
    if several:
        return precedence < ATOM
    if i > 0 and text.startswith("-"):
        return True
    if precedence == op.precedence:
        return i > 0 or op.precedence > LEFT_TO_RIGHT
    return precedence < op.precedence


@cache
def _fields(template: str | None, count: int) -> tuple[tuple[str, int | None], ...] | None:
    """The text before each operand of a notation, and which operand it is; None where there is no
    notation for ``count`` operands."""
    if template is None:
        return None
    found = []
    for before, name, _, _ in Formatter().parse(template):
        if name and (not name.isdigit() or int(name) >= count):
            return None
        found.append((before, int(name) if name else None))
    return tuple(found)


def attributes(op: Op, attrs: dict[str, Any]) -> list[str]:
    """The attributes that are not as usual: ``dim=1``."""
    shown = {k: v for k, v in attrs.items() if v != op.defaults.get(k)}
    return [f"{k}={v.name if isinstance(v, DType) else v!r}" for k, v in shown.items()]


# -- names of adjoints ---------------------------------------------------------------------------

_SHORT = re.compile(r"[^\W\d_][0-9₀-₉]*′*")
_NUMBERED = re.compile(r"(\d+(?:\.\d+)*)(?:\.(.+))?")


def plain_name(path: str) -> str:
    """The name of a value as it stands in formulas, where one that starts with a number would be
    taken for it: layer 0 has the output h₀.

    >>> plain_name("0"), plain_name("0.weight"), plain_name("fc1")
    ('h₀', 'weight₀', 'fc1')
    """
    match = _NUMBERED.fullmatch(path)
    if match is None:
        return path
    return (match[2] or "h") + ".".join(map(subscript, match[1].split(".")))


def adjoint_name(name: str, of: str) -> str:
    """The name of the derivative of ``of``: a bar over a letter, or in full.

    >>> adjoint_name("u1", "J"), adjoint_name("hidden", "J")
    ('ū1', '∂J/∂hidden')
    """
    if _SHORT.fullmatch(name) is None:
        return f"∂{of}/∂{name}"
    return unicodedata.normalize("NFC", name[0] + "\N{COMBINING MACRON}") + name[1:]


def width(text: str) -> int:
    """How many columns a text takes: a combining bar takes none.

    >>> width(adjoint_name("h1", "J"))
    2
    """
    return sum(not unicodedata.combining(letter) for letter in text)
