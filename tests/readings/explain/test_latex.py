"""Values in LaTeX."""

from fractions import Fraction

import numpy as np
import pytest
import sympy as sp

import chainrule as cr
from chainrule.core.size import Size
from chainrule.readings.explain.latex import latex_of, written_value

h, k = Size.symbol("h"), Size.symbol("k")


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (3, "3"),
        (-0.123456, "-0.1235"),
        (0.99999, "1.0000"),
        (1.8e-06, r"1.8 \times 10^{-6}"),
        (12345678.9, r"1.2346 \times 10^{7}"),
        (float("-inf"), r"-\infty"),
        (float("nan"), r"\mathrm{NaN}"),
        (1 - 2j, "1 - 2i"),
        (Fraction(2, 3), r"\frac{2}{3}"),
        (Fraction(-6, 3), "-2"),
        (sp.sqrt(2) / 2, r"\frac{\sqrt{2}}{2}"),
        (sp.Symbol("h_prev") + sp.log(2), r"h_{\mathrm{prev}} + \ln{\left(2 \right)}"),
        (sp.Symbol("alpha1") ** 2, r"\alpha_{1}^{2}"),
        ((h - k) // 2 + 1, r"\left\lfloor \frac{h - k}{2} \right\rfloor + 1"),
        ((Size.symbol("B"), 3, h), "(B, 3, h)"),
        ((4,), "(4,)"),
        ((), "()"),
        (True, r"\text{True}"),
        ("a_b & c", r"\text{a\_b \& c}"),
        ([1, Fraction(1, 2)], r"\left[1,\; \frac{1}{2}\right]"),
        ([[1, 2], [3, 4]], r"\begin{bmatrix} 1 & 2 \\ 3 & 4 \end{bmatrix}"),
        ([[1, 2], [3]], r"\left[\left[1, 2\right], \left[3\right]\right]"),
        ([], r"\left[\right]"),
        (np.ones((1, 1, 2, 1)), r"\begin{bmatrix} 1 \\ 1 \end{bmatrix}"),
        (np.zeros(30), r"\left[0, 0, \ldots\right]_{30}"),
    ],
)
def test_values(value, text):
    assert latex_of(value) == text


def test_a_tensor_is_its_values_and_without_any_its_shape():
    assert latex_of(cr.tensor([1.0, 2.5])) == r"\left[1, 2.5\right]"
    assert latex_of(cr.zeros(2, 3, device="meta")) == "(2, 3)"


def test_a_large_matrix_is_abridged():
    made = latex_of(np.arange(1200).reshape(30, 40))
    assert made == (
        r"\begin{bmatrix} 0 & 1 & \cdots \\ 40 & 41 & \cdots \\ \vdots & \vdots & \ddots "
        r"\end{bmatrix}_{30 \times 40}"
    )


def test_a_value_of_a_page_is_whole_where_a_line_abridges_it():
    page = np.arange(30).reshape(6, 5)
    assert r"\cdots" not in latex_of(page)
    assert r"\cdots" in written_value(page, 4, most=16)[0]


@pytest.mark.parametrize(
    ("value", "precedence"),
    [(2, 100), (-2, 3), (Fraction(1, 2), 3), (1e-9, 2), (1 + 1j, 1), (sp.Symbol("x") + 1, 1),
     (2 * sp.Symbol("x"), 2), (sp.Symbol("x") ** 2, 4), (sp.sqrt(3), 100), (h + 1, 1)],
)  # fmt: skip
def test_how_tightly_a_value_holds_together(value, precedence):
    assert written_value(value, 4)[1] == precedence
