"""Attention with several heads."""

from __future__ import annotations

from typing import Any

from chainrule.core.dtypes import DType
from chainrule.core.errors import ArgumentError
from chainrule.core.size import is_size
from chainrule.core.tensor import Parameter, Tensor
from chainrule.nn import init
from chainrule.nn.dropout.functions import probability
from chainrule.nn.linear import Linear
from chainrule.nn.module import Module
from chainrule.nn.transformer.attention_functions import multi_head_attention_forward
from chainrule.ops.creation import empty, zeros


class MultiheadAttention(Module):
    """Queries read values of matching keys, in several heads of their own projections, which are
    then joined by an affine map.

    Shapes: query (l, n, embed_dim), key (s, n, kdim), value (s, n, vdim) -> (l, n, embed_dim) and
    weights (n, l, s), or (n, heads, l, s) with ``average_attn_weights=False``; without a batch
    there is no n, and with ``batch_first`` it stands before l and s.  A bool mask is True where a
    key may not be read, another one is added to the scores: ``key_padding_mask`` (n, s),
    ``attn_mask`` (l, s) or (n * heads, l, s).  ``is_causal`` says of ``attn_mask`` that it is the
    causal one.  ``need_weights=False`` returns None for the weights, and keeps none of them.
    ``dropout`` is the probability that a weight is dropped in training.

    Weights start as Xavier's uniform draws, biases at 0 and those of keys and values
    (``add_bias_kv``) as Xavier's normal ones.  A query that may read no key gives NaN, or 0 where
    weights are not needed.  Raises ArgumentError where the heads do not divide ``embed_dim``.  Of
    Vaswani and others, Attention Is All You Need (2017), section 3.2.2.

    >>> import chainrule as cr
    >>> layer = cr.nn.MultiheadAttention(4, num_heads=2, batch_first=True)
    >>> x = cr.rand(3, 5, 4)
    >>> output, weights = layer(x, x, x)
    >>> output.shape, weights.shape
    ((3, 5, 4), (3, 5, 5))
    """

    in_proj_weight: Parameter | None
    in_proj_bias: Parameter | None
    bias_k: Parameter | None
    bias_v: Parameter | None

    def __init__(
        self,
        embed_dim: int,
        num_heads: int,
        dropout: float = 0.0,
        bias: bool = True,
        add_bias_kv: bool = False,
        add_zero_attn: bool = False,
        kdim: int | None = None,
        vdim: int | None = None,
        batch_first: bool = False,
        device: Any = None,
        dtype: DType | None = None,
    ) -> None:
        super().__init__()
        self.kdim = embed_dim if kdim is None else kdim
        self.vdim = embed_dim if vdim is None else vdim
        sizes = {"embed_dim": embed_dim, "num_heads": num_heads, "kdim": self.kdim,
                 "vdim": self.vdim}  # fmt: skip
        _require_sizes(sizes, dropout)
        self.embed_dim, self.num_heads, self.dropout = embed_dim, num_heads, dropout
        self.batch_first, self.add_zero_attn = batch_first, add_zero_attn
        self.head_dim = embed_dim // num_heads
        self._qkv_same_embed_dim = self.kdim == self.vdim == embed_dim
        made = {"device": device, "dtype": dtype}
        self._make_weights(made)
        self.register_parameter(
            "in_proj_bias", Parameter(zeros(3 * embed_dim, **made)) if bias else None
        )
        self.out_proj = Linear(embed_dim, embed_dim, bias=bias, **made)
        for name in ("bias_k", "bias_v"):
            more = Parameter(empty(1, 1, embed_dim, **made)) if add_bias_kv else None
            self.register_parameter(name, more)
        self._reset_parameters()

    def _make_weights(self, made: dict[str, Any]) -> None:
        """One matrix for queries, keys and values, or one for each where their widths differ."""
        width = self.embed_dim
        same = self._qkv_same_embed_dim
        columns = {"q_proj_weight": width, "k_proj_weight": self.kdim, "v_proj_weight": self.vdim}
        for name, size in columns.items():
            self.register_parameter(name, None if same else Parameter(empty(width, size, **made)))
        packed = Parameter(empty(3 * width, width, **made)) if same else None
        self.register_parameter("in_proj_weight", packed)

    def _reset_parameters(self) -> None:
        for name in ("in_proj_weight", "q_proj_weight", "k_proj_weight", "v_proj_weight"):
            weight = getattr(self, name)
            if weight is not None:
                init.xavier_uniform_(weight)
        if self.in_proj_bias is not None and self.out_proj.bias is not None:
            init.zeros_(self.in_proj_bias)
            init.zeros_(self.out_proj.bias)
        for added in (self.bias_k, self.bias_v):
            if added is not None:
                init.xavier_normal_(added)

    def forward(
        self,
        query: Tensor,
        key: Tensor,
        value: Tensor,
        key_padding_mask: Tensor | None = None,
        need_weights: bool = True,
        attn_mask: Tensor | None = None,
        average_attn_weights: bool = True,
        is_causal: bool = False,
    ) -> tuple[Tensor, Tensor | None]:
        return multi_head_attention_forward(
            query, key, value, self.embed_dim, self.num_heads, self.in_proj_weight,
            self.in_proj_bias, self.bias_k, self.bias_v, self.add_zero_attn, self.dropout,
            self.out_proj.weight, self.out_proj.bias, training=self.training,
            key_padding_mask=key_padding_mask, need_weights=need_weights, attn_mask=attn_mask,
            use_separate_proj_weight=not self._qkv_same_embed_dim,
            q_proj_weight=self.q_proj_weight, k_proj_weight=self.k_proj_weight,
            v_proj_weight=self.v_proj_weight, average_attn_weights=average_attn_weights,
            is_causal=is_causal, batch_first=self.batch_first,
        )  # fmt: skip


def _require_sizes(sizes: dict[str, Any], dropout: float) -> None:
    """Raise ArgumentError for sizes that are no whole numbers from 1, or do not divide."""
    for name, size in sizes.items():
        if not is_size(size, 1):
            raise ArgumentError(f"{name} is {size!r}", expected="a whole number from 1")
    width, heads = sizes["embed_dim"], sizes["num_heads"]
    if width % heads:
        raise ArgumentError(f"embed_dim {width} cannot be shared out among {heads} heads")
    probability(dropout)
