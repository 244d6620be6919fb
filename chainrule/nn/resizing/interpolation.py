"""Resizing of signals, images and volumes."""

from __future__ import annotations

from collections.abc import Sequence
from fractions import Fraction
from functools import reduce
from operator import add
from typing import Any

import numpy as np

from chainrule.core import dtypes as dt
from chainrule.core.errors import ArgumentError, DTypeError, ShapeError
from chainrule.core.signature import Dim
from chainrule.core.size import OpenSize, Size
from chainrule.core.tensor import Tensor
from chainrule.nn.resizing.weights import Axis, Tap, nearest, taps, weights
from chainrule.ops import window
from chainrule.ops.elementwise.elementary import where
from chainrule.ops.lookup.primitive import take
from chainrule.ops.shape.primitive import cat
from chainrule.ops.window.lines import FEW
from chainrule.ops.window.sliding import whole

FAMILIES = {"linear": "linear", "bilinear": "linear", "trilinear": "linear", "bicubic": "cubic"}
RANKS = {"linear": 1, "bilinear": 2, "trilinear": 3, "bicubic": 2}
MODES = ("nearest", "nearest-exact", "area", *FAMILIES)
RULED_BY_FACTOR = ("nearest-exact", "bicubic")
"""Modes in which an axis can change although it keeps its size."""
LONGEST = 128
"""Up to so many entries of an axis, a matrix product beats looking them up."""
AREA = {1: window.adaptive_avg_pool1d, 2: window.adaptive_avg_pool2d, 3: window.adaptive_avg_pool3d}


def interpolate(
    input: Tensor, size: Any = None, scale_factor: Any = None, mode: str = "nearest",
    align_corners: bool | None = None, recompute_scale_factor: bool | None = None,
    antialias: bool = False,
) -> Tensor:  # fmt: skip
    """The input (n, c, *spatial), of one to three spatial axes, with these resized.

    To ``size``, or by ``scale_factor``; then positions follow from the factor, or from the sizes
    with ``recompute_scale_factor``.  ``mode`` is "nearest", "nearest-exact" (the entry at the
    middle of each square), "area" (adaptive average pooling), "linear" of signals, "bilinear" and
    "bicubic" (Keys, 1981, with a = -3/4) of images, "trilinear" of volumes.  ``align_corners``
    keeps the outer entries where they are, instead of the outer edges.  An axis that keeps its
    size stays as it is, except in the modes "nearest-exact" and "bicubic", and in "nearest" of
    signals and volumes by a factor.  ``antialias`` widens
    the kernel where an image becomes smaller.

    Along each axis the weighted modes are a matrix product, exact in exact arithmetic (of long axes
    the sum of the few products that are not 0).  Raises
    ArgumentError for unknown modes and sizes, ShapeError for axes that a mode has no meaning for,
    DTypeError for whole numbers in weighted modes.

    >>> import chainrule as cr
    >>> x = cr.tensor([[[0, 4]]], dtype=cr.exact)
    >>> cr.nn.functional.interpolate(x, scale_factor=2, mode="linear")
    tensor([[[0, 1, 3, 4]]], dtype=chainrule.exact)
    """
    _require_mode(input, mode, align_corners, antialias)
    rank = input.ndim - 2
    sizes, factors = _targets(input.shape[2:], size, scale_factor)
    if mode == "area" or recompute_scale_factor:
        if size is not None and recompute_scale_factor:
            raise ArgumentError("recompute_scale_factor with a size given: there is no factor")
        factors = (None,) * rank
    if mode == "area":
        made: Tensor = AREA[rank](input, output_size=sizes)
        return made
    for i in reversed(range(rank)):
        dim = i + 2
        if sizes[i] == input.shape[dim] and not _moves(mode, factors[i], rank, antialias):
            continue
        if mode in FAMILIES:
            if input.is_meta:  # there are no weights to see
                column = input.select(dim, 0).unsqueeze(dim)
                input = column.expand(*input.shape[:dim], sizes[i], *input.shape[dim + 1 :])
                continue
            axis = _axis(input.shape[dim], sizes[i], factors[i], bool(align_corners))
            input = _along(input, axis, FAMILIES[mode], antialias, dim)
        else:
            twice = mode == "nearest" and rank == 2 and sizes[i] == 2 * input.shape[dim]
            factor = None if twice else factors[i]  # as PyTorch doubles an image, by 2 or by 2.3
            input = _repeated(input, dim, sizes[i], factor, mode == "nearest-exact")
    return input


def _moves(mode: str, factor: float | None, rank: int, antialias: bool) -> bool:
    """Whether entries change their places on an axis that keeps its size; PyTorch's nearest entries
    of images do not."""
    if mode == "nearest":
        return rank != 2 and factor not in (None, 1)
    return mode in RULED_BY_FACTOR and not antialias


def _along(x: Tensor, axis: Axis, family: str, antialias: bool, dim: int) -> Tensor:
    """One axis resized: multiplied with a matrix (new, old) or, where that would be large and
    nearly all zeros, by the few entries that each new one is made of."""
    if axis.old > LONGEST:
        return _added(x, taps(axis, family, antialias, x.dtype), dim)
    matrix = weights(axis, family, antialias, x.dtype).to(x.device)
    if dim == x.ndim - 1:
        return x @ matrix.mT
    lines = x.flatten(dim + 1)
    return (matrix @ lines).reshape(*x.shape[:dim], matrix.shape[0], *x.shape[dim + 1 :])


