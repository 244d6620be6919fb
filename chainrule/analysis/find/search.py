"""All solutions of a question, or why there is none."""

from __future__ import annotations

import inspect
from collections.abc import Mapping
from dataclasses import dataclass, field
from math import inf

from chainrule.analysis.find.boxes import choices, sample
from chainrule.analysis.find.claims import Claim, interval
from chainrule.analysis.find.paths import REFUSALS, Count, Path, paths, symbols_of, told
from chainrule.analysis.find.question import Question
from chainrule.core.errors import ArgumentError, ShapeError
from chainrule.core.size import AnySize, UndecidedSize, decide_equal

Asked = list[tuple[str, AnySize, AnySize]]


@dataclass
class Found:
    """The solutions, sorted as the unknowns were stated; the ways that were refused, and why; what
    the others lead to, for the reason why there is none."""

    solutions: list[dict[str, AnySize]] = field(default_factory=list)
    refused: list[tuple[str, Path]] = field(default_factory=list)
    ways: list[tuple[Path, Asked]] = field(default_factory=list)
    unrelated: int = 0
    """Choices that fit, but break a declared relation."""


def search(question: Question) -> Found:
    """Go all ways, solve the claims of each, and build what is left, to be sure."""
    found, count = Found(), Count()
    for path in paths(question, count):
        if path.seen is None:
            found.refused.append((path.refused, path))
            continue
        try:
            asked = question.asked(path.seen, {**path.fixed, **symbols_of(path.open)})
        except ShapeError as error:
            found.refused.append((error.fact, path))
            continue
        found.ways.append((path, asked))
        wanted = [Claim(size - goal, "== 0") for _, size, goal in asked]
        for choice in choices(path.open, (*path.claims, *wanted)):
            values = {**path.fixed, **choice}
            values = {name: values[name] for name in question.domains}
            if not related(question, values):
                found.unrelated += 1
            elif not path.open or _built(question, values, count, found):
                found.solutions.append(values)
    places = {name: {v: i for i, v in enumerate(d)} for name, d in question.domains.items()}
    found.solutions.sort(key=lambda s: [places[name][value] for name, value in s.items()])
    return found


def related(question: Question, values: Mapping[str, AnySize]) -> bool:
    """Whether all declared relations hold."""
    return all(
        relation(**{name: values[name] for name in inspect.signature(relation).parameters})
        for relation in question.where
    )


def fits(question: Question, values: Mapping[str, AnySize]) -> bool:
    """Whether the network of these values can be built and is what was asked for; raises what
    building it raises."""
    asked = question.asked(question.see(values), values)
    try:
        return all(decide_equal(size, goal) for _, size, goal in asked)
    except UndecidedSize:  # it depends on letters that stay open
        return False


def _built(question: Question, values: Mapping[str, AnySize], count: Count, found: Found) -> bool:
    count.more()
    try:
        return fits(question, values)
    except REFUSALS as error:
        found.refused.append((told(error), Path(values, {})))
        return False


def why_none(question: Question, found: Found) -> list[str]:
    """Reasons why there is no solution."""
    if not found.ways:
        return _refusals(question, found, 4)
    reasons = _out_of_reach(found)
    if not reasons:
        reasons = _never_alone(found)
    if not reasons and found.unrelated:
        reasons = [f"{found.unrelated} choices fit, and none of them has the declared relations"]
    if not reasons:
        all_ = dict.fromkeys(f"{what} = {goal}" for _, asked in found.ways
                             for what, _, goal in asked)  # fmt: skip
        reasons = [f"each of {', '.join(all_)} can be had, but not all at once"]
    return reasons + _refusals(question, found, 2)


def _refusals(question: Question, found: Found, most: int) -> list[str]:
    """What was refused, each rule once, with the numbers of one choice."""
    texts: list[str] = []
    rules = set()
    for rule, path in found.refused:
        choice = None if rule in rules else sample(path.open, path.claims)
        if choice is None:
            continue
        rules.add(rule)
        values = {**path.fixed, **choice}
        try:
            question.asked(question.see(values), values)
        except REFUSALS as error:
            named = ", ".join(f"{name} = {values[name]}" for name in question.domains)
            texts.append(f"{named} is refused: {told(error)}" if named else told(error))
        if len(texts) == most:
            break
    return list(dict.fromkeys(texts))


def _out_of_reach(found: Found) -> list[str]:
    """What is always below or above what it should be."""
    reach: dict[tuple[str, AnySize], list[tuple[float, float, AnySize]]] = {}
    for path, asked in found.ways:
        ranges = {name: (values[0], values[-1]) for name, values in path.open.items()}
        for what, size, goal in asked:
            reach.setdefault((what, goal), []).append((*interval(size, ranges), size))
    reasons: dict[str, list[str]] = {}
    for (what, goal), cases in reach.items():
        low, high = min(case[0] for case in cases), max(case[1] for case in cases)
        if isinstance(goal, int) and not low <= goal <= high:
            formula = {str(case[2]) for case in cases}
            shown = f", {formula.pop()}," if len(formula) == 1 else ""
            reach_ = f"{low}" if low == high else f"at least {low}" if high == inf else (
                f"from {low} to {high}")  # fmt: skip
            shown = "" if shown == f", {reach_}," else shown
            reasons.setdefault(f"{shown} is {reach_}, not {goal}", []).append(what)
    return [f"{' and '.join(which)}{text}" for text, which in reasons.items()]


def _somewhere(path: Path, claims: tuple[Claim, ...]) -> bool:
    """Whether claims can hold together; True where that is not found out soon."""
    try:
        return next(choices(path.open, claims), None) is not None
    except ArgumentError:
        return True


def _never_alone(found: Found) -> list[str]:
    """What no choice makes as it should be, even if nothing else is asked."""
    met: dict[tuple[str, AnySize], tuple[bool, AnySize]] = {}
    for path, asked in found.ways:
        for what, size, goal in asked:
            before, _ = met.get((what, goal), (False, 0))
            claims = (*path.claims, Claim(size - goal, "== 0"))
            one = before or _somewhere(path, claims)
            met[what, goal] = one, size
    grouped: dict[str, list[str]] = {}
    for (what, goal), (one, size) in met.items():
        if not one:
            grouped.setdefault(f", {size}, is never {goal}", []).append(what)
    return [f"{' and '.join(which)}{text}" for text, which in grouped.items()]
