"""Layers, losses and functions against PyTorch's."""

import math

import numpy as np
import pytest
import torch

import chainrule as cr
from chainrule import nn
from chainrule.core.derivatives import grad
from chainrule.core.errors import ArgumentError, ShapeError, ValueCheckError

DRAW = np.random.default_rng(1)


def pair(*shape, dtype="float64"):
    values = DRAW.normal(size=shape).astype(dtype)
    return cr.tensor(values), torch.tensor(values)


def assert_close(a, b, bound=1e-12):
    np.testing.assert_allclose(a.detach().numpy(), b.detach().numpy(), rtol=bound, atol=bound)


@pytest.mark.parametrize(
    ("make", "shape"),
    [
        (lambda n: n.Tanh(), (2, 3)),
        (lambda n: n.Sigmoid(), (2, 3)),
        (lambda n: n.ReLU(), (2, 3)),
        (lambda n: n.Softmax(dim=1), (2, 3)),
        (lambda n: n.Flatten(), (2, 3, 4)),
        (lambda n: n.Flatten(0, 1), (2, 3, 4)),
        (lambda n: n.Identity(3, any="thing"), (2, 3)),
        (lambda n: n.Dropout(0.0), (2, 3)),
        (lambda n: n.Dropout(0.5).eval(), (2, 3)),
    ],
)
def test_layers_without_parameters(make, shape):
    x, y = pair(*shape)
    assert_close(make(nn)(x), make(torch.nn)(y))


@pytest.mark.parametrize("reduction", ["mean", "sum", "none"])
def test_losses(reduction):
    x, y = pair(4, 3)
    target = DRAW.integers(0, 3, 4)
    a = nn.CrossEntropyLoss(reduction=reduction)(x, cr.tensor(target))
    assert_close(a, torch.nn.CrossEntropyLoss(reduction=reduction)(y, torch.tensor(target)))
    t, u = pair(4, 3)
    assert_close(nn.MSELoss(reduction=reduction)(x, t), torch.nn.MSELoss(reduction=reduction)(y, u))
    a = nn.BCELoss(reduction=reduction)(x.sigmoid(), t.sigmoid())
    assert_close(a, torch.nn.BCELoss(reduction=reduction)(y.sigmoid(), u.sigmoid()))


def test_an_unknown_reduction_is_refused():
    with pytest.raises(ArgumentError) as raised:
        nn.MSELoss(reduction="average")
    assert raised.value.fact == "reduction is 'average'"
    assert raised.value.expected == "mean, sum, none"


def test_linear_starts_as_in_pytorch():
    cr.manual_seed(0)
    layer = nn.Linear(100, 200)
    bound = 1 / math.sqrt(100)
    for p in layer.parameters():
        assert p.abs().max().item() <= bound
        assert abs(p.detach().numpy().std() - bound / math.sqrt(3)) < 0.1 * bound
    assert nn.Linear(2, 3, bias=False).bias is None
    assert nn.Linear(2, 3, dtype=cr.float64).weight.dtype is cr.float64


@pytest.mark.parametrize(
    ("sizes", "fact", "least"),
    [
        ((0, 2, 3), "in1_features is 0", 1),
        ((2, -1, 3), "in2_features is -1", 0),
        ((2, 2, 1.5), "out_features is 1.5", 0),
    ],
)
def test_sizes_of_a_bilinear_layer(sizes, fact, least):
    with pytest.raises(ArgumentError) as raised:
        nn.Bilinear(*sizes)
    assert raised.value.fact == fact
    assert raised.value.expected == f"a whole number from {least}"


def test_softmax_of_images_takes_images():
    with pytest.raises(ShapeError) as raised:
        nn.Softmax2d()(cr.zeros(2, 3))
    assert raised.value.fact == "Softmax2d: x is not (n, c, h, w) or (c, h, w)"
    assert raised.value.got == "x (2, 3)"


def test_dropout_scales_what_it_keeps_and_draws_anew():
    cr.manual_seed(0)
    layer = nn.Dropout(0.25)
    first, second = layer(cr.ones(4000)), layer(cr.ones(4000))
    assert {round(v, 6) for v in first.tolist()} == {0.0, round(1 / 0.75, 6)}
    assert abs(first.numpy().mean() - 1) < 0.05
    assert first.tolist() != second.tolist()
    cr.manual_seed(0)
    assert layer(cr.ones(4000)).tolist() == first.tolist()
    assert nn.Dropout(1.0)(cr.ones(2)).tolist() == [0.0, 0.0]


@pytest.mark.parametrize("p", [-0.1, 1.5])
def test_a_dropout_probability_is_one(p):
    with pytest.raises(ArgumentError) as raised:
        nn.Dropout(p)
    assert raised.value.fact == f"a dropout probability is from 0 to 1, not {p}"


NORMS = [
    {},
    {"momentum": None},
    {"momentum": 0.3, "eps": 0.1},
    {"affine": False},
    {"bias": False},
    {"track_running_stats": False},
]


