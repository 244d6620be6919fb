"""Sorted entries beside PyTorch: ties, NaN, numbers without axes, k out of range."""

import numpy as np
import pytest

import chainrule as cr
from chainrule.core.errors import ArgumentError, DTypeError
from tests.ops.beside import INF, NAN, both_raise, same, same_gradients

torch = pytest.importorskip("torch")

A = [[3.0, 1.0, 2.0, 1.5], [0.0, -1.0, 5.0, 2.5]]
TIES = [[2.0, 1.0, 2.0, 1.0], [0.0, 0.0, 0.0, 0.0]]
ODD = [[2.0, NAN, -INF, NAN], [INF, 1.0, NAN, 1.0]]


@pytest.mark.parametrize("data", [A, TIES, ODD], ids=["plain", "ties", "nan"])
def test_order(data: list[list[float]]) -> None:
    for dim in (0, 1, -2):
        for down in (False, True):
            same(
                lambda f, x, d=dim, o=down: tuple(f.sort(x, dim=d, descending=o, stable=True)), data
            )
            same(lambda f, x, d=dim, o=down: f.argsort(x, dim=d, descending=o, stable=True), data)
    same(lambda f, x: (f.msort(x), x.sort()[0]), data)


def test_the_best_and_the_kth() -> None:
    for k in (0, 1, 3, 4):
        for largest in (True, False):
            same(lambda f, x, k=k, b=largest: tuple(f.topk(x, k, largest=b)), A)
    for k in (1, 2):
        same(lambda f, x, k=k: tuple(f.kthvalue(x, k, 0, True)), A)
        same(lambda f, x, k=k: f.kthvalue(x, k)[0], ODD)
    same(lambda f, x: f.topk(x, 2, dim=0)[0], ODD)


def test_numbers_without_axes() -> None:
    for name, rest in [("sort", ()), ("topk", (1,)), ("kthvalue", (1,))]:
        same(lambda f, x, n=name, r=rest: tuple(getattr(f, n)(x, *r)), 2.0)
    same(lambda f, x: f.argsort(x), 2.0)


def test_gradients_go_where_the_entries_stood() -> None:
    for data in (A, TIES):
        same_gradients(lambda f, x: f.sort(x, dim=1, stable=True)[0] * x, data)
        same_gradients(lambda f, x: f.sort(x, dim=0, descending=True, stable=True)[0], data)
    same_gradients(lambda f, x: f.topk(x, 2)[0], A)
    same_gradients(lambda f, x: f.kthvalue(x, 2, keepdim=True)[0], A)


@pytest.mark.parametrize("dtype", ["bool", "uint8", "int64", "float32"])
def test_types(dtype: str) -> None:
    data = np.array([1, 0, 1, 3]).astype(dtype)
    same(lambda f, x: tuple(f.sort(x, stable=True)), data)
    for call in (lambda f, x: f.topk(x, 1)[0], lambda f, x: f.kthvalue(x, 1)[0]):
        if dtype == "bool":
            both_raise(call, data)
        else:
            same(call, data)


def test_what_is_refused() -> None:
    for call in (
        lambda f, x: f.topk(x, 5), lambda f, x: f.topk(x, -1), lambda f, x: f.kthvalue(x, 0),
        lambda f, x: f.kthvalue(x, 5), lambda f, x: f.sort(x, 2), lambda f, x: f.sort(x + 1j),
    ):  # fmt: skip
        both_raise(call, A)
    with pytest.raises(ArgumentError, match="k is 5, and axis 1 has 4 entries"):
        cr.tensor(A).topk(5)
    with pytest.raises(DTypeError, match="sort needs a tensor of bool or whole-number"):
        cr.sort(cr.tensor([1j]))


def test_exact_numbers_are_sorted_exactly() -> None:
    x = cr.tensor([2, 3, 1], dtype=cr.exact).sqrt()
    assert str(x.sort().values) == "tensor([1, sqrt(2), sqrt(3)], dtype=chainrule.exact)"
    assert x.sort(descending=True).indices.tolist() == [1, 0, 2]


def test_sorting_is_counted() -> None:
    graph = cr.capture(lambda x: x.sort(0), cr.spec(5))
    costs = [node.op.cost(node) for node in graph.nodes if node.op]
    assert {"sort": 5} in costs
