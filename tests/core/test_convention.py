"""Conventions of counting: what they count, what they say, what they refuse."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chainrule.core.convention import Convention, number, parsed
from chainrule.core.errors import ArgumentError
from chainrule.core.size import Size

PARTS = {
    "products": {"multiply": 60, "add": 48},
    "bias": {"add": 12},
    "elementwise": {"relu": 12},
    "normalisation": {"divide": 12, "add": 12},
    "pooling": {"larger": 9},
    "reductions": {"add": 3},
}


@pytest.mark.parametrize(
    ("convention", "figure"),
    [
        (Convention(), 60),
        (Convention(mac=2), 120),
        (Convention(inner="2n-1"), 108),
        (Convention(bias=True), 72),
        (Convention(mac=2, elementwise=True), 132),
        (Convention(normalisation=True), 84),
        (Convention(pooling=True, reductions=True), 72),
        (Convention.everything, 108 + 12 + 12 + 24 + 9 + 3),
        (Convention.flop_counter, 120),
    ],
    ids=repr,
)
def test_what_is_counted(convention: Convention, figure: int) -> None:
    assert convention.count(PARTS) == figure
    assert sum(term.value for term in convention.terms(PARTS)) == figure


@given(st.integers(1, 50), st.integers(1, 50))
def test_an_inner_product_of_n_terms(entries: int, n: int) -> None:
    products = {"products": {"multiply": entries * n, "add": entries * (n - 1)}}
    found = [Convention(inner=inner).count(products) for inner in ("n", "2n-1", "2n")]
    assert found == [entries * n, entries * (2 * n - 1), entries * 2 * n]


def test_it_says_what_it_is() -> None:
    assert str(Convention()) == ("inner product of n terms = n, nothing else counted; forward only")
    assert str(Convention(mac=2, bias=True, backward=True, optimizer=True)) == (
        "inner product of n terms = 2n, bias counted; forward and backward and optimizer"
    )
    assert str(Convention.everything.but(pooling=False)) == (
        "inner product of n terms = 2n-1, all but pooling counted; forward only"
    )
    assert str(Convention.torchinfo) == "as torchinfo counts"
    assert (Convention().unit, Convention(bias=True).unit) == ("multiply-accumulates", "operations")


@pytest.mark.parametrize(
    ("given", "said"),
    [
        ({"mac": 3}, "a multiply-accumulate counts 3"),
        ({"mac": True}, "a multiply-accumulate counts True"),
        ({"inner": "3n"}, "an inner product of n terms counts '3n'"),
        ({"mac": 1, "inner": "2n"}, "mac=1 says that n terms count n, and inner='2n' something"),
        ({"bias": 2}, "bias is 2"),
    ],
    ids=str,
)
def test_what_no_convention_has(given: dict[str, object], said: str) -> None:
    with pytest.raises(ArgumentError) as caught:
        Convention(**given)  # type: ignore[arg-type]
    assert said in str(caught.value)


def test_words_of_the_command_line() -> None:
    assert parsed("mac=2,bias") == Convention(mac=2, bias=True)
    assert parsed(" inner=2n-1, backward, pooling=no ") == Convention(inner="2n-1", backward=True)
    assert parsed("fvcore") is Convention.fvcore
    for text in ("mac=3", "inner=n+1", "colour", "bias=perhaps", "rule"):
        with pytest.raises(ArgumentError, match="says nothing of how to count"):
            parsed(text)


def test_numbers_and_letters() -> None:
    n, h = Size.symbol("n"), Size.symbol("h")
    assert number(1234567) == "1,234,567"
    assert number(1152 * n * h**2 + 12) == "1,152·h²·n + 12"
