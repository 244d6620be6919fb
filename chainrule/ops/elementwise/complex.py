"""Complex numbers: joined, taken apart, conjugated.

Derivatives follow the holomorphic rule, without conjugation, so that a complex step extracts one.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from chainrule.core import dtypes as dt
from chainrule.core.dtypes import DType
from chainrule.core.node import Node
from chainrule.core.op import Op, example
from chainrule.core.tensor import Tensor

COMPLEX = (example((2, 3), dtypes=(dt.complex128,)), example((2, 3)))


class Conj(Op):
    """The complex conjugate of each entry."""

    primitive = "conj"
    takes = dt.NUMBERS
    methods = ("conj",)
    latex, precedence = r"\overline{{{0}}}", 100
    facts = {"involution": True, "holomorphic": False}
    examples = COMPLEX

    def forward(self, xp: Any, x: Any) -> Any:
        return xp.conj(x)

    def vjp(self, node: Node, g: Tensor) -> Iterable[Tensor]:
        return (conj(g),)


class Real(Op):
    """The real part of each entry."""

    primitive = "real"
    methods = ("real_part",)
    dtype_rule = "real"
    latex = r"\operatorname{{Re}}({0})"
    facts = {"idempotent": True}
    examples = COMPLEX

    def forward(self, xp: Any, x: Any) -> Any:
        return xp.real(x)

    def vjp(self, node: Node, g: Tensor) -> Iterable[Tensor]:
        return (g.to(node.parents[0].dtype),)


class Imag(Op):
    """The imaginary part of each entry: 0 for real ones."""

    primitive = "imag"
    dtype_rule = "real"
    latex = r"\operatorname{{Im}}({0})"
    examples = COMPLEX

    def forward(self, xp: Any, x: Any) -> Any:
        return xp.imag(x)

    def vjp(self, node: Node, g: Tensor) -> Iterable[Tensor | None]:
        if node.parents[0].dtype.is_floating_point:  # an exact number may be complex
            return (None,)
        return (complex(0 * g, -g),)


class Complex(Op):
    """The complex number with the given real and imaginary parts."""

    primitive = "complex"
    takes = (dt.REAL, dt.EXACT)
    text, latex, precedence = "{0} + i {1}", "{0} + i {1}", 1
    examples = (example((2, 3), (2, 3)), example((2, 3), (3,)))

    def forward(self, xp: Any, re: Any, im: Any) -> Any:
        return xp.complex(re, im)

    def dtypes(
        self, given: list[DType], ranks: list[int], **attrs: Any
    ) -> tuple[list[DType], DType]:
        wanted, common = super().dtypes(given, ranks)
        return wanted, dt.complex_of(common)

    def vjp(self, node: Node, g: Tensor) -> Iterable[Tensor]:
        from chainrule.core.derivatives import unbroadcast

        re, im = node.inputs
        return unbroadcast(real(g), re.shape), unbroadcast(-imag(g), im.shape)


conj, real, imag, complex = Conj(), Real(), Imag(), Complex()
