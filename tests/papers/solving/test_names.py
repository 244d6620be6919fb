"""The names that definitions see."""

from fractions import Fraction

import pytest

import chainrule as cr
from chainrule import nn
from chainrule.core.errors import ArgumentError, ShapeError
from chainrule.papers.arithmetic import arithmetic_of
from chainrule.papers.conventions import Conventions
from chainrule.papers.expressions import parse
from chainrule.papers.reading.code import NETWORKS, TOOLS
from chainrule.papers.solving.names import helpers, names_of
from chainrule.papers.solving.running import PRELUDE
from tests.papers.solving.made import given


def made(arithmetic: str = "exact") -> dict:
    return helpers(arithmetic_of(arithmetic), Conventions())


@pytest.mark.parametrize(
    ("value", "exact", "floating"),
    [
        (3, 3, 3),
        (Fraction(1, 10), Fraction(1, 10), 0.1),
        (Fraction(4, 2), 2, 2),
        (True, True, True),
        ("tanh", "tanh", "tanh"),
        ([[1, Fraction(1, 2)], [0, 2]], [[1, Fraction(1, 2)], [0, 2]], [[1, 0.5], [0, 2]]),
        (parse("1/4"), Fraction(1, 4), 0.25),
    ],
)
def test_givens_are_pythons_numbers(value: object, exact: object, floating: object) -> None:
    for name, wanted in (("exact", exact), ("float64", floating)):
        found = names_of({"k": given("k", value)}, arithmetic_of(name), Conventions())["k"]
        assert (found, type(found)) == (wanted, type(wanted))


def test_roots_are_exact_or_floats() -> None:
    givens = {"r": given("r", parse("sqrt(2)/2"))}
    exact = names_of(givens, arithmetic_of("exact"), Conventions())["r"]
    assert str(exact) == "sqrt(2)/2"
    assert names_of(givens, arithmetic_of("float64"), Conventions())["r"] == pytest.approx(0.5**0.5)


def test_symbols_are_exact_tensors_and_letters_text() -> None:
    givens = {
        "gamma": given("gamma", "gamma", "symbol", assumptions={"positive": True}),
        "x": given("x", ["x1", "x2"], "symbols"),
        "W": given("W", [["a", "b"], ["c", "d"]], "symbols"),
        "h": given("h", "h", "letter"),
        "seen": given("seen", [1, 2], "tensor"),
    }
    found = names_of(givens, arithmetic_of("float64"), Conventions())
    assert found["gamma"].item().is_positive
    assert str(found["x"].tolist()) == "[x1, x2]"
    assert str(found["W"].tolist()) == "[[a, b], [c, d]]"
    assert found["seen"].dtype is cr.exact
    assert found["h"] == "h"


def test_tensors_and_parameters_have_the_parts_arithmetic() -> None:
    for name in ("exact", "float64", "float32"):
        names = made(name)
        assert names["tensor"]([1, 2]).dtype is names["dtype"] is getattr(cr, name)
        assert names["parameter"]([0.5]).requires_grad
        assert names["tensor"](3, requires_grad=True).requires_grad
    x = cr.tensor([1.0])
    assert names["tensor"](x) is x


def test_with_weights_places_weights_in_the_parts_arithmetic() -> None:
    net = nn.Sequential(nn.Linear(2, 1), nn.Linear(1, 1, bias=False))
    found = made()["with_weights"](net, **{"0.weight": [[1, 2]], "0.bias": [Fraction(1, 2)]})
    assert found is net
    assert net[0].weight.dtype is net[1].weight.dtype is cr.exact
    assert net[0](cr.tensor([1, 1], dtype=cr.exact)).tolist() == [Fraction(7, 2)]


@pytest.mark.parametrize(
    ("weights", "kind", "fact"),
    [
        ({"weigth": [[1, 2]]}, ArgumentError, "Linear has no weight 'weigth'"),
        ({"a.weight": [[1, 2]]}, ArgumentError, "Linear has no 'a'"),
        ({"weight": [1, 2]}, ShapeError, "weight of Linear has another shape"),
    ],
)
def test_weights_that_do_not_fit_are_refused(weights: dict, kind: type, fact: str) -> None:
    with pytest.raises(kind, match=fact):
        made()["with_weights"](nn.Linear(2, 1), **weights)


def test_numbers_of_conventions_are_in_the_parts_arithmetic() -> None:
    for name, wanted in (("exact", Fraction(1, 1000)), ("float64", 0.001)):
        conventions = Conventions({"eps": "1e-3"}, arithmetic_of(name).plain)
        assert (conventions.eps, type(conventions.eps)) == (wanted, type(wanted))
        assert conventions.asked == {"eps": Fraction(1, 1000)}


def test_the_reader_knows_the_names_that_there_are() -> None:
    assert {*TOOLS, *NETWORKS} == {*PRELUDE, *made()}
