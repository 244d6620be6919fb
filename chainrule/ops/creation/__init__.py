"""Making tensors: from data, by a rule, from random draws; each in a module of its own."""

from chainrule.ops.creation.draws import (
    bernoulli,
    multinomial,
    normal,
    rand,
    rand_like,
    randint,
    randint_like,
    randn,
    randn_like,
    randperm,
)
from chainrule.ops.creation.filled import (
    empty,
    empty_like,
    eye,
    full,
    full_like,
    ones,
    ones_like,
    zeros,
    zeros_like,
)
from chainrule.ops.creation.fromdata import (
    as_tensor,
    asarray,
    from_numpy,
    is_tensor,
    scalar_tensor,
    tensor,
)
from chainrule.ops.creation.spaced import arange, linspace, logspace
from chainrule.ops.creation.symbolic import symbols

__all__ = [
    "arange", "as_tensor", "asarray", "bernoulli", "empty", "empty_like", "eye", "from_numpy",
    "full", "full_like", "is_tensor", "linspace", "logspace", "multinomial", "normal", "ones",
    "ones_like", "rand", "rand_like", "randint", "randint_like", "randn", "randn_like", "randperm",
    "scalar_tensor", "symbols", "tensor", "zeros", "zeros_like",
]  # fmt: skip
