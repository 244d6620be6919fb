"""Reinforcement learning: decision processes, policies, and the gradient of what they earn.

A policy's return can be had in three ways, which the tests compare: from the linear equations of a
small process (`MDP.value`), by adding up all its episodes (`expected_return`), and from episodes
that were played (`rollout`).

>>> import chainrule as cr
>>> from chainrule import nn, rl
>>> walk = rl.MDP(
...     [[[0, 1], [1, 0]], [[0, 0], [0, 0]]],
...     rewards=[[5, -1], [0, 0]],
...     discount=0.5,
...     terminal=[1],
...     dtype=cr.exact,
... )
>>> walk.value(cr.tensor([[0.5, 0.5], [0.5, 0.5]], dtype=cr.exact))
tensor([8/3, 0], dtype=chainrule.exact)
"""

from chainrule.rl.cartpole import CartPole
from chainrule.rl.enumeration import enumerate_episodes, expected_return
from chainrule.rl.environment import Environment, Simulation, rollout
from chainrule.rl.episodes import Episodes
from chainrule.rl.mdp import MDP
from chainrule.rl.planning import Plan, policy_iteration, value_iteration
from chainrule.rl.policy import Policy
from chainrule.rl.reinforce import Reinforce, score_function
from chainrule.rl.returns import discounted_return, rewards_to_go

__all__ = [
    "MDP", "Plan", "policy_iteration", "value_iteration",
    "Policy", "Environment", "Simulation", "CartPole", "Episodes", "rollout",
    "discounted_return", "rewards_to_go", "enumerate_episodes", "expected_return",
    "Reinforce", "score_function",
]  # fmt: skip
