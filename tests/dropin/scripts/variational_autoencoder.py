"""A variational autoencoder of points on a circle, then REINFORCE on a bandit."""

import sys

import numpy as np
import torch
from torch import nn, optim
from torch.distributions import Categorical, Independent, Normal, kl_divergence
from torch.nn import functional as F

with np.load(sys.argv[1]) as file:
    arrays = dict(file)
dtype = getattr(torch, sys.argv[2])
torch.set_default_dtype(dtype)
draws = np.random.default_rng(0)


class VAE(nn.Module):
    def __init__(self, n_hidden=16, n_latent=2):
        super().__init__()
        self.encoder = nn.Sequential(nn.Linear(2, n_hidden), nn.SiLU())
        self.mu = nn.Linear(n_hidden, n_latent)
        self.logvar = nn.Linear(n_hidden, n_latent)
        self.decoder = nn.Sequential(
            nn.Linear(n_latent, n_hidden), nn.ELU(), nn.Linear(n_hidden, 2)
        )

    def forward(self, x, eps):
        h = self.encoder(x)
        mu, logvar = self.mu(h), self.logvar(h)
        return self.decoder(mu + eps * torch.exp(0.5 * logvar)), mu, logvar


angle = torch.linspace(0, 2 * torch.pi, 65)[:-1]
data = torch.stack([angle.cos(), angle.sin()], dim=-1)
vae = VAE()
with torch.no_grad():
    for p in vae.parameters():
        p.copy_(torch.from_numpy(draws.normal(size=tuple(p.shape)) * 0.3))
optimizer = optim.Adam(vae.parameters(), lr=1e-2, amsgrad=True)
scheduler = optim.lr_scheduler.CosineAnnealingLR(optimizer, T_max=150)
prior = Normal(torch.zeros(64, 2), torch.ones(64, 2))

losses = []
for _ in range(150):
    eps = torch.as_tensor(draws.normal(size=(64, 2)), dtype=dtype)
    recon, mu, logvar = vae(data, eps)
    q = Normal(mu, torch.exp(0.5 * logvar))
    kl = kl_divergence(q, prior).sum(-1).mean()
    by_hand = -0.5 * torch.sum(1 + logvar - mu.pow(2) - logvar.exp()) / 64
    assert torch.allclose(kl, by_hand, atol=1e-5)
    log_likelihood = Independent(Normal(recon, 0.5), 1).log_prob(data).mean()
    loss = F.mse_loss(recon, data, reduction="sum") / 64 + kl - 0.1 * log_likelihood
    optimizer.zero_grad()
    loss.backward()
    optimizer.step()
    scheduler.step()
    losses.append(loss.item())
assert q.rsample().requires_grad and not q.sample().requires_grad

theta = nn.Parameter(torch.zeros(3))
optimizer = optim.RMSprop([theta], lr=0.05)
pays = torch.Tensor([0.1, 0.5, 0.9])
baseline = 0.0
for _ in range(100):
    policy = Categorical(logits=theta)
    probs = policy.probs.detach().double().numpy()
    action = torch.tensor(int(np.searchsorted(probs.cumsum(), draws.random() * 0.999)))
    reward = pays[action].item()
    loss = -policy.log_prob(action) * (reward - baseline) - 0.01 * policy.entropy()
    baseline += 0.1 * (reward - baseline)
    optimizer.zero_grad()
    loss.backward()
    optimizer.step()
    losses.append(loss.item())
losses.extend(F.softmax(theta, dim=-1).tolist())
