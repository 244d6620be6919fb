"""What a tree stands for: an exact number, a float, or a formula of SymPy."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from fractions import Fraction
from typing import Any

from chainrule.papers.expressions.errors import ExpressionError, NoFraction
from chainrule.papers.expressions.trees import (
    Binary,
    Call,
    Name,
    Number,
    Relation,
    Row,
    Tree,
    Unary,
)

BITS, POWER = 40_000, 1000
"""How long a number, and how large a numeric exponent may become."""

CONSTANTS = {"pi": math.pi, "e": math.e}
"""Names that are numbers, unless the formula's surroundings know them otherwise."""


def number(tree: Tree) -> int | Fraction:
    """The number, exactly; raises ExpressionError where it is no fraction of whole numbers.

    >>> from chainrule.papers.expressions import parse
    >>> number(parse("2^10 - 0.5")), number(parse("sqrt(49/4)"))
    (Fraction(2047, 2), Fraction(7, 2))
    """
    value = _exact(tree)
    return value.numerator if value.denominator == 1 else value


def _exact(tree: Tree) -> Fraction:
    match tree:
        case Number():
            return tree.value
        case Unary(operand):
            return -_exact(operand)
        case Binary("^", base, exponent):
            return _power(tree, _exact(base), _exact(exponent))
        case Binary("/", left, right):
            if (divisor := _exact(right)) == 0:
                raise ExpressionError("it divides by zero", text=str(tree))
            return _small(tree, _exact(left) / divisor)
        case Binary(op, left, right):
            return _small(tree, _ARITHMETIC[op](_exact(left), _exact(right)))
        case Call(function, arguments) if function in _RATIONAL:
            return _RATIONAL[function](tree, *map(_exact, arguments))
    raise NoFraction(str(tree))


_ARITHMETIC: dict[str, Callable[[Any, Any], Any]] = {
    "+": lambda a, b: a + b,
    "-": lambda a, b: a - b,
    "*": lambda a, b: a * b,
    "/": lambda a, b: a / b,
    "^": lambda a, b: a**b,
}


def _small(tree: Tree, value: Fraction) -> Fraction:
    if value.numerator.bit_length() + value.denominator.bit_length() > BITS:
        raise ExpressionError("a number becomes too long", text=str(tree))
    return value


def _power(tree: Tree, base: Fraction, exponent: Fraction) -> Fraction:
    if exponent.denominator != 1:
        raise NoFraction(str(tree))
    _limited_power(tree, base, exponent)
    if base == 0 and exponent < 0:
        raise ExpressionError("it divides by zero", text=str(tree))
    return base ** int(exponent)


def _limited_power(tree: Tree, base: Fraction, exponent: Fraction) -> None:
    bits = base.numerator.bit_length() + base.denominator.bit_length()
    if base in (0, 1, -1):
        bits = 0
    if abs(exponent) * bits > BITS or abs(exponent) > BITS:
        raise ExpressionError("a number becomes too long", text=str(tree))


def _root(tree: Tree, value: Fraction, degree: Fraction = Fraction(2)) -> Fraction:
    if degree == 2 and value >= 0:
        up, down = math.isqrt(value.numerator), math.isqrt(value.denominator)
        if up * up == value.numerator and down * down == value.denominator:
            return Fraction(up, down)
    raise NoFraction(str(tree))


_RATIONAL: dict[str, Callable[..., Fraction]] = {
    "sqrt": _root,
    "abs": lambda tree, value: abs(value),
    "max": lambda tree, *values: max(values),
    "min": lambda tree, *values: min(values),
    "relu": lambda tree, value: max(value, Fraction(0)),
    "floor": lambda tree, value: Fraction(math.floor(value)),
    "ceil": lambda tree, value: Fraction(math.ceil(value)),
}


