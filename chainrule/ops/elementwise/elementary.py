"""Element-wise arithmetic and functions."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from chainrule.core import dtypes as dt
from chainrule.core.dtypes import DType
from chainrule.core.errors import DTypeError
from chainrule.core.node import Node
from chainrule.core.op import Op, Slip, example, require
from chainrule.core.tensor import Tensor
from chainrule.namespaces import constants
from chainrule.namespaces.constants import Constant
from chainrule.ops.elementwise.compare import eq

UNARY = (example((2, 3)), example(()))
BINARY = (
    example((2, 3), (2, 3)),
    example((2, 3), (3,)),
    example((2, 1, 3), (4, 1)),
    example((), (2,)),
)


class Add(Op):
    """Sum, entry by entry."""

    primitive = "add"
    methods = ("add", "__add__", "__radd__")
    text, latex, precedence = "{0} + {1}", "{0} + {1}", 1
    facts = {"identity": (0, 0), "commutative": True, "associative": True}
    examples = BINARY

    def forward(self, xp: Any, a: Any, b: Any) -> Any:
        return xp.add(a, b)

    def partial(self, node: Node, i: int) -> int:
        return 1


def _is_truth(x: Any) -> bool:
    """Whether an operand is a truth value of Python's; that of a tensor is seen by its type."""
    return x is True or x is False


class Sub(Op):
    """Difference, entry by entry."""

    primitive = "subtract"
    takes = dt.NUMBERS
    methods = ("sub", "subtract", "__sub__", "__rsub__")
    text, latex, precedence = "{0} - {1}", "{0} - {1}", 1
    facts = {"identity": (None, 0), "takes_back": "add"}
    examples = BINARY

    def __call__(self, *args: Any, **kwargs: Any) -> Any:
        """Subtract; raises DTypeError for truth values, Python's too."""
        if True in map(_is_truth, args):
            raise DTypeError(
                "sub: truth values have no difference",
                hint="x ^ y says where they are not the same; x.to(cr.int64) makes True 1",
            )
        return super().__call__(*args, **kwargs)

    def forward(self, xp: Any, a: Any, b: Any) -> Any:
        return xp.subtract(a, b)

    def dtypes(
        self, given: list[DType], ranks: list[int], **attrs: Any
    ) -> tuple[list[DType], DType]:
        for dtype in given:  # also a truth value beside a number, as in PyTorch
            require(self.name, dtype, *self.takes)
        return Op.dtypes(self, given, ranks)  # also called by ops that lend this rule

    def partial(self, node: Node, i: int) -> int:
        return 1 if i == 0 else -1

    def mistakes(self, node: Node) -> Iterable[Slip]:
        return (Slip("the sign of the second term was lost", lambda a, b: a + b),)


class Mul(Op):
    """Product, entry by entry."""

    primitive = "multiply"
    methods = ("mul", "multiply", "__mul__", "__rmul__")
    text, latex, precedence = "{0} * {1}", r"{0} \odot {1}", 2
    facts = {
        "identity": (1, 1), "commutative": True, "associative": True, "distributes": "add",
    }  # fmt: skip
    examples = BINARY

    def forward(self, xp: Any, a: Any, b: Any) -> Any:
        return xp.multiply(a, b)

    def partial(self, node: Node, i: int) -> Tensor:
        return node.inputs[1 - i]


class Div(Op):
    """Quotient, entry by entry."""

    primitive = "divide"
    methods = ("div", "divide", "true_divide", "__truediv__", "__rtruediv__")
    dtype_rule = "float"
    text, latex, precedence = "{0} / {1}", r"\frac{{{0}}}{{{1}}}", 2
    facts = {"identity": (None, 1), "takes_back": "multiply"}
    domain = ("real", (0.5, 2.0))
    examples = BINARY

    def forward(self, xp: Any, a: Any, b: Any) -> Any:
        return xp.divide(a, b)

    def partial(self, node: Node, i: int) -> Tensor:
        b = node.inputs[1]
        return 1 / b if i == 0 else -node.output / b


def _number(node: Node) -> Any:
    """The Python number that an operand was written as; None for a tensor, or a named constant."""
    literal = node.op is not None and node.op.primitive == "full" and not node.shape
    value = node.attrs["value"] if literal else None
    return None if isinstance(value, Constant) else value


