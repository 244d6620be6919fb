"""A network entry by entry: sums with all indices written out, forward and backward."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from chainrule.core.errors import ArgumentError
from chainrule.core.node import Node
from chainrule.core.signature import Dim
from chainrule.namespaces.indexed import Entries, entry, indexed
from chainrule.namespaces.source import Text, Unwritten
from chainrule.readings.emit.program import (
    FREE,
    LOCAL,
    Listing,
    Name,
    Program,
    Row,
    listed,
    program,
)

LETTERS = "ijklmnpqrstuvwxyzabcdefgho"
"""Indices that nobody has chosen, in this order."""
MARKS = 0xE000
"""Letters from here on, which nobody uses, stand for indices that have no name yet."""


@dataclass(frozen=True)
class IndexForm(Listing):
    """The lines of a network in terms of entries.

    ``for all i, j: y.value[i] += W.value[i, j] * x.value[j]`` adds once for every i and j; every
    ``.value`` and ``.grad`` starts at zero.  ``forward`` gives the value of the result;
    ``backward`` has the line for the ``.grad`` of each input and parameter, by its name; ``shared``
    are lines of the way back that these need.  ``ranges`` says how many values each index has.
    """

    ranges: Mapping[str, Dim]


def index_form(
    function: Callable[..., Any], *specs: Any, output: str = "out", indices: str | None = None
) -> IndexForm:
    """A function of tensors, or a module, on arguments of the given shapes, entry by entry, and its
    backward pass; the result is called ``output``.

    ``specs`` are those of `cr.capture`: shapes, with letters for open sizes, or tensors.
    ``indices`` names those of the result, ``"b x y c"``; by default a letter for a size gives its
    small letter, others i, j, k and so on.  Raises ArgumentError for a function that has not one
    result, and for indices that are not as many as the result has axes.

    >>> import chainrule as cr
    >>> form = index_form(lambda W, x: W @ x, cr.spec("M", "N"), cr.spec("N"), output="y")
    >>> print(form)
    for all m, n: y.value[m] += W.value[m, n] * x.value[n]
    <BLANKLINE>
    for all m, n: W.grad[m, n] += y.grad[m] * x.value[n]
    for all m, n: x.grad[n] += W.value[m, n] * y.grad[m]
    """
    if not (isinstance(output, str) and output.strip()):  # type: ignore[redundant-expr]
        raise ArgumentError(f"not a name: {output!r}", hint='output="y"')
    made = program(function, specs, output, (*FREE, "window"))
    result = next(line for line in made.lines if line.name.outside and not line.back)
    chosen = _chosen(indices, result.node.shape)
    tensors = {name.tensor for name in made.given.values()}
    tensors |= {line.name.tensor for line in made.lines}
    writer = _Writer(made, _Letters(chosen, tensors))
    if chosen:
        writer.usual[output] = [letter for letter, _ in chosen]
    found = listed(writer.lines())
    ranges = {letter: size for size, own in writer.letters.known.items() for letter in own}
    return IndexForm(**found, ranges=ranges)


def _chosen(indices: str | None, shape: Sequence[Dim]) -> list[tuple[str, Dim]]:
    """The names of the result's indices, each with its size."""
    if indices is None:
        return []
    words = indices.replace(",", " ").split()
    if len(words) != len(shape) or len(set(words)) < len(words):
        raise ArgumentError(
            f"indices {indices!r} for a result of shape {shape}", expected="one name for each axis"
        )
    if not all(word.isidentifier() for word in words):
        raise ArgumentError(f"indices {indices!r}", expected="names such as 'b x y c'")
    return list(zip(words, shape, strict=True))


@dataclass
class _Letters:
    """The indices: for each size those that run through it, in the order in which they are used."""

    chosen: list[tuple[str, Dim]]
    taken: set[str]
    known: dict[Dim, list[str]] = field(default_factory=dict)
    order: list[str] = field(default_factory=list)

    def __post_init__(self) -> None:
        for letter, size in self.chosen:
            self._enter(letter, size)

    def _enter(self, letter: str, size: Dim) -> str:
        self.known.setdefault(size, []).append(letter)
        self.order.append(letter)
        return letter

    def of(self, sizes: Sequence[Dim], settled: Mapping[int, str]) -> list[str]:
        """An index for each axis, ``0`` for one of size 1; some are ``settled``, by axis."""
        found: list[str] = []
        used = set(settled.values())
        for i, size in enumerate(sizes):
            if size == 1 or i in settled:
                found.append(settled.get(i, "0"))
                continue
            own = (letter for letter in self.known.get(size, ()) if letter not in used)
            letter = next(own, None) or self._enter(self._fresh(size), size)
            used.add(letter)
            found.append(letter)
        return found

    def runs_through(self, letter: str, size: Dim) -> bool:
        """Whether an index is one of those of a size."""
        return letter in self.known.get(size, ())

    def _fresh(self, size: Dim) -> str:
        small = str(size).lower()
        wanted = [small] if small.isidentifier() else []
        numbered = (f"i{n}" for n in range(1, 1000))
        found: str = next(
            w for w in [*wanted, *LETTERS, *numbered] if w not in self.order and w not in self.taken
        )
        return found


