"""Probability distributions, under the names of ``torch.distributions``.

>>> import chainrule as cr
>>> from chainrule.distributions import Normal
>>> Normal(0.0, 1.0).log_prob(cr.tensor(0.0))
tensor(-0.9189)
"""

from chainrule.distributions.continuous import Exponential, Laplace, Normal, Uniform
from chainrule.distributions.discrete import Bernoulli, Categorical
from chainrule.distributions.distribution import Distribution
from chainrule.distributions.finite import Finite, expectation
from chainrule.distributions.joint import Independent, MultivariateNormal
from chainrule.distributions.kl import kl_divergence, register_kl
from chainrule.distributions.moments import Moments, moments

__all__ = [
    "Bernoulli", "Categorical", "Distribution", "Exponential", "Finite", "Independent", "Laplace",
    "Moments", "MultivariateNormal", "Normal", "Uniform", "expectation", "kl_divergence", "moments",
    "register_kl",
]  # fmt: skip
