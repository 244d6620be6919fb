"""Formulas as MathML and as text."""

import pytest

from chainrule.papers.printing.mathml import equations, is_formula, math_text, mathml


@pytest.mark.parametrize(
    ("latex", "text"),
    [
        (r"L(x_1, x_2) = a\,x_1 + b\,x_1 x_2", "L(x₁, x₂) = a x₁ + b x₁ x₂"),
        (r"\bar{u}_1 = \frac{a + b}{2} h_{\mathrm{prev}}", "ū₁ = (a + b)/2 h_prev"),
        (r"\sum_{i=1}^n x_i^2", "∑ᵢ₌₁ⁿ xᵢ²"),
        (r"\begin{bmatrix} 1 & -2 \\ 3 & 4\end{bmatrix}^{\top} x", "[1, −2; 3, 4]ᵀ x"),
        (r"\sqrt{2} + \sqrt{x + 1}", "√2 + √(x + 1)"),
        (r"\begin{aligned} a &= b \\ c &= d \end{aligned}", "a = b; c = d"),
        (r"\operatorname{ReLU}(W^{\top} x)", "ReLU(Wᵀ x)"),
        (r"\mathrm{swish}(W_1 x)", "swish(W₁ x)"),
        (r"\overleftarrow{h}", "h⃖"),
        (r"\left\lfloor \frac{h - k}{s} \right\rfloor + 1", "⌊(h − k)/s⌋ + 1"),
        (r"\frac{\partial L}{\partial w}", "∂L/∂w"),
        (r"e^{-x}", "e^(−x)"),
        (r"\sigma'(w h)", "σ′(w h)"),
        (r"W \in \mathbb{R}^{n \times m}", "W ∈ ℝ^(n × m)"),
        (r"\text{a\_b \& c}", "a_b & c"),
        (r"\nobody{x}", r"\nobody{x}"),
    ],
)
def test_text(latex, text):
    assert math_text(latex) == text


@pytest.mark.parametrize(
    "latex",
    [
        r"\nobody", r"\frac{1}", "}{", "a & b", "", r"\left( x", "x^", r"\newcommand{\a}{\a\a}\a",
        "x" * 20_001, "{" * 2000 + "}" * 2000, r"\def\x{1}",
    ],
)  # fmt: skip
def test_what_cannot_be_converted_is_shown_as_it_was_written(latex):
    assert not is_formula(latex)
    made = mathml(latex)
    assert made.startswith('<code class="latex">')
    assert "<math" not in made


def test_text_in_formulas_is_escaped():
    assert mathml(r"\text{<b>&lt;}") == "<math><mtext>&lt;b&gt;&lt;</mtext></math>"


def test_no_attribute_comes_through_that_could_do_anything():
    made = mathml(r"\href{javascript:alert(1)}{x} \style{color:red}{y} \class{big}{z}")
    assert made == "<math><mrow><mi>x</mi><mi>y</mi><mi>z</mi></mrow></math>"


def test_a_matrix_under_an_exponent_is_one():
    made = mathml(r"\begin{bmatrix} 1 \\ 2 \end{bmatrix}^{\top}")
    assert made.startswith("<math><msup><mrow><mo>[</mo><mtable>")
    assert made.endswith("<mo>⊤</mo></msup></math>")


def test_words_are_one_identifier():
    assert "<mi>prev</mi>" in mathml(r"h_{\mathrm{prev}}")


def test_a_minus_with_nothing_before_it_is_a_sign():
    assert '<mo>=</mo><mo form="prefix">−</mo>' in mathml("x = -2")
    assert "<mi>x</mi><mo>−</mo><mn>2</mn>" in mathml("x - 2")


def test_brackets_grow_only_around_what_is_high():
    assert 'stretchy="false">(</mo>' in mathml(r"\left(x_1\right)")
    assert 'stretchy="true">(</mo>' in mathml(r"\left(\frac{1}{2}\right)")


def test_display_and_large():
    assert mathml("x", display=True).startswith('<math display="block">')
    assert mathml("x", large=True).startswith('<math displaystyle="true">')


@pytest.mark.parametrize(
    ("row", "parts"),
    [
        ("y = x + 1 = 3", ["y", "x + 1", "3"]),
        ("x", ["x"]),
        (r"p = f(a = 1) = \left[b = 2\right]", ["p", "f(a = 1)", r"\left[b = 2\right]"]),
        (r"W = \begin{matrix} a = b \end{matrix}", ["W", r"\begin{matrix} a = b \end{matrix}"]),
        (r"a = \{b = c\}", ["a", r"\{b = c\}"]),
    ],
)  # fmt: skip
def test_a_row_is_cut_at_its_equals_signs(row, parts):
    assert equations(row) == parts


def test_names_of_functions_are_upright_whatever_they_are_made_of():
    assert "<mtext>max-pool2d</mtext>" in mathml(r"\operatorname{max-pool2d}(x)")
    assert "<mtext>conv2d</mtext>" in mathml(r"\operatorname{conv2d}(x)")
    assert math_text(r"y = \mathrm{ReLU}(\mathrm{h}_1)") == "y = ReLU(h₁)"
