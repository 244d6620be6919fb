"""What a part asks: every key, every kind, and what does not go together."""

from fractions import Fraction

import pytest

from chainrule.papers import Code, Option, PaperError
from chainrule.papers.paper import KINDS
from chainrule.papers.reading.answers import KEYS, Scope, answer
from chainrule.papers.reading.yaml import read


def asked(text, first=8):
    scope = Scope("p.md", {"k", "net", "loss"}, True, ["k"])
    return answer(read(text, "p.md", first), first - 1, scope)


def test_an_expression():
    found = asked("kind: numeric\nvalue: k + 1\nseconds: 5\nunit: bytes\ndecimals: 2")
    assert (found.kind, found.line, found.seconds, found.unit) == ("numeric", 7, 5.0, "bytes")
    assert found.values == {"": Code("k + 1", 9)}
    assert (found.decimals, found.figures, found.working) == (2, None, None)


def test_expressions_by_label_and_over_lines():
    found = asked("kind: exact\nvalue:\n  a: k\n  yes: |\n    k +\\\n     1\nalso: {b: net.w}")
    assert found.values == {"a": Code("k", 10), "yes": Code("k +\\\n 1", 12)}
    assert found.also == {"b": Code("net.w", 14)}


def test_a_choice():
    found = asked(
        "kind: choice\noptions:\n  A: {says: it is 3, holds: k == 3}\n"
        "  B: {says: it is not, holds: k != 3}\nchoose: all\npublished: [A, B]"
    )
    assert found.options == (
        Option("A", "it is 3", Code("k == 3", 10)), Option("B", "it is not", Code("k != 3", 11)),
    )  # fmt: skip
    assert (found.choose, found.published) == ("all", ["A", "B"])
    assert asked("kind: choice\nvalue: k").values == {"": Code("k", 9)}


def test_true_or_false():
    found = asked("kind: truefalse\nholds: k > 2\npublished: true")
    assert (found.values, found.published) == ({"": Code("k > 2", 9)}, "T")
    assert asked("kind: truefalse\nholds: {a: k > 2}").values == {"a": Code("k > 2", 9)}


def test_claims_and_readings():
    found = asked("kind: proof\nclaims:\n  Twice k is even: 2 * k % 2 == 0")
    assert found.claims == {"Twice k is even": Code("2 * k % 2 == 0", 10)}
    found = asked("kind: exact\nreadings:\n  one: k\n  two: {a: k, b: loss}\nlikely: two")
    assert found.readings == {
        "one": {"": Code("k", 10)}, "two": {"a": Code("k", 11), "b": Code("loss", 11)},
    }  # fmt: skip
    assert found.likely == "two"


def test_what_waits():
    assert asked("kind: proof\nderivation: the gradient\npublished: 0").derivation == "the gradient"
    assert asked("kind: choice\nexperiment: it learns").experiment == "it learns"


def test_claims_that_a_published_answer_makes():
    text = "kind: explanation\nclaims: {a: k, b: k}\npublished: it is so\nmeans: "
    assert asked(text + "a").means == ("a",)
    assert asked(text + "[b, a]").means == ("b", "a")


def test_the_rest():
    found = asked(
        "kind: numeric\nvalue: k\nfigures: 3\ntolerance: 1e-2\nworking: loss\nunaffected: [k]\n"
        "arithmetic: decimal(places=2)"
    )
    assert (found.figures, found.tolerance, found.unaffected) == (3, Fraction(1, 100), ("k",))
    assert (found.working, found.arithmetic) == (Code("loss", 12), "decimal(places=2)")
    assert asked("kind: exact\nvalue: k\nworking: false").working == Code("()", 10)
    assert asked("kind: exact\nvalue: k\nworking: true").working is None


@pytest.mark.parametrize(
    ("text", "published"),
    [
        ("0.50", "0.50"),
        ("72.8M", "72.8M"),
        ("[1, 0.50]", ["1", "0.50"]),
        ("{a: 1, b: [x/2]}", {"a": "1", "b": ["x/2"]}),
        ("no", "no"),
        ("true", True),
        ("'a, b'", "a, b"),
    ],
)
def test_published_answers_stay_as_they_were_printed(text, published):
    assert asked(f"kind: exact\nvalue: k\npublished: {text}").published == published


