"""Scaled dot-product attention beside PyTorch: masks, heads, exact numbers, sizes, errors."""

from __future__ import annotations

import itertools
import math
from typing import Any

import numpy as np
import pytest
import torch

import chainrule as cr
from chainrule.core.derivatives import grad
from chainrule.core.errors import ArgumentError, ChainruleError, DTypeError, ShapeError
from chainrule.ops.linear.attention import attention_weights
from chainrule.readings.lower import lower

F, T = cr.nn.functional, torch.nn.functional
attention = F.scaled_dot_product_attention
SHAPES = [
    ((2, 3), (4, 3), (4, 2)),
    ((2, 2, 3, 2), (2, 2, 4, 2), (2, 2, 4, 5)),
    ((2, 1, 3, 2), (1, 2, 4, 2), (4, 2)),
]


def operands(shapes: Any, dtype: str = "float64", seed: int = 0) -> tuple[list[Any], list[Any]]:
    """The same normal draws as tensors of ours and of PyTorch's, all with gradients."""
    draw = np.random.default_rng(seed)
    arrays = [draw.normal(size=shape).astype(dtype) for shape in shapes]
    return (
        [cr.tensor(a, requires_grad=True) for a in arrays],
        [torch.tensor(a, requires_grad=True) for a in arrays],
    )


def close(a: Any, b: Any, bound: float = 1e-12) -> None:
    """The largest difference is small beside the largest number."""
    x, y = a.detach().numpy(), b.detach().numpy()
    np.testing.assert_allclose(x, y, rtol=0, atol=bound * (1 + np.abs(y).max(initial=0)))


def compare(mine: list[Any], other: list[Any], *args: Any, bound: float = 1e-12, **kw: Any) -> None:
    """Values and gradients of both, of which ``kw`` holds pairs where they are tensors."""
    ours = {k: v[0] if isinstance(v, tuple) else v for k, v in kw.items()}
    theirs = {k: v[1] if isinstance(v, tuple) else v for k, v in kw.items()}
    a, b = attention(*mine, **ours), T.scaled_dot_product_attention(*other, **theirs)
    close(a, b, bound)
    (a * a).sum().backward()
    (b * b).sum().backward()
    for x, y in zip(mine, other, strict=True):
        close(x.grad, y.grad, bound)


@pytest.mark.parametrize("shapes", SHAPES)
@pytest.mark.parametrize("options", [{}, {"is_causal": True}, {"scale": 0.3}])
def test_values_and_gradients_are_torchs(shapes: Any, options: dict[str, Any]) -> None:
    compare(*operands(shapes), **options)
    compare(*operands(shapes, "float32"), bound=1e-5, **options)


MASKS = [
    [[True, False, True, True], [True] * 4, [False, True, False, False]],
    [[True, True, False, False], [False] * 4, [True] * 4],  # the second query reads nothing
    [[True, False, False, True]],
]


@pytest.mark.parametrize("mask", MASKS)
@pytest.mark.parametrize("dtype", ["float32", "float64"])
@pytest.mark.parametrize("kind", ["bool", "infinite"])
def test_masks_are_torchs(mask: Any, dtype: str, kind: str) -> None:
    array = np.array(mask)
    if kind == "infinite":
        array = np.where(array, 0, -np.inf).astype(dtype)
    mine, other = operands(((2, 2, 3, 2), (2, 2, 4, 2), (2, 2, 4, 5)), dtype)
    bound = 1e-12 if dtype == "float64" else 1e-5
    compare(mine, other, attn_mask=(cr.tensor(array), torch.tensor(array)), bound=bound)


@pytest.mark.parametrize("shape", [(3, 4), (2, 1, 3, 4), (4,), (1, 1)])
def test_an_added_mask_has_a_gradient(shape: Any) -> None:
    mine, other = operands(((2, 2, 3, 2), (2, 2, 4, 2), (2, 2, 4, 5), shape))
    mask = mine.pop(), other.pop()
    compare(mine, other, attn_mask=mask)
    close(mask[0].grad, mask[1].grad)


@pytest.mark.parametrize("heads", [(4, 2, 2), (4, 1, 2), (6, 3, 1), (2, 2, 2)])
def test_heads_share_keys_and_values(heads: tuple[int, int, int]) -> None:
    q, k, v = heads
    mine, other = operands(((2, q, 3, 2), (2, k, 4, 2), (2, v, 4, 3)))
    compare(mine, other, enable_gqa=True, is_causal=True)


def test_scores_far_apart_do_not_overflow() -> None:
    q, k = cr.tensor([[1000.0]]), cr.tensor([[1.0], [-1.0], [3.0]])
    v, mask = cr.tensor([[1.0], [2.0], [4.0]]), cr.tensor([True, True, False])
    assert attention(q, k, v).tolist() == [[4.0]]
    assert attention(q, k, v, mask).tolist() == [[1.0]]
    assert attention(-q, k, v, mask).tolist() == [[2.0]]


