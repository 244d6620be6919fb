"""Chains of matrices: the order in which they are multiplied."""

from itertools import pairwise

import chainrule as cr


def test_chains_are_multiplied_in_the_cheapest_order() -> None:
    sizes = (30, 35, 15, 5, 10, 20, 25)  # the example of the book

    def chain(*matrices: cr.Tensor) -> cr.Tensor:
        return cr.linalg.multi_dot(matrices)

    graph = cr.capture(chain, *(cr.spec(m, n) for m, n in pairwise(sizes)))
    nodes = [node for node in graph.nodes if node.op is not None]
    assert sum(node.op.cost(node)["multiply"] for node in nodes) == 15125
