"""Differences on purpose that many element-wise rows share, and what they ask of a call."""

from __future__ import annotations

from typing import Any

import numpy as np

from tests.torch_parity.drawing import Dtype, Sample
from tests.torch_parity.table import Call, accepts, refuses, slopes


def parts(call: Call) -> list[Any]:
    """The arguments, named ones too."""
    return [*call.args, *call.kwargs.values()]


def numbers(call: Call) -> list[Any]:
    """The Python numbers among the arguments."""
    return [x for x in parts(call) if isinstance(x, int | float) and not isinstance(x, bool)]


def has(call: Call, dtype: str) -> bool:
    """Whether a tensor is of this type."""
    return any(s.dtype == dtype for s in call.samples())


def some(call: Call, question: Any) -> bool:
    """Whether the answer is yes for an entry of a floating tensor."""
    return any(bool(question(s.array).any()) for s in call.samples() if s.floating)


def asked(call: Call, name: str) -> bool:
    """Whether the argument ``dtype`` names this type."""
    return call.kwargs.get("dtype") == Dtype(name)


def bytes_beside(given: list[Any]) -> bool:
    """Whether there are tensors of bytes, none of a wider type, and a whole number below 0."""
    types = {x.dtype for x in given if isinstance(x, Sample)} - {"bool"}
    return types == {"uint8"} and any(type(x) is int and x < 0 for x in given)


NUMBERS = accepts("numbers stand for tensors without axes", r"must be Tensor, not (int|float|bool)")

UNFIT_WHY = "a whole number that the type does not have, -1 among bytes; PyTorch wraps it around"
UNFIT = refuses(UNFIT_WHY, lambda call: bytes_beside(parts(call)))

OVERWRITTEN = slopes(
    "what is overwritten, or only compared, has no gradient: None; PyTorch gives zeros",
    lambda call: call.name.endswith("_") and call.args[0].floating,
)
WHOLE = slopes(
    "whole numbers ask for no gradient, whatever is written to them; PyTorch's then do",
    lambda call: call.name.endswith("_") and not call.args[0].floating,
)

BOOLS = slopes(
    "derivatives beside a tensor of truth values, with which PyTorch's formulas do not compute",
    lambda call: has(call, "bool"),
)

AT_NAN = slopes(
    "the derivative at NaN passes on; PyTorch's is 0 or passes on, as the number of entries has it",
    lambda call: some(call, np.isnan),
)
