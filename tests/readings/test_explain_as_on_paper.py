"""Formulas of ops and losses as a textbook writes them, without what only keeps floats safe."""

from collections.abc import Callable

import pytest

import chainrule as cr
from chainrule.nn import functional as F
from chainrule.readings.explain import explain

A = [[2.0, 1.0], [1.0, 3.0]]
Z = [[1.0, 2.0, 0.5], [0.1, -1.0, 2.0]]

GRADIENTS: dict[str, tuple[Callable[..., cr.Tensor], list, str]] = {
    "softplus": (lambda x: F.softplus(x).sum(), [0.5, -1.0], "sigmoid(x)"),
    "std": (lambda x: x.std(correction=0), [0.5, -1.0], "1 / J / 2 * (x - mean(x))"),
    "norm": (lambda x: x.norm(), [3.0, 4.0], "x / J"),
    "half a square": (lambda x: ((x - 1) ** 2 / 2).sum(), [0.5, -1.0], "x - 1"),
    "numbers are gathered": (lambda x: (2 * (x * 3) ** 2).sum(), [0.5, 1.0], "36 * x"),
    "relu": (lambda x: x.relu().sum(), [0.5, -1.0], "where(relu(x) <= 0, 0, 1)"),
    "expm1": (lambda x: x.expm1().sum(), [0.5, -1.0], "exp(x)"),
    "hinge is cut": (lambda x: x.clamp_min(0.0).sum(), [1.0, 2.0], "where(x >= 0, 1, 0)"),
    "clamp": (
        lambda x: x.clamp(-0.5, 1.0).sum(), [0.5, 2.0], "where((x >= -0.5) & (x <= 1), 1, 0)",
    ),
}  # fmt: skip


@pytest.mark.parametrize("name", GRADIENTS)
def test_gradients(name):
    function, data, wanted = GRADIENTS[name]
    x = cr.tensor(data, requires_grad=True)
    J = cr.named(function(x), "J")
    (row,) = explain(J).gradients
    assert row.formula == wanted


def test_what_is_as_usual_is_not_written_and_equal_numbers_once():
    x, w = cr.ones(1, 1, 4, 5).requires_grad_(), cr.ones(1, 1, 2, 2)
    y = F.max_pool2d(x, (2, 2), stride=(2, 2), padding=(0, 0))
    z = F.max_pool2d(x, (2, 1), stride=(1, 1))
    c = F.conv2d(x, w, padding=(1, 1), dilation=2)
    d = F.avg_pool2d(x, 2, padding=(1, 0))
    wanted = {
        "y": "max_pool2d(x, kernel_size=2)",
        "z": "max_pool2d(x, kernel_size=(2, 1), stride=1)",
        "c": "conv2d(x, w, padding=1, dilation=2)",
        "d": "avg_pool2d(x, kernel_size=2, padding=(1, 0))",
    }
    loss = y.sum() + z.sum() + c.sum() + d.sum()
    found = {row.name: row.formula for row in explain(loss).forward}
    assert {name: found[name] for name in wanted} == wanted


def test_axes_that_are_kept_are_no_matter_of_numbers():
    x = cr.tensor([[1.0, 5.0], [2.0, 3.0]], requires_grad=True)
    m = x.amax(1, keepdim=True)
    s, _ = x.sort(dim=1, descending=True)
    found = {row.name: row.formula for row in explain((m * s).sum()).forward}
    assert found["m"] == "amax(x, dim=1)"
    assert "descending=True" in found["s"]


@pytest.mark.parametrize(
    ("make", "formula"),
    [
        (lambda a, b: a + -b, "a - b"),
        (lambda a, b: a + -(b + a), "a - (b + a)"),
        (lambda a, b: a + -(b * a) + b, "a - b * a + b"),
        (lambda a, b: -a + -(b**2), "-a - b ** 2"),
        (lambda a, b: a + b, "a + b"),
    ],
)
def test_what_is_subtracted_has_a_minus(make, formula):
    a, b = (cr.named(cr.tensor(v, requires_grad=True), n) for v, n in ((2.0, "a"), (3.0, "b")))
    (row,) = explain(make(a, b)).forward
    assert row.formula == formula


