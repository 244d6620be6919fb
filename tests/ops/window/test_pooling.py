"""Pooling ops against PyTorch: values, places, gradients, ties, corner cases; exactly; with open
sizes; refusals."""

from __future__ import annotations

import math
from fractions import Fraction
from typing import Any

import numpy as np
import pytest
import torch
import torch.nn.functional as TF

import chainrule as cr
from chainrule import nn
from chainrule.core.derivatives import grad
from chainrule.core.errors import (
    ArgumentError,
    DTypeError,
    ShapeError,
    ValueCheckError,
)
from chainrule.core.size import Size
from chainrule.nn import functional as F

INF, NAN = math.inf, math.nan


def close(a: Any, b: Any, bound: float = 1e-12) -> None:
    np.testing.assert_allclose(a.detach().numpy(), b.detach().numpy(), rtol=bound, atol=bound)


def both(values: Any) -> tuple[Any, Any]:
    array = np.asarray(values, "float64")
    return cr.tensor(array, requires_grad=True), torch.tensor(array, requires_grad=True)


def compare(name: str, values: Any, *args: Any, **kwargs: Any) -> None:
    """Values, places where there are some, and gradients of both frameworks."""
    x, y = both(values)
    ours, theirs = getattr(F, name)(x, *args, **kwargs), getattr(TF, name)(y, *args, **kwargs)
    if kwargs.get("return_indices"):
        assert ours[1].dtype is cr.int64
        assert ours[1].tolist() == theirs[1].tolist()
        ours, theirs = ours[0], theirs[0]
    close(ours, theirs)
    weights = np.random.default_rng(0).normal(size=theirs.shape)
    ours.backward(cr.tensor(weights))
    theirs.backward(torch.tensor(weights))
    close(x.grad, y.grad)


def few(*shape: int, seed: int = 0) -> Any:
    """Small whole numbers: most windows have several largest entries."""
    return np.random.default_rng(seed).integers(-1, 2, shape)


SLIDING: list[tuple[tuple[int, ...], dict[str, Any]]] = [
    ((2, 3, 8), {"kernel_size": 2}),
    ((3, 7), {"kernel_size": 3, "stride": 2, "padding": 1}),
    ((2, 1, 9), {"kernel_size": 2, "stride": 3, "ceil_mode": True}),
    ((1, 1, 1), {"kernel_size": 2, "ceil_mode": True}),
    ((1, 1, 5), {"kernel_size": 2, "stride": 2, "padding": 1, "ceil_mode": True}),
    ((1, 2, 4), {"kernel_size": 3, "stride": 3, "padding": 1, "ceil_mode": True}),
    ((1, 1, 40), {"kernel_size": 20}),
    ((2, 2, 6, 6), {"kernel_size": 2}),
    ((2, 2, 7, 5), {"kernel_size": 3, "stride": 2, "padding": 1}),
    ((1, 6, 7), {"kernel_size": (3, 2), "stride": (2, 3), "padding": (1, 0), "ceil_mode": True}),
    ((0, 2, 4, 4), {"kernel_size": 2}),
    ((1, 2, 4, 5, 4), {"kernel_size": 2}),
    ((2, 5, 4, 4), {"kernel_size": (3, 2, 2), "stride": 1, "padding": (1, 1, 0)}),
]


@pytest.mark.parametrize(("shape", "options"), SLIDING)
def test_sliding_pools_are_pytorchs(shape: tuple[int, ...], options: dict[str, Any]) -> None:
    rank = {2: 1, 3: 1, 4: 2, 5: 3}[len(shape)]
    rank = 2 if shape == (1, 6, 7) else 3 if shape == (2, 5, 4, 4) else rank
    compare(f"max_pool{rank}d", few(*shape), **options)
    compare(f"max_pool{rank}d", few(*shape), **options, return_indices=True)
    if shape != (1, 1, 1):
        compare(f"avg_pool{rank}d", few(*shape), **options)
        compare(f"avg_pool{rank}d", few(*shape), **options, count_include_pad=False)


