"""Writing expressions as text: the ops give their notation, this module the brackets."""

from __future__ import annotations

import re
import unicodedata
from fractions import Fraction
from functools import cache
from string import Formatter
from types import NoneType
from typing import Any

import numpy as np

from chainrule.core.dtypes import DType
from chainrule.core.errors import ChainruleError
from chainrule.core.names import subscript
from chainrule.core.op import REQUIRED, Op
from chainrule.core.size import Size
from chainrule.readings.explain.figures import line
from chainrule.readings.explain.terms import Call, Expression, Moved, Number, Output, Pieced, Symbol
from chainrule.readings.explain.tidying import is_product

ATOM = 100
"""The precedence of what never needs brackets."""
QUOTIENT = 3
"""The precedence of the name ∂J/∂x: a factor as it is, in brackets before ᵀ and **."""
LEFT_TO_RIGHT = 2
"""Operators up to this precedence are read from the left: a - b - c is (a - b) - c."""
COMPARISON = -1
"""The precedence of a < b, which is not written in a chain."""
TERMS_SHOWN = 6
"""A longer sum is abridged."""


def write(made: Expression, decimals: int | None = None) -> str:
    """The expression in names; with ``decimals``, in their values.

    >>> x, y = Symbol("x", 2.0, ()), Symbol("y", -3.0, ())
    >>> from chainrule.ops.elementwise.elementary import mul, sub
    >>> product = Call(mul, (x, Call(sub, (x, y), {}, ())), {}, ())
    >>> write(product), write(product, 2)
    ('x * (x - y)', '2 * (2 - (-3))')
    """
    return _Writer(decimals).write(made, "top")[0]


_UNMARKED = {
    ("column", "product"), ("same", "product"), ("same", "top"), ("spread", "elementwise"),
}  # fmt: skip


class _Writer:
    """Expressions as pairs of text and precedence."""

    def __init__(self, decimals: int | None) -> None:
        self.decimals = decimals

    def write(self, made: Expression, place: str = "") -> tuple[str, int]:
        """``place`` is what the expression is an operand of: an ``elementwise`` op, a ``product``
        of matrices, nothing (``top``), anything else."""
        match made:
            case Symbol(name=name) if self.decimals is None:
                return name, ATOM if "/" not in name else QUOTIENT
            case Symbol(value=value):
                return self.value(value)
            case Number(value=value, shape=shape):
                if shape == () or place in ("elementwise", "top"):
                    return self.value(value)
                return f"[{self.value(value)[0]}]{'ₓ'.join(map(subscript, shape))}", ATOM
            case Output(whole=Call(args=args), part=part) if "{" in part:
                return part.format(*(self.write(arg)[0] for arg in args)), ATOM
            case Output(whole=whole, part=part):
                return f"{self.enclosed(whole)}{part}", ATOM
            case Moved(mark="turned", base=base):
                return f"{self.enclosed(base)}ᵀ", ATOM
            case Moved(mark="row", base=base) if place == "product":
                return f"{self.enclosed(base)}ᵀ", ATOM
            case Pieced(plain=plain):
                return self.call(plain)
            case Moved(base=base) if self.unmarked(made, place):
                return self.write(base, place)
            case Moved(plain=plain):
                return self.call(plain)
        return self.call(made)

    def unmarked(self, made: Moved, place: str) -> bool:
        """Whether the base alone says it: in a product a vector is a column, an element-wise op
        repeats what is smaller, and one number has no shape to speak of."""
        if (made.mark, place) in _UNMARKED or (made.mark == "same" and made.shape == ()):
            return True
        return made.mark == "spread" and place == "top" and set(made.base.shape) <= {1}

    def enclosed(self, made: Expression) -> str:
        """The expression, in brackets unless it is an atom."""
        text, precedence = self.write(made)
        return text if precedence >= ATOM else f"({text})"

    def value(self, value: Any) -> tuple[str, int]:
        """A value, with the precedence of what it looks like: -1 is a negation, 1/2 a quotient."""
        decimals = 4 if self.decimals is None else self.decimals
        text = line(value, decimals)
        if text.startswith(("[", "(")) or re.fullmatch(r"[\w.]+(e-\d+)?", text) or _applied(text):
            return text, ATOM
        if re.search(r" [+-] ", text):
            return text, 1
        return text, 2 if re.search("[*/]", text) else 3

    def call(self, made: Call) -> tuple[str, int]:
        """An op between or before its operands, or as a function where it has no notation."""
        op = made.op
        place = "elementwise" if op.kind == "elementwise" else "product" if is_product(op) else ""
        parts = [self.write(arg, place) for arg in made.args]
        notation = _given(op.text, len(op.inputs), len(parts))
        fields = _fields(notation)
        if fields is None or len(parts) <= max(fields, default=-1):
            words = [text for text, _ in parts]
            if (name := op.written(made.attrs)) is not None:
                return f"{name}({', '.join(words)})", ATOM
            operands = [f"[{', '.join(words)}]"] if op.variadic else words
            told = _telling(made)
            return f"{op.name}({', '.join(operands + attributes(op, told))})", ATOM
        shown = [
            f"({text})" if not fields.get(i) and _loose(op, i, arg, text, precedence) else text
            for i, (arg, (text, precedence)) in enumerate(zip(made.args, parts, strict=True))
        ]
        if len(shown) > len(op.inputs) or (is_sum(op) and any(map(_is_negative, made.args[1:]))):
            minus = [i > 0 and is_sum(op) and _is_negative(x) for i, x in enumerate(made.args)]
            for i, arg in enumerate(made.args):
                if minus[i]:  # a + (-b) as a - b
                    text, precedence = self.write(arg.args[0], place)  # type: ignore[union-attr]
                    shown[i] = f"({text})" if precedence <= op.precedence else text
            return _in_a_row(op, shown, minus), op.precedence
        of = made.args[0].shape if made.args else ()
        given = {name: _entries(value, of) for name, value in made.attrs.items()}
        return (notation or "").format(*shown, **given), op.precedence


