"""What errors say: gradients, what cannot be captured, the first NaN, names and lines."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

import chainrule as cr
from chainrule import nn
from tests.core.mistakes import mistake

X = cr.tensor([[1.0, 2.0, 3.0], [4.0, 5.0, 6.0]])
W = cr.zeros(4, 5)
P = cr.tensor([1.0, 2.0], requires_grad=True)


# -- gradients -----------------------------------------------------------------------------------


@mistake
def test_leaf_in_place() -> None:
    """GradientError: a leaf that requires a gradient is changed in place
    hint      inside `with cr.no_grad():` this is an update; otherwise write x = x + …
    """
    P.add_(1)


@mistake
def test_backward_from_nowhere() -> None:
    """GradientError: no gradient flows from here: nothing it was made from requires one
    hint      requires_grad=True at the start, and no detach(), numpy(), no_grad()
              or whole-number type on the way
    """
    X.sum().backward()


@mistake
def test_values_with_history() -> None:
    """GradientError: numpy() would cut the history of a tensor that requires a gradient
    hint      say so: x.detach().numpy()
    """
    P.numpy()


@mistake
def test_history_dropped_in_place() -> None:
    """GradientError: the history of a computed tensor cannot be dropped in place
    hint      use x.detach(), which is x without its history
    """
    (P * 2).requires_grad_(False)


# -- what cannot be captured ---------------------------------------------------------------------

NEEDS = "needs a value, and while a function is captured there is none"
VALUE_CASES: dict[str, Callable[[cr.Tensor], Any]] = {
    "bool() (an if, while, and, or, not, assert)": lambda x: x.sum() > 0 or x,
    "float()": lambda x: float(x.sum()),
    "int()": lambda x: int(x.sum()),
    "item()": lambda x: x.sum().item(),
    "tolist()": lambda x: x.tolist(),
    "numpy()": lambda x: x.numpy(),
    "a NumPy array": lambda x: np.asarray(x),
    "print() or str()": lambda x: str(x),
    "a formatted text": lambda x: f"{x.sum():.2f}",
    "an index": lambda x: [1, 2][x.sum().long()],
    "nonzero() or an index by a mask": lambda x: x[x > 0],
}


@pytest.mark.parametrize("action", VALUE_CASES)
def test_values_are_not_there_while_capturing(action: str) -> None:
    with pytest.raises(cr.errors.CaptureError) as caught:
        cr.capture(VALUE_CASES[action], cr.spec(2, 3))
    fact, got, at, *hint = str(caught.value).splitlines()
    assert fact == f"{action} {NEEDS}"
    assert re.fullmatch(r"  got       a tensor \(.*", got)
    assert re.fullmatch(r"  at        test_errors_later\.py:\d+   .*", at)
    assert hint == [
        "  hint      compute with tensors to the end (cr.where instead of if),",
        "            or do this outside the captured function",
    ]


def test_what_needs_no_value_is_captured() -> None:
    def rows(x: cr.Tensor) -> cr.Tensor:
        assert "shape=(2, 3)" in repr(x)
        return sum(row * i for i, row in enumerate(x) if x.shape[0] == len(x))

    assert cr.capture(rows, cr.spec(2, 3)).outputs[0].shape == (3,)


@mistake
def test_history_changed_while_capturing() -> None:
    """CaptureError: the history of a tensor from outside is changed while a function is captured
    hint      call requires_grad_(), retain_grad() or detach_() before
    """
    cr.capture(lambda x: P.requires_grad_(False), cr.spec(2))


@mistake
def test_data_replaced_while_capturing() -> None:
    """CaptureError: .data is replaced while a function is captured
    hint      write into it: x.data.copy_(value)
    """
    cr.capture(lambda x: setattr(P, "data", x), cr.spec(2))


@mistake
def test_gradient_that_leaves_the_function() -> None:
    """CaptureError: a gradient flows on to what a tensor from outside was made from
    got       a computed tensor (2,)
    hint      compute it inside the captured function, or cut it off: x.detach()
    """
    cr.capture(lambda x, y=P * 2: (x * y).sum().backward(), cr.spec(2))


# -- the first NaN -------------------------------------------------------------------------------


def test_the_op_that_made_the_first_infinity() -> None:
    x = cr.tensor([1.0, 0.0], requires_grad=True)
    doubled = x * 2
    with pytest.raises(cr.errors.AnomalyError) as caught, cr.detect_anomaly():
        doubled.log().sum().backward()
    assert re.sub(r":\d+", "", str(caught.value)) == (
        "log: made the first infinity\n"
        "  got       doubled (2,)\n"
        "  at        test_errors_later.py   doubled.log().sum().backward()\n"
        "  hint      the first bad entry is at index [1]"
    )


def test_the_op_whose_adjoint_made_the_first_infinity() -> None:
    x = cr.tensor([4.0, 0.0], requires_grad=True)
    root = x.sqrt()
    with pytest.raises(cr.errors.AnomalyError) as caught, cr.detect_anomaly():
        (root * 3).sum().backward()
    assert re.sub(r":\d+", "", str(caught.value)) == (
        "sqrt: its adjoint made the first infinity\n"
        "  got       x (2,)\n"
        "  at        test_errors_later.py   root = x.sqrt()\n"
        "  hint      the first bad entry is at index [1]"
    )
    assert (x * 1).requires_grad
    (x.sqrt() * 3).sum().backward()  # watched no longer


def test_a_nan_in_the_data_is_found_where_it_is_met() -> None:
    x = cr.tensor([1.0, float("nan")])
    with pytest.raises(cr.errors.AnomalyError, match="which came in"), cr.detect_anomaly():
        x + 1


def test_infinities_that_were_put_in_are_no_anomaly() -> None:
    with cr.detect_anomaly():
        masked = X.masked_fill(X > 3, float("-inf"))
        assert masked.softmax(0)[1].tolist() == [0, 0, 0]


# -- lines and names -----------------------------------------------------------------------------


class Net(nn.Module):
    """A user's own module: the names in it are the user's."""

    def forward(self, inputs: cr.Tensor) -> cr.Tensor:
        return inputs @ W


def test_names_in_a_module_of_the_user() -> None:
    with pytest.raises(cr.errors.ShapeError) as caught:
        Net()(X)
    assert caught.value.got == "inputs (2, 3), W (4, 5)"
    assert caught.value.at is not None
    assert caught.value.at.endswith("return inputs @ W")


def test_a_tensor_that_has_a_name_is_called_by_it() -> None:
    p = nn.Parameter(cr.zeros(4))
    p.name = "bias"
    with pytest.raises(cr.errors.ShapeError) as caught:
        X + p
    assert caught.value.got == "X (2, 3), bias (4,)"


def test_errors_are_those_that_pytorch_raises_too() -> None:
    with pytest.raises(RuntimeError):
        X @ W
    with pytest.raises(IndexError):
        X[5]
    with pytest.raises(TypeError):
        X + "a"
    with pytest.raises(TypeError):
        len(cr.tensor(1.0))


@mistake
def test_arguments_that_are_no_tensors_name_none() -> None:
    """ShapeError: batch_norm: weight has shape (5,), not (3,)
    got       X (2, 3), cr.zeros(5) (5,)
    """
    nn.functional.batch_norm(X, None, None, cr.zeros(5), training=True)


@mistake
def test_numbers_among_the_arguments_name_none() -> None:
    """ShapeError: group_norm: weight has shape (5,), not (3,)
    got       X (2, 3), cr.zeros(5) (5,), cr.zeros(3) (3,), num_groups=3
    """
    nn.functional.group_norm(X, 3, cr.zeros(5), cr.zeros(3))
