"""Python of a paper as syntax: names that it binds, names that it asks for, and what is wrong."""

import ast
import time

import pytest

from chainrule.papers import Code, PaperError
from chainrule.papers.reading.code import computes, defined, definitions, expression, names_in


def test_definitions_are_not_run():
    assert definitions(Code("raise SystemExit\nx = 1 / 0", 5), "p.md").body


@pytest.mark.parametrize(
    ("text", "names", "complete"),
    [
        ("x = y = 1", {"x", "y"}, True),
        ("(a, [b, *c]) = d", {"a", "b", "c"}, True),
        ("a.b = c[0] = 1", set(), True),
        ("for i in j:\n    k: int = i", {"i", "k"}, True),
        ("with a as b:\n    pass", {"b"}, True),
        ("def f(x):\n    y = x\n    def g(): z = 1", {"f"}, True),
        ("async def f(): pass", {"f"}, True),
        ("class Net(nn.Module):\n    depth = 3\n    def forward(self): h = 1", {"Net"}, True),
        ("def f():\n    global seen\n    seen = 1", {"f", "seen"}, True),
        ("try:\n    a\nexcept E as error:\n    b = 1", {"error", "b"}, True),
        ("match a:\n    case [b, *c]:\n        d = 1", {"b", "c", "d"}, True),
        ("if (n := 3) > 2: pass", {"n"}, True),
        ("g = lambda t: (u := t)", {"g"}, True),
        ("import math, os.path as p\nimport a.b", {".math", ".p", ".a"}, True),
        ("from math import pi as tau", {".tau"}, True),
        ("from math import *", {".*"}, False),
    ],
)
def test_names_that_definitions_bind(text, names, complete):
    assert defined(ast.parse(text)) == (names, complete)


def test_names_that_an_expression_asks_for():
    tree = expression(Code("[f(x) for x in xs] +\\\n (lambda y: y + z)(k)", 3), "value", "p.md")
    assert names_in(tree) == {"f": 1, "xs": 1, "z": 2, "k": 2}


@pytest.mark.parametrize(
    ("text", "line", "fact"),
    [
        ("x = 1\ny = (2", 8, "this is not Python: '(' was never closed"),
        ("x = 1\n\ndef f(:\n    pass", 9, "this is not Python: invalid syntax"),
        ("x = 1\n  y = 2", 8, "this is not Python: unexpected indent"),
        ("if x:", 7, "this is not Python: expected an indented block after 'if'"),
        ("x = " + "9" * 5000, 7, "this is not Python: Exceeds the limit"),
        ("x" + ".y" * 9000, 7, "this is nested too deeply for Python"),
        ("x = " + "-" * 9000 + "1", 7, "this is nested too deeply for Python"),
        ("x = " + "(" * 9000, 7, "this is not Python: too many nested parentheses"),
    ],
)
def test_what_is_not_python(text, line, fact):
    start = time.process_time()
    with pytest.raises(PaperError) as caught:
        definitions(Code(text, 7), "p.md")
    assert time.process_time() - start < 2
    assert caught.value.fact.startswith(fact)
    assert caught.value.line == line


def test_the_line_is_shown():
    with pytest.raises(PaperError) as caught:
        definitions(Code("x = 1\ny = / 2", 7), "p.md")
    assert caught.value.got == "y = / 2"


@pytest.mark.parametrize(
    ("text", "fact", "hint"),
    [
        ("", "value is empty", None),
        ("x = 1", "value is not Python: invalid syntax", "an answer is one expression"),
        ("import os", "value is not Python", "an answer is one expression"),
        ("2x", "value is not Python: invalid decimal literal", None),
    ],
)
def test_what_is_no_expression(text, fact, hint):
    with pytest.raises(PaperError) as caught:
        expression(Code(text, 7), "value", "p.md")
    assert fact in caught.value.fact
    assert hint is None or hint in caught.value.hint


def test_escapes_are_the_authors_business():
    expression(Code(r"'\d'", 1), "value", "p.md")


@pytest.mark.parametrize(
    "text",
    ["k + 1", "net.weight.grad", "nn.Linear(2, 3).weight.shape", "models.vgg16()",
     "[k for _ in range(3)]", "conventions.mac * 3", "sqrt(k)"],
)  # fmt: skip
def test_what_computes(text):
    computes(Code(text, 7), "value", {"k", "net", ".sqrt"}, True, "p.md")


@pytest.mark.parametrize(
    "text",
    ["42", "'72.8M'", "[1, 2]", "Fraction(1, 3)", "tensor([1.0, 2.0])", "cr.tensor(3.0)",
     "max(1, 2)", "sqrt(2)", "pi / 2", "True", "(lambda k: 3)(4)", "[k for k in (1, 2)]"],
)  # fmt: skip
def test_a_typed_in_answer_is_refused(text):
    with pytest.raises(PaperError, match="value names nothing of its question") as caught:
        computes(Code(text, 7), "value", {"k", "net", ".sqrt"}, True, "p.md")
    assert caught.value.got == text
    assert "names of the givens and definitions" in caught.value.hint


def test_unknown_names_are_refused():
    with pytest.raises(PaperError, match="value asks for 'wieght', which nothing") as caught:
        computes(Code("k +\\\nwieght", 7), "value", {"k", "weight"}, True, "p.md")
    assert (caught.value.line, caught.value.hint) == (8, "did you mean 'weight'?")
    with pytest.raises(PaperError) as caught:
        computes(Code("zzz", 7), "value", {"k", "weight"}, True, "p.md")
    assert caught.value.hint == "the question has k, weight"


def test_after_a_star_nobody_knows():
    computes(Code("zzz", 7), "value", {".*"}, False, "p.md")
