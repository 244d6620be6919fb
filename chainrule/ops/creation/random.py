"""Random draws: one counter-based generator, whose seed and counter are a tensor of state.

The same counter gives the same draws in every arithmetic and on every engine, so a graph runs again
with the same dropout mask.
"""

from __future__ import annotations

import math
import operator
import os
import secrets
import threading
from collections.abc import Iterable
from fractions import Fraction
from typing import Any, ClassVar

import numpy as np

from chainrule.core import device as places
from chainrule.core import dtypes as dt
from chainrule.core.cost import Cost
from chainrule.core.dtypes import DType
from chainrule.core.errors import ArgumentError, ShapeError, shortened
from chainrule.core.meta import blank
from chainrule.core.node import Node, leaf
from chainrule.core.op import Op, elements, example, require
from chainrule.core.signature import Shape
from chainrule.core.size import Size, prod
from chainrule.core.state import no_grad
from chainrule.core.structural import dtype_of, full
from chainrule.core.tensor import Tensor
from chainrule.namespaces.philox import WORDS
from chainrule.ops.shape.primitive import Span, place, sizes_of


class Draw(Op, abstract=True):
    """What all draws share: the first operand is the generator's state, (seed, counter).

    ``uniforms`` is how many uniform draws one entry takes.
    """

    kind = "random"
    domain: ClassVar[tuple[Any, ...]] = ("seed",)
    uniforms: ClassVar[int] = 1

    def canonical(self, attrs: dict[str, Any]) -> dict[str, Any]:
        dtype = dtype_of(attrs.get("dtype") or dt.get_default_dtype())
        known = {"shape": sizes_of(attrs["shape"])}
        return {**attrs, **known, "dtype": dtype} if "dtype" in attrs else {**attrs, **known}

    def shape(self, *shapes: Shape, **attrs: Any) -> Shape:
        if shapes[0] != (2,):
            raise ShapeError(f"the state of a generator is a seed and a counter, not {shapes[0]}")
        return shapes[1] if len(shapes) > 1 else attrs["shape"]

    def dtypes(
        self, given: list[DType], ranks: list[int], *, dtype: DType = dt.float64, **attrs: Any
    ) -> tuple[list[DType], DType]:
        return [dt.int64, *given[1:]], dtype

    def vjp(self, node: Node, g: Tensor) -> Iterable[None]:
        return (None,) * len(node.parents)


class Uniform(Draw):
    """Draws in [0, 1), as float64."""

    primitive = "uniform"
    latex = r"\mathcal{{U}}(0, 1)"
    examples = (example((2,), shape=(2, 3), dtypes=(dt.int64,)),)

    def forward(self, xp: Any, state: Any, *, shape: Shape) -> Any:
        return xp.uniform(state, shape)

    def cost(self, node: Node) -> Cost:
        return {"draw": elements(node.shape)} if elements(node.shape) != 0 else {}


GRID = {"float16": 2.0**11, "float32": 2.0**24}
"""Into how many equal steps [0, 1) is divided where float64 draws are too fine: so many that each
step is a number of the type, and none is rounded up to 1."""


class UniformDraw(Draw):
    """Draws in [0, 1), of a floating type: multiples of its smallest step below 1."""

    name = "rand"
    latex = r"\mathcal{{U}}(0, 1)"
    examples = (example((2,), shape=(2, 3), dtypes=(dt.int64,)),)

    def forward(self, xp: Any, state: Any, *, shape: Shape, dtype: Any = None) -> Any:
        name = dtype_of(dtype).name
        draws, steps = xp.uniform(state, shape), GRID.get(name)
        if steps is not None:
            draws = xp.divide(xp.floor(xp.multiply(draws, steps)), steps)
        return xp.cast(draws, name)


class Normal(Draw):
    """Standard normal draws, by Box and Muller's transform of two uniform ones."""

    name = "randn"
    latex = r"\mathcal{{N}}(0, 1)"
    exact = False
    uniforms = 2
    examples = (example((2,), shape=(2, 3), dtypes=(dt.int64,)),)

    def forward(self, xp: Any, state: Any, *, shape: Shape, dtype: Any = None) -> Any:
        pair = xp.uniform(state, (2, *shape))
        rest = tuple(slice(0, size, 1) for size in shape)
        first = xp.reshape(xp.slice(pair, (slice(0, 1, 1), *rest)), shape)
        second = xp.reshape(xp.slice(pair, (slice(1, 2, 1), *rest)), shape)
        radius = xp.sqrt(xp.multiply(-2.0, xp.log(xp.subtract(1.0, first))))
        return xp.cast(
            xp.multiply(radius, xp.cos(xp.multiply(2 * math.pi, second))), dtype_of(dtype).name
        )


class Bernoulli(Draw):
    """1 with probability p, else 0; as the type of p."""

    name = "bernoulli_draw"
    latex = r"\operatorname{{Bernoulli}}({1})"
    domain = ("seed", "prob")
    examples = (example((2,), (2, 3), dtypes=(dt.int64,)), example((2,), (), dtypes=(dt.int64,)))

    def forward(self, xp: Any, state: Any, p: Any) -> Any:
        hit = xp.less(xp.uniform(state, p.shape), xp.cast(p, "float64"))
        return xp.where(hit, 1, xp.multiply(p, 0))

    def canonical(self, attrs: dict[str, Any]) -> dict[str, Any]:
        return attrs

    def dtypes(
        self, given: list[DType], ranks: list[int], **attrs: Any
    ) -> tuple[list[DType], DType]:
        require(self.name, given[1], dt.REAL, dt.EXACT)
        return [dt.int64, given[1]], given[1]

    def checks(self, xp: Any, state: Any, p: Any) -> Iterable[tuple[Any, str]]:
        return ((xp.logical_or(xp.less(p, 0), xp.less(1, p)), "a probability is outside 0 … 1"),)


