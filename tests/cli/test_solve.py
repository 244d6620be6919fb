"""`chainrule solve`."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import pytest

from chainrule.cli.app import run

PAPER = """---
title: A small paper
conventions: {variance: biased}
---

# 1. Numbers

```yaml givens
k: {value: 3, range: 2..9}
```

```python
x = tensor([1, 2, k])
```

## (a) The sum

```yaml answer
kind: exact
value: x.sum()
published: 6
```

## (b) The variance

```yaml answer
kind: numeric
value: x.var(correction=conventions.correction)
decimals: 2
published: 0.66
```

## (c) A bound

```yaml answer
kind: proof
derivation: the bound
```
"""
WRONG = """
## (d) A mistake

```yaml answer
kind: exact
value: x[7]
```
"""


@pytest.fixture
def paper(tmp_path: Path) -> str:
    file = tmp_path / "small.md"
    file.write_text(PAPER, "utf-8")
    return str(file)


@pytest.fixture
def wrong(tmp_path: Path) -> str:
    file = tmp_path / "wrong.md"
    file.write_text(PAPER + WRONG, "utf-8")
    return str(file)


def test_every_part_is_told(paper: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["solve", paper]) == 0
    told = capsys.readouterr()
    assert all(text in told.out for text in ("A small paper", "agrees", "differs", "0.67"))
    assert "the bound" in told.out
    assert told.err == ""


def test_json(paper: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["solve", paper, "--json"]) == 0
    found = json.loads(capsys.readouterr().out)
    assert [(part["id"], part["status"], part["answer"]) for part in found["parts"]] == [
        ("1a", "answered", 6), ("1b", "answered", pytest.approx(2 / 3)), ("1c", "waits", None),
    ]  # fmt: skip
    assert run(["solve", paper, paper, "--part", "1a", "--json"]) == 0
    assert [one["title"] for one in json.loads(capsys.readouterr().out)] == ["A small paper"] * 2


def test_parts_conventions_and_arithmetic_are_chosen(
    paper: str, capsys: pytest.CaptureFixture[str]
) -> None:
    words = ["--part", "1b", "--convention", "variance=unbiased", "--arithmetic", "exact", "--json"]
    assert run(["solve", paper, *words]) == 0
    (part,) = json.loads(capsys.readouterr().out)["parts"]
    assert (part["answer"], part["arithmetic"]) == (1, "exact")
    assert part["conventions"] == {"variance": "unbiased"}


def test_a_failed_part_is_exit_code_1(wrong: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["solve", wrong]) == 1
    told = capsys.readouterr()
    assert "agrees" in told.out
    assert "wrong.md:44" in "".join(told.out.split())  # a long path goes over lines
    assert told.err == f"chainrule: not answered: 1d of {wrong}\n"


@pytest.mark.parametrize(
    ("words", "fact"),
    [
        (["--part", "9z"], "the paper has no part '9z'"),
        (["--convention", "variance"], "'variance' says no convention"),
        (["--convention", "variance=large"], "the convention variance is 'large'"),
        (["--convention", "macs=2"], "there is no convention 'macs'"),
        (["--arithmetic", "float63"], "there is no arithmetic 'float63'"),
        (["--seconds", "0"], "seconds is 0.0"),
    ],
)
def test_wrong_words_are_exit_code_2(
    paper: str, words: list[str], fact: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert run(["solve", paper, *words]) == 2
    assert fact in capsys.readouterr().err


def test_no_paper_and_no_file(capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["solve"]) == 2
    assert "no paper is named" in capsys.readouterr().err
    assert run(["solve", "nowhere.md"]) == 1
    assert "nowhere.md" in capsys.readouterr().err


def test_a_strangers_paper_is_read_and_not_run(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    file, trace = tmp_path / "strange.md", tmp_path / "trace"
    file.write_text(PAPER.replace("x = tensor", f"open({str(trace)!r}, 'w')\nx = tensor"), "utf-8")
    assert run(["solve", str(file), "--no-code"]) == 0
    assert "its Python was not run" in capsys.readouterr().out
    assert not trace.exists()


def test_an_index_of_papers(
    paper: str, wrong: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    folder = tmp_path / "pages"
    assert run(["solve", paper, "--html", str(folder)]) == 0
    told = capsys.readouterr().out
    assert told == f"{paper}: 3 parts, 2 answered, 1 agree, 1 differ, 1 wait, 0 failed\n"
    assert sorted(file.name for file in folder.iterdir()) == ["index.html", "small.html"]
    assert "small.html" in (folder / "index.html").read_text("utf-8")
    assert run(["solve", wrong, "--html", str(folder)]) == 1
    assert "not answered: 1d" in capsys.readouterr().err


def chainrule(*words: str, **more: Any) -> subprocess.Popen[str]:
    """The command in a process of its own."""
    script = "import sys; from chainrule.cli import main; sys.exit(main())"
    return subprocess.Popen([sys.executable, "-c", script, *words], text=True,
                            stderr=subprocess.PIPE, **more)  # fmt: skip


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="needs /dev/full")
def test_an_output_that_is_full_or_closed_is_no_traceback(paper: str) -> None:
    with open("/dev/full", "w", encoding="utf-8") as full:
        done = chainrule("solve", paper, "--part", "1a", stdout=full)
        _, told = done.communicate()
    assert (done.returncode, told) == (
        1, "chainrule: the output cannot be written: No space left on device\n",
    )  # fmt: skip
    read, write = os.pipe()
    os.close(read)
    done = chainrule("solve", paper, "--no-code", stdout=write)
    os.close(write)
    _, told = done.communicate()
    assert (done.returncode, told) == (141, "")


def test_a_place_that_cannot_be_written_is_refused_before_anything_is_computed(
    paper: str, tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("chainrule.cli.app.solve_papers", None)
    place = tmp_path / "nowhere" / "page.html"
    assert run(["solve", paper, "--html", str(place)]) == 2
    assert "nowhere" in (told := capsys.readouterr().err)
    assert "cannot be written: No such file or directory" in told
    assert run(["solve", paper, paper, "--html", __file__]) == 2
    assert "cannot be written: File exists" in capsys.readouterr().err


def test_no_page_takes_the_place_of_a_paper(paper: str, capsys: pytest.CaptureFixture[str]) -> None:
    before = Path(paper).read_text("utf-8")
    assert run(["solve", paper, "--html", paper]) == 2
    assert "is a paper, which its page would replace" in capsys.readouterr().err
    assert Path(paper).read_text("utf-8") == before


def test_a_page_that_fails_leaves_the_one_before_and_prints_the_answers(
    paper: str, tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    page = tmp_path / "page.html"
    page.write_text("before", "utf-8")

    def full(self: Path, *_: Any, **__: Any) -> int:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(Path, "write_text", full)
    assert run(["solve", paper, "--part", "1a", "--html", str(page)]) == 2
    told = capsys.readouterr()
    assert "agrees" in told.out
    assert "No space left on device" in told.err
    assert page.read_text("utf-8") == "before"
    assert sorted(file.name for file in tmp_path.iterdir()) == ["page.html", "small.md"]


LOOP = """
import os, subprocess
open({there!r}, "w").close()
subprocess.Popen(["sleep", {mark!r}], start_new_session=True)
while True: pass
"""


@pytest.mark.skipif(sys.platform != "linux", reason="orphans are kept on Linux")
@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGKILL])
def test_nothing_goes_on_when_the_command_is_ended(tmp_path: Path, number: signal.Signals) -> None:
    there, mark = tmp_path / "there", f"{os.getpid()}.{number:d}5"
    file = tmp_path / "loop.md"
    loop = LOOP.format(there=str(there), mark=mark)
    file.write_text(PAPER.replace("x = tensor", f"{loop}\nx = tensor"), "utf-8")
    running = chainrule("solve", str(file), stdout=subprocess.DEVNULL,
                        env={**os.environ, "TMPDIR": str(tmp_path)})  # fmt: skip
    while not there.exists():
        assert running.poll() is None
        time.sleep(0.05)
    running.send_signal(number)
    running.communicate()
    latest = time.monotonic() + 20
    while time.monotonic() < latest:
        listed = subprocess.run(["ps", "-eo", "args"], capture_output=True, text=True, check=True)
        left = [*tmp_path.glob("chainrule-*")]
        if f"sleep {mark}" not in listed.stdout and not left:
            return
        time.sleep(0.1)
    raise AssertionError(f"{left}\n{listed.stdout}")
