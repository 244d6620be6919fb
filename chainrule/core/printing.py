"""How tensors and nodes print: PyTorch's form, with exact values as fractions."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from chainrule.core import dtypes as dt

if TYPE_CHECKING:
    from chainrule.core.node import Node
    from chainrule.core.tensor import Tensor


def tensor_text(tensor: Tensor) -> str:
    """``tensor([1.0000, 2.0000], requires_grad=True)``."""
    node = tensor.node
    notes = []
    if node.value is None:
        body = f"shape=({', '.join(map(str, node.shape))})"
        notes.append(f"dtype={node.dtype!r}")
    else:
        body = array_text(np.asarray(node.value))
        if node.dtype not in (dt.get_default_dtype(), dt.int64, dt.bool_):
            notes.append(f"dtype={node.dtype!r}")
    if node.requires_grad:
        made = f"made by {node.op.name}" if node.op and not tensor.is_leaf else "requires_grad=True"
        notes.append(made)
    kind = type(tensor).__name__ if tensor.role else "tensor"
    return f"{kind}({', '.join([body, *notes])})"


def array_text(array: np.ndarray) -> str:
    """An array as nested brackets; exact entries as they are written on paper."""
    if array.dtype == object:
        return np.array2string(array, formatter={"all": str}, separator=", ", prefix="tensor(")
    return np.array2string(
        array, separator=", ", precision=4, floatmode="maxprec_equal", prefix="tensor("
    )


def shape_text(node: Node) -> str:
    """``(2, 3)``, with the type where it is not the usual one."""
    sizes = ", ".join(map(str, node.shape))
    text = f"({sizes},)" if len(node.shape) == 1 else f"({sizes})"
    return text if node.dtype.name in ("float32", "float64") else f"{text} {node.dtype.name}"
