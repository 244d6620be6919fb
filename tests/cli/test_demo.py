"""The demonstration: a whole exam paper, then the digits."""

from chainrule.cli import main
from chainrule.cli.demo import PAPER, found
from chainrule.papers import load
from chainrule.readings.explain.naming import width


def test_the_demo(capsys):
    assert main(["demo"]) == 0
    out = capsys.readouterr().out
    assert max(map(width, out.splitlines())) <= 100
    paper = load(str(found(PAPER)))
    assert f"{len(paper.parts)} of {len(paper.parts)} parts answered" in out
    for question in paper.questions:
        assert f"{question.id}. {question.title}" in out
    (line,) = (line for line in out.splitlines() if line.startswith("test accuracy"))
    assert float(line.split()[2].rstrip("%")) >= 97
