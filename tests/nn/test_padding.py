"""Borders, as layers and as a function, against PyTorch's; and what is refused."""

from typing import Any

import numpy as np
import pytest
import torch

import chainrule as cr
from chainrule import nn
from chainrule.core.errors import ArgumentError, ShapeError
from chainrule.nn import functional as F

WIDTHS = {1: [1, (2, 0), (0, 0)], 2: [1, (2, 1, 0, 1)], 3: [1, (1, 0, 0, 1, 2, 1)]}
KINDS = ("ConstantPad", "ZeroPad", "ReflectionPad", "ReplicationPad", "CircularPad")


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize(("axes", "widths"), [(a, w) for a, ws in WIDTHS.items() for w in ws])
@pytest.mark.parametrize("batched", [True, False])
def test_layers_are_pytorchs(kind: str, axes: int, widths: Any, batched: bool) -> None:
    more = (0.5,) * (kind == "ConstantPad")
    ours = getattr(nn, f"{kind}{axes}d")(widths, *more)
    theirs = getattr(torch.nn, f"{kind}{axes}d")(widths, *more)
    assert repr(ours) == repr(theirs)
    rng = np.random.default_rng(0)
    values = rng.standard_normal((*(2,) * batched, 2, *(3, 4, 5)[:axes]))
    x, u = cr.tensor(values, requires_grad=True), torch.tensor(values, requires_grad=True)
    y, z = ours(x), theirs(u)
    assert y.tolist() == z.tolist()
    g = rng.standard_normal(y.shape)
    y.backward(cr.tensor(g))
    z.backward(torch.tensor(g))
    np.testing.assert_allclose(x.grad.numpy(), u.grad.numpy(), rtol=1e-13)


@pytest.mark.parametrize("mode", ["reflect", "replicate", "circular"])
@pytest.mark.parametrize("widths", [(-1, 2), (2, -1), (-1, -1), (0, 2), (-3, 1), (1, -3)])
@pytest.mark.parametrize("size", [4, 5])
def test_negative_widths_cut_off(mode: str, widths: tuple[int, int], size: int) -> None:
    values = np.arange(2.0 * size).reshape(1, 2, size)
    found = F.pad(cr.tensor(values), widths, mode)
    assert found.tolist() == torch.nn.functional.pad(torch.tensor(values), widths, mode).tolist()


@pytest.mark.parametrize(
    ("mode", "widths", "text"),
    [
        ("reflect", (3, 0), "axis 1 of 3 has no border of 3: it is mirrored at the last entry"),
        ("reflect", (0, 0, 2, 0), "axis 0 of 2 has no border of 2"),
        ("circular", (0, 4), "axis 1 of 3 has no border of 4: it would go round more than once"),
        ("replicate", (-2, -1), "pad leaves no entries"),
        ("reflect", (1, -4), "pad leaves no entries"),
        ("replicate", (-3, -1), "pad cuts off more entries than there are"),
        ("circular", (-2, -2), "cuts off more entries than there are"),
    ],
)
def test_an_axis_is_long_enough(mode: str, widths: tuple[int, ...], text: str) -> None:
    with pytest.raises(ShapeError, match=text):
        F.pad(cr.zeros(2, 3), widths, mode)


def test_an_empty_axis_has_no_border_of_its_own() -> None:
    with pytest.raises(ShapeError, match="axis 1 of 0 has no border of 1: there is no entry to"):
        F.pad(cr.zeros(2, 0), (1, 0), "replicate")
    assert F.pad(cr.zeros(0, 2), (1, 0), "replicate").shape == (0, 3)


@pytest.mark.parametrize(
    ("call", "error", "text"),
    [
        (lambda x: F.pad(x, (1, 1), "reflect", 2.0), ArgumentError, "'reflect' takes no value"),
        (lambda x: F.pad(x, (1.0, 1)), ArgumentError, r"pad is \(1.0, 1\)"),
        (lambda x: F.pad(x, (True, 1)), ArgumentError, r"pad is \(True, 1\)"),
        (lambda x: nn.ZeroPad2d((1, 2, 3)), ArgumentError, r"padding is \(1, 2, 3\)"),
        (lambda x: nn.ConstantPad1d(0.5, 0), ArgumentError, "padding is 0.5"),
        (lambda x: nn.CircularPad1d("1"), ArgumentError, "padding is '1'"),
        (lambda x: nn.ReflectionPad2d(1)(x), ShapeError, "ReflectionPad2d: input has 2 axes"),
        (lambda x: nn.ReplicationPad1d(1)(x[0]), ShapeError, r"expected  \(n, c, l\) or \(c, l\)"),
    ],
)
def test_what_makes_no_sense_is_refused(call: Any, error: Any, text: str) -> None:
    with pytest.raises(error, match=text):
        call(cr.zeros(2, 3))


@pytest.mark.parametrize("mode", ["reflect", "replicate", "circular"])
def test_open_sizes_stay_open(mode: str) -> None:
    graph = cr.capture(lambda x: F.pad(x, (1, 2, 0, 1), mode), cr.spec("B", 1, "H", "W"))
    assert str(graph.outputs[0].shape) == "(B, 1, H + 1, W + 3)"


@pytest.mark.parametrize("mode", ["reflect", "replicate", "circular"])
def test_exact_numbers_and_letters_are_moved_too(mode: str) -> None:
    letters = dict(zip("abc", cr.symbols("a b c"), strict=True))
    x = cr.stack(list(letters.values()))
    ends = {"reflect": "babcb", "replicate": "aabcc", "circular": "cabca"}[mode]
    found = F.pad(x, (1, 1), mode)
    assert str(found.tolist()) == f"[{', '.join(ends)}]"


def test_a_compiled_border_is_the_same() -> None:
    def squared(x: Any) -> Any:
        return (F.pad(x, (2, 1), "reflect") ** 2).sum()

    x = cr.arange(4.0)
    assert cr.compile(squared)(x).item() == squared(x).item() == 0 + 1 + 4 + 9 + 4 + 1 + 4
    assert cr.grad(squared)(x).tolist() == [0, 4, 12, 6]
