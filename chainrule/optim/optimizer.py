"""The optimizer: a chain of transforms from gradient to update, then a step against the update."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from fractions import Fraction
from functools import partial
from operator import ge
from typing import TYPE_CHECKING, Any, ClassVar

from chainrule.core import dtypes as dt
from chainrule.core.apply import apply, literal, namespace_of, untracked
from chainrule.core.dtypes import DType
from chainrule.core.errors import ArgumentError
from chainrule.core.node import leaf
from chainrule.core.op import NO_ATTRS, Op
from chainrule.core.state import enable_grad, no_grad, quiet, state
from chainrule.core.tensor import Tensor
from chainrule.ops.creation import zeros_like
from chainrule.optim.live import Counters, Live
from chainrule.optim.loading import checked, kept_number
from chainrule.optim.rules import descend
from chainrule.optim.transform import Transform

if TYPE_CHECKING:
    from chainrule.optim.working import Working

NUMBERS = (
    "lr", "momentum", "weight_decay", "eps", "lr_decay", "initial_accumulator_value", "alpha",
    "momentum_decay", "rho",
)  # fmt: skip
"""Hyperparameters that are numbers from 0."""

Program = tuple[list[tuple[Op, Transform, list[Tensor], dict[str, Any]]], Tensor]
"""The active transforms with their rules' numbers and attributes, and the learning rate."""


