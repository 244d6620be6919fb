"""Formulas as trees; ``str`` of a tree is text that reads back as the same tree."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from fractions import Fraction

SUM, PRODUCT, SIGN, POWER, ATOM = 1, 2, 3, 4, 5
"""How tightly a tree holds together: what binds less stands in brackets."""


@dataclass(frozen=True)
class Tree:
    """A formula: one of the classes below."""

    @property
    def parts(self) -> tuple[Tree, ...]:
        """The trees directly inside."""
        return ()

    @property
    def binding(self) -> int:
        """How tightly it holds together."""
        return ATOM

    def inside(self, least: int) -> str:
        """Its text, in brackets where it binds less than that."""
        return str(self) if self.binding >= least else f"({self})"


@dataclass(frozen=True)
class Number(Tree):
    """A number as it was written: digits, perhaps with a point and an exponent.

    >>> Number("0.10").value, Number("0.10").decimals
    (Fraction(1, 10), 2)
    """

    text: str

    @property
    def value(self) -> Fraction:
        """What it is, exactly."""
        return Fraction(self.text)

    @property
    def decimals(self) -> int:
        """How many digits stand behind the point."""
        return len(self.text.lower().partition("e")[0].partition(".")[2])

    def __str__(self) -> str:
        return self.text


@dataclass(frozen=True)
class Name(Tree):
    """A name: ``x``, ``W1``, ``alpha``, ``x_12``, ``h'``; ``w_t-1`` is written ``w_{t-1}``."""

    text: str

    def __str__(self) -> str:
        plain = self.text.rstrip("'")
        base, _, below = plain.partition("_")
        if not below or below.isidentifier() or below.isdecimal():
            return self.text
        return f"{base}_{{{below}}}{self.text[len(plain) :]}"


@dataclass(frozen=True)
class Unary(Tree):
    """A minus in front: of a product it takes the first factor, of a power the whole."""

    operand: Tree

    @property
    def parts(self) -> tuple[Tree, ...]:
        """The operand."""
        return (self.operand,)

    @property
    def binding(self) -> int:
        """Looser than a power."""
        return SIGN

    def __str__(self) -> str:
        return f"-{self.operand.inside(SIGN)}"


_LEVELS = {"+": (SUM, SUM, PRODUCT), "-": (SUM, SUM, PRODUCT), "*": (PRODUCT, PRODUCT, SIGN),
           "/": (PRODUCT, PRODUCT, SIGN), "^": (POWER, ATOM, SIGN)}  # fmt: skip
"""The binding of an operator, and what its left and its right side need."""


@dataclass(frozen=True)
class Pair(Tree):
    """Two formulas with a sign between them; the classes of pairs are below."""

    op: str
    left: Tree
    right: Tree

    @property
    def parts(self) -> tuple[Tree, ...]:
        """Both sides."""
        return (self.left, self.right)


@dataclass(frozen=True)
class Binary(Pair):
    """A sum, difference, product, quotient or power; ``op`` is one of + - * / ^."""

    @property
    def binding(self) -> int:
        """That of the operator."""
        return _LEVELS[self.op][0]

    def __str__(self) -> str:
        _, left, right = _LEVELS[self.op]
        space = " " if self.op in "+-" else ""
        return f"{self.left.inside(left)}{space}{self.op}{space}{self.right.inside(right)}"


@dataclass(frozen=True)
class Call(Tree):
    """A function of `grammar.FUNCTIONS` and what it is taken of."""

    function: str
    arguments: tuple[Tree, ...]

    @property
    def parts(self) -> tuple[Tree, ...]:
        """The arguments."""
        return self.arguments

    def __str__(self) -> str:
        return f"{self.function}({', '.join(map(str, self.arguments))})"


@dataclass(frozen=True)
class Row(Tree):
    """A vector; of vectors, a matrix."""

    entries: tuple[Tree, ...]

    @property
    def parts(self) -> tuple[Tree, ...]:
        """The entries."""
        return self.entries

    def __str__(self) -> str:
        return f"[{', '.join(map(str, self.entries))}]"


@dataclass(frozen=True)
class Relation(Pair):
    """An equation or a comparison; ``op`` is one of = != < <= > >=."""

    @property
    def binding(self) -> int:
        """The loosest of all; it stands outside only."""
        return 0

    def __str__(self) -> str:
        return f"{self.left} {self.op} {self.right}"


def walk(tree: Tree) -> Iterator[Tree]:
    """A tree and all trees inside it."""
    waiting = [tree]
    while waiting:
        tree = waiting.pop()
        yield tree
        waiting.extend(reversed(tree.parts))


def height(tree: Tree) -> int:
    """How many operations stand above the deepest number or name.

    >>> height(Binary("*", Name("b"), Binary("+", Name("a"), Name("b"))))
    2
    """
    level, found = [tree], -1
    while level:
        level, found = [part for one in level for part in one.parts], found + 1
    return found


def names_of(tree: Tree) -> list[str]:
    """The names in a formula, each once, in order.

    >>> names_of(Binary("*", Name("b"), Binary("+", Name("a"), Name("b"))))
    ['b', 'a']
    """
    return list(dict.fromkeys(part.text for part in walk(tree) if isinstance(part, Name)))
