"""Words that all of a paper's modules use: values as they are written, counts, what was meant."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from difflib import get_close_matches
from typing import Any

FLAGS_ELSEWHERE = {"yes": "true", "on": "true", "no": "false", "off": "false"}
"""Words that are true and false elsewhere, and words here."""


def written(value: Any) -> str:
    """A value of a paper on one line; nothing for None.

    >>> written([True, "1/2"]), written({"a": 1, "b": None})
    ('[true, 1/2]', 'a = 1, b = ')
    """
    if value is None:
        return ""
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, Mapping):
        return ", ".join(f"{label} = {written(part)}" for label, part in value.items())
    if isinstance(value, list | tuple):
        return f"[{', '.join(map(written, value))}]"
    return str(value)


def counted(number: float, word: str) -> str:
    """How many there are of what a word names.

    >>> counted(1, "part"), counted(2.5, "mark")
    ('1 part', '2.5 marks')
    """
    return f"{number:g} {word}{'s' * (number != 1)}"


def nearest(text: str, known: Collection[str]) -> str | None:
    """A hint with the word that was probably meant.

    >>> nearest("anwser", ["givens", "answer"])
    "did you mean 'answer'?"
    """
    found = get_close_matches(text[:80], list(known), n=1)
    return f"did you mean {found[0]!r}?" if found else None
