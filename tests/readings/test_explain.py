"""Explanations: formulas, substitutions, values, and how they are laid out."""

import json
from fractions import Fraction

import numpy as np
import pytest

import chainrule as cr
from chainrule import nn
from chainrule.core.errors import ArgumentError, CaptureError
from chainrule.core.names import named
from chainrule.core.op import Op, example, registry
from chainrule.ops.losses.class_losses import cross_entropy
from chainrule.readings.explain import explain
from chainrule.readings.explain.naming import width


def parameter(data, dtype=cr.float64):
    return cr.tensor(data, dtype=dtype, requires_grad=True)


def formulas(rows):
    return {row.name: row.formula for row in rows}


def layer():
    """One layer with a vector on the right; W is wide, so that no shape fits by accident."""
    W, b = parameter([[1.0, -2.0, 0.5], [0.25, 3.0, -1.0]]), parameter([0.5, -0.5])
    x = cr.tensor([1.0, 2.0, 4.0], dtype=cr.float64)
    u = W @ x + b
    h = u.tanh()
    loss = h.sum()
    return loss, {"W": W, "b": b, "u": u, "h": h}


def test_forward_rows_are_the_lines_of_the_code():
    loss, _ = layer()
    assert formulas(explain(loss).forward) == {"u": "W @ x + b", "h": "tanh(u)", "loss": "sum(h)"}


def test_substitution_and_value():
    x = parameter(3.0)
    y = x * x - 2
    (row,) = explain(y).forward
    assert (row.name, row.formula, row.substitution) == ("y", "x * x - 2", "3 * 3 - 2")
    assert row.value == 7


def test_adjoints_are_read_off_the_graph():
    loss, _ = layer()
    found = explain(loss)
    assert formulas(found.adjoints) == {
        "h̄": "1",
        "ū": "h̄ * (1 - h ** 2)",
        "b̄": "ū",
        "W̄": "ū @ xᵀ",
    }
    assert formulas(found.derivatives) == {"∂h/∂u": "1 - h ** 2"}
    assert [row.name for row in found.gradients] == ["W̄", "b̄"]


def test_gradients_are_those_of_backward_and_leave_no_trace():
    loss, values = layer()
    found = explain(loss)
    assert values["W"].grad is None
    loss.backward()
    for row, name in zip(found.gradients, ("W", "b"), strict=True):
        np.testing.assert_array_equal(row.value, values[name].grad.numpy())


def test_a_transposed_product_is_written_with_its_factors():
    W, x = parameter(np.ones((3, 2))), cr.ones(3, dtype=cr.float64)
    u = W.T @ x
    assert formulas(explain((u * u).sum()).gradients) == {"W̄": "x @ ūᵀ"}


def test_a_sum_over_several_consumers():
    x = parameter(2.0)
    y = x.exp()
    a, b = y * 3, y.log()
    assert formulas(explain(a * b).adjoints)["ȳ"] == "b̄ * (1 / y) + ā * 3"


def test_a_long_sum_is_abridged():
    p, total = parameter(1.0), 0
    for _ in range(50):
        total = total + p * 2
    (row,) = explain(total).gradients
    assert row.formula.endswith("(50 terms)")
    assert len(row.formula) < 200


@pytest.mark.parametrize(
    ("make", "formula"),
    [
        (lambda a, b: a - (b - a), "a - (b - a)"),
        (lambda a, b: (a - b) - a, "a - b - a"),
        (lambda a, b: (a + b) * b, "(a + b) * b"),
        (lambda a, b: a / (b * a), "a / (b * a)"),
        (lambda a, b: -(a + b), "-(a + b)"),
        (lambda a, b: (-a) ** 2, "(-a) ** 2"),
        (lambda a, b: -(a**2), "-a ** 2"),
        (lambda a, b: (a**b) ** 2, "(a ** b) ** 2"),
        (lambda a, b: a * -b, "a * (-b)"),
        (lambda a, b: (a - b).abs(), "|a - b|"),
        (lambda a, b: a + (b + 1), "a + (b + 1)"),
        (lambda a, b: (a > b).to(cr.float64) * a, "(a > b) * a"),
    ],
)
def test_brackets(make, formula):
    a, b = named(parameter(2.0), "a"), named(parameter(3.0), "b")
    with cr.record():
        y = make(a, b)
    assert explain(y).forward[0].formula == formula


