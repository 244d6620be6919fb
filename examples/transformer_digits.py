"""A Transformer that reads handwritten digits: an image is a text of sixteen patches.

Every patch of 2 by 2 pixels becomes a vector, to which what was learned of its place is added; two
encoder layers let the patches look at each other, and their mean decides.  (Dosovitskiy and others,
An image is worth 16x16 words, 2020, on a small scale.)  The file runs with PyTorch, too:
python examples/twin.py transformer_digits
"""

import numpy as np
from rich.progress import track
from sklearn.datasets import load_digits

import chainrule as cr
from chainrule import nn, optim
from chainrule.nn import functional as F

BATCH, TRAIN = 64, 1500


class Net(nn.Module):
    """Patches, places, two encoder layers, and a linear layer that decides."""

    def __init__(self, d=32, heads=4):
        super().__init__()
        self.embed = nn.Linear(4, d)
        self.places = nn.Parameter(cr.zeros(16, d))
        layer = nn.TransformerEncoderLayer(
            d, heads, dim_feedforward=64, dropout=0.0, activation="gelu", batch_first=True
        )
        self.encoder = nn.TransformerEncoder(layer, num_layers=2, enable_nested_tensor=False)
        self.norm = nn.LayerNorm(d)
        self.decide = nn.Linear(d, 10)

    def forward(self, images):
        patches = images.reshape(-1, 4, 2, 4, 2).transpose(2, 3).reshape(-1, 16, 4)
        x = self.encoder(self.embed(patches) + self.places)  # (n, 16, d)
        return self.decide(self.norm(x).mean(1))


def data():
    """Images (n, 8, 8) from 0 to 1, and which digit each shows."""
    found = load_digits()
    return cr.tensor(found.images.astype(np.float32) / 16), cr.tensor(found.target)


def train(net, steps, compile=True):
    """The losses of so many steps of AdamW, with gradients of a bounded norm."""
    images, digits = data()
    optimizer = optim.AdamW(net.parameters(), lr=3e-3)

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
    for _ in track(range(steps), description="learning the digits"):
        chosen = cr.tensor(draw.integers(0, TRAIN, BATCH))
        losses.append(step(images[chosen], digits[chosen]).item())
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
