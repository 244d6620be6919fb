"""A GAN on a ring of eight Gaussians: two networks, two optimizers, labels of ones and zeros."""

import math
import sys

import numpy as np
import torch
import torch.nn as nn

with np.load(sys.argv[1]) as file:
    arrays = dict(file)
dtype = getattr(torch, sys.argv[2])
torch.set_default_dtype(dtype)

BATCH, LATENT = 32, 4


def weights_init(m):
    global start
    classname = m.__class__.__name__
    if classname.find("Linear") != -1:
        n = m.weight.numel()
        values = torch.from_numpy(arrays["normal"][start : start + n]).reshape(m.weight.size())
        m.weight.data.copy_(values / math.sqrt(m.weight.size(1)))
        m.bias.data.zero_()
        start += n


class Generator(nn.Module):
    def __init__(self):
        super().__init__()
        self.main = nn.Sequential(
            nn.Linear(LATENT, 24), nn.ReLU(), nn.Linear(24, 24), nn.ReLU(), nn.Linear(24, 2)
        )

    def forward(self, z):
        return self.main(z)


class Discriminator(nn.Module):
    def __init__(self):
        super().__init__()
        self.main = nn.Sequential(
            nn.Linear(2, 24), nn.LeakyReLU(0.2), nn.Linear(24, 24), nn.LeakyReLU(0.2),
            nn.Linear(24, 1), nn.Sigmoid(),
        )  # fmt: skip

    def forward(self, x):
        return self.main(x).view(-1)


start = 0
netG, netD = Generator(), Discriminator()
netG.apply(weights_init)
netD.apply(weights_init)
criterion = nn.BCELoss()
optimizerD = torch.optim.Adam(netD.parameters(), lr=2e-3, betas=(0.5, 0.999))
optimizerG = torch.optim.Adam(netG.parameters(), lr=2e-3, betas=(0.5, 0.999))
real_label, fake_label = 1.0, 0.0

angles = 2 * math.pi * torch.arange(8) / 8
centers = 2 * torch.stack([torch.cos(angles), torch.sin(angles)], dim=1).to(dtype)
noise = torch.as_tensor(arrays["noise"], dtype=dtype)

losses = []
for step in range(100):
    modes = torch.as_tensor(arrays["batches"][step]) % 8
    real = centers[modes] + 0.05 * noise[step, :BATCH, :2]

    netD.zero_grad()
    label = torch.full((BATCH,), real_label, dtype=dtype)
    errD_real = criterion(netD(real), label)
    errD_real.backward()
    fake = netG(noise[step, :BATCH, 2 : 2 + LATENT])
    label.fill_(fake_label)
    errD_fake = criterion(netD(fake.detach()), label)
    errD_fake.backward()
    optimizerD.step()

    netG.zero_grad()
    label.fill_(real_label)
    errG = criterion(netD(fake), label)
    errG.backward()
    optimizerG.step()
    losses += [(errD_real + errD_fake).item(), errG.item()]

with torch.no_grad():
    made = netG(noise[0, :, :LATENT])
    nearest = torch.cdist(made, centers).min(dim=1)
    losses.append(nearest.values.mean().item())
