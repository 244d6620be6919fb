"""Activation layers; their functions are in `tests/torch_parity`."""

from __future__ import annotations

from typing import Any

from tests.layers_parity.drawing import Draw
from tests.layers_parity.table import BOTH, Family, Plan, slopes

family = Family("Activations")
row = family.row

SHAPES = ((2, 3), (3,), (), (0,), (2, 3, 2), (1, 1))


def _plan(d: Draw, *shape: int, **given: Any) -> Plan:
    return Plan(((), given), (((d.x(*(shape or d.one(*SHAPES))),), {}),))


SIXTH = slopes(
    "the slope is 1/6; PyTorch's is 1/6 in single precision",
    lambda case: case.name == "nn.Hardsigmoid" and case.dtype == "float64",
)


@row("nn.ReLU nn.ReLU6 nn.SELU nn.SiLU nn.Mish nn.Hardswish nn.Hardsigmoid", SIXTH)
def plain(d: Draw, name: str) -> Plan:
    return _plan(d, **d.some(inplace=d.flag()))


@row("nn.Sigmoid nn.Tanh nn.LogSigmoid nn.Softsign nn.Tanhshrink")
def smooth(d: Draw, name: str) -> Plan:
    return _plan(d)


@row("nn.ELU nn.CELU")
def elu(d: Draw, name: str) -> Plan:
    return _plan(d, **d.some(alpha=d.one(0.5, 2, -1.0), inplace=d.flag()))


@row("nn.LeakyReLU")
def leaky(d: Draw, name: str) -> Plan:
    return _plan(d, **d.some(negative_slope=d.one(0.1, 0, 2.0, -0.5), inplace=d.flag()))


@row("nn.RReLU")
def rrelu(d: Draw, name: str) -> Plan:
    slopes = d.some(lower=0.1, upper=d.one(0.5, 0.1))
    x = d.x(*d.one(*SHAPES))
    return Plan(((), {**slopes, **d.some(inplace=d.flag())}), (((x,), {}),), ("eval",))


OLD = {
    "min_value": "deprecated in PyTorch: say `min_val`",
    "max_value": "deprecated in PyTorch: say `max_val`",
}


@row("F.rrelu")
def rrelu_function(d: Draw, name: str) -> Plan:
    given = d.some(lower=0.1, upper=d.one(0.5, 0.2), inplace=d.flag())
    return Plan(None, (((d.x(*d.one(*SHAPES)),), {**given, "training": False}),))


@row("nn.Hardtanh", unsupported=OLD)
def hardtanh(d: Draw, name: str) -> Plan:
    return _plan(d, **d.some(min_val=d.one(-0.5, -2), max_val=d.one(0.5, 2, -1), inplace=d.flag()))


@row("nn.Threshold")
def threshold(d: Draw, name: str) -> Plan:
    init = (d.one(0.5, 0, -1), d.one(2.0, -3)), d.some(inplace=d.flag())
    return Plan(init, (((d.x(*d.one(*SHAPES)),), {}),))


@row("nn.Hardshrink nn.Softshrink")
def shrink(d: Draw, name: str) -> Plan:
    return _plan(d, **d.some(lambd=d.mostly((0.5, 1, 0), (-1,))))


@row("nn.Softplus")
def softplus(d: Draw, name: str) -> Plan:
    return _plan(d, **d.some(beta=d.one(1, 2.0, 0.5), threshold=d.one(20, 1.0)))


@row("nn.GELU")
def gelu(d: Draw, name: str) -> Plan:
    return _plan(d, **d.some(approximate=d.mostly(("tanh", "none"), ("erf", None))))


@row("nn.Softmax nn.LogSoftmax nn.Softmin")
def softmax(d: Draw, name: str) -> Plan:
    shape = d.one((2, 3), (3,), (2, 3, 2), (1, 1))
    dims = tuple(range(-len(shape), len(shape)))
    return _plan(d, *shape, dim=d.mostly(dims, (len(shape),)))


@row("nn.Softmax2d")
def softmax2d(d: Draw, name: str) -> Plan:
    return _plan(d, *d.mostly(((2, 3, 2, 2), (3, 1, 2)), ((2, 3), (1, 1, 2, 2, 2))))


@row("nn.GLU")
def glu(d: Draw, name: str) -> Plan:
    shape = d.mostly(((2, 4), (4,), (2, 2, 2)), ((3, 3),))
    return _plan(d, *shape, **d.some(dim=d.mostly((-1, 0), (5,))))


@row("nn.PReLU")
def prelu(d: Draw, name: str) -> Plan:
    c = d.one(1, 3)
    init = (), d.typed(**({"num_parameters": c} if c > 1 else {}), **d.some(init=0.1))
    x = d.x(*d.mostly(((2, 3), (2, 3, 2), (0, 3)), ((2, 2),) if c > 1 else ((),)))
    return Plan(init, (((x,), {}),), BOTH)
