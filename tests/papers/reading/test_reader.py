"""Whole papers: what belongs to which question, all problems at once, and hostile files."""

import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

import chainrule as cr
from chainrule.papers import Code, PaperError, parse, problems
from chainrule.papers.reading.reader import Reader

PAPER = """---
title: A midterm
source: ours
conventions: {mac: 2}
---
Answer all questions.

# 1. Networks [10 marks]

A network with $k$ inputs.

```yaml givens
k: {value: 3, range: 2..9}
```

```yaml conventions
bias: true
```

```python
import math
net = nn.Linear(k, 1)
```

## (a) Parameters [2 marks]

How many?

```python
count = sum(p.numel() for p in net.parameters())
```

```yaml answer
kind: count
value: count
published: 4
```

More text.

## (b-ii)

```yaml answer
kind: exact
value: math.sqrt(k)
```

# 2. Alone [1.5 points]

What is true?

```yaml answer
kind: proof
derivation: why
```

# 10

```python
x = tensor([1.0])
```
```yaml answer
kind: exact
value: x
```
"""


def test_a_paper():
    paper = parse(PAPER, file="exam.md")
    assert (paper.file, paper.title, paper.source) == ("exam.md", "A midterm", "ours")
    assert paper.introduction == "Answer all questions."
    assert [(part.id, part.line, part.title, part.marks) for part in paper.parts] == [
        ("1a", 25, "Parameters", 2.0), ("1b-ii", 41, "", None), ("2", 48, "", 1.5),
        ("10", 57, "", None),
    ]  # fmt: skip
    first, second, third = paper.questions
    assert (first.id, first.title, first.marks, first.line) == ("1", "Networks", 10.0, 8)
    assert first.statement == "A network with $k$ inputs."
    assert first.definitions == (Code("import math\nnet = nn.Linear(k, 1)", 21),)
    assert (first.conventions, list(first.givens)) == ({"bias": True}, ["k"])
    part = first.parts[0]
    assert part.statement == "How many?\n\nMore text."
    assert part.definitions == (Code("count = sum(p.numel() for p in net.parameters())", 30),)
    assert part.asked.values == {"": Code("count", 35)}
    assert (second.statement, second.parts[0].statement) == ("What is true?", "")
    assert (third.title, len(third.definitions)) == ("", 1)


def test_a_file(tmp_path):
    path = tmp_path / "exam.md"
    path.write_text(PAPER, encoding="utf-8")
    paper = cr.papers.load(path)
    assert paper.file == str(path)
    assert paper == parse(PAPER, file=str(path))
    assert problems(path) == []


HEAD = "---\ntitle: T\n---\n"
ANSWER = "```yaml answer\nkind: exact\nvalue: nn\n```\n"


