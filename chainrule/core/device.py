"""Where tensors live: on the CPU, or nowhere (``"meta"``), under PyTorch's names."""

from __future__ import annotations

import functools
from collections.abc import Callable
from contextlib import nullcontext
from typing import Any, TypeVar, cast

from chainrule.core.errors import ArgumentError
from chainrule.core.state import state, switched

KINDS = ("cpu", "meta")
Function = TypeVar("Function", bound=Callable[..., Any])


class device:
    """The place of a tensor: ``device("cpu")``, or ``device("meta")``, where tensors have a shape
    and a type and no values.

    As a context, or a decorator, it is where new tensors are made.  Raises ArgumentError for any
    other.

    >>> import chainrule as cr
    >>> place = cr.device("cpu")
    >>> place, place.type, place == cr.zeros(2).device
    (device(type='cpu'), 'cpu', True)
    >>> with cr.device("meta"):
    ...     net = cr.nn.Linear(100_000, 100_000)
    >>> net.weight.shape, net.weight.device
    ((100000, 100000), device(type='meta'))
    """

    __slots__ = ("index", "type")

    type: str
    index: int | None

    def __init__(self, type: Any = "cpu", index: int | None = None) -> None:
        if isinstance(type, device):
            type, index = type.type, type.index
        kind, _, number = str(type).partition(":")
        if kind not in KINDS or (number and not number.isdigit()):
            raise ArgumentError(
                f"there is no device {str(type)!r}",
                expected="'cpu', or 'meta', where tensors have no values",
                hint="scripts ask first: 'cuda' if torch.cuda.is_available() else 'cpu'",
            )
        self.type = kind
        self.index = int(number) if number else index

    def __eq__(self, other: object) -> bool:
        return isinstance(other, device) and (self.type, self.index) == (other.type, other.index)

    def __hash__(self) -> int:
        return hash((self.type, self.index))

    def __str__(self) -> str:
        return self.type if self.index is None else f"{self.type}:{self.index}"

    def __repr__(self) -> str:
        index = "" if self.index is None else f", index={self.index}"
        return f"device(type={self.type!r}{index})"

    def __reduce__(self) -> tuple[Any, ...]:
        return device, (self.type, self.index)

    def __enter__(self) -> device:
        state.places = (*state.places, self)
        return self

    def __exit__(self, *error: object) -> None:
        state.places = state.places[:-1]

    def __call__(self, function: Function) -> Function:
        """Let everything that ``function`` makes be made here."""

        @functools.wraps(function)
        def there(*args: Any, **kwargs: Any) -> Any:
            with self:
                return function(*args, **kwargs)

        return cast(Function, there)


CPU = device("cpu")
META = device("meta")


def get_default_device() -> device:
    """Where new tensors are made.

    >>> import chainrule as cr
    >>> with cr.device("meta"):
    ...     cr.get_default_device()
    device(type='meta')
    """
    return state.places[-1] if state.places else state.place or CPU


def set_default_device(device: Any) -> None:
    """Make new tensors of this thread there from here on; None stands for the CPU.

    >>> import chainrule as cr
    >>> cr.set_default_device("meta")
    >>> cr.zeros(2).is_meta
    True
    >>> cr.set_default_device(None)
    """
    state.place = None if device is None else checked(device)


def nowhere() -> bool:
    """Whether new tensors have no values."""
    if not state.places and state.place is None:
        return False
    return get_default_device().type == "meta"


def checked(place: Any) -> device:
    """The device that ``place`` names, None the one where tensors are made by default; raises
    ArgumentError for others."""
    if place is None:
        return get_default_device()
    return place if isinstance(place, device) else device(place)


SAME_PLACE = nullcontext()
"""A context that changes nothing."""


def beside(x: Any) -> Any:
    """A context in which tensors are made where ``x``, a tensor or a node, is: for functions that
    need a table or draws beside their operand."""
    meta = getattr(x, "node", x).meta
    if meta is nowhere():
        return SAME_PLACE
    return switched(places=(META if meta else CPU,))


def placed(function: Function) -> Function:
    """Let what a function or a layer's ``__init__`` makes be where its argument ``device`` says."""
    names = function.__code__.co_varnames[: function.__code__.co_argcount]
    last = names.index("device") if "device" in names else None

    @functools.wraps(function)
    def there(*args: Any, **kwargs: Any) -> Any:
        wanted = kwargs.get("device")
        if wanted is None and last is not None and len(args) > last:
            wanted = args[last]
        if wanted is None:
            return function(*args, **kwargs)
        with checked(wanted):
            return function(*args, **kwargs)

    return cast(Function, there)


def placed_like(function: Function) -> Function:
    """`placed`, where without an argument ``device`` it is that of the first operand."""
    there = placed(function)

    @functools.wraps(function)
    def alike(*args: Any, **kwargs: Any) -> Any:
        tensor = args[0] if args else kwargs.get("input")
        if not state.places and state.place is None and not getattr(tensor, "is_meta", False):
            return there(*args, **kwargs)
        with getattr(tensor, "device", CPU):
            return there(*args, **kwargs)

    return cast(Function, alike)
