"""``scan``: a loop over trees of tensors, as its users write it."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from typing import Any

from chainrule.core import tree as trees
from chainrule.core.apply import literal, number_category
from chainrule.core.capture import paths
from chainrule.core.dtypes import default_of
from chainrule.core.errors import ArgumentError, ChainruleError, DTypeError, ShapeError
from chainrule.core.signature import Dim, same_size
from chainrule.core.size import Size
from chainrule.core.tensor import Tensor
from chainrule.ops.structural.loop import loop


def scan(
    body: Callable[[Any, Any], tuple[Any, Any]],
    init: Any,
    xs: Any = None,
    length: Dim | None = None,
    reverse: bool = False,
) -> tuple[Any, Any]:
    """Repeat ``carry, y = body(carry, x)`` along the leading axis of ``xs``, from ``init``.

    ``init``, ``xs`` and y are tensors, or tuples, lists and dicts of them, or None; the result is
    the last carry and the stacked ys, in the order of xs even where ``reverse`` goes backwards.
    ``length`` is needed where there are no xs.  The body runs once, on tensors without values; the
    carry keeps its structure, shapes and types.  The meaning is that of JAX's ``lax.scan``.

    Raises ArgumentError, ShapeError and DTypeError where carry or lengths do not fit, CaptureError
    where the body needs values or writes to tensors from outside.

    >>> import chainrule as cr
    >>> total, sums = scan(lambda c, x: (c + x, c + x), cr.tensor(0), cr.arange(1, 5))
    >>> total.item(), sums.tolist()
    (10, [1, 3, 6, 10])
    """
    try:
        init, xs = trees.mapped(_tensor, init), trees.mapped(_tensor, xs)
        carry, rows = trees.tensors(init), trees.tensors(xs)
        form: list[Any] = []

        def step(c: Sequence[Tensor], x: Sequence[Tensor]) -> Any:
            made: Any = body(trees.filled(init, c), trees.filled(xs, x))
            if not isinstance(made, tuple) or len(made) != 2:
                raise ArgumentError("a scan's body returns a pair: the next carry and y")
            form.append(trees.mapped(_tensor, made[1]))
            return tuple(_matched(init, made[0], "carry")), tuple(trees.tensors(form[-1]))

        names = [*paths("carry", init), *paths("x", xs)]
        last, stacked = loop.record(step, carry, rows, _length(rows, length), names, reverse)
    except ChainruleError as error:
        error.context("scan", got="")
        raise error from None
    return trees.filled(init, last), trees.filled(form[-1], stacked)


def _tensor(x: Any) -> Any:
    """A leaf of a tree as a tensor; None is no leaf."""
    category = number_category(x)
    if category is not None:
        return Tensor(literal(x, default_of(category)))
    if x is None or isinstance(x, Tensor):
        return x
    raise ArgumentError(f"scan takes trees of tensors, and here is a {type(x).__name__}")


def _length(rows: Sequence[Tensor], length: Dim | None) -> Dim:
    """The number of steps."""
    for x in rows:
        if not x.shape:
            raise ShapeError("scan goes along the leading axis of xs, and one has no axes")
        if length is None:
            length = x.shape[0]
        elif not same_size(x.shape[0], length):
            raise ShapeError(f"one of xs has {x.shape[0]} rows where {length} steps belong")
    if length is None:
        raise ArgumentError("scan without xs needs its length")
    if not isinstance(length, Size) and (type(length) is not int or length < 0):
        raise ArgumentError(f"the length of a scan is {length!r}", expected="a whole number from 0")
    return length


def _matched(old: Any, new: Any, path: str) -> Iterator[Tensor]:
    """The tensors of the next carry, in the order of the old one.

    Raises ArgumentError, ShapeError or DTypeError where the two differ.
    """
    if isinstance(old, Tensor):
        yield _same_kind(old, new, path)
        return
    keys = _keys(old)
    if type(old) is not type(new) or set(keys) != set(_keys(new)):
        raise ArgumentError(f"{path} of a scan changes its structure", got=_form(new),
                            expected=_form(old))  # fmt: skip
    for key in keys:
        yield from _matched(old[key], new[key], f"{path}[{key!r}]")


def _keys(tree: Any) -> list[Any]:
    if isinstance(tree, dict):
        return list(tree)
    return list(range(len(tree))) if isinstance(tree, tuple | list) else []


def _form(tree: Any) -> str:
    return repr(trees.mapped(lambda x: type(x).__name__ if isinstance(x, Tensor) else x, tree))


def _same_kind(old: Tensor, new: Any, path: str) -> Tensor:
    """The next value of one tensor of the carry; a number takes its type."""
    category = number_category(new)
    if category is not None and category <= old.dtype.category:
        new = Tensor(literal(new, old.dtype))
    if not isinstance(new, Tensor):
        raise ArgumentError(f"{path} of a scan becomes a {type(new).__name__}", expected="a tensor")
    if len(new.shape) != len(old.shape) or not all(map(same_size, new.shape, old.shape)):
        raise ShapeError(
            f"{path} of a scan changes its shape", got=str(new.shape), expected=str(old.shape),
            hint="what grows from step to step belongs to y, which is stacked",
        )  # fmt: skip
    if new.dtype is not old.dtype:
        raise DTypeError(
            f"{path} of a scan changes its type", got=new.dtype.name, expected=old.dtype.name,
            hint=f"start from the type it ends with, or return it .to(cr.{old.dtype.name})",
        )  # fmt: skip
    return new
