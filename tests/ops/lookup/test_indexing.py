"""Indices of every kind against PyTorch: read, written, added to, and refused where it refuses."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st

import chainrule as cr
from chainrule.core.errors import (
    ArgumentError,
    CaptureError,
    ChainruleError,
    DimError,
    DTypeError,
    GradientError,
    ShapeError,
    ValueCheckError,
)

SHAPE = (3, 2, 4)
Key = list[Any]


@st.composite
def parts(draw: Any, size: int, joint: tuple[int, ...]) -> Any:
    """One part of a key for an axis: a number, slice, list or tensor of numbers."""
    kind = draw(st.sampled_from(["number", "slice", "tensor", "mask"]))
    if kind == "number":
        return draw(st.integers(-size, size - 1))
    if kind == "slice":
        ends = st.none() | st.integers(-size - 1, size + 1)
        return slice(draw(ends), draw(ends), draw(st.none() | st.integers(1, 3)))
    if kind == "mask":
        mask = np.zeros(size, bool)
        mask[draw(st.lists(st.integers(0, size - 1), min_size=2, max_size=2, unique=True))] = True
        return mask
    entries = st.integers(-size, size - 1)
    return np.array(draw(st.lists(entries, min_size=2, max_size=2))).reshape(joint)


@st.composite
def keys(draw: Any) -> Key:
    """A key of several parts, which fit together; ... and None in between."""
    joint = draw(st.sampled_from([(2,), (1, 2)]))
    axes = draw(st.integers(1, len(SHAPE)))
    key: Key = [draw(parts(size, joint)) for size in SHAPE[:axes]]
    if draw(st.booleans()):
        key.insert(draw(st.integers(0, len(key))), None)
    if draw(st.booleans()):
        key.append(Ellipsis)
    return key


def as_key(key: Key, lib: Any) -> Any:
    return tuple(lib.tensor(p) if isinstance(p, np.ndarray) else p for p in key)


def data(lib: Any) -> Any:
    return lib.arange(24, dtype=lib.float64).reshape(SHAPE)


@settings(max_examples=150, deadline=None)
@given(keys())
def test_reading(key: Key) -> None:
    found = []
    for lib in (cr, torch):
        x = data(lib).requires_grad_()
        y = x[as_key(key, lib)]
        (y * y).sum().backward()
        found.append((tuple(y.shape), y.tolist(), x.grad.tolist()))
    assert found[0] == found[1]


@settings(max_examples=150, deadline=None)
@given(keys(), st.sampled_from(["number", "row", "add"]))
def test_writing(key: Key, how: str) -> None:
    found = []
    for lib in (cr, torch):
        x, at = data(lib), as_key(key, lib)
        if how == "number":
            x[at] = -1
        elif how == "add":
            x[at] += 100
        else:
            shape = tuple(x[at].shape)
            x[at] = lib.zeros(1, *shape[-1:], dtype=lib.float64) - 7
        found.append(x.tolist())
    assert found[0] == found[1]


@settings(max_examples=50, deadline=None)
@given(st.lists(st.integers(-3, 2), min_size=1, max_size=5), st.booleans())
def test_repeated_places(rows: list[int], accumulate: bool) -> None:
    """The last one stays, or all are added; and both have gradients."""
    found = []
    for lib in (cr, torch):
        x = lib.zeros(3, dtype=lib.float64).requires_grad_()
        v = lib.arange(1, len(rows) + 1).double().requires_grad_()
        y = x.index_put((lib.tensor(rows),), v, accumulate=accumulate)
        found.append(y.tolist())
        if accumulate or len({r % 3 for r in rows}) == len(rows):
            (y * y).sum().backward()
            found[-1] += [x.grad.tolist(), v.grad.tolist()]
    assert found[0] == found[1]


MASKS: list[Callable[[Any], Any]] = [
    lambda lib: data(lib)[data(lib) > 5],
    lambda lib: data(lib)[data(lib)[:, 0, 0] > 5],
    lambda lib: data(lib)[data(lib)[:, :, 0] > 5],
    lambda lib: data(lib)[:, data(lib)[0] > 5],
    lambda lib: data(lib)[..., data(lib)[0, 0] > 1],
    lambda lib: data(lib)[data(lib)[:, 0, 0] > 5, lib.tensor([1, 0])],
    lambda lib: data(lib)[True],
    lambda lib: data(lib)[False],
    lambda lib: data(lib)[lib.tensor(True), :, 0],
    lambda lib: data(lib)[[True, False, True]],
    lambda lib: data(lib)[[0, -1]],
    lambda lib: data(lib)[[0, -1], [1, 0]],
    lambda lib: data(lib)[[]],
    lambda lib: data(lib)[lib.tensor(1), :, lib.tensor([0, 0])],
    lambda lib: data(lib)[lib.tensor([0, 1], dtype=lib.int32)],
    lambda lib: data(lib)[None, 0, ..., None],
    lambda lib: data(lib)[0, :, [0, 1]],
    lambda lib: data(lib)[[0, 1], :, [0, 1]],
    lambda lib: data(lib)[:, None, [[0], [1]], [0, 1]],
]


@pytest.mark.parametrize("k", range(len(MASKS)))
def test_masks_and_lists(k: int) -> None:
    ours, theirs = (MASKS[k](lib) for lib in (cr, torch))
    assert ours.shape == tuple(theirs.shape)
    assert ours.tolist() == theirs.tolist()


def _write(key: Any, value: Any, dtype: Any = cr.float64) -> cr.Tensor:
    x = data(cr).to(dtype)
    x[key] = value
    return x


x = data(cr)
i = cr.tensor
REFUSED: list[tuple[Callable[[], Any], type[ChainruleError], str]] = [
    (lambda: x[::-1], ArgumentError, "step of -1"),
    (lambda: x[3], DimError, "index 3 is out of range for an axis of 3"),
    (lambda: x[0, 0, 0, 0], DimError, "4 indices for a tensor of 3 axes"),
    (lambda: x[i([3])], ValueCheckError, "out of range for axis 0 of 3"),
    (lambda: x[i([0, 1], dtype=cr.int16)], DimError, "int64, int32 or bool, not int16"),
    (lambda: x[i([True, False])], DimError, "a mask of shape (2,) is used for axes of (3,)"),
    (lambda: x[0, x > 3], DimError, "a mask of shape (3, 2, 4) is used for axes of (2, 4)"),
    (lambda: x["a"], DimError, "no whole number"),
    (lambda: x[i([0, 1]), i([0, 1, 0])], ShapeError, "axis -1 is 2 in one operand and 3"),
    (lambda: _write(i([True, False]), 1), DimError, "a mask of shape (2,)"),
    (lambda: _write(i([0]), i([1])), DTypeError, "type int64 is written to entries of float64"),
    (lambda: _write(x > 3, i([1.0, 2.0]).double()), ShapeError, "does not fit"),
    (lambda: _write(0, cr.ones(3, dtype=cr.float64)), ShapeError, "does not fit into (2, 4)"),
    (lambda: x.index_put(i([0]), x), ArgumentError, "a tuple of index tensors"),
    (lambda: x.index_select(0, i([-1])), ValueCheckError, "out of range"),
    (lambda: x.index_select(0, i([[0]])), DimError, "the index of index_select is a vector"),
    (lambda: x.index_select(0, i([0.0])), DTypeError, "of type int64 or int32, not float32"),
    (lambda: i(1.0).index_select(0, i([0, 0])), ShapeError, "2 indices for a tensor without axes"),
    (lambda: x.index_add(0, i([0]), x[:1].float()), DTypeError, "index_add of a float64 tensor"),
    (lambda: x.index_copy(0, i([-1]), x[:1]), DimError, "an index is negative"),
    (lambda: x.index_copy(0, i([0]), x[:2]), ShapeError, "a source of shape (2, 2, 4)"),
    (lambda: x.index_fill(0, i([0]), x), ShapeError, "a number or a tensor without axes"),
    (lambda: x.masked_fill(x, 1), DTypeError, "the mask of masked_fill is of type bool"),
    (lambda: x.masked_fill(x > 1, 1j), DTypeError, "float64 entries with 1j"),
    (lambda: x.masked_scatter(x > 1, x[:1]), ValueCheckError, "8 entries for 22 true ones"),
    (lambda: x.scatter(0, i([[[0]]]), x.float()), DTypeError, "scatter of a float64 tensor"),
    (lambda: x.scatter(0, i([[[0]]])), ArgumentError, "takes src, a tensor, or value"),
    (lambda: x.scatter(0, i([[[0]]]), 1, reduce="max"), ArgumentError, "no reduce='max'"),
    (lambda: x.scatter(0, i([[[0] * 5]]), x), ShapeError, "the source (3, 2, 4)"),
    (lambda: x.scatter_reduce(0, i([[[0]]]), x, "max"), ArgumentError, "no reduce='max'"),
    (lambda: x.take_along_dim(i([0]), 0), ShapeError, "the indices have 1"),
    (lambda: x.diagonal(0, 1, 1), DimError, "a diagonal needs two axes"),
    (lambda: i(1.0).diag_embed(), DimError, "no entries to stand on a diagonal"),
    (lambda: x.diag(), ShapeError, "diag() is of vectors and matrices"),
    (lambda: x[0, 0].tril(), ShapeError, "tril is of matrices"),
    (lambda: x.fill_diagonal_(1), ShapeError, "no main diagonal"),
    (lambda: x.roll((1, 2)), ArgumentError, "2 shifts for dims=None"),
    (lambda: x.repeat(2), ShapeError, "1 repeats for a tensor of 3 axes"),
    (lambda: x.repeat(-1, 1, 1), ArgumentError, "whole numbers from 0"),
    (lambda: x.repeat_interleave(-1), ArgumentError, "whole numbers from 0, not -1"),
    (lambda: x.repeat_interleave(i([-1, 1, 1]), 0), ArgumentError, "whole numbers from 0"),
    (lambda: x.repeat_interleave(i([1, 1]), 0), ShapeError, "repeats of shape (2,)"),
    (lambda: cr.stack([]), ShapeError, "stack of no tensors"),
    (lambda: cr.stack([x, x[0]]), ShapeError, "tensor 0 has shape (3, 2, 4) and tensor 1"),
    (lambda: x.unfold(0, 4, 1), ShapeError, "a window of 4 does not fit"),
    (lambda: x.unfold(0, 2, 0), ArgumentError, "step is 0"),
    (lambda: x.unfold(0, 2, 1).zero_(), ArgumentError, "windows that overlap"),
    (lambda: x.split([1, 1]), ArgumentError, "do not add up to axis 0 of 3"),
    (lambda: x.split(0), ArgumentError, "pieces of 0"),
    (lambda: x.chunk(0), ArgumentError, "into 0 pieces"),
    (lambda: x.tensor_split(0), ArgumentError, "into 0 pieces"),
    (lambda: x.hsplit(3), ArgumentError, "into 3 equal pieces"),
    (lambda: x[0, 0].vsplit(1), DimError, "vsplit() is of matrices"),
    (lambda: x[0].dsplit(1), DimError, "axis 2 of a tensor that has 2"),
    (lambda: i(1.0).hsplit(1), DimError, "hsplit() of a tensor without axes"),
    (lambda: x.narrow(0, 2, 2), DimError, "has no 2 entries from 2 on"),
    (lambda: i(1.0).narrow(0, 0, 1), DimError, "narrow() along an axis"),
    (lambda: i(1.0).select(0, 0), DimError, "select() along an axis"),
    (lambda: i(1.0).unbind(), DimError, "unbind() along an axis"),
    (lambda: i(1.0).split(1), DimError, "cannot be split"),
    (lambda: x.movedim((0, 1), (0,)), ArgumentError, "2 axes are moved to 1 places"),
    (lambda: x.movedim((0, 1), (0, 0)), DimError, "named twice"),
    (lambda: x.unflatten(0, (2, 2)), ShapeError, "3 entries do not fit"),
    (lambda: x.unflatten(0, ()), ArgumentError, "into no axes"),
    (lambda: i(1.0).unflatten(0, (1,)), DimError, "without axes"),
    (lambda: i(1.0).repeat_interleave(2, 0), DimError, "axis of a tensor that has none"),
    (lambda: i(1.0).take_along_dim(i(0), 0), DimError, "axis of a tensor that has none"),
    (lambda: x.take(i([0], dtype=cr.int32)), DTypeError, "the index of take is of type int64"),
    (lambda: cr.tril_indices(-1, 2), ArgumentError, "a matrix of -1 rows"),
    (lambda: cr.triu_indices(2, 2, dtype=cr.float32), DTypeError, "places are whole numbers"),
    (lambda: cr.nn.functional.one_hot(i([]).long(), 0), ArgumentError, "into no classes"),
    (lambda: cr.nn.functional.pad(x, (-5, 1)), ShapeError, "more entries than there are"),
    (lambda: x.view(), ArgumentError, "view() misses its sizes"),
    (lambda: x.repeat(), ArgumentError, "repeat() misses its repeats"),
    (lambda: x.rot90(1, (0,)), ArgumentError, "2 axes, not of 1"),
    (lambda: x.rot90(1, (0, 0)), DimError, "2 different axes"),
    (lambda: i([1.0]).fliplr(), DimError, "fliplr() reverses axis 1"),
    (lambda: i(1.0).flipud(), DimError, "flipud() reverses axis 0"),
    (lambda: x.flip(0, dims=(0,)), ArgumentError, "flip is given dims twice"),
    (lambda: cr.meshgrid(i([1]), indexing="zz"), ArgumentError, "no indexing 'zz'"),
    (lambda: cr.meshgrid(), ArgumentError, "meshgrid of no tensors"),
    (lambda: cr.meshgrid(x), ShapeError, "at most one axis"),
    (lambda: cr.meshgrid(i([1]), i([1.0])), DTypeError, "tensors of one type"),
    (lambda: cr.cartesian_prod(x), ShapeError, "takes vectors"),
    (lambda: cr.combinations(x), ShapeError, "are of a vector"),
    (lambda: cr.combinations(i([1]), -1), ArgumentError, "combinations() of -1 entries"),
    (lambda: cr.block_diag(x), ShapeError, "at most two axes"),
    (lambda: cr.broadcast_shapes((2,), (3,)), ShapeError, "axis -1 is 2"),
    (lambda: cr.where(x > 1, x), ArgumentError, "a condition and two choices"),
    (lambda: cr.tensor(1.0).size(0), DimError, "no axis 0 in a tensor without axes"),
    (lambda: cr.tensor(1.0).roll(1, -1), DimError, "no axis -1 in a tensor without axes"),
    (lambda: cr.nn.functional.one_hot(cr.tensor([float("inf")])), DTypeError, "of type int64"),
    (lambda: x.tile(), ArgumentError, "takes its repeats once"),
    (lambda: x.tile(2, dims=(2,)), ArgumentError, "takes its repeats once"),
    (lambda: i([1]).index_add(0, i([0]), i([1]), alpha=0.5), DTypeError, "with alpha=0.5"),
    (lambda: i([True]).scatter_reduce(0, i([0]), i([True]), "mean"), DTypeError, "mean of bool"),
    (lambda: x.take_along_dim(i([-1])), ValueCheckError, "out of range for axis 0"),
    (lambda: cr.nn.functional.one_hot(i([1], dtype=cr.int32), 2), DTypeError, "of type int64"),
]  # fmt: skip


@pytest.mark.parametrize(("call", "error", "words"), REFUSED)
def test_refused(call: Callable[[], Any], error: type[ChainruleError], words: str) -> None:
    before = x.tolist()
    with pytest.raises(error) as caught:
        call()
    assert words in str(caught.value)
    assert x.tolist() == before


NO_SHAPE: list[Callable[[cr.Tensor], Any]] = [
    lambda x: x.masked_select(x > 0),
    lambda x: x[x > 0],
    lambda x: cr.nonzero(x),
    lambda x: cr.where(x > 0),
    lambda x: x.repeat_interleave((x > 0).long(), 0),
]


@pytest.mark.parametrize("k", range(len(NO_SHAPE)))
def test_a_shape_from_values_is_not_captured(k: int) -> None:
    with pytest.raises(CaptureError, match="needs a value"):
        cr.capture(NO_SHAPE[k], cr.spec(3))


def test_rearranging_in_place_is_refused_where_others_would_read_wrongly() -> None:
    leaf = cr.zeros(2, 3, requires_grad=True)
    with pytest.raises(GradientError, match="a leaf that requires a gradient"):
        leaf.t_()
    whole = cr.zeros(2, 3)
    row = whole[0]
    whole.t_()
    with pytest.raises(GradientError, match="or another shape"):
        row + 1
    with pytest.raises(CaptureError, match="rearranged in place"):
        cr.compile(lambda: whole.t_())()
