"""What a scalar of YAML means to who asks: a number, a flag, text, one of some words."""

from __future__ import annotations

import re
from collections.abc import Collection
from fractions import Fraction

from chainrule.papers.errors import PaperError
from chainrule.papers.expressions import (
    ExpressionError,
    NoFraction,
    Tree,
    approximate,
    names_of,
    parse,
)
from chainrule.papers.expressions import number as exactly
from chainrule.papers.expressions.build import CONSTANTS
from chainrule.papers.reading.yaml import Mapping, Node, Scalar, Sequence, described
from chainrule.papers.wording import FLAGS_ELSEWHERE, nearest

_OCTAL = re.compile(r"[-+]?0[0-9]+")
_BASED = re.compile(r"[-+]?0[xXoObB][0-9a-fA-F_]+")
_GROUPED = re.compile(r"[-+]?[0-9][0-9_,]*[_,][0-9_,]*(?:\.[0-9]*)?")
FLAGS = {"true": True, "false": False}


def error(fact: str, node: Node, file: str, **more: str | None) -> PaperError:
    """A PaperError at a node."""
    return PaperError(fact, file=file, line=node.line, **more)


def text(node: Node, what: str, file: str) -> str:
    """Text, whatever it says; raises PaperError for a list or a mapping, or nothing."""
    found = scalar(node, what, file)
    if not found.text.strip():
        raise error(f"{what} is empty", node, file, hint="leave the key out, or say something")
    return found.text.strip()


def scalar(node: Node, what: str, file: str) -> Scalar:
    """The node, if it is a scalar; raises PaperError."""
    if not isinstance(node, Scalar):
        raise error(f"{what} is {described(node)}", node, file, expected="one value")
    return node


def flag(node: Node, what: str, file: str) -> bool:
    """``true`` or ``false``; raises PaperError, for ``yes`` and ``no`` too."""
    found = scalar(node, what, file)
    if found.plain and found.text in FLAGS:
        return FLAGS[found.text]
    raise error(f"{what} is {described(found)}", node, file, expected="true or false",
                hint=_flag_hint(found))  # fmt: skip


def _flag_hint(found: Scalar) -> str | None:
    meant = FLAGS_ELSEWHERE.get(found.text.lower())
    if meant:
        return f"write {meant}: in YAML 1.2 {found.text!r} is a word"
    if found.text.lower() in FLAGS:
        return f"write {found.text.lower()}, in small letters and without quotes"
    return None


def word(node: Node, what: str, allowed: Collection[str], file: str) -> str:
    """One of some words; raises PaperError with the nearest one."""
    found = scalar(node, what, file).text
    if found in allowed:
        return found
    raise error(f"{what} is {described(node)}", node, file, expected=", ".join(allowed),
                hint=nearest(found, allowed))  # fmt: skip


def whole(node: Node, what: str, file: str, least: int = 0, most: int = 10**9) -> int:
    """A whole number within limits; raises PaperError."""
    found = number(node, what, file)
    if isinstance(found, int) and least <= found <= most:
        return found
    raise error(f"{what} is {found}", node, file, expected=f"a whole number from {least} to {most}")


def number(node: Node, what: str, file: str) -> int | Fraction:
    """A number, exact: 0.1 is 1/10; a fraction such as 1/2 is one.  Raises PaperError."""
    found = amount(node, what, file)
    if isinstance(found, Tree):
        raise error(f"{what} is {described(node)}", node, file, expected="a number")
    return found


def amount(node: Node, what: str, file: str) -> int | Fraction | Tree:
    """A number, exact if it is a fraction, else as a tree (``sqrt(3)``); raises PaperError."""
    found = scalar(node, what, file)
    misread(found, what, file)
    try:
        tree = parse(found.text)
    except ExpressionError as problem:
        raise error(f"{what} is {described(found)}, no number: {problem.fact}", node, file,
                    hint=problem.hint) from None  # fmt: skip
    unknown = [name for name in names_of(tree) if name not in CONSTANTS]
    if unknown:
        raise error(
            f"{what} is {described(found)}, and {unknown[0]!r} has no value", node, file,
            hint=f"an unknown number is {{symbol: {unknown[0]}}}, a word {{word: {unknown[0]}}}, "
            f"an unknown size {{letter: {unknown[0]}}}",
        )  # fmt: skip
    try:
        return exactly(tree)
    except NoFraction:
        pass
    except ExpressionError as problem:
        raise error(f"{what} is {described(found)}: {problem.fact}", node, file) from None
    try:
        approximate(tree)
    except ExpressionError as problem:
        hint = "a list stands without quotes" if found.text.strip()[:1] == "[" else None
        raise error(f"{what} is {described(found)}: {problem.fact}", node, file,
                    hint=hint) from None  # fmt: skip
    return tree


def misread(found: Scalar, what: str, file: str) -> None:
    """Refuse what other versions of YAML, or other people, read as something else."""
    text = found.text.strip()
    hint = None
    if not text or text in ("~", "null", "Null", "NULL"):
        raise error(f"{what} has no value", found, file, hint="write a number")
    if _OCTAL.fullmatch(text):
        plain = f"{'-' * text.startswith('-')}{text.lstrip('+-0') or '0'}"
        hint = f"write {plain}: a zero in front means base eight elsewhere"
    elif _BASED.fullmatch(text):
        hint = "write it in base ten"
    elif _GROUPED.fullmatch(text):
        hint = f"write {text.replace('_', '').replace(',', '')}"
    elif text.lstrip("+-.").lower() in ("nan", "inf", "infinity"):
        hint = "a given is a finite number"
    elif text.lower() in FLAGS_ELSEWHERE:
        hint = _flag_hint(found)
    else:
        return
    raise error(f"{what} is {described(found)}, which is no number", found, file, hint=hint)


def mapping(node: Node, what: str, file: str, form: str = "name: value") -> Mapping:
    """The node, if it is a mapping of that ``form``; raises PaperError."""
    if not isinstance(node, Mapping):
        raise error(f"{what} is {described(node)}", node, file, expected=f"a mapping  {form}")
    return node


def sequence(node: Node, what: str, file: str) -> Sequence:
    """The node, if it is a list with something in it; raises PaperError."""
    if not isinstance(node, Sequence) or not node.items:
        is_ = "an empty list" if isinstance(node, Sequence) else described(node)
        raise error(f"{what} is {is_}", node, file, expected="a list  [a, b]")
    return node


def known_keys(node: Mapping, what: str, known: Collection[str], file: str) -> None:
    """Refuse a key that nobody reads; raises PaperError with the nearest known one."""
    for key, place in node.keys.items():
        if key not in known:
            shown = key if len(key) <= 40 else key[:39] + "…"
            hint = nearest(key, known)
            if node.items[key] == Scalar("", node.items[key].line):
                hint = "a text with a comma, inside braces, stands in quotes"
                if key.isdigit():
                    hint = "decimals have a point: 0.5, not 0,5"
            raise error(f"{what} has no key {shown!r}", place, file, expected=", ".join(known),
                        hint=hint)  # fmt: skip
