"""What counts as an operation: a convention, which is said with every figure that depends on it."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, fields, replace
from typing import Any, ClassVar

from chainrule.core.cost import PARTS, Cost, Parts
from chainrule.core.errors import ArgumentError
from chainrule.core.signature import Dim

INNER = {"n": "multiplications", "2n-1": "multiplications + additions", "2n": "2 · multiplications"}
"""What an inner product of n terms may count, and how that follows from what it computes."""
WORDS = {"elementwise": "element-wise"}


@dataclass(frozen=True)
class Term:
    """One summand of a figure: the part that it counts, the formula, the numbers put in."""

    part: str
    formula: str
    substitution: str
    value: Dim


@dataclass(frozen=True)
class Convention:
    """How operations are counted.

    An inner product of n terms counts n multiply-accumulates (``mac=1``), or 2n operations
    (``mac=2``), or exactly what it computes, n multiplications and n - 1 additions
    (``inner="2n-1"``).  All else counts one for each operation, where it is counted at all:
    additions of a ``bias``; ``elementwise`` ops, softmax among them; ``normalisation``;
    ``pooling``; ``reductions`` (sums, means, losses); the ``backward`` pass and the ``optimizer``.

    ``rule`` names a tool that counts something else than operations (see `torchinfo`).  Raises
    ArgumentError for numbers that no convention has.

    >>> Convention(mac=2, bias=True)
    Convention(inner product of n terms = 2n, bias counted; forward only)
    """

    mac: int | None = None
    inner: str | None = None
    bias: bool = False
    elementwise: bool = False
    normalisation: bool = False
    pooling: bool = False
    reductions: bool = False
    backward: bool = False
    optimizer: bool = False
    rule: str = ""

    torchinfo: ClassVar[Convention]
    """Total mult-adds of torchinfo: parameters times the places at which they are used.  For layers
    whose class is called Conv… these are the places of the output, for recurrent ones the first two
    sizes of the output, for all others the first: attention's products are not counted, biases and
    the scales of norms are, and a layer applied to T steps counts as for one."""
    fvcore: ClassVar[Convention]
    """FlopCountAnalysis of fvcore: multiply-accumulates, and for each entry that is normalised 5,
    or 2 with running statistics, and 1 for each entry that is averaged by adaptive pooling; it
    counts neither recurrent layers nor fused attention."""
    flop_counter: ClassVar[Convention]
    """FlopCounterMode of PyTorch: 2 for each multiply-accumulate, nothing else."""
    everything: ClassVar[Convention]
    """All operations as they are computed."""

    def __post_init__(self) -> None:
        if self.mac is not None and (type(self.mac) is not int or self.mac not in (1, 2)):
            raise ArgumentError(
                f"a multiply-accumulate counts {self.mac!r}", expected="mac=1 or mac=2"
            )
        if self.inner is not None and self.inner not in INNER:
            raise ArgumentError(
                f"an inner product of n terms counts {self.inner!r}",
                expected=" or ".join(f'"{name}"' for name in INNER),
            )
        if self.mac and self.inner and self.inner != self.terms_of(self.mac):
            raise ArgumentError(
                f"mac={self.mac} says that n terms count {self.terms_of(self.mac)}, "
                f"and inner={self.inner!r} something else",
                hint="say one of the two",
            )
        for field in fields(self)[2:-1]:
            if not isinstance(getattr(self, field.name), bool):
                raise ArgumentError(f"{field.name} is {getattr(self, field.name)!r}",
                                    expected="True, counted, or False, not counted")  # fmt: skip

    @staticmethod
    def terms_of(mac: int) -> str:
        """What n terms count where each counts ``mac``."""
        return "n" if mac == 1 else "2n"

    @property
    def product(self) -> str:
        """What an inner product of n terms counts: "n", "2n-1" or "2n"."""
        return self.inner or self.terms_of(self.mac or 1)

    @property
    def unit(self) -> str:
        """What is counted: "multiply-accumulates", or "operations"."""
        if self.rule == "torchinfo":
            return "mult-adds"
        only = self.product == "n" and not any(getattr(self, part) for part in PARTS[1:])
        return "multiply-accumulates" if only and not self.optimizer else "operations"

    @property
    def short(self) -> str:
        """The unit as the heading of a column."""
        return {"multiply-accumulates": "MACs", "mult-adds": "mult-adds"}.get(self.unit, "ops")

    def counts(self, part: str) -> bool:
        """Whether a part of a count (`cost.PARTS`) is counted."""
        return part == "products" or bool(getattr(self, part))

    def terms(self, parts: Parts) -> Iterator[Term]:
        """The summands of a figure."""
        for part, cost in parts.items():
            if part == "products":
                yield self._products(cost)
            elif self.counts(part):
                yield Term(part, " + ".join(cost), " + ".join(map(number, cost.values())),
                           sum(cost.values()))  # fmt: skip

    def _products(self, cost: Cost) -> Term:
        multiply, add = cost.get("multiply", 0), cost.get("add", 0)
        told = number(multiply)
        if self.product == "2n":
            told, value = f"2 · {told}", 2 * multiply
        elif self.product == "2n-1":
            told, value = f"{told} + {number(add)}", multiply + add
        else:
            value = multiply
        return Term("products", INNER[self.product], told, value)

    def count(self, parts: Parts) -> Dim:
        """The figure of some operations.

        >>> parts = {"products": {"multiply": 6, "add": 4}, "bias": {"add": 2}}
        >>> [Convention(inner=n, bias=True).count(parts) for n in ("n", "2n-1", "2n")]
        [8, 12, 14]
        """
        return sum((term.value for term in self.terms(parts)), 0)

    def __str__(self) -> str:
        if self.rule:
            return f"as {self.rule} counts"
        told = [WORDS.get(part, part) for part in PARTS[1:] if getattr(self, part)]
        left = [WORDS.get(part, part) for part in PARTS[1:] if not getattr(self, part)]
        ways = ["backward"] * self.backward + ["optimizer"] * self.optimizer
        parts = [
            f"inner product of n terms = {self.product}",
            f"{', '.join(told)} counted" if told else "nothing else counted",
        ]
        if told and left:
            parts[1] = parts[1] if len(left) > len(told) else f"all but {', '.join(left)} counted"
        return f"{', '.join(parts)}; forward {'and ' + ' and '.join(ways) if ways else 'only'}"

    def __repr__(self) -> str:
        return f"Convention({self})"

    def but(self, **changes: Any) -> Convention:
        """The same with other answers to some questions.

        >>> Convention().but(bias=True).bias
        True
        """
        return replace(self, **changes)


def number(count: Dim) -> str:
    """A count as text: digits in groups of three; of open sizes, a formula in letters.

    >>> from chainrule import Size
    >>> number(1814073344), number(2048 * Size.symbol("B") * Size.symbol("T") ** 2)
    ('1,814,073,344', '2,048·B·T²')
    """
    if isinstance(count, int):
        return f"{count:,}"
    powers = re.sub(r"\*\*(\d)\b", lambda m: "⁰¹²³⁴⁵⁶⁷⁸⁹"[int(m[1])], str(count))
    return re.sub(r"\b\d+\b", lambda m: f"{int(m[0]):,}", powers).replace("*", "·")


def parsed(text: str) -> Convention:
    """The convention that words say: ``"mac=2,bias"``, ``"inner=2n-1,backward"``, or a name.

    Raises ArgumentError for words that say none.

    >>> parsed("mac=2,bias"), parsed("fvcore")
    (Convention(inner product of n terms = 2n, bias counted; forward only), \
Convention(as fvcore counts))
    """
    if text in NAMED:
        named: Convention = getattr(Convention, text)
        return named
    found: dict[str, Any] = {}
    flags = [field.name for field in fields(Convention)[2:-1]]
    for word in filter(None, (part.strip() for part in text.split(","))):
        name, _, value = word.partition("=")
        if name == "mac" and value in ("1", "2"):
            found["mac"] = int(value)
        elif name == "inner" and value in INNER:
            found["inner"] = value
        elif name in flags and value in ("", "yes", "no"):
            found[name] = value != "no"
        else:
            raise ArgumentError(
                f"'{word}' says nothing of how to count",
                expected=f"mac=1 or 2, inner=n, 2n-1 or 2n, {', '.join(flags)}",
                hint=f"or one of the names {', '.join(NAMED)}",
            )
    return Convention(**found)


NAMED = ("torchinfo", "fvcore", "flop_counter", "everything")
Convention.torchinfo = Convention(bias=True, normalisation=True, rule="torchinfo")
Convention.fvcore = Convention(mac=1, rule="fvcore")
Convention.flop_counter = Convention(mac=2)
Convention.everything = Convention(
    inner="2n-1", bias=True, elementwise=True, normalisation=True, pooling=True, reductions=True
)
