"""The conditions on values that a graph's ops make, as values of a graph themselves.

Engines compute them with everything else and look at them at the end.
"""

from __future__ import annotations

from chainrule.core.apply import has_checks
from chainrule.core.graph import Graph
from chainrule.core.lowering import recorder
from chainrule.core.node import Node
from chainrule.core.state import switched
from chainrule.core.tensor import Tensor


def conditions(graph: Graph) -> list[tuple[Node, Node, str]]:
    """(what is wrong where it is true, the node that says so, its sentence), for every check that
    engines must make; those that a forward makes by itself are left out.

    >>> import chainrule as cr
    >>> graph = cr.capture(
    ...     lambda p, t: cr.nn.functional.binary_cross_entropy(p, t), cr.spec(3), cr.spec(3)
    ... )
    >>> [sentence for _, _, sentence in conditions(graph)]
    ['a probability is outside 0 … 1 (were these logits?)', 'a target is outside 0 … 1']
    """
    found = []
    for node in graph.nodes:
        op = node.op
        if op is None or op.checks_late or not has_checks(op):
            continue
        with switched(record=True, grad=False, trace=None):
            operands = [Tensor(parent) for parent in node.parents]
            for wrong, sentence in op.checks(recorder, *operands, **node.attrs):
                found.append((wrong.node, node, sentence))
    return found
