"""The page before several solved papers: what is answered in each, and where it is."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from urllib.parse import quote

from chainrule.papers.printing import words
from chainrule.papers.printing.html import anchor, page
from chainrule.papers.printing.statement import inline_html, text_html
from chainrule.papers.solution import Counts, PaperSolution

COLUMNS = ("paper", *Counts._fields)

LONGEST = 200
"""Characters of what differs or went wrong; the page of the paper has all of it."""


def index_html(papers: Sequence[tuple[str, PaperSolution]], title: str = "Solved papers") -> str:
    """A page that leads to those of papers: pairs of where each page is, and the solution."""
    return page(title, _body(papers, title))


def _body(papers: Sequence[tuple[str, PaperSolution]], title: str) -> Iterator[str]:
    yield f"<header><h1>{text_html(title)}</h1></header>"
    yield '<div class="wide"><table class="index"><thead><tr>'
    yield "".join(f'<th scope="col">{name}</th>' for name in COLUMNS)
    yield "</tr></thead><tbody>"
    totals = [0] * (len(COLUMNS) - 1)
    for place, solution in papers:
        found = solution.counts
        totals = [a + b for a, b in zip(totals, found, strict=True)]
        name = inline_html(solution.paper.title)
        yield _row(f'<a href="{quote(place)}">{name}</a>', found)
    yield "</tbody>"
    if len(papers) > 1:
        yield f"<tfoot>{_row('together', totals)}</tfoot>"
    yield "</table></div>"
    for place, solution in papers:
        yield from _unsettled(place, solution)


def _row(name: str, numbers: Sequence[int]) -> str:
    cells = "".join(f'<td class="number">{number or "–"}</td>' for number in numbers)
    return f'<tr><th scope="row">{name}</th>{cells}</tr>'


def _unsettled(place: str, solution: PaperSolution) -> Iterator[str]:
    """The parts of a paper that wait, differ or failed, with why."""
    rows = []
    for part in solution.parts:
        word = words.status_word(part)
        if word == "waits":
            what, rest = words.waiting(part)
            says = f"{text_html(what)}: {inline_html(rest)}"
        elif word in ("differs", "failed"):
            fact = words.difference(part) if word == "differs" else _fact(part.error)
            says = text_html(fact if len(fact) <= LONGEST else f"{fact[:LONGEST]}…")
        else:
            continue
        link = f'<a href="{quote(place)}#{anchor(part.id)}">{text_html(part.id)}</a>'
        rows.append(
            f'<tr><th scope="row">{link}</th><td><span class="badge {word}">{word}</span></td>'
            f"<td>{says}</td></tr>"
        )
    if rows:
        yield f"<h2>{inline_html(solution.paper.title)}</h2>"
        yield f'<div class="wide"><table><tbody>{"".join(rows)}</tbody></table></div>'


def _fact(error: str) -> str:
    """The first line of an error: what is wrong."""
    return error.partition("\n")[0]
