"""Derivatives of functions, under the names of ``torch.func``: reverse mode (`vjp`, `grad`,
`jacobian`), forward mode (`jvp`, `jacfwd`), and both together (`hessian`, `hvp`).

Each calls the function on arguments of its own, whose history leads to the caller's.  What comes
out keeps a history only where somebody else asks for one: so they nest, in any order.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from functools import wraps
from typing import Any

from chainrule.core import dtypes as dt
from chainrule.core import tree as trees
from chainrule.core.derivatives import newest_first, pull_back
from chainrule.core.errors import ArgumentError, DTypeError, GradientError, ShapeError, line_text
from chainrule.core.forwardmode import push_forward
from chainrule.core.graph import Graph, reachable
from chainrule.core.lowering import lowered, recorder
from chainrule.core.node import Node
from chainrule.core.op import Op
from chainrule.core.size import prod
from chainrule.core.source import describe
from chainrule.core.state import enable_grad, record, state, switched
from chainrule.core.structural import aliased
from chainrule.core.tensor import Tensor
from chainrule.core.views import without_history

xp = recorder
EPSILON = 2.0**-50
"""The complex step: its square, the relative error, is lost in a float64."""


class _Call:
    """One call of a function, on arguments of our own at ``places``."""

    def __init__(
        self, fn: Callable[..., Any], args: Sequence[Any], kwargs: dict[str, Any],
        places: Sequence[int], has_aux: bool,
    ) -> None:  # fmt: skip
        self.given = tuple(args[i] for i in places)
        self.outer = [t for t in trees.tensors(self.given) if t.requires_grad]
        ours = list(args)
        for i in places:
            ours[i] = trees.mapped(_own, args[i])
        self.own = [Tensor(t.node) for t in trees.tensors([ours[i] for i in places])]
        with enable_grad():
            made: Any = fn(*ours, **kwargs)
        self.aux: Any
        self.out, self.aux = made if has_aux else (made, None)
        self.outputs = trees.tensors(self.out)
        self.keep = state.grad and self._asked_for()

    def _asked_for(self) -> bool:
        """Whether derivatives of the result are asked for by somebody else."""
        ends = {t.node for t in self.own}
        met = newest_first([t.node for t in self.outputs], ends)
        leaves = (n for n in met if not any(p.requires_grad for p in n.parents))
        return bool(self.outer) or any(n not in ends for n in leaves)

    def released(self, tree: Any) -> Any:
        """A result as the caller gets it."""
        if self.keep:
            return tree
        return trees.mapped(lambda x: _cut(x) if isinstance(x, Tensor) else x, tree)

    def pulled(self, starts: Sequence[tuple[Tensor, Tensor]]) -> list[Tensor]:
        """The adjoints of our arguments from those of outputs; zeros where nothing flows."""
        keep = self.keep or (state.grad and any(g.requires_grad for _, g in starts))
        found = pull_back(starts, self.own, create_graph=keep)
        return [_zeros(x) if g is None else g for x, g in zip(self.own, found, strict=True)]

    def gradient(self) -> list[Tensor]:
        """The derivatives of the result, which is one number, by our arguments."""
        if not isinstance(self.out, Tensor) or self.out.shape != ():
            got = f"a tensor {self.out.shape}" if isinstance(self.out, Tensor) else repr(self.out)
            raise ShapeError("a gradient is that of one number", got=got,
                             hint="sum or average it, or use jacobian()")  # fmt: skip
        return self.pulled([(self.out, xp.full((), 1, self.out.dtype.name))])

    def pushed(self, tangents: Sequence[Tensor]) -> list[Tensor]:
        """The tangents of all outputs from those of our arguments."""
        keep = self.keep or (state.grad and any(t.requires_grad for t in tangents))
        with switched(grad=keep):
            found = push_forward(self.outputs, self.own, tangents)
            return [_zeros(y) if t is None else t for y, t in zip(self.outputs, found, strict=True)]

    def filled(self, parts: Sequence[Tensor]) -> tuple[Any, ...]:
        """Values for our arguments, in the form of the caller's."""
        filled: tuple[Any, ...] = trees.filled(self.given, parts)
        return filled


def _own(x: Any) -> Any:
    """A tensor of our own that requires a gradient."""
    if not isinstance(x, Tensor):
        return x
    if not x.dtype.differentiable:
        raise DTypeError(f"there is no derivative by a {x.dtype.name} tensor", hint="x.float()")
    made = aliased(x.node)
    made.node.requires_grad, made.name = True, x.name
    return made


