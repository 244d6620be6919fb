"""Random scripts about tensors that share storage, which run on any library with PyTorch's names.

A script has a prelude, which makes tensors, and a body, which is called several times; between the
calls a learning rate, a mode flag, a closure constant or a tensor changes.  Every step is one line
of Python with the function that carries it out.  While a script is being written it runs on a
*model* library, so that each new step fits the shapes there are.
"""

from __future__ import annotations

import random
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from tests.aliasing.lines import (
    FUNCTIONS,
    IN_PLACE,
    ON_GRADIENTS,
    Step,
    World,
    add_at,
    keys,
    let,
    made_step,
    numbers,
    put,
    replace_data,
    views,
    without_gradients,
)

SHAPES = ((4,), (2, 3), (3, 2), (2, 2, 2), (1, 3), ())
MOST_TENSORS = 14


@dataclass
class Script:
    """What is done once, what is called again and again, and what changes before a further call."""

    seed: int
    prelude: list[Step] = field(default_factory=list)
    body: list[Step] = field(default_factory=list)
    changes: list[Step] = field(default_factory=list)

    def __str__(self) -> str:
        lines = [s.text for s in self.prelude]
        lines += ["def step():", *(f"    {s.text}" for s in self.body), "step()"]
        for change in self.changes:
            lines += [change.text, "step()"]
        return f"script {self.seed}\n" + "\n".join(f"  {line}" for line in lines)


def settled(t: Any) -> bool:
    """Whether PyTorch's flags tell the truth: a view that was taken without history claims to
    require a gradient as its base does, or refuses to answer, until the base is written."""
    try:
        return not (t._is_view() and t.grad_fn is None and t._base.requires_grad)
    except RuntimeError:
        return False


def shared(a: Any, b: Any) -> bool:
    """Whether two tensors of the model library share storage."""
    return bool(a.untyped_storage().data_ptr() == b.untyped_storage().data_ptr())


