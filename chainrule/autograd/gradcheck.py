"""Checking derivatives: what backward computes against central differences."""

from __future__ import annotations

import warnings
from collections.abc import Callable, Sequence
from typing import Any

import numpy as np

from chainrule.core import dtypes as dt
from chainrule.core.derivatives import grad
from chainrule.core.errors import ArgumentError, ChainruleError
from chainrule.core.forwardmode import push_forward
from chainrule.core.state import enable_grad, no_grad
from chainrule.core.tensor import Tensor
from chainrule.ops.creation import randn_like, tensor, zeros_like


class GradcheckError(ChainruleError, RuntimeError):
    """A derivative that differences do not confirm."""


def gradcheck(
    func: Callable[..., Any],
    inputs: Tensor | Sequence[Any],
    *,
    eps: float = 1e-6,
    atol: float = 1e-5,
    rtol: float = 1e-3,
    raise_exception: bool = True,
    nondet_tol: float = 0.0,
    check_undefined_grad: bool = True,
    check_grad_dtypes: bool = False,
    check_batched_grad: bool = False,
    check_batched_forward_grad: bool = False,
    check_forward_ad: bool = False,
    check_backward_ad: bool = True,
    fast_mode: bool = False,
    masked: bool | None = None,
) -> bool:
    """Whether the derivatives of ``func`` at ``inputs`` are what central differences say.

    Entries a and n agree where |a - n| ≤ atol + rtol |n|; n = (f(x + eps) - f(x - eps)) / 2 eps,
    for every entry of every input that requires a gradient, in float64 or it will fail.  Also
    checked: that a second way back gives the same (to ``nondet_tol``), zeros for the adjoint zero,
    gradients of the inputs' types where asked, and forward mode where asked.

    Every entry is compared in ``fast_mode`` too; ``check_undefined_grad`` and ``masked`` are
    accepted (outputs are always pulled back one at a time).  Refused with ArgumentError: batched
    checks, and complex inputs.  Raises GradcheckError, or returns False without
    ``raise_exception``, where they differ.

    >>> import chainrule as cr
    >>> x = cr.tensor([0.5, 2.0], dtype=cr.float64, requires_grad=True)
    >>> gradcheck(lambda x: x.exp() * x, (x,))
    True
    """
    if check_batched_grad or check_batched_forward_grad:
        raise ArgumentError("gradcheck has no batched checks", hint="leave them out")
    given = (inputs,) if isinstance(inputs, Tensor) else tuple(inputs)
    wanted = _wanted(given)
    check = _Check(func, given, wanted, eps, atol, rtol)
    try:
        if check_backward_ad:
            check.backward(nondet_tol, check_grad_dtypes)
        if check_forward_ad:
            check.forward()
    except GradcheckError:
        if raise_exception:
            raise
        return False
    return True


def _wanted(given: Sequence[Any]) -> list[Tensor]:
    """The inputs to differentiate by."""
    wanted = [x for x in given if isinstance(x, Tensor) and x.requires_grad]
    if not wanted:
        raise ArgumentError(
            "gradcheck needs an input that requires a gradient",
            hint="cr.tensor(..., dtype=cr.float64, requires_grad=True)",
        )
    for i, x in enumerate(wanted):
        if x.dtype.category != dt.REAL:
            raise ArgumentError(f"gradcheck differentiates by real floats, not {x.dtype.name}")
        if x.dtype is not dt.float64:
            warnings.warn(
                f"input {i} of gradcheck is {x.dtype.name}: differences are too coarse "
                "for anything but float64",
                stacklevel=3,
            )
    return wanted


