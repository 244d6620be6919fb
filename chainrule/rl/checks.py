"""What numbers must be, before anything is computed with them."""

from __future__ import annotations

from numbers import Real
from typing import Any

from chainrule.core.dtypes import exact
from chainrule.core.errors import ArgumentError
from chainrule.core.tensor import Tensor


def require_count(what: str, value: Any) -> None:
    """Raise ArgumentError unless this is a whole number above 0."""
    if isinstance(value, bool) or not isinstance(value, int) or value < 1:
        raise ArgumentError(f"{what} is {value!r}", expected="a whole number above 0")


def checked_discount(discount: Any) -> Any:
    """A number from 0 to 1, or what exact arithmetic may take for one; raises ArgumentError."""
    if isinstance(discount, Tensor):
        if discount.numel() != 1:
            raise ArgumentError(f"a discount is one number, not a tensor {tuple(discount.shape)}")
        is_exact, discount = discount.dtype is exact, discount.item()
        if is_exact and not isinstance(discount, Real):
            return discount  # a symbol, of which nobody knows yet
    try:
        inside = not isinstance(discount, bool) and bool(0 <= discount <= 1)
    except TypeError:
        inside = False
    if not inside:
        raise ArgumentError(f"a discount is {discount!r}", expected="a number from 0 to 1")
    return discount
