"""What ``autograd.Function`` says of forwards and backwards that are none."""

from __future__ import annotations

from typing import Any

import pytest

import chainrule as cr
from chainrule.autograd import Function
from chainrule.core.errors import ArgumentError, CaptureError, GradientError, ShapeError
from tests.core.mistakes import mistake

X = cr.tensor([1.0, 2.0], dtype=cr.float64, requires_grad=True)


class Answer(Function):
    """Backward answers with what ``give`` is."""

    give: Any = None

    @staticmethod
    def forward(ctx: Any, x: Any, k: Any = None) -> Any:
        return x * 2

    @staticmethod
    def backward(ctx: Any, g: Any) -> Any:
        return Answer.give


def answer(give: Any, *args: Any) -> Any:
    Answer.give = give
    return Answer.apply(X, *args).sum()


@pytest.mark.parametrize(
    ("give", "args", "error", "fact"),
    [
        ((), (), GradientError, "returned 0 gradients for 1 arguments of forward"),
        ((X, X), (), GradientError, "returned 2 gradients for 1 arguments of forward"),
        (X, (3,), GradientError, "returned 1 gradients for 2 arguments of forward"),
        (3.0, (), GradientError, "returned a float as gradient 0"),
        ([X], (), GradientError, "returned a list as gradient 0"),
        ((X, X), (3,), GradientError,
         "returned a gradient for argument 1 of forward, which is no tensor"),
        (cr.zeros(3), (), ShapeError, "returned gradient 0 of shape (3,) for an argument of (2,)"),
        (cr.zeros(1), (), ShapeError, "returned gradient 0 of shape (1,) for an argument of (2,)"),
    ],
)  # fmt: skip
def test_answers_that_are_no_gradients(give: Any, args: Any, error: Any, fact: str) -> None:
    loss = answer(give, *args)
    with pytest.raises(error) as raised:
        loss.backward()
    assert raised.value.fact == f"Answer.backward {fact}"
    assert "return Answer.apply(X, *args).sum()" in str(raised.value)


def test_the_text_begins_with_the_fact() -> None:
    with pytest.raises(GradientError) as raised:
        answer((X, X)).backward()
    assert str(raised.value).startswith("Answer.backward returned 2 gradients")


def test_none_is_no_gradient() -> None:
    X.grad = None
    answer((None, None, None)).backward()
    assert X.grad is None


class Forward(Function):
    """Forward does what ``do`` does."""

    do: Any = None

    @staticmethod
    def forward(ctx: Any, x: Any) -> Any:
        return Forward.do(ctx, x)


@pytest.mark.parametrize(
    ("do", "error", "fact"),
    [
        (lambda ctx, x: None, ArgumentError, "Forward.forward returned no tensor"),
        (lambda ctx, x: (1, 2), ArgumentError, "Forward.forward returned no tensor"),
        (lambda ctx, x: ctx.save_for_backward(3), ArgumentError,
         "save_for_backward takes tensors, not a int"),
        (lambda ctx, x: ctx.mark_dirty(3), ArgumentError, "mark_dirty takes tensors, not a int"),
        (lambda ctx, x: ctx.mark_non_differentiable("x"), ArgumentError,
         "mark_non_differentiable takes tensors, not a str"),
        (lambda ctx, x: x.mul_(2), GradientError,
         "Forward.forward changed its tensor argument 0 in place"),
        (lambda ctx, x: (ctx.mark_dirty(x), x.mul_(2) + 1), GradientError,
         "Forward.forward does not return a tensor that it marked as dirty"),
    ],
)  # fmt: skip
def test_forwards_that_are_none(do: Any, error: Any, fact: str) -> None:
    Forward.do = do
    y = X * 1
    with pytest.raises(error) as raised:
        Forward.apply(y)
    assert raised.value.fact == fact
    assert y.tolist() == [1, 2]


def test_no_rule() -> None:
    Forward.do = lambda ctx, x: x * 2
    loss = Forward.apply(X).sum()
    with pytest.raises(GradientError) as raised:
        loss.backward()
    assert raised.value.fact == "Forward has no backward"
    with pytest.raises(ArgumentError) as refused:
        Function.apply(X)
    assert refused.value.fact == "Function has no forward"


def test_writes_to_what_is_outside_are_refused_while_captured() -> None:
    count = cr.zeros(1)
    Forward.do = lambda ctx, x: (count.add_(1), x * 2)[1]
    with pytest.raises(CaptureError) as raised:
        cr.compile(lambda x: Forward.apply(x))(X)
    assert raised.value.fact == ("Forward.forward writes to what is outside, while it is captured")
    assert count.item() == 0


def test_wrong_tangents() -> None:
    class Wrong(Function):
        give: Any = None

        @staticmethod
        def forward(ctx: Any, x: Any) -> Any:
            return x * 2

        @staticmethod
        def jvp(ctx: Any, t: Any) -> Any:
            return Wrong.give

    for give, fact in (
        ((X, X), "Wrong.jvp returned 2 tangents for 1 results of forward"),
        (3, "Wrong.jvp returned tangent 0 that does not fit"),
        (cr.zeros(3), "Wrong.jvp returned tangent 0 that does not fit"),
    ):
        Wrong.give = give
        with pytest.raises(GradientError) as raised:
            cr.jvp(Wrong.apply, (X,), (X,))
        assert raised.value.fact == fact


@mistake
def test_an_instance() -> None:
    """ArgumentError: Answer is applied as it is, without an instance
    hint      Answer.apply(x)
    """
    Answer()
