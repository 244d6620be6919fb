"""Arguments and operands of layers, drawn once and made in either library."""

from __future__ import annotations

from typing import Any

import numpy as np

from tests.torch_parity.drawing import Below, Dtype, Sample, Shape
from tests.torch_parity.drawing import Draw as Plain


class Draw(Plain):
    """Draws one case: its type, whether it is compiled too, and whether something is wrong in it.

    Most cases are right, and then all arguments are; in a faulty one, each may be wrong.
    """

    def __init__(self, below: Below) -> None:
        super().__init__(below)
        self.mode = self.one("halves", "wide", "wide")
        self.float = self.one("float64", "float64", "float64", "float64", "float32")
        self.compiled = self.one(True, False)
        self.faulty = self.one(False, False, False, False, False, True)

    def mostly(self, good: tuple[Any, ...], bad: tuple[Any, ...]) -> Any:
        """One of the good choices, or, in a faulty case, perhaps a bad one."""
        if self.faulty and self.one(True, False, False):
            return self.one(*bad)
        return self.one(*good)

    def x(
        self, *shape: int, grad: bool | None = None, low: float = -2, high: float = 2,
        special: bool = False,
    ) -> Sample:  # fmt: skip
        """A tensor of the case's type, which mostly asks for a gradient."""
        entries = self.random.uniform(low, high, shape)
        if self.mode == "halves":  # ties, and a few digits to read
            entries = np.clip(np.round(entries * 2) / 2, low, high)
        if special:
            pool = np.array([np.inf, -np.inf, np.nan])
            chosen = self.random.random(shape) < 0.1
            entries = np.where(chosen, pool[self.random.integers(0, 3, shape)], entries)
        asked = self.one(True, True, True, False) if grad is None else grad
        return Sample(np.asarray(entries).astype(self.float), asked)

    def whole(self, *shape: int, below: int, least: int = 0) -> Sample:
        """Whole numbers from ``least`` to ``below`` - 1."""
        return Sample(self.random.integers(least, max(below, least + 1), shape))

    def mask(self, *shape: int, share: float = 0.3) -> Sample:
        """Truth values, of which about ``share`` are True."""
        return Sample(np.asarray(self.random.random(shape) < share))

    def size(self, least: int = 1, most: int = 4) -> int:
        return int(self.one(*range(least, most + 1)))

    def sizes(self, n: int, least: int, most: int) -> Shape:
        """``n`` sizes, from one draw."""
        drawn = np.random.default_rng(self._below(1 << 10)).integers(least, most + 1, n)
        return tuple(int(size) for size in drawn)

    def each(self, n: int, *choices: Any, bad: tuple[Any, ...] = ()) -> Any:
        """One of the choices for all ``n`` axes, or a tuple of one for each."""
        if bad and self.faulty and self.one(True, False, False):
            return self.one(*bad)
        if n == 0 or not self.one(False, True):
            return self.one(*choices)
        given = tuple(self.one(*choices) for _ in range(n))
        return (
            self.one(given, given, list(given)) if not self.faulty else self.one(given, given * 2)
        )

    def typed(self, **kwargs: Any) -> dict[str, Any]:
        """The arguments of a layer that is built in the case's type."""
        more = {"device": "cpu"} if self.one(False, False, False, True) else {}
        return {**kwargs, **more, "dtype": Dtype(self.float)}

    def batch(self) -> int:
        return int(self.one(2, 1, 3, 0))
