"""Loops against the same loops written out: values and derivatives, in floats and in fractions."""

from collections.abc import Callable
from fractions import Fraction
from typing import Any

import numpy as np
import pytest

import chainrule as cr
from chainrule.core.derivatives import grad
from chainrule.core.errors import ArgumentError, CaptureError, DTypeError, ShapeError
from chainrule.core.functional import hessian, jvp
from chainrule.core.tensor import Tensor
from chainrule.ops.structural.loop import loop
from chainrule.ops.structural.scan import scan

rng = np.random.default_rng(0)


def unrolled(
    body: Any, init: Any, xs: Any = None, length: Any = None, reverse: bool = False
) -> Any:
    """The loop written out, for one tensor of xs and of ys."""
    n = len(xs) if length is None else length
    carry, ys = init, [None] * n
    for i in reversed(range(n)) if reverse else range(n):
        carry, ys[i] = body(carry, None if xs is None else xs[i])
    return carry, None if ys[0] is None else cr.stack(ys)


def floats(*shape: int, grad: bool = False) -> Tensor:
    return cr.tensor(rng.normal(size=shape) / 2, dtype=cr.float64, requires_grad=grad)


def fractions(*shape: int, grad: bool = False) -> Tensor:
    values = rng.integers(-4, 5, size=shape)
    return cr.tensor((values / 4).tolist(), dtype=cr.exact, requires_grad=grad)


def cell(w: Tensor, u: Tensor) -> Callable[[Tensor, Tensor], tuple[Tensor, Tensor]]:
    """A recurrent step that is rational, so that it can be exact."""

    def step(h: Tensor, x: Tensor) -> tuple[Tensor, Tensor]:
        z = w @ h + u.mT @ x
        h = z / (1 + z * z)
        return h, (h * x.sum()).sum()

    return step


def derivatives(run: Any, w: Tensor, u: Tensor, h: Tensor, xs: Tensor, reverse: bool) -> list[Any]:
    """A value, its gradients, and those of a function of the gradients."""
    last, ys = run(cell(w, u), h, xs, reverse=reverse)
    loss = (last * last).sum() + (ys * ys * ys).sum()
    first = grad(loss, (w, u, h, xs), create_graph=True)
    mixed = sum(((g * g).sum() for g in first), start=loss * 0)
    return [loss, *first, *grad(mixed, (w, u, h, xs))]


@pytest.mark.parametrize("reverse", [False, True])
@pytest.mark.parametrize("make", [floats, fractions])
def test_derivatives_to_order_2_are_those_of_the_loop_written_out(make: Any, reverse: bool) -> None:
    values = make(2, 2, grad=True), make(3, 2, grad=True), make(2, grad=True), make(3, 3, grad=True)
    looped = derivatives(scan, *values, reverse)
    plain = derivatives(unrolled, *values, reverse)
    for a, b in zip(looped, plain, strict=True):
        if make is fractions:
            assert a.tolist() == b.tolist()
        else:
            assert np.allclose(a.detach().numpy(), b.detach().numpy(), rtol=1e-11, atol=1e-13)


def test_forward_mode_through_a_loop_is_exact() -> None:
    w, u, xs = fractions(2, 2), fractions(3, 2), fractions(3, 3)

    def by(run: Any) -> Any:
        return lambda h: run(cell(w, u), h, xs)[0]

    h, v = fractions(2), fractions(2)
    assert jvp(by(scan), (h,), (v,))[1].tolist() == jvp(by(unrolled), (h,), (v,))[1].tolist()
    total = [hessian(lambda h, run=run: by(run)(h).sum())(h).tolist() for run in (scan, unrolled)]
    assert total[0] == total[1]


def test_trees_counters_and_carries_without_gradient() -> None:
    x = cr.tensor([1.0, 2.0, 3.0], requires_grad=True)
    start = {"n": 0, "sum": cr.tensor(0.0), "free": cr.tensor(5.0)}

    def body(c: Any, x: Any) -> Any:
        n = c["n"] + 1
        new = {"free": c["free"] * 2, "sum": c["sum"] + x[0] * n.to(cr.float32), "n": n}
        return new, (c["n"], [x[0] * c["free"]])

    last, (counts, [scaled]) = scan(body, start, (x,))
    assert (last["n"].item(), last["n"].dtype) == (3, cr.int64)
    assert (last["sum"].item(), last["free"].item()) == (14.0, 40.0)
    assert (counts.tolist(), scaled.tolist()) == ([0, 1, 2], [5.0, 20.0, 60.0])
    (last["sum"] + scaled.sum()).backward()
    assert x.grad is not None
    assert x.grad.tolist() == [6.0, 12.0, 23.0]


