"""NumPy code of functions and layers, run and compared with autodiff."""

from __future__ import annotations

import re
from typing import Any

import numpy as np
import pytest

import chainrule as cr
from chainrule import nn
from chainrule.core import dtypes as dt
from chainrule.core.capture import Spec
from chainrule.core.errors import ArgumentError
from chainrule.core.op import Example, Op
from chainrule.nn import functional as F
from chainrule.readings.emit.numpy_code import numpy_code
from tests.readings.emit.running import run_numpy, slot
from tests.registry.sampling import Sample, call, cases, parts, sample

UNWRITTEN = {"uniform", "erfinv"}
"""What NumPy does not have."""


def simple_norm(L: Any, A: Any, B: Any) -> Any:
    return A * (L + B)


def test_a_scale_and_a_shift_as_in_an_exam() -> None:
    code = cr.analysis.numpy_code(
        simple_norm, cr.spec("N", "H", "W", "C"), cr.spec("C"), cr.spec("C")
    )
    assert code.forward == "out.value = A.value * (L.value + B.value)"
    assert code.backward == {
        "L": "L.grad += out.grad * A.value",
        "A": "A.grad += (out.grad * (L.value + B.value)).sum(axis=(0, 1, 2))",
        "B": "B.grad += (out.grad * A.value).sum(axis=(0, 1, 2))",
    }
    assert code.shared == ()


def test_channels_first() -> None:
    code = numpy_code(
        lambda L, A, B: A[:, None, None] * (L + B[:, None, None]),
        cr.spec("N", "C", "H", "W"), cr.spec("C"), cr.spec("C"),
    )  # fmt: skip
    assert code.forward == "out.value = A.value[:, None, None] * (L.value + B.value[:, None, None])"
    assert code.backward["B"] == "B.grad += (out.grad * A.value[:, None, None]).sum(axis=(0, 2, 3))"
    assert code.shared == ()


def test_named_values_have_lines() -> None:
    def net(x: Any, W1: Any, b1: Any, W2: Any) -> Any:
        u = W1 @ x + b1
        h = u.tanh()
        return W2 @ h

    code = numpy_code(net, cr.spec(2), cr.spec(3, 2), cr.spec(3), cr.spec(1, 3), output="y")
    assert code.lines == (
        "u = W1.value @ x.value + b1.value",
        "h = np.tanh(u)",
        "y.value = W2.value @ h",
        "",
        "h_grad = W2.value.T @ y.grad",
        "u_grad = h_grad * (1 - h * h)",
        "x.grad += W1.value.T @ u_grad",
        "W1.grad += np.outer(u_grad, x.value)",
        "b1.grad += u_grad",
        "W2.grad += np.outer(y.grad, h)",
    )


def test_parameters_of_a_module() -> None:
    code = numpy_code(nn.Sequential(nn.Linear(2, 3), nn.ReLU()), cr.spec("B", 2))
    assert list(code.backward) == ["x", "_0_weight", "_0_bias"]
    assert code.backward["_0_bias"].endswith(".sum(axis=0)")


def test_sizes_that_stay_open_are_read_off_the_inputs() -> None:
    code = numpy_code(lambda x: x.sum() * cr.ones(3), cr.spec("B", 3))
    assert "(B, 3)" in code.backward["x"]
    assert "B = x.value.shape[0]" in code.lines
    x = slot(np.ones((4, 3)))
    assert run_numpy(code, {"x": x}, np.ones(3)).tolist() == [12, 12, 12]
    assert x.grad.tolist() == [[3] * 3] * 4


def checked(case: Sample, which: int) -> None:
    """One result of an op and its adjoints, by the code and by autodiff."""
    op, count = case.op, len(case.arrays)

    def function(*operands: Any) -> Any:
        return parts(op, call(op, operands, case.attrs))[which]

    specs = [Spec(tuple(np.shape(a)), d) for a, d in zip(case.arrays, case.dtypes, strict=True)]
    code = numpy_code(function, *specs)
    tensors = case.tensors(requires_grad=True)
    wanted = function(*tensors)
    seed = np.random.default_rng(which).normal(size=wanted.shape)
    slots = [slot(np.asarray(a)) for a in case.arrays]
    names = {"operands": slots[0]} if count == 1 else {}
    names |= {f"operands_{i}_": one for i, one in enumerate(slots)}
    found = run_numpy(code, names, seed)
    np.testing.assert_allclose(found, wanted.detach().numpy(), rtol=1e-9, atol=1e-11)
    if not wanted.requires_grad:
        assert not code.backward
        return
    wanted.backward(cr.tensor(seed, dtype=wanted.dtype))
    for tensor, one in zip(tensors, slots, strict=True):
        if tensor.grad is not None:
            np.testing.assert_allclose(one.grad, tensor.grad.numpy(), rtol=1e-7, atol=1e-9)


