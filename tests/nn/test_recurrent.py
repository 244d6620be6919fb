"""Recurrent layers and cells against PyTorch's."""

import warnings

import numpy as np
import pytest
import torch

import chainrule as cr
from chainrule import nn
from chainrule.core.errors import ArgumentError, ShapeError
from chainrule.nn.utils.rnn import pack_padded_sequence

DRAW = np.random.default_rng(7)
KINDS = ("RNN", "LSTM", "GRU")


def pair(*shape):
    """The same draws as a tensor of ours and of PyTorch's, both with gradients."""
    values = DRAW.normal(size=shape)
    return cr.tensor(values, requires_grad=True), torch.tensor(values, requires_grad=True)


def twins(kind, *args, **kwargs):
    """A module of ours and PyTorch's, with the same parameters."""
    theirs = getattr(torch.nn, kind)(*args, dtype=torch.float64, **kwargs)
    ours = getattr(nn, kind)(*args, dtype=cr.float64, **kwargs)
    ours.load_state_dict({k: cr.tensor(v.numpy()) for k, v in theirs.state_dict().items()})
    return ours, theirs


def flat(tree):
    """The tensors of nested tuples."""
    return [x for part in tree for x in flat(part)] if isinstance(tree, tuple) else [tree]


def assert_close(ours, theirs):
    theirs = theirs.detach().numpy()
    assert ours.shape == theirs.shape
    scale = max(np.abs(theirs).max(), 1e-3)
    np.testing.assert_allclose(ours.detach().numpy(), theirs, rtol=0, atol=1e-12 * scale)


def assert_alike(ours, theirs, made, expected, leaves):
    """Results, and the gradients of a function of all of them by leaves and parameters."""
    for a, b in zip(flat(made), flat(expected), strict=True):
        assert_close(a, b)
    sum((a * a * (i + 1)).sum() for i, a in enumerate(flat(made))).backward()
    sum((b * b * (i + 1)).sum() for i, b in enumerate(flat(expected))).backward()
    for a, b in leaves:
        assert_close(a.grad, b.grad)
    for a, b in zip(ours.parameters(), theirs.parameters(), strict=True):
        assert_close(a.grad, b.grad)


def state(kind, rows, b, hidden, proj=0):
    """Initial states: (ours, PyTorch's, pairs of leaves)."""
    h = pair(rows, *b, proj or hidden)
    if kind != "LSTM":
        return *h, [h]
    c = pair(rows, *b, hidden)
    return (h[0], c[0]), (h[1], c[1]), [h, c]


ARGUMENTS = [
    {},
    {"bias": False},
    {"num_layers": 2, "bidirectional": True},
    {"num_layers": 2, "batch_first": True, "bias": False},
]


MODULES = [(kind, kwargs) for kind in KINDS for kwargs in ARGUMENTS]
PROJECTED = ("LSTM", {"proj_size": 2, "bidirectional": True})


@pytest.mark.parametrize("given", [False, True])
@pytest.mark.parametrize(("kind", "kwargs"), [*MODULES, PROJECTED])
def test_layers(kind, kwargs, given):
    ours, theirs = twins(kind, 3, 4, **kwargs)
    x, y = pair(5, 2, 3)
    rows = kwargs.get("num_layers", 1) * (1 + kwargs.get("bidirectional", False))
    b = (5,) if kwargs.get("batch_first") else (2,)
    h, k, leaves = state(kind, rows, b, 4, kwargs.get("proj_size", 0))
    made, expected = (ours(x, h), theirs(y, k)) if given else (ours(x), theirs(y))
    assert_alike(ours, theirs, made, expected, [(x, y), *(leaves if given else [])])


@pytest.mark.parametrize("kind", KINDS)
def test_a_sequence_without_a_batch(kind):
    ours, theirs = twins(kind, 3, 4, num_layers=2, bidirectional=True, batch_first=True)
    x, y = pair(5, 3)
    h, k, leaves = state(kind, 4, (), 4)
    assert_alike(ours, theirs, ours(x, h), theirs(y, k), [(x, y), *leaves])


