"""Sums of two products, by every way that leads to them, beside NumPy's own loop."""

from fractions import Fraction
from typing import Any

import numpy as np
import pytest
from numpy.lib.stride_tricks import sliding_window_view

import chainrule as cr
from chainrule.namespaces import pieces
from chainrule.namespaces.contraction import einsum

FORWARD, WEIGHT, BACK = "gocuv,ngcxyuv->ngoxy", "ngoxy,ngcxyuv->gocuv", "gocuv,ngoxy->ngcxyuv"
SIZES = [  # n g o c x y u v
    (3, 1, 4, 2, 5, 4, 3, 2),
    (1, 2, 3, 2, 5, 4, 2, 2),
    (3, 3, 1, 1, 5, 4, 3, 2),
    (3, 3, 2, 1, 5, 4, 3, 2),
    (2, 1, 3, 4, 18, 17, 1, 1),
    (2, 1, 3, 4, 5, 4, 1, 1),
    (2, 1, 1, 1, 1, 4, 1, 2),
    (0, 1, 3, 2, 5, 4, 2, 2),
    (2, 1, 1, 1, 3, 4, 9, 9),
    (1, 2, 1, 1, 1, 1, 1, 1),
    (1, 2, 1, 1, 1, 1, 2, 2),
    (1, 1, 1, 1, 3, 1, 1, 2),
    (1, 2, 3, 1, 1, 1, 2, 1),
    (2, 1, 1, 1, 1, 1, 1, 1),
]


def operands(equation: str, sizes: tuple[int, ...], dtype: Any) -> list[Any]:
    """Whole numbers, so that all orders of adding give the same; windows are views of an image."""
    size = dict(zip("ngocxyuv", sizes, strict=True))
    rng = np.random.default_rng(0)
    made = []
    for term in equation.partition("->")[0].split(","):
        if term.endswith("xyuv"):
            spatial = size["x"] + size["u"] - 1, size["y"] + size["v"] - 1
            image = rng.integers(-9, 9, (*(size[label] for label in term[:-4]), *spatial))
            made.append(sliding_window_view(image, (size["u"], size["v"]), (-2, -1)).astype(dtype))
            made[-1] = sliding_window_view(image.astype(dtype), (size["u"], size["v"]), (-2, -1))
        else:
            made.append(rng.integers(-9, 9, [size[label] for label in term]).astype(dtype))
    return made


@pytest.mark.parametrize("dtype", ["float64", "float32", "int64", "complex128", "object"])
@pytest.mark.parametrize("equation", [FORWARD, WEIGHT, BACK])
@pytest.mark.parametrize("sizes", SIZES)
def test_products_with_windows(equation: str, sizes: tuple[int, ...], dtype: str) -> None:
    arrays = operands(equation, sizes, dtype)
    before = [a.copy() for a in arrays]
    wanted = np.einsum(equation, *arrays)
    for given, text in ((arrays, equation), (arrays[::-1], _swapped(equation))):
        found = einsum(given, text)
        assert (found.shape, found.dtype) == (wanted.shape, wanted.dtype)
        np.testing.assert_array_equal(found, wanted)
    for a, b in zip(arrays, before, strict=True):
        np.testing.assert_array_equal(a, b)


def _swapped(equation: str) -> str:
    (a, b), out = equation.partition("->")[0].split(","), equation.partition("->")[2]
    return f"{b},{a}->{out}"


@pytest.mark.parametrize("equation", [FORWARD, WEIGHT, BACK])
@pytest.mark.parametrize("sizes", SIZES[:4])
@pytest.mark.parametrize(("entries", "columns", "most"), [(1, 1, 8), (40, 1, 64), (1, 7, 1 << 22)])
def test_pieces_of_any_length(
    equation: str, sizes: tuple[int, ...], entries: int, columns: int, most: int,
    monkeypatch: pytest.MonkeyPatch,
) -> None:  # fmt: skip
    monkeypatch.setattr(pieces, "ENTRIES", entries)
    monkeypatch.setattr(pieces, "COLUMNS", columns)
    monkeypatch.setattr(pieces, "TOO_MANY", most)
    arrays = operands(equation, sizes, "float64")
    np.testing.assert_array_equal(einsum(arrays, equation), np.einsum(equation, *arrays))


def test_no_matrix_of_all_windows_is_made() -> None:
    import tracemalloc

    image = np.ones((64, 8, 30, 30), np.float32)
    windows = sliding_window_view(image, (3, 3), (-2, -1))
    weight = np.ones((4, 8, 3, 3), np.float32)
    tracemalloc.start()
    einsum([weight, windows], "ocuv,ncxyuv->noxy")
    most = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert most < windows.size * windows.itemsize / 3


def test_what_stands_between_rows_of_windows_is_left_out() -> None:
    image = np.ones((2, 3, 9, 9), np.float32)
    image[0, 0, 4, 8] = np.inf  # in windows of the last column alone, and behind other rows
    windows = sliding_window_view(image, (2, 2), (-2, -1))
    for left in (np.ones((2, 3, 8, 8), np.float32), image[..., :8, :8].copy()):
        for out in ("cuv", "nc"):
            equation = f"ncxy,ncxyuv->{out}"
            with np.errstate(invalid="ignore"):
                found = einsum([left, windows], equation)
            np.testing.assert_array_equal(found, np.einsum(equation, left, windows))
    weight = np.ones((4, 3, 2, 2), np.float32)
    equation = "ocuv,ncxyuv->noxy"
    found = einsum([weight, windows], equation)
    np.testing.assert_array_equal(found, np.einsum(equation, weight, windows))
    assert found.flags.c_contiguous


def test_halves_are_added_up_in_floats() -> None:
    image = np.full((1, 1, 4100), 1, np.float16)
    windows = sliding_window_view(image, 4099, -1)
    found = einsum([np.ones((2, 1, 4099), np.float16), windows], "ock,nctk->not")
    assert found.dtype == np.float16
    assert found.ravel().tolist() == [4100.0] * 4  # 4099 as float16 has it, not 2048


def test_fractions_stay_fractions() -> None:
    image = np.array([[[Fraction(1, 3), Fraction(2), Fraction(1, 6)]]])
    windows = sliding_window_view(image, 2, -1)
    found = einsum([np.array([[[Fraction(3), Fraction(1)]]]), windows], "ock,nctk->not")
    assert found.tolist() == [[[Fraction(3), Fraction(37, 6)]]]


def test_sizes_that_differ_are_refused() -> None:
    with pytest.raises(ValueError, match="do not fit"):
        einsum([np.ones((2, 3, 2)), np.ones((1, 4, 5, 2))], "ock,nctk->not")


def test_objects_without_axes_are_multiplied() -> None:
    two, three = cr.tensor([2], dtype=cr.exact), cr.tensor(3, dtype=cr.exact)
    for equation in ("a,->a", "a,->"):
        assert cr.einsum(equation, two, three).sum().item() == 6
    assert cr.einsum(",->", three, three).item() == 9
    nothing = cr.einsum("a,a->", *[cr.zeros(0, dtype=cr.exact)] * 2)
    assert nothing.item() == 0 and (nothing + three / 2).item() == Fraction(3, 2)
