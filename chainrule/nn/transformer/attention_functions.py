"""Attention as functions, under PyTorch's names.

A bool mask of `scaled_dot_product_attention` is True where a key may be read; those of
`multi_head_attention_forward` are True where it may not.  Both are PyTorch's.
"""

from __future__ import annotations

import math
from typing import Any

from chainrule.core import dtypes as dt
from chainrule.core.device import beside
from chainrule.core.errors import ArgumentError, DTypeError, ShapeError
from chainrule.core.names import named
from chainrule.core.signature import same_size
from chainrule.core.tensor import Tensor
from chainrule.nn.dropout.functions import probability
from chainrule.ops.creation import zeros
from chainrule.ops.creation.random import default_generator, dropout_mask
from chainrule.ops.linear import attention as ops
from chainrule.ops.linear.attention import attention_weights
from chainrule.ops.linear.matmul import linear
from chainrule.ops.shape.pieces import each_row
from chainrule.ops.shape.primitive import cat


def scaled_dot_product_attention(
    query: Tensor,
    key: Tensor,
    value: Tensor,
    attn_mask: Tensor | None = None,
    dropout_p: float = 0.0,
    is_causal: bool = False,
    scale: float | None = None,
    enable_gqa: bool = False,
) -> Tensor:
    """softmax(Q K^T / √e) V: the mean of the values, weighted by how well keys match each query.

    Shapes: query (*b, l, e), key (*b, s, e), value (*b, s, d) -> (*b, l, d).  ``attn_mask``, which
    can be repeated to (*b, l, s), is bool, True where a query may read a key, or added to the
    scores; ``is_causal`` lets query i read keys 0 … i.  ``scale`` stands for 1 / √e.  A weight is
    dropped with probability ``dropout_p``, whether training or not.  With ``enable_gqa`` the axis
    before the last two is that of heads, of which key and value may have fewer.

    Raises ShapeError, DTypeError for operands of different types, and ArgumentError for two masks
    and for a probability that is none.  Of Vaswani and others, Attention Is All You Need (2017).

    >>> import chainrule as cr
    >>> q, k, v = cr.zeros(1, 2), cr.ones(2, 2), cr.tensor([[1.0], [3.0]])
    >>> cr.nn.functional.scaled_dot_product_attention(q, k, v).tolist()
    [[2.0]]
    """
    attrs = {"is_causal": is_causal, "scale": scale}
    if probability(dropout_p) == 0:
        attended: Tensor = ops.scaled_dot_product_attention(
            query, key, value, attn_mask, enable_gqa=enable_gqa, **attrs
        )
        return attended
    if enable_gqa:
        key, value = (ops.shared_heads(query, x) for x in (key, value))
    weights = attention_weights(query, key, attn_mask, **attrs)
    return _dropped(weights, dropout_p) @ value


def _dropped(weights: Tensor, p: float) -> Tensor:
    """The weights, some of them 0 and the others larger: drawn anew at each call."""
    with beside(weights):
        return weights * default_generator.draw(
            dropout_mask, shape=weights.shape, p=p, dtype=weights.dtype
        )


