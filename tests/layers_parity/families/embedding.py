"""Rows of a table, looked up and added up."""

from __future__ import annotations

from typing import Any

import numpy as np

from tests.layers_parity.drawing import Draw
from tests.layers_parity.table import Family, Plan
from tests.torch_parity.drawing import Sample

family = Family("Embeddings")
row = family.row


def _places(d: Draw, rows: int) -> Sample:
    below = rows + d.mostly((0,), (3,))
    least = d.mostly((0,), (-2,))
    shape = d.one((2, 3), (3,), (), (0,), (2, 1, 2))
    places = d.whole(*shape, below=below, least=least)
    return Sample(places.array.astype(d.mostly(("int64", "int64", "int32"), ("float64", "int16"))))


def _given(d: Draw, rows: int) -> dict[str, Any]:
    return d.some(
        padding_idx=d.mostly((0, 1, -1, None), (rows, -rows - 1)), max_norm=d.one(1.0, None, 0.5),
        norm_type=d.one(2.0, 1.0), scale_grad_by_freq=d.flag(), sparse=False,
    )  # fmt: skip


@row("nn.Embedding")
def embedding(d: Draw, name: str) -> Plan:
    rows, width = d.size(2, 4), d.size(1, 3)
    init = (rows, width), d.typed(**_given(d, rows))
    return Plan(init, (((_places(d, rows),), {}),))


@row("F.embedding")
def embedding_function(d: Draw, name: str) -> Plan:
    rows, width = d.size(2, 4), d.size(1, 3)
    given = _given(d, rows)
    weight = d.x(rows, width)
    if given.get("max_norm"):
        weight = Sample(weight.array)
    return Plan(None, (((_places(d, rows), weight), given),))


@row("nn.Embedding.from_pretrained nn.EmbeddingBag.from_pretrained")
def from_pretrained(d: Draw, name: str) -> Plan:
    rows, width = d.size(2, 4), d.size(1, 3)
    given = d.some(freeze=d.flag(), padding_idx=d.mostly((0, 1), (rows,)))
    given |= d.some(max_norm=None, norm_type=2.0, scale_grad_by_freq=False, sparse=False)
    if "Bag" in name:
        given |= d.some(mode=d.one("sum", "max"), include_last_offset=False)
    weight = d.x(*d.mostly(((rows, width),), ((rows,),)), grad=False)
    shape = d.one((2, 2), (1, 3))
    return Plan(((weight,), given), (((d.whole(*shape, below=rows),), {}),))


def _bags(d: Draw, rows: int) -> tuple[tuple[Any, ...], dict[str, Any], dict[str, Any]]:
    """Operands, those of the layer, and those of the call."""
    given = d.some(
        max_norm=None, norm_type=2.0, scale_grad_by_freq=False,
        mode=d.mostly(("sum", "mean", "max"), ("min",)), sparse=False,
        padding_idx=d.mostly((0, 1, -1), (rows,)),
    )  # fmt: skip
    run: dict[str, Any] = {}
    if d.flag():
        places = d.whole(*d.one((2, 3), (1, 2), (2, 1)), below=rows + d.mostly((0,), (3,)))
        if d.faulty:
            run |= d.some(offsets=d.whole(2, below=1))
    else:
        places = d.whole(5, below=rows)
        last = d.some(include_last_offset=True)
        given |= last
        starts = d.one([0, 2], [0, 0, 3], [0], [0, 2, 2, 4]) + ([5] if last else [])
        starts = d.mostly((starts,), ([1, 2], [0, 9]))
        run["offsets"] = Sample(np.asarray(starts))
    if given.get("mode") == "sum":
        run |= d.some(per_sample_weights=d.x(*places.shape))
    return (places,), given, run


@row("nn.EmbeddingBag")
def bag(d: Draw, name: str) -> Plan:
    rows, width = d.size(2, 4), d.size(1, 3)
    args, given, run = _bags(d, rows)
    return Plan(((rows, width), d.typed(**given)), ((args, run),))


@row("F.embedding_bag")
def bag_function(d: Draw, name: str) -> Plan:
    rows, width = d.size(2, 4), d.size(1, 3)
    args, given, run = _bags(d, rows)
    return Plan(None, (((*args, d.x(rows, width)), given | run),))
