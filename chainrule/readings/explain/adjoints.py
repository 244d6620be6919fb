"""Adjoint equations: every adjoint through those of its consumers, and in the values alone."""

from __future__ import annotations

import inspect
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from chainrule.core.capture import Spec, capture, spec
from chainrule.core.derivatives import walk_back
from chainrule.core.errors import ArgumentError
from chainrule.core.graph import reachable, with_sizes
from chainrule.core.names import named, same_name
from chainrule.core.node import Node
from chainrule.core.signature import Shape
from chainrule.core.size import Size
from chainrule.core.state import switched
from chainrule.core.tensor import Tensor
from chainrule.readings.explain.expression import expression
from chainrule.readings.explain.factoring import factored
from chainrule.readings.explain.naming import adjoint_name, width
from chainrule.readings.explain.notation import write
from chainrule.readings.explain.tables import Derivation
from chainrule.readings.explain.terms import Symbol
from chainrule.readings.simplify import number_of

LONGEST = 2000
"""Characters of a closed form; a longer one nobody reads."""


@dataclass(frozen=True)
class Adjoint:
    """The derivative of the loss by one value: ``chain_rule`` writes it through other adjoints and
    local derivatives, ``closed`` in the values alone; ``name`` is how formulas call it."""

    of: str
    name: str
    shape: Shape
    chain_rule: str
    closed: str


class Adjoints(Mapping[str, Adjoint]):
    """The adjoints of a loss by the names of the values, newest first; printed as two tables.

    >>> import chainrule as cr
    >>> x = cr.tensor(3.0, requires_grad=True)
    >>> y = x.exp()
    >>> J = y * y
    >>> cr.adjoints(J)["x"].chain_rule
    'ȳ @ ∂y/∂x'
    """

    def __init__(self, loss: str, rows: Sequence[Adjoint]) -> None:
        self.loss = loss
        self._rows = {row.of: row for row in rows}

    def __getitem__(self, name: str) -> Adjoint:
        if name not in self._rows:
            raise KeyError(f"no value is called {name!r}: {', '.join(self._rows)}")
        return self._rows[name]

    def __iter__(self) -> Iterator[str]:
        return iter(self._rows)

    def __len__(self) -> int:
        return len(self._rows)

    def to_dict(self) -> dict[str, Any]:
        """Everything in dicts, lists and text, as JSON has them."""
        rows = [
            {"of": row.of, "name": row.name, "shape": [_plain(n) for n in row.shape],
             "chain_rule": row.chain_rule, "closed": row.closed}
            for row in self.values()
        ]  # fmt: skip
        return {"loss": self.loss, "adjoints": rows}

    def __str__(self) -> str:
        room = max(width(row.name) for row in self.values())
        names = [" " * (room - width(row.name)) + row.name for row in self.values()]
        lines = [f"Adjoints of {self.loss}, through those of its consumers"]
        lines += [f"  {n} = {row.chain_rule}" for n, row in zip(names, self.values(), strict=True)]
        lines += ["", f"Adjoints of {self.loss}, in the values alone"]
        lines += [f"  {n} = {row.closed}" for n, row in zip(names, self.values(), strict=True)]
        return "\n".join(lines)

    __repr__ = __str__


def adjoints(loss: Tensor | Callable[..., Tensor], *inputs: Any) -> Adjoints:
    """The adjoint equations of a ``loss`` with history, or of a function that makes one from
    ``inputs``: their shapes, specs or tensors.  Nothing is computed for a function, so that sizes
    may be letters.

    Through its consumers, the adjoint of v is the sum of their adjoints, each times its local
    derivative, a product of matrices where tensors are taken as vectors (Griewank and Walther,
    Evaluating Derivatives, 2008); in the values alone, it is what the rules of the ops make of it.
    Raises ArgumentError for a loss that is not one number, or that needs no gradient.

    >>> import chainrule as cr
    >>> def loss(w, x):
    ...     u = x @ w
    ...     h = u.exp()
    ...     J = (h + u).sum()
    ...     return J
    >>> print(adjoints(loss, ("n",), (3, "n")))
    Adjoints of J, through those of its consumers
       J̄ = 1
      v̄5 = J̄ @ ∂J/∂v5
       h̄ = v̄5 @ ∂v5/∂h
       ū = v̄5 @ ∂v5/∂u + h̄ @ ∂h/∂u
       x̄ = ū @ ∂u/∂x
       w̄ = ū @ ∂u/∂w
    <BLANKLINE>
    Adjoints of J, in the values alone
       J̄ = 1
      v̄5 = 1
       h̄ = 1
       ū = 1 + h
       x̄ = (1 + h) @ wᵀ
       w̄ = xᵀ @ (1 + h)
    """
    if not isinstance(loss, Tensor):
        return _of_function(loss, inputs)
    if inputs:
        raise ArgumentError("inputs are for a function; a loss has its own")
    return _equations(loss).read()


