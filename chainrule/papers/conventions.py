"""Conventions: what papers define differently, said by name, each with its values and default."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from fractions import Fraction
from typing import Any

from chainrule.core.convention import Convention as Counting
from chainrule.core.errors import ArgumentError
from chainrule.papers.expressions import ExpressionError, number, parse
from chainrule.papers.wording import FLAGS_ELSEWHERE, nearest, written


@dataclass(frozen=True)
class Convention:
    """A choice: its ``values`` (none: any number from 0), the one that holds unless another is
    said, and what it is about."""

    name: str
    values: tuple[Any, ...]
    default: Any
    about: str

    @property
    def allowed(self) -> str:
        """The values as words.

        >>> TABLE["variance"].allowed, TABLE["half"].allowed
        ('biased or unbiased', 'true or false')
        """
        return " or ".join(map(written, self.values)) or "a number from 0"

    def value_of(self, text: str) -> Any:
        """The value that a text says; raises ArgumentError."""
        for value in self.values:
            if written(value) == text.strip():
                return value
        if not self.values:
            try:
                found = number(parse(text))
            except ExpressionError:
                found = -1
            if found >= 0:
                return found
        meant = FLAGS_ELSEWHERE.get(text.lower(), text.lower())
        raise ArgumentError(f"the convention {self.name} is {text!r}", expected=self.allowed,
                            hint=nearest(meant, [*map(written, self.values)]))  # fmt: skip


_ROWS = (
    Convention("mac", (1, 2), 1, "what a multiply-accumulate counts"),
    Convention("inner", ("n", "2n-1", "2n"), None,
               "what an inner product of n terms counts; said instead of mac, which it follows"),
    Convention("bias", (True, False), False, "whether adding a bias counts as an operation"),
    Convention("variance", ("biased", "unbiased"), "biased", "divided by n, or by n - 1"),
    Convention("eps", (), 0, "what is added below a root or to a divisor"),
    Convention("reduction", ("sum", "mean"), "sum", "a loss of several entries or examples"),
    Convention("half", (True, False), False, "whether a squared loss has the factor 1/2"),
    Convention("momentum", ("ema", "heavy-ball"), "ema",
               "v = βv + (1 - β)g, an average; or v = βv + g"),
    Convention("adam_eps", ("inside", "outside"), "outside",
               "whether eps of adaptive optimizers stands inside the root"),
    Convention("bias_correction", (True, False), False,
               "whether averages that start at zero are divided by 1 - βᵗ"),
    Convention("convolution", ("cross-correlation", "convolution"), "cross-correlation",
               "whether a kernel is applied as it is, or flipped"),
    Convention("padding", ("both", "one-sided"), "both",
               "whether padding p means p at both ends, or p altogether"),
    Convention("direction", ("ascent", "descent"), "ascent",
               "whether a policy gradient is added to the parameters, or a loss goes down"),
    Convention("fan", ("fan_in", "fan_out", "fan_avg"), "fan_in",
               "which width an initialisation divides by"),
    Convention("log", ("e", 2, 10), "e", "the base of logarithms in entropies and information"),
    Convention("rounding", ("half-up", "half-even"), "half-up", "where a half is rounded to"),
)  # fmt: skip

TABLE: Mapping[str, Convention] = {row.name: row for row in _ROWS}
"""Every convention by its name."""


def convention(name: str) -> Convention:
    """The convention of that name; raises ArgumentError with the nearest one."""
    if name in TABLE:
        return TABLE[name]
    raise ArgumentError(f"there is no convention {name[:40]!r}", expected=", ".join(TABLE),
                        hint=nearest(name.lower(), TABLE))  # fmt: skip


def chosen(text: str) -> tuple[str, Any]:
    """Name and value of ``name=value``, as the command line has it; raises ArgumentError.

    >>> chosen("variance=unbiased"), chosen("eps=1e-5"), chosen("half=true")
    (('variance', 'unbiased'), ('eps', Fraction(1, 100000)), ('half', True))
    """
    name, sign, value = text.partition("=")
    if not sign:
        raise ArgumentError(f"{text[:40]!r} says no convention", expected="name=value",
                            hint="variance=unbiased")  # fmt: skip
    return name.strip(), convention(name.strip()).value_of(value)


class Conventions:
    """The conventions that hold, as attributes; ``asked`` holds those that were read.

    ``number`` makes of a number what definitions get, such as a float of a fraction.  Raises
    ArgumentError for a name or a value that there is not.

    >>> conventions = Conventions({"variance": "unbiased", "mac": 2})
    >>> conventions.correction, conventions.asked
    (1, {'variance': 'unbiased'})
    >>> conventions.counting
    Convention(inner product of n terms = 2n, nothing else counted; forward only)
    """

    def __init__(
        self, chosen: Mapping[str, Any] | None = None, number: Callable[[Any], Any] | None = None
    ) -> None:
        self._number = number
        self._values = {name: row.default for name, row in TABLE.items()}
        self.asked: dict[str, Any] = {}
        self._values.update(valid(chosen or {}))

    def __getattr__(self, name: str) -> Any:
        if name.startswith("_"):
            raise AttributeError(name)
        convention(name)
        value = self._values[name]
        if name == "inner" and value is None:
            value = "n" if self.mac == 1 else "2n"
        self.asked[name] = value
        return self._number(value) if self._number and isinstance(value, Fraction) else value

    @property
    def correction(self) -> int:
        """What is taken from the count in a variance: 0, or 1 where it is unbiased."""
        return 1 if self.variance == "unbiased" else 0

    @property
    def counting(self) -> Counting:
        """What counts as an operation, for `cr.summary` and its like."""
        if self._values["inner"] is not None:
            return Counting(inner=self.inner, bias=self.bias)
        return Counting(mac=self.mac, bias=self.bias)

    def __repr__(self) -> str:
        said = ", ".join(f"{name}={written(value)}" for name, value in self._values.items()
                         if value != TABLE[name].default)  # fmt: skip
        return f"Conventions({said})"


def valid(chosen: Mapping[str, Any]) -> dict[str, Any]:
    """The same, checked: known names, values that they have; raises ArgumentError."""
    found = {}
    for name, value in chosen.items():
        row = convention(name)
        if isinstance(value, float):
            value = repr(value)
        if isinstance(value, Fraction) or type(value) in (bool, int, str):
            found[name] = row.value_of(written(value))
        else:
            raise ArgumentError(f"the convention {name} is {value!r}", expected=row.allowed)
    return found
