"""The comparison itself: whatever is wrong with a layer, it is found, and named for what it is."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

import chainrule as cr
from tests.layers_parity.comparing import Disagreement, compare
from tests.layers_parity.table import BOTH, Case, Note, Plan, Row, accepts, differs, refuses
from tests.torch_parity.drawing import Dtype, Sample

X = Sample(np.array([[0.5, -1.0], [2.0, 0.25], [-0.75, 1.0]]), grad=True)
Y = Sample(np.array([[1.5, 0.0], [-2.0, 0.5]]), grad=True)
FLOAT64 = {"dtype": Dtype("float64")}
LINEAR = Case("nn.Linear", Plan(((2, 3), FLOAT64), (((X,), {}),)), 1, compiled=True)
NORM = Case(
    "nn.BatchNorm1d", Plan(((2,), FLOAT64), (((X,), {}), ((Y,), {})), BOTH), 1, compiled=True
)
Linear, BatchNorm = cr.nn.Linear, cr.nn.BatchNorm1d


def row(*notes: Note) -> Row:
    return Row(("nn.Linear",), lambda d, name: LINEAR.plan, "", notes)


def slope(y: Any, factor: float) -> Any:
    """The same number, with a derivative that is off by a factor."""
    return y * factor + (y * (1 - factor)).detach()


def of_linear(change: Callable[[Any, Any, Any], Any]) -> type:
    class Wrong(Linear):
        def forward(self, x: Any) -> Any:
            return change(self, x, super().forward(x))

    Wrong.__name__ = "Linear"
    return Wrong


class Renamed(Linear):
    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.w = self.weight
        del self.weight

    def forward(self, x: Any) -> Any:
        return cr.nn.functional.linear(x, self.w, self.bias)


class Transposed(Linear):
    def __init__(self, k: int, m: int, dtype: Any = None) -> None:
        super().__init__(m, k, dtype=dtype)


def late(module: Any, x: Any, y: Any) -> Any:
    """Wrong only while it is captured."""
    return y * 1.0 if cr.core.state.state.trace is None else y * (1 + 1e-9)


WRONG_LINEAR: list[tuple[str, type]] = [
    ("train: result values", of_linear(lambda m, x, y: y * (1 + 1e-9))),
    ("train: result shape", of_linear(lambda m, x, y: y.unsqueeze(0))),
    ("train: result dtype", of_linear(lambda m, x, y: y.float())),
    ("train: structure", of_linear(lambda m, x, y: (y,))),
    ("train: result requires_grad", of_linear(lambda m, x, y: y.detach())),
    ("train: gradient of operand 0 values", of_linear(lambda m, x, y: slope(y, 1 + 1e-8))),
    (
        "train: gradient of weight values",
        of_linear(lambda m, x, y: y + slope(x.detach() @ m.weight.T, 2) - x.detach() @ m.weight.T),
    ),
    (
        "train: gradient of bias missing",
        of_linear(lambda m, x, y: x @ m.weight.T + m.bias.detach()),
    ),
    ("train: operand 0 afterwards values", of_linear(lambda m, x, y: (y, x.data.mul_(2))[0])),
    ("compiled: train: result values", of_linear(late)),
    ("state_dict", Renamed),
    ("state_dict", Transposed),
    ("repr", type("Lineal", (Linear,), {})),
    ("refused", of_linear(lambda m, x, y: y @ x @ y)),
    ("bare error", of_linear(lambda m, x, y: y.detach().numpy().reshape(5))),
]  # fmt: skip


@pytest.mark.parametrize(
    ("kind", "wrong"), WRONG_LINEAR, ids=[f"{kind}-{i}" for i, (kind, _) in enumerate(WRONG_LINEAR)]
)
def test_finds(kind: str, wrong: type, monkeypatch: pytest.MonkeyPatch) -> None:
    compare(row(), LINEAR)
    monkeypatch.setattr(cr.nn, "Linear", wrong)
    with pytest.raises(Disagreement) as found:
        compare(row(), LINEAR)
    assert found.value.kind == kind


class Forgetful(BatchNorm):
    """Its running mean stays where it is."""

    def forward(self, x: Any) -> Any:
        before = self.running_mean.clone()
        y = super().forward(x)
        with cr.no_grad():
            self.running_mean.copy_(before)
        return y


class Biased(BatchNorm):
    """Its running variance moves towards the variance of the batch without the correction."""

    def forward(self, x: Any) -> Any:
        before = self.running_var.clone()
        y = super().forward(x)
        if self.training:
            with cr.no_grad():
                self.running_var.copy_(0.9 * before + 0.1 * x.var(0, correction=0))
        return y


class Uncounted(BatchNorm):
    """Does not count its batches."""

    def forward(self, x: Any) -> Any:
        before = self.num_batches_tracked.clone()
        y = super().forward(x)
        self.num_batches_tracked.copy_(before)
        return y


class Stuck(BatchNorm):
    """Trains in evaluation, too."""

    def forward(self, x: Any) -> Any:
        self.training = True
        return super().forward(x)


class Constant(BatchNorm):
    """Takes the statistics of the batch for constants."""

    def forward(self, x: Any) -> Any:
        y = super().forward(x)
        if not self.training:
            return y
        m, v = x.mean(0).detach(), x.var(0, correction=0).detach()
        return (x - m) / (v + self.eps).sqrt() * self.weight + self.bias


WRONG_NORM = [
    ("train: state running_mean values", Forgetful),
    ("train: state running_var values", Biased),
    ("train: state num_batches_tracked values", Uncounted),
    ("eval: result values", Stuck),
    ("train: gradient of operand 0 values", Constant),
]


@pytest.mark.parametrize(("kind", "wrong"), WRONG_NORM, ids=[kind for kind, _ in WRONG_NORM])
def test_finds_in_modules_with_state(
    kind: str, wrong: type, monkeypatch: pytest.MonkeyPatch
) -> None:
    compare(row(), NORM)
    wrong.__name__ = "BatchNorm1d"
    monkeypatch.setattr(cr.nn, "BatchNorm1d", wrong)
    with pytest.raises(Disagreement) as found:
        compare(row(), NORM)
    assert found.value.kind == kind


def test_finds_what_should_be_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    wide = Case("nn.Linear", Plan(((3, 2), FLOAT64), (((X,), {}),)), 1)
    compare(row(), wide)
    monkeypatch.setattr(
        cr.nn, "Linear", of_linear_forward(lambda m, x: x @ cr.ones(2, 2, dtype=cr.float64))
    )
    with pytest.raises(Disagreement, match="not refused"):
        compare(row(), wide)
    compare(row(accepts("it is no harm", "cannot be multiplied")), wide)
    with pytest.raises(Disagreement, match="not refused"):
        compare(row(accepts("another reason", "no such message")), wide)


def of_linear_forward(forward: Callable[[Any, Any], Any]) -> type:
    return type("Linear", (Linear,), {"forward": forward})


def test_finds_what_changes_before_it_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    def forward(module: Any, x: Any) -> Any:
        module.num_batches_tracked.add_(1)
        return x @ x @ x

    wide = Case("nn.BatchNorm1d", Plan(((3,), FLOAT64), (((X,), {}),)), 1)
    monkeypatch.setattr(
        cr.nn, "BatchNorm1d", type("BatchNorm1d", (BatchNorm,), {"forward": forward})
    )
    with pytest.raises(Disagreement, match="changed before refusal"):
        compare(row(), wide)


def test_a_refusal_in_the_table_must_be_true(monkeypatch: pytest.MonkeyPatch) -> None:
    known = row(refuses("two columns are too few", lambda case: case.args[0] == 2))
    with pytest.raises(Disagreement, match="refusal not true"):
        compare(known, LINEAR)
    monkeypatch.setattr(cr.nn, "Linear", of_linear_forward(lambda m, x: x @ x))
    compare(known, LINEAR)


def test_a_difference_in_the_table(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(cr.nn, "Linear", of_linear_forward(lambda m, x: x * 2))
    compare(row(differs("twice as much")), LINEAR)
