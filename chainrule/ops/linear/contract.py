"""Sums of products in Einstein's notation."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from functools import cache
from string import ascii_letters
from typing import Any

from chainrule.core.cost import Cost, additions, total
from chainrule.core.errors import ArgumentError
from chainrule.core.node import Node
from chainrule.core.op import Op, elements, example
from chainrule.core.reach import Reads
from chainrule.core.reads import by_signature
from chainrule.core.signature import Shape, Signature
from chainrule.core.structural import cast, full
from chainrule.core.tensor import Tensor
from chainrule.ops.elementwise.compare import eq
from chainrule.ops.lookup.primitive import counting
from chainrule.ops.shape.primitive import reshape

TERM = re.compile(r"[A-Za-z]*(\.\.\.)?[A-Za-z]*")


class Einsum(Op):
    """The sum of products that an equation names: ``ij,jk->ik`` is out[i, k] = Σⱼ a[i, j] b[j, k].

    A letter is an axis; one that the result does not name is summed over, one that comes twice in
    an operand takes its diagonal.  ``...`` stands for any axes, which broadcast, and an axis of 1
    is repeated to the length that its letter has elsewhere.  Without ``->``
    the result has the letters that come once, in alphabetical order.

    >>> import chainrule as cr
    >>> einsum("ij,ij->i", cr.tensor([[1.0, 2.0]]), cr.tensor([[3.0, 4.0]])).tolist()
    [11.0]
    """

    kind = "contract"
    primitive = "einsum"
    dtype_rule = "alike"
    examples = (
        example((2, 3), (3, 4), equation="ij,jk->ik"),
        example((2, 3), (4, 3), (3,), equation="ij,kj,j"),
        example((3, 3), equation="ii->i"),
        example((2, 3, 3), (3, 2), equation="kii,ij->"),
        example((2, 3), equation="ij->j"),
        example((5, 1, 2, 3), (4, 3, 2), equation="...ij,...ji->...i"),
        example((2, 1), (2, 3), equation="ij,ij->i"),
    )

    def forward(self, xp: Any, *operands: Any, equation: str) -> Any:
        terms, shapes = _spelled(equation, tuple(x.shape for x in operands))
        fitted = [
            x if x.shape == shape else xp.reshape(x, shape)
            for x, shape in zip(operands, shapes, strict=True)
        ]
        return xp.einsum(fitted, f"{','.join(terms[:-1])}->{terms[-1]}")

    def bind(self, args: Any, kwargs: Any) -> Any:
        """PyTorch's order is einsum(equation, *operands)."""
        if args and isinstance(args[0], str):
            equation, *operands = args
            if len(operands) == 1 and isinstance(operands[0], list | tuple):
                operands = list(operands[0])
            args = operands, equation
        return super().bind(args, kwargs)

    def canonical(self, attrs: dict[str, Any]) -> dict[str, Any]:
        return {"equation": explicit(attrs["equation"])}

    def shape(self, *shapes: Shape, equation: str) -> Shape:
        return _signature(equation, len(shapes)).infer(_widened(equation, shapes))[0]

    def vjp(self, node: Node, g: Tensor) -> Iterator[Tensor | None]:
        whole = [p.shape for p in node.parents]
        (*terms, out), shapes = _spelled(node.attrs["equation"], tuple(whole))
        values = [
            x if x.shape == shape else reshape(x, shape=shape)
            for x, shape in zip(node.inputs, shapes, strict=True)
        ]
        for i, (term, shape) in enumerate(zip(terms, shapes, strict=True)):
            if not node.needs(i):
                yield None
                continue
            others = [(values[j], terms[j]) for j in range(len(terms)) if j != i]
            adjoint = _adjoint([(g, out), *others], term, shape)
            yield adjoint if shape == whole[i] else reshape(adjoint, shape=whole[i])

    def reads(self, node: Node, output: int = 0) -> Sequence[Reads | None]:
        shapes, equation = tuple(p.shape for p in node.parents), node.attrs["equation"]
        return by_signature(_signature(equation, len(shapes)).text, shapes, node.shape)

    def cost(self, node: Node) -> Cost:
        """As written: each of the products of n factors takes n - 1 multiplications."""
        shapes, equation = tuple(p.shape for p in node.parents), node.attrs["equation"]
        volume = _signature(equation, len(shapes)).volume(_widened(equation, shapes))
        multiply = (len(shapes) - 1) * volume
        return total([{"multiply": multiply, "add": additions(volume, elements(node.shape))}])

    def explain(self, node: Node) -> str:
        left, _, out = node.attrs["equation"].partition("->")
        summed = sorted(set(left) - set(out) - set(",."))
        return f"multiplies, and sums over {', '.join(summed)}" if summed else "multiplies"


