"""Networks for the comparison of counters, written once for chainrule and PyTorch, whose names are
the same: each function takes the library."""

from __future__ import annotations

from typing import Any


def resnet18(lib: Any) -> Any:
    """ResNet-18 of He and others (2016), as torchvision has it."""
    nn = lib.nn

    class Block(nn.Module):
        def __init__(self, c: int, o: int, stride: int) -> None:
            super().__init__()
            self.conv1 = nn.Conv2d(c, o, 3, stride, 1, bias=False)
            self.bn1 = nn.BatchNorm2d(o)
            self.relu = nn.ReLU()
            self.conv2 = nn.Conv2d(o, o, 3, 1, 1, bias=False)
            self.bn2 = nn.BatchNorm2d(o)
            short = nn.Sequential(nn.Conv2d(c, o, 1, stride, bias=False), nn.BatchNorm2d(o))
            self.downsample = short if stride > 1 or c != o else None

        def forward(self, x: Any) -> Any:
            y = self.bn2(self.conv2(self.relu(self.bn1(self.conv1(x)))))
            return self.relu(y + (x if self.downsample is None else self.downsample(x)))

    layers = [nn.Conv2d(3, 64, 7, 2, 3, bias=False), nn.BatchNorm2d(64), nn.ReLU(),
              nn.MaxPool2d(3, 2, 1)]  # fmt: skip
    before = 64
    for i, o in enumerate((64, 128, 256, 512)):
        layers += [Block(before, o, 1 if i == 0 else 2), Block(o, o, 1)]
        before = o
    layers += [nn.AdaptiveAvgPool2d(1), nn.Flatten(), nn.Linear(512, 1000)]
    return nn.Sequential(*layers)


def gpt2(lib: Any, d: int = 768, heads: int = 12, depth: int = 12, longest: int = 1024) -> Any:
    """GPT-2 small of Radford and others (2019); the scores use the table of tokens itself."""
    nn, functional = lib.nn, lib.nn.functional

    class Block(nn.Module):
        def __init__(self) -> None:
            super().__init__()
            self.ln_1, self.ln_2 = nn.LayerNorm(d), nn.LayerNorm(d)
            self.c_attn, self.c_proj = nn.Linear(d, 3 * d), nn.Linear(d, d)
            self.up, self.act, self.down = nn.Linear(d, 4 * d), nn.GELU("tanh"), nn.Linear(4 * d, d)

        def forward(self, x: Any) -> Any:
            n, t, _ = x.shape
            parts = self.c_attn(self.ln_1(x)).split(d, 2)
            q, k, v = (part.reshape(n, t, heads, d // heads).transpose(1, 2) for part in parts)
            mixed = functional.scaled_dot_product_attention(q, k, v, is_causal=True)
            x = x + self.c_proj(mixed.transpose(1, 2).reshape(n, t, d))
            return x + self.down(self.act(self.up(self.ln_2(x))))

    class Model(nn.Module):
        def __init__(self) -> None:
            super().__init__()
            self.wte, self.wpe = nn.Embedding(50257, d), nn.Embedding(longest, d)
            self.h = nn.Sequential(*(Block() for _ in range(depth)))
            self.ln_f = nn.LayerNorm(d)
            self.lm_head = nn.Linear(d, 50257, bias=False)
            self.lm_head.weight = self.wte.weight

        def forward(self, tokens: Any) -> Any:
            x = self.wte(tokens) + self.wpe(lib.arange(tokens.shape[1], device=tokens.device))
            return self.lm_head(self.ln_f(self.h(x)))

    return Model()


def attention(lib: Any, fused: bool) -> Any:
    """Attention of three inputs, as one function or written out with ``@``."""
    nn, functional = lib.nn, lib.nn.functional

    class Attention(nn.Module):
        def forward(self, q: Any, k: Any, v: Any) -> Any:
            if fused:
                return functional.scaled_dot_product_attention(q, k, v)
            return functional.softmax(q @ k.transpose(-1, -2) / 4.0, dim=-1) @ v

    return Attention()


def own_attention(lib: Any) -> Any:
    """``nn.MultiheadAttention`` of one input with itself."""
    nn = lib.nn

    class Itself(nn.Module):
        def __init__(self) -> None:
            super().__init__()
            self.attention = nn.MultiheadAttention(64, 4, batch_first=True)

        def forward(self, x: Any) -> Any:
            return self.attention(x, x, x, need_weights=False)[0]

    return Itself()


def _block(lib: Any) -> Any:
    nn = lib.nn
    return nn.Sequential(
        nn.Conv2d(3, 16, 3, padding=1), nn.BatchNorm2d(16), nn.ReLU(), nn.MaxPool2d(2)
    )


QKV = [(2, 4, 10, 16)] * 3
CASES: dict[str, tuple[Any, list[tuple[int, ...]]]] = {
    "linear with bias": (lambda lib: lib.nn.Linear(64, 128), [(8, 64)]),
    "conv, batch norm, relu, pool": (_block, [(2, 3, 32, 32)]),
    "transposed convolution": (
        lambda lib: lib.nn.ConvTranspose2d(16, 8, 4, stride=2, padding=1), [(2, 16, 16, 16)]
    ),
    "depthwise convolution": (
        lambda lib: lib.nn.Conv2d(32, 32, 3, padding=1, groups=32, bias=False), [(2, 32, 16, 16)]
    ),
    "LSTM 16 to 32, 10 steps": (lambda lib: lib.nn.LSTM(16, 32), [(10, 4, 16)]),
    "attention with @": (lambda lib: attention(lib, False), QKV),
    "attention, fused": (lambda lib: attention(lib, True), QKV),
    "MultiheadAttention": (own_attention, [(2, 10, 64)]),
    "encoder layer": (
        lambda lib: lib.nn.TransformerEncoderLayer(64, 4, 128, batch_first=True), [(2, 10, 64)]
    ),
}  # fmt: skip
"""The nine cases: what makes the network, and the shapes of its inputs."""
LARGE = {"ResNet-18": (resnet18, [(1, 3, 224, 224)]), "GPT-2 small": (gpt2, [(1, 1024)])}