def _of_function(function: Any, inputs: Sequence[Any]) -> Adjoints:
    """The equations of what a function makes of tensors without values, which are called as its
    arguments are."""
    if not callable(function):
        raise ArgumentError(f"adjoints of a loss or a function, not of {type(function).__name__}")
    called = inspect.signature(function).bind(*inputs).arguments
    given = [one if isinstance(one, Spec | Tensor) else spec(*one) for one in inputs]
    found: list[_Equations] = []

    def traced(*tensors: Tensor) -> Any:
        for name, x in zip(called, tensors, strict=True):
            named(x, name)
        loss = function(*tensors)
        found.append(_equations(loss))
        return loss

    capture(traced, *(replace(spec(*x.shape, dtype=x.dtype), requires_grad=True) for x in given))
    return found[0].read()


def _equations(loss: Any) -> _Equations:
    """The adjoints of a loss; raises ArgumentError for what is none."""
    if not isinstance(loss, Tensor) or (loss.shape != () and loss.numel() != 1):
        got = f"{type(loss).__name__} {loss.shape if isinstance(loss, Tensor) else ''}".strip()
        raise ArgumentError("adjoints are those of one number", got=got)
    if not loss.requires_grad or loss.node.op is None:
        raise ArgumentError(
            "the loss depends on nothing that requires a gradient",
            hint="cr.tensor(…, requires_grad=True), or a function and the shapes of its inputs",
        )
    return _Equations(loss)


class _Equations:
    """A loss on the way to its equations."""

    def __init__(self, loss: Tensor) -> None:
        found = Derivation(loss, "ops", 4)
        self.loss, self.symbols = found.loss, found.symbols
        self.made: dict[Node, Node] = {}  # the adjoint of each value, as a node

        def met(node: Node, g: Any) -> Any:
            if node in self.symbols:
                self.made[node] = g.node
            return g

        with switched(record=True):
            walk_back(Tensor(self.loss), met)

    def read(self) -> Adjoints:
        """The equations of all values that have a name."""
        known, numbered = self._numbered()
        consumers = self._consumers()
        rows = []
        for node in self.made:
            symbol, name = self.symbols[node], self.name(node)
            through = " + ".join(
                f"{self.name(j)} @ ∂{self.symbols[j].name}/∂{symbol.name}"
                for j in consumers.get(node, ())
            )
            one = node is self.loss
            closed = "1" if one else self._closed(numbered[self.made[node]], known)
            rows.append(Adjoint(symbol.name, name, node.shape, "1" if one else through, closed))
        return Adjoints(self.symbols[self.loss].name, rows)

    def name(self, node: Node) -> str:
        """How formulas call the adjoint of a value."""
        return adjoint_name(self.symbols[node].name, self.symbols[self.loss].name)

    def _closed(self, g: Node, known: Mapping[Node, Symbol]) -> str:
        written = write(factored(expression(g, known, tidy=True)))
        if len(written) > LONGEST:
            return f"… ({len(written):,} characters)"
        return written

    def _consumers(self) -> dict[Node, list[Node]]:
        """For each value the values that are made from it, with nothing named between them."""
        found: dict[Node, list[Node]] = {}
        for node in sorted(self.made, key=lambda one: one.number, reverse=True):
            for operand in _operands(node, self.symbols):
                found.setdefault(operand, []).append(node)
        return found

    def _numbered(self) -> tuple[dict[Node, Symbol], dict[Node, Node]]:
        """The graph with numbers for letters of shapes, which tell moves of entries by counting
        them; a number that a letter stands for stays that letter."""
        nodes = reachable([*self.symbols, *self.made.values()])
        letters = sorted({
            letter
            for node in nodes if type(node.dtype) is not tuple
            for size in node.shape if isinstance(size, Size)
            for letter in size.symbols()
        })  # fmt: skip
        sizes = dict(zip(letters, _primes(len(letters)), strict=True))
        numbered: dict[Node, Node] = {}
        for node in nodes:
            numbered[node] = _with_numbers(node, numbered, sizes) if letters else node
        known = {
            numbered[node]: Symbol(symbol.name, symbol.value, numbered[node].shape)
            for node, symbol in self.symbols.items()
        }
        return known, numbered


def _operands(node: Node, symbols: Mapping[Node, Symbol]) -> list[Node]:
    """The named values that a value is made from directly."""
    seen: list[Node] = []
    waiting = list(node.parents)
    while waiting:
        at = waiting.pop()
        if at in seen or not at.requires_grad:
            continue
        seen.append(at)
        if at not in symbols:
            waiting += at.parents
    return [at for at in seen if at in symbols]


def _with_numbers(node: Node, made: Mapping[Node, Node], sizes: Mapping[str, int]) -> Node:
    """The node with numbers for the letters of its shape."""
    parents = tuple(made[parent] for parent in node.parents)
    attrs = node.attrs if number_of(node) is not None else with_sizes(node.attrs, sizes)
    shape = with_sizes(node.shape, sizes)
    copy = Node(node.op, parents, attrs, shape, node.dtype, node.value, node.requires_grad)
    copy.where, copy.scope = node.where, node.scope
    return same_name(node, copy)


def _primes(count: int) -> list[int]:
    """Numbers that no other product of a few of them is."""
    found: list[int] = []
    n = 5
    while len(found) < count:
        if all(n % p for p in range(2, n)):
            found.append(n)
        n += 1
    return found


def _plain(size: Any) -> Any:
    return size if isinstance(size, int) else str(size)


__all__ = ["Adjoint", "Adjoints", "adjoints"]
