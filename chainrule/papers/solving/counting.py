"""How many ops a part's evaluation makes, in graphs that are captured or searched too."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from chainrule.core.node import Node


class OpCount:
    """The number so far: nodes that an op made from others."""

    ops = 0


@contextmanager
def counting() -> Iterator[OpCount]:
    """Count ops until the end of the block; for a process that does nothing else meanwhile.

    >>> import chainrule as cr
    >>> with counting() as found:
    ...     y = cr.tensor(1.0).exp()
    >>> found.ops
    0
    >>> with counting() as found, cr.record():
    ...     y = cr.tensor(1.0).exp() * 2
    >>> found.ops
    2
    """
    found, made = OpCount(), Node.__init__

    def counted(node: Any, op: Any, parents: Any, *rest: Any, **named: Any) -> None:
        found.ops += op is not None and len(parents) > 0
        made(node, op, parents, *rest, **named)

    Node.__init__ = counted  # type: ignore[method-assign, assignment]
    try:
        yield found
    finally:
        Node.__init__ = made  # type: ignore[method-assign]
