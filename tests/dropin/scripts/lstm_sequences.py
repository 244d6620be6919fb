"""An LSTM that goes on with a wave: two layers, clipped gradients, state that is carried on."""

import sys

import numpy as np
import torch
from torch import nn

with np.load(sys.argv[1]) as file:
    arrays = dict(file)
dtype = getattr(torch, sys.argv[2])
torch.set_default_dtype(dtype)


class Forecaster(nn.Module):
    def __init__(self, n_inputs=1, n_hidden=12, n_layers=2):
        super().__init__()
        self.n_hidden, self.n_layers = n_hidden, n_layers
        self.lstm = nn.LSTM(n_inputs, n_hidden, n_layers, batch_first=True, dropout=0.0)
        self.head = nn.Linear(n_hidden, n_inputs)

    def init_hidden(self, batch_size):
        h0 = torch.zeros(self.n_layers, batch_size, self.n_hidden)
        c0 = torch.zeros(self.n_layers, batch_size, self.n_hidden)
        return h0, c0

    def forward(self, x, hidden=None):
        if hidden is None:
            hidden = self.init_hidden(x.size(0))
        out, hidden = self.lstm(x, hidden)
        return self.head(out), hidden


t = torch.arange(21, dtype=dtype)
phase = torch.tensor(arrays["uniform"][:48], dtype=dtype).unsqueeze(1)
waves = torch.sin(0.5 * t + 6.28 * phase) + 0.3 * torch.cos(1.1 * t + 3.0 * phase)
waves = waves.unsqueeze(-1)

model = Forecaster()
flat, start = torch.from_numpy(arrays["normal"]), 0
with torch.no_grad():
    for p in model.parameters():
        p.copy_(flat[start : start + p.numel()].reshape(p.shape) * 0.3)
        start += p.numel()
optimizer = torch.optim.Adam(model.parameters(), lr=1e-2)
loss_fn = nn.MSELoss()

losses = []
for step in range(90):
    batch = waves[torch.from_numpy(arrays["batches"][step] % 40)]
    inputs, targets = batch[:, :-1], batch[:, 1:]
    optimizer.zero_grad()
    outputs, _ = model(inputs)
    loss = loss_fn(outputs, targets)
    loss.backward()
    norm = torch.nn.utils.clip_grad_norm_(model.parameters(), max_norm=0.5)
    optimizer.step()
    losses.append(loss.item())
assert norm > 0

# the same with the state carried from piece to piece: truncated back-propagation through time
for _ in range(10):
    hidden = model.init_hidden(40)
    for piece in range(4):
        x = waves[:40, 5 * piece : 5 * piece + 5]
        y = waves[:40, 5 * piece + 1 : 5 * piece + 6]
        hidden = tuple(h.detach() for h in hidden)
        out, hidden = model(x, hidden)
        loss = loss_fn(out, y)
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
    losses.append(loss.item())

# free running: what it says is what it hears next
model.eval()
with torch.no_grad():
    out, (h, c) = model(waves[40:, :10])
    assert h.shape == (2, 8, 12)
    x = out[:, -1:]
    for _ in range(5):
        out, (h, c) = model(x, (h, c))
        x = out[:, -1:]
        losses.append(x.abs().mean().item())
