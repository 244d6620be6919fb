"""Names of values in formulas: layer 0 has h₀, adjoints have bars; in LaTeX, Greek and indices."""

from __future__ import annotations

import re
import unicodedata

from chainrule.core.names import subscript
from chainrule.namespaces.unknown import GREEK

_SHORT = re.compile(r"[^\W\d_][0-9₀-₉]*′*")
_NUMBERED = re.compile(r"(\d+(?:\.\d+)*)(?:\.(.+))?")


def plain_name(path: str) -> str:
    """The name of a value as it stands in formulas, where one that starts with a number would be
    taken for it: layer 0 has the output h₀.

    >>> plain_name("0"), plain_name("0.weight"), plain_name("fc1")
    ('h₀', 'weight₀', 'fc1')
    """
    match = _NUMBERED.fullmatch(path)
    if match is None:
        return path
    return (match[2] or "h") + ".".join(map(subscript, match[1].split(".")))


def adjoint_name(name: str, of: str) -> str:
    """The name of the derivative of ``of``: a bar over a letter, or in full.

    >>> adjoint_name("u1", "J"), adjoint_name("hidden", "J")
    ('ū1', '∂J/∂hidden')
    """
    if _SHORT.fullmatch(name) is None:
        return f"∂{of}/∂{name}"
    return unicodedata.normalize("NFC", name[0] + _BAR) + name[1:]


def width(text: str) -> int:
    """How many columns a text takes: a combining bar takes none.

    >>> width(adjoint_name("h1", "J"))
    2
    """
    return sum(not unicodedata.combining(letter) for letter in text)


# -- in LaTeX --------------------------------------------------------------------------------------

_BAR = "\N{COMBINING MACRON}"
_LOW = str.maketrans("₀₁₂₃₄₅₆₇₈₉", "0123456789")
_HIGH = str.maketrans("⁰¹²³⁴⁵⁶⁷⁸⁹⁽⁾", "0123456789()")
_ABOVE = {_BAR: "bar", "\N{COMBINING CIRCUMFLEX ACCENT}": "hat", "\N{COMBINING TILDE}": "tilde"}
_LETTERS = {letter: word for word, letter in GREEK.items()}
_NAME = re.compile(
    r"(?P<base>[^\W\d_₀-₉⁰¹²³⁴-⁹]+)(?P<bar>[\u0302-\u0304]?)(?P<digits>\d*)"
    r"(?P<words>(?:_[^\W_₀-₉⁰¹²³⁴-⁹]+)*)_*"
    r"(?P<high>(?:⁽[⁰¹²³⁴⁵⁶⁷⁸⁹]+⁾)?)(?P<low>[₀-₉.]*)(?P<primes>[′']*)"
)
_SPECIAL = re.compile(r"[\\{}$&#%_^~]")
_WRITTEN = {"\\": r"\backslash ", "^": r"\hat{}", "~": r"\tilde{}"}


def escaped(text: str) -> str:
    r"""Text whose letters LaTeX takes as they are.

    >>> print(escaped("h_in & 50%"))
    h\_in \& 50\%
    """
    return _SPECIAL.sub(lambda found: _WRITTEN.get(found[0], "\\" + found[0]), text)


def latex_name(name: str) -> str:
    r"""A name as LaTeX: Greek letters, what follows a letter below it, words upright.

    >>> print(*map(latex_name, ("alpha", "W1", "h_prev", "theta′", "ū₂", "∂J/∂hidden")))
    \alpha W_{1} h_{\mathrm{prev}} \theta' \bar{u}_{2} \frac{\partial J}{\partial \mathrm{hidden}}
    """
    if name.startswith("∂") and "/∂" in name:
        of, by = name[1:].rsplit("/∂", 1)
        return rf"\frac{{\partial {latex_name(of)}}}{{\partial {latex_name(by)}}}"
    match = _NAME.fullmatch(unicodedata.normalize("NFD", name))
    if match is None:
        return rf"\text{{{escaped(name)}}}"
    below = [match["digits"], *map(_index, match["words"].split("_")), match["low"].translate(_LOW)]
    found = _word(match["base"])
    if match["bar"]:
        found = rf"\{_ABOVE[match['bar']]}{{{found}}}"
    if match["high"]:
        found += f"^{{{match['high'].translate(_HIGH)}}}"
    if any(below):
        found += f"_{{{','.join(filter(None, below))}}}"
    return found + "'" * len(match["primes"])


def _word(text: str) -> str:
    """A letter, slanted; Greek where it is spelled; a longer word upright."""
    if text in GREEK:
        return f"\\{text}"
    if text in _LETTERS:
        return f"\\{_LETTERS[text]}"
    return text if len(text) < 2 else rf"\mathrm{{{text}}}"


def _index(text: str) -> str:
    """A word below a letter: of two letters, as in W_xh, each says something, and stays slanted."""
    letters = text.rstrip("0123456789")
    below = letters if len(letters) == 2 and letters not in GREEK else _word(letters)
    return below + text[len(letters) :]
