"""A convolutional network that reads handwritten digits, 8 by 8 pixels.

The file runs with PyTorch, too, which takes the same steps: python examples/twin.py cnn_digits
"""

import numpy as np
from rich.progress import track
from sklearn.datasets import load_digits

import chainrule as cr
from chainrule import nn, optim
from chainrule.nn import functional as F

BATCH, TRAIN = 64, 1500


class Net(nn.Module):
    """Two convolutions, each with batch norm and pooling, and a linear layer that decides."""

    def __init__(self):
        super().__init__()
        self.conv1 = nn.Conv2d(1, 16, kernel_size=3, padding=1)
        self.norm1 = nn.BatchNorm2d(16)
        self.conv2 = nn.Conv2d(16, 32, kernel_size=3, padding=1)
        self.norm2 = nn.BatchNorm2d(32)
        self.decide = nn.Linear(32 * 2 * 2, 10)

    def forward(self, images):
        x = F.max_pool2d(F.relu(self.norm1(self.conv1(images))), 2)  # (n, 16, 4, 4)
        x = F.max_pool2d(F.relu(self.norm2(self.conv2(x))), 2)  # (n, 32, 2, 2)
        return self.decide(x.flatten(1))


def data():
    """Images (n, 1, 8, 8) from 0 to 1, and which digit each shows."""
    found = load_digits()
    images = found.images[:, None].astype(np.float32) / 16
    return cr.tensor(images), cr.tensor(found.target)


def train(net, steps, compile=True):
    """The losses of so many steps of Adam."""
    images, digits = data()
    optimizer = optim.Adam(net.parameters(), lr=1e-3)

    def step(x, y):
        optimizer.zero_grad()
        loss = F.cross_entropy(net(x), y)
        loss.backward()
        optimizer.step()
        return loss

    step = cr.compile(step) if compile else step
    draw = np.random.default_rng(0)
    losses = []
    for _ in track(range(steps), description="learning the digits"):
        rows = cr.tensor(draw.integers(0, TRAIN, BATCH))
        losses.append(step(images[rows], digits[rows]).item())
    return losses


def accuracy(net):
    """The share of the test images that the network reads rightly."""
    images, digits = data()
    net.eval()
    with cr.no_grad():
        return (net(images[TRAIN:]).argmax(1) == digits[TRAIN:]).float().mean().item()


def main(steps=300):
    cr.manual_seed(0)
    net = Net()
    losses = train(net, steps)
    print(f"loss {losses[0]:.3f} -> {losses[-1]:.3f}, test accuracy {accuracy(net):.1%}")
    return losses


if __name__ == "__main__":
    main()
