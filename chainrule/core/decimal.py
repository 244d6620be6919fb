"""Decimal arithmetic as users ask for it."""

from __future__ import annotations

from typing import Any

from chainrule.core.errors import ArgumentError
from chainrule.namespaces.decimal import MODES, MOST, Decimal


def decimal(
    *, places: int | None = None, figures: int | None = None, mode: str = "half-up"
) -> Decimal:
    """The arithmetic of paper and pencil: each number that is written down has so many ``places``
    after the point, or so many significant ``figures``.

    ``mode`` says where halves go: ``half-up`` away from zero, as in school, ``half-even`` to the
    even digit.  `run` rounds the result of every op, `explain` what it prints.  Raises
    ArgumentError unless exactly one of the two is given, places from 0, figures from 1, both to 15.

    >>> import chainrule as cr
    >>> graph = cr.capture(lambda x: (x.tanh() * 3).exp(), cr.spec())
    >>> cr.run(graph, 1.3, dtype=cr.decimal(places=2))
    tensor(13.2, dtype=chainrule.float64)
    """
    if (places is None) == (figures is None):
        raise ArgumentError(
            "decimal() takes either places or figures",
            got=f"places={places!r}, figures={figures!r}",
            hint="cr.decimal(places=2) for 0.81, cr.decimal(figures=3) for 0.813",
        )
    for name, value, least in (("places", places, 0), ("figures", figures, 1)):
        if value is not None and not _is_count(value, least):
            raise ArgumentError(
                f"{name} is {value!r}", expected=f"a whole number from {least} to {MOST}"
            )
    if mode not in MODES:
        raise ArgumentError(f"mode is {mode!r}", expected=" or ".join(map(repr, MODES)))
    return Decimal(places, figures, mode)


def _is_count(value: Any, least: int) -> bool:
    return type(value) is int and least <= value <= MOST
