"""Convolution layers against PyTorch's: weights, values, gradients, texts, starting values."""

import itertools
from typing import Any

import numpy as np
import pytest
import torch

import chainrule as cr
from chainrule import nn
from chainrule.core.errors import ArgumentError, ChainruleError, ShapeError

SPATIAL = (7, 6, 5)
CASES: list[tuple[str, tuple[Any, ...], dict[str, Any]]] = [
    ("Conv1d", (4, 6, 3), {"stride": 2, "padding": 1, "groups": 2}),
    ("Conv1d", (4, 2, 3), {"padding": "same", "dilation": 2, "padding_mode": "circular"}),
    ("Conv2d", (4, 6, (3, 2)), {"stride": (2, 1), "padding": (1, 0), "bias": False}),
    ("Conv2d", (4, 4, 3), {"groups": 4, "padding": 1, "padding_mode": "reflect"}),
    ("Conv2d", (4, 3, 1), {}),
    ("Conv2d", (4, 3, 4), {"padding": "same", "padding_mode": "replicate"}),
    ("Conv2d", (4, 3, 3), {"padding": "valid", "dilation": (2, 1)}),
    ("Conv3d", (4, 2, 2), {"stride": (1, 2, 2), "padding": (1, 0, 1)}),
    ("Conv3d", (4, 2, 3), {"padding": 1, "padding_mode": "circular", "groups": 2}),
    ("ConvTranspose1d", (4, 6, 3), {"stride": 2, "padding": 1, "output_padding": 1, "groups": 2}),
    ("ConvTranspose2d", (4, 3, (2, 3)), {"stride": (3, 1), "padding": (0, 2), "bias": False}),
    ("ConvTranspose2d", (4, 4, 2), {"dilation": 2, "groups": 4, "output_padding": 1}),
    ("ConvTranspose3d", (4, 2, 2), {"stride": 2, "padding": (1, 0, 1)}),
]  # fmt: skip


def layers(name: str, arguments: tuple[Any, ...], options: dict[str, Any]) -> tuple[Any, Any]:
    """The layer of PyTorch, and ours with its weights."""
    theirs = getattr(torch.nn, name)(*arguments, **options, dtype=torch.float64)
    ours = getattr(nn, name)(*arguments, **options, dtype=cr.float64)
    state = {key: cr.tensor(value.numpy()) for key, value in theirs.state_dict().items()}
    assert str(ours.load_state_dict(state)) == "<All keys matched successfully>"
    return ours, theirs


def close(a: Any, b: Any) -> None:
    np.testing.assert_allclose(a.detach().numpy(), b.detach().numpy(), rtol=1e-12, atol=1e-13)


@pytest.mark.parametrize("batched", [True, False])
@pytest.mark.parametrize(("name", "arguments", "options"), CASES)
def test_layers_are_pytorchs(
    name: str, arguments: tuple[Any, ...], options: dict[str, Any], batched: bool
) -> None:
    ours, theirs = layers(name, arguments, options)
    assert repr(ours) == repr(theirs)
    axes = int(name[-2])
    values = np.random.default_rng(0).standard_normal((*(2,) * batched, 4, *SPATIAL[:axes]))
    x, u = cr.tensor(values, requires_grad=True), torch.tensor(values, requires_grad=True)
    y, z = ours(x), theirs(u)
    close(y, z)
    ((y * y).sum() / 2).backward()
    ((z * z).sum() / 2).backward()
    close(x.grad, u.grad)
    for a, b in zip(ours.parameters(), theirs.parameters(), strict=True):
        close(a.grad, b.grad)


@pytest.mark.parametrize("size", [(9, 11), (8, 12), (2, 3, 7, 10)])
def test_an_output_size_is_reached(size: tuple[int, ...]) -> None:
    ours, theirs = layers("ConvTranspose2d", (4, 3, 3), {"stride": 3, "padding": 1})
    values = np.random.default_rng(0).standard_normal((2, 4, 3, 4))
    close(ours(cr.tensor(values), size), theirs(torch.tensor(values), size))


@pytest.mark.parametrize("size", [(6, 10), (10, 10), (8,)])
def test_an_output_size_that_none_makes_is_refused(size: tuple[int, ...]) -> None:
    layer = nn.ConvTranspose2d(4, 3, 3, stride=3, padding=1)
    error, text = (ShapeError, r"from \(7, 10\) to \(9, 12\)")
    if len(size) == 1:
        error, text = ArgumentError, "expected  2 sizes"  # type: ignore[assignment]
    with pytest.raises(error, match=r"output_size is") as caught:
        layer(cr.zeros(2, 4, 3, 4), size)
    assert caught.match(text)


