"""Drawings on a page."""

import pytest

import chainrule as cr
from chainrule.papers.printing.pictures import picture

HEAD = '<svg xmlns="http://www.w3.org/2000/svg">'


def test_a_drawing_of_a_graph_stays_as_it_is():
    x = cr.named(cr.tensor(2.0, requires_grad=True), "x")
    made = cr.draw(x.tanh() * 2).svg()
    found = picture(made)
    assert found.count("<path") == made.count("<path") > 0
    assert found.count("<rect") == made.count("<rect") > 0
    assert ">tanh</text>" in found


@pytest.mark.parametrize(
    "inside",
    [
        "<script>alert(1)</script>", '<image href="http://evil.example/x.png"/>',
        '<foreignObject><body/></foreignObject>', '<a href="javascript:alert(1)"/>',
        "<style>@import url(x)</style>", "<use href='#x'/>", "<animate onbegin='f()'/>",
    ],
)  # fmt: skip
def test_only_lines_boxes_and_words_come_through(inside):
    assert picture(f"{HEAD}{inside}</svg>") == "<svg></svg>"


@pytest.mark.parametrize(
    "attribute",
    [
        'onload="f()"', 'style="background:url(http://evil.example)"', 'fill="url(#x)"',
        'style="a:expression(1)"', 'href="javascript:f()"', 'class="agrees"', 'id="part-1a"',
    ],
)  # fmt: skip
def test_attributes_that_could_do_anything_do_not(attribute):
    assert picture(f"{HEAD}<rect {attribute}/></svg>") == "<svg><rect></rect></svg>"


def test_words_are_escaped():
    made = picture(f"{HEAD}<text>&lt;script&gt;</text></svg>")
    assert made == "<svg><text>&lt;script&gt;</text></svg>"


@pytest.mark.parametrize("text", ["", "<svg>", "<p/>", "<!DOCTYPE svg [<!ENTITY a 'b'>]><svg/>"])
def test_what_is_no_drawing_is_none(text):
    assert picture(text) == ""
