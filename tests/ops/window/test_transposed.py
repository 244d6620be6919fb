"""Convolution and its transposed along one to three axes: PyTorch's values and gradients on a grid,
adjoint to each other, differentiated twice, on open sizes, explained."""

from typing import Any

import numpy as np
import pytest

import chainrule as cr
from chainrule.core.errors import ArgumentError, ShapeError
from chainrule.nn import functional as F
from chainrule.ops.window import conv2d, conv_transpose1d, conv_transpose2d

torch = pytest.importorskip("torch")

SPATIAL = (7, 6, 5)


def grid() -> list[Any]:
    """How a kernel may move: every axis and group size with every stride, border and dilation."""
    found = []
    for axes in (1, 2, 3):
        for groups in (1, 2, 4) if axes < 3 else (1, 2):
            for stride, padding, dilation, kernel in (
                (1, 0, 1, 1), (1, 1, 1, 3), (2, 0, 1, 3), (2, 1, 2, 2), (3, 2, 1, 2), (1, 2, 2, 3)
            ):  # fmt: skip
                options = {"stride": stride, "padding": padding, "dilation": dilation}
                found.append((axes, kernel, {**options, "groups": groups}))
    return found


def compare(name: str, shapes: list[tuple[int, ...]], options: dict[str, Any]) -> None:
    rng = np.random.default_rng(0)
    arrays = [rng.standard_normal(shape) for shape in shapes]
    ours = [cr.tensor(a, dtype=cr.float64, requires_grad=True) for a in arrays]
    theirs = [torch.tensor(a, requires_grad=True) for a in arrays]
    y = getattr(F, name)(*ours, **options)
    z = getattr(torch.nn.functional, name)(*theirs, **options)
    np.testing.assert_allclose(y.detach().numpy(), z.detach().numpy(), rtol=1e-12, atol=1e-12)
    g = rng.standard_normal(y.shape)
    y.backward(cr.tensor(g, dtype=cr.float64))
    z.backward(torch.tensor(g))
    for a, b in zip(ours, theirs, strict=True):
        np.testing.assert_allclose(a.grad.numpy(), b.grad.numpy(), rtol=1e-12, atol=1e-12)


