"""A paper cut into blocks: headings, fences, and the prose between them, each with its line.

markdown-it-py says what is a heading and what is a fence; prose is kept as it stands in the file.
Inline Markdown is not read here: no link is followed and no image opened, by whatever path.
"""

from __future__ import annotations

import os
import re
import stat
import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import zip_longest
from pathlib import Path
from typing import Any

from chainrule.papers.errors import PaperError
from chainrule.papers.wording import nearest

LARGEST, WIDEST, MOST = 1 << 18, 20_000, 20_000
"""Bytes of a file, characters of a line, and lines."""

_CONTROL = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\u2028\u2029\ufffe\uffff]")
_HIDDEN = re.compile(
    "[\u00ad\u034f\u061c\u115f\u1160\u17b4\u17b5\u180e\u200b-\u200f\u202a-\u202e"
    "\u2060-\u2069\u3164\ufeff\uffa0\U000e0000-\U000e0fff]"
)
"""Characters that turn the direction of text, or take no room: code would not be what one sees."""

_LIKE_PART = re.compile(r"\(\w{1,4}\).*\[\s*\d[^\]]*\]\s*$")
"""A small heading with a letter and marks: meant as a part."""

READ = {"yaml givens", "yaml conventions", "yaml answer", "python"}
"""Fences that are read; any other belongs to the statement."""


@dataclass(frozen=True)
class Block:
    """A piece of the file: ``kind`` is "front", "heading", "fence" or "prose".

    ``level`` is that of a heading, ``info`` the words of a fence; ``line`` is where ``text``
    begins in the file.
    """

    kind: str
    text: str
    line: int
    level: int = 0
    info: str = ""


def text_of(path: str | os.PathLike[str]) -> str:
    """The text of a file; raises PaperError where it is too large, or no text."""
    file = os.fspath(path)
    try:
        found = os.stat(file)
        if not stat.S_ISREG(found.st_mode):
            raise PaperError("this is not a file", file=file, line=1, hint="name a Markdown file")
        if found.st_size > LARGEST:
            raise PaperError(f"the file has {found.st_size} bytes", file=file, line=1,
                             expected=f"at most {LARGEST}")  # fmt: skip
        data = Path(file).read_bytes()
    except (OSError, ValueError) as error:
        if isinstance(error, PaperError):
            raise
        what = getattr(error, "strerror", None) or str(error)
        raise PaperError(f"the paper cannot be opened: {what}", file=file, line=1) from None
    try:
        return data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = data.count(b"\n", 0, error.start) + 1
        raise PaperError("the file is not UTF-8 text", file=file, line=line,
                         got=f"the byte 0x{data[error.start]:02x}",
                         hint="save it as UTF-8") from None  # fmt: skip


def checked(text: str, file: str) -> str:
    """The text with one sort of line ends; raises PaperError for what no text has."""
    if len(text.encode("utf-8", "surrogatepass")) > LARGEST:
        raise PaperError("the paper is too long", file=file, line=1,
                         expected=f"at most {LARGEST} bytes")  # fmt: skip
    text = text.replace("\r\n", "\n").replace("\r", "\n")
    if text.count("\n") > MOST:
        raise PaperError("the paper is too long", file=file, line=MOST + 1,
                         expected=f"at most {MOST} lines")  # fmt: skip
    for i, line in enumerate(text.split("\n"), 1):
        if len(line) > WIDEST:
            raise PaperError(f"the line has {len(line)} characters", file=file, line=i,
                             expected=f"at most {WIDEST}")  # fmt: skip
    found = _CONTROL.search(text) or re.search("[\ud800-\udfff]", text)
    if found:
        raise PaperError(f"a character that is no text: U+{ord(found[0]):04X}", file=file,
                         line=text.count("\n", 0, found.start()) + 1, hint="delete it")  # fmt: skip
    return text


def visible(block: Block, file: str) -> None:
    """Refuse code with characters that hide what it says; raises PaperError."""
    found = _HIDDEN.search(block.text)
    if found:
        name = unicodedata.name(found[0], "a hidden character").lower()
        raise PaperError(
            f"code has a character that is not seen: U+{ord(found[0]):04X}, {name}", file=file,
            line=block.line + block.text.count("\n", 0, found.start()), hint="delete it",
        )  # fmt: skip


