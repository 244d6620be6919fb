"""The adjoint of a convolution by its weight."""

from __future__ import annotations

from typing import Any

from chainrule.core import dtypes as dt
from chainrule.core.errors import ShapeError
from chainrule.core.node import Node
from chainrule.core.op import Op, example
from chainrule.core.signature import Shape, same_size
from chainrule.core.size import bounds
from chainrule.ops.window.filtering import Geometry, equation

_PLAIN = Geometry((2,), (1,), (1,), ((0, 0),), 1, False)
_GROUPED = Geometry((2, 1), (2, 1), (1, 2), ((1, 0), (0, 0)), 2, True)


class Correlation(Op):
    """What each entry of a kernel was multiplied with, times the adjoint of what came of it: the
    sum over examples and places p of input[c, p + k] * made[o, p].

    Shapes: input (n, c, *d), made (n, o, *places) -> (o, c / groups, *k), or without n.
    ``geometry`` says how the kernel moves.
    """

    kind = "contract"
    dtype_rule = "alike"
    takes = dt.NUMBERS
    keywords = ("input", "made")
    examples = (
        example((2, 1, 3), (2, 2, 2), geometry=_PLAIN),
        example((2, 3, 2), (2, 2, 2), geometry=_GROUPED),
    )

    def forward(self, xp: Any, input: Any, made: Any, *, geometry: Geometry) -> Any:
        read, grouped = geometry.windows(xp, input), geometry.grouped(xp, made)
        if read.shape[3 : 3 + geometry.axes] != grouped.shape[3:]:  # room for one more window
            sizes = (*read.shape[:3], *grouped.shape[3:], *geometry.kernel)
            read = xp.slice(read, tuple(slice(0, n, 1) for n in sizes))
        found = xp.einsum((grouped, read), equation("ngoP,ngcPK->gocK", geometry.axes))
        shape = self.shape(input.shape, made.shape, geometry=geometry)
        return xp.reshape(geometry.turned(xp, found), shape)

    def shape(self, input: Shape, made: Shape, *, geometry: Geometry) -> Shape:
        axes = geometry.axes
        if len(input) != len(made) or len(input) not in (axes + 1, axes + 2):
            raise ShapeError(f"input has {len(input)} axes and what was made of it {len(made)}")
        for shape in (input, made):
            if not same_size(shape[-axes - 1] % geometry.groups, 0):
                raise ShapeError(f"{shape[-axes - 1]} channels are not {geometry.groups} groups")
        if not all(map(same_size, input[: -axes - 1], made[: -axes - 1])):
            raise ShapeError(f"{input[0]} examples, and {made[0]} were made of them")
        room = geometry.places(input[-axes:])
        pairs = zip(room, made[-axes:], strict=True)
        if any((least := bounds(n - own)[0]) is not None and least < 0 for n, own in pairs):
            raise ShapeError(f"the kernel has {room} places, not {made[-axes:]}")
        return (made[-axes - 1], input[-axes - 1] // geometry.groups, *geometry.kernel)

    def written(self, attrs: dict[str, Any], latex: bool = False) -> str:
        """The name alone: the convolution whose adjoint this is tells how its kernel moves."""
        return self.name

    def explain(self, node: Node) -> str:
        return "each entry of a kernel times what it met, summed over all places"


correlation = Correlation()
