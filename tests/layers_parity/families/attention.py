"""Attention, and the Transformers made of it."""

from __future__ import annotations

from typing import Any

import numpy as np

from tests.layers_parity.drawing import Draw
from tests.layers_parity.families.batch_norm import NOISE
from tests.layers_parity.table import BOTH, Built, Family, Named, Plan
from tests.torch_parity.drawing import Dtype, Sample

family = Family("Attention and Transformers")
row = family.row


def _mask(d: Draw, *shape: int) -> Sample:
    """Which scores count: True or False, or a number to add.  The first column always counts."""
    drawn = d.random.random(shape) < 0.7
    drawn[..., :1] = True
    if d.one(True, False):
        return Sample(drawn)
    numbers = np.where(drawn, np.round(d.random.uniform(-1, 1, shape), 2), d.one(-np.inf, -5.0))
    return Sample(numbers.astype(d.float), d.one(False, False, bool(np.isfinite(numbers).all())))


def _hidden(d: Draw, *shape: int) -> Sample:
    """Which scores do not count, in the layers: the other way round."""
    mask = _mask(d, *shape)
    return Sample(~mask.array) if mask.dtype == "bool" else Sample(mask.array)


@row("F.scaled_dot_product_attention")
def sdpa(d: Draw, name: str) -> Plan:
    b = d.one((2, 2), (1, 2), (), (2,), (0, 2) if not d.faulty else (1,))
    m, n, e, v = d.size(1, 3), d.size(1, 3), d.one(2, 1, 4), d.one(2, 1, 3)
    given: dict[str, Any] = d.some(dropout_p=0.0, scale=d.one(0.5, None, 2.0))
    heads = b
    if len(b) == 2 and d.one(False, False, True):
        heads, given["enable_gqa"] = (b[0], b[1] * 2), True
    kind = d.one("none", "mask", "causal", "mask")
    if kind == "mask" or d.faulty:
        shape = d.one((m, n), (*b, m, n), (1, n)) if heads == b else (m, n)
        mask = _mask(d, *d.mostly((shape,), ((m, n + 1),)))
        given["attn_mask"] = Sample(mask.array, mask.grad and 0 not in b)
    if kind == "causal":
        given["is_causal"] = True
    key = d.x(*b, n, d.mostly((e,), (e + 1,)))
    return Plan(None, (((d.x(*heads, m, e), key, d.x(*b, n, v)), given),))


@row("nn.MultiheadAttention")
def multihead(d: Draw, name: str) -> Plan:
    heads = d.one(2, 1, 3)
    e = heads * d.size(1, 2)
    given: dict[str, Any] = d.some(
        dropout=0.0, bias=d.flag(), add_bias_kv=d.flag(), add_zero_attn=d.flag(),
        batch_first=d.flag(),
    )  # fmt: skip
    k, v = e, e
    if d.one(False, False, True):
        k, v = d.one(e, e + 1, 1), d.one(e, e + 2)
        given |= {"kdim": k, "vdim": v}
    m, n, b = d.size(1, 3), d.size(1, 3), d.one(2, 1, 3)
    unbatched = d.one(False, False, False, True)

    def of(length: int, width: int) -> Sample:
        if unbatched:
            return d.x(length, width)
        return d.x(b, length, width) if given.get("batch_first") else d.x(length, b, width)

    query = of(m, d.mostly((e,), (e + 1,)))
    if k == v == e and m == n and d.one(False, True):
        args: tuple[Any, ...] = (query, of(m, e), of(m, e))
    else:
        args = (query, of(n, k), of(n, v))
    run = d.some(need_weights=d.flag(), average_attn_weights=d.flag())
    if d.flag():
        run["key_padding_mask"] = _hidden(d, *(() if unbatched else (b,)), n)
    if d.flag():
        shape = d.one((m, n), (heads if unbatched else b * heads, m, n))
        run["attn_mask"] = _hidden(d, *d.mostly((shape,), ((m, n + 1), (m,))))
        if m == n and d.one(False, False, True):
            causal = Sample(np.triu(np.ones((m, n), dtype=bool), 1))
            run |= {"attn_mask": causal, "is_causal": True}
    init = (d.mostly((e,), (e + 1,)) if heads > 1 else e, heads), d.typed(**given)
    return Plan(init, ((args, run),), d.one(("train",), BOTH))


