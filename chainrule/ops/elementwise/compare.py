"""Comparisons and logic: results are bool, and no gradient flows through them."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, ClassVar

from chainrule.core import dtypes as dt
from chainrule.core.op import Example, Op, example

PAIR = (example((2, 3), (2, 3)), example((2, 3), (3,)))


class Eq(Op):
    """Where two entries are equal."""

    primitive = "equal"
    methods = ("eq", "__eq__")
    dtype_rule = "compare"
    text, latex, precedence = "{0} == {1}", "{0} = {1}", -1
    examples = PAIR

    def forward(self, xp: Any, a: Any, b: Any) -> Any:
        return xp.equal(a, b)


class Ne(Op):
    """Where two entries differ."""

    methods = ("ne", "not_equal", "__ne__")
    dtype_rule = "compare"
    text, latex, precedence = "{0} != {1}", r"{0} \neq {1}", -1
    examples = PAIR

    def forward(self, xp: Any, a: Any, b: Any) -> Any:
        return xp.logical_not(xp.equal(a, b))


class Lt(Op):
    """Where the first entry is smaller."""

    primitive = "less"
    methods = ("lt", "less", "__lt__")
    dtype_rule = "compare"
    takes = dt.ORDERED
    text, latex, precedence = "{0} < {1}", "{0} < {1}", -1
    examples = PAIR

    def forward(self, xp: Any, a: Any, b: Any) -> Any:
        return xp.less(a, b)


class Le(Op):
    """Where the first entry is smaller or equal."""

    primitive = "less_equal"
    methods = ("le", "less_equal", "__le__")
    dtype_rule = "compare"
    takes = dt.ORDERED
    text, latex, precedence = "{0} <= {1}", r"{0} \le {1}", -1
    examples = PAIR

    def forward(self, xp: Any, a: Any, b: Any) -> Any:
        return xp.less_equal(a, b)


class Gt(Op):
    """Where the first entry is larger."""

    methods = ("gt", "greater", "__gt__")
    dtype_rule = "compare"
    takes = dt.ORDERED
    text, latex, precedence = "{0} > {1}", "{0} > {1}", -1
    examples = PAIR

    def forward(self, xp: Any, a: Any, b: Any) -> Any:
        return xp.less(b, a)


class Ge(Op):
    """Where the first entry is larger or equal."""

    methods = ("ge", "greater_equal", "__ge__")
    dtype_rule = "compare"
    takes = dt.ORDERED
    text, latex, precedence = "{0} >= {1}", r"{0} \ge {1}", -1
    examples = PAIR

    def forward(self, xp: Any, a: Any, b: Any) -> Any:
        return xp.less_equal(b, a)


LOGIC = (example((2, 3), (2, 3), dtypes=(dt.bool_, dt.bool_)),)


class LogicalNot(Op):
    """Where an entry is false, or 0."""

    primitive = "logical_not"
    methods = ("logical_not",)
    dtype_rule = "truth"
    text, latex, precedence = "not {0}", r"\lnot {0}", 3
    facts = {"involution": True}
    domain = ("bool",)
    examples = (example((2, 3), dtypes=(dt.bool_,)),)

    def forward(self, xp: Any, x: Any) -> Any:
        return xp.logical_not(x)


class LogicalAnd(Op):
    """Where both entries are true, or not 0."""

    primitive = "logical_and"
    methods = ("logical_and",)
    dtype_rule = "truth"
    text, latex, precedence = "{0} and {1}", r"{0} \land {1}", -2
    facts = {"identity": (True, True), "commutative": True}
    domain = ("bool", "bool")
    examples = LOGIC

    def forward(self, xp: Any, a: Any, b: Any) -> Any:
        return xp.logical_and(a, b)


class LogicalOr(Op):
    """Where at least one entry is true, or not 0."""

    primitive = "logical_or"
    methods = ("logical_or",)
    dtype_rule = "truth"
    text, latex, precedence = "{0} or {1}", r"{0} \lor {1}", -3
    facts = {"identity": (False, False), "commutative": True}
    domain = ("bool", "bool")
    examples = LOGIC

    def forward(self, xp: Any, a: Any, b: Any) -> Any:
        return xp.logical_or(a, b)


class LogicalXor(Op):
    """Where one entry is true, or not 0, and the other is not."""

    methods = ("logical_xor",)
    dtype_rule = "truth"
    text, latex, precedence = "{0} xor {1}", r"{0} \oplus {1}", -3
    facts = {"identity": (False, False), "commutative": True}
    domain = ("bool", "bool")
    examples = LOGIC

    def forward(self, xp: Any, a: Any, b: Any) -> Any:
        return xp.logical_not(xp.equal(a, b))


BITS = (*LOGIC, example((2, 3), (3,), dtypes=(dt.int64, dt.uint8)))


class Bitwise(Op, abstract=True):
    """What the operators ~ & | ^ share: they combine truth values, and whole numbers bit by bit, of
    which negative ones have all ones before their first bit (two's complement).

    Raises DTypeError for other operands.
    """

    takes = (dt.BOOL, dt.INTEGER)
    domain = ("bool", "bool")
    examples: ClassVar[Sequence[Example]] = BITS


def _truths(*operands: Any) -> bool:
    """Whether operands, which have one type, are truth values: conditions on symbols are objects,
    and exact numbers have no bits."""
    return any(str(getattr(x, "dtype", "")).endswith(("bool", "object")) for x in operands)


class BitwiseNot(Bitwise):
    """The opposite truth value of each entry; of a whole number that with all bits turned over."""

    methods = ("bitwise_not", "__invert__")
    text, latex, precedence = "~{0}", r"\lnot {0}", 3
    facts = {"involution": True}
    examples = tuple(example((2, 3), dtypes=(kind,)) for kind in (dt.bool_, dt.int64, dt.uint8))

    def forward(self, xp: Any, x: Any) -> Any:
        if _truths(x):
            return xp.logical_not(x)
        return xp.subtract(255 if str(x.dtype).endswith("uint8") else -1, x)


class BitwiseAnd(Bitwise):
    """Where both truth values are true; of whole numbers the bits that both have."""

    primitive = "bitwise_and"
    methods = ("bitwise_and", "__and__", "__rand__")
    text, latex, precedence = "{0} & {1}", r"{0} \land {1}", 1
    facts = {"commutative": True}

    def forward(self, xp: Any, a: Any, b: Any) -> Any:
        return xp.bitwise_and(a, b)


class BitwiseOr(Bitwise):
    """Where at least one truth value is true; of whole numbers the bits that either has."""

    methods = ("bitwise_or", "__or__", "__ror__")
    text, latex, precedence = "{0} | {1}", r"{0} \lor {1}", 0
    facts = {"identity": (False, False), "commutative": True}

    def forward(self, xp: Any, a: Any, b: Any) -> Any:
        if _truths(a, b):
            return xp.logical_or(a, b)
        return xp.add(xp.subtract(a, xp.bitwise_and(a, b)), b)


class BitwiseXor(Bitwise):
    """Where one truth value is true and the other is not; of whole numbers the bits that one of
    them has."""

    methods = ("bitwise_xor", "__xor__", "__rxor__")
    text, latex, precedence = "{0} ^ {1}", r"{0} \oplus {1}", 0
    facts = {"identity": (False, False), "commutative": True}

    def forward(self, xp: Any, a: Any, b: Any) -> Any:
        if _truths(a, b):
            return xp.logical_not(xp.equal(a, b))
        common = xp.bitwise_and(a, b)
        return xp.add(xp.subtract(a, common), xp.subtract(b, common))  # no bit is in both


eq, ne, lt, le, gt, ge = Eq(), Ne(), Lt(), Le(), Gt(), Ge()
logical_not, logical_and, logical_or = LogicalNot(), LogicalAnd(), LogicalOr()
logical_xor = LogicalXor()
bitwise_not, bitwise_and = BitwiseNot(), BitwiseAnd()
bitwise_or, bitwise_xor = BitwiseOr(), BitwiseXor()
