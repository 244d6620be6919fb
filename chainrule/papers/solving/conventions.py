"""The conventions in force, as definitions see them: which were asked for is remembered."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from chainrule.core.convention import Convention
from chainrule.core.errors import ArgumentError

DEFAULTS: Mapping[str, Any] = {
    "mac": 1,
    "inner": None,
    "bias": False,
    "variance": "biased",
    "eps": 0,
    "reduction": "sum",
    "half": False,
    "momentum": "ema",
    "adam_eps": "outside",
    "bias_correction": False,
    "convolution": "cross-correlation",
    "padding": "both",
    "direction": "ascent",
    "fan": "fan_in",
    "log": "e",
    "rounding": "half-up",
}


class Conventions:
    """Conventions as attributes; ``asked`` holds those that were read, to be printed.

    >>> conventions = Conventions({"variance": "unbiased"})
    >>> conventions.correction, conventions.asked
    (1, {'variance': 'unbiased'})
    """

    def __init__(self, chosen: Mapping[str, Any]) -> None:
        self._all = {**DEFAULTS, **chosen}
        self.asked: dict[str, Any] = {}

    def __getattr__(self, name: str) -> Any:
        if name.startswith("_"):
            raise AttributeError(name)
        if name not in self._all:
            raise ArgumentError(
                f"there is no convention {name!r}", expected=", ".join(sorted(self._all))
            )
        self.asked[name] = self._all[name]
        return self._all[name]

    @property
    def correction(self) -> int:
        """What is taken from the count in a variance: 0, or 1 for an unbiased one."""
        return 1 if self.variance == "unbiased" else 0

    @property
    def counting(self) -> Convention:
        """What counts as an operation."""
        inner = self._all["inner"]
        if inner is not None:
            return Convention(inner=self.inner, bias=self.bias)
        return Convention(mac=self.mac, bias=self.bias)

    def __repr__(self) -> str:
        return ", ".join(f"{name} = {value}" for name, value in self._all.items())
