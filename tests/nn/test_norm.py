"""Norms against PyTorch's: values, gradients, running statistics; eps = 0, mistakes."""

from __future__ import annotations

from fractions import Fraction
from typing import Any

import numpy as np
import pytest
import torch
import torch.nn.functional as TF

import chainrule as cr
from chainrule import nn
from chainrule.core.errors import ArgumentError, ShapeError, ValueCheckError

F = nn.functional
DRAW = np.random.default_rng(1)


def both(make: Any) -> tuple[Any, Any]:
    """The layer here and PyTorch's, in float64, with the same parameters."""
    mine, other = make(nn, cr.float64), make(torch.nn, torch.float64)
    for (name, p), (same, q) in zip(mine.named_parameters(), other.named_parameters(), strict=True):
        assert name == same
        q.data = torch.tensor(DRAW.normal(size=tuple(q.shape)))
        p.data = cr.tensor(q.detach().numpy())
    assert repr(mine) == repr(other)
    assert list(mine.state_dict()) == list(other.state_dict())
    return mine, other


def close(a: Any, b: Any, bound: float = 1e-11) -> None:
    np.testing.assert_allclose(a.detach().numpy(), b.detach().numpy(), rtol=bound, atol=bound)


def agree(mine: Any, other: Any, shape: Any, compiled: bool = False) -> None:
    """Values and all gradients of one step in the present mode, buffers after it."""
    values, weights = DRAW.normal(size=shape) * 2 + 1, DRAW.normal(size=shape)
    x, y = cr.tensor(values, requires_grad=True), torch.tensor(values, requires_grad=True)
    w, v = cr.tensor(weights), torch.tensor(weights)

    def step(x: Any) -> Any:
        made = mine(x)
        (made * w).sum().backward()
        return made

    mine.zero_grad()
    other.zero_grad()
    a, b = (cr.compile(step) if compiled else step)(x), other(y)
    (b * v).sum().backward()
    close(a, b)
    close(x.grad, y.grad)
    for p, q in zip(mine.parameters(), other.parameters(), strict=True):
        close(p.grad, q.grad)
    for p, q in zip(mine.buffers(), other.buffers(), strict=True):
        close(p, q)


BATCH = [
    {},
    {"momentum": None},
    {"momentum": 0.3, "eps": 0.1},
    {"affine": False},
    {"bias": False},
    {"track_running_stats": False},
]
SHAPES = {"1d": [(5, 3), (4, 3, 2)], "2d": [(4, 3, 2, 3)], "3d": [(2, 3, 2, 1, 3)]}


@pytest.mark.parametrize("options", BATCH)
@pytest.mark.parametrize(("kind", "shape"), [(k, s) for k in SHAPES for s in SHAPES[k]])
def test_batch_norm(options: Any, kind: str, shape: Any) -> None:
    def make(n: Any, dtype: Any) -> Any:
        return getattr(n, f"BatchNorm{kind}")(3, **options, dtype=dtype)

    mine, other = both(make)
    for mode in (True, True, True, False):
        agree(mine.train(mode), other.train(mode), shape)
    mine.reset_running_stats()
    other.reset_running_stats()
    for p, q in zip(mine.buffers(), other.buffers(), strict=True):
        close(p, q)
    mine.reset_parameters()
    other.reset_parameters()
    for p, q in zip(mine.parameters(), other.parameters(), strict=True):
        close(p, q)


LAYER = [
    (lambda n, t: n.LayerNorm(3, dtype=t), (4, 3)),
    (lambda n, t: n.LayerNorm([2, 3], eps=0.1, dtype=t), (4, 2, 3)),
    (lambda n, t: n.LayerNorm((3,), bias=False, dtype=t), (2, 4, 3)),
    (lambda n, t: n.LayerNorm(3, elementwise_affine=False, dtype=t), (3,)),
    (lambda n, t: n.GroupNorm(2, 4, dtype=t), (3, 4)),
    (lambda n, t: n.GroupNorm(2, 6, eps=0.1, dtype=t), (2, 6, 3, 2)),
    (lambda n, t: n.GroupNorm(1, 4, affine=False, dtype=t), (2, 4, 3)),
    (lambda n, t: n.GroupNorm(4, 4, bias=False, dtype=t), (2, 4, 3)),
    (lambda n, t: n.RMSNorm(3, dtype=t), (2, 4, 3)),
    (lambda n, t: n.RMSNorm((2, 3), eps=0.1, elementwise_affine=False, dtype=t), (4, 2, 3)),
    (lambda n, t: n.RMSNorm(3, dtype=t), (3,)),
    (lambda n, t: n.LocalResponseNorm(3), (2, 5, 2)),
    (lambda n, t: n.LocalResponseNorm(4, alpha=0.5, beta=0.6, k=2.0), (2, 5, 2, 3)),
    (lambda n, t: n.LocalResponseNorm(7, alpha=0.5), (1, 3, 2)),
]


