"""Variational autoencoders: the code is a distribution."""

from __future__ import annotations

from typing import Any, NamedTuple

from chainrule import nn
from chainrule.core.tensor import Tensor
from chainrule.nn import functional as F
from chainrule.ops.creation import randn_like


class Variational(NamedTuple):
    """What a variational autoencoder makes of x: logits of the reconstruction, mean and logarithm
    of the variance of the code, and the code that was drawn."""

    logits: Tensor
    mean: Tensor
    log_var: Tensor
    code: Tensor


def kl_to_standard(mean: Tensor, log_var: Tensor) -> Tensor:
    """KL(N(mean, e^log_var) || N(0, 1)), summed over all entries: -1/2 Σ (1 + log_var - mean² -
    e^log_var).

    >>> import chainrule as cr
    >>> kl_to_standard(cr.tensor([2.0]), cr.tensor([0.0])).item()
    2.0
    """
    total: Tensor = -0.5 * (1 + log_var - mean**2 - log_var.exp()).sum()
    return total


class VariationalAutoencoder(nn.Module):
    """An encoder to the mean and the variance of a normal code, a draw from it, and a decoder, of
    Kingma and Welling, Auto-encoding variational Bayes (2014).

    The draw is mean + e^(log_var / 2) noise, so that gradients reach both; ``noise`` is standard
    normal, drawn unless it is given, and none in evaluation.  Shapes: x (n, features) between 0
    and 1, code (n, latent).

    >>> import chainrule as cr
    >>> net = VariationalAutoencoder(6, 5, 2).eval()
    >>> made = net(cr.zeros(3, 6))
    >>> made.logits.shape, bool((made.code == made.mean).all())
    ((3, 6), True)
    """

    def __init__(self, features: int = 784, hidden: int = 400, latent: int = 20) -> None:
        super().__init__()
        self.latent = latent
        self.encoder = nn.Sequential(nn.Linear(features, hidden), nn.ReLU())
        self.mean = nn.Linear(hidden, latent)
        self.log_var = nn.Linear(hidden, latent)
        self.decoder = nn.Sequential(
            nn.Linear(latent, hidden), nn.ReLU(), nn.Linear(hidden, features)
        )

    def forward(self, x: Tensor, noise: Tensor | None = None) -> Variational:
        h = self.encoder(x)
        mean, log_var = self.mean(h), self.log_var(h)
        z = mean
        if self.training or noise is not None:
            noise = randn_like(mean) if noise is None else noise
            z = mean + (log_var / 2).exp() * noise
        return Variational(self.decoder(z), mean, log_var, z)

    def loss(self, x: Tensor, noise: Tensor | None = None, beta: float = 1.0) -> Tensor:
        """The negative evidence lower bound, averaged over examples: the binary cross-entropy of
        the reconstruction, summed over features, plus ``beta`` times `kl_to_standard`."""
        logits, mean, log_var, _ = self(x, noise)
        error = F.binary_cross_entropy_with_logits(logits, x, reduction="sum")
        bound: Tensor = (error + beta * kl_to_standard(mean, log_var)) / x.shape[0]
        return bound


def variational_autoencoder(
    features: int = 784, hidden: int = 400, latent: int = 20, **kwargs: Any
) -> VariationalAutoencoder:
    """`VariationalAutoencoder`.

    >>> import chainrule as cr
    >>> cr.models.variational_autoencoder(8, 4, 2).loss(cr.ones(3, 8)).shape
    ()
    """
    return VariationalAutoencoder(features, hidden, latent, **kwargs)
