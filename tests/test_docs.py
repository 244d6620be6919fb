"""The pages of docs/ say what is true: their code runs, and their links lead somewhere."""

import doctest
import re
from pathlib import Path

import pytest

import chainrule as cr
from chainrule.cli.app import run

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


def fences(page, language):
    """What stands in the fences of a page with that language, in order."""
    text = (DOCS / page).read_text("utf-8")
    return [found[2] for found in re.finditer(rf"(?ms)^(`+){language}$\n(.*?)^\1$", text)]


def commands(page):
    """The commands of a page that show what they print, each with it."""
    for text in fences(page, ""):
        command, _, printed = text.partition("\n")
        if command.startswith("$ chainrule ") and printed:
            yield command.removeprefix("$ chainrule ").split(), printed


def test_the_tutorial_for_teachers(tmp_path, monkeypatch, capsys):
    monkeypatch.chdir(tmp_path)
    front, first, second = fences("teacher.md", "markdown")
    exam = tmp_path / "exam.md"
    wrong = first.replace("[0.5, -0.25]", "[0.5, -025]").replace("grad(J", "grad(K")
    checks = list(commands("teacher.md"))
    assert len(checks) == 2
    for (command, printed), text in zip(checks, [first, wrong], strict=True):
        exam.write_text(f"{front}\n{text}", encoding="utf-8")
        run(command)
        out, err = capsys.readouterr()
        assert out + err == printed
    exam.write_text(f"{front}\n{first}\n{second}", encoding="utf-8")
    found = doctest.testfile(str(DOCS / "teacher.md"), module_relative=False)
    assert found.attempted > 10
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