@pytest.mark.parametrize("compiled", [False, True])
@pytest.mark.parametrize(("make", "shape"), LAYER)
def test_norms_without_running_statistics(make: Any, shape: Any, compiled: bool) -> None:
    mine, other = both(make)
    for mode in (True, False):
        agree(mine.train(mode), other.train(mode), shape, compiled)


INSTANCE = [
    {},
    {"affine": True},
    {"affine": True, "bias": False, "eps": 0.1},
    {"track_running_stats": True, "momentum": 0.3},
    {"track_running_stats": True, "affine": True},
    {"track_running_stats": True, "momentum": None},
]
PLACES = {"1d": [(2, 3, 4), (3, 4)], "2d": [(2, 3, 2, 3), (3, 2, 3)], "3d": [(1, 3, 2, 1, 3)]}


@pytest.mark.parametrize("options", INSTANCE)
@pytest.mark.parametrize(("kind", "shape"), [(k, s) for k in PLACES for s in PLACES[k]])
def test_instance_norm(options: Any, kind: str, shape: Any) -> None:
    def make(n: Any, dtype: Any) -> Any:
        return getattr(n, f"InstanceNorm{kind}")(3, **options, dtype=dtype)

    mine, other = both(make)
    for mode in (True, True, False):
        agree(mine.train(mode), other.train(mode), shape)


@pytest.mark.parametrize("make", [LAYER[1][0], LAYER[5][0], LAYER[9][0], LAYER[12][0],
                                  lambda n, t: n.InstanceNorm2d(6, affine=True, dtype=t),
                                  lambda n, t: n.BatchNorm2d(6, dtype=t)])  # fmt: skip
def test_every_norm_twice_differentiated(make: Any) -> None:
    mine, other = both(make)
    shape = (2, 6, 2, 3)
    if isinstance(mine, nn.RMSNorm | nn.LayerNorm):
        shape = (4, 2, 3)
    values = DRAW.normal(size=shape)
    found = []
    for f, layer in ((cr, mine), (torch, other)):
        x = f.tensor(values, requires_grad=True)
        (g,) = f.autograd.grad((layer(x) ** 3).sum(), x, create_graph=True)
        (g * g).sum().backward()
        found.append([x.grad, *(p.grad for p in layer.parameters())])
    for a, b in zip(*found, strict=True):
        close(a, b, 1e-8)


@pytest.mark.parametrize("correction", [0, 1])
def test_exact_norms_and_what_they_take_for_mean_and_variance(correction: int) -> None:
    x = cr.tensor([[8, 2], [0, 4]], dtype=cr.exact)
    norm = nn.LayerNorm(2, eps=0, dtype=cr.exact, correction=correction)
    found = norm.statistics(x)
    assert found.mean.tolist() == [5, 2]
    assert found.var.tolist() == [[9, 4], [18, 8]][correction]
    expected = [["1", "-1"], ["sqrt(2)/2", "-sqrt(2)/2"]][correction]
    assert [str(v) for v in norm(x).tolist()[0]] == expected
    batch = nn.BatchNorm1d(2, eps=0, dtype=cr.exact, correction=correction)
    assert batch.statistics(x).var.tolist() == [[16, 1], [32, 2]][correction]
    assert [str(v) for v in batch(x).tolist()[0]] == expected
    # the running variance is the unbiased one, whatever the batch was divided by
    assert [str(v) for v in batch.running_var.tolist()] == ["41/10", "11/10"]
    shown = batch.eval().statistics(x)
    assert [str(v) for v in shown.mean.tolist()] == ["2/5", "3/10"]
    assert ("correction=1" in repr(norm)) is ("correction=1" in repr(batch)) is bool(correction)
    pairs = cr.tensor([[[1, 3], [2, 2]]], dtype=cr.exact)
    groups = nn.GroupNorm(2, 2, dtype=cr.exact).statistics(pairs)
    assert groups.mean.tolist() == [[2, 2]]
    assert groups.var.tolist() == [[1, 0]]