@row("F.multi_head_attention_forward")
def multihead_function(d: Draw, name: str) -> Plan:
    heads, m, n, b = d.one(2, 1), d.size(1, 3), d.size(1, 3), d.one(2, 1)
    e = heads * d.size(1, 2)
    given: dict[str, Any] = d.some(training=d.flag(), need_weights=d.flag(), is_causal=False)
    given |= d.some(average_attn_weights=d.flag(), key_padding_mask=_hidden(d, b, n))
    given |= d.some(attn_mask=_hidden(d, m, n))
    k, v, weight = e, e, d.x(3 * e, e)
    if d.one(False, False, True):
        k, v, weight = e + 1, d.one(e, 1), None
        given |= {"use_separate_proj_weight": True, "q_proj_weight": d.x(e, e)}
        given |= {"k_proj_weight": d.x(e, k), "v_proj_weight": d.x(e, v)}
    elif d.one(False, False, True):
        static = d.x(b * heads, n, e // heads), d.x(b * heads, n, e // heads)
        given |= {"static_k": static[0], "static_v": static[1]}
    extra = (d.x(1, 1, e), d.x(1, 1, e)) if d.flag() and "static_k" not in given else (None, None)
    query, key = d.x(m, b, d.mostly((e,), (e + 1,))), d.x(n, b, k)
    out = d.x(e, e), d.one(None, d.x(e))
    bias = d.one(None, d.x(3 * e))
    args = (query, key, d.x(n, b, v), e, heads, weight, bias, *extra, d.flag(), 0.0, *out)
    return Plan(None, ((args, given),))


ACTIVATIONS = ("relu", "gelu", Named("F.relu"), Named("F.gelu"), Named("F.silu"))


def _layer(d: Draw) -> tuple[tuple[int, int], dict[str, Any]]:
    heads = d.one(2, 1)
    given = {"dim_feedforward": d.one(3, 5), "dropout": 0.0}
    given |= d.some(
        activation=d.mostly(ACTIVATIONS, ("tanh",)), layer_norm_eps=1e-3, batch_first=d.flag(),
        norm_first=d.flag(), bias=d.flag(),
    )  # fmt: skip
    return (heads * d.one(2, 3, 1), heads), d.typed(**given)


def _sequence(d: Draw, given: dict[str, Any], n: int, b: int, e: int) -> Sample:
    """(length, batch, width), or as ``batch_first`` has it; without a batch where b is 0."""
    if not b:
        return d.x(n, e)
    return d.x(b, n, e) if given.get("batch_first") else d.x(n, b, e)


def _masks(d: Draw, what: str, n: int, b: int, heads: int) -> dict[str, Any]:
    """A mask of pairs and one of padding for a sequence of n, named after ``what``."""
    given: dict[str, Any] = {}
    pairs, padding = {
        "src": ("src_mask", "src_key_padding_mask"),
        "encoder": ("mask", "src_key_padding_mask"),
        "tgt": ("tgt_mask", "tgt_key_padding_mask"),
    }[what]
    if d.flag():
        given[pairs] = _hidden(d, *d.one((n, n), ((b or 1) * heads, n, n)))
    if d.flag():
        given[padding] = _hidden(d, *((b,) if b else ()), n)
    return given


@row("nn.TransformerEncoderLayer", noise=NOISE)
def encoder_layer(d: Draw, name: str) -> Plan:
    (e, heads), given = _layer(d)
    n, b = d.size(1, 3), d.one(2, 1, 0)
    run = _masks(d, "src", n, b, heads) | ({"is_causal": False} if d.flag() else {})
    x = _sequence(d, given, n, b, d.mostly((e,), (e + 1,)))
    return Plan(((e, heads), given), (((x,), run),), d.one(BOTH, ("train",)))


@row("nn.TransformerDecoderLayer", noise=NOISE)
def decoder_layer(d: Draw, name: str) -> Plan:
    (e, heads), given = _layer(d)
    n, m, b = d.size(1, 3), d.size(1, 3), d.one(2, 1, 0)
    run = _masks(d, "tgt", n, b, heads)
    if d.flag():
        run["memory_mask"] = _hidden(d, n, m)
    if d.flag():
        run["memory_key_padding_mask"] = _hidden(d, *((b,) if b else ()), m)
    run |= {"tgt_is_causal": False, "memory_is_causal": False} if d.flag() else {}
    args = _sequence(d, given, n, b, e), _sequence(d, given, m, b, d.mostly((e,), (e + 1,)))
    return Plan(((e, heads), given), ((args, run),), d.one(BOTH, ("train",)))


def _norm(d: Draw, e: int) -> dict[str, Any]:
    return d.some(norm=Built("nn.LayerNorm", (e,), d.typed()))


@row("nn.TransformerEncoder", noise=NOISE)
def encoder(d: Draw, name: str) -> Plan:
    (e, heads), given = _layer(d)
    n, b = d.size(1, 3), d.one(2, 1, 0)
    layer = Built("nn.TransformerEncoderLayer", (e, heads), given)
    init = (
        (layer, d.one(2, 1)),
        _norm(d, e) | {"enable_nested_tensor": False} | d.some(mask_check=True),
    )
    run = _masks(d, "encoder", n, b, heads) | d.some(is_causal=d.one(None, False))
    return Plan(init, (((_sequence(d, given, n, b, e),), run),), d.one(BOTH, ("train",)))


@row("nn.TransformerDecoder", noise=NOISE)
def decoder(d: Draw, name: str) -> Plan:
    (e, heads), given = _layer(d)
    n, m, b = d.size(1, 3), d.size(1, 3), d.one(2, 1, 0)
    layer = Built("nn.TransformerDecoderLayer", (e, heads), given)
    run = _masks(d, "tgt", n, b, heads)
    if d.flag():
        run["memory_mask"] = _hidden(d, n, m)
    if d.flag():
        run["memory_key_padding_mask"] = _hidden(d, *((b,) if b else ()), m)
    run |= d.some(tgt_is_causal=None, memory_is_causal=False)
    args = _sequence(d, given, n, b, e), _sequence(d, given, m, b, e)
    d.compiled = d.compiled and d.flag()
    return Plan(((layer, d.one(2, 1)), _norm(d, e)), ((args, run),), d.one(BOTH, ("train",)))


@row("nn.Transformer", noise=NOISE)
def transformer(d: Draw, name: str) -> Plan:
    (e, heads), given = _layer(d)
    given |= {"num_encoder_layers": d.one(1, 2), "num_decoder_layers": d.one(1, 2)}
    n, m, b = d.size(1, 3), d.size(1, 3), d.one(2, 1, 0)
    run = _masks(d, "src", n, b, heads) | _masks(d, "tgt", m, b, heads)
    if d.flag():
        run["memory_mask"] = _hidden(d, m, n)
    if d.flag():
        run["memory_key_padding_mask"] = _hidden(d, *((b,) if b else ()), n)
    run |= d.some(src_is_causal=None, tgt_is_causal=None, memory_is_causal=False)
    given |= d.some(custom_encoder=None, custom_decoder=None)
    d.compiled = d.compiled and d.flag()  # large graphs
    args = _sequence(d, given, n, b, e), _sequence(d, given, m, b, e)
    return Plan(((e, heads), given), ((args, run),), d.one(("train",), BOTH))


@row("nn.Transformer.generate_square_subsequent_mask")
def causal_mask(d: Draw, name: str) -> Plan:
    return Plan(None, (((d.one(3, 1, 2, 0),), d.some(device="cpu", dtype=Dtype(d.float))),))
