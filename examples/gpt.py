"""A small GPT that learns to spell from a tale, one character after the other.

The tale comes with chainrule.  After 300 steps the network knows words, not what they say.  The
file runs with PyTorch, too: python examples/twin.py gpt
"""

import numpy as np
from rich.progress import track

import chainrule as cr
from chainrule import nn, optim
from chainrule.data import load_text
from chainrule.nn import functional as F

BATCH, CONTEXT = 16, 32


class Block(nn.Module):
    """Each character looks at those before it, then thinks by itself."""

    def __init__(self, d, heads):
        super().__init__()
        self.heads = heads
        self.norm1, self.norm2 = nn.LayerNorm(d), nn.LayerNorm(d)
        self.attend, self.mix = nn.Linear(d, 3 * d), nn.Linear(d, d)
        self.think = nn.Sequential(nn.Linear(d, 4 * d), nn.GELU(), nn.Linear(4 * d, d))

    def forward(self, x):
        n, t, d = x.shape
        split = self.attend(self.norm1(x)).reshape(n, t, 3, self.heads, d // self.heads)
        queries, keys, values = split.permute(2, 0, 3, 1, 4)  # (n, heads, t, d / heads)
        seen = F.scaled_dot_product_attention(queries, keys, values, is_causal=True)
        x = x + self.mix(seen.transpose(1, 2).reshape(n, t, d))
        return x + self.think(self.norm2(x))


class Net(nn.Module):
    """Characters and places as vectors, blocks, and a guess at the next character for each."""

    def __init__(self, characters=0, d=64, heads=4, layers=2):
        super().__init__()
        characters = characters or len(load_text()[1])
        self.characters = nn.Embedding(characters, d)
        self.places = nn.Embedding(CONTEXT, d)
        self.blocks = nn.Sequential(*(Block(d, heads) for _ in range(layers)))
        self.norm, self.guess = nn.LayerNorm(d), nn.Linear(d, characters)

    def forward(self, numbers):
        places = cr.arange(numbers.shape[1])
        x = self.characters(numbers) + self.places(places)
        return self.guess(self.norm(self.blocks(x)))  # (n, t, characters)


def train(net, steps, compile=True):
    """The losses of so many steps of AdamW."""
    tale = load_text()[0].numpy()
    optimizer = optim.AdamW(net.parameters(), lr=3e-3)

    def step(x, y):
        optimizer.zero_grad()
        loss = F.cross_entropy(net(x).flatten(0, 1), y.flatten())
        loss.backward()
        nn.utils.clip_grad_norm_(net.parameters(), 1.0)
        optimizer.step()
        return loss

    step = cr.compile(step) if compile else step
    draw = np.random.default_rng(0)
    losses = []
    for _ in track(range(steps), description="reading the tale"):
        begins = draw.integers(0, len(tale) - CONTEXT, BATCH)
        pieces = np.stack([tale[i : i + CONTEXT + 1] for i in begins])
        losses.append(step(cr.tensor(pieces[:, :-1]), cr.tensor(pieces[:, 1:])).item())
    return losses


def write(net, beginning, length=200):
    """Go on with a text, each character drawn from what the network expects."""
    _, letters = load_text()
    numbers = letters.encode(beginning).tolist()
    with cr.no_grad():
        for _ in range(length):
            logits = net(cr.tensor([numbers[-CONTEXT:]]))[0, -1]
            numbers.append(cr.multinomial((logits / 0.7).softmax(0), 1).item())
    return letters.decode(numbers)


def main(steps=300):
    cr.manual_seed(0)
    net = Net()
    losses = train(net, steps)
    print(f"loss {losses[0]:.3f} -> {losses[-1]:.3f}")
    print(write(net, "The lamp"))
    return losses


if __name__ == "__main__":
    main()