def _cut(x: Tensor) -> Tensor:
    return Tensor(without_history(x.node))


def _zeros(like: Tensor) -> Tensor:
    zeros: Tensor = xp.full(like.shape, 0, like.dtype.name)
    return zeros


def _places(argnums: int | Sequence[int], args: Sequence[Any]) -> tuple[int, ...]:
    """The arguments to differentiate by, counted from the front."""
    wanted = tuple(argnums) if isinstance(argnums, Sequence) else (argnums,)
    for i in wanted:
        if not isinstance(i, int):
            raise ArgumentError(f"argnums is {argnums!r}", expected="a whole number, or several")
        if not -len(args) <= i < len(args):
            raise ArgumentError(f"argnums names argument {i} of a call with {len(args)}")
        if not trees.tensors(args[i]):
            raise ArgumentError(f"argument {i}, to differentiate by, has no tensors")
    return tuple(i % len(args) for i in wanted)


def _matching(what: str, given: Any, like: Sequence[Tensor]) -> list[Tensor]:
    """The tensors of a tree that goes with others; raises ArgumentError and ShapeError."""
    found = trees.tensors(given)
    if len(found) != len(like):
        raise ArgumentError(f"{what}: {len(found)} tensors where {len(like)} belong")
    for t, x in zip(found, like, strict=True):
        if t.shape != x.shape:
            raise ShapeError(f"{what} of shape {t.shape} for a value of {x.shape}")
    return [t if t.dtype is x.dtype else t.to(x.dtype) for t, x in zip(found, like, strict=True)]


def _one_of(argnums: int | Sequence[int], parts: tuple[Any, ...]) -> Any:
    return parts[0] if isinstance(argnums, int) else parts


# -- reverse mode ----------------------------------------------------------------------------------


def vjp(fn: Callable[..., Any], *primals: Any, has_aux: bool = False) -> tuple[Any, ...]:
    """What ``fn`` returns, and the function from adjoints of that to those of ``primals``, a tuple.

    With ``has_aux``, fn returns a pair, of which the second part comes last and has no adjoint.

    >>> import chainrule as cr
    >>> y, pull = vjp(lambda x: x * x, cr.tensor([2.0, 3.0]))
    >>> pull(cr.tensor([1.0, 1.0]))[0].tolist()
    [4.0, 6.0]
    """
    call = _Call(fn, primals, {}, _places(range(len(primals)), primals), has_aux)

    def pull(cotangents: Any) -> tuple[Any, ...]:
        adjoints = _matching("an adjoint", cotangents, call.outputs)
        return call.filled(call.pulled(list(zip(call.outputs, adjoints, strict=True))))

    out = call.released(call.out)
    return (out, pull, call.released(call.aux)) if has_aux else (out, pull)


def grad(
    fn: Callable[..., Any], argnums: int | Sequence[int] = 0, has_aux: bool = False
) -> Callable[..., Any]:
    """The function that computes the gradient of ``fn``, which returns one number, by the argument
    ``argnums`` (a tuple of gradients for several).

    Arguments may be trees of tensors.  With ``has_aux``, fn returns (number, more) and the result
    is (gradient, more).  Raises ShapeError where fn returns more than one number.

    >>> import chainrule as cr
    >>> cube = lambda x: x * x * x
    >>> grad(grad(cube))(cr.tensor(2.0)).item()
    12.0
    """

    @wraps(fn)
    def gradient(*args: Any, **kwargs: Any) -> Any:
        call = _Call(fn, args, kwargs, _places(argnums, args), has_aux)
        found = _one_of(argnums, call.filled(call.gradient()))
        return (found, call.released(call.aux)) if has_aux else found

    return gradient


