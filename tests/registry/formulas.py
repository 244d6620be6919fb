"""What formulas in LaTeX must be: balanced, and known to the converter to MathML."""

from __future__ import annotations

import re

from chainrule.papers.printing.mathml import LONGEST, is_formula

_PAIRS = (
    (r"\{", r"\}"),
    (r"\\left(?![a-z])", r"\\right(?![a-z])"),
    (r"\\begin\b", r"\\end\b"),
)
_BRACKETS = {")": "(", "]": "["}


def assert_is_latex(text: str) -> None:
    r"""Braces, ``\left`` and ``\right``, environments, brackets close; nothing has two exponents;
    latex2mathml converts it, and knows every command."""
    plain = text.replace(r"\{", "").replace(r"\}", "")
    for opening, closing in _PAIRS:
        counts = [len(re.findall(pattern, plain)) for pattern in (opening, closing)]
        assert counts[0] == counts[1], f"{opening} and {closing} in {text}"
    waiting: list[str] = []
    for letter in re.sub(r"\\text\{(?:[^{}\\]|\\.)*\}", "", plain):
        if letter in _BRACKETS:
            assert waiting and waiting.pop() == _BRACKETS[letter], text
        elif letter in _BRACKETS.values():
            waiting.append(letter)
    assert not waiting, text
    _one_script_each(plain)
    assert len(text) > LONGEST or is_formula(text), f"{text} is no formula that a page could show"


def _one_script_each(text: str) -> None:
    """x^{a}^{b} and x_{a}_{b} are errors in LaTeX."""
    while (shorter := re.sub(r"\{[^{}]*\}", "", text)) != text:
        scripts = re.sub(r"([\^_])[0-9a-zA-Z]", r"\1", shorter)
        assert not re.search(r"\^_?\^|_\^?_", scripts), text
        text = shorter
