"""``cr.summary``: rows, totals, figures of other tools, renderings, errors."""

from __future__ import annotations

import itertools
import json
import time
import tracemalloc
from typing import Any

import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from torch.utils.flop_counter import FlopCounterMode

import chainrule as cr
from benchmarks._networks import CASES, gpt2, resnet18
from chainrule import nn
from chainrule.core.convention import number
from chainrule.core.errors import ArgumentError, ShapeError


class Residual(nn.Module):
    """x + f(x), a shared layer, a frozen one, a buffer."""

    def __init__(self) -> None:
        super().__init__()
        self.first = nn.Conv2d(2, 2, 3, padding=1)
        self.norm = nn.BatchNorm2d(2)
        self.again = self.first
        self.last = nn.Linear(8, 3)
        self.last.weight.requires_grad_(False)

    def forward(self, x: Any) -> Any:
        y = x + self.norm(self.first(x))
        return self.last(self.again(y).flatten(2))


@pytest.fixture
def found() -> cr.Summary:
    return cr.summary(Residual(), ("B", 2, 4, 2))


def test_parameters_are_counted_once_and_by_kind(found: cr.Summary) -> None:
    convolution, norm = 2 * 2 * 9 + 2, 2 + 2
    assert found.parameters == convolution + norm + 8 * 3 + 3
    assert (found.of("frozen"), found.of("trainable")) == (24, convolution + norm + 3)
    assert found.of("buffer") == 2 + 2 + 1
    assert found.weight_bytes == 4 * (found.parameters + 4) + 8
    assert found.gradient_bytes == 4 * found.of("trainable")
    assert len(found["first"].calls) == 2


def test_columns_add_up(found: cr.Summary) -> None:
    batch = cr.Size.symbol("B")
    assert found.count() == sum((found.count(row=row) for row in found), 0)
    assert found.count() == 2 * (16 * 18 * batch) + 2 * 3 * 8 * batch
    assert found[0].cost == {"add": 16 * batch}  # the branches: what no layer inside computes
    assert [row.path for row in found] == ["", "first", "norm", "last"]


def test_rows_by_path_name_and_place() -> None:
    found = cr.summary(nn.Sequential(nn.Sequential(nn.Linear(2, 3)), nn.Tanh()), (1, 2))
    assert found["0.0"] is found[2] is found[-2]
    assert found["1"].type == "Tanh"
    assert found["0.0"].output_shape == (1, 3)
    with pytest.raises(ArgumentError, match="2 modules are called '0'"):
        _doubly()["0"]
    with pytest.raises(ArgumentError, match=r"no modules are called '0.1'[\s\S]*paths: 0.0"):
        found["0.1"]
    with pytest.raises(ArgumentError, match="there is no row 9"):
        found[9]


def _doubly() -> cr.Summary:
    class Two(nn.Module):
        def __init__(self) -> None:
            super().__init__()
            self.a, self.b = nn.Sequential(nn.Tanh()), nn.Sequential(nn.Tanh())

        def forward(self, x: Any) -> Any:
            return self.b(self.a(x))

    return cr.summary(Two(), (2,))


def test_tied_weights_count_once() -> None:
    with cr.device("meta"):
        net = cr.models.gpt2()
    found = cr.summary(net, "1,8:int64")
    assert found.parameters == 124_439_808
    assert found["lm_head"].held[0].first == "transformer.wte.weight"
    assert "shared" in found.text(120)


@settings(max_examples=20, deadline=None)
@given(st.lists(st.integers(1, 6), min_size=2, max_size=5), st.booleans(), st.booleans())
def test_parameters_are_those_of_the_state_dict(
    widths: list[int], bias: bool, affine: bool
) -> None:
    layers: list[nn.Module] = []
    for i, o in itertools.pairwise(widths):
        layers += [nn.Linear(i, o, bias=bias), nn.BatchNorm1d(o, affine=affine)]
    net = nn.Sequential(*layers)
    found = cr.summary(net, (3, widths[0]))
    entries = sum(value.numel() for value in net.state_dict().values())
    assert found.parameters + found.of("buffer") == entries
    assert found.parameters == sum(p.numel() for p in net.parameters())


# -- conventions of other tools --------------------------------------------------------------------

