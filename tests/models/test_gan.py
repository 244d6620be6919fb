"""GANs: losses against PyTorch, the count of modes by brute force, collapse."""

from __future__ import annotations

import math

import numpy as np
import pytest
import torch

import chainrule as cr
from chainrule import models, optim
from tests.core.mistakes import mistake


def test_losses_against_pytorch() -> None:
    real, made = torch.randn(6, 1, dtype=torch.float64), torch.randn(6, 1, dtype=torch.float64)
    ours = cr.tensor(real.numpy()), cr.tensor(made.numpy())
    wanted = -torch.log(real.sigmoid()).mean() - torch.log(1 - made.sigmoid()).mean()
    assert float(models.discriminator_loss(*ours)) == pytest.approx(float(wanted), rel=1e-12)
    wanted = -torch.log(made.sigmoid()).mean()
    assert float(models.generator_loss(ours[1])) == pytest.approx(float(wanted), rel=1e-12)
    wanted = torch.log(1 - made.sigmoid()).mean()
    found = models.generator_loss(ours[1], saturating=True)
    assert float(found) == pytest.approx(float(wanted), rel=1e-12)


def test_each_loss_moves_one_player() -> None:
    net = models.gan(latent=3, hidden=8)
    net.discriminator_loss(models.ring_samples(5), cr.randn(5, 3)).backward()
    assert all(p.grad is None for p in net.generator.parameters())
    assert all(p.grad is not None for p in net.discriminator.parameters())
    net.generator_loss(cr.randn(5, 3)).backward()
    assert all(p.grad is not None for p in net.generator.parameters())


def test_modes_by_brute_force() -> None:
    rng = np.random.default_rng(0)
    samples, centres = rng.uniform(-2.5, 2.5, (300, 2)), models.ring(8).numpy()
    wanted = [0] * 8
    for point in samples:
        gaps = [math.dist(point, centre) for centre in centres]
        if min(gaps) <= 0.3:
            wanted[gaps.index(min(gaps))] += 1
    found = models.modes_covered(cr.tensor(samples), cr.tensor(centres), 0.3, share=0.01)
    assert found.counts == wanted and found.near == sum(wanted) / 300
    assert found.covered == sum(count >= 3 for count in wanted)


def test_modes_of_real_samples_and_of_few() -> None:
    cr.manual_seed(0)
    centres = models.ring()
    assert models.modes_covered(models.ring_samples(400), centres).covered == 8
    assert models.modes_covered(centres[:3], centres).counts == [1, 1, 1, 0, 0, 0, 0, 0]
    assert models.modes_covered(cr.zeros(0, 2), centres) == (0, [0] * 8, 0.0)
    one = centres[:1].expand(99, 2)
    assert models.modes_covered(one, centres, share=0.5).covered == 1


def test_the_best_reply_to_a_frozen_discriminator_is_one_mode() -> None:
    """Paper 4, question 4 d: few distinct samples, whatever the noise."""
    cr.manual_seed(0)
    net = models.gan(latent=2, hidden=32)
    real = models.ring_samples(256)
    first = optim.Adam(net.discriminator.parameters(), lr=0.01)
    for _ in range(60):
        first.zero_grad()
        net.discriminator_loss(real, cr.randn(256, 2)).backward()
        first.step()
    second, noise = optim.Adam(net.generator.parameters(), lr=0.01), cr.randn(128, 2)
    for _ in range(250):
        second.zero_grad()
        net.generator_loss(noise).backward()
        second.step()
    made = net(noise).detach()
    by_angle = (made.unsqueeze(1) - models.ring()).norm(dim=2).argmin(1)
    assert len(set(by_angle.tolist())) <= 2
    assert models.modes_covered(real, models.ring()).covered == 8
    assert models.modes_covered(made, models.ring()).covered <= 1


@mistake
def test_centres_of_another_size() -> None:
    """ShapeError: samples and centres are rows of as many numbers
    got       samples (5, 2), centres (8, 3)
    expected  samples (n, d), centres (m, d)
    """
    models.modes_covered(cr.zeros(5, 2), cr.zeros(8, 3))


@mistake
def test_a_radius_of_nothing() -> None:
    """ArgumentError: radius is 0, and share 0.01
    expected  a length, and a number 0 … 1
    """
    models.modes_covered(cr.zeros(5, 2), cr.zeros(8, 2), radius=0)