def test_relu():
    ours, theirs = twins("RNN", 3, 4, 2, "relu", False)
    x, y = pair(5, 2, 3)
    assert_alike(ours, theirs, ours(x), theirs(y), [(x, y)])
    assert repr(ours) == "RNN(3, 4, num_layers=2, bias=False)" == repr(theirs)


@pytest.mark.parametrize("b", [(), (2,)])
@pytest.mark.parametrize("bias", [True, False])
@pytest.mark.parametrize("kind", KINDS)
def test_cells(kind, bias, b):
    ours, theirs = twins(f"{kind}Cell", 3, 4, bias=bias)
    assert list(ours.state_dict()) == list(theirs.state_dict())
    assert repr(ours) == repr(theirs)
    x, y = pair(*b, 3)
    h, k = pair(*b, 4)
    state = (h, h * 2) if kind == "LSTM" else h, (k, k * 2) if kind == "LSTM" else k
    made, expected = ours(x, state[0]), theirs(y, state[1])
    assert_alike(ours, theirs, made, expected, [(x, y), (h, k)])
    for a, c in zip(flat(ours(x)), flat(theirs(y)), strict=True):
        assert_close(a, c)


def test_a_cell_repeated_is_the_layer():
    layer = nn.GRU(3, 4)
    cell = nn.GRUCell(3, 4)
    cell.load_state_dict({k.removesuffix("_l0"): v for k, v in layer.state_dict().items()})
    x = cr.randn(5, 2, 3)
    h = None
    for t in range(5):
        h = cell(x[t], h)
    assert np.allclose(h.detach().numpy(), layer(x)[1][0].detach().numpy(), atol=1e-6)


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("ordered", [True, False])
def test_packed_sequences(kind, ordered):
    ours, theirs = twins(kind, 3, 4, num_layers=2, bidirectional=True)
    x, y = pair(5, 3, 3)
    h, k, leaves = state(kind, 4, (3,), 4)
    lengths = [4, 3, 1] if ordered else [3, 4, 1]
    a = ours(pack_padded_sequence(x, lengths, enforce_sorted=ordered), h)
    packed = torch.nn.utils.rnn.pack_padded_sequence(y, lengths, enforce_sorted=ordered)
    b = theirs(packed, k)
    assert a[0].batch_sizes.tolist() == b[0].batch_sizes.tolist()
    made, expected = (a[0].data, a[1]), (b[0].data, b[1])
    assert_alike(ours, theirs, made, expected, [(x, y), *leaves])


@pytest.mark.parametrize(
    ("kind", "kwargs"), [*MODULES, PROJECTED, ("GRU", {"dropout": 0.5, "num_layers": 2})]
)
def test_state_dict_and_text_are_pytorchs(kind, kwargs):
    ours, theirs = twins(kind, 3, 4, **kwargs)
    assert list(ours.state_dict()) == list(theirs.state_dict())
    assert repr(ours) == repr(theirs)
    assert [[p.shape for p in ps] for ps in ours.all_weights] == [
        [tuple(p.shape) for p in ps] for ps in theirs.all_weights
    ]
    assert ours.mode == theirs.mode
    assert ours.flatten_parameters() is None


def test_parameters_start_between_the_bounds():
    cr.manual_seed(0)
    for module in (nn.LSTM(30, 25, 2), nn.GRUCell(30, 25), nn.JordanRNN(30, 25, 4)):
        values = np.concatenate([p.detach().numpy().ravel() for p in module.parameters()])
        assert np.abs(values).max() <= 1 / 5
        assert abs(values.std() - 1 / 5 / np.sqrt(3)) < 0.005
        assert module.reset_parameters() is None


def test_dropout_acts_between_layers_while_training():
    cr.manual_seed(0)
    net = nn.RNN(3, 50, num_layers=2, dropout=0.5)
    x = cr.randn(4, 2, 3)
    first, second = net(x)[0], net(x)[0]
    assert not np.allclose(first.detach().numpy(), second.detach().numpy())
    whole = nn.RNN(3, 50, num_layers=2)
    whole.load_state_dict(net.state_dict())
    assert net.eval()(x)[0].tolist() == whole(x)[0].tolist()
    # The first layer has no dropout before it, nor the last behind it.
    net.train()
    states = [net(x)[1] for _ in range(2)]
    assert states[0][0].tolist() == states[1][0].tolist()
    assert (net(x)[0].detach().numpy() != 0).all()


