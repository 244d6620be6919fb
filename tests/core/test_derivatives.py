"""Derivatives of tensors and of functions against PyTorch's, nested, exact, and refused."""

from collections.abc import Iterable
from fractions import Fraction
from typing import Any

import numpy as np
import pytest
import torch

import chainrule as cr
from chainrule.core import functional as func
from chainrule.core.derivatives import grad
from chainrule.core.errors import ArgumentError, DTypeError, GradientError, ShapeError
from chainrule.core.node import Node
from chainrule.core.op import Op, registry
from chainrule.core.tensor import Tensor
from chainrule.ops.structural.scan import scan

rng = np.random.default_rng(1)
TRANSFORMS = ("grad", "jacrev", "jacfwd", "hessian")


def arrays() -> dict[str, Any]:
    return {"w": rng.normal(size=(3, 2)), "b": rng.normal(size=3), "x": rng.normal(size=2)}


def network(p: Any, x: Any) -> Any:
    """One number from a tree of parameters and an input, in either library."""
    return ((p["w"] @ x + p["b"]).tanh() ** 2).sum() * x.exp().sum()


def inputs(make: Any) -> tuple[Any, Any]:
    given = {k: make(v) for k, v in VALUES.items()}
    return {"w": given["w"], "b": given["b"]}, given["x"]


VALUES = arrays()
OURS = inputs(lambda a: cr.tensor(a, dtype=cr.float64))
THEIRS = inputs(torch.tensor)


def flat(tree: Any) -> list[Any]:
    if isinstance(tree, dict):
        return [leaf for key in sorted(tree) for leaf in flat(tree[key])]
    return [leaf for part in tree for leaf in flat(part)] if isinstance(tree, tuple) else [tree]


def assert_same(ours: Any, theirs: Any) -> None:
    for a, b in zip(flat(ours), flat(theirs), strict=True):
        assert a.shape == tuple(b.shape)
        assert np.allclose(a.numpy(), b.numpy(), rtol=1e-11, atol=1e-13)


# -- functions -------------------------------------------------------------------------------------


@pytest.mark.parametrize("argnums", [0, 1, (0, 1)])
@pytest.mark.parametrize("name", TRANSFORMS)
def test_trees_and_argnums_as_torch_has_them(name: str, argnums: Any) -> None:
    ours = getattr(func, name)(network, argnums)(*OURS)
    assert_same(ours, getattr(torch.func, name)(network, argnums)(*THEIRS))
    assert not any(t.requires_grad for t in flat(ours))


def test_vjp_and_jvp_as_torch_has_them() -> None:
    def layer(w: Any, x: Any) -> Any:
        return {"y": (w @ x).exp(), "z": (x * 2, x[0] * w)}

    def both(f: Any, w: Any, x: Any) -> Any:
        out, pull = f.vjp(layer, w, x)
        return out, pull(layer(w * 3, x)), f.jvp(layer, (w, x), (w * 2, x + 1))

    given = [(p["w"], x) for p, x in (OURS, THEIRS)]
    assert_same(both(func, *given[0]), both(torch.func, *given[1]))


def test_forward_and_reverse_nest_in_any_order() -> None:
    def quartic(x: Any) -> Any:
        return (x * x * x * x).sum() / 8

    x = cr.tensor([Fraction(1, 2), Fraction(2)])
    for second in (
        func.jacfwd(func.grad(quartic)),
        func.grad(lambda x: func.grad(quartic)(x).sum()),
    ):
        third = func.jacfwd(second)(x)
        assert np.asarray(third.detach()._value("")).sum() == 3 * x.sum().item()
    push = func.jvp(lambda x: func.jvp(quartic, (x,), (x,))[1], (x,), (x,))
    assert push[1].item() == 16 * quartic(x).item()


def test_results_keep_a_history_where_somebody_else_asks_for_it() -> None:
    w = cr.tensor([2.0, 3.0], requires_grad=True)
    x = cr.tensor([1.0, 2.0])
    slope = func.grad(lambda x: (w * x * x).sum())
    assert grad(slope(x).sum(), w)[0].tolist() == [2.0, 4.0]  # type: ignore[union-attr]
    with cr.no_grad():
        assert not slope(x).requires_grad
    wanted = x.clone().requires_grad_()
    assert grad(slope(wanted).sum(), wanted)[0].tolist() == [4.0, 6.0]  # type: ignore[union-attr]
    assert not func.grad(lambda x: (x * x).sum())(x).requires_grad


def test_has_aux_and_parts_that_are_not_used() -> None:
    x, y = cr.tensor(2.0), cr.tensor(5.0)
    g, aux = func.grad(lambda x, y: (x * x, {"y": x * y}), (0, 1), has_aux=True)(x, y)
    assert [t.item() for t in g] == [4.0, 0.0]
    assert (aux["y"].item(), aux["y"].requires_grad) == (10.0, False)
    with cr.no_grad():
        assert func.grad(lambda x: x * x)(x).item() == 4.0


