"""Exam papers: a paper is a Markdown file; it is read, solved, and printed."""

from chainrule.papers.errors import PaperError
from chainrule.papers.paper import Asked, Code, Given, Option, Paper, Part, Question
from chainrule.papers.reading import load, parse, problems

__all__ = [
    "Asked", "Code", "Given", "load", "Option", "Paper", "PaperError", "parse", "Part", "problems",
    "Question",
]  # fmt: skip
