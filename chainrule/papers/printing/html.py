"""A solved paper as one page of HTML: no script, nothing from elsewhere, formulas in MathML."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Iterator, Mapping
from html import escape
from importlib import resources

from chainrule.papers.paper import Code, Question
from chainrule.papers.printing import words
from chainrule.papers.printing.mathml import equations, is_formula, mathml
from chainrule.papers.printing.pictures import picture
from chainrule.papers.printing.statement import inline_html, plain_text, statement_html, text_html
from chainrule.papers.solution import FAILED, WAITS, PaperSolution, PartSolution, Value, Working
from chainrule.readings.explain.naming import latex_name

POLICY = "default-src 'none'; style-src 'unsafe-inline'"
"""What a browser may load: nothing but the style on the page."""


def page(title: str, body: Iterable[str], language: str = "en") -> str:
    """A whole page: it stands alone and opens offline."""
    style = resources.files(__package__).joinpath("page.css").read_text("utf-8")
    return "\n".join(
        (
            "<!doctype html>",
            f'<html lang="{text_html(language)}">',
            "<head>",
            '<meta charset="utf-8">',
            f'<meta http-equiv="Content-Security-Policy" content="{POLICY}">',
            '<meta name="viewport" content="width=device-width, initial-scale=1">',
            '<meta name="color-scheme" content="light dark">',
            f"<title>{text_html(title)}</title>",
            f"<style>\n{style}</style>",
            "</head>",
            "<body>",
            "<main>",
            *body,
            "</main>",
            "</body>",
            "</html>",
            "",
        )
    )


def paper_html(solution: PaperSolution) -> str:
    """A solved paper as a page."""
    return page(plain_text(solution.paper.title), paper_body(solution))


def part_html(part: PartSolution) -> str:
    """A solved part as a page."""
    return page(f"{part.id} {plain_text(part.part.title)}".strip(),
                part_section(words.alone(part.part), part, False))  # fmt: skip


def framed(html: str) -> str:
    """A page within a notebook, where its style touches nothing else, and nothing runs."""
    return (
        f'<iframe sandbox srcdoc="{escape(html)}" title="solution" '
        'style="width: 100%; height: 40rem; border: 0"></iframe>'
    )


def paper_body(solution: PaperSolution) -> Iterator[str]:
    """What stands on the page of a paper."""
    paper = solution.paper
    yield "<header>"
    yield f"<h1>{inline_html(paper.title)}</h1>"
    if paper.source:
        yield f'<p class="source">{inline_html(paper.source)}</p>'
    yield f'<p class="summary">{text_html(words.summary(solution))}</p>'
    yield "</header>"
    yield from contents(solution)
    if paper.introduction.strip():
        yield f'<div class="statement">{statement_html(paper.introduction, 2)}</div>'
    for question, parts in solution.by_question():
        yield from question_html(question, parts)


def contents(solution: PaperSolution) -> Iterator[str]:
    """Links to all parts, each with how it stands."""
    yield '<nav aria-label="Parts"><ul>'
    for part in solution.parts:
        word = words.status_word(part)
        yield (
            f'<li><a class="{word}" href="#{anchor(part.id)}" title="{word}">{text_html(part.id)}'
            f'<span class="sign" aria-hidden="true">{words.SIGNS.get(word, "")}</span>'
            f'<span class="unseen"> {word}</span></a></li>'
        )
    yield "</ul></nav>"


def anchor(id: str) -> str:
    """The name of a place on the page, of letters and digits alone."""
    return "part-" + "".join(letter if letter.isalnum() else "-" for letter in id)


def question_html(question: Question, parts: list[PartSolution]) -> Iterator[str]:
    """A question, what it gives and defines, and its parts."""
    alone = len(question.parts) == 1 and parts[0].id == question.id
    name = f' id="{anchor(parts[0].id)}"' if alone else ""
    yield f'<section class="question"{name}>'
    badges = f"{badge(parts[0])}{marks_html(parts[0])}" if alone else ""
    yield f"<h2>{inline_html(words.question_heading(question))}{badges}</h2>"
    if points := words.marks(question):
        yield f'<p class="marks">{points}</p>'
    if question.statement.strip():
        yield f'<div class="statement">{statement_html(question.statement, 3)}</div>'
    yield from givens_html(question)
    yield from code_html(question.definitions)
    seen: dict[tuple[Working, ...], str] = {}
    for part in parts:
        yield from part_section(question, part, alone, words.shown_before(part, seen))
    yield "</section>"


def givens_html(question: Question) -> Iterator[str]:
    """The givens of a question as a table."""
    if not question.givens:
        return
    yield '<div class="wide"><table class="givens"><caption>Given</caption>'
    yield '<thead><tr><th scope="col">name</th><th scope="col">value</th>'
    yield '<th scope="col">range</th><th scope="col">what it is</th></tr></thead><tbody>'
    for given in question.givens.values():
        name = mathml(latex_name(given.name)) if given.name.isidentifier() else given.name
        value, span = words.shown(words.given_value(given)), words.shown(words.given_range(given))
        yield (
            f'<tr><th scope="row">{name}</th><td>{text_html(value)}</td>'
            f'<td class="range">{text_html(span)}</td>'
            f"<td>{inline_html(given.says)}</td></tr>"
        )
    yield "</tbody></table></div>"


def code_html(codes: Iterable[Code]) -> Iterator[str]:
    """Definitions, folded away."""
    text = "\n\n".join(code.text.strip("\n") for code in codes)
    if text:
        yield "<details><summary>Definitions in Python</summary>"
        yield f'<pre class="code"><code>{text_html(text)}</code></pre></details>'


def part_section(
    question: Question, part: PartSolution, alone: bool, same: str = ""
) -> Iterator[str]:
    """A part: what is asked, the answer, how it stands beside the published one, the working,
    or the part that has the ``same``."""
    if not alone:
        yield f'<section class="part" id="{anchor(part.id)}">'
        heading = inline_html(words.part_heading(question, part.part))
        yield f"<h3>{heading}{badge(part)}{marks_html(part)}</h3>"
    if part.part.statement.strip():
        yield f'<div class="statement">{statement_html(part.part.statement, 4)}</div>'
    yield from code_html(part.part.definitions)
    if part.status == WAITS:
        what, rest = words.waiting(part)
        yield f'<div class="waiting"><strong>{text_html(what)}.</strong> {inline_html(rest)}</div>'
    elif part.status == FAILED:
        yield f'<pre class="error" role="alert">{text_html(part.error)}</pre>'
    else:
        yield from answer_html(part)
    if part.published:
        yield from published_html(part)
    if part.also:
        yield f'<div class="also"><h4>Also</h4>{values_html(part.also)}</div>'
    yield from notes_html(part)
    if same:
        link = f'<a href="#{anchor(same)}">{text_html(same)}</a>'
        yield f'<p class="notes">Working: that of {link}.</p>'
    else:
        yield from working_html(part.working)
    if not alone:
        yield "</section>"


def badge(part: PartSolution) -> str:
    """How a part stands, in a word."""
    word = words.status_word(part)
    return f' <span class="badge {word}">{word}</span>'


def marks_html(part: PartSolution) -> str:
    """The marks of a part, in its heading."""
    points = words.marks(part.part)
    return f' <span class="marks">{points}</span>' if points else ""


def answer_html(part: PartSolution) -> Iterator[str]:
    """The values of a part; of a choice its options, of claims each with its truth."""
    asked = part.part.asked
    if asked.options:
        chosen = words.chosen_letters(part)
        yield '<ul class="options">'
        for option in asked.options:
            is_chosen = option.letter in chosen
            yield (
                f"<li{' class=' + chr(34) + 'chosen' + chr(34) if is_chosen else ''}>"
                f"<b>{text_html(option.letter)}</b> {inline_html(option.says)}"
                f"{' <span class=unseen>(chosen)</span>' if is_chosen else ''}</li>"
            )
        yield "</ul>"
    if asked.claims:
        yield '<ul class="claims">'
        for claim, value in part.values.items():
            yield (
                f'<li class="{"true" if value.data else "false"}">{inline_html(claim)} '
                f"<b>{text_html(value.text)}</b></li>"
            )
        yield "</ul>"
    for title, values, likely in words.labelled(part):
        mark = ' <span class="badge likely">likely</span>' if likely else ""
        yield f'<div class="answer"><h4>{inline_html(title)}{mark}</h4>{values_html(values)}</div>'


def values_html(values: Mapping[str, Value]) -> str:
    """One value, or a table of values by label."""
    if set(values) == {""}:
        return value_html(values[""])
    rows = "".join(
        f'<tr><th scope="row">{label_html(label)}</th><td>{value_html(value)}</td></tr>'
        for label, value in ((words.label(label), value) for label, value in values.items())
    )
    return f'<table class="values">{rows}</table>'


_LETTER = re.compile(r"[^\W\d_][\u0302-\u0304]?[₀-₉]{0,2}")


def label_html(label: str) -> str:
    """A label: a letter with its number as a formula has it, W₁; else a phrase."""
    plain = unicodedata.normalize("NFD", label)
    return mathml(latex_name(plain)) if _LETTER.fullmatch(plain) else inline_html(label)


def value_html(value: Value) -> str:
    """A value: a picture or a formula where there is one, else its text."""
    if value.picture and (drawn := picture(value.picture)):
        return f'<div class="picture">{drawn}</div>'
    if value.latex and is_formula(value.latex):
        return f'<div class="formula">{mathml(value.latex, large=True)}</div>'
    if "\n" in value.text:
        return f"<pre><code>{text_html(value.text)}</code></pre>"
    return f'<div class="formula plain">{text_html(words.shown(value.text))}</div>'


def published_html(part: PartSolution) -> Iterator[str]:
    """The published answer, and whether the computed one agrees."""
    verdict, said = words.verdict(part), words.printed(part)
    yield (
        f'<p class="published">Published: <span class="said">{text_html(said)}</span>'
        f' <span class="verdict {part.agreement}">{text_html(verdict)}</span></p>'
    )


def notes_html(part: PartSolution) -> Iterator[str]:
    """The conventions that were asked for, and an arithmetic that is not the usual one."""
    notes = []
    if part.conventions:
        notes.append(f"Conventions: {words.conventions(part.conventions)}")
    if part.arithmetic.startswith("decimal"):
        notes.append(f"Arithmetic: {part.arithmetic}")
    if notes:
        yield f'<p class="notes">{text_html(". ".join(notes))}</p>'


# -- working ---------------------------------------------------------------------------------------


def working_html(tables: Iterable[Working]) -> Iterator[str]:
    """The working, open: each row in pieces, which go on in the next line where they are long."""
    tables = list(tables)
    if not tables:
        return
    yield '<details class="working" open><summary>Working</summary>'
    for title, table in words.titled(tables):
        if title:
            yield f"<h4>{text_html(title)}</h4>"
        yield from table_html(table)
    yield "</details>"


def table_html(table: Working) -> Iterator[str]:
    """The rows of a table of working; those without formulas as they are."""
    for formulas, rows in words.runs(table):
        if formulas:
            yield f'<div class="rows">{"".join(map(row_html, rows))}</div>'
        else:
            yield text_block(rows)


def text_block(lines: Iterable[str]) -> str:
    """Lines as they are on a terminal."""
    return f"<pre>{text_html(chr(10).join(lines))}</pre>"


def row_html(latex: str) -> str:
    """A row of working: the name, and each of what it equals."""
    name, *parts = equations(latex)
    steps = (mathml(f"= {part}", large=True) for part in parts)
    shown = "".join(f'<span class="step">{step}</span>' for step in steps)
    first = f'<span class="name">{mathml(name, large=True)}</span>'
    return f'<div class="row">{first}<span>{shown}</span></div>'
