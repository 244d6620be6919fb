"""Names of values: where each comes from, and which one wins."""

import pytest

import chainrule as cr
from chainrule import nn
from chainrule.core.errors import ArgumentError
from chainrule.core.graph import history
from chainrule.core.names import given_names, named, names
from chainrule.ops.structural.scan import scan


def parameter(*sizes):
    return cr.ones(sizes).requires_grad_()


def called(*results):
    """The names of what the results are made from, in the order of definition."""
    return list(given_names(history(results)).values())


def test_targets_and_operands_of_the_source():
    W, x = parameter(2, 3), cr.ones(3)
    h = (W @ x).tanh()
    total = h.sum()
    assert called(total) == ["W", "x", "h", "total"]


def test_arguments_of_a_captured_function():
    graph = cr.capture(lambda batch, scale: batch * scale + 1, cr.spec("B", 3), cr.spec())
    assert list(names(graph).values()) == ["batch", "scale", "v3", "v4"]


def test_a_loop_gives_subscripts_and_the_input_keeps_its_name():
    h = parameter(2)
    for _ in range(3):
        h = h.tanh()
    assert called(h) == ["h", "h₁", "h₂", "h₃"]


def test_a_name_given_explicitly_wins():
    x = parameter(2)
    y = x * 2
    assert called(named(y, "speed")) == ["x", "speed"]


def test_a_name_given_while_capturing():
    graph = cr.capture(lambda x: named(x * 2, "speed") + 1, cr.spec())
    assert "speed" in given_names(graph).values()


@pytest.mark.parametrize("name", ["", " ", "two\nlines", 3, None])
def test_a_name_is_text_on_one_line(name):
    with pytest.raises(ArgumentError, match="not a name: "):
        named(parameter(1), name)


def test_several_targets_at_once():
    x = parameter(2, 3)
    best, _ = x.max(dim=1)
    assert called(best) == ["x", "best"]


def test_targets_that_are_no_names_are_left_out():
    x, found = parameter(2), {}
    found["y"] = x * 2
    assert called(found["y"]) == ["x"]


def test_a_function_around_the_op_names_nothing():
    def weighted(weights, x):
        return weights @ x

    a, b = parameter(2, 2), parameter(2)
    assert called(cr.nn.functional.linear(b, a)) == ["a", "b"]
    assert called(weighted(a, b)) == ["weights", "x"]
    last, _ = scan(lambda h, x: (h * x, h), a.sum(), b)
    assert called(last) == ["a"]


class Net(nn.Module):
    def __init__(self):
        super().__init__()
        self.encoder = nn.Sequential(nn.Linear(2, 3), nn.Tanh())
        self.head = nn.Linear(3, 1)

    def forward(self, x):
        h = self.encoder(x)
        u = self.head(h)
        y = u.sigmoid()
        return y  # noqa: RET504  (it has a name)


def test_results_of_modules_have_their_paths():
    net, x = Net(), cr.ones(1, 2)
    assert called(net(x)) == [
        "encoder.0.weight", "encoder.0.bias", "head.weight", "head.bias", "x",
        "encoder.0", "encoder", "head", "y",
    ]  # fmt: skip


def test_the_result_of_the_whole_network_has_its_target():
    net, x = nn.Sequential(nn.Linear(2, 3), nn.Tanh()), cr.ones(1, 2)
    y = net(x)
    assert called(y)[-2:] == ["0", "y"]
    assert called(net(x))[-2:] == ["0", "1"]


def test_a_layer_used_twice():
    layer, x = nn.Linear(2, 2), cr.ones(1, 2)
    net = nn.Sequential(layer, nn.Tanh(), layer)
    assert called(net(x))[-3:] == ["0₁", "1", "0₂"]


def test_every_name_is_another_one():
    x = named(parameter(), "v3")
    y = x * 2 + x * 3
    found = names(history([y])).values()
    assert len(set(found)) == len(found)


def test_what_a_layer_makes_of_its_parameters_is_not_written():
    x, y = cr.ones(3, 2), cr.ones(3, 1, 2)
    with cr.record():
        _, last = nn.RNN(2, 4)(x)
        read, _ = nn.MultiheadAttention(2, 1)(y, y, y)
    assert "x" in called(last)
    assert "y" in called(read)


def test_a_table_of_a_layer_is_not_what_is_called_with():
    class Shifted(nn.Linear):
        pass

    Shifted.__module__ = nn.__name__  # as if it were one of the package's
    Shifted.forward = lambda self, x: self.table + nn.functional.linear(x, self.weight)
    layer, x = Shifted(2, 2, bias=False), parameter(2)
    layer.table = cr.ones(2).detach()
    h = layer(x * 3)
    assert list(names(history([h])).values()).count("x") == 1


def test_operands_of_an_op_have_its_names() -> None:
    graph = cr.capture(cr.nn.functional.linear, cr.spec(2, 3), cr.spec(4, 3))
    assert [i.name for i in graph.inputs] == ["x", "weight"]