def test_loops_in_loops() -> None:
    w = fractions(2, 2, grad=True)

    def outer(run: Any) -> Any:
        def body(h: Tensor, x: Tensor) -> Any:
            inner, ys = run(lambda c, _: (w @ c + x, (c * c).sum()), h, length=2)
            return inner / 4, ys.sum()

        last, ys = run(
            body, cr.tensor([1, 2], dtype=cr.exact), cr.tensor([3, 5, 7], dtype=cr.exact)
        )
        (first,) = grad((last * ys.sum()).sum(), w, create_graph=True)
        assert first is not None
        return first.tolist(), grad((first * first).sum(), w)[0].tolist()  # type: ignore[union-attr]

    assert outer(scan) == outer(unrolled)


@pytest.mark.parametrize("length", [0, 1])
def test_few_steps(length: int) -> None:
    w = cr.tensor(3.0, requires_grad=True)
    h = cr.tensor([1.0, 2.0], requires_grad=True)
    last, ys = scan(lambda c, x: (c * w, c), h, length=length)
    assert ys.shape == (length, 2)
    found = grad(last.sum() + ys.sum(), (w, h))
    assert [g.tolist() for g in found if g is not None] == (
        [3.0, [4.0, 4.0]] if length else [0.0, [1.0, 1.0]]
    )


def test_no_grad_and_detach_in_the_body_end_derivatives_there() -> None:
    def body(c: Tensor, x: None) -> Any:
        with cr.no_grad():
            fixed = c * 2
        return c * fixed * c.detach(), None

    x = cr.tensor(3.0, requires_grad=True)
    last, nothing = scan(body, x, length=1)
    assert (nothing, last.item()) == (None, 54.0)
    assert grad(last, x)[0].item() == 18.0  # type: ignore[union-attr]
    assert (
        jvp(lambda c: scan(body, c, length=1)[0], (x.detach(),), (cr.tensor(1.0),))[1].item()
        == 18.0
    )


def test_what_does_not_change_is_computed_before_the_loop() -> None:
    w = floats(2, 2)
    last, _ = scan(lambda h, x: ((w @ w).exp() @ h, None), floats(2, grad=True), length=3)
    body = last.node.parents[0].attrs["body"]
    assert [n.op.name for n in body.nodes if n.op] == ["matmul"]


def test_rows_are_kept_for_the_way_back_only_where_somebody_may_go_back() -> None:
    def outputs(h: Tensor) -> int:
        with cr.record():
            node = scan(lambda h, x: (h.exp().tanh().tanh(), None), h, length=3)[0].node.parents[0]
        return len(node.attrs["body"].outputs)

    assert outputs(floats(2)) == 1
    assert outputs(floats(2, grad=True)) == 4
    with cr.no_grad():
        assert outputs(floats(2, grad=True)) == 1


def test_rows_that_nobody_uses_are_pruned() -> None:
    w = cr.Parameter(floats(2, 2))

    def last(h: Tensor) -> Any:
        return scan(lambda h, x: ((w @ h).tanh(), h), h, length=3)[0]

    graph = cr.capture(last, cr.spec(2, dtype=cr.float64))
    simple = cr.simplify(graph)
    rows = [len(n.dtype) for g in (graph, simple) for n in g.nodes if isinstance(n.dtype, tuple)]
    assert rows[0] > rows[1] == 1
    cr.verify(simple)
    assert cr.run(simple, [0.5, 1]).tolist() == cr.run(graph, [0.5, 1]).tolist()


def test_rows_that_were_not_kept_are_computed_again() -> None:
    with cr.record():
        bare = scan(lambda h, x: (h.exp(), None), floats(2), length=2)[0].node.parents[0]
    h = cr.tensor([0.1, 0.2], dtype=cr.float64, requires_grad=True)
    (last,) = loop([h], **bare.attrs)
    expected = grad(h.exp().exp().sum(), h)[0]
    assert np.allclose(grad(last.sum(), h)[0].numpy(), expected.numpy())  # type: ignore[union-attr]


# -- captured --------------------------------------------------------------------------------------


