"""The Python of a part as one module, whose line numbers are those of the paper.

Definitions stand at their own lines, expressions of the answer, in brackets, at theirs; whatever is
between them is blank.  That text is what `linecache` has for the paper's name, so that errors and
explanations, which read names off positions, speak of the paper.  In what is run, expressions are
functions without arguments: definitions come first, wherever they stand.
"""

from __future__ import annotations

import ast
import linecache
import sys
from collections.abc import Iterable, Mapping, Sequence
from importlib.abc import InspectLoader
from importlib.machinery import ModuleSpec
from importlib.util import module_from_spec, spec_from_loader
from types import CodeType
from typing import Any

from chainrule.papers.paper import Code
from chainrule.papers.reading import code as syntax
from chainrule.papers.solving.watching import WATCH, watching

MODULE = "paper"
ANSWER = "_answer_{}"
PRELUDE = {
    "cr": "import chainrule as cr",
    "np": "import numpy as np",
    "nn": "from chainrule import nn",
    "optim": "from chainrule import optim",
    "models": "from chainrule import models",
    "F": "from chainrule.nn import functional as F",
    "Fraction": "from fractions import Fraction",
    "pi": "from chainrule import pi",
    "e": "from chainrule import e",
}
"""The names that every paper has, and where they come from: imported on its first line, unless a
given has the name."""


class Module:
    r"""Definitions and expressions of the paper ``file``; raises PaperError for what is no Python.

    >>> module = Module("exam.md", [Code("def f(x):\n    return x + n", 5)], [Code("f(1)", 12)])
    >>> module.run({"n": 2})
    >>> module.value(0)
    3
    """

    def __init__(
        self,
        file: str,
        definitions: Sequence[Code],
        expressions: Sequence[Code],
        taken: Iterable[str] = (),
        watched: Iterable[int] = (),
    ) -> None:
        self.file = file
        prelude = Code("; ".join(text for name, text in PRELUDE.items() if name not in taken), 1)
        placed = [(code.line, -1, code.text) for code in (prelude, *definitions)]
        placed += [(code.line, i, _bracketed(code, file)) for i, code in enumerate(expressions)]
        self.watched = set(watched)
        self.seen: dict[int, dict[str, Any]] = {which: {} for which in self.watched}
        """Of an expression that is watched, what its operands were, by their text."""
        self.text, self.tree = self._laid_out(sorted(placed, key=lambda piece: piece[:2]))
        self.found: dict[str, Any] = {}

    def _laid_out(self, pieces: list[tuple[int, int, str]]) -> tuple[str, ast.Module]:
        lines: list[str] = []
        functions: list[int] = []  # for each statement of the text: which expression, or -1
        for line, which, text in pieces:
            tree = syntax.definitions(Code(text, line), self.file)
            if line > len(lines):
                lines += [""] * (line - 1 - len(lines))
                lines += text.split("\n")
            elif which < 0:
                lines += text.split("\n")
            else:
                first, *rest = text.split("\n")
                lines[-1:] = [f"{lines[-1]}; {first}", *rest]
            functions += [which] * len(tree.body)
        whole = "\n".join(lines) + "\n"
        tree = ast.parse(whole, self.file)
        for i, which in enumerate(functions):
            if which >= 0:
                statement = tree.body[i]
                if which in self.watched and isinstance(statement, ast.Expr):
                    statement.value = watching(statement.value, which, whole)
                tree.body[i] = _function(ANSWER.format(which), statement)
        return whole, tree

    def run(self, names: Mapping[str, Any]) -> None:
        """Run the definitions, which see ``names`` too."""
        linecache.cache[self.file] = (
            len(self.text), None, self.text.splitlines(keepends=True), self.file,
        )  # fmt: skip
        spec = spec_from_loader(MODULE, _Loader(self), origin=self.file)
        if spec is None:
            raise ImportError(self.file)
        spec.has_location = True  # it has a file, where `inspect` looks for the source of classes
        module = module_from_spec(spec)
        module.__dict__.update(names, **{WATCH: self._see})
        sys.modules[MODULE] = module
        self.found = module.__dict__
        _loader(spec).exec_module(module)

    def _see(self, which: int, text: str, value: Any) -> Any:
        """The value of an operand, noted."""
        self.seen[which][text] = value
        return value

    def value(self, which: int) -> Any:
        """The value of an expression, computed now."""
        return self.found[ANSWER.format(which)]()


class _Loader(InspectLoader):
    """Gives the text and the code of a `Module` to Python's own import."""

    def __init__(self, module: Module) -> None:
        self.module = module

    def get_source(self, fullname: str) -> str:
        return self.module.text

    def get_code(self, fullname: str) -> CodeType:
        code: CodeType = compile(self.module.tree, self.module.file, "exec", dont_inherit=True)
        return code

    def is_package(self, fullname: str) -> bool:
        return False


def _loader(spec: ModuleSpec) -> Any:
    return spec.loader


def _bracketed(code: Code, file: str) -> str:
    """The expression in brackets, so that it may go over lines; raises PaperError for none."""
    text = code.text.rstrip()
    syntax.expression(code, "an answer", file)
    return f"({text}\n)" if "#" in text.split("\n")[-1] else f"({text})"


def _function(name: str, statement: ast.stmt) -> ast.stmt:
    """``name = lambda: expression`` at the place of an expression."""
    if not isinstance(statement, ast.Expr):
        raise TypeError(f"{name}: {ast.dump(statement)}")
    nothing = ast.arguments([], [], None, [], [], None, [])
    function = ast.copy_location(ast.Lambda(nothing, statement.value), statement)
    target = ast.copy_location(ast.Name(name, ast.Store()), statement)
    return ast.copy_location(ast.Assign([target], function), statement)
