"""Dropout: of entries, of channels, for networks of SELUs, and with any distribution of masks."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import ClassVar, Protocol

from chainrule.core.axes import axes
from chainrule.core.errors import ArgumentError, ShapeError
from chainrule.core.tensor import Tensor
from chainrule.nn.dropout import functions
from chainrule.nn.module import Module


class DropoutLayer(Module):
    """What the dropout layers share: while training, their function with the probability ``p``; in
    evaluation, nothing.  ``inplace`` overwrites the input."""

    function: ClassVar[Callable[..., Tensor]]

    def __init__(self, p: float = 0.5, inplace: bool = False) -> None:
        super().__init__()
        self.p, self.inplace = functions.probability(p), inplace

    def forward(self, x: Tensor) -> Tensor:
        return type(self).function(x, self.p, self.training, self.inplace)

    def extra_repr(self) -> str:
        return f"p={self.p}, inplace={self.inplace}"


class Dropout(DropoutLayer):
    """While training, each entry becomes 0 with probability p, and the others are scaled by
    1 / (1 - p), so that the mean stays; in evaluation, the identity.

    >>> import chainrule as cr
    >>> cr.nn.Dropout(0.5).eval()(cr.ones(3)).tolist()
    [1.0, 1.0, 1.0]
    """

    function = staticmethod(functions.dropout)


class Dropout1d(DropoutLayer):
    """`Dropout` of whole channels of signals: (n, c, length) or (c, length)."""

    function = staticmethod(functions.dropout1d)


class Dropout2d(DropoutLayer):
    """`Dropout` of whole channels of images: (n, c, height, width)."""

    function = staticmethod(functions.dropout2d)


class Dropout3d(DropoutLayer):
    """`Dropout` of whole channels of volumes: (n, c, depth, height, width), or one of them."""

    function = staticmethod(functions.dropout3d)


class AlphaDropout(DropoutLayer):
    """Dropout for networks of SELUs: it keeps mean 0 and variance 1 (Klambauer and others 2017)."""

    function = staticmethod(functions.alpha_dropout)


class FeatureAlphaDropout(DropoutLayer):
    """`AlphaDropout` of whole channels: (n, c, *d)."""

    function = staticmethod(functions.feature_alpha_dropout)


class Mask(Protocol):
    """What a mask is drawn from: any of `chainrule.distributions`."""

    @property
    def batch_shape(self) -> tuple[int, ...]:
        """The shape of the independent distributions."""

    @property
    def mean(self) -> Tensor:
        """The expected value."""

    def sample(self, sample_shape: Sequence[int] = ()) -> Tensor:
        """Draws."""


class MaskDropout(Module):
    """Dropout with masks of any distribution: while training, x times a mask of draws from it.

    With ``inverted``, PyTorch's convention, x is divided by the mean of the mask while training,
    and evaluation is the identity; without, x is multiplied by the mean in evaluation, as in
    Srivastava and others, Dropout (2014).  Both make the mean of ``mask * x`` what evaluation has;
    the mean of what follows is another thing (`chainrule.distributions.expectation` gives it).
    Draws are shared along the axes ``shared``.  A mask may be given in place of a draw.

    >>> import chainrule as cr
    >>> half = cr.distributions.Finite([0.5, 1.0], [0.5, 0.5])
    >>> drop = cr.nn.MaskDropout(half, inverted=False)
    >>> (
    ...     drop(cr.tensor([4.0, 4.0]), mask=cr.tensor([0.5, 1.0])).tolist(),
    ...     drop.eval()(cr.tensor([4.0])).tolist(),
    ... )
    ([2.0, 4.0], [3.0])
    """

    def __init__(
        self, distribution: Mask, inverted: bool = True, shared: int | Sequence[int] = ()
    ) -> None:
        super().__init__()
        missing = [n for n in ("sample", "mean", "batch_shape") if not hasattr(distribution, n)]
        if missing:
            raise ArgumentError(
                f"a mask is drawn from a distribution, not from {distribution!r}",
                expected="one of cr.distributions",
            )
        mean = distribution.mean.detach().node.value
        if inverted and mean is not None and (mean == 0).any():
            raise ArgumentError(
                "a mask of mean 0 cannot be divided by it", hint="inverted=False does not divide"
            )
        self.distribution, self.inverted = distribution, inverted
        self.shared = (shared,) if isinstance(shared, int) else tuple(shared)

    def forward(self, x: Tensor, mask: Tensor | None = None) -> Tensor:
        if not self.training and mask is None:
            return x if self.inverted else x * self.distribution.mean.to(x.dtype)
        mask = self.draw(x) if mask is None else mask
        made = x * mask.to(x.dtype)
        return made / self.distribution.mean.to(x.dtype) if self.inverted else made

    def draw(self, x: Tensor) -> Tensor:
        """A mask for ``x``; raises ShapeError where the distribution does not go with its axes."""
        own = tuple(self.distribution.batch_shape)
        free = x.ndim - len(own)
        if own and x.shape[free:] != own:
            raise ShapeError(
                f"a distribution of shape {own} for the last axes of x", got=f"x {x.shape}"
            )
        once = axes(self.shared, x.ndim)
        wanted = tuple(1 if d in once else size for d, size in enumerate(x.shape))
        if wanted[free:] != own:
            raise ShapeError(f"axes {self.shared} have distributions of their own")
        if x.is_meta:
            return x.new_empty(wanted)
        return self.distribution.sample(wanted[:free])

    def extra_repr(self) -> str:
        shared = f", shared={self.shared}" if self.shared else ""
        return f"{self.distribution!r}, inverted={self.inverted}{shared}"