class _Check:
    """A function at a place, and how well its derivatives are to agree."""

    def __init__(
        self, func: Callable[..., Any], given: Sequence[Any], wanted: list[Tensor],
        eps: float, atol: float, rtol: float,
    ) -> None:  # fmt: skip
        self.func, self.given, self.wanted = func, given, wanted
        self.eps, self.atol, self.rtol = eps, atol, rtol
        self.outputs = self._call()
        self.numerical = self._differences()
        with enable_grad():  # again: the inputs have been moved, and stand for new leaves
            self.outputs = self._call()

    def _call(self) -> list[Tensor]:
        """The floating tensors that the function returns."""
        made = self.func(*self.given)
        parts = made if isinstance(made, tuple | list) else (made,)
        found = [y for y in parts if isinstance(y, Tensor) and y.dtype.differentiable]
        if not found:
            raise ArgumentError(
                "the function that gradcheck calls returns no floating tensor",
                got=type(made).__name__,
            )
        return found

    def _values(self) -> list[np.ndarray]:
        with no_grad():
            return [y.detach().numpy().ravel().copy() for y in self._call()]

    def _differences(self) -> list[list[np.ndarray]]:
        """By output and input, the matrix of difference quotients: (out, in)."""
        columns: list[list[list[np.ndarray]]] = [[[] for _ in self.wanted] for _ in self.outputs]
        for k, x in enumerate(self.wanted):
            start = x.detach().numpy().copy()
            try:
                for i in range(start.size):
                    pair = [self._moved(x, start, i, step) for step in (self.eps, -self.eps)]
                    for j, (up, down) in enumerate(zip(*pair, strict=True)):
                        columns[j][k].append((up - down) / (2 * self.eps))
            finally:
                _overwrite(x, start)
        return [
            [np.stack(part, axis=1) if part else np.zeros((y.numel(), 0)) for part in columns[j]]
            for j, y in enumerate(self.outputs)
        ]

    def _moved(self, x: Tensor, start: np.ndarray, i: int, step: float) -> list[np.ndarray]:
        """The outputs with one entry of an input moved."""
        moved = start.copy()
        moved.reshape(-1)[i] += step
        _overwrite(x, moved)
        return self._values()

    def backward(self, nondet_tol: float, check_dtypes: bool) -> None:
        """Compare reverse mode."""
        for j, y in enumerate(self.outputs):
            found, again = self._rows(y), self._rows(y)
            for k, x in enumerate(self.wanted):
                self._compare(found[k], j, k)
                if found[k].size and np.abs(found[k] - again[k]).max() > nondet_tol:
                    raise GradcheckError(
                        f"the way back from output {j} to input {k} gives another result each time",
                        hint="nondet_tol= allows for a difference",
                    )
                self._zero_for_zero(y, k, x, check_dtypes)

    def _rows(self, y: Tensor) -> list[np.ndarray]:
        """By input, the matrix that reverse mode gives for an output."""
        found = [np.zeros((y.numel(), x.numel())) for x in self.wanted]
        if not y.requires_grad:
            return found
        for i in range(y.numel()):
            for k, g in enumerate(self._pulled(y, i)):
                if g is not None:
                    found[k][i] = g.detach().numpy().ravel()
        return found

    def _pulled(self, y: Tensor, i: int) -> Sequence[Tensor | None]:
        unit = np.zeros(y.shape)
        unit.reshape(-1)[i] = 1
        return grad(y, self.wanted, tensor(unit, y.dtype), allow_unused=True)

    def _zero_for_zero(self, y: Tensor, k: int, x: Tensor, check_dtypes: bool) -> None:
        if not y.requires_grad:
            return
        g = grad(y, x, zeros_like(y), allow_unused=True)[0]
        if g is None:
            return
        if bool(g.ne(0).any()):
            raise GradcheckError(
                f"the gradient by input {k} is not 0 for the adjoint 0",
                hint="backward multiplies by what it is given",
            )
        if check_dtypes and g.dtype is not x.dtype:
            raise GradcheckError(
                f"the gradient by input {k} is {g.dtype.name}", expected=x.dtype.name
            )

    def forward(self) -> None:
        """Compare forward mode."""
        for k, x in enumerate(self.wanted):
            columns: list[list[np.ndarray]] = [[] for _ in self.outputs]
            for i in range(x.numel()):
                unit = np.zeros(x.shape)
                unit.reshape(-1)[i] = 1
                moved = push_forward(self.outputs, [x], [tensor(unit, x.dtype)])
                for j, (y, t) in enumerate(zip(self.outputs, moved, strict=True)):
                    columns[j].append((zeros_like(y) if t is None else t).detach().numpy().ravel())
            for j, column in enumerate(columns):
                if column:
                    self._compare(np.stack(column, axis=1), j, k)

    def _compare(self, found: np.ndarray, j: int, k: int) -> None:
        expected = self.numerical[j][k]
        if not np.allclose(found, expected, rtol=self.rtol, atol=self.atol):
            raise GradcheckError(
                f"the derivative of output {j} by input {k} is not what differences say",
                got=_flat(found),
                expected=_flat(expected),
                hint="rows are entries of the output, columns entries of the input",
            )


