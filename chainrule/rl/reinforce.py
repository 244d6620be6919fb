"""REINFORCE: the gradient of what a policy earns, from episodes.

What is drawn has no derivative, but its probability has, and ∇p = p ∇ln p.  So the gradient of the
expected return, Σ ∇p(τ) R(τ), is the expected value of ∇ln p(τ) R(τ), which episodes estimate; of
ln p(τ) only the policy's part, Σ ln π(a_t | s_t), depends on its weights.  (R. J. Williams, Simple
statistical gradient-following algorithms for connectionist reinforcement learning, Machine Learning
8, 1992.)
"""

from __future__ import annotations

from typing import Any

from chainrule.core.errors import ArgumentError
from chainrule.core.names import named
from chainrule.core.state import no_grad
from chainrule.core.tensor import Tensor
from chainrule.ops.creation import ones_like, tensor
from chainrule.ops.elementwise.elementary import where
from chainrule.rl.checks import checked_discount
from chainrule.rl.episodes import Episodes
from chainrule.rl.policy import Policy
from chainrule.rl.returns import powers, rewards_to_go

DIRECTIONS = ("ascent", "descent")
BASELINES = ("mean", "others")
TINY = 1e-8
"""Added to a standard deviation that may be 0."""


def score_function(log_prob: Tensor, advantage: Tensor) -> Tensor:
    """The product ln π · A, where A counts as a constant: its gradient is ∇ln π, the *score*, times
    what the action was worth.

    Shapes: (*b), (*b) -> (*b).

    >>> import chainrule as cr
    >>> p = cr.tensor(0.5, requires_grad=True)
    >>> score_function(p.log(), cr.tensor(3.0)).backward()
    >>> p.grad
    tensor(6.)
    """
    worth = advantage.detach() if advantage.requires_grad else advantage
    made: Tensor = log_prob * worth
    return made