def test_a_choice_between_formulas_is_shown():
    x = cr.tensor([1.0, 9.0], requires_grad=True)
    J = cr.where(x > 5, x**2, 3 * x).sum()
    assert "where(" in explain(J).gradients[0].formula


def test_what_the_user_chose_is_shown_forward():
    x = cr.tensor([1.0, 2.0], requires_grad=True)
    y = cr.where(x > 0, x, 0)
    assert explain(y.sum()).forward[0].formula.startswith("where(")


def test_classes_are_one_hot():
    z, t = cr.tensor(Z, requires_grad=True), cr.tensor([0, 2])
    J = F.cross_entropy(z, t)
    (row,) = explain(J).gradients
    assert row.formula == "(softmax(z, dim=1) - one_hot(t, num_classes=3)) * (1 / 2)"


def test_numbers_are_not_moved():
    z, t = cr.tensor(Z, requires_grad=True), cr.tensor([0, 2])
    (row,) = explain(F.multi_margin_loss(z, t)).gradients
    assert "0, 1 / 2 * (1 / 3))" in row.formula
    assert "expand(" not in row.formula


def test_a_product():
    x = cr.tensor([2.0, 0.0, 3.0], requires_grad=True)
    J = x.prod()
    (row,) = explain(J).gradients
    assert (row.formula, row.value.tolist()) == ("product_of_others(x)", [0.0, 6.0, 0.0])


def test_soft_margin():
    x, t = cr.tensor([0.5, -1.0], requires_grad=True), cr.tensor([1.0, -1.0])
    J = F.soft_margin_loss(x, t)
    (row,) = explain(J).gradients
    assert row.formula == "-t * sigmoid(-(t * x)) * (1 / 2)"


@pytest.mark.parametrize(
    ("condition", "wanted"),
    [
        (lambda x: (x > -1).logical_and(x < 2), "x > -1 and x < 2"),
        (lambda x: (x > -1) & (x < 2), "(x > -1) & (x < 2)"),
        (lambda x: (x > -1) | (x < 2), "(x > -1) | (x < 2)"),
        (lambda x: ((x > 1) | (x < 0)) & (x < 2), "((x > 1) | (x < 0)) & (x < 2)"),
        (lambda x: ((x > 1).logical_or(x < 0)).logical_and(x < 2), "(x > 1 or x < 0) and x < 2"),
        (lambda x: (x > 1).logical_and(x < 0).logical_or(x < 2), "x > 1 and x < 0 or x < 2"),
        (lambda x: x + 1 > 2 * x, "x + 1 > 2 * x"),
        (lambda x: (x > 1) == (x > 2), "(x > 1) == (x > 2)"),
    ],
)
def test_brackets_of_conditions(condition, wanted):
    x = cr.tensor([1.0, 2.0])
    with cr.record():
        held = condition(x)
    assert [row.formula for row in explain(held).forward] == [wanted]


def test_a_value_that_is_one_function_needs_no_brackets():
    w, d = cr.symbols("w d")
    w.requires_grad_()
    y = cr.abstract("sigma")(w)
    J = cr.abstract("ell")(y, d) * 2
    rows = [*explain(J).adjoints, *explain(J).gradients]
    assert rows[-1].substitution == "2*∂₁ℓ(σ(w), d) * σ'(w)"
    K = cr.abstract("ell")(y, d)
    assert explain(K).gradients[-1].substitution == "∂₁ℓ(σ(w), d) * σ'(w)"


def test_the_length_of_a_vector():
    x = cr.tensor([3.0, 4.0], requires_grad=True)
    n = x.norm()
    assert explain(n).forward[0].formula == "norm(x)"
    n = x.norm(3)
    assert explain(n).forward[0].formula == "vector_norm(x, ord=3)"


def test_axes_of_size_1_that_a_result_gains_or_loses_are_not_told() -> None:
    x = cr.tensor([[1.0, 2.0], [3.0, 4.0]], requires_grad=True)
    row = x.sum(dim=0).reshape(1, 2)
    line = row.exp().squeeze()
    turned = x.exp().flip(0)
    J = (line + turned).sum()
    formulas = {one.name: one.formula for one in cr.explain(J).forward}
    assert formulas["row"] == "sum(x, dim=0)"
    assert formulas["line"] == "exp(row)"
    assert formulas["turned"] == "flip(exp(x), dims=0)"