@pytest.mark.parametrize("ceil", [False, True])
@pytest.mark.parametrize("dilation", [1, 2, 3])
def test_dilated_max_pooling(dilation: int, ceil: bool) -> None:
    options = {"dilation": dilation, "ceil_mode": ceil, "return_indices": True}
    compare("max_pool1d", few(2, 2, 11), 3, 2, 1, **options)
    compare("max_pool2d", few(2, 9, 8), (3, 2), (1, 2), (1, 1), **options)


ADAPTIVE = [(6, 3), (7, 3), (3, 7), (5, 5), (5, 1), (20, 2), (1, 4)]


@pytest.mark.parametrize(("size", "wanted"), ADAPTIVE)
def test_adaptive_pools_are_pytorchs(size: int, wanted: int) -> None:
    for kind in ("avg", "max"):
        compare(f"adaptive_{kind}_pool1d", few(2, 2, size), wanted)
        compare(f"adaptive_{kind}_pool2d", few(2, size, 4), (wanted, 3))
        compare(f"adaptive_{kind}_pool2d", few(1, 2, 4, size), (None, wanted))
        compare(f"adaptive_{kind}_pool3d", few(1, 2, size, 3), (2, wanted, 1))
    compare("adaptive_max_pool1d", few(2, size), wanted, return_indices=True)
    compare("adaptive_max_pool2d", few(2, size, 4), (wanted, 3), return_indices=True)


def test_global_average_pooling_is_the_mean() -> None:
    x = cr.tensor(few(2, 3, 5, 4).astype("float64"))
    close(F.adaptive_avg_pool2d(x, 1).flatten(1), x.mean((2, 3)))


@pytest.mark.parametrize("divisor", [1, 3, -2])
def test_sums_can_be_divided_by_another_number(divisor: int) -> None:
    compare("avg_pool2d", few(2, 5, 5), 2, divisor_override=divisor)
    compare("avg_pool3d", few(1, 3, 4, 4), 2, 1, 1, True, False, divisor)


@pytest.mark.parametrize("order", [1, 2, 3, 1.5, INF, -INF])
def test_power_pools_are_pytorchs(order: float) -> None:
    positive = np.random.default_rng(2).uniform(0.5, 2, (2, 2, 6, 5))
    compare("lp_pool1d", positive[0], order, 3, 2)
    compare("lp_pool2d", positive, order, (2, 3), None, True)
    compare("lp_pool3d", positive, order, 2, 1)


def test_a_power_pool_of_zeros_has_no_slope() -> None:
    compare("lp_pool1d", np.zeros((1, 1, 4)), 2.0, 2)
    compare("lp_pool1d", np.array([[[-3.0, 4.0, 0.0, 0.0]]]), 2.0, 2)


def test_a_power_pool_scales_windows_that_hang_over() -> None:
    assert F.lp_pool1d(cr.tensor([[3, 4, 5]], dtype=cr.exact), 2, 2, 2, True).tolist() == [
        [5, cr.tensor(50, dtype=cr.exact).sqrt().item()]
    ]


@pytest.mark.parametrize(
    "values",
    [
        [[-INF, -INF, -INF, -INF]],
        [[INF, 1.0, -INF, INF]],
        [[1.0, NAN, 2.0, 3.0]],
        [[NAN, 1.0, -INF, -INF]],
    ],
)
def test_infinite_and_missing_numbers(values: Any) -> None:
    for padding in (0, 1):
        compare("max_pool1d", values, 2, 1, padding, return_indices=True)
        compare("max_pool1d", values, 2, 1, padding)
    compare("adaptive_max_pool1d", values, 3, return_indices=True)


def test_the_first_of_several_nans_has_the_gradient() -> None:
    x = cr.tensor([[NAN, 1.0, NAN]], requires_grad=True)
    at = F.max_pool1d(x, 3, return_indices=True)[1]
    assert at.tolist() == [[0]]
    F.max_pool1d(x, 3).backward(cr.ones(1, 1))
    assert x.grad.tolist() == [[1, 0, 0]]


