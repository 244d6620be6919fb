"""``autograd.Function``: values, derivatives of any order, capture, exact arithmetic, readings."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
import torch

import chainrule as cr
from chainrule.autograd import Function
from chainrule.autograd.function import once_differentiable
from chainrule.core.errors import (
    CaptureError,
    GradientError,
    GraphError,
)


class Swish(Function):
    """x σ(k x), which saves a value that is neither operand nor result."""

    @staticmethod
    def forward(ctx: Any, x: cr.Tensor, k: float) -> cr.Tensor:
        s = (x * k).sigmoid()
        ctx.save_for_backward(x, s)
        ctx.k = k
        return x * s

    @staticmethod
    def backward(ctx: Any, g: cr.Tensor) -> Any:
        x, s = ctx.saved_tensors
        return g * (s + x * ctx.k * s * (1 - s)), None


def swish(x: cr.Tensor) -> cr.Tensor:
    return x * (x * 2).sigmoid()


def applied(x: cr.Tensor) -> cr.Tensor:
    return Swish.apply(x, 2)


XS = cr.tensor([0.1, -0.2], dtype=cr.float64)


def leaf(*values: float, dtype: Any = cr.float64) -> cr.Tensor:
    return cr.tensor(list(values), dtype=dtype, requires_grad=True)


def close(a: Any, b: Any) -> None:
    np.testing.assert_allclose(a.detach().numpy(), b.detach().numpy(), rtol=1e-12, atol=1e-12)


def test_value_and_gradient() -> None:
    x, y = leaf(0.5, -1, 2), leaf(0.5, -1, 2)
    applied(x).sum().backward()
    swish(y).sum().backward()
    close(applied(x), swish(y))
    close(x.grad, y.grad)


@pytest.mark.parametrize(
    "derive",
    [
        lambda f, x: cr.hessian(lambda x: (f(x) ** 2).sum())(x),
        lambda f, x: cr.jacobian(cr.jacobian(cr.jacobian(f)))(x),
        lambda f, x: cr.jacfwd(cr.jacfwd(f))(x),
        lambda f, x: cr.jvp(f, (x,), (x * 3,))[1],
        lambda f, x: cr.grad(lambda x: cr.compile(lambda x: f(x).sum())(x))(x),
        lambda f, x: cr.hessian(lambda x: cr.compile(lambda x: f(x).sum())(x))(x),
        lambda f, x: cr.hessian(lambda c: cr.scan(lambda c, t: (f(c) + t,) * 2, c, XS)[0].sum())(x),
    ],
)
def test_derivatives_of_any_order_in_both_modes(derive: Any) -> None:
    x = leaf(0.5, -1, 2)
    close(derive(applied, x), derive(swish, x))


def test_gradients_of_gradients_through_saved_values_are_checked_by_differences() -> None:
    assert cr.autograd.gradcheck(applied, (leaf(0.5, -1, 2),), check_forward_ad=True)
    assert cr.autograd.gradgradcheck(applied, (leaf(0.5, -1, 2),), check_fwd_over_rev=True)


def test_exact() -> None:
    x = cr.tensor([1, 2], dtype=cr.exact, requires_grad=True)
    y = cr.tensor([1, 2], dtype=cr.exact, requires_grad=True)
    applied(x).sum().backward()
    swish(y).sum().backward()
    difference = (x.grad - y.grad).tolist()
    assert all(abs(float(d)) < 1e-14 for d in difference)


class Sign(Function):
    """A step, whose gradient is passed straight through: not the derivative of its forward."""

    @staticmethod
    def forward(ctx: Any, x: cr.Tensor) -> cr.Tensor:
        return x.sign()

    @staticmethod
    def backward(ctx: Any, g: cr.Tensor) -> cr.Tensor:
        return g * 5


def test_the_derivative_is_the_users_everywhere() -> None:
    x = leaf(0.5, -1)
    compiled = cr.compile(lambda x: Sign.apply(x) * 2)
    close(cr.vjp(compiled, x)[1](cr.ones(2, dtype=cr.float64))[0], cr.tensor([10.0, 10.0]))
    close(cr.jvp(Sign.apply, (x,), (x,))[1], 5 * x)
    close(cr.jacfwd(compiled)(x), 10 * cr.eye(2))
    total = cr.grad(lambda c: cr.scan(lambda c, t: (Sign.apply(c) + t,) * 2, c, XS)[0].sum())
    close(total(x), 25 * cr.ones(2))
    graph = cr.capture(Sign.apply, cr.spec("B", requires_grad=True))
    assert cr.verify(graph) is graph
    assert [n.op.name for n in graph.nodes if n.op] == ["custom_function", "pick"]
    assert [n.op.name for n in cr.lower(graph).nodes if n.op] == ["sign"]
    assert cr.run(graph, cr.tensor([3, -2]), dtype=cr.exact).tolist() == [1, -1]
    assert cr.run(cr.simplify(graph), cr.tensor([3.0, -2.0])).tolist() == [1, -1]


def test_explained_under_its_own_name() -> None:
    x = cr.tensor([0.5, -1.0], requires_grad=True)
    y = Sign.apply(x)
    loss = (y * y).sum()
    for zoom in ("lines", "ops", "primitives"):
        text = str(cr.explain(loss, zoom=zoom))
        assert "y = Sign(x) = Sign([0.5, -1]) = [1, -1]" in text
        assert "* 5" in text


class Pair(Function):
    """Two results, of which one has no derivative, and something that is no tensor."""

    @staticmethod
    def forward(x: Any, y: Any, scale: float) -> Any:
        return x * y * scale, x > y, "both", x + y

    @staticmethod
    def setup_context(ctx: Any, inputs: Any, output: Any) -> None:
        x, y, ctx.scale = inputs
        ctx.mark_non_differentiable(output[1], output[3])
        ctx.x, ctx.parts = x, [y]

    @staticmethod
    def backward(ctx: Any, g: Any, *rest: Any) -> Any:
        Pair.seen = rest
        return g * ctx.parts[0] * ctx.scale, g * ctx.x * ctx.scale, None

    seen: Any = None


def test_several_results_and_the_split_form() -> None:
    x, y = leaf(1, 2), leaf(3, 1)
    product, larger, word, total = Pair.apply(x, y, 2.0)
    assert (larger.tolist(), word, total.tolist()) == ([False, True], "both", [4, 3])
    assert not total.requires_grad
    (product * total).sum().backward()
    assert x.grad.tolist() == [24.0, 6.0]
    assert y.grad.tolist() == [8.0, 12.0]
    assert Pair.seen[1] is None
    assert Pair.seen[2].tolist() == [0, 0]


def test_gradients_that_nobody_asked_for_are_none_unless_materialized() -> None:
    class Two(Function):
        @staticmethod
        def forward(ctx: Any, x: Any, wanted: bool) -> Any:
            ctx.set_materialize_grads(wanted)
            return x * 2, x * 3

        @staticmethod
        def backward(ctx: Any, a: Any, b: Any) -> Any:
            seen.append(b)
            return a * 2, None

    seen: list[Any] = []
    x = leaf(1.0)
    for wanted in (True, False):
        Two.apply(x, wanted)[0].backward()
    assert seen[0].tolist() == [0]
    assert seen[1] is None


def test_needs_input_grad() -> None:
    class Product(Function):
        @staticmethod
        def forward(ctx: Any, x: Any, y: Any, k: Any) -> Any:
            needs.append(ctx.needs_input_grad)
            ctx.save_for_backward(x, None, y)
            return x * y

        @staticmethod
        def backward(ctx: Any, g: Any) -> Any:
            needs.append(ctx.needs_input_grad)
            x, none, y = ctx.saved_tensors
            assert none is None
            return g * y, g * x, None

    needs: list[Any] = []
    x, y = leaf(2.0), cr.tensor([3.0], dtype=cr.float64)
    Product.apply(x, y, 1).backward()
    assert needs == [(True, False, False)] * 2
    assert y.grad is None
    with cr.no_grad():
        assert not Product.apply(x, y, 1).requires_grad
    assert needs[-1] == (False, False, False)


def test_a_dirty_argument_is_the_result() -> None:
    class Double(Function):
        @staticmethod
        def forward(ctx: Any, x: Any) -> Any:
            ctx.mark_dirty(x)
            return x.mul_(2)

        @staticmethod
        def backward(ctx: Any, g: Any) -> Any:
            return g * 2

    x = leaf(1.0, 2.0)
    y = x * 1
    row = y[0]
    assert Double.apply(y) is y
    assert row.item() == 2
    (y * y).sum().backward()
    assert x.grad.tolist() == [8.0, 16.0]


def test_gradients_are_summed_and_cast_like_pytorchs() -> None:
    def grads(library: Any, base: Any) -> Any:
        class Wide(base):  # type: ignore[misc]
            @staticmethod
            def forward(ctx: Any, x: Any) -> Any:
                return x * 2

            @staticmethod
            def backward(ctx: Any, g: Any) -> Any:
                wide = library.ones(4, 2, dtype=library.float64)
                return wide, None, None

        x = library.tensor([1.0, 2.0], requires_grad=True)
        Wide.apply(x).sum().backward()
        return x.grad

    ours, theirs = grads(cr, Function), grads(torch, torch.autograd.Function)
    assert ours.tolist() == theirs.tolist()
    assert ours.dtype is cr.float32


class Sine(Function):
    """Computed by NumPy, there and back."""

    @staticmethod
    def forward(ctx: Any, x: Any) -> Any:
        ctx.save_for_backward(x)
        return cr.tensor(np.sin(x.detach().numpy()))

    @staticmethod
    def backward(ctx: Any, g: Any) -> Any:
        (x,) = ctx.saved_tensors
        return g * cr.tensor(np.cos(x.detach().numpy()))


def test_computed_outside_of_the_graph() -> None:
    x = leaf(0.5, 1.0)
    assert cr.autograd.gradcheck(Sine.apply, (x,))
    (g,) = cr.autograd.grad(Sine.apply(x).sum(), x, create_graph=True)
    for derive, error in (
        (lambda: g.sum().backward(), GradientError),
        (lambda: cr.jvp(Sine.apply, (x,), (x,)), GraphError),
        (lambda: cr.compile(Sine.apply)(x), CaptureError),
    ):
        with pytest.raises(error):
            derive()


def test_a_saved_value_from_outside_of_the_graph_is_not_taken_for_a_constant() -> None:
    class Hidden(Function):
        @staticmethod
        def forward(ctx: Any, x: Any) -> Any:
            ctx.slope = cr.tensor(2 * x.detach().numpy())
            return x * x

        @staticmethod
        def backward(ctx: Any, g: Any) -> Any:
            return g * ctx.slope

    x = leaf(3.0)
    (g,) = cr.autograd.grad(Hidden.apply(x), x, create_graph=True)
    assert g.item() == 6
    with pytest.raises(GradientError) as raised:
        g.backward()
    assert raised.value.fact == (
        "the gradient of Hidden was computed outside of the graph, so it has no derivative"
    )


def test_detach_in_forward_stays_in_the_graph() -> None:
    class Scaled(Function):
        @staticmethod
        def forward(ctx: Any, x: Any) -> Any:
            ctx.save_for_backward(x.detach() * 2)
            return x * x

        @staticmethod
        def backward(ctx: Any, g: Any) -> Any:
            return g * ctx.saved_tensors[0]

    x = leaf(3.0)
    close(cr.jvp(Scaled.apply, (x,), (x,))[1], 2 * x * x)


def test_once_differentiable() -> None:
    class Square(Function):
        @staticmethod
        def forward(ctx: Any, x: Any) -> Any:
            ctx.save_for_backward(x)
            return x * x

        @staticmethod
        @once_differentiable
        def backward(ctx: Any, g: Any) -> Any:
            return 2 * g * ctx.saved_tensors[0]

    x = leaf(3.0)
    (g,) = cr.autograd.grad(Square.apply(x), x, create_graph=True)
    assert g.item() == 6
    with pytest.raises(GradientError):
        g.backward()


def test_a_tensor_from_outside_that_is_saved_gets_its_second_derivative() -> None:
    w = leaf(2.0)

    class Weighted(Function):
        @staticmethod
        def forward(ctx: Any, x: Any) -> Any:
            ctx.save_for_backward(w)
            return x * w

        @staticmethod
        def backward(ctx: Any, g: Any) -> Any:
            return g * ctx.saved_tensors[0]

    def slope(x: Any) -> Any:
        return cr.autograd.grad((Weighted.apply(x) ** 2).sum(), x, create_graph=True)[0].sum()

    x = leaf(3.0)
    for f in (slope, cr.compile(slope)):
        w.grad = None
        f(x).backward()
        assert w.grad.item() == 12  # d (2 (w x) w) / dw, where the w that forward read is constant


def test_the_users_jvp_is_taken() -> None:
    class Cube(Function):
        @staticmethod
        def forward(ctx: Any, x: Any, k: int) -> Any:
            ctx.save_for_backward(x)
            return x * x * x

        @staticmethod
        def jvp(ctx: Any, t: Any, k: Any) -> Any:
            assert k is None
            return 7 * t

    x = leaf(2.0)
    assert cr.jvp(lambda x: Cube.apply(x, 3), (x,), (leaf(1.0),))[1].item() == 7


def test_memory_is_given_back() -> None:
    import gc
    import weakref

    x = leaf(1.0, 2.0)
    y = applied(x).sum()
    y.backward()
    node = weakref.ref(y.node.parents[0])
    del y
    gc.collect()
    assert node() is None
