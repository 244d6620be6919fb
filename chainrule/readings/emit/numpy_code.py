"""A network as NumPy code, forward and backward."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, replace
from typing import Any

from chainrule.core.errors import ArgumentError
from chainrule.core.node import Node
from chainrule.core.size import Size
from chainrule.namespaces.source import Text, Unwritten, source
from chainrule.namespaces.source_helpers import HELPERS
from chainrule.readings.emit.program import GRAD, Line, Listing, Name, Program, listed, program


@dataclass(frozen=True)
class NumpyCode(Listing):
    """The lines of a network in NumPy.

    Tensors from outside have ``.value`` and ``.grad``, arrays; what is computed on the way has a
    plain name.  ``forward`` gives ``out.value``, ``backward`` adds to the ``.grad`` of each input
    and parameter, by its name; ``shared`` are lines of the way back that several of these need.
    `program` is all of it with what it imports.
    """

    @property
    def program(self) -> str:
        """The code as it can be run, with imports and the functions that it brings along."""
        text = str(self)
        helpers = [body for name, body in HELPERS.items() if re.search(rf"\b{name}\(", text)]
        imports = [f"import {name}" for name in ("math",) if "math." in text]
        return "\n\n".join(["\n".join([*imports, "import numpy as np"]), *helpers, text]) + "\n"


def numpy_code(function: Callable[..., Any], *specs: Any, output: str = "out") -> NumpyCode:
    """The NumPy code of a function of tensors, or a module, on arguments of the given shapes, and
    of its backward pass; the result is called ``output``.

    ``specs`` are those of `cr.capture`: shapes, with letters for open sizes, or tensors.  The
    backward pass follows the rules of the ops; a gradient is summed over the axes along which its
    tensor was broadcast.  Raises ArgumentError for a function that has not one result, for names
    that are none in Python, and for what NumPy has no expression for, such as random numbers.

    >>> import chainrule as cr
    >>> code = numpy_code(lambda x, w: (x @ w).tanh(), cr.spec("B", 3), cr.spec(3, 2))
    >>> print(code)
    out.value = np.tanh(x.value @ w.value)
    <BLANKLINE>
    v1 = out.grad * (1 - out.value * out.value)
    x.grad += v1 @ w.value.T
    w.grad += x.value.T @ v1
    """
    if not (isinstance(output, str) and output.isidentifier()):  # type: ignore[redundant-expr]
        raise ArgumentError(f"not a name in Python: {output!r}", hint='output="out"')
    made = program(function, specs, output)
    texts = _texts(made)
    rows = [(line.name, _statement(line, texts[line]), line.back) for line in made.lines]
    return NumpyCode(**listed(rows, lambda lines: list(_letters(made, lines))))


def _statement(line: Line, text: Text) -> str:
    adds = line.name.outside and line.back
    return f"{_reference(line.name)} {'+=' if adds else '='} {text}"


def _reference(name: Name) -> str:
    if name.outside:
        return f"{name.tensor}.{name.slot}"
    return name.tensor if name.slot != GRAD else f"{name.tensor}_grad"


def _texts(made: Program) -> dict[Line, Text]:
    """What each line computes, written with the names of the lines before it."""
    own = {
        line.node: line for line in reversed(made.lines) if not (line.back and line.name.outside)
    }
    known: dict[Node, Text] = {
        node: Text(_reference(name), shape=node.shape) for node, name in made.given.items()
    }
    found: dict[Line, Text] = {}
    for node in made.graph.nodes:
        if node.op is not None:
            known[node] = _expression(node, known)
        if node in own:
            found[own[node]] = known[node]
            known[node] = Text(_reference(own[node].name), shape=node.shape)
    return {line: found.get(line, known[line.node]) for line in made.lines}


def _expression(node: Node, known: Mapping[Node, Text]) -> Text:
    assert node.op is not None  # inputs have names
    try:
        text: Text = node.op.forward(source, *(known[p] for p in node.parents), **node.attrs)
    except Unwritten as error:
        raise ArgumentError(
            f"NumPy has no expression for '{error}'",
            hint="a loop is written out step by step; random numbers are given as an input",
        ) from None
    return replace(text, shape=node.shape)


def _letters(made: Program, lines: list[str]) -> Iterator[str]:
    """The sizes that the lines name by letters, read off the shapes of inputs."""
    written = "\n".join(lines)
    names = {name.tensor for name in made.given.values()} | {
        line.name.tensor for line in made.lines
    }
    seen: set[str] = set()
    for node, name in made.given.items():
        for axis, size in enumerate(node.shape):
            letter = str(size)
            if not isinstance(size, Size) or letter in seen or not letter.isidentifier():
                continue
            if not re.search(rf"(?<![\w.]){letter}(?![\w.])", written):
                continue
            if letter in names:
                raise ArgumentError(f"{letter} is the name of a size and of a tensor",
                                    hint="call one of them something else")  # fmt: skip
            seen.add(letter)
            yield f"{letter} = {_reference(name)}.shape[{axis}]"


__all__ = ["NumpyCode", "numpy_code"]
