"""What errors say: wrong shapes, types and arguments, empty batches, foreign objects."""

from __future__ import annotations

import numpy as np
import pytest

import chainrule as cr
from chainrule import nn
from tests.core.mistakes import mistake

X = cr.tensor([[1.0, 2.0, 3.0], [4.0, 5.0, 6.0]])
W = cr.zeros(4, 5)
K = cr.tensor([1, 2])
P = cr.tensor([1.0, 2.0], requires_grad=True)


# -- shapes --------------------------------------------------------------------------------------


@mistake
def test_inner_axes() -> None:
    """ShapeError: matmul: axis 'k' is 3 in one place and 4 in another
    got       X (2, 3), W (4, 5)
    expected  *b m k, *b k n -> *b m n
    """
    X @ W


@mistake
def test_forgotten_transpose() -> None:
    """ShapeError: matmul: axis 'k' is 3 in one place and 2 in another
    got       X (2, 3), X (2, 3)
    expected  *b m k, *b k n -> *b m n
    hint      the last axes agree: transpose the second factor, a @ b.mT
    """
    X @ X


@mistake
def test_no_broadcast() -> None:
    """ShapeError: add: axis -1 is 3 in one operand and 4 in another
    got       X (2, 3), cr.zeros(4) (4,)
    """
    X + cr.zeros(4)


@mistake
def test_entries_do_not_fit() -> None:
    """ShapeError: reshape: 6 entries do not fit into shape (4, 2)
    got       X (2, 3), shape=(4, 2)
    """
    X.reshape(4, 2)


@mistake
def test_layer_of_another_width() -> None:
    """ShapeError: linear: axis 'i' is 5 in one place and 3 in another
    got       x (4, 5), weight (4, 3), bias (4,)
    expected  *b i, o i, [o] -> *b o
    """
    nn.Linear(3, 4)(W)


@mistake
def test_different_rows() -> None:
    """ShapeError: cat: axis 1 is 3 in tensor 0 and 5 in tensor 1
    got       X (2, 3), W (4, 5)
    """
    cr.cat([X, W])


@mistake
def test_value_of_another_size() -> None:
    """ShapeError: a value of shape (2,) does not fit into (3,)"""
    X[0] = cr.zeros(2)


@mistake
def test_backward_of_several_numbers() -> None:
    """ShapeError: backward() starts from one number; this tensor has shape (2,)
    hint      sum or average it first, or pass the adjoint: y.backward(g)
    """
    (P * 2).backward()


@mistake
def test_item_of_several_numbers() -> None:
    """ShapeError: item() of a tensor with 6 entries
    got       (2, 3)
    hint      take one: x[0, 0].item(), or all: x.tolist()
    """
    X.item()


@mistake
def test_condition_of_several_numbers() -> None:
    """ShapeError: bool() (an if, while, and, or, not, assert) of a tensor with 6 entries
    got       (2, 3) bool
    hint      say which: .any(), .all() or .item()
    """
    _ = 1 if X > 0 else 0


@mistake
def test_gradient_of_another_shape() -> None:
    """ShapeError: .grad of shape (2, 3) for a tensor of shape (2,)"""
    P.grad = X


@mistake
def test_ragged_lists() -> None:
    """ArgumentError: nested lists of unequal lengths make no tensor
    got       [[1], [1, 2]]
    hint      pad the shorter ones, or make a tensor of each
    """
    cr.tensor([[1], [1, 2]])


@mistake
def test_view_of_a_transpose() -> None:
    """ArgumentError: view() of entries that do not lie row by row
    hint      use reshape(), which may copy
    """
    X.mT.view(-1)


# -- types ---------------------------------------------------------------------------------------


@mistake
def test_gradient_of_whole_numbers() -> None:
    """GradientError: only floating, complex and exact tensors have gradients, not int64
    got       (2,) int64
    hint      make it floating first: cr.tensor(..., dtype=cr.float32) or x.float()
    """
    K.requires_grad_()


@mistake
def test_whole_numbers_from_the_start() -> None:
    """GradientError: only floating, complex and exact tensors have gradients, not int64
    got       (2,) int64
    hint      make it floating first: cr.tensor(..., dtype=cr.float32) or x.float()
    """
    cr.tensor([1, 2], requires_grad=True)


@mistake
def test_mean_of_whole_numbers() -> None:
    """DTypeError: mean needs a tensor of floating or complex or exact type, not int64
    got       K (2,) int64
    """
    K.mean()


@mistake
def test_condition_that_is_no_condition() -> None:
    """DTypeError: where needs a tensor of bool type, not float32
    got       X (2, 3), X (2, 3), X (2, 3)
    """
    cr.where(X, X, X)


@mistake
def test_fraction_into_whole_numbers() -> None:
    """DTypeError: a result of type float32 cannot be written to int64"""
    K.add_(0.5)


@mistake
def test_bits_of_floats() -> None:
    """DTypeError: bitwise_and needs a tensor of bool or whole-number type, not float32
    got       X (2, 3), X (2, 3)
    """
    X & X


@mistake
def test_floating_index() -> None:
    """DimError: an index is of type int64, int32 or bool, not float32"""
    X[X[0]]


@mistake
def test_unknown_type() -> None:
    """ArgumentError: not an element type: 'float33'
    hint      cr.float32, cr.int64, …
    """
    cr.zeros(2, dtype="float33")


@mistake
def test_gradient_of_another_type() -> None:
    """DTypeError: .grad of type float64 for a float32 tensor"""
    P.grad = cr.zeros(2, dtype=cr.float64)