class Writer:
    """Writes a script, step by step, on a world of the model library.

    A ``plain`` one leaves out what the model refuses, and what cannot be captured: marking tensors
    from outside.
    """

    def __init__(self, seed: int, lib: Any, plain: bool = False) -> None:
        self.rng = random.Random(seed)
        self.world = World(lib)
        self.outer = self.world
        self.plain = plain
        self.quiet = False  # whether the step that is being chosen runs under no_grad
        self.fresh = iter(f"{letter}{i}" for i in range(100) for letter in "abcdefghk")

    def write(self, seed: int) -> Script:
        """A whole script."""
        script = Script(seed)
        for _ in range(self.rng.randint(2, 4)):
            self._add(script.prelude, self._leaf())
        for _ in range(self.rng.randint(2, 7)):
            self._add(script.prelude, self._step())
        self.world = self.outer.inner()
        for _ in range(self.rng.randint(3, 9)):
            self._add(script.body, self._step())
        self._add(script.body, self._backward())
        self.world = self.outer
        for _ in range(2):
            self._add(script.changes, self._change())
        return script

    def _add(self, steps: list[Step], step: Step | None) -> None:
        """Keep a step, which the model may refuse: then the other library has to refuse it too."""
        if step is None:
            return
        steps.append(step)
        try:
            step.run(self.world)
        except RuntimeError:
            if self.plain or self.rng.random() < 0.7:
                steps.pop()

    # -- choosing ------------------------------------------------------------------------------

    def _name(self) -> str:
        return next(self.fresh)

    def _any(self, wanted: Callable[[Any], bool] = lambda t: True) -> str | None:
        found = [
            n for n, t in self.world.tensors.items() if (self.quiet or settled(t)) and wanted(t)
        ]
        return self.rng.choice(found) if found else None

    def _step(self) -> Step | None:
        kinds = (
            self._view,
            self._view,
            self._compute,
            self._in_place,
            self._in_place,
            self._assign,
            self._assign,
            self._detached,
            self._gradient,
            self._mark,
        )
        if len(self.world.tensors) > MOST_TENSORS:
            kinds = (self._in_place, self._assign, self._gradient)
        self.quiet = self.rng.random() < 0.3
        step = self.rng.choice(kinds)()
        return without_gradients(step) if step and self.quiet else step

    def _leaf(self) -> Step:
        name, shape = self._name(), self.rng.choice(SHAPES[:-1])
        return made_step(name, numbers(self.rng, shape), self.rng.random() < 0.6)

    def _view(self) -> Step | None:
        name = self._any(lambda t: t.dim() > 0 and t.numel() > 0)
        if name is None:
            return None
        text, view = self.rng.choice(list(views(self.rng, tuple(self.world.tensors[name].shape))))
        return let(self._name(), text.format(name), lambda w: view(w.tensors[name]))

    def _compute(self) -> Step | None:
        a = self._any()
        if a is None:
            return None
        shape = self.world.tensors[a].shape
        b = self._any(lambda t: t.shape == shape) or a
        text, function = self.rng.choice(FUNCTIONS)
        return let(
            self._name(), text.format(a, b), lambda w: function(w, w.tensors[a], w.tensors[b])
        )

    def _in_place(self) -> Step | None:
        a = self._any()
        if a is None:
            return None
        shape = self.world.tensors[a].shape
        b = self._any(lambda t: t.shape == shape or t.dim() == 0) or a
        text, function = self.rng.choice(IN_PLACE)
        return Step(text.format(a, b), lambda w: function(w, w.tensors[a], w.tensors[b]))

    def _assign(self) -> Step | None:
        a = self._any(lambda t: t.dim() > 0 and t.numel() > 0)
        if a is None:
            return None
        text, key = self.rng.choice(list(keys(self.rng, tuple(self.world.tensors[a].shape))))
        try:
            room = self.world.tensors[a][key(self.world, self.world.tensors[a])].shape
        except RuntimeError:  # not settled, and asked outside no_grad
            return None
        b = self._any(lambda t: t.shape == room)
        if b is None or self.rng.random() < 0.3:
            value = numbers(self.rng, ())
            return Step(f"{a}[{text}] = {value}", lambda w: put(w, a, key, value))
        if shared(self.world.tensors[a], self.world.tensors[b]):  # reading what is being written
            return Step(
                f"{a}[{text}] = {b}.clone()", lambda w: put(w, a, key, w.tensors[b].clone())
            )
        if self.rng.random() < 0.3:
            return Step(f"{a}[{text}] += {b}", lambda w: add_at(w, a, key, w.tensors[b]))
        return Step(f"{a}[{text}] = {b}", lambda w: put(w, a, key, w.tensors[b]))

    def _detached(self) -> Step | None:
        a = self._any()
        if a is None:
            return None
        if self.rng.random() < 0.5:
            return let(self._name(), f"{a}.detach()", lambda w: w.tensors[a].detach())
        return let(self._name(), f"{a}.data", lambda w: w.tensors[a].data)

    def _mark(self) -> Step | None:
        """What changes how a tensor takes part in gradients."""
        a = self._any(settled)
        if a is None or (self.plain and self.world is not self.outer and a in self.outer.tensors):
            return None
        t = self.world.tensors[a]
        alone = not any(shared(t, other) for other in self.world.tensors.values() if other is not t)
        marks = []
        if not t.requires_grad and alone:
            marks.append(Step(f"{a}.requires_grad_()", lambda w: w.tensors[a].requires_grad_()))
        if t.requires_grad and not t.is_leaf and t._base is None:
            marks.append(Step(f"{a}.retain_grad()", lambda w: w.tensors[a].retain_grad()))
        if alone and t._base is None:
            marks.append(Step(f"{a}.detach_()", lambda w: w.tensors[a].detach_()))
            marks.append(Step(f"{a}.data = {a}.data * 0.5", lambda w: replace_data(w.tensors[a])))
        return self.rng.choice(marks) if marks else None

    def _gradient(self) -> Step | None:
        """What is done with ``.grad`` between two calls of backward()."""
        a = self._any(lambda t: settled(t) and t.is_leaf and t.grad is not None)
        if a is None or self.rng.random() < 0.3:
            return self._backward()
        text, function = self.rng.choice(ON_GRADIENTS)

        def run(w: World) -> None:
            if w.tensors[a].grad is not None:
                function(w, w.tensors[a])

        return Step(f"if {a}.grad is not None: {text.format(a)}", run)

    def _backward(self) -> Step | None:
        names = [n for n, t in self.world.tensors.items() if settled(t) and t.requires_grad]
        if not names:
            return None
        names = self.rng.sample(names, min(len(names), self.rng.randint(1, 3)))
        factors = [numbers(self.rng, ()) for _ in names]
        terms = " + ".join(f"{c} * {n}.sin().sum()" for n, c in zip(names, factors, strict=True))

        def run(w: World) -> None:
            loss = sum(c * w.tensors[n].sin().sum() for n, c in zip(names, factors, strict=True))
            loss.backward(retain_graph=True)

        return Step(f"({terms}).backward()", run)

    def _change(self) -> Step | None:
        kind = self.rng.randrange(5)
        if kind == 0:
            lr = round(self.rng.uniform(0.01, 0.5), 2)
            return Step(f"lr = {lr}", lambda w: w.numbers.update(lr=lr))
        if kind == 1:
            return Step(
                "train = not train", lambda w: w.numbers.update(train=not w.numbers["train"])
            )
        if kind == 2:
            scale = numbers(self.rng, ())
            return Step(f"scale = {scale}", lambda w: w.numbers.update(scale=scale))
        if kind == 3:
            return Step("pass", lambda w: None)
        return self._in_place()
