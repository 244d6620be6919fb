"""What users are told of memory."""

from __future__ import annotations

import json

import pytest

import chainrule as cr
from chainrule import nn
from chainrule.analysis.bytes import both_units
from chainrule.analysis.memory import memory
from chainrule.core.errors import ArgumentError
from chainrule.models import resnet18


def mlp() -> nn.Module:
    """39 + 22 = 61 parameters of 4 bytes."""
    return nn.Sequential(nn.Linear(12, 3), nn.ReLU(), nn.Linear(3, 5, bias=False), nn.Sigmoid())


def test_figures_by_hand() -> None:
    """Parameters 12·3 + 3 + 3·5 = 54; kept are the input, 7·12, the result of relu, 7·3, and that
    of sigmoid, 7·5."""
    found = memory(mlp(), (7, 12), optimizer=lambda p: cr.optim.Adam(p))
    assert found.parameters == found.gradients == 54 * 4
    assert found.optimizer_state == 2 * 54 * 4
    assert found.activations == 7 * (12 + 3 + 5) * 4
    assert found.held == 7 * (12 + 3 + 3 + 5 + 5) * 4


@pytest.mark.parametrize(
    ("optimizer", "copies"),
    [
        (lambda p: cr.optim.SGD(p, lr=0.1), 0),
        (lambda p: cr.optim.SGD(p, lr=0.1, momentum=0.9), 1),
        (cr.optim.Adam, 2),
        (lambda p: cr.optim.Adam(p, amsgrad=True), 3),
    ],
)
def test_optimizer_state(optimizer: object, copies: int) -> None:
    net = mlp()
    made = optimizer(net.parameters())  # type: ignore[operator]
    for given in (made, optimizer):
        assert memory(net, (7, 12), optimizer=given).optimizer_state == copies * 216


@pytest.mark.parametrize(("dtype", "width"), [("float64", 8), ("float16", 2), ("int8", 1)])
def test_any_type_stands_for_floats(dtype: str, width: int) -> None:
    found = memory(mlp(), (7, 12), optimizer=cr.optim.Adam, dtype=dtype)
    plain = memory(mlp(), (7, 12), optimizer=cr.optim.Adam)
    for name in ("parameters", "gradients", "optimizer_state", "activations", "held"):
        assert getattr(found, name) * 4 == getattr(plain, name) * width, name


def test_a_type_for_each_part() -> None:
    types = {"parameters": cr.float16, "gradients": "float16", "activations": cr.float16}
    found = memory(mlp(), (7, 12), optimizer=cr.optim.Adam, dtype=types)
    assert (found.parameters, found.optimizer_state) == (108, 432)
    assert found.types["gradients"] is cr.float16
    assert "float16" in str(found)


def test_indices_keep_their_type() -> None:
    net = nn.Embedding(10, 4)
    found = memory(net, cr.spec(2, 5, dtype=cr.int64), dtype="float16")
    assert found.activations == 2 * 5 * 8, "the indices"


def test_shared_and_frozen_parameters() -> None:
    net = mlp()
    net[0].weight.requires_grad_(False)
    again = nn.Sequential(net, net[2])
    found = memory(again[0], (7, 12))
    assert (found.parameters, found.gradients) == (216, 72)
    tied = nn.Sequential(nn.Linear(3, 3, bias=False), nn.Linear(3, 3, bias=False))
    tied[1].weight = tied[0].weight
    assert memory(tied, (1, 3)).parameters == 36


def test_peaks_are_in_order() -> None:
    net = mlp()
    found = memory(net, (7, 12), optimizer=cr.optim.Adam)
    least = found.parameters + found.optimizer_state + found.activations
    assert least <= found.peak <= found.eager_peak
    assert found.inference_peak < found.peak


def test_letters_and_networks_without_values() -> None:
    with cr.device("meta"):
        net = resnet18()
    open_size = memory(net, ("B", 3, 64, 64))
    numbers = memory(net, (4, 3, 64, 64))
    for name in ("activations", "held", "peak", "eager_peak", "inference_peak"):
        assert getattr(open_size, name).substitute({"B": 4}) == getattr(numbers, name), name


def test_text_says_units_and_reasons() -> None:
    net = mlp()
    found = memory(net, (700, 12), optimizer=cr.optim.Adam)
    shown = found.text(160)
    assert "linear reads its x, relu reads its result" in shown
    assert "parameters   54 × 4 = 216 bytes" in shown
    assert "56,000 bytes = 56 KB = 54.69 KiB, read by the backward pass" in shown
    assert "1 KB = 1,000 bytes, 1 KiB = 1,024 bytes" in shown
    assert "sigmoid reads its result: 700 × 5 × 4 bytes = 14,000 bytes" in found.explain()
    assert found.explain("0").endswith("checkpointed: nothing less, as nothing is for it alone")
    assert "checkpointed: 56,000 - 22,400 = 33,600 bytes" in found.explain("")


def test_what_checkpointing_saves() -> None:
    block = nn.Sequential(nn.Linear(8, 32), nn.Tanh(), nn.Linear(32, 8))
    found = memory(nn.Sequential(nn.Linear(8, 8), block), (5, 8))
    assert {path: saving.bytes for path, saving in found.savings().items()} == {"": 800, "1": 640}
    assert "checkpointed: 960 - 640 = 320 bytes kept in the whole network, 3 ops" in \
        found.explain("1")  # fmt: skip


def test_as_data() -> None:
    found = memory(mlp(), ("B", 12))
    data = json.loads(found.to_json())
    assert data["parameters"] == 216
    assert data["activations"] == "80*B"
    assert data["kept"][0] == {
        "path": None, "why": "linear reads its x", "shape": ["B", 12], "dtype": "float32",
        "bytes": "48*B",
    }  # fmt: skip
    assert found.to_markdown().startswith("**Memory of Sequential")
    assert "<table>" in found._repr_html_()


def test_functions_have_memory_too() -> None:
    w = nn.Parameter(cr.ones(3, 4))
    found = memory(lambda x: (x @ w).tanh(), ("B", 3))
    assert (found.parameters, found.gradients) == (48, 48)
    assert str(found.activations) == "28*B"


def test_wrong_questions() -> None:
    with pytest.raises(ArgumentError, match="memory has no part 'weights'"):
        memory(mlp(), (7, 12), dtype={"weights": cr.float16})
    with pytest.raises(ArgumentError, match="not an element type: 16"):
        memory(mlp(), (7, 12), dtype=16)
    with pytest.raises(ArgumentError, match="not an optimizer: a value of type str"):
        memory(mlp(), (7, 12), optimizer="adam")
    with pytest.raises(ArgumentError, match="a function has no parameters"):
        memory(lambda x: x, (7,), optimizer=cr.optim.Adam)
    with pytest.raises(ArgumentError, match="there is no module '9'"):
        memory(mlp(), (7, 12)).explain("9")
    with pytest.raises(ArgumentError, match="only modules are checkpointed"):
        memory(lambda x: x, (7,)).checkpointing("")


@pytest.mark.parametrize(
    ("count", "words"),
    [
        (1, "1 byte"),
        (999, "999 bytes"),
        (1000, "1,000 bytes = 1 KB = 0.9766 KiB"),
        (1_048_576, "1,048,576 bytes = 1.049 MB = 1 MiB"),
        (16 * 2**30, "17,179,869,184 bytes = 17.18 GB = 16 GiB"),
    ],
)
def test_units(count: int, words: str) -> None:
    assert both_units(count) == words
