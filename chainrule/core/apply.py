"""Applying an op: the check of shapes and types, eager execution, and the record of history."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from fractions import Fraction
from typing import TYPE_CHECKING, Any

import numpy as np

from chainrule.core import dtypes as dt
from chainrule.core.assuming import asked
from chainrule.core.blame import blame, refuse_anomaly
from chainrule.core.device import nowhere
from chainrule.core.dtypes import DType
from chainrule.core.errors import ArgumentError, ChainruleError, ValueCheckError, shortened
from chainrule.core.layout import reads_in_place
from chainrule.core.meta import blank, placeless, without_values
from chainrule.core.node import Node, leaf
from chainrule.core.size import Size
from chainrule.core.source import here
from chainrule.core.state import state, switched
from chainrule.core.tensor import Tensor
from chainrule.core.views import Chain
from chainrule.namespaces import exact
from chainrule.namespaces import numpy as numpy_namespace

if TYPE_CHECKING:
    from chainrule.core.op import Op

PLANS_KEPT = 4096
LITERALS_KEPT = 4096
COMPUTING = ("elementwise", "reduce", "contract", "window")
"""Kinds of ops that do more than move entries."""


class Plan:
    """What follows from operand shapes and types: casts, result shape and type, arithmetic.

    A composite of float16 is computed in float32, as in PyTorch, so that no square or sum within it
    grows beyond 65,504; ``narrowed`` are the types that its results then get, else None.
    ``pullbacks`` are the compiled adjoint rules of nodes with this plan, by which operands need one
    (see `pullback`); ``parts`` is what such a node costs, once somebody has asked (see `cost`).
    """

    __slots__ = (
        "casts", "checked", "conditions", "differentiable", "dtype", "narrowed", "parts",
        "pullbacks", "shape", "symbolic", "xp",
    )  # fmt: skip

    def __init__(self, op: Op, nodes: Sequence[Node], attrs: dict[str, Any]) -> None:
        given = [n.dtype for n in nodes]
        shapes = [n.shape for n in nodes]
        ranks = [len(s) for s in shapes]
        wanted, self.dtype = op.dtypes(given, ranks, **attrs)
        self.narrowed: Any = None
        if dt.float16 in wanted and op.composite and op.kind in COMPUTING:
            wide = [dt.float32 if w is dt.float16 else w for w in wanted]
            found, made = op.dtypes(wide, ranks, **attrs)
            if found == wide:
                wanted, self.dtype, self.narrowed = wide, made, self.dtype
        self.shape = op.shape(*shapes, **attrs)
        casts = [(i, w) for i, (g, w) in enumerate(zip(given, wanted, strict=True)) if g is not w]
        self.casts = tuple(casts)
        self.pullbacks: dict[Any, Any] = {}
        self.parts: Any = None
        results = self.dtype if op.outputs else (self.dtype,)
        self.differentiable = any(d.differentiable for d in results)
        self.xp = namespace_of([*wanted, *results])
        self.conditions = self.xp is numpy_namespace and dt.bool_ in wanted
        self.checked = has_checks(op) and not op.checks_late
        self.symbolic = any(isinstance(size, Size) for size in _flat(self.shape, attrs))


def _flat(shape: Any, attrs: dict[str, Any]) -> Iterator[Any]:
    """The sizes of a result, and the attributes that may be sizes."""
    yield from shape
    yield from attrs.values()


def has_checks(op: Op) -> bool:
    """Whether the op has conditions on values."""
    from chainrule.core.op import Op as Contract  # op.py imports this module

    return type(op).checks is not Contract.checks


def namespace_of(dtypes: Iterable[DType]) -> Any:
    """The arithmetic for operands of these types."""
    return exact if dt.exact in dtypes else numpy_namespace


def apply(op: Op, tensors: Sequence[Tensor], attrs: dict[str, Any]) -> Any:
    """Apply ``op``: at once where the operands have values, as a new node of a graph where not.

    Returns a tensor, or a named tuple of them for an op with several outputs.  Raises what the op's
    rules raise, with operands, line and names added.
    """
    trace = state.trace
    if trace is None:
        nodes = [t._node if t._base is None else t._current() for t in tensors]
    else:
        nodes = [trace.node_of(t) for t in tensors]
    key: Any = (dt._default, *attrs.values())
    for n in nodes:
        key += (n.shape, n.dtype)
    plan = op.plans.get(key)
    if plan is None:
        plan = _make_plan(op, nodes, attrs, key)
    for i, dtype in plan.casts:
        nodes[i] = _cast_node(nodes[i], dtype)

    tracked = False
    if plan.differentiable and state.grad:
        for n in nodes:
            if n.requires_grad:
                tracked = True
                break
    value = None
    if trace is None and not plan.symbolic and (nodes or not nowhere()):
        value = _compute(op, plan, nodes, attrs)
    meta = value is None and trace is None and placeless(op, nodes, attrs)
    if meta:
        nodes = without_values(nodes)
    if tracked or state.record or (value is None and not meta):
        node = Node(
            op, tuple(nodes), attrs, plan.shape, plan.dtype, value, tracked, here(), state.scope
        )
        node.plan = plan
    else:
        node = Node(None, (), NO_ATTRS, plan.shape, plan.dtype, value)
    if meta:
        node.meta = True
    if op.outputs:
        parts = project(node)
        return op.results(
            *(parts if not plan.narrowed else map(_cast_tensor, parts, plan.narrowed))
        )
    made = Tensor(node)
    if op.view:
        _share(made, tensors[0], nodes[0], op, attrs)
    return made if plan.narrowed is None else _cast_tensor(made, plan.narrowed)


def _share(made: Tensor, source: Tensor, node: Node, op: Op, attrs: dict[str, Any]) -> None:
    """Make ``made`` a view of ``source``, unless its entries had to be copied."""
    value, before = made._node.value, node.value
    if isinstance(value, np.ndarray) and isinstance(before, np.ndarray):
        if value.size and not np.may_share_memory(value, before):
            return
    elif asked.oracle is not None:
        return  # sizes are assumed to be equal here: how entries lie is not known
    elif source._base is not None and not reads_in_place(source, op, attrs):
        return
    before = None if source._base is None else source._chain
    made._base = source if source._base is None else source._base
    made._chain = Chain(before, op, attrs)
    made._seen = made._base._version


NO_ATTRS: dict[str, Any] = {}


def _make_plan(op: Op, nodes: Sequence[Node], attrs: dict[str, Any], key: Any) -> Plan:
    try:
        plan = Plan(op, nodes, attrs)
    except ChainruleError as error:
        blame(error, op, nodes, attrs)
        raise error from None
    if len(op.plans) >= PLANS_KEPT:
        op.plans.clear()
    if asked.oracle is None:  # else it may hold under an assumption alone
        op.plans[key] = plan
    return plan


def _compute(op: Op, plan: Plan, nodes: Sequence[Node], attrs: dict[str, Any]) -> Any:
    """The value of the op, or None where an operand has none."""
    values = []
    for n in nodes:
        if n.value is None:
            return None
        values.append(n.value)
    xp = plan.xp
    if plan.conditions and any(v.dtype == object for v in values):
        xp = exact  # a bool tensor may hold conditions on symbols, which NumPy takes for true
    try:
        if plan.checked:
            run_checks(op, xp, values, attrs)
        if state.quiet:
            value = op.forward(xp, *values, **attrs)
        else:
            with np.errstate(all="ignore"):
                value = op.forward(xp, *values, **attrs)
    except ChainruleError as error:
        blame(error, op, nodes, attrs)
        raise error from None
    except (ArithmeticError, ValueError, IndexError) as error:
        told = in_words(error, op, xp, values, attrs)
        blame(told, op, nodes, attrs)
        raise told from None
    if state.anomaly:
        for part in value if op.outputs else (value,):
            refuse_anomaly(op, part, nodes, attrs)
    return value


def in_words(
    error: Exception, op: Op, xp: Any, values: Sequence[Any], attrs: dict[str, Any]
) -> ValueCheckError:
    """What a namespace's own error means: the sentence of the check that fails, if one does."""
    try:
        run_checks(op, xp, values, attrs)
    except ValueCheckError as told:
        return told
    return ValueCheckError(str(error))