def jacobian(
    fn: Callable[..., Any], argnums: int | Sequence[int] = 0, has_aux: bool = False
) -> Callable[..., Any]:
    """The function that computes all derivatives of the result of ``fn`` by an argument, one row of
    the result at a time: (*out, *in).  PyTorch calls it ``jacrev``.

    >>> import chainrule as cr
    >>> jacobian(lambda x: x * x)(cr.tensor([2.0, 3.0])).tolist()
    [[4.0, 0.0], [0.0, 6.0]]
    """

    @wraps(fn)
    def jacobian_of(*args: Any, **kwargs: Any) -> Any:
        call = _Call(fn, args, kwargs, _places(argnums, args), has_aux)
        blocks = []
        for y in call.outputs:
            rows = [call.pulled([(y, unit)]) for unit in _units(y)]
            columns = zip(*rows, strict=True) if rows else [()] * len(call.own)
            parts = [
                _stacked(column, (*y.shape, *x.shape), x)
                for column, x in zip(columns, call.own, strict=True)
            ]
            blocks.append(_one_of(argnums, call.filled(parts)))
        found = trees.filled(call.out, blocks)
        return (found, call.released(call.aux)) if has_aux else found

    return jacobian_of


jacrev = jacobian


def _units(x: Tensor) -> Iterator[Tensor]:
    """Tensors shaped like x that are 1 in one entry, in order, and 0 elsewhere."""
    n = prod(x.shape)
    if not isinstance(n, int):
        raise ShapeError(f"a Jacobian needs the sizes of {x.shape} as numbers")
    one = xp.full((1,), 1, x.dtype.name)
    for i in range(n):
        yield xp.reshape(xp.place(one, (slice(i, i + 1, 1),), (n,)), x.shape)


def _stacked(rows: Sequence[Tensor], shape: Any, like: Tensor) -> Tensor:
    """Tensors of one shape along a new first axis, in another shape."""
    whole = xp.cat([xp.reshape(row, (1, *row.shape)) for row in rows], 0) if rows else None
    stacked: Tensor = xp.reshape(whole, shape) if rows else xp.full(shape, 0, like.dtype.name)
    return stacked


# -- forward mode ----------------------------------------------------------------------------------


def jvp(
    fn: Callable[..., Any], primals: Sequence[Any], tangents: Sequence[Any], has_aux: bool = False
) -> tuple[Any, ...]:
    """What ``fn`` returns, and its derivative along ``tangents``, without going back.

    Both are tuples, one part for each argument.  Raises ShapeError where they do not match.

    >>> import chainrule as cr
    >>> y, dy = jvp(lambda x: x * x, (cr.tensor(3.0),), (cr.tensor(1.0),))
    >>> y.item(), dy.item()
    (9.0, 6.0)
    """
    if not isinstance(primals, tuple | list) or not isinstance(tangents, tuple | list):
        raise ArgumentError("jvp takes primals and tangents as tuples", hint="jvp(f, (x,), (v,))")
    call = _Call(fn, primals, {}, _places(range(len(primals)), primals), has_aux)
    moved = call.pushed(_matching("a tangent", tangents, call.own))
    out = call.released(call.out), trees.filled(call.out, moved)
    return (*out, call.released(call.aux)) if has_aux else out


def jacfwd(
    fn: Callable[..., Any], argnums: int | Sequence[int] = 0, has_aux: bool = False
) -> Callable[..., Any]:
    """What `jacobian` computes, one entry of the argument at a time: for few inputs.

    >>> import chainrule as cr
    >>> jacfwd(lambda x: x * x)(cr.tensor([2.0, 3.0])).tolist()
    [[4.0, 0.0], [0.0, 6.0]]
    """

    @wraps(fn)
    def jacobian_of(*args: Any, **kwargs: Any) -> Any:
        call = _Call(fn, args, kwargs, _places(argnums, args), has_aux)
        rest = [_zeros(x) for x in call.own]
        parts: list[list[Tensor]] = [[] for _ in call.outputs]
        for i, x in enumerate(call.own):
            columns = [call.pushed([*rest[:i], unit, *rest[i + 1 :]]) for unit in _units(x)]
            for k, y in enumerate(call.outputs):
                whole = _stacked([column[k] for column in columns], (prod(x.shape), *y.shape), y)
                turned = xp.permute(whole, (*range(1, len(y.shape) + 1), 0))
                parts[k].append(xp.reshape(turned, (*y.shape, *x.shape)))
        found = trees.filled(call.out, [_one_of(argnums, call.filled(p)) for p in parts])
        return (found, call.released(call.aux)) if has_aux else found

    return jacobian_of


# -- second derivatives ----------------------------------------------------------------------------


