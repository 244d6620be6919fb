"""Papers made in Python, for tests: one question, its parts a line after the other."""

from typing import Any

from chainrule.papers.paper import Asked, Code, Given, Option, Paper, Part, Question

FILE = "papers/exam.md"
FIRST = 10
"""The line of the question's definitions; parts follow at 100, 200, …"""


def code(text: str, line: int) -> Code:
    return Code(text, line)


def asked(line: int, kind: str = "exact", value: Any = None, **more: Any) -> Asked:
    """What a part asks: expressions as text, all at one line."""

    def coded(told: Any) -> dict[str, Code]:
        each = told if isinstance(told, dict) else {"": told}
        return {label: Code(text, line) for label, text in each.items()}

    for name in ("also", "claims"):
        if name in more:
            more[name] = coded(more[name])
    if "readings" in more:
        more["readings"] = {label: coded(told) for label, told in more["readings"].items()}
    if "options" in more:
        options = more["options"].items()
        more["options"] = tuple(Option(k, f"option {k}", Code(t, line)) for k, t in options)
    if "working" in more:
        more["working"] = Code(more["working"], line)
    return Asked(kind, line, values={} if value is None else coded(value), **more)


def paper(
    *parts: dict[str, Any],
    definitions: str = "",
    givens: dict[str, Given] | None = None,
    conventions: dict[str, Any] | None = None,
) -> Paper:
    """A paper of one question, "1", with parts "1a", "1b", …; ``python`` of a part is its own."""
    made = []
    for i, told in enumerate(parts):
        line = 100 * (i + 1)
        told = dict(told)
        own = told.pop("python", None)
        definitions_of = () if own is None else (Code(own, line + 2),)
        id = f"1{chr(ord('a') + i)}"
        made.append(Part(id, line, "", "", None, definitions_of, asked(line + 50, **told)))
    shared = (Code(definitions, FIRST),) if definitions else ()
    question = Question("1", 5, "", "", givens or {}, shared, {}, tuple(made))
    return Paper(FILE, "An exam", "", conventions or {}, "", (question,))


def given(name: str, value: Any, form: str = "value", **more: Any) -> Given:
    return Given(name, value, 7, form, **more)
