"""Making tensors of data: numbers, nested lists, arrays, symbols."""

from __future__ import annotations

import functools
from typing import Any

import numpy as np

from chainrule.core import device as places
from chainrule.core import dtypes as dt
from chainrule.core.apply import number_category
from chainrule.core.dtypes import DType
from chainrule.core.errors import ArgumentError, shortened
from chainrule.core.meta import blank, moved
from chainrule.core.node import leaf
from chainrule.core.size import Size
from chainrule.core.source import here
from chainrule.core.structural import cast, dtype_of
from chainrule.core.tensor import Tensor
from chainrule.namespaces import exact as exact_space


@places.placed
def tensor(
    data: Any,
    dtype: DType | None = None,
    requires_grad: bool = False,
    device: Any = None,
    pin_memory: bool = False,
) -> Tensor:
    """A tensor with a copy of ``data``: numbers, nested lists of them, an array or a tensor.

    Python floats take the default type, whole numbers int64, NumPy's numbers their own; fractions
    and SymPy expressions, or ``dtype=cr.exact``, make an exact tensor, into which floats enter as
    they are written (0.1 is 1/10).  ``pin_memory`` changes nothing.

    Raises ArgumentError for ragged lists and foreign objects.

    >>> import chainrule as cr
    >>> cr.tensor([[1, 2], [3, 4]]).shape
    (2, 2)
    >>> cr.tensor([0.1, 2], dtype=cr.exact)
    tensor([1/10, 2], dtype=chainrule.exact)
    """
    if isinstance(data, Tensor):
        made: Tensor = _there(data.detach().clone(), device)
        made = made if dtype is None else made.to(dtype)
        return made.requires_grad_() if requires_grad else made
    array, found = _read(data, None if dtype is None else dtype_of(dtype))
    empty = places.nowhere()
    made = Tensor(blank(array.shape, found) if empty else leaf(array.shape, found, array))
    made.node.where = here()
    return made.requires_grad_() if requires_grad else made


def _there(x: Tensor, device: Any) -> Tensor:
    """A tensor on the device that was named, or the default one where that is "meta"."""
    return x if device is None and not places.nowhere() else moved(x, places.get_default_device())


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
    entries = _entries(data)
    category = max(map(_category, entries), default=dt.REAL)
    if category == dt.EXACT and wanted is None:
        return _exact(data), dt.exact
    found = wanted or _common(entries, category)
    try:
        return np.array(_plain(data), dtype=found.numpy), found
    except (ValueError, TypeError):
        raise _refused(data, entries, found) from None
    except OverflowError as error:
        raise ArgumentError(str(error), got=shortened(data), expected=found.name) from None


def _refused(data: Any, entries: list[Any], wanted: DType) -> ArgumentError:
    """Why there is no array of these entries: one has no value in the type, or lists are ragged."""
    for entry in entries:
        try:
            np.array(_plain(entry), dtype=wanted.numpy)
        except (ValueError, TypeError):
            return ArgumentError(
                f"an entry has no value in {wanted.name}", got=shortened(entry),
                hint="dtype=cr.exact holds letters, complex128 complex numbers",
            )  # fmt: skip
    return ArgumentError(
        "nested lists of unequal lengths make no tensor",
        got=shortened(data),
        hint="pad the shorter ones, or make a tensor of each",
    )


def _common(entries: list[Any], category: int) -> DType:
    """The type of a list: that of its Python numbers, and of NumPy's and tensors their own."""
    types = {x.dtype for x in entries if isinstance(x, Tensor | np.generic)}
    if not types:
        return dt.default_of(category)
    own = [t if isinstance(t, DType) else dt.from_numpy_dtype(t) for t in types]
    plain = [_category(x) for x in entries if not isinstance(x, Tensor | np.generic)]
    return functools.reduce(dt.promote, own + [dt.default_of(max(plain))] * bool(plain))


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
    return tensor(array, device="cpu")


@places.placed
def as_tensor(data: Any, dtype: DType | None = None, device: Any = None) -> Tensor:
    """``data`` itself where it is a tensor of that type already; a tensor of another type keeps its
    history, and anything else is copied by `tensor`."""
    if not isinstance(data, Tensor):
        return tensor(data, dtype)
    data = _there(data, device)
    same: Tensor = data if dtype in (None, data.dtype) else cast(data, dtype=dtype)
    return same


def asarray(
    obj: Any,
    *,
    dtype: DType | None = None,
    device: Any = None,
    copy: bool | None = None,
    requires_grad: bool = False,
) -> Tensor:
    """`as_tensor`, which says when to copy: always with ``copy=True``, never with ``copy=False``.

    Raises ArgumentError for ``copy=False`` of what is no tensor of that type already: also of
    NumPy's arrays, whose memory tensors never share.

    >>> import chainrule as cr
    >>> x = cr.tensor([1.0, 2.0])
    >>> cr.asarray(x) is x, cr.asarray(x, copy=True) is x
    (True, False)
    """
    made = as_tensor(obj, dtype, device)
    if made is obj and copy:
        made = obj.clone()
    elif made is not obj and copy is False:
        raise ArgumentError(
            f"copy=False, and {type(obj).__name__} to {made.dtype.name} tensor needs one",
            hint="leave copy out, or pass a tensor of that type",
        )
    return made.requires_grad_() if requires_grad and not made.requires_grad else made


def scalar_tensor(value: Any, dtype: DType | None = None, **options: Any) -> Tensor:
    """One number as a tensor without axes, of the default type where no other is given."""
    if number_category(value) is None:
        raise ArgumentError(f"not a number: {value!r}")
    return tensor(value, dtype or dt.get_default_dtype(), **options)


def is_tensor(x: Any) -> bool:
    """Whether x is a tensor."""
    return isinstance(x, Tensor)
