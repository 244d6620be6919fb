"""The page before several solved papers."""

from chainrule.papers.printing import index_html
from tests.papers.printing.made import hostile, sample
from tests.papers.printing.test_html import ATTRIBUTES, KNOWN, Page


def test_counts_links_and_what_is_not_settled():
    html = index_html([("a b.html", sample()), ("c.html", sample())])
    page = Page(html)
    text = " ".join(page.text.split())
    assert html.count('<td class="number">') == 18
    assert "together" in text
    assert [a["href"] for a in page.all("a")][:3] == ["a%20b.html", "c.html", "a%20b.html#part-1b"]
    assert ">differs</span></td><td>B is computed</td>" in html
    assert "Waits for a derivation: the bound" in text
    assert "failedValueError: no" in text


def test_one_paper_needs_no_totals():
    assert "together" not in index_html([("a.html", sample())])


def test_a_hostile_paper_is_inert():
    page = Page(index_html([("x.html", hostile())]))
    assert {tag for tag, _ in page.elements} <= KNOWN
    assert {name for _, attrs in page.elements for name in attrs} <= ATTRIBUTES
