"""Runs one case in one library and keeps what is to be compared, as arrays."""

from __future__ import annotations

import warnings
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import torch

import chainrule as cr
from tests.layers_parity.table import Built, Case, Named, Packed, samples
from tests.torch_parity.drawing import Dtype, Sample
from tests.torch_parity.engine import dtype_name, form, values


@dataclass
class Value:
    """What a tensor held."""

    array: np.ndarray
    dtype: str
    asks: bool = False


@dataclass
class Step:
    """What one call made: an error, or results, gradients, and what tensors held afterwards."""

    mode: str
    error: Exception | None = None
    form: Any = None
    results: list[Value] = field(default_factory=list)
    operands: list[Value] = field(default_factory=list)
    slopes: list[Value | None] = field(default_factory=list)
    grads: dict[str, Value | None] = field(default_factory=dict)
    state: dict[str, Value] = field(default_factory=dict)
    touched: list[str] = field(default_factory=list)
    """What a refused call had changed already."""


@dataclass
class Trace:
    """What one library made of a case."""

    error: Exception | None = None
    text: str = ""
    state: dict[str, Value] = field(default_factory=dict)
    """That of the new module."""
    weights: dict[str, np.ndarray] = field(default_factory=dict)
    """What it was given then."""
    steps: list[Step] = field(default_factory=list)
    warned: list[str] = field(default_factory=list)


def resolve(lib: Any, name: str) -> Any:
    """What a spelling names in a library; AttributeError where there is nothing."""
    owner, *path = name.split(".")
    found = {"torch": lib, "F": lib.nn.functional, "nn": lib.nn}[owner]
    for part in path:
        found = getattr(found, part)
    return found


def exists(lib: Any, name: str) -> bool:
    """Whether a library has what the spelling names."""
    try:
        resolve(lib, name)
    except AttributeError:
        return False
    return True


def tensor(lib: Any, sample: Sample) -> Any:
    """A tensor of the library."""
    array = sample.array.copy()
    made = torch.from_numpy(array) if lib is torch else cr.tensor(array)
    return made.requires_grad_() if sample.grad else made


def assembled(lib: Any, tree: Any, tensors: Iterator[Any]) -> Any:
    """The arguments in one library, the tensors taken from an iterator."""
    match tree:
        case Sample():
            return next(tensors)
        case Dtype():
            return getattr(lib, tree.name)
        case Named():
            return resolve(lib, tree.name)
        case Built():
            args = assembled(lib, tree.args, tensors)
            return resolve(lib, tree.name)(*args, **assembled(lib, dict(tree.kwargs), tensors))
        case Packed():
            return lib.nn.utils.rnn.pack_padded_sequence(
                next(tensors), list(tree.lengths), tree.batch_first, tree.enforce_sorted
            )
        case dict():
            return {key: assembled(lib, part, tensors) for key, part in tree.items()}
        case list() | tuple():
            return type(tree)(assembled(lib, part, tensors) for part in tree)
    return tree


def held(given: Any) -> Value:
    return Value(values(given).copy(), dtype_name(given), bool(given.requires_grad))


def state_of(module: Any) -> dict[str, Value]:
    if not hasattr(module, "state_dict"):
        return {}
    return {key: held(value) for key, value in module.state_dict().items()}


def drawn_weights(case: Case, state: dict[str, Value]) -> dict[str, np.ndarray]:
    """Numbers for every floating parameter and buffer; the others stay."""
    random = np.random.default_rng([case.seed, 1])
    found = {}
    for key, value in state.items():
        low, high = (0.5, 2.0) if key.endswith("running_var") else (-1.0, 1.0)
        drawn = random.uniform(low, high, value.array.shape)
        floating = value.array.dtype.kind == "f"
        found[key] = np.asarray(drawn).astype(value.dtype) if floating else value.array
    return found


def adjoint(case: Case, index: int, shape: tuple[int, ...], dtype: str) -> Sample:
    """The fixed random direction in which a result is differentiated."""
    drawn = np.random.default_rng([case.seed, 2, index]).uniform(-2, 2, shape)
    return Sample(np.asarray(drawn).astype(dtype))