def _flat(matrix: np.ndarray) -> str:
    """A matrix on one line."""
    text = np.array2string(matrix, precision=4, separator=", ", threshold=36)
    return " ".join(text.split())


def _overwrite(x: Tensor, values: np.ndarray) -> None:
    with no_grad():
        x.copy_(tensor(values, x.dtype))


def gradgradcheck(
    func: Callable[..., Any],
    inputs: Tensor | Sequence[Any],
    grad_outputs: Tensor | Sequence[Tensor] | None = None,
    *,
    eps: float = 1e-6,
    atol: float = 1e-5,
    rtol: float = 1e-3,
    gen_non_contig_grad_outputs: bool = False,
    raise_exception: bool = True,
    nondet_tol: float = 0.0,
    check_undefined_grad: bool = True,
    check_grad_dtypes: bool = False,
    check_batched_grad: bool = False,
    check_fwd_over_rev: bool = False,
    check_rev_over_rev: bool = True,
    fast_mode: bool = False,
    masked: bool = False,
) -> bool:
    """`gradcheck` of the gradients of ``func``, by the inputs and by ``grad_outputs``, the adjoints
    of its outputs (standard normal draws where there are none).

    >>> import chainrule as cr
    >>> x = cr.tensor([0.5, 2.0], dtype=cr.float64, requires_grad=True)
    >>> gradgradcheck(lambda x: x.exp() * x, (x,))
    True
    """
    given = (inputs,) if isinstance(inputs, Tensor) else tuple(inputs)
    wanted = _wanted(given)
    if grad_outputs is None:
        with enable_grad():
            made = func(*given)
        parts = made if isinstance(made, tuple | list) else (made,)
        live = [y for y in parts if isinstance(y, Tensor) and y.requires_grad]
        adjoints = [randn_like(y).requires_grad_() for y in live]
    else:
        listed = [grad_outputs] if isinstance(grad_outputs, Tensor) else list(grad_outputs)
        adjoints = [g.detach().requires_grad_() for g in listed]

    def gradients(*args: Any) -> tuple[Tensor, ...]:
        own, along = args[: len(given)], args[len(given) :]
        with enable_grad():
            made = func(*own)
            parts = made if isinstance(made, tuple | list) else (made,)
            live = [y for y in parts if isinstance(y, Tensor) and y.requires_grad]
            places = [x for x in own if isinstance(x, Tensor) and x.requires_grad]
            found = grad(live, places, along, create_graph=True, allow_unused=True)
        return tuple(g for g in found if g is not None)

    assert wanted  # refused above where empty
    return gradcheck(
        gradients, (*given, *adjoints), eps=eps, atol=atol, rtol=rtol,
        raise_exception=raise_exception, nondet_tol=nondet_tol,
        check_undefined_grad=check_undefined_grad, check_grad_dtypes=check_grad_dtypes,
        check_batched_grad=check_batched_grad, check_forward_ad=check_fwd_over_rev,
        check_backward_ad=check_rev_over_rev, fast_mode=fast_mode, masked=masked,
    )  # fmt: skip


__all__ = ["GradcheckError", "gradcheck", "gradgradcheck"]