class Pow(Op):
    """Power, entry by entry."""

    primitive = "power"
    takes = dt.NUMBERS
    keywords = ("input", "exponent")
    methods = ("pow", "__pow__", "__rpow__")
    text, latex, precedence = "{0} ** {1}", "{0}^{{{1}}}", 4
    facts = {"identity": (None, 1)}
    domain = ((0.5, 2.0), (-2.0, 2.0))
    convention = "0 ** 0 is 1"
    examples = BINARY

    def forward(self, xp: Any, a: Any, b: Any) -> Any:
        return xp.power(a, b)

    def checks(self, xp: Any, a: Any, b: Any) -> Iterable[tuple[Any, str]]:
        """PyTorch cuts such fractions off to 0 where the exponent is a tensor."""
        if not dtype_name(b).startswith("int"):
            return ()
        return (
            (xp.less(b, 0), "a negative power of a whole number is a fraction: cast to floats"),
        )

    def partial(self, node: Node, i: int) -> Tensor | None:
        a, b = node.inputs
        if i == 0:
            n = _number(node.parents[1])
            if n is None:
                slope: Tensor = where(eq(b, 0), 0, b * a ** (b - 1))
                return slope
            return None if n == 0 else 2 * a if n == 2 else n * a ** (n - 1)
        still: Tensor = eq(a, 0)  # 0 ** b stays 0 as b grows from 0 on
        if not b.dtype.is_complex:
            still = still & (b >= 0)
        logarithm: Tensor = log(where(still, 1, a))
        return node.output * logarithm

    def mistakes(self, node: Node) -> Iterable[Slip]:
        return (Slip("base times exponent instead of a power", lambda a, b: a * b),)


class Neg(Op):
    """The negative of each entry."""

    primitive = "negative"
    takes = dt.NUMBERS
    methods = ("neg", "negative", "__neg__")
    text, latex, precedence = "-{0}", "-{0}", 3
    facts = {"involution": True}
    examples = UNARY

    def forward(self, xp: Any, x: Any) -> Any:
        return xp.negative(x)

    def partial(self, node: Node, i: int) -> int:
        return -1


class Sqrt(Op):
    """The square root of each entry."""

    primitive = "sqrt"
    methods = ("sqrt",)
    dtype_rule = "float"
    latex = r"\sqrt{{{0}}}"
    facts = {"nonnegative": True}
    domain = ((0.2, 3.0),)
    examples = UNARY

    def forward(self, xp: Any, x: Any) -> Any:
        return xp.sqrt(x)

    def partial(self, node: Node, i: int) -> Tensor:
        return 0.5 / node.output


class Exp(Op):
    """e to the power of each entry."""

    primitive = "exp"
    methods = ("exp",)
    dtype_rule = "float"
    latex = "e^{{{0}}}"
    facts = {"nonnegative": True, "undoes": "log"}
    examples = UNARY

    def forward(self, xp: Any, x: Any) -> Any:
        return xp.exp(x)

    def partial(self, node: Node, i: int) -> Tensor:
        return node.output


class Log(Op):
    """The natural logarithm of each entry."""

    primitive = "log"
    methods = ("log",)
    dtype_rule = "float"
    latex = r"\ln({0})"
    facts = {"undoes": "exp"}
    domain = ((0.2, 3.0),)
    convention = "to base e"
    examples = UNARY

    def forward(self, xp: Any, x: Any) -> Any:
        return xp.log(x)

    def partial(self, node: Node, i: int) -> Tensor:
        return 1 / node.inputs[0]

    def mistakes(self, node: Node) -> Iterable[Slip]:
        return (
            Slip("the logarithm to base 10 instead of e", lambda x: log(x) / constants.log(10)),
        )


class Sin(Op):
    """The sine of each entry, in radians."""

    primitive = "sin"
    methods = ("sin",)
    dtype_rule = "float"
    latex = r"\sin({0})"
    convention = "in radians"
    examples = UNARY

    def forward(self, xp: Any, x: Any) -> Any:
        return xp.sin(x)

    def partial(self, node: Node, i: int) -> Tensor:
        slope: Tensor = cos(node.inputs[0])
        return slope