def test_whole_numbers_have_a_maximum() -> None:
    x = np.arange(16).reshape(1, 4, 4) % 7
    for dtype in ("int64", "int32", "uint8"):
        ours = F.max_pool2d(cr.tensor(x.astype(dtype)), 3, 2, 1)
        theirs = TF.max_pool2d(torch.tensor(x.astype(dtype)), 3, 2, 1)
        assert ours.dtype.name == dtype
        assert ours.tolist() == theirs.tolist()


def test_float32_stays_float32() -> None:
    x = cr.ones(1, 5, 5)
    for made in (F.max_pool2d(x, 2), F.avg_pool2d(x, 2, padding=1, ceil_mode=True),
                 F.adaptive_avg_pool2d(x, 3), F.lp_pool2d(x, 3, 2)):  # fmt: skip
        assert made.dtype is cr.float32


# -- exactly, with open sizes, twice, compiled ---------------------------------------------------


def test_averages_of_fractions() -> None:
    x = cr.tensor([[1, 2, 4, 8, 16]], dtype=cr.exact)
    third = Fraction(1, 3)
    assert F.avg_pool1d(x, 3, 2).tolist() == [[7 * third, 28 * third]]
    assert F.avg_pool1d(x, 3, 2, 1, count_include_pad=False).tolist() == [
        [Fraction(3, 2), 14 * third, 12]
    ]
    assert F.adaptive_avg_pool1d(x, 2).tolist() == [[7 * third, 28 * third]]


def test_a_decided_maximum_of_symbols() -> None:
    a = cr.symbols("a", positive=True)
    x = cr.stack([a, a + 1, a - 1, 2 * a]).reshape(1, 4).detach().requires_grad_()
    y, at = F.max_pool1d(x[:, :3], 3, return_indices=True)
    assert at.tolist() == [[1]]
    y.sum().backward()
    assert x.grad.tolist() == [[0, 1, 0, 0]]


def test_an_open_maximum_has_cases_and_no_place() -> None:
    x = cr.symbols("x", (1, 2))
    assert "Piecewise" in str(F.max_pool1d(x, 2).item()) or "Max" in str(F.max_pool1d(x, 2).item())
    with pytest.raises(ValueCheckError, match="max_pool1d_with_indices"):
        F.max_pool1d(x, 2, return_indices=True)


def test_padding_needs_no_number_that_is_not_there() -> None:
    x = cr.tensor([[-3, -1, -2]], dtype=cr.exact)
    assert F.max_pool1d(x, 3, 1, 1).tolist() == [[-1, -1, -1]]
    y, at = F.max_pool1d(x, 2, 2, 1, return_indices=True)
    assert (y.tolist(), at.tolist()) == ([[-3, -1]], [[0, 1]])


