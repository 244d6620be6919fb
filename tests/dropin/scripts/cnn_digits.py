"""A convolutional network on handwritten digits: convolutions, batch norm, pooling, evaluation."""

import sys

import numpy as np
import torch
import torch.nn as nn
import torch.nn.functional as F
from torch.utils.data import DataLoader, TensorDataset

with np.load(sys.argv[1]) as file:
    arrays = dict(file)
dtype = getattr(torch, sys.argv[2])
torch.set_default_dtype(dtype)
device = torch.device("cuda" if torch.cuda.is_available() else "cpu")


class ConvBlock(nn.Module):
    def __init__(self, n_in, n_out, stride=1):
        super().__init__()
        self.conv = nn.Conv2d(n_in, n_out, kernel_size=3, stride=stride, padding=1, bias=False)
        self.bn = nn.BatchNorm2d(n_out)
        self.act = nn.ReLU(inplace=True)

    def forward(self, x):
        return self.act(self.bn(self.conv(x)))


class Net(nn.Module):
    def __init__(self, n_classes=10):
        super().__init__()
        self.features = nn.Sequential(
            ConvBlock(1, 8),
            nn.MaxPool2d(2),
            ConvBlock(8, 16),
            nn.Conv2d(16, 16, 3, padding="same", groups=16),
            nn.LeakyReLU(0.1),
        )
        self.pool = nn.AdaptiveAvgPool2d((2, 2))
        self.dropout = nn.Dropout(0.0)
        self.fc1 = nn.Linear(16 * 2 * 2, 32)
        self.fc2 = nn.Linear(32, n_classes)

    def forward(self, x):
        x = self.pool(self.features(x))
        x = torch.flatten(x, 1)
        x = self.dropout(F.relu(self.fc1(x)))
        return self.fc2(x)


def load_weights(model, flat):
    start = 0
    for name, p in model.named_parameters():
        if "bn" in name:
            continue
        n = p.numel()
        fan_in = p.numel() // p.size(0) if p.dim() > 1 else 100
        w = torch.from_numpy(flat[start : start + n]).view_as(p)
        p.data.copy_(w / fan_in**0.5)
        start += n


images = torch.tensor(arrays["images"], dtype=dtype).unsqueeze(1)
labels = torch.tensor(arrays["labels"], dtype=torch.long)
train_set = TensorDataset(images[:320], labels[:320])
test_set = TensorDataset(images[320:], labels[320:])

model = Net().to(device)
load_weights(model, arrays["normal"])
criterion = nn.CrossEntropyLoss()
optimizer = torch.optim.SGD(model.parameters(), lr=0.1, momentum=0.9, weight_decay=5e-4)
scheduler = torch.optim.lr_scheduler.StepLR(optimizer, step_size=5, gamma=0.5)

losses = []
for epoch in range(10):
    model.train()
    order = arrays["shuffles"][epoch]
    for x, y in DataLoader(train_set, batch_size=32, sampler=order.tolist()):
        x, y = x.to(device), y.to(device)
        optimizer.zero_grad(set_to_none=True)
        output = model(x)
        loss = criterion(output, y)
        loss.backward()
        optimizer.step()
        losses.append(loss.item())
    scheduler.step()

    model.eval()
    total, correct = 0.0, 0
    with torch.no_grad():
        for x, y in DataLoader(test_set, batch_size=64):
            output = model(x.to(device))
            total += criterion(output, y).item() * x.size(0)
            correct += (output.argmax(dim=1) == y).sum().item()
    losses.append(total / len(test_set))
losses.append(correct / len(test_set))
losses.extend(model.features[0].bn.running_var.tolist())
