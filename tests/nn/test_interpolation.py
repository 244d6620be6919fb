"""Resizing against PyTorch: values and gradients by mode, exact weights, open sizes, refusals."""

from __future__ import annotations

from fractions import Fraction
from typing import Any

import numpy as np
import pytest
import torch
import torch.nn.functional as TF

import chainrule as cr
from chainrule import nn
from chainrule.core.errors import ArgumentError, DTypeError, ShapeError
from chainrule.core.size import Size
from chainrule.nn import functional as F
from chainrule.nn.resizing.interpolation import LONGEST, _added
from chainrule.nn.resizing.weights import Axis, taps, weights

SHAPES = {1: (2, 2, 5), 2: (2, 1, 4, 7), 3: (1, 2, 3, 4, 5)}
MODES = [
    ("nearest", 1), ("nearest", 2), ("nearest", 3), ("nearest-exact", 1), ("nearest-exact", 2),
    ("nearest-exact", 3), ("linear", 1), ("bilinear", 2), ("trilinear", 3), ("bicubic", 2),
    ("area", 1), ("area", 2), ("area", 3),
]  # fmt: skip


def compare(shape: tuple[int, ...], **options: Any) -> None:
    values = np.random.default_rng(1).normal(size=shape)
    x, y = cr.tensor(values, requires_grad=True), torch.tensor(values, requires_grad=True)
    ours, theirs = F.interpolate(x, **options), TF.interpolate(y, **options)
    assert ours.shape == tuple(theirs.shape)
    np.testing.assert_allclose(
        ours.detach().numpy(), theirs.detach().numpy(), rtol=1e-11, atol=1e-12
    )
    adjoint = np.random.default_rng(2).normal(size=theirs.shape)
    ours.backward(cr.tensor(adjoint))
    theirs.backward(torch.tensor(adjoint))
    np.testing.assert_allclose(x.grad.numpy(), y.grad.numpy(), rtol=1e-11, atol=1e-12)


@pytest.mark.parametrize(("mode", "rank"), MODES)
def test_resizing_is_pytorchs(mode: str, rank: int) -> None:
    shape = SHAPES[rank]
    for factor in (2, 3.0, 0.5, 1.7, (2.0, 0.4, 1.5)[:rank], 9):
        compare(shape, scale_factor=factor, mode=mode)
        compare(shape, scale_factor=factor, mode=mode, recompute_scale_factor=True)
    for size in (6, (3, 11, 7)[:rank], 1, shape[2:]):
        compare(shape, size=size, mode=mode)


@pytest.mark.parametrize("mode", ["linear", "bilinear", "trilinear", "bicubic"])
def test_corners_may_stay_where_they_are(mode: str) -> None:
    rank = {"linear": 1, "trilinear": 3}.get(mode, 2)
    for options in ({"size": 6}, {"size": 1}, {"scale_factor": 1.7}, {"scale_factor": 0.5}):
        compare(SHAPES[rank], mode=mode, align_corners=True, **options)


@pytest.mark.parametrize("corners", [False, True])
@pytest.mark.parametrize("mode", ["bilinear", "bicubic"])
def test_antialiasing(mode: str, corners: bool) -> None:
    options = {"mode": mode, "antialias": True, "align_corners": corners}
    for target in ({"size": (2, 3)}, {"size": (9, 4)}, {"scale_factor": 0.6}):
        compare((1, 2, 8, 7), **options, **target)


def test_one_bad_number_spoils_its_copies_only() -> None:
    x = cr.tensor([[[float("nan"), 1.0, float("inf")]]])
    assert F.interpolate(x, scale_factor=2)[0, 0, 2:].tolist() == [1, 1, float("inf"), float("inf")]


def test_doubling_whole_numbers_gives_quarters() -> None:
    x = cr.tensor([[[[0, 4], [8, 12]]]], dtype=cr.exact, requires_grad=True)
    y = F.interpolate(x, scale_factor=2, mode="bilinear")
    assert y.detach()[0, 0].tolist() == [[0, 1, 3, 4], [2, 3, 5, 6], [6, 7, 9, 10], [8, 9, 11, 12]]
    y[0, 0, 1, 1].backward()
    sixteenth = Fraction(1, 16)
    assert x.grad[0, 0].tolist() == [[9 * sixteenth, 3 * sixteenth], [3 * sixteenth, sixteenth]]


