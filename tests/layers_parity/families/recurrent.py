"""Recurrent networks, their cells, and sequences of several lengths."""

from __future__ import annotations

from typing import Any

import numpy as np

from tests.layers_parity.drawing import Draw
from tests.layers_parity.table import BOTH, Family, Note, Packed, Plan, accepts, differs
from tests.torch_parity.drawing import Sample

family = Family("Recurrent networks")
row = family.row


PACKING = Note(
    "eager",
    "how sequences are packed depends on their lengths, which are values: a compiled function "
    "takes the padded batch",
)


def _given(d: Draw, name: str) -> dict[str, Any]:
    given = d.some(
        num_layers=d.mostly((2, 1, 3), (0, -1)), bias=d.flag(), batch_first=d.flag(),
        bidirectional=d.flag(), dropout=d.mostly((0.0,), (1.5, -0.1)),
    )  # fmt: skip
    if name == "nn.RNN":
        given |= d.some(nonlinearity=d.mostly(("relu", "tanh"), ("gelu",)))
    return given


def _state(
    d: Draw, given: dict[str, Any], batch: tuple[int, ...], h: int, p: int, wrong: int = 0
) -> Any:
    """The first states: h alone, or h and c, whose sizes differ where h is projected."""
    layers = max(given.get("num_layers", 1), 1) * (2 if given.get("bidirectional") else 1)
    return d.x(layers + wrong, *batch, p or h), d.x(layers, *batch, h)


@row("nn.RNN nn.GRU nn.LSTM")
def recurrent(d: Draw, name: str) -> Plan:
    k, h = d.size(1, 3), d.mostly((2, 3, 1, 4), (0, -1))
    given = _given(d, name)
    p = 0
    if name == "nn.LSTM" and d.one(False, False, True):
        p = given["proj_size"] = d.mostly((max(h - 1, 0), 1), (h, h + 1, -1))
    elif d.faulty:
        given |= d.some(proj_size=1)
    steps, b = d.mostly((3, 1, 4), (0,)), d.one(2, 1, 3)
    unbatched = d.one(False, False, False, True)
    batch = () if unbatched else (b,)
    seq = (steps, *batch) if not given.get("batch_first") or unbatched else (*batch, steps)
    wide = d.mostly((k,), (k + 1,))
    runs = []
    for _ in range(d.one(1, 1, 2)):
        args: tuple[Any, ...] = (d.x(*seq, wide),)
        if d.flag():
            first, second = _state(
                d, given, batch, max(h, 1), p if p > 0 else 0, d.mostly((0,), (1,))
            )
            args += ((first, second) if name == "nn.LSTM" else first,)
        runs.append((args, {}))
    return Plan(((k, h), d.typed(**given)), tuple(runs), d.one(("train",), ("train",), BOTH))


@row("nn.RNN nn.GRU nn.LSTM", PACKING)
def packed(d: Draw, name: str) -> Plan:
    k, h = d.size(1, 3), d.size(1, 3)
    given = _given(d, name)
    p = 0
    if name == "nn.LSTM" and h > 1 and d.flag():
        p = given["proj_size"] = h - 1
    lengths = d.one((3, 2), (2,), (3, 3, 1), (1, 3, 2), (4, 2, 2))
    ordered = list(lengths) == sorted(lengths, reverse=True)
    enforce = d.mostly((ordered,), (True,)) and d.flag()
    first = bool(given.get("batch_first")) if d.flag() else d.flag()
    b, steps = len(lengths), max(lengths)
    padded = d.x(b, steps, k) if first else d.x(steps, b, k)
    args: tuple[Any, ...] = (Packed(padded, lengths, first, bool(enforce)),)
    if d.flag():
        state = _state(d, given, (b,), h, p)
        args += (state if name == "nn.LSTM" else state[0],)
    return Plan(((k, h), d.typed(**given)), ((args, {}),))


@row("nn.RNNCell nn.GRUCell nn.LSTMCell")
def cell(d: Draw, name: str) -> Plan:
    k, h = d.size(1, 3), d.size(1, 3)
    given = d.some(bias=d.flag())
    if name == "nn.RNNCell":
        given |= d.some(nonlinearity=d.mostly(("relu", "tanh"), ("gelu",)))
    batch = d.mostly(((2,), (), (1,), (0,)), ((2, 2),))
    args: tuple[Any, ...] = (d.x(*batch, d.mostly((k,), (k + 1,))),)
    if d.flag():
        state = d.x(*batch, d.mostly((h,), (h + 1,)))
        args += ((state, d.x(*batch, h)) if name == "nn.LSTMCell" else state,)
    return Plan(((k, h), d.typed(**given)), ((args, {}),))


@row("nn.utils.rnn.pack_padded_sequence", PACKING)
def pack_padded(d: Draw, name: str) -> Plan:
    lengths = d.mostly(((3, 2), (2,), (3, 3, 1), (1, 3, 2)), ((2, 0), (), (9, 1)))
    first = d.flag()
    b, steps = len(lengths), max(lengths, default=1) + d.one(0, 1)
    steps = min(steps, 5)
    x = d.x(b, steps, 2) if first else d.x(steps, b, 2)
    given = {"batch_first": first} | d.some(enforce_sorted=d.flag())
    if list(lengths) != sorted(lengths, reverse=True) and not d.faulty:
        given["enforce_sorted"] = False
    written: Any = d.one(list(lengths), Sample(np.asarray(lengths, dtype="int64")))
    return Plan(None, (((x, written), given),))


@row("nn.utils.rnn.pad_packed_sequence", PACKING)
def pad_packed(d: Draw, name: str) -> Plan:
    lengths = d.one((3, 2), (2,), (3, 3, 1), (1, 3, 2))
    first = d.flag()
    b, steps = len(lengths), max(lengths)
    padded = d.x(b, steps, 2) if first else d.x(steps, b, 2)
    given = d.some(
        batch_first=d.flag(), padding_value=1.5, total_length=d.mostly((steps + 1, steps), (1,))
    )
    return Plan(None, (((Packed(padded, lengths, first, False),), given),))


def _several(d: Draw) -> list[Sample]:
    return [d.x(n, 2) for n in d.one((3, 2), (2,), (3, 3, 1), (1, 3))]


@row("nn.utils.rnn.pad_sequence")
def pad_sequence(d: Draw, name: str) -> Plan:
    given = d.some(
        batch_first=d.flag(), padding_value=1.5, padding_side=d.mostly(("left", "right"), ("top",))
    )
    return Plan(None, (((_several(d),), given),))


@row("nn.utils.rnn.pack_sequence", PACKING)
def pack_sequence(d: Draw, name: str) -> Plan:
    return Plan(None, (((_several(d),), {"enforce_sorted": d.mostly((False,), (True,))}),))


@row(
    "nn.utils.rnn.unpad_sequence",
    PACKING,
    accepts("the padded sequences stay as they are; PyTorch transposes them in place", "in-place"),
    differs(
        "the padded sequences stay as they are; PyTorch transposes them in place",
        lambda case: not case.kwargs["batch_first"],
    ),
)
def unpad_sequence(d: Draw, name: str) -> Plan:
    lengths, first = d.one((3, 2), (2,), (3, 1, 2)), d.flag()
    b, steps = len(lengths), max(lengths)
    x = d.x(b, steps, 2) if first else d.x(steps, b, 2)
    written = Sample(np.asarray(lengths, dtype="int64"))
    return Plan(None, (((x, written), {"batch_first": first}),))
