"""`compile`: the same as eager, bit for bit, and captured again when what was read has changed."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

import chainrule as cr
from chainrule.core.errors import ArgumentError, CaptureError, ValueCheckError


def same(a: cr.Tensor, b: cr.Tensor) -> bool:
    """Equal to the last bit."""
    x, y = a.detach().numpy(), b.detach().numpy()
    return x.dtype == y.dtype and x.tobytes() == y.tobytes()


def test_values_and_captures() -> None:
    f = cr.compile(lambda x, y: (x * y).exp() + x)
    x, y = cr.rand(3), cr.rand(3)
    assert same(f(x, y), (x * y).exp() + x)
    assert same(f(y, x), (x * y).exp() + y)
    assert f.captures == 1
    f(cr.rand(2, 3), cr.rand(3))
    f(x.double(), y.double())
    assert f.captures == 3


def test_the_source_can_be_read() -> None:
    f = cr.compile(lambda x: x + x)
    f(cr.rand(3))
    assert "def step(v1)" in f.source and "add" in f.source


def test_closure_numbers_and_flags_are_honoured() -> None:
    config = {"scale": 2.0, "square": False}

    def f(x: cr.Tensor) -> cr.Tensor:
        y = x * config["scale"]
        return y * y if config["square"] else y

    g, x = cr.compile(f), cr.rand(3)
    for scale, square in ((2.0, False), (3.0, False), (3.0, True), (2.0, False), (3, False)):
        config.update(scale=scale, square=square)
        assert same(g(x), f(x)), (scale, square)


def test_numbers_of_a_users_object_and_its_class_are_honoured() -> None:
    class Model:
        power = 2

        def __init__(self) -> None:
            self.shift = 1.0

        def __call__(self, x: cr.Tensor) -> cr.Tensor:
            return x**self.power + self.shift

    model = Model()
    g, x = cr.compile(lambda x: model(x)), cr.rand(3)
    assert same(g(x), model(x))
    model.shift = 5.0
    assert same(g(x), model(x))
    Model.power = 3
    assert same(g(x), model(x))
    assert g.captures == 3


def test_closure_tensors_are_read_at_each_call() -> None:
    w = cr.tensor([1.0, 2.0])
    g = cr.compile(lambda x: x * w)
    x = cr.tensor([3.0, 4.0])
    assert g(x).tolist() == [3.0, 8.0]
    w.mul_(10)
    assert g(x).tolist() == [30.0, 80.0]
    assert g.captures == 1


def test_writes_reach_arguments_closures_and_views() -> None:
    total = cr.zeros(2)

    def f(x: cr.Tensor) -> cr.Tensor:
        total.add_(x)
        x[0] = 7
        return total[1:]

    outcomes = []
    for run in (f, cr.compile(f)):
        total.zero_()
        base = cr.tensor([[1.0, 2.0], [3.0, 4.0]])
        row = base[1]
        last = run(row)
        last.mul_(2)
        outcomes.append((base.tolist(), row.tolist(), total.tolist(), last.tolist()))
    assert outcomes[0] == outcomes[1] == ([[1.0, 2.0], [7.0, 4.0]], [7.0, 4.0], [3.0, 8.0], [8.0])


def test_the_same_tensor_twice_is_another_signature() -> None:
    def f(a: cr.Tensor, b: cr.Tensor) -> cr.Tensor:
        a.add_(1)
        return b * 2

    g = cr.compile(f)
    a, b = cr.zeros(2), cr.zeros(2)
    assert g(a, b).tolist() == [0.0, 0.0]
    assert g(a, a).tolist() == [4.0, 4.0]


def test_an_argument_that_the_function_also_reaches_itself() -> None:
    w = cr.ones(2)

    def f(x: cr.Tensor) -> cr.Tensor:
        x.add_(1)
        return w * 1

    g = cr.compile(f)
    assert g(cr.zeros(2)).tolist() == [1.0, 1.0]
    assert g(w).tolist() == [2.0, 2.0]
    assert g(cr.zeros(2)).tolist() == [2.0, 2.0]


def test_returned_parameters_are_themselves() -> None:
    w = cr.Parameter(cr.ones(2))
    g = cr.compile(lambda x: (w, x, {"y": [x + w]}))
    x = cr.zeros(2)
    a, b, tree = g(x)
    assert a is w and b is x and tree["y"][0].tolist() == [1.0, 1.0]


def test_gradients_accumulate_in_the_same_handle() -> None:
    w = cr.Parameter(cr.tensor([1.0, 2.0]))

    def f(x: cr.Tensor) -> None:
        (w * x).sum().backward()

    g, x = cr.compile(f), cr.tensor([3.0, 4.0])
    g(x)
    kept = w.grad
    g(x)
    assert w.grad is kept and w.grad.tolist() == [6.0, 8.0]
    w.grad = None
    g(x)
    assert w.grad.tolist() == [3.0, 4.0]


def test_gradients_flow_through_a_compiled_forward() -> None:
    w = cr.Parameter(cr.tensor([0.5, -0.25]))
    forward = cr.compile(lambda x: (x * w).tanh())
    x = cr.tensor([1.0, 2.0], requires_grad=True)
    (forward(x) ** 2).sum().backward()
    u, v = cr.tensor(w.tolist(), requires_grad=True), cr.tensor([1.0, 2.0], requires_grad=True)
    ((v * u).tanh() ** 2).sum().backward()
    assert w.grad is not None and x.grad is not None and u.grad is not None and v.grad is not None
    assert w.grad.allclose(u.grad) and x.grad.allclose(v.grad)


def test_random_draws_move_the_same_counter() -> None:
    def f(x: cr.Tensor) -> cr.Tensor:
        return x * cr.rand(4) + cr.randn(4)

    g, x = cr.compile(f), cr.ones(4)
    cr.manual_seed(3)
    eager = [f(x) for _ in range(3)]
    cr.manual_seed(3)
    compiled = [g(x) for _ in range(3)]
    assert all(map(same, eager, compiled)) and g.captures == 1


def test_inplace_writes_under_capture_leave_no_trace_when_it_fails() -> None:
    w = cr.ones(2)

    def f(x: cr.Tensor) -> cr.Tensor:
        w.add_(x)
        return x if (x > 0).sum() > 1 else w

    with pytest.raises(CaptureError, match="needs a value"):
        cr.compile(f)(cr.zeros(2))
    assert w.tolist() == [1.0, 1.0]


def test_a_number_that_changes_inside_is_refused() -> None:
    box = {"n": 0}

    def f(x: cr.Tensor) -> cr.Tensor:
        box["n"] += 1
        return x * box["n"]

    with pytest.raises(CaptureError, match=r"box\['n'\] changed while the function was captured"):
        cr.compile(f)(cr.ones(1))


def test_unknown_backend_and_foreign_arguments() -> None:
    with pytest.raises(ArgumentError, match="there is no backend 'cuda'"):
        cr.compile(lambda x: x, backend="cuda")
    with pytest.raises(ArgumentError, match="neither a tensor nor a plain value"):
        cr.compile(lambda x: cr.tensor(x))(np.ones(2))
    with pytest.raises(ArgumentError, match="takes a function, not int"):
        cr.compile(3)  # type: ignore[arg-type]


def test_grad_mode_and_default_type_belong_to_the_signature() -> None:
    w = cr.Parameter(cr.ones(2))
    g: Any = cr.compile(lambda: (w * 2, cr.zeros(1)))
    assert g()[0].requires_grad
    with cr.no_grad():
        assert not g()[0].requires_grad
    cr.set_default_dtype(cr.float64)
    try:
        assert g()[1].dtype is cr.float64
    finally:
        cr.set_default_dtype(cr.float32)


def test_float_state_of_nested_compiled_functions() -> None:
    inner = cr.compile(lambda x: x.exp())
    outer = cr.compile(lambda x: inner(x) * 2)
    x = cr.rand(3)
    assert same(outer(x), x.exp() * 2)


def test_refused_values_name_the_users_line_and_change_nothing() -> None:
    w = cr.zeros(1)

    @cr.compile
    def f(p: cr.Tensor, at: cr.Tensor) -> cr.Tensor:
        w.add_(1)
        loss = cr.nn.functional.binary_cross_entropy(p, cr.ones(2))
        return loss + cr.gather(p, 0, at).sum()

    assert f(cr.tensor([0.5, 0.5]), cr.tensor([1])).item() > 0
    with pytest.raises(ValueCheckError, match="probability is outside") as error:
        f(cr.tensor([0.5, 1.5]), cr.tensor([1]))
    assert "test_compile.py" in str(error.value) and "loss = " in str(error.value)
    with pytest.raises(ValueCheckError, match="out of range") as error:
        f(cr.tensor([0.5, 0.5]), cr.tensor([2]))
    assert "return loss + cr.gather" in str(error.value)
    assert w.item() == 1 and f.captures == 1
