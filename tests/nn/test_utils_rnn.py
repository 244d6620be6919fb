"""Padded and packed sequences against PyTorch's."""

import numpy as np
import pytest
import torch
from torch.nn.utils import rnn as theirs

import chainrule as cr
from chainrule.core.errors import ArgumentError, ShapeError, ValueCheckError
from chainrule.nn.utils import rnn as ours

DRAW = np.random.default_rng(3)
LENGTHS = [[4, 3, 1], [2, 4, 4, 1], [3]]


def sequences(lengths, *features):
    """Tensors of these lengths, ours and PyTorch's."""
    drawn = [DRAW.normal(size=(n, *features)) for n in lengths]
    return [cr.tensor(a) for a in drawn], [torch.tensor(a) for a in drawn]


def same(a, b):
    return a is b is None or (a.tolist() == b.tolist() and a.shape == tuple(b.shape))


@pytest.mark.parametrize("side", ["left", "right"])
@pytest.mark.parametrize("batch_first", [False, True])
@pytest.mark.parametrize("features", [(), (2,), (2, 3)])
def test_padding(features, batch_first, side):
    a, b = sequences([2, 4, 1], *features)
    padded = ours.pad_sequence(a, batch_first, 0.5, side)
    assert same(padded, theirs.pad_sequence(b, batch_first, 0.5, side))
    if side == "right":
        found = ours.unpad_sequence(padded, [2, 4, 1], batch_first)
        assert all(map(same, found, b))


@pytest.mark.parametrize("features", [(), (2,), (2, 3)])
@pytest.mark.parametrize("batch_first", [False, True])
@pytest.mark.parametrize("lengths", LENGTHS)
def test_packing(lengths, batch_first, features):
    a, b = sequences(lengths, *features)
    a, b = ours.pad_sequence(a, batch_first), theirs.pad_sequence(b, batch_first)
    given = cr.tensor(lengths), torch.tensor(lengths)
    packed = ours.pack_padded_sequence(a, given[0], batch_first, enforce_sorted=False)
    expected = theirs.pack_padded_sequence(b, given[1], batch_first, enforce_sorted=False)
    assert same(packed.data, expected.data)
    assert same(packed.batch_sizes, expected.batch_sizes)
    assert packed.batch_sizes.dtype is cr.int64
    for total in (None, 6):
        found = ours.pad_packed_sequence(packed, batch_first, -1.0, total)
        told = theirs.pad_packed_sequence(expected, batch_first, -1.0, total)
        assert all(map(same, found, told))
    assert all(map(same, ours.unpack_sequence(packed), theirs.unpack_sequence(expected)))


def test_packing_a_list_and_its_order():
    a, b = sequences([2, 3], 2)
    packed, expected = (
        m.pack_sequence(s, enforce_sorted=False) for m, s in ((ours, a), (theirs, b))
    )
    assert packed.sorted_indices.tolist() == expected.sorted_indices.tolist() == [1, 0]
    assert packed.unsorted_indices.tolist() == expected.unsorted_indices.tolist()
    in_order = ours.pack_sequence(a[::-1])
    assert in_order.sorted_indices is in_order.unsorted_indices is None
    assert ours.invert_permutation(cr.tensor([2, 0, 1])).tolist() == [1, 2, 0]
    assert ours.invert_permutation(None) is None


def test_gradients_flow_to_what_was_packed():
    x = cr.ones(3, 2, requires_grad=True)
    packed = ours.pack_padded_sequence(x, [3, 1])
    padded, lengths = ours.pad_packed_sequence(packed._replace(data=packed.data * 2))
    padded.sum().backward()
    assert x.grad.tolist() == [[2, 2], [2, 0], [2, 0]]
    assert lengths.tolist() == [3, 1]


def test_types_of_a_packed_sequence():
    packed = ours.pack_sequence([cr.tensor([1, 2])])
    assert packed.float().data.dtype is cr.float32
    assert packed.double().data.dtype is packed.to(cr.float64).data.dtype is cr.float64
    assert packed.cpu() is packed
    assert not packed.is_cuda


def test_packing_exactly():
    x = cr.tensor([[1, 2], [3, 4]], dtype=cr.exact) / 3
    packed = ours.pack_padded_sequence(x, [2, 1])
    assert ours.pad_packed_sequence(packed)[0].tolist()[0] == x[0].tolist()


@pytest.mark.parametrize(
    ("call", "error", "message"),
    [
        (lambda: ours.pad_sequence([]), ArgumentError, "no sequences to pad"),
        (lambda: ours.pad_sequence([cr.zeros(2)], padding_side="up"), ArgumentError, "is 'up'"),
        (
            lambda: ours.pad_sequence([cr.zeros(2, 1), cr.zeros(2, 2)]),
            ShapeError,
            "differ in more than their lengths",
        ),
        (lambda: ours.unpad_sequence(cr.zeros(2, 3), [1]), ArgumentError, "1 lengths for 3"),
        (lambda: ours.pack_padded_sequence(cr.zeros(2), [1]), ShapeError, "two axes, not 1"),
        (lambda: ours.pack_padded_sequence(cr.zeros(2, 2), [1]), ArgumentError, "1 lengths for 2"),
        (
            lambda: ours.pack_padded_sequence(cr.zeros(2, 2), [1, 2]),
            ValueCheckError,
            "the lengths increase",
        ),
        (
            lambda: ours.pack_padded_sequence(cr.zeros(2, 2), [2, 0]),
            ValueCheckError,
            "a length does not fit",
        ),
        (
            lambda: ours.pack_padded_sequence(cr.zeros(2, 2), [3, 1]),
            ValueCheckError,
            "a length does not fit",
        ),
        (
            lambda: ours.pack_padded_sequence(cr.zeros(2, 2), [2.0, 1.0]),
            ArgumentError,
            "lengths are whole numbers",
        ),
        (
            lambda: ours.pad_packed_sequence(ours.pack_sequence([cr.zeros(3)]), total_length=2),
            ArgumentError,
            "total_length is 2",
        ),
        *(
            (
                lambda sizes=sizes: cr.nn.GRU(2, 2)(ours.PackedSequence(cr.zeros(3, 2), sizes)),
                ValueCheckError,
                "the batch_sizes of a packed sequence do not fit",
            )
            for sizes in map(cr.tensor, ([1, 2], [2, 2], [2], [3, 0]))
        ),
    ],
)
def test_what_is_refused(call, error, message):
    with pytest.raises(error, match=message) as caught:
        call()
    assert "test_utils_rnn.py" in caught.value.at


@pytest.mark.parametrize("kind", ["GRU", "LSTM"])
def test_sequences_without_values(kind):
    """Lengths have values wherever the data is: they say which shapes there are."""
    x, lengths = cr.zeros(5, 3, 2, device="meta"), [2, 5, 1]
    layer = getattr(cr.nn, kind)(2, 4, bidirectional=True, device="meta")
    with cr.device("meta"):
        packed = ours.pack_padded_sequence(x, lengths, enforce_sorted=False)
    output, _ = layer(packed)
    padded, found = ours.pad_packed_sequence(output)
    assert (padded.shape, padded.is_meta, found.tolist()) == ((5, 3, 8), True, lengths)
