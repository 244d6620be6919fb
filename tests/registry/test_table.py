"""docs/ops.md is what the registry's ops do today."""

import difflib

import pytest

from tests.registry import table


def test_the_table_of_ops_is_true() -> None:
    written = table.FILE.read_text(encoding="utf-8") if table.FILE.exists() else ""
    found = table.document()
    if written != found:
        names = ("docs/ops.md", "what the ops do")
        diff = difflib.unified_diff(written.splitlines(), found.splitlines(), *names, lineterm="")
        shown = "\n".join(list(diff)[:60])
        pytest.fail(f"the table is stale; write it again with\n  {table.COMMAND}\n{shown}")


def test_no_name_is_missing() -> None:
    text = table.FILE.read_text(encoding="utf-8")
    assert [op.name for op in table.ours() if f"`{op.name}`" not in text] == []