@pytest.mark.parametrize("kind", KINDS)
def test_every_kind(kind):
    assert asked(f"kind: {kind}\nderivation: it").kind == kind


ARITHMETIC = "exact, float64, float32, decimal(places=2), decimal(figures=3)"


@pytest.mark.parametrize(
    ("text", "line", "fact", "hint"),
    [
        ("value: k", 8, "the answer has no kind", None),
        ("kind: numbers\nvalue: k", 8, "the kind of an answer is the text 'numbers'", None),
        ("kind: numerc\nvalue: k", 8, "the kind of an answer is the text 'numerc'", "'numeric'"),
        ("kind: exact\nvalu: k", 9, "an answer has no key 'valu'", "'value'"),
        ("kind: exact", 8, "the answer is not computed", None),
        ("kind: exact\npublished: 3", 8, "what was published stands alone: nothing computes", None),
        ("kind: exact\nvalue:", 9, "value is empty", None),
        ("kind: exact\nvalue: {}", 9, "value is empty", None),
        ("kind: exact\nvalue: 42", 9, "value names nothing of its question", "names of the givens"),
        ("kind: exact\nvalue: q", 9, "value asks for 'q', which nothing defines", None),
        ("kind: exact\nvalue: {a: 42}", 9, "value 'a' names nothing of its question", None),
        ("kind: exact\nvalue: [k, k]", 9, "value is a list, not an expression", 'in quotes: "'),
        ("kind: exact\nvalue: k +", 9, "value is not Python: invalid syntax", None),
        ("kind: exact\nvalue: k\nderivation: x", 10, "derivation stands beside value", "computes"),
        ("kind: exact\nderivation: x\nexperiment: y", 9, "derivation stands beside exp", None),
        ("kind: exact\nvalue: k\nreadings: {a: k, b: k}", 10, "readings stands beside value", None),
        ("kind: choice\nvalue: k\noptions: {}", 10, "options stands beside value", "say one"),
        ("kind: exact\noptions: {}", 9, "the kind exact has no options", "belong to choice"),
        ("kind: exact\nvalue: k\nchoose: all", 10, "the kind exact has no choose",
         "choose belongs to choice"),
        ("kind: exact\nholds: k", 9, "the kind exact has no holds", "holds"),
        ("kind: exact\nclaims: {a: k}", 9, "the kind exact has no claims", "proof and explanation"),
        ("kind: choice\nderivation: x\noptions: {}", 9, "derivation stands beside options", None),
        ("kind: choice", 8, "the kind choice needs options", "letter"),
        ("kind: truefalse\nvalue: k", 8, "the kind truefalse needs holds", "the predicate"),
        ("kind: choice\noptions: [A, B]", 9, "options is a list", None),
        ("kind: choice\noptions: {A: x}", 9, "the option 'A' is the text 'x'", None),
        ("kind: choice\noptions: {A: {says: x}}", 9, "the option 'A' has no holds", None),
        ("kind: choice\noptions: {A: {holds: k}}", 9, "the option 'A' has no says", None),
        ("kind: choice\noptions: {A: {says: x, hold: k}}", 9, "the option 'A' has no key 'hold'",
         "'holds'"),
        ("kind: choice\noptions: {A: {says: x, holds: k}}", 9, "at least two options", None),
        ("kind: choice\noptions: {A: {says: x, holds: k}, B: {says: y, holds: 'True'}}", 9,
         "holds of the option 'B' names nothing", None),
        ("kind: choice\noptions: {A: {says: x, holds: k}, B: {says: y, holds: k}}\npublished: C",
         10,
         "'C' is none of the options", None),
        ("kind: exact\nreadings: {}", 9, "there is no reading", "has a value"),
        ("kind: exact\nreadings: {a: k}", 9, "there is one reading", "has a value"),
        ("kind: exact\nreadings: {a: k, b: {c: 3}}", 9, "'c' of the reading 'b' names", None),
        ("kind: exact\nreadings: {a: k, b: k}\nlikely: c", 10, "likely is the text 'c'", None),
        ("kind: exact\nvalue: k\nlikely: a", 10, "likely chooses among readings", None),
        ("kind: exact\nvalue: k\ndecimals: 2\nfigures: 3", 11, "figures stands beside decimals",
         "say one of the two"),
        ("kind: exact\nvalue: k\ndecimals: 1.5", 10, "decimals is 3/2", None),
        ("kind: exact\nvalue: k\nfigures: 0", 10, "figures is 0", None),
        ("kind: exact\nvalue: k\ndecimals: 31", 10, "decimals is 31", None),
        ("kind: exact\nvalue: k\ntolerance: 0", 10, "tolerance is 0", None),
        ("kind: exact\nvalue: k\ntolerance: small", 10, "'small' has no value", None),
        ("kind: exact\nvalue: k\nseconds: 601", 10, "seconds is 601", None),
        ("kind: exact\nvalue: k\narithmetic: decimal", 10, "there is no arithmetic 'deci", None),
        ("kind: exact\nvalue: k\narithmetic: decimal(places=40)", 10, "places is 40", None),
        ("kind: exact\nvalue: k\nworking: 3", 10, "working names nothing", None),
        ("kind: exact\nvalue: k\nworking: [k]", 10, "working is a list", None),
        ("kind: exact\nvalue: k\nunaffected: [q]", 10, "unaffected names 'q', which is not", None),
        ("kind: exact\nvalue: k\nunaffected: k", 10, "unaffected is the text 'k'", None),
        ("kind: proof\nclaims: {a: k}\npublished: x\nmeans: b", 11, "means is the text 'b'", None),
        ("kind: proof\nclaims: {a: k}\nmeans: a", 10, "there is no published", None),
        ("kind: proof\nderivation: x\npublished: x\nmeans: a", 11, "there is no claims", None),
        ("kind: exact\nvalue: k\nmeans: a", 10, "the kind exact has no means",
         "means belong to proof and explanation"),
        ("kind: exact\nvalue: k\nalso: {}", 10, "also is empty", None),
        ("kind: exact\nvalue: k\nalso: k", 10, "also is the text 'k'", None),
        ("kind: exact\nvalue: k\npublished:", 10, "published is empty", None),
        ("kind: exact\nvalue: k\nunit: ''", 10, "unit is empty", None),
        ("kind: choice\nvalue: k\nchoose: some", 10, "choose is the text 'some'", None),
        ("kind: proof\nderivation:", 9, "derivation is empty", None),
        ("kind: truefalse\nholds: true", 9, "holds is true: it would be typed in", "when it is so"),
        ("kind: truefalse\nholds: k\npublished: yes", 10, "'yes' is neither true nor false", None),
    ],
)  # fmt: skip
def test_what_is_refused(text, line, fact, hint):
    with pytest.raises(PaperError) as caught:
        asked(text)
    assert fact in caught.value.fact
    assert caught.value.line == line
    assert hint is None or hint in caught.value.hint


def test_every_key_is_read():
    """A key that is known, and that nothing reads, would be lost without a word."""
    given = {"kind": "kind", "choose": "choice", "holds": "truefalse", "claims": "proof"}
    fields = set(asked("kind: proof\nderivation: it").__dataclass_fields__)
    assert set(KEYS) - {*given, "value"} <= fields


def test_arithmetics_are_listed():
    with pytest.raises(PaperError) as caught:
        asked("kind: exact\nvalue: k\narithmetic: float16")
    assert caught.value.expected == ARITHMETIC


def test_the_form_of_options_and_claims_is_told():
    with pytest.raises(PaperError) as caught:
        asked("kind: choice\noptions:\n  A: yes it is\n  B: no")
    assert caught.value.expected == "a mapping  {says: text, holds: predicate}"
    with pytest.raises(PaperError) as caught:
        asked("kind: choice\noptions: [k, net]")
    assert caught.value.expected == "a mapping  A: {says: text, holds: predicate}"
    with pytest.raises(PaperError) as caught:
        asked("kind: proof\nclaims: [k]")
    assert caught.value.expected == "a mapping  sentence: predicate"
