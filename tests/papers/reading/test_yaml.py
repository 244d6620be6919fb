"""Strict YAML: what is read, each with its line, and what is refused."""

import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chainrule.papers import PaperError
from chainrule.papers.reading.yaml import Budget, Mapping, Scalar, Sequence, described, read


def test_every_node_has_its_line():
    node = read("a: 0.1\nb:\n  - 'x'\n  - {c: d}\ne: |\n  f\n  g\n", "p.md", 10)
    assert node.items["a"] == Scalar("0.1", 10)
    assert node.items["b"] == Sequence(
        (Scalar("x", 12, plain=False), Mapping({"c": Scalar("d", 13)}, {"c": Scalar("c", 13)}, 13)),
        12,
    )
    assert node.items["e"] == Scalar("f\ng\n", 15, plain=False, block=True)
    assert {name: key.line for name, key in node.keys.items()} == {"a": 10, "b": 11, "e": 14}


@pytest.mark.parametrize("text", ["", "\n\n", "# a comment\n", "---\n"])
def test_a_block_without_anything(text):
    assert read(text, "p.md", 3).items == {}


@pytest.mark.parametrize(
    ("text", "line", "fact", "hint"),
    [
        ("a: 1\nb: !!int 1", 2, "tags are not read: tag:yaml.org,2002:int", "what its text says"),
        ("a: !!python/object/apply:os.system [ls]", 1, "tags are not read", "what its text says"),
        ("a: !x {}", 1, "tags are not read: !x", "what its text says"),
        ("a: &b 1", 1, "anchors and aliases are not read: &b", "write the value out"),
        ("a: 1\nb: *a", 2, "anchors and aliases are not read: *a", "write the value out"),
        ("<<: {a: 1}", 1, "merge keys are not read: <<", "write it out"),
        ("a: 1\nc: 2\na: 3", 3, "the key 'a' stands twice", "it stood on line 1 already"),
        ("? [a]\n: 1", 1, "a list stands where a key is wanted", "stands in quotes"),
        ("{{a: b}: c}", 1, "a mapping stands where a key is wanted", "stands in quotes"),
        ("%YAML 1.1\n---\na: 1", 2, "a directive of YAML stands here", "leave the line with %"),
        ("a: 1\n---\nb: 2", 2, "a second document begins in one block", "leave the line ---"),
        ("- a", 1, "this is a list, not a mapping", None),
        ("no", 1, "this is the text 'no', not a mapping", None),
        ("a: b: c", 1, "this is not YAML: mapping values are not allowed", "stands in quotes"),
        ("a: 1\nb: [1, 2\nc: 3", 3, "this is not YAML", "stands in quotes"),
        ("a: 1\n b: 2", 2, "this is not YAML", "begin in the same column"),
        ("a: 1\n```yaml answer\n", 2, "this is not YAML", "the fence above is not closed"),
        ("a:\u00a0b\nc: d", 2, "this is not YAML", "no-break space"),
        (r'a: "\frac{1}{2}"', 1, r"\f in double quotes is no \ and a letter", "in single ones"),
        (r'a: "\sigma"', 1, "this is not YAML", "in single ones"),
        ("a:\n\t- b", 2, "this is not YAML", "indent with spaces: a tab stands here"),
        ("a: 'b", 1, "this is not YAML", "stands in quotes"),
        ("a: @b", 1, "this is not YAML", "stands in quotes"),
        ("a: " + "[" * 20, 1, "YAML is nested too deeply", None),
        ("a: \x07", 1, "this is not YAML", None),
        ("a: " + "1" * 65_536, 1, "a block of YAML has 65539 characters", None),
        ("a: [" + "1," * 12_000 + "]", 1, "the paper's YAML has more than 10000 nodes", None),
    ],
)  # fmt: skip
def test_what_is_refused(text, line, fact, hint):
    start = time.process_time()
    with pytest.raises(PaperError) as caught:
        read(text, "p.md", 1)
    assert time.process_time() - start < 2
    assert fact in caught.value.fact
    assert caught.value.line == line
    assert caught.value.file == "p.md"
    assert hint is None or hint in caught.value.hint


def test_all_blocks_of_a_paper_share_a_budget():
    budget = Budget(5)
    read("a: 1", "p.md", 1, budget)
    with pytest.raises(PaperError, match="nodes"):
        read("a: 1", "p.md", 1, budget)


def test_told():
    nodes = (Scalar("", 1), Scalar("x" * 50, 1), Mapping({}, {}, 1), Sequence((), 1))
    assert [described(node) for node in nodes] == [
        "nothing", f"the text '{'x' * 39}…'", "a mapping", "a list",
    ]  # fmt: skip


PIECES = "a b : - [ ] { } , ' \" | > # & * ! ? % @ \n 1 \t <<"


@given(
    st.lists(st.sampled_from(PIECES.split(" "))).map(" ".join) | st.text(max_size=100),
)
def test_any_text_is_read_or_refused(text):
    try:
        line = read(text, "p.md", 1).line
    except PaperError as error:
        line = error.line
    assert 1 <= line <= text.count("\n") + 1
