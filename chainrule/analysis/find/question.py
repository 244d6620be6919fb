"""A question: a network with unknowns, what they may be, and what is known of it."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from chainrule.analysis.inputs import input_of
from chainrule.core import tree as trees
from chainrule.core.capture import Spec, capture, spec
from chainrule.core.convention import Convention
from chainrule.core.cost import Parts, joined, parts_of, total
from chainrule.core.device import META
from chainrule.core.errors import ArgumentError, ShapeError
from chainrule.core.graph import reachable
from chainrule.core.meta import blank
from chainrule.core.size import AnySize, Size, is_size, prod
from chainrule.core.state import no_grad, record
from chainrule.core.tensor import Tensor
from chainrule.nn import Module

Shape = tuple[Any, ...]
Values = Mapping[str, AnySize]
SELDOM = 1_000_000
"""No stated range is longer."""


@dataclass(frozen=True)
class Seen:
    """What a network is for one choice of its unknowns: the shapes that come out, how many
    parameters it has, which operations it takes (where asked for)."""

    shapes: tuple[Shape, ...] = ()
    parameters: AnySize = 0
    operations: Parts | None = None


@dataclass(frozen=True)
class Question:
    """See `find`, whose arguments these are, read and checked."""

    make: Callable[..., Any]
    named: tuple[str, ...]
    """The unknowns that ``make`` takes; others are letters of the input alone."""
    domains: Mapping[str, tuple[AnySize, ...]]
    inputs: tuple[Spec, ...]
    outputs: tuple[Shape, ...] | None
    parameters: AnySize | None
    operations: Mapping[str, AnySize] | None
    """How many of each kind; under the name "", how many in all as ``convention`` counts."""
    convention: Convention
    where: tuple[Callable[..., Any], ...]

    def see(self, values: Values) -> Seen:
        """Build the network for some values and look at it; raises what that raises."""
        specs = [Spec(put(given.shape, values), given.dtype) for given in self.inputs]
        with META, no_grad():
            model = self.make(**{name: values[name] for name in self.named})
            parameters = list(model.parameters()) if isinstance(model, Module) else []
            results: list[Any] = []
            if self.inputs:
                if all(parameter.is_meta for parameter in parameters):
                    with record() if self.operations is not None else no_grad():
                        made = model(*(Tensor(blank(one.shape, one.dtype)) for one in specs))
                    results = [x.node for x in trees.tensors(made)]
                else:
                    results = list(capture(model, *specs).outputs)
        counted = None
        if self.operations is not None:
            counted = joined(parts_of(node) for node in reachable(results))
        return Seen(
            tuple(node.shape for node in results),
            sum((prod(parameter.shape) for parameter in parameters), 0),
            counted,
        )

    def asked(self, seen: Seen, values: Values) -> list[tuple[str, AnySize, AnySize]]:
        """What is known, beside what was seen: the words for it, the size, and what it should be.

        Raises ShapeError where the results are others in number or rank.
        """
        pairs: list[tuple[str, AnySize, AnySize]] = []
        if self.outputs is not None:
            pairs += _axes([put(one, values) for one in self.outputs], seen.shapes)
        if self.parameters is not None:
            pairs.append(("parameters", seen.parameters, self.parameters))
        parts = seen.operations or {}
        for kind, wanted in (self.operations or {}).items():
            found = total(parts.values()).get(kind, 0) if kind else self.convention.count(parts)
            pairs.append((kind_text(kind), found, wanted))
        return pairs


def _axes(wanted: Sequence[Shape], found: Sequence[Shape]) -> list[tuple[str, AnySize, AnySize]]:
    """Axis by axis, what came out and what should; None is any size."""
    if len(found) != len(wanted):
        raise ShapeError(f"{len(found)} tensors come out, not {len(wanted)}")
    pairs = []
    for number, (shape, one) in enumerate(zip(found, wanted, strict=True)):
        if len(shape) != len(one):
            raise ShapeError(f"the output has {len(shape)} axes, {shape}, not {len(one)}")
        of = f" of output {number}" if len(found) > 1 else ""
        for axis, (size, goal) in enumerate(zip(shape, one, strict=True)):
            if goal is not None:
                pairs.append((f"axis {axis}{of}", size, goal))
    return pairs


def kind_text(kind: str) -> str:
    """The words for a count of operations: of one kind, or of all."""
    return f"operations '{kind}'" if kind else "operations"


def put(sizes: Iterable[Any], values: Values) -> Shape:
    """Sizes with values in place of names."""
    return tuple(n.substitute(values) if isinstance(n, Size) else n for n in sizes)


def domain(name: str, given: Any) -> tuple[AnySize, ...]:
    """What an unknown may be: a range, or a sequence of whole numbers, of letters, or of sizes; or
    one of them alone.  Raises ArgumentError for anything else."""
    if isinstance(given, str) or is_size(given):
        given = (given,)
    if not isinstance(given, range | list | tuple | set | frozenset) or not len(given):
        raise ArgumentError(
            f"{name} is searched for in {given!r}",
            expected="a range that is not empty, or a list of whole numbers or letters",
            hint=f"{name}=range(1, 12)",
        )
    if len(given) > SELDOM:
        raise ArgumentError(f"{name} has {len(given)} values", hint="state a narrower range")
    for value in given:
        if isinstance(value, bool) or not isinstance(value, int | str | Size) or value == "":
            raise ArgumentError(
                f"{name} cannot be {value!r}", expected="whole numbers, or letters for sizes"
            )
    found = {Size.symbol(value) if isinstance(value, str) else value for value in given}
    return tuple(sorted(found, key=lambda v: (0, v, "") if isinstance(v, int) else (1, 0, str(v))))


def specs(given: Any) -> tuple[Spec, ...]:
    """The inputs: one shape, a spec or a tensor, or a list of them.  Raises ArgumentError."""
    if given is None:
        return ()
    if isinstance(given, str):
        return (input_of(given),)
    if isinstance(given, Spec | Tensor):
        return (Spec(given.shape, given.dtype),)
    if isinstance(given, tuple | list) and all(isinstance(n, int | str | Size) for n in given):
        return (spec(*given),)
    if isinstance(given, tuple | list):
        return tuple(one for part in given for one in specs(part))
    raise ArgumentError(f"not an input: {given!r}", expected="sizes such as (1, 3, 32, 32)")


def shapes(given: Any) -> tuple[Shape, ...] | None:
    """The outputs: one shape, or a list of them; None for a size leaves it open."""
    if given is None:
        return None
    given = input_of(given).shape if isinstance(given, str) else given
    if not isinstance(given, tuple | list):
        raise ArgumentError(f"not an output: {given!r}", expected="sizes such as (1, 16, 15, 15)")
    if given and all(isinstance(one, tuple | list) for one in given):
        return tuple(found for one in given for found in shapes(one) or ())
    sizes = tuple(Size.symbol(n) if isinstance(n, str) else n for n in given)
    for size in sizes:
        if size is not None and not is_size(size):
            raise ArgumentError(
                f"not a size of an output: {size!r}",
                expected="whole numbers from 0, names, or None for any size",
            )
    return (sizes,)


def amount(name: str, given: Any) -> AnySize | None:
    """A total: a whole number from 0, or a size; raises ArgumentError for anything else."""
    if given is None or is_size(given):
        return given  # type: ignore[no-any-return]
    raise ArgumentError(f"{name} is {given!r}", expected="a whole number from 0")
