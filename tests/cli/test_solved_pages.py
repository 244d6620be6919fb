"""Where solved papers are printed: Markdown, a page, a folder of pages."""

from pathlib import Path

import pytest

from chainrule.cli.failure import Failure
from chainrule.cli.solve import show_solutions, write_html
from tests.papers.printing.made import sample


def test_one_paper_is_one_file(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    file = tmp_path / "solved.html"
    show_solutions([sample()], False, False, str(file))
    assert file.read_text("utf-8") == sample().html()
    captured = capsys.readouterr()
    counts = "p.md: 5 parts, 3 answered, 1 agree, 1 differ, 1 wait, 1 failed\n"
    assert (captured.out, captured.err) == (counts, f"wrote {file}\n")


def test_several_papers_are_a_folder_with_an_index(tmp_path: Path) -> None:
    folder = tmp_path / "pages"
    write_html([sample(), sample()], str(folder))
    assert sorted(file.name for file in folder.iterdir()) == ["index.html", "p-2.html", "p.html"]


def test_a_place_that_cannot_be_written_is_named(tmp_path: Path) -> None:
    place = tmp_path / "no" / "folder.html"
    with pytest.raises(Failure, match=r"folder\.html cannot be written: No such file"):
        write_html([sample()], str(place))


def test_markdown_and_text(capsys: pytest.CaptureFixture[str]) -> None:
    show_solutions([sample()], False, True, None)
    assert capsys.readouterr().out.startswith("# Paper of $n$ questions\n")
    show_solutions([sample()], False, False, None)
    assert capsys.readouterr().out.startswith("Paper of n questions\nmade by hand\n")