def blocks(text: str, file: str) -> list[Block]:
    r"""The blocks of a paper in order; raises PaperError.

    >>> for block in blocks("---\ntitle: A\n---\n# 1. B\nText\n", "a.md"):
    ...     print(block.kind, block.line, repr(block.text))
    front 2 'title: A'
    heading 4 '1. B'
    prose 5 'Text'
    """
    text = checked(text, file)
    lines = text.split("\n")
    found: list[Block] = []
    start = 0  # the first line that no block has taken
    for token, content in _tokens(text):
        first, last = token.map
        block = _block(token, content, lines, file)
        if block is None:
            continue
        found += _prose(lines, start, first)
        found.append(block)
        start = last
    if lines[0].rstrip() == "---" and (not found or found[0].kind != "front"):
        raise PaperError("the front matter is never closed", file=file, line=1,
                         hint="a line --- ends it")  # fmt: skip
    return found + _prose(lines, start, len(lines))


def _prose(lines: list[str], first: int, last: int) -> list[Block]:
    """The lines between two blocks, without empty ones around them."""
    while first < last and not lines[first].strip():
        first += 1
    text = "\n".join(lines[first:last]).rstrip()
    return [Block("prose", text, first + 1)] if text else []


def _tokens(text: str) -> Iterator[tuple[Any, str]]:
    """Front matter, headings and fences in order, each with its text."""
    from markdown_it import MarkdownIt
    from mdit_py_plugins.dollarmath import dollarmath_plugin
    from mdit_py_plugins.front_matter import front_matter_plugin

    markdown = MarkdownIt("commonmark").use(front_matter_plugin).use(dollarmath_plugin)
    # --- below a line of text is a rule, not a heading; links are not followed
    markdown.disable(["lheading", "reference"])
    markdown.core.ruler.enableOnly(["normalize", "block"])  # inline Markdown is not looked at
    tokens = markdown.parse(text)
    for token, after in zip_longest(tokens, tokens[1:]):
        if token.type == "heading_open" and after is not None:
            yield token, after.content
        elif token.type in ("front_matter", "fence"):
            yield token, token.content


def _block(token: Any, content: str, lines: list[str], file: str) -> Block | None:
    """What a token is for a paper; None for what belongs to the statement."""
    first, last = token.map
    if token.type == "front_matter":
        return Block("front", "\n".join(lines[first + 1 : last - 1]), first + 2)
    if token.type == "heading_open":
        level = int(token.tag[1:])
        outer = token.level == 0 and level <= 2
        if token.level == 0 and not outer and _LIKE_PART.match(content):
            raise PaperError("a heading of this size opens no part", file=file, line=first + 1,
                             got=content[:60], hint="a part of a part: ## (a-i) Title")  # fmt: skip
        return Block("heading", content, first + 1, level=level) if outer else None
    info = _info(token.info, first + 1, file)
    if token.level:
        if info in READ:
            raise PaperError(f"a fence {info!r} stands inside a list or a quotation", file=file,
                             line=first + 1, hint="begin it at the margin")  # fmt: skip
        return None
    if last - first < 2 or not re.fullmatch(rf" {{0,3}}{token.markup}+\s*", lines[last - 1]):
        raise PaperError("a fence is never closed", file=file, line=first + 1,
                         hint=f"a line {token.markup} ends it")  # fmt: skip
    return (
        Block("fence", content.removesuffix("\n"), first + 2, info=info) if info in READ else None
    )


def _info(told: str, line: int, file: str) -> str:
    """The words behind a fence; raises PaperError for those that are surely meant otherwise."""
    info = " ".join(told.split())
    first, _, second = info.partition(" ")
    language = first.lower()
    if info in READ or language not in _LANGUAGES or second == "shown":
        return info
    meant = "python" if _LANGUAGES[language] == "python" else f"yaml {second.lower()}"
    if _LANGUAGES[language] == "python" and second:
        return info
    known = sorted(READ)
    raise PaperError(
        f"a fence {info[:60]!r} is not known",
        file=file,
        line=line,
        expected=", ".join(known),
        hint=nearest(meant, known) or f"{first} shown, if it is only to be read",
    )


_LANGUAGES = {"yaml": "yaml", "yml": "yaml", "python": "python", "py": "python",
              "python3": "python"}  # fmt: skip
