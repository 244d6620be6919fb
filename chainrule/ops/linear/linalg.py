"""Systems of linear equations, determinants, inverses, under the names of ``torch.linalg``."""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from typing import Any

from chainrule.core import dtypes as dt
from chainrule.core.cost import Cost
from chainrule.core.dtypes import DType
from chainrule.core.errors import DimError, ShapeError, ValueCheckError
from chainrule.core.node import Node
from chainrule.core.op import Op, example, require
from chainrule.core.reach import Reach, Reads, entry_by_entry, everything
from chainrule.core.signature import Shape, broadcast, same_size
from chainrule.core.size import Size, prod
from chainrule.core.tensor import Tensor
from chainrule.ops.creation import eye
from chainrule.ops.elementwise.complex import conj
from chainrule.ops.elementwise.elementary import where
from chainrule.ops.linear.chains import multi_dot
from chainrule.ops.linear.cofactors import DIVISION_FREE, cofactor, places
from chainrule.ops.linear.matmul import batched_matmul, matmul, transposed
from chainrule.ops.linear.norms import linalg_norm, matrix_norm, vector_norm
from chainrule.ops.linear.products import linalg_cross, vecdot
from chainrule.ops.reduce.extremes import part
from chainrule.ops.shape.diagonals import diagonal as diagonal_op
from chainrule.ops.shape.views import transpose


def check_square(shape: Shape) -> None:
    """Raise ShapeError unless the last two axes are equal."""
    if len(shape) < 2 or not same_size(shape[-1], shape[-2]):
        raise ShapeError(f"a matrix of shape {shape} is not square")