def test_shapes_with_open_sizes() -> None:
    h, w = Size.symbol("h"), Size.symbol("w")
    graph = cr.capture(
        lambda x: [
            F.max_pool2d(x, 2), F.max_pool2d(x, 3, 2, 1), F.avg_pool2d(x, 3, 1, 1),
            F.adaptive_avg_pool2d(x, 1), F.adaptive_max_pool2d(x, (None, 1)),
        ],
        cr.spec("B", 3, "h", "w"),
    )  # fmt: skip
    batch = Size.symbol("B")
    assert [node.shape[2:] for node in graph.outputs] == [
        (h // 2, w // 2), ((h - 1) // 2 + 1, (w - 1) // 2 + 1), (h, w), (1, 1), (h, 1),
    ]  # fmt: skip
    assert all(node.shape[:2] == (batch, 3) for node in graph.outputs)
    x = cr.tensor(few(2, 3, 7, 6).astype("float32"))
    for form in (graph, cr.lower(graph)):
        made = cr.run(form, x)
        close(made[1], F.max_pool2d(x, 3, 2, 1))
        close(made[3], x.mean((2, 3), keepdim=True))
        close(made[4], x.amax(3, keepdim=True))


def test_ceil_mode_with_open_sizes() -> None:
    graph = cr.capture(lambda x: F.max_pool1d(x, 3, 2, 1, 1, True), cr.spec(1, "l"))
    for n in range(3, 9):
        x = cr.tensor(few(1, n).astype("float64"))
        wanted = F.max_pool1d(x, 3, 2, 1, 1, True)
        assert cr.run(graph, x).tolist() == wanted.tolist()
        assert graph.outputs[0].shape[1].substitute({"l": n}) == wanted.shape[1]


def test_an_open_size_is_shared_out_when_the_number_comes() -> None:
    pool = cr.capture(lambda x: F.adaptive_avg_pool1d(x, 3), cr.spec(1, "l"))
    assert pool.outputs[0].shape == (1, 3)
    for length in (6, 7):
        x = cr.arange(float(length)).reshape(1, length)
        assert cr.run(pool, x).tolist() == F.adaptive_avg_pool1d(x, 3).tolist()
    with pytest.raises(ShapeError, match="whether evenly is open"):
        cr.lower(pool)


POOLS: list[tuple[str, tuple[Any, ...]]] = [
    ("max_pool2d", (3, 2, 1)), ("avg_pool2d", (3, 2, 1, True, False)),
    ("adaptive_avg_pool2d", ((3, 2),)), ("adaptive_max_pool2d", ((3, 2),)),
    ("lp_pool2d", (2, 2)),
]  # fmt: skip


@pytest.mark.parametrize(("name", "args"), POOLS)
def test_second_derivatives(name: str, args: tuple[Any, ...]) -> None:
    x, y = both(np.random.default_rng(4).normal(size=(2, 2, 5, 5)))
    (g,) = grad((getattr(F, name)(x, *args) ** 3).sum(), x, create_graph=True)
    (h,) = torch.autograd.grad((getattr(TF, name)(y, *args) ** 3).sum(), y, create_graph=True)
    (g * g).sum().backward()
    (h * h).sum().backward()
    close(x.grad, y.grad, 1e-10)


@pytest.mark.parametrize(("name", "args"), POOLS)
def test_compiled(name: str, args: tuple[Any, ...]) -> None:
    def step(x: Any) -> Any:
        x.grad = None
        (getattr(F, name)(x, *args) ** 2).sum().backward()
        return x.grad

    compiled = cr.compile(step)
    for seed in range(2):
        x = cr.tensor(few(2, 2, 5, 5, seed=seed) + 2.0, requires_grad=True)
        wanted = step(x).tolist()
        assert compiled(x).tolist() == wanted
    assert compiled.captures == 1


def test_forward_mode_goes_to_the_first_maximum() -> None:
    x = cr.tensor([[2.0, 2.0, 1.0, 2.0]])
    direction = cr.tensor([[1.0, 10.0, 100.0, 1000.0]])
    assert cr.jvp(lambda x: F.max_pool1d(x, 2), (x,), (direction,))[1].tolist() == [[1, 1000]]
    image = cr.tensor([[[1.0, 5.0], [5.0, 5.0]]])
    moved = cr.tensor([[[1.0, 10.0], [100.0, 1000.0]]])
    assert cr.jvp(lambda x: F.max_pool2d(x, 2), (image,), (moved,))[1].tolist() == [[[10.0]]]


# -- refusals --------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("options", "text"),
    [
        ({"kernel_size": 0}, "kernel_size is 0"),
        ({"kernel_size": True}, "kernel_size is True"),
        ({"kernel_size": 2.0}, "kernel_size is 2.0"),
        ({"kernel_size": (2, 2, 2)}, r"kernel_size is \(2, 2, 2\)"),
        ({"kernel_size": 2, "stride": 0}, "stride is 0"),
        ({"kernel_size": 2, "padding": -1}, "padding is -1"),
        ({"kernel_size": 2, "padding": (0, 0, 0)}, r"padding is \(0, 0, 0\)"),
        ({"kernel_size": 3, "padding": 2}, "padding 2 is more than half of the kernel, 3"),
        ({"kernel_size": 2, "ceil_mode": 1}, "ceil_mode is 1"),
    ],
)
def test_arguments_are_checked(options: dict[str, Any], text: str) -> None:
    for name in ("max_pool2d", "avg_pool2d"):
        with pytest.raises(ArgumentError, match=text):
            getattr(F, name)(cr.zeros(1, 6, 6), **options)


