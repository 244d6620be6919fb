"""Decimal arithmetic as users ask for it: what it says, and what it refuses."""

import copy
import pickle
from typing import Any

import pytest

import chainrule as cr
from chainrule.core.errors import ArgumentError


def test_it_is_what_was_asked_for() -> None:
    assert repr(cr.decimal(places=2)) == "decimal(places=2)"
    assert repr(cr.decimal(figures=3, mode="half-even")) == "decimal(figures=3, mode='half-even')"


def test_equal_ones_are_equal_and_stay_as_they_are() -> None:
    two = cr.decimal(places=2)
    assert two == cr.decimal(places=2) != cr.decimal(figures=2)
    assert hash(two) == hash(cr.decimal(places=2))
    assert copy.deepcopy(two) == pickle.loads(pickle.dumps(two)) == two
    with pytest.raises(AttributeError):
        two.places = 3  # type: ignore[misc]


@pytest.mark.parametrize("asked", [{}, {"places": 2, "figures": 3}])
def test_places_or_figures(asked: dict[str, int]) -> None:
    with pytest.raises(ArgumentError, match="takes either places or figures") as caught:
        cr.decimal(**asked)
    assert "cr.decimal(places=2)" in str(caught.value.hint)


@pytest.mark.parametrize("places", [-1, 16, 2.0, True, "2"])
def test_places_are_counted(places: Any) -> None:
    with pytest.raises(ArgumentError, match="places is") as caught:
        cr.decimal(places=places)
    assert caught.value.expected == "a whole number from 0 to 15"


@pytest.mark.parametrize("figures", [0, 16, 2.5, False])
def test_figures_are_counted(figures: Any) -> None:
    with pytest.raises(ArgumentError, match="figures is") as caught:
        cr.decimal(figures=figures)
    assert caught.value.expected == "a whole number from 1 to 15"


def test_modes() -> None:
    with pytest.raises(ArgumentError, match="mode is 'up'") as caught:
        cr.decimal(places=2, mode="up")
    assert caught.value.expected == "'half-up' or 'half-even'"


def test_a_function_that_it_has_not() -> None:
    with pytest.raises(AttributeError, match=r"decimal\(places=2\) has no function 'softmax'"):
        cr.decimal(places=2).softmax  # noqa: B018
