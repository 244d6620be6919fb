"""`compile`: a Python function, typically a whole training step, as one graph run by an engine.

The function is captured once for each signature: the structure of its arguments, their shapes and
types, the switches, and every Python number that it read.  Each tensor that it reads is an input,
each that it writes an output; after a run the writes are carried out, in the order of the program.
"""

from __future__ import annotations

import functools
from collections.abc import Callable
from typing import Any

from chainrule.backends import numpy as numpy_engine
from chainrule.backends.binding import Binding
from chainrule.backends.guards import Checklist, Walk
from chainrule.core import dtypes as dt
from chainrule.core import tree as trees
from chainrule.core.capture import Captured, argument_names, trace_call
from chainrule.core.errors import ArgumentError, CaptureError
from chainrule.core.graph import Graph
from chainrule.core.state import state
from chainrule.core.tensor import Tensor
from chainrule.readings.lower import lower
from chainrule.readings.simplify import simplify

BACKENDS: dict[str, Callable[..., Any]] = {"numpy": numpy_engine.build}
"""How each engine makes a program from a graph, by name."""

MOST_SIGNATURES = 256


def compile(function: Callable[..., Any] | None = None, *, backend: str = "numpy") -> Any:
    """``function`` as a compiled function of the same arguments; usable as a decorator.

    What it does to tensors — parameters, gradients, running statistics, optimizer state — happens
    as in eager mode, bit for bit on the ``numpy`` backend.  Python code in it runs only while
    capturing; what needs a value there (``.item()``, ``if`` on a tensor) raises CaptureError.

    >>> import chainrule as cr
    >>> @cr.compile
    ... def double(x):
    ...     return x + x
    >>> double(cr.tensor([1.0, 2.0]))
    tensor([2., 4.])
    """
    if backend not in BACKENDS:
        raise ArgumentError(f"there is no backend {backend!r}", expected=", ".join(BACKENDS))
    if function is None:
        return functools.partial(compile, backend=backend)
    if not callable(function):
        raise ArgumentError(f"compile takes a function, not {type(function).__name__}")
    return Compiled(function, backend)


class Compiled:
    """A compiled function; ``captures`` counts how often it was captured."""

    def __init__(self, function: Callable[..., Any], backend: str) -> None:
        functools.update_wrapper(self, function, updated=())
        self.function, self.backend = function, backend
        self.captures = 0
        self._entries: dict[Any, list[Entry]] = {}

    def __call__(self, *args: Any, **kwargs: Any) -> Any:
        """Run the function, capturing it first where nothing captured fits."""
        if state.trace is not None:
            return self.function(*args, **kwargs)
        given = trees.tensors((args, kwargs))
        key = self._key(args, kwargs, given)
        for entry in self._entries.get(key, ()):
            if entry.guards.hold() and entry.binding.fits(given):
                return entry.binding.run(given)
        entry = self._capture(args, kwargs, given)
        kept = self._entries.setdefault(key, [])
        kept.insert(0, entry)
        del kept[MOST_SIGNATURES:]
        return entry.binding.run(given)

    def _key(self, args: Any, kwargs: Any, given: list[Tensor]) -> Any:
        roots = [id(t if t._base is None else t._base) for t in given]
        aliases = tuple((roots.index(r), _chain_key(t)) for r, t in zip(roots, given, strict=True))
        key = (trees.skeleton((args, kwargs)), aliases, state.grad, dt.get_default_dtype())
        try:
            hash(key)
        except TypeError:
            raise ArgumentError(
                "an argument of a compiled function is neither a tensor nor a plain value",
                hint="pass arrays as cr.tensor(...)",
            ) from None
        return key

    def _capture(self, args: Any, kwargs: Any, given: list[Tensor]) -> Entry:
        """Trace the function and compile its graph."""
        walk = Walk(self.function)
        names = argument_names(self.function, args)
        names += [f"input {i}" for i in range(len(names), len(given))]
        captured = trace_call(
            lambda args, kwargs: self.function(*args, **kwargs),
            (args, kwargs), names, in_place=True,
        )  # fmt: skip
        guards = _checklist(walk, captured)
        self.captures += 1
        return Entry(guards, Binding(captured, given, set(walk.tensors), self._build), walk.tensors)

    def _build(self, graph: Graph) -> Any:
        """The engine's program for a captured graph."""
        return BACKENDS[self.backend](simplify(lower(simplify(graph))))

    @property
    def source(self) -> str:
        """The text of the program that was compiled last (for the ``numpy`` backend, Python)."""
        entries = [entry for kept in self._entries.values() for entry in kept]
        return entries[-1].binding.program.source if entries else ""


def _chain_key(tensor: Tensor) -> Any:
    """How a view reads its base, in a form that can be compared."""
    if tensor._base is None:
        return None
    return tuple((op, tuple(attrs.items())) for op, attrs in tensor._chain or ())


class Entry:
    """One captured signature: its guards, the program with what it is bound to, and the tensors that
    the function can reach (held, so that their identities stay theirs)."""

    def __init__(self, guards: Checklist, binding: Binding, reached: dict[int, Tensor]) -> None:
        self.guards, self.binding, self.reached = guards, binding, reached


def _checklist(walk: Walk, captured: Captured) -> Checklist:
    """The guards that must hold; raises CaptureError where the function itself broke one."""
    live = {(id(n.holder), n.key) for n in captured.numbers}
    guards = [g for g in walk.guards if (id(g.holder), g.key) not in live]
    for guard in guards:
        if not guard.holds():
            raise CaptureError(
                f"{guard.where} changed while the function was captured",
                hint="Python numbers are read once, when capturing: keep what changes from call to "
                "call in a tensor, or change it outside",
            )
    return Checklist(guards)