@pytest.mark.parametrize(
    ("norm", "x", "who", "where"),
    [
        (nn.BatchNorm1d(2, eps=0), [[1.0, 0.1], [2.0, 0.1]], "batch_norm: a channel", [1]),
        (nn.LayerNorm(3, eps=0), [[1.0, 2.0, 2.0], [0.1, 0.1, 0.1]], "layer_norm: a row", [1]),
        (nn.GroupNorm(2, 4, eps=0), [[1.0, 2.0, 0.1, 0.1]],
         "group_norm: a group (of an example)", [0, 1]),
        (nn.BatchNorm2d(1, eps=0.0), [[[[3.0, 3.0]]], [[[3.0, 3.0]]]],
         "batch_norm: a channel", [0]),
        (nn.InstanceNorm1d(2, eps=0), [[[1.0, 2.0], [0.1, 0.1]]],
         "instance_norm: a channel (of an example)", [0, 1]),
    ],
)  # fmt: skip
def test_without_eps_a_variance_of_0_is_an_error(norm: Any, x: Any, who: str, where: Any) -> None:
    with pytest.raises(ValueCheckError) as raised:
        norm(cr.tensor(x))
    said = f"{who} has variance 0, and eps is 0: its standard form is 0 / 0"
    assert str(raised.value).splitlines()[0] == said
    assert raised.value.hint == f"first at index {where}"


@pytest.mark.parametrize(
    ("error", "fact", "call"),
    [
        (ShapeError, "BatchNorm2d: x is not (n, 3, height, width)",
         lambda: nn.BatchNorm2d(3)(cr.zeros(2, 3))),
        (ShapeError, "BatchNorm2d: x is not (n, 3, height, width)",
         lambda: nn.BatchNorm2d(3)(cr.zeros(2, 4, 5, 5))),
        (ShapeError, "BatchNorm3d: x is not (n, 3, depth, height, width)",
         lambda: nn.BatchNorm3d(3).statistics(cr.zeros(2, 3, 4, 4))),
        (ArgumentError, "num_features is 0", lambda: nn.BatchNorm1d(0)),
        (ArgumentError, "num_features is True", lambda: nn.BatchNorm1d(True)),
        (ArgumentError, "num_features is 2.0", lambda: nn.BatchNorm1d(2.0)),
        (ArgumentError, "eps is -1e-05", lambda: nn.BatchNorm1d(2, eps=-1e-5)),
        (ArgumentError, "momentum is 'slow'", lambda: nn.BatchNorm1d(2, momentum="slow")),
        (ArgumentError, "normalized_shape is 0", lambda: nn.LayerNorm(0)),
        (ArgumentError, "normalized_shape is []", lambda: nn.LayerNorm([])),
        (ArgumentError, "normalized_shape is (2, 1.5)", lambda: nn.LayerNorm((2, 1.5))),
        (ArgumentError, "eps is None", lambda: nn.LayerNorm(2, eps=None)),
        (ArgumentError, "eps is 1/3", lambda: nn.LayerNorm(2, eps=Fraction(1, 3))),
        (ShapeError, "the last axes of the input are not (3,)",
         lambda: nn.LayerNorm(3)(cr.zeros(2, 4))),
        (ShapeError, "InstanceNorm1d: x is not (3, length) or (n, 3, length)",
         lambda: nn.InstanceNorm1d(3)(cr.zeros(4, 5))),
        (ShapeError, "InstanceNorm2d: x is not (3, height, width) or (n, 3, height, width)",
         lambda: nn.InstanceNorm2d(3)(cr.zeros(3, 5))),
        (ShapeError, "instance_norm: 1 value per channel, whose variance is no measure",
         lambda: nn.InstanceNorm1d(3)(cr.zeros(2, 3, 1))),
        (ShapeError, "instance_norm: an empty batch has no mean and no variance",
         lambda: nn.InstanceNorm1d(3)(cr.zeros(0, 3, 2))),
        (ShapeError, "group_norm: 1 value per group, whose variance is no measure",
         lambda: F.group_norm(cr.zeros(1, 2, 1), 2)),
        (ArgumentError, "instance_norm: there are no running statistics to use",
         lambda: F.instance_norm(cr.zeros(1, 1, 2), use_input_stats=False)),
        (ShapeError, "weight has shape (3,), not (2,)",
         lambda: F.rms_norm(cr.zeros(1, 2), 2, cr.ones(3))),
        (ArgumentError, "eps is -1", lambda: nn.RMSNorm(2, eps=-1)),
        (ArgumentError, "size is 0", lambda: nn.LocalResponseNorm(0)),
        (ArgumentError, "size is 1.5", lambda: F.local_response_norm(cr.zeros(1, 1, 1), 1.5)),
        (ArgumentError, "beta is None",
         lambda: F.local_response_norm(cr.zeros(1, 1, 1), 1, beta=None)),
        (ShapeError, "the input has 2 axes", lambda: F.local_response_norm(cr.zeros(1, 1), 1)),
        (ShapeError, "ScaleShift: x has no 3 channels along axis 1",
         lambda: nn.ScaleShift(3)(cr.zeros(3, 4))),
        (ShapeError, "weight has shape (2,), not (3,)",
         lambda: F.layer_norm(cr.zeros(2, 3), 3, cr.ones(2))),
        (ArgumentError, "4 channels cannot be shared out among 3 groups",
         lambda: nn.GroupNorm(3, 4)),
        (ArgumentError, "num_groups is -1", lambda: nn.GroupNorm(-1, 4)),
        (ArgumentError, "num_groups is 0", lambda: F.group_norm(cr.zeros(1, 2), 0)),
        (ShapeError, "4 channels cannot be shared out among 3 groups",
         lambda: F.group_norm(cr.zeros(1, 4), 3)),
        (ShapeError, "the input has 1 axes", lambda: F.group_norm(cr.zeros(4), 2)),
        (ShapeError, "the variance of 1 with correction 1 divides by 0",
         lambda: F.layer_norm(cr.zeros(2, 1), 1, correction=1)),
        (ArgumentError, "correction is -1", lambda: F.layer_norm(cr.zeros(2), 2, correction=-1)),
    ],
)  # fmt: skip
def test_mistakes(error: Any, fact: str, call: Any) -> None:
    with pytest.raises(error) as raised:
        call()
    assert raised.value.fact == fact


