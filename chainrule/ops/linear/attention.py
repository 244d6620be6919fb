"""Attention: values averaged by how well their keys match a query.

Of Vaswani and others, Attention Is All You Need (2017), equation 1: softmax(Q K^T / √e) V.  A mask
is of bools, True where a key may be read, or of numbers that are added to the scores.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Any, ClassVar

from chainrule.core import dtypes as dt
from chainrule.core.apply import number_category
from chainrule.core.derivatives import unbroadcast
from chainrule.core.dtypes import DType
from chainrule.core.errors import ArgumentError, DTypeError, ShapeError
from chainrule.core.lowering import recorder
from chainrule.core.names import named
from chainrule.core.node import Node
from chainrule.core.op import Op, Slip, example
from chainrule.core.signature import Shape, Signature, broadcast, same_size
from chainrule.core.size import Size
from chainrule.core.tensor import Tensor
from chainrule.namespaces import constants

LOW = -1e300
"""Below any score; in types that cannot hold it, minus infinity."""


class Attending(Op, abstract=True):
    """What the weights of attention and attention itself share: queries, keys, and who may read
    whom."""

    kind = "contract"
    keywords: ClassVar[tuple[str, ...]] = ("query", "key", "value", "attn_mask")

    def canonical(self, attrs: dict[str, Any]) -> dict[str, Any]:
        scale = attrs["scale"]
        if scale is not None and number_category(scale) in (None, dt.BOOL):
            raise ArgumentError(f"scale is {scale!r}", expected="a number, or None for 1 / √e")
        return {**attrs, "is_causal": bool(attrs["is_causal"])}

    def dtypes(
        self, given: list[DType], ranks: list[int], **attrs: Any
    ) -> tuple[list[DType], DType]:
        mixed, mask = given[: self.floating], given[self.floating :]
        if dt.exact in given:
            mixed = [dt.exact] * len(mixed)
        if len(set(mixed)) > 1 or mixed[0].category not in (dt.REAL, dt.EXACT):
            words = ", ".join(self.inputs[: self.floating])
            raise DTypeError(f"{words} of {self.name} must be of one floating type",
                             got=", ".join(d.name for d in given[: self.floating]))  # fmt: skip
        if mask and mask[0] is not dt.bool_ and dt.exact not in given and mask[0] is not mixed[0]:
            raise DTypeError(f"attn_mask is of type {mask[0].name}",
                             expected=f"bool, or {mixed[0].name} to be added")  # fmt: skip
        return [*mixed, *(m if m is dt.bool_ else mixed[0] for m in mask)], mixed[0]

    def mistakes(self, node: Node) -> Iterable[Slip]:
        if node.attrs["scale"] is None and node.parents[0].shape[-1] != 1:
            yield Slip("the scores were not divided by √e",
                       lambda *x, **attrs: self(*x, **attrs | {"scale": 1}))  # fmt: skip
        if node.attrs["is_causal"]:
            yield Slip("queries read keys that come after them",
                       lambda *x, **attrs: self(*x, **attrs | {"is_causal": False}))  # fmt: skip

    @property
    def floating(self) -> int:
        """How many operands are numbers, before the mask."""
        return len(self.inputs) - 1


class AttentionWeights(Attending):
    """How much each query reads of each key: the softmax over the keys of q · k / √e.

    Shapes: query (*b, l, e), key (*b, s, e), attn_mask up to (*b, l, s) -> (*b, l, s).  A query
    that may read no key has weights 0; with ``zero_rows=False``, 0 / 0.
    """

    signature = "*b l e, *b s e, [*m] -> *b l s"
    keywords = ("query", "key", "attn_mask")
    facts = {"nonnegative": True}
    examples = (
        example((1, 4), (2, 4)),
        example((2, 1, 2, 1), (1, 2, 1), is_causal=True, scale=0.5),
        example((2, 1), (2, 1), (2, 2), dtypes=(None, None, dt.bool_)),
        example((1, 1), (2, 1, 1), (1,)),
    )

    def forward(
        self, xp: Any, query: Any, key: Any, attn_mask: Any = None, *, is_causal: bool = False,
        scale: Any = None, zero_rows: bool = True,
    ) -> Any:  # fmt: skip
        scores = _scaled(xp, xp.matmul(query, _transposed(xp, key)), query.shape[-1], scale)
        return _shares(xp, xp.step(scores, "scores"), attn_mask, is_causal, zero_rows)

    def shape(
        self, query: Shape, key: Shape, attn_mask: Shape | None = None, *, is_causal: bool,
        **attrs: Any,
    ) -> Shape:  # fmt: skip
        given = (query, key) if attn_mask is None else (query, key, attn_mask)
        (made,) = Signature.parse(type(self).signature).infer(given)
        _require_mask(attn_mask, made, is_causal)
        return made

    def vjp(self, node: Node, g: Tensor) -> Iterator[Tensor | None]:
        query, key, *mask = node.inputs
        by_scores = _through_softmax(node.output, g)
        by_query, by_key, *by_mask = _by_scores(node, query, key, mask, by_scores)
        yield by_query
        yield None if by_key is None else unbroadcast(by_key, key.shape)
        yield from by_mask

    def explain(self, node: Node) -> str:
        *_, queries, keys = node.shape
        return f"each of {queries} queries shares out 1 among {keys} keys, by their scores"


class ScaledDotProductAttention(Attending):
    """softmax(Q K^T / √e) V: each query's mean of the values, weighted by how well keys match it.

    Shapes: query (*b, l, e), key (*b, s, e), value (*b, s, d), attn_mask up to (*b, l, s)
    -> (*b, l, d).  With ``enable_gqa`` the axis before the last two is that of heads, and several
    heads of the query share one of key and value.  A query that may read no key gives 0.
    """

    signature = "*b l e, *b s e, *b s d, [*m] -> *b l d"
    convention = "query i reads keys 0 … i where is_causal; 0 for a query that may read no key"
    examples = (
        example((1, 4), (2, 4), (2, 1)),
        example((2, 1, 2, 1), (1, 2, 1), (2, 1), is_causal=True, scale=0.5),
        example((2, 1), (2, 1), (2, 1), (2, 2), dtypes=(None, None, None, dt.bool_)),
        example((2, 1, 1), (1, 2, 1), (1, 2, 1), (1, 2), enable_gqa=True),
    )

    def forward(
        self, xp: Any, query: Any, key: Any, value: Any, attn_mask: Any = None, *,
        is_causal: bool = False, scale: Any = None, enable_gqa: bool = False,
    ) -> Any:  # fmt: skip
        if enable_gqa:
            key, value = (_repeated(xp, x, query.shape[-3]) for x in (key, value))
        weights = attention_weights.forward(
            xp, query, key, attn_mask, is_causal=is_causal, scale=scale
        )
        return xp.matmul(xp.step(weights, "weights"), value)

    def shape(
        self, query: Shape, key: Shape, value: Shape, attn_mask: Shape | None = None, *,
        is_causal: bool, enable_gqa: bool, **attrs: Any,
    ) -> Shape:  # fmt: skip
        if enable_gqa:
            key, value = (
                _spread_heads(query, x, name) for x, name in ((key, "key"), (value, "value"))
            )
        mask = () if attn_mask is None else (attn_mask,)
        (made,) = Signature.parse(type(self).signature).infer((query, key, value, *mask))
        scores = (*broadcast(query[:-2], key[:-2]), query[-2], key[-2])
        _require_mask(attn_mask, scores, is_causal)
        return made

    def vjp(self, node: Node, g: Tensor) -> Iterator[Tensor | None]:
        xp, (query, key, value, *mask) = recorder, node.inputs
        given = key, value
        if node.attrs["enable_gqa"]:
            key, value = (_repeated(xp, x, query.shape[-3]) for x in given)
        attrs = {name: node.attrs[name] for name in ("is_causal", "scale")}
        weights = named(attention_weights(query, key, *mask, **attrs), "weights")
        if node.needs(0) or node.needs(1) or mask:
            by_weights = unbroadcast(xp.matmul(g, _transposed(xp, value)), weights.shape)
            by_scores = _through_softmax(weights, by_weights)
            by_query, by_key, *by_mask = _by_scores(node, query, key, mask, by_scores)
        else:
            by_query, by_key, by_mask = None, None, [None for _ in mask]
        yield by_query
        yield None if by_key is None else _gathered(by_key, given[0].shape)
        by_value = xp.matmul(_transposed(xp, weights), g) if node.needs(2) else None
        yield None if by_value is None else _gathered(by_value, given[1].shape)
        yield from by_mask

    def explain(self, node: Node) -> str:
        queries, (keys, width) = node.shape[-2], node.parents[1].shape[-2:]
        return (
            f"each of {queries} queries averages {keys} values by the softmax of its scores, "
            f"which are dot products of length {width}"
        )


def _transposed(xp: Any, x: Any) -> Any:
    """The last two axes exchanged."""
    rank = len(x.shape)
    return xp.permute(x, (*range(rank - 2), rank - 1, rank - 2))


def _scaled(xp: Any, x: Any, width: Any, scale: Any) -> Any:
    """Times ``scale``, or divided by the root of the width of queries and keys."""
    if scale is not None:
        return xp.multiply(x, scale)
    return xp.divide(x, xp.sqrt(width) if isinstance(width, Size) else constants.sqrt(width))


def _shares(xp: Any, scores: Any, mask: Any, is_causal: bool, zero_rows: bool) -> Any:
    """The softmax over the last axis of the scores that the mask lets through."""
    last = len(scores.shape) - 1
    allowed = _allowed(xp, scores.shape, is_causal) if mask is None else mask
    if allowed is None or not _is_bool(allowed):
        if allowed is not None:
            scores = xp.step(xp.add(scores, allowed), "masked scores")
        e = xp.step(xp.exp(xp.subtract(scores, xp.shift(scores, last))), "exp")
        total = xp.sum(e, (last,), True)
        if allowed is not None and zero_rows:
            total = xp.clip_below(total, 1)  # it is, unless all are masked: exp(0) is among them
        return xp.divide(e, xp.step(total, "sum"))
    top = xp.shift(xp.where(allowed, scores, LOW), last)
    e = xp.exp(xp.where(allowed, xp.subtract(scores, top), 0))
    e = xp.step(xp.where(allowed, e, 0), "exp")
    total = xp.step(xp.sum(e, (last,), True), "sum")
    if mask is not None and zero_rows:
        total = xp.where(_any(xp, allowed), total, 1)
    return xp.divide(e, total)


def _is_bool(mask: Any) -> bool:
    """Whether a mask says who may read whom, and is no number to be added."""
    return str(mask.dtype).endswith("bool")


def _allowed(xp: Any, shape: Shape, is_causal: bool) -> Any:
    """(l, s): True where the key does not come after the query; None where all may be read."""
    if not is_causal:
        return None
    queries, keys = (xp.arange(size, "int64") for size in shape[-2:])
    return xp.less_equal(keys, xp.reshape(queries, (shape[-2], 1)))


def _any(xp: Any, allowed: Any) -> Any:
    """Where at least one key may be read; the axis of the keys is kept."""
    if not allowed.shape:
        return allowed
    counted = xp.cast(allowed, "int64")
    return xp.less(0, xp.sum(counted, (len(allowed.shape) - 1,), True))


def _repeated(xp: Any, x: Any, heads: Any) -> Any:
    """The heads of x (*b, h, s, e), each as often as ``heads`` query heads share them."""
    *batch, own, length, width = x.shape
    if own == heads:
        return x
    grouped = xp.reshape(x, (*batch, own, 1, length, width))
    repeated = xp.expand(grouped, (*batch, own, heads // own, length, width))
    return xp.reshape(repeated, (*batch, heads, length, width))


def shared_heads(query: Tensor, x: Tensor) -> Tensor:
    """Key or value with as many heads as the query, each shared by several: what ``enable_gqa``
    does.  Raises ShapeError."""
    _spread_heads(query.shape, x.shape, "key or value")
    repeated: Tensor = _repeated(recorder, x, query.shape[-3])
    return repeated


def _gathered(g: Tensor, shape: Shape) -> Tensor:
    """The adjoint of an operand from that of the operand repeated."""
    if len(shape) > 2 and not same_size(g.shape[-3], shape[-3]) and shape[-3] != 1:
        *batch, heads, length, width = g.shape
        grouped = (*batch, shape[-3], heads // shape[-3], length, width)
        g = recorder.sum(recorder.reshape(g, grouped), (len(batch) + 1,), False)
    return unbroadcast(g, shape)


def _through_softmax(weights: Tensor, g: Tensor) -> Tensor:
    """The adjoint of the scores from the weights and their own adjoint."""
    total: Tensor = recorder.sum(g * weights, (len(weights.shape) - 1,), True)
    return weights * (g - total)


def _by_scores(
    node: Node, query: Tensor, key: Tensor, mask: list[Tensor], g: Tensor
) -> Iterator[Tensor | None]:
    """The adjoints of query, key and mask from that of the masked scores; the key's with all axes
    of the scores."""
    xp = recorder
    scaled = _scaled(xp, g, query.shape[-1], node.attrs["scale"])
    yield unbroadcast(xp.matmul(scaled, key), query.shape) if node.needs(0) else None
    by_key = xp.matmul(_transposed(xp, scaled), query) if node.needs(1) else None
    yield by_key
    for i, added in enumerate(mask, len(node.parents) - 1):
        yield unbroadcast(g, added.shape) if node.needs(i) else None


def _require_mask(mask: Shape | None, scores: Shape, is_causal: bool) -> None:
    """Raise ShapeError unless a mask can be repeated to the scores, ArgumentError for two masks."""
    if mask is None:
        return
    if is_causal:
        raise ArgumentError(
            "attn_mask and is_causal are two masks",
            hint="join them: attn_mask & cr.ones(l, s, dtype=cr.bool).tril()",
        )
    try:
        fits = broadcast(mask, scores) == scores
    except ShapeError:
        fits = False
    if not fits:
        raise ShapeError(f"attn_mask has shape {mask}, which cannot be repeated to the scores'",
                         expected=f"up to {scores}: a row for each query")  # fmt: skip


def _spread_heads(query: Shape, other: Shape, name: str) -> Shape:
    """The shape of key or value with as many heads as the query."""
    if len(query) < 3 or len(other) < 3:
        raise ShapeError(
            f"enable_gqa: {name} or query has no axis of heads",
            expected="query (*b, h, l, e), key (*b, h, s, e), value (*b, h, s, d)",
        )
    heads, own = query[-3], other[-3]
    if own == 0 or not same_size(heads % own, 0):
        raise ShapeError(f"the {own} heads of {name} cannot be shared out among {heads} of query")
    return (*other[:-3], heads, *other[-2:])


attention_weights = AttentionWeights()
scaled_dot_product_attention = ScaledDotProductAttention()
