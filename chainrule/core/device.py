"""Where tensors live: on the CPU, under PyTorch's names."""

from __future__ import annotations

from typing import Any

from chainrule.core.errors import ArgumentError


class device:
    """The place of a tensor; there is one, ``device("cpu")``.

    Raises ArgumentError for any other.

    >>> import chainrule as cr
    >>> place = cr.device("cpu")
    >>> place, place.type, place == cr.zeros(2).device
    (device(type='cpu'), 'cpu', True)
    """

    __slots__ = ("index", "type")

    type: str
    index: int | None

    def __init__(self, type: Any = "cpu", index: int | None = None) -> None:
        if isinstance(type, device):
            type, index = type.type, type.index
        kind, _, number = str(type).partition(":")
        if kind != "cpu" or (number and not number.isdigit()):
            raise ArgumentError(
                f"there is no device {str(type)!r}",
                expected="'cpu'",
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


CPU = device("cpu")


def checked(place: Any) -> None:
    """Raise ArgumentError unless ``place`` is None or names the CPU."""
    if place is not None and place is not CPU:
        device(place)
