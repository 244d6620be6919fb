"""The tensor: a mutable handle on an immutable node.

Writing — in place, by index, through a view, by an optimizer — gives the handle another node; no
node and no array that another node can reach is ever changed.  Handles that share storage, as
PyTorch has it, are kept in step: a *view* holds its base and the chain of move ops that reads it;
``detach()`` and ``.data`` are views of the base's *twin*, which has the same values and no history.
"""

from __future__ import annotations

import weakref
from collections.abc import Callable, Iterator, Sequence
from typing import TYPE_CHECKING, Any

import numpy as np

from chainrule.core import dtypes as dt
from chainrule.core.dtypes import DType
from chainrule.core.errors import ArgumentError, CaptureError, GradientError, ShapeError
from chainrule.core.node import Node, leaf
from chainrule.core.signature import Shape
from chainrule.core.size import prod
from chainrule.core.state import state

if TYPE_CHECKING:
    from chainrule.core.op import Op


class Tensor:
    """A multi-dimensional array that can say how it was made.

    Made by `chainrule.tensor` and by ops; its methods are PyTorch's.  ``node`` leads to its history.
    """

    __slots__ = ("__weakref__", "_base", "_chain", "_grad", "_node", "_seen", "_twin", "name", "role")

    role: str | None

    if TYPE_CHECKING:

        def __getattr__(self, name: str) -> Any: ...  # methods attached by ops
        def __add__(self, other: Any) -> Tensor: ...
        def __radd__(self, other: Any) -> Tensor: ...
        def __sub__(self, other: Any) -> Tensor: ...
        def __rsub__(self, other: Any) -> Tensor: ...
        def __mul__(self, other: Any) -> Tensor: ...
        def __rmul__(self, other: Any) -> Tensor: ...
        def __truediv__(self, other: Any) -> Tensor: ...
        def __rtruediv__(self, other: Any) -> Tensor: ...
        def __pow__(self, other: Any) -> Tensor: ...
        def __rpow__(self, other: Any) -> Tensor: ...
        def __matmul__(self, other: Any) -> Tensor: ...
        def __neg__(self) -> Tensor: ...
        def __invert__(self) -> Tensor: ...
        def __and__(self, other: Any) -> Tensor: ...
        def __or__(self, other: Any) -> Tensor: ...
        def __lt__(self, other: Any) -> Tensor: ...
        def __le__(self, other: Any) -> Tensor: ...
        def __gt__(self, other: Any) -> Tensor: ...
        def __ge__(self, other: Any) -> Tensor: ...
        def __getitem__(self, index: Any) -> Tensor: ...
        def __setitem__(self, index: Any, value: Any) -> None: ...

    def __init__(self, node: Node) -> None:
        self._node = node
        self._base: Tensor | None = None
        self._grad: Tensor | None = None
        self._twin: Twin | None = None
        self.name: str | None = None
        self.role = None

    # -- what it is ------------------------------------------------------------------------------

    def _current(self) -> Node:
        """The node, after whatever was written through the base."""
        base = self._base
        if base is None:
            return self._node
        node = base._node
        if node is not self._seen:
            self._node = _replay(self._chain, node)
            self._seen = node
        return self._node

    @property
    def node(self) -> Node:
        """The node that the handle stands for now."""
        return self._current()

    @property
    def shape(self) -> Any:
        """The sizes, a tuple."""
        return self._current().shape

    @property
    def dtype(self) -> DType:
        """The element type."""
        dtype: DType = self._current().dtype
        return dtype

    @property
    def ndim(self) -> int:
        """The number of axes."""
        return len(self._current().shape)

    def dim(self) -> int:
        """The number of axes."""
        return len(self._current().shape)

    def size(self, dim: int | None = None) -> Any:
        """The sizes, or the size of one axis."""
        return self.shape if dim is None else self.shape[dim]

    def numel(self) -> Any:
        """The number of entries."""
        return prod(self.shape)

    @property
    def is_leaf(self) -> bool:
        """Whether its history starts here (always so where no gradient is required)."""
        node = self._current()
        return not node.requires_grad or node.op is None or node.handle is not None

    @property
    def requires_grad(self) -> bool:
        """Whether gradients flow to it."""
        return self._current().requires_grad

    @requires_grad.setter
    def requires_grad(self, wanted: bool) -> None:
        self.requires_grad_(wanted)

    def requires_grad_(self, wanted: bool = True) -> Tensor:
        """Ask for its gradient, or stop asking; raises GradientError for whole numbers and bools."""
        node = self._current()
        if wanted == node.requires_grad:
            return self
        if wanted and not node.dtype.differentiable:
            raise GradientError(
                f"only floating, complex and exact tensors have gradients, not {node.dtype.name}",
                hint="make it floating first: cr.tensor(..., dtype=cr.float32) or x.float()",
            )
        if not wanted and node.op is not None and not self.is_leaf:
            raise GradientError(
                "the history of a computed tensor cannot be dropped in place",
                hint="use x.detach(), which is x without its history",
            )
        self._rebind(fresh_leaf(node, self if wanted else None))
        return self

    def retain_grad(self) -> None:
        """Keep the gradient of this computed tensor in ``.grad`` at the next backward."""
        node = self._current()
        if not node.requires_grad:
            raise GradientError("retain_grad() on a tensor that requires no gradient")
        node.handle = weakref.ref(self)

    @property
    def grad(self) -> Tensor | None:
        """The gradient collected by ``backward()``; None before, and after ``zero_grad()``."""
        if state.trace is not None:
            state.trace.reads_grad(self)
        return self._grad

    @grad.setter
    def grad(self, value: Tensor | None) -> None:
        if value is not None and not isinstance(value, Tensor):
            raise ArgumentError(f".grad takes a tensor or None, not {type(value).__name__}")
        if value is not None and value.shape != self.shape:
            raise ShapeError(f".grad of shape {value.shape} for a tensor of shape {self.shape}")
        if state.trace is not None:
            state.trace.slot_of(self)
        self._grad = value

    # -- values out ------------------------------------------------------------------------------

    def _value(self, action: str) -> Any:
        """The value; raises CaptureError where there is none yet."""
        trace = state.trace
        node = self._current() if trace is None else trace.node_of(self)
        if node.value is None:
            raise CaptureError(
                f"{action} needs a value, and there is none while a function is captured",
                hint="compute with tensors to the end (cr.where instead of if), "
                "or do this outside the captured function",
            )
        return node.value

    def numpy(self) -> np.ndarray:
        """The values as a NumPy array that cannot be written to (a view, not a copy).

        Raises GradientError where a gradient is required, as PyTorch does: detach first.
        """
        if self.requires_grad:
            raise GradientError(
                "numpy() would cut the history of a tensor that requires a gradient",
                hint="say so: x.detach().numpy()",
            )
        array = np.asarray(self._value("numpy()")).view()
        array.flags.writeable = False
        return array

    def __array__(self, dtype: Any = None, copy: bool | None = None) -> np.ndarray:
        array = np.asarray(self._value("a NumPy array"), dtype=dtype)
        return array.copy() if copy or copy is None else array

    __array_priority__ = 1000  # NumPy leaves array + tensor to the tensor, which refuses it

    def item(self) -> Any:
        """The one entry as a Python number; raises ShapeError where there are more."""
        value = self._value("item()")
        if prod(value.shape) != 1:
            raise ShapeError(f"item() is for one entry; this tensor has {prod(value.shape)}")
        return np.asarray(value).reshape(()).item()

    def tolist(self) -> Any:
        """The entries as nested lists of Python numbers."""
        return np.asarray(self._value("tolist()")).tolist()

    def __bool__(self) -> bool:
        return bool(self._one("bool() (an if, while, and, or, not, assert)"))

    def __float__(self) -> float:
        return float(self._one("float()"))

    def __int__(self) -> int:
        return int(self._one("int()"))

    def __index__(self) -> int:
        if self.dtype.category > dt.INTEGER:
            raise TypeError(f"only whole-number tensors can be an index, not {self.dtype.name}")
        return int(self._one("an index"))

    def __complex__(self) -> complex:
        return complex(self._one("complex()"))

    def _one(self, action: str) -> Any:
        value = self._value(action)
        if prod(value.shape) != 1:
            raise ShapeError(
                f"{action} of a tensor with {prod(value.shape)} entries is ambiguous",
                hint="say which: .any(), .all() or .item()",
            )
        return np.asarray(value).reshape(()).item()

    def __len__(self) -> int:
        if not self.shape:
            raise TypeError("len() of a tensor without axes")
        return int(self.shape[0])

    def __iter__(self) -> Iterator[Tensor]:
        return (self[i] for i in range(len(self)))

    def __hash__(self) -> int:
        return id(self)

    def __repr__(self) -> str:
        from chainrule.core.printing import tensor_text  # noqa: PLC0415

        return tensor_text(self)

    def __format__(self, spec: str) -> str:
        return format(self.item(), spec) if self.shape == () else format(repr(self), spec)

    def __deepcopy__(self, memo: dict[int, Any]) -> Tensor:
        node = self._current()
        if not self.is_leaf:
            raise GradientError("only leaves can be deep-copied", hint="use x.detach().clone()")
        made = type(self).__new__(type(self))
        Tensor.__init__(made, fresh_leaf(node, made if node.requires_grad else None))
        made.name, made.role = self.name, self.role
        memo[id(self)] = made
        if self._grad is not None:
            made._grad = self._grad.__deepcopy__(memo)
        return made

    # -- history ---------------------------------------------------------------------------------

    def backward(
        self,
        gradient: Tensor | None = None,
        retain_graph: bool | None = None,
        create_graph: bool = False,
        inputs: Sequence[Tensor] | None = None,
    ) -> None:
        """Add the gradient of this value to ``.grad`` of every leaf that requires one.

        ``gradient`` is the adjoint to start from (1 for a single entry).  With ``create_graph`` the
        gradients have a history themselves.  ``retain_graph`` is accepted; graphs are always kept
        as long as somebody holds them.  Raises GradientError where nothing requires a gradient.
        """
        from chainrule.core.derivatives import backward  # noqa: PLC0415

        backward(self, gradient, create_graph, inputs)

    def detach(self) -> Tensor:
        """The same values without the history; shares storage, as in PyTorch."""
        base = self if self._base is None else self._base
        if state.trace is not None:
            state.trace.node_of(self)
        if isinstance(base, Twin):
            return view_of(base, getattr(self, "_chain", ()))
        if base._twin is None:
            if state.trace is not None:
                state.trace.slot_of(base)
            base._twin = Twin(without_history(base._node), base)
        return view_of(base._twin, self._chain if self._base is not None else ())

    @property
    def data(self) -> Tensor:
        """The values without the history; writing to it writes here, unseen by gradients."""
        return self.detach()

    @data.setter
    def data(self, value: Tensor) -> None:
        self._rebind(fresh_leaf(value.node, self if self.requires_grad else None))

    # -- writing ---------------------------------------------------------------------------------

    def _rebind(self, node: Node) -> None:
        """Let the handle, and whatever shares its storage, stand for ``node``."""
        base = self._base
        if base is not None:
            base._rebind(_kept(base, _write_back(self._chain, base, Tensor(node))))
            self._node, self._seen = _replay(self._chain, base._node), base._node
            return
        if state.trace is not None:
            state.trace.slot_of(self)
        self._node = node
        if self._twin is not None:
            self._twin.follow(node)

    def _write(self, value: Tensor) -> Tensor:
        """Replace the values by ``value``, of the same shape: the end of every in-place method."""
        if state.trace is not None:
            state.trace.node_of(self)
        old = self._current()
        root = self if self._base is None else self._base
        if value.shape != old.shape:
            raise ShapeError(f"a result of shape {value.shape} cannot be written to {old.shape}")
        if state.grad and root._node.requires_grad and root.is_leaf:
            raise GradientError(
                "a leaf that requires a gradient is changed in place",
                hint="inside `with cr.no_grad():` this is an update; otherwise write x = x + …",
            )
        if value.dtype is not old.dtype:
            if value.dtype.category > old.dtype.category:
                raise ArgumentError(
                    f"a result of type {value.dtype.name} cannot be written to {old.dtype.name}"
                )
            value = value.to(old.dtype)
        node = value.node
        if node is not old:
            self._rebind(_kept(self, node) if self._base is None else node)
        return self


