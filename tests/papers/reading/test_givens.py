"""Front matter, conventions and givens: every form, and every error with its line."""

from fractions import Fraction

import pytest

from chainrule.papers import Given, PaperError, parse
from chainrule.papers.expressions import parse as tree
from chainrule.papers.ranges import Choices, Entries, Span

PAPER = """---
title: T
---
# 1. Q
```yaml givens
{givens}
```
```yaml conventions
{conventions}
```
```yaml answer
kind: exact
value: nn
```
"""


def read(givens="", conventions=""):
    return parse(PAPER.format(givens=givens, conventions=conventions)).questions[0]


@pytest.mark.parametrize(
    ("line", "given"),
    [
        ("k: 3", Given("k", 3, 6)),
        ("k: 0.1", Given("k", Fraction(1, 10), 6)),
        ("k: 1e-3", Given("k", Fraction(1, 1000), 6)),
        ("k: sqrt(3)", Given("k", tree("sqrt(3)"), 6)),
        ("k: true", Given("k", True, 6)),
        ("k: [[1, 0.5], [-1, 1/3]]", Given("k", [[1, Fraction(1, 2)], [-1, Fraction(1, 3)]], 6)),
        ("k: [true, false]", Given("k", [True, False], 6)),
        ("k: {value: 3, range: 2..9, says: the kernel}",
         Given("k", 3, 6, range=Span(2, 9, 1), says="the kernel")),
        ("k: {word: tanh, range: [tanh, relu]}",
         Given("k", "tanh", 6, range=Choices(("tanh", "relu")))),
        ("k: {symbol: gamma, positive: true, integer: false}",
         Given("k", "gamma", 6, "symbol", assumptions={"positive": True, "integer": False})),
        ("k: {symbols: [x1, x2], real: true}",
         Given("k", ["x1", "x2"], 6, "symbols", assumptions={"real": True})),
        ("k: {symbols: [[a], [b]]}", Given("k", [["a"], ["b"]], 6, "symbols")),
        ("k: {letter: h, range: 1..9}", Given("k", "h", 6, "letter", range=Span(1, 9, 1))),
        ("k: {value: true, range: [true, false]}",
         Given("k", True, 6, range=Choices((True, False)))),
        ("k: {value: [1, 2], range: [1..2, [2, 3]]}",
         Given("k", [1, 2], 6, range=Entries((Span(1, 2, 1), Choices((2, 3)))))),
        ("k: {value: sqrt(3), range: 1..2}", Given("k", tree("sqrt(3)"), 6, range=Span(1, 2, 1))),
    ],
)  # fmt: skip
def test_givens(line, given):
    found = read(line).givens["k"]
    assert found == given
    assert type(found.value) is type(given.value)


def test_givens_of_several_fences_belong_to_the_question():
    text = PAPER.format(givens="a: 1", conventions="mac: 2").replace(
        "```yaml answer", "## (a)\n```yaml givens\nb: 2\n```\n```yaml answer"
    )
    question = parse(text).questions[0]
    assert {name: given.line for name, given in question.givens.items()} == {"a": 6, "b": 13}


