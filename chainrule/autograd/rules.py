"""The user's derivative rules, run on the tensors of a node; what they answer is checked."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any, TypeVar

from chainrule.autograd.context import FunctionCtx
from chainrule.core.derivatives import unbroadcast
from chainrule.core.errors import ChainruleError, GradientError, ShapeError, line_text, shortened
from chainrule.core.node import Node
from chainrule.core.source import describe
from chainrule.core.structural import full
from chainrule.core.tensor import Tensor
from chainrule.ops.structural.custom import Definition, Slot

Method = TypeVar("Method", bound=Callable[..., Any])


def unwritten(method: Method) -> Method:
    """Mark a method that subclasses write."""
    method.unwritten = True  # type: ignore[attr-defined]
    return method


def is_written(method: Callable[..., Any]) -> bool:
    """Whether a subclass has written the method."""
    return not getattr(method, "unwritten", False)


def context(definition: Definition, node: Node, needs: tuple[bool, ...]) -> FunctionCtx:
    """A context as forward left it, with the tensors of ``node``."""
    ctx = FunctionCtx()
    vars(ctx).update(definition.read(node))
    ctx.needs_input_grad = needs
    return ctx


def pull(
    cls: type[Any],
    definition: Definition,
    node: Node,
    needs: tuple[bool, ...],
    g: Sequence[Tensor | None],
) -> list[Tensor | None]:
    """The user's backward; its answer, checked."""
    ctx = context(definition, node, needs)
    if is_written(cls.backward):
        rule = cls.backward
    elif is_written(cls.vjp):
        rule = cls.vjp
    else:
        raise GradientError(
            f"{cls.__name__} has no backward",
            at=line_text(describe(node.where)),
            hint="@staticmethod\ndef backward(ctx, grad_output): …",
        )
    if ctx._materialize:
        g = [
            full(node.shape[slot.i], 0, node.dtype[slot.i])
            if part is None and isinstance(slot, Slot)
            else part
            for part, slot in zip(g, definition.returned, strict=True)
        ]
    made = rule(ctx, *g)
    answer = list(made) if isinstance(made, tuple) else [made]
    try:
        return _checked(f"{cls.__name__}.backward", answer, definition, node)
    except ChainruleError as error:
        error.context("", got="", at=line_text(describe(node.where)))
        raise


def _checked(who: str, found: list[Any], definition: Definition, node: Node) -> list[Tensor | None]:
    """One gradient for each argument, of its shape and type; sums over what broadcasting repeats,
    and leaves out None at the end, as PyTorch does."""
    places = definition.arguments
    while len(found) > len(places) and found[-1] is None:
        found.pop()
    if len(found) != len(places):
        raise GradientError(
            f"{who} returned {len(found)} gradients for {len(places)} arguments of forward",
            hint="one for each, in order; None for what is no tensor or needs none",
        )
    checked: list[Tensor | None] = []
    for i, (g, place) in enumerate(zip(found, places, strict=True)):
        if g is None:
            checked.append(None)
        elif not isinstance(g, Tensor):
            raise GradientError(
                f"{who} returned a {type(g).__name__} as gradient {i}", expected="a tensor or None"
            )
        elif place is None:
            raise GradientError(
                f"{who} returned a gradient for argument {i} of forward, which is no tensor",
                hint="return None in its place",
            )
        else:
            checked.append(_fitted(who, i, g, node.parents[place]))
    return checked


def _fitted(who: str, i: int, g: Tensor, like: Node) -> Tensor | None:
    if not like.requires_grad:
        return None
    pairs = list(zip(reversed(like.shape), reversed(g.shape), strict=False))
    if len(g.shape) < len(like.shape) or any(a != b and a != 1 for a, b in pairs):
        raise ShapeError(
            f"{who} returned gradient {i} of shape {g.shape} for an argument of {like.shape}"
        )
    summed = unbroadcast(g, like.shape)
    made: Tensor = summed if summed.dtype is like.dtype else summed.to(like.dtype)
    return made


def push(
    cls: type[Any], definition: Definition, node: Node, tangents: Sequence[Tensor | None]
) -> list[Tensor | None]:
    """The user's jvp; its answer, checked."""
    needs = tuple(t is not None for t in tangents)
    made = cls.jvp(context(definition, node, needs), *tangents)
    found = list(made) if isinstance(made, tuple) else [made]
    if len(found) != len(definition.returned):
        raise GradientError(
            f"{cls.__name__}.jvp returned {len(found)} tangents for "
            f"{len(definition.returned)} results of forward"
        )
    chosen = [t for t, slot in zip(found, definition.returned, strict=True) if slot is not None]
    for i, t in enumerate(chosen):
        if t is not None and (not isinstance(t, Tensor) or t.shape != node.shape[i]):
            raise GradientError(
                f"{cls.__name__}.jvp returned tangent {i} that does not fit",
                got=shortened(t),
                expected=f"a tensor of {node.shape[i]}",
            )
    return chosen
