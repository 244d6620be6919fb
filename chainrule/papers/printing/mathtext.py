"""Formulas as one line of text: h₀² and ū₁, (a + b)/2, √2, [1, 2; 3, 4]."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable, Sequence
from xml.etree.ElementTree import Element

_SPACED = set("=≠<>≤≥≈≡∼≪≫∈∉⊂⊆→←↦⇒⇔↔⟶⟵+−±∓·×⊙⊗⊕⋆∗∧∨∘∪∩|") - {"|"}
_SIGNS = set("+−±∓")
_OPENING = set("([{⌊⌈⟨")
_HIGH = dict(zip("0123456789+−=()niT⊤′", "⁰¹²³⁴⁵⁶⁷⁸⁹⁺⁻⁼⁽⁾ⁿⁱᵀᵀ′", strict=True))
_LOW = dict(
    zip("0123456789+−=()aehijklmnoprstuvx", "₀₁₂₃₄₅₆₇₈₉₊₋₌₍₎ₐₑₕᵢⱼₖₗₘₙₒₚᵣₛₜᵤᵥₓ", strict=True)
)
_ABOVE = {
    "¯": "\u0304", "―": "\u0304", "‾": "\u0304", "^": "\u0302", "~": "\u0303", "˙": "\u0307",
    "→": "\u20d7", "←": "\u20d6",
}  # fmt: skip
_BIG = set("∑∏∫")


def text_of(element: Element) -> str:
    """The text of a tree of MathML."""
    return " ".join(_text(element).split())


def word_of(parts: Sequence[Element]) -> str:
    r"""The letters of ``\mathrm{prev}``, which the converter sets one by one."""
    upright = all(
        (part.tag == "mi" and part.get("mathvariant") == "normal") or part.tag == "mn"
        for part in parts
    )
    letters = "".join(part.text or "" for part in parts)
    return letters if upright and not letters[:1].isdigit() else ""


def _text(element: Element) -> str:
    parts = list(element)
    write = _LAYOUTS.get(element.tag)
    if write is not None:
        return write(parts)
    if element.tag == "mrow" and len(parts) > 1 and (word := word_of(parts)):
        return word
    if not parts:
        return " " if element.tag == "mspace" else element.text or ""
    return _row(parts)


def _row(parts: Sequence[Element]) -> str:
    """Parts beside each other, with spaces around what stands between two operands."""
    made, before = "", None
    for part in parts:
        text = _text(part)
        if part.tag == "mo" and text in _SPACED:
            first = not made.strip() or made.rstrip()[-1] in _OPENING | _SPACED | {",", ";"}
            made += text if text in _SIGNS and first else f" {text} "
        elif part.tag == "mo" and text in (",", ";"):
            made += f"{text} "
        elif before is not None and _is_upright(before) and _is_upright(part):
            made += text
        elif before is not None and _is_name(part) and _is_name(before, number=True):
            made += f" {text}" if before.tag != "mn" or (len(text) > 1 and text.isalpha()) else text
        else:
            made += text
        before = part
    return made


def _is_upright(part: Element) -> bool:
    r"""Whether it is a letter of a word, as in ``\\mathrm{ReLU}``."""
    return part.tag == "mi" and part.get("mathvariant") == "normal"


def _is_name(part: Element, number: bool = False) -> bool:
    """Whether it is a name, perhaps with something above or below, a quotient or a root."""
    if part.tag in ("msub", "msup", "msubsup", "mover", "munder", "munderover"):
        return part[0].tag != "mo"
    word = part.tag == "mo" and (part.text or "").isalpha()
    plain = part.tag in ("mi", "mfrac", "msqrt") or (part.tag == "mrow" and len(part) == 1)
    return word or plain or (number and part.tag == "mn")


def _held(element: Element) -> str:
    """In brackets, unless it is one name or number."""
    text = _text(element).strip()
    whole = text.isalnum() or len(text) < 2 or (text[0] in "([√" and text[-1] in ")]")
    return text if whole or not set(text) & (_SPACED | set(" /,")) else f"({text})"


def _scripts(base: str, script: str, letters: dict[str, str], mark: str) -> str:
    small = script.replace(" ", "").replace("-", "−")
    words = re.findall(r"[^\W\d_]{2,}", small)
    if small and not words and all(letter in letters for letter in small):
        return base + "".join(letters[letter] for letter in small)
    return f"{base}{mark}{small}" if small.isalnum() else f"{base}{mark}({script.strip()})"


def _below(parts: Sequence[Element]) -> str:
    return _scripts(_held(parts[0]), _text(parts[1]), _LOW, "_")


def _above(parts: Sequence[Element]) -> str:
    return _scripts(_held(parts[0]), _text(parts[1]), _HIGH, "^")


def _both(parts: Sequence[Element]) -> str:
    low = _scripts(_held(parts[0]), _text(parts[1]), _LOW, "_")
    made = _scripts(low, _text(parts[2]), _HIGH, "^")
    return f"{made} " if _text(parts[0]) in _BIG else made


def _over(parts: Sequence[Element]) -> str:
    base, mark = _text(parts[0]).strip(), _text(parts[1]).strip()
    if len(base) == 1 and mark in _ABOVE:
        return unicodedata.normalize("NFC", base + _ABOVE[mark])
    return base if mark in _ABOVE else _above(parts)


def _quotient(parts: Sequence[Element]) -> str:
    return f"{_held(parts[0])}/{_held(parts[1])}"


def _root(parts: Sequence[Element]) -> str:
    inside = _row(parts).strip()
    return f"√{inside}" if inside.isalnum() else f"√({inside})"


def _table(parts: Sequence[Element]) -> str:
    made = []
    for row in parts:
        cells = [_text(cell).strip() for cell in row]
        apart = "" if any(cell[:1] in _SPACED - _SIGNS for cell in cells[1:] if cell) else ","
        made.append(f"{apart} ".join(cells))
    return "; ".join(row for row in made if row)


_LAYOUTS: dict[str, Callable[[Sequence[Element]], str]] = {
    "msub": _below, "msup": _above, "msubsup": _both, "munder": _below, "mover": _over,
    "munderover": _both, "mfrac": _quotient, "msqrt": _root, "mtable": _table,
    "mphantom": lambda parts: "", "mroot": lambda parts: f"{_held(parts[0])}^(1/{_text(parts[1])})",
}  # fmt: skip
