"""Making tensors: from data, from a number, from random draws."""

from __future__ import annotations

import math
import operator
from collections.abc import Sequence
from fractions import Fraction
from typing import Any

import numpy as np

from chainrule.core import dtypes as dt
from chainrule.core.apply import number_category
from chainrule.core.dtypes import DType
from chainrule.core.errors import ArgumentError, shortened
from chainrule.core.node import leaf
from chainrule.core.size import Size
from chainrule.core.source import here
from chainrule.core.structural import dtype_of, full
from chainrule.core.tensor import Tensor
from chainrule.namespaces import exact as exact_space
from chainrule.ops.compare import eq
from chainrule.ops.elementwise import add, mul
from chainrule.ops.lookup import counting
from chainrule.ops.random import bernoulli_draw, default_generator, rand_draw, randn_draw
from chainrule.ops.shape import sizes_of


def tensor(
    data: Any, dtype: DType | None = None, requires_grad: bool = False, device: Any = None
) -> Tensor:
    """A tensor with a copy of ``data``: numbers, nested lists of them, an array or a tensor.

    Python floats take the default type, whole numbers int64; fractions and SymPy expressions, or
    ``dtype=cr.exact``, make an exact tensor, into which floats enter as they are written (0.1 is
    1/10).  Raises ArgumentError for ragged lists and foreign objects.

    >>> import chainrule as cr
    >>> cr.tensor([[1, 2], [3, 4]]).shape
    (2, 2)
    >>> cr.tensor([0.1, 2], dtype=cr.exact)
    tensor([1/10, 2], dtype=chainrule.exact)
    """
    if isinstance(data, Tensor):
        made: Tensor = data.detach().clone()
        made = made if dtype is None else made.to(dtype)
        return made.requires_grad_() if requires_grad else made
    array, found = _read(data, None if dtype is None else dtype_of(dtype))
    made = Tensor(leaf(array.shape, found, array))
    made.node.where = here()
    return made.requires_grad_() if requires_grad else made


def _read(data: Any, wanted: DType | None) -> tuple[Any, DType]:
    """An array of our own with the entries of ``data``, and their type."""
    if wanted is dt.exact:
        return _exact(data), dt.exact
    if hasattr(data, "__array__") and not isinstance(data, np.ndarray | np.generic):
        data = np.asarray(data)  # of another library
    if isinstance(data, np.ndarray | np.generic) and data.dtype != object:
        try:
            found = wanted or dt.from_numpy_dtype(data.dtype.newbyteorder("="))
        except TypeError as error:
            raise ArgumentError(str(error), hint="pass numbers") from None
        return np.array(data, dtype=found.numpy), found
    category = max((_category(x) for x in _entries(data)), default=dt.REAL)
    if category == dt.EXACT and wanted is None:
        return _exact(data), dt.exact
    found = wanted or dt.default_of(category)
    try:
        return np.array(_plain(data), dtype=found.numpy), found
    except (ValueError, TypeError):
        raise ArgumentError(
            "nested lists of unequal lengths make no tensor",
            got=shortened(data),
            hint="pad the shorter ones, or make a tensor of each",
        ) from None
    except OverflowError as error:
        raise ArgumentError(str(error), got=shortened(data), expected=found.name) from None


def _exact(data: Any) -> Any:
    try:
        return exact_space.array(_plain(data))
    except (ValueError, TypeError) as error:
        raise ArgumentError(f"the data make no exact tensor: {error}") from None


def _entries(data: Any) -> list[Any]:
    if isinstance(data, list | tuple):
        return [x for part in data for x in _entries(part)]
    if isinstance(data, np.ndarray):
        return list(data.ravel())
    return [data]


def _category(x: Any) -> int:
    if isinstance(x, Tensor):
        return x.dtype.category
    found = None if isinstance(x, Size) else number_category(x)
    if found is None:
        raise ArgumentError(
            f"a tensor is made of numbers, not of {type(x).__name__}", got=shortened(x)
        )
    return found


def _plain(data: Any) -> Any:
    if isinstance(data, list | tuple):
        return [_plain(part) for part in data]
    return data.tolist() if isinstance(data, Tensor) else data


