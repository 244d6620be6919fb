"""Making tensors of data: numbers, nested lists, arrays, symbols."""

from __future__ import annotations

from typing import Any

import numpy as np

from chainrule.core import device as places
from chainrule.core import dtypes as dt
from chainrule.core.apply import number_category
from chainrule.core.dtypes import DType
from chainrule.core.errors import ArgumentError, shortened
from chainrule.core.node import leaf
from chainrule.core.size import Size
from chainrule.core.source import here
from chainrule.core.structural import dtype_of
from chainrule.core.tensor import Tensor
from chainrule.namespaces import exact as exact_space


def tensor(
    data: Any,
    dtype: DType | None = None,
    requires_grad: bool = False,
    device: Any = None,
    pin_memory: bool = False,
) -> Tensor:
    """A tensor with a copy of ``data``: numbers, nested lists of them, an array or a tensor.

    Python floats take the default type, whole numbers int64; fractions and SymPy expressions, or
    ``dtype=cr.exact``, make an exact tensor, into which floats enter as they are written (0.1 is
    1/10).  ``pin_memory`` is accepted and changes nothing.  Raises ArgumentError for ragged lists
    and foreign objects.

    >>> import chainrule as cr
    >>> cr.tensor([[1, 2], [3, 4]]).shape
    (2, 2)
    >>> cr.tensor([0.1, 2], dtype=cr.exact)
    tensor([1/10, 2], dtype=chainrule.exact)
    """
    places.checked(device)
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


def from_numpy(array: np.ndarray) -> Tensor:
    """A tensor with the entries of a NumPy array: a copy, unlike PyTorch's, so that nobody can
    change it from outside."""
    if not isinstance(array, np.ndarray):
        raise ArgumentError(f"from_numpy takes an array, not {type(array).__name__}")
    return tensor(array)


def as_tensor(data: Any, dtype: DType | None = None, device: Any = None) -> Tensor:
    """``data`` itself where it is a tensor of that type already, else `tensor`."""
    places.checked(device)
    if isinstance(data, Tensor) and dtype in (None, data.dtype):
        return data
    return tensor(data, dtype)


def scalar_tensor(value: Any, dtype: DType | None = None, **options: Any) -> Tensor:
    """One number as a tensor without axes, of the default type where no other is given."""
    if number_category(value) is None:
        raise ArgumentError(f"not a number: {value!r}")
    return tensor(value, dtype or dt.get_default_dtype(), **options)


def is_tensor(x: Any) -> bool:
    """Whether x is a tensor."""
    return isinstance(x, Tensor)