class Twin(Tensor):
    """The values of a tensor without its history: what ``detach()`` and ``.data`` look at."""

    __slots__ = ("of",)

    def __init__(self, node: Node, of: Tensor) -> None:
        super().__init__(node)
        self.of = weakref.ref(of)

    def follow(self, node: Node) -> None:
        """Take the values that were written to the tensor."""
        if state.trace is not None:
            state.trace.slot_of(self)
        self._node = without_history(node)

    def _rebind(self, node: Node) -> None:
        of = self.of()
        if state.trace is not None:
            state.trace.slot_of(self)
        self._node = without_history(node)
        if of is None:
            return
        if state.trace is not None:
            state.trace.slot_of(of)
        old = of._node
        if not old.requires_grad:
            of._node = self._node
        else:
            of._node = fresh_leaf(node, of) if of.is_leaf else with_value(old, node)


class Parameter(Tensor):
    """A tensor that a module owns and an optimizer changes; it requires a gradient.

    >>> import chainrule as cr
    >>> Parameter(cr.zeros(2)).requires_grad
    True
    """

    __slots__ = ()

    def __init__(self, data: Tensor, requires_grad: bool = True) -> None:
        super().__init__(data.detach().node)
        self.role = "param"
        if requires_grad:
            self.requires_grad_()


