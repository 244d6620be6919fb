"""A recurrent network that reads handwritten digits row by row, from the top.

An image of 8 by 8 pixels is a sequence of eight rows; a GRU goes down the rows, and what it
remembers of them at the end decides which digit it was.  The file runs with PyTorch, too:
python examples/twin.py gru_digits
"""

import numpy as np
from rich.progress import track
from sklearn.datasets import load_digits

import chainrule as cr
from chainrule import nn, optim
from chainrule.nn import functional as F

BATCH, TRAIN = 64, 1500


class Net(nn.Module):
    """A GRU over the rows, and a linear layer that decides."""

    def __init__(self, hidden=64):
        super().__init__()
        self.gru = nn.GRU(input_size=8, hidden_size=hidden, batch_first=True)
        self.decide = nn.Linear(hidden, 10)

    def forward(self, rows):
        _, last = self.gru(rows)  # all states, (n, 8, hidden), and the last one, (1, n, hidden)
        return self.decide(last[0])


def data():
    """Images as sequences of rows, (n, 8, 8) from 0 to 1, and which digit each shows."""
    found = load_digits()
    return cr.tensor(found.images.astype(np.float32) / 16), cr.tensor(found.target)


def train(net, steps, compile=True):
    """The losses of so many steps of Adam, with gradients of a bounded norm."""
    images, digits = data()
    optimizer = optim.Adam(net.parameters(), lr=5e-3)

    def step(x, y):
        optimizer.zero_grad()
        loss = F.cross_entropy(net(x), y)
        loss.backward()
        nn.utils.clip_grad_norm_(net.parameters(), 1.0)
        optimizer.step()
        return loss

    step = cr.compile(step) if compile else step
    draw = np.random.default_rng(0)
    losses = []
    for _ in track(range(steps), description="learning to read"):
        chosen = cr.tensor(draw.integers(0, TRAIN, BATCH))
        losses.append(step(images[chosen], digits[chosen]).item())
    return losses


def accuracy(net):
    """The share of the test images that the network reads rightly."""
    images, digits = data()
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
