"""The list of checks that every op passes, and what each of them is about.

A check is a function of an op and one of its examples; ``when`` says whether it has anything to
check there, so that the count of cases is honest.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import NamedTuple

from chainrule.core.errors import ChainruleError
from chainrule.core.op import Example, Op
from tests.registry.sampling import sample

Case = Callable[[Op, Example], None]
Condition = Callable[[Op, Example], bool]


class Check(NamedTuple):
    """A check and the condition under which it applies."""

    run: Case
    when: Condition


CHECKS: dict[str, Check] = {}


def always(op: Op, example: Example) -> bool:
    """The condition of a check that every case has to pass."""
    return True


def check(when: Condition = always) -> Callable[[Case], Case]:
    """Add a function to the list."""

    def add(function: Case) -> Case:
        CHECKS[function.__name__] = Check(function, when)
        return function

    return add


def applicable(op: Op, example: Example) -> list[str]:
    """The names of the checks for a case."""
    return [name for name, found in CHECKS.items() if found.when(op, example)]


def overrides(op: Op, method: str) -> bool:
    """Whether the op's class says something of its own."""
    return getattr(type(op), method) is not getattr(Op, method)


def differentiable(op: Op, example: Example) -> bool:
    """Whether a gradient can flow through the op."""
    try:
        case = sample(op, example)
        results = case.ruled()[2]
    except ChainruleError:
        return False
    return bool(case.smooth) and any(d.differentiable for d in results) and op.kind != "random"