def test_sizes_may_be_symbols() -> None:
    norm, image = nn.LayerNorm(4), nn.BatchNorm2d(3)
    graph = cr.capture(norm, cr.spec("B", "T", 4))
    assert [str(size) for size in graph.outputs[0].shape] == ["B", "T", "4"]
    graph = cr.capture(image.eval(), cr.spec("B", 3, "H", "W"))
    assert [str(size) for size in graph.outputs[0].shape] == ["B", "3", "H", "W"]
    graph = cr.capture(lambda x: F.group_norm(x, 2), cr.spec("B", 4, "L"))
    x = cr.rand(2, 4, 3)
    assert cr.run(graph, x).tolist() == F.group_norm(x, 2).tolist()


def test_rms_norm_of_a_row_of_zeros_without_eps() -> None:
    with pytest.raises(ValueCheckError) as raised:
        nn.RMSNorm(2, eps=0)(cr.tensor([[1.0, 0.0], [0.0, 0.0]]))
    assert raised.value.fact == "a row is all 0, and eps is 0: its standard form is 0 / 0"
    assert raised.value.hint == "first at index [1]"


def test_the_simple_norm_starts_from_one_batch() -> None:
    values = DRAW.normal(size=(6, 3, 2)) * 3 + 5
    x = cr.tensor(values)
    for shift_first in (False, True):
        for correction in (0, 1):
            norm = nn.ScaleShift(
                3, shift_first=shift_first, correction=correction, dtype=cr.float64
            ).initialize(x)
            y = norm(x).detach().numpy()
            assert abs(y.mean((0, 2))).max() < 1e-12
            assert abs(y.var((0, 2), ddof=correction) - 1).max() < 1e-12
            found = norm.statistics()
            close(found.mean, torch.tensor(values.mean((0, 2))))
            close(found.var, torch.tensor(values.var((0, 2), ddof=correction)))
    same = nn.ScaleShift(3, dim=-1, dtype=cr.float64).initialize(x.movedim(1, -1))
    close(
        same(x.movedim(1, -1)).movedim(-1, 1), nn.ScaleShift(3, dtype=cr.float64).initialize(x)(x)
    )
    assert list(same.state_dict()) == ["weight", "bias"]
    same(x.movedim(1, -1)).sum().backward()
    assert same.bias.grad.tolist() == [12, 12, 12]