def multi_head_attention_forward(
    query: Tensor, key: Tensor, value: Tensor, embed_dim_to_check: int, num_heads: int,
    in_proj_weight: Tensor | None, in_proj_bias: Tensor | None, bias_k: Tensor | None,
    bias_v: Tensor | None, add_zero_attn: bool, dropout_p: float, out_proj_weight: Tensor,
    out_proj_bias: Tensor | None, training: bool = True, key_padding_mask: Tensor | None = None,
    need_weights: bool = True, attn_mask: Tensor | None = None,
    use_separate_proj_weight: bool = False, q_proj_weight: Tensor | None = None,
    k_proj_weight: Tensor | None = None, v_proj_weight: Tensor | None = None,
    static_k: Tensor | None = None, static_v: Tensor | None = None,
    average_attn_weights: bool = True, is_causal: bool = False, *, batch_first: bool = False,
) -> tuple[Tensor, Tensor | None]:  # fmt: skip
    """What `nn.MultiheadAttention` computes, from its parameters; see there.

    Shapes: query (l, n, e) or (l, e), key and value (s, n, *) or (s, *), key_padding_mask (n, s) or
    (s), attn_mask (l, s) or (n * heads, l, s) -> (l, n, e) and weights (n, l, s), or
    (n, heads, l, s) unless they are averaged.  ``static_k`` and ``static_v``, (n * heads, s, e /
    heads), stand for the projected key and value.  ``is_causal`` says of ``attn_mask`` that it is
    the causal mask.  With ``batch_first``, which PyTorch's function lacks, n stands first.  Raises
    ShapeError, DTypeError and ArgumentError.
    """
    batched = _checked(query, key, value, embed_dim_to_check, num_heads, batch_first)
    if is_causal and attn_mask is None:
        raise ArgumentError("is_causal says that attn_mask is causal, and there is none",
                            hint="nn.Transformer.generate_square_subsequent_mask(l)")  # fmt: skip
    if not batched:
        query, key, value = (x.unsqueeze(0) for x in (query, key, value))
        key_padding_mask = None if key_padding_mask is None else key_padding_mask.unsqueeze(0)
    elif not batch_first:
        query, key, value = (x.transpose(0, 1) for x in (query, key, value))
    batch, length, width = query.shape
    lean = is_causal and key_padding_mask is None and not need_weights
    grid = (batch, num_heads, length, key.shape[1])
    masks = _masks(None if lean else attn_mask, key_padding_mask, grid)

    split = (None,) * 3 if in_proj_weight is None else _three(in_proj_weight, "W")
    separate = (q_proj_weight, k_proj_weight, v_proj_weight)
    chosen = separate if use_separate_proj_weight else split
    q, k, v = _projected((query, key, value), chosen, in_proj_bias)
    if (bias_k is None) != (bias_v is None):
        raise ArgumentError("bias_k and bias_v come together")
    if bias_k is not None and bias_v is not None:
        k, v = _and_bias(k, bias_k, static_k), _and_bias(v, bias_v, static_v)
        masks = [_longer(mask) for mask in masks]
    q = _heads(q, num_heads)
    k = _heads(k, num_heads) if static_k is None else _static(static_k, "static_k", q)
    v = _heads(v, num_heads) if static_v is None else _static(static_v, "static_v", q)
    if add_zero_attn:
        k, v, masks = _longer(k, 2), _longer(v, 2), [_longer(mask) for mask in masks]

    q, k, v = named(q, "q"), named(k, "k"), named(v, "v")
    mask, dropped = _joined(masks, q), dropout_p if training else 0.0
    heads, weights = _attended(q, k, v, mask, dropped, need_weights, lean)
    joined = named(heads.transpose(1, 2).reshape(batch, length, width), "joined")
    output = linear(joined, out_proj_weight, out_proj_bias)
    if weights is not None:
        weights = weights.mean(1) if average_attn_weights else weights
        weights = weights if batched else weights.squeeze(0)
    if not batched:
        return output.squeeze(0), weights
    return (output if batch_first else output.transpose(0, 1)), weights


def _projected(
    inputs: tuple[Tensor, ...], weights: tuple[Tensor | None, ...], in_proj_bias: Tensor | None
) -> list[Tensor]:
    """Queries, keys and values: each an affine map of its input."""
    if any(w is None for w in weights):
        raise ArgumentError("a weight that projects query, key or value is None")
    biases = (None,) * 3 if in_proj_bias is None else _three(in_proj_bias, "b")
    return [linear(*given) for given in zip(inputs, weights, biases, strict=True)]


