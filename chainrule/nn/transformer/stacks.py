"""Transformers: stacks of encoder and decoder layers."""

from __future__ import annotations

import copy
import math
from typing import Any

from chainrule.core.dtypes import DType
from chainrule.core.errors import ArgumentError, ShapeError
from chainrule.core.signature import same_size
from chainrule.core.tensor import Tensor
from chainrule.nn import functional as F
from chainrule.nn import init
from chainrule.nn.containers import ModuleList
from chainrule.nn.module import Module
from chainrule.nn.normalise.layernorm import LayerNorm
from chainrule.nn.transformer.layers import (
    Activation,
    TransformerDecoderLayer,
    TransformerEncoderLayer,
)
from chainrule.ops.creation import full
from chainrule.ops.shape.diagonals import triu


def _copies(layer: Module, count: int) -> ModuleList:
    """Layers of their own, which start with the same numbers."""
    if type(count) is not int or count < 0:
        raise ArgumentError(f"num_layers is {count!r}", expected="a whole number from 0")
    return ModuleList(copy.deepcopy(layer) for _ in range(count))


class TransformerEncoder(Module):
    """So many copies of an encoder layer, one after the other, and ``norm`` at the end if given.

    Shapes and masks are those of `TransformerEncoderLayer`.  ``is_causal`` says of ``mask`` that it
    is the causal one.  ``enable_nested_tensor`` and ``mask_check`` choose a fast path of PyTorch's
    and change nothing here.

    >>> import chainrule as cr
    >>> layer = cr.nn.TransformerEncoderLayer(4, nhead=2, dim_feedforward=8)
    >>> cr.nn.TransformerEncoder(layer, num_layers=2)(cr.rand(5, 3, 4)).shape
    (5, 3, 4)
    """

    def __init__(
        self,
        encoder_layer: Module,
        num_layers: int,
        norm: Module | None = None,
        enable_nested_tensor: bool = True,
        mask_check: bool = True,
    ) -> None:
        super().__init__()
        self.layers = _copies(encoder_layer, num_layers)
        self.num_layers = num_layers
        self.norm = norm

    def forward(
        self,
        src: Tensor,
        mask: Tensor | None = None,
        src_key_padding_mask: Tensor | None = None,
        is_causal: bool | None = None,
    ) -> Tensor:
        output = src
        for layer in self.layers:
            output = layer(output, src_mask=mask, is_causal=bool(is_causal),
                           src_key_padding_mask=src_key_padding_mask)  # fmt: skip
        return output if self.norm is None else self.norm(output)


class TransformerDecoder(Module):
    """So many copies of a decoder layer, one after the other, and ``norm`` at the end if given.

    Shapes and masks are those of `TransformerDecoderLayer`.

    >>> import chainrule as cr
    >>> layer = cr.nn.TransformerDecoderLayer(4, nhead=2, dim_feedforward=8)
    >>> cr.nn.TransformerDecoder(layer, num_layers=2)(cr.rand(5, 3, 4), cr.rand(7, 3, 4)).shape
    (5, 3, 4)
    """

    def __init__(self, decoder_layer: Module, num_layers: int, norm: Module | None = None) -> None:
        super().__init__()
        self.layers = _copies(decoder_layer, num_layers)
        self.num_layers = num_layers
        self.norm = norm

    def forward(
        self,
        tgt: Tensor,
        memory: Tensor,
        tgt_mask: Tensor | None = None,
        memory_mask: Tensor | None = None,
        tgt_key_padding_mask: Tensor | None = None,
        memory_key_padding_mask: Tensor | None = None,
        tgt_is_causal: bool | None = None,
        memory_is_causal: bool = False,
    ) -> Tensor:
        output = tgt
        for layer in self.layers:
            output = layer(
                output, memory, tgt_mask=tgt_mask, memory_mask=memory_mask,
                tgt_key_padding_mask=tgt_key_padding_mask,
                memory_key_padding_mask=memory_key_padding_mask,
                tgt_is_causal=bool(tgt_is_causal), memory_is_causal=memory_is_causal,
            )  # fmt: skip
        return output if self.norm is None else self.norm(output)