def _applied(text: str) -> bool:
    """Whether a value is one function of something, such as ∂₁ℓ(σ(w), d)."""
    if not re.match(r"[\w'∂]+\(", text) or not text.endswith(")"):
        return False
    depths = np.cumsum([(letter == "(") - (letter == ")") for letter in text])
    return not (depths[text.index("(") : -1] == 0).any()


def _loose(op: Op, i: int, arg: Expression, text: str, precedence: int) -> bool:
    """Whether operand ``i`` of ``op`` would be misread without brackets."""
    if len(op.inputs) > 2:  # a notation with operators of its own, such as x @ Wᵀ + b
        return precedence < ATOM
    if precedence == op.precedence < ATOM:
        chain = COMPARISON < op.precedence <= LEFT_TO_RIGHT or op.precedence < COMPARISON
        return i > 0 or not chain or _kind(arg, op) != op.kind
    return precedence < op.precedence or (i > 0 < op.precedence and text.startswith("-"))


def _kind(made: Expression, op: Op) -> str:
    """The kind of op that an operand of ``op`` is written with."""
    while isinstance(made, Moved):
        made = made.base
    return made.op.kind if isinstance(made, Call) else op.kind


def is_sum(op: Op) -> bool:
    """Whether it is written with a plus, which a negative operand turns into a minus."""
    return op.text == "{0} + {1}"


def _is_negative(made: Expression) -> bool:
    """Whether it is the negative of something, by its notation."""
    return isinstance(made, Call) and made.op.text == "-{0}"


def _in_a_row(op: Op, terms: list[str], minus: list[bool]) -> str:
    """The terms of a + b - c + …, a long one abridged."""
    assert op.text is not None  # only what is written between its operands is taken together
    between = op.text[len("{0}") : -len("{1}")]
    signs = [between.replace("+", "-") if less else between for less in minus]
    if len(terms) > TERMS_SHOWN:
        end = f"{terms[-1]} ({len(terms)} terms)"
        terms = [*terms[: TERMS_SHOWN - 2], "…", end]
        signs = [*signs[: TERMS_SHOWN - 2], between, signs[-1]]
    return terms[0] + "".join(s + t for s, t in zip(signs[1:], terms[1:], strict=True))