def fresh_leaf(node: Node, owner: Tensor | None) -> Node:
    """The value of ``node`` as a leaf, whose gradient ``owner`` collects (None: none is wanted)."""
    if node.value is None:
        from chainrule.core.structural import detached  # noqa: PLC0415

        made = detached(node)
        made.requires_grad = owner is not None
    else:
        made = leaf(node.shape, node.dtype, node.value, owner is not None)
    if owner is not None:
        made.handle = weakref.ref(owner)
    return made


def _kept(root: Tensor, node: Node) -> Node:
    """What ``root`` stands for after ``node`` was written to it: under `no_grad` a leaf stays a leaf,
    and a computed tensor keeps its history."""
    old = root._node
    if state.grad or not old.requires_grad:
        return node
    return fresh_leaf(node, root) if root.is_leaf else with_value(old, node)


def without_history(node: Node) -> Node:
    """A node with the same value and no history."""
    if node.op is None and not node.requires_grad:
        return node
    return fresh_leaf(node, None)


def with_value(old: Node, new: Node) -> Node:
    """The value of ``new`` with the history of ``old``: what writing to ``.data`` leaves behind."""
    from chainrule.core.structural import with_value as op  # noqa: PLC0415

    return Node(op, (old, new), {}, old.shape, old.dtype, new.value, old.requires_grad, old.where)