ASSUMPTIONS = (
    "positive", "negative", "nonnegative", "nonpositive", "zero", "nonzero", "integer", "even",
    "odd", "rational",
)  # fmt: skip
"""What can be assumed of a symbol, in SymPy's words."""


def symbols(names: str, shape: Sequence[int] = (), **assumptions: bool) -> Any:
    """Exact tensors that stand for real numbers: one for each name, or, with a shape, one tensor of
    indexed ones for each name.

    ``assumptions`` such as ``positive=True`` or ``integer=True`` decide comparisons, absolute
    values and roots (`ASSUMPTIONS` lists them).  Raises ArgumentError for others, and where they
    contradict each other.

    >>> import chainrule as cr
    >>> x, y = cr.symbols("x y")
    >>> x * y + x
    tensor(x*y + x, dtype=chainrule.exact)
    >>> cr.symbols("t", positive=True).abs().log()
    tensor(log(t), dtype=chainrule.exact)
    """
    import sympy  # only exact arithmetic pays for SymPy

    _check_assumptions(assumptions, sympy)
    made = []
    for name in names.replace(",", " ").split():
        if not name.isidentifier():
            raise ArgumentError(f"not a name: {name!r}")
        entries = np.empty(tuple(shape), object)
        for index in np.ndindex(*shape):
            label = name + "_".join(str(i + 1) for i in index)
            entries[index] = sympy.Symbol(label, real=True, **assumptions)
        made.append(Tensor(leaf(entries.shape, dt.exact, entries)))
        made[-1].name = name
    return made[0] if len(made) == 1 else tuple(made)


def _check_assumptions(assumptions: dict[str, bool], sympy: Any) -> None:
    for name, value in assumptions.items():
        if name not in ASSUMPTIONS or not isinstance(value, bool):
            raise ArgumentError(
                f"nothing can be assumed by {name}={value!r}",
                expected=f"True or False for {', '.join(ASSUMPTIONS)}",
            )
    try:
        sympy.Symbol("x", real=True, **assumptions)
    except ValueError:
        told = ", ".join(f"{name}={value}" for name, value in assumptions.items())
        raise ArgumentError(f"no real number is {told}") from None


def from_numpy(array: np.ndarray) -> Tensor:
    """A tensor with the entries of a NumPy array: a copy, unlike PyTorch's, so that nobody can
    change it from outside."""
    if not isinstance(array, np.ndarray):
        raise ArgumentError(f"from_numpy takes an array, not {type(array).__name__}")
    return tensor(array)


def as_tensor(data: Any, dtype: DType | None = None) -> Tensor:
    """``data`` itself where it is a tensor of that type already, else `tensor`."""
    if isinstance(data, Tensor) and dtype in (None, data.dtype):
        return data
    return tensor(data, dtype)


def _sizes(shape: tuple[Any, ...]) -> Any:
    return sizes_of(shape[0] if len(shape) == 1 and isinstance(shape[0], Sequence) else shape)


def _filled(shape: Any, value: Any, dtype: DType | None, requires_grad: bool) -> Tensor:
    if any(isinstance(size, int) and size < 0 for size in shape):
        raise ArgumentError(f"a size is negative: {tuple(shape)}")
    made: Tensor = full(shape, value, dtype or dt.get_default_dtype())
    if not requires_grad:
        return made
    return made.detach().requires_grad_()


def zeros(
    *shape: Any, dtype: DType | None = None, requires_grad: bool = False, device: Any = None
) -> Tensor:
    """A tensor of zeros."""
    return _filled(_sizes(shape), 0, dtype, requires_grad)


def ones(
    *shape: Any, dtype: DType | None = None, requires_grad: bool = False, device: Any = None
) -> Tensor:
    """A tensor of ones."""
    return _filled(_sizes(shape), 1, dtype, requires_grad)


def zeros_like(x: Tensor, dtype: DType | None = None) -> Tensor:
    """Zeros of the shape and type of x."""
    return zeros(x.shape, dtype=dtype or x.dtype)


