"""Emitted programs, run: NumPy code as it is, lines with indices as loops."""

from __future__ import annotations

import itertools
import math
import re
from collections import defaultdict
from types import SimpleNamespace
from typing import Any

import numpy as np

from chainrule.readings.emit.index_form import IndexForm
from chainrule.readings.emit.numpy_code import NumpyCode


def slot(value: Any, grad: Any = None) -> SimpleNamespace:
    """A tensor from outside."""
    value = np.asarray(value)
    return SimpleNamespace(value=value, grad=np.zeros(value.shape) if grad is None else grad)


def run_numpy(code: NumpyCode, tensors: dict[str, Any], seed: Any, out: str = "out") -> Any:
    """The result of the code; gradients are added to the tensors."""
    names = {**tensors, out: SimpleNamespace(value=None, grad=seed)}
    with np.errstate(all="ignore"):
        exec(code.program, names)
    return names[out].value


class Cells(defaultdict[Any, Any]):
    """Entries that start at 0, by index."""

    def __init__(self) -> None:
        super().__init__(float)

    def array(self, shape: tuple[int, ...]) -> np.ndarray:
        """The entries as an array."""
        made = np.empty(shape)
        for at in np.ndindex(*shape):
            made[at] = self[at if len(at) != 1 else at[0]]
        return made


def _where(function: Any) -> Any:
    def safe(*x: float) -> float:
        try:
            return function(*x)
        except (ValueError, OverflowError, ZeroDivisionError):
            return math.nan

    return safe


FUNCTIONS = {
    name: _where(getattr(math, name))
    for name in (
        "exp", "log", "sqrt", "tanh", "sin", "cos", "floor", "expm1", "log1p", "erf", "erfc",
        "sinh", "cosh", "log2", "log10", "hypot",
    )
} | {
    name: getattr(np, name)
    for name in ("sign", "arctan2", "arcsinh", "arccosh", "arctanh", "conj", "real", "imag",
                 "logical_or", "logical_and", "bitwise_and")
} | {"round": np.rint, "abs": abs, "max": max, "min": min}  # fmt: skip
WORDS = {"max": max, "min": min, "product": math.prod}


def run_indices(
    form: IndexForm, tensors: dict[str, Any], seed: Any, shape: tuple[int, ...]
) -> np.ndarray:
    """The result of the lines; gradients are added to the tensors."""
    result = Cells()
    seeds = np.asarray(seed)
    names: dict[str, Any] = {
        **{name: SimpleNamespace(value=t.value, grad=t.grad) for name, t in tensors.items()},
        **FUNCTIONS,
        "out": SimpleNamespace(value=result, grad=seeds) if shape
        else SimpleNamespace(value=0.0, grad=seeds.item()),
    }  # fmt: skip
    for name, tensor in tensors.items():
        if tensor.value.shape == ():
            names[name] = SimpleNamespace(value=tensor.value.item(), grad=0.0)
    for line in filter(None, form.lines):
        _run_line(line, form, names)
    for name, tensor in tensors.items():
        if tensor.value.shape == ():
            tensor.grad = np.asarray(names[name].grad)
    return result.array(shape) if shape else np.asarray(names["out"].value)


def _run_line(line: str, form: IndexForm, names: dict[str, Any]) -> None:
    loops, _, body = line.rpartition(": ") if line.startswith("for all") else ("", "", line)
    letters = re.findall(r"\w+", loops.removeprefix("for all"))
    target = body.split(" ")[0]
    word = target.split("[")[0]
    if "." not in word:
        names.setdefault(word, Cells() if "[" in target else 0.0)
    elif word.split(".")[0] not in names:
        names[word.split(".")[0]] = SimpleNamespace(value=Cells(), grad=Cells())
    over = re.fullmatch(r"(\S.*) = (max|min|product) over ([\w, ]+) of (.*)", body)
    if over:
        inner = re.findall(r"\w+", over[3])
        rows = " ".join(f"for {i} in range({form.ranges[i]})" for i in inner)
        body = f"{over[1]} = WORDS['{over[2]}']([{over[4]} {rows}])"
        names["WORDS"] = WORDS
    code = compile(body, line, "exec")
    for at in itertools.product(*(range(form.ranges[letter]) for letter in letters)):
        names.update(zip(letters, at, strict=True))
        exec(code, names)