@cache
def _given(text: str | None, operands: int, given: int) -> str | None:
    """The notation of a call in which the last term is left out: x @ Wᵀ without + b."""
    missing = None if text is None or given != operands - 1 else text.find(f" + {{{given}}}")
    return text if missing is None or missing < 0 else text[:missing]  # type: ignore[index]


@cache
def _fields(template: str | None) -> dict[int, bool] | None:
    """The operands in a notation, and whether it encloses them; None where there is no notation."""
    if template is None:
        return None
    parts = ((before, name) for before, name, _, _ in Formatter().parse(template))
    return {int(i): before.endswith(("(", "|")) for before, i in parts if i and i.isdigit()}


def _telling(made: Call) -> dict[str, Any]:
    """The attributes that numbers depend on: of a reduction not whether axes of size 1 are kept,
    as no entry does."""
    if made.op.kind != "reduce" or not made.args:
        return made.attrs
    return {k: v for k, v in made.attrs.items() if v is not True or not _about_axes(made, k)}


def _about_axes(made: Call, name: str) -> bool:
    """Whether the result only loses axes of size 1 where the attribute is False."""
    try:
        other = made.op.shape(*(arg.shape for arg in made.args), **{**made.attrs, name: False})
    except ChainruleError:
        return False
    flat = [[n for n in shape if n != 1] for shape in (other, made.shape)]
    return other != made.shape and flat[0] == flat[1]


def attributes(op: Op, attrs: dict[str, Any]) -> list[str]:
    """The attributes that are not as usual, in few words: 2 for (2, 2), where it says the same.

    >>> from chainrule.ops.reduce.reductions import sum
    >>> attributes(sum, {"dim": (0,), "keepdim": False, "dtype": None})
    ['dim=0']
    """
    shown = {k: v for k, v in attrs.items() if v is not None and not _usual(op, attrs, k)}
    return [f"{name}={_attribute(_brief(op, attrs, name))}" for name in shown]


def _usual(op: Op, attrs: dict[str, Any], name: str) -> bool:
    """Whether the call would say the same without the attribute."""
    usual = op.defaults.get(name, REQUIRED)
    return usual is not REQUIRED and _says_the_same(op, attrs, name, usual)


def _brief(op: Op, attrs: dict[str, Any], name: str) -> Any:
    """The attribute's value; one number where that says the same as several equal ones."""
    value = attrs[name]
    if type(value) is not tuple or hasattr(value, "step") or not value:
        return value
    alike = len(value) == 1 or (type(value[0]) is int and len(set(value)) == 1)
    brief = alike and (len(value) == 1 or _says_the_same(op, attrs, name, value[0]))
    return value[0] if brief and not isinstance(value[0], tuple) else value


def _says_the_same(op: Op, attrs: dict[str, Any], name: str, value: Any) -> bool:
    """Whether the attributes in their canonical form are the same with another value of one."""
    if attrs[name] == value:
        return True
    try:
        return op.canonical({**attrs, name: value}) == attrs
    except (ChainruleError, TypeError, ValueError):
        return False


_PLAIN = (str, int, float, complex, Fraction, Size, NoneType)


def _attribute(value: Any) -> str:
    """An attribute's value, slices as they stand in an index; a graph is too long to be shown."""
    if isinstance(value, DType):
        return value.name
    if isinstance(value, tuple) and (step := getattr(value, "step", None)):
        return ":".join(map(str, value if step != 1 else value[:2]))
    if isinstance(value, tuple):
        return f"({_entries(value)}{',' * (len(value) == 1)})"
    return repr(value) if isinstance(value, _PLAIN) else "…"


def _entries(value: Any, of: tuple[Any, ...] = ()) -> str:
    """An attribute where the notation has brackets of its own: ``x[0, 1:3]``; where it says which
    entries, not the last axes ``of`` the operand, of which all are taken."""
    if type(value) is not tuple:
        return _attribute(value)
    parts, sizes = list(value), list(of)
    if len(parts) - parts.count(None) == len(sizes):
        while sizes and len(parts) > 1 and parts[-1] == (0, sizes[-1], 1):
            del parts[-1], sizes[-1]
    return ", ".join(map(_attribute, parts))


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