def approximate(tree: Tree, values: Mapping[str, float] | None = None) -> float:
    """The number as a float, names replaced by ``values``; raises ExpressionError.

    >>> from chainrule.papers.expressions import parse
    >>> approximate(parse("sqrt(2)*x + pi"), {"x": 2.0})
    5.970019778335983
    """
    try:
        found = _float(tree, {**CONSTANTS, **(values or {})})
    except (OverflowError, ValueError, ZeroDivisionError) as error:
        raise ExpressionError(f"it has no value: {error}", text=str(tree)) from None
    if isinstance(found, complex) or not math.isfinite(found):
        raise ExpressionError("it has no value among real numbers", text=str(tree))
    return found


def _float(tree: Tree, values: Mapping[str, float]) -> float:
    match tree:
        case Number():
            return float(tree.value)
        case Name(text) if text in values:
            return values[text]
        case Name(text):
            raise ExpressionError(f"{text} has no value", text=str(tree))
        case Unary(operand):
            return -_float(operand, values)
        case Binary(op, left, right):
            found = _ARITHMETIC[op](_float(left, values), _float(right, values))
            if isinstance(found, complex):
                raise ValueError("a root of a negative number")
            return float(found)
        case Call(function, arguments):
            return float(_FLOATS[function](*(_float(part, values) for part in arguments)))
    raise ExpressionError("a single number is wanted", text=str(tree))


def _sigmoid(x: float) -> float:
    return 1 / (1 + math.exp(-x)) if x > -700 else 0.0


_FLOATS: dict[str, Callable[..., float]] = {
    name: getattr(math, name)
    for name in (
        "ceil",
        "cos",
        "cosh",
        "exp",
        "floor",
        "log",
        "log10",
        "log2",
        "sin",
        "sinh",
        "tan",
        "tanh",
    )
} | {
    "abs": abs,
    "ln": math.log,
    "max": max,
    "min": min,
    "relu": lambda x: max(x, 0.0),
    "sigmoid": _sigmoid,
    "sqrt": lambda x, n=2.0: math.sqrt(x) if n == 2 else x ** (1 / n),
}


def sympy_of(tree: Tree, symbols: Mapping[str, Any] | None = None) -> Any:
    """The formula as SymPy has it; names are those of ``symbols``, or new symbols.

    ``x_1`` finds the symbol ``x1`` where there is no ``x_1``.  Vectors and matrices become
    matrices, relations an `Eq`, `Ne` or an inequality.  Raises ExpressionError.

    >>> from chainrule.papers.expressions import parse
    >>> sympy_of(parse("2x^2 - sqrt(8)"))
    2*x**2 - 2*sqrt(2)
    """
    return _Builder(symbols or {}).build(tree)