def ones_like(x: Tensor, dtype: DType | None = None) -> Tensor:
    """Ones of the shape and type of x."""
    return ones(x.shape, dtype=dtype or x.dtype)


def full_like(x: Tensor, value: float, dtype: DType | None = None) -> Tensor:
    """One number in the shape and type of x."""
    return _filled(x.shape, value, dtype or x.dtype, False)


def arange(
    start: Any, end: Any = None, step: Any = 1, dtype: DType | None = None, device: Any = None
) -> Tensor:
    """The numbers start, start + step, … before end (0 to ``start`` where there is no end).

    >>> import chainrule as cr
    >>> cr.arange(1, 7, 2).tolist()
    [1, 3, 5]
    """
    if end is None:
        start, end = 0, start
    if isinstance(step, int | float | Fraction) and step == 0:
        raise ArgumentError("arange with a step of 0 never ends")
    whole = all(not isinstance(x, float | Fraction) for x in (start, end, step))
    n = -((start - end) // step) if whole else max(0, math.ceil((end - start) / step))
    if isinstance(n, int) and n < 0:
        raise ArgumentError(f"arange from {start} to {end} goes against its step of {step}")
    kind = dtype or (dt.int64 if whole else dt.get_default_dtype())
    count: Tensor = counting(stop=n, dtype=dt.int64 if whole else dt.float64)
    scaled = count if step == 1 else mul(count, step)
    moved: Tensor = scaled if isinstance(start, int) and start == 0 else add(scaled, start)
    made: Tensor = moved.to(kind)
    return made


def linspace(start: float, end: float, steps: int, dtype: DType | None = None) -> Tensor:
    """``steps`` numbers from start to end, evenly spaced, both ends included."""
    return tensor(np.linspace(start, end, operator.index(steps)), dtype or dt.get_default_dtype())


def eye(n: int, m: int | None = None, dtype: DType | None = None) -> Tensor:
    """The unit matrix: ones on the diagonal of n rows and m columns."""
    rows, columns = counting(stop=n), counting(stop=n if m is None else m)
    made: Tensor = eq(rows[:, None], columns).to(dtype or dt.get_default_dtype())
    return made


def rand(
    *shape: Any, dtype: DType | None = None, requires_grad: bool = False, generator: Any = None
) -> Tensor:
    """Uniform draws from [0, 1)."""
    made = (generator or default_generator).draw(rand_draw, shape=_sizes(shape), dtype=dtype)
    return made.detach().requires_grad_() if requires_grad else made


def randn(
    *shape: Any, dtype: DType | None = None, requires_grad: bool = False, generator: Any = None
) -> Tensor:
    """Draws from the standard normal distribution."""
    made = (generator or default_generator).draw(randn_draw, shape=_sizes(shape), dtype=dtype)
    return made.detach().requires_grad_() if requires_grad else made


def rand_like(x: Tensor) -> Tensor:
    """Uniform draws in the shape and type of x."""
    return rand(x.shape, dtype=x.dtype)


def randn_like(x: Tensor) -> Tensor:
    """Standard normal draws in the shape and type of x."""
    return randn(x.shape, dtype=x.dtype)


def bernoulli(p: Tensor, generator: Any = None) -> Tensor:
    """1 with the probability that each entry of p names, else 0."""
    made: Tensor = (generator or default_generator).draw(bernoulli_draw, p)
    return made


def randint(
    low: int, high: int | None = None, size: Sequence[int] = (), generator: Any = None
) -> Tensor:
    """Whole numbers from low to high - 1, all equally likely (from 0 to low - 1 without high)."""
    if high is None:
        low, high = 0, low
    if high <= low:
        raise ArgumentError(f"there is no whole number from {low} to {high - 1}")
    draws = rand(size, dtype=dt.float64, generator=generator)
    made: Tensor = add((draws * (high - low)).floor().to(dt.int64), low)
    return made


def randperm(n: int, generator: Any = None) -> Tensor:
    """The whole numbers below n in random order."""
    draws = rand(n, dtype=dt.float64, generator=generator)
    return tensor(np.argsort(draws.numpy(), kind="stable"))