def test_a_matrix_product_beside_other_products():
    a, b = named(parameter(np.eye(2)), "a"), named(parameter(np.eye(2)), "b")
    y = (a * b) @ b / 2
    assert explain(y).forward[0].formula == "((a * b) @ b) / 2"


def test_exact_values_stay_exact():
    w = parameter([1, Fraction(1, 2)], cr.exact)
    x = cr.tensor([Fraction(1, 3), 2], dtype=cr.exact)
    y = (w * x).sum()
    found = explain(y)
    assert str(found).splitlines()[1] == "  y = sum(w * x) = sum([1, 1/2] * [1/3, 2]) = 4/3"
    assert str(found).splitlines()[-1] == "  w̄ = x = [1/3, 2]"


def test_one_of_several_outputs():
    z = parameter([1.0, 3.0, 2.0])
    top, _ = z.max(dim=0)
    found = explain(top * 2)
    assert found.forward[0].formula == "max(z, dim=0).values"
    assert list(found.gradients[0].value) == [0, 2, 0]


def test_attributes_that_are_not_as_usual():
    logits, target = parameter([[1.0, 2.0]]), cr.tensor([1])
    loss = cross_entropy(logits, target, reduction="sum")
    assert explain(loss).forward[0].formula == "cross_entropy(logits, target, reduction='sum')"


def test_layers_have_names_that_are_no_numbers():
    net = nn.Sequential(nn.Linear(2, 1), nn.Sigmoid())
    x = cr.ones(1, 2)
    found = explain(net(x).sum())
    assert formulas(found.forward) == {
        "h₀": "x @ weight₀ᵀ + bias₀",
        "h₁": "sigmoid(h₀)",
        "loss": "sum(h₁)",
    }


def test_without_a_gradient_there_is_the_forward_table_alone():
    with cr.record():
        y = cr.tensor(2.0) * 3
    found = explain(y)
    assert [row.formula for row in found.forward] == ["2 * 3"]
    assert found.adjoints == ()


def test_zoom_on_ops_and_primitives():
    x = parameter(0.5)
    y = (x * 2).sigmoid()
    assert formulas(explain(y, zoom="ops").forward) == {"v2": "x * 2", "y": "sigmoid(v2)"}
    opened = [row.formula for row in explain(y, zoom="primitives").forward]
    assert opened[1:3] == ["-v2", "exp(v3)"]
    (gradient,) = explain(y, zoom="primitives").gradients
    assert gradient.value == pytest.approx(2 * y.item() * (1 - y.item()))


def test_a_long_formula_is_cut_where_nothing_has_a_name():
    x = parameter(0.5)
    y = ((x * 2 + 1).exp() * 3 - x).tanh().sin()
    assert len(explain(y).forward) == 2


def test_a_chain_of_thousands_is_no_recursion():
    x = parameter(1.0)
    for _ in range(3000):
        x = x * 1.0001
    assert len(explain(x).forward) == 3000


@pytest.mark.parametrize("columns", [48, 72, 100])
def test_lines_fit(columns):
    loss, _ = layer()
    assert max(map(width, explain(loss).text(columns).splitlines())) <= columns


def test_layout():
    loss, _ = layer()
    assert (
        str(explain(loss, decimals=2).text(60))
        == """\
Forward
     u = W @ x + b
       = [[1, -2, 0.5], [0.25, 3, -1]] @ [1, 2, 4] +
         [0.5, -0.5]
       = [-0.5, 1.75]
     h = tanh(u) = tanh([-0.5, 1.75]) = [-0.46, 0.94]
  loss = sum(h) = sum([-0.46, 0.94]) = 0.48

Local derivatives
  ∂h/∂u = 1 - h ** 2 = 1 - [-0.46, 0.94] ** 2 = [0.79, 0.11]

Adjoints: v̄ is the derivative of loss by v
  h̄ = 1 = [1, 1]
  ū = h̄ * (1 - h ** 2)
    = [1, 1] * (1 - [-0.46, 0.94] ** 2)
    = [0.79, 0.11]

Gradients of loss
  W̄ = ū @ xᵀ
    = [0.79, 0.11] @ [1, 2, 4]ᵀ
    = [[0.79, 1.57, 3.15],
       [0.11, 0.23, 0.46]]
  b̄ = ū = [0.79, 0.11]"""
    )


