"""The context that forward fills and backward reads."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from chainrule.core.errors import ArgumentError
from chainrule.core.tensor import Tensor


class FunctionCtx:
    """What forward leaves for backward; attributes of any other name are kept too."""

    needs_input_grad: tuple[bool, ...] = ()

    def __init__(self) -> None:
        self._saved: tuple[Tensor | None, ...] = ()
        self._dirty: tuple[Tensor, ...] = ()
        self._silent: tuple[Tensor, ...] = ()
        self._materialize = True

    def save_for_backward(self, *tensors: Tensor | None) -> None:
        """Keep tensors (or None) for backward, which finds them in ``saved_tensors``."""
        _only_tensors("save_for_backward", [t for t in tensors if t is not None])
        self._saved = tensors

    save_for_forward = save_for_backward

    @property
    def saved_tensors(self) -> tuple[Tensor | None, ...]:
        """What ``save_for_backward`` was given, with the history of the function's operands."""
        return self._saved

    def mark_dirty(self, *tensors: Tensor) -> None:
        """Say which arguments forward changes in place; it must return them."""
        _only_tensors("mark_dirty", tensors)
        self._dirty = tensors

    def mark_non_differentiable(self, *tensors: Tensor) -> None:
        """Say which results have no derivative."""
        _only_tensors("mark_non_differentiable", tensors)
        self._silent = tensors

    def set_materialize_grads(self, value: bool) -> None:
        """Whether backward gets zeros, not None, for results that nothing came back from."""
        self._materialize = value


def _only_tensors(method: str, given: Iterable[Any]) -> None:
    for x in given:
        if not isinstance(x, Tensor):
            raise ArgumentError(
                f"{method} takes tensors, not a {type(x).__name__}",
                hint="other values are attributes: ctx.name = value",
            )
