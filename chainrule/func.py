"""Derivatives of functions, under the names of ``torch.func``.

>>> from chainrule.func import grad
>>> import chainrule as cr
>>> grad(lambda x: x**3)(cr.tensor(2.0))
tensor(12.)
"""

from __future__ import annotations

from chainrule.core.functional import grad, hessian, jacfwd, jacrev, jvp, vjp

__all__ = ["grad", "hessian", "jacfwd", "jacrev", "jvp", "vjp"]
