"""The structure of what is saved, as JSON: what is no tensor, and where the tensors belong.

Lists, texts, flags, None, finite floats and whole numbers of 64 bits are JSON's own.  Everything
else is an object with one key that says what it is, or two for a tensor.
"""

from __future__ import annotations

import json
import math
import re
from collections.abc import Callable
from fractions import Fraction
from typing import Any

import numpy as np

from chainrule.core import dtypes as dt
from chainrule.core.errors import CheckpointError, shortened
from chainrule.core.node import leaf
from chainrule.core.tensor import Parameter, Tensor

MOST_DEPTH = 64
"""How deeply containers may be nested."""
_FRACTION = re.compile(r"(-?0x[0-9a-f]+)(?:/(0x[0-9a-f]+))?")
_NUMPY = {np.dtype(d.numpy).name for d in dt.DTYPES.values() if d.category <= dt.REAL}
_FLOATS = {"nan": math.nan, "inf": math.inf, "-inf": -math.inf}


def damaged(what: str) -> CheckpointError:
    """The error for a file that was ours and has been changed."""
    return CheckpointError(
        f"the file is damaged: {what}", hint="load another copy, or an earlier checkpoint"
    )


class Encoder:
    """Takes an object apart: ``arrays`` are the tensors by the names that they get in the file.

    A tensor's name is the path to it, ``optimizer.state.0.exp_avg``, so that the names of a flat
    dict stay what they are.
    """

    def __init__(self) -> None:
        self.arrays: dict[str, np.ndarray] = {}

    def text(self, value: Any) -> str:
        """The structure of ``value``, in ASCII; raises CheckpointError for what cannot be saved."""
        return json.dumps(self._encode(value, ()), allow_nan=False, separators=(",", ":"))

    def _encode(self, value: Any, path: tuple[Any, ...]) -> Any:
        if len(path) > MOST_DEPTH:
            raise CheckpointError(
                f"what is saved is nested more than {MOST_DEPTH} levels deep, or contains itself",
                got=_place(path[:4]) + " …",
            )
        if value is None or type(value) in (bool, str):
            return value
        if isinstance(value, Tensor):
            return self._tensor(value, path)
        if isinstance(value, dict):
            pairs = [
                [self._key(key, path), self._encode(x, (*path, key))] for key, x in value.items()
            ]
            return {"dict": pairs}
        if type(value) is list:
            return [self._encode(x, (*path, i)) for i, x in enumerate(value)]
        if type(value) is tuple:
            return {"tuple": [self._encode(x, (*path, i)) for i, x in enumerate(value)]}
        return self._number(value, path)

    def _key(self, key: Any, path: tuple[Any, ...]) -> Any:
        if key is None or (isinstance(key, str | int | float) and not isinstance(key, np.generic)):
            return self._encode(key, path)
        raise CheckpointError(
            f"a key of {_place(path)} is of type {type(key).__name__}",
            expected="text, a number, True, False or None",
        )

    def _number(self, value: Any, path: tuple[Any, ...]) -> Any:
        if isinstance(value, np.generic) and value.dtype.name in _NUMPY:
            return {"numpy": [value.dtype.name, self._number(value.item(), path)]}
        if type(value) is bool:
            return value
        if type(value) is int:
            return value if value.bit_length() < 64 else {"int": format(value, "#x")}
        if type(value) is float:
            return value if math.isfinite(value) else {"float": str(value)}
        if type(value) is complex:
            return {"complex": [self._number(x, path) for x in (value.real, value.imag)]}
        if type(value) is Fraction:
            return {"fraction": _fraction_text(value)}
        if isinstance(value, dt.DType):
            return {"dtype": value.name}
        raise _unsaved(value, path)

    def _tensor(self, value: Tensor, path: tuple[Any, ...]) -> Any:
        kind = ["grad"] if value.requires_grad else []
        kind += ["parameter"] if isinstance(value, Parameter) else []
        array = value.detach().numpy()
        if value.dtype is dt.exact:
            fractions = [_exact_text(x, path) for x in array.ravel()]
            return {"exact": fractions, "shape": list(array.shape), "kind": kind}
        if value.dtype is dt.complex128:  # which the format lacks: an axis of two parts
            array = np.stack([array.real, array.imag], axis=-1)
        name = self._name(path)
        self.arrays[name] = np.require(array, requirements="C")
        return {"tensor": name, "dtype": value.dtype.name, "kind": kind}

    def _name(self, path: tuple[Any, ...]) -> str:
        """The path as text, with underscores where another tensor has that name."""
        name = ".".join(map(str, path)) if path else "tensor"
        name = name.encode("utf-8", "replace").decode()  # halves of a pair are no UTF-8
        while name in self.arrays or name == "__metadata__":
            name += "_"
        return name


def decode(structure: str, arrays: dict[str, np.ndarray]) -> Any:
    """The object that has this structure; raises CheckpointError where it makes no sense, or
    where tensors of the file have no place in it."""
    decoder = Decoder(arrays)
    try:
        made = decoder.decode(json.loads(structure), 0)
    except (ValueError, TypeError, KeyError, ArithmeticError, RecursionError) as error:
        if isinstance(error, CheckpointError):
            raise
        raise damaged(f"its structure makes no sense ({shortened(error)})") from None
    if decoder.unused:
        raise damaged(f"it holds '{min(decoder.unused)}', which has no place in it")
    return made