def total(xs: Tensor, w: Tensor) -> Tensor:
    last, ys = scan(lambda h, x: ((w @ h + x).tanh(), h), xs[0] * 0, xs)
    return (last * ys.mean()).sum()


def test_a_length_that_is_open() -> None:
    def step(xs: Tensor, w: Tensor) -> Any:
        return total(xs, w), *grad(total(xs, w), (xs, w))

    open_ended = cr.spec("T", 2, dtype=cr.float64, requires_grad=True)
    graph = cr.capture(step, open_ended, cr.spec(2, 2, dtype=cr.float64, requires_grad=True))
    cr.verify(graph)
    for g in (graph, cr.simplify(graph), cr.lower(graph), cr.lower(cr.simplify(graph))):
        for n in (1, 4):
            xs, w = floats(n, 2, grad=True), floats(2, 2, grad=True)
            for a, b in zip(cr.run(g, xs, w), step(xs, w), strict=True):
                assert np.allclose(a.numpy(), b.detach().numpy())


def test_a_captured_loop_runs_exactly() -> None:
    graph = cr.capture(lambda xs: scan(lambda h, x: (h / 3 + x, h), xs[0] * 0, xs), cr.spec(3))
    last, rows = cr.run(graph, [1, 2, 3], dtype=cr.exact)
    assert last.item() == 3 + Fraction(2 + Fraction(1, 3)) / 3
    assert rows.tolist() == [0, 1, Fraction(7, 3)]


def test_a_compiled_loop_is_the_eager_one() -> None:
    w = cr.Parameter(floats(2, 2))

    def step(xs: Tensor) -> Tensor:
        loss = total(xs, w)
        loss.backward()
        with cr.no_grad():
            w.sub_(0.1 * w.grad)
        w.grad = None
        return loss

    compiled, start, xs = cr.compile(step), w.detach().clone(), floats(5, 2)
    found = []
    for run in (step, compiled):
        w.data.copy_(start)
        found.append([run(xs).item() for _ in range(3)])
    assert found[0] == found[1]


# -- refused ---------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("body", "arguments", "error", "message"),
    [
        (lambda c, x: c, {"length": 2}, ArgumentError, "returns a pair"),
        (lambda c, x: ((c, c), x), {"length": 2}, ArgumentError, "carry of a scan becomes a tuple"),
        (
            lambda c, x: (c, "y"),
            {"length": 2},
            ArgumentError,
            "trees of tensors, and here is a str",
        ),
        (lambda c, x: (c.sum(), x), {"length": 2}, ShapeError, "carry of a scan changes its shape"),
        (
            lambda c, x: (c.double(), x),
            {"length": 2},
            DTypeError,
            "carry of a scan changes its type",
        ),
        (lambda c, x: (c, x), {}, ArgumentError, "without xs needs its length"),
        (lambda c, x: (c, x), {"length": -1}, ArgumentError, "the length of a scan is -1"),
        (lambda c, x: (c, x), {"xs": 1.0}, ShapeError, "one has no axes"),
        (lambda c, x: (c, x), {"xs": cr.zeros(3), "length": 2}, ShapeError, "has 3 rows where 2"),
        (lambda c, x: (c if c.sum() > 0 else -c, x), {"length": 2}, CaptureError, "needs a value"),
    ],
)
def test_refusals(body: Any, arguments: Any, error: type[Exception], message: str) -> None:
    with pytest.raises(error, match=message) as caught:
        scan(body, cr.zeros(2), **arguments)
    assert "test_scan.py" in str(caught.value)


def test_the_structure_of_the_carry_stays() -> None:
    start = {"a": cr.zeros(2), "b": (cr.zeros(1), None)}
    with pytest.raises(ArgumentError) as caught:
        scan(lambda c, x: ({"a": c["a"], "b": (c["b"][0],)}, None), start, length=2)
    assert "scan: carry['b'] of a scan changes its structure" in str(caught.value)


def test_a_body_writes_nothing_outside() -> None:
    seen = cr.zeros(2)
    with pytest.raises(CaptureError, match="belongs to the carry"):
        scan(lambda c, x: (seen.add_(c), None), cr.ones(2), length=2)
    assert seen.tolist() == [0.0, 0.0]


def test_a_loop_on_two_devices() -> None:
    there = cr.zeros(3, device="meta")
    with pytest.raises(cr.errors.DeviceError) as caught:
        scan(lambda h, x: (h + x, None), there, cr.ones(4, 3))
    assert caught.value.got == "carry (3,), x (4, 3), length=4"
