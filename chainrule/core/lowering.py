"""The recording namespace: a composite's ``forward`` run with it applies its primitives one by one.

Where the tensors have values, each primitive computes at once; in a graph each becomes a node.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from chainrule.core.apply import apply, lift
from chainrule.core.dtypes import DType
from chainrule.core.node import Node, leaf
from chainrule.core.op import Op, primitives
from chainrule.core.signature import Shape
from chainrule.core.state import switched
from chainrule.core.tensor import Tensor
from chainrule.namespaces.recorder import Recorder


def _emit(name: str, arrays: tuple[Any, ...], attributes: dict[str, Any]) -> Any:
    """Apply the op that stands for a function of the contract.

    The op's attributes stand in the contract's order.  They are meant as the contract has them,
    not as users of the op: ``dims=()`` names no axis, where PyTorch's ``dim=()`` means all.
    """
    op = primitives[name]
    operands = (list(arrays),) if op.variadic else arrays
    tensors, attrs = Op.bind(op, (*operands, *attributes.values()), {})
    return apply(op, lift(op, tensors), attrs)


def _emit_scan(body: Any, carry: Any, xs: Any, length: Any) -> Any:
    return primitives["scan"].record(body, carry, xs, length)  # type: ignore[attr-defined]


recorder: Any = Recorder(_emit, _emit_scan)
"""The namespace whose arrays are tensors."""


def lowered(
    op: Op, operands: Sequence[tuple[Shape, DType]], attrs: dict[str, Any]
) -> tuple[list[Node], list[Node]]:
    """The op's forward as a small graph of primitives: its placeholders and its results."""
    inputs = [leaf(shape, dtype) for shape, dtype in operands]
    with switched(trace=None, record=True):
        found = op.forward(recorder, *(Tensor(node) for node in inputs), **attrs)
    results = found if op.outputs else (found,)
    return inputs, [r.node for r in results]
