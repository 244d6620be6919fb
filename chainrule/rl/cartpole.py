"""The pole on a cart, from Gymnasium."""

from __future__ import annotations

from typing import Any

import numpy as np

from chainrule.core.errors import ArgumentError
from chainrule.core.tensor import Tensor
from chainrule.ops.creation import randint, tensor
from chainrule.rl.checks import require_count
from chainrule.rl.environment import Environment


class CartPole(Environment):
    """A pole stands on a cart that is pushed to the left (0) or to the right (1): each step that it
    stands earns 1.  A state is position, speed, angle and angular speed, in float32.

    An episode ends when the pole leans by more than 12 degrees, when the cart is more than 2.4 from
    the middle, or after ``steps`` steps: 200 is the rule of CartPole-v0, which counts as solved by
    a mean of 195 over 100 episodes; 500, with 475, that of CartPole-v1.  The copies are one
    computation on arrays.  Where episodes begin is drawn from ``seed``, or from a seed that is
    itself drawn from `manual_seed`'s numbers.  (A. Barto, R. Sutton, C. Anderson, Neuronlike
    adaptive elements that can solve difficult learning control problems, IEEE Transactions on
    Systems, Man, and Cybernetics 13, 1983.)

    Raises ImportError without Gymnasium, which the extra ``rl`` installs, and ArgumentError for
    steps that are no whole number above 0.

    >>> game = CartPole(seed=0)
    >>> game.reset(3).shape
    (3, 4)
    """

    def __init__(self, steps: int = 200, seed: int | None = None) -> None:
        require_count("CartPole: steps", steps)
        self.steps = steps
        self._make = _gymnasium()
        self._seed = seed
        self._copies: Any = None

    def reset(self, n: int) -> Tensor:
        """Begin n episodes: states (n, 4)."""
        if self._copies is None or self._copies.num_envs != n:
            seed = int(randint(0, 2**31, (1,)).item()) if self._seed is None else self._seed
            self._copies = self._make(num_envs=n, max_episode_steps=self.steps)
            states, _ = self._copies.reset(seed=seed)
        else:
            states, _ = self._copies.reset()
        return tensor(states)

    def step(self, actions: Tensor) -> tuple[Tensor, Tensor, np.ndarray]:
        """Push the carts: actions (n) of 0 and 1."""
        if self._copies is None:
            raise ArgumentError("CartPole.step comes after reset")
        made = self._copies.step(actions.detach().numpy())
        states, rewards, fallen, out_of_time, _ = made
        return tensor(states), tensor(rewards), fallen | out_of_time


def _gymnasium() -> Any:
    """Gymnasium's class of many carts in one array; heavy, and an extra."""
    try:
        from gymnasium.envs.classic_control.cartpole import CartPoleVectorEnv
    except ImportError as error:
        raise ImportError(
            "CartPole comes with Gymnasium, which is not installed\n"
            "  hint      pip install 'chainrule[rl]'"
        ) from error
    return CartPoleVectorEnv
