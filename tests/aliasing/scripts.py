"""Random scripts about tensors that share storage, which run on any library with PyTorch's names.

A script has a prelude, which makes tensors, and a body, which is called several times; between the
calls a learning rate, a mode flag, a closure constant or a tensor changes.  Every step is one line
of Python with the function that carries it out.  While a script is being written it runs on a
*model* library, so that each new step fits the shapes there are.
"""

from __future__ import annotations

import math
import random
from collections.abc import Callable, Iterator
from contextlib import nullcontext
from dataclasses import dataclass, field
from typing import Any

SHAPES = ((4,), (2, 3), (3, 2), (2, 2, 2), (1, 3), ())
MOST_TENSORS = 14


class World:
    """The tensors of a run by name, the numbers it reads, and the library it runs on."""

    def __init__(self, lib: Any) -> None:
        self.lib = lib
        self.tensors: dict[str, Any] = {}
        self.numbers: dict[str, Any] = {"lr": 0.1, "train": True, "scale": 0.5}

    def inner(self) -> World:
        """The names a function sees: those outside, and its own."""
        made = World(self.lib)
        made.tensors, made.numbers = dict(self.tensors), self.numbers
        return made

    def made(self, data: Any, requires_grad: bool = False) -> Any:
        """A new tensor of float64."""
        return self.lib.tensor(data, dtype=self.lib.float64, requires_grad=requires_grad)


@dataclass
class Step:
    """One line of a script, and what it does to a world."""

    text: str
    run: Callable[[World], Any]


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


def numbers(rng: random.Random, shape: Any) -> Any:
    """Nested lists of numbers with two decimals, away from zero."""
    if not shape:
        return round(rng.choice((-1, 1)) * rng.uniform(0.2, 1.2), 2)
    return [numbers(rng, shape[1:]) for _ in range(shape[0])]


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
        kinds = (self._view, self._view, self._compute, self._in_place, self._in_place,
                 self._assign, self._assign, self._detached, self._gradient, self._mark)  # fmt: skip
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
        if not t.requires_grad and alone:
            return Step(f"{a}.requires_grad_()", lambda w: w.tensors[a].requires_grad_())
        if t.requires_grad and not t.is_leaf and t._base is None:
            return Step(f"{a}.retain_grad()", lambda w: w.tensors[a].retain_grad())
        return None

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


# -- steps ---------------------------------------------------------------------------------------


def made_step(name: str, data: Any, requires_grad: bool) -> Step:
    """A new leaf."""

    def run(w: World) -> None:
        w.tensors[name] = w.made(data, requires_grad)

    return Step(f"{name} = tensor({data}, requires_grad={requires_grad})", run)


def let(name: str, text: str, value: Callable[[World], Any]) -> Step:
    """``name = …``."""

    def run(w: World) -> None:
        w.tensors[name] = value(w)

    return Step(f"{name} = {text}", run)


def without_gradients(step: Step) -> Step:
    """The same under no_grad."""
    if "backward" in step.text:
        return step

    def run(w: World) -> None:
        with w.lib.no_grad():
            step.run(w)

    return Step(f"with no_grad(): {step.text}", run)


def put(w: World, name: str, key: Any, value: Any) -> None:
    """``x[key] = value``."""
    t = w.tensors[name]
    t[key(w, t)] = value


def add_at(w: World, name: str, key: Any, value: Any) -> None:
    """``x[key] += value``."""
    t = w.tensors[name]
    t[key(w, t)] += value


def views(rng: random.Random, shape: tuple[int, ...]) -> Iterator[tuple[str, Callable[[Any], Any]]]:
    """Ways to take a view of a tensor of this shape."""
    i, rank, last = rng.randrange(shape[0]), len(shape), shape[-1]
    yield f"{{0}}[{i}]", lambda t: t[i]
    yield "{0}[-1:]", lambda t: t[-1:]
    yield f"{{0}}[{i}:]", lambda t: t[i:]
    yield "{0}[::2]", lambda t: t[::2]
    yield "{0}[..., 0]", lambda t: t[..., 0]
    yield (
        "{0}[..., 1:]" if last > 1 else "{0}[...]",
        (lambda t: t[..., 1:]) if last > 1 else (lambda t: t[...]),
    )
    yield "{0}[None]", lambda t: t[None]
    yield "{0}.unsqueeze(-1)", lambda t: t.unsqueeze(-1)
    yield "{0}.squeeze()", lambda t: t.squeeze()
    yield "{0}.reshape(-1)", lambda t: t.reshape(-1)
    yield "{0}.view(-1, 1)", lambda t: t.view(-1, 1)
    yield "{0}.flatten()", lambda t: t.flatten()
    yield f"{{0}}.view{shape}", lambda t: t.view(shape)
    yield f"{{0}}.expand(2, {', '.join(['-1'] * rank)})", lambda t: t.expand(2, *(-1,) * rank)
    yield "{0}.view_as({0})", lambda t: t.view_as(t)
    if rank > 1:
        yield "{0}.transpose(0, 1)", lambda t: t.transpose(0, 1)
        yield "{0}.mT", lambda t: t.mT
        yield "{0}[:, 0]", lambda t: t[:, 0]
        yield f"{{0}}[{i}, 1:]", lambda t: t[i, 1:]
        order = tuple(rng.sample(range(rank), rank))
        yield f"{{0}}.permute{order}", lambda t: t.permute(order)


