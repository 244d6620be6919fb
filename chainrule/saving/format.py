"""Files of tensors in the safetensors format: bytes from arrays, arrays from bytes.

The format is a header in JSON, of types, shapes and places, then the entries.  What we add stands
in the header's metadata: the structure of the saved object, and a checksum of everything, against
accidents (it is no signature: who writes a file can write its checksum).
"""

from __future__ import annotations

import json
import re
from typing import Any

import numpy as np

from chainrule.core.errors import CheckpointError
from chainrule.saving.structure import damaged

MOST_HEADER = 50_000_000
"""How many bytes a header may have (the library reads up to twice as many)."""
OWN = "chainrule"
"""Our key in the metadata; its value is ``{"chainrule":VERSION,"sha256":"…","object":…}``."""
VERSION = 1

_VALUE = re.compile(r'\{"chainrule":(\d+),"sha256":"([0-9a-f]{64})","object":(.*)\}', re.DOTALL)
_TYPES = {
    "BOOL": "bool", "U8": "uint8", "I8": "int8", "I16": "int16", "I32": "int32", "I64": "int64",
    "F16": "float16", "F32": "float32", "F64": "float64", "C64": "complex64",
}  # fmt: skip
_ADVICE = "convert it where it was made: safetensors.torch.save_file(model.state_dict(), path)"
_FOREIGN = {
    b"PK\x03\x04": "a zip archive, as torch.save (with a pickle inside) and np.savez write it",
    b"\x80": "a pickle",
    b"\x93NUMPY": "an array in NumPy's own format",
    b"\x89HDF": "an HDF5 file",
    b"GGUF": "a GGUF file",
}
"""How files of other formats begin, and what they are."""


def pack(arrays: dict[str, np.ndarray], structure: str) -> bytes:
    """A file of these arrays and the structure that they belong to."""
    from safetensors.numpy import save

    if len(structure) > MOST_HEADER // 2:
        raise CheckpointError(
            f"what is saved beside tensors takes {len(structure)} bytes",
            expected=f"at most {MOST_HEADER // 2}",
            hint="keep long lists of numbers in tensors",
        )
    digest = _digest(structure, arrays)
    value = f'{{"chainrule":{VERSION},"sha256":"{digest}","object":{structure}}}'
    return save(arrays, metadata={OWN: value})


def unpack(data: bytes) -> tuple[dict[str, np.ndarray], str | None]:
    """The arrays of a file, and the structure that they belong to, None in a file of others.

    Raises CheckpointError for everything that is no whole, plain safetensors file.
    """
    metadata = _header(data).get("__metadata__", {})
    arrays = _arrays(data)
    # A damaged key of ours is known by its value, so that the file does not pass for a foreign one.
    own = [key for key, x in metadata.items() if key == OWN or x.startswith('{"chainrule":')]
    if not own:
        return arrays, None
    found = _VALUE.fullmatch(metadata[own[0]])
    if found is None or own != [OWN]:
        raise damaged("its description cannot be read")
    if int(found[1]) != VERSION:
        raise CheckpointError(
            f"the file was written by another version of chainrule (format {found[1]})",
            expected=f"format {VERSION}",
            hint="pip install --upgrade chainrule",
        )
    if _digest(found[3], arrays) != found[2]:
        raise damaged("its content does not have its checksum")
    return arrays, found[3]


def _digest(structure: str, arrays: dict[str, np.ndarray]) -> str:
    """The SHA-256 of the structure and of names, types, shapes and entries of the arrays."""
    import hashlib

    made = hashlib.sha256(structure.encode())
    for name in sorted(arrays):
        array = arrays[name]
        made.update(json.dumps([name, array.dtype.name, array.shape]).encode())
        made.update(np.ascontiguousarray(array).reshape(-1).view(np.uint8).data)
    return made.hexdigest()


def _header(data: bytes) -> dict[str, Any]:
    """The header; raises CheckpointError where there is none that could be one."""
    if not data:
        raise CheckpointError("the file is empty")
    size = int.from_bytes(data[:8], "little")
    if size > MOST_HEADER or data[8:9] != b"{":  # a small size may begin as a pickle does
        _refuse_foreign(data)
    if size > MOST_HEADER:
        raise CheckpointError(f"the header claims {size} bytes", expected=f"at most {MOST_HEADER}")
    if size > len(data) - 8:
        raise CheckpointError(
            f"the file is cut off: {len(data)} bytes, and its header alone has {size}"
        )
    try:
        found = json.loads(data[8 : 8 + size], object_pairs_hook=_once)
        for value in found.get("__metadata__", {}).values():
            value.encode()
    except (ValueError, AttributeError, RecursionError) as error:
        fact = error.args[0] if isinstance(error, CheckpointError) else "its header is no JSON"
        raise CheckpointError(f"the file is damaged, or no safetensors file: {fact}") from None
    return found  # type: ignore[no-any-return]


def _refuse_foreign(data: bytes) -> None:
    """Raise CheckpointError for what begins as no safetensors file does."""
    for start, what in _FOREIGN.items():
        if data.startswith(start):
            raise CheckpointError(
                f"this is {what}, which is not read",
                expected="a safetensors file",
                hint=f"a pickle can run any code when it is loaded;\n{_ADVICE}",
            )
    if data[8:9] != b"{":
        raise CheckpointError("this is no safetensors file", got=f"it begins with {data[:8]!r}")


def _once(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    made = dict(pairs)
    if len(made) != len(pairs):
        raise CheckpointError("a name comes twice in its header")
    return made


def _arrays(data: bytes) -> dict[str, np.ndarray]:
    """The arrays by name; the library checks that their places fit together."""
    from safetensors import SafetensorError, deserialize

    try:
        found = deserialize(data)  # type: ignore[no-untyped-call]
    except SafetensorError as error:
        raise CheckpointError(
            f"the file is damaged, or no safetensors file: {str(error).rpartition(': ')[2]}"
        ) from None
    made = {}
    for name, part in found:
        if part["dtype"] not in _TYPES:
            raise CheckpointError(
                f"'{name}' is of type {part['dtype']}, which chainrule does not have",
                expected=", ".join(_TYPES),
                hint="convert it where it was made, for example with .float()",
            )
        wanted = np.dtype(_TYPES[part["dtype"]])
        try:
            array = np.frombuffer(part["data"], wanted.newbyteorder("<")).reshape(part["shape"])
        except (ValueError, OverflowError):  # more axes, or longer ones, than an array can have
            raise CheckpointError(f"'{name}' has the shape {part['shape']}") from None
        if wanted == np.bool_ and (array.view(np.uint8) > 1).any():
            raise CheckpointError(f"the file is damaged: '{name}' holds bools other than 0 and 1")
        made[name] = array.astype(wanted, copy=False)
    return made
