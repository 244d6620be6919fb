"""Operands and arguments, drawn once and made in either library.

Whole numbers are drawn for what a person would want to see small: shapes, types, dims,
flags, the simplest first.  The entries come from one drawn seed, so that a case costs a few draws,
whatever its tensors hold.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np

Shape = tuple[int, ...]

FLOATS = ("float64", "float32")
WHOLE = ("int64", "int32", "uint8")
ANY = (*FLOATS, *FLOATS, *WHOLE, "bool", "float16", "int8", "int16")
NUMBERS = (*FLOATS, *FLOATS, *WHOLE)
MOST = (*FLOATS, *FLOATS, *FLOATS, "int64", "bool")
"""Where types other than floats are refused, or are none of the point."""

SHAPES: tuple[Shape, ...] = ((3,), (), (2, 3), (1,), (0,), (2, 1), (2, 0), (3, 2, 2), (2, 1, 3, 2))
PAIRS: tuple[tuple[Shape, Shape], ...] = (
    ((3,), (3,)), ((), ()), ((2, 3), (3,)), ((3,), ()), ((), (3,)), ((2, 1), (1, 3)),
    ((2, 3), (2, 3)), ((0,), (1,)), ((2, 0), (1, 0)), ((1,), (3,)), ((2, 1, 3), (4, 1)),
    ((2, 1, 2, 3), (2, 1)), ((2, 3), (2,)), ((0,), (2,)),
)  # fmt: skip
"""Pairs that broadcast, and two at the end that do not."""


@dataclass(frozen=True)
class Sample:
    """A tensor to be made: its entries, and whether it asks for a gradient."""

    array: np.ndarray
    grad: bool = False

    def __post_init__(self) -> None:  # NumPy makes scalars of arrays without axes
        object.__setattr__(self, "array", np.asarray(self.array))

    @property
    def shape(self) -> Shape:
        return self.array.shape

    @property
    def ndim(self) -> int:
        return self.array.ndim

    @property
    def dtype(self) -> str:
        return self.array.dtype.name

    @property
    def floating(self) -> bool:
        return self.array.dtype.kind == "f"

    def __repr__(self) -> str:
        entries = self.array.tolist()
        empty = f" of shape {self.shape}" if self.array.size == 0 else ""
        return f"{self.dtype}({entries}{empty}{', grad' if self.grad else ''})"


@dataclass(frozen=True)
class Dtype:
    """An element type, by name."""

    name: str

    def __repr__(self) -> str:
        return self.name


Below = Callable[[int], int]
"""A whole number from 0 to n - 1, drawn: all that drawing a case needs."""


class Draw:
    """Draws the parts of one case."""

    def __init__(self, below: Below) -> None:
        self._below = below
        self.seed = below(1 << 16)
        self.random = np.random.default_rng(self.seed)
        self.mode = self.one("halves", "halves", "halves", "wide", "wide", "special")

    def one(self, *choices: Any) -> Any:
        """One of the choices; the first is the simplest."""
        return choices[self._below(len(choices))] if len(choices) > 1 else choices[0]

    def mostly(self, good: tuple[Any, ...], bad: tuple[Any, ...]) -> Any:
        """One of the good choices, or seldom a bad one: enough calls must succeed, too."""
        return self.one(*bad) if self.one(0, 0, 0, 0, 0, 1) else self.one(*good)

    def flag(self) -> bool:
        return bool(self.one(False, True))

    def shape(self, *choices: Shape) -> Shape:
        found: Shape = self.one(*(choices or SHAPES))
        return found

    def dtype(self, names: tuple[str, ...] = ANY) -> str:
        return str(self.one(*names))

    def tensor(
        self,
        shape: Shape | None = None,
        dtypes: tuple[str, ...] | str = ANY,
        low: float = -3,
        high: float = 3,
        special: bool = True,
        grad: bool | None = None,
    ) -> Sample:
        """Entries from low to high: halves, so that ties and zeros are common, or any; sometimes
        with infinities and NaN among them."""
        shape = self.shape() if shape is None else shape
        name = dtypes if isinstance(dtypes, str) else self.dtype(dtypes)
        array = self.entries(shape, name, low, high, special)
        # float16 is there for its values: PyTorch lacks many of its derivatives on the CPU
        able = name in FLOATS and grad is not False
        return Sample(array, able and bool(grad or self.random.random() < 0.8))

    def entries(
        self, shape: Shape, name: str, low: float, high: float, special: bool
    ) -> np.ndarray:
        drawn = self.random.uniform(low, high, shape)
        if name == "bool":
            return np.asarray(drawn > (low + high) / 2)
        if not name.startswith("float"):
            least = max(low, 0) if name == "uint8" else low
            return np.asarray(np.clip(np.round(drawn), least, None)).astype(name)
        if self.mode == "halves":
            drawn = np.clip(np.round(drawn * 2) / 2, low, high)
        elif self.mode == "special" and special:
            # each entry from a short list; the others as they are
            pool = np.array([np.inf, -np.inf, np.nan, 0.0, -0.0, 100.0, -100.0])
            drawn = np.where(
                self.random.random(shape) < 0.4, pool[self.random.integers(0, 7, shape)], drawn
            )
        return np.asarray(drawn).astype(name)

    def pair(self, dtypes: tuple[str, ...] = ANY, **how: Any) -> tuple[Sample, Sample]:
        """Two tensors that broadcast, or hardly."""
        a, b = self.one(*PAIRS)
        return self.tensor(a, dtypes, **how), self.tensor(b, dtypes, **how)

    def number(self) -> Any:
        """A Python number."""
        return self.one(2, 1.5, -1, 0.5, 0, 0.0, True, 3, -2.0)

    def dim(self, rank: int, extra: int = 0) -> int:
        """A dim, from either end, sometimes just outside; ``extra`` as for `unsqueeze`."""
        rank = max(rank, 1) + extra
        return int(self.one(*range(rank), *range(-rank, 0), rank))

    def dims(self, rank: int, *others: Any) -> Any:
        """One dim, several, or one of the ``others``."""
        kind = self.one("one", "several", *(("other",) if others else ()))
        if kind == "one":
            return self.dim(rank)
        if kind == "other":
            return self.one(*others)
        order = self.random.permutation(max(rank, 1))[: int(self.one(2, 1, 3))]
        turned = self.flag()
        chosen = tuple(int(i) - max(rank, 1) if turned else int(i) for i in order)
        return self.one(chosen, list(chosen), chosen)

    def indices(self, shape: Shape, size: int, dtype: str = "int64", slack: int = 0) -> Sample:
        """Whole numbers from -slack to size - 1 + slack; 0 where the size is 0."""
        entries = self.random.integers(-slack, max(size, 1) + slack, shape)
        return Sample(np.asarray(entries).astype(dtype))

    def some(self, **optional: Any) -> dict[str, Any]:
        """Each keyword, or not."""
        return {name: value for name, value in optional.items() if self.flag()}
