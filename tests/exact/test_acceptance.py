"""Questions of the exam papers, answered exactly by the code that trains networks: forward, and
backward checked against PyTorch in floats."""

from typing import Any

import numpy as np
import pytest
import sympy as sp
import torch

import chainrule as cr
from chainrule import nn
from chainrule.core import derivatives
from chainrule.core.functional import grad, hessian, jacfwd, jacobian, jvp
from chainrule.core.tensor import Tensor

root2, log2, log3 = sp.sqrt(2), sp.log(2), sp.log(3)


def exact(data: Any, wanted: bool = False) -> Tensor:
    return cr.tensor(data, dtype=cr.exact, requires_grad=wanted)


def text(x: Any) -> Any:
    """The entries as a person would write them."""
    return [text(part) for part in x] if isinstance(x, list) else str(x)


def floats(x: Tensor) -> np.ndarray:
    return x.detach().to(cr.float64).numpy()


# -- paper 0, question 7: attention ----------------------------------------------------------------

Q = [[0, root2 * log2], [root2 * log2, root2 * log3]]
K = [[1, 0], [0, 1]]
V = [[0, 1], [1, 0]]


def attention(q: Any, k: Any, v: Any, root: Any) -> Any:
    return (q @ k.mT / root).softmax(-1) @ v


def test_attention_forward() -> None:
    out = attention(exact(Q), exact(K), exact(V), root2)
    assert text(out.tolist()) == [["2/3", "1/3"], ["3/5", "2/5"]]


def test_attention_backward() -> None:
    q, k, v = (exact(x, wanted=True) for x in (Q, K, V))
    (attention(q, k, v, root2) * exact([[1, 2], [3, 4]])).sum().backward()
    assert text(q.grad.tolist()) == [
        ["sqrt(2)/9", "-sqrt(2)/9"],
        ["3*sqrt(2)/25", "-3*sqrt(2)/25"],
    ]
    assert text(k.grad.tolist()) == [
        ["6*log(2)/25", "2*log(2)/9 + 6*log(3)/25"],
        ["-6*log(2)/25", "-6*log(3)/25 - 2*log(2)/9"],
    ]
    assert text(v.grad.tolist()) == [["23/15", "34/15"], ["37/15", "56/15"]]

    theirs = [torch.tensor(floats(x), requires_grad=True) for x in (q, k, v)]
    out = attention(*theirs, 2**0.5)
    (out * torch.tensor([[1.0, 2.0], [3.0, 4.0]])).sum().backward()
    for ours, other in zip((q, k, v), theirs, strict=True):
        assert np.allclose(floats(ours.grad), other.grad.numpy(), rtol=1e-14)


def test_attention_forward_mode_equals_reverse_mode_exactly() -> None:
    def by_q(q: Tensor) -> Tensor:
        made: Tensor = attention(q, exact(K), exact(V), root2)
        return made

    assert jacfwd(by_q)(exact(Q)).tolist() == jacobian(by_q)(exact(Q)).tolist()


# -- paper 3, question 1: through the sine at 2π ---------------------------------------------------


def test_gradient_through_sine_at_two_pi() -> None:
    w, b = exact([sp.pi / 2, sp.pi], wanted=True), exact(0, wanted=True)
    z = w @ exact([2, 1])
    y = z.sin() - b
    loss = (y - 2) ** 2
    assert (text(z.item()), y.item(), loss.item()) == ("2*pi", 0, 4)
    loss.backward()
    assert (w.grad.tolist(), b.grad.item()) == ([-8, -4], 4)
    with cr.no_grad():
        w -= sp.Rational(1, 2) * w.grad  # SymPy leaves the product to the tensor
    assert text(w.tolist()) == ["pi/2 + 4", "2 + pi"]


# -- paper 3, question 5: the Jacobian of batch norm, ε = 0 ----------------------------------------


