"""A solved paper as Markdown."""

from markdown_it import MarkdownIt

from chainrule.papers.printing.markdown import aligned, code, fence
from tests.papers.printing.made import hostile, sample


def test_the_whole_paper():
    made = sample().markdown()
    for line in (
        "# Paper of $n$ questions",
        "*made by hand*",
        "## 1. A layer",
        "| name | value | range | what it is |",
        "| $w$ | \\[\\[1, 0.5\\]\\] | -9..9 | the weights $W$ |",
        "```python\nnet = nn.Linear(2, 1)\nu = net(x) < 1\n```",
        "### (a) Forward (2 marks)",
        "**Answer**: $\\frac{2}{3}$",
        "Published: `0.67` ✓ agrees",
        "- [ ] **A** It is $\\sqrt{2}$\n- [x] **B** It is *not*",
        "> **Waits for a derivation.** the bound $n^2$",
        "| with bias (likely) | `6` |",
        "```\nValueError: no\n  at        p.md:12   net(x)\n```",
        "Working: that of 1a",
    ):
        assert f"\n{line}\n" in f"\n{made}\n", line


def test_working_is_aligned():
    assert (
        "```math\n\\begin{aligned}\nu &= w \\cdot x = 2 \\cdot 3 = 6 \\\\\n"
        "\\bar{W} &= \\begin{bmatrix} 1 & 2 \\\\ 3 & 4 \\end{bmatrix}\n\\end{aligned}\n```"
    ) in sample().markdown()


def test_a_long_row_has_a_line_for_each_part():
    long = " + ".join(["x"] * 40)
    made = aligned([f"y = {long} = 40"])
    assert made.splitlines()[2:4] == [f"y &= {long} \\\\", "&= 40"]


def test_code_with_back_quotes():
    assert code("a``b") == "```a``b```"
    assert fence("a\n```\nb") == "````\na\n```\nb\n````"


def test_a_part():
    assert sample()["2"].markdown().startswith("### (2)\n\n```\nValueError: no")


def test_a_hostile_paper_is_inert_even_where_html_is_allowed():
    made = MarkdownIt("commonmark", {"html": True}).render(hostile().markdown()).lower()
    for tag in ("<script", "<img", "<style", "<svg", 'href="javascript', 'href="data'):
        assert tag not in made, tag
