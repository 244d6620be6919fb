"""Figures that say how well a network does, and their means over batches."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable, Mapping
from typing import Any

from chainrule.core import dtypes as dt
from chainrule.core.errors import ArgumentError, ShapeError
from chainrule.core.state import no_grad
from chainrule.core.tensor import Tensor

Metric = Callable[[Any, Any], Any]
"""A function of the network's output and the target that gives one number."""


def accuracy(output: Tensor, target: Tensor) -> Tensor:
    """The share of the examples whose largest score is that of the right class.

    Shapes: output (n, classes, *rest), target (n, *rest) of class numbers.  Raises ShapeError for
    others.

    >>> import chainrule as cr
    >>> accuracy(cr.tensor([[0.1, 0.9], [0.8, 0.2]]), cr.tensor([1, 1])).item()
    0.5
    """
    fits = output.ndim >= 2 and (output.shape[0], *output.shape[2:]) == target.shape
    if not fits or target.dtype.category > dt.INTEGER:
        raise ShapeError(
            "accuracy takes scores (n, classes, ...) and class numbers (n, ...)",
            got=f"{tuple(output.shape)} {output.dtype.name}, "
            f"{tuple(target.shape)} {target.dtype.name}",
            hint="of one output with two classes:\n"
            "metrics={'accuracy': lambda y, d: ((y > 0.5) == (d > 0.5)).float().mean()}",
        )
    right: Tensor = (output.argmax(1) == target).float().mean()
    return right


def named_metrics(metrics: Mapping[str, Metric] | Iterable[Metric]) -> dict[str, Metric]:
    """Metrics by name; those given without one have that of their function.

    Raises ArgumentError for names that mean something else in a history, and for the same twice.

    >>> list(named_metrics([accuracy]))
    ['accuracy']
    """
    if isinstance(metrics, Mapping):
        pairs = list(metrics.items())
    else:
        pairs = [(getattr(metric, "__name__", type(metric).__name__), metric) for metric in metrics]
    made: dict[str, Metric] = {}
    for name, metric in pairs:
        taken = name in made or name in ("epoch", "loss", "lr", "seconds")
        if taken or not isinstance(name, str) or name.startswith("val_") or not callable(metric):
            raise ArgumentError(
                f"a metric named {name!r}",
                expected="functions of output and target, by different names of their own",
                hint="metrics={'error': lambda y, d: (y - d).abs().mean()}",
            )
        made[name] = metric
    return made


class Means:
    """The mean loss and metrics of the batches so far, each batch weighted with its examples."""

    def __init__(self, metrics: Mapping[str, Metric]) -> None:
        self.metrics = metrics
        self.sums = dict.fromkeys(["loss", *metrics], 0.0)
        self.examples = self.batches = 0
        self.lr = float("nan")
        self.seconds = 0.0  # before `began`
        self.began = time.perf_counter()

    def add(self, loss: float, output: Any, target: Any) -> None:
        """Count a batch."""
        n = len(target) if isinstance(target, Tensor) and target.ndim else 1
        with no_grad():
            found = {name: _figure(name, f(output, target)) for name, f in self.metrics.items()}
        for name, value in {"loss": loss, **found}.items():
            self.sums[name] += value * n
        self.examples += n
        self.batches += 1

    def elapsed(self) -> float:
        """The seconds that it took, in all processes."""
        return self.seconds + time.perf_counter() - self.began

    def means(self) -> dict[str, float]:
        """The means by name."""
        return {name: total / self.examples for name, total in self.sums.items()}

    def loss(self) -> float:
        """The mean loss."""
        return self.sums["loss"] / self.examples

    def state_dict(self) -> dict[str, Any]:
        """All that `load_state_dict` needs."""
        return {
            "sums": dict(self.sums), "examples": self.examples, "batches": self.batches,
            "lr": self.lr, "seconds": self.elapsed(),
        }  # fmt: skip

    def load_state_dict(self, state: Mapping[str, Any]) -> None:
        """Go on from saved sums; raises ArgumentError where they are of other metrics."""
        if list(state["sums"]) != list(self.sums):
            raise ArgumentError(
                "the metrics were others when the checkpoint was written",
                got=", ".join(self.sums),
                expected=", ".join(state["sums"]),
            )
        self.sums, self.examples = dict(state["sums"]), state["examples"]
        self.batches, self.lr, self.seconds = state["batches"], state["lr"], state["seconds"]


def _figure(name: str, value: Any) -> float:
    """What a metric says, as a float; raises ArgumentError where it is no number."""
    try:
        return float(value)
    except (TypeError, ValueError, RuntimeError):
        raise ArgumentError(
            f"the metric '{name}' is not one number",
            got=f"a tensor {tuple(value.shape)}"
            if isinstance(value, Tensor)
            else f"a {type(value).__name__}",
            hint="a figure of each example becomes one number by .mean()",
        ) from None
