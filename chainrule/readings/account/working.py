"""How a count comes about: the inner products of a node, how many and how long."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from chainrule.core.convention import number
from chainrule.core.cost import opened, parts_of
from chainrule.core.node import Node
from chainrule.core.op import elements
from chainrule.core.signature import Dim, Shape


@dataclass(frozen=True)
class Product:
    """Inner products: one of ``length`` terms for each entry of ``shape``, ``often`` times."""

    shape: Shape
    length: Dim
    often: Dim = 1

    @property
    def count(self) -> Dim:
        """Their multiplications."""
        return elements(self.shape) * self.length * self.often

    def __str__(self) -> str:
        sizes = " · ".join(str(size) for size in self.shape if size != 1)
        steps = "" if self.often == 1 else f"{number(self.often)} steps × "
        many = f"({sizes}) inner products" if sizes else "1 inner product"
        return f"{steps}{many} × {self.length} terms = {number(self.count)}"


def products_of(node: Node, often: Dim = 1) -> Iterator[Product]:
    """The inner products that a node computes, in their order.

    >>> import chainrule as cr
    >>> for found in products_of(cr.capture(cr.nn.Conv2d(3, 8, 5), cr.spec(1, 3, 9, 9)).outputs[0]):
    ...     print(found)
    (8 · 5 · 5) inner products × 75 terms = 15,000
    """
    if node.op is None or "products" not in parts_of(node):
        return
    graphs = tuple(node.op.graphs(node))
    for graph, repeated in graphs:
        for inside in graph.nodes:
            yield from products_of(inside, often * repeated)
    if graphs:
        return
    if node.op.composite:
        for inside in opened(node.op, node)[1]:
            yield from products_of(inside, often)
        return
    multiply = parts_of(node)["products"].get("multiply", 0)
    made = elements(node.shape)
    if multiply != 0 and made != 0:
        length = multiply // made
        if length * made == multiply:
            yield Product(node.shape, length, often)
