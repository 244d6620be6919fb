"""Counts of graphs: nine cases by hand, forward and backward, and published networks."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import chainrule as cr
from chainrule import nn
from chainrule.core.cost import parts_of, total
from chainrule.core.errors import CostError
from chainrule.core.op import Op
from chainrule.readings.account import Account, account, products_of

F = nn.functional
MACS = cr.Convention()


def counted(function: Any, *shapes: tuple[int, ...]) -> Account:
    """What a function takes, forward and backward, with gradients of inputs and parameters."""
    specs = [cr.spec(*shape, requires_grad=True) for shape in shapes]
    return account(cr.capture(function, *specs), backward=True)


def total_of(*costs: dict[str, int]) -> dict[str, int]:
    return total(costs)


# -- nine cases ------------------------------------------------------------------------------------


def test_linear_with_bias() -> None:
    n, i, o = 4, 5, 3
    found = counted(nn.Linear(i, o), (n, i))
    assert found.cost == {"multiply": n * o * i, "add": n * o * (i - 1) + n * o}
    by_x = {"multiply": n * i * o, "add": n * i * (o - 1)}
    by_weight = {"multiply": o * i * n, "add": o * i * (n - 1)}
    by_bias = {"add": o * (n - 1)}
    assert found.backward_cost == total_of(by_x, by_weight, by_bias)


def test_convolution_batch_norm_relu_and_pooling() -> None:
    n, c, o, k, h = 2, 3, 8, 3, 6
    net = nn.Sequential(
        nn.Conv2d(c, o, k, padding=1), nn.BatchNorm2d(o), nn.ReLU(), nn.MaxPool2d(2)
    ).eval()
    found = counted(net, (n, c, h, h))
    entries, terms = n * o * h * h, c * k * k
    convolution = {"multiply": entries * terms, "add": entries * (terms - 1)}
    # (x - mean) / √(var + eps) * weight + bias, the root once for each channel
    norm = {"add": o + entries, "sqrt": o, "subtract": entries, "divide": entries,
            "multiply": entries}  # fmt: skip
    pooling = {"larger": 3 * n * o * (h // 2) ** 2}  # 4 entries are compared 3 times
    assert found.parts["products"] == convolution
    assert found.parts["bias"] == {"add": entries}
    assert found.parts["normalisation"] == norm
    assert found.parts["elementwise"] == {"relu": entries}
    assert found.parts["pooling"] == pooling
    by_weight = {"multiply": o * terms * n * h * h, "add": o * terms * (n * h * h - 1)}
    # sums over o for each place of a window, then all windows added to where they lie, from zero
    windows = n * c * h * h * k * k
    by_input = {"multiply": windows * o, "add": windows * (o - 1) + windows}
    assert found.backward_parts["products"] == total_of(by_weight, by_input)
    assert found.backward_parts["reductions"] == {"add": o * (n * h * h - 1)}  # the bias
    # the root and the standard form again; ȳ w / root; sums of ȳ and of ȳ times the standard form
    assert found.backward_parts["normalisation"] == {
        "add": o + 2 * o * (n * h * h - 1), "sqrt": o, "subtract": entries,
        "divide": 2 * entries, "multiply": 2 * entries,
    }  # fmt: skip
    # each maximum's adjoint is added to where it was; the ReLU asks each entry and chooses
    back = {"add": n * o * (h // 2) ** 2, "less_equal": entries, "where": entries}
    assert found.backward_parts["elementwise"] == back


def test_transposed_convolution() -> None:
    n, c, o, k, s, h = 2, 4, 6, 3, 2, 5
    found = counted(nn.ConvTranspose2d(c, o, k, stride=s), (n, c, h, h))
    out = (h - 1) * s + k
    products = n * h * h * c * o * k * k  # each entry of the input meets each filter once
    assert found.cost["multiply"] == products
    # sums over c for each place of a window, then all windows added to where they lie
    sums = n * h * h * o * k * k
    assert found.cost["add"] == sums * (c - 1) + sums + n * o * out * out
    by_input = n * c * h * h * (o * k * k - 1)
    by_weight = c * o * k * k * (n * h * h - 1)
    by_bias = o * (n * out * out - 1)
    sums = by_input + by_weight + by_bias
    assert found.backward_cost == {"multiply": 2 * products, "add": sums}


def test_depthwise_convolution() -> None:
    n, c, k, h = 2, 6, 3, 5
    found = counted(nn.Conv2d(c, c, k, padding=1, groups=c, bias=False), (n, c, h, h))
    entries = n * c * h * h
    assert found.cost == {"multiply": entries * k * k, "add": entries * (k * k - 1)}
    by_weight = {"multiply": entries * k * k, "add": c * k * k * (n * h * h - 1)}
    by_input = {"multiply": entries * k * k, "add": entries * (k * k - 1)}
    assert found.backward_cost == total_of(by_weight, by_input)


def test_lstm_of_16_to_32_over_10_steps() -> None:
    steps, n, i, h = 10, 4, 16, 32
    found = counted(nn.LSTM(i, h), (steps, n, i))
    cells = steps * n * h
    products = {"multiply": 4 * cells * (i + h), "add": 4 * cells * (i - 1 + h - 1)}
    biases = {"add": 4 * h + 4 * cells}  # both biases are added once, then to all steps: see below
    joined = {"add": 4 * cells}  # what comes from x, and what comes from h
    sigmoids = dict.fromkeys(("negative", "exp", "add", "divide"), 3 * cells)
    state = {"multiply": 3 * cells, "add": cells, "tanh": 2 * cells}  # f c + i g, o tanh(c)
    assert found.cost == total_of(products, biases, joined, sigmoids, state)
    # by x and by W_ih for all steps at once; by h and by W_hh step by step
    by_x = cells // h * i * (4 * h - 1) + 4 * h * i * (steps * n - 1)
    by_h = cells * (4 * h - 1) + steps * 4 * h * h * (n - 1)
    sums = {"multiply": 2 * products["multiply"], "add": by_x + by_h}
    # o, tanh(c) and its slope: 4; f, c, i and g: 4; slopes of three gates and of g: 8
    slopes = {"multiply": 16 * cells, "subtract": 5 * cells}
    # what comes to h and to c from two sides, and to W_hh from each step, from zero
    met = {"add": 2 * cells + steps * 4 * h * h}
    bias = {"add": 4 * h * (steps * n - 1)}
    assert found.backward_cost == total_of(sums, slopes, met, bias)


def by_hand(q: Any, k: Any, v: Any) -> Any:
    return F.softmax(q @ k.mT / 2, dim=-1) @ v


N, L, S, E, D = 2, 5, 7, 4, 3
QKV = ((N, L, E), (N, S, E), (N, S, D))
FORWARD = {
    "multiply": N * L * S * E + N * L * D * S,
    # two products, and the sums of softmax
    "add": N * L * S * (E - 1) + N * L * D * (S - 1) + N * L * (S - 1),
    "divide": 2 * N * L * S,  # by √e, and by the sum
    "compare": N * L * (S - 1),  # the largest score
    "subtract": N * L * S,
    "exp": N * L * S,
}


def of_products(groups: int, rows: int, keys: int, e: int, d: int) -> dict[str, int]:
    """The four products that give the adjoints of the weights, q, k and v."""
    scores = groups * rows * keys
    sums = scores * (d - 1) + groups * (
        rows * e * (keys - 1) + keys * e * (rows - 1) + keys * d * (rows - 1)
    )
    return {"multiply": 2 * scores * (e + d), "add": sums}


def of_softmax(groups: int, rows: int, keys: int) -> dict[str, int]:
    """The adjoint of softmax: w (w̄ - Σ w̄ w)."""
    scores = groups * rows * keys
    return {"multiply": 2 * scores, "add": scores - groups * rows, "subtract": scores}


def test_attention_written_with_matmul() -> None:
    found = counted(by_hand, *QKV)
    assert found.cost == FORWARD
    half = {"divide": 1, "multiply": N * L * S}  # / 2 goes back as one 1 / 2, times each
    assert found.backward_cost == total_of(of_products(N, L, S, E, D), of_softmax(N, L, S), half)


def weights_again(groups: int, rows: int, keys: int, e: int) -> dict[str, int]:
    """The weights of attention, once more on the way back, as fused kernels do; then w̄ / √e."""
    scores = groups * rows * keys
    return {
        "multiply": scores * e, "add": scores * (e - 1) + scores - groups * rows,
        "divide": 2 * scores + scores, "compare": scores - groups * rows, "subtract": scores,
        "exp": scores,
    }  # fmt: skip


def test_attention_as_one_op() -> None:
    found = counted(F.scaled_dot_product_attention, *QKV)
    assert found.cost == FORWARD
    assert found.parts == counted(by_hand, *QKV).parts
    assert found.backward_cost == total_of(
        of_products(N, L, S, E, D), of_softmax(N, L, S), weights_again(N, L, S, E)
    )


def of_linear(rows: int, i: int, o: int) -> dict[str, int]:
    """The adjoints of the input, the weight and the bias."""
    sums = rows * i * (o - 1) + o * i * (rows - 1) + o * (rows - 1)
    return {"multiply": 2 * rows * i * o, "add": sums}


def of_multi_head(n: int, t: int, d: int, heads: int) -> dict[str, int]:
    """The way back through self-attention with heads."""
    e, groups = d // heads, n * heads
    joined = {"add": 2 * n * t * d}  # x is query, key and value
    return total_of(
        *[of_linear(n * t, d, d)] * 4, of_products(groups, t, t, e, e), of_softmax(groups, t, t),
        weights_again(groups, t, t, e), joined,
    )  # fmt: skip


def test_multi_head_attention() -> None:
    n, t, d, heads = 2, 5, 8, 2
    net = nn.MultiheadAttention(d, heads, batch_first=True)
    found = counted(lambda x: net(x, x, x, need_weights=False)[0], (n, t, d))
    rows, e, scores = n * t, d // heads, n * heads * t * t
    projections = {"multiply": 4 * rows * d * d, "add": 4 * rows * d * (d - 1) + 4 * rows * d}
    products = {"multiply": 2 * scores * e, "add": scores * (e - 1) + rows * d * (t - 1)}
    softmax = {"divide": 2 * scores, "compare": scores - n * heads * t, "subtract": scores,
               "exp": scores, "add": scores - n * heads * t}  # fmt: skip
    assert found.cost == total_of(projections, products, softmax)
    assert found.backward_cost == of_multi_head(n, t, d, heads)


def test_an_encoder_layer() -> None:
    n, t, d, heads, ff = 2, 5, 8, 2, 16
    layer = nn.TransformerEncoderLayer(d, heads, ff, dropout=0.0, batch_first=True)
    found = counted(layer, (n, t, d))
    rows, scores, e = n * t, n * heads * t * t, d // heads
    linears = rows * (4 * d * d + 2 * d * ff)
    products = linears + 2 * scores * e
    assert found.parts["products"]["multiply"] == products
    assert found.parts["bias"] == {"add": rows * (3 * d + d + ff + d)}
    assert found.parts["elementwise"]["relu"] == rows * ff
    assert found.parts["elementwise"]["add"] == 2 * rows * d + scores - n * heads * t
    # mean, distance, square, mean, root, quotient, weight, bias; twice
    assert found.parts["normalisation"] == {
        "add": 2 * (2 * rows * (d - 1) + rows + rows * d), "divide": 2 * (2 * rows + rows * d),
        "subtract": 2 * rows * d, "multiply": 2 * 2 * rows * d, "sqrt": 2 * rows,
    }  # fmt: skip
    # centred and root again; sums of ȳ and ȳ centred by rows and by columns, times the weight;
    # ȳ w / root - centred Σ / (d root³) - Σ / (d root); twice
    norm = {
        "subtract": 3 * rows * d, "sqrt": rows, "power": rows, "multiply": 4 * rows * d + 2 * rows,
        "divide": 2 * rows * d + 2 * rows,
        "add": rows + 2 * d * (rows - 1) + 2 * rows * (d - 1),
    }  # fmt: skip
    relu = {"less_equal": rows * ff, "where": rows * ff}
    met = {"add": 2 * rows * d}  # where each branch left
    assert found.backward_cost == total_of(
        of_multi_head(n, t, d, heads), of_linear(rows, d, ff), of_linear(rows, ff, d), norm, norm,
        relu, met,
    )  # fmt: skip


# -- published networks ----------------------------------------------------------------------------

PUBLISHED = {
    "alexnet": (714_188_480, 61_100_840),
    "vgg16": (15_470_264_320, 138_357_544),
    "resnet18": (1_814_073_344, 11_689_512),
    "resnet50": (4_089_184_256, 25_557_032),
    "mobilenet_v2": (300_774_272, 3_504_872),
    "mobilenet_v1": (568_740_352, 4_231_976),
}
"""Multiply-accumulates at 224²: torchvision's pages give 0.71, 15.47, 1.81, 4.09 and 0.30 G, and
Howard and others (2017) 569 M for the last; and parameters."""


@pytest.mark.parametrize("name", PUBLISHED)
def test_published_multiply_accumulates(name: str) -> None:
    with cr.device("meta"):
        net = getattr(cr.models, name)().eval()
    found = cr.summary(net, (1, 3, 224, 224))
    assert (found.count(), found.parameters) == PUBLISHED[name]
    assert found.count(cr.Convention.flop_counter) == 2 * found.count()


def test_gpt2_small() -> None:
    with cr.device("meta"):
        net = cr.models.gpt2().eval()
    found = cr.summary(net, "1,1024:int64", backward=True)
    assert found.count() == 145_824_153_600
    assert found.parameters == 124_439_808  # the table of tokens once
    attention = 12 * 2 * 1024**2 * 768
    both = cr.Convention(backward=True)
    assert found.count(both) == 3 * 145_824_153_600 + attention // 2  # weights computed again


# -- the reading -----------------------------------------------------------------------------------


def test_letters_stay_letters() -> None:
    found = account(cr.capture(nn.Conv2d(3, 8, 3, padding=1), cr.spec("n", 3, "h", "w")))
    n, h, w = (cr.Size.symbol(letter) for letter in "nhw")
    assert found.count(MACS) == 216 * n * h * w
    assert found.working(cr.Convention(mac=2, bias=True)) == (
        "products: 2 · multiplications = 2 · 216·h·n·w = 432·h·n·w\n"
        "bias: add = 8·h·n·w\n"
        "total: 432·h·n·w + 8·h·n·w = 440·h·n·w"
    )


@settings(max_examples=25, deadline=None)
@given(st.integers(1, 3), st.integers(1, 4), st.integers(1, 4), st.integers(3, 7), st.booleans())
def test_an_open_count_with_numbers_put_in_is_the_count(
    n: int, c: int, o: int, h: int, bias: bool
) -> None:
    layer = nn.Sequential(nn.Conv2d(c, o, 3, stride=2, padding=1, bias=bias), nn.Tanh())
    everything = cr.Convention.everything
    found = account(cr.capture(layer, cr.spec("n", c, "h", "h"))).count(everything)
    known = account(cr.capture(layer, cr.spec(n, c, h, h))).count(everything)
    assert found.substitute({"n": n, "h": h}) == known  # type: ignore[union-attr]


def test_products_are_told_with_their_length_and_steps() -> None:
    with cr.no_grad():
        graph = cr.capture(nn.LSTM(16, 32), cr.spec(10, 4, 16))
    told = [str(product) for node in graph.nodes for product in products_of(node)]
    assert told == [
        "(10 · 4 · 128) inner products × 16 terms = 81,920",
        "10 steps × (4 · 128) inner products × 32 terms = 163,840",
    ]


def test_what_users_write_as_an_op_has_products_and_a_bias() -> None:
    class Affine(Op):
        """x W + b."""

        signature = "*b k, k n, n -> *b n"

        def forward(self, xp: Any, x: Any, weight: Any, bias: Any) -> Any:
            return xp.add(xp.matmul(x, weight), bias)

    node = cr.capture(Affine(), cr.spec(2, 3), cr.spec(3, 4), cr.spec(4)).outputs[0]
    assert parts_of(node) == {"products": {"multiply": 24, "add": 16}, "bias": {"add": 8}}


def test_an_op_without_a_rule_is_an_error() -> None:
    class Opaque(Op):
        """Something."""

        kind = "structural"
        dtype_rule = "same"

        def forward(self, xp: Any, x: Any) -> Any:
            return x

        def shape(self, shape: Any) -> Any:
            return shape

    with pytest.raises(CostError) as caught:
        account(cr.capture(lambda x: Opaque()(x) * 2, cr.spec(3)))
    assert str(caught.value).splitlines()[:2] == [
        "opaque does not say how many operations it takes",
        "  got       an op of kind 'structural'",
    ]


def test_a_function_that_leaves_the_graph_is_an_error() -> None:
    class Outside(cr.autograd.Function):
        @staticmethod
        def forward(ctx: Any, x: Any) -> Any:
            return cr.tensor(x.detach().numpy() * 2)

        @staticmethod
        def backward(ctx: Any, g: Any) -> Any:
            return g * 2

    with cr.record():
        made = Outside.apply(cr.ones(3, requires_grad=True))
    nodes = [n for n in cr.core.graph.reachable([made.node]) if n.op]
    with pytest.raises(CostError, match="computes outside of the graph, where nobody counts"):
        [parts_of(node) for node in nodes]


def test_functions_and_loops_count_what_is_inside() -> None:
    class Twice(cr.autograd.Function):
        @staticmethod
        def forward(ctx: Any, x: Any) -> Any:
            return x * 2 + x

        @staticmethod
        def backward(ctx: Any, g: Any) -> Any:
            return g * 3

    found = counted(lambda x: Twice.apply(x), (5,))
    assert found.cost == {"multiply": 5, "add": 5}
    assert found.backward_cost == {"multiply": 5}


def test_the_adjoint_of_a_norm_belongs_to_norms() -> None:
    found = counted(nn.LayerNorm(4), (3, 4))
    assert list(found.backward_parts) == ["normalisation"]