def _three(x: Tensor, letter: str) -> tuple[Tensor, ...]:
    """The rows for query, key and value, called W_q, W_k, W_v."""
    parts = each_row(x.reshape(3, x.shape[0] // 3, *x.shape[1:]), number=3)
    return tuple(named(part, f"{letter}_{i}") for part, i in zip(parts, "qkv", strict=True))


def _attended(
    q: Tensor, k: Tensor, v: Tensor, mask: Tensor | None, p: float, need_weights: bool, causal: bool
) -> tuple[Tensor, Tensor | None]:
    """What each head reads, and the weights it reads with if they are asked for.

    A query that may read no key gives NaN with weights, else 0, as in PyTorch.
    """
    if not need_weights:
        heads = scaled_dot_product_attention(q, k, v, mask, p, is_causal=causal)
        return named(heads, "heads"), None
    weights = named(attention_weights(q, k, mask, zero_rows=mask is None), "weights")
    if p:
        weights = named(_dropped(weights, p), "weights")
    return named(weights @ v, "heads"), weights


def _checked(
    query: Tensor, key: Tensor, value: Tensor, width: int, num_heads: int, batch_first: bool
) -> bool:
    """Whether there is an axis of the batch; raises ShapeError and ArgumentError."""
    got = f"query {query.shape}, key {key.shape}, value {value.shape}"
    if query.ndim not in (2, 3) or not query.ndim == key.ndim == value.ndim:
        raise ShapeError("attention with heads takes 3 axes each, or 2 without a batch",
                         got=got, expected="(length, n, width) or (length, width)")  # fmt: skip
    if not same_size(query.shape[-1], width):
        raise ShapeError(f"the query is {query.shape[-1]} wide, and embed_dim is {width}", got=got)
    if num_heads < 1 or width % num_heads:
        raise ArgumentError(f"embed_dim {width} cannot be shared out among {num_heads} heads")
    if not all(map(same_size, key.shape[:-1], value.shape[:-1])):
        raise ShapeError("there is one value for each key", got=got)
    n = 0 if batch_first else 1
    if query.ndim == 3 and not same_size(query.shape[n], key.shape[n]):
        raise ShapeError("query and key are of batches of different size", got=got,
                         hint=f"axis {n} is that of the batch: see batch_first")  # fmt: skip
    return query.ndim == 3


def _masks(
    attn_mask: Tensor | None, key_padding_mask: Tensor | None, grid: tuple[Any, ...]
) -> list[Tensor]:
    """The masks that there are, in shapes that can be repeated to ``grid``, (n, heads, l, s)."""
    n, heads, length, keys = grid
    found = []
    if attn_mask is not None:
        wanted = (length, keys) if attn_mask.ndim == 2 else (n * heads, length, keys)
        _require("attn_mask", attn_mask, wanted)
        found.append(attn_mask if attn_mask.ndim == 2 else attn_mask.reshape(grid))
    if key_padding_mask is not None:
        _require("key_padding_mask", key_padding_mask, (n, keys))
        found.append(key_padding_mask.reshape(n, 1, 1, keys))
    return found


def _require(name: str, mask: Tensor, wanted: tuple[Any, ...]) -> None:
    """Raise DTypeError for a mask of whole numbers, ShapeError for one of another shape."""
    if mask.dtype.category not in (dt.BOOL, dt.REAL, dt.EXACT):
        raise DTypeError(
            f"{name} is of type {mask.dtype.name}",
            expected="bool, True where a key is masked, or numbers to be added",
        )
    if mask.ndim != len(wanted) or not all(map(same_size, mask.shape, wanted)):
        raise ShapeError(f"{name} has shape {mask.shape}", expected=f"{wanted}")


def _joined(masks: list[Tensor], like: Tensor) -> Tensor | None:
    """One mask as attention takes it: bool, True where a key may be read, or to be added."""
    if not masks:
        return None
    if all(mask.dtype is dt.bool_ for mask in masks):
        masked = masks[0] if len(masks) == 1 else masks[0] | masks[1]
        return ~masked
    added = [_additive(mask, like) for mask in masks]
    return added[0] if len(added) == 1 else added[0] + added[1]


def _additive(mask: Tensor, like: Tensor) -> Tensor:
    """Minus infinity where a key is masked, else 0."""
    if mask.dtype is not dt.bool_:
        return mask
    made: Tensor = zeros(mask.shape, dtype=like.dtype, device=mask.device).masked_fill(
        mask, -math.inf
    )
    return made


def _heads(x: Tensor, num_heads: int) -> Tensor:
    """(n, length, width) as (n, heads, length, width / heads)."""
    n, length, width = x.shape
    return x.reshape(n, length, num_heads, width // num_heads).transpose(1, 2)


def _static(x: Tensor, name: str, q: Tensor) -> Tensor:
    """Projected keys or values that were given, (n * heads, s, width), as `_heads` has them."""
    n, heads, _, width = q.shape
    if x.ndim != 3 or not same_size(x.shape[0], n * heads) or not same_size(x.shape[2], width):
        raise ShapeError(f"{name} has shape {x.shape}", expected=f"({n * heads}, s, {width})")
    return x.reshape(n, heads, x.shape[1], width)


def _and_bias(x: Tensor, bias: Tensor, static: Tensor | None) -> Tensor:
    """One more key or value, the same for all: (n, length + 1, width)."""
    if static is not None:
        raise ArgumentError("bias_k and bias_v cannot be added to static_k and static_v")
    joined: Tensor = cat([x, bias.expand(x.shape[0], 1, x.shape[2])], dim=1)
    return joined


def _longer(x: Tensor, dim: int = -1) -> Tensor:
    """One more entry along an axis: 0, or False, which masks nothing."""
    shape = list(x.shape)
    shape[dim] = 1
    longer: Tensor = cat([x, zeros(shape, dtype=x.dtype, device=x.device)], dim=dim)
    return longer
