"""The front matter, the conventions and the givens of a paper, out of their YAML."""

from __future__ import annotations

import keyword
import re
import unicodedata
from collections.abc import Collection
from typing import Any

from chainrule.core.errors import ArgumentError
from chainrule.papers.conventions import convention
from chainrule.papers.expressions import ExpressionError, Tree, approximate
from chainrule.papers.paper import Given
from chainrule.papers.ranges import Choices, Entries, Range, Span, span
from chainrule.papers.reading.code import NETWORKS, TOOLS
from chainrule.papers.reading.scalars import (
    FLAGS,
    amount,
    error,
    flag,
    known_keys,
    mapping,
    scalar,
    sequence,
    text,
)
from chainrule.papers.reading.yaml import Mapping, Node, Scalar, Sequence, described

_TWO = re.compile(r"(-?[\d./]+) *(?:-|–|—|to|…|bis|,|;) *(-?[\d./]+)")
"""A range as others write it."""
FRONT = ("title", "source", "conventions", "language")
FORMS = ("value", "word", "symbol", "symbols", "letter")
ASSUMPTIONS = ("positive", "negative", "nonnegative", "nonzero", "real", "integer")
GIVEN = (*FORMS, "range", "says", *ASSUMPTIONS)
"""The keys of the front matter; those that say what a given is; all of a given."""


def front(node: Mapping, file: str) -> dict[str, Any]:
    """Title, source, language and conventions; raises PaperError."""
    known_keys(node, "the front matter", FRONT, file)
    if "title" not in node.items:
        raise error("the front matter has no title", node, file, hint="title: Midterm, spring 2026")
    found: dict[str, Any] = {
        key: text(value, key, file) for key, value in node.items.items() if key != "conventions"
    }
    said = node.items.get("conventions")
    found["conventions"] = (
        {} if said is None else conventions(mapping(said, "conventions", file), file)
    )
    return found


def conventions(node: Mapping, file: str) -> dict[str, Any]:
    """Conventions by name; raises PaperError."""
    found = {}
    for name, value in node.items.items():
        place = node.keys[name]
        try:
            row = convention(name)
            said = scalar(value, f"the convention {name}", file).text
            found[name] = row.value_of(said)
        except ArgumentError as problem:
            raise error(problem.fact, place, file, expected=problem.expected,
                        hint=problem.hint) from None  # fmt: skip
    return found


def given(name: Scalar, node: Node, before: Collection[Given], file: str) -> Given:
    """One given, after those ``before``; raises PaperError."""
    for other in before:
        if other.name == name.text:
            raise error(f"the given {name.text!r} is given twice", name, file,
                        hint=f"it was given on line {other.line} already")  # fmt: skip
    _usable(name, file)
    what = f"the given {name.text!r}"
    if not isinstance(node, Mapping):
        return Given(name.text, value(node, what, file), name.line)
    known_keys(node, what, GIVEN, file)
    forms = [form for form in FORMS if form in node.items]
    if len(forms) != 1:
        raise error(f"{what} is {' and '.join(forms) or 'nothing'}", name, file,
                    expected=f"one of {', '.join(FORMS)}")  # fmt: skip
    form = forms[0]
    found = _of_form(form, node.items[form], what, file)
    assumptions = {key: flag(node.items[key], f"{key} of {what}", file)
                   for key in ASSUMPTIONS if key in node.items}  # fmt: skip
    if assumptions and not form.startswith("symbol"):
        raise error(f"{what} is no unknown number, and cannot be {next(iter(assumptions))}",
                    node.keys[next(iter(assumptions))], file, hint="symbol: x")  # fmt: skip
    bounds = _range(form, found, node.items.get("range"), what, file)
    says = text(node.items["says"], f"says of {what}", file) if "says" in node.items else ""
    form = "value" if form == "word" else form
    return Given(name.text, found, name.line, form, bounds, says, assumptions)


def _usable(name: Scalar, file: str) -> None:
    """Refuse a name that Python cannot have, or that something else has already."""
    shown = name.text if len(name.text) <= 40 else name.text[:39] + "…"
    if not name.text.isidentifier() or keyword.iskeyword(name.text):
        hint = "letters, digits and _: lambda_, x1" if name.text.isidentifier() else None
        raise error(f"a given cannot be called {shown!r}", name, file, expected="a name of Python",
                    hint=hint)  # fmt: skip
    if name.text.startswith("_"):
        raise error(f"a given cannot be called {shown!r}", name, file,
                    hint="names that begin with _ are Python's own")  # fmt: skip
    if (plain := unicodedata.normalize("NFKC", name.text)) != name.text:
        raise error(f"a given cannot be called {shown!r}", name, file,
                    hint=f"Python reads it as {plain!r}: write that")  # fmt: skip
    if name.text in {*TOOLS, *NETWORKS} - {"e", "np"}:
        raise error(f"a given cannot be called {shown!r}: definitions use that name", name, file)


