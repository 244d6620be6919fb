"""The tensor: a mutable handle on an immutable node.

Writing — in place, by index, through a view, by an optimizer — gives the handle another node; no
node and no array that another node can reach is ever changed.  Handles that share storage, as
PyTorch has it, are kept in step by `chainrule.core.views`.
"""

from __future__ import annotations

import weakref
from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING, Any, ClassVar

import numpy as np

from chainrule.core import dtypes as dt
from chainrule.core import scalars
from chainrule.core.axes import own_axis
from chainrule.core.dtypes import DType
from chainrule.core.errors import ArgumentError, CaptureError, DTypeError, GradientError, ShapeError
from chainrule.core.hooks import Hook, RemovableHandle, register
from chainrule.core.layout import lay_out
from chainrule.core.node import Node
from chainrule.core.size import prod
from chainrule.core.state import leaves_graph, state

if TYPE_CHECKING:
    from chainrule.core.views import Chain, Storage


class Tensor:
    """A multi-dimensional array that can say how it was made.

    Made by `chainrule.tensor` and by ops; its methods are PyTorch's.  ``node`` leads to its
    history.
    """

    __slots__ = ("__weakref__", "_base", "_chain", "_grad", "_node", "_seen", "_storage",
                 "_version", "name", "role")  # fmt: skip

    _base: Tensor | None  # of a view, with:
    _seen: int  # the version of the base that was read
    _storage: Storage | None  # what tensors of different histories share
    _chain: Chain | None  # the moves that read a view from its base, or this from the storage
    _version: int  # counts the writes
    role: str | None

    if TYPE_CHECKING:

        def __getattr__(self, name: str) -> Any: ...  # methods attached by ops
        def __neg__(self) -> Tensor: ...
        def __invert__(self) -> Tensor: ...
        def _binary(self, other: Any) -> Tensor: ...

        __add__ = __radd__ = __sub__ = __rsub__ = __mul__ = __rmul__ = _binary
        __truediv__ = __rtruediv__ = __pow__ = __rpow__ = __matmul__ = _binary
        __and__ = __or__ = __xor__ = __lt__ = __le__ = __gt__ = __ge__ = _binary

        def __getitem__(self, index: Any) -> Tensor: ...
        def __setitem__(self, index: Any, value: Any) -> None: ...

    _of_data: ClassVar[Any]  # set by the floor of the ops

    def __init__(self, node: Any = (), *more: Any) -> None:
        if not isinstance(node, Node):  # torch.Tensor([1, 2]), torch.Tensor(2, 3)
            node = self._of_data(node, *more).node
        self._node: Node = node
        self._base = self._storage = None
        self._version = 0
        self._grad: Tensor | None = None
        self.name: str | None = None
        self.role = None

    # -- what it is ------------------------------------------------------------------------------

    def _current(self) -> Node:
        """The node, after whatever was written through the base."""
        base = self._base
        if base is not None and base._version != self._seen:
            views.refresh(self)
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
        """The sizes, or the size of one axis; raises DimError where there is no such axis."""
        return self.shape if dim is None else self.shape[own_axis(dim, self.ndim)]

    def numel(self) -> Any:
        """The number of entries."""
        return prod(self.shape)

    # -- gradients -------------------------------------------------------------------------------

    @property
    def is_leaf(self) -> bool:
        """Whether its history starts here (always so where no gradient is required)."""
        node = self._current()
        return not node.requires_grad or node.is_leaf

    @property
    def grad_fn(self) -> Node | None:
        """The node that leads on to its history; None for a leaf."""
        return None if self.is_leaf else self._node

    @property
    def requires_grad(self) -> bool:
        """Whether gradients flow to it."""
        return self._current().requires_grad

    @requires_grad.setter
    def requires_grad(self, wanted: bool) -> None:
        self.requires_grad_(wanted)

    def requires_grad_(self, wanted: bool = True) -> Tensor:
        """Ask for its gradient, or stop asking; raises GradientError for whole numbers, bools."""
        node = self._current()
        if wanted == node.requires_grad:
            return self
        if wanted and not node.dtype.differentiable:
            raise GradientError(
                f"only floating, complex and exact tensors have gradients, not {node.dtype.name}",
                got=shape_text(node),
                hint="make it floating first: cr.tensor(..., dtype=cr.float32) or x.float()",
            )
        if not wanted and not node.is_leaf:
            raise GradientError(
                "the history of a computed tensor cannot be dropped in place",
                hint="use x.detach(), which is x without its history",
            )
        self._version += wanted  # its views, read again, have a part in the gradient
        return self._relabel(views.fresh_leaf(node, self if wanted else None))

    def _relabel(self, node: Node) -> Tensor:
        """Let the same values have another history."""
        if state.trace is not None and state.trace.slot_of(self) is not None:
            raise CaptureError(
                "the history of a tensor from outside is changed while a function is captured",
                hint="call requires_grad_(), retain_grad() or detach_() before",
            )
        self._node = node
        return self

    def retain_grad(self) -> None:
        """Keep the gradient of this computed tensor in ``.grad`` at the next backward."""
        node = self._current()
        if not node.requires_grad:
            raise GradientError("retain_grad() on a tensor that requires no gradient")
        if not node.is_leaf:
            self._relabel(node)
            views.history_of(node).handle = weakref.ref(self)

    @property
    def retains_grad(self) -> bool:
        """Whether this is a computed tensor whose gradient is kept."""
        handle = views.history_of(self._current()).handle
        return not self.is_leaf and handle is not None and handle() is self

    def register_hook(self, hook: Hook) -> RemovableHandle:
        """Call ``hook`` with the gradient of this tensor whenever that has been computed; what it
        returns, unless None, replaces the gradient."""
        if not self.requires_grad:
            raise GradientError("register_hook() on a tensor that requires no gradient")
        return register(views.history_of(self._node), hook)

    @property
    def grad(self) -> Tensor | None:
        """The gradient collected by ``backward()``; None before, and after ``zero_grad()``."""
        if state.trace is not None:
            state.trace.reads_grad(self)
        return self._grad

    @grad.setter
    def grad(self, value: Tensor | None) -> None:
        if value is not None:
            if not isinstance(value, Tensor):
                raise ArgumentError(f".grad takes a tensor or None, not {type(value).__name__}")
            if value.shape != self.shape:
                raise ShapeError(f".grad of shape {value.shape} for a tensor of shape {self.shape}")
            if value.dtype is not self.dtype:
                raise DTypeError(f".grad of type {value.dtype.name} for a {self.dtype.name} tensor")
            same_device(".grad", value.node, self._node)
        if state.trace is not None:
            state.trace.writes_grad(self)
        self._grad = value

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
        from chainrule.core.derivatives import backward

        backward(self, gradient, create_graph, inputs)

    # -- values out ------------------------------------------------------------------------------

    def _value(self, action: str) -> Any:
        """The value; raises CaptureError where there is none yet, DeviceError on "meta"."""
        trace = state.trace
        node = self._current() if trace is None else trace.node_of(self)
        if node.value is None:
            raise without_value(action, node, self.name)
        leaves_graph(node)
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

    _op_priority = 1000  # SymPy leaves its operators to the tensor; it would call float()

    def item(self) -> Any:
        """The one entry as a Python number; raises ShapeError where there are more."""
        return self._one("item()", hint="take one: x[0, 0].item(), or all: x.tolist()")

    def tolist(self) -> Any:
        """The entries as nested lists of Python numbers."""
        return np.asarray(self._value("tolist()")).tolist()

    def __bool__(self) -> bool:
        return scalars.truth(self._one("bool() (an if, while, and, or, not, assert)"))

    def __float__(self) -> float:
        return scalars.real(self._one("float()"), "float()")

    def __int__(self) -> int:
        return scalars.whole(self._one("int()"))

    def __complex__(self) -> complex:
        return scalars.complex_number(self._one("complex()"))

    def __index__(self) -> int:
        if self.dtype.category > dt.INTEGER:
            raise DTypeError(f"only whole-number tensors can be an index, not {self.dtype.name}")
        return int(self._one("an index"))

    def _one(self, action: str, hint: str = "say which: .any(), .all() or .item()") -> Any:
        value = self._value(action)
        if prod(value.shape) != 1:
            fact = f"{action} of a tensor with {prod(value.shape)} entries"
            raise ShapeError(fact, got=shape_text(self._node), hint=hint)
        return np.asarray(value).reshape(()).item()

    def __len__(self) -> int:
        if not self.shape:
            raise ArgumentError("len() of a tensor without axes")
        return int(self.shape[0])

    def __iter__(self) -> Iterator[Tensor]:
        if not self.shape:
            raise ArgumentError("iteration over a tensor without axes")
        return (self[i] for i in range(len(self)))

    def __hash__(self) -> int:
        return id(self)

    def __repr__(self) -> str:
        return tensor_text(self)

    def __str__(self) -> str:
        if state.trace is not None:
            self._value("print() or str()")
        return tensor_text(self)

    def __format__(self, spec: str) -> str:
        return format(str(self) if self.shape else self._one("a formatted text"), spec)

    def __deepcopy__(self, memo: dict[int, Any]) -> Tensor:
        return views.deep_copy(self, memo)

    # -- storage ---------------------------------------------------------------------------------

    def detach(self) -> Tensor:
        """The same values without the history; shares storage, as in PyTorch."""
        node = self._current() if state.trace is None else state.trace.node_of(self)
        made = Tensor(views.fresh_leaf(node, None))
        views.share(made, self)
        return made

    def detach_(self) -> Tensor:
        """Cut the history of this tensor; raises GradientError for a view."""
        if self._base is not None:
            raise GradientError(
                "a view cannot be cut off its base's history in place",
                hint="use x.detach(), which is x without its history",
            )
        return self._relabel(views.fresh_leaf(self._node, None))

    @property
    def data(self) -> Tensor:
        """The values without the history; writing to it writes here, unseen by gradients."""
        return self.detach()

    @data.setter
    def data(self, value: Tensor) -> None:
        if not isinstance(value, Tensor):
            raise ArgumentError(f".data takes a tensor, not {type(value).__name__}")
        views.replace_data(self, value)

    def _write(self, value: Tensor) -> Tensor:
        """Replace the values by ``value``, of the same shape: the end of every in-place method."""
        views.write(self, value)
        return self

    def _rebind(self, node: Node) -> None:
        """Let the handle, and whatever shares its storage, stand for ``node``."""
        if self._base is not None:
            views.write_through(self, node)
            return
        if state.trace is not None:
            state.trace.writes_value(self)
        self._settle(node)
        if self._storage is not None:
            self._storage.spread(self)

    def _settle(self, node: Node) -> None:
        """Let the handle, which is no view, stand for ``node``."""
        if state.trace is not None:
            state.trace.slot_of(self)
        views.hand_over(self._node, node, self)
        lay_out(node, self._node)
        self._node = node
        self._version += 1


class Parameter(Tensor):
    """A tensor that a module owns and an optimizer changes; it requires a gradient.

    >>> import chainrule as cr
    >>> Parameter(cr.zeros(2)).requires_grad
    True
    """

    __slots__ = ()

    def __init__(self, data: Tensor, requires_grad: bool = True) -> None:
        super().__init__(views.fresh_leaf(data.node, None))
        views.share(self, data)
        self.role = "param"
        if requires_grad:
            self.requires_grad_()


# Imported last: these modules make tensors.
from chainrule.core import views  # noqa: E402
from chainrule.core.meta import same_device, without_value  # noqa: E402
from chainrule.core.printing import shape_text, tensor_text  # noqa: E402

__all__ = ["Parameter", "Tensor"]
