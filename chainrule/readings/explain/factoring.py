"""Expressions with what their terms share taken out: g + g * h as g * (1 + h)."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from chainrule.core.op import Op
from chainrule.readings.explain.terms import Call, Expression, Moved, Number, Output, Symbol
from chainrule.readings.explain.tidying import is_constant, numbers_joined, together


def factored(made: Expression) -> Expression:
    """The expression, and all that it is made of, with common factors before brackets.

    An op says by the fact ``distributes`` over which primitive it does; factors are looked for in
    any order, where it says that it is ``commutative``.

    >>> from chainrule.ops.elementwise.elementary import add, mul
    >>> from chainrule.readings.explain.notation import write
    >>> g, h = Symbol("g", 2.0, ()), Symbol("h", 3.0, ())
    >>> write(factored(Call(add, (g, Call(mul, (g, h), {}, ())), {}, ())))
    'g * (1 + h)'
    """
    match made:
        case Call(args=args):
            inner = replace(made, args=tuple(map(factored, args)))
            return _numbers_first(_taken_out(together(inner, slice(None))))
        case Moved(base=base):
            return replace(made, base=factored(base))
        case Output(whole=whole):
            return replace(made, whole=factored(whole))
    return made


def same(a: Expression, b: Expression) -> bool:
    """Whether two expressions say the same, term by term.

    >>> from chainrule.ops.elementwise.elementary import exp
    >>> x = Symbol("x", 2.0, ())
    >>> same(Call(exp, (x,), {}, ()), Call(exp, (x,), {}, ())), same(x, Number(2, ()))
    (True, False)
    """
    if a is b:
        return True
    match a, b:
        case Symbol(), Symbol():
            return a.name == b.name
        case Number(), Number():
            return bool(a.value == b.value) and a.shape == b.shape
        case Call(), Call():
            alike = a.op is b.op and a.attrs == b.attrs and len(a.args) == len(b.args)
            return alike and all(same(x, y) for x, y in zip(a.args, b.args, strict=True))
        case Moved(), Moved():
            return same(a.base, b.base) and np.array_equal(a.reads, b.reads)
        case Output(), Output():
            return a.part == b.part and same(a.whole, b.whole)
    return False


def _taken_out(made: Expression) -> Expression:
    """A sum as common factors times the sum of what is left of its terms."""
    product = _distributing(made)
    if product is None:
        return made
    assert isinstance(made, Call)
    terms = [_factors(term, product) for term in made.args]
    common = [f for f in terms[0] if all(any(same(f, g) for g in term) for term in terms[1:])]
    if not common or all(is_constant(factor) for factor in common):
        return made
    rest = tuple(_product(_without(term, common), product) for term in terms)
    shape = np.broadcast_shapes(*(term.shape for term in rest))
    left = Call(made.op, rest, made.attrs, shape)
    return together(Call(product, (*common, left), {}, made.shape), slice(None))


def _distributing(made: Expression) -> Op | None:
    """The op of the terms of a sum that distributes over it."""
    if not isinstance(made, Call) or len(made.args) < 2 or not made.op.facts.get("associative"):
        return None
    for term in made.args:
        if isinstance(term, Call) and _over(term.op) == made.op.primitive is not None:
            return term.op
    return None


def _over(op: Op) -> str | None:
    """The primitive over which an op whose operands may be exchanged distributes."""
    return op.facts.get("distributes") if op.facts.get("commutative") else None


def _factors(term: Expression, product: Op) -> list[Expression]:
    return list(term.args) if isinstance(term, Call) and term.op is product else [term]


def _without(factors: list[Expression], common: list[Expression]) -> list[Expression]:
    """The factors that are left, each common one taken once."""
    left = list(factors)
    for one in common:
        left.remove(next(factor for factor in left if same(factor, one)))
    return left


def _product(factors: list[Expression], product: Op) -> Expression:
    if len(factors) < 2:
        return factors[0] if factors else Number(1, ())
    shape = np.broadcast_shapes(*(factor.shape for factor in factors))
    return Call(product, tuple(factors), {}, shape)


def _numbers_first(made: Expression) -> Expression:
    """(y - d) * 2 as 2 * (y - d), where the op says that its operands may be exchanged."""
    if not isinstance(made, Call) or _over(made.op) is None:
        return made
    numbers = [arg for arg in made.args if is_constant(arg)]
    others = [arg for arg in made.args if not is_constant(arg)]
    return numbers_joined(replace(made, args=(*numbers, *others)))
