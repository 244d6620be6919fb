"""Making tensors."""

from __future__ import annotations

from typing import Any

import numpy as np

from tests.torch_parity.drawing import ANY, Draw, Dtype
from tests.torch_parity.rows import notes
from tests.torch_parity.table import Arguments, Call, Family, accepts, refuses

family = Family("Creation")
row = family.row

NUMBERS = (2, 1.5, True, -1, 0.0, float("inf"), 300)
OWN = {"generator": "it is one of chainrule, and draws other numbers than PyTorch's"}
DTYPES = tuple(map(Dtype, dict.fromkeys(ANY)))


def _how(d: Draw) -> dict[str, Any]:
    return d.some(dtype=d.one(*DTYPES), requires_grad=d.flag(), device=d.one("cpu", None))


@row("torch.zeros torch.ones")
def _(d: Draw) -> Arguments:
    size = d.one((2, 3), (), (0,), (1, 2, 1), (-1,))
    return d.one(((size,), _how(d)), ((list(size),), _how(d)), (size, _how(d)))


def _unfit(call: Call) -> bool:
    """Whether bytes are to be -1."""
    first = call.args[0]
    kept = "dtype" not in call.kwargs and getattr(first, "dtype", "") == "uint8"
    return call.args[1] == -1 and (kept or notes.asked(call, "uint8"))


UNFIT = refuses(notes.UNFIT_WHY, _unfit)


@row("torch.full", UNFIT)
def _(d: Draw) -> Arguments:
    return (d.one((2, 3), [2], (), (0, 2), (-1,)), d.one(*NUMBERS)), _how(d)


@row("torch.zeros_like torch.ones_like")
def _(d: Draw) -> Arguments:
    return (d.tensor(),), _how(d)


@row("torch.full_like", UNFIT)
def _(d: Draw) -> Arguments:
    return (d.tensor(), d.one(*NUMBERS[:5])), _how(d)


@row("Tensor.new_zeros Tensor.new_ones")
def _(d: Draw) -> Arguments:
    return (d.tensor(), d.one((2,), (), (2, 0))), _how(d)


@row("Tensor.new_full")
def _(d: Draw) -> Arguments:
    return (d.tensor(), d.one((2,), (), (2, 0)), d.one(2, 1.5, True)), _how(d)


@row("Tensor.new_tensor")
def _(d: Draw) -> Arguments:
    return (d.tensor(), d.one([1, 2], 1.5, [[True]])), _how(d)


@row("torch.eye")
def _(d: Draw) -> Arguments:
    return (d.one(2, 3, 0, 1, -1), *d.one((), (3,), (0,), (2,))), _how(d)


WHOLE = ("int64", "int32", "uint8", "int8", "int16")


def _bytes_below(call: Call) -> bool:
    return notes.asked(call, "uint8") and call.args == (-2.5, 2)


@row(
    "torch.arange",
    refuses(notes.UNFIT_WHY, _bytes_below),
    refuses(
        "a step that is 0 in a type of whole numbers; PyTorch repeats the start",
        lambda call: (
            call.args[2:] in ((0.3,), (0.25,)) and any(notes.asked(call, t) for t in WHOLE[1:])
        ),
    ),
)
def _(d: Draw) -> Arguments:
    ends = d.one((5,), (3.5,), (1, 4), (0, 1, 0.25), (4, 0, -1), (0,), (1, 4, 2.0), (3, 0), (2, 2),
                 (0, 1, 0), (-2.5, 2), (0, 1, 0.3), (True,), (1.0,), (5, 1, 2))  # fmt: skip
    return ends, _how(d)


@row(
    "torch.linspace",
    refuses("truth values, also in one step or none, where PyTorch makes them",
            lambda call: notes.asked(call, "bool") and call.args[2] < 2),
)  # fmt: skip
def _(d: Draw) -> Arguments:
    ends = d.one((0, 1, 5), (-1.5, 2, 4), (0, 10, 1), (3, 0, 4), (0, 1, 0), (2, 2, 3), (0, 1, -1))
    return ends, _how(d)


@row("torch.logspace")
def _(d: Draw) -> Arguments:
    return d.one((0, 1, 5), (-1.5, 2, 4), (0, 2, 1), (0, 1, 0)), d.some(
        base=d.one(2.0, 10, 0.5), dtype=Dtype(d.one("float64", "float32")), device="cpu",
        requires_grad=d.flag(),
    )  # fmt: skip


@row(
    "torch.tensor",
    accepts("a fraction of NumPy's is cut off like one of Python's", "interpreted as an integer"),
)
def _(d: Draw) -> Arguments:
    return (d.one(1, 2.5, True, [1, 2], [1.5, 2], [[1], [2]], [], [[], []], (1, 2.0), [True, 0],
                  [True, 1.5], [[1, 2], [3]], None, "a", 300, [-1, float("nan")],
                  np.arange(3), np.float32(1.5), np.array([1.5, 2]), [np.float64(2), 1]),
            ), _how(d)  # fmt: skip


@row(
    "torch.as_tensor torch.asarray",
    accepts("whole numbers of a tensor that asks for a gradient: they ask for none",
            "can require gradients"),
)  # fmt: skip
def _(d: Draw) -> Arguments:
    data = d.one(d.tensor((2,), special=False), [1, 2.5], np.arange(3.0), 3, True)
    return (data,), d.some(dtype=d.one(*DTYPES), device="cpu")


@row(
    "torch.asarray",
    refuses("an array without a copy: tensors share no memory with NumPy",
            lambda call: call.kwargs.get("copy") is False and isinstance(call.args[0], np.ndarray)),
)  # fmt: skip
def _(d: Draw) -> Arguments:
    return (d.one([1, 2.5], np.arange(3.0), 3),), d.some(copy=d.flag(), requires_grad=d.flag())


def _whole_draws(call: Call) -> bool:
    kept = [s.dtype for s in call.samples()] if "dtype" not in call.kwargs else []
    whole = any(notes.asked(call, t) for t in WHOLE) or any(t in WHOLE for t in kept)
    return "rand" in call.name and (whole or notes.asked(call, "bool"))


WHOLE_DRAWS = refuses("whole numbers, of which PyTorch draws none, either", _whole_draws)


@row("torch.empty torch.rand torch.randn", WHOLE_DRAWS, unsupported=OWN)
def _(d: Draw) -> Arguments:
    # which entries these have cannot be compared: so they have none
    return d.one(((0, 2),), ((2, 0),), (0, 3)), _how(d)


@row("torch.empty_like torch.rand_like torch.randn_like", WHOLE_DRAWS, unsupported=OWN)
def _(d: Draw) -> Arguments:
    return (d.tensor((2, 0), ("float64", "float32", "int64")),), _how(d)
