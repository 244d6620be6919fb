"""`save` and `load`."""

from __future__ import annotations

import os
import stat
from typing import Any

from chainrule.core.dtypes import from_numpy_dtype
from chainrule.core.errors import ArgumentError, CheckpointError
from chainrule.core.node import leaf
from chainrule.core.tensor import Tensor
from chainrule.saving.format import pack, unpack
from chainrule.saving.structure import Encoder, decode
from chainrule.saving.write import write_whole


def save(obj: Any, f: Any) -> None:
    """Save tensors, numbers, text, flags and None, in dicts, lists and tuples, as a safetensors
    file: a `state_dict`, or a whole checkpoint.

    ``f`` is a path, or a file that is open for writing bytes.  A file is written whole or not at
    all, also when the process is killed.  The tensors of a flat dict have its keys as their names,
    for every other program that reads safetensors.  Tensors that share entries are written each.

    Raises CheckpointError, having written nothing, for objects of other types, and for exact
    tensors with roots or symbols.

    >>> import io, chainrule as cr
    >>> cr.save(cr.nn.Linear(2, 1), io.BytesIO())
    Traceback (most recent call last):
        ...
    chainrule.core.errors.CheckpointError: the object is of type Linear, which cannot be saved
      ...
    """
    encoder = Encoder()
    structure = encoder.text(obj)
    data = pack(encoder.arrays, structure)
    if hasattr(f, "write"):
        f.write(data)
    else:
        write_whole(_path(f), data)


def load(f: Any, map_location: Any = None, *, weights_only: bool | None = None) -> Any:
    r"""What `save` saved, with the types and order it had; of a safetensors file that others wrote,
    a dict of its tensors.

    ``f`` is a path, or a file that is open for reading bytes.  ``map_location`` may be ``"cpu"``.
    Raises CheckpointError for pickles, for files that are damaged or of another format, and for
    what is no file; FileNotFoundError where there is nothing.

    >>> import io, chainrule as cr
    >>> cr.load(io.BytesIO(b"PK\x03\x04..."))
    Traceback (most recent call last):
        ...
    chainrule.core.errors.CheckpointError: this is a zip archive, as torch.save (with a pickle ...
      expected  a safetensors file
      ...
    """
    if map_location is not None and str(map_location) != "cpu":
        raise ArgumentError(f"map_location is {map_location!r}", expected="'cpu'")
    if weights_only not in (None, True):
        raise ArgumentError(
            "weights_only is False: a file that can hold any object can run any code",
            hint="leave it out: tensors, numbers, text and containers are loaded without it",
        )
    data = f.read() if hasattr(f, "read") else _read(_path(f))
    if not isinstance(data, bytes | bytearray | memoryview):
        raise ArgumentError("the file is open for text", hint="open(path, 'rb')")
    try:
        arrays, structure = unpack(bytes(data))
        if structure is not None:
            return decode(structure, arrays)
    except CheckpointError as error:
        error.subject = None if hasattr(f, "read") else os.path.basename(_path(f))
        raise
    return {name: _tensor(array) for name, array in arrays.items()}


def _tensor(array: Any) -> Tensor:
    return Tensor(leaf(array.shape, from_numpy_dtype(array.dtype), array))


def _path(f: Any) -> str:
    if not isinstance(f, str | os.PathLike):
        raise ArgumentError(f"a file is a path or an open file, not a {type(f).__name__}")
    return os.fsdecode(f)


def _read(path: str) -> bytes:
    """The bytes of an ordinary file (a pipe might never end)."""
    found = os.stat(path).st_mode
    if not stat.S_ISREG(found):
        what = "a directory" if stat.S_ISDIR(found) else "no ordinary file"
        raise CheckpointError(f"{path} is {what}", expected="a safetensors file")
    with open(path, "rb") as file:
        return file.read()