OTHERS = {
    "linear with bias": (66_560, 65_536),
    "conv, batch norm, relu, pool": (917_568, 950_272),
    "transposed convolution": (4_210_688, 1_048_576),
    "depthwise convolution": (147_456, 147_456),
    "LSTM 16 to 32, 10 steps": (256_000, 0),
    "attention with @": (0, 25_600),
    "attention, fused": (0, 0),
    "MultiheadAttention": (0, 327_680),
    "encoder layer": (33_664, 668_160),
}
"""What torchinfo 1.8.0 and fvcore 0.1.5 print; see benchmarks/accounting.py."""


@pytest.mark.parametrize("case", CASES)
def test_named_conventions_give_the_figures_of_the_tools(case: str) -> None:
    make, shapes = CASES[case]
    found = cr.summary(make(cr).eval(), *shapes)
    named = cr.Convention.torchinfo, cr.Convention.fvcore
    assert tuple(found.count(convention) for convention in named) == OTHERS[case]
    mode = FlopCounterMode(display=False)
    with mode, torch.no_grad(), torch.device("meta"):
        make(torch).eval()(*(torch.zeros(shape) for shape in shapes))
    assert found.count(cr.Convention.flop_counter) == mode.get_total_flops()


def test_large_networks_as_torchinfo_and_fvcore_count_them() -> None:
    with cr.device("meta"):
        vision, language = resnet18(cr).eval(), gpt2(cr).eval()
    found = cr.summary(vision, (1, 3, 224, 224))
    assert found.count(cr.Convention.torchinfo) == 1_814_083_944
    assert found.count(cr.Convention.fvcore) == 1_819_065_856
    found = cr.summary(language, "1,1024:int64")
    assert found.count(cr.Convention.torchinfo) == 967_557_120
    assert found.count(cr.Convention.fvcore) == 126_595_104_768


# -- backward and optimizer ------------------------------------------------------------------------


def test_backward_and_a_step() -> None:
    net = nn.Linear(3, 4)
    adam = cr.optim.SGD(net.parameters(), lr=0.1)
    found = cr.summary(net, (5, 3), backward=True, optimizer=adam)
    both = cr.Convention(backward=True)
    assert found.count(both) == 2 * 5 * 3 * 4  # no gradient of the input is asked for
    assert (
        found.count(both.but(optimizer=True)) == found.count(both) + 2 * 16 + 1
    )  # and its counter
    assert net.weight.grad is None
    asked = cr.summary(net, cr.spec(5, 3, requires_grad=True), convention=both)
    assert asked.count() == 3 * 5 * 3 * 4


# -- renderings ------------------------------------------------------------------------------------


def test_the_table() -> None:
    found = cr.summary(nn.Sequential(nn.Conv2d(1, 2, 3), nn.ReLU()), (1, 1, 6, 6))
    text = found.text(100)
    title, rule, heads, *_ = text.splitlines()
    assert title == "Sequential on x (1, 1, 6, 6) float32, in training mode"
    assert set(rule) == {"─"}
    assert heads.split() == [
        "layer", "output", "parameters", "MACs", "share", "field", "weights", "outputs"
    ]  # fmt: skip
    assert "  0: Conv2d  (1, 2, 4, 4)          20   288  100.0%  3 x 3     80 B    128 B" in text
    assert "convention            inner product of n terms = n, nothing else counted" in text


@pytest.mark.parametrize("width", [60, 80, 120])
def test_lines_fit(width: int) -> None:
    with cr.device("meta"):
        net = cr.models.resnet18()
    lines = cr.summary(net, (1, 3, 224, 224)).text(width).splitlines()
    assert max(map(len, lines)) <= width
    assert any("conv1: Conv2d" in line for line in lines)


def test_long_formulas_are_cut_in_the_table_and_whole_below() -> None:
    found = cr.summary(nn.Conv2d(3, 8, 3, stride=2), ("batch", 3, "height", "width"))
    lines = found.text(60).splitlines()
    assert max(map(len, lines)) <= 60
    assert "…" in lines[5]
    below = " ".join(" ".join(lines[7:]).split())
    assert number(found.count()) in below


def test_depth_adds_up_what_is_below() -> None:
    with cr.device("meta"):
        net = cr.models.resnet18()
    text = cr.summary(net, (1, 3, 224, 224)).text(120, depth=1)
    (line,) = (line for line in text.splitlines() if "layer2" in line)
    assert "525,568  411,041,792  22.7%" in line