class Reinforce:
    """The score-function estimate of the gradient of the expected return, as a scalar to be
    differentiated: the mean over episodes of Σ_t γ^t ln π(a_t | s_t) (G_t - b_t).

    With ``direction="descent"`` (the default) it is the loss, minus that mean, for an optimizer
    that goes down; with ``"ascent"`` the mean itself, for one with ``maximize=True``.

    ``discount`` is γ.  G_t is what is earned from step t on, discounted to that step.  With
    ``to_go=False`` every action is paid for the whole episode instead, γ^t G_t becoming R: the same
    in the mean, with more noise.  ``discount_steps=False`` leaves the factor γ^t out, as programs
    often do; the estimate is then not the gradient of a return, unless γ = 1.

    ``baseline`` is taken off, and changes no expected value as long as it does not depend on the
    action: a number, a function of the states that gives (n, t), ``"others"`` (at each step, the
    mean of G_t over the other episodes that are under way), or ``"mean"`` (over all n of them, the
    episode itself included, which makes the estimate smaller by the factor 1 - 1/n).
    ``normalise`` makes mean 0 and standard deviation 1 of what is left, over all steps that were
    made, which keeps no expected value but the step size in bounds.

    Raises ArgumentError for directions and baselines that there are not, and for a discount outside
    0 … 1.

    >>> import chainrule as cr
    >>> w = cr.zeros(1, 2, requires_grad=True)
    >>> coin = Policy(lambda states: w[states])
    >>> two = Episodes(cr.tensor([[0], [0]]), cr.tensor([[0], [1]]), cr.tensor([[1.0], [0.0]]))
    >>> Reinforce(baseline="mean")(coin, two).backward()
    >>> w.grad  # descent makes action 0 likelier
    tensor([[-0.25,  0.25]])
    """

    def __init__(
        self,
        discount: Any = 1,
        *,
        to_go: bool = True,
        baseline: Any = None,
        normalise: bool = False,
        direction: str = "descent",
        discount_steps: bool = True,
    ) -> None:
        if direction not in DIRECTIONS:
            raise ArgumentError(
                f"Reinforce goes no {direction!r}", expected="'ascent' or 'descent'"
            )
        if isinstance(baseline, str) and baseline not in BASELINES:
            raise ArgumentError(
                f"Reinforce has no baseline {baseline!r}",
                expected="None, a number, a function of the states, 'mean' or 'others'",
            )
        self.discount, self.to_go = checked_discount(discount), to_go
        self.baseline, self.normalise = baseline, normalise
        self.direction, self.discount_steps = direction, discount_steps

    @property
    def convention(self) -> str:
        """What is to be done with the value, in words."""
        if self.direction == "ascent":
            return "an objective, to be maximised: + mean of Σ ln π · (G - b)"
        return "a loss, to be minimised: - mean of Σ ln π · (G - b)"

    def advantage(self, episodes: Episodes) -> Tensor:
        """G_t - b_t, and 0 where no step was made: (n, t).  Raises ArgumentError for the baseline
        "others" without others, or where episodes have probabilities."""
        earned = episodes.rewards * episodes.mask
        G = rewards_to_go(earned, self.discount)
        if not self.to_go:
            G = G[:, :1].expand(G.shape)
        advantage: Tensor = (G - self._baseline(episodes, G)) * episodes.mask
        if not self.normalise:
            return advantage
        steps = episodes.mask.sum()
        middle = advantage.sum() / steps
        spread = ((advantage - middle) * episodes.mask).square().sum() / steps
        made: Tensor = (advantage - middle) * episodes.mask / (spread.sqrt() + TINY)
        return made

    def _baseline(self, episodes: Episodes, G: Tensor) -> Any:
        """b: a number, or a tensor (n, t)."""
        if self.baseline is None:
            return 0
        if callable(self.baseline):
            return self.baseline(episodes.states).reshape(G.shape)
        if not isinstance(self.baseline, str):
            return self.baseline
        if self.baseline == "others" and (episodes.weights is not None or len(episodes) < 2):
            raise ArgumentError(
                "Reinforce: the baseline 'others' is for two or more episodes that were drawn",
                got=f"{len(episodes)}" + (", enumerated" if episodes.weights is not None else ""),
                hint="a number, or a function of the states",
            )
        return self._running_mean(episodes, G)

    def _running_mean(self, episodes: Episodes, G: Tensor) -> Tensor:
        """The mean of G_t over the episodes that are under way at step t; 0 where there is none."""
        weights = episodes.mask
        if episodes.weights is not None:
            weights = weights * episodes.weights.unsqueeze(-1)
        total, count = (G * weights).sum(0, True), weights.sum(0, True)
        if self.baseline == "others":
            total, count = total - G * weights, count - weights
        made: Tensor = where(count > 0, total / where(count > 0, count, ones_like(count)), total)
        return made

    def __call__(self, policy: Policy, episodes: Episodes) -> Tensor:
        """The loss, or the objective, of these episodes."""
        with no_grad():
            advantage = self.advantage(episodes)
            if self.to_go and self.discount_steps:
                n, dtype = advantage.shape[-1], advantage.dtype
                advantage = advantage * tensor(powers(self.discount, n, dtype), dtype)
        log_prob = named(episodes.log_prob(policy), "log_prob")
        score = score_function(log_prob, named(advantage, "advantage"))
        objective = episodes.mean(score.sum(-1))
        return objective if self.direction == "ascent" else -objective

    def step(self, optimizer: Any, policy: Policy, episodes: Episodes) -> Tensor:
        """One step of an optimizer, in the direction that earns more; the loss or objective before.

        Raises ArgumentError, before anything is changed, where the optimizer goes the other way.
        """
        up = self.direction == "ascent"
        for group in optimizer.param_groups:
            if bool(group.get("maximize", False)) != up:
                raise ArgumentError(
                    f"Reinforce gives {self.convention.split(':')[0]}, and the optimizer "
                    f"{'minimises' if up else 'maximises'}: it would unlearn",
                    hint=f"maximize={up} in the optimizer, "
                    f"or direction='{DIRECTIONS[up]}' in Reinforce",
                )
        optimizer.zero_grad()
        made = self(policy, episodes)
        made.backward()
        optimizer.step()
        return made
