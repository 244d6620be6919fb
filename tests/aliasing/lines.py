"""The lines that random scripts are made of: text, and what it does to a world of tensors."""

from __future__ import annotations

import random
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any


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


def numbers(rng: random.Random, shape: Any) -> Any:
    """Nested lists of numbers with two decimals, away from zero."""
    if not shape:
        return round(rng.choice((-1, 1)) * rng.uniform(0.2, 1.2), 2)
    return [numbers(rng, shape[1:]) for _ in range(shape[0])]


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


def replace_data(t: Any) -> None:
    """``x.data = …``."""
    t.data = t.data * 0.5


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
    yield from pieces(rng, shape)
    if rank > 1:
        yield "{0}.transpose(0, 1)", lambda t: t.transpose(0, 1)
        yield "{0}.mT", lambda t: t.mT
        yield "{0}[:, 0]", lambda t: t[:, 0]
        yield f"{{0}}[{i}, 1:]", lambda t: t[i, 1:]
        order = tuple(rng.sample(range(rank), rank))
        yield f"{{0}}.permute{order}", lambda t: t.permute(order)


def pieces(
    rng: random.Random, shape: tuple[int, ...]
) -> Iterator[tuple[str, Callable[[Any], Any]]]:
    """Views that cut a tensor of this shape along an axis, or turn it."""
    d, e = rng.randrange(len(shape)), rng.randrange(-len(shape), len(shape))
    size = shape[d]
    i, k = rng.randrange(size), rng.randint(1, size)
    step = rng.randint(1, 2)
    yield f"{{0}}.select({d}, {i - size})", lambda t: t.select(d, i - size)
    yield f"{{0}}.narrow({d}, {i}, {size - i})", lambda t: t.narrow(d, i, size - i)
    yield f"{{0}}.split({k}, {d})[-1]", lambda t: t.split(k, d)[-1]
    yield f"{{0}}.chunk(2, {d})[0]", lambda t: t.chunk(2, d)[0]
    yield f"{{0}}.tensor_split(2, {d})[0]", lambda t: t.tensor_split(2, d)[0]
    yield f"{{0}}.unbind({d})[{i}]", lambda t: t.unbind(d)[i]
    yield f"{{0}}.unfold({d}, {k}, {k})", lambda t: t.unfold(d, k, k)
    yield f"{{0}}.unfold({d}, {k}, {step})", lambda t: t.unfold(d, k, step)
    yield f"{{0}}.unflatten({d}, (-1, {k}))", lambda t: t.unflatten(d, (-1, k))
    yield f"{{0}}.movedim({d}, {e})", lambda t: t.movedim(d, e)
    yield f"{{0}}.swapaxes({d}, {e})", lambda t: t.swapaxes(d, e)
    if len(shape) > 1:
        offset = rng.randint(1 - shape[0], shape[1] - 1)
        yield f"{{0}}.diagonal({offset})", lambda t: t.diagonal(offset)
        yield "{0}.diagonal(0, -1, -2)", lambda t: t.diagonal(0, -1, -2)


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
