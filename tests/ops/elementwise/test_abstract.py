"""Abstract functions: derivatives of any order in every mode, SymPy's notation, what is refused."""

import copy

import numpy as np
import pytest
import sympy as sp

import chainrule as cr
from chainrule.core.errors import ArgumentError, DTypeError, ValueCheckError
from chainrule.namespaces.unknown import mark

sigma, ell = cr.abstract("sigma"), cr.abstract("ell")


def test_entry_by_entry_and_broadcast() -> None:
    x, y = cr.symbols("x", (2, 1)), cr.symbols("y", (3,))
    made = ell(x, y)
    assert made.shape == (2, 3)
    assert made.dtype is cr.exact
    assert [str(v) for v in made[1].tolist()] == ["ℓ(x2_1, y1)", "ℓ(x2_1, y2)", "ℓ(x2_1, y3)"]


@pytest.mark.parametrize("order", [1, 2, 3, 4])
def test_higher_orders_are_those_of_sympy(order: int) -> None:
    x = cr.symbols("x").requires_grad_()
    value = found = sigma(3 * x * x)
    for _ in range(order):
        (found,) = cr.autograd.grad(found, [x], create_graph=True)
    wanted = sp.diff(value.item(), x.item(), order)
    assert sp.expand(found.item() - wanted) == 0


def test_forward_mode_is_reverse_mode() -> None:
    x, t = cr.symbols("x", (2,)), cr.symbols("t", (2,))

    def loss(x: cr.Tensor) -> cr.Tensor:
        return (ell(x, t) * sigma(x)).sum()

    assert cr.jacfwd(loss)(x).tolist() == cr.jacrev(loss)(x).tolist()
    hessian = np.asarray(cr.hessian(loss)(x))
    entries = x.tolist()
    wanted = list(sp.hessian(loss(x).item(), entries))
    assert all(sp.expand(a - b) == 0 for a, b in zip(hessian.ravel(), wanted, strict=True))


def test_mixed_partial_derivatives_agree() -> None:
    x, y = (cr.symbols(name).requires_grad_() for name in "xy")
    value = ell(x, y)
    (by_x,) = cr.autograd.grad(value, [x], create_graph=True)
    (by_y,) = cr.autograd.grad(value, [y], create_graph=True)
    (xy,), (yx,) = cr.autograd.grad(by_x, [y]), cr.autograd.grad(by_y, [x])
    assert xy.item() == yx.item() == sp.diff(value.item(), x.item(), y.item())
    assert str(xy.item()) == "∂₁∂₂ℓ(x, y)"


def test_it_is_sympys_function_of_that_name() -> None:
    x = sp.Symbol("x", real=True)
    assert sigma(cr.tensor(x)).item() == sp.Function("sigma", real=True)(x)
    assert cr.abstract("sigma")(cr.tensor(x)).item() == sigma(cr.tensor(x)).item()
    assert copy.deepcopy(sigma)(cr.tensor(x)).item() == sigma(cr.tensor(x)).item()


@pytest.mark.parametrize(
    ("name", "orders", "text", "latex"),
    [
        ("sigma", (0,), "σ", r"\sigma"),
        ("sigma", (3,), "σ'''", r"\sigma'''"),
        ("sigma", (4,), "σ⁽⁴⁾", r"\sigma^{(4)}"),
        ("f", (1,), "f'", "f'"),
        ("loss_fn", (1,), "loss_fn'", r"\operatorname{loss\_fn}'"),
        ("ell", (1, 0), "∂₁ℓ", r"\partial_{1}\ell"),
        ("ell", (2, 1), "∂₁²∂₂ℓ", r"\partial_{1}^{2}\partial_{2}\ell"),
        ("lambda", (0,), "λ", r"\lambda"),
    ],
)
def test_marks(name: str, orders: tuple[int, ...], text: str, latex: str) -> None:
    assert mark(name, orders) == text
    assert mark(name, orders, latex=True) == latex


def test_latex_of_values() -> None:
    x, w = cr.symbols("x w")
    slope = cr.grad(lambda x: sigma(w * x) ** 2)(x).item()
    assert sp.latex(slope) == r"2 w \sigma\left(w x\right) \sigma'\left(w x\right)"
    assert sp.latex(sigma(x).item() ** 2) == r"{\sigma\left(x\right)}^{2}"


def test_explained_as_formula_substitution_and_value() -> None:
    w, h, a = (cr.symbols(name).requires_grad_() for name in "wha")
    u = w * h
    y = sigma(u)
    loss = a * y
    shown = str(cr.explain(loss))
    assert "y = σ(u) = σ(h*w)" in shown
    assert "∂y/∂u = σ'(u) = σ'(h*w)" in shown
    assert "ū = ȳ * σ'(u) = a * σ'(h*w) = a*σ'(h*w)" in shown


def test_numbers_are_exact_operands() -> None:
    assert str(sigma(0.1).item()) == "σ(1/10)"
    assert str(ell(cr.symbols("x"), 2).item()) == "ℓ(x, 2)"
    assert str((sigma(0) < 1).item()) == "σ(0) < 1"


def test_a_graph_with_one_runs_again() -> None:
    graph = cr.capture(lambda x: sigma(x).sum(), cr.spec(2, dtype=cr.exact))
    assert str(cr.run(graph, cr.tensor([1, 2], dtype=cr.exact)).item()) == "σ(1) + σ(2)"


def test_floats_are_refused() -> None:
    with pytest.raises(DTypeError) as caught:
        sigma(cr.tensor([1.0, 2.0]))
    text = str(caught.value)
    assert "σ is an abstract function: it has no values in floats" in text
    assert "hint      x.to(cr.exact), or cr.symbols('x')" in text


def test_values_are_refused() -> None:
    with pytest.raises(
        ValueCheckError, match=r"float\(\): σ\(0\) is no number yet: σ\(0\) unknown"
    ):
        float(sigma(0))
    graph = cr.capture(lambda x: sigma(x), cr.spec(dtype=cr.exact))
    with pytest.raises(ValueCheckError, match="σ is an abstract function: it has no values"):
        cr.run(graph, 1, dtype=cr.float64)


@pytest.mark.parametrize("name", ["", "two words", 3, None])
def test_what_is_no_name_is_refused(name: object) -> None:
    with pytest.raises(ArgumentError, match="not a name: "):
        cr.abstract(name)  # type: ignore[arg-type]


def test_wrong_numbers_of_operands_are_refused() -> None:
    with pytest.raises(ArgumentError, match="σ was called without operands"):
        sigma()
    with pytest.raises(ArgumentError, match="∂₁ℓ was given 1 operands"):
        ell.derivative(1, 0)(cr.symbols("x"))
    with pytest.raises(ArgumentError, match=r"the orders of a derivative of σ are \(-1,\)"):
        sigma.derivative(-1)