def test_data_markdown_html_and_rich(found: cr.Summary) -> None:
    data = json.loads(found.to_json())
    assert data["parameters"] == found.parameters
    assert data["unit"] == "multiply-accumulates"
    assert data["rows"][1]["operations"] == {"multiply": "576*B", "add": "576*B"}
    assert data["rows"][1]["field"] == [3, 3]
    assert [record["path"] for record in found.records()] == ["", "first", "norm", "last"]
    assert "| layer | output | parameters | MACs |" in found.to_markdown()
    assert "first: Conv2d ×2" in found._repr_html_()
    assert found._repr_html_().startswith("<table><caption>Residual on x (B, 2, 4, 2)")
    assert found.__rich__().renderables


def test_the_working_of_a_layer() -> None:
    net = nn.Sequential(nn.Conv2d(3, 64, 7, stride=2, padding=3))
    told = cr.summary(net, (1, 3, 224, 224)).explain("0", cr.Convention(mac=2, bias=True))
    assert told.splitlines() == [
        "0: Conv2d",
        "  input        (1, 3, 224, 224)",
        "  output       (1, 64, 112, 112)",
        *(
            f"               floor(({x} + 2 · 3 - 7)/2) + 1 = floor((224 + 2 · 3 - 7)/2) + 1 = 112"
            "   (223/2 is rounded down to 111)"
            for x in "hw"
        ),
        "  sees         7, jump 2, start -3 along axis 2 of the input",
        "  sees         7, jump 2, start -3 along axis 3 of the input",
        "  parameter    weight: 64 · 3 · 7 · 7 = 9,408",
        "  parameter    bias: 64",
        "  parameters   9,408 + 64 = 9,472",
        "  weights      37,888 bytes = 37.0 KiB",
        "  products     (64 · 112 · 112) inner products × 147 terms = 118,013,952",
        "               each entry is a dot product of length 147: 3 channels times 49 places",
        "  ops          products: 2 · multiplications = 2 · 118,013,952 = 236,027,904",
        "  ops          bias: add = 802,816",
        "  ops          total: 236,027,904 + 802,816 = 236,830,720",
        "  convention   inner product of n terms = 2n, bias counted; forward only",
    ]


def test_a_function_and_several_inputs() -> None:
    def scores(q: Any, k: Any) -> Any:
        return q @ k.mT

    found = cr.summary(scores, ("B", "T", 8), ("B", "T", 8))
    batch, t = cr.Size.symbol("B"), cr.Size.symbol("T")
    assert found.count() == 8 * batch * t**2
    assert found[0].output_shape == (batch, t, t)


# -- errors and costs ------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("inputs", "error", "said"),
    [
        ((1, 3, 2, 2), ShapeError, "a window of 3 does not fit into an axis of 2"),
        ((1, -3, 8, 8), ArgumentError, "not a size: -3"),
        ((1, 3.5, 8, 8), ArgumentError, "not the sizes of an input"),
        ((1, True, 8, 8), ArgumentError, "not the sizes of an input"),
        ("1,3,8;8", ArgumentError, "not a size: '8;8'"),
        ("1,3,8,8:float99", ArgumentError, "not an element type: 'float99'"),
        ((1, 2, 8, 8), ShapeError, "axis 'c' is 2 in input, and weight takes 3"),
    ],
    ids=str,
)
def test_inputs_that_are_none(inputs: Any, error: type[Exception], said: str) -> None:
    net = nn.Conv2d(3, 4, 3)
    with pytest.raises(error, match=said):
        cr.summary(net, inputs)
    assert not net._forward_hooks


def test_what_was_not_looked_at_is_refused() -> None:
    found = cr.summary(nn.Linear(2, 2), (1, 2))
    with pytest.raises(ArgumentError, match="the backward pass was not counted"):
        found.count(cr.Convention(backward=True))
    with pytest.raises(ArgumentError, match="no optimizer's step was counted"):
        cr.summary(nn.Linear(2, 2), (1, 2), convention=cr.Convention(optimizer=True))
    with pytest.raises(ArgumentError, match="not an optimizer"):
        cr.summary(nn.Linear(2, 2), (1, 2), optimizer="Adam")
    with pytest.raises(ArgumentError, match="not a convention: 2"):
        cr.summary(nn.Linear(2, 2), (1, 2), convention=2)  # type: ignore[arg-type]


def test_nothing_is_left_behind() -> None:
    net = Residual()
    before = {name: value.tolist() for name, value in net.state_dict().items()}
    cr.summary(net, (2, 2, 4, 2), backward=True)
    assert {name: value.tolist() for name, value in net.state_dict().items()} == before
    assert all(parameter.grad is None for parameter in net.parameters())
    assert not any(module._forward_hooks for module in net.modules())


