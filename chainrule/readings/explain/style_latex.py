r"""How expressions are written in LaTeX: by the templates of the ops, or as ``\operatorname{…}``.

Ops say in their templates what a call looks like, and in ``precedence`` how their text holds
together.  A template may hold together otherwise than the text: a quotient in two storeys needs no
brackets as a factor, and nothing that has an exponent can take a second one.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import replace
from functools import cache
from string import Formatter
from typing import Any

from chainrule.readings.explain.attributes import attribute, entries, told
from chainrule.readings.explain.figures import SHOWN
from chainrule.readings.explain.latex import (
    ATOM,
    POWER,
    PRODUCT,
    QUOTIENT,
    SUM,
    latex_of,
    written_value,
)
from chainrule.readings.explain.naming import escaped, latex_name
from chainrule.readings.explain.notation import COMPARISON
from chainrule.readings.explain.style import ANY, Notation, Style, shortened
from chainrule.readings.explain.terms import Call, Expression, Moved
from chainrule.readings.explain.tidying import is_constant

_OPENING = re.compile(r"(\\left)?(\(|\[|\||\\\||\\lVert|\\lfloor|\\lceil|\\langle|\{|,|&|\\\\)\s*$")
_CLOSING = re.compile(r"\s*(\\right|\)|\]|\||\\\||\\rVert|\\rfloor|\\rceil|\\rangle|\}|,|&|\\\\)")
_BIG = re.compile(r"\\(sum|prod)(_\{.*\})? $")
_TALL = re.compile(r"\\(frac|begin|sum|prod|left|overline)\b")
_HEAD = re.compile(
    r"(\\operatorname\{\{[^{}]*\}\}|\\(?!left|sqrt|frac|begin|mathcal|overline)[a-z]+)(?=[ (])"
)


class _Latex(Style):
    """As in a textbook."""

    dots = r"\cdots"
    minus_binds = PRODUCT

    def name(self, name: str, value: Any) -> tuple[str, int]:
        if re.match(r"[\[\d(-]", name):
            return self.value(value, 4)
        text = latex_name(name)
        return text, POWER if "^" in text else QUOTIENT if text.startswith(r"\frac") else ATOM

    def value(self, value: Any, decimals: int) -> tuple[str, int]:
        return written_value(value, decimals, SHOWN)

    def filled(self, number: str, shape: tuple[Any, ...]) -> str:
        sizes = r" \times ".join(map(latex_of, shape))
        return rf"\left[{number}\right]_{{{sizes}}}"

    def bracketed(self, text: str) -> str:
        return rf"\left({text}\right)" if _TALL.search(text) else f"({text})"

    def turned(self, text: str) -> tuple[str, int]:
        return rf"{text}^{{\top}}", POWER

    def output(self, text: str, part: str) -> str:
        return text + (
            part if part.startswith("[") else rf"\text{{{escaped(part)}}}" if part else ""
        )

    def named_output(self, part: str, operands: Sequence[str]) -> str:
        made = ""
        for before, i, _, _ in Formatter().parse(part):
            made += re.sub(r"[^\W\d]\w*(?=[(=])", lambda word: _operator(word[0]), before)
            made += operands[int(i)] if i else ""
        return re.sub(r" \*\* (\d+)", r"^{\1}", made)

    def notation(self, made: Call) -> Notation | None:
        op = made.op
        found = _notation(shortened(op.latex, len(op.inputs), len(made.args)), op.precedence)
        if found is None or len(made.args) <= max(found.fields, default=-1):
            return None
        if len(found.fields) < min(len(made.args), len(op.inputs)) and op.kind != "random":
            return None  # an operand would be lost
        more = {k: v for k, v in _told(made).items() if f"{{{k}}}" not in found.template}
        if more and op.kind != "random":
            head = _HEAD.match(found.template)
            if head is None or found.template[head.end() :].lstrip(" (").startswith("_"):
                return None
            notes = _notes(more).replace("{", "{{").replace("}", "}}")
            told_so = f"{head[0]}_{{{{{notes}}}}}{found.template[head.end() :]}"
            return replace(found, template=told_so)
        if not _entry_by_entry(made):
            return replace(found, template=found.template.replace(r"\odot", r"\cdot"))
        return found

    def function(self, made: Call, operands: list[str]) -> str:
        op = made.op
        if (name := op.written(made.attrs, latex=True)) is not None:
            name = _operator(name) if re.fullmatch(r"\w[\w.]+", name) else name
            return name + self.bracketed(", ".join(operands))
        shown = ", ".join(operands)
        if op.variadic:
            shown = rf"\left[{shown}\right]"
        notes = _notes(_told(made))
        return _operator(op.name) + self.bracketed(r";\, ".join(filter(None, [shown, notes])))

    def filled_in(self, notation: Notation, made: Call, operands: list[str]) -> str:
        of = made.args[0].shape if made.args else ()
        given = {name: entries(value, of, _plain) for name, value in made.attrs.items()}
        template = notation.template
        if any(map(_TALL.search, operands)):
            template = _tall(template)
        return template.format(*operands, **given)

    def counted(self, last: str, terms: int) -> str:
        return rf"{last} \quad \text{{({terms} terms)}}"


LATEX: Style = _Latex()


def _tall(text: str) -> str:
    """The same with brackets as high as what is in them."""
    text = re.sub(r"(?<!\\left)([(])", r"\\left(", text)
    return re.sub(r"(?<!\\right)([)])", r"\\right)", text)


@cache
def _notation(template: str | None, precedence: int) -> Notation | None:
    """The notation of a template; where it holds together otherwise than the text, as it looks."""
    if template is None:
        return None
    fields: dict[int, int | None] = {}
    shown = "".join(
        before + (f"\0{name}\0" if name else "")
        for before, name, _, _ in Formatter().parse(template)
    )
    before, *parts = shown.split("\0")
    for name, after in zip(parts[::2], parts[1::2], strict=True):
        if name.isdigit() and fields.get(int(name), ANY) is not None:
            inside = _OPENING.search(before) and _CLOSING.match(after)
            least = ATOM if after[:1] in ("^", "_") else PRODUCT if _BIG.search(before) else None
            fields[int(name)] = ANY if inside else least
        before = after
    found = looks(re.sub("\0.*?\0", "x", shown))
    return Notation(template, found if found == QUOTIENT else min(precedence, found), fields)


_GROUP = re.compile(r"(?<!\\)\{[^{}]*\}|\([^()]*\)|\[[^\[\]]*\]|\|[^|]*\|")
_RELATION = re.compile(r"[=<>]|\\(neq|le|ge|approx)\b")
_FACTORS = re.compile(r"\\(odot|cdot|times|otimes|oplus|bmod|star|land|lor)\b|\\,|/")
_WORD = re.compile(r"\\[a-zA-Z]+|[a-zA-Z]")
_BRACKETS = (
    (re.compile(r"\\(left|right)(?![a-z])"), ""),
    (re.compile(r"\\(lfloor|lceil|langle|lVert)\b"), "("),
    (re.compile(r"\\(rfloor|rceil|rangle|rVert)\b"), ")"),
)


def looks(text: str) -> int:
    r"""The precedence of what LaTeX shows, outside of all brackets.

    >>> [
    ...     looks(x)
    ...     for x in (r"\frac{a}{b}", "a + b", r"-a", r"a \, b", r"\ln x", "e^{a + b}", "f(a)")
    ... ]
    [3, 1, 3, 2, 2, 4, 100]
    """
    if re.fullmatch(r"\\frac(\{(?:[^{}]|\{(?:[^{}]|\{[^{}]*\})*\})*\}){2}", text):
        return QUOTIENT
    if text.startswith(r"\begin{cases}"):
        return SUM
    for bracket, plain in _BRACKETS:
        text = bracket.sub(plain, text)
    while (shorter := _GROUP.sub("", text)) != text:
        text = shorter
    for pattern, precedence in (
        (_RELATION, COMPARISON), (re.compile(r"\S\s* [+-] "), SUM), (_FACTORS, PRODUCT),
    ):  # fmt: skip
        if pattern.search(text):
            return precedence
    if len(_WORD.findall(text)) > 1:
        return PRODUCT
    return QUOTIENT if text.startswith("-") else POWER if "^" in text else ATOM


# -- attributes ------------------------------------------------------------------------------------


def _told(made: Call) -> dict[str, Any]:
    """What is told of a call: not the axis of what has but one."""
    line = all(len(arg.shape) < 2 for arg in made.args)
    return {k: v for k, v in told(made).items() if not (line and k == "dim")}


def _notes(attributes: dict[str, Any]) -> str:
    """Attributes and their values, with commas."""
    return r",\, ".join(
        rf"{_upright(name)}={attribute(value, _plain)}" for name, value in attributes.items()
    )


def _plain(value: Any) -> str:
    """A number or a word that an attribute is."""
    return latex_of(value)


def _upright(word: str) -> str:
    return rf"\text{{{escaped(word)}}}"


def _operator(name: str) -> str:
    """The name of a function, with hyphens, which LaTeX has no trouble with."""
    return rf"\operatorname{{{escaped(name.replace('_', '-'))}}}"


def _entry_by_entry(made: Call) -> bool:
    """Whether several operands have entries, so that ⊙ says more than a dot."""
    return sum(map(_has_entries, made.args)) > 1


def _has_entries(x: Expression) -> bool:
    """Whether an expression is more than one number, or one that is repeated."""
    while isinstance(x, Moved) and x.mark in ("spread", "same"):
        x = x.base
    return x.shape != () and not is_constant(x)
