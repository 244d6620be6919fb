"""A solved paper on a terminal."""

import io
import unicodedata
from dataclasses import replace

import pytest

from chainrule.papers.printing.text import console, show
from chainrule.papers.solution import Line, Value, Working
from tests.papers.printing.made import hostile, sample

WHOLE = """\
Paper of n questions
made by hand
3 of 5 parts answered, 1 agrees with what was published, 1 differs, 1 waits, 1
failed

Two questions.

1. A layer ─────────────────────────────────────────────────────────────────────
  Given W x and

   • one
   • two

"""


def columns(text):
    return sum(not unicodedata.combining(letter) for letter in text)


def test_the_whole_paper():
    made = sample().text(80)
    assert made.startswith(WHOLE)
    assert str(sample()).splitlines()[0] == "Paper of n questions"


@pytest.mark.parametrize("width", [60, 80, 120])
def test_no_line_is_longer_and_none_has_spaces_at_its_end(width):
    for line in sample().text(width).splitlines():
        assert columns(line) <= width
        assert line == line.rstrip()


def test_a_part():
    assert sample()["1a"].text(80).splitlines() == [
        "1a  Forward  2 marks",
        "    Find u₁.",
        "",
        "    Answer       2/3",
        "    Published    0.67   ✓ agrees",
        "    Also         twice  4/3",
        "    Conventions  mac = 1, bias = false",
        "",
        "    Forward",
        "      u = w * x = 2 * 3 = 6",
        "      W̄ = [[1, 2],",
        "          [3, 4]]",
    ]


def test_options_and_the_same_working():
    made = sample().text(80)
    assert "      A  It is √2\n    ✓ B  It is not\n" in made
    assert "    Published  A   ≠ differs: B is computed\n    Working: that of 1a\n" in made


def test_waiting_readings_and_failures():
    made = sample().text(80)
    assert "    Waits for a derivation  the bound n²" in made
    assert "    Read as     with bias (likely)  6\n                without             4" in made
    assert "    ValueError: no\n      at        p.md:12   net(x)" in made


def test_givens():
    made = sample().text(80)
    assert "  w =  [[1, 0.5]]  the weights W (-9..9)" in made
    assert "  γ =  unknown     the rate" in made


def test_formulas_are_in_print():
    value = Value("2*(y1 - d1)", "2*(y1 - d1)")
    made = replace(
        sample().parts[0], values={"v7bar": value, "u1": value}, published="-2*(d1 - y1)**2"
    ).text(80)
    assert "v̄₇  2(y₁ - d₁)\n" in made
    assert "u₁  2(y₁ - d₁)\n" in made
    assert "-2(d₁ - y₁)²" in made


def test_code_is_no_formula():
    code = "def f(x1):\n    return 2*x1"
    made = replace(sample().parts[0], values={"": Value(code, code)}).text(80)
    assert "return 2*x1" in made


def test_a_long_row_goes_on_below_its_text():
    line = Line("  total = " + " + ".join(f"w{i} * x{i}" for i in range(20)))
    made = replace(sample().parts[0], working=(Working("Forward", (line,)),)).text(60)
    rows = made[made.index("      total") :].splitlines()
    assert rows[0].startswith("      total = w0 * x0 + w1")
    assert len(rows) > 3
    assert all(row.startswith(" " * 14) and row[14] != " " for row in rows[1:])


def test_colour_only_where_there_is_colour():
    plain, bright = io.StringIO(), io.StringIO()
    show(sample(), console(80, plain))
    assert plain.getvalue() == sample().text(80) + "\n"
    screen = console(80, bright)
    screen._force_terminal, screen._color_system = True, 1
    show(sample(), screen)
    assert "\x1b[" in bright.getvalue()


def test_a_hostile_paper_does_not_control_the_terminal():
    made = hostile().text(100)
    assert not {letter for letter in made if unicodedata.category(letter) in ("Cc", "Cf")} - {"\n"}
    assert "[red]m[/red]" in made


def test_readings_with_several_values_stand_one_below_the_other():
    part = sample()["1d"]
    several = {"x": Value(1, "1"), "y": Value(2, "2")}
    made = replace(part, readings={"with bias": several, "without": several}).text(80)
    assert "    Read as: with bias" in made
    assert made.count("y  2") == 2
