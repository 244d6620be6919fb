"""`chainrule papers check`."""

from __future__ import annotations

from pathlib import Path

import pytest

from chainrule.cli.app import run

PAPER = """---
title: A midterm
---
# 1. Networks
```yaml givens
k: 3
```
```python
raise SystemExit("this would end the process")
```
## (a) Size [2 marks]
```yaml answer
kind: count
value: 2 * k
```
## (b-ii)
```yaml answer
kind: proof
derivation: why it is so
```
"""


@pytest.fixture
def paper(tmp_path: Path) -> Path:
    path = tmp_path / "exam.md"
    path.write_text(PAPER, encoding="utf-8")
    return path


def test_the_parts_are_listed(paper: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["papers", "check", str(paper)]) == 0
    assert capsys.readouterr().out.splitlines() == [
        f"A midterm ({paper}: 1 question, 2 parts, 2 marks)",
        "part   kind   marks  title",
        "1a     count      2  Size",
        "1b-ii  proof         Networks",
        "wait for a derivation or an experiment: 1b-ii",
    ]


def test_without_code(paper: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["papers", "check", "--no-code", str(paper)]) == 0
    out = capsys.readouterr().out
    assert "its Python was not run" in out
    assert "  waits      why it is so" in out


def test_all_problems_are_printed(paper: Path, capsys: pytest.CaptureFixture[str]) -> None:
    text = PAPER.replace("k: 3", "k: 010").replace("kind: count", "kind: cuont")
    wrong = paper.with_name("wrong.md")
    wrong.write_text(text, encoding="utf-8")
    assert run(["papers", "check", str(wrong), str(paper)]) == 1
    out, err = capsys.readouterr()
    assert out.splitlines()[:3] == [
        f"{wrong}:6: the given 'k' is the text '010', which is no number",
        "  hint      write 10: a zero in front means base eight elsewhere",
        f"{wrong}:13: the kind of an answer is the text 'cuont'",
    ]
    assert "  hint      did you mean 'count'?" in out
    assert "1a     count" in out
    assert err == f"chainrule: 2 problems in {wrong}\n"


def test_no_paper(capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["papers", "check"]) == 2
    assert "no paper is named" in capsys.readouterr().err
    assert run(["papers", "check", "none.md"]) == 1
    out, err = capsys.readouterr()
    assert "none.md:1: the paper cannot be opened: No such file or directory" in out
    assert err == "chainrule: 1 problem in none.md\n"