class _Writer:
    """Lines for the values of a program, more of them where a sum is not the last thing done."""

    def __init__(self, made: Program, letters: _Letters) -> None:
        self.made, self.letters = made, letters
        self.ends = [line for line in made.lines if line.back and line.name.outside]
        self.own = {line.node: line.name for line in made.lines if line not in self.ends}
        self.taken = {name.tensor for name in (*made.given.values(), *self.own.values())}
        self.usual: dict[str, list[str]] = {}
        self.known: dict[Node, Entries] = {}
        self.rows: list[Row] = []
        self.named: set[Node] = set()
        for node, name in made.given.items():
            self._name(node, name)

    def lines(self) -> list[Row]:
        """All lines, those of the way there first."""
        for node in self.made.graph.nodes:
            if node.op is not None:
                self._enter(node)
            if node in self.own and (node.op is None or node not in self.named):
                self._apart(node, self.own[node])
        self.rows.sort(key=lambda row: row[2])
        ends = [
            (line.name, self._line(line.name, self.known[line.node]), True) for line in self.ends
        ]
        return [*self.rows, *ends]

    def _name(self, node: Node, name: Name) -> None:
        """From here on the value is called by its name."""
        word = _reference(name)
        self.known[node] = Entries(tuple(node.shape), lambda at: entry(word, at))
        self.named.add(node)

    def _enter(self, node: Node) -> None:
        """The formula of a node; lines for sums that it needs come before it."""
        assert node.op is not None  # inputs have names
        for parent in node.parents:
            one = node.op.kind == "move" and len(node.parents) == 1
            if self.known[parent].over and not (one and self._moves(node, parent)):
                self._apart(parent, self._fresh())
        try:
            self.known[node] = self._formula(node)
        except Unwritten as error:
            self._whole(node, str(error))

    def _formula(self, node: Node) -> Entries:
        assert node.op is not None
        made: Entries = node.op.forward(
            indexed, *(self.known[p] for p in node.parents), **node.attrs
        )
        return made

    def _moves(self, node: Node, parent: Node) -> bool:
        """Whether a sum stays the same sum, only its entries stand at other places."""
        try:
            made = self._formula(node)
        except Unwritten:
            return False
        return (
            made.sizes == self.known[parent].sizes and made.into is self.known[parent].into is None
        )

    def _apart(self, node: Node, name: Name) -> None:
        """A line of its own for a value."""
        self.rows.append((name, self._line(name, self.known[node]), self._back(node)))
        self._name(node, name)

    def _whole(self, node: Node, function: str) -> None:
        """A line for all entries at once: what nobody writes entry by entry."""
        for parent in node.parents:
            if parent not in self.named:
                self._apart(parent, self._fresh())
        name = self.own.get(node) or self._fresh()
        words = [str(self.known[p].at(())) for p in node.parents]
        words += [f"{word}={value}" for word, value in node.attrs.items() if value is not None]
        text = f"{_reference(name)} = {function}({', '.join(words)})"
        self.rows.append((name, text, self._back(node)))
        self._name(node, name)

    def _back(self, node: Node) -> bool:
        return node not in self.made.there

    def _fresh(self) -> Name:
        found = next(w for n in range(1, 10**6) if (w := f"s{n}") not in self.taken)
        self.taken.add(found)
        return Name(found, LOCAL)

    def _line(self, name: Name, entries: Entries) -> str:
        """A value entry by entry: summed into its place, or the largest of some."""
        rank = 0 if entries.into else len(entries.shape)
        sizes = (*entries.shape[:rank], *entries.sizes)
        marks = ["0" if n == 1 else chr(MARKS + i) for i, n in enumerate(sizes)]
        pattern = str(entries.at(tuple(map(Text, marks))))
        letters = self.letters.of(sizes, self._settled(name, marks, sizes, pattern))
        named = dict(zip(marks, letters, strict=True))
        found = "".join(named.get(sign, sign) if ord(sign) >= MARKS else sign for sign in pattern)
        places = tuple(map(Text, letters))
        into = entries.into(places) if entries.into else places[:rank]
        target = str(entry(_reference(name), into))
        self._remember(f"{target} {found}")
        running = {letter for letter in letters if letter != "0"}
        along = [letter for letter in letters[rank:] if letter != "0"]
        if entries.adds:
            text = f"{target} += {found}"
        else:
            said = f"{entries.over} over {', '.join(along)} of " if along else ""
            text = f"{target} = {said}{found}"
            running -= set(along)
        loops = ", ".join(sorted(running, key=self.letters.order.index))
        return f"for all {loops}: {text}" if loops else text

    def _settled(
        self, name: Name, marks: Sequence[str], sizes: Sequence[Dim], pattern: str
    ) -> dict[int, str]:
        """The indices that a tensor had before, for axes that are read at its axes: first those of
        the line's own tensor, then of those that it uses."""
        found: dict[int, str] = {}
        own = (name.tensor, list(marks))
        for tensor, at in (own, *_uses(pattern)):
            for mark, letter in zip(at, self.usual.get(tensor, ()), strict=False):
                i = marks.index(mark) if len(mark) == 1 and ord(mark) >= MARKS else -1
                fits = i >= 0 and self.letters.runs_through(letter, sizes[i])
                if fits and i not in found and letter not in found.values():
                    found[i] = letter
        return found

    def _remember(self, text: str) -> None:
        """The indices that each tensor has in a line are those that it usually has."""
        for tensor, at in _uses(text):
            if all(part == "0" or part in self.letters.order for part in at):
                self.usual.setdefault(tensor, at)


def _uses(text: str) -> list[tuple[str, list[str]]]:
    """Each tensor in a line, with its indices."""
    found = re.findall(r"([^\s\[\](),-]+)\[([^\[\]]*)\]", text)
    return [(re.sub(r"\.(value|grad)$", "", word), at.split(", ")) for word, at in found]


def _reference(name: Name) -> str:
    return f"{name.tensor}.{name.slot}" if name.slot != LOCAL else name.tensor


__all__ = ["IndexForm", "index_form"]