@pytest.mark.parametrize(
    ("text", "line", "fact", "hint"),
    [
        ("", 1, "the paper has no front matter", "it begins with the lines ---"),
        ("# 1. Q\n" + ANSWER, 1, "the paper has no front matter", "it begins with"),
        ("---\ntitle: T\n# 1. Q\n", 1, "the front matter is never closed", "a line --- ends it"),
        (HEAD + "text", 1, "the paper has no question", "a heading opens one"),
        (HEAD + "# Exam\n", 4, "a heading opens no question", "stands in the front matter"),
        (HEAD + "# 1. Q\n## a) Part\n", 5, "a heading opens no part", None),
        (HEAD + "## (a) Part\n", 4, "a part stands before the first question", "# 1. Title"),
        (HEAD + "# 1. Q\n" + ANSWER + "# 1. R\n" + ANSWER, 9, "the question 1 opens twice",
         "it opened on line 4 already"),
        (HEAD + "# 1. Q\n## (a)\n" + ANSWER + "## (a)\n" + ANSWER, 10, "the part 1a opens twice",
         "it opened on line 5 already"),
        (HEAD + "# 1. Q\n## (2)\n" + ANSWER + "# 12. R\n" + ANSWER, 10, "the question 12", ""),
        (HEAD + "```python\nx = 1\n```\n# 1. Q\n", 4,
         "a fence 'python' stands before the first question", "with a space behind the #"),
        (HEAD + "```yaml conventions\nmac: 1\n```\n# 1. Q\n", 4,
         "a fence 'yaml conventions' stands before the first question", "front matter"),
        (HEAD + "# 1. Q\n## (a)(i) R\n" + ANSWER, 5, "a heading opens no part", "## (a-i) Title"),
        (HEAD + "# 1. Q\n### (i) R [1 mark]\n" + ANSWER, 5, "a heading of this size opens no part",
         "## (a-i) Title"),
        (HEAD + "# 1. Q (3 marks)\n" + ANSWER, 4, "the marks of a heading are not read", None),
        (HEAD + "# 1. Q — 3 marks\n" + ANSWER, 4, "the marks of a heading are not read", None),
        (HEAD + "# 1. Q [1/2 mark]\n" + ANSWER, 4, "the marks of a heading are not read", None),
        (HEAD + "# 1. Q [3 marks]\n## (a) R [1 mark]\n" + ANSWER, 4,
         "question 1 has 3 marks, and its parts 1", None),
        (HEAD + "# 1. Q\n```python\nx = tensor(y)\n```\n" + ANSWER, 6,
         "a definition asks for 'y', which nothing defines", "the question has x"),
        (HEAD + "# 1. Q\n```python\nx = torch.ones(2)\n```\n" + ANSWER, 6,
         "a definition asks for 'torch', which nothing defines", "cr, nn, F and optim"),
        (HEAD + "# 1. Q\n```python\nx = 1\n" + ANSWER, 7, "this is not Python",
         "the fence above is not closed"),
        (HEAD + "# 1. Q\n", 4, "part 1 asks for nothing: it has no answer", "```yaml answer"),
        (HEAD + "# 1. Q\n## (a)\n" + ANSWER + "## (b)\n", 10, "part 1b asks for nothing", None),
        (HEAD + "# 1. Q\n" + ANSWER + ANSWER, 9, "part 1 has two answers",
         "the first is on line 5"),
        (HEAD + "# 1. Q\n" + ANSWER + "## (a)\n" + ANSWER, 5,
         "question 1 has an answer of its own, and parts", "write ## (a) above it"),
        (HEAD + "# 1. Q\n## (a)\n```yaml conventions\nmac: 2\n```\n" + ANSWER, 6,
         "conventions stand in a part", "above its parts"),
        (HEAD + "# 1. Q\n```python\nx = \u202e1\n```\n" + ANSWER, 6,
         "a character that is not seen: U+202E", "delete it"),
        (HEAD + "# 1. Q\n```yaml givens\nk: 1 # \u2066\n```\n" + ANSWER, 6,
         "a character that is not seen: U+2066", "delete it"),
        (HEAD + "# 1. Q\n```python\nx = (\n```\n" + ANSWER, 6, "this is not Python", None),
        (HEAD + "# 1. Q\n```yaml givens\nk: 1\nk: 2\n```\n" + ANSWER, 7, "the key 'k' stands twice",
         None),
        (HEAD + "# 1. Q\n" + "```python\n" + f"x = '{'a' * 15_000}'\n" * 9 + "```\n" + ANSWER, 6,
         "the paper has too much Python", None),
        (HEAD + "# 1. Q\n" + "".join(f"## ({i})\n" for i in range(1001)), 1004,
         "the paper has more than 1000 questions and parts", None),
    ],
)  # fmt: skip
def test_what_is_refused(text, line, fact, hint):
    start = time.process_time()
    with pytest.raises(PaperError) as caught:
        parse(text, file="p.md")
    assert time.process_time() - start < 2
    assert fact in caught.value.fact
    assert (caught.value.file, caught.value.line) == ("p.md", line)
    assert hint is None or hint in caught.value.hint


def test_all_problems_at_once(tmp_path):
    path = tmp_path / "p.md"
    path.write_text(
        "---\ntitel: T\n---\n# 1. Q\n```yaml givens\nk: 010\n```\n```python\nx = (\n```\n"
        "```yaml answer\nkind: exact\nvalue: q\n```\n# Two\ntext\n# 3. R\n```yaml answer\n"
        "kind: number\n```\n",
        encoding="utf-8",
    )
    assert [(error.line, error.fact[:30]) for error in problems(path)] == [
        (2, "the front matter has no key 't"),
        (6, "the given 'k' is the text '010"),
        (9, "this is not Python: '(' was ne"),
        # that q is not defined may be the fault of what is not Python
        (15, "a heading opens no question"),
        (19, "the kind of an answer is the t"),
    ]
    with pytest.raises(PaperError, match="the front matter has no key"):
        cr.papers.load(path)
    assert len(problems(tmp_path / "none.md")) == 1


def test_nobody_reads_fifty_problems(tmp_path):
    path = tmp_path / "p.md"
    path.write_text(HEAD + "# Q\n" * 15_000, encoding="utf-8")
    start = time.process_time()
    assert len(problems(path)) == 50
    assert time.process_time() - start < 2


def question(givens="k: 3", code="", answer="kind: exact\nvalue: k"):
    return (
        f"{HEAD}# 1. Q\n```yaml givens\n{givens}\n```\n```python\n{code}\n```\n"
        f"```yaml answer\n{answer}\n```\n"
    )


