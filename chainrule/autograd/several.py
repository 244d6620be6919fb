"""The way back from several values at once."""

from __future__ import annotations

from collections.abc import Sequence

from chainrule.core.derivatives import _accumulate, _seed, _walk, pull_back
from chainrule.core.errors import ArgumentError
from chainrule.core.state import state
from chainrule.core.tensor import Tensor


def backward(
    tensors: Tensor | Sequence[Tensor],
    grad_tensors: Tensor | Sequence[Tensor | None] | None = None,
    retain_graph: bool | None = None,
    create_graph: bool = False,
    inputs: Tensor | Sequence[Tensor] | None = None,
) -> None:
    """Add the gradients of several values at once to ``.grad``: ``torch.autograd.backward``.

    Raises ArgumentError where there are not as many adjoints as values.

    >>> import chainrule as cr
    >>> x = cr.tensor(3.0, requires_grad=True)
    >>> cr.autograd.backward([x * x, 2 * x])
    >>> x.grad.item()
    8.0
    """
    starts = [tensors] if isinstance(tensors, Tensor) else list(tensors)
    listed = [grad_tensors] if isinstance(grad_tensors, Tensor) else grad_tensors
    given: list[Tensor | None] = [*listed] if listed else [None] * len(starts)
    if len(given) != len(starts):
        raise ArgumentError(f"backward() has {len(given)} adjoints for {len(starts)} values")
    if state.trace is not None:
        for t in starts:
            state.trace.node_of(t)
    pairs = [(t, _seed(t, g)) for t, g in zip(starts, given, strict=True)]
    if inputs is None:
        _walk(pairs, set(), create_graph, collect=True)
        return
    targets = [inputs] if isinstance(inputs, Tensor) else list(inputs)
    for target, found in zip(targets, pull_back(pairs, targets, create_graph), strict=True):
        if found is not None:
            _accumulate(target, found, create_graph)
