"""What stands for an input where only its shape counts: a tensor, a spec, sizes, or text."""

from __future__ import annotations

from typing import Any

from chainrule.core import tree as trees
from chainrule.core.capture import Spec, spec
from chainrule.core.errors import ArgumentError
from chainrule.core.size import Size
from chainrule.core.structural import dtype_of
from chainrule.core.tensor import Tensor


def input_of(given: Any) -> Any:
    """The shape of an input: of a tensor; of sizes, numbers and letters, in a tuple or in text.

    Text may name the element type: ``"B,T:int64"``.  Lists and dicts may hold several; anything
    else is an argument that is passed on.  Raises ArgumentError for sizes that are none.

    >>> input_of("B,3,32,32").shape, input_of((1, 10)).dtype
    ((B, 3, 32, 32), chainrule.float32)
    """
    if isinstance(given, str):
        return _read(given)
    if isinstance(given, Tensor):
        return Spec(given.shape, given.dtype, given.requires_grad)
    if isinstance(given, tuple) and all(_is_size(size) for size in given):
        return spec(*given)
    if isinstance(given, tuple) and all(isinstance(size, int | float | str) for size in given):
        raise ArgumentError(f"not the sizes of an input: {given}",
                            expected="whole numbers from 0, or names")  # fmt: skip
    if isinstance(given, tuple | list | dict):
        return trees.mapped(input_of, given) if not _is_sizes(given) else spec(*given)
    return given


def _is_size(size: Any) -> bool:
    return isinstance(size, int | str | Size) and not isinstance(size, bool)


def _is_sizes(given: Any) -> bool:
    """Whether a list is the sizes of one input."""
    return isinstance(given, list) and bool(given) and all(isinstance(n, int | Size) for n in given)


def _read(text: str) -> Spec:
    """``"B,T:int64"``."""
    sizes, _, dtype = text.partition(":")
    words = [word.strip() for word in sizes.strip("() ").split(",") if word.strip()]
    found: list[int | str] = []
    for word in words:
        if word.isdecimal():
            found.append(int(word))
        elif word.isidentifier():
            found.append(word)
        else:
            raise ArgumentError(f"not a size: '{word}'", got=f"input {text}",
                                expected="whole numbers from 0, or names, with commas between",
                                hint="1,3,224,224, or B,T:int64 with an element type")  # fmt: skip
    return spec(*found, dtype=dtype_of(dtype.strip()) if dtype else None)
