"""The way back through one step of a loop: what it makes, and which values of the step it reads."""

from __future__ import annotations

from collections.abc import Sequence

from chainrule.core.capture import Trace
from chainrule.core.derivatives import pull_back
from chainrule.core.graph import Graph, reachable
from chainrule.core.node import Node, leaf
from chainrule.core.pullback import zeros
from chainrule.core.state import switched
from chainrule.core.structural import pick
from chainrule.core.tensor import Tensor
from chainrule.ops.structural.loop_body import Key, key_of


class _Reading(Trace):
    """A trace in which values of another graph are read: each gets one placeholder."""

    def __init__(self) -> None:
        super().__init__()
        self.read: dict[Key, Node] = {}

    def _own(self, node: Node) -> bool:
        return super()._own(node) and not (node.op is pick and not self._own(node.parents[0]))

    def _lift(self, root: Tensor) -> None:
        node = root._node
        if node.op is None or node.parents:
            made = leaf(node.shape, node.dtype, None, node.dtype.differentiable)
            root._node = self.read.setdefault(key_of(node), made)


class Backward:
    """The way back through one step: from adjoints of its outputs to those of its inputs.

    ``adjoints`` are the placeholders of the former, by output; ``read`` those of the step's own
    values, by key.  ``results`` are the adjoints of the carries; then, for each input that all
    steps share, the sum so far (placeholders in ``sums``) with this step's share; then the adjoints
    of the rows ``along``.
    """

    def __init__(
        self, body: Graph, carries: int, split: int, heard: Sequence[int], wanted: Sequence[int]
    ) -> None:
        inputs = [slot.node for slot in body.inputs]
        trace = _Reading()
        with switched(trace=trace, grad=True):
            given = {i: _blank(body.outputs[i]) for i in heard}
            starts = [(Tensor(body.outputs[i]), g) for i, g in given.items()]
            found = pull_back(starts, [Tensor(inputs[i]) for i in wanted], create_graph=True)
            flows = {i: g for i, g in zip(wanted, found, strict=True) if g is not None}
            sums = {i: _blank(inputs[i]) for i in flows if i >= split}
            last = [flows[i] if i in flows else zeros(inputs[i]) for i in wanted if i < carries]
            last += [total + flows[i] for i, total in sums.items()]
            self.along = [i for i in flows if carries <= i < split]
            results = [trace.node_of(g) for g in [*last, *(flows[i] for i in self.along)]]
        used = set(reachable(results))
        self.results = results
        self.adjoints = {i: g.node for i, g in given.items()}
        self.sums = {i: total.node for i, total in sums.items()}
        self.read = {key: node for key, node in trace.read.items() if node in used}


def _blank(like: Node) -> Tensor:
    return Tensor(leaf(like.shape, like.dtype, None, like.dtype.differentiable))
