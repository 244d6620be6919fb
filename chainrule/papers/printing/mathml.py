"""Formulas of a paper: LaTeX as MathML that can do nothing but be seen, and as text.

latex2mathml makes the tree; this module checks it and writes it.  Only elements and attributes that
are listed here come through, and all text is escaped, so that no formula is more than a formula.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from functools import lru_cache
from html import escape, unescape
from xml.etree.ElementTree import Element

from chainrule.papers.printing.mathtext import text_of, word_of

LONGEST = 20_000
"""Characters of a formula; a longer one is shown as it was written."""

_CHILDREN = {
    "mfrac": 2, "mroot": 2, "msub": 2, "msup": 2, "munder": 2, "mover": 2,
    "msubsup": 3, "munderover": 3,
}  # fmt: skip
"""How many parts an element has."""
_ELEMENTS = {
    "math", "mrow", "mi", "mn", "mo", "mtext", "mspace", "msqrt", "mstyle", "mpadded", "mphantom",
    "mtable", "mtr", "mtd", "menclose", *_CHILDREN,
}  # fmt: skip
_ATTRIBUTES = {
    "accent", "columnalign", "columnspacing", "depth", "display", "displaystyle", "fence", "form",
    "height", "largeop", "linethickness", "lspace", "mathvariant", "maxsize", "minsize",
    "movablelimits", "notation", "rowspacing", "rspace", "scriptlevel", "separator", "stretchy",
    "symmetric", "voffset", "width",
}  # fmt: skip
_HARMLESS = re.compile(r"[\w.%+\- ]{0,60}")
_SCRIPTED = {"msub", "msup", "msubsup"}
_CLOSING = {")", "]", "}", "|", "‖", "⌋", "⌉", "⟩", "!", "′"}
_BRACKETS = {"(", ")", "[", "]", "{", "}", "|"}
_HIGH = {"mfrac", "mtable", "msqrt", "mroot", "munder", "munderover"}
_NAMES = {
    "ln", "log", "exp", "sin", "cos", "tan", "sinh", "cosh", "tanh", "arcsin", "arccos", "arctan",
    "det", "max", "min", "arg", "lim", "sup", "inf", "gcd", "dim", "ker", "deg",
}  # fmt: skip
_THIN = "0.167em"
_FENCES = set("⌊⌋⌈⌉⟨⟩‖")
_OTHER_NAMES = (
    (re.compile(r"\\operatorname\{(\w+(?:-\w+)+|[a-zA-Z]+\d\w*)\}"), r"\\text{\1}"),
    (re.compile(r"\\(begin|end)\{(aligned|split|gathered|alignedat)\}"), r"\\\1{align*}"),
    (re.compile(r"\\[dt]frac\b"), r"\\frac"),
)
"""What the converter does not know, by names that it knows."""
_WRITTEN = re.compile(r"\\([_%&#${}])")


class NoFormula(ValueError):
    """LaTeX that cannot be shown as a formula."""


def mathml(latex: str, *, display: bool = False, large: bool = False) -> str:
    r"""A formula as MathML; what cannot be converted as it was written, in ``<code>``.

    ``display`` gives it a line of its own, ``large`` the size that it would have there.

    >>> mathml("x^2")
    '<math><msup><mi>x</mi><mn>2</mn></msup></math>'
    >>> mathml(r"\nobody{<b>}")
    '<code class="latex">\\nobody{&lt;b&gt;}</code>'
    """
    try:
        tree = _tree(latex, display)
    except NoFormula:
        return f'<code class="latex">{escape(latex)}</code>'
    made = "".join(_markup(tree))
    return made.replace("<math>", '<math displaystyle="true">', 1) if large else made


def math_text(latex: str) -> str:
    r"""A formula in one line of text, as far as letters above and below allow; what cannot be
    converted as it was written.

    >>> math_text(r"\bar{u}_1 = \frac{a + b}{2} h_{\mathrm{prev}}")
    'ū₁ = (a + b)/2 h_prev'
    """
    try:
        return text_of(_tree(latex, False))
    except NoFormula:
        return latex


def is_formula(latex: str) -> bool:
    """Whether LaTeX can be shown as a formula."""
    try:
        _tree(latex, False)
    except NoFormula:
        return False
    return True


@lru_cache(maxsize=4096)
def _tree(latex: str, display: bool) -> Element:
    """The checked tree of a formula; raises NoFormula."""
    from latex2mathml.converter import convert_to_element

    if not latex.strip() or len(latex) > LONGEST or re.search(r"\\(newcommand|def|require)", latex):
        raise NoFormula(latex)
    for pattern, name in _OTHER_NAMES:
        latex = pattern.sub(name, latex)
    try:
        made: Element = convert_to_element(latex, display="block" if display else "inline")
    except Exception as error:
        raise NoFormula(latex) from error
    except RecursionError as error:
        raise NoFormula(latex) from error
    _check(made)
    return made


def _check(element: Element, depth: int = 0) -> None:
    """Read the text of a tree, and raise NoFormula where something is not understood."""
    tag = element.tag
    if tag in _SCRIPTED:
        _hold_together(element)
    parts = list(element)
    if tag not in _ELEMENTS or depth > 200 or len(parts) != _CHILDREN.get(tag, len(parts)):
        raise NoFormula(tag)
    text = unescape(element.text or "").strip("\n")
    if tag == "mtext":
        text = _WRITTEN.sub(r"\1", text)
    elif text.startswith("\\") or text == "&":
        raise NoFormula(text)
    element.text = text
    if tag == "mi" and text in _FENCES:
        element.tag = "mo"
    elif tag == "mo" and text == "‖" and element.get("stretchy") == "false":
        element.tag = "mi"
    for part in parts:
        _check(part, depth + 1)
    _signs(parts)
    _brackets(parts)
    _functions(parts)
    if tag == "msup" and parts[1].text == "\u2032":  # fonts set a raised prime too small
        element.tag = "mrow"
        parts[1].tag = "mo"
        parts[1].attrib.update(form="postfix", lspace="0", rspace="0")


def _hold_together(element: Element) -> None:
    """A matrix under an exponent in one row: the converter leaves it in pieces."""
    parts, scripts = list(element), _CHILDREN[element.tag] - 1
    if len(parts) > scripts + 1 and any(part.tag == "mtable" for part in parts):
        whole = Element("mrow")
        for part in parts[:-scripts]:
            element.remove(part)
            whole.append(part)
        element.insert(0, whole)


def _signs(parts: Sequence[Element]) -> None:
    """A minus that has nothing before it is a sign, also behind an operator."""
    for i, part in enumerate(parts):
        if part.tag == "mo" and part.text in ("−", "+", "±") and "form" not in part.attrib:
            before = parts[i - 1] if i else None
            after = before is not None and before.tag == "mo" and before.text not in _CLOSING
            if before is None or after or before.tag == "mspace":
                part.set("form", "prefix")


def _brackets(parts: Sequence[Element]) -> None:
    """Brackets grow with what is high, and stay as they are around a line of letters."""
    if not any(inner.tag in _HIGH for part in parts for inner in part.iter()):
        for part in parts:
            if part.tag == "mo" and part.text in _BRACKETS:
                part.set("stretchy", "false")


def _functions(parts: Sequence[Element]) -> None:
    """Names of functions keep a little from their neighbours, and none from their brackets."""
    for i, part in enumerate(parts):
        name = part
        while name.tag in _SCRIPTED | {"munder", "munderover"}:
            name = name[0]
        is_function = name.tag == "mo" or (name.tag == "mi" and name.text in _NAMES)
        if is_function and (name.text or "").replace("-", "").replace(" ", "").isalnum():
            before = parts[i - 1] if i else None
            after = parts[i + 1] if i + 1 < len(parts) else None
            apart = before is not None and (before.tag != "mo" or before.text in _CLOSING)
            joined = after is None or (after.tag == "mo" and after.text in _BRACKETS)
            name.tag = "mo"
            name.set("form", "prefix")
            name.set("lspace", _THIN if apart else "0")
            name.set("rspace", "0" if joined else _THIN)


def _markup(element: Element) -> Iterator[str]:
    tag, parts = element.tag, list(element)
    if tag in ("mo", "mi") and not element.text and not parts:
        tag = "mrow"  # a place that is empty
    given = "".join(
        f' {name}="{escape(value)}"'
        for name, value in sorted(element.attrib.items())
        if name in _ATTRIBUTES and _HARMLESS.fullmatch(value) and value != "inline"
    )
    if tag == "mrow" and len(parts) == 1 and not given:
        yield from _markup(parts[0])
        return
    if tag == "mrow" and len(parts) > 1 and (word := word_of(parts)):
        yield f"<mi>{escape(word)}</mi>"
        return
    yield f"<{tag}{given}>{escape(element.text or '')}"
    for part in parts:
        yield from _markup(part)
    yield f"</{tag}>"


# -- the parts of a row ----------------------------------------------------------------------------

_TOKEN = re.compile(r"\\[a-zA-Z]+|\\.|[{}()\[\]]| &?= |.", re.DOTALL)
_OPEN = {"{", "(", "[", r"\{", r"\left", r"\begin"}
_CLOSE = {"}", ")", "]", r"\}", r"\right", r"\end"}


def equations(latex: str) -> list[str]:
    r"""A row such as ``y = x + 1 = 3``, cut at the equals signs that stand in no brackets.

    >>> equations(r"y = f(a = 1) = \begin{bmatrix} 1 = 2 \end{bmatrix}")
    ['y', 'f(a = 1)', '\\begin{bmatrix} 1 = 2 \\end{bmatrix}']
    """
    found, depth = [""], 0
    for token in _TOKEN.findall(latex):
        if depth == 0 and token.strip() in ("=", "&="):
            found.append("")
            continue
        if token in _OPEN or token in _CLOSE:
            depth += 1 if token in _OPEN else -1
        found[-1] += token
    return [part.strip() for part in found]
