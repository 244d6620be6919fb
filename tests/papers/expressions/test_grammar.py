"""Formulas that are typed: what is read, and what is refused, with its place."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chainrule.papers.expressions import (
    Binary,
    Call,
    ExpressionError,
    Name,
    Number,
    Relation,
    Row,
    Unary,
    names_of,
    parse,
)
from chainrule.papers.expressions.grammar import FUNCTIONS


@pytest.mark.parametrize(
    ("text", "plain"),
    [
        ("1/2", "1/2"),
        ("2x", "2*x"),
        ("-x^2", "-x^2"),
        ("(-x)^2", "(-x)^2"),
        ("2^3^4", "2^3^4"),
        ("(2^3)^4", "(2^3)^4"),
        ("a-(b-c)", "a - (b - c)"),
        ("a/(b*c)", "a/(b*c)"),
        ("(a+b)(a-b)", "(a + b)*(a - b)"),
        ("3(a + 1)", "3*(a + 1)"),
        ("x**2", "x^2"),
        ("+3", "3"),
        ("1e-3", "1e-3"),
        ("log 2", "log(2)"),
        ("log_2(8)", "log(8, 2)"),
        ("max(1, x, y)", "max(1, x, y)"),
        ("[[1, 2], [3, 4]]", "[[1, 2], [3, 4]]"),
        ("(1, 2)", "[1, 2]"),
        ("y = 2x", "y = 2*x"),
        ("a <= b", "a <= b"),
        ("h'", "h'"),
        ("x_{12}", "x_12"),
        ("w_{t-1}'", "w_{t-1}'"),
        ("w_{a_b}", "w_a_b"),
        ("w_{1,2}", "w_12"),
        ("x₁² + α", "x_1^2 + alpha"),
        ("x⁻¹", "x^-1"),
        ("2·3 × 4 ÷ 5 − 6", "2*3*4/5 - 6"),
        ("½ y", "1/2*y"),
        ("√3", "sqrt(3)"),
        ("ȳ + h̄", "y_bar + h_bar"),
        (r"\frac{1}{2}x", "1/2*x"),
        (r"\sqrt{2}", "sqrt(2)"),
        (r"\sqrt[3]{x_{1}}", "sqrt(x_1, 3)"),
        (r"\log_2 8 \cdot \pi", "log(8, 2)*pi"),
        (r"\log_{10}(x)", "log(x, 10)"),
        (r"\left(1 + \theta\right)^{t-1}", "(1 + theta)^(t - 1)"),
        (r"\begin{pmatrix} 1 & x \\ 3 & 4 \end{pmatrix}", "[[1, x], [3, 4]]"),
        (r"\begin{bmatrix} 1 \\ 3 \end{bmatrix}", "[1, 3]"),
        (r"\hat{y}\,\le\,\mathrm{loss}", "y_hat <= loss"),
        (r"\bar{y} \le \mathrm{loss}", "y_bar <= loss"),
        ("$x^2$", "x^2"),
        ("$$x$$", "x"),
        (r"\varepsilon", "epsilon"),
    ],
)
def test_what_is_read(text, plain):
    assert str(parse(text)) == plain


@pytest.mark.parametrize(
    ("text", "fact", "column"),
    [
        ("", "the formula is empty", 1),
        ("2*(3 + x", "a bracket is never closed", 3),
        ("(3 + x]", "']' stands where a bracket is to be closed", 1),
        ("1 +", "a number, a name or a bracket is missing: there is the end", 4),
        ("1/2x", "what is divided by is not clear", 4),
        ("2^3x", "where the exponent ends is not clear", 4),
        ("f(x)", "f is not a function", 2),
        ("x y", "an operator is missing", 3),
        ("3 4", "two numbers stand side by side", 3),
        ("1_000", "'_' is not understood here", 2),
        ("a < b < c", "there are two comparisons", 7),
        ("sin 2x", "what sin is taken of is not clear", 6),
        ("tanh(1, 2)", "tanh takes 1 argument, not 2", 11),
        ("log(1, 2, 3)", "log takes 1 to 2 arguments, not 3", 13),
        ("x_", "a subscript is missing", 3),
        ("x_+", "a subscript is missing", 0),
        ("x_{a*b}", "a subscript is not understood", 5),
        ("x_{,}", "a subscript is empty", 0),
        ("5%", "'%' has no meaning in a formula", 2),
        ("|x|", "'|' has no meaning in a formula", 1),
        ("x\u202e", "the character U+202E has no meaning", 2),
        (r"\foo{1}", r"\foo is not understood", 1),
        (r"\frac{1}2", "{ is missing", 9),
        (r"\begin{array} 1 \end{array}", r"\begin{array} is not understood", 0),
        (r"\begin{pmatrix} 1 \end{bmatrix}", r"\begin{pmatrix} is closed by another name", 0),
        ("1" * 4001, "the formula has 4001 characters", 0),
        ("9" * 401, "a number has 401 digits", 1),
        ("1e401", "the exponent of a number is too large", 1),
        ("(" * 3000, "the formula is nested too deeply", 0),
        ("+".join("1" * 300), "the formula is too long", 0),
        ("(1)" * 600, "the formula is too long", 0),
        ("-" * 3000, "the formula is nested too deeply", 0),
        ("2^" * 1500 + "2", "the formula is nested too deeply", 0),
        ("sin " * 900 + "2", "the formula is nested too deeply", 0),
    ],
)  # fmt: skip
def test_what_is_refused(text, fact, column):
    with pytest.raises(ExpressionError) as caught:
        parse(text)
    assert fact in str(caught.value)
    if column:
        assert caught.value.column == column


def test_hints_say_what_to_write():
    for text, hint in [("1/2x", "1/(2x)"), ("f(x)", "f*(…)"), ("|x|", "abs(x)"), ("5%", "5/100")]:
        with pytest.raises(ExpressionError) as caught:
            parse(text)
        assert hint in caught.value.hint


def test_names_in_order():
    assert names_of(parse("b*(a + b) = sqrt(c)")) == ["b", "a", "c"]


numbers = st.one_of(
    st.integers(0, 10**6).map(str), st.decimals(0, 1000, places=3).map(lambda d: f"{d:f}")
).map(Number)
names = st.sampled_from(["x", "W1", "alpha", "h'", "x_12", "theta_t"]).map(Name)


def wider(trees):
    """Trees of which one part is drawn from `trees`."""
    unary = [name for name, (least, _) in sorted(FUNCTIONS.items()) if least == 1]
    return st.one_of(
        trees.map(Unary),
        st.builds(Binary, st.sampled_from("+-*/^"), trees, trees),
        st.builds(lambda f, a: Call(f, (a,)), st.sampled_from(unary), trees),
        st.lists(trees, min_size=1, max_size=3).map(lambda parts: Row(tuple(parts))),
    )


trees = st.recursive(numbers | names, wider, max_leaves=12)


@given(trees)
def test_text_reads_back_as_the_same_tree(tree):
    assert parse(str(tree)) == tree


@given(trees, st.sampled_from(["=", "!=", "<", "<=", ">", ">="]), trees)
def test_relations_read_back(left, op, right):
    tree = Relation(op, left, right)
    assert parse(str(tree)) == tree


@given(st.text(max_size=300))
def test_any_text_is_read_or_refused(text):
    try:
        tree = parse(text)
    except ExpressionError:
        return
    assert parse(str(tree)) == tree


PIECES = (
    "1 2.5 x alpha ( ) [ ] { } , + - * / ^ _ ' = < \\frac \\sqrt \\pi sqrt log \\log ² ₁ ½ e & $ "
    "\\begin{pmatrix} \\end{pmatrix} \\\\ \\bar ȳ 10^10"
)
FORMULA = st.lists(st.sampled_from(PIECES.split(" ")), max_size=40).map("".join)


@given(FORMULA)
def test_anything_like_a_formula_is_read_or_refused(text):
    try:
        tree = parse(text)
    except ExpressionError:
        return
    assert parse(str(tree)) == tree
