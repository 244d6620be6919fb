"""Runs one call in both libraries and compares: errors, structure, types, values, gradients."""

from __future__ import annotations

import operator
import re
import warnings
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import torch

import chainrule as cr
from chainrule.core.errors import ChainruleError, DTypeError
from tests.torch_parity import documented
from tests.torch_parity.drawing import Dtype, Sample
from tests.torch_parity.table import Call, Row

TOLERANCE = {"float64": 1e-12, "float32": 1e-5, "float16": 4e-3}
"""Relative to the largest magnitude in the tensor."""

ROUNDING = {t: float(np.finfo(name).eps) for name, t in TOLERANCE.items()}


class Disagreement(AssertionError):
    """The libraries disagree; ``kind`` says in what."""

    def __init__(self, kind: str, call: Call, theirs: Any, ours: Any) -> None:
        self.kind, self.call, self.theirs, self.ours = kind, call, theirs, ours
        super().__init__(f"{kind}: {call}\n  PyTorch    {theirs}\n  chainrule  {ours}")


@dataclass
class Outcome:
    """What one library made of a call."""

    error: Exception | None = None
    form: Any = None
    tensors: list[Any] = field(default_factory=list)
    leaves: list[Any] = field(default_factory=list)


def resolve(lib: Any, name: str) -> Any:
    """The function that a spelling names under ``lib``; AttributeError where there is none."""
    owner, *path = name.split(".")
    found = {"torch": lib, "Tensor": lib.Tensor, "F": lib.nn.functional, "operator": operator}[
        owner
    ]
    for part in path:
        found = getattr(found, part)
    return found


def exists(lib: Any, name: str) -> bool:
    """Whether ``lib`` has what the spelling names."""
    try:
        resolve(lib, name)
    except AttributeError:
        return False
    return True


def made(lib: Any, tree: Any, leaves: list[Any]) -> Any:
    """The arguments in one library; tensors that ask for gradients are collected in ``leaves``."""
    if isinstance(tree, Sample):
        tensor = torch.from_numpy(tree.array.copy()) if lib is torch else cr.tensor(tree.array)
        if tree.grad:
            leaves.append(tensor.requires_grad_())
        return tensor
    if isinstance(tree, Dtype):
        return getattr(lib, tree.name)
    if isinstance(tree, dict):
        return {key: made(lib, part, leaves) for key, part in tree.items()}
    if type(tree) in (list, tuple):
        return type(tree)([made(lib, part, leaves) for part in tree])
    return tree


def in_place(name: str) -> bool:
    """Whether the spelling writes to its first operand."""
    last = name.rpartition(".")[2]
    return last == "__setitem__" or (last.endswith("_") and not last.endswith("__"))


def outcome(lib: Any, call: Call, by_name: bool) -> Outcome:
    """What ``lib`` makes of the call.  Any exception is an outcome."""
    result = Outcome()
    args = list(made(lib, call.args, result.leaves))
    kwargs = made(lib, call.kwargs, result.leaves)
    if by_name:
        args, kwargs = documented.by_name(call.name, args, kwargs)
    writes = in_place(call.name)
    try:
        if writes:
            args[0] = args[0].clone()
        given = run(lib, call.name, args, kwargs)
    except Exception as error:  # noqa: BLE001 - which one is the question
        result.error = error
        return result
    if writes:
        if given is not None and given is not args[0]:
            given = ("another tensor than the one written to", given)
        elif given is None:
            given = args[0]
    result.form = form(given, result.tensors)
    return result


def run(lib: Any, name: str, args: list[Any], kwargs: dict[str, Any]) -> Any:
    """Call; a method through its object, so that properties have their place too."""
    if not name.startswith("Tensor."):
        return resolve(lib, name)(*args, **kwargs)
    method = getattr(args[0], name.removeprefix("Tensor."))
    return method(*args[1:], **kwargs) if callable(method) else method