def jordan(net, x, y):
    """Jordan's network, written out."""
    outputs = []
    for row in x:
        h = (net.weight_ih_l0 @ row + net.bias_ih_l0 + net.weight_yh_l0 @ y).tanh()
        y = (net.weight_hy_l0 @ h + net.bias_hy_l0).sigmoid()
        outputs.append(y)
    return cr.stack(outputs)


def test_jordan():
    net = nn.JordanRNN(3, 4, 2, dtype=cr.float64)
    x, y = pair(5, 3)[0], pair(1, 2)[0]
    output, last = net(x, y)
    expected = jordan(net, x, y[0])
    assert np.allclose(output.detach().numpy(), expected.detach().numpy(), atol=1e-14)
    assert last.tolist() == output[-1:].tolist()
    leaves = [x, y, *net.parameters()]
    found = cr.autograd.grad((output * output).sum(), leaves)
    for a, b in zip(found, cr.autograd.grad((expected * expected).sum(), leaves), strict=True):
        assert np.allclose(a.numpy(), b.numpy(), atol=1e-13)
    assert repr(net) == "JordanRNN(3, 4, 2)"
    stacked = nn.JordanRNN(3, 4, 2, num_layers=2, bidirectional=True, bias=False)
    assert stacked(cr.zeros(5, 6, 3))[0].shape == (5, 6, 4)
    assert repr(stacked) == "JordanRNN(3, 4, 2, num_layers=2, bias=False, bidirectional=True)"


def detached(net, x, h, every, order):
    """Elman's network written out, the state cut from its history every so many steps."""
    outputs = {}
    for i, t in enumerate(order):
        if i and i % every == 0:
            h = h.detach()
        h = (
            net.weight_ih_l0 @ x[t] + net.bias_ih_l0 + net.weight_hh_l0 @ h + net.bias_hh_l0
        ).tanh()
        outputs[t] = h
    return cr.stack([outputs[t] for t in sorted(outputs)])


@pytest.mark.parametrize("every", [1, 2, 3, 7])
def test_truncation_is_detaching(every):
    net = nn.RNN(3, 4, dtype=cr.float64, truncate=every)
    x, h = pair(7, 3)[0], pair(1, 4)[0]
    weights = cr.tensor(DRAW.normal(size=(7, 4)))
    leaves = [x, h, *net.parameters()]
    output = net(x, h)[0]
    expected = detached(net, x, h[0], every, range(7))
    assert np.allclose(output.detach().numpy(), expected.detach().numpy(), atol=1e-14)
    found = cr.autograd.grad((output * weights).sum(), leaves)
    for a, b in zip(found, cr.autograd.grad((expected * weights).sum(), leaves), strict=True):
        assert np.allclose(a.numpy(), b.numpy(), atol=1e-13)


def test_truncation_goes_with_the_direction():
    net = nn.RNN(3, 4, dtype=cr.float64, truncate=2, bidirectional=True)
    x = pair(5, 3)[0]
    backward = nn.RNN(3, 4, dtype=cr.float64)
    named = {k.removesuffix("_reverse"): v for k, v in net.state_dict().items() if "_rev" in k}
    backward.load_state_dict(named)
    weights = cr.tensor(DRAW.normal(size=(5, 4)))
    expected = detached(backward, x, cr.zeros(4, dtype=cr.float64), 2, range(4, -1, -1))
    output = net(x)[0][:, 4:]
    assert np.allclose(output.detach().numpy(), expected.detach().numpy(), atol=1e-14)
    a, b = (cr.autograd.grad((y * weights).sum(), x)[0] for y in (output, expected))
    assert np.allclose(a.numpy(), b.numpy(), atol=1e-13)


