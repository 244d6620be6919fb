"""Random networks, and what their eager history really holds."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
from hypothesis import strategies as st

import chainrule as cr
from chainrule import nn
from chainrule.core.graph import history


class Merge(nn.Module):
    """Heads apart, scaled, and together again: a reshape that has to copy."""

    def forward(self, x: cr.Tensor) -> cr.Tensor:
        n, c, h, w = x.shape
        heads = x.reshape(n, 2, c // 2, h, w).transpose(1, 2)
        return (heads * 0.5).transpose(3, 4).reshape(n, c, h, w)


class Residual(nn.Module):
    """Two ways that are added."""

    def __init__(self, inner: nn.Module) -> None:
        super().__init__()
        self.inner = inner

    def forward(self, x: cr.Tensor) -> cr.Tensor:
        return x + self.inner(x)


class Joined(nn.Module):
    """Halves of the channels, one of them changed, joined again."""

    def forward(self, x: cr.Tensor) -> cr.Tensor:
        first, second = x.chunk(2, dim=1)
        return cr.cat([first.exp(), second], dim=1)


class Tokens(nn.Module):
    """Attention between the places of an image."""

    def __init__(self) -> None:
        super().__init__()
        self.attention = nn.MultiheadAttention(4, 2, batch_first=True)

    def forward(self, x: cr.Tensor) -> cr.Tensor:
        tokens = x.flatten(2).transpose(1, 2)
        made, _ = self.attention(tokens, tokens, tokens)
        return x + made.transpose(1, 2).reshape(x.shape)


LAYERS: tuple[Callable[[], nn.Module], ...] = (
    lambda: nn.Conv2d(4, 4, 3, padding=1),
    lambda: nn.Conv2d(4, 4, 3, padding=1, groups=2, bias=False),
    lambda: nn.ConvTranspose2d(4, 4, 3, padding=1),
    lambda: nn.BatchNorm2d(4),
    lambda: nn.GroupNorm(2, 4),
    nn.ReLU, nn.GELU, nn.Sigmoid, nn.Softplus, nn.Dropout,
    lambda: nn.MaxPool2d(3, 1, padding=1),
    lambda: nn.AvgPool2d(3, 1, padding=1),
    lambda: nn.Softmax(1),
    Merge, Joined, Tokens,
    lambda: Residual(nn.Conv2d(4, 4, 1)),
    lambda: Residual(nn.Tanh()),
    lambda: nn.Linear(6, 6),
)  # fmt: skip
"""Layers from (2, 4, 6, 6) to the same shape."""

networks = st.lists(st.sampled_from(range(len(LAYERS))), min_size=1, max_size=5)


def network(chosen: list[int]) -> nn.Module:
    """The layers one after the other, and a linear one at the end."""
    cr.manual_seed(0)
    return nn.Sequential(*(LAYERS[i]() for i in chosen), nn.Flatten(), nn.Linear(144, 3))


def image() -> cr.Tensor:
    """An input."""
    cr.manual_seed(1)
    return cr.randn(2, 4, 6, 6)


def storage_of(array: np.ndarray) -> np.ndarray:
    """The array in whose memory another one lies; NumPy's strided views have a helper between."""
    while True:
        base = array.base
        if not isinstance(base, np.ndarray):
            base = getattr(base, "base", None)
        if not isinstance(base, np.ndarray):
            return array
        array = base


class Entries:
    """The entries of a storage that some array reads, each once."""

    def __init__(self, storage: np.ndarray) -> None:
        self.storage = storage
        self.read = np.zeros(max(storage.nbytes, 1), bool)
        self.width = storage.itemsize

    def add(self, array: np.ndarray) -> None:
        """Mark the entries of an array that lies there."""
        start = array.__array_interface__["data"][0] - self.storage.__array_interface__["data"][0]
        np.ndarray(array.shape, bool, self.read, start, array.strides)[...] = True

    @property
    def bytes(self) -> int:
        """How many bytes have been marked."""
        return int(self.read.sum()) * self.width


def held_bytes(values: list[cr.Tensor], model: Any = None) -> int:
    """The bytes of all arrays in the history of some values, entries that several of them share
    once; parameters, buffers and numbers of the program left out."""
    own = set()
    if model is not None:
        own = {id(storage_of(t.node.value)) for t in (*model.parameters(), *model.buffers())}
    found: dict[int, Entries] = {}
    scalars: dict[int, Any] = {}
    for node in history(values).nodes:
        if node.op is not None and not node.parents:
            continue
        for value in node.value if isinstance(node.value, tuple) else (node.value,):
            if not isinstance(value, np.ndarray):
                scalars[id(value)] = value
                continue
            at = storage_of(value)
            if id(at) not in own:
                found.setdefault(id(at), Entries(at)).add(value)
    arrays = sum(entries.bytes for entries in found.values())
    return arrays + sum(value.nbytes for value in scalars.values())