def test_no_keys_and_no_queries() -> None:
    for lib, call in ((cr, attention), (torch, T.scaled_dot_product_attention)):
        assert call(lib.ones(2, 3), lib.ones(0, 3), lib.ones(0, 4)).tolist() == [[0.0] * 4] * 2
        assert tuple(call(lib.ones(0, 3), lib.ones(2, 3), lib.ones(2, 4)).shape) == (0, 4)


def test_a_second_derivative() -> None:
    mine, other = operands(((2, 3), (4, 3), (4, 2)))
    mask = np.array([[True, False, True, True], [True, True, False, True]])
    found = []
    for lib, call, given in (
        (cr, attention, mine), (torch, T.scaled_dot_product_attention, other)
    ):  # fmt: skip
        out = (call(*given, lib.tensor(mask)) ** 3).sum()
        first = (grad if lib is cr else torch.autograd.grad)(out, given, create_graph=True)
        sum((g * g).sum() for g in first).backward()
        found.append([x.grad for x in given])
    for a, b in zip(*found, strict=True):
        close(a, b, 1e-10)


def test_compiled_is_eager() -> None:
    mine, _ = operands(((2, 3, 2), (2, 4, 2), (2, 4, 3)))
    mask = cr.tensor([[True, False, True, True], [False] * 4, [True] * 4])

    def slopes(q: Any, k: Any, v: Any) -> Any:
        return cr.grad(lambda *x: (attention(*x, mask) ** 2).sum(), argnums=(0, 1, 2))(q, k, v)

    for a, b in zip(slopes(*mine), cr.compile(slopes)(*mine), strict=True):
        close(a, b, 1e-14)


def test_sizes_may_be_symbols() -> None:
    graph = cr.capture(
        lambda q, k, v: attention(q, k, v, is_causal=True),
        cr.spec("B", "L", "e"), cr.spec("B", "S", "e"), cr.spec("B", "S", "d"),
    )  # fmt: skip
    assert [str(size) for size in graph.nodes[-1].shape] == ["B", "L", "d"]
    mine, _ = operands(((2, 3, 2), (2, 4, 2), (2, 4, 3)), "float32")
    close(cr.run(graph, *mine), attention(*mine, is_causal=True), 1e-6)


# -- dropout -------------------------------------------------------------------------------------


def test_dropout_drops_weights_and_scales_the_others() -> None:
    cr.manual_seed(0)
    q, k, v = cr.zeros(50, 2), cr.ones(40, 2), cr.eye(40)
    kept = attention(q, k, v, dropout_p=0.25)
    assert {round(x, 6) for row in kept.tolist() for x in row} == {0.0, round(1 / 40 / 0.75, 6)}
    assert abs(kept.mean().item() - 1 / 40) < 0.002
    assert attention(q, k, v, dropout_p=1.0).abs().sum().item() == 0
    cr.manual_seed(0)
    assert attention(q, k, v, dropout_p=0.25).tolist() == kept.tolist()


def test_dropout_with_shared_heads() -> None:
    q, k, v = cr.zeros(4, 3, 2), cr.ones(2, 5, 2), cr.ones(1, 5, 1)
    assert attention(q, k, v, dropout_p=0.5, enable_gqa=True).shape == (4, 3, 1)


# -- exact ---------------------------------------------------------------------------------------


def test_logarithms_give_rational_weights() -> None:
    two, three = (cr.tensor(n, dtype=cr.exact).log() for n in (2, 3))
    q = cr.stack([two, three]).reshape(2, 1)
    k, v = (cr.tensor(rows, dtype=cr.exact) for rows in ([[1], [2]], [[1, 0], [0, 1]]))
    assert [[str(x) for x in row] for row in attention(q, k, v).tolist()] == [
        ["1/3", "2/3"],
        ["1/4", "3/4"],
    ]
    lower = attention(q, k, v, is_causal=True).tolist()
    assert [[str(x) for x in row] for row in lower] == [["1", "0"], ["1/4", "3/4"]]
    nothing = attention(q, k, v, cr.tensor([[False, False], [False, True]])).tolist()
    assert [[str(x) for x in row] for row in nothing] == [["0", "0"], ["0", "1"]]


def test_a_score_of_symbols() -> None:
    a, b = cr.symbols("a b")
    weights = attention_weights(cr.ones(1, 1, dtype=cr.exact), cr.stack([a, b]).reshape(2, 1))
    assert str(weights.tolist()[0][0]) == "exp(a)/(exp(a) + exp(b))"


