"""Sequences of several lengths in one tensor: padded, or packed step by step.

A packed sequence has, for each step, the entries of those sequences that are that long, the longest
first; ``batch_sizes`` says how many they are.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any, NamedTuple, Self

import numpy as np

from chainrule.core.device import CPU
from chainrule.core.dtypes import int64
from chainrule.core.errors import ArgumentError, ShapeError, ValueCheckError
from chainrule.core.tensor import Tensor
from chainrule.nn.functional import pad
from chainrule.ops.creation import tensor
from chainrule.ops.elementwise.elementary import where
from chainrule.ops.shape.moves import stack


class PackedSequence(NamedTuple):
    """Sequences, packed; made by `pack_padded_sequence` and `pack_sequence`.

    ``data`` (n, *d) has the entries of all sequences, step by step, ``batch_sizes`` (t) how many
    there are in each step.  ``sorted_indices`` is the order in which the sequences were taken,
    ``unsorted_indices`` undoes it; both are None where they came in order.
    """

    data: Tensor
    batch_sizes: Tensor
    sorted_indices: Tensor | None = None
    unsorted_indices: Tensor | None = None

    def to(self, *args: Any, **kwargs: Any) -> Self:
        """The same with its data in another type."""
        return self._replace(data=self.data.to(*args, **kwargs))

    def double(self) -> Self:
        """In float64."""
        return self._replace(data=self.data.double())

    def float(self) -> Self:
        """In float32."""
        return self._replace(data=self.data.float())

    def cpu(self) -> Self:
        """Itself: there is one device."""
        return self

    @property
    def is_cuda(self) -> bool:
        """False."""
        return False


def invert_permutation(permutation: Tensor | None) -> Tensor | None:
    """The order that undoes another: out[permutation[i]] = i.

    >>> import chainrule as cr
    >>> invert_permutation(cr.tensor([2, 0, 1])).tolist()
    [1, 2, 0]
    """
    return None if permutation is None else _counts(np.argsort(permutation.numpy()))


def pack_padded_sequence(
    input: Tensor, lengths: Any, batch_first: bool = False, enforce_sorted: bool = True
) -> PackedSequence:
    """Pack the sequences of a padded tensor.

    Shapes: input (t, b, *d), with ``batch_first`` (b, t, *d); lengths (b), whole numbers from 1.
    With ``enforce_sorted`` they must not increase; without, they are sorted here.  Raises
    ArgumentError and ValueCheckError for lengths that do not fit.

    >>> import chainrule as cr
    >>> packed = pack_padded_sequence(cr.tensor([[1, 2], [3, 0]]), [2, 1], batch_first=True)
    >>> packed.data.tolist(), packed.batch_sizes.tolist()
    ([1, 3, 2], [2, 1])
    """
    if input.ndim < 2:
        raise ShapeError(f"a padded batch has at least two axes, not {input.ndim}")
    x = input.transpose(0, 1) if batch_first else input
    found = _lengths(lengths)
    if len(found) != x.shape[1]:
        raise ArgumentError(f"{len(found)} lengths for {x.shape[1]} sequences")
    if found.size == 0 or found.min() < 1 or found.max() > x.shape[0]:
        raise ValueCheckError(
            "a length does not fit", got=str(found.tolist()), expected=f"from 1 to {x.shape[0]}"
        )
    if enforce_sorted:
        if (np.diff(found) > 0).any():
            raise ValueCheckError(
                "the lengths increase", got=str(found.tolist()),
                hint="sort the sequences, the longest first, or say enforce_sorted=False",
            )  # fmt: skip
        order = back = None
    else:
        places = np.argsort(-found, kind="stable")
        order, back, found = _counts(places), _counts(np.argsort(places)), found[places]
        x = x.index_select(1, order)
    live = np.arange(int(found[0]))[:, None] < found
    return PackedSequence(_picked(x, live), _counts(live.sum(1)), order, back)


def pad_packed_sequence(
    sequence: PackedSequence, batch_first: bool = False, padding_value: float = 0.0,
    total_length: int | None = None,
) -> tuple[Tensor, Tensor]:  # fmt: skip
    """The padded tensor (t, b, *d) and the lengths (b) of a packed one: undoes
    `pack_padded_sequence`.  Raises ArgumentError where ``total_length`` is too small.

    >>> import chainrule as cr
    >>> packed = pack_sequence([cr.tensor([1, 2]), cr.tensor([3])])
    >>> padded, lengths = pad_packed_sequence(packed, batch_first=True)
    >>> padded.tolist(), lengths.tolist()
    ([[1, 2], [3, 0]], [2, 1])
    """
    x, live = unpacked(sequence)
    on = live.reshape(*live.shape, *(1 for _ in x.shape[2:]))
    x = where(on, x, padding_value).to(sequence.data.dtype)
    lengths = _counts(_live(sequence).sum(0))
    if total_length is not None:
        missing = total_length - x.shape[0]
        if missing < 0:
            raise ArgumentError(
                f"total_length is {total_length}", expected=f"at least {x.shape[0]}, the longest"
            )
        x = pad(x, (0, 0) * (x.ndim - 1) + (0, missing), value=padding_value)
    if sequence.unsorted_indices is not None:
        x = x.index_select(1, sequence.unsorted_indices)
        lengths = lengths[sequence.unsorted_indices]
    return x.transpose(0, 1) if batch_first else x, lengths


def pad_sequence(
    sequences: Iterable[Tensor], batch_first: bool = False, padding_value: float = 0.0,
    padding_side: str = "right",
) -> Tensor:  # fmt: skip
    """Sequences (t_i, *d) of several lengths as one tensor (t, b, *d), filled up at one side.

    With ``batch_first`` it is (b, t, *d).  Raises ArgumentError without sequences, ShapeError where
    they differ in more than their lengths.

    >>> import chainrule as cr
    >>> pad_sequence([cr.tensor([1, 2]), cr.tensor([3])], batch_first=True).tolist()
    [[1, 2], [3, 0]]
    """
    parts = list(sequences)
    if not parts:
        raise ArgumentError("there are no sequences to pad")
    if padding_side not in ("left", "right"):
        raise ArgumentError(f"padding_side is {padding_side!r}", expected="'left' or 'right'")
    if any(x.ndim == 0 or x.shape[1:] != parts[0].shape[1:] for x in parts):
        raise ShapeError(
            "sequences differ in more than their lengths",
            got=", ".join(str(x.shape) for x in parts),
        )
    longest = max(x.shape[0] for x in parts)
    filled = []
    for x in parts:
        missing = longest - x.shape[0]
        ends = (missing, 0) if padding_side == "left" else (0, missing)
        filled.append(pad(x, (0, 0) * (x.ndim - 1) + ends, value=padding_value))
    return stack(filled, dim=0 if batch_first else 1)


def unpad_sequence(
    padded_sequences: Tensor, lengths: Any, batch_first: bool = False
) -> list[Tensor]:
    """The sequences of a padded tensor, each as long as ``lengths`` says: undoes `pad_sequence`.

    >>> import chainrule as cr
    >>> [x.tolist() for x in unpad_sequence(cr.tensor([[1, 3], [2, 0]]), [2, 1])]
    [[1, 2], [3]]
    """
    x = padded_sequences if batch_first else padded_sequences.transpose(0, 1)
    found = _lengths(lengths)
    if len(found) != x.shape[0]:
        raise ArgumentError(f"{len(found)} lengths for {x.shape[0]} sequences")
    return [x[i, : int(n)] for i, n in enumerate(found)]


def pack_sequence(sequences: Sequence[Tensor], enforce_sorted: bool = True) -> PackedSequence:
    """Pack sequences (t_i, *d); with ``enforce_sorted``, the longest first.

    >>> import chainrule as cr
    >>> pack_sequence([cr.tensor([1, 2]), cr.tensor([3])]).data.tolist()
    [1, 3, 2]
    """
    lengths = [x.shape[0] for x in sequences]
    return pack_padded_sequence(pad_sequence(sequences), lengths, enforce_sorted=enforce_sorted)


def unpack_sequence(packed_sequences: PackedSequence) -> list[Tensor]:
    """The sequences of a packed one: undoes `pack_sequence`."""
    padded, lengths = pad_packed_sequence(packed_sequences, batch_first=True)
    return unpad_sequence(padded, lengths, batch_first=True)


# -- for layers ------------------------------------------------------------------------------------


def unpacked(packed: PackedSequence) -> tuple[Tensor, Tensor]:
    """The entries (t, b, *d), sorted by length, and which of them there are (t, b)."""
    live = _live(packed)
    places = np.where(live, (np.cumsum(live) - 1).reshape(live.shape), 0)
    rows = packed.data.index_select(0, _counts(places.ravel()))
    there = tensor(live, device=packed.data.device)
    return rows.reshape(*live.shape, *packed.data.shape[1:]), there


def repacked(x: Tensor, like: PackedSequence) -> PackedSequence:
    """Entries (t, b, *d) packed as another packed sequence is."""
    return like._replace(data=_picked(x, _live(like)))


def _live(packed: PackedSequence) -> np.ndarray:
    """Which steps each of the sequences has: (t, b); raises ValueCheckError where they are not
    packed."""
    sizes, rows = packed.batch_sizes.numpy(), packed.data.shape[0]
    if sizes.size == 0 or sizes.min() < 1 or (np.diff(sizes) > 0).any() or sizes.sum() != rows:
        raise ValueCheckError(
            "the batch_sizes of a packed sequence do not fit its data",
            got=f"batch_sizes {sizes.tolist()}, data {packed.data.shape}",
            expected="whole numbers from 1 that do not increase, with the rows of data as sum",
            hint="pack_padded_sequence and pack_sequence make packed sequences",
        )
    return np.arange(int(sizes[0])) < sizes[:, None]


def _picked(x: Tensor, live: np.ndarray) -> Tensor:
    """The entries of x (t, b, *d) that there are, step by step: (n, *d)."""
    rows = x[: live.shape[0]]
    flat = rows.reshape(rows.shape[0] * rows.shape[1], *rows.shape[2:])
    made: Tensor = flat.index_select(0, _counts(np.flatnonzero(live)))
    return made


def _counts(numbers: np.ndarray) -> Tensor:
    """Whole numbers as a tensor that has values wherever new ones are made."""
    return tensor(numbers, device=CPU)


def _lengths(lengths: Any) -> np.ndarray:
    """Lengths as whole numbers; raises ArgumentError for anything else."""
    found = lengths.numpy() if isinstance(lengths, Tensor) else np.asarray(lengths)
    if found.ndim != 1 or found.dtype.kind not in "iu":
        raise ArgumentError("lengths are whole numbers, one for each sequence", got=str(lengths))
    return found.astype(int64.name)


__all__ = [
    "PackedSequence", "invert_permutation", "pack_padded_sequence", "pack_sequence",
    "pad_packed_sequence", "pad_sequence", "unpack_sequence", "unpad_sequence",
]  # fmt: skip
