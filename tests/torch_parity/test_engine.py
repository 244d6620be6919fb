"""The comparison itself: whatever is wrong with an op, it is found, and named for what it is."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

import chainrule as cr
from tests.torch_parity.drawing import Sample
from tests.torch_parity.engine import Disagreement, compare
from tests.torch_parity.table import Call, Note, Row, accepts, differs, refuses

X = Sample(np.array([0.5, -1.0, 2.0]), grad=True)
CALL = Call("torch.exp", (X,), {}, 0)
exp = cr.exp


def row(*notes: Note) -> Row:
    return Row(("torch.exp",), lambda d: ((), {}), "", notes)


def bare(x: Any) -> Any:
    raise ValueError("operands could not be broadcast")


WRONG: list[tuple[str, Callable[[Any], Any]]] = [
    ("values", lambda x: exp(x) * (1 + 1e-11)),
    ("values", lambda x: exp(x) / cr.tensor([1.0, 1.0, 0.0], dtype=cr.float64)),
    ("dtype", lambda x: exp(x).float()),
    ("shape", lambda x: exp(x).reshape(3, 1)),
    ("structure", lambda x: (exp(x),)),
    ("requires_grad", lambda x: exp(x).detach()),
    ("gradient values", lambda x: exp(x).detach() + (x - x.detach()) * 3),
    (
        "gradient missing",
        lambda x: exp(x).detach() + cr.ones(3, dtype=cr.float64).requires_grad_() * 0,
    ),
    ("bare error", bare),
    ("refused", lambda x: exp(x, dim=0)),
]


@pytest.mark.parametrize(("kind", "wrong"), WRONG, ids=[f"{i}" for i in range(len(WRONG))])
def test_finds(kind: str, wrong: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    compare(row(), CALL)
    monkeypatch.setattr(cr, "exp", wrong)
    with pytest.raises(Disagreement) as found:
        compare(row(), CALL)
    assert found.value.kind == kind


def test_finds_what_should_be_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(cr, "exp", lambda *args: exp(args[0]))
    call = Call("torch.exp", (X, X), {}, 0)
    with pytest.raises(Disagreement, match="not refused"):
        compare(row(), call)
    compare(row(accepts("a second operand is no harm", "positional argument")), call)
    with pytest.raises(Disagreement, match="not refused"):
        compare(row(accepts("another reason", "no such message")), call)


def test_a_refusal_in_the_table_must_be_true(monkeypatch: pytest.MonkeyPatch) -> None:
    known = row(refuses("no tensors of three entries", lambda call: call.args[0].shape == (3,)))
    with pytest.raises(Disagreement, match="refusal not true"):
        compare(known, CALL)
    monkeypatch.setattr(cr, "exp", lambda x: exp(x, dim=0))
    compare(known, CALL)


def test_a_difference_in_the_table(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(cr, "exp", lambda x: exp(x) * 2)
    compare(row(differs("twice as much", lambda call: True)), CALL)


def test_in_place_writes_are_seen() -> None:
    compare(row(), Call("Tensor.exp_", (X,), {}, 0))
    with pytest.raises(Disagreement, match="bare error"):
        compare(row(), Call("Tensor.no_such_method_", (X,), {}, 0))
