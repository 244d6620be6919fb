"""Random scripts, run side by side with PyTorch: values, histories and gradients must stay equal.

PyTorch runs with copies of what it saves for backward, so that it gives the gradient of the values
that were used even where it would otherwise refuse one: that is the gradient we promise.  Where it
refuses a step, we must refuse it too.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import pytest

import chainrule as cr
from tests.aliasing.lines import Step, World
from tests.aliasing.scripts import Script, Writer, settled

torch = pytest.importorskip("torch")

pytestmark = pytest.mark.filterwarnings("ignore:Use of .* on expanded tensors is deprecated")

SCRIPTS = 300
Runner = Callable[[Callable[[], Any]], Callable[[], Any]]


@contextmanager
def copies_saved() -> Iterator[None]:
    """In which later writes do not spoil what PyTorch's backward needs."""
    with torch.autograd.graph.saved_tensors_hooks(lambda t: t.detach().clone(), lambda t: t):
        yield


def close(a: float, b: float) -> bool:
    """Equal to ten digits, or both not a number."""
    if math.isnan(a) or math.isnan(b):
        return math.isnan(a) and math.isnan(b)
    return math.isclose(a, b, rel_tol=1e-10, abs_tol=1e-10)


def entries(t: Any) -> list[float]:
    return t.detach().reshape(-1).tolist()  # type: ignore[no-any-return]


def assert_equal(name: str, mine: Any, theirs: Any) -> None:
    """The same values, flags and gradient."""
    assert tuple(mine.shape) == tuple(theirs.shape), name
    assert all(map(close, entries(mine), entries(theirs))), (name, mine, theirs)
    if settled(theirs):
        assert mine.requires_grad == theirs.requires_grad, f"requires_grad of {name}"
        assert mine.is_leaf == theirs.is_leaf, f"is_leaf of {name}"
        if theirs.is_leaf or theirs.retains_grad:
            assert (mine.grad is None) == (theirs.grad is None), f"gradient of {name}"
            if theirs.grad is not None:
                assert_equal(f"{name}.grad", mine.grad, theirs.grad)


def assert_all_equal(mine: World, theirs: World) -> None:
    assert mine.tensors.keys() == theirs.tensors.keys()
    for name in mine.tensors:
        assert_equal(name, mine.tensors[name], theirs.tensors[name])


class OnlyOneRefused(Exception):
    """One library did a step that the other refused, as they may: the script ends here."""


PYTORCH_ONLY = (
    "memory location", "view was created in no_grad mode", "returns multiple views",
)  # fmt: skip
"""What PyTorch refuses and we need not: reading what is being written, which is read before here;
a view taken without history of what was written since, which has the history of its base; and
writing to one of the pieces that `split` and its like give at once."""
OURS_ONLY = ("an expanded tensor is written in place", "windows that overlap are written in place")
"""What we refuse and PyTorch does in cases where it happens to be well defined."""


def refusal(step: Step, world: World, kind: type[Exception]) -> Exception | None:
    """Run a step; the error of that kind which it raises, if any."""
    try:
        step.run(world)
    except kind as error:
        return error
    return None


def both(step: Step, mine: World, theirs: World) -> None:
    """One step on both sides, compared: both do it, or both refuse it."""
    with copies_saved():
        their_error = refusal(step, theirs, RuntimeError)
    my_error = refusal(step, mine, cr.errors.ChainruleError)
    if their_error and not my_error:
        if any(words in str(their_error) for words in PYTORCH_ONLY):
            raise OnlyOneRefused
        raise AssertionError("not refused") from their_error
    if my_error and not their_error:
        if any(words in str(my_error) for words in OURS_ONLY):
            raise OnlyOneRefused
        raise my_error
    assert_all_equal(mine, theirs)


def all_steps(steps: list[Step], mine: World, theirs: World) -> None:
    for step in steps:
        try:
            both(step, mine, theirs)
        except OnlyOneRefused:
            raise
        except Exception as error:
            error.add_note(f"at {step.text}")
            raise


