"""What the text of a scalar means to who asks for a number, a flag, a word or text."""

from fractions import Fraction

import pytest

from chainrule.papers import PaperError
from chainrule.papers.expressions import Tree, parse
from chainrule.papers.reading import scalars
from chainrule.papers.reading.yaml import read


def node(text):
    return read(f"k: {text}", "p.md", 7).items["k"]


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("3", 3),
        ("-3", -3),
        ("+3", 3),
        ("0", 0),
        ("2.0", 2),
        ("0.1", Fraction(1, 10)),
        (".5", Fraction(1, 2)),
        ("1e-3", Fraction(1, 1000)),
        ("-1.5E2", -150),
        ("1/3", Fraction(1, 3)),
        ("'1/3'", Fraction(1, 3)),
        ("2^10", 1024),
        ("sqrt(9)", 3),
    ],
)
def test_numbers_are_exact(text, value):
    found = scalars.number(node(text), "k", "p.md")
    assert found == value
    assert type(found) is type(value)


@pytest.mark.parametrize("text", ["sqrt(3)", "pi/2", "log(2)", "e"])
def test_other_amounts_are_trees(text):
    found = scalars.amount(node(text), "k", "p.md")
    assert isinstance(found, Tree)
    assert found == parse(text)
    with pytest.raises(PaperError, match="k is the text") as caught:
        scalars.number(node(text), "k", "p.md")
    assert caught.value.expected == "a number"


@pytest.mark.parametrize(
    ("text", "fact", "hint"),
    [
        ("010", "'010', which is no number", "write 10: a zero in front means base eight"),
        ("-007", "'-007', which is no number", "write -7"),
        ("0o17", "'0o17', which is no number", "write it in base ten"),
        ("0x1F", "'0x1F', which is no number", "write it in base ten"),
        ("1_000", "'1_000', which is no number", "write 1000"),
        ("1,000.5", "'1,000.5', which is no number", "write 1000.5"),
        (".nan", "'.nan', which is no number", "a given is a finite number"),
        (".inf", "'.inf', which is no number", "a given is a finite number"),
        ("-Infinity", "'-Infinity', which is no number", "a given is a finite number"),
        ("yes", "'yes', which is no number", "write true: in YAML 1.2 'yes' is a word"),
        ("off", "'off', which is no number", "write false: in YAML 1.2 'off' is a word"),
        ("NO", "'NO', which is no number", "write false: in YAML 1.2 'NO' is a word"),
        ("null", "k has no value", "write a number"),
        ("~", "k has no value", "write a number"),
        ("", "k has no value", "write a number"),
        ("gamma", "'gamma' has no value", "{symbol: gamma}"),
        ("2 3", "no number: two numbers stand side by side", "an operator"),
        ("10^10^10", "'10^10^10': a number becomes too long", None),
        ("1/0", "'1/0': it divides by zero", None),
        ("1e999999999", "the exponent of a number is too large", None),
        ("[1]", "k is a list", None),
    ],
)
def test_what_is_no_number(text, fact, hint):
    with pytest.raises(PaperError) as caught:
        scalars.amount(node(text), "k", "p.md")
    assert fact in caught.value.fact
    assert hint is None or hint in caught.value.hint
    assert caught.value.line == 7


def test_flags():
    assert scalars.flag(node("true"), "k", "p.md") is True
    assert scalars.flag(node("false"), "k", "p.md") is False


@pytest.mark.parametrize(
    ("text", "hint"),
    [
        ("yes", "write true: in YAML 1.2 'yes' is a word"),
        ("no", "write false"),
        ("On", "write true"),
        ("True", "write true, in small letters and without quotes"),
        ("'false'", "write false, in small letters and without quotes"),
        ("1", None),
    ],
)
def test_what_is_no_flag(text, hint):
    with pytest.raises(PaperError, match="k is the text") as caught:
        scalars.flag(node(text), "k", "p.md")
    assert caught.value.expected == "true or false"
    assert caught.value.hint is None if hint is None else hint in caught.value.hint


def test_words():
    assert scalars.word(node("one"), "k", ("one", "all"), "p.md") == "one"
    with pytest.raises(PaperError, match="k is the text 'al'") as caught:
        scalars.word(node("al"), "k", ("one", "all"), "p.md")
    assert (caught.value.expected, caught.value.hint) == ("one, all", "did you mean 'all'?")


def test_text():
    assert scalars.text(node("no"), "k", "p.md") == "no"
    assert scalars.text(node("2023"), "k", "p.md") == "2023"
    with pytest.raises(PaperError, match="k is empty"):
        scalars.text(node("' '"), "k", "p.md")
    with pytest.raises(PaperError, match="k is a mapping"):
        scalars.text(node("{a: b}"), "k", "p.md")


def test_whole_numbers():
    assert scalars.whole(node("3"), "k", "p.md") == 3
    for text in ("-1", "1.5"):
        with pytest.raises(PaperError, match="k is ") as caught:
            scalars.whole(node(text), "k", "p.md", 0, 30)
        assert caught.value.expected == "a whole number from 0 to 30"


def test_mappings_and_sequences():
    with pytest.raises(PaperError, match="k is a list"):
        scalars.mapping(node("[1]"), "k", "p.md")
    with pytest.raises(PaperError, match="k is an empty list"):
        scalars.sequence(node("[]"), "k", "p.md")
    with pytest.raises(PaperError, match="k is the text '1'"):
        scalars.sequence(node("1"), "k", "p.md")


def test_unknown_keys():
    known = ("value", "range", "says")
    with pytest.raises(PaperError, match="it has no key 'rnage'") as caught:
        scalars.known_keys(read("rnage: 1", "p.md", 4), "it", known, "p.md")
    assert (caught.value.expected, caught.value.hint) == (
        "value, range, says", "did you mean 'range'?",
    )  # fmt: skip
    with pytest.raises(PaperError, match="it has no key 'or after'") as caught:
        scalars.known_keys(node("{says: before, or after}"), "it", known, "p.md")
    assert caught.value.hint == "a text with a comma, inside braces, stands in quotes"