def trace(
    lib: Any, case: Case, weights: dict[str, np.ndarray] | None = None, compiled: bool = False
) -> Trace:
    """What ``lib`` makes of a case; the weights are drawn where none are given."""
    result = Trace()
    with warnings.catch_warnings(record=True) as told:
        warnings.simplefilter("always")
        try:
            target = resolve(lib, case.name)
            if case.plan.init is not None:
                target = built(lib, target, case)
        except Exception as error:  # noqa: BLE001 - which one is the question
            result.error = error
            return result
        if case.module:
            result.text, result.state = repr(target), state_of(target)
            result.weights = drawn_weights(case, result.state) if weights is None else weights
            if not fits(result):
                return result
        for mode in case.plan.modes:
            run_mode(lib, case, target, mode, result, compiled)
    result.warned = [str(one.message) for one in told]
    return result


def fits(result: Trace) -> bool:
    """Whether the weights are those of the module; where not, there is nothing to run."""
    shapes = {key: value.array.shape for key, value in result.state.items()}
    return shapes == {key: array.shape for key, array in result.weights.items()}


def built(lib: Any, target: Any, case: Case) -> Any:
    """The module, from the arguments of its constructor."""
    assert case.plan.init is not None
    tensors = iter([tensor(lib, sample) for sample in samples(case.plan.init)])
    args, kwargs = assembled(lib, case.plan.init, tensors)
    return target(*args, **kwargs)


def run_mode(lib: Any, case: Case, target: Any, mode: str, result: Trace, compiled: bool) -> None:
    """All calls in one mode, from the same weights, up to the first that is refused."""
    if case.module:
        if result.weights:
            given = {key: tensor(lib, Sample(array)) for key, array in result.weights.items()}
            target.load_state_dict(given)
        target.train(mode == "train")
    step = stepper(lib, case, target)
    run = cr.compile(step) if compiled else step
    for index, arguments in enumerate(case.plan.runs):
        result.steps.append(one_step(lib, case, target, mode, index, arguments, run))
        if result.steps[-1].error is not None:
            break


def stepper(lib: Any, case: Case, target: Any) -> Callable[..., Any]:
    """A function that calls the layer and differentiates the results along drawn directions."""

    def step(given: list[Any], index: int) -> Any:
        args, kwargs = assembled(lib, case.plan.runs[index], iter(given))
        made = target(*args, **kwargs)
        tensors: list[Any] = []
        form(made, tensors)
        loss: Any = None
        for i, result in enumerate(tensors):
            if result.requires_grad and dtype_name(result).startswith("float"):
                direction = adjoint(case, i, tuple(result.shape), dtype_name(result))
                part = (result * tensor(lib, direction)).sum()
                loss = part if loss is None else loss + part
        if loss is not None:
            loss.backward()
        return made

    return step


def one_step(
    lib: Any, case: Case, target: Any, mode: str, index: int, arguments: Any, run: Any
) -> Step:
    """One call, and everything there is to see afterwards."""
    step = Step(mode)
    wanted = samples(arguments)
    given = [tensor(lib, sample) for sample in wanted]
    named = dict(target.named_parameters()) if case.module else {}
    for param in named.values():
        param.grad = None
    before = state_of(target)
    try:
        made = run(given, index)
    except Exception as error:  # noqa: BLE001 - which one is the question
        step.error = error
        step.touched = changed(before, state_of(target))
        return step
    tensors: list[Any] = []
    step.form = form(made, tensors)
    step.results = [held(t) for t in tensors]
    step.operands = [held(t) for t in given]
    step.slopes = [slope(t) if s.grad else None for t, s in zip(given, wanted, strict=True)]
    step.grads = {name: slope(param) for name, param in named.items()}
    step.state = state_of(target)
    return step


def changed(before: dict[str, Value], after: dict[str, Value]) -> list[str]:
    """The entries of a state that are not what they were."""
    return [k for k, v in before.items() if not np.array_equal(v.array, after[k].array, True)]


def slope(leaf: Any) -> Value | None:
    """The gradient of a leaf, if it has one."""
    return None if leaf.grad is None else held(leaf.grad)
