"""Strict YAML 1.2: mappings, sequences and scalars, each with its line, and nothing else.

Of YAML's machinery only the scanner and the parser are used: no object is ever built from a tag.
Tags, anchors, aliases, merge keys, directives, a second document, a key that stands twice, and
what is nested too deeply or too large are refused.  What a scalar means is decided by who asks
for it (`scalars`), so that ``no`` in a title is text and ``no`` for a flag is an error.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from chainrule.papers.errors import PaperError

DEEPEST, LARGEST, LONGEST = 16, 10_000, 65_536
"""How deep nodes lie in each other, how many a paper has, how many characters a block has."""


@dataclass(frozen=True)
class Scalar:
    """Text of one node: ``plain`` without quotes, ``block`` behind ``|`` or ``>``."""

    text: str
    line: int
    plain: bool = True
    block: bool = False


@dataclass(frozen=True)
class Sequence:
    """A list of nodes."""

    items: tuple[Node, ...]
    line: int


@dataclass(frozen=True)
class Mapping:
    """Nodes by key; ``keys`` has the scalar of each key, with its line."""

    items: dict[str, Node]
    keys: dict[str, Scalar]
    line: int


Node = Scalar | Sequence | Mapping


@dataclass
class Budget:
    """How many nodes may still be read, of all blocks of a paper together."""

    left: int = LARGEST


def read(text: str, file: str, line: int, budget: Budget | None = None) -> Mapping:
    r"""The mapping that a block of YAML is; ``line`` is that of its first line in ``file``.

    Raises PaperError.

    >>> node = read("lr: 0.1\nsizes: [2, 3]", "exam.md", 5)
    >>> node.items["lr"], len(node.items["sizes"].items), node.keys["sizes"].line
    (Scalar(text='0.1', line=5, plain=True, block=False), 2, 6)
    """
    if len(text) > LONGEST:
        raise PaperError(f"a block of YAML has {len(text)} characters", file=file, line=line,
                         expected=f"at most {LONGEST}")  # fmt: skip
    return _Reader(text, file, line, budget or Budget()).document()


class _Reader:
    """The events of one block, made into nodes."""

    def __init__(self, text: str, file: str, line: int, budget: Budget) -> None:
        self.file, self.first, self.budget = file, line, budget
        self.last = line + text.count("\n")
        self.text = text
        self.events = self.parsed(text)

    def error(self, fact: str, line: int, **more: str | None) -> PaperError:
        return PaperError(fact, file=self.file, line=line, **more)

    def parsed(self, text: str) -> Iterator[Any]:
        """The events, errors of the scanner told as errors of the paper."""
        from ruamel.yaml import YAML
        from ruamel.yaml.error import MarkedYAMLError, YAMLError

        try:
            yield from YAML(typ="safe", pure=True).parse(text)
        except MarkedYAMLError as error:
            mark = error.problem_mark or error.context_mark
            line = self.first + (mark.line if mark else 0)
            what = " ".join(str(error.problem or error.context).split())
            lines = text.split("\n")
            place = min(line, self.last) - self.first
            raise self.error(
                f"this is not YAML: {what}",
                place + self.first,
                got=lines[place].strip()[:60] or None,
                hint=_cure(lines, place, what),
            ) from None
        except (YAMLError, ValueError) as error:
            what = " ".join(str(error).split())[:200]
            raise self.error(f"this is not YAML: {what}", self.first) from None

    def next(self) -> tuple[str, Any]:
        """The kind of the next event, and the event."""
        event = next(self.events)
        return type(event).__name__.removesuffix("Event"), event

    def line(self, event: Any) -> int:
        return min(self.first + event.start_mark.line, self.last)

    def between(self, event: Any) -> str:
        """The text of an event as it stands in the file."""
        return self.text[event.start_mark.index : event.end_mark.index]

    def document(self) -> Mapping:
        self.next()  # the stream starts
        kind, event = self.next()
        if kind == "StreamEnd":
            return Mapping({}, {}, self.first)
        if event.version or event.tags:
            raise self.error("a directive of YAML stands here", self.line(event),
                             hint="leave the line with % out: papers are YAML 1.2")  # fmt: skip
        node = self.node(*self.next(), depth=1)
        self.next()  # the document ends
        kind, event = self.next()
        if kind != "StreamEnd":
            raise self.error("a second document begins in one block", self.line(event),
                             hint="leave the line --- out")  # fmt: skip
        if isinstance(node, Mapping):
            return node
        if node == Scalar("", node.line):
            return Mapping({}, {}, self.first)
        raise self.error(f"this is {described(node)}, not a mapping", node.line,
                         expected="lines such as  name: value")  # fmt: skip

    def node(self, kind: str, event: Any, depth: int) -> Node:
        line = self.line(event)
        if kind == "Alias" or event.anchor:
            sign = f"*{event.anchor}" if kind == "Alias" else f"&{event.anchor}"
            raise self.error(f"anchors and aliases are not read: {sign[:40]}", line,
                             hint="write the value out")  # fmt: skip
        if event.tag:
            raise self.error(f"tags are not read: {event.tag[:40]}", line,
                             hint="a value means what its text says")  # fmt: skip
        self.budget.left -= 1
        if self.budget.left < 0:
            raise self.error(f"the paper's YAML has more than {LARGEST} nodes", line)
        if depth > DEEPEST:
            raise self.error("YAML is nested too deeply", line, expected=f"at most {DEEPEST}")
        if kind == "Scalar":
            if event.style == '"' and (escape := _ESCAPE.search(self.between(event))):
                raise self.error(f"{escape[0]} in double quotes is no \\ and a letter", line,
                                 hint="write LaTeX without quotes, or in single ones")  # fmt: skip
            block = event.style in ("|", ">")
            # a block's text begins on the line after its sign
            return Scalar(event.value, min(line + block, self.last), not event.style, block)
        if kind == "SequenceStart":
            return self.sequence(line, depth)
        return self.mapping(line, depth)

    def sequence(self, line: int, depth: int) -> Sequence:
        items = []
        while (found := self.next())[0] != "SequenceEnd":
            items.append(self.node(*found, depth=depth + 1))
        return Sequence(tuple(items), line)

    def mapping(self, line: int, depth: int) -> Mapping:
        items: dict[str, Node] = {}
        keys: dict[str, Scalar] = {}
        while (found := self.next())[0] != "MappingEnd":
            key = self.node(*found, depth=depth + 1)
            if not isinstance(key, Scalar):
                raise self.error(
                    f"{described(key)} stands where a key is wanted",
                    key.line,
                    hint="braces begin a mapping: text with { stands in quotes",
                )
            if key.text == "<<" and key.plain:
                raise self.error("merge keys are not read: <<", key.line, hint="write it out")
            if key.text in items:
                raise self.error(
                    f"the key {key.text!r} stands twice",
                    key.line,
                    hint=f"it stood on line {keys[key.text].line} already",
                )
            keys[key.text] = key
            items[key.text] = self.node(*self.next(), depth=depth + 1)
        return Mapping(items, keys, line)


_ESCAPE = re.compile(r"(?<!\\)(?:\\\\)*\\[abefnrtvNLP](?=[A-Za-z])")
"""What YAML reads as a control character, and who writes LaTeX does not: \\frac, \\tau, \\nabla."""


def _cure(lines: list[str], place: int, what: str) -> str:
    """What to do about text that is not YAML."""
    line = lines[place]
    before = next((line for line in reversed(lines[:place]) if line.strip()), "")
    if line.lstrip().startswith(("```", "~~~")):
        return "the fence above is not closed: a line ``` ends it"
    if re.match(r" *\t", line):
        return "indent with spaces: a tab stands here"
    if any("\u00a0" in line for line in (before, line)):
        return "type the spaces anew: one of them is a no-break space, U+00A0"
    if "escape" in what:
        return "write LaTeX without quotes, or in single ones"
    if what.startswith("mapping values") and _indent(line) > _indent(before) and ": " in before:
        return "keys of one mapping begin in the same column"
    return 'a text with : # [ { or " in it stands in quotes, or in a block after |'


def _indent(line: str) -> int:
    return len(line) - len(line.lstrip(" "))


def described(node: Node) -> str:
    """What a node is, in words.

    >>> described(Scalar("no", 1)), described(Sequence((), 1))
    ("the text 'no'", 'a list')
    """
    if isinstance(node, Mapping):
        return "a mapping"
    if isinstance(node, Sequence):
        return "a list"
    text = node.text if len(node.text) <= 40 else node.text[:39] + "…"
    return f"the text {text!r}" if node.text else "nothing"
