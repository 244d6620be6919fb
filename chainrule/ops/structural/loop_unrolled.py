"""A loop written out, one step after the other, as a person does it on paper."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence

from chainrule.core.graph import Graph
from chainrule.core.names import called_in_step
from chainrule.core.node import Node
from chainrule.core.tensor import Tensor
from chainrule.ops.shape.moves import stack
from chainrule.ops.shape.pieces import each_row
from chainrule.ops.structural.loop_body import again

_WORD = re.compile(r"[^\W\d]\w*")


def written_out(
    node: Node, operands: Sequence[Tensor], call: Callable[..., None]
) -> tuple[Tensor, ...]:
    """The results of the loop ``node`` of other operands, by ops that are applied one by one.

    ``call`` is told the names that values have in the step, with the number of the step, from 1 in
    the order of the rows; the first carry has the name of the next, at the step before.
    """
    body, n, length = node.attrs["body"], node.attrs["carries"], node.attrs["length"]
    split = n + node.attrs["along"]
    inputs = [slot.node for slot in body.inputs]
    names = _names(body, n)
    carry, along = list(operands[:n]), [each_row(x, number=length) for x in operands[n:split]]
    order = range(length - 1, -1, -1) if node.attrs["reverse"] else range(length)
    for made, start in zip(body.outputs, carry, strict=False):
        if made in names:
            call(start, names[made], order[0] + (2 if node.attrs["reverse"] else 0))
    for part, whole in zip(inputs[split:], operands[split:], strict=True):
        if part in names:
            call(whole, names.pop(part))
    made_rows: list[dict[int, Tensor]] = [{} for _ in body.outputs[n:]]
    for t in order:
        values = [*carry, *(x[t] for x in along), *operands[split:]]
        env = dict(zip(inputs, values, strict=True))
        for part in body.nodes:
            if part not in env:
                env[part] = again(part, env) if part.op is not None else Tensor(part)
            if part in names:
                call(env[part], names[part], t + 1)
        carry = [env[part] for part in body.outputs[:n]]
        for found, part in zip(made_rows, body.outputs[n:], strict=True):
            found[t] = env[part]
    return (*carry, *(stack([found[t] for t in range(length)]) for found in made_rows))


def _names(body: Graph, carries: int) -> dict[Node, str]:
    """What values of the step are called; of several with one name, the last."""
    inputs = [slot.node for slot in body.inputs]
    found = called_in_step(body)
    for node in inputs:  # rows have at least the name of the argument: x, or its part
        words = _WORD.findall(body.names.get(node, ""))
        if words:
            found.setdefault(node, words[-1])
    first = set(inputs[:carries])  # known by the names that the step before gave them
    by_name = {found[node]: node for node in body.nodes if node in found and node not in first}
    return {node: name for name, node in by_name.items()}
