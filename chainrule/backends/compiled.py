"""`compile`: a Python function, typically a whole training step, as one graph run by an engine.

The function is captured once for each signature: the structure of its arguments, their shapes and
types, the switches, and every Python number that it read.  Each tensor that it reads is an input,
each that it writes an output; after a run the writes are carried out, in the order of the program.
"""

from __future__ import annotations

import functools
import types
from collections.abc import Callable
from typing import Any

import numpy as np

from chainrule.backends import numpy as numpy_engine
from chainrule.backends.binding import Binding
from chainrule.backends.guards import Checklist, Walk, told_apart
from chainrule.core import dtypes as dt
from chainrule.core import tree as trees
from chainrule.core.capture import Captured, argument_names, trace_call
from chainrule.core.device import nowhere
from chainrule.core.errors import ArgumentError, CaptureError
from chainrule.core.graph import Graph
from chainrule.core.meta import without_value
from chainrule.core.state import state, switched
from chainrule.core.tensor import Tensor
from chainrule.readings.lower import lower
from chainrule.readings.simplify import simplify

BACKENDS: dict[str, Callable[..., Any]] = {"numpy": numpy_engine.build}
"""How each engine makes a program from a graph, by name."""

MOST_SIGNATURES = 256
"""How many kinds of arguments a compiled function remembers."""
MOST_VARIANTS = 16
"""How many graphs for one kind: for different numbers and flags that the function reads."""


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
        if state.trace is not None or state.anomaly or state.record:
            return self.function(*args, **kwargs)  # it is watched op by op
        given = trees.tensors((args, kwargs))
        if nowhere() or any(t._node.meta for t in given):
            return self.function(*args, **kwargs)  # there is nothing to compute
        key = _key(args, kwargs, given)
        for entry in self._entries.get(key, ()):
            if entry.guards.hold() and entry.binding.fits(given):
                return entry.binding.run(given)
        entry = self._capture(args, kwargs, given)
        self._keep(key, entry)
        return entry.binding.run(given)

    def __get__(self, instance: Any, owner: type | None = None) -> Any:
        """The compiled function as a method of ``instance``."""
        return self if instance is None else types.MethodType(self, instance)

    def _keep(self, key: Any, entry: Entry) -> None:
        """Remember a captured signature, and forget the oldest ones."""
        self._entries[key] = [entry, *self._entries.pop(key, ())][:MOST_VARIANTS]
        while len(self._entries) > MOST_SIGNATURES:
            self._entries.pop(next(iter(self._entries)), None)

    def _capture(self, args: Any, kwargs: Any, given: list[Tensor]) -> Entry:
        """Trace the function and compile its graph; where that fails, nothing has happened."""
        walk = Walk(self.function, trees.leaves((args, kwargs)))
        names = argument_names(self.function, args)
        names += [f"input {i}" for i in range(len(names), len(given))]
        grad, default = state.grad, dt.get_default_dtype()
        with switched(grad=grad):
            try:
                captured = trace_call(
                    lambda args, kwargs: self.function(*args, **kwargs),
                    (args, kwargs), names, in_place=True,
                )  # fmt: skip
                _require_values(captured)
                guards = _checklist(walk, captured)
                _refuse_switches(grad, default)
            except BaseException:
                walk.restore()
                dt.set_default_dtype(default)
                raise
        self.captures += 1
        known = {id(t if t._base is None else t._base) for t in walk.tensors.values()}
        return Entry(guards, Binding(captured, given, known, self._build), walk.tensors)

    def _build(self, graph: Graph) -> Any:
        """The engine's program for a captured graph."""
        return BACKENDS[self.backend](simplify(lower(simplify(graph))))

    @property
    def source(self) -> str:
        """The text of the program that was compiled last (for the ``numpy`` backend, Python)."""
        latest = [kept[0] for kept in self._entries.values()]
        return latest[-1].binding.program.source if latest else ""


def _key(args: Any, kwargs: Any, given: list[Tensor]) -> Any:
    """What two calls have in common that may share a graph."""
    roots = [id(t if t._base is None else t._base) for t in given]
    aliases = tuple((roots.index(r), _chain_key(t)) for r, t in zip(roots, given, strict=True))
    structure = trees.skeleton((args, kwargs), _known)
    return structure, aliases, state.grad, dt.get_default_dtype()


def _known(value: Any) -> Any:
    """What an argument that is no tensor is known by; raises ArgumentError for arrays."""
    if isinstance(value, np.ndarray):
        raise ArgumentError(
            "an argument of a compiled function is neither a tensor nor a plain value",
            hint="pass arrays as cr.tensor(...)",
        )
    return told_apart(value)


def _chain_key(tensor: Tensor) -> Any:
    """How a view reads its base, in a form that can be compared."""
    if tensor._base is None:
        return None
    return tuple((op, tuple(attrs.items())) for op, attrs in tensor._chain or ())


class Entry:
    """One captured signature: its guards, the program with what it is bound to, and the tensors
    that the function can reach (held, so that their identities stay theirs)."""

    def __init__(self, guards: Checklist, binding: Binding, reached: dict[int, Tensor]) -> None:
        self.guards, self.binding, self.reached = guards, binding, reached


def _refuse_switches(grad: bool, default: dt.DType) -> None:
    """Raise CaptureError where the function leaves a switch in another position."""
    for what, before, now in (
        ("grad mode", grad, state.grad),
        ("the default type", default, dt.get_default_dtype()),
    ):
        if now is not before:
            raise CaptureError(
                f"{what} was {before} before the captured function and is {now} after it",
                hint="switch it outside, or in a `with` block",
            )


def _require_values(captured: Captured) -> None:
    """Raise DeviceError where a tensor from outside has no value to compute with."""
    for slot in captured.slots:
        if slot.node.meta:
            raise without_value("a compiled function", slot.node, slot.tensor.name)


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