def test_weights_are_fractions_that_sum_to_one() -> None:
    thirds = weights(Axis(3, 5), "linear", False, cr.exact)
    assert thirds.tolist()[1] == [Fraction(3, 5), Fraction(2, 5), 0]
    for family in ("linear", "cubic"):
        for axis in (Axis(3, 5), Axis(5, 3), Axis(4, 7, 1.7), Axis(4, 6, None, True)):
            for antialias in (False, True):
                rows = weights(axis, family, antialias, cr.exact)
                assert rows.sum(1).tolist() == [1] * axis.new
    # (a = -3/4; Keys, 1981): at a quarter between two entries
    quarter = weights(Axis(5, 10), "cubic", False, cr.exact).tolist()[5]
    assert quarter == [0, *(Fraction(n, 256) for n in (-27, 225, 67, -9))]


def test_bicubic_passes_through_the_old_entries() -> None:
    x = cr.tensor([[[[0, 1, 4, 9, 16]]]], dtype=cr.exact)
    y = F.interpolate(x, size=(1, 9), mode="bicubic", align_corners=True)
    assert y[0, 0, 0, ::2].tolist() == [0, 1, 4, 9, 16]


def test_whole_numbers_are_repeated_but_not_averaged() -> None:
    x = cr.tensor([[[1, 2]]])
    assert F.interpolate(x, scale_factor=2).tolist() == [[[1, 1, 2, 2]]]
    assert F.interpolate(x, size=3).tolist() == [[[1, 1, 2]]]
    with pytest.raises(DTypeError, match="mode 'linear' computes weighted means"):
        F.interpolate(x, scale_factor=2, mode="linear")


def test_open_sizes_by_whole_factors() -> None:
    graph = cr.capture(lambda x: F.interpolate(x, scale_factor=(2, 3)), cr.spec("B", 2, "h", "w"))
    assert graph.outputs[0].shape == (
        Size.symbol("B"), 2, 2 * Size.symbol("h"), 3 * Size.symbol("w"),
    )  # fmt: skip
    x = cr.arange(24.0).reshape(1, 2, 3, 4)
    assert cr.run(graph, x).tolist() == F.interpolate(x, scale_factor=(2, 3)).tolist()
    with pytest.raises(ArgumentError, match="resizing an axis of h to 2\\*h needs numbers"):
        cr.capture(lambda x: F.interpolate(x, scale_factor=2, mode="linear"), cr.spec(1, 1, "h"))
    with pytest.raises(ArgumentError, match=r"1\.3 times an axis of h is open"):
        cr.capture(lambda x: F.interpolate(x, scale_factor=1.3), cr.spec(1, 1, "h"))


def test_compiled_and_in_forward_mode() -> None:
    x = cr.tensor(np.random.default_rng(0).normal(size=(1, 2, 3, 4)))
    for mode in ("bilinear", "nearest", "bicubic"):

        def resized(x: Any, mode: str = mode) -> Any:
            return F.interpolate(x, size=(5, 6), mode=mode)

        step = cr.compile(resized)
        assert step(x).tolist() == resized(x).tolist()
        moved = cr.jvp(resized, (x,), (x,))[1]
        np.testing.assert_allclose(moved.numpy(), resized(x).numpy(), rtol=1e-12)


LAYERS: list[tuple[str, tuple[Any, ...], dict[str, Any]]] = [
    ("Upsample", (), {"scale_factor": 2}), ("Upsample", ((3, 5),), {"mode": "bilinear"}),
    ("Upsample", (None, (1.5, 2)), {"mode": "bicubic", "align_corners": True}),
    ("Upsample", (), {"scale_factor": 1.5, "recompute_scale_factor": True}),
    ("UpsamplingNearest2d", (), {"scale_factor": 2}), ("UpsamplingNearest2d", ((5, 6),), {}),
    ("UpsamplingBilinear2d", (), {"scale_factor": 2}), ("UpsamplingBilinear2d", (5,), {}),
]  # fmt: skip


@pytest.mark.parametrize(("name", "args", "kwargs"), LAYERS)
def test_layers_are_pytorchs(name: str, args: Any, kwargs: Any) -> None:
    values = np.random.default_rng(0).normal(size=(1, 2, 4, 4))
    ours, theirs = (getattr(n, name)(*args, **kwargs) for n in (nn, torch.nn))
    assert repr(ours) == repr(theirs)
    found, wanted = ours(cr.tensor(values)), theirs(torch.tensor(values))
    np.testing.assert_allclose(found.numpy(), wanted.numpy(), rtol=1e-12, atol=1e-14)


