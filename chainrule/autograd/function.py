"""``Function``: an operation of the user's, with a forward and a backward of their own."""

from __future__ import annotations

import functools
from collections.abc import Callable
from typing import Any

from chainrule.autograd.application import Application
from chainrule.autograd.context import FunctionCtx
from chainrule.autograd.rules import unwritten
from chainrule.core.errors import ArgumentError
from chainrule.core.source import here
from chainrule.core.state import no_grad, state


class Function:
    """A function of tensors with a derivative of one's own, as ``torch.autograd.Function``.

    Subclasses have static methods: ``forward(ctx, *args)``, or ``forward(*args)`` with
    ``setup_context(ctx, inputs, output)``; ``backward(ctx, *grad_outputs)``, which returns one
    gradient, or None, for each argument of forward; and, for forward mode, ``jvp(ctx, *tangents)``
    (without it, backward is turned round).  Written in tensors, backward is differentiated again,
    and the function is captured, compiled and run in exact arithmetic like any op.

    Raises ArgumentError where forward returns no tensor, GradientError and ShapeError where
    backward returns something else than gradients of the arguments.

    >>> import chainrule as cr
    >>> class Square(cr.autograd.Function):
    ...     @staticmethod
    ...     def forward(ctx, x):
    ...         ctx.save_for_backward(x)
    ...         return x * x
    ...
    ...     @staticmethod
    ...     def backward(ctx, g):
    ...         (x,) = ctx.saved_tensors
    ...         return 2 * x * g
    >>> x = cr.tensor(3.0, requires_grad=True)
    >>> Square.apply(x).backward()
    >>> x.grad
    tensor(6.)
    """

    def __init__(self) -> None:
        raise ArgumentError(
            f"{type(self).__name__} is applied as it is, without an instance",
            hint=f"{type(self).__name__}.apply(x)",
        )

    @staticmethod
    @unwritten
    def forward(*args: Any, **kwargs: Any) -> Any:
        """The result from the arguments; to be written by subclasses."""
        raise NotImplementedError("this autograd.Function has no forward()")

    @staticmethod
    @unwritten
    def setup_context(ctx: Any, inputs: tuple[Any, ...], output: Any) -> None:
        """Put aside what backward needs, where forward does not take ``ctx``."""
        raise NotImplementedError("this autograd.Function has no setup_context()")

    @staticmethod
    @unwritten
    def backward(ctx: Any, *grad_outputs: Any) -> Any:
        """The gradients of the arguments from those of the results; to be written by subclasses."""
        raise NotImplementedError("this autograd.Function has no backward()")

    vjp = backward

    @staticmethod
    @unwritten
    def jvp(ctx: Any, *grad_inputs: Any) -> Any:
        """The tangents of the results from those of the arguments (None where one has none)."""
        raise NotImplementedError("this autograd.Function has no jvp()")

    @classmethod
    def apply(cls, *args: Any, **kwargs: Any) -> Any:
        """What forward returns for these arguments, with the derivative that backward says."""
        return Application(cls, args, kwargs).result()


def once_differentiable(backward: Callable[..., Any]) -> Callable[..., Any]:
    """A backward whose gradients have no derivative: it may compute outside of the graph.

    Differentiating them raises GradientError.
    """

    @functools.wraps(backward)
    def once(ctx: Any, *g: Any) -> Any:
        with no_grad():
            made = backward(ctx, *g)
        if state.adjoint_of is not None:
            state.left = here()
        return made

    return once


__all__ = ["Function", "FunctionCtx", "once_differentiable"]
