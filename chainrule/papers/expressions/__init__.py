"""The small language of formulas: what a teacher types as an answer, and a student.

Text that a stranger wrote becomes a tree, never code: `parse` reads it, within limits of length,
depth and digits; `number`, `approximate` and `sympy_of` make numbers and formulas of the tree.

>>> tree = parse("1/2 + sqrt(2)^2")
>>> print(tree, "=", number(parse("1/2 + 3^2")))
1/2 + sqrt(2)^2 = 19/2
"""

from chainrule.papers.expressions.build import approximate, number, sympy_of
from chainrule.papers.expressions.errors import ExpressionError, NoFraction
from chainrule.papers.expressions.grammar import parse
from chainrule.papers.expressions.trees import (
    Binary,
    Call,
    Name,
    Number,
    Relation,
    Row,
    Tree,
    Unary,
    names_of,
)

__all__ = [
    "approximate", "Binary", "Call", "ExpressionError", "Name", "names_of", "NoFraction", "Number",
    "number", "parse", "Relation", "Row", "sympy_of", "Tree", "Unary",
]  # fmt: skip
