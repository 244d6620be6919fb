"""Generative adversarial networks, and how many modes of the data one covers."""

from __future__ import annotations

import math
from typing import Any, NamedTuple

from chainrule import nn
from chainrule.core.errors import ArgumentError, ShapeError
from chainrule.core.tensor import Tensor
from chainrule.nn import functional as F
from chainrule.ops.creation import ones_like, randint, randn, tensor, zeros_like


def _layers(before: int, hidden: int, depth: int, after: int, activation: nn.Module) -> Any:
    layers: list[nn.Module] = []
    for _ in range(depth):
        layers += [nn.Linear(before, hidden), activation]
        before = hidden
    return nn.Sequential(*layers, nn.Linear(before, after))


class GAN(nn.Module):
    """A ``generator`` that makes samples of noise, and a ``discriminator`` that gives the logit of
    a sample's being real, of Goodfellow and others, Generative adversarial nets (2014).

    Shapes: noise (n, latent) -> samples (n, features) -> logits (n).  Called, it makes samples.

    >>> import chainrule as cr
    >>> gan = GAN(latent=4)
    >>> gan.discriminator(gan(cr.zeros(5, 4))).shape
    (5, 1)
    """

    def __init__(
        self, latent: int = 16, features: int = 2, hidden: int = 64, depth: int = 2
    ) -> None:
        super().__init__()
        self.latent = latent
        self.generator = _layers(latent, hidden, depth, features, nn.ReLU())
        self.discriminator = _layers(features, hidden, depth, 1, nn.LeakyReLU(0.2))

    def forward(self, noise: Tensor) -> Tensor:
        samples: Tensor = self.generator(noise)
        return samples

    def sample(self, n: int, generator: Any = None) -> Tensor:
        """So many samples, of noise that is drawn."""
        samples: Tensor = self(randn(n, self.latent, generator=generator))
        return samples

    def discriminator_loss(self, real: Tensor, noise: Tensor) -> Tensor:
        """`discriminator_loss` of real samples, and of those made of ``noise``, whose gradient
        ends before the generator."""
        made = self.generator(noise).detach()
        return discriminator_loss(self.discriminator(real), self.discriminator(made))

    def generator_loss(self, noise: Tensor, saturating: bool = False) -> Tensor:
        """`generator_loss` of samples made of ``noise``."""
        return generator_loss(self.discriminator(self.generator(noise)), saturating)


def discriminator_loss(real: Tensor, made: Tensor) -> Tensor:
    """-ln D(real) - ln(1 - D(made)), each averaged, from logits: what the discriminator lowers.

    >>> import chainrule as cr
    >>> discriminator_loss(cr.zeros(3), cr.zeros(3)).item() == 2 * cr.tensor(2.0).log().item()
    True
    """
    cross_entropy = F.binary_cross_entropy_with_logits
    return cross_entropy(real, ones_like(real)) + cross_entropy(made, zeros_like(made))


def generator_loss(made: Tensor, saturating: bool = False) -> Tensor:
    """-ln D(made), averaged, from logits: what the generator lowers; ``saturating``, ln(1 -
    D(made)), the form of the game, whose gradient vanishes where the discriminator is sure."""
    cross_entropy = F.binary_cross_entropy_with_logits
    if saturating:
        return -cross_entropy(made, zeros_like(made))
    return cross_entropy(made, ones_like(made))


class Modes(NamedTuple):
    """How samples fall on modes: how many are covered, how many samples each has near it, and the
    share of samples near any."""

    covered: int
    counts: list[int]
    near: float


def modes_covered(
    samples: Tensor, centres: Tensor, radius: float = 0.3, share: float = 0.01
) -> Modes:
    """The count of ``centres`` that have at least the ``share`` of all samples, and one, within
    ``radius``; a sample counts for the nearest centre alone.

    Shapes: samples (n, d), centres (m, d).  A generator that has collapsed covers few, whatever
    its noise.  Raises ShapeError for other shapes, ArgumentError for a radius or a share that
    is none.

    >>> import chainrule as cr
    >>> centres = ring(8)
    >>> modes_covered(centres, centres).covered, modes_covered(cr.zeros(9, 2), centres).covered
    (8, 0)
    """
    if samples.ndim != 2 or centres.ndim != 2 or samples.shape[1] != centres.shape[1]:
        raise ShapeError(
            "samples and centres are rows of as many numbers",
            got=f"samples {samples.shape}, centres {centres.shape}",
            expected="samples (n, d), centres (m, d)",
        )
    if not radius > 0 or not 0 <= share <= 1:
        raise ArgumentError(
            f"radius is {radius!r}, and share {share!r}", expected="a length, and a number 0 … 1"
        )
    gaps = samples.detach().unsqueeze(1) - centres.detach()
    nearest = (gaps**2).sum(2).sqrt().min(1)
    of = [k for k, d in zip(nearest.indices.tolist(), nearest.values.tolist(), strict=True)
          if d <= radius]  # fmt: skip
    counts = [of.count(k) for k in range(centres.shape[0])]
    n = samples.shape[0]
    covered = sum(count >= max(1, share * n) for count in counts)
    return Modes(covered, counts, len(of) / n if n else 0.0)


def ring(modes: int = 8, radius: float = 2.0) -> Tensor:
    """The centres of modes on a circle about 0, evenly spaced: (modes, 2).

    >>> ring(4, 1.0).round().tolist()
    [[1.0, 0.0], [0.0, 1.0], [-1.0, 0.0], [-0.0, -1.0]]
    """
    angles = [2 * math.pi * k / modes for k in range(modes)]
    return tensor([[radius * math.cos(a), radius * math.sin(a)] for a in angles])


def ring_samples(n: int, modes: int = 8, radius: float = 2.0, std: float = 0.05) -> Tensor:
    """So many draws from equally likely normal distributions about the centres of a `ring`."""
    centres = ring(modes, radius)
    made: Tensor = centres[randint(modes, (n,))] + std * randn(n, 2)
    return made


def gan(latent: int = 16, features: int = 2, **kwargs: Any) -> GAN:
    """`GAN`.

    >>> import chainrule as cr
    >>> cr.models.gan(latent=3).sample(5).shape
    (5, 2)
    """
    return GAN(latent, features, **kwargs)
