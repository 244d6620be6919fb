"""Answers to exam questions as exact numbers: normalisation, attention, dropout, a policy gradient.

Every answer is computed from the definition, forward and backward; what is expected is what an
independent program found for the question.
"""

from fractions import Fraction as F
from itertools import product
from typing import Any

import numpy as np
import pytest
import sympy as sp

import chainrule as cr
from chainrule import nn
from chainrule.core.tensor import Tensor


def exact(data: Any, wanted: bool = False) -> Tensor:
    return cr.tensor(data, dtype=cr.exact, requires_grad=wanted)


def text(x: Tensor) -> Any:
    """The entries as they are printed."""
    return np.vectorize(str, otypes=[object])(np.asarray(x.detach())).tolist()


def normalised(x: Tensor, dim: Any, correction: int = 0) -> Tensor:
    """Mean 0 and variance 1 along ``dim``, with ε = 0."""
    middle = x.mean(dim=dim, keepdim=True)
    return (x - middle) / x.var(dim=dim, correction=correction, keepdim=True).sqrt()


# -- paper 0, question 4: which numbers are averaged -----------------------------------------------

BATCH = [[[[1, 2], [3, 4]], [[5, 6], [7, 8]]], [[[1, -1], [0, 2]], [[-1, 0], [2, 1]]]]


@pytest.mark.parametrize(
    ("dims", "means"),
    [
        ((0, 2, 3), [F(3, 2), F(7, 2)]),
        ((1, 2, 3), [F(9, 2), F(1, 2)]),
        ((2, 3), [[F(5, 2), F(13, 2)], [F(1, 2), F(1, 2)]]),
    ],
    ids=["batch norm", "layer norm", "instance norm"],
)
def test_means(dims: tuple[int, ...], means: Any) -> None:
    assert exact(BATCH).mean(dim=dims).tolist() == means


def test_the_mean_that_batch_norm_itself_uses() -> None:
    layer = nn.BatchNorm1d(2, eps=0, momentum=1).to(cr.exact)
    y = layer(exact(BATCH).reshape(2, 2, 4))
    assert layer.running_mean.tolist() == [F(3, 2), F(7, 2)]
    assert y.mean(dim=(0, 2)).tolist() == [0, 0]
    assert y.var(dim=(0, 2), correction=0).tolist() == [1, 1]


# -- paper 1, question 8: by hand, ε = 0 -----------------------------------------------------------


def test_layer_norm_by_hand() -> None:
    assert normalised(exact([[8, 2], [0, 4]]), 1).tolist() == [[1, -1], [-1, 1]]


def test_batch_norm_by_hand() -> None:
    x = exact([[2, 3, 4], [1, 2, 2]])
    layer = nn.BatchNorm1d(3, eps=0, affine=False).to(cr.exact)
    assert layer(x).tolist() == [[1, 1, 1], [-1, -1, -1]]
    assert text(normalised(x, 0, correction=1)) == [["sqrt(2)/2"] * 3, ["-sqrt(2)/2"] * 3]


# -- paper 2, question 8: masks of 1/2 (with probability α) or 1 -----------------------------------

MASKS = exact([F(1, 2), 1])


def test_the_mean_of_a_mask() -> None:
    alpha = cr.symbols("alpha", positive=True)
    mean = alpha * MASKS[0] + (1 - alpha) * MASKS[1]
    assert sp.expand(mean.item() - (1 - alpha.item() / 2)) == 0


def test_scaling_keeps_the_mean_before_the_relu_alone() -> None:
    w, x = exact([2, -3, 1]), exact([1, 1, 2])
    masks = exact(list(product([F(1, 2), 1], repeat=3)))
    before = (masks * x) @ w
    scaled = (F(3, 4) * x) @ w
    assert (before.mean().item(), scaled.item()) == (F(3, 4), F(3, 4))
    assert (before.relu().mean().item(), scaled.relu().item()) == (F(7, 8), F(3, 4))


