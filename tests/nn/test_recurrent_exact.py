"""Recurrent layers in fractions and symbols."""

from fractions import Fraction

import numpy as np
import pytest

import chainrule as cr
from chainrule import nn

DRAW = np.random.default_rng(7)


@pytest.mark.parametrize("kind", ["RNN", "LSTM", "GRU", "JordanRNN"])
def test_exactly(kind):
    """One step from a state of fractions gives a formula, whose value is what floats give."""
    more = (1,) if kind == "JordanRNN" else ()
    exact, plain = (getattr(nn, kind)(2, 1, *more, dtype=t) for t in (cr.exact, cr.float64))
    for p, q in zip(exact.parameters(), plain.parameters(), strict=True):
        values = DRAW.integers(-3, 4, size=p.shape)
        p.data = cr.tensor(values, dtype=cr.exact) / 4
        q.data = cr.tensor(values / 4)
    results = []
    for net, dtype in ((exact, cr.exact), (plain, cr.float64)):
        h = cr.tensor([[0.5]], dtype=dtype)
        start = (h, h * 3) if kind == "LSTM" else h
        results.append(net(cr.tensor([[1, -2]], dtype=dtype), start)[0].detach())
    assert np.allclose(results[0].to(cr.float64).numpy(), results[1].numpy(), rtol=1e-12)


def test_fractions_stay_fractions_where_nothing_is_bent():
    net = nn.RNN(1, 1, nonlinearity="identity", dtype=cr.exact, truncate=2)
    for p, value in zip(net.parameters(), (2, Fraction(1, 3), 1, 0), strict=True):
        p.data = cr.tensor([value] if p.ndim == 1 else [[value]], dtype=cr.exact)
    x = cr.tensor([[1], [2], [3]], dtype=cr.exact, requires_grad=True)
    output, last = net(x)
    assert output.flatten().tolist() == [3, 6, 9]
    last.sum().backward()
    assert x.grad.flatten().tolist() == [0, 0, 2]  # the third step starts from a constant
    assert net.weight_hh_l0.grad.item() == 6


def test_symbols():
    w, u, x1, x2 = cr.symbols("w u x1 x2")
    net = nn.RNN(1, 1, nonlinearity="identity", bias=False, dtype=cr.exact)
    net.weight_ih_l0, net.weight_hh_l0 = (nn.Parameter(s.reshape(1, 1)) for s in (u, w))
    output, _ = net(cr.stack([x1, x2]).reshape(2, 1))
    assert str(output[1].item()) == "u*w*x1 + u*x2"
    output[1].sum().backward()
    assert str(net.weight_hh_l0.grad.item()) == "u*x1"