def test_the_simple_norm_needs_a_variance() -> None:
    x = cr.tensor([[1.0, 2.0], [1.0, 3.0]])
    with pytest.raises(ValueCheckError) as raised:
        nn.ScaleShift(2).initialize(x)
    assert raised.value.hint == "first at index [0]"
    assert nn.ScaleShift(2, eps=4.0).initialize(x).weight.tolist()[0] == 0.5


def test_a_bias_may_come_without_a_weight() -> None:
    x = cr.tensor([[1.0, 3.0]])
    b = cr.tensor([1.0, 2.0])
    assert F.layer_norm(x, 2, bias=b, eps=0).tolist() == [[0, 3]]
    assert F.group_norm(x, 1, bias=b, eps=0).tolist() == [[0, 3]]


@pytest.mark.parametrize(("eps", "x"), [(1e-5, [[1.0, 2.0]]), (0, [[1.0, 2.0], [1.0, 3.0]])])
def test_a_batch_that_is_refused_leaves_no_trace(eps: float, x: Any) -> None:
    norm = nn.BatchNorm1d(2, eps=eps)
    with pytest.raises((ShapeError, ValueCheckError)):
        norm(cr.tensor(x))
    assert [b.tolist() for b in norm.buffers()] == [[0, 0], [1, 1], 0]


HALF = {
    "layer": lambda f, x, w: f.layer_norm(x, x.shape[1:]),
    "group": lambda f, x, w: f.group_norm(x, 2, w, w),
    "instance": lambda f, x, w: f.instance_norm(x, weight=w),
    "batch": lambda f, x, w: f.batch_norm(x, None, None, w, training=True),
    "rms": lambda f, x, w: f.rms_norm(x, x.shape[2:]),
}


@pytest.mark.parametrize("name", HALF)
def test_half_precision_is_computed_in_single(name: str) -> None:
    values = np.random.default_rng(0).normal(size=(3, 4, 5)) * 2000
    x = cr.tensor(values, dtype=cr.float16, requires_grad=True)
    y = torch.tensor(values, dtype=torch.float16, requires_grad=True)
    weights = cr.full((4,), 2.0, dtype=cr.float16), torch.full((4,), 2.0, dtype=torch.float16)
    found, wanted = HALF[name](F, x, weights[0]), HALF[name](TF, y, weights[1])
    assert found.dtype is cr.float16
    np.testing.assert_allclose(
        found.detach().numpy(), wanted.detach().numpy(), rtol=2e-3, atol=1e-3
    )
    (found * found * found).sum().backward()
    (wanted * wanted * wanted).sum().backward()
    assert x.grad.dtype is cr.float16
    np.testing.assert_allclose(x.grad.numpy(), y.grad.numpy(), rtol=2e-2, atol=2e-4)


def test_half_precision_moves_the_running_statistics() -> None:
    values = np.random.default_rng(0).normal(size=(30, 2)) * 20
    ours, theirs = nn.BatchNorm1d(2).half(), torch.nn.BatchNorm1d(2).half()
    for _ in range(2):
        ours(cr.tensor(values, dtype=cr.float16))
        theirs(torch.tensor(values, dtype=torch.float16))
    for name, wanted in theirs.named_buffers():
        found = dict(ours.named_buffers())[name]
        np.testing.assert_allclose(found.numpy(), wanted.numpy(), rtol=2e-3)
    x = cr.tensor(values, dtype=cr.float16)
    found = ours.eval()(x)
    assert found.dtype is cr.float16


def test_eps_may_be_a_fraction_that_is_a_decimal() -> None:
    x, y = cr.tensor([[1.0, 3.0]]), cr.tensor([[1, 3]], dtype=cr.exact)
    for norm in (F.layer_norm, F.rms_norm):
        wanted = norm(x, (2,), eps=0.125)
        assert norm(x, (2,), eps=Fraction(1, 8)).numpy().tobytes() == wanted.numpy().tobytes()
        assert norm(y, (2,), eps=Fraction(1, 10)).tolist() == norm(y, (2,), eps=0.1).tolist()
