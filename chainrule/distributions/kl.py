"""How far one distribution is from another: the Kullback-Leibler divergence."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from chainrule.core import dtypes as dt
from chainrule.core.errors import ArgumentError
from chainrule.core.tensor import Tensor
from chainrule.distributions.continuous import Exponential, Laplace, Normal, Uniform
from chainrule.distributions.discrete import Bernoulli, Categorical
from chainrule.distributions.distribution import Distribution
from chainrule.distributions.joint import (
    Independent,
    MultivariateNormal,
    half_log_det,
    squared_distance,
)
from chainrule.ops.elementwise.elementary import where

Formula = Callable[[Any, Any], Tensor]
_formulas: dict[tuple[type, type], Formula] = {}


def register_kl(type_p: Any, type_q: Any) -> Callable[[Formula], Formula]:
    """Let a function compute the divergence of distributions of these two classes."""
    for kind in (type_p, type_q):
        if not (isinstance(kind, type) and issubclass(kind, Distribution)):
            raise ArgumentError(f"register_kl takes classes of distributions, not {kind!r}")

    def register(formula: Formula) -> Formula:
        _formulas[type_p, type_q] = formula
        return formula

    return register


def kl_divergence(p: Distribution, q: Distribution) -> Tensor:
    """The expected value under p of ln p - ln q, in nats (Kullback and Leibler 1951).

    Raises NotImplementedError, as PyTorch does, where no formula is known for the two classes.

    >>> from chainrule.distributions import Normal
    >>> kl_divergence(Normal(0.0, 1.0), Normal(1.0, 1.0))
    tensor(0.5)
    """
    for a in type(p).__mro__:
        for b in type(q).__mro__:
            if (a, b) in _formulas:
                return _formulas[a, b](p, q)
    raise NotImplementedError(
        f"no formula is known for the divergence of {type(p).__name__} from {type(q).__name__}\n"
        "  hint      add it: @register_kl(P, Q), or estimate it from samples"
    )


@register_kl(Normal, Normal)
def _normal(p: Normal, q: Normal) -> Tensor:
    ratio = (p.scale / q.scale) ** 2
    distance = ((p.loc - q.loc) / q.scale) ** 2
    made: Tensor = (ratio + distance - 1 - ratio.log()) / 2
    return made


@register_kl(Laplace, Laplace)
def _laplace(p: Laplace, q: Laplace) -> Tensor:
    ratio, distance = p.scale / q.scale, (p.loc - q.loc).abs()
    made: Tensor = -ratio.log() + distance / q.scale + ratio * (-distance / p.scale).exp() - 1
    return made


@register_kl(Exponential, Exponential)
def _exponential(p: Exponential, q: Exponential) -> Tensor:
    ratio = q.rate / p.rate
    made: Tensor = -ratio.log() + ratio - 1
    return made


@register_kl(Uniform, Uniform)
def _uniform(p: Uniform, q: Uniform) -> Tensor:
    wider = ((q.high - q.low) / (p.high - p.low)).log()
    outside = (q.low > p.low).logical_or(q.high < p.high)
    made: Tensor = where(outside, float("inf"), wider)
    return made


@register_kl(Bernoulli, Bernoulli)
def _bernoulli(p: Bernoulli, q: Bernoulli) -> Tensor:
    a, b = p.probs, q.probs
    made: Tensor = _term(a, b, p.probs.dtype) + _term(1 - a, 1 - b, p.probs.dtype)
    return made


def _term(a: Tensor, b: Tensor, dtype: Any) -> Tensor:
    """The term a ln(a / b): 0 where a is 0, infinite where b alone is; no logarithm meets a 0."""
    if dtype is dt.exact:
        exact: Tensor = a * (a.log() - b.log())
        return exact
    gone, never = a.eq(0), b.eq(0)
    safe_a, safe_b = where(gone, 1.0, a), where(never, 1.0, b)
    term = where(never, float("inf"), a * (safe_a.log() - safe_b.log()))
    made: Tensor = where(gone, 0.0, term)
    return made


@register_kl(Categorical, Categorical)
def _categorical(p: Categorical, q: Categorical) -> Tensor:
    term = p.probs * (p.logits - q.logits)
    if p.probs.dtype is not dt.exact:
        term = where(q.probs.eq(0), float("inf"), term)
        term = where(p.probs.eq(0), 0.0, term)
    made: Tensor = term.sum(-1)
    return made


@register_kl(MultivariateNormal, MultivariateNormal)
def _multivariate_normal(p: MultivariateNormal, q: MultivariateNormal) -> Tensor:
    n = p.event_shape[0]
    columns = [squared_distance(q.scale_tril, p.scale_tril[..., :, j]) for j in range(n)]
    trace: Tensor = sum(columns[1:], columns[0])
    distance = squared_distance(q.scale_tril, q.loc - p.loc)
    return half_log_det(q.scale_tril) - half_log_det(p.scale_tril) + (trace + distance - n) / 2


@register_kl(Independent, Independent)
def _independent(p: Independent, q: Independent) -> Tensor:
    if p.reinterpreted_batch_ndims != q.reinterpreted_batch_ndims:
        raise NotImplementedError("the two take different numbers of axes as one value")
    return p._summed(kl_divergence(p.base_dist, q.base_dist))
