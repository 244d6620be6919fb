"""Every call of the table on the device "meta": the shapes and types that it has with values, or an
error that says which value is missed."""

from __future__ import annotations

import random
import warnings
from typing import Any

import pytest

import chainrule as cr
from chainrule.core.errors import DeviceError
from tests.torch_parity.drawing import Sample
from tests.torch_parity.engine import exists, form, in_place, made, run
from tests.torch_parity.rows.all import ROWS
from tests.torch_parity.table import Call, Row

CASES = 12
"""Drawn for each row, always the same ones."""


def there(tree: Any) -> Any:
    """Arguments of chainrule's, without values."""
    if isinstance(tree, cr.Tensor):
        return tree.detach().to("meta").requires_grad_(tree.requires_grad)
    if isinstance(tree, dict):
        return {key: there(part) for key, part in tree.items()}
    if type(tree) in (list, tuple):
        return type(tree)([there(part) for part in tree])
    return tree


def called(call: Call, move: Any) -> tuple[Any, list[cr.Tensor]]:
    """The form of the result, and its tensors."""
    args, kwargs = move(list(made(cr, call.args, []))), move(made(cr, call.kwargs, []))
    if in_place(call.name):
        args[0] = args[0].clone()
    given = run(cr, call.name, args, kwargs)
    found: list[cr.Tensor] = []
    return form(args[0] if in_place(call.name) else given, found), found


def check(call: Call) -> None:
    try:
        wanted, values = called(call, lambda tree: tree)
    except Exception:  # noqa: BLE001 - refused with values, too
        return
    try:
        got, found = called(call, there)
    except DeviceError as error:
        if "needs a value" in str(error):
            return
        raise
    if values:
        assert got == wanted, call
    assert [(t.shape, t.dtype) for t in found] == [(t.shape, t.dtype) for t in values], call
    assert all(t.is_meta for t in found) or "device" in call.kwargs, call
    for t in found:
        if t.requires_grad:
            t.backward(t.detach())


def on_samples(row: Row) -> tuple[str, ...]:
    return tuple(name for name in row.names if exists(cr, name))


@pytest.mark.parametrize("row", [pytest.param(r, id=r.id) for r in ROWS if on_samples(r)])
def test_shapes_without_values(row: Row) -> None:
    rng = random.Random(row.id)
    for _ in range(CASES):
        call = row.call(rng.randrange, on_samples(row))
        if any(isinstance(part, Sample) for part in call.samples()):
            with warnings.catch_warnings():
                warnings.simplefilter("ignore")
                check(call)