Chain = tuple[tuple["Op", dict[str, Any]], ...]


def view_of(base: Tensor, chain: Chain, node: Node | None = None) -> Tensor:
    """A handle on part of ``base``: what ``chain`` reads from it."""
    made = Tensor(base._node if node is None else node)
    made._base, made._chain, made._seen = base, chain, base._node
    if node is None and chain:
        made._node = _replay(chain, base._node)
    return made


def _replay(chain: Chain, node: Node) -> Node:
    """Read the view again from the base."""
    from chainrule.core.apply import apply  # noqa: PLC0415

    for op, attrs in chain:
        made: Tensor = apply(op, (Tensor(node),), attrs)
        node = made._node
    return node


def _write_back(chain: Chain, base: Tensor, part: Tensor) -> Node:
    """The base's node after ``part`` was written through the chain."""
    from chainrule.core.apply import apply  # noqa: PLC0415

    readers: list[Node] = []
    node = base._node
    for op, attrs in chain:
        made: Tensor = apply(op, (Tensor(node),), attrs)
        readers.append(Node(op, (node,), attrs, made.shape, made.dtype))
        node = made._node
    for (op, _), reader in zip(reversed(chain), reversed(readers), strict=True):
        part = op.put(reader, part)
    return part._node


def attach(op: Op) -> None:
    """Give tensors the methods that the op names."""
    for name in op.methods:
        setattr(Tensor, name, _method(op, name))
        if not name.startswith("__") and op.kind == "elementwise":
            setattr(Tensor, f"{name}_", _in_place(op, name))


def _method(op: Op, name: str) -> Callable[..., Any]:
    if name.startswith("__r") and name not in ("__rshift__",) and len(op.inputs) == 2:

        def method(self: Tensor, other: Any) -> Any:
            return op(other, self)
    elif name.startswith("__") and len(op.inputs) == 2:

        def method(self: Tensor, other: Any) -> Any:
            return op(self, other)
    else:

        def method(self: Tensor, *args: Any, **kwargs: Any) -> Any:
            return op(self, *args, **kwargs)

    method.__name__, method.__doc__ = name, type(op).__doc__
    return method


def _in_place(op: Op, name: str) -> Callable[..., Tensor]:
    def method(self: Tensor, *args: Any, **kwargs: Any) -> Tensor:
        return self._write(op(self, *args, **kwargs))

    method.__name__ = f"{name}_"
    method.__doc__ = f"`{name}`, in place: the tensor then stands for the result."
    return method


__all__ = ["Chain", "Parameter", "Shape", "Tensor", "Twin", "attach", "fresh_leaf", "view_of",
           "with_value", "without_history"]  # fmt: skip
