"""A part computed, here and now: its job in, its answer as plain data out."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from chainrule.core.state import record
from chainrule.papers.arithmetic import arithmetic_of
from chainrule.papers.conventions import Conventions
from chainrule.papers.paper import Code
from chainrule.papers.solution import ANSWERED, FAILED, Value, Working
from chainrule.papers.solving.answers import plain_of, value_of
from chainrule.papers.solving.blaming import error_text
from chainrule.papers.solving.choosing import chosen, claimed, predicates, truth, verdict
from chainrule.papers.solving.comparing import Agreement, Comparison
from chainrule.papers.solving.counting import counting
from chainrule.papers.solving.job import Job, expressions, plain
from chainrule.papers.solving.names import names_of, rounding
from chainrule.papers.solving.running import Module
from chainrule.papers.solving.watching import in_words
from chainrule.papers.solving.working import workings

Plain = dict[str, Any]


class Evaluation:
    """The evaluation of one part: what its expressions give, and what was asked for on the way."""

    def __init__(self, job: Job) -> None:
        self.job, self.asked = job, job.asked
        self.mode = str(job.conventions.get("rounding", "half-up"))
        self.arithmetic = arithmetic_of(job.arithmetic, self.mode)
        self.conventions = Conventions(job.conventions, self.arithmetic.plain)
        self.codes: list[Code] = [*expressions(job)]
        watched = [i for i, code in enumerate(self.codes) if code in predicates(self.asked)]
        self.module = Module(job.file, job.definitions, self.codes, job.givens, watched)
        self.results: dict[int, Any] = {}
        """What each expression gave, by its place among ``codes``."""

    def run(self) -> None:
        """Run the definitions."""
        self.module.run(names_of(self.job.givens, self.arithmetic, self.conventions))

    def result(self, code: Code) -> Any:
        """What an expression gives, computed when first asked for."""
        place = next(i for i, one in enumerate(self.codes) if one is code)
        if place not in self.results:
            self.results[place] = self.module.value(place)
        return self.results[place]

    def reasons(self, code: Code) -> dict[str, str]:
        """What the operands of a predicate were, in words."""
        place = next(i for i, one in enumerate(self.codes) if one is code)
        return in_words(self.module.seen.get(place, {}), " ".join(code.text.split()))

    def values(self) -> dict[str, Value]:
        """The answer by label, as the kind of the part has it."""
        asked = self.asked
        if asked.options:
            holds = {option.letter: truth(self.result(option.holds)) for option in asked.options}
            return {"": chosen(asked, holds, self.job.file)}
        if asked.claims:
            return claimed(asked, self.result)
        if asked.kind == "truefalse":
            return {
                label: verdict(truth(self.result(code))) for label, code in asked.values.items()
            }
        return self.labelled(asked.values)

    def labelled(self, codes: Mapping[str, Code]) -> dict[str, Value]:
        """Values of expressions by label."""
        return {label: value_of(self.final(code), self.asked) for label, code in codes.items()}

    def final(self, code: Code) -> Any:
        """What an expression gives, in the part's arithmetic to the last."""
        return rounding(self.result(code), self.arithmetic)

    def workings(self) -> list[Working]:
        """The tables of working."""
        return workings(self.asked, self.arithmetic, self.result, self.reasons)


def answered(
    job: Job, tell: Callable[[Plain], None], free: Callable[[], object] = lambda: None
) -> None:
    """Compute a part and ``tell`` its answer: once it is there, and again with its working.

    ``free`` is called when something failed: there may be no memory left, not even to say so.
    """
    with counting() as count, record():
        try:
            evaluation = Evaluation(job)
            evaluation.run()
            told = _answer(evaluation)
        except BaseException as error:  # noqa: BLE001 (sys.exit and the like are errors of the part)
            free()
            tell({"status": FAILED, "error": error_text(error, job), "ops": count.ops})
            return
        told |= {"conventions": plain(evaluation.conventions.asked), "ops": count.ops}
        tell(told)
        try:
            told["working"] = [told_working(one) for one in evaluation.workings()]
        except BaseException as error:  # noqa: BLE001
            free()
            told["unexplained"] = error_text(error, job)
    tell(told | {"conventions": plain(evaluation.conventions.asked)})


def _answer(evaluation: Evaluation) -> Plain:
    asked = evaluation.asked
    values = evaluation.values()
    readings = {label: evaluation.labelled(codes) for label, codes in asked.readings.items()}
    told: Plain = {
        "status": ANSWERED,
        "values": told_values(values),
        "readings": {label: told_values(reading) for label, reading in readings.items()},
        "also": told_values(evaluation.labelled(asked.also)),
    }
    found = agreement(evaluation, values)
    return told | {"agreement": found.word, "because": found.because}


def agreement(evaluation: Evaluation, values: Mapping[str, Value]) -> Agreement:
    """The answer beside the published one; of several readings, the likely one."""
    asked, job = evaluation.asked, evaluation.job
    if asked.published is None:
        return Agreement("")
    if asked.options or asked.claims or asked.kind == "truefalse":
        found: Any = {label: value.data for label, value in values.items()}
    else:
        codes = asked.values or asked.readings.get(asked.likely or "", {})
        if not codes:
            return Agreement("", "no reading is said to be the likely one")
        found = {label: plain_of(evaluation.final(code)) for label, code in codes.items()}
    if set(found) == {""}:
        found = found[""]
    return Comparison(asked, job.arithmetic, evaluation.mode).compare(found, asked.published)


def told_values(values: Mapping[str, Value]) -> Plain:
    """Values as plain data."""
    return {label: vars(value).copy() for label, value in values.items()}


def told_working(working: Any) -> Plain:
    """A table of working as plain data."""
    lines = [{"text": line.text, "latex": line.latex} for line in working.lines]
    return {"title": working.title, "lines": lines}
