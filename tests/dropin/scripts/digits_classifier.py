"""Classify digits: a Dataset of one's own, one-cycle rates, early stopping, a confusion matrix."""

import copy
import sys

import numpy as np
import torch
import torch.nn as nn
import torch.nn.functional as F
from sklearn.datasets import load_digits
from torch.utils.data import DataLoader, Dataset, Subset

with np.load(sys.argv[1]) as file:
    arrays = dict(file)
dtype = getattr(torch, sys.argv[2])
torch.set_default_dtype(dtype)
images, labels = load_digits(return_X_y=True)


class Digits(Dataset):
    def __init__(self, x, y):
        self.x = torch.Tensor(x / 16.0)
        self.y = torch.LongTensor(y)

    def __len__(self):
        return len(self.x)

    def __getitem__(self, i):
        return self.x[i], self.y[i]


class Net(nn.Module):
    def __init__(self):
        super().__init__()
        self.layers = nn.ModuleList([nn.Linear(64, 16), nn.Linear(16, 16)])
        self.out = nn.Linear(16, 10)
        self.apply(self.init)

    def init(self, m):
        if isinstance(m, nn.Linear):
            n = m.weight.numel()
            wave = torch.from_numpy(np.cos(np.arange(n) * 1.7)).type(m.weight.dtype)
            m.weight.data = (wave / m.in_features**0.5).view(*m.weight.size())
            nn.init.constant_(m.bias, 0.01)

    def forward(self, x):
        for layer in self.layers:
            x = F.leaky_relu(layer(x), 0.01)
        return self.out(x)


data = Digits(images[:320], labels[:320])
train = DataLoader(Subset(data, range(256)), batch_size=32, drop_last=True)
test = DataLoader(Subset(data, range(256, 320)), batch_size=64)
model = Net()
optimizer = torch.optim.AdamW(model.parameters(), lr=3e-3, weight_decay=1e-2)
scheduler = torch.optim.lr_scheduler.OneCycleLR(optimizer, 1e-2, epochs=25, steps_per_epoch=8)

losses = []
best, patience, kept = float("inf"), 3, None
for _ in range(25):
    model.train()
    for x, y in train:
        loss = F.cross_entropy(model(x), y, label_smoothing=0.1)
        optimizer.zero_grad()
        loss.backward()
        nn.utils.clip_grad_value_(model.parameters(), 0.5)
        optimizer.step()
        scheduler.step()
        losses.append(loss.item())
    model.eval()
    with torch.inference_mode():
        for x, y in test:
            valid = F.cross_entropy(model(x), y, reduction="sum").item() / y.size(0)
    if valid < best:
        best, patience, kept = valid, 3, copy.deepcopy(model.state_dict())
    else:
        patience -= 1
    losses.append(valid)
    if patience == 0 and len(losses) >= 200:
        break

model.load_state_dict(kept)
confusion = torch.zeros(10, 10, dtype=torch.int64)
with torch.no_grad():
    for x, y in test:
        _, predicted = torch.max(model(x), 1)
        for i, j in zip(y.view(-1), predicted.view(-1), strict=True):
            confusion[i.long(), j.long()] += 1
recall = confusion.diag() / confusion.sum(1).clamp(min=1)
losses.extend(recall.tolist())
