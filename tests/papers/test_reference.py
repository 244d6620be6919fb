"""docs/papers.md says what the code does: keys, kinds, conventions, limits, names, examples."""

import re
from pathlib import Path

import pytest

from chainrule.papers import parse
from chainrule.papers.conventions import TABLE
from chainrule.papers.expressions import grammar, tokens
from chainrule.papers.paper import KINDS
from chainrule.papers.reading import answers, blocks, code, givens, reader, yaml
from chainrule.papers.solving import answers as solved
from chainrule.papers.wording import written

PAGE = (Path(__file__).parents[2] / "docs" / "papers.md").read_text("utf-8")
EXAMPLES = re.findall(r"(?ms)^```yaml\n(.*?)^```$", PAGE)


def rows(title):
    """The cells of the tables below a heading, without the first row."""
    section = re.split(r"(?m)^## ", PAGE.split(f"\n## {title}\n")[1])[0]
    lines = [line for line in section.split("\n") if line.startswith("|")]
    cells = [[cell.strip() for cell in line.strip("|").split(" | ")] for line in lines]
    return [row for row in cells if not set(row[0]) <= set("|-")]


def words(title):
    """What stands in code in the first cells of these tables."""
    return [word for row in rows(title) for word in re.findall(r"`([^`]+)`", row[0])]


def test_keys_and_kinds_of_answers():
    first = [row[0].strip("`") for row in rows("Answers")]
    assert first == ["key", *answers.KEYS, "kind", *KINDS]
    assert [row[1] for row in rows("Answers")[1:]][: len(answers.KEYS)] == [*answers.KEYS.values()]


def test_keys_of_givens():
    assert words("Givens") == list(givens.GIVEN)


def test_keys_of_the_front_matter():
    assert all(f"`{key}`" in rows("Blocks")[1][1] for key in givens.FRONT)


def test_conventions():
    found = {row[0].strip("`"): row[1:] for row in rows("Conventions")[1:]}
    assert list(found) == list(TABLE)
    for name, row in TABLE.items():
        values = ", ".join(f"`{written(value)}`" for value in row.values) or "a number from 0"
        default = "as `mac`" if row.default is None else f"`{written(row.default)}`"
        assert found[name] == [values, default, row.about]


def test_names_of_definitions():
    section = PAGE.split("## Definitions")[1].split("## Answers")[0]
    for name in (*code.TOOLS, *code.NETWORKS):
        assert re.search(rf"`{name}[`(]", section) or name == "np", name


def test_functions_of_formulas():
    section = PAGE.split("## Formulas")[1].split("## Limits")[0]
    found = re.search(r"functions `([^`]+)`", section)[1].split(" ")
    assert sorted(found) == sorted(grammar.FUNCTIONS)


def test_limits():
    text = PAGE.split("## Limits")[1]
    assert blocks.LARGEST == 1 << 18
    for limit in (
        blocks.MOST,
        blocks.WIDEST,
        yaml.LONGEST,
        yaml.DEEPEST,
        yaml.LARGEST,
        code.LARGEST,
        tokens.LONGEST,
        tokens.DIGITS,
        grammar.DEEPEST,
        grammar.TALLEST,
        reader.MOST,
        solved.MOST,
        solved.DEEPEST,
        solved.CHARACTERS,
        solved.BITS,
        600,
    ):
        assert f" {limit:,} " in text


def test_fences_that_are_read():
    assert set(words("Blocks")) >= blocks.READ


def test_the_whole_paper_is_one():
    text = re.search(r"(?ms)^````markdown\n(.*?)^````$", PAGE)[1]
    assert [part.id for part in parse(text).parts] == ["1a", "1b-i", "2"]


@pytest.mark.parametrize("text", EXAMPLES, ids=KINDS)
def test_the_example_of_each_kind(text):
    scope = answers.Scope("papers.md", (), False, ["eta"])
    asked = answers.answer(yaml.read(text, "papers.md", 1), 1, scope)
    assert asked.kind == KINDS[EXAMPLES.index(text)]
