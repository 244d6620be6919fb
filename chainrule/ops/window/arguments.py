"""What ops on windows are given: numbers for each axis, and borders.

Where all axes have the same number, nodes store that number alone: ``stride=2``, never (2, 2).
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from chainrule.core.errors import ArgumentError
from chainrule.core.signature import Dim, Shape
from chainrule.core.size import Size
from chainrule.ops.window.sliding import whole

Pair = tuple[Dim, Dim]


def per_axis(given: Any, axes: int) -> tuple[Any, ...]:
    """A stored number, or one for each axis, as one for each axis.

    >>> per_axis(2, 3), per_axis((1, 2), 2)
    ((2, 2, 2), (1, 2))
    """
    return given if isinstance(given, tuple) else (given,) * axes


def numbers(name: str, given: Any, axes: int, least: int = 1) -> Any:
    """A number for all axes, or one for each, in the form that nodes store.

    Raises ArgumentError for numbers below ``least``, and where there are more or fewer than axes.

    >>> numbers("stride", [2, 2], 2), numbers("stride", (1, 2), 2)
    (2, (1, 2))
    """
    if type(given) is int and given >= least:
        return given  # the usual case, asked for several times by every layer
    found = whole(given)
    for number in found:
        if not _whole(number) or number < least:
            raise ArgumentError(f"{name} is {given!r}", expected=f"whole numbers from {least}")
    if len(found) not in (1, axes):
        raise ArgumentError(f"{name} is {given!r}", expected=_wanted("number", axes))
    return _shortest(found)


def border(given: Any, axes: int, stride: Any) -> Any:
    """What stands around the operand, in the form that nodes store: "same", a number, one for each
    axis, or a pair (before, after) for each axis where one of them has different ends.

    Raises ArgumentError for anything else, and for "same" with a stride.

    >>> border(((0, 1), (2, 2)), 2, 1), border([(1, 1), (2, 2)], 2, 1), border("valid", 2, 1)
    (((0, 1), (2, 2)), (1, 2), 0)
    """
    if isinstance(given, str):
        if given not in ("same", "valid"):
            raise ArgumentError(f"padding is {given!r}", expected="a number, 'same', 'valid'")
        if given == "same" and stride != 1:
            raise ArgumentError(
                f"padding='same' with a stride of {stride}",
                hint="only a stride of 1 keeps the length",
            )
        return 0 if given == "valid" else given
    if type(given) is int:
        return numbers("padding", given, axes, least=0)
    if not isinstance(given, Sequence) or not any(isinstance(part, Sequence) for part in given):
        return numbers("padding", given, axes, least=0)
    pairs = tuple(tuple(part) if isinstance(part, Sequence) else (part, part) for part in given)
    if any(len(pair) != 2 for pair in pairs) or len(pairs) != axes:
        raise ArgumentError(f"padding is {given!r}", expected=_wanted("pair (before, after)", axes))
    numbers("padding", [width for pair in pairs for width in pair], 2 * axes, least=0)
    if all(before == after for before, after in pairs):
        return _shortest(tuple(before for before, _ in pairs))
    return pairs


def widths(padding: Any, kernel: Shape, dilation: Shape) -> tuple[Pair, ...]:
    """How many zeros a stored padding puts before and after each axis.

    "same" is d (k - 1) in all, the odd one after.

    >>> widths(1, (3, 3), (1, 1)), widths("same", (4,), (1,))
    (((1, 1), (1, 1)), ((1, 2),))
    """
    if padding == "same":
        missing = [d * (k - 1) for k, d in zip(kernel, dilation, strict=True)]
        return tuple((m // 2, m - m // 2) for m in missing)
    whole = per_axis(padding, len(kernel))
    return tuple(given if isinstance(given, tuple) else (given, given) for given in whole)


def _whole(number: Any) -> bool:
    return isinstance(number, int | Size) and not isinstance(number, bool)


def _wanted(what: str, axes: int) -> str:
    """How many of it there should be."""
    return f"one {what}: there is one axis" if axes == 1 else f"one {what} for each of {axes} axes"


def _shortest(found: tuple[Dim, ...]) -> Any:
    """One number where all are the same."""
    return found[0] if all(number == found[0] for number in found) else found
