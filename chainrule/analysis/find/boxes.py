"""All choices of whole numbers for which claims hold: boxes of choices are halved, and those in
which a claim cannot hold are left out."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

from chainrule.analysis.find.claims import Claim, Interval
from chainrule.core.errors import ArgumentError

MOST_BOXES = 400_000
FEW_BOXES = 1000
Domains = Mapping[str, Sequence[int]]


def sample(domains: Domains, claims: Sequence[Claim]) -> dict[str, int] | None:
    """One choice for which all claims hold; None where there is none, or none is found soon."""
    try:
        return next(choices(domains, claims, FEW_BOXES), None)
    except ArgumentError:
        return None


def choices(
    domains: Domains, claims: Sequence[Claim], most: int = MOST_BOXES
) -> Iterator[dict[str, int]]:
    """The choices from ``domains``, sorted sequences of numbers, for which all claims hold, in no
    order that means anything.

    Raises ArgumentError where that takes too long.

    >>> from chainrule.core.size import Size
    >>> k, p = Size.symbol("k"), Size.symbol("p", lower=0)
    >>> same = Claim(2 * p - k + 1, "== 0")  # a size that stays: n + 2p - k + 1 = n
    >>> sorted(
    ...     tuple(found.values()) for found in choices({"k": range(1, 6), "p": range(3)}, [same])
    ... )
    [(1, 0), (3, 1), (5, 2)]
    """
    names = list(domains)
    boxes = [tuple((0, len(domains[name]) - 1) for name in names)]
    if any(last < 0 for _, last in boxes[0]):
        return
    pending = [tuple(claims)]
    seen = 0
    while boxes:
        seen += 1
        if seen > most:
            raise ArgumentError(
                "too many choices are left to go through",
                hint="state narrower ranges, or more of what is known",
            )
        box, open_claims = boxes.pop(), pending.pop()
        ranges = _ranges(domains, names, box)
        left = _left(open_claims, ranges)
        if left is None:
            continue
        # halving the widest leaves most out at once
        widest = max(range(len(box)), key=lambda i: box[i][1] - box[i][0], default=None)
        if widest is None or box[widest][0] == box[widest][1]:
            choice = {name: domains[name][at] for name, (at, _) in zip(names, box, strict=True)}
            if all(claim.true(choice) for claim in left):
                yield choice
            continue
        low, high = box[widest]
        middle = (low + high) // 2
        for half in ((middle + 1, high), (low, middle)):
            boxes.append((*box[:widest], half, *box[widest + 1 :]))
            pending.append(left)


def _ranges(
    domains: Domains, names: Sequence[str], box: Sequence[tuple[int, int]]
) -> dict[str, Interval]:
    return {
        name: (domains[name][low], domains[name][high])
        for name, (low, high) in zip(names, box, strict=True)
    }


def _left(claims: Sequence[Claim], ranges: Mapping[str, Interval]) -> tuple[Claim, ...] | None:
    """The claims that are not decided within the ranges; None where one cannot hold."""
    left = []
    for claim in claims:
        decided = claim.decided(ranges)
        if decided is False:
            return None
        if decided is None:
            left.append(claim)
    return tuple(left)
