"""Conventions by name: what they may be, what holds, and which were read."""

from fractions import Fraction

import pytest

from chainrule import Convention
from chainrule.core.errors import ArgumentError
from chainrule.papers.conventions import TABLE, Conventions, chosen, valid
from chainrule.papers.wording import written


@pytest.mark.parametrize("row", TABLE.values(), ids=TABLE)
def test_every_value_reads_back(row):
    for value in row.values or (0, Fraction(1, 10**5)):
        assert chosen(f"{row.name}={written(value)}") == (row.name, value)
        assert type(chosen(f"{row.name}={written(value)}")[1]) is type(value)
    assert row.default in (*row.values, 0, None)
    assert row.about


@pytest.mark.parametrize(
    ("text", "fact", "expected", "hint"),
    [
        ("variance", "'variance' says no convention", "name=value", "variance=unbiased"),
        ("varince=biased", "there is no convention 'varince'", "mac, inner", "'variance'"),
        ("variance=baised", "the convention variance is 'baised'", "biased or unbiased", "biased"),
        ("half=yes", "the convention half is 'yes'", "true or false", "'true'"),
        ("half=no", "the convention half is 'no'", "true or false", "'false'"),
        ("mac=3", "the convention mac is '3'", "1 or 2", None),
        ("eps=-1", "the convention eps is '-1'", "a number from 0", None),
        ("eps=small", "the convention eps is 'small'", "a number from 0", None),
        ("eps=10^10^10", "the convention eps is '10^10^10'", "a number from 0", None),
    ],
)
def test_what_is_no_convention(text, fact, expected, hint):
    with pytest.raises(ArgumentError) as caught:
        chosen(text)
    assert caught.value.fact == fact
    assert expected in caught.value.expected
    assert hint is None or hint in caught.value.hint


def test_those_that_were_asked_for_are_remembered():
    conventions = Conventions({"variance": "unbiased", "eps": 1e-3})
    assert conventions.asked == {}
    assert (conventions.eps, conventions.correction) == (Fraction(1, 1000), 1)
    assert conventions.asked == {"eps": Fraction(1, 1000), "variance": "unbiased"}
    assert repr(conventions) == "Conventions(variance=unbiased, eps=1/1000)"


def test_counting():
    conventions = Conventions({"mac": 2, "bias": True})
    assert conventions.counting == Convention(mac=2, bias=True)
    assert conventions.asked == {"mac": 2, "bias": True}
    assert (Conventions({"mac": 2}).inner, Conventions().inner) == ("2n", "n")
    conventions = Conventions({"inner": "2n-1"})
    assert conventions.counting == Convention(inner="2n-1")
    assert conventions.asked == {"inner": "2n-1", "bias": False}


def test_unknown_ones_are_refused():
    with pytest.raises(ArgumentError, match="there is no convention 'varaince'"):
        _ = Conventions().varaince
    with pytest.raises(ArgumentError, match="the convention mac is"):
        Conventions({"mac": 3})
    with pytest.raises(ArgumentError, match="the convention eps is"):
        valid({"eps": [1]})
    assert not hasattr(Conventions(), "__wrapped__")