def test_other_arguments_are_checked() -> None:
    x = cr.zeros(1, 6, 6)
    with pytest.raises(ArgumentError, match="dilation is -1"):
        F.max_pool2d(x, 2, dilation=-1)
    with pytest.raises(ArgumentError, match="divisor_override is 0"):
        F.avg_pool2d(x, 2, divisor_override=0)
    with pytest.raises(ArgumentError, match="count_include_pad is 'no'"):
        F.avg_pool2d(x, 2, count_include_pad="no")
    for size in (0, -1, 1.5, True, (2, 0)):
        with pytest.raises(ArgumentError, match="output_size is"):
            F.adaptive_avg_pool2d(x, size)
    with pytest.raises(ArgumentError, match=r"output_size is \(1, 1, 1\)"):
        F.adaptive_max_pool2d(x, (1, 1, 1))
    for order in (0, True, "two", NAN):
        with pytest.raises(ArgumentError, match="norm_type is"):
            F.lp_pool2d(x, order, 2)


def test_shapes_are_checked() -> None:
    with pytest.raises(ShapeError, match="a window of 7 does not fit into an axis of 6"):
        F.max_pool1d(cr.zeros(1, 6), 7)
    with pytest.raises(ShapeError, match="a window of 5 does not fit into an axis of 1"):
        F.max_pool1d(cr.zeros(1, 1), 5, 1, ceil_mode=True)
    with pytest.raises(ShapeError, match="nothing but padding in an axis of 1"):
        F.max_pool1d(cr.zeros(1, 1), 3, 3, 1, 2, True)
    with pytest.raises(ShapeError) as raised:
        F.avg_pool2d(cr.zeros(5, 5), 2)
    assert raised.value.fact == "input has 2 axes"
    assert raised.value.expected == "input (n, c, h, w) or (c, h, w)"
    with pytest.raises(ShapeError, match="an axis to be pooled has no entries"):
        F.adaptive_avg_pool1d(cr.zeros(1, 1, 0), 2)


def test_types_are_checked() -> None:
    with pytest.raises(DTypeError, match="avg_pool2d needs a tensor of floating"):
        F.avg_pool2d(cr.zeros(1, 4, 4, dtype=cr.int64), 2)
    with pytest.raises(DTypeError, match="max_pool2d needs a tensor of"):
        F.max_pool2d(cr.zeros(1, 4, 4, dtype=cr.complex64), 2)


def test_numbers_of_numpy_are_numbers() -> None:
    x, two = cr.zeros(1, 1, 4, 4), np.int64(2)
    assert F.max_pool2d(x, two, stride=two, padding=np.int64(1)).shape == (1, 1, 3, 3)
    assert F.adaptive_avg_pool2d(x, two).shape == (1, 1, 2, 2)
    assert F.pad(x, (two, 1)).shape == nn.ZeroPad2d((two, 1, 0, 0))(x).shape == (1, 1, 4, 7)
    assert nn.MaxPool2d(two)(x).shape == (1, 1, 2, 2)


def test_a_stride_without_numbers_is_the_kernels() -> None:
    x = cr.zeros(1, 1, 4)
    assert F.avg_pool1d(x, 2, stride=[]).shape == F.avg_pool1d(x, 2, stride=()).shape == (1, 1, 2)
    with pytest.raises(ArgumentError, match=r"stride is tensor\(2\)"):
        F.avg_pool1d(x, 2, stride=cr.tensor(2))
