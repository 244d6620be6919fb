"""Derivatives of functions, under the names and with the forms of ``torch.autograd.functional``.

The functions of the same names in `chainrule` are those of ``torch.func``: they return functions.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

from chainrule.core.derivatives import pull_back
from chainrule.core.errors import ArgumentError, GradientError, ShapeError
from chainrule.core.forwardmode import push_forward
from chainrule.core.lowering import recorder as xp
from chainrule.core.size import prod
from chainrule.core.state import enable_grad
from chainrule.core.structural import aliased
from chainrule.core.tensor import Tensor
from chainrule.core.views import without_history

Tensors = Tensor | tuple[Tensor, ...]
Function = Callable[..., Any]


class _Call:
    """One call of a function on inputs of our own, and how its results are put together again."""

    def __init__(self, func: Function, inputs: Any, create_graph: bool, strict: bool) -> None:
        self.create_graph, self.strict = create_graph, strict
        self.one_input = isinstance(inputs, Tensor)
        self.inputs = [_own(x, create_graph) for x in _listed("inputs", inputs)]
        with enable_grad():
            made = func(*self.inputs)
        self.one_output = isinstance(made, Tensor)
        self.outputs = _listed("the result of the function", made)
        if strict and not all(y.requires_grad for y in self.outputs):
            i = next(i for i, y in enumerate(self.outputs) if not y.requires_grad)
            raise GradientError(f"output {i} does not depend on the inputs", hint="strict=False")

    def pulled(self, starts: Sequence[tuple[Tensor, Tensor]]) -> list[Tensor]:
        """The adjoints of the inputs; zeros, or with ``strict`` an error, where nothing flows."""
        live = [(y, g) for y, g in starts if y.requires_grad]
        found = pull_back(live, self.inputs, True) if live else [None] * len(self.inputs)
        if self.strict and None in found:
            raise GradientError(
                f"the outputs do not depend on input {found.index(None)}", hint="strict=False"
            )
        return [_zeros(x) if g is None else g for x, g in zip(self.inputs, found, strict=True)]

    def pushed(self, tangents: Sequence[Tensor]) -> list[Tensor]:
        """The tangents of the outputs."""
        with enable_grad():
            found = push_forward(self.outputs, self.inputs, tangents)
            return [_zeros(y) if t is None else t for y, t in zip(self.outputs, found, strict=True)]

    def released(self, found: Sequence[Tensor], one: bool) -> Any:
        """Tensors as the caller gets them: one, or a tuple; with a history where it was asked."""
        kept = [x if self.create_graph else Tensor(without_history(x.node)) for x in found]
        return kept[0] if one else tuple(kept)

    def number(self) -> Tensor:
        """The output, which is one number."""
        if not self.one_output or prod(self.outputs[0].shape) != 1:
            raise ShapeError("the function returns one number here", got=_shapes(self.outputs))
        return self.outputs[0]


def _listed(what: str, given: Any) -> list[Tensor]:
    parts = [given] if isinstance(given, Tensor) else given
    if not isinstance(parts, tuple | list) or not all(isinstance(x, Tensor) for x in parts):
        raise ArgumentError(f"{what}: a tensor or a tuple of tensors", got=type(given).__name__)
    return list(parts)


def _shapes(tensors: Sequence[Tensor]) -> str:
    return ", ".join(str(x.shape) for x in tensors)


def _own(x: Tensor, connected: bool) -> Tensor:
    """An input of our own, whose history leads to the caller's where that is wanted."""
    made = aliased(x.node) if connected else x.detach()
    made.node.requires_grad = True
    return made


def _zeros(like: Tensor) -> Tensor:
    zeros: Tensor = xp.full(like.shape, 0, like.dtype.name)
    return zeros


def _direction(v: Any, like: Sequence[Tensor], what: str) -> list[Tensor]:
    """The given direction, or 1 for one number."""
    if v is None:
        if len(like) != 1 or prod(like[0].shape) != 1:
            raise ArgumentError(
                f"v may be left out only where there is one number of {what}", got=_shapes(like)
            )
        return [xp.full(like[0].shape, 1, like[0].dtype.name)]
    found = _listed("v", v)
    if [x.shape for x in found] != [x.shape for x in like]:
        raise ShapeError(f"v does not fit the {what}", got=_shapes(found), expected=_shapes(like))
    return found


def vjp(
    func: Function, inputs: Any, v: Any = None, create_graph: bool = False, strict: bool = False
) -> tuple[Any, Any]:
    """What ``func`` returns, and the adjoints of ``inputs`` from those, ``v``, of the outputs.

    >>> import chainrule as cr
    >>> vjp(lambda x: x * x, cr.tensor([2.0, 3.0]), cr.tensor([1.0, 1.0]))[1]
    tensor([4., 6.])
    """
    call = _Call(func, inputs, create_graph, strict)
    along = _direction(v, call.outputs, "outputs")
    found = call.pulled(list(zip(call.outputs, along, strict=True)))
    return call.released(call.outputs, call.one_output), call.released(found, call.one_input)


def jvp(
    func: Function, inputs: Any, v: Any = None, create_graph: bool = False, strict: bool = False
) -> tuple[Any, Any]:
    """What ``func`` returns, and its derivative along ``v``, which is shaped like ``inputs``.

    >>> import chainrule as cr
    >>> jvp(lambda x: x * x, cr.tensor([2.0, 3.0]), cr.tensor([1.0, 1.0]))[1]
    tensor([4., 6.])
    """
    call = _Call(func, inputs, create_graph, strict)
    found = call.pushed(_direction(v, call.inputs, "inputs"))
    return call.released(call.outputs, call.one_output), call.released(found, call.one_output)