def play(script: Script) -> None:
    """Prelude, and the body several times with changes between, each step compared."""
    mine, theirs = World(cr), World(torch)
    try:
        all_steps(script.prelude, mine, theirs)
        for change in [None, *script.changes]:
            if change is not None:
                all_steps([change], mine, theirs)
            all_steps(script.body, mine.inner(), theirs.inner())
            assert_all_equal(mine, theirs)
    except OnlyOneRefused:
        return


@pytest.mark.parametrize("seed", range(SCRIPTS))
def test_a_script_runs_as_in_pytorch(seed: int) -> None:
    with copies_saved():
        script = Writer(seed, torch).write(seed)
    try:
        play(script)
    except Exception as error:
        error.add_note(str(script))
        raise


# -- the body as one compiled function -----------------------------------------------------------


def body(script: Script, world: World) -> Callable[[dict[str, Any]], dict[str, Any]]:
    """The body as a function of the tensors outside, which returns those that it made."""

    def step(tensors: dict[str, Any]) -> dict[str, Any]:
        inner = world.inner()
        inner.tensors = dict(tensors)
        for line in script.body:
            line.run(inner)
        return {name: t for name, t in inner.tensors.items() if name not in tensors}

    return step


def play_called(script: Script, runner: Runner, as_arguments: bool) -> None:
    """As `play`, comparing after each call; in the end the results are written to, which must reach
    what they share entries with.  A call that either library refuses ends the script.

    As arguments, a leaf is another tensor at the last call.
    """
    mine, theirs = World(cr), World(torch)
    all_steps(script.prelude, mine, theirs)
    steps = body(script, mine), body(script, theirs)
    if as_arguments:
        compiled = runner(steps[0])
        my_step, their_step = lambda: compiled(mine.tensors), lambda: steps[1](theirs.tensors)
    else:
        my_step = runner(lambda: steps[0](mine.tensors))
        their_step = lambda: steps[1](theirs.tensors)  # noqa: E731
    for i, change in enumerate([None, *script.changes]):
        if change is not None:
            all_steps([change], mine, theirs)
        if as_arguments and i == len(script.changes):
            for world in (mine, theirs):
                leaf = world.tensors["a0"]
                world.tensors["a0"] = leaf.detach().clone().requires_grad_(leaf.requires_grad)
        my_results, their_results = both_results(my_step, their_step)
        assert_all_equal(mine, theirs)
        for name, result in my_results.items():
            assert_equal(name, result, their_results[name])
    for name in my_results:
        halve = Step(f"{name}.data.mul_(0.5)", lambda w, name=name: w.tensors[name].data.mul_(0.5))
        halved = mine.inner(), theirs.inner()
        halved[0].tensors |= my_results
        halved[1].tensors |= their_results
        both(halve, *halved)


def both_results(mine: Callable[[], Any], theirs: Callable[[], Any]) -> tuple[Any, Any]:
    """One call on both sides; raises OnlyOneRefused where a library refuses it, as it may."""
    try:
        with copies_saved():
            their_results = theirs()
    except RuntimeError as error:
        raise OnlyOneRefused from error
    try:
        return mine(), their_results
    except cr.errors.ChainruleError as error:
        refused = isinstance(error, cr.errors.CaptureError)
        if refused or any(words in str(error) for words in OURS_ONLY):
            raise OnlyOneRefused from error
        raise


@pytest.mark.parametrize("runner", [cr.compile], ids=lambda runner: runner.__name__)
@pytest.mark.parametrize("as_arguments", [False, True])
@pytest.mark.parametrize("seed", range(SCRIPTS))
def test_a_script_called_as_one_function(seed: int, as_arguments: bool, runner: Runner) -> None:
    with copies_saved():
        script = Writer(seed, torch, plain=True).write(seed)
    try:
        play_called(script, runner, as_arguments)
    except OnlyOneRefused:
        return
    except Exception as error:
        error.add_note(str(script))
        raise
