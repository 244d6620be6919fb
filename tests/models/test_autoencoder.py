"""Autoencoders: shapes, losses by hand, and what the papers say of them."""

from __future__ import annotations

import numpy as np
import pytest
import torch

import chainrule as cr
from chainrule import distributions, models, nn, optim
from chainrule.nn import functional as F
from tests.core.mistakes import mistake


def patterns(
    n: int, noise: float, kinds: int = 4, features: int = 16
) -> tuple[cr.Tensor, list[int]]:
    """Examples about ``kinds`` centres, and which each is about."""
    rng = np.random.default_rng(0)
    centres = rng.uniform(0.2, 0.8, (kinds, features))
    which = np.arange(n) % kinds
    values = centres[which] + noise * rng.standard_normal((n, features))
    return cr.tensor(values.clip(0, 1), dtype=cr.float64), which.tolist()


def trained(net: models.Autoencoder, x: cr.Tensor, steps: int, lr: float = 0.02) -> float:
    optimizer = optim.Adam(net.parameters(), lr=lr)
    for _ in range(steps):
        optimizer.zero_grad()
        loss = net.loss(x)
        loss.backward()
        optimizer.step()
    return float(loss)


def test_sizes_mirror() -> None:
    """Paper 4, question 3 c vi: as many layers on both sides, of the same widths."""
    net = models.autoencoder((16, 9, 4))
    down, up = (
        [layer.weight.shape[::-1] for layer in half if isinstance(layer, nn.Linear)]
        for half in (net.encoder, net.decoder)
    )
    assert down == [(16, 9), (9, 4)] and up == [shape[::-1] for shape in down[::-1]]
    assert not net.overcomplete and isinstance(net.decoder[-1], nn.Identity)


def test_overcomplete() -> None:
    """Paper 4, question 3 c iv: the code is larger than the input."""
    net = models.overcomplete_autoencoder((64, 128))
    assert net.overcomplete and net(cr.zeros(2, 64)).code.shape == (2, 128)


def test_it_learns_to_reconstruct_without_labels() -> None:
    """Paper 4, question 3 c i: the loss asks for no label."""
    cr.manual_seed(0)
    x, _ = patterns(40, 0.02)
    net = models.autoencoder((16, 6)).double()
    assert trained(net, x, 1) > 0.1
    assert trained(net, x, 300) < 0.004
    assert float(net.loss(x)) == float(F.mse_loss(net(x).output, x))


def test_the_penalty_is_a_divergence() -> None:
    cr.manual_seed(1)
    code = cr.rand(5, 3, dtype=cr.float64)
    rho = distributions.Bernoulli(probs=cr.full((3,), 0.05, dtype=cr.float64))
    wanted = distributions.kl_divergence(rho, distributions.Bernoulli(probs=code.mean(0))).sum()
    assert float(models.sparsity_penalty(code)) == pytest.approx(float(wanted), rel=1e-12)
    exact = cr.tensor([[0.25], [0.75]], dtype=cr.exact)
    assert str(models.sparsity_penalty(exact, 0.5).item()) == "0"


def test_sparsity_pulls_activations_down() -> None:
    """Paper 4, question 3 c v: towards rho, not towards 1."""
    cr.manual_seed(0)
    x, _ = patterns(60, 0.05)
    means = {}
    for rho in (None, 0.05):
        net = models.Autoencoder((16, 12), rho=rho, weight=0.1).double()
        trained(net, x, 200)
        code = net(x).code
        means[rho] = float(code.mean()), float((code > 0.5).double().mean())
    assert means[None][0] > 0.3 and means[None][1] > 0.25
    assert means[0.05][0] < 0.12 and means[0.05][1] < 0.1


def test_stages_are_trained_one_after_the_other() -> None:
    """Paper 4, question 3 c iii: each takes the codes of the one before, which stays as it is."""
    cr.manual_seed(0)
    x, _ = patterns(40, 0.02)
    net = models.stacked_autoencoder((16, 8, 4)).double()
    first, second = net.stages
    assert second.sizes[0] == first.sizes[-1] == 8
    watched: list[list[float]] = []

    def adam(params: object) -> optim.Adam:
        watched.append(first.encoder[0].weight.flatten().tolist())
        return optim.Adam(params, lr=0.02)

    losses = net.pretrain(x, 150, adam)
    assert [len(told) for told in losses] == [150, 150]
    assert all(told[-1] < told[0] / 3 for told in losses)
    assert watched[0] != watched[1] == first.encoder[0].weight.flatten().tolist()
    assert net.encode(x, 1).tolist() == first(x).code.tolist()
    assert net(x).code.tolist() == second(first(x).code).code.tolist()
    assert net(x).output.tolist() == first.decoder(second.decoder(net(x).code)).tolist()