@pytest.mark.parametrize(("axes", "kernel", "options"), grid())
def test_convolution_is_pytorchs(axes: int, kernel: int, options: dict[str, Any]) -> None:
    groups = options["groups"]
    shapes = [(2, 4, *SPATIAL[:axes]), (8, 4 // groups, *(kernel,) * axes), (8,)]
    compare(f"conv{axes}d", shapes, options)


@pytest.mark.parametrize(("axes", "kernel", "options"), grid())
def test_transposed_is_pytorchs(axes: int, kernel: int, options: dict[str, Any]) -> None:
    more = max(options["stride"], options["dilation"]) - 1
    made = 3 * options["groups"]
    shapes = [(2, 4, *(4, 5, 3)[:axes]), (4, 3, *(kernel,) * axes), (made,)]
    compare(f"conv_transpose{axes}d", shapes, {**options, "output_padding": more})


def test_single_places() -> None:
    compare("conv1d", [(2, 2), (2, 1, 1)], {"stride": 2, "groups": 2})
    compare("conv1d", [(2, 1), (2, 1, 1), (2,)], {"stride": 3, "groups": 2})
    compare("conv_transpose1d", [(2, 1), (2, 1, 1)], {"groups": 2})


@pytest.mark.parametrize("options", [{}, {"stride": 2, "padding": 1}, {"groups": 2, "flip": True}])
def test_they_are_adjoint(options: dict[str, Any]) -> None:
    rng = np.random.default_rng(0)
    x, w = (
        cr.tensor(rng.standard_normal((1, 4, 7, 7))),
        cr.tensor(rng.standard_normal((2, 4, 3, 3))),
    )
    w = w[:, :2] if "groups" in options else w
    y = conv2d(x, w, **options)
    g = cr.tensor(rng.standard_normal(y.shape))
    back = conv_transpose2d(g, w, **options)
    assert abs((y * g).sum() - (x * back).sum()).item() < 1e-12


def test_gradients_of_gradients_are_pytorchs() -> None:
    rng = np.random.default_rng(0)
    arrays = [rng.standard_normal(shape) for shape in ((2, 2, 5, 4), (4, 1, 3, 2), (4,))]
    options = {"stride": 2, "padding": 1, "groups": 2}
    found = []
    for library, functional, make in (
        (cr, F, lambda a: cr.tensor(a, requires_grad=True)),
        (torch, torch.nn.functional, lambda a: torch.tensor(a, requires_grad=True)),
    ):
        given = [make(a) for a in arrays]
        y = functional.conv2d(*given, **options)
        first = library.autograd.grad((y**3).sum(), given[:2], create_graph=True)
        second = library.autograd.grad(sum((g * g).sum() for g in first), given)
        found.append([g.detach().numpy() for g in second])
    for a, b in zip(*found, strict=True):
        np.testing.assert_allclose(a, b, rtol=1e-10)


def test_open_sizes_stay_open() -> None:
    def both(x: Any, w: Any) -> Any:
        y = conv2d(x, w, stride=2, padding=1)
        return y, conv_transpose2d(y, w, stride=2, padding=1)

    graph = cr.capture(both, cr.spec("B", 3, "H", "W"), cr.spec(8, 3, 3, 3))
    down, up = (str(out.shape) for out in graph.outputs)
    assert down == "(B, 8, floor((H + 1)/2), floor((W + 1)/2))"
    assert up == "(B, 3, 2*floor((H + 1)/2) - 1, 2*floor((W + 1)/2) - 1)"


def test_gradients_have_open_sizes_too() -> None:
    def slopes(x: Any, w: Any) -> Any:
        return cr.grad(lambda x, w: (conv2d(x, w, stride=2) ** 2).sum(), argnums=(0, 1))(x, w)

    graph = cr.capture(slopes, cr.spec("B", 3, "H", "W"), cr.spec(8, 3, 3, 3))
    assert [str(out.shape) for out in graph.outputs] == ["(B, 3, H, W)", "(8, 3, 3, 3)"]


def test_what_they_say_of_themselves() -> None:
    x, w, b = cr.zeros(1, 3, 5, 5), cr.zeros(4, 3, 2, 2), cr.zeros(4)
    with cr.record():
        y = conv2d(x, w, b, stride=2, padding=1, flip=True)
        z = conv_transpose2d(y, w)
    told = y.node.op.explain(y.node)
    assert told == ("each entry is a dot product of length 12: 3 channels times 4 places, "
                    "of a kernel that is turned")  # fmt: skip
    assert z.node.op.explain(z.node) == (
        "each entry adds its multiple of a kernel of 2 x 2 to the result"
    )
    sentences = [slip.sentence for slip in y.node.op.mistakes(y.node)]
    assert sentences == [
        "the kernel was not turned: cross-correlation, not convolution",
        "the bias was forgotten",
        "the padding was forgotten",
        "the stride was forgotten",
    ]


def test_an_explanation_shows_the_call() -> None:
    x = cr.tensor([[1.0, 2.0, 4.0]])
    w = cr.tensor([[[1.0, -1.0]]], requires_grad=True)
    y = F.conv1d(x, w, stride=2, padding=((0, 1),)).sum()
    text = str(cr.explain(y))
    assert "conv1d(x, w, stride=2, padding=((0, 1),))" in text
    assert "w̄" in text


@pytest.mark.parametrize(
    ("shapes", "options", "text"),
    [
        (((1, 3, 4), (2, 5, 3)), {}, "axis 'c' is 3 in input, and weight takes 2"),
        (((1, 3, 4), (3, 5, 3)), {"groups": 2}, "3 channels cannot be shared out among 2 groups"),
        (((1, 4, 4), (4, 5, 3), (5,)), {"groups": 2}, r"bias has shape \(5,\), and axis 'o' .* 10"),
        (((4,), (3, 5, 3)), {}, "input has 1 axes and weight 3"),
        (((1, 3, 4), (3, 5, 0)), {}, "a kernel of no places"),
        (((1, 3, 1), (3, 5, 2)), {"padding": 1}, r"padding cuts off all of \(2,\)"),
    ],
)
def test_what_does_not_fit_is_said_in_numbers(
    shapes: tuple[tuple[int, ...], ...], options: dict[str, Any], text: str
) -> None:
    with pytest.raises(ShapeError, match=text):
        conv_transpose1d(*(cr.zeros(shape) for shape in shapes), **options)


@pytest.mark.parametrize(
    ("options", "text"),
    [
        ({"stride": 0}, "stride is 0"),
        ({"output_padding": -1}, "output_padding is -1"),
        ({"output_padding": 2, "stride": 2}, "output_padding is 2"),
        ({"padding": "same"}, "padding is 'same'"),
        ({"padding": ((1, 2), (3, 4))}, "padding is"),
        ({"flip": 1}, "flip is 1"),
        ({"groups": 1.0}, "groups is 1.0"),
    ],
)
def test_arguments_are_checked(options: dict[str, Any], text: str) -> None:
    with pytest.raises(ArgumentError, match=text):
        conv_transpose1d(cr.zeros(1, 3, 8), cr.zeros(3, 3, 3), **options)
