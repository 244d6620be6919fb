"""The pages of docs/ say what is true: their code runs, and their links lead somewhere."""

import doctest
import re
from pathlib import Path

import pytest

import chainrule as cr

DOCS = Path(__file__).parents[1] / "docs"
PAGES = sorted(DOCS.glob("*.md"))


@pytest.mark.parametrize("page", ["student.md", "engineer.md"])
def test_the_code_of_a_page_runs(page, monkeypatch):
    monkeypatch.setenv("COLUMNS", "100")  # the width to which explanations are wrapped
    before = cr.get_rng_state()
    try:
        found = doctest.testfile(
            str(DOCS / page), module_relative=False, optionflags=doctest.ELLIPSIS
        )
    finally:
        cr.set_rng_state(before)
    assert found.attempted > 35
    assert found.failed == 0


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_links_lead_somewhere(page):
    text = page.read_text("utf-8")
    titles = re.findall(r"^#+ (.*)$", text, re.MULTILINE)
    anchors = {title.lower().replace(" ", "-").replace(",", "") for title in titles}
    prose = re.sub(r"(?ms)^```.*?^```$", "", text)  # in code, a[0](x) is no link
    for link in re.findall(r"\]\(([^)]*)\)", prose):
        path, _, anchor = link.partition("#")
        assert (page.parent / path).exists(), link
        assert not anchor or path or anchor in anchors, link