def form(value: Any, tensors: list[Any]) -> Any:
    """The structure of a result, without what is in its tensors, which are collected."""
    if isinstance(value, torch.Tensor | cr.Tensor):
        tensors.append(value)
        return "tensor"
    if isinstance(value, tuple | list):
        names = getattr(value, "_fields", getattr(value, "__match_args__", ()))
        return type(value) is list, names, [form(part, tensors) for part in value]
    if isinstance(value, torch.dtype | cr.dtype):
        return str(value).rpartition(".")[2]
    return value


def values(tensor: Any) -> np.ndarray:
    detached = tensor.detach()
    if isinstance(detached, torch.Tensor):  # gradients that are zeros of no storage, too
        return detached.numpy(force=True)
    return np.asarray(detached.numpy())


def dtype_name(tensor: Any) -> str:
    return str(tensor.dtype).rpartition(".")[2]


def compare(row: Row, call: Call) -> None:
    """Raise Disagreement unless both libraries make the same of the call."""
    by_name = call.by_name and documented.can_name(call.name, call.args)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        theirs = outcome(torch, call, by_name)
        if by_name and isinstance(theirs.error, TypeError):  # the docs and the parser disagree
            by_name = False
            theirs = outcome(torch, call, by_name)
    ours = outcome(cr, call, by_name)
    if compare_errors(row, call, theirs, ours):
        return
    if any(note.holds("differs", call) for note in row.notes):
        return
    if repr(theirs.form) != repr(ours.form):
        raise Disagreement("structure", call, theirs.form, ours.form)
    operands = call.samples()
    excused = any(note.holds("gradient differs", call) for note in row.notes)
    for a, b in zip(theirs.tensors, ours.tensors, strict=True):
        compare_tensors(row, call, "", a, b, operands)
        if a.requires_grad != b.requires_grad and not excused:
            raise Disagreement("requires_grad", call, a.requires_grad, b.requires_grad)
    if theirs.leaves and not excused:
        compare_gradients(row, call, theirs, ours)


def compare_errors(row: Row, call: Call, theirs: Outcome, ours: Outcome) -> bool:
    """Whether the call ends here, with an error in one of them or both."""
    if ours.error is not None and not isinstance(ours.error, ChainruleError | TypeError):
        raise Disagreement("bare error", call, said(theirs), said(ours))
    if theirs.error is not None and ours.error is None:
        if "INTERNAL ASSERT" in str(theirs.error):  # PyTorch asks for a report of the bug
            return True
        if not any(note.holds("accepts", call, theirs.error) for note in row.notes):
            raise Disagreement("not refused", call, said(theirs), said(ours))
        return True
    known = any(note.holds("refuses", call) for note in row.notes)
    if isinstance(ours.error, DTypeError) and empty_of_other_type(call):
        return True
    if theirs.error is None and (ours.error is None) == known:
        raise Disagreement(
            "refusal not true" if known else "refused", call, said(theirs), said(ours)
        )
    return theirs.error is not None or ours.error is not None


def empty_of_other_type(call: Call) -> bool:
    """Whether there is a tensor without entries, and one that is not floating: PyTorch looks at
    types where it computes entries, and where there are none it lets many pass."""
    given = call.samples()
    return any(not s.array.size for s in given) and any(not s.floating for s in given)


def said(result: Outcome) -> str:
    """An outcome in a few words."""
    if result.error is not None:
        return f"{type(result.error).__name__}: {str(result.error).strip()[:200]}"
    shown = [f"{dtype_name(t)} {tuple(t.shape)} {values(t).tolist()}" for t in result.tensors]
    return ", ".join(shown) or repr(result.form)


def compare_tensors(
    row: Row, call: Call, what: str, theirs: Any, ours: Any, operands: list[Sample]
) -> None:
    """Raise Disagreement unless shape, type and values agree."""
    if tuple(theirs.shape) != tuple(ours.shape):
        raise Disagreement(f"{what}shape", call, tuple(theirs.shape), tuple(ours.shape))
    if dtype_name(theirs) != dtype_name(ours):
        raise Disagreement(f"{what}dtype", call, dtype_name(theirs), dtype_name(ours))
    a, b = values(theirs), values(ours)
    noise = max(row.noise, 4.0 if what else 0.0)  # 1 - y², say, is a difference of such numbers
    if not agree(a, b, tolerance(operands, dtype_name(theirs), call), noise, operands):
        raise Disagreement(f"{what}values", call, a.tolist(), b.tolist())


