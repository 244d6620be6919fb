"""Linear maps and what moves entries without computing."""

from __future__ import annotations

from tests.layers_parity.drawing import Draw
from tests.layers_parity.table import Built, Family, Plan

family = Family("Linear maps and containers")
row = family.row


@row("nn.Linear")
def linear(d: Draw, name: str) -> Plan:
    k, m = d.size(), d.size()
    lead = d.one((d.batch(),), (), (2, 3), (d.batch(), 1, 2))
    init = (k, m), d.typed(**d.some(bias=False))
    return Plan(init, (((d.x(*lead, d.mostly((k,), (k + 1,))),), {}),))


@row("nn.Bilinear")
def bilinear(d: Draw, name: str) -> Plan:
    i, j, m = d.size(), d.size(), d.size()
    lead = d.one((d.batch(),), (), (2, 3))
    init = (i, j, m), d.typed(**d.some(bias=False))
    return Plan(init, (((d.x(*lead, d.mostly((i,), (i + 1,))), d.x(*lead, j)), {}),))


@row("F.linear")
def linear_function(d: Draw, name: str) -> Plan:
    k, m = d.size(), d.size()
    x = d.x(*d.one((2,), (), (2, 3)), d.mostly((k,), (k + 1,)))
    return Plan(None, (((x, d.x(m, k)), d.some(bias=d.x(m))),))


@row("F.bilinear")
def bilinear_function(d: Draw, name: str) -> Plan:
    i, j, m = d.size(), d.size(), d.size()
    lead = d.one((2,), (), (2, 3))
    args = d.x(*lead, i), d.x(*lead, j), d.x(m, d.mostly((i,), (i + 1,)), j)
    return Plan(None, ((args, d.some(bias=d.x(m))),))


@row("nn.Identity")
def identity(d: Draw, name: str) -> Plan:
    init = d.one(((), {}), ((54,), {"unused": 0.1}))
    return Plan(init, (((d.x(2, 3),), {}),))


@row("nn.Flatten")
def flatten(d: Draw, name: str) -> Plan:
    given = d.some(start_dim=d.one(0, 1, 2, -2), end_dim=d.one(-1, 2, 1, -2))
    return Plan(((), given), (((d.x(*d.one((2, 3, 2), (2, 3), (1, 2, 3, 2), (0, 2, 2))),), {}),))


@row("nn.Unflatten")
def unflatten(d: Draw, name: str) -> Plan:
    dim = d.one(1, -1, -2)
    sizes = d.one((2, 3), (3, -1), (1, 6), [2, 3], d.mostly(((6,),), ((4, 2), (-1, -1), ())))
    shape = (2, 6) if dim == 1 else (2, 6, 6)
    return Plan(((dim, sizes), {}), (((d.x(*shape),), {}),))


@row("nn.ChannelShuffle F.channel_shuffle torch.channel_shuffle")
def shuffle(d: Draw, name: str) -> Plan:
    groups, rest = d.mostly((1, 2, 3), (0, -1)), d.size(1, 2)
    c = max(groups, 1) * rest + d.mostly((0,), (1,)) * (groups > 1)
    x = d.x(d.batch(), c, *d.one((2, 3), (2,), (2, 1, 2)))
    if name[0] != "n":
        return Plan(None, (((x, groups), {}),))
    return Plan(((groups,), {}), (((x,), {}),))


def _parts(d: Draw) -> list[Built]:
    float64 = d.typed()
    return [
        Built("nn.Linear", (2, 3), float64),
        Built("nn.Tanh"),
        Built("nn.Linear", (3, 2), float64),
    ]


@row("nn.Sequential")
def sequential(d: Draw, name: str) -> Plan:
    parts = _parts(d)[: d.size(0, 3)]
    return Plan((tuple(parts), {}), (((d.x(2, 2),), {}),), d.one(("train", "eval"), ("train",)))