def test_pretraining_helps_where_labels_are_few() -> None:
    """Paper 4, question 3 c ii: a frozen encoder and 20 labels, trained on all examples or not."""
    x, which = patterns(400, 0.35, kinds=5, features=24)
    target = cr.tensor(which)
    share = {}
    for steps in (0, 150):
        cr.manual_seed(4)
        net = models.autoencoder((24, 4)).double()
        if steps:
            trained(net, x, steps, lr=0.05)
        code = net(x).code.detach()
        code = (code - code.mean(0)) / code.std(0)
        head = nn.Linear(4, 5, dtype=cr.float64)
        optimizer = optim.Adam(head.parameters(), lr=0.1)
        for _ in range(100):
            optimizer.zero_grad()
            F.cross_entropy(head(code[:20]), target[:20]).backward()
            optimizer.step()
        right = head(code[20:]).argmax(1).eq(target[20:])
        share[steps] = float(right.double().mean())
    assert share[150] > share[0] + 0.1


# -- variational -----------------------------------------------------------------------------------


def test_the_bound_is_that_of_pytorch() -> None:
    torch.manual_seed(0)
    net = models.variational_autoencoder(6, 5, 2).double()
    x, noise = torch.rand(4, 6, dtype=torch.float64), torch.randn(4, 2, dtype=torch.float64)
    values = {name: torch.tensor(value.numpy()) for name, value in net.state_dict().items()}
    weights = {name: value.requires_grad_() for name, value in values.items()}

    def layer(name: str, h: torch.Tensor) -> torch.Tensor:
        return torch.nn.functional.linear(h, weights[f"{name}.weight"], weights[f"{name}.bias"])

    h = layer("encoder.0", x).relu()
    mean, log_var = layer("mean", h), layer("log_var", h)
    z = mean + torch.exp(0.5 * log_var) * noise
    logits = layer("decoder.2", layer("decoder.0", z).relu())
    error = torch.nn.functional.binary_cross_entropy_with_logits(logits, x, reduction="sum")
    normal = torch.distributions.Normal
    gap = torch.distributions.kl_divergence(normal(mean, (log_var / 2).exp()), normal(0.0, 1.0))
    wanted = (error + 0.5 * gap.sum()) / 4
    wanted.backward()
    loss = net.loss(cr.tensor(x.numpy()), cr.tensor(noise.numpy()), beta=0.5)
    loss.backward()
    for name, param in net.named_parameters():
        theirs = weights[name].grad.numpy()
        np.testing.assert_allclose(param.grad.numpy(), theirs, rtol=1e-10, atol=1e-12)
    assert float(loss) == pytest.approx(wanted.item(), rel=1e-12)


def test_noise_is_drawn_while_training() -> None:
    net = models.variational_autoencoder(6, 5, 2)
    x = cr.ones(3, 6)
    assert net(x).code.tolist() != net(x).code.tolist()
    made = net.eval()(x)
    assert made.code.tolist() == made.mean.tolist() == net(x).code.tolist()


def test_a_standard_code_costs_nothing() -> None:
    zero = cr.zeros(3, 2, dtype=cr.exact)
    assert models.kl_to_standard(zero, zero).item() == 0
    one = cr.tensor([3], dtype=cr.exact)
    assert str(models.kl_to_standard(one, zero[0, :1]).item()) == "9/2"


# -- mistakes --------------------------------------------------------------------------------------


@mistake
def test_one_size() -> None:
    """ArgumentError: sizes are (8,)
    expected  those of input and code
    """
    models.autoencoder((8,))


@mistake
def test_two_sizes_are_no_stack() -> None:
    """ArgumentError: sizes are (8, 4)
    expected  those of the input and of two or more codes
    """
    models.stacked_autoencoder((8, 4))


@mistake
def test_a_code_that_is_smaller() -> None:
    """ArgumentError: a code of 4 for an input of 8 is not overcomplete
    expected  a code larger than the input
    """
    models.overcomplete_autoencoder((8, 4))


@mistake
def test_a_sparsity_of_one() -> None:
    """ArgumentError: rho is 1
    expected  a number between 0 and 1
    """
    models.sparse_autoencoder((8, 4), rho=1)


@mistake
def test_a_penalty_without_rho() -> None:
    """ArgumentError: rho is 0
    expected  a number between 0 and 1
    """
    models.sparsity_penalty(cr.ones(2, 3), 0)
