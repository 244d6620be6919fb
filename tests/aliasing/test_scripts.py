"""Random scripts, run side by side with PyTorch: values, histories and gradients must stay equal.

PyTorch runs with copies of what it saves for backward, so that it gives the gradient of the values
that were used even where it would otherwise refuse one: that is the gradient we promise.  Where it
refuses a step, we must refuse it too.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import pytest

import chainrule as cr
from tests.aliasing.scripts import Script, Step, World, Writer, close, settled

torch = pytest.importorskip("torch")

SCRIPTS = 300
Runner = Callable[[Callable[[], Any]], Callable[[], Any]]


@contextmanager
def copies_saved() -> Iterator[None]:
    """In which later writes do not spoil what PyTorch's backward needs."""
    with torch.autograd.graph.saved_tensors_hooks(lambda t: t.detach().clone(), lambda t: t):
        yield


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


class Refused(Exception):
    """PyTorch refused a step."""


def do(step: Step, mine: World, theirs: World) -> None:
    """One step on both; raises Refused where PyTorch does and so do we."""
    try:
        with copies_saved():
            step.run(theirs)
    except RuntimeError as error:
        with pytest.raises(cr.errors.ChainruleError):
            step.run(mine)
        raise Refused from error
    step.run(mine)


def all_steps(steps: list[Step], mine: World, theirs: World) -> None:
    for step in steps:
        try:
            do(step, mine, theirs)
            assert_all_equal(mine, theirs)
        except Refused:
            continue
        except Exception as error:
            error.add_note(f"at {step.text}")
            raise


def play(script: Script, lib: Any = None) -> None:
    """Prelude, and the body several times with changes between, each step compared."""
    mine, theirs = World(cr), World(lib or torch)
    all_steps(script.prelude, mine, theirs)
    for change in [None, *script.changes]:
        if change is not None:
            all_steps([change], mine, theirs)
        all_steps(script.body, mine.inner(), theirs.inner())
        assert_all_equal(mine, theirs)


@pytest.mark.parametrize("seed", range(SCRIPTS))
def test_a_script_runs_as_in_pytorch(seed: int) -> None:
    with copies_saved():
        script = Writer(seed, torch).write(seed)
    try:
        play(script)
    except Exception as error:
        error.add_note(str(script))
        raise
