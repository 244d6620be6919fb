"""Formulas cut into tokens: numbers, names, operators, and some of LaTeX."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator
from typing import NamedTuple

from chainrule.papers.expressions.errors import ExpressionError

LONGEST, DIGITS, EXPONENT = 4000, 400, 400
"""Characters of a formula, digits of a number, and how large the exponent behind its e may be."""

SIGNS = {
    "**": "^", "·": "*", "⋅": "*", "×": "*", "∗": "*", "÷": "/", "⁄": "/", "−": "-", "–": "-",
    "==": "=", "≠": "!=", "≤": "<=", "≥": ">=", "√": "sqrt", "'": "'", "′": "'",
}  # fmt: skip
"""Signs that have several forms, each with the one that is used here."""

COMMANDS = {
    "cdot": "*", "times": "*", "div": "/", "le": "<=", "leq": "<=", "ge": ">=", "geq": ">=",
    "ne": "!=", "neq": "!=", "lt": "<", "gt": ">", "lbrack": "[", "rbrack": "]",
}  # fmt: skip
"""LaTeX for signs."""
SPACES = {"left", "right", "big", "Big", "bigl", "bigr", "Bigl", "Bigr", "quad", "qquad",
          "displaystyle", "limits"}  # fmt: skip
"""LaTeX that says only how a formula looks."""
ACCENTS = {"bar": "bar", "overline": "bar", "hat": "hat", "widehat": "hat", "tilde": "tilde",
           "dot": "dot", "\u0304": "bar", "\u0302": "hat", "\u0303": "tilde",
           "\u0307": "dot"}  # fmt: skip
"""Accents of LaTeX and of Unicode; ŷ and ``\\hat{y}`` are the name ``y_hat``."""
_HALVES = {"½": "1/2", "⅓": "1/3", "⅔": "2/3", "¼": "1/4", "¾": "3/4", "⅕": "1/5", "⅛": "1/8"}
_RAISED = {c: str(i) for i, c in enumerate("⁰¹²³⁴⁵⁶⁷⁸⁹")} | {"⁻": "-", "⁺": "+"}
_LOWERED = {c: str(i) for i, c in enumerate("₀₁₂₃₄₅₆₇₈₉")}
_TOKEN = re.compile(
    r"(?P<space>(?:\s|\\[,;:! ]|\\\\(?!\s*[\w\-+.\\(])|~)+)"
    r"|(?P<number>(?:[0-9]+(?:\.[0-9]*)?|\.[0-9]+)(?:[eE][+-]?[0-9]+)?)"
    r"|(?P<command>\\(?:[A-Za-z]+|\\))"
    r"|(?P<half>[½⅓⅔¼¾⅕⅛])"
    r"|(?P<raised>[⁰¹²³⁴⁵⁶⁷⁸⁹⁻⁺]+)"
    r"|(?P<name>[^\W\d_](?:(?![⁰¹²³⁴⁵⁶⁷⁸⁹½⅓⅔¼¾⅕⅛]|_\W|_$)[\w\u0300-\u036f])*)"
    r"|(?P<sign>\*\*|[<>!=]=|[-+*/^=<>(){}\[\],&_']|[·⋅×∗÷⁄−–≠≤≥√′])"
)


class Token(NamedTuple):
    """A piece of a formula: its kind (number, name, command, sign, end), its text, its column."""

    kind: str
    text: str
    column: int


def tokens(text: str) -> Iterator[Token]:
    """The tokens of a formula, then one of the kind "end".

    >>> [token.text for token in tokens("2·α^{3}")]
    ['2', '*', 'alpha', '^', '{', '3', '}', '']
    """
    if len(text) > LONGEST:
        raise ExpressionError(
            f"the formula has {len(text)} characters", expected=f"at most {LONGEST}"
        )
    text = unicodedata.normalize("NFC", text)
    place = 0
    while place < len(text):
        found = _TOKEN.match(text, place)
        if found is None or (found["name"] and not found["name"][0].isalpha()):
            raise ExpressionError(f"{_shown(text[place])} has no meaning in a formula", text=text,
                                  column=place + 1, hint=_HINTS.get(text[place]))  # fmt: skip
        place = found.end()
        yield from _read(str(found.lastgroup), found.group(), found.start() + 1, text)
    yield Token("end", "", len(text) + 1)


_HINTS = {
    "|": "write abs(x)",
    "!": "write the product out",
    "%": "write a fraction: 5/100",
    "∞": "infinity is no number",
    ";": "entries of a row have commas between them, rows have brackets: [[1, 2], [3, 4]]",
}


def _shown(character: str) -> str:
    if character.isprintable():
        return f"{character!r}"
    return f"the character U+{ord(character):04X}"


def _read(kind: str, found: str, column: int, text: str) -> Iterator[Token]:
    if kind == "number":
        _limited(found, column, text)
        yield Token("number", found, column)
    elif kind == "name":
        yield Token("name", _name(found), column)
    elif kind == "command":
        yield from _command(found[1:], column)
    elif kind == "half":
        first, _, second = _HALVES[found].partition("/")
        yield from (Token("sign", "(", column), Token("number", first, column),
                    Token("sign", "/", column), Token("number", second, column),
                    Token("sign", ")", column))  # fmt: skip
    elif kind == "raised":
        yield Token("sign", "^", column)
        yield Token("sign", "(", column)
        yield from _raised(found, column)
        yield Token("sign", ")", column)
    elif kind == "sign":
        sign = SIGNS.get(found, found)
        yield Token("name" if sign == "sqrt" else "sign", sign, column)


def _raised(found: str, column: int) -> Iterator[Token]:
    """The tokens of digits that stand as exponents: ² or ⁻¹."""
    plain = "".join(_RAISED[c] for c in found)
    for sign, digits in re.findall(r"([-+])|(\d+)", plain):
        yield Token("sign", sign, column) if sign else Token("number", digits, column)


def _limited(found: str, column: int, text: str) -> None:
    digits, _, exponent = found.lower().partition("e")
    if len(digits) > DIGITS:
        raise ExpressionError(f"a number has {len(digits)} digits", text=text, column=column,
                              expected=f"at most {DIGITS}")  # fmt: skip
    if exponent and (len(exponent) > 6 or abs(int(exponent)) > EXPONENT):
        raise ExpressionError("the exponent of a number is too large", text=text, column=column,
                              expected=f"at most {EXPONENT}")  # fmt: skip


def _command(word: str, column: int) -> Iterator[Token]:
    if word in COMMANDS:
        yield Token("sign", COMMANDS[word], column)
    elif word not in SPACES:
        yield Token("command", word, column)


def _name(found: str) -> str:
    """A name in plain letters: ``α₁`` is ``alpha_1``, ``ȳ`` is ``y_bar``."""
    told: list[str] = []
    for character in found:
        if character in _LOWERED:
            told.append(_LOWERED[character] if told[-1][-1].isdecimal() else
                        f"_{_LOWERED[character]}")  # fmt: skip
            continue
        base, *accents = list(unicodedata.normalize("NFD", character))
        told.append(f"_{ACCENTS[base]}" if base in ACCENTS else greek(base))
        told += [f"_{ACCENTS[accent]}" for accent in accents if accent in ACCENTS]
    return "".join(told)


def greek(character: str) -> str:
    """The name of a Greek letter, and any other character as it is.

    >>> greek("α"), greek("Σ"), greek("x")
    ('alpha', 'Sigma', 'x')
    """
    if not ("\u0391" <= character <= "\u03c9" or character in "ϵϕϑ"):
        return character
    name = unicodedata.name(character, "").replace(" SYMBOL", "").split(" ")
    word = name[-1].lower().replace("lamda", "lambda")
    return word.capitalize() if "CAPITAL" in name else word
