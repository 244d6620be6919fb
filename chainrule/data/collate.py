"""Examples put together as batches."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from chainrule.core import dtypes as dt
from chainrule.core import tree
from chainrule.core.errors import ArgumentError
from chainrule.core.tensor import Tensor
from chainrule.ops.creation import tensor
from chainrule.ops.shape.moves import stack


def default_collate(examples: Sequence[Any]) -> Any:
    """Examples as one batch: tensors and arrays stacked, numbers as a tensor (floats in float64, as
    PyTorch has it), tuples and dicts part by part; text stays as it is.

    >>> default_collate([(1, "a"), (2, "b")])
    [tensor([1, 2]), ('a', 'b')]
    """
    first = examples[0]
    if isinstance(first, Tensor):
        return stack(examples)
    if isinstance(first, tuple | list):
        if len({len(example) for example in examples}) != 1:
            raise ArgumentError("the examples of a batch have different numbers of parts")
        columns = [default_collate(column) for column in zip(*examples, strict=True)]
        return type(first)(*columns) if hasattr(first, "_fields") else columns
    if isinstance(first, dict):
        if any(example.keys() != first.keys() for example in examples):
            raise ArgumentError(
                "the examples of a batch have different keys",
                got=" / ".join(sorted({", ".join(map(str, example)) for example in examples})),
            )
        return {key: default_collate([example[key] for example in examples]) for key in first}
    if isinstance(first, str | bytes):
        return examples
    if isinstance(first, np.ndarray):
        return stack([tensor(example) for example in examples])
    if isinstance(first, np.generic):
        return tensor(np.array(examples))
    return tensor(list(examples), dt.float64 if isinstance(first, float) else None)


def default_convert(example: Any) -> Any:
    """An example as it is, its NumPy arrays as tensors.

    >>> import numpy as np
    >>> default_convert((np.ones(1), 2))
    (tensor([1.], dtype=chainrule.float64), 2)
    """

    def convert(x: Any) -> Any:
        return tensor(x) if isinstance(x, np.ndarray | np.generic) else x

    return tree.mapped(convert, example)