# -- arguments -----------------------------------------------------------------------------------


@mistake
def test_axis_that_is_not_there() -> None:
    """DimError: sum: there is no axis 2 in a tensor of 2 axes
    got       X (2, 3), dim=2
    """
    X.sum(dim=2)


@mistake
def test_missing_argument() -> None:
    """ArgumentError: softmax misses its argument 'dim'
    expected  softmax(x, dim)
    """
    X.softmax()


@mistake
def test_missing_operand() -> None:
    """ArgumentError: matmul misses its operand 'b'
    expected  matmul(a, b)
    """
    cr.matmul(X)


@mistake
def test_unknown_argument() -> None:
    """ArgumentError: mean has no argument 'along'
    expected  mean(x, dim=None, keepdim=False, dtype=None)
    """
    X.mean(along=1)


@mistake
def test_too_many_arguments() -> None:
    """ArgumentError: round was given 4 arguments
    expected  round(x, decimals=0)
    """
    X.round(1, 2, 3)


@mistake
def test_index_out_of_range() -> None:
    """DimError: index 5 is out of range for an axis of 2"""
    X[5]


@mistake
def test_index_that_is_no_index() -> None:
    """DimError: an index is 1.0, which is no whole number
    expected  whole numbers, slices, ..., None, tensors and lists of whole numbers, masks
    """
    X[1.0]


@mistake
def test_negative_size() -> None:
    """ArgumentError: a size is negative: (-1,)"""
    cr.zeros(-1)


@mistake
def test_another_device() -> None:
    """ArgumentError: there is no device 'cuda'
    expected  'cpu', or 'meta', where tensors have no values
    hint      scripts ask first: 'cuda' if torch.cuda.is_available() else 'cpu'
    """
    X.to("cuda")


@mistake
def test_target_that_is_no_class() -> None:
    """ValueCheckError: cross_entropy: a target is not among the classes 0 … 2
    got       X (2, 3), cr.tensor([0, 7]) (2,) int64
    hint      first at index [1]
    """
    nn.functional.cross_entropy(X, cr.tensor([0, 7]))


@mistake
def test_hook_that_is_no_function() -> None:
    """ArgumentError: a hook is a function of the gradient, not int"""
    P.register_hook(3)


# -- empty batches -------------------------------------------------------------------------------


@mistake
def test_loss_of_an_empty_batch() -> None:
    """ShapeError: cross_entropy: the mean loss of an empty batch does not exist
    got       X[:0] (0, 3), K[:0] (0,) int64
    hint      skip empty batches, or use reduction='sum', which is 0
    """
    nn.functional.cross_entropy(X[:0], K[:0])


@mistake
def test_maximum_of_nothing() -> None:
    """DimError: amax: axis 0 has no entries, so it has no maximum or minimum
    got       X[:0] (0, 3)
    """
    X[:0].max()


# -- foreign objects -----------------------------------------------------------------------------


@mistake
def test_array() -> None:
    """ArgumentError: add: an operand is of type numpy.ndarray, not a tensor
    got       array([1., 1., 1.])
    hint      make it a tensor first: cr.tensor(...)
    """
    X + np.ones(3)


@mistake
def test_array_on_the_left() -> None:
    """ArgumentError: NumPy's add was given a tensor
    got       ndarray (3,), Tensor (2, 3)
    hint      make an array a tensor, cr.tensor(array), and use the functions of chainrule;
              or take the values out: x.detach().numpy()
    """
    np.ones(3) + X


@mistake
def test_function_of_numpy() -> None:
    """ArgumentError: NumPy's exp was given a tensor
    got       Tensor (2, 3)
    hint      make an array a tensor, cr.tensor(array), and use the functions of chainrule;
              or take the values out: x.detach().numpy()
    """
    np.exp(X)


@mistake
def test_nothing() -> None:
    """ArgumentError: mul: an operand is of type NoneType, not a tensor
    got       None
    hint      a function that ends without `return` gives None
    """
    X * None


@mistake
def test_word() -> None:
    """ArgumentError: sub: an operand is of type str, not a tensor
    got       'one'
    hint      make it a tensor first: cr.tensor(...)
    """
    X - "one"


@mistake
def test_plain_list() -> None:
    """ArgumentError: mul: an operand is of type list, not a tensor
    got       [1, 2, 3]
    hint      make it a tensor first: cr.tensor(...)
    """
    X * [1, 2, 3]


@mistake
def test_word_as_data() -> None:
    """ArgumentError: a tensor is made of numbers, not of str
    got       'abc'
    """
    cr.tensor("abc")


@mistake
def test_number_as_gradient() -> None:
    """ArgumentError: .grad takes a tensor or None, not float"""
    P.grad = 1.0


def test_tensors_of_pytorch() -> None:
    torch = pytest.importorskip("torch")
    for mix in (lambda t: X + t, lambda t: t + X):
        with pytest.raises(cr.errors.ArgumentError) as caught:
            mix(torch.ones(3))
        assert caught.value.fact == "an operand is of type torch.Tensor, not a tensor"
        assert caught.value.got == "tensor([1., 1., 1.])"
    assert cr.tensor(torch.ones(3)).tolist() == [1, 1, 1]


def test_numbers_of_numpy_are_numbers() -> None:
    assert (np.float64(2) * X).tolist() == (X * np.float32(2)).tolist() == (X * 2).tolist()
    assert (np.int64(4) > X).tolist() == [[True] * 3, [False] * 3]