# -- paper 3, question 1: sin(w·x) - b at 2π -------------------------------------------------------


def test_sine_at_two_pi() -> None:
    w = exact([cr.pi / 2, cr.pi])
    z = w @ exact([2, 1])
    assert (str(z.item()), (z.sin() - 0).item()) == ("2*pi", 0)


def test_with_half_the_square_the_gradient_is_half() -> None:
    w = exact([cr.pi / 2, cr.pi], wanted=True)
    loss = ((w @ exact([2, 1])).sin() - 2) ** 2 / 2
    loss.backward()
    assert (loss.item(), w.grad.tolist()) == (2, [-4, -2])
    assert text(w - F(1, 2) * w.grad) == ["pi/2 + 2", "1 + pi"]


def test_one_step_makes_the_loss_worse() -> None:
    w, b, x = exact([cr.pi / 2, cr.pi], wanted=True), exact(0, wanted=True), exact([2, 1])

    def loss_at(w: Tensor, b: Tensor) -> Tensor:
        return ((w @ x).sin() - b - 2) ** 2

    loss = loss_at(w, b)
    loss.backward()
    after = loss_at(w - F(1, 2) * w.grad, b - F(1, 2) * b.grad)
    only_w = loss_at(w - F(1, 2) * w.grad, b)
    assert loss.item() == 4
    assert str(only_w.item()) == str(sp.expand((sp.sin(10) - 2) ** 2))
    assert round(float(only_w), 3) == 6.472
    assert str(after.item()) == "sin(10)**2"  # with b's step too it is better than it was


# -- paper 3, question 4: the squared norm of a batch-norm output ----------------------------------


def test_squared_norm_by_the_weight() -> None:
    layer = nn.BatchNorm1d(1, eps=0).to(cr.exact)
    layer.weight, layer.bias = nn.Parameter(exact([6])), nn.Parameter(exact([-1]))
    x = exact([[2], [4]])
    y = layer(x)
    norm = (y * y).sum()
    norm.backward()
    assert normalised(x, 0).flatten().tolist() == [-1, 1]
    assert (y.flatten().tolist(), norm.item()) == ([-7, 5], 74)
    assert layer.weight.grad.tolist() == [24]


def _norm2(gamma: Tensor, correction: int = 0) -> Tensor:
    y = normalised(exact([2, 4]), 0, correction) * gamma - 1
    return (y * y).sum()


def test_other_readings_of_the_question() -> None:
    assert cr.grad(lambda g: _norm2(g, 1))(exact(6)).item() == 12
    plain = cr.grad(lambda g: _norm2(g).sqrt())(exact(6))
    assert str(plain.item()) == "6*sqrt(74)/37"
    assert round(float(plain), 6) == 1.394972


# -- paper 3, question 7: REINFORCE on one trajectory ----------------------------------------------


def _policy_gradient(theta: Tensor) -> Tensor:
    """The return of the trajectory 3, 1 times the slope of ln π(u = 1 | x = 3)."""
    states = exact([3, 1])
    reward = ((states - 1) ** 2).sum()
    slope: Tensor = cr.grad(lambda theta: (theta * states[0]).sigmoid().log())(theta)
    return reward * slope


def test_reinforce() -> None:
    at = cr.symbols("theta")
    symbolic = _policy_gradient(at).item()
    assert sp.simplify(symbolic - 12 / (sp.exp(3 * at.item()) + 1)) == 0
    found = _policy_gradient(exact(2))
    assert str(found.item()) == "12/(1 + exp(6))"
    assert round(float(found), 7) == 0.0296715


# -- paper 0, question 7: attention, also where floats overflow ------------------------------------


def test_attention_of_large_scores_needs_no_stabiliser() -> None:
    scores = exact([[0, 1000], [1000, 0]]) * exact(2).log()
    out = scores.softmax(-1) @ exact([[0, 1], [1, 0]])
    total = F(2) ** 1000 + 1
    assert out.tolist()[0] == [F(2) ** 1000 / total, 1 / total]