class Cos(Op):
    """The cosine of each entry, in radians."""

    primitive = "cos"
    methods = ("cos",)
    dtype_rule = "float"
    latex = r"\cos({0})"
    convention = "in radians"
    examples = UNARY

    def forward(self, xp: Any, x: Any) -> Any:
        return xp.cos(x)

    def partial(self, node: Node, i: int) -> Tensor:
        sine: Tensor = sin(node.inputs[0])
        return -sine


class Tanh(Op):
    """The hyperbolic tangent of each entry."""

    primitive = "tanh"
    methods = ("tanh",)
    dtype_rule = "float"
    latex = r"\tanh({0})"
    examples = UNARY

    def forward(self, xp: Any, x: Any) -> Any:
        return xp.tanh(x)

    def partial(self, node: Node, i: int) -> Tensor:
        squared: Tensor = square(node.output)
        return 1 - squared

    def mistakes(self, node: Node) -> Iterable[Slip]:
        return (Slip("the logistic sigmoid instead of tanh", lambda x: 1 / (1 + exp(-x))),)


class Where(Op):
    """The first choice where the condition holds, else the second."""

    primitive = "where"
    latex = r"\begin{{cases}} {1} & {0} \\ {2} & \text{{otherwise}} \end{{cases}}"
    facts = {"selects": (1, 2)}
    domain = ("bool", "real", "real")
    examples = (
        example((2, 3), (2, 3), (2, 3), dtypes=(dt.bool_,)),
        example((3,), (2, 3), (), dtypes=(dt.bool_,)),
    )

    def forward(self, xp: Any, condition: Any, a: Any, b: Any) -> Any:
        return xp.where(condition, a, b)

    def dtypes(
        self, given: list[DType], ranks: list[int], **attrs: Any
    ) -> tuple[list[DType], DType]:
        require(self.name, given[0], dt.BOOL)
        common = dt.result_type(given[1:], ranks[1:])
        return [dt.bool_, common, common], common

    def vjp(self, node: Node, g: Tensor) -> Iterable[Tensor | None]:
        from chainrule.core.derivatives import unbroadcast

        condition, a, b = node.inputs
        left = unbroadcast(where(condition, g, 0), a.shape) if node.needs(1) else None
        right = unbroadcast(where(condition, 0, g), b.shape) if node.needs(2) else None
        return None, left, right


def dtype_name(x: Any) -> str:
    """The name of the element type of an array or tensor: of exact ones NumPy's, "object"."""
    return str(getattr(x, "dtype", "")).rpartition(".")[2]


def held(x: Any, number: float) -> float:
    """A number as the elements of x hold it: whole beside whole ones."""
    return int(number) if "int" in dtype_name(x) else number


class Sigmoid(Op):
    """The logistic function 1 / (1 + e^-x) of each entry."""

    methods = ("sigmoid",)
    dtype_rule = "float"
    latex = r"\sigma({0})"
    facts = {"nonnegative": True}
    examples = UNARY

    def forward(self, xp: Any, x: Any) -> Any:
        return xp.divide(1, xp.add(1, xp.step(xp.exp(xp.negative(x)), "exp(-x)")))

    def partial(self, node: Node, i: int) -> Tensor:
        y = node.output
        return y * (1 - y)

    def mistakes(self, node: Node) -> Iterable[Slip]:
        return (Slip("tanh instead of the logistic sigmoid", tanh),)


class Square(Op):
    """The square of each entry."""

    methods = ("square",)
    latex, text, precedence = "{0}^2", "{0} ** 2", 4
    facts = {"nonnegative": True}
    examples = UNARY

    def forward(self, xp: Any, x: Any) -> Any:
        return xp.multiply(x, x)

    def dtypes(
        self, given: list[DType], ranks: list[int], **attrs: Any
    ) -> tuple[list[DType], DType]:
        made = dt.int64 if given[0] is dt.bool_ else given[0]
        return [made], made

    def partial(self, node: Node, i: int) -> Tensor:
        return 2 * node.inputs[0]

    def mistakes(self, node: Node) -> Iterable[Slip]:
        return (Slip("doubled instead of squared", lambda x: 2 * x),)


add, sub, mul, div, pow = Add(), Sub(), Mul(), Div(), Pow()
neg, sqrt, exp, log = Neg(), Sqrt(), Exp(), Log()
sin, cos, tanh, sigmoid = Sin(), Cos(), Tanh(), Sigmoid()
square, where = Square(), Where()
