"""Formulas in LaTeX: brackets where the layout leaves a doubt, and nowhere else."""

from fractions import Fraction

import pytest

import chainrule as cr
from chainrule.core.names import named
from chainrule.core.op import Op, example
from chainrule.readings.explain import explain
from chainrule.readings.explain.style_latex import looks


def parameter(data, dtype=cr.float64):
    return cr.tensor(data, dtype=dtype, requires_grad=True)


def formula(y, row=-1):
    return explain(y).forward[row].latex()[1]


@pytest.mark.parametrize(
    ("make", "latex"),
    [
        (lambda a, b: a - (b - a), "a - (b - a)"),
        (lambda a, b: (a - b) - a, "a - b - a"),
        (lambda a, b: (a + b) * b, r"(a + b) \cdot b"),
        (lambda a, b: (a + b) / b, r"\frac{a + b}{b}"),
        (lambda a, b: a * (b / a), r"a \cdot \frac{b}{a}"),
        (lambda a, b: (b / a) ** 2, r"\left(\frac{b}{a}\right)^{2}"),
        (lambda a, b: (a**b) ** 2, r"(a^{b})^{2}"),
        (lambda a, b: (a**2).exp(), "e^{a^{2}}"),
        (lambda a, b: a.exp() ** 2, "(e^{a})^{2}"),
        (lambda a, b: -(a * b), r"-a \cdot b"),
        (lambda a, b: -(a + b), "-(a + b)"),
        (lambda a, b: a * -b, r"a \cdot (-b)"),
        (lambda a, b: (a - b).abs(), r"\left|a - b\right|"),
        (lambda a, b: (a / b).tanh(), r"\tanh\left(\frac{a}{b}\right)"),
        (lambda a, b: (a * b).log() * a, r"\ln(a \cdot b) \cdot a"),
        (lambda a, b: cr.nn.functional.silu(a) ** 2, r"(a \, \sigma(a))^{2}"),
        (lambda a, b: (a > b).to(cr.float64) * a, r"(a > b) \cdot a"),
    ],
)
def test_brackets(make, latex):
    a, b = named(parameter(2.0), "a"), named(parameter(3.0), "b")
    with cr.record():
        y = make(a, b)
    assert formula(y) == latex


def test_substitution_and_value():
    w, x = parameter(Fraction(-2, 3), cr.exact), cr.tensor(3, dtype=cr.exact)
    y = w * x - w
    row = explain(y).forward[0]
    assert row.latex() == [
        "y", r"w \cdot x - w", r"-\frac{2}{3} \cdot 3 - \left(-\frac{2}{3}\right)", r"-\frac{4}{3}",
    ]  # fmt: skip


def test_matrices_are_transposed_and_entries_multiplied():
    W, x = parameter([[1.0, 2.0], [3.0, 4.0]]), cr.tensor([[1.0, -1.0]], dtype=cr.float64)
    u = x @ W.T
    y = (u * u).sum()
    found = explain(y)
    assert found.forward[0].latex()[1] == r"x\,W^{\top}"
    assert found.forward[1].latex()[1] == r"\sum u \odot u"
    assert found.gradients[0].latex()[:2] == [r"\bar{W}", r"\bar{u}^{\top}\,x"]


def test_a_number_before_a_vector_needs_no_circle():
    x = parameter([1.0, 2.0])
    y = 2 * x
    assert formula(y) == r"2 \cdot x"


def test_abstract_functions():
    sigma = cr.abstract("sigma")
    w, h = cr.symbols("w h")
    w.requires_grad_()
    y = sigma(w * h) * 2
    found = explain(y)
    assert found.forward[0].latex() == [
        "y", r"\sigma(w \cdot h) \cdot 2", r"2 \sigma\left(h w\right)",
    ]  # fmt: skip
    assert found.gradients[0].latex()[1] == r"2 \cdot \sigma'(w \cdot h) \cdot h"


def test_a_long_sum_is_abridged():
    p, total = parameter(1.0), 0
    for _ in range(50):
        total = total + p.exp()
    row = explain(total).gradients[0]
    assert r" + \cdots + " in row.latex()[1]
    assert row.latex()[1].endswith(r" \quad \text{(50 terms)}")


def test_attributes_are_told_where_they_are_not_as_usual():
    x = parameter([[1.0, 2.0], [3.0, 4.0]])
    assert formula(x.sum(dim=0)) == r"\sum_{\text{dim}=0} x"
    y = cr.nn.functional.softmax(x, dim=1)
    assert formula(y) == r"\operatorname{softmax}_{\text{dim}=1}(x)"
    z = cr.nn.functional.avg_pool1d(x, 2, stride=1)
    assert formula(z) == r"\operatorname{avg-pool1d}(x;\, \text{kernel\_size}=2,\, \text{stride}=1)"


def test_the_axis_of_a_vector_is_not_told():
    z = parameter([1.0, 2.0])
    assert formula(z.softmax(dim=0)) == r"\operatorname{softmax}(z)"


def test_no_operand_is_lost_where_the_notation_has_no_place_for_it():
    z, weight = parameter([[1.0, 2.0]]), cr.tensor([1.0, 3.0], dtype=cr.float64)
    loss = cr.nn.functional.cross_entropy(z, cr.tensor([1]), weight=weight)
    assert formula(loss).startswith(r"\operatorname{cross-entropy}\left(z, ")
    assert formula(loss).endswith(r"\mathrm{weight}\right)")


def test_one_of_several_outputs():
    z = parameter([1.0, 3.0, 2.0])
    top, _ = z.max(dim=0)
    (row, _) = explain(top * 2).forward
    assert row.latex()[1] == r"\max(z)\text{.values}"


def test_an_op_without_latex_is_a_function():
    class HalfSquare(Op):
        """Half of x², entry by entry."""

        examples = (example(()),)

        def forward(self, xp, x):
            return xp.divide(xp.multiply(x, x), 2)

    x = parameter(3.0)
    y = HalfSquare()(x)
    assert explain(y).forward[0].latex() == [
        "y", r"\operatorname{half-square}(x)", r"\operatorname{half-square}(3)", "4.5",
    ]  # fmt: skip


def test_the_whole_explanation():
    x = parameter(3.0)
    J = x * x
    lines = explain(J).latex().splitlines()
    assert lines == [
        r"\begin{aligned}",
        r"&\textbf{Forward} \\",
        r"J &= x \cdot x = 3 \cdot 3 = 9 \\",
        r"&\textbf{Gradients of J} \\",
        r"\bar{x} &= x + x = 3 + 3 = 6 \\",
        r"\end{aligned}",
    ]


@pytest.mark.parametrize(
    ("latex", "precedence"),
    [
        (r"\frac{a}{\sqrt{b + 1}}", 3), (r"\frac{a}{b} \, c", 2), (r"\lfloor x \rfloor", 100),
        (r"\left|x - y\right|", 100), ("x^{2}", 4), (r"x \approx y", -1), (r"\log_2(x)", 100),
        (r"\begin{cases} x & y \end{cases}", 1), (r"\operatorname{erf}(x)", 100),
    ],
)  # fmt: skip
def test_how_a_notation_holds_together(latex, precedence):
    assert looks(latex) == precedence
