"""What errors say of numbers that a type does not have, and of tensors that cannot be made."""

from __future__ import annotations

import numpy as np

import chainrule as cr
from chainrule.nn import functional as F
from tests.core.mistakes import mistake

X = cr.tensor([[1.0, 2.0, 3.0], [4.0, 5.0, 6.0]])
K = cr.tensor([1, 2])
B = cr.tensor([1, 2], dtype=cr.uint8)
T = cr.tensor([True, False])


@mistake
def test_negative_powers_of_whole_numbers() -> None:
    """ValueCheckError: pow: a negative power of a whole number is a fraction: cast to floats
    got       K (2,) int64, -1 () int64
    """
    K**-1


@mistake
def test_number_that_no_entry_can_be() -> None:
    """ArgumentError: -1 does not fit into uint8"""
    cr.full((2,), -1, dtype=cr.uint8)


@mistake
def test_infinity_among_whole_numbers() -> None:
    """ArgumentError: inf does not fit into int64"""
    K.masked_fill(T, float("inf"))


@mistake
def test_tensor_whose_number_does_not_fit() -> None:
    """ArgumentError: -2.5 does not fit into uint8"""
    B.masked_fill(T, cr.tensor(-2.5))


@mistake
def test_bound_that_does_not_fit() -> None:
    """DTypeError: hardtanh: min_val=-1.0 does not fit into uint8
    got       B (2,) uint8
    hint      cast the tensor first
    """
    F.hardtanh(B)


@mistake
def test_difference_of_truth_values() -> None:
    """DTypeError: sub: truth values have no difference
    hint      x ^ y says where they are not the same; x.to(cr.int64) makes True 1
    """
    X - True


@mistake
def test_multiple_of_a_truth_value_subtracted() -> None:
    """DTypeError: sub needs a tensor of whole-number or floating or complex or exact type, not bool
    hint      x.to(cr.int64) makes True 1 and False 0
    """
    cr.sub(X, T[0], alpha=2)


@mistake
def test_number_first() -> None:
    """ArgumentError: rsub takes a tensor first, not int"""
    cr.rsub(2, X)


@mistake
def test_type_of_something_else() -> None:
    """ArgumentError: result_type takes tensors and numbers"""
    cr.result_type(X, "float32")


@mistake
def test_filling_with_more_than_one_number() -> None:
    """ShapeError: fill_ takes a number or a tensor without axes, not (2,)
    hint      x.copy_(value) broadcasts
    """
    X.clone().fill_(K)


@mistake
def test_zeros_without_sizes() -> None:
    """ArgumentError: zeros misses its sizes
    expected  zeros(2, 3) or zeros((2, 3)); without axes: zeros(())
    """
    cr.zeros()


@mistake
def test_half_of_nothing() -> None:
    """ShapeError: glu halves an axis, and the input has none"""
    F.glu(cr.tensor(1.0))


@mistake
def test_range_of_truth_values() -> None:
    """DTypeError: arange makes numbers, not truth values"""
    cr.arange(5, dtype=cr.bool)


@mistake
def test_range_that_leaves_its_type() -> None:
    """ArgumentError: 299 does not fit into uint8"""
    cr.arange(300, dtype=cr.uint8)


@mistake
def test_step_that_is_cut_off() -> None:
    """ArgumentError: arange with a step of 0 never ends"""
    cr.arange(0, 1, 0.25, dtype=cr.int64)


@mistake
def test_range_without_an_end() -> None:
    """ArgumentError: a range has finite ends and steps, not inf"""
    cr.arange(float("inf"))


@mistake
def test_array_that_is_not_to_be_copied() -> None:
    """ArgumentError: copy=False, and ndarray to float64 tensor needs one
    hint      leave copy out, or pass a tensor of that type
    """
    cr.asarray(np.ones(2), copy=False)