@pytest.mark.parametrize(
    ("make", "text"),
    [
        (lambda: nn.Conv2d(0, 3, 3), "in_channels is 0"),
        (lambda: nn.Conv2d(3, 2.0, 3), "out_channels is 2.0"),
        (lambda: nn.Conv2d(3, 3, 0), "kernel_size is 0"),
        (lambda: nn.Conv2d(3, 3, (1, 2, 3)), r"kernel_size is \(1, 2, 3\)"),
        (lambda: nn.Conv2d(3, 3, True), "kernel_size is True"),
        (lambda: nn.Conv2d(3, 3, 3, stride=-1), "stride is -1"),
        (lambda: nn.Conv2d(4, 3, 3, groups=2), "out_channels is 3, and groups is 2"),
        (lambda: nn.Conv2d(3, 4, 3, groups=2), "in_channels is 3, and groups is 2"),
        (lambda: nn.Conv2d(3, 4, 3, groups=0), "groups is 0"),
        (lambda: nn.Conv2d(3, 4, 3, padding="full"), "padding is 'full'"),
        (lambda: nn.Conv2d(3, 4, 3, padding="same", stride=2), "padding='same' with a stride of 2"),
        (lambda: nn.Conv2d(3, 4, 3, padding=((1, 0, 0), (0, 1))), r"padding is \(\(1, 0, 0\)"),
        (lambda: nn.Conv2d(3, 4, 3, padding=((1, 0),)), "one pair"),
        (lambda: nn.Conv2d(3, 4, 3, padding_mode="mirror"), "padding_mode is 'mirror'"),
        (lambda: nn.Conv2d(3, 4, 3, flip=1), "flip is 1"),
        (lambda: nn.ConvTranspose2d(3, 4, 3, padding_mode="circular"), "padding_mode is"),
        (lambda: nn.ConvTranspose2d(3, 4, 3, output_padding=1), "output_padding is 1"),
        (lambda: nn.ConvTranspose2d(3, 4, 3, padding="same"), "padding is 'same'"),
    ],
)
def test_arguments_are_checked(make: Any, text: str) -> None:
    with pytest.raises(ArgumentError, match=text):
        make()


def test_they_start_as_pytorch_lets_them_start() -> None:
    generator = cr.manual_seed(0)
    for layer, fan_in in (
        (nn.Conv2d(8, 16, 5), 8 * 25),
        (nn.Conv2d(8, 16, 5, groups=4), 2 * 25),
        (nn.ConvTranspose2d(16, 8, 5), 8 * 25),
    ):
        bound = fan_in**-0.5
        for _ in range(2):
            for values in (layer.weight.detach().numpy(), layer.bias.detach().numpy()):
                assert abs(values).max() <= bound
                assert abs(values).max() > 0.7 * bound
                assert abs(values.mean()) < bound / 2
            before = layer.weight.detach().clone()
            layer.reset_parameters()
            assert not (layer.weight == before).all()
    assert generator is not None


def test_true_convolution_is_numpys() -> None:
    x, w = np.arange(6.0), np.array([1.0, 2.0, -1.0])
    layer = nn.Conv1d(1, 1, 3, padding=2, bias=False, dtype=cr.float64, flip=True)
    layer.load_state_dict({"weight": cr.tensor(w.reshape(1, 1, 3))})
    np.testing.assert_allclose(
        layer(cr.tensor(x.reshape(1, 6))).detach().numpy()[0], np.convolve(x, w)
    )
    assert "flip=True" in repr(layer)


@pytest.mark.parametrize("mode", ["zeros", "circular"])
def test_one_sided_borders_are_those_of_pad(mode: str) -> None:
    layer = nn.Conv2d(1, 2, 2, padding=((0, 1), (2, 0)), padding_mode=mode)
    plain = nn.Conv2d(1, 2, 2)
    plain.load_state_dict(layer.state_dict())
    x = cr.rand(1, 1, 4, 4)
    around = nn.functional.pad(x, (2, 0, 0, 1), "constant" if mode == "zeros" else mode)
    assert cr.allclose(layer(x), plain(around))


def test_a_layer_is_compiled_with_its_step() -> None:
    def made() -> tuple[Any, Any]:
        cr.manual_seed(0)
        net = nn.Sequential(nn.Conv2d(1, 3, 3, stride=2), nn.ReLU(), nn.Flatten(), nn.Linear(27, 2))
        return net, cr.optim.SGD(net.parameters(), lr=0.1)

    found = []
    for compiled in (False, True):
        net, optimizer = made()

        def step(x: Any, net: Any = net, optimizer: Any = optimizer) -> Any:
            optimizer.zero_grad()
            loss = (net(x) ** 2).mean()
            loss.backward()
            optimizer.step()
            return loss

        run = cr.compile(step) if compiled else step
        x = cr.rand(4, 1, 8, 8, generator=cr.Generator().manual_seed(1))
        found.append([run(x).item() for _ in range(3)])
    assert found[0] == found[1]
    assert found[0][2] < found[0][0]


def test_numbers_of_numpy_are_numbers() -> None:
    layer = nn.Conv2d(np.int64(2), 3, np.int32(2), stride=(np.int64(2), 1))
    assert repr(layer) == "Conv2d(2, 3, kernel_size=(2, 2), stride=(2, 1))"


def test_layers_need_what_they_were_made_for() -> None:
    with pytest.raises(ChainruleError, match="axis 'c' is 2 in input, and weight takes 3"):
        nn.Conv2d(3, 4, 3)(cr.zeros(1, 2, 5, 5))
    assert list(itertools.islice(nn.Conv2d(3, 4, 3).state_dict(), 2)) == ["weight", "bias"]
