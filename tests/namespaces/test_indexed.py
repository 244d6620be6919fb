"""Formulas of entries: indices through moves, sums and look-ups."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from chainrule.core.size import Size
from chainrule.namespaces import numpy as arrays
from chainrule.namespaces.entries import Entries, entry
from chainrule.namespaces.indexed import indexed
from chainrule.namespaces.source import Text, Unwritten


def named(name: str, *shape: Any) -> Entries:
    return Entries(tuple(shape), lambda at: entry(name, at))


def shown(x: Entries, letters: str) -> str:
    return str(x.at(tuple(map(Text, letters))))


def test_axes_of_size_one_are_read_at_0() -> None:
    made = indexed.add(named("a", 2, 3), named("b", 2, 1))
    assert shown(made, "ij") == "a[i, j] + b[i, 0]"


def test_letters_are_merged_and_split() -> None:
    H, W = Size.symbol("H"), Size.symbol("W")
    flat = indexed.reshape(named("x", 2, H, W), (2, H * W))
    assert shown(flat, "ij") == "x[i, j // W, j % W]"
    assert shown(indexed.reshape(named("x", H * W), (H, W)), "ij") == "x[W * i + j]"


MOVES = [
    ("reshape", ((6, 4),)), ("reshape", ((2, 12),)), ("reshape", ((2, 2, 6),)),
    ("reshape", ((2, 1, 3, 4, 1),)), ("permute", ((2, 0, 1),)), ("expand", ((5, 2, 3, 4),)),
    ("slice", ((slice(0, 2, 1), slice(1, 3, 1), slice(1, 4, 2)),)), ("flip", ((0, 2),)),
    ("pad", (((0, 0), (1, 2), (0, 1)), 0.0)), ("windows", ((2, 2), (1, 2), (1, 1))),
    ("windows", ((2, 2), (1, 1), (2, 1))),
]  # fmt: skip


@pytest.mark.parametrize(("name", "attributes"), MOVES)
def test_moves_read_what_numpy_moves(name: str, attributes: tuple[Any, ...]) -> None:
    x = np.arange(1.0, 25).reshape(2, 3, 4)
    wanted = getattr(arrays, name)(x, *attributes)
    made = getattr(indexed, name)(named("x", 2, 3, 4), *attributes)
    assert made.shape == wanted.shape
    letters = [f"i{k}" for k in range(wanted.ndim)]
    formula = compile(str(made.at(tuple(map(Text, letters)))), name, "eval")
    for at in np.ndindex(*wanted.shape):
        found = eval(formula, {"x": x, **dict(zip(letters, at, strict=True))})
        assert found == wanted[at]


@pytest.mark.parametrize(
    ("name", "shape", "attributes"),
    [
        ("place", (2, 2), ((slice(1, 3, 1), slice(0, 4, 2)), (3, 4))),
        ("fold", (2, 3, 2), ((2, 7), (2,), (2,), (1,))),
        ("fold", (3, 2), ((4,), (2,), (1,), (1,))),
    ],
)
def test_what_is_put_among_zeros(name: str, shape: tuple[int, ...], attributes: Any) -> None:
    x = np.arange(1.0, 1 + np.prod(shape)).reshape(shape)
    wanted = getattr(arrays, name)(x, *attributes)
    made = getattr(indexed, name)(named("x", *shape), *attributes)
    assert made.shape == wanted.shape
    assert made.into is not None
    letters = tuple(Text(f"i{k}") for k in range(len(made.sizes)))
    source, target = str(made.at(letters)), [str(i) for i in made.into(letters)]
    found = np.zeros(wanted.shape)
    for at in np.ndindex(*made.sizes):
        places = {"x": x, **dict(zip(map(str, letters), at, strict=True))}
        found[tuple(eval(i, places) for i in target)] += eval(source, places)
    assert (found == wanted).all()


def test_look_ups_are_indices() -> None:
    x, index = named("x", 4, 3), named("index", 2)
    assert shown(indexed.take(x, index, 0), "ij") == "x[index[i], j]"
    assert shown(indexed.gather(x, named("k", 4, 1), 1), "ij") == "x[i, k[i, j]]"


def test_tensors_one_after_the_other() -> None:
    made = indexed.cat((named("a", 2), named("b", 3)), 0)
    assert (made.shape, shown(made, "i")) == ((5,), "(a[i] if i < 2 else b[i - 2])")


def test_what_says_nothing_entry_by_entry_is_refused() -> None:
    with pytest.raises(Unwritten):
        indexed.cumsum(named("x", 3), 0)
    with pytest.raises(Unwritten):
        indexed.scan(None, (), (), 3)
