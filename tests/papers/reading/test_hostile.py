"""Papers that a stranger wrote to do harm: read within seconds, and nothing of them acts."""

import re
import time

import pytest

from chainrule.papers import parse
from chainrule.papers.errors import PaperError
from chainrule.papers.outline import outline
from chainrule.papers.reading.reader import Reader

FRONT = "---\ntitle: T\n---\n"
ANSWER = "```yaml answer\nkind: exact\nvalue: k*k\n```\n"
STEERS = re.compile("[\x00-\x08\x0b-\x1f\x7f-\x9f\u202a-\u202e]")


def givens(text: str) -> str:
    return f"{FRONT}# 1. A\n```yaml givens\nk: 3\n{text}\n```\n{ANSWER}"


def problem(text: str) -> str:
    reader = Reader("h.md")
    try:
        reader.paper(text)
    except PaperError as error:
        return str(error)
    return "\n".join(map(str, reader.problems))


@pytest.mark.parametrize(
    ("text", "fact"),
    [
        ("x: !%1b%5b2J 1", r"tags are not read: !\x1b[2J"),
        ("x: !<%1b]8;;http> 1", r"tags are not read: \x1b]8;;http"),
        ('"\\e[2J": 1', "a given cannot be called"),
        ('"\\u202ex": 1', "a given cannot be called"),
        ('x: {value: 1, range: "\\e]0;x\\a"}', "the range of the given 'x' is the text"),
    ],
)
def test_errors_steer_no_terminal(text: str, fact: str) -> None:
    told = problem(givens(text))
    assert fact in told
    assert "h.md:7" in told
    assert not STEERS.search(told)


def test_a_paper_that_is_not_run_steers_no_terminal() -> None:
    text = FRONT.replace("T", '"a\\e[2J\\e]8;;http://x\\a b\\u202ec"')
    paper = parse(f"{text}Text \u202e turned\n# 1. A\n```yaml givens\n"
                  f'k: {{value: 3, says: "\\x9b2J"}}\n```\n{ANSWER}')  # fmt: skip
    assert not STEERS.search(outline(paper))


@pytest.mark.parametrize(
    ("text", "fact"),
    [
        ("x: {value: sqrt(2)^2000*10^400, range: 1..9}", "it has no value"),
        ("x: {value: exp(exp(20)), range: 1..9}", "it has no value"),
        (f"x: {'1+' * 1900}1", "the formula is too long"),
        (f"x: {'(1)' * 1200}", "the formula is too long"),
        ("x: {value: 3, range: 1..10^18}", "the range has no step"),
        ("x: {value: 3, range: 1..1000000000000000000}", "the range has too many values"),
        ("__builtins__: 3", "a given cannot be called '__builtins__'"),
        ("_answer_0: 3", "a given cannot be called '_answer_0'"),
        ("ﬁ: 3", "Python reads it as 'fi'"),
    ],
)
def test_every_given_has_its_line(text: str, fact: str) -> None:
    told = problem(givens(text))
    assert fact in told
    assert "h.md:7" in told


@pytest.mark.parametrize("hidden", ["\u3164", "\u00ad", "\U000e0041", "\u115f"])
def test_code_is_what_one_sees(hidden: str) -> None:
    told = problem(f"{givens('x: 1')}```python\ny{hidden} = 1\n```\n")
    assert "a character that is not seen" in told


@pytest.mark.parametrize(
    "text",
    [
        f"# 1. A{' ' * 19_000}[\n",
        f"# 1. A [{' ' * 19_000}1\n",
        "# 1. A\n" + "> " * 9000 + "x\n",
        "# 1. A\n" + ("[" * 19_000 + "\n") * 20,
        "# 1. A\n```yaml givens\nx: " + "[" * 17_000 + "\n```\n",
        "# 1. A\n```yaml givens\nx: " + "{" * 17_000 + "\n```\n",
    ],
)
def test_reading_is_quick(text: str) -> None:
    started = time.perf_counter()
    assert problem(FRONT + text)
    assert time.perf_counter() - started < 5