def _of_form(form: str, node: Node, what: str, file: str) -> Any:
    if form == "value":
        return value(node, what, file)
    if form == "symbols":
        return _names(node, what, file)
    found = text(node, what, file)
    if form != "word" and not found.isidentifier():
        raise error(f"{what} is {described(node)}", node, file, expected="a name")
    return found


def _names(node: Node, what: str, file: str) -> list[Any]:
    """Names of unknown numbers, in a list or in lists of one length."""
    found: list[Any] = []
    for item in sequence(node, what, file).items:
        if isinstance(item, Sequence):
            found.append(_names(item, what, file))
        elif (name := text(item, what, file)).isidentifier():
            found.append(name)
        else:
            raise error(f"{what} has {described(item)}", item, file, expected="names")
    _even(found, node, what, file)
    return found


def value(node: Node, what: str, file: str) -> Any:
    """A number, a flag, or lists of them, all lists of one level equally long."""
    if isinstance(node, Sequence):
        found = [value(item, what, file) for item in sequence(node, what, file).items]
        _even(found, node, what, file)
        return found
    if isinstance(node, Mapping):
        raise error(f"{what} is a mapping", node, file, expected="a number, a list, true or false")
    if node.plain and node.text in FLAGS:
        return FLAGS[node.text]
    return amount(node, what, file)


def _even(items: list[Any], node: Node, what: str, file: str) -> None:
    """Refuse rows of unequal length: no tensor has them."""
    if len({_shape(item) for item in items}) > 1:
        raise error(f"{what} has rows of unequal length", node, file)


def _shape(value: Any) -> tuple[int, ...]:
    return (len(value), *_shape(value[0])) if isinstance(value, list) else ()


def _range(form: str, found: Any, node: Node | None, what: str, file: str) -> Range | None:
    """The range of a given, which its value lies in; raises PaperError."""
    if node is None:
        return None
    what = f"the range of {what}"
    if form == "word":
        return Choices(tuple(text(item, what, file) for item in sequence(node, what, file).items))
    if isinstance(node, Sequence) and isinstance(found, list) and _placed(node):
        return _entries(found, node, what, file)
    bounds = _bounds(node, what, file)
    _within(found, bounds, node, what, file)
    return bounds


def _placed(node: Node) -> bool:
    """Whether there is a span somewhere in a list: then it has a range for each entry."""
    if isinstance(node, Sequence):
        return any(_placed(item) for item in node.items)
    return isinstance(node, Scalar) and ".." in node.text


def _entries(found: list[Any], node: Sequence, what: str, file: str) -> Entries:
    if len(found) != len(node.items):
        raise error(f"{what} has {len(node.items)} entries, and the given {len(found)}", node, file)
    ranges: list[Any] = []
    for entry, item in zip(found, node.items, strict=True):
        if isinstance(entry, list) and isinstance(item, Sequence) and _placed(item):
            ranges.append(_entries(entry, item, what, file))
        else:
            bounds = _bounds(item, what, file)
            _within(entry, bounds, item, what, file)
            ranges.append(bounds)
    return Entries(tuple(ranges))


def _bounds(node: Node, what: str, file: str) -> Span | Choices:
    """``2..9``, ``2..20 step 2``, or a list of values."""
    if isinstance(node, Sequence):
        return Choices(tuple(value(item, what, file) for item in sequence(node, what, file).items))
    said = scalar(node, what, file).text
    try:
        found = span(said)
    except ExpressionError as problem:
        raise error(f"{what} is {described(node)}: {problem.fact}", node, file,
                    hint=problem.hint) from None  # fmt: skip
    if found is None:
        raise error(
            f"{what} is {described(node)}",
            node,
            file,
            expected="2..9, 2..20 step 2, or a list of values",
            hint=_TWO.sub(r"\1..\2", said) if _TWO.fullmatch(said) else None,
        )
    return found


def _within(found: Any, bounds: Any, node: Node, what: str, file: str) -> None:
    """Refuse a value outside its own range, and a range of numbers for what is none."""
    if not isinstance(bounds, Span):
        return
    if isinstance(found, list):
        for entry in found:
            _within(entry, bounds, node, what, file)
    elif isinstance(found, bool):
        raise error(f"{what} is {bounds}", node, file, expected="[true, false]")
    elif not isinstance(found, str) and not _numeric(found, bounds, node, what, file):
        raise error(f"{what} is {bounds}, without its value {found}", node, file)


def _numeric(found: Any, bounds: Span, node: Node, what: str, file: str) -> bool:
    try:
        size = approximate(found) if isinstance(found, Tree) else found
    except ExpressionError as problem:
        raise error(f"{what} is {bounds}, without its value {found}: {problem.fact}", node,
                    file) from None  # fmt: skip
    return bool(bounds.first <= size <= bounds.last)
