"""Writing expressions: ops give their notation, a style its letters, this module the brackets."""

from __future__ import annotations

from dataclasses import replace

from chainrule.core.op import Op
from chainrule.readings.explain.style import ATOM, TEXT, Notation, Style
from chainrule.readings.explain.terms import Call, Expression, Moved, Number, Output, Pieced, Symbol
from chainrule.readings.explain.tidying import is_product

LEFT_TO_RIGHT = 2
"""Operators up to this precedence are read from the left: a - b - c is (a - b) - c."""
COMPARISON = -1
"""The precedence of a < b, which is not written in a chain."""
TERMS_SHOWN = 6
"""A longer sum is abridged."""


def write(made: Expression, decimals: int | None = None, style: Style = TEXT) -> str:
    """The expression in names; with ``decimals``, in their values.

    >>> x, y = Symbol("x", 2.0, ()), Symbol("y", -3.0, ())
    >>> from chainrule.ops.elementwise.elementary import mul, sub
    >>> product = Call(mul, (x, Call(sub, (x, y), {}, ())), {}, ())
    >>> write(product), write(product, 2)
    ('x * (x - y)', '2 * (2 - (-3))')
    """
    return _Writer(decimals, style).write(made, "top")[0]


_UNMARKED = {
    ("column", "product"), ("same", "product"), ("same", "top"), ("spread", "elementwise"),
}  # fmt: skip


class _Writer:
    """Expressions as pairs of text and precedence."""

    def __init__(self, decimals: int | None, style: Style) -> None:
        self.decimals, self.style = decimals, style
        self.written: dict[tuple[int, str], tuple[Call, tuple[str, int]]] = {}

    def write(self, made: Expression, place: str = "") -> tuple[str, int]:
        """An expression that stands in many places of a formula is written once."""
        if not isinstance(made, Call):
            return self.made(made, place)
        key = id(made), place
        if key not in self.written:
            self.written[key] = made, self.made(made, place)
        return self.written[key][1]

    def made(self, made: Expression, place: str) -> tuple[str, int]:
        """``place`` is what the expression is an operand of: an ``elementwise`` op, a ``product``
        of matrices, nothing (``top``), anything else."""
        style, decimals = self.style, 4 if self.decimals is None else self.decimals
        match made:
            case Symbol(name=name, value=value) if self.decimals is None:
                return style.name(name, value)
            case Symbol(value=value):
                return style.value(value, decimals)
            case Number(value=value, shape=shape):
                if shape == () or place in ("elementwise", "top"):
                    return style.value(value, decimals)
                return style.filled(style.value(value, decimals)[0], shape), ATOM
            case Output(whole=Call(args=args), part=part) if "{" in part:
                return style.named_output(part, [self.write(arg)[0] for arg in args]), ATOM
            case Output(whole=whole, part=part):
                return style.output(self.enclosed(whole), part), ATOM
            case Moved(mark="turned", base=base):
                return style.turned(self.enclosed(base))
            case Moved(mark="row", base=base) if place == "product":
                return style.turned(self.enclosed(base))
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
        return text if precedence >= ATOM else self.style.bracketed(text)

    def call(self, made: Call) -> tuple[str, int]:
        """An op between or before its operands, or as a function where it has no notation."""
        op = made.op
        place = "elementwise" if op.kind == "elementwise" else "product" if is_product(op) else ""
        notation = self.style.notation(made)
        parts = [self.write(arg, place) for arg in made.args]
        if notation is None:
            return self.style.function(made, [text for text, _ in parts]), ATOM
        shown = [
            self.fitted(notation, op, i, arg, *part)
            for i, (arg, part) in enumerate(zip(made.args, parts, strict=True))
        ]
        less = [i > 0 and self.taken_away(notation, arg) for i, arg in enumerate(made.args)]
        if notation.between is not None and (len(shown) > len(op.inputs) or any(less)):
            for i in (i for i, minus in enumerate(less) if minus):  # a + (-b) as a - b
                text, precedence = self.write(made.args[i].args[0], place)  # type: ignore[union-attr]
                loose = precedence <= notation.precedence
                shown[i] = self.style.bracketed(text) if loose else text
            return self.in_a_row(notation.between, shown, less), notation.precedence
        if len(shown) > len(op.inputs) and not op.variadic:  # taken together by `together`
            first = replace(made, args=made.args[:-1])
            return self.call(replace(made, args=(first, made.args[-1])))
        return self.style.filled_in(notation, made, shown), notation.precedence

    def fitted(
        self, notation: Notation, op: Op, i: int, arg: Expression, text: str, precedence: int
    ) -> str:
        """Operand ``i``, in brackets where it would be misread without."""
        least = notation.fields.get(i)
        if least is None:
            loose = self.loose(notation, op, i, arg, text, precedence)
        else:
            loose = precedence < least
        return self.style.bracketed(text) if loose else text

    def loose(
        self, notation: Notation, op: Op, i: int, arg: Expression, text: str, precedence: int
    ) -> bool:
        """Whether operand ``i`` would be misread without brackets."""
        if len(op.inputs) > 2:  # a notation with operators of its own, such as x @ Wᵀ + b
            return precedence < ATOM
        if notation.before == "-":
            return precedence < self.style.minus_binds or text.startswith("-")
        if precedence == op.precedence < ATOM:
            chain = COMPARISON < op.precedence <= LEFT_TO_RIGHT or op.precedence < COMPARISON
            return i > 0 or not chain or _kind(arg, op) != op.kind
        return precedence < op.precedence or (i > 0 < op.precedence and text.startswith("-"))

    def taken_away(self, notation: Notation, arg: Expression) -> bool:
        """Whether a plus and the minus before its operand are written as one minus."""
        if (notation.between or "").strip() != "+" or not isinstance(arg, Call):
            return False
        own = self.style.notation(arg)
        return own is not None and own.before == "-"

    def in_a_row(self, between: str, terms: list[str], minus: list[bool]) -> str:
        """The terms of a + b - c + …, a long one abridged."""
        signs = [between.replace("+", "-") if less else between for less in minus]
        if len(terms) > TERMS_SHOWN:
            end = self.style.counted(terms[-1], len(terms))
            terms = [*terms[: TERMS_SHOWN - 2], self.style.dots, end]
            signs = [*signs[: TERMS_SHOWN - 2], between, signs[-1]]
        return terms[0] + "".join(s + t for s, t in zip(signs[1:], terms[1:], strict=True))


def _kind(made: Expression, op: Op) -> str:
    """The kind of op that an operand of ``op`` is written with."""
    while isinstance(made, Moved):
        made = made.base
    return made.op.kind if isinstance(made, Call) else op.kind
