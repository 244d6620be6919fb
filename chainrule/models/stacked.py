"""Stacked autoencoders: trained one after the other, each on the codes of the one before."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from itertools import pairwise
from typing import Any

from chainrule import nn
from chainrule.core.errors import ArgumentError
from chainrule.core.state import no_grad
from chainrule.core.tensor import Tensor
from chainrule.models.autoencoder import Autoencoder, Reconstruction
from chainrule.optim import Adam


def _adam(params: Iterable[Tensor]) -> Any:
    return Adam(params, lr=0.01)


class StackedAutoencoder(nn.Module):
    """`stages`, autoencoders of one layer each, the input of each the code of the one before it:
    Bengio and others, Greedy layer-wise training of deep networks (2007).

    ``sizes`` lead from the input to the last code; what else is given goes to each `Autoencoder`.
    Called, it encodes through all stages and decodes back through all.

    >>> import chainrule as cr
    >>> net = StackedAutoencoder((8, 6, 3))
    >>> [stage.sizes for stage in net.stages], net(cr.zeros(5, 8)).code.shape
    ([(8, 6), (6, 3)], (5, 3))
    """

    def __init__(self, sizes: Sequence[int], **kwargs: Any) -> None:
        super().__init__()
        if len(sizes) < 3:
            raise ArgumentError(
                f"sizes are {tuple(sizes)}", expected="those of the input and of two or more codes"
            )
        self.stages = nn.ModuleList(Autoencoder(pair, **kwargs) for pair in pairwise(sizes))

    def encode(self, x: Tensor, stages: int | None = None) -> Tensor:
        """The code of the last stage, or after so many of them."""
        for stage in list(self.stages)[:stages]:
            x = stage.encoder(x)
        return x

    def forward(self, x: Tensor) -> Reconstruction:
        code = output = self.encode(x)
        for stage in reversed(list(self.stages)):
            output = stage.decoder(output)
        return Reconstruction(output, code)

    def pretrain(
        self,
        x: Tensor,
        steps: int = 200,
        optimizer: Callable[[Iterable[Tensor]], Any] = _adam,
    ) -> list[list[float]]:
        """Train the stages greedily, each to the end before the next one begins, on codes that the
        earlier ones, which stay as they are, give; returns the losses of each.

        ``optimizer`` is made anew for the parameters of each stage.
        """
        told = []
        for i, stage in enumerate(self.stages):
            with no_grad():
                codes = self.encode(x, i)
            told.append(_trained(stage, codes, steps, optimizer(stage.parameters())))
        return told


def _trained(stage: Autoencoder, x: Tensor, steps: int, optimizer: Any) -> list[float]:
    losses = []
    for _ in range(steps):
        optimizer.zero_grad()
        loss = stage.loss(x)
        loss.backward()
        optimizer.step()
        losses.append(loss.item())
    return losses


def stacked_autoencoder(sizes: Sequence[int] = (784, 256, 64), **kwargs: Any) -> StackedAutoencoder:
    """`StackedAutoencoder`.

    >>> import chainrule as cr
    >>> len(cr.models.stacked_autoencoder((8, 4, 2)).stages)
    2
    """
    return StackedAutoencoder(sizes, **kwargs)