def tolerance(operands: list[Sample], result: str, call: Call) -> float:
    """That of the narrowest floating type that has a part in it."""
    names = [s.dtype for s in operands if s.floating]
    found = [TOLERANCE[name] for name in [*names, result] if name in TOLERANCE]
    return max(found, default=0.0)


def agree(
    theirs: np.ndarray, ours: np.ndarray, relative: float, noise: float, operands: list[Sample]
) -> bool:
    """Whether two arrays of one type agree; NaN and infinities have their places."""
    if theirs.dtype.kind not in "fc":
        return bool(np.array_equal(theirs, ours))
    finite = np.isfinite(theirs)
    if not np.array_equal(theirs[~finite], ours[~finite], equal_nan=True):
        return False
    if not np.isfinite(ours[finite]).all():
        return False
    a, b = theirs[finite].astype(np.float64), ours[finite].astype(np.float64)
    largest = np.abs(a).max(initial=0.0)
    floor = float(np.finfo(theirs.dtype).tiny)  # below it, numbers have fewer digits
    if noise:
        sizes = [largest_of(s.array) for s in operands if s.floating]
        floor = max(floor, noise * ROUNDING[relative] * max([1.0, *sizes]))
    return bool((np.abs(a - b) <= relative * largest + floor).all())


def largest_of(array: np.ndarray) -> float:
    finite = array[np.isfinite(array)]
    return float(np.abs(finite).max(initial=0.0))


def compare_gradients(row: Row, call: Call, theirs: Outcome, ours: Outcome) -> None:
    """Compare the gradients of all leaves, from drawn adjoints of all results."""
    pairs = [
        (a, b)
        for a, b in zip(theirs.tensors, ours.tensors, strict=True)
        if a.requires_grad and a.dtype.is_floating_point
    ]
    if not pairs:
        return
    random = np.random.default_rng(call.seed)
    adjoints = []
    for a, _ in pairs:
        drawn = np.round(random.uniform(-2, 2, tuple(a.shape)) * 4) / 4
        adjoints.append(np.asarray(drawn).astype(dtype_name(a)))
    wanted = gradients(torch, [a for a, _ in pairs], theirs.leaves, adjoints)
    found = gradients(cr, [b for _, b in pairs], ours.leaves, adjoints)
    if isinstance(wanted, Exception) and isinstance(found, ChainruleError):
        return
    if isinstance(wanted, Exception) or isinstance(found, Exception):
        if isinstance(found, Exception) or not own_trouble(wanted):
            raise Disagreement("gradient errors", call, repr(wanted), repr(found))
        return
    operands = [*call.samples(), *map(Sample, adjoints)]
    for a, b in zip(wanted, found, strict=True):
        if (a is None) != (b is None):
            raise Disagreement("gradient missing", call, a, b)
        if a is not None:
            compare_tensors(row, call, "gradient ", a, b, operands)


def own_trouble(error: Any) -> bool:
    """Whether PyTorch refuses because a value was changed in place, where chainrule gives the
    gradient of the values that were used (docs/decisions/0001), or by a bug of its own."""
    return bool(re.search("modified by an inplace operation|INTERNAL ASSERT", str(error)))


def gradients(lib: Any, outs: list[Any], leaves: list[Any], adjoints: list[np.ndarray]) -> Any:
    """The gradients, or the exception that stands in their way."""
    seeds = [made(lib, Sample(adjoint), []) for adjoint in adjoints]
    try:
        return lib.autograd.grad(outs, leaves, seeds, allow_unused=True)
    except Exception as error:  # noqa: BLE001 - a refusal must be on both sides
        return error
