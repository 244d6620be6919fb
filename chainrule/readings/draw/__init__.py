"""Drawing: the computational graph with a node for each operator."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from chainrule.core.errors import ArgumentError
from chainrule.core.graph import Graph, history
from chainrule.core.tensor import Tensor
from chainrule.readings.draw.drawing import Drawing
from chainrule.readings.draw.picture import Arrow, Box, picture_of

ZOOMS = ("ops", "primitives")


def draw(target: Tensor | Sequence[Tensor] | Graph, *, zoom: str = "ops") -> Drawing:
    """The computational graph of a tensor that was computed, of several, or of a captured function:
    every operator is a node with its inputs and outputs, every value that has a name writes it on
    its arrow, numbers stand in the operators that use them.

    With ``zoom="primitives"`` composite operators are taken apart.  A `Drawing` is printed as a
    list of the operators with their arity; it has ``text()``, ``dot()`` for Graphviz and ``svg()``,
    which notebooks show.  Raises ArgumentError for tensors without history.

    >>> import chainrule as cr
    >>> x, b = cr.tensor(2.0, requires_grad=True), cr.tensor(1.0)
    >>> y = x.sin() - b
    >>> print(draw(y))
    inputs  x, b
    v3      sin  1 input   x
    y       -    2 inputs  v3, b
    output  y
    """
    if zoom not in ZOOMS:
        raise ArgumentError(f"zoom is {zoom!r}", expected=", ".join(ZOOMS))
    graph = target if isinstance(target, Graph) else _history(target)
    boxes, arrows = picture_of(graph, apart=zoom == ZOOMS[1])
    return Drawing(boxes, arrows)


def _history(target: Any) -> Graph:
    """What tensors were computed from; raises ArgumentError where there is nothing to draw."""
    tensors = [target] if isinstance(target, Tensor) else target
    whole = isinstance(tensors, list | tuple) and tensors
    if not whole or not all(isinstance(x, Tensor) for x in tensors):
        raise ArgumentError(
            f"draw() takes a tensor, not a {type(target).__name__}",
            expected="a tensor, a list of tensors, or a graph",
            hint="of a function or network: cr.draw(cr.capture(net, cr.spec(1, 3, 32, 32)))",
        )
    if all(x.node.op is None for x in tensors):
        raise ArgumentError(
            "this tensor has no history to draw",
            hint="compute it from tensors that require a gradient, or inside `with cr.record():`",
        )
    return history(list(tensors))


__all__ = ["Arrow", "Box", "Drawing", "draw"]
