"""What is done to the parameters of a network as a whole."""

from __future__ import annotations

import math
from collections.abc import Iterable

from chainrule.core.errors import ValueCheckError
from chainrule.core.state import no_grad, quiet
from chainrule.core.tensor import Tensor
from chainrule.ops.creation import tensor
from chainrule.ops.elementwise import sqrt
from chainrule.ops.moves import stack


def clip_grad_norm_(
    parameters: Tensor | Iterable[Tensor],
    max_norm: float,
    norm_type: float = 2.0,
    error_if_nonfinite: bool = False,
) -> Tensor:
    """Scale all gradients by one factor, so that their joint norm is at most ``max_norm``.

    The factor is max_norm / (norm + 1e-6), at most 1, as in PyTorch.  Returns the norm before, of
    all entries as one vector: the 2-norm, another p-norm, or the maximum (``math.inf``).  Raises
    ValueCheckError, if asked to, where that is no finite number.

    >>> import chainrule as cr
    >>> w = cr.nn.Parameter(cr.zeros(2))
    >>> w.grad = cr.tensor([3.0, 4.0])
    >>> cr.nn.utils.clip_grad_norm_([w], max_norm=1.0).item()
    5.0
    >>> [round(x, 4) for x in w.grad.tolist()]
    [0.6, 0.8]
    """
    given = [parameters] if isinstance(parameters, Tensor) else list(parameters)
    grads = [p.grad for p in given if p.grad is not None]
    if not grads:
        return tensor(0.0)
    with no_grad(), quiet():
        norm = _joint_norm(grads, float(norm_type))
        if error_if_nonfinite and not math.isfinite(norm.item()):
            raise ValueCheckError(f"the norm of the gradients is {norm.item()}")
        factor = (max_norm / (norm + 1e-6)).minimum(1.0)
        for grad in grads:
            grad.mul_(factor)
    return norm


def _joint_norm(grads: list[Tensor], p: float) -> Tensor:
    """The p-norm of all entries of all tensors."""
    if p == math.inf:
        return stack([grad.abs().max() for grad in grads]).max()
    if p == 2:
        return sqrt(sum((grad * grad).sum() for grad in grads))
    return sum((grad.abs() ** p).sum() for grad in grads) ** (1 / p)
