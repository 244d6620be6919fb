"""Why a predicate holds: what its operands were when it was computed.

An operand is what ``and``, ``or``, ``not`` and comparisons join: a name, a call, an entry.
"""

from __future__ import annotations

import ast
from collections.abc import Mapping
from typing import Any

from chainrule.core.errors import ChainruleError
from chainrule.core.size import Size
from chainrule.core.tensor import Tensor
from chainrule.readings.explain.figures import figure, line

WATCH = "_watch_"
"""The name of the function that notes an operand."""
DECIMALS = 4
LONGEST = 60
"""Characters of a value; a longer one tells nobody why."""
FEW = 6
"""Entries of a tensor, or of a list."""


def watching(tree: ast.expr, which: int, source: str) -> ast.expr:
    """The expression, each operand of it handed through `WATCH` with its text in the source."""
    made = _Watching(which, source).visit(tree)
    assert isinstance(made, ast.expr)
    return ast.fix_missing_locations(made)


class _Watching(ast.NodeTransformer):
    """Goes down through what joins operands, and no further."""

    def __init__(self, which: int, source: str) -> None:
        self.which, self.source = which, source

    def visit(self, node: ast.AST) -> ast.AST:
        if isinstance(node, ast.BoolOp | ast.UnaryOp | ast.Compare | ast.BinOp):
            return self.generic_visit(node)
        if isinstance(node, ast.Name | ast.Call | ast.Attribute | ast.Subscript):
            text = " ".join((ast.get_source_segment(self.source, node) or "").split())
            arguments: list[ast.expr] = [ast.Constant(self.which), ast.Constant(text), node]
            return ast.copy_location(ast.Call(ast.Name(WATCH, ast.Load()), arguments, []), node)
        return node


def in_words(seen: Mapping[str, Any], predicate: str) -> dict[str, str]:
    """What operands were, in words: numbers, truths and words, and no operand that is the whole
    predicate, or its contrary.

    >>> in_words({"usual": 0.5, "fails": True, "net": object()}, "not fails")
    {'usual': '0.5'}
    """
    alone = (predicate, predicate.removeprefix("not "))
    found = {text: _worded(value) for text, value in seen.items() if text not in alone}
    return {text: value for text, value in found.items() if value}


def _worded(value: Any) -> str:
    """A value in a few words, empty for what is none."""
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, str):
        return value if len(value) <= LONGEST else ""
    if isinstance(value, list | tuple):
        parts = [_worded(part) for part in value] if len(value) <= FEW else [""]
        text = f"[{', '.join(parts)}]"
        return text if all(parts) and len(text) <= LONGEST else ""
    try:
        if isinstance(value, Tensor):
            text = line(value.detach().tolist(), DECIMALS) if value.numel() <= FEW else ""
        elif isinstance(value, int | float | Size) or hasattr(value, "free_symbols"):
            text = figure(value, DECIMALS)
        else:
            text = ""
    except (ChainruleError, ValueError, TypeError):  # a tensor without a value
        return ""
    return text if len(text) <= LONGEST else ""