def hessian(fn: Callable[..., Any], argnums: int | Sequence[int] = 0) -> Callable[..., Any]:
    """The function that computes all second derivatives of ``fn``: forward over reverse.

    >>> import chainrule as cr
    >>> hessian(lambda x: (x * x * x).sum())(cr.tensor([1.0, 2.0])).tolist()
    [[6.0, 0.0], [0.0, 12.0]]
    """
    return jacfwd(jacobian(fn, argnums), argnums)


def hvp(fn: Callable[..., Any], primals: Any, v: Any, method: str = "forward-over-reverse") -> Any:
    """The Hessian of ``fn`` at ``primals`` times ``v``: both a tensor, or both a tuple, for all the
    arguments.

    ``method`` is "forward-over-reverse", or "complex-step": Im[∇f(x + i ε v)] / ε, one gradient at
    complex arguments, without the cancellation of a difference.  The latter needs a holomorphic
    function; raises GradientError for others.

    >>> import chainrule as cr
    >>> x, v = cr.tensor([1.0, 2.0]), cr.tensor([1.0, 0.0])
    >>> hvp(lambda x: (x * x * x).sum(), x, v, method="complex-step").tolist()
    [6.0, 0.0]
    """
    several = isinstance(primals, tuple)
    args, along = (primals, v) if several else ((primals,), (v,))
    gradient = grad(fn, tuple(range(len(args))))
    if method == "forward-over-reverse":
        found = jvp(gradient, args, along)[1]
    elif method == "complex-step":
        found = _complex_step(fn, args, along)
    else:
        raise ArgumentError(f"hvp has no method {method!r}",
                            expected="forward-over-reverse or complex-step")  # fmt: skip
    return found if several else found[0]


def _complex_step(fn: Callable[..., Any], args: tuple[Any, ...], v: tuple[Any, ...]) -> Any:
    """Im[∇f(x + i ε v)] / ε."""
    given = trees.tensors(args)
    for x in given:
        if x.dtype.category != dt.REAL:
            raise DTypeError(f"a complex step goes from floating tensors, not {x.dtype.name}")
    moved = []
    for x, t in zip(given, _matching("a direction", v, given), strict=True):
        step = xp.multiply(xp.cast(t, "float64"), EPSILON)
        moved.append(xp.complex(xp.cast(x, "float64"), step))
    try:
        with record():
            call = _Call(fn, trees.filled(args, moved), {}, range(len(args)), False)
    except DTypeError as error:
        raise _not_holomorphic(error.subject or "an op", error.at) from None
    kink = _kink(reachable([y.node for y in call.outputs]), [x.node for x in call.own])
    if kink is not None:
        raise _not_holomorphic(kink.op.name if kink.op else "", line_text(describe(kink.where)))
    found = [xp.multiply(xp.imag(g), 1 / EPSILON) for g in call.gradient()]
    return trees.filled(args, [xp.cast(g, x.dtype.name) for g, x in zip(found, given, strict=True)])


def _not_holomorphic(name: str, at: str | None) -> GradientError:
    return GradientError(
        f"a complex step needs a function of z alone, and {name} is none", at=at,
        hint='method="forward-over-reverse" differentiates any function',
    )  # fmt: skip


def _kink(nodes: Iterable[Node], moving: Iterable[Node]) -> Node | None:
    """The first of the nodes that depends on what moves, and is no holomorphic function of it: one
    that says so, or whose result is no longer complex."""
    seen = set(moving)
    for node in nodes:
        if node in seen or node.op is None or seen.isdisjoint(node.parents):
            continue
        if node.whole is not None and not node.dtype.is_complex:
            continue  # a counter beside complex values: what both were made by was looked at
        if not _is_holomorphic(node.op, node, seen):
            return node
        seen.add(node)
    return None


def _is_holomorphic(op: Op, node: Node, moving: set[Node]) -> bool:
    if op.composite:
        operands = [(p.shape, p.dtype) for p in node.parents]
        inputs, results = lowered(op, operands, node.attrs)
        inner = [i for i, p in zip(inputs, node.parents, strict=True) if p in moving]
        return _kink(reachable(results), inner) is None
    for graph in (value for value in node.attrs.values() if isinstance(value, Graph)):
        inner = [i.node for i in graph.inputs if i.node.dtype.is_complex]
        if _kink(graph.nodes, inner) is not None:
            return False
    several = type(node.dtype) is tuple
    return op.facts.get("holomorphic", True) and (several or node.dtype.is_complex)
