"""Sizes of axes: plain integers, or integer polynomials in named sizes with floor, min and max.

A `Size` stands for one integer for each choice of its symbols, integers not below their lower bound
(1 unless declared otherwise).  Every operation gives a normal form, and an ``int`` where nothing
symbolic is left.  There are two questions of equality:

* ``a == b`` is *structural*: True when the normal forms are identical.  It never raises, so sizes
  are keys of dicts; False may mean "not seen to be equal" (but see `assuming`).
* ``decide_equal(a, b)``, ``<``, ``<=``, ``>``, ``>=`` and ``bool`` speak of *all* values of the
  symbols: they answer what is proved, or raise `UndecidedSize`.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from functools import wraps
from math import gcd
from numbers import Integral
from typing import Any, ClassVar, TypeVar

from chainrule.core.assuming import asked
from chainrule.core.errors import ArgumentError, ChainruleError
from chainrule.core.polynomial import LATEX, Polynomial, Symbol, show
from chainrule.core.rounding import extreme, floor_div, lower, substitute, upper

__all__ = [
    "AnySize",
    "OpenSize",
    "Size",
    "UndecidedSize",
    "asked",
    "bounds",
    "ceil_div",
    "decide_equal",
    "is_size",
    "prod",
    "smax",
    "smin",
]


class UndecidedSize(ChainruleError, ValueError):
    """A comparison that may hold for some values of the symbols and fail for others.

    >>> Size.symbol("B") < Size.symbol("C")  # doctest: +ELLIPSIS
    Traceback (most recent call last):
    chainrule.core.size.UndecidedSize: cannot decide whether B < C
      got       B and C, whose difference is B - C
      expected  one answer for all B >= 1, C >= 1
      ...
    """

    def __init__(self, left: AnySize, relation: str, right: AnySize) -> None:
        difference = left - right
        declared = sorted((s.name, s.lower * s.unit) for s in _symbols(_polynomial(difference)))
        super().__init__(
            f"cannot decide whether {left} {relation} {right}",
            got=f"{left} and {right}, whose difference is {difference}",
            expected=f"one answer for all {', '.join(f'{n} >= {low}' for n, low in declared)}",
            hint="put numbers in with substitute, or give equal sizes one name",
        )


class OpenSize(ArgumentError):
    """A number is needed where a size is still a letter.

    >>> range(Size.symbol("n"))  # doctest: +ELLIPSIS
    Traceback (most recent call last):
    chainrule.core.size.OpenSize: the size n is not a number yet
      ...
    """

    open: AnySize | None = None
    """The size, where it is known."""


_Result = TypeVar("_Result")


def _operator(method: Callable[[Size, AnySize], _Result]) -> Callable[[Size, AnySize], _Result]:
    """Let a binary method see ints and Sizes only; NumPy's integers arrive as ints."""

    @wraps(method)
    def checked(self: Size, other: object) -> Any:
        if isinstance(other, int | Size):
            return method(self, other)
        return method(self, int(other)) if isinstance(other, Integral) else NotImplemented

    return checked