def _added(x: Tensor, parts: Sequence[Tap], dim: int) -> Tensor:
    """The sum of weights times entries of one axis."""
    column = (-1, *(1 for _ in x.shape[dim + 1 :]))
    terms = []
    for index, weight, used in parts:
        term = take(x, index.to(x.device), dim=dim) * weight.to(x.device).reshape(column)
        if used is not None:
            term = where(used.to(x.device).reshape(column), term, 0)
        terms.append(term)
    return reduce(add, terms)


def _repeated(x: Tensor, dim: int, new: Dim, factor: float | None, exactly: bool) -> Tensor:
    """Entries of one axis repeated: each as often, or those that are nearest."""
    old = x.shape[dim]
    times = new // old if new % old == 0 else 0
    if times and (factor is None or factor == times):
        column = x.unsqueeze(dim + 1)
        if isinstance(times, int) and times <= FEW:  # whose adjoint is a sum of slices
            wide = cat([column] * times, dim=dim + 1)
        else:
            wide = column.expand(*x.shape[: dim + 1], times, *x.shape[dim + 1 :])
        return wide.reshape(*x.shape[:dim], new, *x.shape[dim + 1 :])
    if x.is_meta:
        return x.select(dim, 0).unsqueeze(dim).expand(*x.shape[:dim], new, *x.shape[dim + 1 :])
    made: Tensor = take(x, nearest(_axis(old, new, factor, False), exactly), dim=dim)
    return made


def _axis(old: Dim, new: Dim, factor: float | None, corners: bool) -> Axis:
    """The axis to be resized; raises ArgumentError for a symbolic size."""
    if isinstance(old, Size) or isinstance(new, Size):
        raise OpenSize(
            f"resizing an axis of {old} to {new} needs numbers",
            hint="mode='nearest' by a whole factor works for any size",
        )
    return Axis(old, new, factor, corners)


def _require_mode(x: Tensor, mode: str, align_corners: bool | None, antialias: bool) -> None:
    """Raise an error for a mode that there is not, or that does not fit the tensor."""
    if mode not in MODES:
        raise ArgumentError(f"mode is {mode!r}", expected=", ".join(MODES))
    if x.ndim not in (3, 4, 5):
        raise ShapeError(
            f"interpolate: input has {x.ndim} axes", got=f"input {x.shape}",
            expected="(n, c, l), (n, c, h, w) or (n, c, d, h, w)",
        )  # fmt: skip
    if mode in RANKS and x.ndim - 2 != RANKS[mode]:
        raise ShapeError(
            f"interpolate: mode {mode!r} is for {RANKS[mode]} spatial axes", got=f"input {x.shape}"
        )
    if mode not in FAMILIES and align_corners is not None:
        raise ArgumentError(f"align_corners has no meaning for mode {mode!r}")
    if antialias and mode not in ("bilinear", "bicubic"):
        raise ArgumentError(f"antialias has no meaning for mode {mode!r}")
    if any(isinstance(n, int) and n == 0 for n in x.shape[2:]):
        raise ShapeError(
            "interpolate: an axis to be resized has no entries", got=f"input {x.shape}"
        )
    if mode in FAMILIES and x.dtype.category not in dt.CONTINUOUS:
        raise DTypeError(
            f"interpolate: mode {mode!r} computes weighted means, and input is {x.dtype.name}",
            hint="x.float(), or mode='nearest'",
        )


def _targets(
    old: Sequence[Dim], size: Any, scale_factor: Any
) -> tuple[tuple[Dim, ...], tuple[float | None, ...]]:
    """The new sizes, and the factors by which positions are found, where they were given."""
    if (size is None) == (scale_factor is None):
        raise ArgumentError("interpolate takes a size or a scale_factor, and not both")
    if size is not None:
        sizes = whole(_for_each("size", size, len(old)))
        for n in sizes:
            if isinstance(n, bool) or not isinstance(n, int | Size) or n < 1:
                raise ArgumentError(f"size is {size!r}", expected="whole numbers from 1")
        return sizes, (None,) * len(old)
    factors = _for_each("scale_factor", scale_factor, len(old))
    for f in factors:
        if (
            isinstance(f, bool)
            or not isinstance(f, int | float | np.floating)
            or not 0 < f < float("inf")
        ):
            raise ArgumentError(f"scale_factor is {scale_factor!r}", expected="numbers above 0")
    factors = tuple(float(f) if isinstance(f, np.floating) else f for f in factors)
    found = tuple(_scaled(n, f) for n, f in zip(old, factors, strict=True))
    return found, factors


def _scaled(n: Dim, factor: float) -> Dim:
    """A size times a factor, rounded down; raises ArgumentError where nothing is left."""
    if isinstance(n, Size):
        exact = Fraction(factor)
        if exact.denominator > 1 << 10:  # the float product may be rounded up to the next number
            raise OpenSize(f"{factor} times an axis of {n} is open: put a number in")
        return n * exact.numerator // exact.denominator
    made = int(n * factor)
    if made < 1:
        raise ArgumentError(f"scale_factor {factor} leaves nothing of an axis of {n}")
    return made


def _for_each(name: str, given: Any, rank: int) -> tuple[Any, ...]:
    """One value for each spatial axis."""
    found = tuple(given) if isinstance(given, list | tuple) else (given,) * rank
    if len(found) != rank:
        raise ArgumentError(f"{name} is {given!r}", expected=f"one number, or {rank}")
    return found
