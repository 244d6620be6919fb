"""The layers that Transformers are stacks of."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from chainrule.core.dtypes import DType
from chainrule.core.errors import ArgumentError
from chainrule.core.tensor import Tensor
from chainrule.nn import functional as F
from chainrule.nn.dropout.modules import Dropout
from chainrule.nn.linear import Linear
from chainrule.nn.module import Module
from chainrule.nn.normalise.layernorm import LayerNorm
from chainrule.nn.transformer.attention import MultiheadAttention

Activation = Callable[[Tensor], Tensor]
ACTIVATIONS: dict[str, Any] = {"relu": F.relu, "gelu": F.gelu}


def activation_of(activation: str | Activation) -> Any:
    """The function that a name or a callable stands for; raises ArgumentError."""
    if callable(activation):
        return activation
    if activation not in ACTIVATIONS:
        raise ArgumentError(
            f"activation is {activation!r}", expected="relu, gelu, or a function of one tensor"
        )
    return ACTIVATIONS[activation]


class TransformerLayer(Module):
    """What encoder and decoder layers share: self-attention, then two affine maps with an
    activation between; each with dropout, a residual connection and a layer norm of its own.

    Normalised is the sum (``norm_first=False``: Vaswani and others 2017) or what goes in
    (``norm_first=True``: Xiong and others 2020).
    """

    self_attn: MultiheadAttention
    linear1: Linear
    linear2: Linear
    dropout: Dropout
    dropout1: Dropout
    activation: Activation
    norm_first: bool

    def _self_attention(
        self, x: Tensor, mask: Tensor | None, padding: Tensor | None, is_causal: bool
    ) -> Tensor:
        attended, _ = self.self_attn(
            x, x, x, attn_mask=mask, key_padding_mask=padding, is_causal=is_causal,
            need_weights=False,
        )  # fmt: skip
        dropped: Tensor = self.dropout1(attended)
        return dropped

    def _feed_forward(self, x: Tensor, last: Dropout) -> Tensor:
        hidden = self.dropout(self.activation(self.linear1(x)))
        dropped: Tensor = last(self.linear2(hidden))
        return dropped

    def _add(self, x: Tensor, norm: LayerNorm, part: Callable[[Tensor], Tensor]) -> Tensor:
        """X plus what a part makes of it, normalised after or before."""
        added: Tensor = x + part(norm(x)) if self.norm_first else norm(x + part(x))
        return added


class TransformerEncoderLayer(TransformerLayer):
    """Self-attention and a network of one hidden layer, for each place of a sequence.

    Shapes: src (l, n, d_model), with ``batch_first`` (n, l, d_model), or (l, d_model), and the
    same comes out; src_mask (l, l) or (n * heads, l, l), src_key_padding_mask (n, l), as in
    `MultiheadAttention`.  ``activation`` is "relu", "gelu" or a function.  Of Vaswani and others,
    Attention Is All You Need (2017), section 3.1.

    >>> import chainrule as cr
    >>> layer = cr.nn.TransformerEncoderLayer(4, nhead=2, dim_feedforward=8, batch_first=True)
    >>> layer(cr.rand(3, 5, 4)).shape
    (3, 5, 4)
    """

    def __init__(
        self,
        d_model: int,
        nhead: int,
        dim_feedforward: int = 2048,
        dropout: float = 0.1,
        activation: str | Activation = F.relu,
        layer_norm_eps: float = 1e-5,
        batch_first: bool = False,
        norm_first: bool = False,
        bias: bool = True,
        device: Any = None,
        dtype: DType | None = None,
    ) -> None:
        super().__init__()
        made: dict[str, Any] = {"bias": bias, "device": device, "dtype": dtype}
        self.self_attn = MultiheadAttention(
            d_model, nhead, dropout=dropout, batch_first=batch_first, **made
        )
        self.linear1 = Linear(d_model, dim_feedforward, **made)
        self.dropout = Dropout(dropout)
        self.linear2 = Linear(dim_feedforward, d_model, **made)
        self.norm_first = norm_first
        self.norm1 = LayerNorm(d_model, eps=layer_norm_eps, **made)
        self.norm2 = LayerNorm(d_model, eps=layer_norm_eps, **made)
        self.dropout1 = Dropout(dropout)
        self.dropout2 = Dropout(dropout)
        self.activation = activation_of(activation)

    def forward(
        self,
        src: Tensor,
        src_mask: Tensor | None = None,
        src_key_padding_mask: Tensor | None = None,
        is_causal: bool = False,
    ) -> Tensor:
        attended = self._add(src, self.norm1, lambda x: self._self_attention(
            x, src_mask, src_key_padding_mask, is_causal))  # fmt: skip
        return self._add(attended, self.norm2, lambda x: self._feed_forward(x, self.dropout2))


class TransformerDecoderLayer(TransformerLayer):
    """Self-attention, attention to what an encoder made, and a network of one hidden layer.

    Shapes: tgt (l, n, d_model) and memory (s, n, d_model), with ``batch_first`` (n, l, d_model) and
    (n, s, d_model), or without n; the shape of tgt comes out.  Masks as in `MultiheadAttention`:
    tgt_mask (l, l), memory_mask (l, s), tgt_key_padding_mask (n, l), memory_key_padding_mask
    (n, s).  Of Vaswani and others, Attention Is All You Need (2017), section 3.1.

    >>> import chainrule as cr
    >>> layer = cr.nn.TransformerDecoderLayer(4, nhead=2, dim_feedforward=8, batch_first=True)
    >>> layer(cr.rand(3, 5, 4), cr.rand(3, 7, 4)).shape
    (3, 5, 4)
    """

    def __init__(
        self,
        d_model: int,
        nhead: int,
        dim_feedforward: int = 2048,
        dropout: float = 0.1,
        activation: str | Activation = F.relu,
        layer_norm_eps: float = 1e-5,
        batch_first: bool = False,
        norm_first: bool = False,
        bias: bool = True,
        device: Any = None,
        dtype: DType | None = None,
    ) -> None:
        super().__init__()
        made: dict[str, Any] = {"bias": bias, "device": device, "dtype": dtype}
        attention = {"dropout": dropout, "batch_first": batch_first, **made}
        self.self_attn = MultiheadAttention(d_model, nhead, **attention)
        self.multihead_attn = MultiheadAttention(d_model, nhead, **attention)
        self.linear1 = Linear(d_model, dim_feedforward, **made)
        self.dropout = Dropout(dropout)
        self.linear2 = Linear(dim_feedforward, d_model, **made)
        self.norm_first = norm_first
        self.norm1 = LayerNorm(d_model, eps=layer_norm_eps, **made)
        self.norm2 = LayerNorm(d_model, eps=layer_norm_eps, **made)
        self.norm3 = LayerNorm(d_model, eps=layer_norm_eps, **made)
        self.dropout1 = Dropout(dropout)
        self.dropout2 = Dropout(dropout)
        self.dropout3 = Dropout(dropout)
        self.activation = activation_of(activation)

    def forward(
        self,
        tgt: Tensor,
        memory: Tensor,
        tgt_mask: Tensor | None = None,
        memory_mask: Tensor | None = None,
        tgt_key_padding_mask: Tensor | None = None,
        memory_key_padding_mask: Tensor | None = None,
        tgt_is_causal: bool = False,
        memory_is_causal: bool = False,
    ) -> Tensor:
        def read(x: Tensor) -> Tensor:
            found, _ = self.multihead_attn(
                x, memory, memory, attn_mask=memory_mask, key_padding_mask=memory_key_padding_mask,
                is_causal=memory_is_causal, need_weights=False,
            )  # fmt: skip
            dropped: Tensor = self.dropout2(found)
            return dropped

        attended = self._add(tgt, self.norm1, lambda x: self._self_attention(
            x, tgt_mask, tgt_key_padding_mask, tgt_is_causal))  # fmt: skip
        informed = self._add(attended, self.norm2, read)
        return self._add(informed, self.norm3, lambda x: self._feed_forward(x, self.dropout3))