class DropoutMask(Draw):
    """1 / (1 - p) with probability 1 - p, else 0: what dropout multiplies by."""

    examples = (example((2,), shape=(2, 3), p=0.25, dtypes=(dt.int64,)),)

    def forward(self, xp: Any, state: Any, *, shape: Shape, p: float, dtype: Any = None) -> Any:
        kept = xp.less_equal(p, xp.uniform(state, shape))
        share = float(1 - Fraction(str(p)))  # 1 - 0.7 is 0.3, not 0.30000000000000004
        return xp.divide(xp.cast(kept, dtype_of(dtype).name), share or 1)

    def canonical(self, attrs: dict[str, Any]) -> dict[str, Any]:
        p = attrs["p"]
        if isinstance(p, Tensor) or not 0 <= p <= 1:
            raise ArgumentError(f"a dropout probability is from 0 to 1, not {p!r}")
        return super().canonical(attrs)


uniform, rand_draw, randn_draw = Uniform(), UniformDraw(), Normal()
bernoulli_draw, dropout_mask = Bernoulli(), DropoutMask()


_drawing = threading.RLock()  # so that no two threads get the same draws
if hasattr(os, "register_at_fork"):  # a child does not inherit it held by a thread that it lacks
    os.register_at_fork(
        before=_drawing.acquire, after_in_parent=_drawing.release, after_in_child=_drawing.release
    )


class Generator:
    """A source of draws: ``state`` is a tensor of its seed and its counter.

    ``device`` is PyTorch's argument, "cpu"; a whole number in its place is a seed.

    >>> from chainrule.ops.creation.random import Generator, rand_draw
    >>> first = Generator(7).draw(rand_draw, shape=(3,))
    >>> Generator(7).draw(rand_draw, shape=(3,)).tolist() == first.tolist()
    True
    """

    def __init__(self, device: Any = 0, *, seed: int = 0) -> None:
        if isinstance(device, int):
            seed = device
        else:
            place = places.checked(device)
            if place.type != "cpu":
                raise ArgumentError(f"there are no draws on the device '{place}'", expected="'cpu'")
        self.device = places.CPU
        self.state = Tensor(_seeded(seed))
        self.state.name = "random counter"
        self.state.role = "state"

    def manual_seed(self, seed: int) -> Generator:
        """Start again from ``seed``, a whole number of at most 64 bits."""
        self.state._rebind(_seeded(seed))
        return self

    def initial_seed(self) -> int:
        """The seed that the draws began with."""
        return int(self.state.detach().numpy()[0]) % 2**64

    def seed(self) -> int:
        """Start again from a seed that nobody knows, and return it."""
        found = secrets.randbits(64)
        self.manual_seed(found)
        return found

    def get_state(self) -> Tensor:
        """Seed and counter as 16 bytes: a tensor of uint8, as PyTorch has it."""
        return Tensor(leaf((16,), dt.uint8, self.state.detach().numpy().view(np.uint8).copy()))

    def set_state(self, state: Any) -> None:
        """Go on from what `get_state` gave; raises ArgumentError for anything else."""
        fits = isinstance(state, Tensor) and state.shape == (16,) and state.dtype is dt.uint8
        if not fits:
            raise ArgumentError(
                "the state of a generator is a tensor of 16 bytes",
                got=shortened(state),
                hint="what get_state() returns",
            )
        words = state.detach().numpy().copy().view(np.int64)
        self.state._rebind(leaf((2,), dt.int64, words))

    def draw(self, op: Draw, *operands: Tensor, **attrs: Any) -> Tensor:
        """The next draws, made by ``op``; the counter moves on past them.  On the device "meta"
        nothing is drawn."""
        if any(x.is_meta for x in operands) if operands else places.nowhere():
            found: Tensor = op(Tensor(blank((2,), dt.int64)), *operands, **attrs)
            return found
        with _drawing, places.beside(self.state):
            made: Tensor = op(self.state, *operands, **attrs)
            uniforms = prod(made.shape) * op.uniforms
            with no_grad():
                self.state._write(self.state + _moved(-(-uniforms // WORDS)))
        return made


def _seeded(seed: int) -> Node:
    signed = (operator.index(seed) + 2**63) % 2**64 - 2**63
    return leaf((2,), dt.int64, np.array([signed, 0], np.int64))


def _moved(blocks: int | Size) -> Tensor:
    """What is added to the state for this many blocks: nothing to the seed."""
    made: Tensor = place(full((1,), blocks, dt.int64), index=(Span(1, 2, 1),), shape=(2,))
    return made


default_generator = Generator()


def manual_seed(seed: int) -> Generator:
    """Seed the draws of this process.

    >>> import chainrule as cr
    >>> _ = cr.manual_seed(1)
    >>> first = cr.rand(2)
    >>> _ = cr.manual_seed(1)
    >>> cr.rand(2).tolist() == first.tolist()
    True
    """
    return default_generator.manual_seed(seed)


def initial_seed() -> int:
    """The seed that the draws of this process began with."""
    return default_generator.initial_seed()


def seed() -> int:
    """Seed the draws of this process with what nobody knows; returns it."""
    return default_generator.seed()


def get_rng_state() -> Tensor:
    """Where the draws of this process are, as bytes.

    >>> import chainrule as cr
    >>> place = cr.get_rng_state()
    >>> first = cr.rand(2).tolist()
    >>> cr.set_rng_state(place)
    >>> cr.rand(2).tolist() == first
    True
    """
    return default_generator.get_state()


def set_rng_state(new_state: Tensor) -> None:
    """Go on with the draws of this process from what `get_rng_state` gave."""
    default_generator.set_state(new_state)
