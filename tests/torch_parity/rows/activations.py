"""Activations, under their functional names."""

from __future__ import annotations

from typing import Any

from tests.torch_parity.drawing import MOST, Draw, Dtype
from tests.torch_parity.table import Arguments, Family

family = Family("Activations")
row = family.row

DTYPES = (Dtype("float64"), Dtype("float32"), Dtype("int64"))
INPLACE = {"inplace": "tensors are written by methods that end in `_`: `x.relu_()`"}


def _plain(d: Draw) -> Arguments:
    return (d.tensor(low=-4, high=4),), {}


for _name in ["sigmoid", "tanh", "softsign", "logsigmoid", "tanhshrink"]:
    row(f"F.{_name}")(_plain)
for _name in ["relu", "relu6", "hardsigmoid", "hardswish", "selu", "silu", "mish"]:
    row(f"F.{_name}", unsupported=INPLACE)(_plain)
row("torch.selu F.selu", unsupported=INPLACE)(_plain)


def _with(**choices: tuple[Any, ...]) -> Any:
    """One tensor, and some of the keywords."""

    def draw(d: Draw) -> Arguments:
        options = {name: d.one(*values) for name, values in choices.items()}
        # halves times 3, so that the kinks of all of them are met
        return (d.tensor(low=-4, high=4),), d.some(**options)

    return draw


row("F.leaky_relu", unsupported=INPLACE)(_with(negative_slope=(0.2, 0.0, -0.5, 1)))
row("F.elu", unsupported=INPLACE)(_with(alpha=(0.5, 2, 0.0)))
row("F.celu torch.celu", unsupported=INPLACE)(_with(alpha=(0.5, 2)))
row("F.gelu")(_with(approximate=("tanh", "none", "other")))
row("F.softplus")(_with(beta=(2, 0.5, 1), threshold=(1, 3, 20)))
row("F.hardtanh", unsupported=INPLACE)(_with(min_val=(-2, 0, 0.5), max_val=(2, 1, 0.5)))
row("F.softshrink")(_with(lambd=(1.0, 0.0, 0.5, -1)))
row("F.hardshrink torch.hardshrink Tensor.hardshrink")(_with(lambd=(1.0, 0.0, 0.5)))


@row("F.threshold torch.threshold", unsupported=INPLACE)
def _(d: Draw) -> Arguments:
    return (d.tensor(), d.one(0, 0.5, -1), d.one(2, 0.0, -1.5)), {}


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


@row("F.softmax torch.softmax Tensor.softmax F.log_softmax torch.log_softmax Tensor.log_softmax",
     noise=8, unsupported={"_stacklevel": "it places a warning that is not given"})  # fmt: skip
def _(d: Draw) -> Arguments:
    x = d.tensor(low=-8, high=8)
    return (x, d.dim(x.ndim)), d.some(dtype=d.one(*DTYPES))


@row("F.softmin", noise=8, unsupported={"_stacklevel": "it places a warning that is not given"})
def _(d: Draw) -> Arguments:
    x = d.tensor(low=-8, high=8)
    return (x, d.dim(x.ndim)), d.some(dtype=d.one(*DTYPES))


@row("F.normalize", noise=8)
def _(d: Draw) -> Arguments:
    x = d.tensor(dtypes=MOST)
    return (x,), d.some(p=d.one(1, 2.0, 3, float("inf")), dim=d.dim(x.ndim), eps=d.one(1e-3, 2.0))
