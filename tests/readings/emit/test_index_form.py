"""Lines with all indices, run as loops and compared with autodiff."""

from __future__ import annotations

import re
from typing import Any

import numpy as np
import pytest

import chainrule as cr
from chainrule.core import dtypes as dt
from chainrule.core.capture import Spec
from chainrule.core.errors import ArgumentError
from chainrule.nn import functional as F
from chainrule.readings.emit.index_form import index_form
from tests.readings.emit.running import run_indices, slot
from tests.registry.sampling import Sample, call, cases, parts, sample


def simple_norm(L: Any, A: Any, B: Any) -> Any:
    return A * (L + B)


ALL = "for all b, x, y, c"
IMAGES, CHANNELS = cr.spec("N", "H", "W", "C"), cr.spec("C")


def test_a_scale_and_a_shift_as_in_an_exam() -> None:
    form = cr.analysis.index_form(
        simple_norm, IMAGES, CHANNELS, CHANNELS, output="L'", indices="b x y c"
    )
    assert str(form).splitlines() == [
        f"{ALL}: L'.value[b, x, y, c] += A.value[c] * (L.value[b, x, y, c] + B.value[c])",
        "",
        f"{ALL}: L.grad[b, x, y, c] += L'.grad[b, x, y, c] * A.value[c]",
        f"{ALL}: A.grad[c] += L'.grad[b, x, y, c] * (L.value[b, x, y, c] + B.value[c])",
        f"{ALL}: B.grad[c] += L'.grad[b, x, y, c] * A.value[c]",
    ]
    assert form.forward == form.lines[0]
    assert list(form.backward) == ["L", "A", "B"]
    assert {name: str(size) for name, size in form.ranges.items()} == {
        "b": "N", "x": "H", "y": "W", "c": "C"
    }  # fmt: skip


def test_axes_of_one_size_are_told_apart() -> None:
    form = index_form(
        simple_norm, cr.spec(2, 2, 2, 2), cr.spec(2), cr.spec(2), output="L'", indices="b x y c"
    )
    open_sizes = index_form(simple_norm, IMAGES, CHANNELS, CHANNELS, output="L'", indices="b x y c")
    assert form.lines == open_sizes.lines


def test_letters_for_sizes_give_indices() -> None:
    form = index_form(lambda x, w: x @ w, cr.spec("B", "K"), cr.spec("K", "C"))
    assert form.forward == "for all b, c, k: out.value[b, c] += x.value[b, k] * w.value[k, c]"
    assert form.backward == {
        "x": "for all b, c, k: x.grad[b, k] += out.grad[b, c] * w.value[k, c]",
        "w": "for all b, c, k: w.grad[k, c] += x.value[b, k] * out.grad[b, c]",
    }


def test_windows_are_sums_of_indices() -> None:
    def conv(x: Any, w: Any) -> Any:
        return F.conv1d(x, w, stride=2)

    form = index_form(conv, cr.spec("N", 3, 8), cr.spec(4, 3, 2), indices="n o t")
    assert form.forward == (
        "for all n, o, t, i, j: out.value[n, o, t] += w.value[o, i, j] * x.value[n, i, 2 * t + j]"
    )


def test_a_maximum_is_said() -> None:
    form = index_form(lambda x: x.amax(1), cr.spec("N", "K"))
    assert form.forward == "for all n: out.value[n] = max over k of x.value[n, k]"


def matrix_and_vector(W: Any, x: Any, b: Any) -> Any:
    u = W @ x + b
    h = u.tanh()
    return (h * h).sum()


def turned(x: Any, y: Any) -> Any:
    return (x.mT.reshape(6, 2).flip(0) * y[:, 1:]).exp()


def joined(x: Any) -> Any:
    return x.reshape(2, 3, 2).sum(1)


def picked(x: Any) -> Any:
    return x[1:4:2] * 3 - x.mean() / 2


def outer(x: Any, y: Any) -> Any:
    return x.unsqueeze(1) ** 2 / (1 + y * y)


