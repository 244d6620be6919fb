"""Formulas of one line with the letters and signs of print: γ and x₁, h², √3, a · b.

What stands on a terminal in Python's notation is read by people who need not know it.
"""

from __future__ import annotations

import re

from chainrule.namespaces.unknown import GREEK

_LOW = str.maketrans("0123456789aehijklmnoprstuvx", "₀₁₂₃₄₅₆₇₈₉ₐₑₕᵢⱼₖₗₘₙₒₚᵣₛₜᵤᵥₓ")
_HIGH = str.maketrans("0123456789-nitT", "⁰¹²³⁴⁵⁶⁷⁸⁹⁻ⁿⁱᵗᵀ")
_LOWERED = set("aehijklmnoprstuvx")
_GREEK = "|".join(sorted(GREEK, key=len, reverse=True))
_NAME = re.compile(
    rf"(?<![\w.'])(?P<base>[^\W\d_]|{_GREEK})(?P<bar>[\u0302-\u0304]?)"
    r"(?P<low>\d*(?:_(?:\d+|[a-zA-Z]))?)(?![^\W²³ᵀ⁰-⁹₀-₉]|[(.]\w)"
)
_COUNTED = re.compile(rf"(?<=\d)({_GREEK})(?![^\W²³ᵀ⁰-⁹₀-₉])")
_RAISED = re.compile(r"(?<=[\w)\]])\^(T|\d+)(?![\w.])")
_POWER_OF_TEN = re.compile(r"(?<=\d)e([+-])0*(\d+)(?!\w)")
_TIMES = re.compile(r"(?<![\w.])(\d+(?:\.\d+)?)\*(?=[^\W\d]|\()(?!\*)")
_POWER = re.compile(r" ?\*\* ?(-?\d+|[nit]|\(-\d+\))(?![\w./(])")
_ROOT = re.compile(r"(?<![^\W\d])sqrt\((\w+)\)")


def typeset(text: str) -> str:
    """The formula in print.  Words, code and numbers in it stay as they are.

    >>> typeset("x1 - gamma*(9*v1/10 + 3*x2/10)"), typeset("sum((d - y) ** 2)")
    ('x₁ - γ·(9v₁/10 + 3x₂/10)', 'sum((d - y)²)')
    >>> typeset("d * mu_w**2 + sqrt(3)/W1_2"), typeset("1 - 0.9 ** t"), typeset("-3.5e-05 * h_prev")
    ('d · μ_w² + √3/W₁₂', '1 - 0.9ᵗ', '-3.5·10⁻⁵ · h_prev')
    """
    text = _POWER_OF_TEN.sub(lambda found: f"·10{_raised(found[1].strip('+') + found[2])}", text)
    text = _COUNTED.sub(lambda found: GREEK[found[1]], _NAME.sub(_name, text))
    text = _RAISED.sub(lambda found: _raised(found[1]), text)
    text = _POWER.sub(lambda found: _raised(found[1].strip("()")), text)
    text = _TIMES.sub(r"\1", text)
    text = text.replace(" ** ", "^").replace("**", "^").replace(" * ", " · ")
    text = re.sub(r"(?<=[^\s(,=])\*(?=[^\s),])", "·", text)
    return _ROOT.sub(r"√\1", text).replace("sqrt(", "√(")


def _raised(digits: str) -> str:
    return digits.translate(_HIGH)


def _name(found: re.Match[str]) -> str:
    """A letter with what stands below it; a word of Greek as its letter."""
    base = GREEK.get(found["base"], found["base"]) + found["bar"]
    digits, _, below = found["low"].partition("_")
    if not below:
        return base + digits.translate(_LOW)
    if below.isdigit() and len(digits + below) == 2:
        return base + (digits + below).translate(_LOW)
    if not digits and below in _LOWERED:
        return base + below.translate(_LOW)
    return base + found["low"].translate(_LOW if below.isdigit() and not digits else {})