def run_checks(op: Op, xp: Any, values: Sequence[Any], attrs: dict[str, Any]) -> None:
    """Raise ValueCheckError for the first of the op's conditions on values that fails."""
    for wrong, sentence in op.checks(xp, *values, **attrs):
        found = np.asarray(wrong)
        if found.dtype == object:
            found = np.equal(found, True)  # a condition on symbols, not decided yet, is neither
        if found.any():
            at = np.argwhere(found)[0].tolist()
            raise ValueCheckError(sentence, hint=f"first at index {at}" if at else None)


def project(node: Node) -> tuple[Tensor, ...]:
    """The outputs of a node as tensors of their own."""
    from chainrule.core.structural import pick  # an op; ops need this module

    shapes, dtypes = node.shape, node.dtype
    if node.op is None and node.meta:
        return tuple(Tensor(blank(s, d)) for s, d in zip(shapes, dtypes, strict=True))
    if node.op is None:
        return tuple(
            Tensor(leaf(s, d, v)) for s, d, v in zip(shapes, dtypes, node.value, strict=True)
        )
    made = []
    for i, (shape, dtype) in enumerate(zip(shapes, dtypes, strict=True)):
        value = None if node.value is None else node.value[i]
        tracked = node.requires_grad and dtype.differentiable
        part = Node(pick, (node,), {"output": i}, shape, dtype, value, tracked, node.where)
        part.scope = node.scope
        made.append(Tensor(part))
    return tuple(made)