def test_arguments_are_not_written_to() -> None:
    x = cr.tensor([1.0, 2.0])
    with pytest.raises(GradientError, match="changed in place"):
        func.grad(lambda x: x.mul_(3).square().sum())(x)
    assert func.grad(lambda x: x.clone().mul_(3).square().sum(), -1)(x).tolist() == [18.0, 36.0]
    assert x.tolist() == [1.0, 2.0]


def test_derivatives_are_captured() -> None:
    graph = cr.capture(func.hessian(lambda x: (x * x * x).sum()), cr.spec(2))
    assert cr.run(graph, [1.0, 2.0]).tolist() == [[6.0, 0.0], [0.0, 12.0]]


@pytest.mark.parametrize(
    ("call", "error", "message"),
    [
        (lambda x: func.grad(lambda x: x)(x), ShapeError, r"got +a tensor \(2,\)"),
        (lambda x: func.grad(lambda x: 1.0)(x), ShapeError, "that of one number"),
        (lambda x: func.grad(sum, 1)(x), ArgumentError, "argument 1 of a call with 1"),
        (lambda x: func.grad(lambda x, n: x.sum(), 1)(x, 3), ArgumentError, "has no tensors"),
        (lambda x: func.grad(lambda x: x.sum())(x.long()), DTypeError, "no derivative by a int64"),
        (lambda x: func.jvp(lambda x: x, (x,), (x[:1],)), ShapeError, r"tangent of shape \(1,\)"),
        (lambda x: func.jvp(lambda x: x, (x,), (x, x)), ArgumentError, "2 tensors where 1 belong"),
        (lambda x: func.jvp(lambda x: x, x, x), ArgumentError, "as tuples"),
        (lambda x: func.vjp(lambda x: x, x)[1](x.sum()), ShapeError, r"adjoint of shape \(\)"),
        (lambda x: func.hvp(lambda x: x.sum(), x, x, "other"), ArgumentError, "no method 'other'"),
    ],
)
def test_refusals(call: Any, error: type[Exception], message: str) -> None:
    with pytest.raises(error, match=message):
        call(cr.tensor([1.0, 2.0]))


# -- Hessian times vector --------------------------------------------------------------------------


def test_both_methods_of_hvp_agree_to_the_last_digits() -> None:
    v = inputs(lambda a: cr.tensor(rng.normal(size=a.shape)))
    exact = func.hvp(network, OURS, v)
    for a, b in zip(flat(exact), flat(func.hvp(network, OURS, v, "complex-step")), strict=True):
        assert b.dtype is cr.float64
        assert np.allclose(a.numpy(), b.numpy(), rtol=1e-14, atol=1e-15)


@pytest.mark.parametrize(
    "f",
    [
        lambda z: z.softmax(0).square().sum(),
        lambda z: z.log_softmax(0)[1] / z.logsumexp(0),
        lambda z: (z.sigmoid().sqrt() * z.sin()).mean() ** 3,
        lambda z: cr.where(cr.tensor([True, False]), z * z, z.log()).sum(),
        lambda z: scan(lambda c, x: (c.sin() * x, c), z, z)[1].sum(),
    ],
)
def test_a_complex_step_through_other_ops(f: Any) -> None:
    x, v = cr.tensor([0.7, 1.3], dtype=cr.float64), cr.tensor([1.0, -2.0], dtype=cr.float64)
    assert np.allclose(func.hvp(f, x, v).numpy(), func.hvp(f, x, v, "complex-step").numpy())


@pytest.mark.parametrize(
    ("f", "name"),
    [
        (lambda z: z.abs().sum(), "abs"),
        (lambda z: (z * z.conj()).sum(), "conj"),
        (lambda z: z.relu().sum(), "relu"),
        (lambda z: z.amax(), "amax"),
        (lambda z: cr.where(z > 1, z * z, z).sum(), "gt"),
        (lambda z: ((z == 1).float() * z).sum(), "eq"),
        (lambda z: (z.float() * z).sum(), "cast"),
        (lambda z: scan(lambda c, x: (c * c.conj(), None), z, length=2)[0].sum(), "scan"),
    ],
)
def test_a_complex_step_refuses_what_is_not_holomorphic(f: Any, name: str) -> None:
    x = cr.tensor([1.0, 2.0])
    with pytest.raises(GradientError, match=f"a function of z alone, and {name} is none") as caught:
        func.hvp(f, x, x, method="complex-step")
    assert "forward-over-reverse" in str(caught.value)
    assert func.hvp(f, x, x) is not None