@pytest.mark.parametrize(
    ("text", "fact"),
    [
        (question("a: &a [1, 1]\nb: &b [*a, *a]\nc: [*b, *b]"), "anchors and aliases are not read"),
        (question("k: !!python/object/apply:os.system ['true']"), "tags are not read"),
        (question("k: " + "[" * 15_000), "YAML is nested too deeply"),
        (question("k: " + "{" * 15_000), "YAML is nested too deeply"),
        (question("- " * 9_000), "YAML is nested too deeply"),
        (question("? " * 9_000), "YAML is nested too deeply"),
        (question("k: [" + "1,\n" * 15_000 + "1]"), "more than 10000 nodes"),
        (question("k: " + "9" * 15_000), "the formula has 15000 characters"),
        (question("k: 10^10^10"), "a number becomes too long"),
        (question("k: " + "(" * 3_000), "the formula is nested too deeply"),
        (question("k: {value: 3, range: 1..10^10^10 step 1}"), "a number becomes too long"),
        (question(answer="kind: exact\nvalue: " + "(" * 9000), "too many nested parentheses"),
        (question(answer="kind: exact\nvalue: k" + ".a" * 9000), "nested too deeply for Python"),
        (question(code="x" * 25_000), "the line has 25000 characters"),
        (question() + "x" * 10_000_000, "the paper is too long"),
        (HEAD + "> " * 9_000, "the paper has no question"),
        (HEAD + "- " * 9_000, "the paper has no question"),
        (HEAD + ("[" * 19_000 + "\n") * 12, "the paper has no question"),
        (HEAD + "[a]: /u\n" * 19_000, "the paper has no question"),
        (HEAD + "$$\n" * 19_000, "the paper has no question"),
        (HEAD + "```\n" * 19_001, "a fence is never closed"),
        (HEAD + "<!--\n" * 19_000, "the paper has no question"),
    ],
)  # fmt: skip
def test_hostile_papers_are_refused_at_once(text, fact):
    parse(question())  # libraries are imported before the clock runs
    start = time.process_time()
    with pytest.raises(PaperError, match=fact):
        parse(text)
    assert time.process_time() - start < 2


def test_paths_are_text(tmp_path, monkeypatch):
    """Nothing in a paper names a file to be read: pictures and links are left as they are."""
    monkeypatch.chdir(tmp_path)
    text = question().replace("# 1. Q\n", "# 1. Q\n![x](../a.png) [y](/etc/passwd) <file:///b>\n")
    assert parse(text).questions[0].statement == "![x](../a.png) [y](/etc/passwd) <file:///b>"


PIECES = st.sampled_from(
    [
        "---\n",
        "title: T\n",
        "# 1. Q\n",
        "# 2\n",
        "## (a) P [2 marks]\n",
        "## (b)\n",
        "text $x$\n",
        "```yaml givens\n",
        "```yaml answer\n",
        "```yaml conventions\n",
        "```python\n",
        "```\n",
        "kind: exact\n",
        "kind: choice\n",
        "value: k\n",
        "value: nn\n",
        "k: 3\n",
        "k: {value: 3, ",
        "range: 2..9}\n",
        "published: 3\n",
        "derivation: x\n",
        "x = k\n",
        "- a\n",
        "> ",
        "  ",
        "\n",
        "mac: 2\n",
        "options: {A: {says: x, holds: k}}\n",
        "$$\n",
        "\t",
        "'",
        '"',
        "&a ",
        "*a ",
        "!x ",
        "| \n",
        "\\",
        "é",
        "\u202e",
        "~~~\n",
        "1e5\n",
        "[1, [2\n",
        "]]\n",
        "readings:\n  a: k\n",
    ]
)


@given(st.lists(PIECES, max_size=40).map("".join) | st.text(max_size=100))
def test_any_text_is_a_paper_or_a_paper_error(text):
    for whole in (
        text,
        f"{HEAD}# 1. Q\n{text}",
        f"{HEAD}# 1. Q\n```yaml givens\n{text}\n```\n{ANSWER}",
        f"{HEAD}# 1. Q\n```yaml answer\n{text}\n```\n",
    ):
        reader = Reader("p.md")
        start = time.process_time()
        try:
            paper = reader.paper(whole)
        except PaperError as error:
            reader.problems.append(error)
            paper = None
        assert time.process_time() - start < 2
        assert (paper is None) == bool(reader.problems)
        for error in reader.problems:
            assert 1 <= error.line <= whole.count("\n") + whole.count("\r") + 1
            assert str(error)


def test_names_that_definitions_may_ask_for():
    """Of builtins, of functions around, of parts below; after ``import *`` of anywhere."""
    python = """```python
import math
squares = [i * i for i in range(3)]

class Net(nn.Module):
    size = 2

    def forward(self, x):
        return x * later * math.pi + len(squares)

def outer(n):
    def inner():
        return n + k
    return inner
```
"""
    givens = "```yaml givens\nk: 2\n```\n"
    part = "## (a)\n```python\nlater = Net()\n```\n" + ANSWER
    assert parse(HEAD + "# 1. Q\n" + givens + python + part).questions
    anywhere = "```python\nfrom math import *\nx = sqrt(2)\n```\n"
    assert parse(HEAD + "# 1. Q\n" + anywhere + ANSWER).questions


def test_marks_in_all_their_forms():
    """In square brackets, whatever the unit is called, in small letters or not; a title keeps its
    points."""
    for marks in ("[3 marks]", "[3 Marks]", "[3 points]", "[3]", "[ 3 pts ]"):
        (question,) = parse(HEAD + f"# 1. Saddle points (two points) {marks}\n" + ANSWER).questions
        assert (question.marks, question.title) == (3.0, "Saddle points (two points)")
