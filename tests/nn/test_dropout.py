"""Dropout in all its forms: what is kept, what is scaled, what is shared, and what is refused."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
import torch

import chainrule as cr
from chainrule import distributions as dist
from chainrule import nn
from chainrule.core.errors import ArgumentError, ShapeError
from chainrule.nn.dropout.functions import SATURATED

F = nn.functional
LAYERS = {
    "Dropout": [(3,), (2, 3, 4)],
    "Dropout1d": [(3, 4), (2, 3, 4)],
    "Dropout2d": [(2, 3, 4), (2, 3, 4, 2)],
    "Dropout3d": [(3, 2, 2, 2), (2, 3, 2, 2, 2)],
    "AlphaDropout": [(3,), (2, 3, 4)],
    "FeatureAlphaDropout": [(2, 3), (2, 3, 4)],
}
CASES = [(name, shape) for name, shapes in LAYERS.items() for shape in shapes]
FORMS = ["dropout", "dropout1d", "dropout2d", "dropout3d", "alpha_dropout", "feature_alpha_dropout"]


@pytest.mark.filterwarnings("ignore:dropout2d")  # PyTorch's, of three axes
@pytest.mark.parametrize(("name", "shape"), CASES)
def test_what_is_not_left_to_chance_is_pytorchs(name: str, shape: Any) -> None:
    values = np.random.default_rng(0).normal(size=shape)
    mine, other = getattr(nn, name), getattr(torch.nn, name)
    for p, mode in ((0.0, True), (1.0, True), (0.7, False), (1, False)):
        layer, same = mine(p).train(mode), other(p).train(mode)
        assert repr(layer) == repr(same)
        x, y = cr.tensor(values, requires_grad=True), torch.tensor(values, requires_grad=True)
        a, b = layer(x), same(y)
        assert a.tolist() == b.tolist()
        (a * a).sum().backward()
        (b * b).sum().backward()
        assert x.grad.tolist() == y.grad.tolist()


@pytest.mark.parametrize("form", FORMS)
def test_functions_draw_while_training_as_in_pytorch(form: str) -> None:
    x = cr.ones(2, 4, 5, 5) if form != "dropout1d" else cr.ones(2, 4, 5)
    if form == "dropout3d":
        x = cr.ones(2, 4, 5, 5, 5)
    cr.manual_seed(0)
    drawn = getattr(F, form)(x, 0.5).tolist() != x.tolist()
    assert drawn is ("alpha" not in form)
    cr.manual_seed(0)
    assert getattr(F, form)(x, 0.5, True).tolist() != x.tolist()


@pytest.mark.parametrize(
    ("name", "shape", "channels"),
    [("Dropout1d", (50, 3, 4), 2), ("Dropout1d", (40, 4), 1), ("Dropout2d", (50, 3, 4, 2), 2),
     ("Dropout2d", (50, 3, 4), 2), ("Dropout3d", (40, 2, 2, 2), 1),
     ("Dropout3d", (50, 3, 2, 2, 2), 2), ("FeatureAlphaDropout", (50, 3, 4), 2)],
)  # fmt: skip
def test_channels_fall_together(name: str, shape: Any, channels: int) -> None:
    cr.manual_seed(1)
    made = getattr(nn, name)(0.5)(cr.ones(*shape)).numpy().reshape(*shape[:channels], -1)
    assert (made == made[..., :1]).all()
    dropped = (made[..., 0] <= 0).mean()
    assert 0.2 < dropped < 0.8
    if "Alpha" not in name:
        assert set(np.unique(made)) == {0.0, 2.0}


def test_gradients_flow_where_entries_were_kept() -> None:
    cr.manual_seed(2)
    x = cr.ones(200, requires_grad=True)
    y = nn.Dropout(0.25)(x)
    y.sum().backward()
    assert x.grad.tolist() == y.tolist()


@pytest.mark.parametrize("p", [0.2, 0.5])
def test_alpha_dropout_keeps_mean_and_variance(p: float) -> None:
    cr.manual_seed(3)
    x = cr.randn(200_000, dtype=cr.float64)
    y = nn.AlphaDropout(p)(x)
    assert abs(y.mean().item()) < 0.01
    assert abs(y.var().item() - 1) < 0.02
    # kept entries are scaled and moved, the others are one value: PyTorch's formula
    a = 1 / np.sqrt((SATURATED**2 * p + 1) * (1 - p))
    kept = np.isclose(y.numpy(), x.numpy() * a - SATURATED * a * p)
    assert abs(kept.mean() - (1 - p)) < 0.01
    np.testing.assert_allclose(y.numpy()[~kept], SATURATED * a * (1 - p))


@pytest.mark.parametrize("name", ["Dropout", "AlphaDropout"])
def test_in_place(name: str) -> None:
    cr.manual_seed(4)
    x = cr.ones(100)
    layer = getattr(nn, name)(0.5, inplace=True)
    assert layer(x) is x
    assert x.tolist() != [1.0] * 100
    before = x.tolist()
    assert layer.eval()(x).tolist() == before


def test_dropout_is_drawn_anew_in_every_compiled_call() -> None:
    layer = nn.Dropout2d(0.5)
    step = cr.compile(lambda x: layer(x))
    x = cr.ones(4, 8, 2, 2)
    cr.manual_seed(5)
    first, second = step(x), step(x)
    cr.manual_seed(5)
    assert layer(x).tolist() == first.tolist()
    assert first.tolist() != second.tolist()


@pytest.mark.parametrize("p", [-0.1, 1.5, True, "half", None, float("nan")])
@pytest.mark.parametrize("name", list(LAYERS))
def test_a_probability_is_one(name: str, p: Any) -> None:
    with pytest.raises(ArgumentError) as raised:
        getattr(nn, name)(p)
    assert raised.value.fact == f"a dropout probability is from 0 to 1, not {p!r}"
    with pytest.raises(ArgumentError):
        F.alpha_dropout(cr.ones(2), p)


@pytest.mark.parametrize(
    ("fact", "call"),
    [
        ("dropout1d takes 2 or 3 axes, not 4", lambda: F.dropout1d(cr.ones(1, 1, 1, 1))),
        ("dropout2d takes 3 or 4 axes, not 2", lambda: nn.Dropout2d()(cr.ones(1, 1))),
        ("dropout3d takes 4 or 5 axes, not 3", lambda: nn.Dropout3d()(cr.ones(1, 1, 1))),
        ("feature_alpha_dropout takes 2 axes and more, not 1",
         lambda: nn.FeatureAlphaDropout()(cr.ones(1))),
    ],
)  # fmt: skip
def test_ranks(fact: str, call: Any) -> None:
    with pytest.raises(ShapeError) as raised:
        call()
    assert raised.value.fact == fact


# -- masks of any distribution ---------------------------------------------------------------------

HALVES = dist.Finite([0.5, 1.0], [0.25, 0.75])


@pytest.mark.parametrize(
    "mask", [HALVES, dist.Normal(1.0, 0.5), dist.Bernoulli(0.75), dist.Uniform(0.0, 2.0)]
)
@pytest.mark.parametrize("inverted", [True, False])
def test_the_mean_is_what_evaluation_gives(mask: Any, inverted: bool) -> None:
    cr.manual_seed(6)
    layer = nn.MaskDropout(mask, inverted=inverted)
    x = cr.full((40_000,), 2.0)
    trained, tested = layer(x), layer.eval()(x)
    assert abs(trained.mean().item() - tested.mean().item()) < 0.05
    assert tested.tolist()[0] == pytest.approx(2.0 if inverted else 2.0 * mask.mean.item())
    assert len({round(v, 4) for v in trained.tolist()}) > 1


def test_draws_may_be_shared_and_differ_along_the_last_axes() -> None:
    cr.manual_seed(7)
    made = nn.MaskDropout(dist.Normal(1.0, 1.0), shared=(2, -1))(cr.ones(2, 3, 4, 5)).numpy()
    assert (made == made[:, :, :1, :1]).all()
    assert len(np.unique(made)) == 6
    chances = dist.Bernoulli(cr.tensor([0.0, 1.0]))
    made = nn.MaskDropout(chances, inverted=False)(cr.ones(50, 2)).numpy()
    assert (made == [[0.0, 1.0]]).all()


@pytest.mark.parametrize(
    ("error", "fact", "call"),
    [
        (ArgumentError, "a mask of mean 0 cannot be divided by it",
         lambda: nn.MaskDropout(dist.Normal(0.0, 1.0))),
        (ArgumentError, "a mask is drawn from a distribution, not from 0.5",
         lambda: nn.MaskDropout(0.5)),
        (ShapeError, "a distribution of shape (2,) for the last axes of x",
         lambda: nn.MaskDropout(dist.Bernoulli(cr.tensor([0.5, 0.5])))(cr.ones(3))),
        (ShapeError, "axes (0,) have distributions of their own",
         lambda: nn.MaskDropout(dist.Bernoulli(cr.tensor([0.5, 0.5])), shared=0)(cr.ones(2))),
        (ArgumentError, "8192 masks: 2 values in each of 13 places",
         lambda: dist.expectation(lambda m: m.sum(), HALVES, (13,))),
        (ShapeError, "each value has one probability", lambda: dist.Finite([1.0], [0.5, 0.5])),
    ],
)  # fmt: skip
def test_mistakes(error: Any, fact: str, call: Any) -> None:
    with pytest.raises(error) as raised:
        call()
    assert raised.value.fact == fact


def test_expectations_are_sums_over_all_masks() -> None:
    chances = dist.Bernoulli(cr.tensor([0.25, 0.5, 0.2], dtype=cr.exact))
    found = dist.expectation(lambda m: (m.sum() - 1).relu(), chances)
    # E[max(N - 1, 0)] = E[N] - 1 + P(N = 0) = 19/20 - 1 + 3/10
    assert str(found.item()) == "1/4"
    values = dist.Finite(
        cr.tensor([-1, 3], dtype=cr.exact), cr.tensor([0.25, 0.75], dtype=cr.exact)
    )
    assert dist.expectation(lambda m: m[0] * m[1], values, (2,)).item() == values.mean.item() ** 2


def test_a_few_values() -> None:
    p = dist.Finite(
        cr.tensor([1, 2, 4], dtype=cr.exact), cr.tensor([0.5, 0.25, 0.25], dtype=cr.exact)
    )
    assert (str(p.mean.item()), str(p.variance.item())) == ("2", "3/2")
    assert str(p.entropy().item()) == "3*log(2)/2"
    assert p.log_prob(cr.tensor([2], dtype=cr.exact)).exp().tolist()[0] == p.probs.tolist()[1]
    assert p.enumerate_support().tolist() == [1, 2, 4]
    cr.manual_seed(8)
    drawn = p.sample((4000,)).to(cr.float64).numpy()
    assert set(drawn) == {1.0, 2.0, 4.0}
    assert abs(drawn.mean() - 2) < 0.1
    with pytest.raises(cr.errors.ValueCheckError) as raised:
        p.log_prob(cr.tensor([3], dtype=cr.exact))
    assert raised.value.fact == "a value of Finite is not one of the values"
    with pytest.raises(cr.errors.ValueCheckError):
        dist.Finite([1.0, 2.0], [0.5, 0.6])
