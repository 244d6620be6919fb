"""Fine-tune from saved weights: load a state_dict, freeze the body, train a new head."""

import os
import sys
import tempfile

import numpy as np
import torch
import torch.nn as nn
import torch.optim as optim

with np.load(sys.argv[1]) as file:
    arrays = dict(file)
dtype = getattr(torch, sys.argv[2])
torch.set_default_dtype(dtype)


def make(n_out):
    return nn.Sequential(nn.Linear(4, 16), nn.Tanh(), nn.Linear(16, n_out))


pretrained = make(3)
with torch.no_grad():
    pretrained[0].weight.copy_(torch.tensor(arrays["fc1.weight"]))
    pretrained[0].bias.zero_()
    pretrained[2].weight.copy_(torch.tensor(arrays["head.weight"]))
    pretrained[2].bias.zero_()

folder = tempfile.mkdtemp()
path = os.path.join(folder, "weights.pt")
torch.save(pretrained.state_dict(), path)

model = make(3)
model.load_state_dict(torch.load(path))
os.remove(path)
os.rmdir(folder)
for name, p in model.named_parameters():
    if name.startswith("0."):
        p.requires_grad = False
model[2] = nn.Linear(16, 2)
with torch.no_grad():
    model[2].weight.copy_(torch.tensor(arrays["head.weight"][:2]) * 0.5)
    nn.init.zeros_(model[2].bias)

x = torch.tensor(arrays["x"], dtype=dtype)
y = (torch.tensor(arrays["y"]) == 1).long()
trainable = [p for p in model.parameters() if p.requires_grad]
optimizer = optim.Adam(trainable, lr=1e-2)
criterion = nn.CrossEntropyLoss()
before = model[0].weight.clone()

losses = []
for step in range(200):
    if step == 100:
        for p in model[0].parameters():
            p.requires_grad_(True)
        optimizer.add_param_group({"params": model[0].parameters(), "lr": 1e-3})
    optimizer.zero_grad()
    loss = criterion(model(x), y)
    loss.backward()
    optimizer.step()
    losses.append(loss.detach().item())
    if step == 99:
        assert torch.equal(before, model[0].weight)

assert not torch.equal(before, model[0].weight)
