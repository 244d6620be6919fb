"""Python of a paper, read as syntax and never run: definitions, and expressions over them."""

from __future__ import annotations

import ast
import builtins
import symtable
import warnings
from collections.abc import Collection, Iterable, Iterator
from typing import Any

from chainrule.papers.errors import PaperError
from chainrule.papers.paper import Code
from chainrule.papers.wording import nearest

TOOLS = ("Fraction", "cr", "dtype", "e", "explain", "grad", "optim", "parameter", "pi", "tensor",
         "with_weights", "np")  # fmt: skip
NETWORKS = ("F", "conventions", "models", "nn")
"""Names that are always there: tools, by which alone nothing is computed, and networks."""

LARGEST = 131_072
"""Characters of all Python of a paper."""


def definitions(code: Code, file: str) -> ast.Module:
    """The syntax tree of definitions; raises PaperError with the line in the paper."""
    found: ast.Module = _parsed(code, "exec", file)
    return found


def expression(code: Code, what: str, file: str) -> ast.expr:
    """The syntax tree of an expression; raises PaperError with the line in the paper."""
    if not code.text.strip():
        raise PaperError(f"{what} is empty", file=file, line=code.line, expected="an expression")
    found: ast.expr = _parsed(code, "eval", file, what).body
    return found


def _parsed(code: Code, mode: str, file: str, what: str = "") -> Any:
    try:
        return _tree(code.text, mode)
    except SyntaxError as error:
        line = code.line + max(0, (error.lineno or 1) - 1)
        line = min(line, code.line + code.text.count("\n"))
        got = " ".join((error.text or code.text.split("\n")[0]).split())[:60]
        hint = None
        if mode == "eval" and _runs(code.text):
            hint = "an answer is one expression: put statements into a python fence"
        elif got.startswith(("```", "~~~")):
            hint = "the fence above is not closed: a line ``` ends it"
        raise PaperError(f"{what or 'this'} is not Python: {error.msg}", file=file, line=line,
                         got=got, hint=hint) from None  # fmt: skip
    except ValueError as error:  # a null byte
        raise PaperError(f"{what or 'this'} is not Python: {error}", file=file,
                         line=code.line) from None  # fmt: skip
    except (RecursionError, MemoryError):
        raise PaperError(f"{what or 'this'} is nested too deeply for Python", file=file,
                         line=code.line, hint="give its parts names") from None  # fmt: skip


def _tree(text: str, mode: str) -> Any:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # an escape such as "\d" is the author's business
        return ast.parse(text, mode=mode)


def _runs(text: str) -> bool:
    """Whether the text is Python, if not an expression."""
    try:
        _tree(text, "exec")
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        return False
    return True


def defined(tree: ast.Module) -> tuple[set[str], bool]:
    r"""The names that definitions bind outside functions and classes, and whether that is all:
    after ``from x import *`` nobody knows without running it.

    Imported names are among them with a dot in front: they are there, and compute nothing.

    >>> found, complete = defined(ast.parse("import math\nk = 2\ndef f(x): y = x"))
    >>> sorted(found), complete
    (['.math', 'f', 'k'], True)
    """
    found: set[str] = set()
    complete = True
    for node in _outside(tree):
        match node:
            case ast.Name(id=name, ctx=ast.Store()):
                found.add(name)
            case ast.FunctionDef(name=name) | ast.AsyncFunctionDef(name=name):
                found.add(name)
            case ast.ClassDef(name=name) | ast.ExceptHandler(name=str(name)):
                found.add(name)
            case ast.MatchAs(name=str(name)) | ast.MatchStar(name=str(name)):
                found.add(name)
            case ast.Import(names=names) | ast.ImportFrom(names=names):
                told = [(alias.asname or alias.name).split(".")[0] for alias in names]
                complete &= "*" not in told
                found |= {f".{name}" for name in told}
            case ast.Global(names=names):
                found |= set(names)
    return found, complete


