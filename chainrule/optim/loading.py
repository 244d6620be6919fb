"""What an optimizer is asked to load: looked through, whole, before anything is changed."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

import numpy as np

from chainrule.core import dtypes as dt
from chainrule.core.errors import ArgumentError, ChainruleError, shortened
from chainrule.core.tensor import Tensor
from chainrule.ops.creation import as_tensor
from chainrule.optim.live import Live

if TYPE_CHECKING:
    from chainrule.optim.optimizer import Optimizer

SWITCHES = ("foreach", "fused", "capturable", "differentiable")
SCHEDULED = (
    "initial_lr", "max_lr", "min_lr", "max_momentum", "base_momentum", "param_names",
)  # fmt: skip
"""What schedules, and PyTorch, add to groups."""


def checked(
    optimizer: Optimizer, given: Any
) -> tuple[list[dict[str, Any]], dict[Tensor, dict[str, Any]]]:
    """The hyperparameters of each group, and the state of each parameter, ready to be taken.

    Raises ArgumentError where groups, shapes or types differ, for numbers out of range, and for
    what another kind of optimizer has saved.
    """
    parts = [given.get(key) for key in ("state", "param_groups")] if _is_dict(given) else []
    if len(parts) != 2 or not _is_dict(parts[0]) or not isinstance(parts[1], list | tuple):
        raise ArgumentError(
            "this is not the state_dict of an optimizer; nothing was loaded",
            expected="a dict with 'state' and 'param_groups'",
        )
    kept, groups = parts
    order = _numbers(optimizer, groups)
    values = [_hyperparameters(optimizer, *pair) for pair in _pairs(optimizer, groups)]
    params = [p for group in optimizer.param_groups for p in group["params"]]
    return values, {
        p: _entry(optimizer, p, kept.get(i, {})) for p, i in zip(params, order, strict=True)
    }


def _numbers(optimizer: Optimizer, groups: Sequence[Any]) -> list[int]:
    """The numbers of the parameters, in order."""
    members: list[Any] = [g.get("params") if _is_dict(g) else None for g in groups]
    whole = all(isinstance(m, list | tuple) and all(type(i) is int for i in m) for m in members)
    if not whole or len({i for m in members for i in m}) != sum(map(len, members)):
        raise ArgumentError(
            "a saved group does not say which parameters it has; nothing was loaded",
            expected="'params': different numbers, as state_dict() gives them",
        )
    sizes, found = [len(g["params"]) for g in optimizer.param_groups], list(map(len, members))
    if found != sizes:
        raise ArgumentError(
            "the saved groups are of other sizes; nothing was loaded",
            got=str(found), expected=str(sizes),
        )  # fmt: skip
    return [i for m in members for i in m]


def _pairs(optimizer: Optimizer, groups: Sequence[Any]) -> Any:
    return zip(optimizer.param_groups, groups, strict=True)


def _hyperparameters(optimizer: Optimizer, own: Live, given: Mapping[str, Any]) -> dict[str, Any]:
    """What a group takes from a saved one."""
    who = type(optimizer).__name__
    unknown = given.keys() - {*own, *optimizer.defaults, *SWITCHES, *SCHEDULED}
    if unknown or "lr" not in given:
        fact = f"has an unknown '{min(unknown)}'" if unknown else "lacks 'lr'"
        raise ArgumentError(f"a saved group of {who} {fact}; nothing was loaded")
    made = {}
    for key in given.keys() - {"params", *SWITCHES}:
        try:
            made[key] = kept_number(given[key])
        except (ChainruleError, TypeError, ValueError):
            made[key] = None
        if isinstance(own.get(key), bool) and not isinstance(made[key], bool | float):
            raise ArgumentError(
                f"a saved group of {who}: {key} is {shortened(given[key])}; nothing was loaded",
                expected="True or False",
            )
    optimizer._check(Live({**own, **made}))
    return made


def _entry(optimizer: Optimizer, p: Tensor, given: Any) -> dict[str, Any]:
    """The saved state of one parameter, in tensors."""
    who, names = type(optimizer).__name__, {name for t in optimizer.chain for name in t.state}
    if not _is_dict(given):
        raise ArgumentError(
            f"the saved state of {who} for a parameter is no dict; nothing was loaded",
            got=type(given).__name__,
        )
    unknown = given.keys() - names - {"step"}
    if unknown:
        raise ArgumentError(
            f"the saved state of {who} has an unknown '{min(map(str, unknown))}'; "
            "nothing was loaded",
            expected=", ".join(sorted(names)) or "no state",
        )
    made = {
        name: _value(optimizer, p, name, x)
        for name, x in given.items()
        if name != "step" and x is not None
    }
    return {**made, "step": _steps(who, given["step"])} if "step" in given else made


def _steps(who: str, given: Any) -> int:
    """A number of steps, which PyTorch keeps in a tensor."""
    try:
        steps = float(given)
    except (ChainruleError, TypeError, ValueError, RuntimeError):
        steps = -1.0
    if not (steps >= 0 and steps.is_integer()):
        raise ArgumentError(
            f"the saved state of {who}: step is {shortened(given)}; nothing was loaded",
            expected="a whole number from 0",
        )
    return int(steps)


def _value(optimizer: Optimizer, p: Tensor, name: str, given: Any) -> Tensor:
    """A tensor of state, of the shape that it has here."""
    own = optimizer.state[p]
    wanted = own[name].shape if name in own else p.shape
    try:
        made: Tensor = as_tensor(given)
    except (ChainruleError, TypeError, ValueError, RuntimeError):
        raise ArgumentError(
            f"{name} of {p.name or 'a parameter'} is no tensor; nothing was loaded",
            got=type(given).__name__,
        ) from None
    if tuple(np.shape(given)) != wanted:
        raise ArgumentError(
            f"{name} of {p.name or 'a parameter'} has shape {wanted}, "
            f"and {tuple(np.shape(given))} was saved; nothing was loaded"
        )
    if made.dtype.category > max(p.dtype.category, dt.REAL):
        raise ArgumentError(
            f"{name} of {p.name or 'a parameter'} is {p.dtype.name}, "
            f"and {made.dtype.name} was saved; nothing was loaded"
        )
    return made


def kept_number(value: Any) -> Any:
    """A hyperparameter as it is kept: a float, a fraction or a symbol; in a tuple too."""
    if isinstance(value, Tensor):
        return value.item() if value.dtype is dt.exact else float(value)
    if isinstance(value, list | tuple):
        return tuple(map(kept_number, value))
    return float(value) if isinstance(value, int) and not isinstance(value, bool) else value


def _is_dict(given: Any) -> bool:
    return isinstance(given, Mapping)
