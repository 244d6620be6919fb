"""Logistic regression: Newton's method and a gradient penalty, through autograd.grad."""

import sys

import numpy as np
import torch
from torch import nn
from torch.autograd import grad

with np.load(sys.argv[1]) as file:
    arrays = dict(file)
dtype = getattr(torch, sys.argv[2])
torch.set_default_dtype(dtype)

x = torch.as_tensor(arrays["x"], dtype=dtype)
y = (torch.as_tensor(arrays["y"]) > 0).to(dtype)
ones = torch.ones(x.shape[0], 1)
features = torch.cat([x, ones], dim=1)

theta = torch.tensor(arrays["theta"], dtype=dtype, requires_grad=True)


def objective(theta):
    logits = features.matmul(theta)
    prob = torch.sigmoid(logits).clamp(1e-6, 1 - 1e-6)
    nll = -(y * torch.log(prob) + (1 - y) * torch.log(1 - prob)).mean()
    return nll + 0.05 * theta.pow(2).sum()


losses = []
for _ in range(20):
    loss = objective(theta)
    (g,) = grad(loss, theta, create_graph=True)
    rows = [grad(g[i], theta, retain_graph=True)[0] for i in range(len(theta))]
    hessian = torch.stack(rows)
    # Solve H d = g by Gauss's elimination, to keep to what every version has.
    a = torch.cat([hessian, g.detach().unsqueeze(1)], dim=1)
    n = len(theta)
    for i in range(n):
        a[i] = a[i] / a[i, i].clone()
        for j in range(n):
            if j != i:
                a[j] = a[j] - a[j, i].clone() * a[i]
    direction = a[:, -1]
    with torch.no_grad():
        theta.sub_(0.5 * direction)
    losses.append(loss.item())

# A penalty on the gradient by the inputs, as in WGAN-GP.
model = nn.Sequential(nn.Linear(4, 8), nn.Tanh(), nn.Linear(8, 1))
with torch.no_grad():
    for name, p in model.named_parameters():
        p.copy_(torch.as_tensor(arrays["gp." + name], dtype=dtype))
optimizer = torch.optim.Adam(model.parameters(), lr=1e-2)
loss_fn = nn.BCELoss()
for _ in range(180):
    inputs = x.clone().requires_grad_(True)
    out = model(inputs).squeeze(1)
    (gx,) = torch.autograd.grad(
        outputs=out, inputs=inputs, grad_outputs=torch.ones_like(out), create_graph=True
    )
    penalty = ((gx.pow(2).sum(dim=1) + 1e-12).sqrt() - 1.0).pow(2).mean()
    loss = loss_fn(torch.sigmoid(out), y) + 0.1 * penalty
    optimizer.zero_grad()
    loss.backward()
    optimizer.step()
    losses.append(loss.item())

hv = torch.autograd.functional.hvp(objective, theta.detach(), torch.ones(5))[1]
losses.extend(hv.tolist())