# -- gradients that leave the graph ----------------------------------------------------------------


@pytest.fixture
def cube() -> Iterable[Any]:
    """An op whose author computes the gradient with NumPy."""

    class Cube(Op):
        def forward(self, xp: Any, x: Any) -> Any:
            return xp.multiply(x, xp.multiply(x, x))

        def vjp(self, node: Node, g: Tensor) -> Iterable[Tensor]:
            x = node.inputs[0].detach().numpy()
            return (cr.tensor(3 * x * x) * g,)

    yield Cube()
    del registry["cube"]


def test_a_gradient_that_left_the_graph_is_right_and_says_so_when_asked_for_more(cube: Any) -> None:
    x = cr.tensor([1.0, 2.0], requires_grad=True)
    y = (cube(x) * x).sum()  # its gradient has a history, but not all of it
    (slope,) = grad(y, x, create_graph=True)
    assert slope is not None
    assert slope.tolist() == [4.0, 32.0]

    def inner(x: Tensor) -> Any:
        return func.grad(lambda x: (cube(x) * x).sum())(x)

    for again in (
        lambda: grad(slope.sum(), x),
        lambda: slope.sum().backward(),
        lambda: func.grad(lambda x: inner(x).sum())(x),
        lambda: func.jvp(inner, (x,), (x,)),
    ):
        with pytest.raises(GradientError) as caught:
            again()
        text = str(caught.value)
        assert "the gradient of cube was computed outside of the graph" in text
        assert "test_derivatives.py" in text
    assert func.jvp(cube, (x,), (x,))[1].tolist() == [3.0, 24.0]  # its forward is all tensors


def test_the_error_names_the_line_where_the_history_was_cut() -> None:
    x = cr.tensor([1.0, 2.0], requires_grad=True)
    slope = cr.tensor(2 * x.detach().numpy())  # here
    for y in (slope, slope * x):
        with pytest.raises(GradientError) as caught:
            grad(y.sum() if y.requires_grad else y, x.detach().requires_grad_())
        assert "slope = cr.tensor(2 * x.detach().numpy())" in str(caught.value)
    with cr.record(), pytest.raises(GradientError, match="ends at a value that requires none"):
        (slope * 3).sum().backward()
    with pytest.raises(GradientError, match="nothing it was made from requires one"):
        (slope * 3).sum().backward()


@pytest.mark.parametrize("argnums", ["0", 1.0, (0, None)])
def test_argnums_are_whole_numbers(argnums: Any) -> None:
    with pytest.raises(ArgumentError, match="argnums is "):
        func.grad(lambda x: x, argnums)(cr.tensor(1.0))


WITHOUT_A_PART = {
    "beta 0": lambda f, x: f.addmm(x, x.detach(), x.detach(), beta=0),
    "power 0": lambda f, x: f.linalg.matrix_power(x, 0),
    "order 0": lambda f, x: f.cdist(x, x.detach() + 1, p=0.0),
    "rounded": lambda f, x: f.round(x),
    "copied over": lambda f, x: x.clone().copy_(2 * x.detach()),
    "copied over by another": lambda f, x: x.clone().copy_(f.ones_like(x).requires_grad_()),
    "written over": lambda f, x: overwritten(x.clone(), x.detach()),
}


def overwritten(x: Any, value: Any) -> Any:
    x[:] = value
    return x


@pytest.mark.parametrize("name", WITHOUT_A_PART)
def test_an_operand_without_a_part_in_the_result_gets_zeros(name: str) -> None:
    call = WITHOUT_A_PART[name]
    theirs = torch.eye(2, requires_grad=True)
    assert torch.autograd.grad(call(torch, theirs).sum(), theirs)[0].tolist() == [[0, 0], [0, 0]]
    x = cr.eye(2).requires_grad_()
    for _ in range(15):  # from the twelfth on the rule is compiled
        x.grad = None
        call(cr, x).sum().backward()
        assert x.grad is not None
        assert x.grad.tolist() == [[0, 0], [0, 0]]
        x.grad.add_(1)  # a gradient is nobody else's
    assert grad(call(cr, x).sum(), x, create_graph=True)[0].tolist() == [[0, 0], [0, 0]]
    compiled = cr.compile(func.grad(lambda x: call(cr, x).sum()))
    assert compiled(cr.eye(2)).tolist() == [[0, 0], [0, 0]]


def test_empty_parts_of_what_is_joined_get_empty_gradients() -> None:
    empty, x = cr.zeros(0).requires_grad_(), cr.ones(2, 3).requires_grad_()
    found = grad(cr.cat([empty, x], dim=1).sum(), [empty, x])
    assert [g.shape for g in found] == [(0,), (2, 3)]
    assert cr.cat([empty, empty], dim=5).shape == (0,)