class Decoder:
    """Puts an object together again from its structure and its arrays."""

    def __init__(self, arrays: dict[str, np.ndarray]) -> None:
        self.arrays, self.unused = arrays, set(arrays)
        self.kinds: dict[str, Callable[[Any, int], Any]] = {
            "dict": self._dict,
            "tuple": lambda parts, depth: tuple(self._list(parts, depth)),
            "numpy": lambda pair, depth: _numpy(*pair),
            "int": lambda text, depth: int(text, 16),
            "float": lambda text, depth: _FLOATS[text],
            "complex": lambda pair, depth: _complex(*self._list(pair, depth)),
            "fraction": lambda text, depth: _fraction(text),
            "dtype": lambda name, depth: dt.DTYPES[name],
        }

    def decode(self, found: Any, depth: int) -> Any:
        """The object for one part of the structure."""
        if depth > MOST_DEPTH:
            raise damaged(f"it is nested more than {MOST_DEPTH} levels deep")
        if isinstance(found, list):
            return self._list(found, depth)
        if not isinstance(found, dict):
            return found
        if "kind" in found:
            return self._tensor(found)
        ((kind, value),) = found.items()
        return self.kinds[kind](value, depth)

    def _list(self, parts: Any, depth: int) -> list[Any]:
        if not isinstance(parts, list):
            raise TypeError("a list is missing")
        return [self.decode(part, depth + 1) for part in parts]

    def _dict(self, pairs: Any, depth: int) -> dict[Any, Any]:
        made = {self.decode(key, depth + 1): self.decode(x, depth + 1) for key, x in pairs}
        if len(made) != len(pairs):
            raise ValueError("a key comes twice")
        return made

    def _tensor(self, found: dict[str, Any]) -> Tensor:
        if "exact" in found:
            entries = np.empty(len(found["exact"]), object)
            entries[:] = [_fraction(text) for text in found["exact"]]
            array, dtype = entries.reshape(found["shape"]), dt.exact
        else:
            name, dtype = found["tensor"], dt.DTYPES[found["dtype"]]
            if name not in self.arrays:
                raise damaged(f"the tensor '{name}' is missing")
            self.unused.discard(name)
            array = _typed(self.arrays[name], dtype)
        made = Tensor(leaf(array.shape, dtype, array))
        wanted = "grad" in found["kind"]
        if wanted and not dtype.differentiable:
            raise TypeError(f"a gradient of {dtype.name}")
        return (
            Parameter(made, wanted) if "parameter" in found["kind"] else made.requires_grad_(wanted)
        )


def _typed(array: np.ndarray, dtype: dt.DType) -> np.ndarray:
    """The array, which must be of this type; pairs of floats are complex128."""
    if dtype is dt.complex128 and array.dtype == np.float64 and array.shape[-1:] == (2,):
        return array.view(np.complex128).reshape(array.shape[:-1])
    if array.dtype != dtype.numpy:
        raise TypeError(f"{array.dtype.name} where {dtype.name} belongs")
    return array


def _numpy(name: str, value: Any) -> Any:
    if name not in _NUMPY:
        raise ValueError(f"there is no NumPy type {name}")
    plain = _FLOATS[value["float"]] if isinstance(value, dict) else value
    if not isinstance(plain, int | float):
        raise TypeError(f"{plain!r} is no number")
    return np.dtype(name).type(plain)


def _complex(re: float, im: float) -> complex:
    return complex(re, im)


def _exact_text(value: Any, path: tuple[Any, ...]) -> str:
    if isinstance(value, int | Fraction):
        return _fraction_text(Fraction(value))
    raise CheckpointError(
        f"the exact tensor {_place(path)} holds {shortened(value)}: only fractions are saved",
        hint="a root or a symbol would have to be read back as a formula;\n"
        "save its value, x.to(cr.float64), where it has one",
    )


def _fraction_text(value: Fraction) -> str:
    """In hexadecimal, which Python reads and writes at any length: ``0x1/0x3``."""
    return format(value.numerator, "#x") + (
        "" if value.denominator == 1 else f"/{value.denominator:#x}"
    )


def _fraction(text: str) -> Fraction:
    found = _FRACTION.fullmatch(text)
    if found is None:
        raise ValueError(f"{text!r} is no fraction")
    return Fraction(int(found[1], 16), int(found[2] or "1", 16))


def _place(path: tuple[Any, ...]) -> str:
    return "the object" + "".join(f"[{part!r}]" for part in path)


def _unsaved(value: Any, path: tuple[Any, ...]) -> CheckpointError:
    """The error for an object that cannot be saved, with the way around it."""
    hints = {
        "state_dict": "save its x.state_dict(), and load that into a new one",
        "__array__": "make it a tensor: cr.tensor(x)",
        "_fields": "make it a plain tuple or dict: tuple(x), x._asdict()",
    }
    hint = next((text for name, text in hints.items() if hasattr(value, name)), None)
    return CheckpointError(
        f"{_place(path)} is of type {type(value).__name__}, which cannot be saved",
        expected="tensors, numbers, text, True, False, None, in lists, tuples and dicts",
        hint=hint or "only data are saved, never code: that is why loading a file runs nothing",
    )
