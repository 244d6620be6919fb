"""Running a graph: numbers from it, in whichever arithmetic."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np

from chainrule.core import dtypes as dt
from chainrule.core import tree as trees
from chainrule.core.dtypes import DTYPES, DType
from chainrule.core.errors import ArgumentError, ChainruleError, GraphError, ValueCheckError
from chainrule.core.graph import Graph, Output
from chainrule.core.node import Node, leaf
from chainrule.core.state import quiet
from chainrule.core.structural import dtype_of
from chainrule.core.tensor import Tensor
from chainrule.namespaces import exact as exact_space
from chainrule.namespaces import numpy as numpy_space
from chainrule.namespaces.decimal import Decimal
from chainrule.ops.creation import as_tensor


class Retyped:
    """A namespace in which floating types, wherever a graph names one, are another type."""

    def __init__(self, base: Any, floating: DType) -> None:
        self._base, self._floating = base, floating

    def __getattr__(self, name: str) -> Any:
        return getattr(self._base, name)

    def _named(self, dtype: str) -> str:
        """The type to use where the graph says ``dtype``."""
        found = DTYPES[dtype]
        if found.category == dt.REAL or (found.is_complex and self._floating is dt.exact):
            return self._floating.name
        return dt.complex_of(self._floating).name if found.is_complex else dtype

    def cast(self, x: Any, dtype: str) -> Any:
        """See the contract."""
        return self._base.cast(x, self._named(dtype))

    def full(self, shape: Any, value: Any, dtype: str) -> Any:
        """See the contract."""
        return self._base.full(shape, value, self._named(dtype))

    def arange(self, stop: Any, dtype: str) -> Any:
        """See the contract."""
        return self._base.arange(stop, self._named(dtype))


def run(
    graph: Graph,
    *inputs: Any,
    dtype: DType | str | Decimal | None = None,
    given: Mapping[str, Any] | None = None,
) -> Any:
    """The results of ``graph``, in the form that the captured function returned.

    ``inputs`` are its arguments in order; parameters and other tensors from outside have the values
    they have now, or those that ``given`` names.  With ``dtype`` all floating types become that
    one: ``cr.exact`` runs the same graph in fractions and symbols, ``cr.decimal(places=2)`` rounds
    the result of every op, and within one the steps that it marks; what comes out are the float64
    next to those decimals.  Updates of state are computed and not written.  Raises GraphError for a
    wrong number of inputs or wrong shapes, ShapeError for sizes and ValueCheckError for values that
    an op refuses.

    >>> import chainrule as cr
    >>> graph = cr.capture(lambda x: x / 3, cr.spec())
    >>> cr.run(graph, 2, dtype=cr.exact)
    tensor(2/3, dtype=chainrule.exact)
    """
    rounding = dtype if isinstance(dtype, Decimal) else None
    wanted = dt.exact if rounding else None if dtype is None else dtype_of(dtype)
    if wanted is not None and wanted.category not in (dt.REAL, dt.EXACT):
        raise ArgumentError(f"a graph runs in floating or exact arithmetic, not {wanted.name}")
    own = wanted is None and any(node.dtype is dt.exact for node in graph.nodes)
    xp: Any = rounding or (exact_space if own or wanted is dt.exact else numpy_space)
    if wanted is not None:
        xp = Retyped(xp, wanted)
    values = _input_values(graph, inputs, dict(given or {}), wanted)
    try:
        if rounding:
            values = {node: _in_fractions(rounding, x) for node, x in values.items()}
        with quiet():
            env = graph.evaluate(xp, values, checked=True)
    except (ArithmeticError, ValueError, IndexError) as error:
        if isinstance(error, ChainruleError):
            raise
        raise ValueCheckError(str(error)) from None
    if rounding:
        env, wanted = {node: floats(env[node]) for node in graph.outputs}, dt.float64
    results = [_tensor(node, env[node], wanted) for node in graph.outputs]
    return trees.mapped(lambda i: results[i] if isinstance(i, Output) else i, graph.tree)


def _in_fractions(xp: Decimal, x: Any) -> Any:
    return xp.cast(x, dt.exact.name) if x.dtype.hasobject else x


def floats(x: Any) -> Any:
    """The floats next to rounded numbers, which print as those; other arrays as they are."""
    return x.astype(np.float64) if isinstance(x, np.ndarray) and x.dtype.hasobject else x


def _input_values(
    graph: Graph, inputs: tuple[Any, ...], given: dict[str, Any], wanted: DType | None
) -> dict[Node, Any]:
    """The array of every input."""
    values: dict[Node, Any] = {}
    waiting = list(inputs)
    for slot in graph.inputs:
        if slot.name and slot.name in given:
            source = given.pop(slot.name)
        elif slot.role == "input" and slot.tensor is None:
            if not waiting:
                raise GraphError(f"the input {slot.name!r} is missing")
            source = waiting.pop(0)
        else:
            source = slot.tensor
        values[slot.node] = _array(slot.node, slot.name, source, wanted)
    if waiting or given:
        extra = (
            f"{len(waiting)} inputs too many" if waiting else f"no input is called {min(given)!r}"
        )
        raise GraphError(extra)
    return values


def _array(node: Node, name: str, source: Any, wanted: DType | None) -> Any:
    """The array of one input, in the arithmetic asked for; raises GraphError for a wrong rank."""
    floating = node.dtype.category in (dt.REAL, dt.COMPLEX, dt.EXACT)
    target = wanted if wanted is not None and floating else node.dtype
    tensor = as_tensor(source) if isinstance(source, Tensor) else as_tensor(source, target)
    if len(tensor.shape) != len(node.shape):
        raise GraphError(f"input {name!r} has shape {tensor.shape} where {node.shape} belongs")
    return np.asarray(tensor.to(target)._value("run()"))


def _tensor(node: Node, value: Any, wanted: DType | None) -> Tensor:
    """A result as a tensor."""
    floating = node.dtype.category in (dt.REAL, dt.COMPLEX) or value.dtype == np.float64
    dtype = wanted if wanted is not None and floating else node.dtype
    if wanted is not None and wanted is not dt.exact and node.dtype.is_complex:
        dtype = dt.complex_of(wanted)
    return Tensor(leaf(tuple(np.shape(value)), dtype, value))