@pytest.mark.parametrize(
    ("givens", "line", "fact", "hint"),
    [
        ("a: 1\nlambda: 2", 7, "a given cannot be called 'lambda'", "lambda_"),
        ("2x: 1", 6, "a given cannot be called '2x'", None),
        ("cr: 1", 6, "a given cannot be called 'cr': definitions use that name", None),
        ("k: {}", 6, "the given 'k' is nothing", None),
        ("k: {value: 1, word: a}", 6, "the given 'k' is value and word", None),
        ("k: {value: 1, rnage: 2..9}", 6, "the given 'k' has no key 'rnage'", "'range'"),
        ("k: {says: it}", 6, "the given 'k' is nothing", None),
        ("k:", 6, "the given 'k' has no value", "write a number"),
        ("k: 010", 6, "the given 'k' is the text '010', which is no number", "base eight"),
        ("k: no", 6, "the given 'k' is the text 'no', which is no number", "write false"),
        ("k: tanh", 6, "a number, a name or a bracket is missing", None),
        ("k: 1 +", 6, "the given 'k' is the text '1 +', no number: ", None),
        ("k: gamma", 6, "'gamma' has no value", "{symbol: gamma}, a word {word: gamma}"),
        ("k: [1, [2]]", 6, "the given 'k' has rows of unequal length", None),
        ("k: [[1, 2], [3]]", 6, "the given 'k' has rows of unequal length", None),
        ("k: []", 6, "the given 'k' is an empty list", None),
        ("k: [{a: 1}]", 6, "the given 'k' is a mapping", None),
        ("k: {symbol: 2x}", 6, "the given 'k' is the text '2x'", None),
        ("k: {symbols: [a, 2x]}", 6, "the given 'k' has the text '2x'", None),
        ("k: {symbols: a}", 6, "the given 'k' is the text 'a'", None),
        ("k: {symbols: [[a], b]}", 6, "the given 'k' has rows of unequal length", None),
        (
            "k: {value: 1, positive: true}",
            6,
            "is no unknown number, and cannot be positive",
            "symbol: x",
        ),
        (
            "k: {symbol: k, positive: yes}",
            6,
            "positive of the given 'k' is the text 'yes'",
            "write true",
        ),
        ("k: {value: 1, says: ''}", 6, "says of the given 'k' is empty", None),
        (
            "k: {value: 1, range: 2..9}",
            6,
            "the range of the given 'k' is 2..9, without its value 1",
            None,
        ),
        ("k: {value: [1, 12], range: 0..9}", 6, "is 0..9, without its value 12", None),
        ("k: {value: sqrt(3), range: 2..9}", 6, "is 2..9, without its value sqrt(3)", None),
        ("k: {value: [1, 2], range: [0..9, 3..9]}", 6, "is 3..9, without its value 2", None),
        ("k: {value: 3, range: 2-9}", 6, "the range of the given 'k' is the text '2-9'", "2..9"),
        ("k: {value: 3, range: 2 to 9}", 6, "the range of the given 'k' is the text", "2..9"),
        ('k: {value: "[1, 2]", range: 1..2}', 6, "a single number", "stands without quotes"),
        ("k: {value: 0,5}", 6, "the given 'k' has no key '5'", "decimals have a point"),
        ("k: {value: 3, range: 9..2}", 6, "'9..2': the range is empty", "smaller to the larger"),
        ("k: {value: 3, range: [2, b]}", 6, "'b' has no value", None),
        (
            "k: {value: [1, 2], range: [0..9, 0..9, 0..9]}",
            6,
            "has 3 entries, and the given 2",
            None,
        ),
        ("k: {value: true, range: 0..1}", 6, "the range of the given 'k' is 0..1", None),
        ("k: {word: a, range: a}", 6, "the range of the given 'k' is the text 'a'", None),
        ("k: 1\n```\n```yaml givens\nk: 2", 9, "the given 'k' is given twice", "line 6 already"),
    ],
)
def test_givens_that_are_refused(givens, line, fact, hint):
    with pytest.raises(PaperError) as caught:
        read(givens)
    assert fact in caught.value.fact
    assert caught.value.line == line
    assert hint is None or hint in caught.value.hint


def test_conventions_of_a_question():
    found = read(conventions="variance: unbiased\neps: 1e-5\nhalf: true\nlog: 2\ninner: 2n-1")
    assert found.conventions == {
        "variance": "unbiased", "eps": Fraction(1, 10**5), "half": True, "log": 2, "inner": "2n-1",
    }  # fmt: skip


@pytest.mark.parametrize(
    ("conventions", "fact", "hint"),
    [
        ("varaince: biased", "there is no convention 'varaince'", "'variance'"),
        ("variance: baised", "the convention variance is 'baised'", "'biased'"),
        ("bias: no", "the convention bias is 'no'", "'false'"),
        ("eps: 1_000", "the convention eps is '1_000'", None),
        ("mac: [1]", "the convention mac is a list", None),
    ],
)
def test_conventions_that_are_refused(conventions, fact, hint):
    with pytest.raises(PaperError) as caught:
        read(conventions=conventions)
    assert caught.value.fact == fact
    assert caught.value.line == 9
    assert hint is None or hint in caught.value.hint


def with_front(front):
    return parse(f"---\n{front}\n---\n# 1. Q\n```yaml answer\nkind: exact\nvalue: nn\n```\n")


def test_front_matter():
    paper = with_front("title: on\nsource: A book\nlanguage: en\nconventions:\n  mac: 2")
    assert (paper.title, paper.source, paper.language) == ("on", "A book", "en")
    assert paper.conventions == {"mac": 2}


@pytest.mark.parametrize(
    ("front", "line", "fact", "hint"),
    [
        ("source: a", 2, "the front matter has no title", "title: "),
        ("title: T\ntitel: U", 3, "the front matter has no key 'titel'", "'title'"),
        ("title:", 2, "title is empty", "leave the key out"),
        ("title: [T]", 2, "title is a list", None),
        ("title: T\nconventions: mac", 3, "conventions is the text 'mac'", None),
        ("title: T\nconventions:\n  mac: 5", 4, "the convention mac is '5'", None),
        ("title: !!str T", 2, "tags are not read", None),
        ("title: T\u202e", 2, "a character that is not seen: U+202E, right-to-left override", None),
    ],
)
def test_front_matter_that_is_refused(front, line, fact, hint):
    with pytest.raises(PaperError) as caught:
        with_front(front)
    assert fact in caught.value.fact
    assert caught.value.line == line
    assert hint is None or hint in caught.value.hint
