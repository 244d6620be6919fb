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

    Read while capturing, a number is a tensor, and so is each number in a tuple (``betas``).  A
    tensor written over a number becomes one.

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
        if isinstance(value, tuple):
            return tuple(
                state.trace.number(self, key, i) if _is_number(part) else part
                for i, part in enumerate(value)
            )
        return state.trace.number(self, key) if _is_number(value) else value

    def __setitem__(self, key: str, value: Any) -> None:
        old = super().get(key)
        parts = old if isinstance(old, tuple) and isinstance(value, tuple) else ()
        if state.trace is None:
            if parts and len(parts) == len(value):
                value = tuple(map(_of_the_type, parts, value))
            super().__setitem__(key, _of_the_type(old, value))
        elif _is_number(old):
            state.trace.write_number(self, key, constant(value))
        elif parts and all(map(_is_number, parts)):
            for i, part in enumerate(value):
                state.trace.write_number(self, key, constant(part), i)
        else:
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


class Counters:
    """Numbers that only count, such as steps and epochs: a `Live` that guards do not look into.

    What a captured function reads of it is an input, so that what it does not read may change
    without a new capture: an epoch that is counted outside of the function.

    >>> count = Counters(step=0)
    >>> count["step"] += 1
    >>> dict(count)
    {'step': 1}
    """

    __slots__ = ("_live",)

    def __init__(self, **entries: Any) -> None:
        self._live = Live(entries)

    def __getitem__(self, key: str) -> Any:
        return self._live[key]

    def __setitem__(self, key: str, value: Any) -> None:
        self._live[key] = value

    def keys(self) -> Any:
        """Their names."""
        return self._live.keys()

    def now(self, key: str) -> Any:
        """The plain value, while capturing too."""
        return self._live.now(key)


def _is_number(value: Any) -> bool:
    return isinstance(value, int | float | np.number) and not isinstance(value, bool)


def _of_the_type(old: Any, value: Any) -> Any:
    """A number written over a float as a float: a captured function reads one type.  A fraction
    or a symbol stays what it is."""
    if isinstance(old, float) and isinstance(value, Tensor) and value.dtype is dt.exact:
        return value.item()
    plain = _is_number(value) or isinstance(value, Tensor)
    return float(value) if isinstance(old, float) and plain else value


def constant(value: Any) -> Tensor:
    """A number as a tensor without axes: of type float64, or exact where it is a fraction or has
    symbols; a tensor is itself."""
    if isinstance(value, Tensor):
        return value
    dtype = dt.float64 if isinstance(value, int | float | np.number) else dt.exact
    return Tensor(literal(float(value) if dtype is dt.float64 else value, dtype))


def power(base: Any, exponent: Any) -> Any:
    """``base ** exponent``, for floats bit for bit what a captured graph computes (Python's own
    power may differ in the last place)."""
    if isinstance(base, float) and not isinstance(exponent, Tensor):
        return float(np.power(base, float(exponent)))
    return base**exponent