class Transformer(Module):
    """An encoder reads one sequence, a decoder writes another: each a stack of layers with a layer
    norm at the end.

    Shapes: src (s, n, d_model), tgt (l, n, d_model) -> (l, n, d_model); with ``batch_first`` n
    comes first; or without n.  Masks as in the layers.  Matrices start as Xavier's uniform draws.
    ``custom_encoder`` and ``custom_decoder`` stand in for the stacks.  Raises ShapeError where the
    batches or the widths differ.  Of Vaswani and others, Attention Is All You Need (2017).

    >>> import chainrule as cr
    >>> net = cr.nn.Transformer(4, nhead=2, num_encoder_layers=1, num_decoder_layers=1)
    >>> net(cr.rand(7, 3, 4), cr.rand(5, 3, 4)).shape
    (5, 3, 4)
    """

    def __init__(
        self,
        d_model: int = 512,
        nhead: int = 8,
        num_encoder_layers: int = 6,
        num_decoder_layers: int = 6,
        dim_feedforward: int = 2048,
        dropout: float = 0.1,
        activation: str | Activation = F.relu,
        custom_encoder: Any = None,
        custom_decoder: Any = None,
        layer_norm_eps: float = 1e-5,
        batch_first: bool = False,
        norm_first: bool = False,
        bias: bool = True,
        device: Any = None,
        dtype: DType | None = None,
    ) -> None:
        super().__init__()
        made: dict[str, Any] = {"bias": bias, "device": device, "dtype": dtype}
        given = (d_model, nhead, dim_feedforward, dropout, activation, layer_norm_eps, batch_first,
                 norm_first)  # fmt: skip
        if custom_encoder is None:
            custom_encoder = TransformerEncoder(
                TransformerEncoderLayer(*given, **made), num_encoder_layers,
                LayerNorm(d_model, eps=layer_norm_eps, **made),
            )  # fmt: skip
        if custom_decoder is None:
            custom_decoder = TransformerDecoder(
                TransformerDecoderLayer(*given, **made), num_decoder_layers,
                LayerNorm(d_model, eps=layer_norm_eps, **made),
            )  # fmt: skip
        self.encoder, self.decoder = custom_encoder, custom_decoder
        self.d_model, self.nhead, self.batch_first = d_model, nhead, batch_first
        self._reset_parameters()

    def _reset_parameters(self) -> None:
        for parameter in self.parameters():
            if parameter.ndim > 1:
                init.xavier_uniform_(parameter)

    def forward(
        self,
        src: Tensor,
        tgt: Tensor,
        src_mask: Tensor | None = None,
        tgt_mask: Tensor | None = None,
        memory_mask: Tensor | None = None,
        src_key_padding_mask: Tensor | None = None,
        tgt_key_padding_mask: Tensor | None = None,
        memory_key_padding_mask: Tensor | None = None,
        src_is_causal: bool | None = None,
        tgt_is_causal: bool | None = None,
        memory_is_causal: bool = False,
    ) -> Tensor:
        self._check(src, tgt)
        memory = self.encoder(
            src, mask=src_mask, src_key_padding_mask=src_key_padding_mask, is_causal=src_is_causal
        )
        output: Tensor = self.decoder(
            tgt, memory, tgt_mask=tgt_mask, memory_mask=memory_mask,
            tgt_key_padding_mask=tgt_key_padding_mask,
            memory_key_padding_mask=memory_key_padding_mask, tgt_is_causal=tgt_is_causal,
            memory_is_causal=memory_is_causal,
        )  # fmt: skip
        return output

    def _check(self, src: Tensor, tgt: Tensor) -> None:
        """Raise ShapeError unless the two sequences belong together."""
        got = f"src {src.shape}, tgt {tgt.shape}"
        if src.ndim not in (2, 3) or tgt.ndim != src.ndim:
            raise ShapeError("a sequence has 3 axes, or 2 without a batch", got=got)
        n = 0 if self.batch_first else 1
        if src.ndim == 3 and not same_size(src.shape[n], tgt.shape[n]):
            raise ShapeError("src and tgt are of batches of different size", got=got,
                             hint=f"axis {n} is that of the batch")  # fmt: skip
        if not all(same_size(x.shape[-1], self.d_model) for x in (src, tgt)):
            raise ShapeError(f"src and tgt are not both {self.d_model} wide, as d_model", got=got)

    @staticmethod
    def generate_square_subsequent_mask(
        sz: int, device: Any = None, dtype: DType | None = None
    ) -> Tensor:
        """The causal mask (sz, sz), to be added to scores: minus infinity above the diagonal, where
        a key comes after the query, else 0.

        >>> import chainrule as cr
        >>> cr.nn.Transformer.generate_square_subsequent_mask(2).tolist()
        [[0.0, -inf], [0.0, 0.0]]
        """
        made: Tensor = triu(full((sz, sz), -math.inf, device=device, dtype=dtype), diagonal=1)
        return made
