"""Placements: how often the filters of a network are applied, and what one application takes.

A filter is what a weight holds for one of its first axis: a kernel over all channels that it reads,
or the row of an affine layer.  How often it is applied follows from the op's own count, with no
knowledge of the op: multiplications over weights.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from chainrule.analysis.find.question import specs
from chainrule.core.capture import capture
from chainrule.core.cost import Cost
from chainrule.core.dtypes import DType
from chainrule.core.errors import ArgumentError
from chainrule.core.node import Node
from chainrule.core.size import AnySize, prod
from chainrule.core.tensor import Parameter
from chainrule.nn import Module


@dataclass(frozen=True)
class Placement:
    """The filters of one weight, applied by one op.

    ``applications`` of each filter in the whole batch, ``each`` of them for one sample of it (the
    size of the first axis of the input); ``operations`` of one application, by kind; ``weights`` of
    one filter, with ``biases`` (1 where it has a bias, else 0).  Where an application gives many
    entries, which overlap with those of others, as a transposed convolution's does, only its
    multiplications are its own.
    """

    name: str
    filters: AnySize
    applications: AnySize
    each: AnySize
    operations: Cost
    weights: AnySize
    biases: int
    dtype: DType

    def bytes(self, dtype: DType | None = None, bias: bool = True) -> AnySize:
        """Bytes of one filter, its bias included unless ``bias`` is False, in its own element type
        or another."""
        count = self.weights + (self.biases if bias else 0)
        return count * (dtype or self.dtype).itemsize

    def lines(self) -> Iterator[str]:
        """The working, line by line."""
        plural = "s" * (self.filters != 1)
        yield f"{self.name}: {self.filters} filter{plural} of {self.weights} weights"
        count = f"({self.weights} + 1 bias)" if self.biases else f"{self.weights}"
        yield f"  bytes of one       {count} * {self.dtype.itemsize} = {self.bytes()}"
        yield f"  applied            {self.each} times a sample, {self.applications} in all"
        told = ", ".join(f"{count} {kind}" for kind, count in self.operations.items())
        yield f"  one application    {told}"


class Placements(Sequence[Placement]):
    """One `Placement` for each weight that an op applies, in the order of the run."""

    def __init__(self, found: Sequence[Placement]) -> None:
        self._found = tuple(found)

    def __len__(self) -> int:
        return len(self._found)

    def __getitem__(self, key: Any) -> Any:
        """By position, or by the name of the weight's module."""
        if isinstance(key, str):
            for one in self._found:
                if one.name == key:
                    return one
            names = ", ".join(one.name for one in self._found)
            raise ArgumentError(
                f"no filters are called {key!r}", expected=names or "none are there"
            )
        return self._found[key]

    def __str__(self) -> str:
        return "\n".join(line for one in self._found for line in one.lines())

    __repr__ = __str__


def placements(model: Module, *inputs: Any) -> Placements:
    """How often each filter of a network is applied, the operations of one application, and the
    bytes of one filter.  Inputs are shapes, in which letters may stand for sizes, specs or tensors.
    Raises ArgumentError for an input without entries.

    >>> from chainrule import nn
    >>> print(placements(nn.Conv3d(1, 1, 3, bias=False), (3, 1, 6, 6, 7)))
    weight: 1 filter of 27 weights
      bytes of one       27 * 4 = 108
      applied            80 times a sample, 240 in all
      one application    27 multiply, 26 add
    """
    names = {id(parameter): name for name, parameter in model.named_parameters()}
    graph = capture(model, *(one for given in inputs for one in specs(given)))
    weights = {
        one.node: one.tensor for one in graph.inputs
        if isinstance(one.tensor, Parameter) and id(one.tensor) in names
    }  # fmt: skip
    batch = next((one.node.shape[0] for one in graph.inputs if one.role == "input"), 1)
    if any(prod(one.node.shape) == 0 for one in graph.inputs if one.role == "input"):
        raise ArgumentError(
            "filters are not applied to an input without entries",
            got=", ".join(str(one.node.shape) for one in graph.inputs if one.role == "input"),
        )
    found = []
    for node in graph.nodes:
        if node.op is None or node.op.kind not in ("contract", "window"):
            continue
        own = [source for source in map(_source, node.parents) if source in weights]
        held = [parent for parent in own if len(parent.shape) > 1]
        if len(held) == 1:
            name = names[id(weights[held[0]])]
            found.append(_placement(name, node, held[0], len(own) > 1, batch))
    return Placements(found)


def _source(node: Node) -> Node:
    """The node whose values these are, perhaps in another element type."""
    while node.op is not None and node.op.kind == "structural" and len(node.parents) == 1:
        if node.parents[0].shape != node.shape:
            break
        node = node.parents[0]
    return node


def _placement(name: str, node: Node, weight: Node, bias: bool, batch: AnySize) -> Placement:
    assert node.op is not None
    cost, entries, filters = node.op.cost(node), prod(weight.shape), weight.shape[0]
    applications = cost.get("multiply", 0) // entries
    single = prod(node.shape) == applications * filters  # each application makes one entry
    one = {
        kind: count // (applications * filters)
        for kind, count in cost.items()
        if single or kind == "multiply"
    }
    return Placement(
        name.removesuffix(".weight"), filters, applications, applications // batch,
        {kind: count for kind, count in one.items() if count != 0},
        entries // filters, int(bias and single), weight.dtype,
    )  # fmt: skip