def test_a_long_truncation_changes_nothing():
    net = nn.LSTM(3, 4, dtype=cr.float64)
    cut = nn.LSTM(3, 4, dtype=cr.float64, truncate=5)
    cut.load_state_dict(net.state_dict())
    x = pair(5, 2, 3)[0]
    a, b = (cr.autograd.grad(n(x)[0].sum(), x)[0] for n in (net, cut))
    assert a.tolist() == b.tolist()


@pytest.mark.parametrize("kind", KINDS)
def test_compiled_is_eager(kind):
    net = getattr(nn, kind)(3, 4, num_layers=2, bidirectional=True, truncate=3, dtype=cr.float64)

    def step(x, h):
        net.zero_grad()
        hx = (h, h) if kind == "LSTM" else h
        loss = (net(x, hx)[0] ** 2).sum()
        loss.backward()
        return loss, [p.grad * 1 for p in net.parameters()]

    x, h = pair(5, 2, 3)[0].detach(), pair(4, 2, 4)[0].detach()
    eager, compiled = step(x, h), cr.compile(step)(x, h)
    assert abs(eager[0].item() - compiled[0].item()) < 1e-14
    for a, b in zip(eager[1], compiled[1], strict=True):
        assert np.allclose(a.numpy(), b.numpy(), rtol=1e-13, atol=1e-15)


@pytest.mark.parametrize("kind", KINDS)
def test_open_sizes(kind):
    for _ in range(2):  # a size is a number of its own in every capture
        net = getattr(nn, kind)(3, 4, num_layers=2, bidirectional=True, truncate=2)
        graph = cr.capture(net, cr.spec("T", "B", 3))
        assert str(graph.outputs[0].shape) == "(T, B, 8)"
        x = cr.randn(5, 2, 3)
        assert np.array_equal(cr.run(graph, x)[0].numpy(), net(x)[0].detach().numpy())


@pytest.mark.parametrize("kind", KINDS)
def test_second_derivatives_are_those_of_pytorch(kind):
    ours, theirs = twins(kind, 2, 2)
    x, y = pair(3, 2, 2)

    def second(net, x, grad):
        parameters = list(net.parameters())
        first = grad((net(x)[0] ** 2).sum(), [x, *parameters], create_graph=True)
        return grad(sum((g * g).sum() for g in first), [x, *parameters])

    found = second(ours, x, cr.autograd.grad)
    for a, b in zip(found, second(theirs, y, torch.autograd.grad), strict=True):
        assert_close(a, b)


def test_the_input_projection_is_one_product():
    graph = cr.capture(nn.LSTM(3, 4), cr.spec(5, 2, 3))
    named = [n.op.name for n in graph.nodes if n.op and n.op.kind == "contract"]
    assert named == ["linear"]


@pytest.mark.parametrize("kind", KINDS)
def test_shapes_alone(kind):
    net = getattr(nn, kind)(3, 4, 2, bidirectional=True, truncate=2, device="meta")
    assert all(p.is_meta for p in net.parameters())
    output, _ = net(cr.zeros(5, 2, 3, device="meta"))
    assert (output.shape, output.is_meta) == ((5, 2, 8), True)
    cell = getattr(nn, f"{kind}Cell")(3, 4, device="meta")
    assert flat(cell(cr.zeros(2, 3, device="meta")))[0].shape == (2, 4)


