"""Products of vectors and matrices under PyTorch's names, each for operands of certain ranks."""

from __future__ import annotations

from typing import Any, ClassVar

from chainrule.core import dtypes as dt
from chainrule.core.axes import axis
from chainrule.core.dtypes import DType
from chainrule.core.errors import DTypeError, ShapeError
from chainrule.core.op import Op, example
from chainrule.core.signature import Shape, broadcast, same_size
from chainrule.core.size import prod
from chainrule.core.tensor import Tensor
from chainrule.ops.elementwise.elementary import mul
from chainrule.ops.methods import write_in_place
from chainrule.ops.reduce.extremes import part


class Product(Op, abstract=True):
    """What products share: their factors are numbers of one type."""

    kind = "contract"
    dtype_rule = "alike"
    takes: ClassVar[tuple[int, ...]] = dt.NUMBERS
    text, latex, precedence = "{0} @ {1}", r"{0}\,{1}", 2


class Mm(Product):
    """The product of two matrices."""

    methods = ("mm",)
    keywords = ("input", "mat2")
    signature = "m k, k n -> m n"
    examples = (example((2, 3), (3, 4)),)

    def forward(self, xp: Any, a: Any, b: Any) -> Any:
        return xp.matmul(a, b)


class Bmm(Product):
    """The products of as many matrices as there are in each batch."""

    methods = ("bmm",)
    keywords = ("input", "mat2")
    signature = "b m k, b k n -> b m n"
    examples = (example((2, 2, 3), (2, 3, 4)),)

    def forward(self, xp: Any, a: Any, b: Any) -> Any:
        return xp.matmul(a, b)


class Mv(Product):
    """The product of a matrix and a vector."""

    methods = ("mv",)
    keywords = ("input", "vec")
    signature = "m k, k -> m"
    examples = (example((2, 3), (3,)),)

    def forward(self, xp: Any, a: Any, x: Any) -> Any:
        return xp.reshape(xp.matmul(a, xp.reshape(x, (*x.shape, 1))), a.shape[:1])


class Dot(Product):
    """The sum of the products of the entries of two vectors."""

    methods = ("dot",)
    keywords = ("input", "tensor")
    signature = "k, k -> "
    text, latex = "dot({0}, {1})", r"{0} \cdot {1}"
    examples = (example((3,), (3,)),)

    def forward(self, xp: Any, a: Any, b: Any) -> Any:
        return dotted(xp, a, b)


def dotted(xp: Any, a: Any, b: Any) -> Any:
    """The product of a row and a column."""
    return xp.reshape(xp.matmul(xp.reshape(a, (1, *a.shape)), xp.reshape(b, (*b.shape, 1))), ())


class Vdot(Product):
    """The sum of the products of the entries of two vectors, those of the first conjugated."""

    methods = ("vdot",)
    signature = "k, k -> "
    text, latex = "vdot({0}, {1})", r"{0}^H\,{1}"
    examples = (example((3,), (3,)),)

    def forward(self, xp: Any, a: Any, b: Any) -> Any:
        return dotted(xp, xp.conj(a), b)


class Inner(Product):
    """The sums of products over the last axis of both: (*a, k), (*b, k) -> (*a, *b).

    Beside a number without axes it is an ordinary product.
    """

    methods = ("inner",)
    text, latex = "inner({0}, {1})", r"\langle {0}, {1} \rangle"
    examples = (
        example((3,), (3,)), example((2, 3), (4, 3)), example((2, 3), (3,)), example((), (3,)),
    )  # fmt: skip

    def forward(self, xp: Any, a: Any, b: Any) -> Any:
        if not a.shape or not b.shape:
            return xp.multiply(a, b)
        rows, columns = (xp.reshape(x, (prod(x.shape[:-1]), x.shape[-1])) for x in (a, b))
        made = xp.matmul(rows, xp.permute(columns, (1, 0)))
        return xp.reshape(made, (*a.shape[:-1], *b.shape[:-1]))

    def dtypes(
        self, given: list[DType], ranks: list[int], **attrs: Any
    ) -> tuple[list[DType], DType]:
        if 0 not in ranks:
            return super().dtypes(given, ranks, **attrs)
        made: tuple[list[DType], DType] = mul.dtypes(given, ranks)
        return made

    def shape(self, a: Shape, b: Shape) -> Shape:
        if a and b and not same_size(a[-1], b[-1]):
            raise ShapeError(f"the last axis is {a[-1]} in one operand and {b[-1]} in the other",
                             expected="*a k, *b k -> *a *b")  # fmt: skip
        return (*a[:-1], *b[:-1]) if a and b else a or b


class Outer(Product):
    """The products of every entry of one vector with every entry of another."""

    dtype_rule = "promote"
    takes = dt.ANY
    methods = ("outer", "ger")
    keywords = ("input", "vec2")
    signature = "m, n -> m n"
    text, latex = "outer({0}, {1})", r"{0} \otimes {1}"
    examples = (example((2,), (3,)),)

    def forward(self, xp: Any, a: Any, b: Any) -> Any:
        return xp.multiply(xp.reshape(a, (*a.shape, 1)), b)


