"""Train an MLP whose parameters are plain tensors, updated by hand under no_grad."""

import sys

import numpy as np
import torch
import torch.nn.functional as F

with np.load(sys.argv[1]) as file:
    arrays = dict(file)
dtype = getattr(torch, sys.argv[2])
torch.set_default_dtype(dtype)

x = torch.tensor(arrays["x"], dtype=dtype)
labels = torch.tensor(arrays["y"])
targets = torch.zeros(len(labels), 3)
targets[torch.arange(len(labels)), labels] = 1.0

w1 = torch.tensor(arrays["fc1.weight"], dtype=dtype).t().contiguous().requires_grad_()
b1 = torch.zeros(16, requires_grad=True)
w2 = torch.tensor(arrays["head.weight"].T.copy(), dtype=dtype, requires_grad=True)
b2 = torch.full((3,), 0.1, requires_grad=True)
params = [w1, b1, w2, b2]
velocity = [torch.zeros_like(p) for p in params]

lr = 0.05
losses = []
for step in range(200):
    h = torch.tanh(x @ w1 + b1)
    h = torch.where(h > 0, h, 0.1 * h)
    scores = h.mm(w2) + b2
    shifted = scores - scores.max(dim=1, keepdim=True).values
    log_prob = shifted - shifted.exp().sum(dim=1, keepdim=True).log()
    data_loss = -(targets * log_prob).sum() / x.shape[0]
    penalty = sum((w**2).sum() for w in (w1, w2))
    loss = data_loss + 1e-3 * penalty
    loss.backward()
    with torch.no_grad():
        for p, v in zip(params, velocity, strict=True):
            if step % 2:
                v.mul_(0.9).add_(p.grad)
                p -= lr * v
            else:
                p -= lr * p.grad
            p.grad.zero_()
    losses.append(loss.item())

assert all(float(p.grad.abs().sum()) == 0 for p in params)
check = F.cross_entropy(h.detach() @ w2.detach() + b2.detach(), labels)
losses.append(check.item())
stacked = torch.stack([w2.mean(dim=0), b2], dim=0)
losses.extend(stacked.detach().numpy().ravel().tolist())
