"""The page of a solved paper: what stands on it, and what a hostile paper cannot put there."""

from dataclasses import replace
from html.parser import HTMLParser

import pytest

from chainrule.papers.printing.html import POLICY
from chainrule.papers.solution import Line, Working
from tests.papers.printing.made import EVIL, hostile, sample

VOID = {"meta", "br", "hr"}
KNOWN = {
    "html", "head", "meta", "title", "style", "body", "main", "header", "nav", "section", "div",
    "span", "p", "h1", "h2", "h3", "h4", "h5", "h6", "ul", "ol", "li", "a", "b", "strong", "em",
    "code", "pre", "table", "caption", "thead", "tbody", "tfoot", "tr", "th", "td", "details",
    "summary", "blockquote", "br", "hr", "math", "mrow", "mi", "mn", "mo", "mtext", "mspace",
    "msub", "msup", "msubsup", "mfrac", "msqrt", "mover", "mtable", "mtr", "mtd", "mstyle",
}  # fmt: skip
ATTRIBUTES = {
    "lang", "charset", "http-equiv", "content", "name", "class", "id", "href", "title", "rel",
    "scope", "open", "role", "aria-label", "aria-hidden", "display", "displaystyle", "stretchy",
    "form", "fence", "lspace", "rspace", "accent", "mathvariant", "width", "columnalign", "start",
    "columnspacing", "rowspacing",
}  # fmt: skip


class Page(HTMLParser):
    """The elements of a page; each is closed, none is unknown."""

    def __init__(self, text):
        super().__init__()
        self.elements, self.open, self.text = [], [], ""
        self.feed(text)
        self.close()
        assert self.open == []

    def handle_starttag(self, tag, attrs):
        self.elements.append((tag, dict(attrs)))
        if tag not in VOID:
            self.open.append(tag)

    def handle_endtag(self, tag):
        assert self.open.pop() == tag

    def handle_data(self, data):
        if "style" not in self.open:
            self.text += data

    def all(self, tag):
        return [attrs for name, attrs in self.elements if name == tag]


@pytest.fixture(scope="module")
def html():
    return sample().html()


def test_the_page_stands_alone(html):
    page = Page(html)
    assert html.startswith('<!doctype html>\n<html lang="en">')
    assert not page.all("script") + page.all("link") + page.all("img")
    assert "http" not in html.replace("http-equiv", "")
    assert POLICY in [meta.get("content") for meta in page.all("meta")]


def test_headings_tables_and_anchors(html):
    page = Page(html)
    assert len(page.all("h1")) == 1
    assert len(page.all("h2")) == 2
    assert len(page.all("h3")) == 4
    assert {cell["scope"] for cell in page.all("th")} == {"col", "row"}
    ids = [attrs["id"] for _, attrs in page.elements if "id" in attrs]
    assert ids == ["part-1a", "part-1b", "part-1c", "part-1d", "part-2"]
    links = [attrs["href"] for attrs in page.all("a")]
    assert [f"#{i}" for i in ids] == links[:5]


def test_what_is_said_of_each_part(html):
    text = " ".join(Page(html).text.split())
    for said in (
        "3 of 5 parts answered, 1 agrees with what was published, 1 differs, 1 waits, 1 failed",
        "(a) Forward agrees", "2 marks", "Published: 0.67 agrees",
        "Conventions: mac = 1, bias = false",
        "Published: A differs: B is computed", "Waits for a derivation. the bound",
        "with bias (likely)6without4", "Arithmetic: decimal(places=2)", "Working: that of 1a",
        "ValueError: no", "net = nn.Linear(2, 1) u = net(x) < 1",
    ):  # fmt: skip
        assert said in text, said


def test_options_claims_and_formulas(html):
    assert '<li class="chosen"><b>B</b> It is <em>not</em>' in html
    assert "<mfrac><mn>2</mn><mn>3</mn></mfrac>" in html
    assert html.count('<div class="row">') == 2
    assert '<details class="working" open>' in html
    assert "<details><summary>Definitions in Python</summary>" in html


def test_rows_without_formulas_are_text():
    first = sample().parts[0]
    lines = (Line("  a <b>"), Line("  y = x", "y = x"), Line("  c", r"\nobody"))
    html = replace(first, working=(Working("W", lines),)).html()
    assert "<pre>  a &lt;b&gt;</pre>" in html
    assert html.count('<div class="row">') == 1
    assert "<pre>  c</pre>" in html


@pytest.mark.parametrize("part", [None, 0, 1, 2])
def test_a_hostile_paper_is_inert(part):
    solution = hostile()
    html = solution.html() if part is None else solution.parts[part].html()
    page = Page(html)
    assert {tag for tag, _ in page.elements} <= KNOWN
    assert {name for _, attrs in page.elements for name in attrs} <= ATTRIBUTES
    assert len(page.all("style")) == 1
    for attrs in page.all("a"):
        assert attrs["href"].startswith(("#part-", "http://evil.example/"))
    assert "\x1b" not in html
    assert "\u202e" not in html


def test_the_words_of_a_hostile_paper_are_there():
    assert "<script>alert(1)</script>" in Page(hostile().html()).text
    assert "evil" in EVIL


def test_in_a_notebook_the_page_is_framed():
    made = sample()._repr_html_()
    assert made.startswith('<iframe sandbox srcdoc="&lt;!doctype html&gt;')
    assert made.count("<") == 2
    assert hostile().parts[0]._repr_html_().count("<") == 2
