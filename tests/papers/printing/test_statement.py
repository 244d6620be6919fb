"""Statements: Markdown with formulas, and nothing that could do harm."""

import pytest

from chainrule.papers.printing.statement import (
    clean,
    inline_html,
    phrase,
    plain_text,
    statement_html,
    statement_markdown,
)


def test_markdown_with_formulas():
    made = statement_html("Let $x_1 < 2$:\n\n$$\nx = 1\n$$\n\n| a | b |\n|---|---|\n| 1 | 2 |")
    assert '<span class="math inline"><math><mrow><msub>' in made
    assert '<div class="math block">' in made
    assert '<math display="block">' in made
    assert '<div class="wide"><table>' in made
    assert '<th scope="col">a</th>' in made


def test_prices_are_no_formulas():
    assert statement_html("from $5 to $6") == "<p>from $5 to $6</p>\n"


def test_headings_stay_below_that_of_the_question():
    assert statement_html("# One\n\n### Three", 3) == "<h4>One</h4>\n<h6>Three</h6>\n"


@pytest.mark.parametrize(
    "text",
    [
        "<script>alert(1)</script>", "<img src=x onerror=alert(1)>", "<style>*{color:red}</style>",
        "![x](http://evil.example/x.png)", "<javascript:alert(1)>",
    ],
)  # fmt: skip
def test_html_is_text(text):
    for made in (statement_html(text), inline_html(text)):
        assert "<script" not in made
        assert "<img" not in made
        assert "<style" not in made
        assert 'href="javascript' not in made


@pytest.mark.parametrize(
    "link",
    [
        "javascript:alert(1)", "JavaScript:alert(1)", "java&#115;cript:alert(1)",
        "data:text/html,x", "vbscript:x", "file:///etc/passwd",
        "&#106;avascript:alert(1)", "<javascript:alert(1)>",
    ],
)  # fmt: skip
def test_links_to_programs_are_text(link):
    assert "<a " not in statement_html(f"[x]({link})")
    assert "<a " not in statement_html(f"[x][r]\n\n[r]: {link}\n")
    assert f"[x]\\({link.replace('<', '&lt;')}" in statement_markdown(f"[x]({link})")
    assert statement_markdown(f"[r]: {link}").startswith("\\[r]")


def test_links_to_pages_stay():
    made = statement_html("[x](https://example.org/a?b=1)")
    assert made.startswith('<p><a href="https://example.org/a?b=1" rel="noreferrer noopener">x</a>')
    assert statement_markdown("[x](https://example.org)") == "[x](https://example.org)"


def test_what_controls_a_terminal_is_left_out():
    assert clean("a\x1b[31mb\x07\u202ec\r\nd") == "a[31mbc\nd"


def test_plain_text_keeps_what_looks_like_a_list():
    assert plain_text("1. A *step* of $\\mu$ `code`") == "1. A step of μ code"


def test_markdown_leaves_code_alone():
    text = "a <b>\n\n```python\nx <y> ![z](u)\n```\n\n`<i>`"
    assert statement_markdown(text) == "a &lt;b>\n\n```python\nx <y> ![z](u)\n```\n\n`<i>`"


def test_a_phrase_is_shown_as_it_is():
    assert phrase("[a](b) <i> *c* | $d$") == r"\[a\](b) &lt;i> \*c\* \| \$d\$"


def test_a_formula_stands_with_the_stop_behind_it():
    made = statement_html("Where $b = 3$. Then $c$ (or $d$), and $e$ it is.")
    assert made.count('<span class="held">') == 2
    assert "</span>.</span> Then" in made
    assert "</span>),</span> and" in made
