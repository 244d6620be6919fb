"""Handwritten digits, 8 by 8 pixels: a classifier that learns them in a few seconds."""

from rich.progress import track

import chainrule as cr
from chainrule import nn, optim
from chainrule.data import DataLoader, split_digits
from chainrule.nn import functional as F

EPOCHS = 40


def accuracy(net, examples):
    """The share of the examples that the network gets right."""
    images, digits = examples[:]
    with cr.no_grad():
        return (net(images).argmax(1) == digits).float().mean().item()


def main():
    cr.manual_seed(0)
    train, test = split_digits()
    batches = DataLoader(train, batch_size=32, shuffle=True)
    net = nn.Sequential(nn.Linear(64, 128), nn.ReLU(), nn.Linear(128, 10))
    optimizer = optim.Adam(net.parameters(), lr=3e-3)

    for _ in track(range(EPOCHS), description="learning the digits"):
        for images, digits in batches:
            optimizer.zero_grad()
            loss = F.cross_entropy(net(images), digits)
            loss.backward()
            optimizer.step()

    print(f"training accuracy {accuracy(net, train):.1%} ({len(train)} images)")
    print(f"test accuracy     {accuracy(net, test):.1%} ({len(test)} images)")
    return accuracy(net, test)


if __name__ == "__main__":
    main()