def test_batch_norm_by_its_weight() -> None:
    layer = nn.BatchNorm1d(1, eps=0).to(cr.exact)
    layer.weight, layer.bias = nn.Parameter(exact([6])), nn.Parameter(exact([-1]))
    y = layer(exact([[2], [4]]))
    assert y.tolist() == [[-7], [5]]
    rows = [derivatives.grad(y[i, 0], (layer.weight, layer.bias)) for i in range(2)]
    assert [[g.item() for g in row] for row in rows] == [[-1, 1], [1, 1]]


def by_hand(weight: Tensor, correction: int) -> Tensor:
    x = exact([2, 4])
    return (x - x.mean()) / x.var(dim=0, correction=correction).sqrt() * weight - 1


@pytest.mark.parametrize("transform", [jacobian, jacfwd])
def test_batch_norm_written_out(transform: Any) -> None:
    assert transform(by_hand)(exact(6), 0).tolist() == [-1, 1]
    assert text(transform(by_hand)(exact(6), 1).tolist()) == ["-sqrt(2)/2", "sqrt(2)/2"]


def test_batch_norm_by_its_input() -> None:
    layer = nn.BatchNorm1d(1, eps=0, affine=False).to(cr.exact)
    x = exact([[1], [2], [4]], wanted=True)
    (layer(x) * exact([[1], [0], [0]])).sum().backward()
    other = torch.tensor(floats(x), requires_grad=True)
    y = (other - other.mean()) / other.var(correction=0).sqrt()
    y[0].sum().backward()
    assert np.allclose(floats(x.grad), other.grad.numpy(), rtol=1e-12)
    assert x.grad.sum().item() == 0


# -- softmax of symbols ----------------------------------------------------------------------------


def assert_equal(ours: Any, expected: Any) -> None:
    """Equal as functions, and nothing in it that a person would not write."""
    for a, b in zip(
        np.ravel(np.array(ours, object)), np.ravel(np.array(expected, object)), strict=True
    ):
        assert sp.simplify(a - b) == 0
        assert not sp.sympify(a).has(
            sp.Heaviside, sp.Derivative, sp.Piecewise, sp.Max, sp.DiracDelta
        )


z = sp.symbols("z1:4", real=True)
total = sum(map(sp.exp, z))
p = [sp.exp(s) / total for s in z]


def test_softmax_of_symbols_and_its_derivatives() -> None:
    x = cr.symbols("z", (3,))
    assert text(x.softmax(0).tolist())[0] == "exp(z1)/(exp(z1) + exp(z2) + exp(z3))"
    expected = [[a * (int(a == b) - b) for b in p] for a in p]
    for transform in (jacobian, jacfwd):
        assert_equal(transform(lambda x: x.softmax(0))(x).tolist(), expected)
    assert_equal(hessian(lambda x: x.softmax(0)[0])(x).tolist(), sp.hessian(p[0], z).tolist())
    assert_equal(
        jvp(lambda x: x.softmax(0)[0], (x,), (exact([1, 0, 0]),))[1].item(), p[0] * (1 - p[0])
    )


def test_losses_of_symbols() -> None:
    x = cr.symbols("z", (3,))
    assert_equal(grad(lambda x: x.logsumexp(0))(x).tolist(), p)
    assert text(grad(lambda x: x.log_softmax(0)[1])(x).tolist())[1] == (
        "1 - exp(z2)/(exp(z1) + exp(z2) + exp(z3))"
    )
    loss = nn.CrossEntropyLoss()
    gradient = grad(lambda x: loss(x.reshape(1, 3), cr.tensor([1])))(x)
    assert_equal(gradient.tolist(), [p[0], p[1] - 1, p[2]])


def test_a_derivative_of_symbols_is_right_where_numbers_are_put_in() -> None:
    at = dict(zip(z, map(sp.Rational, ("1/2", "-1/3", "2")), strict=True))
    ours = jacobian(lambda x: x.softmax(0))(cr.symbols("z", (3,))).tolist()
    values = torch.tensor([0.5, -1 / 3, 2.0], dtype=torch.float64)
    theirs = torch.func.jacrev(lambda x: torch.softmax(x, 0))(values)
    numbers = [[float(entry.subs(at)) for entry in row] for row in ours]
    assert np.allclose(numbers, theirs.numpy(), rtol=1e-14)
