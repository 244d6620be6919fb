"""A node: one value of a graph, and how it was made."""

from __future__ import annotations

import itertools
import weakref
from types import CodeType
from typing import TYPE_CHECKING, Any

from chainrule.core.dtypes import DType
from chainrule.core.signature import Shape

if TYPE_CHECKING:
    from chainrule.core.apply import Plan
    from chainrule.core.op import Op
    from chainrule.core.tensor import Tensor

_numbers = itertools.count(1)


def next_number() -> int:
    """A creation number larger than that of every node so far."""
    return next(_numbers)


class Node:
    """One value, and how it was made; never changed once made.

    ``op`` is None for a leaf, whose history starts here.  ``parents`` are the nodes it was made
    from, ``attrs`` the op's attributes by name, ``number`` the creation number (parents always
    have smaller ones), ``where`` the user's position as (code object, offset), ``scope`` the
    modules that were being called.  ``value`` is what eager execution computed, and None in a
    graph: a tuple for an op with several outputs, whose ``shape`` and ``dtype`` are then tuples
    too; ``meta`` says that there will never be one, on the device "meta".  ``plan`` is what apply
    found to hold for operands of these shapes and types.  ``handle`` leads a leaf that requires a
    gradient to the tensor that collects it.
    """

    __slots__ = (
        "__weakref__",
        "attrs",
        "dtype",
        "handle",
        "meta",
        "number",
        "op",
        "parents",
        "plan",
        "requires_grad",
        "scope",
        "shape",
        "value",
        "where",
    )

    op: Op | None
    handle: weakref.ref[Tensor] | None
    plan: Plan | None
    where: tuple[CodeType, int] | None

    def __init__(
        self,
        op: Op | None,
        parents: tuple[Node, ...],
        attrs: dict[str, Any],
        shape: Any,
        dtype: Any,
        value: Any = None,
        requires_grad: bool = False,
        where: tuple[CodeType, int] | None = None,
        scope: Any = None,
    ) -> None:
        self.op = op
        self.parents = parents
        self.attrs = attrs
        self.shape = shape
        self.dtype = dtype
        self.value = value
        self.requires_grad = requires_grad
        self.where = where
        self.scope = scope
        self.number = next(_numbers)
        self.handle = self.plan = None
        self.meta: bool = value is None and any(parent.meta for parent in parents)

    @property
    def inputs(self) -> tuple[Tensor, ...]:
        """The operands as tensors, for derivative rules to compute with."""
        from chainrule.core.tensor import Tensor  # a node makes handles of itself

        return tuple(Tensor(parent) for parent in self.parents)

    @property
    def output(self) -> Tensor:
        """The value itself as a tensor, for derivative rules that reuse it."""
        from chainrule.core.tensor import Tensor

        return Tensor(self)

    @property
    def is_leaf(self) -> bool:
        """Whether the history of a node that requires a gradient starts here.

        A graph's placeholder for a computed tensor is no leaf: no tensor collects its gradient.
        """
        if self.op is None:
            return self.handle is not None
        return not any(parent.requires_grad for parent in self.parents)

    @property
    def whole(self) -> Node | None:
        """The node with several outputs of which this is one, ``attrs["output"]``; else None."""
        first = self.parents[0] if self.parents else None
        return first if first is not None and type(first.dtype) is tuple else None

    def needs(self, i: int) -> bool:
        """Whether operand ``i`` wants a gradient; a rule may return None for one that does not."""
        return self.parents[i].requires_grad

    def __repr__(self) -> str:
        operands = ", ".join(f"v{p.number}" for p in self.parents)
        made = f"{self.op.name}({operands})" if self.op else "leaf"
        return f"<Node v{self.number} = {made} {self.shape} {self.dtype}>"


def leaf(shape: Shape, dtype: DType, value: Any = None, requires_grad: bool = False) -> Node:
    """A node without history; without a value, a placeholder of a graph."""
    return Node(None, (), {}, shape, dtype, value, requires_grad)
