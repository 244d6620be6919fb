"""Episodes: what was seen, what was done and what it earned, step by step."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from chainrule.core.dtypes import int64
from chainrule.core.errors import ArgumentError, ShapeError
from chainrule.core.tensor import Tensor
from chainrule.ops.creation import ones_like
from chainrule.ops.elementwise.elementary import where
from chainrule.rl.returns import discounted_return


@dataclass
class Episodes:
    """Episodes side by side: n of them, t steps long.

    Shapes: ``states`` (n, t, *state), ``actions`` (n, t, *action), ``rewards`` (n, t), and ``mask``
    (n, t), 1 for steps that were made and 0 for the rest of an episode that ended sooner, where
    rewards are 0.  ``weights`` (n) say how much each episode counts in a mean: a probability where
    episodes were enumerated, 1/n (None) where they were drawn.

    Raises ArgumentError for what is no tensor, ShapeError where sizes differ.

    >>> import chainrule as cr
    >>> one = Episodes(cr.tensor([[3, 1]]), cr.tensor([[1, 0]]), cr.tensor([[4.0, 2.0]]))
    >>> len(one), one.lengths.tolist(), one.returns(discount=0.5).tolist()
    (1, [2], [5.0])
    """

    states: Tensor
    actions: Tensor
    rewards: Tensor
    mask: Any = None
    weights: Tensor | None = None

    def __post_init__(self) -> None:
        if self.mask is None and isinstance(self.rewards, Tensor):
            self.mask = ones_like(self.rewards)
        for name in ("rewards", "states", "actions", "mask"):
            x = getattr(self, name)
            if not isinstance(x, Tensor):
                raise ArgumentError(f"{name} of episodes are a tensor, not {type(x).__name__}")
            if x.ndim < 2 or tuple(x.shape[:2]) != tuple(self.rewards.shape):
                raise ShapeError(
                    f"{name} of episodes do not go with their rewards",
                    got=f"{name} {tuple(x.shape)}, rewards {tuple(self.rewards.shape)}",
                    expected="(episodes, steps, …) and (episodes, steps)",
                    hint="one episode alone has a first axis of 1",
                )
        if self.weights is not None and tuple(self.weights.shape) != (len(self),):
            raise ShapeError(
                f"{len(self)} episodes with weights of shape {tuple(self.weights.shape)}"
            )

    def __len__(self) -> int:
        return int(self.rewards.shape[0])

    @property
    def lengths(self) -> Tensor:
        """How many steps each episode has: (n)."""
        made: Tensor = self.mask.sum(-1).to(int64)
        return made

    def returns(self, discount: Any = 1) -> Tensor:
        """What each episode earned: (n)."""
        return discounted_return(self.rewards * self.mask, discount)

    def log_prob(self, policy: Any) -> Tensor:
        """Ln π(a | s) of each step that was made, and 0 for the rest, though a policy may never do
        what stands there: (n, t)."""
        made: Tensor = where(self.mask.ne(0), policy.log_prob(self.states, self.actions), 0)
        return made

    def mean(self, x: Tensor) -> Tensor:
        """The mean over episodes, or the expected value where they are weighed: (n, …) -> (…)."""
        if self.weights is None:
            mean: Tensor = x.mean(0)
            return mean
        made: Tensor = (self.weights.reshape(-1, *[1] * (x.ndim - 1)) * x).sum(0)
        return made
