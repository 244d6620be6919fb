"""What cancels in a product of nodes, and what stays."""

from __future__ import annotations

from collections.abc import Callable

import pytest

import chainrule as cr
from chainrule.core.graph import Graph
from chainrule.core.node import Node
from chainrule.readings.explain.cancelling import MOST, cancelled
from chainrule.readings.explain.expression import expression
from chainrule.readings.explain.notation import write
from chainrule.readings.explain.terms import Symbol
from chainrule.readings.simplify import simplify


def left(f: Callable[..., cr.Tensor], shape: tuple[int, ...] = (3,)) -> str:
    """What is left of a function of a, b, c, in which equal values are one node."""
    graph: Graph = simplify(cr.capture(f, *[cr.spec(*shape)] * 3))
    names = dict(zip((i.node for i in graph.inputs), "abc", strict=True))
    found = cancelled(graph.outputs[0], lambda node: None)
    symbols = {node: Symbol(name, None, node.shape) for node, name in names.items()}
    return write(expression(found, symbols))


@pytest.mark.parametrize(
    ("f", "text"),
    [
        (lambda a, b, c: a / b * b, "a"),
        (lambda a, b, c: b * (a / b), "a"),
        (lambda a, b, c: (a - b) / (c * (1 - c)) * (c * (1 - c)), "a - b"),
        (lambda a, b, c: a / (b * c) * b, "a / c"),
        (lambda a, b, c: a / b / c * b, "a / c"),
        (lambda a, b, c: 1 / b * (b * c), "c"),
        (lambda a, b, c: a / (b / c) * b, "a * c"),
        (lambda a, b, c: a / (a * b) * c, "c / b"),
        (lambda a, b, c: a - b + b, "a"),
        (lambda a, b, c: a + (b - a), "b"),
        (lambda a, b, c: a / b * (b + 0 * c), "a / b * (b + 0 * c)"),
        (lambda a, b, c: a * b * c, "a * b * c"),
        (lambda a, b, c: a / b - b, "a / b - b"),
        (lambda a, b, c: a / b * b.exp(), "a / b * exp(b)"),
    ],
)
def test_what_is_left(f: Callable[..., cr.Tensor], text: str) -> None:
    assert left(f) == text


def test_through_changes_of_shape() -> None:
    def f(a: cr.Tensor, b: cr.Tensor, c: cr.Tensor) -> cr.Tensor:
        return (a.squeeze(1) / (1 - b.squeeze(1))).reshape(3, 1) * (1 - b) * c

    assert left(f, (3, 1)) == "reshape(a, shape=(3, 1)) * c"


def test_other_places_are_other_numbers() -> None:
    text = left(lambda a, b, c: (a / b).flip(0) * b)
    assert text == "flip(a / b, dims=0) * b"


def test_all_or_nothing_has_no_shape_of_its_own() -> None:
    assert left(lambda a, b, c: a / a * (b / b)) == "a / a * (b / b)"


def test_a_value_with_a_name_is_opened_where_it_helps() -> None:
    graph = simplify(cr.capture(lambda a, b, c: a / b * (c * b), *[cr.spec(3)] * 3))
    (product,) = graph.outputs
    quotient, other = product.parents
    a, b, c = (i.node for i in graph.inputs)

    def read(meaning: dict[Node, Node]) -> str:
        symbols = {a: "a", b: "b", c: "c", quotient: "q", other: "p"}
        found = cancelled(product, meaning.get)
        return write(
            expression(found, {n: Symbol(name, None, n.shape) for n, name in symbols.items()})
        )

    assert read({quotient: quotient, other: other}) == "a * c"
    assert read({quotient: a, other: other}) == "q * p"


def test_long_products_are_left_alone() -> None:
    def long(a: cr.Tensor, b: cr.Tensor, c: cr.Tensor) -> cr.Tensor:
        for _ in range(MOST + 2):
            a = a * b
        return a / c * c

    graph = simplify(cr.capture(long, *[cr.spec(3)] * 3))
    assert cancelled(graph.outputs[0], lambda node: None) is graph.outputs[0]
