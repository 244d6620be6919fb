"""Normalisation of each sample by itself."""

from __future__ import annotations

from typing import Any

from tests.layers_parity.drawing import Draw
from tests.layers_parity.families.batch_norm import NOISE
from tests.layers_parity.table import Case, Family, Plan, refuses

family = Family("Layer, group and RMS normalisation")
row = family.row


def _normalized(d: Draw) -> tuple[tuple[int, ...], tuple[int, ...], Any]:
    """The shape of x, the axes that are normalised, and how they are written."""
    inner = d.one((3,), (2, 3), (1,), (4,))
    lead = d.one((2,), (), (2, 2), (0,), (1,))
    written: Any = d.one(inner, list(inner), inner[0] if len(inner) == 1 else inner)
    wrong = (*inner[:-1], inner[-1] + 1)
    return (*lead, *d.mostly((inner,), (wrong, inner[:-1]))), inner, written


@row("nn.LayerNorm", noise=NOISE)
def layer_norm(d: Draw, name: str) -> Plan:
    shape, _, written = _normalized(d)
    given = d.some(eps=d.one(1e-3, 0.1), elementwise_affine=d.flag(), bias=d.flag())
    return Plan(((written,), d.typed(**given)), (((d.x(*shape),), {}),))


@row("nn.RMSNorm", noise=NOISE)
def rms_norm(d: Draw, name: str) -> Plan:
    shape, _, written = _normalized(d)
    given = d.some(eps=d.one(1e-3, None, 0.1), elementwise_affine=d.flag())
    return Plan(((written,), d.typed(**given)), (((d.x(*shape, low=0.25),), {}),))


@row("F.layer_norm torch.layer_norm", noise=NOISE)
def layer_norm_function(d: Draw, name: str) -> Plan:
    shape, inner, written = _normalized(d)
    written = list(written) if isinstance(written, list) else inner
    size = d.mostly((inner,), ((*inner, 2),))
    given = d.some(weight=d.x(*size), bias=d.x(*inner), eps=d.one(1e-3, 0.1))
    return Plan(None, (((d.x(*shape), written), given),))


@row("F.rms_norm torch.rms_norm", noise=NOISE)
def rms_norm_function(d: Draw, name: str) -> Plan:
    shape, inner, written = _normalized(d)
    written = list(written) if isinstance(written, list) else inner
    size = d.mostly((inner,), ((*inner, 2),))
    given = d.some(weight=d.x(*size), eps=d.one(1e-3, None, 0.1))
    return Plan(None, (((d.x(*shape, low=0.25), written), given),))


def _grouped(d: Draw) -> tuple[int, int, tuple[int, ...]]:
    groups = d.one(2, 1, 3)
    c = groups * d.size(1, 2)
    lead = d.mostly((2, 1, 0), (2,))
    shape = (lead, d.mostly((c,), (c + 1,)), *d.sizes(d.one(1, 2, 0, 3), 1, 3))
    return d.mostly((groups,), (groups + c, 0, -1)), c, shape


@row("nn.GroupNorm", noise=NOISE)
def group_norm(d: Draw, name: str) -> Plan:
    groups, c, shape = _grouped(d)
    given = d.some(eps=d.one(1e-3, 0.1), affine=d.flag(), bias=d.flag())
    return Plan(((groups, c), d.typed(**given)), (((d.x(*shape),), {}),))


ALONE = refuses(
    "one value per group, which torch.group_norm takes and F.group_norm does not",
    lambda case: case.name[0] == "t" and case.plan.runs[0][0][0].array.size == _groups(case),
)


def _groups(case: Case) -> Any:
    return case.plan.runs[0][0][1]


@row("F.group_norm torch.group_norm", ALONE, noise=NOISE)
def group_norm_function(d: Draw, name: str) -> Plan:
    groups, c, shape = _grouped(d)
    size = d.mostly((c,), (c + 1,))
    given = d.some(weight=d.x(size), bias=d.x(c), eps=d.one(1e-3, 0.1))
    return Plan(None, (((d.x(*shape), groups), given),))


@row("nn.LocalResponseNorm F.local_response_norm")
def local_response_norm(d: Draw, name: str) -> Plan:
    size = d.mostly((2, 3, 1, 5), (0, -1))
    given = d.some(alpha=d.one(0.1, 1.0), beta=d.one(0.5, 1, 2.0), k=d.one(2.0, 1))
    shape = (
        d.one(2, 1, 0 if not d.faulty else 3),
        d.size(1, 5),
        *d.sizes(d.mostly((1, 2, 3), (0,)), 1, 3),
    )
    if name.startswith("F."):
        return Plan(None, (((d.x(*shape), size), given),))
    return Plan(((size,), given), (((d.x(*shape),), {}),))


@row("F.normalize", unsupported={"out": "assign the result"})
def normalize(d: Draw, name: str) -> Plan:
    given = d.some(p=d.one(2.0, 1, 3.0), dim=d.one(1, 0, -1, (0, 1)), eps=d.one(1e-3, 0.5))
    return Plan(None, (((d.x(*d.one((2, 3), (2, 3, 2)), low=0.25),), given),))