class Llama(nn.Module):
    """A layer of the shape of Llama 2 70B: 64 heads share 8 of keys and values, SwiGLU."""

    def __init__(self, d: int = 8192, heads: int = 64, shared: int = 8, ff: int = 28672) -> None:
        super().__init__()
        self.heads, self.width = heads, d // heads
        self.q, self.o = nn.Linear(d, d, bias=False), nn.Linear(d, d, bias=False)
        self.k = nn.Linear(d, shared * self.width, bias=False)
        self.v = nn.Linear(d, shared * self.width, bias=False)
        self.gate, self.up = nn.Linear(d, ff, bias=False), nn.Linear(d, ff, bias=False)
        self.down = nn.Linear(ff, d, bias=False)
        self.norm1, self.norm2 = nn.RMSNorm(d), nn.RMSNorm(d)

    def forward(self, x: Any) -> Any:
        n, t, d = x.shape
        y = self.norm1(x)
        q, k, v = (
            part(y).reshape(n, t, -1, self.width).transpose(1, 2)
            for part in (self.q, self.k, self.v)
        )
        mixed = nn.functional.scaled_dot_product_attention(q, k, v, is_causal=True, enable_gqa=True)
        x = x + self.o(mixed.transpose(1, 2).reshape(n, t, d))
        y = self.norm2(x)
        return x + self.down(nn.functional.silu(self.gate(y)) * self.up(y))


def llama(layers: int) -> cr.Summary:
    with cr.device("meta"):
        net = nn.Sequential(
            nn.Embedding(32000, 8192), *(Llama() for _ in range(layers)), nn.RMSNorm(8192),
            nn.Linear(8192, 32000, bias=False),
        )  # fmt: skip
    return cr.summary(net, "1,4096:int64")


def seconds_of(layers: int) -> float:
    """Of processor time, the least of some."""
    found = []
    for _ in range(3):
        start = time.process_time()
        llama(layers).count()
        found.append(time.process_time() - start)
    return min(found)


def test_the_time_grows_as_the_number_of_ops() -> None:
    assert seconds_of(40) < 2 * 4 * seconds_of(10)


def test_a_network_of_70_billion_parameters() -> None:
    assert seconds_of(80) < 1
    tracemalloc.start()
    found = llama(80)
    _, most = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert found.parameters == 68_976_648_192
    linear = 80 * (2 * 8192**2 + 2 * 8192 * 1024 + 3 * 8192 * 28672) + 8192 * 32000
    assert found.count() == 4096 * linear + 80 * 2 * 4096**2 * 8192
    assert most < 200e6


def test_a_size_that_comes_out_even_is_not_said_to_be_rounded() -> None:
    told = cr.summary(nn.Conv2d(3, 4, 2, stride=2), (1, 3, 32, 31)).explain("")
    assert "(h - 2)/2 + 1 = (32 - 2)/2 + 1 = 16\n" in told
    assert (
        "floor((w - 2)/2) + 1 = floor((31 - 2)/2) + 1 = 15   (29/2 is rounded down to 14)" in told
    )


def test_sizes_of_a_network_come_from_those_of_its_input() -> None:
    net = nn.Sequential(nn.Conv2d(3, 4, 2), nn.Conv2d(4, 4, 2))
    told = cr.summary(net, (1, 3, 32, 31)).explain("")
    assert "h - 2 = 32 - 2 = 30\n" in told


def test_pooling_and_sizes_without_a_batch() -> None:
    told = cr.summary(nn.MaxPool1d(3, stride=2, padding=1), (3, 9)).explain(show="shapes")
    assert told.splitlines()[1:] == [
        "  input        (3, 9)",
        "  output       (3, 5)",
        "               (t + 2 · 1 - 3)/2 + 1 = (9 + 2 · 1 - 3)/2 + 1 = 5",
    ]


def test_what_is_shown_can_be_chosen() -> None:
    found = cr.summary(nn.Sequential(nn.Linear(3, 4), nn.Linear(4, 2)), (5, 3))
    assert found.explain("0", show="parameters").splitlines() == [
        "0: Linear",
        "  parameter    weight: 4 · 3 = 12",
        "  parameter    bias: 4",
        "  parameters   12 + 4 = 16",
    ]
    assert "total" not in found.explain(show=("shapes", "parameters"))
    assert "  total  100" in found.explain(show="operations")
    with pytest.raises(ArgumentError, match="no such figures"):
        found.explain(show="params")
