"""What a child wrote, read: definitions may have written it themselves, so nothing is believed."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from typing import Any

from chainrule.papers.solution import ANSWERED, FAILED
from chainrule.papers.solving.job import read

Check = Callable[[Any], bool]


class NoAnswer(ValueError):
    """What a child wrote is no answer."""


def received(text: str) -> dict[str, Any]:
    """The answer that a text tells; raises NoAnswer for what is none.

    >>> received('{"status": "failed", "error": "no"}')
    {'status': 'failed', 'error': 'no'}
    """
    try:
        found = json.loads(text, parse_constant=_refused)
    except (ValueError, RecursionError) as error:
        raise NoAnswer(str(error)) from None
    if not isinstance(found, dict):
        raise NoAnswer("no mapping")
    wanted = _WANTED.get(str(found.get("status")))
    if wanted is None or not wanted.keys() <= found.keys():
        raise NoAnswer("no answer")
    if not all(is_(found[name]) for name, is_ in (_MORE | wanted).items() if name in found):
        raise NoAnswer("no answer")
    return {name: found[name] for name in found if name in wanted or name in _MORE}


def _refused(word: str) -> Any:
    raise ValueError(word)


def _text(value: Any) -> bool:
    return isinstance(value, str)


def _count(value: Any) -> bool:
    return type(value) is int and 0 <= value < 1 << 63


def _mapping(of: Check) -> Check:
    return lambda found: isinstance(found, Mapping) and all(map(of, found.values()))


def _list(of: Check) -> Check:
    return lambda found: isinstance(found, list) and all(map(of, found))


def _record(*needed: str, **more: Check) -> Check:
    """Whether something is a mapping with these texts, and these further keys, and no other."""

    def fits(found: Any) -> bool:
        if not isinstance(found, Mapping) or set(found) != {*needed, *more}:
            return False
        return all(_text(found[name]) for name in needed) and all(
            is_(found[name]) for name, is_ in more.items()
        )

    return fits


def _plain(value: Any) -> bool:
    """Whether the conventions are what `job.plain` made of some."""
    try:
        return isinstance(read(value), dict)
    except (ValueError, TypeError, ArithmeticError, AttributeError):
        return False


_values = _mapping(_record("text", "latex", "picture", data=lambda _: True))
_WANTED: dict[str, dict[str, Check]] = {
    FAILED: {"status": _text, "error": _text},
    ANSWERED: {
        "status": _text,
        "values": _values,
        "readings": _mapping(_values),
        "also": _values,
        "conventions": _plain,
        "agreement": lambda word: word in ("agrees", "differs", ""),
        "because": _text,
        "ops": _count,
    },
}
_MORE: dict[str, Check] = {
    "ops": _count,
    "unexplained": _text,
    "working": _list(_record("title", lines=_list(_record("text", "latex")))),
}