def _outside(tree: ast.AST) -> Iterator[ast.AST]:
    """The nodes that run where the tree stands: bodies of functions and classes have own names.

    Only ``global`` is looked for inside them.
    """
    waiting: list[tuple[ast.AST, bool]] = [(tree, True)]
    while waiting:
        node, outside = waiting.pop()
        if outside or isinstance(node, ast.Global):
            yield node
        scope = isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef | ast.Lambda)
        waiting += [(child, outside and not scope) for child in ast.iter_child_nodes(node)]


def names_in(tree: ast.AST) -> dict[str, int]:
    """The names that an expression asks its surroundings for, each with its first line."""
    bound = {node.id for node in ast.walk(tree) if isinstance(node, ast.Name)
             and not isinstance(node.ctx, ast.Load)}  # fmt: skip
    bound |= {node.arg for node in ast.walk(tree) if isinstance(node, ast.arg)}
    found: dict[str, int] = {}
    for node in ast.walk(tree):
        if isinstance(node, ast.Name) and node.id not in bound:
            found[node.id] = min(node.lineno, found.get(node.id, node.lineno))
    return found


def missing(codes: Iterable[Code], known: Collection[str], file: str) -> list[PaperError]:
    r"""The names that definitions ask for, and that nothing defines: a problem for each.

    ``known`` as in `computes`.  Names of builtins are there, those of functions bind in them.

    >>> [problem.fact for problem in missing([Code("y = x\nz = lambda u: u + k", 3)], {"x"}, "")]
    ["a definition asks for 'k', which nothing defines"]
    """
    there = {name.removeprefix(".") for name in known} | {*TOOLS, *NETWORKS, *dir(builtins)}
    there |= {"__file__", "__spec__", "__annotations__"}
    found: dict[str, PaperError] = {}
    for code in codes:
        try:
            asked = _global_names(symtable.symtable(code.text, "paper", "exec")) - there
        except SyntaxError:  # what only the compiler refuses is told when it is run
            continue
        for node in ast.walk(_tree(code.text, "exec")):
            if isinstance(node, ast.Name) and node.id in asked and node.id not in found:
                own = sorted(name.removeprefix(".") for name in known)
                hint = nearest(node.id, [*own, *TOOLS, *NETWORKS])
                if node.id == "torch":
                    hint = "PyTorch's names are those of cr, nn, F and optim"
                found[node.id] = PaperError(
                    f"a definition asks for {node.id!r}, which nothing defines", file=file,
                    line=code.line + node.lineno - 1,
                    hint=hint or (f"the question has {', '.join(own[:8])}" if own else None),
                )  # fmt: skip
    return list(found.values())


def _global_names(table: symtable.SymbolTable) -> set[str]:
    """The names that a scope, and those inside it, read from outside all functions."""
    found = {
        symbol.get_name() for symbol in table.get_symbols()
        if symbol.is_referenced() and (table.get_type() == "module" or symbol.is_global())
        and not (table.get_type() == "module" and (symbol.is_assigned() or symbol.is_imported()))
    }  # fmt: skip
    for inner in table.get_children():
        found |= _global_names(inner)
    return found


def computes(code: Code, what: str, known: Collection[str], complete: bool, file: str) -> None:
    """Refuse an expression with unknown names, or one that names nothing of its question.

    ``known`` are the givens and the names that definitions bind (`defined`).  Raises PaperError.
    """
    asked = names_in(expression(code, what, file))
    there = {name.removeprefix(".") for name in known} | {*TOOLS, *NETWORKS, *dir(builtins)}
    for name, line in asked.items():
        if name not in there and complete:
            own = sorted(name.removeprefix(".") for name in known)
            raise PaperError(
                f"{what} asks for {name!r}, which nothing defines",
                file=file,
                line=code.line + line - 1,
                hint=nearest(name, [*own, *TOOLS])
                or (f"the question has {', '.join(own[:8])}" if own else None),
            )
    if complete and not any(name in known or name in NETWORKS for name in asked):
        raise PaperError(
            f"{what} names nothing of its question: it would be typed in, not computed",
            file=file,
            line=code.line,
            got=" ".join(code.text.split())[:60],
            hint="write it with the names of the givens and definitions",
        )