@dataclass(frozen=True, repr=False)
class Size:
    """A symbolic size: immutable, made by `Size.symbol` and arithmetic, never directly.

    ``+ - * // % **`` work with ints and Sizes; ``==`` is structural and the other comparisons
    decide or raise `UndecidedSize` (see the module).

    >>> h, k, s = Size.symbol("h"), Size.symbol("k"), Size.symbol("s")
    >>> (h - k) // s + 1, (h + 1) * (h + 1) == h**2 + 2 * h + 1, (4 * h + 2) // 4
    (floor((h - k)/s) + 1, True, h)
    """

    polynomial: Polynomial
    __array_ufunc__: ClassVar[None] = None  # NumPy's scalars leave the arithmetic to us

    @staticmethod
    def symbol(name: str, lower: int = 1, multiple_of: int = 1) -> Size:
        """The size called ``name``, an integer >= ``lower``, and a multiple of a number if one is
        declared; declare a name in one way only.

        >>> Size.symbol("p", lower=0) + 1
        p + 1
        >>> h = Size.symbol("h", multiple_of=2)
        >>> h // 2 + h // 2, 3 * h // 2, h % 2
        (h, 3*h/2, 0)
        """
        if multiple_of < 1:
            raise ArgumentError(f"a size that is a multiple of {multiple_of}")
        if not name.isidentifier() or lower < 0:
            raise ArgumentError(
                "a size needs a name and a lower bound of 0 or more",
                got=f"{name!r}, lower={lower}",
                expected="a name as in Python, such as B, h_in or seq",
            )
        part = Polynomial.of(Symbol(name, -(-lower // multiple_of), multiple_of))
        return Size(multiple_of * part)

    @staticmethod
    def same(a: AnySize, b: AnySize) -> bool:
        """Whether the normal forms are identical, as ``==`` says; never raises.

        >>> Size.same(Size.symbol("B"), Size.symbol("C"))
        False
        """
        return a == b

    def symbols(self) -> frozenset[str]:
        """The names that occur.

        >>> sorted((Size.symbol("h") // Size.symbol("s")).symbols())
        ['h', 's']
        """
        return frozenset(symbol.name for symbol in _symbols(self.polynomial))

    def substitute(self, values: Mapping[str, AnySize]) -> AnySize:
        """The size with numbers or sizes in place of names; other names stay.

        Raises ArgumentError for a value proved to be below the lower bound of its symbol: normal
        forms rely on it (max(B, 1) *is* B); and for one that is no multiple of what it should be.

        >>> ((Size.symbol("h") - 3) // 2 + 1).substitute({"h": 32})
        15
        """

        def value(symbol: Symbol) -> Polynomial:
            if symbol.name not in values:
                return Polynomial.of(symbol)
            chosen, unit = _polynomial(values[symbol.name]), Polynomial.of(symbol.unit)
            part = floor_div(chosen, unit)
            if unit * part != chosen:
                raise ArgumentError(
                    f"the size {symbol.name} is declared to be a multiple of {symbol.unit}",
                    got=f"{symbol.name} = {chosen}",
                )
            highest = upper(part)
            if highest is not None and highest < symbol.lower:
                least = symbol.lower * symbol.unit
                raise ArgumentError(
                    f"the size {symbol.name} is declared to be at least {least}",
                    got=f"{symbol.name} = {chosen}",
                    hint=f"Size.symbol({symbol.name!r}, lower=0) declares one that may be 0",
                )
            return part

        return _size(substitute(self.polynomial, value))

    def latex(self) -> str:
        r"""The size as LaTeX.

        >>> print((Size.symbol("h") // 2).latex())
        \left\lfloor \frac{h}{2} \right\rfloor
        """
        return show(self.polynomial, LATEX)

    def __eq__(self, other: object) -> bool:
        if isinstance(other, Size) and other.polynomial == self.polynomial:
            return True
        if asked.oracle is None or not isinstance(other, int | Size):
            return False
        return decide_equal(self, other, "is 0")

    def __hash__(self) -> int:
        return hash(self.polynomial)

    def __str__(self) -> str:
        return str(self.polynomial)

    __repr__ = __str__

    @_operator
    def __add__(self, other: AnySize) -> AnySize:
        return _size(self.polynomial + _polynomial(other))

    @_operator
    def __sub__(self, other: AnySize) -> AnySize:
        return _size(self.polynomial - _polynomial(other))

    @_operator
    def __rsub__(self, other: AnySize) -> AnySize:
        return _size(_polynomial(other) - self.polynomial)

    @_operator
    def __mul__(self, other: AnySize) -> AnySize:
        return _size(self.polynomial * _polynomial(other))

    __radd__, __rmul__ = __add__, __mul__

    @_operator
    def __floordiv__(self, other: AnySize) -> AnySize:
        return _size(floor_div(self.polynomial, _polynomial(other)))

    @_operator
    def __rfloordiv__(self, other: AnySize) -> AnySize:
        return _size(floor_div(_polynomial(other), self.polynomial))

    @_operator
    def __mod__(self, other: AnySize) -> AnySize:
        return self - other * (self // other)

    @_operator
    def __rmod__(self, other: AnySize) -> AnySize:
        return other - self * (other // self)

    def __neg__(self) -> AnySize:
        return _size(-self.polynomial)

    def __pow__(self, exponent: int) -> AnySize:
        if exponent < 0:
            raise ArgumentError("a size has no negative powers", got=f"({self})**{exponent}")
        return prod([self] * exponent)

    @_operator
    def __lt__(self, other: AnySize) -> bool:
        return _decide_positive(other - self, (self, "<", other))

    @_operator
    def __gt__(self, other: AnySize) -> bool:
        return _decide_positive(self - other, (self, ">", other))

    @_operator
    def __le__(self, other: AnySize) -> bool:
        return not _decide_positive(self - other, (self, "<=", other))

    @_operator
    def __ge__(self, other: AnySize) -> bool:
        return not _decide_positive(other - self, (self, ">=", other))

    def __bool__(self) -> bool:
        return not decide_equal(self, 0)

    def __index__(self) -> int:
        error = OpenSize(
            f"the size {self} is not a number yet",
            hint=f"put numbers in with substitute({{{min(self.symbols())!r}: ...}})",
        )
        error.open = self
        raise error

    __int__ = __index__


AnySize = int | Size


def is_size(value: Any, least: int = 0) -> bool:
    """Whether a value is a whole number from ``least``, or a size that is one for all values of its
    symbols; True and False are no sizes.

    >>> is_size(3), is_size(Size.symbol("h"), 1), is_size(True), is_size(2.0)
    (True, True, False, False)
    """
    return isinstance(value, int | Size) and not isinstance(value, bool) and value >= least


def _polynomial(size: AnySize) -> Polynomial:
    return size.polynomial if isinstance(size, Size) else Polynomial.of(size)


def _size(polynomial: Polynomial) -> AnySize:
    number = polynomial.number
    return Size(polynomial) if number is None else number


def _symbols(polynomial: Polynomial) -> set[Symbol]:
    found: set[Symbol] = set()

    def note(symbol: Symbol) -> Polynomial:
        found.add(symbol)
        return Polynomial.of(symbol)

    substitute(polynomial, note)
    return found


def _decide_positive(difference: AnySize, claim: tuple[AnySize, str, AnySize]) -> bool:
    """Whether the difference is > 0 for all values; ``claim`` is what the user asked."""
    low, high = bounds(difference)
    if low is not None and low > 0:
        return True
    if high is not None and high <= 0:
        return False
    if asked.oracle is not None:
        return asked.oracle(difference, "> 0")
    raise UndecidedSize(*claim)


def decide_equal(a: AnySize, b: AnySize, claim: str = "== 0") -> bool:
    """Whether two sizes are equal for all values of their symbols, or for none.

    Raises `UndecidedSize` where neither is proved.

    >>> B = Size.symbol("B")
    >>> decide_equal(B + B, 2 * B), decide_equal(2 * B, 7), decide_equal(-(-B // 2), B - B // 2)
    (True, False, True)
    """
    difference = a - b
    if isinstance(difference, int):
        return difference == 0
    low, high = bounds(difference)
    if low == high == 0:
        return True
    never = (low is not None and low > 0) or (high is not None and high < 0)
    step = gcd(*(c for m, c in difference.polynomial.terms if m))
    if never or difference.polynomial.constant % step:
        return False
    if asked.oracle is not None:
        return asked.oracle(difference, claim)
    raise UndecidedSize(a, "==", b)


def bounds(size: AnySize) -> tuple[int | None, int | None]:
    """Numbers that the size is proved never to pass, below and above; None where there is none.

    >>> B = Size.symbol("B")
    >>> bounds(2 * B + 1), bounds(B % 4), bounds(5)
    ((3, None), (0, 3), (5, 5))
    """
    if isinstance(size, int):
        return size, size
    return lower(size.polynomial), upper(size.polynomial)


def ceil_div(a: AnySize, b: AnySize) -> AnySize:
    """The quotient rounded up.

    >>> ceil_div(7, 2), ceil_div(Size.symbol("h"), 2)
    (4, floor((h + 1)/2))
    """
    return -(-a // b)


def smax(*sizes: AnySize) -> AnySize:
    """The largest of the sizes.

    >>> smax(2, 3), smax(Size.symbol("B"), Size.symbol("C"), 1)
    (3, max(B, C))
    """
    if all(isinstance(size, int) for size in sizes):
        return max(sizes)
    return _size(extreme("max", map(_polynomial, sizes)))


def smin(*sizes: AnySize) -> AnySize:
    """The smallest of the sizes.

    >>> smin(2, 3), smin(Size.symbol("B"), Size.symbol("C"), 1)
    (2, 1)
    """
    if all(isinstance(size, int) for size in sizes):
        return min(sizes)
    return _size(extreme("min", map(_polynomial, sizes)))


def prod(sizes: Iterable[AnySize]) -> AnySize:
    """The product of the sizes, 1 if there are none.

    >>> prod([2, 3]), prod([2, Size.symbol("B"), 3])
    (6, 6*B)
    """
    total: AnySize = 1
    for size in sizes:
        total = total * size
    return total
