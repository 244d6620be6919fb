"""Figures: short, true, aligned."""

import math

import numpy as np
import pytest

from chainrule.readings.explain.figures import block, figure, line


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (1.0, "1"),
        (np.float32(0.1), "0.1"),
        (0.99999, "1.0000"),
        (0.8000000000000003, "0.8"),
        (-3.2e-05, "-3.2e-05"),
        (1e-05, "1e-05"),
        (0.0, "0"),
        (-0.0, "0"),
        (1234567.0, "1.2346e+06"),
        (2.5 + 1j, "2.5 + 1i"),
        (1 - 0.5j, "1 - 0.5i"),
        (math.nan, "NaN"),
        (-math.inf, "-∞"),
        (7, "7"),
        (True, "True"),
    ],
)
def test_figures(value, text):
    assert figure(value, 4) == text


def test_no_decimals_at_all():
    assert figure(10.0, 0) == "10"
    assert figure(2.6, 0) == "3"


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (np.arange(3), "[0, 1, 2]"),
        (np.zeros(17), "[0, 0, … 17]"),
        (np.zeros((2, 3, 4)), "[[[0, 0, …]], … 2×3×4]"),
        (np.zeros((0, 3)), "[]"),
        (np.float64(0.5), "0.5"),
    ],
)
def test_lines(value, text):
    assert line(value, 4) == text


def test_blocks_align_the_points():
    assert block(np.array([[1.0, -20.5], [1 / 3, 0.0]]), 2) == [
        "[[1,    -20.5],",
        " [0.33,   0  ]]",
    ]
    assert block(np.ones((1, 2)), 2) == ["[[1, 1]]"]
    assert block(np.zeros((30, 2)), 2) == ["[[0, 0, …], … 30×2]"]
    assert block(np.array([[0.5, 7.2e-05]]).T, 4) == ["[[0.5   ],", " [0.0001]]"]
    assert block(np.array([[-3e-06, 1.0], [0.25, 1.0]]), 4) == ["[[-3e-06, 1],", " [ 0.25,  1]]"]