# -- refused ---------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("make", "message"),
    [
        (lambda: nn.RNN(0, 4), "input_size is 0"),
        (lambda: nn.RNN(3, -1), "hidden_size is -1"),
        (lambda: nn.LSTM(3, True), "hidden_size is True"),
        (lambda: nn.GRU(3.0, 4), "input_size is 3.0"),
        (lambda: nn.GRU(3, 4, 0), "num_layers is 0"),
        (lambda: nn.GRU(3, 4, bias=1), "bias is 1"),
        (lambda: nn.GRU(3, 4, batch_first=None), "batch_first is None"),
        (lambda: nn.GRU(3, 4, 2, dropout=1.5), "dropout is 1.5"),
        (lambda: nn.GRU(3, 4, 2, dropout=True), "dropout is True"),
        (lambda: nn.LSTM(3, 4, proj_size=4), "proj_size is 4"),
        (lambda: nn.LSTM(3, 4, proj_size=-1), "proj_size is -1"),
        (lambda: nn.RNN(3, 4, nonlinearity="swish"), "nonlinearity is 'swish'"),
        (lambda: nn.RNNCell(3, 4, nonlinearity=3), "nonlinearity is 3"),
        (lambda: nn.RNN(3, 4, truncate=0), "truncate is 0"),
        (lambda: nn.JordanRNN(3, 4, 0), "output_size is 0"),
        (lambda: nn.LSTMCell(3, 0), "hidden_size is 0"),
    ],
)
def test_arguments_that_are_refused(make, message):
    with pytest.raises(ArgumentError) as caught:
        make()
    assert caught.value.fact == message
    assert caught.value.expected


def test_dropout_of_one_layer_is_warned_of():
    with pytest.warns(UserWarning, match="acts between layers") as caught:
        nn.LSTM(3, 4, dropout=0.5)
    assert caught[0].filename == __file__
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        nn.LSTM(3, 4, 2, dropout=0.5)


@pytest.mark.parametrize(
    ("call", "error", "message"),
    [
        (lambda: nn.RNN(3, 4)(cr.zeros(5, 2, 2)), ShapeError, "RNN is made for 3 features"),
        (lambda: nn.RNN(3, 4)(cr.zeros(3)), ShapeError, "RNN takes a sequence"),
        (lambda: nn.GRU(3, 4)(cr.zeros(5, 2, 3), cr.zeros(1, 3, 4)), ShapeError, "does not fit"),
        (lambda: nn.GRU(3, 4)(cr.zeros(5, 3), cr.zeros(1, 1, 4)), ShapeError, "does not fit"),
        (lambda: nn.GRU(3, 4)(cr.zeros(5, 3), (cr.zeros(1, 4),)), ArgumentError, "hx is the"),
        (lambda: nn.LSTM(3, 4)(cr.zeros(5, 3), cr.zeros(1, 4)), ArgumentError, "hx is the"),
        (lambda: nn.LSTM(3, 4)(cr.zeros(5, 3), (cr.zeros(1, 4),)), ShapeError, "of 1 tensors"),
        (lambda: nn.LSTMCell(3, 4)(cr.zeros(2, 3), cr.zeros(2, 4)), ArgumentError, "is a pair"),
        (lambda: nn.RNNCell(3, 4)(cr.zeros(5, 2, 3)), ShapeError, "takes one step"),
        (lambda: nn.RNNCell(3, 4)(cr.zeros(2, 3), cr.zeros(2, 3)), ShapeError, "does not fit"),
        (lambda: nn.RNNCell(3, 4)(cr.zeros(2, 4)), ShapeError, "made for 3 features"),
        (lambda: nn.RNNCell(3, 4)([1, 2]), ArgumentError, "the input of RNNCell is a list"),
        (lambda: nn.LSTM(3, 4)(np.zeros((5, 3))), ArgumentError, "the input of LSTM is a ndarray"),
        (lambda: nn.LSTM(3, 4)(cr.zeros(5, 3), (None, None)), ArgumentError, "is a NoneType, not"),
        (lambda: nn.GRUCell(3, 4)(cr.zeros(3), 0), ArgumentError, "state of GRUCell is a int"),
    ],
)  # fmt: skip
def test_inputs_that_are_refused(call, error, message):
    with pytest.raises(error, match=message) as caught:
        call()
    assert "test_recurrent.py" in caught.value.at


@pytest.mark.parametrize(("batch_first", "shape"), [(True, (2, 0, 3)), (False, (0, 2, 3))])
def test_a_sequence_of_no_steps_is_refused(batch_first, shape):
    with pytest.raises(ShapeError) as raised:
        nn.GRU(3, 2, batch_first=batch_first)(cr.zeros(*shape))
    assert raised.value.fact == "GRU: a sequence of no steps"
    assert raised.value.got == f"input {shape}"
