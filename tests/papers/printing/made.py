"""Solved papers made by hand: one of each kind of part, and one whose every word is hostile."""

from fractions import Fraction

from chainrule.papers.paper import Asked, Code, Given, Option, Paper, Part, Question
from chainrule.papers.solution import (
    ANSWERED,
    FAILED,
    WAITS,
    Line,
    PaperSolution,
    PartSolution,
    Value,
    Working,
)

ROWS = (
    Line("  u = w * x = 2 * 3 = 6", r"u = w \cdot x = 2 \cdot 3 = 6"),
    Line(
        "  W̄ = [[1, 2],\n      [3, 4]]", r"\bar{W} = \begin{bmatrix} 1 & 2 \\ 3 & 4 \end{bmatrix}"
    ),
)


def part(id, title="", statement="", marks=None, kind="exact", **asked):
    """A part of line 7."""
    return Part(id, 7, title, statement, marks, (), Asked(kind, 9, **asked))


def question(id, parts, title="", statement="", givens=(), definitions=()):
    """A question of line 3."""
    named = {given.name: given for given in givens}
    return Question(id, 3, title, statement, named, definitions, {}, tuple(parts))


def paper(*questions, title="A paper", source="", introduction=""):
    """A paper of these questions."""
    return Paper("p.md", title, source, {}, introduction, questions)


def solved(whole, *parts):
    """Its solution."""
    return PaperSolution(whole, parts)


def sample():
    """Four parts of a question and one alone: agreeing, differing, waiting, read twice, failed."""
    options = (
        Option("A", "It is $\\sqrt{2}$", Code("a", 1)),
        Option("B", "It is *not*", Code("b", 1)),
    )
    asked = [
        part("1a", "Forward", "Find $u_1$.", 2.0),
        part("1b", "Which?", "Choose.", 1.0, "choice", options=options),
        part("1c", "Proof", "Show it.", None, "proof", derivation="the bound $n^2$"),
        part("1d", "Readings", "How many?", None, "count", likely="with bias"),
    ]
    alone = part("2", "", "", None, "explanation", claims={"It is $> 0$": Code("c", 1)})
    givens = (
        Given("w", [[1, Fraction(1, 2)]], 4, range="-9..9", says="the weights $W$"),
        Given("gamma", "gamma", 5, form="symbol", says="the rate"),
    )
    whole = paper(
        question(
            "1", asked, "A layer", "Given $W\\,x$ and\n\n- one\n- two\n\n```text\nas is\n```",
            givens,
            (Code("net = nn.Linear(2, 1)\nu = net(x) < 1", 12),),
        ),
        question("2", [alone], "Is it positive?"),
        title="Paper of $n$ questions", source="made by hand", introduction="Two questions.",
    )  # fmt: skip
    answer = Value("2/3", "2/3", r"\frac{2}{3}")
    reading = {"with bias": {"": Value(6, "6")}, "without": {"": Value(4, "4")}}
    return solved(
        whole,
        PartSolution(
            asked[0], ANSWERED, {"": answer}, also={"twice": Value("4/3", "4/3", r"\frac{4}{3}")},
            working=(Working("Forward", ROWS),), conventions={"mac": 1, "bias": False},
            published="0.67", agreement="agrees",
        ),
        PartSolution(
            asked[1], ANSWERED, {"": Value("B", "B")}, working=(Working("Forward", ROWS),),
            published="A", agreement="differs", because="B is computed",
        ),
        PartSolution(asked[2], WAITS, waits_for="derivation: the bound $n^2$"),
        PartSolution(asked[3], ANSWERED, readings=reading, arithmetic="decimal(places=2)"),
        PartSolution(alone, FAILED, error="ValueError: no\n  at        p.md:12   net(x)"),
    )  # fmt: skip


EVIL = (
    "<script>alert(1)</script><img src=x onerror=alert(1)> [a](javascript:alert(1)) "
    "[b](JaVa&#115;cript:alert(1)) ![c](http://evil.example/c.png) "
    "<style>body{display:none}</style> "
    '"><svg onload=alert(1)> $\\href{javascript:alert(1)}{x}$ $\\text{<script>alert(1)</script>}$ '
    "$\\style{background:url(http://evil.example)}{x}$ ```</code></pre><script>``` "
    "{% raw %} </details></main> \x1b[2J\x07 \u202eabc [red]m[/red] 'onmouseover=alert(1) "
    '<javascript:alert(1)> <http://evil.example/" onclick="alert(1)>'
)


def hostile():
    """A paper that says `EVIL` wherever something can be said."""
    latex = r"\text{<script>alert(1)</script>} = \href{javascript:alert(1)}{x}"
    value = Value(EVIL, EVIL, latex)
    one = part(
        "1a", EVIL, EVIL, 1.0, "choice", options=(Option(EVIL, EVIL, Code(EVIL, 1)),), likely=EVIL
    )
    two = part("1b", EVIL, EVIL, None, "proof", claims={EVIL: Code(EVIL, 1)}, derivation=EVIL)
    three = Part('1"><script>', 7, EVIL, EVIL, None, (Code(EVIL, 3),), Asked("exact", 9))
    given = Given("x", EVIL, 4, range=EVIL, says=EVIL)
    whole = paper(
        question("1", [one, two, three], EVIL, EVIL, [given], (Code(EVIL, 3),)),
        title=EVIL, source=EVIL, introduction=EVIL + "\n\n[r]: javascript:alert(1)\n\n# " + EVIL,
    )  # fmt: skip
    told = {
        "published": EVIL, "because": EVIL, "conventions": {"mac": EVIL},
        "arithmetic": f"decimal{EVIL}",
        "working": (Working(EVIL, (Line(EVIL, latex), Line(EVIL, EVIL), Line(EVIL))),),
    }  # fmt: skip
    return solved(
        whole,
        PartSolution(one, ANSWERED, {"": value}, {EVIL: {EVIL: value}}, {EVIL: value}, **told),
        PartSolution(two, WAITS, waits_for=f"derivation: {EVIL}"),
        PartSolution(three, FAILED, error=EVIL, agreement="differs", published=EVIL),
    )
