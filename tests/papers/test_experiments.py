"""Small experiments of the papers on other examples, beside PyTorch and NumPy."""

from __future__ import annotations

import itertools
from fractions import Fraction
from typing import Any

import numpy as np
import pytest
import torch
from torch.nn import functional as TF

from tests.papers.here import numbers, rewritten, solved


def also(found: Any) -> list[Any]:
    """The further figures of a part, as floats."""
    assert found.status == "answered", found.error
    return [numbers(value.data) for value in found.also.values()]


# -- paper 1: the squared error, rectifiers, dropout -----------------------------------------------


@pytest.mark.parametrize(
    ("classes", "far", "letter"), [(4, 17, "A"), (7, 25, "A"), (5, 2, "none of the options")]
)
def test_slopes_of_the_squared_error_and_of_cross_entropy(
    classes: int, far: int, letter: str
) -> None:
    """Far ahead, a wrong class leaves the squared error no slope; a little ahead, it does."""
    labels = torch.arange(classes)
    right = TF.one_hot(labels).double()
    largest = []
    for loss in (
        lambda scores: TF.mse_loss(scores.softmax(-1), right),
        lambda scores: TF.cross_entropy(scores, labels),
    ):
        scores = (far * right.roll(1, -1)).requires_grad_()
        loss(scores).backward()
        assert scores.grad is not None
        largest.append(scores.grad.abs().max().item())
    found = solved("1", "3c", {"classes": classes, "far": far})
    assert also(found) == pytest.approx(largest, rel=1e-9)
    assert (largest[1] > 1000 * largest[0]) == (letter == "A")
    assert found.answer == letter


@pytest.mark.parametrize("weights", [[1, -2, 3, 1], [2, 0, 3, -1], [0, 0, 0, 5]])
def test_straight_pieces_of_rectifiers(weights: list[int]) -> None:
    """Slopes at many places; a unit that is not listened to bends nothing."""
    x = torch.arange(-6, 6, 0.25).double() + 0.1

    def pieces(k: float) -> int:
        at = x.clone().requires_grad_()
        u = at[:, None] - torch.tensor([-3, -1, 0, 2])
        (torch.maximum(k * u, u) @ torch.tensor(weights).double()).sum().backward()
        assert at.grad is not None
        return 1 + int((at.grad.diff().abs() > 1e-9).sum())

    found = rewritten("1", "3e", old="tensor([1, -2, 3, 1])", new=f"tensor({weights})")
    rates = (0, 0.25, 0.5, 0.75, 1)
    printed, leaky = [pieces(-k) for k in rates], [pieces(k) for k in rates]
    assert also(found) == [printed, leaky, pieces(1)]
    letters = ["C" if one[0] == one[-1] else "A" for one in (printed, leaky)]
    assert [reading[""].data for reading in found.readings.values()] == letters == ["C", "A"]


@pytest.mark.parametrize("half", ["1/4", "1/3", "4/5"])
def test_a_unit_that_is_fitted_to_noise(half: str) -> None:
    """Least squares; the mean over masks adds the variances of the inputs to X^T X."""
    p = float(Fraction(half))
    X = np.array([[1.0, 1, -1], [1, -1, 1], [-1, 1, 1]])
    labels = X[:, 0] + [1, -1, 1]
    plain = np.linalg.solve(X, labels)
    masks = [np.array(mask) for mask in itertools.product((0, 1), repeat=3)]
    odds = [np.prod(np.where(mask, 1 - p, p)) for mask in masks]
    seen = [X * mask / (1 - p) for mask in masks]
    squares = sum(o * s.T @ s for o, s in zip(odds, seen, strict=True))
    products = sum(o * s.T @ labels for o, s in zip(odds, seen, strict=True))
    dropped = np.linalg.solve(squares, products)
    inputs = np.array(list(itertools.product((-1, 1), repeat=3)))
    wanted = [np.mean((X @ w - labels) ** 2) for w in (plain, dropped)]
    wanted += [np.mean((inputs @ w - inputs[:, 0]) ** 2) for w in (plain, dropped)]
    found = solved("1", "9c", {"half": Fraction(half)})
    assert also(found) == pytest.approx(wanted, abs=1e-9)
    generalises = wanted[1] > wanted[0] + 1e-9 and wanted[3] < wanted[2] - 1e-9
    assert ("C" in found.answer) == generalises


# -- paper 4: lines, and batches -------------------------------------------------------------------


@pytest.mark.parametrize("examples", [[-3, -1, 0, 2, 5], [-9, 1, 2, 3, 4], [0, 1, 2, 3, 4]])
def test_lines_fitted_to_some_examples(examples: list[int]) -> None:
    def losses(n: int, others: bool) -> float:
        found = []
        for chosen in itertools.combinations(examples, n):
            x = np.array(chosen, dtype=float)
            line = np.polyfit(x, x**2, 1)
            at = np.array(sorted(set(examples) - set(chosen)) if others else chosen, dtype=float)
            found.append(np.mean((np.polyval(line, at) - at**2) ** 2))
        return float(np.mean(found))

    training = [losses(n, others=False) for n in (3, 4, 5)]
    unseen = [losses(n, others=True) for n in (3, 4)]
    found = rewritten(
        "4", "1a-iv", old="examples = [-3, -1, 0, 2, 5]", new=f"examples = {examples}"
    )
    for got, wanted in zip(also(found), (training, unseen), strict=True):
        assert got == pytest.approx(wanted, rel=1e-9)
    lower, higher = training[2] < training[0], training[0] < training[1] < training[2]
    assert list(found.answer.values()) == [True, lower, higher, unseen[0] >= unseen[1]]


@pytest.mark.parametrize("examples", [[-2, 0, 1, 3, 8], [1, 1, 4], [5, -7, 0, 2]])
def test_gradients_of_small_batches(examples: list[int]) -> None:
    """All batches, with fractions; the loss of all examples after a step of each."""
    mean = Fraction(sum(examples), len(examples))
    at = mean + 4

    def loss(theta: Fraction) -> Fraction:
        return sum((theta - one) ** 2 for one in examples) / Fraction(2 * len(examples))

    after = []
    for m in (1, 2, 3):
        steps = [at - Fraction(sum(batch), m) for batch in itertools.product(examples, repeat=m)]
        after.append(sum(loss(at - one / 2) for one in steps) / len(steps))
    found = rewritten(
        "4", "1a-vii", old="examples = [-2, 0, 1, 3, 8]", new=f"examples = {examples}"
    )
    told, whole = also(found)
    assert told == pytest.approx(list(map(float, after)), rel=1e-12)
    assert whole == pytest.approx(float(loss(at - 2)), rel=1e-12)
    assert list(found.answer.values()) == [True, True, True, after[0] > after[1] > after[2]]