def keys(
    rng: random.Random, shape: tuple[int, ...]
) -> Iterator[tuple[str, Callable[[World, Any], Any]]]:
    """Ways to index a tensor of this shape when writing to it."""
    i, n = rng.randrange(shape[0]), shape[0]
    picks = rng.sample(range(-n, 0), min(2, n))
    yield f"{i}", lambda w, t: i
    yield "-1", lambda w, t: -1
    yield ":", lambda w, t: slice(None)
    yield "1:", lambda w, t: slice(1, None)
    yield "::2", lambda w, t: slice(None, None, 2)
    yield "...", lambda w, t: ...
    yield "..., 0", lambda w, t: (..., 0)
    yield f"{picks}", lambda w, t: picks
    yield f"tensor({picks})", lambda w, t: w.lib.tensor(picks)
    yield "mask > 0", lambda w, t: t.detach() > 0.1
    if len(shape) > 1:
        j = rng.randrange(shape[1])
        yield f"{i}, {j}", lambda w, t: (i, j)
        yield f"{picks}, {j}", lambda w, t: (picks, j)
        yield f":, {[j]}", lambda w, t: (slice(None), [j])


FUNCTIONS: tuple[tuple[str, Callable[[World, Any, Any], Any]], ...] = (
    ("{0} * {1}", lambda w, a, b: a * b),
    ("{0} + 2 * {1}", lambda w, a, b: a + 2 * b),
    ("{0} - {1}.tanh()", lambda w, a, b: a - b.tanh()),
    ("{0} / ({1} * {1} + 1)", lambda w, a, b: a / (b * b + 1)),
    ("tanh({0}).exp()", lambda w, a, b: a.tanh().exp()),
    ("{0}.sin()", lambda w, a, b: a.sin()),
    ("{0}.clone()", lambda w, a, b: a.clone()),
    ("{0} * scale", lambda w, a, b: a * w.numbers["scale"]),
    ("{0} * 2 if train else {0} + 1", lambda w, a, b: a * 2 if w.numbers["train"] else a + 1),
    ("{0}.sum()", lambda w, a, b: a.sum()),
    ("{0}.mean()", lambda w, a, b: a.mean()),
    ("where({0} > 0, {0}, {1})", lambda w, a, b: w.lib.where(a > 0, a, b)),
    ("maximum({0}, {1} + 0.05)", lambda w, a, b: a.maximum(b + 0.05)),
    ("relu({0})", lambda w, a, b: a.relu()),
    ("({0} ** 2).mean()", lambda w, a, b: (a**2).mean()),
)


def _added(w: World, a: Any, b: Any) -> None:
    a += b


def _scaled(w: World, a: Any, b: Any) -> None:
    a *= w.numbers["scale"]


def _divided(w: World, a: Any, b: Any) -> None:
    a /= 1.5


def _subtracted(w: World, a: Any, b: Any) -> None:
    a -= 0.25


IN_PLACE: tuple[tuple[str, Callable[[World, Any, Any], Any]], ...] = (
    ("{0} += {1}", _added),
    ("{0} *= scale", _scaled),
    ("{0} /= 1.5", _divided),
    ("{0} -= 0.25", _subtracted),
    ("{0}.mul_({1})", lambda w, a, b: a.mul_(b)),
    ("{0}.sub_({1})", lambda w, a, b: a.sub_(b)),
    ("{0}.add_(1)", lambda w, a, b: a.add_(1)),
    ("{0}.tanh_()", lambda w, a, b: a.tanh_()),
    ("{0}.sin_()", lambda w, a, b: a.sin_()),
    ("{0}.neg_()", lambda w, a, b: a.neg_()),
    ("{0}.zero_()", lambda w, a, b: a.zero_()),
    ("{0}.fill_(0.5)", lambda w, a, b: a.fill_(0.5)),
    ("{0}.copy_({1})", lambda w, a, b: a.copy_(b)),
    ("{0}.detach().mul_(0.5)", lambda w, a, b: a.detach().mul_(0.5)),
    ("{0}.data.add_({1}.data)", lambda w, a, b: a.data.add_(b.data)),
    ("{0}.data[0] = 0.3", lambda w, a, b: a.data.__setitem__(0, 0.3) if a.dim() else None),
)


def _updated(w: World, a: Any) -> None:
    with w.lib.no_grad():
        a -= w.numbers["lr"] * a.grad


def _cleared(w: World, a: Any) -> None:
    a.grad = None


def _replaced(w: World, a: Any) -> None:
    a.grad = a.grad.clone()


def _decayed(w: World, a: Any) -> None:
    with w.lib.no_grad():
        a.grad += 0.1 * a


ON_GRADIENTS: tuple[tuple[str, Callable[[World, Any], Any]], ...] = (
    ("with no_grad(): {0} -= lr * {0}.grad", _updated),
    ("{0}.grad = None", _cleared),
    ("{0}.grad = {0}.grad.clone()", _replaced),
    ("with no_grad(): {0}.grad += 0.1 * {0}", _decayed),
    ("{0}.grad.zero_()", lambda w, a: a.grad.zero_()),
    ("{0}.grad.mul_(0.5)", lambda w, a: a.grad.mul_(0.5)),
    ("{0}.data.sub_(lr * {0}.grad)", lambda w, a: a.data.sub_(w.numbers["lr"] * a.grad)),
    ("{0}.data.sub_({0}.grad, alpha=lr)", lambda w, a: a.data.add_(a.grad * -w.numbers["lr"])),
)


def close(a: float, b: float) -> bool:
    """Equal to ten digits, or both not a number."""
    return (
        a == b
        or (math.isnan(a) and math.isnan(b))
        or math.isclose(a, b, rel_tol=1e-10, abs_tol=1e-10)
    )


__all__ = ["Script", "Step", "World", "Writer", "close", "nullcontext"]
