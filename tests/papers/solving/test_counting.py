"""How many ops a part makes."""

import chainrule as cr
from chainrule import nn
from chainrule.core.node import Node
from chainrule.papers.solving.counting import counting


def test_ops_of_graphs_of_every_sort() -> None:
    x = cr.tensor([1.0, 2.0], requires_grad=True)
    with counting() as found:
        (x * 2).sum()
    assert found.ops == 2
    with counting() as found:
        cr.capture(lambda x: x.exp() + 1, cr.spec(3))
    assert found.ops == 2
    with counting() as found, cr.record():
        cr.find(lambda k: nn.Conv1d(2, 3, k), input=(2, 9), output=(3, 7), k=range(1, 5))
    assert found.ops > 0


def test_numbers_alone_are_no_graph() -> None:
    with counting() as found, cr.record():
        cr.tensor([1, 2])
        cr.zeros(3)
        sum([1, 2])
    assert found.ops == 0


def test_it_is_over_with_the_block() -> None:
    before = Node.__init__
    with counting():
        assert Node.__init__ is not before
    assert Node.__init__ is before
