"""Highway networks: by hand, against PyTorch, and the answers of paper 2."""

from __future__ import annotations

import numpy as np
import pytest
import torch

import chainrule as cr
from chainrule import models, nn
from tests.core.mistakes import mistake


@pytest.mark.parametrize("gate", ["value", "constant"])
def test_against_pytorch(gate: str) -> None:
    cr.manual_seed(0)
    net = models.highway(3, 2, gate=gate, share=0.7).double()
    saved = {name: torch.tensor(value.numpy()) for name, value in net.state_dict().items()}
    x = torch.randn(4, 3, dtype=torch.float64)
    h = x
    for i in range(2):
        raw = saved.get(f"{i}.carry")
        if raw is None:
            raw = h @ saved[f"{i}.carry.weight"].T + saved[f"{i}.carry.bias"]
        share = torch.sigmoid(raw)
        way = saved[f"{i}.diversion.0.weight"], saved[f"{i}.diversion.0.bias"]
        h = share * h + (1 - share) * torch.tanh(torch.nn.functional.linear(h, *way))
    np.testing.assert_allclose(net(cr.tensor(x.numpy())).detach().numpy(), h, rtol=1e-12)


def test_each_layer_has_its_own_parameters() -> None:
    net = models.highway(3, 4, gate="constant")
    assert len(list(net.parameters())) == 4 * 3
    net(cr.ones(2, 3)).sum().backward()
    assert all(layer.carry.grad is not None for layer in net)


@pytest.mark.parametrize(("share", "gain"), [(0.5, 8.9e-16), (0.9, 0.0052), (0.99, 0.61)])
def test_how_much_of_the_input_is_left(share: float, gain: float) -> None:
    """Paper 2, question 7: the straight way through 50 layers with constant gates."""
    net = models.highway(1, 50, gate="constant", share=share).double()
    assert float(net.skip_gain(cr.ones(1, dtype=cr.float64))) == pytest.approx(gain, rel=0.01)


def test_a_constant_gate_is_absorbed() -> None:
    """Paper 2, question 7: 1 - F belongs to D's last weights; what is left is a scaled skip."""
    cr.manual_seed(0)
    way = nn.Sequential(nn.Linear(4, 4), nn.Tanh(), nn.Linear(4, 4))
    layer = models.HighwayLayer(4, way, gate="constant", share=0.8).double()
    x = cr.randn(6, 4, dtype=cr.float64)
    made, share = layer(x), layer.gate(x)
    with cr.no_grad():
        way[2].weight *= 1 - share
        way[2].bias *= 1 - share
    assert float((share * x + way(x) - made).abs().max()) < 1e-13


def test_a_convolution_as_diversion() -> None:
    net = models.highway(
        2, 3, gate="constant", diversion=lambda c: nn.Conv2d(c, c, 3, padding=1)
    )  # fmt: skip
    assert net(cr.zeros(1, 2, 5, 5)).shape == (1, 2, 5, 5)


def test_gates_of_values_differ() -> None:
    layer = models.highway(3, 1, share=0.9)[0]
    share = layer.gate(cr.tensor([[1.0, 0.0, 0.0], [0.0, 0.0, 0.0]]))
    assert share.shape == (2, 3) and share[1].tolist() == pytest.approx([0.9] * 3)


@mistake
def test_an_unknown_gate() -> None:
    """ArgumentError: gate is 'learned'
    expected  'constant' or 'value'
    """
    models.highway(3, gate="learned")


@mistake
def test_a_share_of_one() -> None:
    """ArgumentError: share is 1
    expected  a number between 0 and 1
    """
    models.highway(3, share=1)
