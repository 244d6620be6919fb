"""Dicts of numbers that stay alive in captured functions."""

from __future__ import annotations

from typing import Any

import numpy as np

from chainrule.core import dtypes as dt
from chainrule.core.apply import literal
from chainrule.core.state import state
from chainrule.core.tensor import Tensor


class Live(dict[str, Any]):
    """A dict whose numbers a captured function reads as inputs and writes as results, so that a
    changed learning rate needs no new capture.

    Read while capturing, a number is a tensor; numbers in a tuple are constants of the graph, which
    is captured anew for another tuple.  A tensor written over a number becomes one.

    >>> import chainrule as cr
    >>> from chainrule.optim.live import Live
    >>> rates = Live(lr=0.5)
    >>> graph = cr.capture(lambda x: x * rates["lr"], cr.spec())
    >>> [(i.name, i.role) for i in graph.inputs]
    [('x', 'input'), ('lr', 'state')]
    """

    def __getitem__(self, key: str) -> Any:
        value = super().__getitem__(key)
        if state.trace is None:
            return value
        if isinstance(value, tuple | list):
            return type(value)(constant(part) if _is_number(part) else part for part in value)
        return state.trace.number(self, key) if _is_number(value) else value

    def __setitem__(self, key: str, value: Any) -> None:
        old = super().get(key)
        if _is_number(old) and state.trace is not None:
            state.trace.write_number(self, key, constant(value))
            return
        if isinstance(old, float) and (_is_number(value) or isinstance(value, Tensor)):
            value = float(value)  # a captured function reads one type
        super().__setitem__(key, value)

    def update(self, *given: Any, **entries: Any) -> None:
        """Set several entries."""
        for key, value in dict(*given, **entries).items():
            self[key] = value

    def get(self, key: str, default: Any = None) -> Any:
        """The entry, or ``default``."""
        return self[key] if key in self else default  # noqa: SIM401  (it is `get`)

    def now(self, key: str) -> Any:
        """The plain value, while capturing too: for what decides how the graph is made."""
        return super().__getitem__(key)


def _is_number(value: Any) -> bool:
    return isinstance(value, int | float | np.number) and not isinstance(value, bool)


def constant(value: Any) -> Tensor:
    """A number as a tensor without axes of type float64; a tensor is itself."""
    return value if isinstance(value, Tensor) else Tensor(literal(float(value), dt.float64))


def power(base: Any, exponent: Any) -> Any:
    """``base ** exponent``, for floats bit for bit what a captured graph computes (Python's own
    power may differ in the last place)."""
    if isinstance(base, float):
        return float(np.power(base, float(exponent)))
    return base**exponent
