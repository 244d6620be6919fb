"""What is switched on: gradients, recording, capture, anomaly detection; and its switches.

One object, read at every op; kept per thread, as PyTorch keeps it.
"""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import ContextDecorator, contextmanager
from types import TracebackType
from typing import TYPE_CHECKING, Any

import numpy as np

from chainrule.core.source import Position, here

if TYPE_CHECKING:
    from chainrule.core.capture import Trace
    from chainrule.core.device import device
    from chainrule.core.node import Node


class State(threading.local):
    """The switches of one thread.

    ``grad``: keep history where an input requires a gradient; ``record``: keep it everywhere;
    ``trace``: the capture under way; ``anomaly``: stop at the first NaN or infinity; ``scope``:
    the modules being called, innermost first, as (module, outer scope); ``adjoint_of``: the node
    whose adjoint is being computed; ``forward``: a function of the user's is computing what will be
    one node; ``left``: where either read values outside of the graph; ``place``: the
    default device, and ``places`` the devices entered as contexts, innermost last; ``quiet``:
    NumPy's floating-point warnings are already off.
    """

    grad: bool = True
    record: bool = False
    trace: Trace | None = None
    anomaly: bool = False
    scope: tuple[Any, Any] | None = None
    adjoint_of: Node | None = None
    forward: bool = False
    left: Position | None = None
    place: device | None = None
    places: tuple[device, ...] = ()
    quiet: bool = False


state = State()


class _GradMode(ContextDecorator):
    """A context, usable as a decorator too, in which ``state.grad`` has a fixed value."""

    def __new__(cls, function: Any = None) -> Any:
        """The context; or, as in ``@no_grad`` without brackets, the function decorated."""
        made = super().__new__(cls)
        if not callable(function):
            return made
        made.__init__()  # type: ignore[misc]
        return made(function)

    def __init__(self, mode: bool) -> None:
        self.mode = mode
        self.saved: list[bool] = []

    def __enter__(self) -> None:
        self.saved.append(state.grad)
        state.grad = self.mode

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        tb: TracebackType | None,
    ) -> None:
        state.grad = self.saved.pop()


class no_grad(_GradMode):
    """A context, or decorator, in which no history is kept: results are leaves.

    >>> import chainrule as cr
    >>> x = cr.tensor(1.0, requires_grad=True)
    >>> with cr.no_grad():
    ...     (x * 2).requires_grad
    False
    """

    def __init__(self) -> None:
        super().__init__(False)


class inference_mode(_GradMode):
    """`no_grad`, or with ``mode=False`` `enable_grad`: history is all that it leaves out here.

    >>> import chainrule as cr
    >>> with cr.inference_mode():
    ...     cr.is_grad_enabled()
    False
    """

    def __init__(self, mode: bool = True) -> None:
        super().__init__(not mode)


class enable_grad(_GradMode):
    """A context, or decorator, in which history is kept again inside `no_grad`."""

    def __init__(self) -> None:
        super().__init__(True)


class set_grad_enabled(_GradMode):
    """Switch history on or off at once; as a context, until its end."""

    def __init__(self, mode: bool) -> None:
        super().__init__(mode)
        self.before = state.grad
        state.grad = mode

    def __enter__(self) -> None:
        self.saved.append(self.before)
        state.grad = self.mode


def is_grad_enabled() -> bool:
    """Whether history is being kept."""
    return state.grad


@contextmanager
def switched(**values: Any) -> Iterator[None]:
    """Set some of the switches for a while."""
    before = {name: getattr(state, name) for name in values}
    for name, value in values.items():
        setattr(state, name, value)
    try:
        yield
    finally:
        for name, value in before.items():
            setattr(state, name, value)


def leaves_graph(node: Node) -> None:
    """Note that the value of ``node`` is read outside of the graph: where a rule for adjoints does
    so, what it gives cannot be differentiated again; where a user's forward does, not computed
    again."""
    if state.forward or (state.adjoint_of is not None and node.requires_grad):
        state.left = here()


class quiet:
    """A context in which NumPy does not warn of infinities and NaN: they are values here.

    Each op enters it by itself; whoever applies many at once enters it once for all.
    """

    __slots__ = ("inner",)

    def __enter__(self) -> None:
        self.inner = None if state.quiet else np.errstate(all="ignore")
        if self.inner is not None:
            self.inner.__enter__()
            state.quiet = True

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        tb: TracebackType | None,
    ) -> None:
        if self.inner is not None:
            state.quiet = False
            self.inner.__exit__(kind, error, tb)


def record() -> Any:
    """A context in which every op keeps its history, whether or not a gradient is wanted.

    >>> import chainrule as cr
    >>> with cr.record():
    ...     y = cr.tensor([1.0, 2.0]).exp()
    >>> y.node.op.name
    'exp'
    """
    return switched(record=True)


def detect_anomaly() -> Any:
    """A context that stops at the first NaN or infinity, naming the op and the line that made it.

    Forward and backward are both watched; raises AnomalyError.
    """
    return switched(anomaly=True, adjoint_of=None)


class set_detect_anomaly(ContextDecorator):
    """Switch `detect_anomaly` on or off at once; as a context, until its end."""

    def __init__(self, mode: bool) -> None:
        self.before = state.anomaly
        state.anomaly = bool(mode)

    def __enter__(self) -> None:
        pass

    def __exit__(self, *error: object) -> None:
        state.anomaly = self.before
