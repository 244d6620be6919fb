"""Distributions of several numbers at once: independent ones, and the multivariate normal one."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from chainrule.core.errors import ArgumentError, ShapeError, ValueCheckError
from chainrule.core.signature import broadcast
from chainrule.core.tensor import Tensor
from chainrule.distributions.continuous import LN_2_PI
from chainrule.distributions.distribution import (
    REAL,
    Condition,
    Distribution,
)
from chainrule.ops.creation import randn
from chainrule.ops.shape.moves import stack


class Independent(Distribution):
    """``base``, its last ``reinterpreted_batch_ndims`` batch axes taken as one value of several
    numbers.

    >>> import chainrule as cr
    >>> from chainrule.distributions import Normal
    >>> Independent(Normal(cr.zeros(3), 1.0), 1).event_shape
    (3,)
    """

    def __init__(
        self, base: Distribution, reinterpreted_batch_ndims: int, validate_args: bool | None = None
    ) -> None:
        n = reinterpreted_batch_ndims
        if not 0 <= n <= len(base.batch_shape):
            raise ArgumentError(
                f"{n} of the axes of a batch of shape {base.batch_shape}",
                expected=f"0 to {len(base.batch_shape)}",
            )
        split = len(base.batch_shape) - n
        self.base_dist, self.reinterpreted_batch_ndims = base, n
        super().__init__(
            base.batch_shape[:split], base.batch_shape[split:] + base.event_shape, validate_args
        )

    def _support(self) -> Condition | None:
        return self.base_dist._support()

    @property
    def has_rsample(self) -> bool:  # type: ignore[override]
        """Whether gradients flow through draws."""
        return self.base_dist.has_rsample

    @property
    def mean(self) -> Tensor:
        return self.base_dist.mean

    @property
    def mode(self) -> Tensor:
        return self.base_dist.mode

    @property
    def variance(self) -> Tensor:
        return self.base_dist.variance

    def sample(self, sample_shape: Sequence[int] = ()) -> Tensor:
        return self.base_dist.sample(sample_shape)

    def rsample(self, sample_shape: Sequence[int] = ()) -> Tensor:
        return self.base_dist.rsample(sample_shape)

    def log_prob(self, value: Tensor) -> Tensor:
        return self._summed(self.base_dist.log_prob(value))

    def entropy(self) -> Tensor:
        return self._summed(self.base_dist.entropy())

    def _summed(self, x: Tensor) -> Tensor:
        n = self.reinterpreted_batch_ndims
        made: Tensor = x.sum(tuple(range(-n, 0))) if n else x
        return made

    def expand(self, batch_shape: Sequence[int]) -> Independent:
        n = self.reinterpreted_batch_ndims
        inner = self._event_shape[:n]
        return Independent(self.base_dist.expand((*batch_shape, *inner)), n, validate_args=False)

    def __repr__(self) -> str:
        return f"Independent({self.base_dist!r}, {self.reinterpreted_batch_ndims})"


class MultivariateNormal(Distribution):
    """The normal distribution of vectors, of mean ``loc`` (*b, n) and one of: its covariance
    matrix, the inverse of that, or the lower triangular L of covariance = L Lᵀ (*b, n, n).

    Raises ArgumentError unless exactly one is given, ShapeError for what is no square matrix,
    ValueCheckError for a covariance that is not symmetric and positive definite.

    >>> import chainrule as cr
    >>> MultivariateNormal(cr.zeros(2), cr.eye(2)).log_prob(cr.zeros(2))
    tensor(-1.8379)
    """

    has_rsample = True
    arg_constraints = {"loc": REAL}

    def __init__(
        self,
        loc: Tensor,
        covariance_matrix: Tensor | None = None,
        precision_matrix: Tensor | None = None,
        scale_tril: Tensor | None = None,
        validate_args: bool | None = None,
    ) -> None:
        given = [m for m in (covariance_matrix, precision_matrix, scale_tril) if m is not None]
        if len(given) != 1:
            raise ArgumentError(
                "MultivariateNormal takes covariance_matrix, precision_matrix or scale_tril: one",
                got=f"{len(given)} of them",
            )
        matrix = given[0]
        if loc.ndim < 1 or matrix.ndim < 2 or matrix.shape[-2:] != (loc.shape[-1],) * 2:
            raise ShapeError(
                f"a matrix {matrix.shape} for a mean {loc.shape}", expected="(*b, n, n) for (*b, n)"
            )
        batch: Any = broadcast(loc.shape[:-1], matrix.shape[:-2])
        n = loc.shape[-1]
        self.loc = loc.expand((*batch, n))
        if scale_tril is None and validate_args is not False and Distribution.validates:
            _refuse_asymmetric(matrix)
        if scale_tril is not None:
            factor = scale_tril
        elif precision_matrix is not None:
            factor = cholesky(_gram(_inverse_of_lower(cholesky(matrix))))
        else:
            factor = cholesky(matrix)
        self.scale_tril: Tensor = factor.expand((*batch, n, n))
        super().__init__(batch, (n,), validate_args)

    @property
    def mean(self) -> Tensor:
        made: Tensor = self.loc
        return made

    @property
    def mode(self) -> Tensor:
        made: Tensor = self.loc
        return made

    @property
    def covariance_matrix(self) -> Tensor:
        """L Lᵀ."""
        made: Tensor = self.scale_tril @ self.scale_tril.mT
        return made

    @property
    def precision_matrix(self) -> Tensor:
        """The inverse of the covariance matrix."""
        return _gram(_inverse_of_lower(self.scale_tril))

    @property
    def variance(self) -> Tensor:
        made: Tensor = (self.scale_tril * self.scale_tril).sum(-1)
        return made

    def rsample(self, sample_shape: Sequence[int] = ()) -> Tensor:
        eps = randn(self._extended_shape(sample_shape), dtype=self.loc.dtype)
        moved: Tensor = (self.scale_tril @ eps.unsqueeze(-1)).squeeze(-1)
        made: Tensor = self.loc + moved
        return made

    def log_prob(self, value: Tensor) -> Tensor:
        distance = squared_distance(self.scale_tril, self._checked(value) - self.loc)
        n = self._event_shape[0]
        made: Tensor = -(distance + n * LN_2_PI) / 2 - half_log_det(self.scale_tril)
        return made

    def entropy(self) -> Tensor:
        n = self._event_shape[0]
        made: Tensor = half_log_det(self.scale_tril) + n * (1 + LN_2_PI) / 2
        return made

    def expand(self, batch_shape: Sequence[int]) -> MultivariateNormal:
        made: MultivariateNormal = self._rebuilt(
            batch_shape, loc=self.loc, scale_tril=self.scale_tril
        )
        return made


def _refuse_asymmetric(matrix: Tensor) -> None:
    value = matrix.detach().node.value
    if value is not None and bool((matrix - matrix.mT).abs().max() > 1e-6):
        raise ValueCheckError("a covariance matrix is symmetric, and this one is not")


def _entries(matrix: Tensor) -> list[list[Tensor]]:
    n = matrix.shape[-1]
    return [[matrix[..., i, j] for j in range(n)] for i in range(n)]


def _joined(rows: list[list[Any]], like: Tensor) -> Tensor:
    zero = like[..., 0, 0] * 0
    filled = [[zero if x is None else x for x in row] for row in rows]
    return stack([stack(row, -1) for row in filled], -2)


def cholesky(matrix: Tensor) -> Tensor:
    """The lower triangular L of L Lᵀ = matrix, entry by entry, so in every arithmetic and with
    derivatives of any order; raises ValueCheckError where the matrix is not positive definite.

    >>> import chainrule as cr
    >>> cholesky(cr.tensor([[4, 2], [2, 2]], dtype=cr.exact)).tolist()
    [[Fraction(2, 1), Fraction(0, 1)], [Fraction(1, 1), Fraction(1, 1)]]
    """
    a, n = _entries(matrix), matrix.shape[-1]
    rows: list[list[Any]] = [[None] * n for _ in range(n)]
    for j in range(n):
        pivot = a[j][j] - sum(rows[j][k] * rows[j][k] for k in range(j))
        value = pivot.detach().node.value
        if value is not None and not bool((pivot > 0).all()):
            raise ValueCheckError("a covariance matrix is positive definite, and this one is not")
        rows[j][j] = pivot.sqrt()
        for i in range(j + 1, n):
            # Both halves are read, so that the gradient is symmetric too, as PyTorch's is.
            below = (a[i][j] + a[j][i]) / 2 - sum(rows[i][k] * rows[j][k] for k in range(j))
            rows[i][j] = below / rows[j][j]
    return _joined(rows, matrix)


def _inverse_of_lower(factor: Tensor) -> Tensor:
    """The inverse of a lower triangular matrix."""
    a, n = _entries(factor), factor.shape[-1]
    rows: list[list[Any]] = [[None] * n for _ in range(n)]
    for i in range(n):
        rows[i][i] = 1 / a[i][i]
        for j in range(i):
            rows[i][j] = -sum(a[i][k] * rows[k][j] for k in range(j, i)) / a[i][i]
    return _joined(rows, factor)


def _gram(x: Tensor) -> Tensor:
    """xᵀ x."""
    made: Tensor = x.mT @ x
    return made


def squared_distance(factor: Tensor, x: Tensor) -> Tensor:
    """xᵀ (L Lᵀ)⁻¹ x, by solving L y = x."""
    a, n = _entries(factor), factor.shape[-1]
    y: list[Tensor] = []
    for i in range(n):
        y.append((x[..., i] - sum(a[i][k] * y[k] for k in range(i))) / a[i][i])
    total: Tensor = sum((part * part for part in y[1:]), y[0] * y[0])
    return total


def half_log_det(factor: Tensor) -> Tensor:
    """Ln det L: half the logarithm of the determinant of L Lᵀ."""
    logs = [factor[..., i, i].log() for i in range(factor.shape[-1])]
    total: Tensor = sum(logs[1:], logs[0])
    return total
