"""A convolutional autoencoder of digits: strides, transposed convolution, upsampling."""

import sys

import numpy as np
import torch
import torch.nn as nn
import torch.optim as optim

with np.load(sys.argv[1]) as file:
    arrays = dict(file)
dtype = getattr(torch, sys.argv[2])
torch.set_default_dtype(dtype)


class Encoder(nn.Module):
    def __init__(self, n_latent):
        super().__init__()
        self.net = nn.Sequential(
            nn.Conv2d(1, 6, 3, stride=2, padding=1),
            nn.ReLU(True),
            nn.Conv2d(6, 8, 3, stride=2, padding=1),
            nn.ReLU(True),
            nn.Flatten(),
            nn.Linear(8 * 2 * 2, n_latent),
        )

    def forward(self, x):
        return self.net(x)


class Decoder(nn.Module):
    def __init__(self, n_latent):
        super().__init__()
        self.fc = nn.Linear(n_latent, 8 * 2 * 2)
        self.net = nn.Sequential(
            nn.Unflatten(1, (8, 2, 2)),
            nn.ConvTranspose2d(8, 6, 3, stride=2, padding=1, output_padding=1),
            nn.BatchNorm2d(6),
            nn.ReLU(True),
            nn.Upsample(scale_factor=2, mode="nearest"),
            nn.Conv2d(6, 1, 3, padding=1),
            nn.Sigmoid(),
        )

    def forward(self, z):
        return self.net(torch.relu(self.fc(z)))


class AutoEncoder(nn.Module):
    def __init__(self, n_latent=8):
        super().__init__()
        self.encoder = Encoder(n_latent)
        self.decoder = Decoder(n_latent)

    def forward(self, x):
        return self.decoder(self.encoder(x))


model = AutoEncoder()
flat, start = arrays["normal"], 0
for m in model.modules():
    if isinstance(m, (nn.Conv2d, nn.ConvTranspose2d, nn.Linear)):
        n = m.weight.numel()
        with torch.no_grad():
            m.weight.copy_(torch.from_numpy(flat[start : start + n]).reshape(m.weight.shape) * 0.2)
            m.bias.fill_(0.0)
        start += n

x_all = torch.tensor(arrays["images"], dtype=dtype)[:, None]
noise = torch.tensor(arrays["noise"], dtype=dtype)
criterion = nn.MSELoss()
optimizer = optim.Adam(model.parameters(), lr=1e-2, weight_decay=1e-5)

losses = []
for step in range(100):
    x = x_all[torch.from_numpy(arrays["batches"][step])]
    noisy = (x + 0.1 * noise[step].view(-1, 1, 8, 8)[: x.size(0)]).clamp(0.0, 1.0)
    optimizer.zero_grad()
    recon = model(noisy)
    sparsity = model.encoder(x).abs().mean()
    loss = criterion(recon, x) + 1e-4 * sparsity
    loss.backward()
    optimizer.step()
    losses.append(loss.item())

model.eval()
with torch.no_grad():
    losses.append(nn.functional.l1_loss(model(x_all[:64]), x_all[:64]).item())
