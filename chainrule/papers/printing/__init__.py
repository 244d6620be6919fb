"""A solved paper on terminals, as Markdown, and as a page of HTML that opens offline."""

from chainrule.papers.printing.html import framed, paper_html, part_html
from chainrule.papers.printing.index import index_html
from chainrule.papers.printing.markdown import paper_markdown, part_markdown
from chainrule.papers.printing.text import console, paper_text, part_text, show

__all__ = [
    "console", "framed", "index_html", "paper_html", "paper_markdown", "paper_text", "part_html",
    "part_markdown", "part_text", "show",
]  # fmt: skip
