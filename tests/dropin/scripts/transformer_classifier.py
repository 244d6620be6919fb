"""A Transformer encoder that says which of two signs comes first: masks, positions, warm-up."""

import math
import sys

import numpy as np
import torch
from torch import Tensor, nn

with np.load(sys.argv[1]) as file:
    arrays = dict(file)
dtype = getattr(torch, sys.argv[2])
torch.set_default_dtype(dtype)
PAD = 0


class PositionalEncoding(nn.Module):
    def __init__(self, d_model: int, dropout: float = 0.0, max_len: int = 64):
        super().__init__()
        self.dropout = nn.Dropout(p=dropout)
        position = torch.arange(max_len).unsqueeze(1)
        div_term = torch.exp(torch.arange(0, d_model, 2) * (-math.log(10000.0) / d_model))
        pe = torch.zeros(max_len, d_model)
        pe[:, 0::2] = torch.sin(position * div_term)
        pe[:, 1::2] = torch.cos(position * div_term)
        self.register_buffer("pe", pe.unsqueeze(0))

    def forward(self, x: Tensor) -> Tensor:
        x = x + self.pe[:, : x.size(1)]
        return self.dropout(x)


class TransformerClassifier(nn.Module):
    def __init__(self, n_tokens, d_model=16, nhead=4, d_hid=32, nlayers=2, n_classes=2):
        super().__init__()
        self.d_model = d_model
        self.embedding = nn.Embedding(n_tokens, d_model, padding_idx=PAD)
        self.pos_encoder = PositionalEncoding(d_model)
        layer = nn.TransformerEncoderLayer(
            d_model, nhead, d_hid, dropout=0.0, activation="gelu", batch_first=True
        )
        self.encoder = nn.TransformerEncoder(layer, nlayers, enable_nested_tensor=False)
        self.norm = nn.LayerNorm(d_model)
        self.fc = nn.Linear(d_model, n_classes)

    def forward(self, tokens: Tensor) -> Tensor:
        mask = tokens == PAD
        x = self.embedding(tokens) * math.sqrt(self.d_model)
        x = self.encoder(self.pos_encoder(x), src_key_padding_mask=mask)
        x = x.masked_fill(mask.unsqueeze(-1), 0.0)
        x = x.sum(dim=1) / (~mask).sum(dim=1, keepdim=True)
        return self.fc(self.norm(x))


def make_data(digits, n=96, length=10):
    rows = digits[: n * length].reshape(n, length) % 6 + 1
    for i, row in enumerate(rows):
        row[5 + i % 6 :] = PAD
    first_2 = [([*row, 2].index(2)) for row in rows.tolist()]
    first_5 = [([*row, 5].index(5)) for row in rows.tolist()]
    labels = [int(a < b) for a, b in zip(first_2, first_5, strict=True)]
    return torch.from_numpy(rows), torch.tensor(labels)


tokens, labels = make_data(np.tile(arrays["labels"], 3).astype(np.int64))
model = TransformerClassifier(n_tokens=7)
start = 0
for name, p in model.named_parameters():
    if p.dim() > 1:
        values = torch.from_numpy(arrays["normal"][start : start + p.numel()])
        p.data = (values.reshape(p.shape) / math.sqrt(p.shape[-1])).to(dtype)
        start += p.numel()
    elif "norm" not in name:
        nn.init.zeros_(p)

optimizer = torch.optim.AdamW(model.parameters(), lr=3e-3, betas=(0.9, 0.98), eps=1e-8)
warmup = torch.optim.lr_scheduler.LambdaLR(optimizer, lambda step: min(1.0, (step + 1) / 20))
criterion = nn.CrossEntropyLoss(label_smoothing=0.05)

losses = []
model.train()
for step in range(100):
    batch = torch.from_numpy(arrays["batches"][step] % 80)
    logits = model(tokens[batch])
    loss = criterion(logits, labels[batch])
    optimizer.zero_grad()
    loss.backward()
    nn.utils.clip_grad_norm_(model.parameters(), 1.0)
    optimizer.step()
    warmup.step()
    losses.append(loss.item())

model.eval()
with torch.no_grad():
    losses.append(criterion(model(tokens[80:]), labels[80:]).item())
