"""A paper cut into blocks, each with its line; files that are no papers."""

import os
import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chainrule.papers import PaperError
from chainrule.papers.reading.blocks import Block, blocks, checked, text_of, visible

PAPER = """---
title: T
---

Introduction with ![a picture](../secret.png) and a [link](/etc/passwd).

# 1. Title $a_b$ [5 marks]

Text
with two lines.

```yaml givens
k: 3
```
- a list

  ```text
  # not a heading
  ```
> # not a heading

### (a) a smaller heading

$$
# not a heading
$$

```python shown
print(1)
```
## (a) Part
~~~yaml answer
kind: exact
~~~
"""


def test_blocks_have_kind_text_and_line():
    found = blocks(PAPER, "p.md")
    assert [(b.kind, b.line, b.info or b.level) for b in found] == [
        ("front", 2, 0), ("prose", 5, 0), ("heading", 7, 1), ("prose", 9, 0),
        ("fence", 13, "yaml givens"), ("prose", 15, 0), ("heading", 31, 2),
        ("fence", 33, "yaml answer"),
    ]  # fmt: skip
    lines = PAPER.split("\n")
    for block in found:
        first = block.text.split("\n")[0]
        assert first in lines[block.line - 1]
    assert found[1].text == (
        "Introduction with ![a picture](../secret.png) and a [link](/etc/passwd)."
    )
    assert found[5].text.startswith("- a list\n")
    assert found[5].text.endswith("print(1)\n```")


def test_windows_line_ends():
    assert blocks(PAPER.replace("\n", "\r\n"), "p.md") == blocks(PAPER, "p.md")


def test_a_line_below_text_makes_no_heading():
    assert [b.kind for b in blocks("---\ntitle: T\n---\nA\n---\nB\n===\n", "p.md")] == [
        "front", "prose",
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("text", "line", "fact", "hint"),
    [
        ("---\ntitle: T", 1, "the front matter is never closed", "a line --- ends it"),
        ("a\n\n```python\nx = 1", 3, "a fence is never closed", "a line ``` ends it"),
        ("a\n````text\n```\n", 2, "a fence is never closed", "a line ```` ends it"),
        ("a\n~~~yaml answer", 2, "a fence is never closed", "a line ~~~ ends it"),
        ("- a\n\n  ```yaml answer\n  kind: exact\n  ```", 3, "stands inside a list or a quotation",
         "begin it at the margin"),
        ("> ```python\n> x\n> ```", 1, "a fence 'python' stands inside a list", "at the margin"),
        ("```yaml anwser\n```", 1, "a fence 'yaml anwser' is not known", "'yaml answer'"),
        ("```yaml\n```", 1, "a fence 'yaml' is not known", "did you mean 'yaml"),
        ("```yaml xyz\n```", 1, "a fence 'yaml xyz' is not known", "yaml"),
        ("```YAML givens\n```", 1, "a fence 'YAML givens' is not known", "'yaml givens'"),
        ("```py\n```", 1, "a fence 'py' is not known", "did you mean 'python'?"),
        ("```Python\n```", 1, "a fence 'Python' is not known", "did you mean 'python'?"),
        ("a\nb\0", 2, "a character that is no text: U+0000", "delete it"),
        ("a\x1b[31m", 1, "a character that is no text: U+001B", "delete it"),
        ("a\u2028b", 1, "a character that is no text: U+2028", "delete it"),
        ("a\ud800", 1, "a character that is no text: U+D800", "delete it"),
        ("a\n" + "x" * 20_001, 2, "the line has 20001 characters", None),
        ("\n" * 20_001, 20_001, "the paper is too long", None),
        ("ab\n" * 400_000, 1, "the paper is too long", None),
    ],
)  # fmt: skip
def test_what_is_refused(text, line, fact, hint):
    start = time.process_time()
    with pytest.raises(PaperError) as caught:
        blocks(text, "p.md")
    assert time.process_time() - start < 2
    assert fact in caught.value.fact
    assert caught.value.line == line
    assert hint is None or hint in caught.value.hint


def test_other_fences_belong_to_the_text():
    text = "```python shown\nx\n```\n```yaml shown\nx\n```\n```\nx\n```\n```c\nx\n```"
    assert [b.kind for b in blocks(text, "p.md")] == ["prose"]


@pytest.mark.parametrize("character", ["\u202e", "\u2066", "\u200b", "\u061c", "\ufeff"])
def test_code_shows_all_its_characters(character):
    with pytest.raises(PaperError, match="a character that is not seen: U\\+") as caught:
        visible(Block("fence", f"a\nb{character}", 5, info="python"), "p.md")
    assert caught.value.line == 6


def test_files(tmp_path):
    good = tmp_path / "good.md"
    good.write_bytes(b"\xef\xbb\xbfa\n")
    assert text_of(good) == "a\n"
    large = tmp_path / "large.md"
    large.write_bytes(b"x" * (1 << 18) + b"x")
    latin = tmp_path / "latin.md"
    latin.write_bytes("a\nß".encode("latin-1"))
    pipe = tmp_path / "pipe.md"
    os.mkfifo(pipe)
    for path, line, fact in [
        (large, 1, "the file has 262145 bytes"),
        (latin, 2, "the file is not UTF-8 text"),
        (pipe, 1, "this is not a file"),
        (tmp_path, 1, "this is not a file"),
        (tmp_path / "none.md", 1, "the paper cannot be opened: No such file or directory"),
        ("a\0b", 1, "the paper cannot be opened: embedded null byte"),
    ]:
        with pytest.raises(PaperError) as caught:
            text_of(path)
        assert (caught.value.line, caught.value.fact) == (line, fact)
        assert caught.value.file == str(path)


@given(st.text(max_size=200))
def test_no_line_is_lost(text):
    try:
        found = blocks(text, "p.md")
    except PaperError:
        return
    lines = checked(text, "p.md").split("\n")
    for block in found:
        if block.kind == "prose":
            assert "\n".join(lines).count(block.text) >= 1
            assert block.text.split("\n")[0].rstrip() == lines[block.line - 1].rstrip()