def test_weights_without_any_key() -> None:
    q, k, mask = cr.ones(1, 2), cr.ones(3, 2), cr.zeros(1, 3, dtype=cr.bool)
    assert attention_weights(q, k, mask).tolist() == [[0.0, 0.0, 0.0]]
    assert all(map(math.isnan, attention_weights(q, k, mask, zero_rows=False).tolist()[0]))


def test_the_working_has_scores_and_weights() -> None:
    q, k = cr.ones(1, 2, requires_grad=True), cr.tensor([[1.0, 0.0], [0.0, 0.0]])
    text = str(cr.explain(attention(q, k, cr.eye(2))[0, 0], zoom="primitives"))
    assert "/ 1.4142 = [[1, 0]] / 1.4142 = [[0.7071, 0]]" in text
    low = lower(cr.capture(attention, cr.spec(1, 2), cr.spec(3, 2), cr.spec(3, 2)))
    labels = [node.attrs["label"] for node in low.nodes if "label" in node.attrs]
    assert labels == ["scores", "exp", "sum", "weights"]


def test_its_cost_is_that_of_two_products_and_a_softmax() -> None:
    mine, _ = operands(((2, 3), (4, 3), (4, 5)))
    node = attention(*mine).node
    cost = node.op.cost(node)
    assert cost["multiply"] == 2 * 4 * 3 + 2 * 4 * 5
    assert cost["exp"] == 2 * 4
    assert cost["divide"] == 2 * 4 + 2 * 4


# -- errors --------------------------------------------------------------------------------------

Q, K, V = cr.ones(2, 3), cr.ones(4, 3), cr.ones(4, 5)
HEADS = [cr.ones(4, 2, 3), cr.ones(3, 4, 3), cr.ones(2, 4, 5)]
REFUSED: list[tuple[list[Any], dict[str, Any], type[ChainruleError], str]] = [
    ([Q, cr.ones(4, 2), V], {}, ShapeError, "axis 'e' is 3 in one place and 2 in another"),
    ([Q, K, cr.ones(3, 5)], {}, ShapeError, "axis 's' is 4 in one place and 3 in another"),
    ([cr.ones(3), K, V], {}, ShapeError, "operand 1 has 1 axes, not at least 2 (l e)"),
    ([Q, K.double(), V], {}, DTypeError, "query, key, value of scaled_dot_product_attention must"),
    ([Q.long(), K.long(), V.long()], {}, DTypeError, "must be of one floating type"),
    ([Q, K, V, cr.ones(2, 4).long()], {}, DTypeError, "attn_mask is of type int64"),
    ([Q, K, V, cr.ones(2, 4).double()], {}, DTypeError, "attn_mask is of type float64"),
    ([Q, K, V, cr.ones(2, 3)], {}, ShapeError, "attn_mask has shape (2, 3), which cannot be rep"),
    ([Q, K, V, cr.ones(3, 2, 4)], {}, ShapeError, "attn_mask has shape (3, 2, 4), which cannot"),
    ([Q, K, V, cr.ones(2, 4)], {"is_causal": True}, ArgumentError, "are two masks"),
    ([Q, K, V], {"scale": True}, ArgumentError, "scale is True"),
    ([Q, K, V], {"scale": "a"}, ArgumentError, "scale is 'a'"),
    ([Q, K, V], {"dropout_p": None}, ArgumentError, "from 0 to 1, not None"),
    ([Q, K, V], {"dropout_p": 1.5}, ArgumentError, "a dropout probability is from 0 to 1, not 1.5"),
    ([Q, K, V], {"dropout_p": -0.5}, ArgumentError, "from 0 to 1, not -0.5"),
    ([Q, K, V], {"enable_gqa": True}, ShapeError, "enable_gqa: key or query has no axis of heads"),
    (HEADS, {"enable_gqa": True}, ShapeError, "the 3 heads of key cannot be shared out among 4"),
]


@pytest.mark.parametrize(("args", "options", "error", "words"), REFUSED)
def test_refused(
    args: list[Any], options: dict[str, Any], error: type[ChainruleError], words: str
) -> None:
    with pytest.raises(error) as caught:
        attention(*args, **options)
    assert words in str(caught.value)


def test_slips_have_other_values() -> None:
    mine, _ = operands(((2, 3), (4, 3), (4, 2)))
    node = attention(*mine, is_causal=True).node
    sentences = [slip.sentence for slip in node.op.mistakes(node)]
    made = [slip.replace(*node.inputs, **node.attrs) for slip in node.op.mistakes(node)]
    assert sentences == [
        "the scores were not divided by √e",
        "queries read keys that come after them",
    ]
    for a, b in itertools.combinations([node.output, *made], 2):
        assert (a - b).abs().max().item() > 1e-3
