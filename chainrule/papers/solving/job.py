"""A job: all that a child process is told of one part, as JSON text.

Exact numbers cross as text with a tag: a fraction is ``{"fraction": "2/3"}``, a formula of the
paper ``{"formula": "sqrt(2)"}``, which the small grammar reads again on the other side.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, fields, is_dataclass
from decimal import Decimal
from fractions import Fraction
from typing import Any

from chainrule.papers.expressions import Tree, parse
from chainrule.papers.paper import Asked, Code, Given, Option


@dataclass(frozen=True)
class Job:
    """One part to compute: its ``id`` and ``line`` in ``file``, the ``givens`` of its question,
    the ``definitions`` of question and part, ``conventions`` in force, and what is ``asked``."""

    file: str
    id: str
    line: int
    arithmetic: str
    givens: Mapping[str, Given]
    conventions: Mapping[str, Any]
    definitions: tuple[Code, ...]
    asked: Asked

    def to_json(self) -> str:
        """The job as text.

        >>> job = Job("p.md", "1a", 3, "exact", {}, {"eps": Fraction(1, 2)}, (), Asked("exact", 4))
        >>> Job.from_json(job.to_json()) == job
        True
        """
        return json.dumps({field.name: plain(getattr(self, field.name)) for field in fields(self)})

    @classmethod
    def from_json(cls, text: str) -> Job:
        """The job that a text tells."""
        told = json.loads(text)
        asked = {name: read(value) for name, value in told["asked"].items()}
        asked |= {name: _codes(told["asked"][name]) for name in ("values", "also", "claims")}
        asked["readings"] = {k: _codes(v) for k, v in told["asked"]["readings"].items()}
        asked["options"] = tuple(
            Option(o["letter"], o["says"], Code(**o["holds"])) for o in told["asked"]["options"]
        )
        asked["unaffected"], asked["means"] = tuple(asked["unaffected"]), tuple(asked["means"])
        if told["asked"]["working"] is not None:
            asked["working"] = Code(**told["asked"]["working"])
        return cls(
            told["file"],
            told["id"],
            told["line"],
            told["arithmetic"],
            {name: Given(**read(given)) for name, given in told["givens"].items()},
            read(told["conventions"]),
            tuple(Code(**code) for code in told["definitions"]),
            Asked(**asked),
        )


def expressions(job: Job) -> list[Code]:
    """All expressions of an answer."""
    asked = job.asked
    found = [*asked.values.values(), *asked.also.values(), *asked.claims.values()]
    found += [code for reading in asked.readings.values() for code in reading.values()]
    found += [option.holds for option in asked.options]
    return found + [asked.working] * (asked.working is not None)  # type: ignore[list-item]


def _codes(told: Mapping[str, Any]) -> dict[str, Code]:
    return {label: Code(**code) for label, code in told.items()}


def plain(value: Any) -> Any:
    """The value in what JSON knows; raises TypeError for what is not to cross."""
    if value is None or isinstance(value, bool | int | str):
        return value
    if isinstance(value, float):
        return value
    if isinstance(value, Fraction):
        return {"fraction": str(value)}
    if isinstance(value, Decimal):
        return {"decimal": str(value)}
    if isinstance(value, Mapping):
        return {str(key): plain(part) for key, part in value.items()}
    if isinstance(value, list | tuple | range):
        return [plain(part) for part in value]
    if is_dataclass(value) and type(value) in (Asked, Given, Code, Option):
        return {field.name: plain(getattr(value, field.name)) for field in fields(value)}
    if isinstance(value, Tree):
        return {"formula": str(value)}
    raise TypeError(f"{type(value).__name__} cannot be told to another process")


def read(value: Any) -> Any:
    """The value of which `plain` made this."""
    if isinstance(value, list):
        return [read(part) for part in value]
    if not isinstance(value, dict):
        return value
    if set(value) == {"fraction"}:
        return Fraction(value["fraction"])
    if set(value) == {"decimal"}:
        return Decimal(value["decimal"])
    if set(value) == {"formula"}:
        return parse(value["formula"])
    return {key: read(part) for key, part in value.items()}
