"""Losses of one's own, mixup, penalties, accumulated gradients, checkpoints, torch.func."""

import os
import sys
import tempfile

import numpy as np
import torch
from torch import nn
from torch.func import grad, jacrev
from torch.nn import functional as F

with np.load(sys.argv[1]) as file:
    arrays = dict(file)
dtype = getattr(torch, sys.argv[2])
torch.set_default_dtype(dtype)
draws = np.random.default_rng(1)


class SmoothedLoss(nn.Module):
    def __init__(self, smoothing):
        super().__init__()
        self.smoothing = smoothing

    def forward(self, x, target):
        log_prob = x.log_softmax(dim=-1)
        with torch.no_grad():
            wanted = torch.zeros_like(log_prob).fill_(self.smoothing / 2)
            wanted.scatter_(1, target.data.unsqueeze(1), 1 - self.smoothing)
        nll = -log_prob.gather(dim=-1, index=target.unsqueeze(1)).squeeze(1)
        return torch.mean(torch.sum(-wanted * log_prob, dim=-1)) + nll.median()


class FocalLoss(nn.Module):
    def forward(self, x, target):
        bce = F.binary_cross_entropy_with_logits(x, target, reduction="none")
        return ((1 - torch.exp(-bce)) ** 2.0 * bce).mean()


def make():
    net = nn.Sequential()
    net.add_module("fc1", nn.Linear(4, 16))
    net.add_module("act", nn.PReLU())
    net.add_module("fc2", nn.Linear(16, 3))
    with torch.no_grad():
        net.fc1.weight.copy_(torch.tensor(arrays["fc1.weight"]))
        net.fc2.weight.copy_(torch.tensor(arrays["head.weight"]))
    for name, p in net.named_parameters():
        if "bias" in name:
            p.data.fill_(0.01)
    groups = [{"params": net.fc1.parameters()}, {"params": net.fc2.parameters(), "lr": 1e-2}]
    optimizer = torch.optim.SGD([*groups, {"params": [net.act.weight]}], lr=0.1, momentum=0.9)
    return net, optimizer, torch.optim.lr_scheduler.MultiStepLR(optimizer, [20, 60], gamma=0.5)


x = torch.tensor(arrays["x"], dtype=dtype)
y = torch.LongTensor(arrays["y"])
onehot = torch.eye(3)[y]
smoothed, focal = SmoothedLoss(0.1), FocalLoss()
losses = []


def train(net, optimizer, scheduler, steps):
    for step in range(steps):
        lam = draws.beta(0.4, 0.4)
        other = torch.from_numpy(draws.permutation(len(x)))
        out = net(lam * x + (1 - lam) * x[other, :])
        loss = lam * smoothed(out, y) + (1 - lam) * smoothed(out, y[other]) + focal(out, onehot)
        loss = loss + sum(1e-3 * p.abs().sum() + 1e-3 * p.norm(2) ** 2 for p in net.parameters())
        (loss / 2).backward()
        losses.append(loss.item())
        if step % 2:
            nn.utils.clip_grad_norm_(net.parameters(), max_norm=1.0)
            optimizer.step()
            optimizer.zero_grad()
            scheduler.step()


net, optimizer, scheduler = make()
train(net, optimizer, scheduler, 100)
path = os.path.join(tempfile.mkdtemp(), "checkpoint.pth")
parts = {"model": net, "optimizer": optimizer, "scheduler": scheduler}
torch.save({"step": 100, **{name: part.state_dict() for name, part in parts.items()}}, path)

resumed = make()
checkpoint = torch.load(path, map_location="cpu")
for name, part in zip(parts, resumed, strict=True):
    part.load_state_dict(checkpoint[name])
os.remove(path)
os.rmdir(os.path.dirname(path))
train(*resumed, 100)
net = resumed[0]

tiny = torch.finfo(dtype).eps
similarity = F.cosine_similarity(net.fc1.weight[0], net.fc1.weight[1] + tiny, dim=0)
slopes = jacrev(lambda v: net(v))(x[0])
steepest = grad(lambda v: net(v).max())(x[0])
losses.extend([similarity.item(), slopes.norm().item(), *steepest.tolist()])
