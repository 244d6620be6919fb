"""Penalties: numbers computed from parameters or activations, to be added to a loss.

None is multiplied by a strength, so that what is added stands where it is added:

>>> import chainrule as cr
>>> from chainrule import nn
>>> from chainrule.nn import penalties
>>> net = nn.Linear(2, 1, bias=False)
>>> _ = nn.init.constant_(net.weight, 3.0)
>>> loss = net(cr.ones(1, 2)).sum() + 0.5 * penalties.l2(net)
>>> loss.item()
15.0

An optimizer's ``weight_decay=d`` adds d * w to the gradient: it is ``d * l2(w, half=True)``, and so
``d / 2 * l2(w)``.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from functools import reduce
from typing import Any

from chainrule.core.errors import ArgumentError, ShapeError
from chainrule.core.tensor import Tensor
from chainrule.nn.module import Module

Parameters = Tensor | Module | Iterable[Tensor]
"""A tensor, several, or the parameters of a network."""


def l1(parameters: Parameters) -> Tensor:
    """The sum of |w| over all entries; its derivative is the sign, 0 at 0 (Tibshirani 1996).

    Raises ArgumentError where there are no parameters.

    >>> import chainrule as cr
    >>> l1(cr.tensor([1.0, -2.0])).item()
    3.0
    """
    return _added(parameters, lambda w: w.abs())


def l2(parameters: Parameters, half: bool = False) -> Tensor:
    """The sum of w² over all entries, the squared Frobenius norm; with ``half``, half of it, whose
    derivative is w, as in Goodfellow, Bengio and Courville, Deep Learning, 7.1.1.

    Raises ArgumentError where there are no parameters.

    >>> import chainrule as cr
    >>> l2(cr.tensor([1.0, -2.0])).item(), l2(cr.tensor([1.0, -2.0]), half=True).item()
    (5.0, 2.5)
    """
    found = _added(parameters, lambda w: w * w)
    return found / 2 if half else found


def log_prior(parameters: Parameters, prior: Any) -> Tensor:
    """Minus the logarithm of the prior density of all entries: what makes of a likelihood's loss
    that of a posterior, whose minimum is the maximum a posteriori.

    ``prior`` is one of `chainrule.distributions`, of single numbers, or a function that gives the
    logarithm of a density, which need not add up to 1.  Of a normal one with deviation s it is
    l2 / (2 s²), of Laplace's with scale b it is l1 / b, but for constants.  Raises ArgumentError
    for another prior, and where there are no parameters.

    >>> import chainrule as cr
    >>> log_uniform = lambda w: -w.abs().log()
    >>> log_prior(cr.tensor([2.0, -0.5, 1.0]), log_uniform).item() == 0
    True
    """
    density = getattr(prior, "log_prob", prior)
    if not callable(density):
        raise ArgumentError(
            f"a prior is a distribution or the logarithm of a density, not {prior!r}"
        )
    return _added(parameters, lambda w: -density(w))


def kl_sparsity(rho: float | Tensor, rho_hat: Tensor) -> Tensor:
    """The sum over all units of KL(rho ‖ rho_hat), which is
    rho ln(rho / rho_hat) + (1 - rho) ln((1 - rho) / (1 - rho_hat)).

    ``rho`` is how often a unit should be active, ``rho_hat`` how often each is: the mean of its
    activations, from 0 to 1, over a batch, ``h.mean(0)`` (Ng, Sparse Autoencoder, 2011).  Raises
    ArgumentError for a rho that is not between 0 and 1.

    >>> import chainrule as cr
    >>> kl_sparsity(0.5, cr.tensor([0.5, 0.5])).item()
    0.0
    """
    if not isinstance(rho, Tensor) and (isinstance(rho, bool) or not 0 < rho < 1):
        raise ArgumentError(f"rho is {rho!r}", expected="a number between 0 and 1")
    on = rho * (rho / rho_hat).log()
    off = (1 - rho) * ((1 - rho) / (1 - rho_hat)).log()
    made: Tensor = (on + off).sum()
    return made


class Penalized(Module):
    """A loss with penalties: ``loss(...)`` plus each of ``terms()``.

    The terms are functions without arguments, so that they are computed anew at every call.

    >>> import chainrule as cr
    >>> from chainrule import nn
    >>> net = nn.Linear(2, 1)
    >>> loss = Penalized(nn.MSELoss(), lambda: 0.01 * l2(net.weight))
    >>> x, d = cr.ones(3, 2), cr.ones(3, 1)
    >>> loss(net(x), d).item() > nn.functional.mse_loss(net(x), d).item()
    True
    """

    def __init__(self, loss: Callable[..., Tensor], *terms: Callable[[], Tensor]) -> None:
        super().__init__()
        for part in (loss, *terms):
            if not callable(part):
                raise ArgumentError(
                    f"a part of a loss is a function, not {part!r}",
                    hint="lambda: 0.01 * penalties.l2(net)",
                )
        self.loss, self.terms = loss, terms

    def forward(self, *args: Any, **kwargs: Any) -> Tensor:
        total = self.loss(*args, **kwargs)
        for term in self.terms:
            penalty = term()
            if penalty.numel() != 1:
                raise ShapeError("a penalty is one number", got=f"shape {penalty.shape}")
            total = total + penalty
        return total


def _added(parameters: Parameters, of: Callable[[Tensor], Tensor]) -> Tensor:
    """The sum over all entries of all parameters; raises ArgumentError where there are none."""
    if isinstance(parameters, Module):
        parameters = parameters.parameters()
    given = [parameters] if isinstance(parameters, Tensor) else list(parameters)
    if not given or not all(isinstance(w, Tensor) for w in given):
        raise ArgumentError(
            "a penalty is of parameters", got=repr(given[:1]) if given else "none",
            expected="a tensor, several, or a module",
        )  # fmt: skip
    return reduce(lambda a, b: a + b, (of(w).sum() for w in given))


__all__ = ["Penalized", "kl_sparsity", "l1", "l2", "log_prior"]
