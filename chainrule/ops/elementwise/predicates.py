"""What numbers are: NaN, infinite, finite, real, close to others, negative.  Results are bool."""

from __future__ import annotations

from typing import Any

from chainrule.core import dtypes as dt
from chainrule.core.dtyperules import DTYPE_RULES
from chainrule.core.dtypes import DType
from chainrule.core.errors import ArgumentError
from chainrule.core.op import Op, example
from chainrule.ops.elementwise.compare import PAIR
from chainrule.ops.elementwise.elementary import UNARY, dtype_name


class Predicate(Op, abstract=True):
    """What questions about one number share."""

    dtype_rule = "compare"
    smooth = False
    examples = UNARY


def _finite(xp: Any, x: Any) -> Any:
    """Where 0 times a number is 0, as of infinities and NaN it is not."""
    return xp.equal(xp.multiply(x, 0), 0)


class Isnan(Predicate):
    """Where an entry is NaN, which alone is not equal to itself."""

    methods = ("isnan",)
    latex = r"\operatorname{{isnan}}({0})"

    def forward(self, xp: Any, x: Any) -> Any:
        return xp.logical_not(xp.equal(x, x))


class Isfinite(Predicate):
    """Where an entry is neither infinite nor NaN."""

    methods = ("isfinite",)
    latex = r"\operatorname{{isfinite}}({0})"

    def forward(self, xp: Any, x: Any) -> Any:
        return _finite(xp, x)


class Isinf(Predicate):
    """Where an entry is infinite: ∞ or -∞, or a complex number with such a part and no NaN."""

    methods = ("isinf",)
    latex = r"\operatorname{{isinf}}({0})"

    def forward(self, xp: Any, x: Any) -> Any:
        return xp.logical_and(xp.equal(x, x), xp.logical_not(_finite(xp, x)))


class Isposinf(Predicate):
    """Where an entry is ∞."""

    methods = ("isposinf",)
    takes = dt.ORDERED
    latex = r"\operatorname{{isposinf}}({0})"

    def forward(self, xp: Any, x: Any) -> Any:
        return xp.logical_and(xp.less(0, x), xp.logical_not(_finite(xp, x)))


class Isneginf(Predicate):
    """Where an entry is -∞."""

    methods = ("isneginf",)
    takes = dt.ORDERED
    latex = r"\operatorname{{isneginf}}({0})"

    def forward(self, xp: Any, x: Any) -> Any:
        return xp.logical_and(xp.less(x, 0), xp.logical_not(_finite(xp, x)))


class Isreal(Predicate):
    """Where the imaginary part of an entry is 0, as of every real number."""

    methods = ("isreal",)
    latex = r"\operatorname{{isreal}}({0})"

    def forward(self, xp: Any, x: Any) -> Any:
        return xp.equal(xp.imag(x), 0)


class Signbit(Predicate):
    """Where an entry is negative, -0.0 among them."""

    methods = ("signbit",)
    takes = dt.ORDERED
    latex = r"\operatorname{{signbit}}({0})"

    def forward(self, xp: Any, x: Any) -> Any:
        return negative_sign(xp, x)


def negative_sign(xp: Any, x: Any) -> Any:
    """Where a number has a minus sign; only floats have a -0.0, whose angle with -1 is -π."""
    floating = dtype_name(x).startswith("float")
    return xp.less(xp.arctan2(x, -1) if floating else x, 0)


class Isclose(Op):
    """Where two entries are equal, or differ by at most rtol |b| + atol.

    ``equal_nan``: whether NaN is close to NaN.  Raises DTypeError for operands of two types, and
    ArgumentError for a negative tolerance.
    """

    methods = ("isclose",)
    smooth = False
    latex = r"{0} \approx {1}"
    examples = (*PAIR, example((2, 3), (2, 3), rtol=0.5, atol=0.1, equal_nan=True))

    def forward(
        self,
        xp: Any,
        a: Any,
        b: Any,
        *,
        rtol: float = 1e-5,
        atol: float = 1e-8,
        equal_nan: bool = False,
    ) -> Any:
        error = xp.absolute(xp.subtract(a, b))
        allowed = xp.add(xp.multiply(xp.absolute(b), rtol), atol)
        near = xp.logical_and(_finite(xp, error), xp.less_equal(error, allowed))
        close = xp.logical_or(xp.equal(a, b), near)
        if equal_nan:
            neither = xp.logical_or(xp.equal(a, a), xp.equal(b, b))
            close = xp.logical_or(close, xp.logical_not(neither))
        return close

    def dtypes(
        self, given: list[DType], ranks: list[int], **attrs: Any
    ) -> tuple[list[DType], DType]:
        wanted, made = DTYPE_RULES["alike"](given, ranks)
        if made.category < dt.REAL:  # differences of whole numbers may not fit
            wanted = [dt.float64] * 2
        return wanted, dt.bool_

    def canonical(self, attrs: dict[str, Any]) -> dict[str, Any]:
        for name in ("rtol", "atol"):
            if not attrs[name] >= 0:
                raise ArgumentError(f"isclose: {name} is {attrs[name]!r}", expected="0 or more")
        return attrs


isnan, isfinite, isinf = Isnan(), Isfinite(), Isinf()
isposinf, isneginf, isreal = Isposinf(), Isneginf(), Isreal()
signbit, isclose = Signbit(), Isclose()
