"""What a sequence of rewards is worth."""

from __future__ import annotations

from typing import Any

from chainrule.core import dtypes as dt
from chainrule.core.errors import ArgumentError, ShapeError
from chainrule.core.tensor import Tensor
from chainrule.ops.creation import tensor
from chainrule.rl.checks import checked_discount


def discounted_return(rewards: Tensor, discount: Any = 1) -> Tensor:
    """R = r₀ + γ r₁ + γ² r₂ + …: what a whole episode earns.

    Shapes: rewards (*b, t) -> (*b).  Raises ShapeError without axes, ArgumentError for a discount
    outside 0 … 1.

    >>> import chainrule as cr
    >>> discounted_return(cr.tensor([1.0, 2.0, 4.0]), 0.5)
    tensor(3.)
    """
    r = _rewards(rewards)
    weights = tensor(powers(checked_discount(discount), r.shape[-1], r.dtype), r.dtype)
    made: Tensor = (r * weights).sum(-1)
    return made


def rewards_to_go(rewards: Tensor, discount: Any = 1) -> Tensor:
    """G_t = r_t + γ r_{t+1} + γ² r_{t+2} + …: what is earned from each step on.

    It is one product with a triangular matrix, the powers of γ.  Shapes: rewards (*b, t) ->
    (*b, t).  Raises ShapeError without axes, ArgumentError for a discount outside 0 … 1.

    >>> import chainrule as cr
    >>> rewards_to_go(cr.tensor([1.0, 2.0, 4.0]), 0.5)
    tensor([3., 4., 4.])
    """
    r = _rewards(rewards)
    n = r.shape[-1]
    gamma = powers(checked_discount(discount), n, r.dtype)
    later = tensor([[0] * t + gamma[: n - t] for t in range(n)], r.dtype).reshape(n, n)
    made: Tensor = r @ later.mT
    return made


def powers(discount: Any, n: int, dtype: dt.DType) -> list[Any]:
    """1, γ, γ², … as Python numbers, or as exact ones."""
    if dtype is dt.exact:
        discount = tensor(discount, dtype).item()
    made: list[Any] = []
    for _ in range(n):
        made.append(made[-1] * discount if made else 1)
    return made


def _rewards(rewards: Tensor) -> Tensor:
    if not isinstance(rewards, Tensor):
        raise ArgumentError(f"rewards are a tensor, not {type(rewards).__name__}")
    if not rewards.ndim:
        raise ShapeError("rewards have an axis of steps", got="a number", expected="(*b, t)")
    if rewards.dtype.category <= dt.INTEGER:
        rewards = rewards.to(dt.get_default_dtype())
    return rewards
