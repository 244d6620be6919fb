"""Running products, and products of all entries but one: what derivatives of a product need, zeros
among the entries included."""

from __future__ import annotations

import math
from typing import Any

Array = Any


def running_product(xp: Any, x: Array, dim: int) -> Array:
    """Products along ``dim`` up to and with each entry.

    Each round multiplies every entry with the one 1, 2, 4, … places before it, so that it is made
    of a few products of whole arrays.

    >>> import numpy as np
    >>> from chainrule.namespaces import numpy as xp
    >>> running_product(xp, np.array([1, 2, 3, 4]), 0)
    array([ 1,  2,  6, 24])
    """
    n, distance = x.shape[dim], 1
    while distance < n:
        x = xp.multiply(x, _moved(xp, x, dim, distance))
        distance *= 2
    return x


def _moved(xp: Any, x: Array, dim: int, distance: int) -> Array:
    """The entries ``distance`` places further along ``dim``, after ones."""
    shape = x.shape
    kept = tuple(slice(0, size - distance if d == dim else size, 1) for d, size in enumerate(shape))
    widths = tuple((distance if d == dim else 0, 0) for d in range(len(shape)))
    return xp.pad(xp.slice(x, kept), widths, 1)


def products_of_others(xp: Any, x: Array, dims: tuple[int, ...]) -> Array:
    """For each entry the product of all others along ``dims``, without a division.

    >>> import numpy as np
    >>> from chainrule.namespaces import numpy as xp
    >>> products_of_others(xp, np.array([0, 2, 3]), (0,))
    array([6, 0, 0])
    """
    shape, rank = x.shape, len(x.shape)
    if not dims:
        return xp.power(x, 0)
    order = (*(d for d in range(rank) if d not in dims), *dims)
    lines = xp.permute(x, order)
    turned, n = lines.shape, math.prod(shape[d] for d in dims)
    if n == 0:
        return x
    last = rank - len(dims)
    lines = xp.reshape(lines, (*turned[:last], n))
    before = _moved(xp, running_product(xp, lines, last), last, 1)
    back = running_product(xp, xp.flip(lines, (last,)), last)
    after = xp.flip(_moved(xp, back, last, 1), (last,))
    made = xp.reshape(xp.multiply(before, after), turned)
    return xp.permute(made, tuple(order.index(d) for d in range(rank)))
