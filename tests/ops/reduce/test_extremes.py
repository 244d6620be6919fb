"""Maxima and minima with their places beside PyTorch: ties, NaN, infinities, empty axes, types."""

import numpy as np
import pytest

import chainrule as cr
from chainrule.core.errors import DimError
from tests.ops.beside import INF, NAN, both_raise, same, same_gradients

torch = pytest.importorskip("torch")

DATA = [
    [[2.0, 2.0, 1.0, 2.0], [0.0, -1.0, 0.0, -1.0]],
    [[1.0, NAN, 3.0, NAN], [INF, -INF, INF, 0.0]],
]


@pytest.mark.parametrize("data", DATA, ids=["ties", "nan"])
@pytest.mark.parametrize("name", ["max", "min", "cummax", "cummin", "aminmax"])
def test_values_and_places(name: str, data: list[list[float]]) -> None:
    for dim in (0, 1, -1):
        same(lambda f, x, d=dim: tuple(getattr(f, name)(x, dim=d)), data)
    same(lambda f, x: tuple(getattr(f, name)(x, dim=0)), 3.0)


@pytest.mark.parametrize("name", ["max", "min", "cummax", "cummin", "aminmax"])
def test_gradients_at_ties(name: str) -> None:
    same_gradients(lambda f, x: getattr(f, name)(x, dim=1)[0], DATA[0])
    same_gradients(lambda f, x: getattr(f, name)(x, dim=0)[0], DATA[0])


@pytest.mark.parametrize("dtype", ["bool", "uint8", "int8", "int64", "float32"])
@pytest.mark.parametrize("name", ["max", "min", "cummax", "cummin", "aminmax"])
def test_types(name: str, dtype: str) -> None:
    low, high = (0, 1) if dtype in ("bool", "float32") else tuple(
        getattr(np.iinfo(dtype), end) for end in ("min", "max")
    )  # fmt: skip
    data = np.array([[high, low, high], [low, low, high]]).astype(dtype)
    same(lambda f, x: tuple(getattr(f, name)(x, dim=1)), data)


@pytest.mark.parametrize("name", ["max", "min", "aminmax", "cummax", "cummin"])
def test_empty_axes(name: str) -> None:
    empty = np.zeros((0, 3))
    same(lambda f, x: tuple(getattr(f, name)(x, dim=1)), empty)
    if name.startswith("cum"):
        same(lambda f, x: tuple(getattr(f, name)(x, dim=0)), empty)
        return
    both_raise(lambda f, x: getattr(f, name)(x, dim=0), empty)
    both_raise(lambda f, x: getattr(f, name)(x), empty)


def test_results_have_names() -> None:
    found = cr.tensor([[3, 1]]).max(1)
    assert found.values.tolist() == [3]
    assert found.indices.tolist() == [0]
    least, most = cr.tensor([3, 1]).aminmax()
    assert (least.item(), most.item()) == (1, 3)
    compiled = cr.compile(lambda x: x.min(0))(cr.tensor([3.0, 1.0]))
    assert compiled.values.item() == 1.0
    assert compiled.indices.item() == 1


def test_symbolic_batches_can_be_lowered() -> None:
    for call in (lambda x: x.cummax(1), lambda x: x.sort(0, True), lambda x: x.min(1)):
        graph = cr.lower(cr.capture(call, cr.spec("B", 4)))
        (value,) = cr.run(graph, cr.tensor([[1.0, 3.0, 2.0, 4.0]]))[:1]
        assert value.tolist() == call(cr.tensor([[1.0, 3.0, 2.0, 4.0]]))[0].tolist()


def test_complex_numbers_have_no_order() -> None:
    for name in ("max", "min", "cummax", "aminmax", "amax", "argmax"):
        rest = {} if name in ("max", "min", "amax", "argmax", "aminmax") else {"dim": 0}
        both_raise(lambda f, x, n=name, r=rest: getattr(f, n)(x, **r), np.ones(2) * 1j)


def test_the_axis_without_entries_is_named() -> None:
    with pytest.raises(DimError, match="max: axis 0 has no entries, so it has no max"):
        cr.zeros(0, 3).max(0)


def test_symbols_are_not_compared_by_guess() -> None:
    a = cr.symbols("a")
    with pytest.raises(cr.errors.ValueCheckError):
        cr.stack([a, a + 1, 2 * a]).cummax(0)