class Optimizer:
    """What all optimizers share.  A subclass names its ``chain`` and takes its hyperparameters.

    ``params`` are parameters, or dicts of ``params`` and hyperparameters of their own: the groups.
    ``limits`` are upper bounds of hyperparameters, none of which may be negative, and betas are
    ``number_of_betas`` numbers below 1; the state of an
    optimizer that is ``saved_at_once`` is saved before the first step too.  State is allocated
    here, so that a captured step finds it.  Raises ArgumentError for no parameters, the same one
    twice, tensors that were computed, and numbers out of range.
    """

    chain: ClassVar[tuple[Transform, ...]] = ()
    limits: ClassVar[dict[str, float]] = {}
    saved_at_once: ClassVar[bool] = False
    number_of_betas: ClassVar[int] = 2

    def __init__(self, params: Iterable[Any], defaults: dict[str, Any]) -> None:
        self.defaults = defaults
        self.param_groups: list[Live] = []
        self.state: dict[Tensor, Live] = {}
        self._count = Counters(step=0)
        if isinstance(params, Tensor):
            raise ArgumentError("an optimizer takes several parameters", hint="pass them in a list")
        given = _listed(params)
        if not given:
            raise ArgumentError("an optimizer without parameters", hint="pass net.parameters()")
        for group in given if isinstance(given[0], dict) else [{"params": given}]:
            self.add_param_group(group)

    def add_param_group(self, param_group: Any) -> None:
        """Optimize more parameters, with hyperparameters of their own where they are given."""
        if not isinstance(param_group, Mapping) or "params" not in param_group:
            raise ArgumentError(
                "a group of parameters has no 'params'", expected="{'params': [...], 'lr': 0.1}"
            )
        params = _listed(param_group["params"])
        params = [p[1] if isinstance(p, tuple) and len(p) == 2 else p for p in params]  # named ones
        unknown = param_group.keys() - self.defaults.keys() - {"params", "initial_lr"}
        if unknown:
            raise ArgumentError(
                f"{type(self).__name__} has no hyperparameter '{min(unknown)}'",
                expected=", ".join(self.defaults),
            )
        seen: set[Tensor] = set(self.state)
        for p in params:
            if not isinstance(p, Tensor):
                raise ArgumentError(f"a parameter is a {type(p).__name__}, not a tensor")
            if not p.is_leaf:
                raise ArgumentError("a computed tensor cannot be optimized", hint="use its leaves")
            if p in seen:
                raise ArgumentError(f"parameter {p.name or tuple(p.shape)} comes twice")
            seen.add(p)
        group = Live({**self.defaults, **param_group, "params": params})
        for key in group.keys() - {"params"}:
            dict.__setitem__(group, key, kept_number(group.now(key)))
        self._check(group)
        self._refuse_types(group)
        self.param_groups.append(group)
        for p in params:
            self.state[p] = Live(missed=self._count.now("step"))
        self._allocate(group)

    def _check(self, group: Live) -> None:
        """Raise ArgumentError for hyperparameters that are out of range."""
        who = type(self).__name__
        for key in group.keys() & {*NUMBERS, *self.limits}:
            value, high = group.now(key), self.limits.get(key)
            if _false(who, key, value, lambda x: x >= 0):
                raise ArgumentError(f"{who}: {key} is {value}, below 0")
            if high is not None and _false(who, key, value, partial(ge, high)):
                raise ArgumentError(f"{who}: {key} is {value}, above {high}")
        if "dampening" in group:
            _false(who, "dampening", group.now("dampening"), lambda x: x >= 0)
        betas = group.now("betas") if "betas" in group else ()
        if not isinstance(betas, tuple) or (
            "betas" in group and len(betas) != self.number_of_betas
        ):
            raise ArgumentError(
                f"{who}: betas are {betas!r}", expected=f"{self.number_of_betas} numbers"
            )
        for beta in betas:
            if _false(who, "a beta", beta, lambda x: (x >= 0) & (x < 1)):
                raise ArgumentError(f"{who}: a beta is {beta}", expected="from 0 to below 1")

    def _refuse_types(self, group: Live) -> None:
        """Raise ArgumentError for parameters of a type that an active rule does not compute with:
        from here on rules are applied without that check."""
        for t in self.chain:
            for p in group["params"] if t.active(group) else ():
                if p.dtype.category not in t.rule.takes:
                    raise ArgumentError(
                        f"{type(self).__name__} does not take {p.dtype.name} parameters",
                        hint="keep real and imaginary parts as parameters of their own",
                    )

    def _allocate(self, group: Live) -> None:
        """Make the state that the active transforms keep and that is not there yet."""
        needed = self._needed(group)
        for p in group["params"]:
            own = self.state[p]
            for name, transform in needed.items():
                if name not in own:
                    with untracked():
                        own[name] = transform.start(name, p, group)
                    own[name].role = "state"

    def _needed(self, group: Live) -> dict[str, Transform]:
        """The names of the state, and the transforms that keep it."""
        return {name: t for t in self.chain if t.active(group) for name in t.state}

    def zero_grad(self, set_to_none: bool = True) -> None:
        """Forget the gradients, or set them to zero."""
        for group in self.param_groups:
            for p in group["params"]:
                if set_to_none:
                    p.grad = None
                elif p.grad is not None:
                    p.grad.detach_().zero_()

    def step(self, closure: Callable[[], Any] | None = None) -> Any:
        """Change the parameters by their gradients; those without one stay as they are.

        ``closure`` computes the loss and its gradients first; its result is returned.
        """
        loss = None
        if closure is not None:
            with enable_grad():
                loss = closure()
        with no_grad(), quiet():
            step = self._count["step"] + 1
            late = [w for group in self.param_groups for w in self._step_group(group, step)]
            for tensor, value in late:
                tensor._write(value)
            self._count["step"] = step
        return loss

    def _step_group(self, group: Live, step: Any) -> list[tuple[Tensor, Tensor]]:
        """Make the step; what is written to exact tensors is returned instead: a number may turn
        out too long to go on with, and then nothing at all has changed."""
        programs: dict[Any, Program] = {}
        writes: list[tuple[Tensor, Tensor]] = []
        watched = state.trace or state.record or state.anomaly
        self._allocate(group)
        if state.trace is not None:
            self._tell_names(group)
        for p in group["params"]:
            own = self.state[p]
            update = p.grad
            if update is None:
                own["missed"] = own["missed"] + 1
                continue
            if update.dtype is not p.dtype:
                update = update.to(p.dtype)
            late = own.now("missed") != 0
            key = (p.dtype, id(p) if late else None)
            program = programs.get(key)
            if program is None:
                steps = step - own["missed"] if late else step
                program = programs[key] = self._program(group, steps, p.dtype)
            rules, rate = program
            exact = p.dtype is dt.exact
            run = apply if watched or exact or p.is_meta else _compute
            made_here: list[tuple[Tensor, Tensor]] = []
            for rule, transform, numbers, flags in rules:
                kept = [own[name] for name in transform.state]
                seen = (p,) if transform.sees_param else ()
                made = run(rule, (update, *seen, *kept, *numbers), flags)
                update, *new = made if rule.outputs else (made,)
                made_here += zip(kept, new, strict=True)
            made_here.append((p, run(descend, (p, update, rate), NO_ATTRS)))
            if exact:
                writes += made_here
                continue
            for tensor, value in made_here:
                tensor._write(value)
        return writes

    def _tell_names(self, group: Live) -> None:
        """Name the state after the parameters, which have their names by now."""
        for p in group["params"]:
            for name, value in self.state[p].items():
                if isinstance(value, Tensor):
                    value.name = f"{p.name}.{name}" if p.name else name

    def _program(self, group: Live, step: Any, dtype: DType) -> Program:
        """What the parameters of a type do at a step, with all numbers in that type."""
        if dtype is dt.exact and state.trace is None:
            group = Live({key: _exactly(value) for key, value in group.items()})
        rules = [
            (t.rule, t, [_operand(x, dtype) for x in t.numbers(group, step)], t.flags(group))
            for t in self.chain
            if t.active(group)
        ]
        return rules, _operand(group["lr"], dtype)

    def explain(self, *, decimals: int = 4) -> Working:
        """The step that `step` would make now, with its working; nothing is changed.

        A table for each parameter with a gradient: the gradient, whatever the rules make of it and
        of their state, and the new parameter.  Raises ArgumentError where no parameter has a
        gradient, CaptureError while capturing.

        >>> import chainrule as cr
        >>> w = cr.named(cr.nn.Parameter(cr.tensor(1.0)), "w")
        >>> w.grad = cr.tensor(2.0)
        >>> made = cr.optim.SGD([w], lr=0.25, momentum=0.5).explain()
        >>> print(made)
        w, step 1 of SGD: lr = 0.25, momentum = 0.5
           gradient = 2
          velocity′ = momentum * velocity + gradient = 0.5 * 0 + 2 = 2
                 w′ = w - lr * velocity′ = 1 - 0.25 * 2 = 0.5
        >>> made["w"]["velocity"].value.item()
        2.0
        """
        from chainrule.optim.working import working

        return working(self, decimals)

    # -- saving ----------------------------------------------------------------------------------

    def _saves_step(self, group: Live) -> bool:
        """Whether the number of steps is part of the saved state: where PyTorch has it."""
        return True

    def state_dict(self) -> dict[str, Any]:
        """State by the number of the parameter, and the groups: PyTorch's layout.

        Parameters that have made no step have no state yet, unless it is `saved_at_once`.
        """
        numbers = {p: i for i, p in enumerate(self._params())}
        kept = {}
        for group in self.param_groups:
            for p in group["params"]:
                own, steps = self.state[p], self._count["step"] - self.state[p]["missed"]
                entry = {name: value.detach() for name, value in own.items() if name != "missed"}
                if self._saves_step(group):
                    entry = {"step": steps, **entry}
                if entry and (steps or self.saved_at_once):
                    kept[numbers[p]] = entry
        groups = [
            {**group, "params": [numbers[p] for p in group["params"]]}
            for group in self.param_groups
        ]
        return {"state": kept, "param_groups": groups}

    def load_state_dict(self, state_dict: Any) -> None:
        """Take the state and the hyperparameters of a `state_dict`.

        Raises ArgumentError, having changed nothing, where groups or shapes differ, and for what
        another kind of optimizer has saved.
        """
        groups, saved = checked(self, state_dict)
        for group, values in zip(self.param_groups, groups, strict=True):
            group.update(values)
        self._take(saved)

    def _params(self) -> Sequence[Tensor]:
        return [p for group in self.param_groups for p in group["params"]]

    def _take(self, saved: Mapping[Tensor, Mapping[str, Any]]) -> None:
        """Write the saved state into the tensors that are there; what was not saved starts anew."""
        steps = {p: entry.get("step", int(bool(entry))) for p, entry in saved.items()}
        self._count["step"] = max(steps.values())
        for group in self.param_groups:
            self._allocate(group)
            needed = self._needed(group)
            for p in group["params"]:
                own = self.state[p]
                own["missed"] = self._count["step"] - steps[p]
                values = {name: t.start(name, p, group) for name, t in needed.items()}
                values |= {k: v for k, v in saved[p].items() if k != "step"}
                with no_grad():
                    for name, value in values.items():
                        own.setdefault(name, zeros_like(p)).copy_(value)

    def __repr__(self) -> str:
        lines = []
        for i, group in enumerate(self.param_groups):
            lines.append(f"Parameter Group {i}")
            lines += [f"    {key}: {group[key]}" for key in sorted(group) if key != "params"]
        return f"{type(self).__name__} (\n" + "\n".join(lines) + "\n)"


