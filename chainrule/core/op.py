"""The contract of an op: one class says everything that is known about it.

Everything else — running, differentiating, compiling, accounting, explaining — reads these classes
and knows no op by name.  An op is registered when its class is made; it has one instance, which is
the function that users call.
"""

from __future__ import annotations

import re
from collections import namedtuple
from collections.abc import Callable, Collection, Iterable, Sequence
from typing import TYPE_CHECKING, Any, ClassVar

from chainrule.core import dtypes as dt
from chainrule.core.calls import REQUIRED, Called
from chainrule.core.dtyperules import DTYPE_RULES, require
from chainrule.core.dtypes import DType
from chainrule.core.examples import Example, Slip, example
from chainrule.core.signature import Dim, Shape, Signature, broadcast
from chainrule.core.size import Size, prod

if TYPE_CHECKING:
    from chainrule.core.graph import Graph
    from chainrule.core.indexmap import IndexMap
    from chainrule.core.node import Node
    from chainrule.core.reach import Reads
    from chainrule.core.tensor import Tensor

KINDS = ("elementwise", "reduce", "contract", "move", "window", "lookup", "random", "structural")

registry: dict[str, Op] = {}
"""Every op by name."""
primitives: dict[str, Op] = {}
"""The op that stands for each function of the namespaces' contract."""


