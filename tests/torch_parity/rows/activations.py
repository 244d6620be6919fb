"""Activations, under their functional names."""

from __future__ import annotations

from typing import Any

import numpy as np

from tests.torch_parity.drawing import MOST, Draw, Dtype
from tests.torch_parity.rows import notes
from tests.torch_parity.rows.notes import AT_NAN
from tests.torch_parity.table import Arguments, Call, Family, Note, differs, refuses, slopes

family = Family("Activations")
row = family.row

DTYPES = (Dtype("float64"), Dtype("float32"), Dtype("int64"))


def _plain(d: Draw) -> Arguments:
    return (d.tensor(low=-4, high=4),), {}


NOTES: dict[str, Note] = {
    "relu6": AT_NAN,
    "softsign": slopes(
        "the derivative at infinity is 0; PyTorch's is NaN",
        lambda call: notes.some(call, np.isinf),
    ),
    "hardsigmoid": slopes(
        "the slope 1/6 has all its digits; PyTorch's is rounded to float32 in float64 too",
        lambda call: notes.has(call, "float64"),
    ),
}

for _name in ["sigmoid", "tanh", "softsign", "logsigmoid", "tanhshrink"]:
    row(f"F.{_name}", *filter(None, [NOTES.get(_name)]))(_plain)


def _placed(d: Draw) -> Arguments:
    return (d.tensor(low=-4, high=4, grad=False),), {"inplace": d.flag()}


INPLACE = ["relu", "relu6", "hardsigmoid", "hardswish", "selu", "silu", "mish"]
for _name in INPLACE:
    row(f"F.{_name}", *filter(None, [NOTES.get(_name)]))(_plain)
row("torch.selu F.selu")(_plain)
row(" ".join(f"F.{_name}" for _name in [*INPLACE, "leaky_relu", "elu", "celu", "hardtanh"]))(
    _placed
)


def _with(**choices: tuple[Any, ...]) -> Any:
    """One tensor, and some of the keywords."""

    def draw(d: Draw) -> Arguments:
        options = {name: d.one(*values) for name, values in choices.items()}
        # halves times 3, so that the kinks of all of them are met
        return (d.tensor(low=-4, high=4),), d.some(**options)

    return draw


row("F.leaky_relu")(_with(negative_slope=(0.2, 0.0, -0.5, 1)))
row("F.elu")(_with(alpha=(0.5, 2, 0.0)))
row("F.celu torch.celu")(_with(alpha=(0.5, 2)))
row(
    "F.gelu",
    differs(
        "the value at infinity is infinity; PyTorch's is NaN in float32",
        lambda call: notes.some(call, np.isposinf),
    ),
    noise=1,
)(_with(approximate=("tanh", "none", "other")))
row("F.softplus")(_with(beta=(2, 0.5, 1), threshold=(1, 3, 20)))


def _cut(call: Call) -> bool:
    """Whether whole numbers are given bounds that are none."""
    given = [x for x in notes.parts(call) if isinstance(x, float)]
    return not call.args[0].floating and any(x != int(x) for x in given)


CUT = refuses("fractions as bounds of whole numbers; PyTorch cuts them off", _cut)

row("F.hardtanh", CUT, AT_NAN)(_with(min_val=(-2, 0, 0.5), max_val=(2, 1, 0.5)))
row("F.softshrink", AT_NAN)(_with(lambd=(1.0, 0.0, 0.5, -1)))
row("F.hardshrink torch.hardshrink Tensor.hardshrink", AT_NAN)(_with(lambd=(1.0, 0.0, 0.5)))


@row(
    "F.threshold torch.threshold",
    refuses(
        "a fraction for whole numbers, or a number that their type does not have",
        lambda call: _cut(call) or notes.bytes_beside(notes.parts(call)),
    ),
)
def _(d: Draw) -> Arguments:
    return (d.tensor(), d.one(0, 0.5, -1), d.one(2, 0.0, -1.5)), {}


@row("F.threshold")
def _(d: Draw) -> Arguments:
    return (d.tensor(dtypes=MOST[:3], grad=False), 0.5, -1.5), {"inplace": d.flag()}


@row("F.prelu torch.prelu Tensor.prelu")
def _(d: Draw) -> Arguments:
    x = d.tensor(dtypes=MOST)
    channels = x.shape[1] if x.ndim > 1 else 1
    shape = d.one((1,), (channels,), (channels,), (), (3,))
    return (x, d.tensor(shape, d.one(x.dtype, x.dtype, x.dtype, "float32"))), {}


@row("F.glu")
def _(d: Draw) -> Arguments:
    x = d.tensor(d.one((4,), (2, 4), (2, 2, 3), (2, 0), (2, 3), ()), MOST)
    return (x, *((d.dim(x.ndim),) if d.flag() else ())), {}


BESIDE_INFINITY = differs(
    "the share of an infinity is NaN, and 0 beside it; PyTorch's are all NaN",
    lambda call: notes.some(call, np.isinf),
)
NOTHING = refuses(
    "whole numbers as a result, of which PyTorch makes some where there are no entries",
    lambda call: notes.asked(call, "int64") and not call.args[0].array.size,
)


@row("F.softmax torch.softmax Tensor.softmax F.log_softmax torch.log_softmax Tensor.log_softmax",
     NOTHING, BESIDE_INFINITY, noise=8,
     unsupported={"_stacklevel": "it places a warning that is not given"})  # fmt: skip
def _(d: Draw) -> Arguments:
    x = d.tensor(low=-8, high=8)
    return (x, d.dim(x.ndim)), d.some(dtype=d.one(*DTYPES))


@row("F.softmin", NOTHING,
     BESIDE_INFINITY, differs("bytes are cast before they are negated; PyTorch wraps them around",
             lambda call: notes.has(call, "uint8")),
     noise=8, unsupported={"_stacklevel": "it places a warning that is not given"})  # fmt: skip
def _(d: Draw) -> Arguments:
    x = d.tensor(low=-8, high=8)
    return (x, d.dim(x.ndim)), d.some(dtype=d.one(*DTYPES))


@row("F.normalize", noise=8)
def _(d: Draw) -> Arguments:
    x = d.tensor(dtypes=MOST)
    return (x,), d.some(p=d.one(1, 2.0, 3, float("inf")), dim=d.dim(x.ndim), eps=d.one(1e-3, 2.0))
