"""Autoencoders: networks that learn to give back what they were given, by way of a code."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise
from typing import Any, NamedTuple

from chainrule import nn
from chainrule.core.errors import ArgumentError
from chainrule.core.tensor import Tensor
from chainrule.nn import functional as F


class Reconstruction(NamedTuple):
    """What an autoencoder makes of x: the reconstruction, and the code that it was made from."""

    output: Tensor
    code: Tensor


def chain(sizes: Sequence[int], activation: type[nn.Module], last: nn.Module) -> nn.Sequential:
    """Linear layers from size to size, with an activation after each; after the last, ``last``."""
    layers: list[nn.Module] = []
    for before, after in pairwise(sizes):
        layers += [nn.Linear(before, after), activation()]
    return nn.Sequential(*layers[:-1], last)


def sparsity_penalty(activations: Tensor, rho: float = 0.05) -> Tensor:
    """The sum over units of KL(rho || m), m the unit's mean over all examples: rho ln(rho / m) +
    (1 - rho) ln((1 - rho) / (1 - m)); 0 where every unit is active with probability rho.

    Shapes: activations (*b, units), between 0 and 1.  Of Ng, Sparse autoencoder (2011).

    >>> import chainrule as cr
    >>> sparsity_penalty(cr.tensor([[0.1], [0.3]]), rho=0.2).item()
    0.0
    """
    if not 0 < rho < 1:
        raise ArgumentError(f"rho is {rho!r}", expected="a number between 0 and 1")
    mean = activations.flatten(0, -2).mean(0)
    on, off = rho * (rho / mean).log(), (1 - rho) * ((1 - rho) / (1 - mean)).log()
    penalty: Tensor = (on + off).sum()
    return penalty


class Autoencoder(nn.Module):
    """An encoder from the input to a code, and a decoder back, whose sizes mirror the encoder's.

    ``sizes`` lead from the input to the code: (784, 128, 32).  The code has the ``activation``, the
    output ``output``'s: none by default.  With ``rho`` it is sparse: `loss` then adds ``weight``
    times the `sparsity_penalty` of the code, which pulls the mean of each unit towards rho; the
    activation is to lie between 0 and 1, as a sigmoid does.

    Shapes: x (*b, sizes[0]).  Raises ArgumentError for fewer than two sizes.

    >>> import chainrule as cr
    >>> net = Autoencoder((64, 128))
    >>> net(cr.zeros(5, 64)).code.shape, net.overcomplete
    ((5, 128), True)
    """

    def __init__(
        self,
        sizes: Sequence[int],
        activation: type[nn.Module] = nn.Sigmoid,
        output: type[nn.Module] = nn.Identity,
        rho: float | None = None,
        weight: float = 1.0,
    ) -> None:
        super().__init__()
        if len(sizes) < 2:
            raise ArgumentError(f"sizes are {tuple(sizes)}", expected="those of input and code")
        if rho is not None and not 0 < rho < 1:
            raise ArgumentError(f"rho is {rho!r}", expected="a number between 0 and 1")
        self.sizes, self.rho, self.weight = tuple(sizes), rho, weight
        self.encoder = chain(sizes, activation, activation())
        self.decoder = chain(sizes[::-1], activation, output())

    @property
    def overcomplete(self) -> bool:
        """Whether the code is larger than the input."""
        return self.sizes[-1] > self.sizes[0]

    def forward(self, x: Tensor) -> Reconstruction:
        code = self.encoder(x)
        return Reconstruction(self.decoder(code), code)

    def loss(self, x: Tensor) -> Tensor:
        """The mean squared error of the reconstruction, and the penalty of a sparse code; nobody
        is asked for a label."""
        output, code = self(x)
        error = F.mse_loss(output, x)
        if self.rho is None:
            return error
        return error + self.weight * sparsity_penalty(code, self.rho)


def autoencoder(sizes: Sequence[int] = (784, 128, 32), **kwargs: Any) -> Autoencoder:
    """`Autoencoder`: the code is smaller than the input.

    >>> import chainrule as cr
    >>> [tuple(p.shape) for p in cr.models.autoencoder((8, 3)).parameters()]
    [(3, 8), (3,), (8, 3), (8,)]
    """
    return Autoencoder(sizes, **kwargs)


def sparse_autoencoder(
    sizes: Sequence[int] = (784, 196), rho: float = 0.05, weight: float = 1.0, **kwargs: Any
) -> Autoencoder:
    """`Autoencoder` whose units are active with a probability of about ``rho``."""
    return Autoencoder(sizes, rho=rho, weight=weight, **kwargs)


def overcomplete_autoencoder(sizes: Sequence[int] = (64, 128), **kwargs: Any) -> Autoencoder:
    """`Autoencoder` whose code is larger than the input; raises ArgumentError where it is not.

    Something else must keep it from learning the identity: sparsity (``rho``), or noise in x.
    """
    net = Autoencoder(sizes, **kwargs)
    if not net.overcomplete:
        raise ArgumentError(
            f"a code of {sizes[-1]} for an input of {sizes[0]} is not overcomplete",
            expected="a code larger than the input",
        )
    return net