def jacobian(
    func: Function,
    inputs: Any,
    create_graph: bool = False,
    strict: bool = False,
    vectorize: bool = False,
    strategy: str = "reverse-mode",
) -> Any:
    """All derivatives of the outputs by the inputs: (*out, *in), in a tuple for several inputs, and
    in a tuple of those for several outputs.

    ``strategy`` is "reverse-mode", a row at a time, or "forward-mode", a column at a time;
    ``vectorize`` is accepted and changes nothing.

    >>> import chainrule as cr
    >>> jacobian(lambda x: x * x, cr.tensor([2.0, 3.0]))
    tensor([[4., 0.],
            [0., 6.]])
    """
    if strategy not in ("reverse-mode", "forward-mode"):
        raise ArgumentError(f"strategy is {strategy!r}", expected="reverse-mode or forward-mode")
    call = _Call(func, inputs, create_graph, strict)
    blocks = _rows(call) if strategy == "reverse-mode" else _columns(call)
    found = [call.released(row, call.one_input) for row in blocks]
    return found[0] if call.one_output else tuple(found)


def _rows(call: _Call) -> list[list[Tensor]]:
    """The Jacobians of each output by each input, row by row."""
    blocks = []
    for y in call.outputs:
        rows = [call.pulled([(y, unit)]) for unit in _units(y)]
        columns = zip(*rows, strict=True) if rows else [()] * len(call.inputs)
        pairs = zip(columns, call.inputs, strict=True)
        blocks.append([_stacked(rows, (*y.shape, *x.shape), x) for rows, x in pairs])
    return blocks


def _columns(call: _Call) -> list[list[Tensor]]:
    """The same, column by column."""
    blocks: list[list[Tensor]] = [[] for _ in call.outputs]
    rest = [_zeros(x) for x in call.inputs]
    for i, x in enumerate(call.inputs):
        columns = [call.pushed([*rest[:i], unit, *rest[i + 1 :]]) for unit in _units(x)]
        for k, y in enumerate(call.outputs):
            whole = _stacked([c[k] for c in columns], (prod(x.shape), *y.shape), y)
            turned = xp.permute(whole, (*range(1, len(y.shape) + 1), 0))
            blocks[k].append(xp.reshape(turned, (*y.shape, *x.shape)))
    return blocks


def _units(x: Tensor) -> list[Tensor]:
    """Tensors shaped like x with a 1 in one entry, in order."""
    n = prod(x.shape)
    one = xp.full((1,), 1, x.dtype.name)
    placed = (xp.place(one, (slice(i, i + 1, 1),), (n,)) for i in range(n))
    return [xp.reshape(unit, x.shape) for unit in placed]


def _stacked(rows: Sequence[Tensor], shape: Any, like: Tensor) -> Tensor:
    if not rows:
        empty: Tensor = xp.full(shape, 0, like.dtype.name)
        return empty
    made: Tensor = xp.reshape(xp.cat([xp.reshape(r, (1, *r.shape)) for r in rows], 0), shape)
    return made


def hessian(
    func: Function,
    inputs: Any,
    create_graph: bool = False,
    strict: bool = False,
    vectorize: bool = False,
    outer_jacobian_strategy: str = "reverse-mode",
) -> Any:
    """All second derivatives of one number by the inputs: (*in, *in), or a tuple of tuples.

    >>> import chainrule as cr
    >>> hessian(lambda x: (x * x * x).sum(), cr.tensor([1.0, 2.0]))
    tensor([[ 6.,  0.],
            [ 0., 12.]])
    """
    one = isinstance(inputs, Tensor)

    def gradient(*own: Tensor) -> Any:
        call = _Call(func, own, True, strict)
        found = call.pulled([(call.number(), _one(call.number()))])
        return found[0] if one else tuple(found)

    return jacobian(gradient, inputs, create_graph, strict, vectorize, outer_jacobian_strategy)


def _one(like: Tensor) -> Tensor:
    made: Tensor = xp.full(like.shape, 1, like.dtype.name)
    return made


def vhp(
    func: Function, inputs: Any, v: Any = None, create_graph: bool = False, strict: bool = False
) -> tuple[Any, Any]:
    """The number that ``func`` returns, and the product of ``v`` with its Hessian.

    >>> import chainrule as cr
    >>> vhp(lambda x: (x * x * x).sum(), cr.tensor([1.0, 2.0]), cr.tensor([1.0, 0.0]))[1]
    tensor([6., 0.])
    """
    call = _Call(func, inputs, create_graph, strict)
    along = _direction(v, call.inputs, "inputs")
    first = call.pulled([(call.number(), _one(call.number()))])
    starts = [(g, t) for g, t in zip(first, along, strict=True) if g.requires_grad]
    found = call.pulled(starts)
    return call.released(call.outputs, True), call.released(found, call.one_input)


def hvp(
    func: Function, inputs: Any, v: Any = None, create_graph: bool = False, strict: bool = False
) -> tuple[Any, Any]:
    """The number that ``func`` returns, and the product of its Hessian, which is symmetric, with
    ``v``: what `vhp` computes.

    >>> import chainrule as cr
    >>> hvp(lambda x: (x * x * x).sum(), cr.tensor([1.0, 2.0]), cr.tensor([1.0, 0.0]))[1]
    tensor([6., 0.])
    """
    return vhp(func, inputs, v, create_graph, strict)


__all__ = ["hessian", "hvp", "jacobian", "jvp", "vhp", "vjp"]
