"""What is done to the parameters of a network as a whole."""

from __future__ import annotations

import math
from collections.abc import Iterable

from chainrule.core.errors import ArgumentError, ValueCheckError
from chainrule.core.state import no_grad, quiet
from chainrule.core.tensor import Tensor
from chainrule.nn.utils import rnn as rnn
from chainrule.ops.creation import tensor
from chainrule.ops.elementwise.elementary import sqrt
from chainrule.ops.shape.moves import stack
from chainrule.ops.shape.primitive import cat


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


def clip_grad_value_(parameters: Tensor | Iterable[Tensor], clip_value: float) -> None:
    """Bring every entry of all gradients between -clip_value and clip_value.

    Raises ArgumentError for a bound below 0, where PyTorch would make all entries equal to it.

    >>> import chainrule as cr
    >>> w = cr.nn.Parameter(cr.zeros(2))
    >>> w.grad = cr.tensor([3.0, -0.5])
    >>> cr.nn.utils.clip_grad_value_([w], clip_value=1.0)
    >>> w.grad.tolist()
    [1.0, -0.5]
    """
    bound = float(clip_value)
    if not bound >= 0:
        raise ArgumentError(f"clip_value is {clip_value}", expected="a number from 0")
    given = [parameters] if isinstance(parameters, Tensor) else list(parameters)
    with no_grad(), quiet():
        for grad in (p.grad for p in given if p.grad is not None):
            grad.copy_(grad.maximum(-bound).minimum(bound))


def parameters_to_vector(parameters: Iterable[Tensor]) -> Tensor:
    """All entries of all parameters, one after the other, as one vector.

    Shapes: parameters of any -> (n).  Raises ArgumentError where there are none.

    >>> import chainrule as cr
    >>> net = cr.nn.Linear(2, 3)
    >>> cr.nn.utils.parameters_to_vector(net.parameters()).shape
    (9,)
    """
    parts = [p.reshape(-1) for p in parameters]
    if not parts:
        raise ArgumentError("there are no parameters to make a vector of")
    return cat(parts)


def vector_to_parameters(vec: Tensor, parameters: Iterable[Tensor]) -> None:
    """Give the entries of a vector to the parameters, in the order of `parameters_to_vector`.

    Shapes: vec (n), parameters of n entries in all.  Raises ArgumentError, having changed nothing,
    for what is no vector of as many entries.

    >>> import chainrule as cr
    >>> w = cr.nn.Parameter(cr.zeros(2, 1))
    >>> cr.nn.utils.vector_to_parameters(cr.tensor([1.0, 2.0]), [w])
    >>> w.tolist()
    [[1.0], [2.0]]
    """
    if not isinstance(vec, Tensor):
        raise ArgumentError(f"vec is a {type(vec).__name__}, not a tensor")
    given = list(parameters)
    total = sum(p.numel() for p in given)
    if vec.shape != (total,):
        raise ArgumentError(
            f"a vector of shape {vec.shape} for {total} entries of parameters",
            expected=f"shape ({total},)",
        )
    at = 0
    for p in given:
        p.data = vec[at : at + p.numel()].reshape(p.shape).data
        at += p.numel()


def _joint_norm(grads: list[Tensor], p: float) -> Tensor:
    """The p-norm of all entries of all tensors."""
    if p == math.inf:
        return stack([grad.abs().max() for grad in grads]).max()
    if p == 2:
        return sqrt(sum((grad * grad).sum() for grad in grads))
    return sum((grad.abs() ** p).sum() for grad in grads) ** (1 / p)