class Vecdot(Product):
    """The sums along an axis of products, entry by entry, the first operand's conjugated."""

    takes = dt.CONTINUOUS
    text, latex = "vecdot({0}, {1})", r"{0}^H\,{1}"
    examples = (example((2, 3), (2, 3)), example((4, 2, 3), (3,)), example((2, 3), (2, 1), dim=0))

    def forward(self, xp: Any, x: Any, y: Any, *, dim: int = -1) -> Any:
        made = xp.multiply(xp.conj(x), y)
        return xp.sum(made, (axis(dim, len(made.shape)),), False)

    def shape(self, x: Shape, y: Shape, *, dim: int) -> Shape:
        joint = broadcast(x, y)
        d = axis(dim, len(joint))
        if not joint:
            raise ShapeError("the vectors have no axis to be summed along")
        return (*joint[:d], *joint[d + 1 :])


class Cross(Product):
    """The cross product of vectors of three entries along an axis."""

    name = "cross"
    text, latex = "cross({0}, {1})", r"{0} \times {1}"
    examples = (example((2, 3), (2, 3)), example((3, 1), (3, 4), dim=0))

    def forward(self, xp: Any, a: Any, b: Any, *, dim: int = -1) -> Any:
        shape = self.shape(a.shape, b.shape, dim=dim)
        d = axis(dim, len(shape))
        a, b = xp.expand(a, shape), xp.expand(b, shape)
        (a1, a2), (b1, b2) = _turned(xp, a, d), _turned(xp, b, d)
        return xp.subtract(xp.multiply(a1, b2), xp.multiply(a2, b1))

    def shape(self, a: Shape, b: Shape, *, dim: int) -> Shape:
        if len(a) != len(b):
            raise ShapeError(f"one operand has {len(a)} axes and the other {len(b)}")
        d = axis(dim, len(a))
        for shape in (a, b):
            if not shape or not same_size(shape[d], 3):
                raise ShapeError(f"a cross product is of 3 entries, and axis {d} of {shape} is not")
        return broadcast(a, b)


def _turned(xp: Any, x: Any, d: int) -> Any:
    """Entries 1, 2, 0 and entries 2, 0, 1 along an axis."""
    return (xp.cat((part(xp, x, d, i, 3), part(xp, x, d, 0, i)), d) for i in (1, 2))


class AddedProduct(Product, abstract=True):
    """beta times a tensor, repeated to the shape of a product, plus alpha times that product.

    With beta 0 the tensor is not looked at, with alpha 0 the product is not, unless it is always
    the ``whole`` of it that is computed.
    """

    whole: ClassVar[bool] = False

    text, latex, precedence = (
        "{beta} {0} + {alpha} {1} @ {2}",
        r"{beta}\,{0} + {alpha}\,{1}\,{2}",
        1,
    )

    def product(self, xp: Any, a: Any, b: Any) -> Any:
        """What is added."""
        raise NotImplementedError

    def forward(self, xp: Any, x: Any, a: Any, b: Any, *, beta: Any = 1, alpha: Any = 1) -> Any:
        if alpha == 0 and not self.whole:
            own = x if beta else xp.power(xp.detach(x), 0)  # beta 0 leaves out NaN, too
            return xp.expand(xp.multiply(own, beta), self.made(a.shape, b.shape))
        made = xp.step(self.product(xp, a, b), "product")
        made = made if alpha == 1 else xp.multiply(made, alpha)
        if beta == 0:
            return made
        return xp.add(x if beta == 1 else xp.multiply(x, beta), made)

    def shape(self, x: Shape, a: Shape, b: Shape, **attrs: Any) -> Shape:
        made = self.made(a, b)
        if len(x) > len(made) or broadcast(x, made) != made:
            raise ShapeError(f"a tensor of shape {x} cannot be repeated to the product's {made}")
        return made

    def made(self, a: Shape, b: Shape) -> Shape:
        """The shape of the product."""
        raise NotImplementedError

    def dtypes(
        self, given: list[DType], ranks: list[int], **attrs: Any
    ) -> tuple[list[DType], DType]:
        wanted, made = super().dtypes(given, ranks, **attrs)
        for name in ("beta", "alpha"):
            if made.category == dt.INTEGER and attrs[name] != int(attrs[name]):
                raise DTypeError(f"{name} is {attrs[name]}, and the tensors are of whole numbers")
        return wanted, made


class Addmm(AddedProduct):
    """beta x + alpha a @ b, of matrices."""

    methods = ("addmm",)
    keywords = ("input", "mat1", "mat2")
    examples = (
        example((2, 4), (2, 3), (3, 4)), example((4,), (2, 3), (3, 4), beta=0.5, alpha=2.0),
        example((), (2, 3), (3, 2), beta=0, alpha=3),
    )  # fmt: skip

    def product(self, xp: Any, a: Any, b: Any) -> Any:
        return xp.matmul(a, b)

    def made(self, a: Shape, b: Shape) -> Shape:
        made: Shape = mm.shape(a, b)
        return made