def real(case: Sample) -> bool:
    """Whether the operands are floats, whole numbers or bools."""
    return all(d.category not in (dt.EXACT, dt.COMPLEX) for d in case.dtypes)


@pytest.mark.parametrize("letter", sorted({name[0] for name, _, _ in cases()}))
def test_every_op_that_numpy_can_write(letter: str) -> None:
    """The programs of all ops, run."""
    for name, op, example in cases():
        if name.startswith(letter):
            check(op, example)


def check(op: Op, example: Example) -> None:
    case = sample(op, example)
    for which in range(len(op.outputs) or 1) if real(case) else ():
        try:
            checked(case, which)
        except ArgumentError as error:
            missing = re.search("no expression for '(.*)'", error.fact)
            if missing is None or missing[1] not in UNWRITTEN:
                raise


@pytest.mark.parametrize(
    ("function", "shapes"),
    [
        (F.softmax, [(3, 4)]),
        (F.layer_norm, [(2, 3)]),
        (F.conv2d, [(2, 3, 6, 5), (4, 3, 3, 2), (4,)]),
        (F.max_pool2d, [(1, 2, 4, 6)]),
        (F.scaled_dot_product_attention, [(3, 2), (4, 2), (4, 5)]),
        (F.linear, [(2, 5, 3), (4, 3), (4,)]),
    ],
)
def test_layers(function: Any, shapes: list[tuple[int, ...]]) -> None:
    extra = {F.softmax: [-1], F.layer_norm: [(3,)], F.max_pool2d: [2]}.get(function, [])
    draw = np.random.default_rng(0)
    arrays = [draw.normal(size=shape) for shape in shapes]

    def net(*operands: Any) -> Any:
        return function(*operands, *extra)

    code = numpy_code(net, *(cr.spec(*shape, dtype=cr.float64) for shape in shapes))
    tensors = [cr.tensor(a, requires_grad=True) for a in arrays]
    wanted = net(*tensors)
    seed = draw.normal(size=wanted.shape)
    wanted.backward(cr.tensor(seed))
    slots = [slot(a) for a in arrays]
    names = {"operands": slots[0]} | {f"operands_{i}_": one for i, one in enumerate(slots)}
    np.testing.assert_allclose(run_numpy(code, names, seed), wanted.detach().numpy(), atol=1e-12)
    for tensor, one in zip(tensors, slots, strict=True):
        assert tensor.grad is not None
        np.testing.assert_allclose(one.grad, tensor.grad.numpy(), atol=1e-11)


def test_a_function_has_one_result() -> None:
    with pytest.raises(ArgumentError) as raised:
        numpy_code(lambda x: (x, x * 2), cr.spec(3))
    assert raised.value.fact == "the function has 2 results, not one"
    with pytest.raises(ArgumentError) as raised:
        numpy_code(3)  # type: ignore[arg-type]
    assert raised.value.fact == "a function or module, not int"


def test_names_are_those_of_python() -> None:
    with pytest.raises(ArgumentError) as raised:
        numpy_code(lambda x: x * 2, cr.spec(3), output="L'")
    assert raised.value.fact == 'not a name in Python: "L\'"'


def test_a_size_is_not_called_like_a_tensor() -> None:
    with pytest.raises(ArgumentError) as raised:
        numpy_code(lambda B: B.sum() * cr.ones(3), cr.spec("B", 3))
    assert raised.value.fact == "B is the name of a size and of a tensor"


def test_random_numbers_are_not_written() -> None:
    with pytest.raises(ArgumentError) as raised:
        numpy_code(lambda x: F.dropout(x, 0.5), cr.spec(3))
    assert raised.value.fact in ("the function has 2 results, not one",
                                 "NumPy has no expression for 'uniform'")  # fmt: skip