def _adjoint(factors: list[tuple[Tensor, str]], term: str, shape: Shape) -> Tensor:
    """The sum of products of ``factors``, each with its letters, that has the letters ``term``.

    A letter that no factor has is repeated along (a factor of ones); one that comes twice in
    ``term`` fills its diagonal (a factor that is 1 where two places are equal).
    """
    dtype = factors[0][0].dtype
    letters = "".join(named for _, named in factors)
    wanted = ""
    for letter, size in zip(term, shape, strict=True):
        if letter in wanted:
            fresh = next(c for c in ascii_letters if c not in letters + term + wanted)
            place = counting(stop=size)
            unit = cast(eq(reshape(place, shape=(size, 1)), place), dtype=dtype)
            factors.append((unit, letter + fresh))
            wanted += fresh
            continue
        if letter not in letters:
            factors.append((full((size,), 1, dtype), letter))
        wanted += letter
    equation = f"{','.join(named for _, named in factors)}->{wanted}"
    made: Tensor = einsum([x for x, _ in factors], equation)
    return made


@cache
def explicit(equation: str) -> str:
    """An equation without spaces and with its result written out; raises ArgumentError.

    >>> explicit("ij, jk"), explicit("...ij->...ji")
    ('ij,jk->ik', '...ij->...ji')
    """
    left, arrow, right = equation.replace(" ", "").partition("->")
    for term in (*left.split(","), right):
        if not TERM.fullmatch(term):
            raise ArgumentError(f"the equation has the term {term!r}",
                                expected="letters, and at most one '...'")  # fmt: skip
    if not arrow:
        dots = "..." if "..." in left else ""
        right = dots + "".join(c for c in sorted(set(left) - set(",.")) if left.count(c) == 1)
    for letter in right:
        if letter not in left:
            raise ArgumentError(f"the result names axis {letter!r}, which no operand has")
        if letter != "." and right.count(letter) > 1:
            raise ArgumentError(f"the result names axis {letter!r} twice")
    return f"{left}->{right}"


@cache
def _signature(equation: str, operands: int) -> Signature:
    """The equation in the words of shapes: ``i j, j k -> i k``."""
    terms = equation.replace("->", ",").split(",")
    if len(terms) - 1 != operands:
        raise ArgumentError(f"the equation has {len(terms) - 1} terms for {operands} operands")
    *spaced, result = (" ".join(term.replace("...", "*")) for term in terms)
    return Signature.parse(f"{', '.join(spaced)} -> {result}".replace("*", "*..."))


def _widened(equation: str, shapes: Sequence[Shape]) -> tuple[Shape, ...]:
    """The shapes with axes of 1 as long as others of their letter."""
    terms = equation.partition("->")[0].split(",")
    sizes: dict[str, Any] = {}
    named = []
    for term, shape in zip(terms, shapes, strict=False):
        left, _, right = term.partition("...")
        n = len(shape) - len(right)
        named.append([*zip(range(n), left, strict=False), *enumerate(right, max(n, 0))])
        for i, letter in named[-1]:
            if i < len(shape) and shape[i] != 1:
                sizes[letter] = shape[i]
    wide = [list(shape) for shape in shapes]
    for found, letters in zip(wide, named, strict=False):
        long = {letter for i, letter in letters if i < len(found) and found[i] != 1}
        for i, letter in letters:
            if i < len(found) and letter not in long:
                found[i] = sizes.get(letter, 1)
    return tuple(map(tuple, wide))


@cache
def _spelled(equation: str, shapes: tuple[Shape, ...]) -> tuple[list[str], Sequence[Shape]]:
    """The terms, the result's last, with letters for ``...``; and the operands' shapes without the
    axes of size 1 that are repeated, which have no letter then."""
    *terms, out = equation.replace("->", ",").split(",")
    widened = _widened(equation, shapes)
    if "..." not in equation and widened == shapes:
        return [*terms, out], shapes
    sizes, stars = _signature(equation, len(shapes)).bind(widened)
    joint = stars.get("*...", ())
    free = [c for c in ascii_letters if c not in equation][: len(joint)]
    wide = {**sizes, **dict(zip(free, joint, strict=True))}
    fitted = []
    for term, shape in zip(terms, shapes, strict=True):
        new = len(shape) - len(term.replace("...", ""))
        letters = term.replace("...", "".join(free[len(free) - new :]))
        pairs = zip(letters, shape, strict=True)
        fitted.append([(c, size) for c, size in pairs if size != 1 or wide.get(c, 1) == 1])
    spelled = ["".join(c for c, _ in pairs) for pairs in fitted]
    kept = [tuple(size for _, size in pairs) for pairs in fitted]
    return [*spelled, out.replace("...", "".join(free))], kept


einsum = Einsum()
