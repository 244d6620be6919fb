"""Systems of linear equations, determinants, inverses, under the names of ``torch.linalg``."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from chainrule.core import dtypes as dt
from chainrule.core.cost import Cost
from chainrule.core.errors import ShapeError
from chainrule.core.node import Node
from chainrule.core.op import Op, example
from chainrule.core.signature import Shape, same_size
from chainrule.core.size import prod
from chainrule.core.tensor import Tensor
from chainrule.ops.creation import eye
from chainrule.ops.linear import batched_matmul, transposed


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

    def cost(self, node: Node) -> Cost:
        """Elimination and substitution, as LAPACK counts them: 2/3 n³ + 2 n² k, half of each kind,
        lower orders left out."""
        *b, n, k = node.shape
        half = prod(b) * (n * n * n // 3 + n * n * k)
        return {"multiply": half, "add": half}


class Det(Op):
    """The determinant of each square matrix: (*b, n, n) -> (*b).

    The derivative is that of a matrix that can be inverted; for a singular one it is refused.
    """

    kind = "contract"
    primitive = "det"
    methods = ("det",)
    signature = "*b n n -> *b"
    dtype_rule = "float"
    takes = dt.CONTINUOUS
    latex = r"\det {0}"
    domain = ("regular",)
    examples = (example((3, 3)), example((2, 2, 2)))

    def forward(self, xp: Any, a: Any) -> Any:
        return xp.det(a)

    def vjp(self, node: Node, g: Tensor) -> Iterable[Tensor]:
        a = node.inputs[0]
        unit = eye(a.shape[-1], dtype=a.dtype).expand(a.shape)
        scale = (g * node.output)[..., None, None]
        return (scale * solve_columns(transposed(a), unit),)

    def cost(self, node: Node) -> Cost:
        """Elimination: 2/3 n³, half of each kind, lower orders left out."""
        n = node.parents[0].shape[-1]
        half = prod(node.shape) * (n * n * n // 3)
        return {"multiply": half, "add": half}


solve_columns, det = SolveColumns(), Det()
