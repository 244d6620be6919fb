"""Choices, true or false, and claims: predicates over the definitions decide them."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from chainrule.core.errors import ArgumentError
from chainrule.core.tensor import Tensor
from chainrule.papers.errors import PaperError
from chainrule.papers.paper import Asked, Code
from chainrule.papers.solution import Value

NONE = "none of the options"


def predicates(asked: Asked) -> list[Code]:
    """The expressions of a part that are true or false."""
    found = [option.holds for option in asked.options] + [*asked.claims.values()]
    return found + [*asked.values.values()] * (asked.kind == "truefalse")


def truth(found: Any) -> bool:
    """Whether a predicate holds; raises ArgumentError for what is neither true nor false.

    >>> import chainrule as cr
    >>> truth(cr.tensor(2.0) > 1)
    True
    """
    if isinstance(found, Tensor):
        if found.numel() != 1:
            raise ArgumentError(f"a predicate gave {found.numel()} values",
                                hint="end it with .all() or .any()")  # fmt: skip
        found = found.item()
    if isinstance(found, str | bytes | list | tuple | dict) or found is None:
        raise ArgumentError("a predicate is true or false", got=repr(found)[:60])
    try:
        return bool(found)
    except TypeError:
        raise ArgumentError("a predicate is not decided", got=str(found)[:100]) from None


def chosen(asked: Asked, holds: Mapping[str, bool], file: str) -> Value:
    """The letters of the options that hold; raises PaperError for several where one is asked for.

    >>> chosen(Asked("choice", 7, choose="all"), {"A": True, "B": False, "C": True}, "p.md").text
    'A, C'
    """
    letters = [letter for letter, held in holds.items() if held]
    if asked.choose == "all":
        return Value(letters, ", ".join(letters) or NONE)
    if len(letters) > 1:
        raise PaperError(
            f"options {' and '.join(letters)} hold, where one is to be chosen",
            file=file,
            line=asked.line,
            hint="mend a predicate, or say `choose: all`",
        )
    return Value(letters[0], letters[0]) if letters else Value(NONE, NONE)


def verdict(held: bool) -> Value:
    """True or false, as its letter."""
    return Value("T", "T") if held else Value("F", "F")


def claimed(asked: Asked, value: Callable[[Any], Any]) -> dict[str, Value]:
    """Each claim, true or false; ``value`` computes a predicate."""
    found = {sentence: truth(value(code)) for sentence, code in asked.claims.items()}
    return {sentence: Value(held, "true" if held else "false") for sentence, held in found.items()}
