"""The state of training, taken from a trainer and put into one."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

from chainrule.core import tree
from chainrule.core.errors import CheckpointError
from chainrule.core.state import no_grad
from chainrule.core.tensor import Tensor
from chainrule.ops.creation.random import default_generator
from chainrule.saving import load
from chainrule.train.metrics import Means

if TYPE_CHECKING:
    from chainrule.train.trainer import Trainer

FORMAT = "chainrule.train 1"
PARTS = ("format", "model", "optimizer", "schedule", "stopping", "checkpoints", "loader",
         "validation", "random", "history", "epoch", "step", "first", "means")  # fmt: skip
"""What a checkpoint holds."""


def read(path: Path) -> dict[str, Any]:
    """The state in a checkpoint; raises CheckpointError where it is of something else."""
    state = load(path)
    if not isinstance(state, dict) or state.get("format") != FORMAT:
        raise CheckpointError(
            f"{path.name} is no checkpoint of a Trainer",
            hint="weights alone are loaded with model.load_state_dict(cr.load(path))",
        )
    missing = [part for part in PARTS if part not in state]
    if missing:
        raise CheckpointError(f"{path.name} lacks {', '.join(missing)}")
    counts = [state["epoch"], state["step"], state["first"]]
    draws = state["random"] if isinstance(state["random"], list) else []
    if any(type(number) is not int for number in (*counts, *draws)) or len(draws) != 2:
        raise CheckpointError(f"{path.name} is damaged: its counters are no whole numbers")
    return state


class Snapshot:
    """The state of training at one moment; its tensors are copies."""

    def __init__(self, state: Mapping[str, Any]) -> None:
        self.state = dict(state)

    @classmethod
    def of(cls, trainer: Trainer) -> Snapshot:
        """The state of a trainer now."""
        means = trainer._means
        state = {
            "format": FORMAT,
            **{name: _state_of(part) for name, part in _parts(trainer).items()},
            "random": default_generator.state.tolist(),
            "history": [dict(row) for row in trainer.history],
            "epoch": trainer.epoch,
            "step": trainer.step,
            "first": trainer._first,
            "means": None if means is None else means.state_dict(),
        }
        return cls(tree.mapped(lambda x: x.clone() if isinstance(x, Tensor) else x, state))

    def put_into(self, trainer: Trainer) -> None:
        """Let a trainer go on from here; may have changed a part when it raises."""
        state = self.state
        for name, part in _parts(trainer).items():
            saved = state[name]
            if name == "checkpoints" and None in (saved, part):
                continue  # whoever writes none, or none before, needs no best value
            if (saved is None) != (_state_of(part) is None):
                raise CheckpointError(
                    f"the checkpoint was written with{'out' if saved is None else ''} a state of "
                    f"the {name}, and the trainer has {'one' if saved is None else 'none'}",
                    hint="make the trainer, and call fit, as when it was written; "
                    "nothing was changed",
                )
            if saved is not None:
                part.load_state_dict(saved)
        means = None if state["means"] is None else Means(trainer.metrics)
        if means is not None:
            means.load_state_dict(state["means"])
        with no_grad():
            default_generator.state.copy_(_counter(state["random"]))
        trainer.history.rows = [dict(row) for row in state["history"]]
        trainer.epoch, trainer.step, trainer._first = state["epoch"], state["step"], state["first"]
        trainer._means = means


def _parts(trainer: Trainer) -> dict[str, Any]:
    """The parts with a state of their own; the loaders last, for they check the most."""
    return {
        "model": trainer.model, "optimizer": trainer.optimizer, "schedule": trainer.schedule,
        "stopping": trainer.stopping, "checkpoints": trainer.checkpoints,
        "loader": trainer._loader, "validation": trainer._validation,
    }  # fmt: skip


def _state_of(part: Any) -> Any:
    """What a part says of its state: None where there is no part, or it does not say."""
    return part.state_dict() if hasattr(part, "load_state_dict") else None


def _counter(numbers: Any) -> Tensor:
    from chainrule.ops.creation import tensor

    return tensor(numbers)
