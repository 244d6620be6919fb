"""Products and sums over an axis: matrix products and affine maps."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from chainrule.core import dtypes as dt
from chainrule.core.derivatives import unbroadcast
from chainrule.core.errors import ShapeError
from chainrule.core.node import Node
from chainrule.core.op import Op, Slip, elements, example
from chainrule.core.signature import Shape
from chainrule.core.size import prod
from chainrule.core.tensor import Tensor
from chainrule.ops.shape.primitive import permute, reshape


def transposed(x: Tensor) -> Tensor:
    """The tensor with its last two axes exchanged."""
    rank = len(x.shape)
    made: Tensor = permute(x, dims=(*range(rank - 2), rank - 1, rank - 2))
    return made


class BatchedMatmul(Op):
    """Matrix product: out[m, n] is the sum over k of a[m, k] * b[k, n].

    Shapes: a (*b, m, k), b (*b, k, n) -> (*b, m, n).
    """

    kind = "contract"
    primitive = "matmul"
    dtype_rule = "alike"
    takes = dt.NUMBERS
    signature = "*b m k, *b k n -> *b m n"
    text, latex, precedence = "{0} @ {1}", r"{0}\,{1}", 2
    facts = {"distributes": "add"}
    examples = (
        example((2, 3), (3, 4)),
        example((5, 2, 3), (3, 4)),
        example((2, 1, 2, 3), (5, 3, 1)),
    )

    def forward(self, xp: Any, a: Any, b: Any) -> Any:
        return xp.matmul(a, b)

    def vjp(self, node: Node, g: Tensor) -> Iterable[Tensor | None]:
        a, b = node.inputs
        left = unbroadcast(batched_matmul(g, transposed(b)), a.shape) if node.needs(0) else None
        right = unbroadcast(batched_matmul(transposed(a), g), b.shape) if node.needs(1) else None
        return left, right

    def explain(self, node: Node) -> str:
        return f"each entry is a dot product of length {node.parents[0].shape[-1]}"

    def mistakes(self, node: Node) -> Iterable[Slip]:
        if node.parents[0].shape[-2:] == node.parents[1].shape[-2:][::-1]:
            return ()
        if node.parents[1].shape[-1] == node.parents[1].shape[-2]:
            slip = Slip("the second matrix was transposed", lambda a, b: a @ transposed(b))
            return (slip,)
        return ()


class Matmul(Op):
    """The product of vectors, matrices and batches of matrices, as ``@`` writes it.

    A vector on the left is a row, on the right a column; its axis is dropped from the result.
    """

    kind = "contract"
    dtype_rule = "alike"
    takes = dt.NUMBERS
    methods = ("matmul", "__matmul__", "__rmatmul__")
    text, latex, precedence = "{0} @ {1}", r"{0}\,{1}", 2
    examples = (
        example((2, 3), (3, 4)), example((3,), (3, 4)), example((2, 3), (3,)), example((3,), (3,)),
        example((5, 2, 3), (3,)),
    )  # fmt: skip

    def forward(self, xp: Any, a: Any, b: Any) -> Any:
        rows, columns = len(a.shape) == 1, len(b.shape) == 1
        if not rows and not columns:
            return xp.matmul(a, b)
        left = xp.reshape(a, (1, *a.shape)) if rows else a
        right = xp.reshape(b, (*b.shape, 1)) if columns else b
        return xp.reshape(xp.matmul(left, right), self.shape(a.shape, b.shape))

    def shape(self, a: Shape, b: Shape) -> Shape:
        if not a or not b:
            raise ShapeError("a factor of a matrix product has no axes", hint="use * instead")
        left = (1, *a) if len(a) == 1 else a
        right = (*b, 1) if len(b) == 1 else b
        try:
            full: Shape = batched_matmul.shape(left, right)
        except ShapeError as error:
            if len(b) > 1 and a[-1] == b[-1]:
                error.hint = "the last axes agree: transpose the second factor, a @ b.mT"
            raise
        return (
            *full[:-2],
            *(() if len(a) == 1 else full[-2:-1]),
            *(() if len(b) == 1 else full[-1:]),
        )

    def vjp(self, node: Node, g: Tensor) -> Iterable[Tensor | None]:
        a, b = node.inputs
        if a.ndim > 1 and b.ndim > 1:
            yield from batched_matmul.vjp(node, g)
            return
        if a.ndim == b.ndim == 1:
            yield g * b
            yield g * a
            return
        left = a.reshape(1, *a.shape) if a.ndim == 1 else a
        right = b.reshape(*b.shape, 1) if b.ndim == 1 else b
        g = reshape(g, shape=batched_matmul.shape(left.shape, right.shape))
        by_a = unbroadcast(batched_matmul(g, transposed(right)), left.shape)
        yield reshape(by_a, shape=a.shape)
        by_b = unbroadcast(batched_matmul(transposed(left), g), right.shape)
        yield reshape(by_b, shape=b.shape)

    explain = BatchedMatmul.explain


class Linear(Op):
    """The affine map x W^T + b: out[o] is the sum over i of x[i] weight[o, i], plus bias[o].

    Shapes: x (*b, i), weight (o, i), bias (o) -> (*b, o); or, of one output without an axis,
    weight (i), bias () -> (*b).
    """

    kind = "contract"
    dtype_rule = "alike"
    takes = dt.NUMBERS
    keywords = ("input",)
    signature = "*b i, o i, [o] -> *b o"
    text, latex = "{0} @ {1}ᵀ + {2}", r"{0}\,{1}^{{\top}} + {2}"
    precedence = 1
    convention = "weight is (out, in)"
    examples = (
        example((2, 3), (4, 3), (4,)), example((2, 3), (4, 3)), example((5, 2, 3), (4, 3), (4,)),
        example((3,), (2, 3), (2,)), example((2, 3), (3,)), example((2, 2, 3), (3,), ()),
        example((3,), (3,), ()),
    )  # fmt: skip

    def forward(self, xp: Any, x: Any, weight: Any, bias: Any = None) -> Any:
        if len(weight.shape) == 1:
            whole = self.forward(xp, x, xp.reshape(weight, (1, *weight.shape)))
            product = xp.reshape(whole, x.shape[:-1])
            return product if bias is None else xp.add(product, bias)
        turned = xp.permute(weight, (1, 0))
        if len(x.shape) == 1:
            product = xp.reshape(xp.matmul(xp.reshape(x, (1, *x.shape)), turned), weight.shape[:1])
        else:
            product = xp.matmul(x, turned)
        return product if bias is None else xp.add(xp.step(product, "x W^T"), bias)

    def shape(self, x: Shape, weight: Shape, *bias: Shape) -> Shape:
        if len(weight) != 1:
            made: Shape = super().shape(x, weight, *bias)
            return made
        if bias and bias[0]:
            raise ShapeError(f"a bias of shape {bias[0]} for a weight of one axis", expected="()")
        return super().shape(x, (1, *weight))[:-1]  # type: ignore[no-any-return]

    def vjp(self, node: Node, g: Tensor) -> Iterable[Tensor | None]:
        x, weight, *bias = node.inputs
        if weight.ndim == 1:
            weight, g = reshape(weight, shape=(1, -1)), reshape(g, shape=(*g.shape, 1))
        rows = x if x.ndim == 2 else reshape(x, shape=(-1, x.shape[-1]))
        flat = g if g.ndim == 2 else reshape(g, shape=(prod(g.shape[:-1]), g.shape[-1]))
        by_x = None
        if node.needs(0):
            by_x = batched_matmul(flat, weight)
            by_x = by_x if x.ndim == 2 else reshape(by_x, shape=x.shape)
        yield by_x
        by_weight = batched_matmul(transposed(flat), rows) if node.needs(1) else None
        yield by_weight if by_weight is None else _fitted(by_weight, node.parents[1])
        if bias:
            by_bias = None
            if node.needs(2):
                by_bias = _fitted(g if g.ndim == 1 else flat.sum(0), node.parents[2])
            yield by_bias

    def explain(self, node: Node) -> str:
        return f"each entry is a dot product of length {node.parents[0].shape[-1]}, plus the bias"

    def mistakes(self, node: Node) -> Iterable[Slip]:
        if len(node.parents) == 3:
            yield Slip("the bias was forgotten", lambda x, weight, bias: linear(x, weight))
        shape = node.parents[1].shape
        if len(shape) == 2 and shape[0] == shape[1]:
            yield Slip("W instead of its transpose", lambda x, w, *b: linear(x, transposed(w), *b))


def _fitted(adjoint: Tensor, operand: Node) -> Tensor:
    """The adjoint without the axis that an operand does not have."""
    if adjoint.ndim == len(operand.shape):
        return adjoint
    made: Tensor = reshape(adjoint, shape=operand.shape)
    return made


batched_matmul, matmul, linear = BatchedMatmul(), Matmul(), Linear()

__all__ = ["batched_matmul", "elements", "linear", "matmul", "transposed"]
