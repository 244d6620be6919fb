"""Einsum beside PyTorch, and the errors of equations."""

import numpy as np
import pytest

import chainrule as cr
from chainrule.core.errors import ArgumentError, ChainruleError, ShapeError
from chainrule.ops.linear.contract import einsum

torch = pytest.importorskip("torch")

EQUATIONS = [
    ("ij,jk->ik", (2, 3), (3, 4)),
    ("ij, jk", (2, 3), (3, 4)),
    ("ij,kj,j", (2, 3), (4, 3), (3,)),
    ("ii->i", (3, 3)),
    ("ii", (3, 3)),
    ("ij->", (2, 3)),
    ("kii,ij->", (2, 3, 3), (3, 2)),
    ("i,j->ji", (2,), (3,)),
    ("...ij,...ji->...i", (5, 1, 2, 3), (4, 3, 2)),
    ("b...,b...->b", (2, 3, 4), (2, 4)),
    ("...i,i", (2, 3), (3,)),
    ("i...->...i", (2, 3, 4)),
    (",i->i", (), (3,)),
    ("ij,ij->i", (2, 1), (2, 3)),
    ("ij,ij,j->ij", (2, 1), (2, 3), (1,)),
    ("ii,i->i", (1, 1), (3,)),
    ("...i,ij->...j", (2, 1), (3, 4)),
    ("ij->ij", (2, 1)),
]


@pytest.mark.parametrize("case", EQUATIONS, ids=lambda case: case[0])
def test_it_is_pytorchs(case: tuple[str, ...]) -> None:
    equation, *shapes = case
    rng = np.random.default_rng(0)
    arrays = [rng.standard_normal(shape) for shape in shapes]
    ours = [cr.tensor(a, dtype=cr.float64, requires_grad=True) for a in arrays]
    theirs = [torch.tensor(a, requires_grad=True) for a in arrays]
    y, z = einsum(equation, *ours), torch.einsum(equation, *theirs)
    np.testing.assert_allclose(y.detach().numpy(), z.detach().numpy(), rtol=1e-12)
    g = rng.standard_normal(y.shape)
    y.backward(cr.tensor(g, dtype=cr.float64))
    z.backward(torch.tensor(g))
    for a, b in zip(ours, theirs, strict=True):
        np.testing.assert_allclose(a.grad.numpy(), b.grad.numpy(), rtol=1e-12)


def test_a_list_of_operands_is_taken_too() -> None:
    x = cr.tensor([1.0, 2.0])
    assert einsum("i,i", [x, x]).item() == einsum([x, x], equation="i,i").item() == 5


def test_open_sizes() -> None:
    specs = cr.spec("B", "T", 8), cr.spec("B", "S", 8)
    graph = cr.capture(lambda q, k: einsum("btd,bsd->bts", q, k), *specs)
    assert str(graph.outputs[0].shape) == "(B, T, S)"


@pytest.mark.parametrize(
    ("equation", "shapes", "kind", "text"),
    [
        ("ij,jk->ik", ((2, 3), (4, 5)), ShapeError, "axis 'j' is 3 in one place and 4 in another"),
        ("ij,jk->ik", ((2, 3), (3,)), ShapeError, r"operand 2 has 1 axes, not 2 \(j k\)"),
        ("ii->i", ((2, 3),), ShapeError, "axis 'i' is 2 in one place and 3 in another"),
        ("...i,...i", ((2, 3), (4, 3)), ShapeError, r"axis '...' -1 is 2 in one operand and 4"),
        ("ij,jk->ik", ((2, 3),), ArgumentError, "the equation has 2 terms for 1 operands"),
        ("ij->k", ((2, 3),), ArgumentError, "the result names axis 'k', which no operand has"),
        ("ij->ii", ((2, 3),), ArgumentError, "the result names axis 'i' twice"),
        ("i1->i", ((2, 3),), ArgumentError, "the equation has the term 'i1'"),
        ("i..j->i", ((2, 3),), ArgumentError, r"the equation has the term 'i\.\.j'"),
    ],
)
def test_equations_that_do_not_hold(
    equation: str, shapes: tuple[tuple[int, ...], ...], kind: type[ChainruleError], text: str
) -> None:
    with pytest.raises(kind, match=text):
        einsum(equation, *(cr.zeros(shape) for shape in shapes))


def test_the_error_has_the_users_names() -> None:
    queries, keys = cr.zeros(2, 3), cr.zeros(4, 5)
    with pytest.raises(ShapeError) as caught:
        einsum("ij,jk->ik", queries, keys)
    assert "got       queries (2, 3), keys (4, 5), equation='ij,jk->ik'" in str(caught.value)
