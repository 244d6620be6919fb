"""What a part's process writes down."""

import json
from pathlib import Path

import pytest

from chainrule.papers.solving import child


def test_an_answer_is_there_whole(tmp_path: Path) -> None:
    child._tell(str(tmp_path), {"status": "answered"})
    assert [file.name for file in tmp_path.iterdir()] == [child.ANSWER]
    assert json.loads((tmp_path / child.ANSWER).read_text()) == {"status": "answered"}


def test_an_answer_that_nobody_reads_is_not_written(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(child, "LARGEST", 10)
    with pytest.raises(ValueError, match="the answer takes 22 characters, and 10 are read"):
        child._tell(str(tmp_path), {"status": "answered"})
    assert not list(tmp_path.iterdir())
