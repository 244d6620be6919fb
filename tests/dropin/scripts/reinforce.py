"""REINFORCE on a pole on a cart, with a value network as baseline; the actions come from a file."""

import math
import sys
from collections import deque

import numpy as np
import torch
import torch.nn as nn
import torch.nn.functional as F
import torch.optim as optim
from torch.distributions import Categorical

with np.load(sys.argv[1]) as file:
    arrays = dict(file)
dtype = getattr(torch, sys.argv[2])
torch.set_default_dtype(dtype)
GAMMA = 0.99


class Cart:
    def reset(self, start):
        self.state = np.array(start, float)
        return self.state.copy()

    def step(self, action):
        x, v, angle, spin = self.state
        force = 10.0 if action == 1 else -10.0
        push = (force + 0.05 * spin**2 * math.sin(angle)) / 1.1
        turn = (9.8 * math.sin(angle) - math.cos(angle) * push) / (
            0.5 * (4 / 3 - 0.1 * math.cos(angle) ** 2 / 1.1)
        )
        a = push - 0.05 * turn * math.cos(angle) / 1.1
        self.state = self.state + 0.02 * np.array([v, a, spin, turn])
        done = abs(self.state[0]) > 2.4 or abs(self.state[2]) > 0.21
        return self.state.copy(), 1.0, bool(done), {}


class Policy(nn.Module):
    def __init__(self):
        super().__init__()
        self.affine1 = nn.Linear(4, 16)
        self.dropout = nn.Dropout(p=0.0)
        self.affine2 = nn.Linear(16, 2)
        self.value = nn.Linear(16, 1)
        self.saved = []
        self.rewards = []

    def forward(self, x):
        x = F.relu(self.dropout(self.affine1(x)))
        return F.softmax(self.affine2(x), dim=1), self.value(x)


policy = Policy()
flat, start = torch.from_numpy(arrays["normal"]), 0
for p in policy.parameters():
    p.data.copy_(flat[start : start + p.numel()].view_as(p) * 0.4)
    start += p.numel()
optimizer = optim.Adam(policy.parameters(), lr=1e-2)
eps = np.finfo(np.float32).eps.item()


def select_action(state, given):
    state = torch.from_numpy(state).to(dtype).unsqueeze(0)
    probs, value = policy(state)
    m = Categorical(probs)
    action = torch.as_tensor([given])
    policy.saved.append((m.log_prob(action), value.squeeze(), m.entropy()))
    return action.item()


def finish_episode():
    R = 0
    returns = deque()
    for r in policy.rewards[::-1]:
        R = r + GAMMA * R
        returns.appendleft(R)
    returns = torch.tensor(list(returns))
    returns = (returns - returns.mean()) / (returns.std() + eps)
    policy_loss, value_loss, entropy = [], [], 0.0
    for (log_prob, value, h), R in zip(policy.saved, returns, strict=True):
        policy_loss.append(-log_prob * (R - value.item()))
        value_loss.append(F.smooth_l1_loss(value, R))
        entropy = entropy + h.sum()
    optimizer.zero_grad()
    loss = torch.cat(policy_loss).sum() + torch.stack(value_loss).sum() - 0.01 * entropy
    loss.backward()
    optimizer.step()
    del policy.rewards[:]
    del policy.saved[:]
    return loss.item()


losses = []
env = Cart()
for episode in range(100):
    state = env.reset(arrays["uniform"][4 * episode : 4 * episode + 4] * 0.1 - 0.05)
    for t in range(12):
        action = select_action(state, int(arrays["actions"][episode, t]))
        state, reward, done, _ = env.step(action)
        policy.rewards.append(reward)
        if done:
            break
    losses.append(finish_episode())
