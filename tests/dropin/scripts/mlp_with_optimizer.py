"""Train an MLP classifier with an optimizer, a schedule, batches and a held-out set."""

import sys

import numpy as np
import torch
import torch.nn as nn
import torch.nn.functional as F
import torch.optim as optim
from torch.optim.lr_scheduler import StepLR
from torch.utils.data import DataLoader, TensorDataset, random_split

with np.load(sys.argv[1]) as file:
    arrays = dict(file)
dtype = getattr(torch, sys.argv[2])
torch.set_default_dtype(dtype)
torch.manual_seed(0)
device = torch.device("cuda" if torch.cuda.is_available() else "cpu")


class Net(nn.Module):
    def __init__(self, n_in, n_hidden, n_out):
        super().__init__()
        self.fc1 = nn.Linear(n_in, n_hidden)
        self.body = nn.Sequential(nn.Tanh(), nn.Linear(n_hidden, n_hidden), nn.ReLU())
        self.dropout = nn.Dropout(p=0.0)
        self.head = nn.Linear(n_hidden, n_out)

    def forward(self, x):
        x = x.view(x.size(0), -1)
        x = self.fc1(x)
        x = self.body(x)
        return self.head(self.dropout(x))


model = Net(4, 16, 3).to(device)
state = {name: torch.from_numpy(arrays[name]).to(dtype) for name in model.state_dict()}
model.load_state_dict(state)

x = torch.tensor(arrays["x"], dtype=dtype)
y = torch.from_numpy(arrays["y"]).long()
train_set = TensorDataset(x[:80], y[:80])
test_x, test_y = x[80:].to(device), y[80:].to(device)
first, second = random_split(TensorDataset(test_x, test_y), [10, 10])
assert len(first) + len(second) == test_y.shape[0]
loader = DataLoader(train_set, batch_size=20, shuffle=False)

criterion = nn.CrossEntropyLoss()
optimizer = optim.SGD(model.parameters(), lr=0.1, momentum=0.9, weight_decay=1e-4)
scheduler = StepLR(optimizer, step_size=10, gamma=0.8)

losses = []
for _ in range(50):
    model.train()
    running = 0.0
    for xb, yb in loader:
        xb, yb = xb.to(device), yb.to(device)
        optimizer.zero_grad()
        logits = model(xb)
        loss = criterion(logits, yb)
        loss.backward()
        torch.nn.utils.clip_grad_norm_(model.parameters(), max_norm=5.0)
        optimizer.step()
        running += loss.item() * xb.size(0)
        losses.append(loss.item())
    scheduler.step()
    model.eval()
    with torch.no_grad():
        out = model(test_x)
        prob = F.softmax(out, dim=1)
        pred = prob.argmax(dim=1)
        accuracy = (pred == test_y).float().mean().item()
        best, where = prob.max(dim=1)
        assert torch.equal(where, pred)
        assert torch.allclose(prob.sum(dim=1), torch.ones(len(test_y)))
    assert 0.0 <= accuracy <= 1.0
    assert running > 0

total = sum(p.numel() for p in model.parameters() if p.requires_grad)
assert total == 4 * 16 + 16 + 16 * 16 + 16 + 16 * 3 + 3
flat = torch.cat([p.detach().reshape(-1) for p in model.parameters()])
losses.append(flat.norm().item())
