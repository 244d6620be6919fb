"""Dropout where nothing is left to chance: p of 0 and 1, and evaluation.

What it does in between is in `test_chance.py`.
"""

from __future__ import annotations

from typing import Any

from tests.layers_parity.drawing import Draw
from tests.layers_parity.table import Family, Plan, accepts

family = Family("Dropout")
row = family.row

LEAF = accepts(
    "in place, a leaf that asks for a gradient, where nothing is dropped and so nothing written",
    "in-place operation",
)

SHAPES: dict[str, tuple[tuple[int, ...], ...]] = {
    "1": ((2, 3, 2), (3, 2), (1, 1, 1)),
    "2": ((2, 3, 2, 2), (3, 1, 2)),
    "3": ((2, 3, 2, 1, 2), (3, 1, 2, 2)),
}
ANY: tuple[tuple[int, ...], ...] = ((2, 3), (3,), (), (0, 2), (2, 3, 2))


def _shapes(name: str) -> tuple[tuple[int, ...], ...]:
    for key, shapes in SHAPES.items():
        if f"opout{key}d" in name:
            return shapes
    return ((2, 3, 2), (2, 3, 2, 2)) if "eature" in name else ANY


@row(
    "nn.Dropout nn.Dropout1d nn.Dropout2d nn.Dropout3d nn.AlphaDropout nn.FeatureAlphaDropout",
    LEAF,
)
def dropout(d: Draw, name: str) -> Plan:
    mode = d.one("train", "eval")
    certain = (0, 0.0) if "Alpha" in name else (0, 1, 0.0, 1.0)
    p: Any = d.mostly(certain if mode == "train" else (0.5, 0.25, 1), (-0.1, 1.5, 2))
    given = d.some(inplace=d.flag())
    return Plan(
        d.one(((p,), given), ((), {"p": p, **given})),
        (((d.x(*d.one(*_shapes(name))),), {}),),
        (mode,),
    )


@row(
    "F.dropout F.dropout1d F.dropout2d F.dropout3d F.alpha_dropout F.feature_alpha_dropout",
    LEAF,
)
def dropout_function(d: Draw, name: str) -> Plan:
    training = d.one(True, False)
    certain = (0, 0.0) if "alpha" in name else (0, 1, 0.0, 1.0)
    p: Any = d.mostly(certain if training else (0.5, 0.25, 1), (-0.1, 1.5, 2))
    given = {"p": p, "training": training, **d.some(inplace=d.flag())}
    return Plan(None, (((d.x(*d.one(*_shapes(name))),), given),))