class Addmv(AddedProduct):
    """beta x + alpha a @ b, of a matrix a and a vector b."""

    methods = ("addmv",)
    keywords = ("input", "mat", "vec")
    examples = (example((2,), (2, 3), (3,)), example((), (2, 3), (3,), beta=0.5, alpha=2.0))

    def product(self, xp: Any, a: Any, b: Any) -> Any:
        return mv.forward(xp, a, b)

    def made(self, a: Shape, b: Shape) -> Shape:
        made: Shape = mv.shape(a, b)
        return made


class Addr(AddedProduct):
    """beta x + alpha times the outer product of two vectors."""

    dtype_rule = "promote"
    methods = ("addr",)
    keywords = ("input", "vec1", "vec2")
    text, latex = "{beta} {0} + {alpha} outer({1}, {2})", r"{beta}\,{0} + {alpha}\,{1} \otimes {2}"
    examples = (example((2, 3), (2,), (3,)), example((3,), (2,), (3,), beta=0.5, alpha=2.0))

    whole = True

    def product(self, xp: Any, a: Any, b: Any) -> Any:
        return outer.forward(xp, a, b)

    def made(self, a: Shape, b: Shape) -> Shape:
        made: Shape = outer.shape(a, b)
        return made


class Baddbmm(AddedProduct):
    """beta x + alpha a @ b, of batches of matrices."""

    methods = ("baddbmm",)
    keywords = ("input", "batch1", "batch2")
    examples = (example((2, 2, 4), (2, 2, 3), (2, 3, 4)), example((4,), (2, 2, 3), (2, 3, 4)))

    def product(self, xp: Any, a: Any, b: Any) -> Any:
        return xp.matmul(a, b)

    def made(self, a: Shape, b: Shape) -> Shape:
        made: Shape = bmm.shape(a, b)
        return made


class Addbmm(AddedProduct):
    """beta x + alpha times the sum of the products of the matrices in two batches."""

    methods = ("addbmm",)
    keywords = ("input", "batch1", "batch2")
    examples = (example((2, 4), (2, 2, 3), (2, 3, 4)), example((4,), (2, 2, 3), (2, 3, 4), alpha=2))

    def product(self, xp: Any, a: Any, b: Any) -> Any:
        return xp.sum(xp.matmul(a, b), (0,), False)

    def made(self, a: Shape, b: Shape) -> Shape:
        made: Shape = bmm.shape(a, b)
        return made[1:]


class Bilinear(Product):
    """x1^T W[o] x2 for each o, plus bias[o]: (*b, i), (*b, j), (o, i, j), (o) -> (*b, o)."""

    signature = "=b i, =b j, o i j, [o] -> =b o"
    keywords = ("input1", "input2")
    text, latex = "bilinear({0}, {1}, {2}, {3})", r"{0}^{{\top}} {2}\,{1} + {3}"
    examples = (
        example((2, 3), (2, 4), (5, 3, 4), (5,)), example((3,), (2,), (2, 3, 2)),
        example((2, 2, 3), (2, 2, 2), (2, 3, 2), (2,)),
    )  # fmt: skip

    def forward(self, xp: Any, x1: Any, x2: Any, weight: Any, bias: Any = None) -> Any:
        made = xp.einsum((x1, weight, x2), "...i,oij,...j->...o")
        return made if bias is None else xp.add(xp.step(made, "x1^T W x2"), bias)


mm, bmm, mv, dot, vdot = Mm(), Bmm(), Mv(), Dot(), Vdot()
inner, outer, vecdot, linalg_cross, bilinear = Inner(), Outer(), Vecdot(), Cross(), Bilinear()
addmm, addmv, addr, baddbmm, addbmm = Addmm(), Addmv(), Addr(), Baddbmm(), Addbmm()
ger = outer


def cross(input: Tensor, other: Tensor, dim: int | None = None) -> Tensor:
    """The cross product of vectors of three entries along an axis, or the first axis of three.

    Raises ShapeError where there is none.

    >>> import chainrule as cr
    >>> cr.cross(cr.tensor([1, 0, 0]), cr.tensor([0, 1, 0])).tolist()
    [0, 0, 1]
    """
    if dim is None and input.ndim == other.ndim:
        joint = broadcast(input.shape, other.shape)
        if 3 not in joint:
            raise ShapeError(f"a cross product is of 3 entries, and no axis of {joint} has them")
        dim = joint.index(3)
        input, other = input.expand(joint), other.expand(joint)
    made: Tensor = linalg_cross(input, other, dim=-1 if dim is None else dim)
    return made


Tensor.cross = cross  # type: ignore[attr-defined]
for _name in ("addmm", "addmv", "addr", "baddbmm", "addbmm"):
    write_in_place(_name)

__all__ = [
    "addbmm", "addmm", "addmv", "addr", "baddbmm", "bilinear", "bmm", "cross", "dot", "ger",
    "inner", "linalg_cross", "mm", "mv", "outer", "vdot", "vecdot",
]  # fmt: skip
