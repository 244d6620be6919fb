"""Finding hyperparameters: what must be unknown kernels, strides, widths, for shapes and totals
that are known."""

from __future__ import annotations

import inspect
from collections.abc import Callable, Mapping
from typing import Any

from chainrule.analysis.find.question import Question, amount, domain, kind_text, shapes, specs
from chainrule.analysis.find.search import search
from chainrule.analysis.find.solutions import Solution, Solutions
from chainrule.core.convention import Convention
from chainrule.core.errors import ArgumentError
from chainrule.core.size import Size
from chainrule.nn import Module

__all__ = ["Solution", "Solutions", "find"]


def find(
    make: Callable[..., Any],
    *,
    input: Any = None,
    output: Any = None,
    parameters: Any = None,
    operations: Any = None,
    convention: Convention | None = None,
    where: Any = (),
    **unknowns: Any,
) -> Solutions:
    """All values of unknown hyperparameters for which a network is what is known of it.

    ``make`` is a function of the unknowns that returns a network, or any function of tensors; it is
    called with numbers or with letters for them.  It may be a network itself, where only letters of
    the input are unknown.  ``input`` is the shape of the input (or a list of shapes, specs or
    tensors), in which letters are sizes that are unknown too, if a range is stated for them, or may
    be anything.  Known are ``output``, the shape that comes out (None for a size that does not
    matter); ``parameters``, how many there are, shared ones counted once; and ``operations``, how
    many of each kind (``{"multiply": 1000}``), or how many in all as a ``convention`` counts
    (multiply-accumulates, unless another is given).  ``where`` is a function
    of some of the unknowns that tells whether they are related as they should be, or a list of
    them.  Each unknown is given a range, or a list of numbers, or of letters that stand for sizes.

    All solutions are found, and each was built, to be sure.  Raises ArgumentError for what is no
    question, and where the ranges leave too much to go through.

    >>> from chainrule import nn
    >>> def make(k, s):
    ...     return nn.Conv1d(3, 16, k, stride=s)
    >>> print(find(make, input=(3, 32), output=(16, 10), k=range(4, 8), s=range(1, 4)))
    Find k in 4..7, s in 1..3
      input   (3, 32)
      output  (16, 10)
    2 solutions
      k = 4, s = 3
        axis 1: floor((32 - k)/s) + 1 = floor((32 - 4)/3) + 1 = 10   (28/3 is rounded down to 9)
      k = 5, s = 3
        axis 1: floor((32 - k)/s) + 1 = floor((32 - 5)/3) + 1 = 10
    """
    counted = _convention(convention)
    knowns = {"input": input, "output": output, "parameters": parameters, "operations": operations}
    question = _question(make, knowns, counted, where, unknowns)
    return Solutions(question, search(question))


def _question(
    make: Any,
    knowns: dict[str, Any],
    convention: Convention,
    where: Any,
    unknowns: Mapping[str, Any],
) -> Question:
    """The question, read and checked; raises ArgumentError."""
    if not callable(make):
        raise ArgumentError(
            f"find() searches a network, not {type(make).__name__}",
            hint="cr.find(lambda k: nn.Conv2d(3, 16, k), input=…, output=…, k=range(1, 8))",
        )
    given, wanted = specs(knowns["input"]), shapes(knowns["output"])
    parameters, operations = amount("parameters", knowns["parameters"]), knowns["operations"]
    if wanted is not None and not given:
        raise ArgumentError("an output without an input", hint="find(…, input=(1, 3, 32, 32), …)")
    if operations is not None and not given:
        raise ArgumentError("operations without an input", hint="find(…, input=(1, 3, 32, 32), …)")
    if wanted is None and parameters is None and operations is None:
        raise ArgumentError(
            "find() was told nothing about the network",
            expected="an output, parameters, or operations",
        )
    domains = {name: domain(name, values) for name, values in unknowns.items()}
    letters = {
        letter
        for shape in [*(one.shape for one in given), *(wanted or ())]
        for size in shape
        if isinstance(size, Size)
        for letter in size.symbols()
    }
    named = _named(make, domains, letters)
    if not isinstance(operations, Mapping | None):
        operations = {"": operations}
    counts = {kind: amount(kind_text(kind), n) for kind, n in (operations or {}).items()}
    return Question(
        (lambda: make) if isinstance(make, Module) else make,
        named,
        domains,
        given,
        wanted,
        parameters,
        counts if operations is not None else None,  # type: ignore[arg-type]
        convention,
        _relations(where, domains),
    )


def _convention(given: Any) -> Convention:
    """How operations are counted; raises ArgumentError for what is no count of a forward pass."""
    found: Any = Convention(mac=1) if given is None else given
    if not isinstance(found, Convention) or found.rule or found.backward or found.optimizer:
        raise ArgumentError(
            f"find() counts operations of a forward pass, not {found!r}",
            hint="convention=cr.Convention(mac=2)",
        )
    return found


def _named(make: Any, domains: Mapping[str, Any], letters: set[str]) -> tuple[str, ...]:
    """The unknowns that ``make`` takes; raises ArgumentError for one without a range, and for a
    range without an unknown."""
    taken: dict[str, bool] = {}  # and whether it must be given
    if not isinstance(make, Module):
        for parameter in inspect.signature(make).parameters.values():
            if parameter.kind not in (parameter.VAR_POSITIONAL, parameter.VAR_KEYWORD):
                taken[parameter.name] = parameter.default is parameter.empty
    for name, needed in taken.items():
        if needed and name not in domains:
            raise ArgumentError(
                f"no range is stated for the unknown '{name}'", hint=f"{name}=range(1, 12)"
            )
    for name in domains:
        if name not in taken and name not in letters:
            raise ArgumentError(
                f"there is no unknown '{name}'",
                expected=", ".join(sorted({*taken, *letters})) or "a function of unknowns",
            )
    return tuple(name for name in domains if name in taken)


def _relations(where: Any, domains: Mapping[str, Any]) -> tuple[Callable[..., Any], ...]:
    """The relations, each a function of unknowns; raises ArgumentError for others."""
    relations = (where,) if callable(where) else tuple(where)
    for relation in relations:
        if not callable(relation):
            raise ArgumentError(
                f"a relation is a function of unknowns, not {relation!r}",
                hint="where=lambda k, p: k == 2 * p + 1",
            )
        for name in inspect.signature(relation).parameters:
            if name not in domains:
                raise ArgumentError(f"a relation speaks of '{name}', which is no unknown",
                                    expected=", ".join(domains))  # fmt: skip
    return relations