def _cast_node(node: Node, dtype: DType) -> Node:
    return _cast_tensor(Tensor(node), dtype)._node


def _cast_tensor(x: Tensor, dtype: DType) -> Tensor:
    from chainrule.core.structural import cast

    if x.dtype is dtype:
        return x
    made: Tensor = apply(cast, (x,), {"dtype": dtype})
    return made


# -- Python numbers as operands ------------------------------------------------------------------

_literals: dict[Any, Node] = {}
_numbers: dict[tuple[type, float, DType | None], Tensor] = {}


def literal(value: Any, dtype: DType) -> Node:
    """The node of a number: the op ``full`` without axes.  Equal ones share a node; a size that is
    open has none that could outlive its capture."""
    from chainrule.core.structural import full

    key = (type(value), value, dtype)
    if type(value) is float and value == 0:
        key = (float, str(value), dtype)  # -0.0 == 0.0
    node = _literals.get(key)
    if node is None:
        xp = namespace_of([dtype])
        made = None if isinstance(value, Size) else xp.full((), value, dtype.name)
        attrs = {"shape": (), "value": value, "dtype": dtype}
        node = Node(full, (), attrs, (), dtype, made)
        if made is None:
            return node
        if len(_literals) >= LITERALS_KEPT:
            _literals.clear()
        _literals[key] = node
    return node


def number_category(value: Any) -> int | None:
    """The category of a Python or NumPy number or a `Size`; None for anything else."""
    if isinstance(value, bool | np.bool_):
        return dt.BOOL
    if isinstance(value, int | np.integer):
        return dt.INTEGER
    if isinstance(value, float | np.floating | Size):
        return dt.REAL
    if isinstance(value, complex | np.complexfloating):
        return dt.COMPLEX
    if isinstance(value, Fraction) or type(value).__module__.partition(".")[0] == "sympy":
        return dt.EXACT
    return None


def lift(op: Op, args: Sequence[Any]) -> tuple[Tensor, ...]:
    """Operands as tensors: a number takes the type of the tensors beside it, where that can hold
    it.  Raises ArgumentError for anything that is neither."""
    common: DType | None = None
    for x in args:
        if isinstance(x, Tensor):
            dtype = x.dtype
            if common is not None and dtype is not common:
                tensors = [t for t in args if isinstance(t, Tensor)]
                common = dt.result_type([t.dtype for t in tensors], [t.ndim for t in tensors])
                break
            common = dtype
    return tuple([x if isinstance(x, Tensor) else _number(op, x, common) for x in args])


def _number(op: Op, x: Any, common: DType | None) -> Tensor:
    """A number as a tensor without axes, beside tensors of the type ``common``."""
    kind = type(x)
    if (kind is float or kind is int) and x != 0:  # 0.0 == -0.0 would share a place
        found = _numbers.get((kind, x, common))
        if found is not None:
            return found
    category = number_category(x)
    if category is None:
        error = ArgumentError(
            f"an operand is {_describe(x)}, not a tensor", got=shortened(x), hint=_cure(x)
        )
        blame(error, op, [], {})
        raise error
    if common is not None and category <= common.category:
        dtype = common
    elif category == dt.COMPLEX and common is not None and common.category == dt.REAL:
        dtype = dt.complex_of(common)
    else:
        dtype = dt.default_of(category)
    try:
        made = Tensor(literal(x.item() if isinstance(x, np.generic) else x, dtype))
    except OverflowError:
        unfit = ArgumentError(f"{x} does not fit into {dtype.name}", hint="cast the tensor first")
        blame(unfit, op, [], {})
        raise unfit from None
    except ValueError as error:  # NaN and infinity beside exact tensors
        unfit = ArgumentError(str(error), hint="cast the tensor to floats first")
        blame(unfit, op, [], {})
        raise unfit from None
    if common is dtype and kind in (int, float) and x != 0:
        if len(_numbers) >= LITERALS_KEPT:
            _numbers.clear()
        _numbers[(kind, x, common)] = made
    return made


def _describe(x: Any) -> str:
    kind = type(x)
    name = kind.__name__ if kind.__module__ == "builtins" else f"{kind.__module__}.{kind.__name__}"
    return f"of type {name}"


def _cure(x: Any) -> str:
    if x is None:
        return "a function that ends without `return` gives None"
    if type(x).__name__ == "Spec":
        return "nothing is computed with a spec: cr.summary(net, spec) or cr.capture(net, spec)"
    return "make it a tensor first: cr.tensor(...)"


def untracked() -> Any:
    """A context for the bookkeeping of capture itself: nothing is recorded."""
    return switched(trace=None, record=False, grad=False)