class Op(Called):
    """An operation on tensors; subclasses are final, one for each op.

    Class attributes, all with a sensible default:

    ``name``        PyTorch's name (from the class name: LogSoftmax is ``log_softmax``)
    ``kind``        one of `KINDS`
    ``primitive``   the namespace function it stands for; None for a composite, which `lower` opens
    ``signature``   shapes in axis names (see `Signature`); or override `shape`
    ``dtype_rule``  one of `DTYPE_RULES`: ``promote``, ``float``, ``compare``, ``alike``, …
    ``takes``       the categories of element type that it computes with (`dtypes.NUMBERS`, …)
    ``keywords``    what PyTorch calls the operands, where they are given by name; of two names for
                    one, both: ``"input A"``
    ``methods``     names under which tensors have it (``("exp",)``, ``("__add__", "add")``)
    ``outputs``     the names of several results, which then come as a named tuple
    ``view``        whether its result shares the operand's storage, as in PyTorch; needs `put`
    ``latex``, ``text``, ``precedence``   notation: ``{0}``, ``{1}`` are operands, ``{dim}`` is an
                    attribute
    ``facts``       what is always true, for simplification: ``identity`` (per operand, the number
                    that leaves the other unchanged), ``commutative``, ``associative`` (on
                    paper: floats round), ``distributes`` (over a primitive), ``idempotent``,
                    ``involution``, ``same`` (it changes no value), ``undoes`` (a primitive),
                    ``takes_back`` (one that the second operand is brought in by: a * b / b),
                    ``nonnegative``, ``sums_to_one`` (the attribute that names the axis), ``number``
                    (the one that every entry is), ``label`` (the one that says what a person calls
                    the operand), ``selects`` (the operands between which it chooses, entry by
                    entry), ``holomorphic`` (False where complex derivatives need a conjugate)
    ``domain``      where tests sample, per operand: (low, high), or a name: "real", "bool", "prob",
                    "index" (whatever the checks allow), "seed" (a state),
                    "regular" (matrices that can be inverted)
    ``checks_late`` True where NumPy's and the exact forward fail by themselves on what `checks`
                    says is wrong; the checks are then only asked for the words
    ``exact``       False where the result is no number that exact arithmetic can write
    ``convention``  what others define differently, in a few words: "divides by n - correction"
    ``counted_as``  the part of a count (`cost.PARTS`) that its operations are, where its kind does
                    not say: "normalisation"
    ``smooth``      False where tests must stay away from kinks by themselves
    ``examples``    at least one `Example`
    """

    kind: ClassVar[str] = "elementwise"
    primitive: ClassVar[str | None] = None
    signature: ClassVar[str | None] = None
    dtype_rule: ClassVar[str] = "promote"
    takes: ClassVar[tuple[int, ...]] = dt.ANY
    methods: ClassVar[tuple[str, ...]] = ()
    view: ClassVar[bool] = False
    outputs: ClassVar[tuple[str, ...]] = ()
    latex: ClassVar[str | None] = None
    text: ClassVar[str | None] = None
    precedence: ClassVar[int] = 100
    facts: ClassVar[dict[str, Any]] = {}
    domain: ClassVar[tuple[Any, ...]] = ()
    checks_late: ClassVar[bool] = False
    exact: ClassVar[bool] = True
    smooth: ClassVar[bool] = True
    convention: ClassVar[str] = ""
    counted_as: ClassVar[str] = ""
    examples: ClassVar[Sequence[Example]] = ()

    results: ClassVar[Callable[..., Any]] = staticmethod(lambda *parts: parts)
    plans: dict[Any, Any]

    def __init_subclass__(cls, abstract: bool = False) -> None:
        super().__init_subclass__()
        if abstract:
            return
        if "name" not in cls.__dict__:
            cls.name = re.sub(r"(?<=[a-z0-9])(?=[A-Z])", "_", cls.__name__).lower()
        if cls.kind not in KINDS:
            raise TypeError(f"{cls.__name__}.kind is {cls.kind!r}, not one of {', '.join(KINDS)}")
        cls.read_forward()
        if len(cls.outputs) > 1 and not cls.variadic:
            cls.results = namedtuple(cls.__name__, cls.outputs)  # type: ignore[misc]
        op = cls()
        op.plans, op.bound = {}, {}
        registry[cls.name] = op
        if cls.primitive:
            primitives[cls.primitive] = op
        for hear in on_register:
            hear(op)

    def __new__(cls) -> Op:
        """The one instance of the class."""
        made: Op = cls.__dict__.get("_instance") or super().__new__(cls)
        cls._instance = made
        return made

    # -- what an op must or may say ------------------------------------------------------------

    def forward(self, xp: Any, *arrays: Any, **attrs: Any) -> Any:
        """Compute with the functions of the namespace ``xp``; may branch on attributes and shapes,
        never on values.  Operands come before the ``*``, attributes after it."""
        raise NotImplementedError

    def shape(self, *shapes: Any, **attrs: Any) -> Any:
        """The shape of the result (a tuple of shapes for several outputs); raises ShapeError."""
        if self.signature is None:
            return broadcast(*shapes)
        found = Signature.parse(self.signature).infer(shapes)
        return found if self.outputs else found[0]

    def dtypes(self, given: list[DType], ranks: list[int], **attrs: Any) -> tuple[list[DType], Any]:
        """The types operands are cast to, and the type of the result; raises DTypeError."""
        wanted, made = DTYPE_RULES[self.dtype_rule](given, ranks)
        for dtype in wanted:
            require(self.name, dtype, *self.takes)
        return wanted, made

    def partial(self, node: Node, i: int) -> Tensor | int | None:
        """For element-wise ops: the derivative by operand ``i``, entry by entry; None where it is
        zero everywhere."""
        raise NotImplementedError

    def vjp(self, node: Node, g: Any) -> Iterable[Tensor | None]:
        """The adjoints of the operands from the adjoint ``g`` of the result, written in ops.

        ``g`` is a tuple for an op with several outputs (None where an output was not used).  None
        for an operand stands for zeros; of structural ops, for no gradient.  The default takes
        `partial`, or differentiates the lowered form.
        """
        from chainrule.core.derivatives import default_vjp

        return default_vjp(self, node, g)

    def put(self, node: Node, part: Tensor) -> Tensor:
        """For views: the operand, with ``part`` written where the view reads it."""
        raise NotImplementedError

    def pruned(self, node: Node, used: Collection[int]) -> tuple[Node, dict[int, int]] | None:
        """For ops with several outputs: a node that computes no more than the ``used`` ones, and
        where each of them is among its outputs; None where all come at once anyway."""
        return None

    def unrolled(
        self, node: Node, operands: Sequence[Tensor], call: Callable[..., None], most: int
    ) -> Sequence[Tensor] | None:
        """For ops that repeat a step at most ``most`` times: the results, computed one step after
        the other; ``call(x, "h", 3)`` says what a value of step 3 is called, ``call(x, "w")`` one
        that all steps share.  None for others."""
        return None

    def index_map(self, node: Node) -> IndexMap | None:
        """For move and window ops: which entry of the operand each entry of the result reads; None
        where no affine map says it."""
        return None

    def reads(self, node: Node, output: int = 0) -> Sequence[Reads | None]:
        """For each operand, and each of its axes, which places one place of the result (of the
        ``output``, where there are several) reads; None for an operand that it does not depend on.

        The default follows the axes of element-wise ops, contractions and reductions; composites
        read what their lowered form does.  Never less than what is read: the whole axis at worst.
        """
        from chainrule.core.reads import default_reads

        return default_reads(self, node, output)

    def cost(self, node: Node) -> dict[str, Dim]:
        """Operations by kind (``{"multiply": 24, "add": 16}``).

        The default counts one of itself per entry for an element-wise primitive, products and sums
        of the signature for a contraction, nothing for moves; composites count their lowered form,
        ops that run graphs what those count.  Raises CostError where none of this says it.
        """
        from chainrule.core.cost import default_cost

        return default_cost(self, node)

    def graphs(self, node: Node) -> Iterable[tuple[Graph, Dim]]:
        """For ops that run graphs: each of them, and how often."""
        return ()

    def checks(self, xp: Any, *arrays: Any, **attrs: Any) -> Iterable[tuple[Any, str]]:
        """Pairs of (where it is wrong, sentence): conditions on values, computed with ``xp``."""
        return ()

    def explain(self, node: Node) -> str:
        """One sentence on what the op does to these operands."""
        return (type(self).__doc__ or self.name).strip().splitlines()[0]

    def written(self, attrs: dict[str, Any], latex: bool = False) -> str | None:
        """The name that a call is explained under, as a function of its operands, where that
        depends on the attributes; None for the op's own name, with the attributes."""
        return None

    def output_text(self, node: Node, i: int) -> str:
        """How formulas write that output ``i`` of ``node`` is meant: what follows the op, or, where
        it names operands, ``mean({0})``, what stands for both."""
        return f".{self.outputs[i]}" if len(self.outputs) == len(node.dtype) else f"[{i}]"

    def mistakes(self, node: Node) -> Iterable[Slip]:
        """Common slips: what a hurried person computes instead."""
        return ()

    # -- what follows from it ------------------------------------------------------------------

    def __call__(self, *args: Any, **kwargs: Any) -> Any:
        """Apply the op to tensors; Python numbers stand for tensors without axes."""
        if kwargs or len(args) not in self.plain_calls:
            args, attrs = self._bind_again(args, kwargs)
        else:
            attrs = NO_ATTRS
        for x in args:
            if type(x) is not tensor_type and not isinstance(x, tensor_type):
                if args[-1] is None and self.optional:
                    args, attrs = self.bind(args, dict(attrs))
                args = lift(self, args)
                break
        return apply(self, args, attrs)

    @property
    def composite(self) -> bool:
        """Whether it can be lowered to primitives."""
        return self.primitive is None and self.kind != "structural"

    def __repr__(self) -> str:
        return f"<op {self.usage()}>"

    def __reduce__(self) -> tuple[Any, ...]:
        return type(self), ()


NO_ATTRS: dict[str, Any] = {}
on_register: list[Callable[[Op], None]] = []
"""Called with every new op: this is how tensors get their methods."""


def elements(shape: Shape) -> Dim:
    """The number of entries of a tensor of this shape."""
    return prod(shape)


# Imported last: these modules need `Op`, and `Op.__call__` needs them.
from chainrule.core.apply import apply, lift  # noqa: E402
from chainrule.core.methods import attach  # noqa: E402
from chainrule.core.tensor import Tensor as tensor_type  # noqa: E402

on_register.append(attach)

__all__ = ["KINDS", "REQUIRED", "Example", "Op", "Size", "Slip", "elements", "example",
           "primitives", "registry", "require"]  # fmt: skip