class SolveColumns(Op):
    """The x of a @ x = y, for each column of y.

    Shapes: a (*b, n, n), y (*b, n, k) -> (*b, n, k).  Raises ValueCheckError for a singular a.
    """

    kind = "contract"
    primitive = "solve"
    signature = "*b n n, *b n k -> *b n k"
    dtype_rule = "float"
    takes = dt.CONTINUOUS
    text, latex, precedence = "inv({0}) @ {1}", r"{0}^{{-1}}\,{1}", 2
    domain = ("regular",)
    examples = (example((3, 3), (3, 2)), example((2, 2, 2), (2, 2, 1)))

    def forward(self, xp: Any, a: Any, y: Any) -> Any:
        return xp.solve(a, y)

    def vjp(self, node: Node, g: Tensor) -> Iterable[Tensor]:
        by_y = solve_columns(transposed(node.inputs[0]), g)
        return -batched_matmul(by_y, transposed(node.output)), by_y

    def reads(self, node: Node, output: int = 0) -> Sequence[Reads | None]:
        batch = [shape[:-2] for shape in (p.shape for p in node.parents)]
        a, y = (
            (*entry_by_entry(b, node.shape[:-2]), *everything(p.shape[-2:]))
            for b, p in zip(batch, node.parents, strict=True)
        )
        return a, (*y[:-1], Reach.same(len(node.shape) - 1))

    def cost(self, node: Node) -> Cost:
        """Elimination and substitution, as LAPACK counts them: 2/3 n³ + 2 n² k, half of each kind,
        lower orders left out."""
        *b, n, k = node.shape
        half = prod(b) * (n * n * n // 3 + n * n * k)
        return {"multiply": half, "add": half}


def _spread(g: Tensor) -> Tensor:
    """One number for each matrix, against its entries."""
    return g[..., None, None] if g.ndim else g


class Det(Op):
    """The determinant of each square matrix: (*b, n, n) -> (*b).

    The derivative of more than three rows is that of a matrix that can be inverted; for a singular
    one it is refused.
    """

    kind = "contract"
    primitive = "det"
    methods = ("det",)
    keywords = ("A input",)
    signature = "*b n n -> *b"
    dtype_rule = "same"
    takes = dt.CONTINUOUS
    latex = r"\det({0})"
    domain = ("regular",)
    examples = (example((3, 3)), example((2, 2, 2)))

    def forward(self, xp: Any, a: Any) -> Any:
        return xp.det(a)

    def vjp(self, node: Node, g: Tensor) -> Iterable[Tensor]:
        a = node.inputs[0]
        if not isinstance(a.shape[-1], Size) and a.shape[-1] <= DIVISION_FREE:
            return (_spread(g) * cofactor(a),)
        unit = eye(a.shape[-1], dtype=a.dtype).expand(a.shape)
        return (_spread(g * node.output) * solve_columns(transposed(a), unit),)

    def cost(self, node: Node) -> Cost:
        """Elimination: 2/3 n³, half of each kind, lower orders left out."""
        *b, n, _ = node.parents[0].shape
        half = prod(b) * (n * n * n // 3)
        return {"multiply": half, "add": half}


class SignAndLogDet(Op):
    """The signs of the determinants of real matrices, and the logarithms of their absolute values:
    (*b, n, n) -> (2, *b)."""

    kind = "contract"
    primitive = "slogdet"
    dtype_rule = "same"
    takes = (dt.REAL, dt.EXACT)
    domain = ("regular",)
    examples = (example((3, 3)), example((2, 2, 2)))

    def forward(self, xp: Any, a: Any) -> Any:
        return xp.slogdet(a)

    def shape(self, a: Shape) -> Shape:
        check_square(a)
        return (2, *a[:-2])

    def vjp(self, node: Node, g: Tensor) -> Iterable[Tensor]:
        a = node.inputs[0]
        return (g[1][..., None, None] * transposed(inv(a)),)

    cost = Det.cost


class Slogdet(Op):
    """The sign and the logarithm of the absolute value of the determinant of each real matrix, for
    determinants that are too large or small for floats: (*b, n, n) -> (*b), (*b).

    Of a singular matrix they are 0 and -∞, and the derivative is refused.
    """

    kind = "contract"
    outputs = ("sign", "logabsdet")
    methods = ("slogdet",)
    keywords = ("A input",)
    domain = ("regular",)
    examples = (example((3, 3)), example((2, 2, 2)))

    def forward(self, xp: Any, a: Any) -> Any:
        found = xp.slogdet(a)
        return tuple(xp.reshape(part(xp, found, 0, i, i + 1), a.shape[:-2]) for i in (0, 1))

    def shape(self, a: Shape) -> tuple[Shape, Shape]:
        check_square(a)
        return a[:-2], a[:-2]

    def dtypes(
        self, given: list[DType], ranks: list[int], **attrs: Any
    ) -> tuple[list[DType], tuple[DType, DType]]:
        require(self.name, given[0], dt.REAL, dt.EXACT)
        return given, (given[0], given[0])


class Solve(Op):
    """The x of a @ x = y: y a vector or the columns of a matrix, or batches of either.

    As in PyTorch y is vectors where it has one axis, or the axes of a but for the last; with
    ``left=False`` x solves x @ a = y.  Raises ValueCheckError for a singular a.
    """

    kind = "contract"
    dtype_rule = "alike"
    takes = dt.CONTINUOUS
    keywords = ("A", "B")
    text, latex, precedence = "inv({0}) @ {1}", r"{0}^{{-1}}\,{1}", 2
    domain = ("regular",)
    examples = (
        example((3, 3), (3,)), example((3, 3), (3, 2)), example((2, 2, 2), (2, 2)),
        example((2, 2), (4, 2, 3)), example((3, 1, 2, 2), (2, 2, 1)),
        example((2, 2), (3, 2), left=False),
    )  # fmt: skip

    def forward(self, xp: Any, a: Any, y: Any, *, left: bool = True) -> Any:
        made = self.shape(a.shape, y.shape, left=left)
        if _is_vectors(a.shape, y.shape):
            y = xp.reshape(y, (*y.shape, 1))
        elif not left:
            a, y = _turned(xp, a), _turned(xp, y)
        n, k = y.shape[-2:]
        batch = broadcast(a.shape[:-2], y.shape[:-2])
        a, y = xp.expand(a, (*batch, n, n)), xp.expand(y, (*batch, n, k))
        x = xp.solve(a, y)
        return xp.reshape(x, made) if left else _turned(xp, x)

    def shape(self, a: Shape, y: Shape, *, left: bool) -> Shape:
        check_square(a)
        if not y:
            raise ShapeError("the right side has no axes", expected="*b n n, *b n k -> *b n k")
        if _is_vectors(a, y):
            if not left:
                raise ShapeError("left=False needs a matrix on the right side, not vectors")
            found: Shape = solve_columns.shape(a, (*y, 1))
            return found[:-1]
        columns = y if left else (*y[:-2], y[-1], y[-2])
        found = solve_columns.shape(a, columns)
        return found if left else (*found[:-2], found[-1], found[-2])


def _is_vectors(a: Shape, y: Shape) -> bool:
    """Whether the right side of a system is vectors, not matrices."""
    return len(y) == 1 or (len(y) == len(a) - 1 and all(map(same_size, y, a[:-1])))


def _turned(xp: Any, x: Any) -> Any:
    rank = len(x.shape)
    return xp.permute(x, (*range(rank - 2), rank - 1, rank - 2))


def _unit(xp: Any, a: Any) -> Any:
    """Unit matrices of the shape and type of a."""
    diagonal = xp.expand(xp.equal(*places(xp, a.shape[-1])), a.shape)
    return xp.where(diagonal, xp.power(xp.detach(a), 0), 0)


class Square(Op, abstract=True):
    """What functions of square matrices share: (*b, n, n) -> (*b, n, n)."""

    kind = "contract"
    signature = "*b n n -> *b n n"
    domain = ("regular",)


class Inv(Square):
    """The inverse of each square matrix.  Raises ValueCheckError for a singular one."""

    name = "inverse"
    dtype_rule = "same"
    takes = dt.CONTINUOUS
    methods = ("inverse",)
    keywords = ("A input",)
    text, latex, precedence = "inv({0})", r"{0}^{{-1}}", 100
    examples = (example((3, 3)), example((2, 2, 2)))

    def forward(self, xp: Any, a: Any) -> Any:
        return xp.solve(a, _unit(xp, a))

    def vjp(self, node: Node, g: Tensor) -> Iterable[Tensor]:
        turned = transposed(node.output)
        return (-batched_matmul(batched_matmul(turned, g), turned),)


class MatrixPower(Square):
    """A square matrix times itself, n times over; for n below 0 its inverse.

    Raises ValueCheckError for a negative power of a singular matrix.
    """

    dtype_rule = "same"
    takes = dt.NUMBERS
    methods = ("matrix_power",)
    keywords = ("input A",)
    text, latex, precedence = "{0}^{n}", r"{0}^{{{n}}}", 4
    examples = (
        example((2, 2), n=3), example((2, 2, 2), n=2), example((2, 2), n=-2), example((2, 2), n=1),
    )  # fmt: skip

    def forward(self, xp: Any, a: Any, *, n: int) -> Any:
        if n == 0:
            return _unit(xp, a)
        square, result = (xp.solve(a, _unit(xp, a)) if n < 0 else a), None
        rest = abs(n)
        while True:
            if rest % 2:
                result = square if result is None else xp.matmul(result, square)
            rest //= 2
            if not rest:
                return result
            square = xp.matmul(square, square)

    def dtypes(
        self, given: list[DType], ranks: list[int], **attrs: Any
    ) -> tuple[list[DType], DType]:
        require(self.name, given[0], *(dt.NUMBERS if attrs["n"] >= 0 else dt.CONTINUOUS))
        return given, given[0]


class Trace(Op):
    """The sum of the diagonal of a matrix; whole numbers are summed as int64."""

    kind = "reduce"
    methods = ("trace",)
    signature = "m n ->"
    text, latex = "trace({0})", r"\operatorname{{tr}}({0})"
    examples = (example((3, 3)), example((2, 4)), example((3, 1)))

    def forward(self, xp: Any, a: Any) -> Any:
        m, n = a.shape
        k = m if same_size(m, n) else min(m, n)
        flat = xp.reshape(a, (m * n,))
        return xp.sum(xp.slice(flat, (slice(0, k * (n + 1) - n if k else 0, n + 1),)), (0,), False)

    def dtypes(
        self, given: list[DType], ranks: list[int], **attrs: Any
    ) -> tuple[list[DType], DType]:
        require(self.name, given[0], *dt.NUMBERS)
        wanted = dt.int64 if given[0].category == dt.INTEGER else given[0]
        return [wanted], wanted


solve_columns, det, solve, inv = SolveColumns(), Det(), Solve(), Inv()
sign_and_log_det, slogdet = SignAndLogDet(), Slogdet()
matrix_power, trace = MatrixPower(), Trace()
inverse = inv
cross, norm = linalg_cross, linalg_norm
LinAlgError = ValueCheckError


def logdet(input: Tensor) -> Tensor:
    """The logarithm of the determinant of each real matrix, NaN where that is negative.

    >>> import chainrule as cr
    >>> cr.logdet(cr.eye(3)).item()
    0.0
    """
    found = slogdet(input)
    made: Tensor = where(found.sign < 0, math.nan, found.logabsdet)
    return made


def adjoint(input: Tensor) -> Tensor:
    """The conjugate of the transpose of each matrix, ``x.mH``; of reals a view.  A number without
    axes is its own.

    Raises DimError for a tensor of one axis.

    >>> import chainrule as cr
    >>> cr.adjoint(cr.tensor([[1, 2j]])).tolist()
    [[(1-0j)], [-2j]]
    """
    if input.ndim == 1:
        raise DimError("the adjoint of a matrix is asked for, and this tensor has 1 axis")
    turned = transpose(input, dim0=-2, dim1=-1) if input.ndim else input
    made: Tensor = conj(turned) if input.dtype.is_complex else turned
    return made


def diagonal(A: Tensor, *, offset: int = 0, dim1: int = -2, dim2: int = -1) -> Tensor:
    """The diagonal of each matrix: `chainrule.diagonal` along the last two axes.

    >>> import chainrule as cr
    >>> cr.linalg.diagonal(cr.ones(4, 2, 3)).shape
    (4, 2)
    """
    made: Tensor = diagonal_op(A, offset=offset, dim1=dim1, dim2=dim2)
    return made


Tensor.logdet, Tensor.adjoint = logdet, adjoint  # type: ignore[attr-defined]
Tensor.mH = property(adjoint)  # type: ignore[attr-defined]


__all__ = [
    "LinAlgError", "cross", "det", "diagonal", "inv", "matmul", "matrix_norm", "matrix_power",
    "multi_dot", "norm", "slogdet", "solve", "vecdot", "vector_norm",
]  # fmt: skip
