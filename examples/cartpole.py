"""REINFORCE learns to balance a pole on a cart.

The policy is a small network that turns what is seen of the cart (position, speed, angle, angular
speed) into the chances of a push to the left and to the right.  Sixteen carts play side by side;
after each round the actions that earned more than the others' become likelier.  It is done when
ten rounds in a row were perfect; then 100 episodes are played, which count as solved if they last
195 steps of 200 in the mean (the rule of CartPole-v0).

    python examples/cartpole.py [seed]
"""

import sys

from rich.progress import Progress

import chainrule as cr
from chainrule import nn, optim, rl

CARTS, STEPS, ROUNDS = 16, 200, 200


def train(seed, rounds=ROUNDS):
    """A policy, and the mean lengths of the episodes of each round."""
    cr.manual_seed(seed)
    game = rl.CartPole(steps=STEPS)
    policy = rl.Policy(nn.Sequential(nn.Linear(4, 32), nn.Tanh(), nn.Linear(32, 2)))
    optimizer = optim.Adam(policy.parameters(), lr=1e-2)
    reinforce = rl.Reinforce(discount=0.99, baseline="mean", normalise=True, discount_steps=False)
    means = []
    with Progress() as progress:
        task = progress.add_task(f"seed {seed}", total=rounds)
        for _ in range(rounds):
            episodes = rl.rollout(game, policy, CARTS, STEPS)
            reinforce.step(optimizer, policy, episodes)
            means.append(episodes.returns().mean().item())
            progress.update(task, advance=1, description=f"{means[-1]:5.1f} steps")
            if len(means) >= 10 and min(means[-10:]) == STEPS:
                break
    return policy, means


def balance(policy, episodes=100):
    """The mean length of so many new episodes."""
    return rl.rollout(rl.CartPole(steps=STEPS), policy, episodes, STEPS).returns().mean().item()


def main(seed=0, rounds=ROUNDS):
    policy, means = train(int(seed), rounds)
    mean = balance(policy)
    print(f"seed {seed}: {len(means)} rounds, then {mean:.1f} steps of {STEPS} in the mean")
    return mean


if __name__ == "__main__":
    main(*sys.argv[1:])