def _listed(params: Any) -> list[Any]:
    """Parameters in a list; raises ArgumentError for what holds none."""
    if isinstance(params, Tensor):
        return [params]
    if isinstance(params, str | Mapping) or not isinstance(params, Iterable):
        raise ArgumentError(
            "parameters come in a list", got=type(params).__name__, hint="pass net.parameters()"
        )
    return list(params)


def _false(who: str, name: str, value: Any, holds: Callable[[Any], Any]) -> bool:
    """Whether a hyperparameter is known not to do what it must (of a symbol, nobody knows); raises
    ArgumentError for what is no number."""
    try:
        return bool(holds(value) == False)  # noqa: E712
    except TypeError:
        raise ArgumentError(f"{who}: {name} is {value!r}", expected="a number") from None


def _compute(op: Op, tensors: Sequence[Tensor], attrs: dict[str, Any]) -> Any:
    """`apply` where nothing is recorded, for operands whose shapes and types are known to fit."""
    dtype = tensors[0].dtype
    made = op.forward(namespace_of((dtype,)), *[t.node.value for t in tensors], **attrs)
    if op.outputs:
        return [Tensor(leaf(value.shape, dtype, value)) for value in made]
    return Tensor(leaf(made.shape, dtype, made))


def refuse_switches(name: str, **given: Any) -> None:
    """Raise ArgumentError where one of PyTorch's switches is on that choose an implementation or
    let gradients flow through a step: here there is one implementation, and they do not."""
    for switch, value in given.items():
        if value not in (None, False):
            hint = "compile the training step instead: cr.compile"
            if switch == "differentiable":
                hint = "write the update as ops on tensors: w - lr * g"
            raise ArgumentError(f"{name}: {switch} is not supported", got=repr(value), hint=hint)


def _exactly(value: Any) -> Any:
    """A float as the fraction that it is written as: 0.1 is 1/10."""
    if isinstance(value, tuple):
        return tuple(map(_exactly, value))
    return Fraction(str(value)) if isinstance(value, float) else value


def _operand(x: Any, dtype: DType) -> Tensor:
    """A number, or a tensor without axes, in the type of the parameters."""
    if isinstance(x, Tensor):
        return x if x.dtype is dtype else x.to(dtype)
    return Tensor(literal(x, dtype))
