"""Statements: the Markdown of a paper with formulas in $…$, as HTML, for terminals, as Markdown.

Whoever wrote a paper wrote text.  HTML in it is text, links lead to pages or nowhere, pictures are
not loaded, and letters that only machines see are left out.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from functools import cache
from html import escape, unescape
from typing import Any

from chainrule.papers.printing.mathml import math_text, mathml

_UNSEEN = re.compile(
    "[\\x00-\\x08\\x0b-\\x1f\\x7f-\\x9f\\u200b-\\u200f\\u202a-\\u202e\\u2028\\u2029\\u061c\\u2060-\\u2069\\ufeff\\ufff9-\\ufffb\U000e0000-\U000e007f]"
)
_SCHEME = re.compile(r"\s*([a-z][a-z0-9+.\-]*):", re.IGNORECASE)
_SAFE = {"http", "https", "mailto"}


def clean(text: str) -> str:
    r"""Text without what controls a terminal or turns the order of letters round.

    >>> clean("a\x1b[2Jb\u202ec")
    'a[2Jbc'
    """
    return _UNSEEN.sub("", text.replace("\r\n", "\n").replace("\r", "\n"))


@cache
def _parser() -> Any:
    """Markdown without HTML and pictures, with tables and formulas."""
    from markdown_it import MarkdownIt
    from mdit_py_plugins.dollarmath import dollarmath_plugin

    def formula(latex: str, options: dict[str, Any]) -> str:
        return mathml(latex.strip(), display=options["display_mode"])

    parser = MarkdownIt("commonmark", {"html": False}).enable("table").disable("image")
    parser.use(
        dollarmath_plugin,
        allow_labels=False,
        allow_space=False,
        allow_digits=False,
        double_inline=True,
        renderer=formula,
    )
    parser.validateLink = _is_safe  # type: ignore[method-assign]
    return parser


def _is_safe(url: str) -> bool:
    """Whether a link leads to a page, and is no program."""
    plain = re.sub(r"[\s\x00-\x20]", "", unescape(url))
    scheme = _SCHEME.match(plain)
    return scheme[1].lower() in _SAFE if scheme else ":" not in plain.split("/")[0]


def parsed(text: str) -> Sequence[Any]:
    """The tokens of markdown-it."""
    tokens: list[Any] = _parser().parse(clean(text))
    return tokens


def statement_html(text: str, level: int = 3) -> str:
    """A statement as HTML; its headings are below those of ``level``.

    >>> print(statement_html("Show <b>that</b> $x < 1$ holds.").strip())
    <p>Show &lt;b&gt;that&lt;/b&gt; <span class="math inline"><math>...</math></span> holds.</p>
    """
    tokens = parsed(text)
    for token in tokens:
        if token.type in ("heading_open", "heading_close"):
            token.tag = f"h{min(int(token.tag[1]) + level, 6)}"
        for part in token.children or ():
            if part.type == "link_open":
                part.attrSet("rel", "noreferrer noopener")
        if token.type == "th_open":
            token.attrSet("scope", "col")
    parser = _parser()
    made: str = _held(parser.renderer.render(tokens, parser.options, {}))
    return made.replace("<table>", '<div class="wide"><table>').replace(
        "</table>", "</table></div>"
    )


def inline_html(text: str) -> str:
    """A title or a phrase as HTML: formulas and emphasis, no blocks."""
    return _held(_parser().renderInline(clean(text).strip()))


_BEFORE_STOP = re.compile(
    r'(<span class="math inline">(?:(?!</span>).)*</span>)([.,;:!?)’]+)', re.S
)


def _held(html: str) -> str:
    """Formulas together with the stop behind them: no line begins with one."""
    return _BEFORE_STOP.sub(r'<span class="held">\1\2</span>', html)


def plain_tokens(text: str) -> list[Any]:
    """Tokens whose formulas are text: what rich can lay out."""
    from markdown_it.token import Token

    found: list[Any] = []
    for token in parsed(text):
        if token.type == "math_block":
            inside = Token("inline", "", 0, content="", children=[_as_text(token, Token)])
            found += [Token("paragraph_open", "p", 1), inside, Token("paragraph_close", "p", -1)]
            continue
        children = token.children or ()
        token.children = [_as_text(c, Token) if "math" in c.type else c for c in children]
        found.append(token)
    return found


def _as_text(token: Any, kind: Any) -> Any:
    return kind("text", "", 0, content=math_text(token.content.strip()))


def plain_text(text: str) -> str:
    r"""A title or a phrase on one line, formulas as text.

    >>> plain_text("The gradient $\\bar{W}$ of *one* layer")
    'The gradient W̄ of one layer'
    """
    words = []
    for token in _parser().parseInline(clean(" ".join(text.split()))):
        for part in token.children or ():
            words.append(math_text(part.content) if "math" in part.type else part.content)
            if part.type in ("softbreak", "hardbreak"):
                words.append(" ")
    return "".join(words).strip() or clean(text).strip()


# -- Markdown again --------------------------------------------------------------------------------

_CODE = re.compile(
    r"(^(`{3,}|~{3,})[^\n]*\n.*?^\2[`~]*[ \t]*$|(?<!`)(`+)(?!`).*?(?<!`)\3(?!`))", re.S | re.M
)
_TAG = re.compile(r"<(?=[a-zA-Z/!?])")
_LINK = re.compile(r"(\]\()(\s*<?\s*)([^\s)>]*)")
_REFERENCE = re.compile(r"^( {0,3}\[[^\]]*\]:\s*<?)(\S*)", re.M)
_PICTURE = re.compile(r"!\[")


def statement_markdown(text: str) -> str:
    r"""A statement as Markdown that is safe where HTML is allowed: tags are text, and so are links
    to programs and pictures; code stays as it is.

    >>> print(statement_markdown("<b>a</b> [x](javascript:f) `<i>` ![y](z)"))
    &lt;b>a&lt;/b> [x]\(javascript:f) `<i>` \![y](z)
    """
    parts = _CODE.split(clean(text))
    made = [_harmless(parts[0])]
    for i in range(1, len(parts), 4):
        made += [parts[i], _harmless(parts[i + 3])]
    return "".join(made)


def _harmless(text: str) -> str:
    text = _TAG.sub("&lt;", text)
    text = _PICTURE.sub(r"\\![", text)
    text = _LINK.sub(lambda m: m[0] if _is_safe(m[3]) else rf"]\({m[2]}{m[3]}", text)
    return _REFERENCE.sub(lambda m: m[0] if _is_safe(m[2]) else f"\\{m[0].lstrip()}", text)


def phrase(text: str) -> str:
    r"""Words that are not Markdown, as Markdown that shows them as they are.

    >>> print(phrase("a*b <x> `c`"))
    a\*b &lt;x> \`c\`
    """
    plain = re.sub(r"([\\`*_\[\]|$~#])", r"\\\1", clean(text))
    return _TAG.sub("&lt;", plain.replace("&", "&amp;"))


def text_html(text: str) -> str:
    """Words that are not Markdown, as HTML."""
    return escape(clean(text))
