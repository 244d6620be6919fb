"""Hooks: functions of the user that see, and may replace, a gradient on its way."""

from __future__ import annotations

import itertools
import weakref
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from chainrule.core.errors import ArgumentError

if TYPE_CHECKING:
    from chainrule.core.node import Node

Hook = Callable[[Any], Any]

hooks: weakref.WeakKeyDictionary[Node, dict[int, Hook]] = weakref.WeakKeyDictionary()
"""The hooks of each node that has any, in the order in which they were registered."""

_numbers = itertools.count()


class RemovableHandle:
    """What registering a hook returns; ``remove()``, or leaving it as a context, takes it away."""

    def __init__(self, registered: dict[int, Any], hook: Any) -> None:
        self.id = next(_numbers)
        self._registered = registered
        registered[self.id] = hook

    def remove(self) -> None:
        """Take the hook away; a second time does nothing."""
        self._registered.pop(self.id, None)

    def __enter__(self) -> RemovableHandle:
        return self

    def __exit__(self, *error: object) -> None:
        self.remove()


def register(node: Node, hook: Hook) -> RemovableHandle:
    """Call ``hook`` with the gradient of ``node`` whenever that has been computed."""
    if not callable(hook):
        raise ArgumentError(f"a hook is a function of the gradient, not {type(hook).__name__}")
    return RemovableHandle(hooks.setdefault(node, {}), hook)


def hooked(node: Node, g: Any) -> Any:
    """The gradient after the hooks of ``node``: what a hook returns, unless None, replaces it."""
    for hook in list(hooks.get(node, {}).values()):
        found = hook(g)
        g = g if found is None else found
    return g
