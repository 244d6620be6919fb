"""Which places of a tensor the places of its reshaped form read."""

from __future__ import annotations

from collections.abc import Sequence

from chainrule.core.reach import LONGEST, Reach, Reads
from chainrule.core.signature import Shape
from chainrule.core.size import prod


def reshaped_reads(before: Shape, after: Shape) -> Reads:
    """Axes that stay are followed; one that is split is read in blocks, and of several that become
    one, each by quotient and remainder.

    >>> [reach.at(5) for reach in reshaped_reads((2, 3, 4), (2, 12))]
    [(5, 5), (1, 1), (1, 1)]
    >>> reshaped_reads((12,), (3, 4))[0].at(1)
    (4, 7)
    """
    reads = [Reach.fixed(0, 0) if size == 1 else Reach.whole(size) for size in before]
    old = [a for a, size in enumerate(before) if size != 1]
    new = [a for a, size in enumerate(after) if size != 1]
    while old and new:
        taken, made = _group([before[a] for a in old], [after[a] for a in new])
        if not taken:
            break
        _follow(reads, before, after, old[:taken], new[:made])
        old, new = old[taken:], new[made:]
    return tuple(reads)


def _group(before: Shape | list, after: Shape | list) -> tuple[int, int]:  # type: ignore[type-arg]
    """How many of the first axes of both have the same number of entries; (0, 0) for none."""
    pairs = [(i, j) for i in range(1, len(before) + 1) for j in range(1, len(after) + 1)]
    for taken, made in sorted(pairs, key=sum):
        if prod(before[:taken]) == prod(after[:made]):
            return taken, made
    return 0, 0


def _follow(
    reads: list[Reach], before: Shape, after: Shape, old: Sequence[int], new: Sequence[int]
) -> None:
    """Write down what the axes ``old``, which become ``new``, are read like."""
    if len(old) == 1:
        block = prod(after[a] for a in new[1:])
        reads[old[0]] = Reach(new[0], (0,), (block - 1,), block)
    elif len(new) == 1:
        for i, a in enumerate(old):
            size, block = before[a], prod(before[b] for b in old[i + 1 :])
            period = block if i == 0 else size * block
            if isinstance(period, int) and period <= LONGEST:
                at = tuple(o // block for o in range(period))
                reads[a] = Reach(new[0], at, at, 1 if i == 0 else 0)


__all__ = ["reshaped_reads"]
