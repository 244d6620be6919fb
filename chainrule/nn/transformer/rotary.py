"""Rotary positions: queries and keys turned, so that their products depend on distance alone."""

from __future__ import annotations

from typing import Any

from chainrule.core.device import beside
from chainrule.core.errors import ArgumentError, ShapeError
from chainrule.core.signature import same_size
from chainrule.core.tensor import Tensor
from chainrule.nn.module import Module
from chainrule.nn.transformer.positions import angles
from chainrule.ops.shape.moves import stack
from chainrule.ops.shape.primitive import cat


def apply_rotary(x: Tensor, angle: Tensor, interleaved: bool = True) -> Tensor:
    """Each pair of entries of x turned by its angle: (a, b) becomes (a cos t - b sin t,
    a sin t + b cos t).

    Shapes: x (*b, l, d), angle (l, d / 2) -> (*b, l, d).  Pairs are entries 2i and 2i + 1, as in
    Su and others, RoFormer (2021), or, with ``interleaved=False``, entries i and i + d / 2, as
    LLaMA and GPT-NeoX have them.  Raises ShapeError.

    >>> import chainrule as cr
    >>> quarter = cr.tensor([[cr.pi / 2]], dtype=cr.exact)
    >>> apply_rotary(cr.tensor([[3, 4]], dtype=cr.exact), quarter).tolist()
    [[Fraction(-4, 1), Fraction(3, 1)]]
    """
    if x.ndim < 2 or not same_size(x.shape[-1], 2 * angle.shape[-1]):
        raise ShapeError("there is one angle for each pair of entries",
                         got=f"x {x.shape}, angle {angle.shape}",
                         expected="x (*b, l, d), angle (l, d / 2)")  # fmt: skip
    if interleaved:
        a, b = x[..., 0::2], x[..., 1::2]
    else:
        a, b = x.chunk(2, -1)
    cos, sin = (part.to(x.dtype) for part in (angle.cos(), angle.sin()))
    turned = [a * cos - b * sin, a * sin + b * cos]
    made: Tensor = stack(turned, -1).flatten(-2) if interleaved else cat(turned, dim=-1)
    return made


class RotaryEmbedding(Module):
    """Turns each pair of entries of queries or keys by an angle that grows with the place:
    pair i of place p by p / base^(2i / dim).

    Shapes: x (*b, l, dim) -> (*b, l, dim); the first place is ``offset``, which a cache of keys
    needs.  The product of a turned query and a turned key depends on their contents and on the
    difference of their places alone.  ``interleaved`` is that of `apply_rotary`.  Of Su and others,
    RoFormer: Enhanced Transformer with Rotary Position Embedding (2021).

    >>> import chainrule as cr
    >>> turn = cr.nn.RotaryEmbedding(2)
    >>> turn(cr.tensor([[1.0, 0.0], [1.0, 0.0]])).tolist()[0]
    [1.0, 0.0]
    """

    def __init__(self, dim: int, base: float = 10000.0, interleaved: bool = True) -> None:
        super().__init__()
        if type(dim) is not int or dim < 2 or dim % 2:
            raise ArgumentError(f"dim is {dim!r}", expected="an even whole number from 2")
        self.dim, self.base, self.interleaved = dim, base, interleaved

    def forward(self, x: Tensor, offset: Any = 0) -> Tensor:
        if x.ndim < 2 or not same_size(x.shape[-1], self.dim):
            raise ShapeError(f"RotaryEmbedding: not a sequence of {self.dim} numbers each",
                             got=f"x {x.shape}", expected=f"(*b, l, {self.dim})")  # fmt: skip
        with beside(x):
            angle = angles(x.shape[-2], self.dim, self.base, x.dtype, offset)
        return apply_rotary(x, angle, self.interleaved)

    def extra_repr(self) -> str:
        return f"{self.dim}, base={self.base}, interleaved={self.interleaved}"
