"""Formulas of one line, in print."""

import pytest

import chainrule as cr
from chainrule.readings.explain.explanation import rows_text
from chainrule.readings.explain.ordered import formula_latex, formula_text
from chainrule.readings.explain.typeset import typeset


@pytest.mark.parametrize(
    ("text", "printed"),
    [
        ("W1ᵀ @ x + b1", "W₁ᵀ @ x + b₁"),
        ("h̄2 * (1 - h2 ** 2)", "h̄₂ · (1 - h₂²)"),
        ("2*pi*x1*(y - d)", "2π·x₁·(y - d)"),
        ("x**2*y + x**-1", "x²·y + x⁻¹"),
        ("10000 ** (2 * i / 512)", "10000^(2 · i / 512)"),
        ("(9/10)**t", "(9/10)ᵗ"),
        ("-3.5e-05", "-3.5·10⁻⁵"),
        ("x̂1 = 7*sqrt(26)/13", "x̂₁ = 7√26/13"),
        ("-2(d - y)x^T + 2beta*W", "-2(d - y)xᵀ + 2β·W"),
        ("pos / 10000^(2i/d)", "pos / 10000^(2i/d)"),
        ("sqrt(2)/2 + sqrt(1 / n)", "√2/2 + √(1 / n)"),
        ("lambda/Theta_i", "λ/Θᵢ"),
        ("W1_2 + mu_w", "W₁₂ + μ_w"),
        ("∂J1/∂penalty", "∂J₁/∂penalty"),
        ("a·w·σ'(h)", "a·w·σ'(h)"),
    ],
)
def test_formulas(text: str, printed: str) -> None:
    assert typeset(text) == printed
    assert typeset(printed) == printed


@pytest.mark.parametrize(
    "text",
    [
        "h_prev + conv1 + loss2", "net.x1.sum()", "conv2d(x, kernel_size=2)[0, 0]", "unique",
        "with +, -, *; b with square", "float32", "Fraction(1, 2)", "no solution: 12 tried",
    ],
)  # fmt: skip
def test_words_and_code_stay(text: str) -> None:
    assert typeset(text) == text


def test_rows_keep_their_columns() -> None:
    x1 = cr.tensor(3.0, requires_grad=True)
    gamma = x1 * 2
    loss = gamma**2
    found = cr.explain(loss)
    rows = [*rows_text(found.forward, 4, 80, typeset)]
    assert rows == ["     γ = x₁ · 2 = 3 · 2 = 6", "  loss = γ² = 6² = 36"]


def test_no_sum_begins_with_a_minus_if_it_need_not() -> None:
    import sympy

    x, y, rate = sympy.symbols("x y gamma")
    assert formula_text(x - rate * (x + y)) == "x - gamma*(x + y)"
    assert formula_text(rate * (y - x)) == "gamma*(y - x)"
    assert formula_text(-x - y) == "-x - y"
    assert formula_latex(1 - rate / 5, {rate: r"\gamma"}) == r"1 - \frac{\gamma}{5}"
