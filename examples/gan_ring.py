"""A generative adversarial network on a ring of eight Gaussians: does it find all eight?

python examples/gan_ring.py        one that does: 8 of 8 modes
python examples/gan_ring.py bad    one whose generator learns a hundred times as fast as its
                                   judge: it runs to wherever the judge was fooled last, and
                                   covers almost nothing
"""

import sys

from rich.progress import track

import chainrule as cr
from chainrule import optim
from chainrule.models import GAN, modes_covered, ring, ring_samples

STEPS, BATCH = 4000, 128
GOOD = {"generator_rate": 1e-3, "discriminator_rate": 1e-3}
BAD = {"generator_rate": 1e-2, "discriminator_rate": 1e-4}


def train(seed, steps=STEPS, generator_rate=1e-3, discriminator_rate=1e-3):
    """A network after so many steps of both players, each with an Adam of its own."""
    cr.manual_seed(seed)
    gan = GAN(latent=16, hidden=64)
    betas = (0.5, 0.999)  # a long memory of the gradient makes the players chase each other
    forger = optim.Adam(gan.generator.parameters(), generator_rate, betas)
    judge = optim.Adam(gan.discriminator.parameters(), discriminator_rate, betas)

    @cr.compile
    def step():
        judge.zero_grad()
        gan.discriminator_loss(ring_samples(BATCH), cr.randn(BATCH, gan.latent)).backward()
        judge.step()
        forger.zero_grad()
        gan.generator_loss(cr.randn(BATCH, gan.latent)).backward()
        forger.step()

    for _ in track(range(steps), description=f"seed {seed}"):
        step()
    return gan


def modes(gan):
    """How many of the eight modes 1000 samples cover: at least ten of them within 0.3 of it."""
    return modes_covered(gan.sample(1000), ring())


def main(setting="good", seeds=1):
    for seed in range(seeds):
        found = modes(train(seed, **(BAD if setting == "bad" else GOOD)))
        print(f"seed {seed}: {found.covered} of 8 modes, samples near each {found.counts}")
    return found.covered


if __name__ == "__main__":
    main(*sys.argv[1:])