@pytest.mark.parametrize(
    ("options", "text"),
    [
        ({}, "takes a size or a scale_factor"),
        ({"size": 2, "scale_factor": 2}, "takes a size or a scale_factor"),
        ({"size": 2, "mode": "lanczos"}, "mode is 'lanczos'"),
        ({"size": 0}, "size is 0"),
        ({"size": True}, "size is True"),
        ({"size": 2.5}, "size is 2.5"),
        ({"size": (2, 2)}, r"size is \(2, 2\)"),
        ({"scale_factor": 0}, "scale_factor is 0"),
        ({"scale_factor": -1.0}, "scale_factor is -1.0"),
        ({"scale_factor": True}, "scale_factor is True"),
        ({"scale_factor": 0.1}, "scale_factor 0.1 leaves nothing of an axis of 4"),
        ({"size": 2, "align_corners": True}, "align_corners has no meaning for mode 'nearest'"),
        ({"size": 2, "antialias": True}, "antialias has no meaning for mode 'nearest'"),
        ({"size": 2, "recompute_scale_factor": True}, "there is no factor"),
    ],
)
def test_arguments_are_checked(options: dict[str, Any], text: str) -> None:
    with pytest.raises(ArgumentError, match=text):
        F.interpolate(cr.zeros(1, 1, 4), **options)


def test_axes_are_checked() -> None:
    with pytest.raises(ShapeError, match="mode 'bilinear' is for 2 spatial axes"):
        F.interpolate(cr.zeros(1, 1, 4), size=2, mode="bilinear")
    with pytest.raises(ShapeError, match="input has 2 axes"):
        F.interpolate(cr.zeros(1, 4), size=2)


@pytest.mark.parametrize("rank", [1, 2, 3])
@pytest.mark.parametrize("factor", [1.3, 1.0, 2.3])
def test_the_nearest_entry_is_found_by_the_factor_as_pytorch_finds_it(rank, factor):
    """An axis of 3 keeps its size by 1.3; signals, images and volumes then differ in PyTorch."""
    entries = np.arange(3.0).reshape((1,) * (rank + 1) + (3,))
    factors = (1.0,) * (rank - 1) + (factor,)
    theirs = TF.interpolate(torch.tensor(entries), scale_factor=factors)
    ours = F.interpolate(cr.tensor(entries), scale_factor=factors)
    assert ours.tolist() == theirs.tolist()


@pytest.mark.parametrize("mode", ["nearest", "nearest-exact", "area", "bilinear", "bicubic"])
def test_an_axis_without_entries_has_nothing_to_resize(mode: str) -> None:
    with pytest.raises(ShapeError, match="no entries"):
        F.interpolate(cr.zeros(1, 1, 0, 4), size=2, mode=mode)


@pytest.mark.parametrize("options", [{}, {"align_corners": True}, {"antialias": True}])
def test_long_axes_are_resized_without_a_matrix(options: dict[str, Any]) -> None:
    compare((1, 1, 3, 2 * LONGEST), size=(5, LONGEST + 3), mode="bilinear", **options)


def test_positions_on_a_long_axis_are_exact() -> None:
    old, new = 30_000, 45_001  # PyTorch, in single precision, is wrong by a thousandth here
    values = np.random.default_rng(0).normal(size=old)
    found = F.interpolate(cr.tensor(values[None, None]), size=new, mode="linear").numpy()[0, 0]
    at = (np.arange(new) + 0.5) * old / new - 0.5
    np.testing.assert_allclose(found, np.interp(at, np.arange(old), values), atol=1e-9)


def test_what_is_no_number_stays_with_its_neighbours() -> None:
    values = np.ones((1, 1, 2 * LONGEST))
    values[0, 0, 5], values[0, 0, 100] = np.nan, np.inf
    with np.errstate(invalid="ignore"):
        found = F.interpolate(cr.tensor(values), scale_factor=2, mode="linear").numpy()
    wanted = TF.interpolate(torch.tensor(values), scale_factor=2, mode="linear").numpy()
    np.testing.assert_array_equal(found, wanted)
    assert np.isnan(found).sum() == 4


def test_tables_and_matrix_are_the_same_in_fractions() -> None:
    x = cr.tensor([[[1, 2, 4, 8, 16]]], dtype=cr.exact)
    for axis in (Axis(5, 3), Axis(5, 7, corners=True)):
        for antialias in (False, True):
            matrix = weights(axis, "linear", antialias, cr.exact)
            found = _added(x, taps(axis, "linear", antialias, cr.exact), 2)
            assert found.tolist() == (x @ matrix.mT).tolist()


def test_numbers_of_numpy_are_numbers() -> None:
    x = cr.zeros(1, 1, 4, 4)
    assert F.interpolate(x, size=np.int64(2)).shape == (1, 1, 2, 2)
    assert F.interpolate(x, scale_factor=np.float32(2)).shape == (1, 1, 8, 8)
    assert nn.Upsample(scale_factor=[2, 1])(x).shape == (1, 1, 8, 4)


@pytest.mark.parametrize("factor", [0, True, "2"])
def test_a_layer_refuses_what_the_function_does(factor: Any) -> None:
    with pytest.raises(ArgumentError, match=f"scale_factor is {float(factor)!r}|{factor!r}"):
        nn.Upsample(scale_factor=factor)(cr.zeros(1, 1, 2))