class _Builder:
    """From trees to SymPy, with a guard before whatever takes long there."""

    def __init__(self, symbols: Mapping[str, Any]) -> None:
        import sympy

        self.sympy, self.symbols = sympy, symbols
        self.plain = {name.replace("_", ""): symbol for name, symbol in symbols.items()}
        s = sympy
        self.functions: dict[str, Callable[..., Any]] = {
            "abs": s.Abs, "ceil": s.ceiling, "cos": s.cos, "cosh": s.cosh, "exp": s.exp,
            "floor": s.floor, "ln": s.log, "log": s.log, "log2": lambda x: s.log(x, 2),
            "log10": lambda x: s.log(x, 10), "max": s.Max, "min": s.Min,
            "relu": lambda x: s.Max(0, x), "sigmoid": lambda x: 1 / (1 + s.exp(-x)), "sin": s.sin,
            "sinh": s.sinh, "sqrt": lambda x, n=2: x ** (s.Integer(1) / n), "tan": s.tan,
            "tanh": s.tanh,
        }  # fmt: skip

    def build(self, tree: Tree) -> Any:
        match tree:
            case Number():
                return self.sympy.Rational(tree.value.numerator, tree.value.denominator)
            case Name(text):
                return self.name(text)
            case Unary(operand):
                return -self.build(operand)
            case Binary("+" | "-"):
                return self.sympy.Add(*self.terms(tree))
            case Binary("*" | "/"):
                return self.sympy.Mul(*self.factors(tree))
            case Binary("^", base, exponent):
                return self.power(tree, self.build(base), self.build(exponent))
            case Call(function, arguments):
                return self.call(tree, function, [self.scalar(part) for part in arguments])
            case Row(entries):
                return self.matrix(tree, entries)
            case Relation(op, left, right):
                return self.relation(tree, op, self.build(left), self.build(right))
        raise TypeError(type(tree).__name__)

    def scalar(self, tree: Tree) -> Any:
        found = self.build(tree)
        if isinstance(found, self.sympy.MatrixBase):
            raise ExpressionError("a vector stands where a number is wanted", text=str(tree))
        return found

    def name(self, text: str) -> Any:
        if text in self.symbols:
            return self.symbols[text]
        if text.replace("_", "") in self.plain:
            return self.plain[text.replace("_", "")]
        if text in CONSTANTS:
            return self.sympy.pi if text == "pi" else self.sympy.E
        return self.sympy.Symbol(text)

    def terms(self, tree: Tree) -> list[Any]:
        """All terms of a long sum at once: one by one, SymPy would sort them again each time."""
        found: list[Any] = []
        while isinstance(tree, Binary) and tree.op in "+-":
            term = self.scalar(tree.right)
            found.append(-term if tree.op == "-" else term)
            tree = tree.left
        return [self.scalar(tree), *reversed(found)]

    def factors(self, tree: Tree) -> list[Any]:
        found: list[Any] = []
        while isinstance(tree, Binary) and tree.op in "*/":
            factor = self.scalar(tree.right)
            if tree.op == "/":
                if factor == 0:
                    raise ExpressionError("it divides by zero", text=str(tree))
                factor = 1 / factor
            found.append(factor)
            tree = tree.left
        return [self.scalar(tree), *reversed(found)]

    def power(self, tree: Tree, base: Any, exponent: Any) -> Any:
        if any(isinstance(part, self.sympy.MatrixBase) for part in (base, exponent)):
            raise ExpressionError("a power of a vector is not understood", text=str(tree))
        if exponent.is_Rational:
            if base.is_Rational:
                _limited_power(tree, Fraction(base.p, base.q), Fraction(exponent.p, exponent.q))
                if base == 0 and exponent < 0:
                    raise ExpressionError("it divides by zero", text=str(tree))
            elif abs(exponent) > POWER:
                raise ExpressionError("an exponent is too large", text=str(tree))
        elif exponent.is_number:
            self.guarded(tree)
        return base**exponent

    def call(self, tree: Tree, function: str, arguments: list[Any]) -> Any:
        if all(argument.is_number for argument in arguments):
            self.guarded(tree)
        try:
            found = self.functions[function](*arguments)
        except (TypeError, ValueError, ZeroDivisionError) as error:
            raise ExpressionError(f"it has no value: {error}", text=str(tree)) from None
        if found in (self.sympy.zoo, self.sympy.nan, self.sympy.oo, -self.sympy.oo):
            raise ExpressionError("it has no value among real numbers", text=str(tree))
        return found

    def guarded(self, tree: Tree) -> None:
        """Numbers that floats cannot hold are not tried: SymPy would take for ever."""
        try:
            _float(tree, CONSTANTS)
        except OverflowError:
            raise ExpressionError("a number becomes too large", text=str(tree)) from None
        except (ExpressionError, ValueError, ZeroDivisionError):
            return

    def matrix(self, tree: Tree, entries: tuple[Tree, ...]) -> Any:
        rows = [entry.entries if isinstance(entry, Row) else (entry,) for entry in entries]
        if len({len(row) for row in rows}) > 1:
            raise ExpressionError("the rows of a matrix differ in length", text=str(tree))
        return self.sympy.Matrix([[self.scalar(part) for part in row] for row in rows])

    def relation(self, tree: Tree, op: str, left: Any, right: Any) -> Any:
        s = self.sympy
        makes = {"=": s.Eq, "!=": s.Ne, "<": s.Lt, "<=": s.Le, ">": s.Gt, ">=": s.Ge}
        try:
            return makes[op](left, right)
        except TypeError as error:
            raise ExpressionError(f"it has no value: {error}", text=str(tree)) from None
