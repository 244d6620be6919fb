"""Shapes as axis names: ``"*b m k, *b k n -> *b m n"``.

One text gives an op its shape rule and the words of its errors.  Operands are separated by commas,
axes by spaces; equal names must have equal sizes; ``*b`` stands for any number of axes, which
broadcast against each other as NumPy's do, ``=s`` for any number that are the same everywhere; a
number is an axis of that size; an operand in square brackets may be left out.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import cache

from chainrule.core.errors import ShapeError
from chainrule.core.size import Size, decide_equal, prod

Dim = int | Size
Shape = tuple[Dim, ...]


def same_size(a: Dim, b: Dim) -> bool:
    """Whether two sizes are equal; raises UndecidedSize where that depends on a symbol."""
    return a == b if isinstance(a, int) and isinstance(b, int) else decide_equal(a, b)


def broadcast(*shapes: Shape) -> Shape:
    """The shape that ``shapes`` broadcast to; raises ShapeError where they do not.

    >>> broadcast((2, 1), (3,))
    (2, 3)
    """
    rank = max(map(len, shapes), default=0)
    return tuple(_joint_size(shapes, axis) for axis in range(-rank, 0))


def _joint_size(shapes: Iterable[Shape], axis: int) -> Dim:
    """The size of one axis, counted from the end, after broadcasting."""
    found: Dim = 1
    for shape in shapes:
        if len(shape) < -axis:
            continue
        size = shape[axis]
        if found == 1:
            found = size
        elif size != 1 and not same_size(found, size):
            raise ShapeError(f"axis {axis} is {found} in one operand and {size} in another")
    return found


@dataclass(frozen=True)
class Operand:
    """The axes of one operand: named ones before and after an optional star, ``*b`` or ``=s``."""

    before: tuple[str, ...]
    star: str | None
    after: tuple[str, ...]
    optional: bool = False

    @classmethod
    def parse(cls, text: str) -> Operand:
        """Read ``"*b m k"`` or ``"[o]"``."""
        optional = text.startswith("[")
        names = text.strip("[]").split()
        stars = [i for i, name in enumerate(names) if name[0] in "*="]
        if len(stars) > 1:
            raise ValueError(f"two stars in one operand: {text!r}")
        if not stars:
            return cls(tuple(names), None, (), optional)
        i = stars[0]
        return cls(tuple(names[:i]), names[i], tuple(names[i + 1 :]), optional)

    def read(self, shape: Shape, number: int) -> tuple[list[tuple[str, Dim]], Shape | None]:
        """Pair names with sizes; the second part is what the star stands for."""
        fixed = len(self.before) + len(self.after)
        if len(shape) < fixed or (self.star is None and len(shape) > fixed):
            wanted = f"at least {fixed}" if self.star else str(fixed)
            names = " ".join((*self.before, *self.after))
            listed = f" ({names})" if names else ""
            raise ShapeError(f"operand {number} has {len(shape)} axes, not {wanted}{listed}")
        tail = len(shape) - len(self.after)
        pairs = list(zip(self.before, shape[: len(self.before)], strict=True))
        pairs += zip(self.after, shape[tail:], strict=True)
        return pairs, shape[len(self.before) : tail] if self.star else None


@dataclass(frozen=True)
class Signature:
    """A parsed signature: its text, operands and results."""

    text: str
    operands: tuple[Operand, ...]
    results: tuple[Operand, ...]

    @classmethod
    @cache
    def parse(cls, text: str) -> Signature:
        """Read a signature.

        >>> Signature.parse("*b m k, *b k n -> *b m n").infer([(5, 2, 3), (3, 4)])
        ((5, 2, 4),)
        """
        left, _, right = text.partition("->")
        sides = [
            tuple(Operand.parse(part.strip()) for part in side.split(",")) for side in (left, right)
        ]
        return cls(text, *sides)

    def bind(self, shapes: Sequence[Shape]) -> tuple[dict[str, Dim], dict[str, Shape]]:
        """The size of every named axis and the shape of every star.

        Raises ShapeError where two operands disagree or an operand has the wrong rank.
        """
        sizes: dict[str, Dim] = {}
        stars: dict[str, list[Shape]] = {}
        for i, (operand, shape) in enumerate(zip(self.operands, shapes, strict=False), 1):
            pairs, star = operand.read(shape, i)
            for name, size in pairs:
                known = sizes.setdefault(name, int(name) if name.isdigit() else size)
                if not same_size(known, size):
                    raise ShapeError(
                        f"axis '{name}' is {known} in one place and {size} in another",
                        expected=self.text,
                    )
            if operand.star is not None and star is not None:
                stars.setdefault(operand.star, []).append(star)
        return sizes, {name: self._joint(name, found) for name, found in stars.items()}

    @staticmethod
    def _joint(name: str, shapes: list[Shape]) -> Shape:
        first = shapes[0]
        if name[0] == "=":
            for other in shapes[1:]:
                if len(other) != len(first) or not all(map(same_size, first, other)):
                    raise ShapeError(
                        f"axes '{name[1:]}' are {first} in one place and {other} in another"
                    )
            return first
        try:
            return broadcast(*shapes)
        except ShapeError as error:
            raise ShapeError(error.fact.replace("axis ", f"axis '{name[1:]}' ", 1)) from None

    def infer(self, shapes: Sequence[Shape]) -> tuple[Shape, ...]:
        """The shapes of the results."""
        sizes, stars = self.bind(shapes)
        return tuple(
            (
                *(sizes[name] for name in result.before),
                *(stars[result.star] if result.star else ()),
                *(sizes[name] for name in result.after),
            )
            for result in self.results
        )

    def volume(self, shapes: Sequence[Shape]) -> Dim:
        """The product of all axes that occur: the multiplications of a contraction."""
        sizes, stars = self.bind(shapes)
        return prod([*sizes.values(), *(size for star in stars.values() for size in star)])