@pytest.mark.parametrize("shape", [(5, 3), (4, 3, 2)])
@pytest.mark.parametrize("options", NORMS)
def test_batch_norm(options, shape):
    mine = nn.BatchNorm1d(3, **options, dtype=cr.float64)
    other = torch.nn.BatchNorm1d(3, **options, dtype=torch.float64)
    if mine.affine:
        for p, q in zip(mine.parameters(), other.parameters(), strict=True):
            q.data = torch.tensor(DRAW.normal(size=3))
            p.data = cr.tensor(q.detach().numpy())
    for mode in (True, True, True, False):
        mine.train(mode)
        other.train(mode)
        x, y = pair(*shape)
        x.requires_grad_()
        y.requires_grad_()
        a, b = mine(x), other(y)
        weights, same = pair(*shape)
        (a * weights).sum().backward()
        (b * same).sum().backward()
        assert_close(a, b, 1e-10)
        assert_close(x.grad, y.grad, 1e-10)
    for p, q in zip(mine.parameters(), other.parameters(), strict=True):
        assert_close(p.grad, q.grad, 1e-10)
    for p, q in zip(mine.buffers(), other.buffers(), strict=True):
        assert_close(p, q)
    assert repr(mine) == repr(other)


def test_batch_norm_twice_differentiated():
    x, y = pair(4, 3)
    x.requires_grad_()
    y.requires_grad_()
    mine, other = nn.BatchNorm1d(3, dtype=cr.float64), torch.nn.BatchNorm1d(3, dtype=torch.float64)
    (g,) = grad((mine(x) ** 3).sum(), x, create_graph=True)
    (h,) = torch.autograd.grad((other(y) ** 3).sum(), y, create_graph=True)
    (g * g).sum().backward()
    (h * h).sum().backward()
    assert_close(x.grad, y.grad, 1e-8)


def test_batch_norm_of_fractions():
    x = cr.tensor([[2], [4]], dtype=cr.exact)
    gamma, beta = cr.tensor([6], dtype=cr.exact), cr.tensor([-1], dtype=cr.exact)
    gamma.requires_grad_()
    y = nn.functional.batch_norm(x, None, None, gamma, beta, training=True, eps=0)
    assert [str(v) for (v,) in y.detach().tolist()] == ["-7", "5"]
    jacobian = [grad(y[i, 0], gamma)[0].tolist()[0] for i in range(2)]
    assert [str(v) for v in jacobian] == ["-1", "1"]


def test_batch_norm_of_one_example_is_refused():
    with pytest.raises(ShapeError) as raised:
        nn.BatchNorm1d(3)(cr.zeros(1, 3))
    assert raised.value.fact == "batch_norm: 1 value per channel, whose variance is no measure"
    assert nn.BatchNorm1d(3).eval()(cr.zeros(1, 3)).shape == (1, 3)


def test_batch_norm_without_eps_needs_a_variance():
    norm = nn.BatchNorm1d(2, eps=0.0)
    with pytest.raises(ValueCheckError) as raised:
        norm(cr.tensor([[1.0, 5.0], [2.0, 5.0]]))
    assert raised.value.fact == "a channel has variance 0, and eps is 0: its standard form is 0 / 0"
    assert raised.value.hint == "first at index [1]"


def test_batch_norm_of_symbols_decides_nothing():
    x = cr.symbols("x", (3, 1))
    y = nn.functional.batch_norm(x, None, None, training=True, eps=0)
    assert "sqrt" in str(y.tolist()[0][0])


@pytest.mark.parametrize("shape", [(3,), (2, 4), (2, 3, 4, 5)])
def test_batch_norm_of_other_shapes_is_refused(shape):
    with pytest.raises(ShapeError) as raised:
        nn.BatchNorm1d(3)(cr.zeros(*shape))
    assert raised.value.fact == "BatchNorm1d: x is not (n, 3) or (n, 3, length)"
    assert raised.value.got == f"x {shape}"


@pytest.mark.parametrize("correction", [0, 1])
@pytest.mark.parametrize("dim", [None, 0, (0, 2)])
def test_var(dim, correction):
    x, y = pair(3, 4, 2)
    got = x.var(dim, correction=correction, keepdim=True)
    assert_close(got, y.var(dim, correction=correction, keepdim=True))
    assert_close(x.var(dim, unbiased=bool(correction)), y.var(dim, unbiased=bool(correction)))


def test_the_variance_of_one_is_refused():
    with pytest.raises(ShapeError) as raised:
        cr.zeros(1, 3).var(0)
    assert raised.value.fact == "the variance of 1 with correction 1 divides by 0"


@pytest.mark.parametrize("norm_type", [1.0, 2.0, 3.0, math.inf])
@pytest.mark.parametrize("max_norm", [0.1, 1e6])
def test_clip_grad_norm(norm_type, max_norm):
    mine, other = (
        [nn.Parameter(cr.zeros(2, 3)) for _ in range(2)],
        [torch.zeros(2, 3) for _ in range(2)],
    )
    for p, q in zip(mine, other, strict=True):
        p.grad, q.grad = pair(2, 3, dtype="float32")
    norm = nn.utils.clip_grad_norm_([*mine, nn.Parameter(cr.zeros(1))], max_norm, norm_type)
    assert_close(norm, torch.nn.utils.clip_grad_norm_(other, max_norm, norm_type), 1e-6)
    for p, q in zip(mine, other, strict=True):
        assert_close(p.grad, q.grad, 1e-6)


def test_clip_grad_norm_of_nothing_and_of_nan():
    w = nn.Parameter(cr.zeros(1))
    assert nn.utils.clip_grad_norm_(w, 1.0).item() == 0.0
    w.grad = cr.tensor([math.nan])
    with pytest.raises(ValueCheckError) as raised:
        nn.utils.clip_grad_norm_([w], 1.0, error_if_nonfinite=True)
    assert raised.value.fact == "the norm of the gradients is nan"
