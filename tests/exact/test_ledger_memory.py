"""Answers to exam questions on types and storage, from the tensors and layers themselves."""

from __future__ import annotations

import chainrule as cr
from chainrule import nn

# -- paper 3, question 2b: the bytes of a 3 x 3 x 3 filter in half precision ----------------------

VOLUME = (3, 1, 6, 6, 7)


def test_bytes_of_a_filter() -> None:
    """27 weights of 2 bytes are 54 bytes; with a bias, which the question does not mention, 56."""
    for bias, wanted in ((False, 54), (True, 56)):
        conv = nn.Conv3d(1, 1, 3, bias=bias)
        assert cr.analysis.memory(conv, VOLUME, dtype=cr.float16).parameters == wanted
        half = cr.analysis.memory(conv.half(), cr.spec(*VOLUME, dtype=cr.float16))
        assert half.parameters == wanted
        assert f"{wanted // 2} × 2 = {wanted} bytes" in str(half)


def test_other_types_side_by_side() -> None:
    conv = nn.Conv3d(1, 1, 3, bias=False)
    found = {
        dtype: cr.analysis.memory(conv, VOLUME, dtype=dtype).parameters
        for dtype in ("float64", "float32", "float16", "int8")
    }
    assert found == {"float64": 216, "float32": 108, "float16": 54, "int8": 27}


# -- paper 4, question 1a-ii: a [2, 1, 3] tensor of whole numbers as a literal --------------------


def test_a_literal_of_whole_numbers() -> None:
    """The published literal, with its decimal points, is of floats."""
    whole = cr.tensor([[[1, 2, 3]], [[7, 8, 9]]])
    published = cr.tensor([[[1.0, 2.0, 3.0]], [[7.0, 8.0, 9.0]]])
    assert whole.shape == published.shape == (2, 1, 3)
    assert whole.dtype is cr.int64
    assert published.dtype.is_floating_point
    assert whole.tolist() == [[[1, 2, 3]], [[7, 8, 9]]]
    assert (whole.numel() * whole.dtype.itemsize, published.numel() * 4) == (48, 24)