def test_json_has_all_digits():
    loss, _ = layer()
    found = json.loads(json.dumps(explain(loss).to_dict()))
    assert found["loss"] == "loss"
    assert found["forward"][0]["value"] == [-0.5, 1.75]
    assert found["gradients"][1]["value"] == list(explain(loss).gradients[1].value)


def test_json_of_exact_and_infinite_values():
    x = parameter([Fraction(1, 3), 2], cr.exact)
    y = x * 2
    assert explain(y).to_dict()["forward"][0]["value"] == ["2/3", "4"]
    z = parameter(0.0).log()
    assert explain(z).to_dict()["forward"][0]["value"] == "-inf"


def test_a_new_op_is_explained_as_a_function():
    class TripleBump(Op):
        """x^2 + a x, entry by entry."""

        examples = (example((2,)),)

        def forward(self, xp, x, *, a=1.0):
            return xp.add(xp.multiply(x, x), xp.multiply(x, a))

    try:
        x = parameter(3.0)
        y = TripleBump()(x, a=2.0)
        found = explain(y)
    finally:
        del registry["triple_bump"]
    assert found.forward[0].formula == "triple_bump(x, a=2.0)"
    assert found.gradients[0].formula == "2 + x + x"
    assert found.gradients[0].value == 8


def test_no_history():
    with pytest.raises(ArgumentError) as caught:
        explain(cr.tensor(2.0))
    assert caught.value.fact == "this tensor has no history to explain"
    assert "cr.record()" in caught.value.hint


def test_no_tensor_and_no_such_zoom():
    with pytest.raises(ArgumentError, match="takes a tensor, not a float"):
        explain(2.0)
    with pytest.raises(ArgumentError, match="zoom is 'near'"):
        explain(parameter(1.0) * 2, zoom="near")


def test_no_values_while_capturing():
    with pytest.raises(CaptureError, match="explain"):
        cr.capture(lambda x: explain(x * 2), cr.spec())


def test_a_number_set_among_zeros_is_not_that_number_everywhere():
    """The adjoint of one entry is 1 there, and 0 elsewhere."""
    x = parameter([1.0, 2.0])
    y = x * x
    loss = y.sum() + y[1]
    (row,) = (row for row in explain(loss).adjoints if row.name == "ȳ")
    assert row.formula == "place([1]₁, index=(1:2,), shape=2) + 1"
    assert row.value.tolist() == [1, 2]


def test_an_index_is_written_as_one():
    x = parameter([[1.0, 2.0, 3.0], [4.0, 5.0, 6.0]])
    y = (x * 2)[0, 1:] + x[1, ::2]
    loss = y.sum()
    assert formulas(explain(loss).forward)["y"] == "(x * 2)[0, 1:3] + x[1, 0:3:2]"


def test_a_dot_product_has_scaled_vectors_as_adjoints():
    q, k = parameter([1.0, 2.0]), parameter([3.0, -1.0])
    s = q @ k
    loss = s * s
    found = formulas(explain(loss).gradients)
    assert found == {"q̄": "s̄ * k", "k̄": "s̄ * q"}


def test_in_primitives_a_copy_has_no_name_of_its_own():
    """Its adjoint would be that of what was copied."""
    x = parameter([1.0, 2.0])
    y = x * 3
    z = y.clone()
    loss = (y * z).sum()
    found = explain(loss, zoom="primitives")
    assert "z" not in formulas(found.forward)
    (row,) = (row for row in found.adjoints if row.name == "ȳ")
    assert row.value.tolist() == (2 * y).tolist()


@pytest.mark.parametrize("decimals", [-1, 1.5, "4", True])
def test_decimals_are_counted(decimals):
    with pytest.raises(ArgumentError, match="decimals is"):
        explain(layer()[0], decimals=decimals)


def test_outputs_are_called_as_the_code_calls_them():
    x = parameter([[1.0, 5.0], [4.0, 2.0]])
    loss = x.max(1).values.sum()
    assert formulas(explain(loss).forward) == {"loss": "sum(max(x, dim=1).values)"}
