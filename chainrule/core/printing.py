"""How tensors and nodes print: PyTorch's form, with exact values as fractions."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from chainrule.core import dtypes as dt
from chainrule.core.errors import ArgumentError

if TYPE_CHECKING:
    from chainrule.core.node import Node
    from chainrule.core.tensor import Tensor


def tensor_text(tensor: Tensor) -> str:
    """``tensor([1.0000, 2.0000], requires_grad=True)``."""
    node = tensor.node
    notes = []
    if node.meta:
        body = "..."
        notes += ["device='meta'", f"size={shape_text(node, False)}"]
        if node.dtype is not dt.get_default_dtype():
            notes.append(f"dtype={node.dtype!r}")
    elif node.value is None:
        body = f"shape=({', '.join(map(str, node.shape))})"
        notes.append(f"dtype={node.dtype!r}")
    else:
        array = np.asarray(node.value)
        body = array_text(array)
        if array.size == 0 and array.ndim > 1:
            notes.append(f"size={array.shape}")
        if node.dtype not in (dt.get_default_dtype(), dt.int64, dt.bool_):
            notes.append(f"dtype={node.dtype!r}")
    if node.requires_grad:
        made = f"made by {node.op.name}" if node.op and not tensor.is_leaf else "requires_grad=True"
        notes.append(made)
    kind = type(tensor).__name__ if tensor.role else "tensor"
    return f"{kind}({', '.join([body, *notes])})"


OPTIONS: dict[str, Any] = {"precision": 4}
"""How arrays print, as NumPy calls it; what is not here is as NumPy has it."""

PROFILES: dict[str, dict[str, Any]] = {
    "default": {"precision": 4},
    "short": {"precision": 2, "threshold": 1000, "edgeitems": 2},
    "full": {"precision": 4, "threshold": 2**62},
}


def set_printoptions(
    precision: int | None = None,
    threshold: float | None = None,
    edgeitems: int | None = None,
    linewidth: int | None = None,
    profile: str | None = None,
    sci_mode: bool | None = None,
) -> None:
    """How tensors print from here on: digits after the point, from how many entries on a tensor is
    shortened, entries at its edges, columns of a line; or a ``profile``: "default", "short",
    "full".  ``sci_mode`` writes all numbers with an exponent, or none; None decides by the numbers.

    Raises ArgumentError for an unknown profile.

    >>> import chainrule as cr
    >>> cr.set_printoptions(precision=2)
    >>> cr.tensor(1 / 3)
    tensor(0.33)
    >>> cr.set_printoptions(profile="default")
    """
    if profile is not None:
        if profile not in PROFILES:
            raise ArgumentError(f"profile is {profile!r}", expected=", ".join(PROFILES))
        OPTIONS.clear()
        OPTIONS.update(PROFILES[profile])
    given = {"precision": precision, "threshold": threshold, "edgeitems": edgeitems,
             "max_line_width": linewidth}  # fmt: skip
    OPTIONS.update({name: value for name, value in given.items() if value is not None})
    OPTIONS.pop("formatter", None)
    if sci_mode is not None:
        digits, kind = OPTIONS["precision"], "e" if sci_mode else "f"
        OPTIONS["formatter"] = {"float_kind": lambda x: format(x, f".{digits}{kind}")}


def array_text(array: np.ndarray) -> str:
    """An array as nested brackets; exact entries as they are written on paper."""
    options = {"separator": ", ", "prefix": "tensor(", **OPTIONS}
    if options.get("threshold") == float("inf"):
        options["threshold"] = 2**62
    if array.dtype == object:
        return np.array2string(array, **{**options, "formatter": {"all": str}})
    return np.array2string(array, floatmode="maxprec_equal", **options)


def shape_text(node: Node, typed: bool = True) -> str:
    """``(2, 3)``, ``typed`` with the type where it is not the usual one."""
    sizes = ", ".join(map(str, node.shape))
    text = f"({sizes},)" if len(node.shape) == 1 else f"({sizes})"
    return (
        text
        if not typed or node.dtype.name in ("float32", "float64")
        else f"{text} {node.dtype.name}"
    )
