"""The ways a network can go while its unknowns are letters.

A network is built with letters for its unknowns.  Where a rule asks something that depends on them
(are there as many channels as the filters take? does the window fit?), both answers are followed,
one after the other; the answers given on a way are claims that its choices must fulfil.  Where a
number is needed, as for a depth, that unknown is gone through, value by value.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from math import gcd

from chainrule.analysis.find.boxes import sample
from chainrule.analysis.find.claims import Claim
from chainrule.analysis.find.question import Question, Seen
from chainrule.core.assuming import assuming
from chainrule.core.errors import ArgumentError, ChainruleError
from chainrule.core.polynomial import Polynomial
from chainrule.core.size import AnySize, OpenSize, Size, UndecidedSize

MOST_PATHS = 128
MOST_CLAIMS = 64
MOST_SEEN = 20_000
"""Networks that are built for one question."""
REFUSALS = (ChainruleError, ValueError, ZeroDivisionError, AssertionError)
"""What says that a choice of the unknowns is none; any other error is one of the program."""


class TooManyWays(Exception):
    """Letters do not help: an unknown is gone through."""

    def __init__(self, names: frozenset[str]) -> None:
        super().__init__()
        self.names = names


class _Nowhere(Exception):
    """No choice is left on this way."""


@dataclass(frozen=True)
class Path:
    """One way: the unknowns that have values, those that are letters, with what they may be, the
    claims, and what was seen, or why there is nothing to be seen."""

    fixed: Mapping[str, AnySize]
    open: Mapping[str, tuple[int, ...]]
    claims: tuple[Claim, ...] = ()
    seen: Seen | None = None
    refused: str = ""


@dataclass
class Count:
    """How many networks were built so far."""

    built: int = 0

    def more(self) -> None:
        """One more; raises ArgumentError where there are too many."""
        self.built += 1
        if self.built > MOST_SEEN:
            raise ArgumentError(
                f"more than {MOST_SEEN} networks would have to be built",
                hint="state narrower ranges, or more of what is known",
            )


@dataclass
class _Way:
    """The answers on one way, some of which are prescribed."""

    open: dict[str, tuple[int, ...]]
    prescribed: list[bool]
    claims: list[Claim] = field(default_factory=list)
    answers: list[bool] = field(default_factory=list)
    told: dict[tuple[Polynomial, str], bool] = field(default_factory=dict)

    def answer(self, difference: AnySize, relation: str) -> bool:
        """Whether it holds: what was said before, what the ranges say, or what is prescribed."""
        exactly, relation = relation == "is 0", "> 0" if relation == "> 0" else "== 0"
        claim = Claim(difference, relation)
        assert isinstance(difference, Size)  # numbers are decided
        if not claim.names <= self.open.keys():
            if exactly:
                return False  # not for all values of the letters that stay open
            raise UndecidedSize(difference, relation.split()[0], 0)
        asked = difference.polynomial, relation  # sizes themselves would ask again, by ==
        if asked in self.told:
            return self.told[asked]
        found = claim.decided({name: (known[0], known[-1]) for name, known in self.open.items()})
        if found is not None:
            return found
        i = len(self.answers)
        if i >= MOST_CLAIMS:
            raise TooManyWays(claim.names)
        holds = self.prescribed[i] if i < len(self.prescribed) else True
        self.answers.append(holds)
        self.claims.append(Claim(difference, relation, holds))
        self.told[asked] = holds
        self._narrow(self.claims[-1])
        return holds

    def _narrow(self, claim: Claim) -> None:
        """Keep the values of one unknown for which a claim about it alone holds."""
        if len(claim.names) != 1:
            return
        (name,) = claim.names
        known = self.open[name]
        left = tuple(v for v in known if claim.decided({name: (v, v)}) is not False)
        if not left:
            raise _Nowhere
        self.open[name] = left


def told(error: Exception) -> str:
    """What an error says, with what was expected."""
    if not isinstance(error, ChainruleError):
        return str(error) or type(error).__name__
    return f"{error.fact}, expected {error.expected}" if error.expected else error.fact


def symbols_of(letters: Mapping[str, tuple[int, ...]]) -> dict[str, Size]:
    """A size for each unknown, with what its values have in common: the least, and a divisor."""
    return {
        name: Size.symbol(name, values[0], gcd(*values) or 1) for name, values in letters.items()
    }


def paths(question: Question, count: Count) -> Iterator[Path]:
    """All ways, for all values of the unknowns that must be numbers."""
    letters, fixed = {}, {}
    for name, values in question.domains.items():
        numbers = tuple(value for value in values if isinstance(value, int) and value >= 0)
        if len(values) == 1:
            fixed[name] = values[0]
        elif len(numbers) == len(values):
            letters[name] = numbers
    others = question.domains.keys() - letters.keys() - fixed.keys()
    yield from _gone_through(question, fixed, letters, sorted(others), count)


def _gone_through(
    question: Question,
    fixed: Mapping[str, AnySize],
    letters: Mapping[str, tuple[int, ...]],
    through: list[str],
    count: Count,
) -> Iterator[Path]:
    """The ways, with the unknowns ``through`` gone through value by value."""
    if through:
        first, rest = through[0], through[1:]
        open_ = {name: values for name, values in letters.items() if name != first}
        for value in letters.get(first, question.domains[first]):
            yield from _gone_through(question, {**fixed, first: value}, open_, rest, count)
        return
    try:
        found = list(_ways(question, fixed, letters, count))
    except TooManyWays as many:
        among = many.names & letters.keys() or letters.keys()
        smallest = min(among, key=lambda name: (len(letters[name]), name))
        yield from _gone_through(question, fixed, letters, [smallest], count)
    else:
        yield from found


def _refused(question: Question, fixed: Mapping[str, AnySize], way: _Way, count: Count) -> bool:
    """Whether what was refused for letters is refused for numbers, tried with one choice."""
    choice = sample(way.open, way.claims)
    if choice is None:
        return True
    count.more()
    try:
        question.see({**fixed, **choice})
    except REFUSALS:
        return True
    return False


def _ways(
    question: Question,
    fixed: Mapping[str, AnySize],
    letters: Mapping[str, tuple[int, ...]],
    count: Count,
) -> Iterator[Path]:
    """The ways with some unknowns fixed and the others letters; raises TooManyWays."""
    symbols = symbols_of(letters)
    pending: list[list[bool]] = [[]]
    done = 0
    while pending:
        done += 1
        if done > MOST_PATHS:
            raise TooManyWays(frozenset(letters))
        count.more()
        way = _Way(dict(letters), pending.pop())
        seen, refused = None, ""
        try:
            with assuming(way.answer):
                seen = question.see({**fixed, **symbols})
        except _Nowhere:
            refused = "nowhere"
        except OpenSize as error:
            if not letters:
                refused = error.fact
            else:
                names = error.open.symbols() if isinstance(error.open, Size) else letters
                raise TooManyWays(frozenset(names)) from None
        except REFUSALS as error:
            refused = told(error)
        except (TypeError, AttributeError, IndexError, KeyError):
            if not letters:
                raise
            raise TooManyWays(frozenset(letters)) from None
        pending += [
            [*way.answers[:i], not way.answers[i]]
            for i in range(len(way.prescribed), len(way.answers))
        ]
        if refused and letters and not _refused(question, fixed, way, count):
            raise TooManyWays(frozenset(letters))
        if refused != "nowhere":
            yield Path(fixed, way.open, tuple(way.claims), seen, refused)
