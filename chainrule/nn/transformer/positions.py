"""Where in a sequence a vector stands, added to it: by sines and cosines, or learned.

Attention by itself does not see the order: whoever permutes the sequence permutes what comes out.
"""

from __future__ import annotations

from typing import Any

from chainrule.core import dtypes as dt
from chainrule.core.device import beside
from chainrule.core.dtypes import DType
from chainrule.core.errors import ArgumentError, ShapeError
from chainrule.core.signature import Dim, same_size
from chainrule.core.size import Size
from chainrule.core.tensor import Parameter, Tensor
from chainrule.nn import init
from chainrule.nn.module import Module
from chainrule.ops.creation import empty, tensor
from chainrule.ops.lookup.primitive import counting
from chainrule.ops.shape.moves import stack


def frequencies(dim: Dim, base: float, dtype: DType) -> Tensor:
    """base^(-2i / dim) for each pair i of entries, computed in float64 or exactly.

    >>> import chainrule as cr
    >>> frequencies(4, 100.0, cr.exact).tolist()
    [Fraction(1, 1), Fraction(1, 10)]
    """
    wide = dt.exact if dtype is dt.exact else dt.float64
    pairs: Tensor = counting(stop=(dim + 1) // 2).to(wide)
    made: Tensor = tensor(base, dtype=wide) ** (pairs * -2 / dim)
    return made


def angles(length: Dim, dim: Dim, base: float, dtype: DType, offset: Any = 0) -> Tensor:
    """(length, pairs): the place times the frequency of each pair of entries."""
    rates = frequencies(dim, base, dtype)
    places: Tensor = counting(stop=length).to(rates.dtype) + offset
    return places.unsqueeze(1) * rates


def sinusoidal_positions(
    length: Dim, dim: Dim, base: float = 10000.0, dtype: DType | None = None
) -> Tensor:
    """The table (length, dim) whose row p has sin(p / base^(2i / dim)) as entry 2i and the cosine
    of the same angle as entry 2i + 1.

    Rows and entries count from 0.  Every row has the length √(dim / 2), and row p + k is row p
    turned by angles that depend on k alone.  In ``cr.exact`` the entries are sines and cosines as
    symbols; floats are computed in float64.  Raises ArgumentError for a dimension that is no whole
    number from 1.  Of Vaswani and others, Attention Is All You Need (2017), section 3.5.

    >>> import chainrule as cr
    >>> sinusoidal_positions(2, 4, base=100.0, dtype=cr.exact).tolist()[1]
    [sin(1), cos(1), sin(1/10), cos(1/10)]
    """
    whole = isinstance(dim, Size) or (type(dim) is int and dim > 0)
    if not whole or not (isinstance(length, Size) or (type(length) is int and length >= 0)):
        raise ArgumentError(f"a table of {length!r} positions in {dim!r} dimensions",
                            expected="whole numbers, the second from 1")  # fmt: skip
    wanted = dtype or dt.get_default_dtype()
    turned = angles(length, dim, base, wanted)
    table = stack([turned.sin(), turned.cos()], -1).flatten(-2)
    made: Tensor = table[:, :dim].to(wanted)
    return made


class AddedPositions(Module):
    """What both kinds of position share: a table with a row for each place, added to the sequence.

    Shapes: x (l, n, dim) or (l, dim), with ``batch_first`` (n, l, dim), and the same comes out.
    """

    dim: int
    batch_first: bool

    def rows(self, length: Dim, dtype: DType) -> Tensor:
        """The table (length, dim)."""
        raise NotImplementedError

    def forward(self, x: Tensor) -> Tensor:
        if x.ndim not in (2, 3) or not same_size(x.shape[-1], self.dim):
            expected = "n, l" if self.batch_first else "l, n"
            raise ShapeError(f"{type(self).__name__}: not a sequence of {self.dim} numbers each",
                             got=f"x {x.shape}", expected=f"({expected}, {self.dim})")  # fmt: skip
        before = x.ndim == 3 and self.batch_first
        with beside(x):
            table = self.rows(x.shape[1 if before else 0], x.dtype)
        return x + (table if x.ndim == 2 or before else table.unsqueeze(1))


class SinusoidalPositions(AddedPositions):
    """Adds `sinusoidal_positions` to a sequence, which may be of any length.

    >>> import chainrule as cr
    >>> cr.nn.SinusoidalPositions(2)(cr.zeros(1, 2)).tolist()
    [[0.0, 1.0]]
    """

    def __init__(self, dim: int, base: float = 10000.0, batch_first: bool = False) -> None:
        super().__init__()
        if type(dim) is not int or dim < 1:
            raise ArgumentError(f"dim is {dim!r}", expected="a whole number from 1")
        self.dim, self.base, self.batch_first = dim, base, batch_first

    def rows(self, length: Dim, dtype: DType) -> Tensor:
        """The table (length, dim)."""
        return sinusoidal_positions(length, self.dim, self.base, dtype)

    def extra_repr(self) -> str:
        return f"{self.dim}, base={self.base}, batch_first={self.batch_first}"


class LearnedPositions(AddedPositions):
    """Adds a row of weights for each place to a sequence of at most ``max_len`` places.

    The weight, (max_len, dim), starts as draws from N(0, std²).  Raises ShapeError for longer
    sequences.  As in Radford and others, Improving Language Understanding by Generative
    Pre-Training (2018).

    >>> import chainrule as cr
    >>> cr.nn.LearnedPositions(8, 2)(cr.zeros(5, 3, 2)).shape
    (5, 3, 2)
    """

    def __init__(
        self,
        max_len: int,
        dim: int,
        std: float = 0.02,
        batch_first: bool = False,
        device: Any = None,
        dtype: DType | None = None,
    ) -> None:
        super().__init__()
        for name, size in (("max_len", max_len), ("dim", dim)):
            if type(size) is not int or size < 1:
                raise ArgumentError(f"{name} is {size!r}", expected="a whole number from 1")
        self.max_len, self.dim, self.std, self.batch_first = max_len, dim, std, batch_first
        self.weight = Parameter(empty(max_len, dim, device=device, dtype=dtype))
        init.normal_(self.weight, std=std)

    def rows(self, length: Dim, dtype: DType) -> Tensor:
        """The first rows of the weight."""
        if not length <= self.max_len:
            raise ShapeError(f"LearnedPositions: {length} places, and there are {self.max_len}")
        return self.weight[:length]

    def extra_repr(self) -> str:
        return f"{self.max_len}, {self.dim}, std={self.std}, batch_first={self.batch_first}"
