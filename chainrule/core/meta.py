"""Tensors without values: those on the device "meta", whose shapes and types are all there is.

A node says so itself (``node.meta``): in eager execution its value is None for good, while that of
a graph is None until the graph is run.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from chainrule.core import device as places
from chainrule.core import dtypes as dt
from chainrule.core.errors import CaptureError, ChainruleError, DeviceError
from chainrule.core.node import Node, leaf
from chainrule.core.printing import shape_text
from chainrule.core.state import state

if TYPE_CHECKING:
    from chainrule.core.device import device
    from chainrule.core.op import Op
    from chainrule.core.tensor import Tensor


def placeless(op: Op, nodes: Sequence[Node], attrs: dict[str, Any]) -> bool:
    """Whether an op whose result has no value is applied on the device "meta".

    Beside operands there, others may be numbers without axes, and whole numbers that say which
    entries are looked up.  Raises DeviceError for any other.
    """
    if not nodes:
        return places.nowhere()
    if not any(node.meta for node in nodes):
        return False
    for node in nodes:
        index = op.kind == "lookup" and node.dtype.category <= dt.INTEGER
        if node.value is not None and node.shape != () and not index:
            from chainrule.core.blame import blame  # it reads source, which few need

            error = DeviceError(
                "some operands have values, and some are on the device 'meta' and have none",
                expected="all on one device",
                hint="x.to('meta') drops the values; net.to_empty(device='cpu') and\n"
                "load_state_dict(…, assign=True) give some",
            )
            blame(error, op, nodes, attrs)
            raise error
    return True


def without_values(nodes: Sequence[Node]) -> list[Node]:
    """Operands that are all on "meta", so that rules for adjoints find no values either; those that
    want a gradient themselves stay."""
    return [n if n.meta or n.requires_grad else blank(n.shape, n.dtype) for n in nodes]


def blank(shape: Any, dtype: Any, requires_grad: bool = False) -> Node:
    """A leaf on the device "meta"."""
    made = leaf(shape, dtype, None, requires_grad)
    made.meta = True
    return made


def without_value(action: str, node: Node, name: str | None) -> ChainruleError:
    """The error of an action that needs the value of a node that has none."""
    got = f"{name or 'a tensor'} {shape_text(node)}"
    if not node.meta:
        return CaptureError(
            f"{action} needs a value, and while a function is captured there is none",
            got=got,
            hint="compute with tensors to the end (cr.where instead of if),\n"
            "or do this outside the captured function",
        )
    return DeviceError(
        f"{action} needs a value, and a tensor on the device 'meta' has none",
        got=got,
        hint="give it one: net.to_empty(device='cpu'), or load_state_dict(…, assign=True)",
    )


def same_device(what: str, new: Node, old: Node) -> None:
    """Raise DeviceError where ``new`` cannot take the place of ``old``: one of them has values."""
    if new.meta is not old.meta and state.trace is None:
        first, second = ("meta", "cpu") if new.meta else ("cpu", "meta")
        raise DeviceError(
            f"{what} on the device '{first}' for a tensor on '{second}'",
            hint="x.copy_(values) and x.to(device) move values; from 'meta' there are none to move",
        )


def moved(x: Tensor, place: device) -> Tensor:
    """``x`` on a device: without its values on "meta".

    Its history stays, though no gradient comes back to a tensor with values.  Raises DeviceError
    the other way round: there are no values to copy.
    """
    from chainrule.core.structural import alias
    from chainrule.core.tensor import Tensor

    node = x.node
    if node.meta == (place.type == "meta"):
        return x
    if node.meta:
        raise without_value(f"to('{place}')", node, x.name)
    if not node.requires_grad:
        return Tensor(blank(node.shape, node.dtype))
    made = Node(alias, (node,), {}, node.shape, node.dtype, None, True)
    made.meta = True
    return Tensor(made)