CASES = [
    (simple_norm, [(2, 3, 2, 2), (2,), (2,)]),
    (matrix_and_vector, [(3, 2), (2,), (3,)]),
    (turned, [(2, 2, 3), (6, 3)]),
    (joined, [(12,)]),
    (picked, [(5,)]),
    (outer, [(3,), (4,)]),
    (lambda x: x.relu().sum(0, keepdim=True), [(3, 2)]),
    (lambda x, y: cr.maximum(x, y) - cr.minimum(x, y) * x.abs(), [(3, 2), (2,)]),
    (lambda x: x.softmax(-1), [(2, 3)]),
    (lambda x: F.layer_norm(x, (3,)), [(2, 3)]),
    (lambda x, w, b: F.conv2d(x, w, b, stride=2, padding=1), [(1, 2, 4, 5), (2, 2, 3, 2), (2,)]),
    (lambda q, k, v: F.scaled_dot_product_attention(q, k, v), [(3, 2), (4, 2), (4, 3)]),
    (lambda x, w, b: F.linear(x, w, b).sigmoid(), [(2, 3), (2, 3), (2,)]),
    (lambda a, b: cr.einsum("bij,bjk->bk", a, b), [(2, 3, 2), (2, 2, 3)]),
]  # fmt: skip


@pytest.mark.parametrize("number", range(len(CASES)))
def test_the_lines_compute_values_and_gradients(number: int) -> None:
    function, shapes = CASES[number]
    draw = np.random.default_rng(number)
    arrays = [draw.normal(size=shape) for shape in shapes]
    form = index_form(function, *(cr.spec(*shape, dtype=cr.float64) for shape in shapes))
    tensors = [cr.tensor(a, requires_grad=True) for a in arrays]
    wanted = function(*tensors)
    seed = draw.normal(size=wanted.shape)
    wanted.backward(cr.tensor(seed))
    names = list(form.backward)
    slots = {name: slot(a) for name, a in zip(names, arrays, strict=True)}
    found = run_indices(form, slots, seed, tuple(wanted.shape))
    np.testing.assert_allclose(found, wanted.detach().numpy(), rtol=1e-9)
    for name, tensor in zip(names, tensors, strict=True):
        assert tensor.grad is not None
        np.testing.assert_allclose(slots[name].grad, tensor.grad.numpy(), rtol=1e-7, atol=1e-12)


@pytest.mark.slow
def test_every_op_that_has_entries() -> None:
    """All ops on real numbers, but those that have lines for whole tensors, or name places."""
    count = 0
    for _, op, example in cases():
        case = sample(op, example)
        real = all(d.category not in (dt.EXACT, dt.COMPLEX) for d in case.dtypes)
        for which in range(len(op.outputs) or 1) if real else ():
            count += checked(case, which)
    assert count > 700


def checked(case: Sample, which: int) -> bool:
    """One result of an op and its adjoints, where loops over numbers compute them."""
    op, one = case.op, len(case.arrays) == 1

    def function(*operands: Any) -> Any:
        return parts(op, call(op, operands, case.attrs))[which]

    specs = [Spec(tuple(np.shape(a)), d) for a, d in zip(case.arrays, case.dtypes, strict=True)]
    form = index_form(function, *specs)
    if re.search(r"^\w\S* = \w+\(|= arg|erfinv|\[[^]]*[\[(]|complex", str(form), re.MULTILINE):
        return False
    tensors = case.tensors(requires_grad=True)
    wanted = function(*tensors)
    seed = np.random.default_rng(which).normal(size=wanted.shape)
    slots = [slot(np.asarray(a)) for a in case.arrays]
    names = {"operands" if one else f"operands_{i}_": x for i, x in enumerate(slots)}
    with np.errstate(all="ignore"):
        found = run_indices(form, names, seed, tuple(wanted.shape))
    np.testing.assert_allclose(found, wanted.detach().numpy(), rtol=1e-6, atol=1e-9)
    if wanted.requires_grad:
        wanted.backward(cr.tensor(seed, dtype=wanted.dtype))
        for tensor, x in zip(tensors, slots, strict=True):
            if tensor.grad is not None:
                np.testing.assert_allclose(x.grad, tensor.grad.numpy(), rtol=1e-6, atol=1e-9)
    return True


def test_what_nobody_writes_entry_by_entry_is_one_line() -> None:
    form = index_form(lambda x: (2 * x).cumsum(0), cr.spec("N"))
    assert form.lines[:2] == (
        "for all n: s1[n] += 2 * x.value[n]",
        "out.value = cumsum(s1, dim=0)",
    )


def test_indices_are_one_for_each_axis() -> None:
    with pytest.raises(ArgumentError) as raised:
        index_form(lambda x: x * 2, cr.spec("N", 3), indices="n")
    assert raised.value.fact == "indices 'n' for a result of shape (N, 3)"
    with pytest.raises(ArgumentError) as raised:
        index_form(lambda x: x * 2, cr.spec(3), indices="1")
    assert raised.value.fact == "indices '1'"
    with pytest.raises(ArgumentError) as raised:
        index_form(lambda x: x * 2, cr.spec(3), output=" ")
    assert raised.value.fact == "not a name: ' '"
