"""What the user wrote: file, line, text, names and operands of a recorded position.

A position is a code object and the offset of an instruction in it: all that is kept while running.
The source is read and parsed only when somebody asks, once per file.
"""

from __future__ import annotations

import ast
import linecache
import os
import sys
import warnings
from collections.abc import Iterator
from dataclasses import dataclass, replace
from itertools import islice
from types import CodeType, FrameType, ModuleType

Position = tuple[CodeType, int]
Span = tuple[int | None, ...]  # first line, last line, first and end column in UTF-8 bytes

_LONGEST = 100


@dataclass(frozen=True)
class Source:
    """The place of one expression in the user's code; what is not known is empty or None.

    ``text`` is the statement on one line, ``target`` what the expression's value is assigned to
    (``h`` for ``self.h = x @ W``), ``operands`` the texts of its operands, receiver first.

    >>> Source("demo.py", 8, "h = x @ W", "forward", "h", "x @ W", ("x", "W")).operands
    ('x', 'W')
    """

    filename: str
    line: int
    text: str = ""
    function: str = ""
    target: str | None = None
    expression: str = ""
    operands: tuple[str, ...] = ()


class _Inside(dict[str, bool]):
    """Whether the code of a file is ours.  The key is the file's name, not the code object: equal
    code objects may come from different files."""

    root = os.path.dirname(os.path.dirname(os.path.abspath(__file__))) + os.sep

    def __missing__(self, filename: str) -> bool:
        ours = not filename.startswith("<") and os.path.abspath(filename).startswith(self.root)
        return self.setdefault(filename, ours)


_INSIDE = _Inside()


def user_frame(depth: int = 1) -> FrameType | None:
    """The nearest frame outside this package, from ``depth`` callers up; None if there is none.

    >>> user_frame().f_code.co_name
    '<module>'
    """
    frame: FrameType | None = sys._getframe(depth)
    while frame is not None and _INSIDE[frame.f_code.co_filename]:
        frame = frame.f_back
    return frame


def here() -> Position | None:
    """The position at which the user's code is now.

    >>> describe(here()).expression
    'here()'
    """
    frame = user_frame(2)
    return None if frame is None else (frame.f_code, frame.f_lasti)


def describe(position: Position | None) -> Source | None:
    """All that is known of a position, None if not even the line is; never raises.

    >>> h = here()
    >>> source = describe(h)
    >>> source.text, source.target, source.expression
    ('h = here()', 'h', 'here()')
    """
    if position is None:
        return None
    code, offset = position
    span = next(islice(code.co_positions(), max(offset, 0) // 2, None), (None,))
    line = span[0]
    if line is None:
        return None
    file = _file(code.co_filename)
    place = Source(code.co_filename, line, file.line(line), code.co_name)
    node = file.nodes.get(span)
    return place if node is None else file.complete(place, node)


def target_of(position: Position | None) -> str | None:
    """What the value of the expression at the position is assigned to.

    >>> h = here()
    >>> target_of(h)
    'h'
    """
    source = describe(position)
    return None if source is None else source.target


def text_of(position: Position | None) -> str:
    """The statement at the position, on one line; empty where there is no source.

    >>> h = here()
    >>> text_of(h)
    'h = here()'
    """
    source = describe(position)
    return "" if source is None else source.text


_Node = ast.expr | ast.AugAssign  # what an instruction can compute: h += x is one, too


class _File:
    """A parsed file: the node of each span, and the parent of each node."""

    def __init__(self, lines: list[str]) -> None:
        self.lines = lines
        self.parents: dict[ast.AST, ast.AST] = {}
        self.nodes: dict[Span, _Node] = {}
        self.imported: set[str] = set()  # and classes: names that are no tensors
        self.bound: set[str] = set()  # what else is given a name here
        late: dict[Span, _Node] = {}
        for node in ast.walk(_parsed(lines)):
            self.parents.update((child, node) for child in ast.iter_child_nodes(node))
            if isinstance(node, _Node):
                self.nodes.setdefault(_span(node), node)
                late[_late_span(node)] = node
            elif isinstance(node, ast.Import | ast.ImportFrom):
                names = (alias.asname or alias.name for alias in node.names)
                self.imported.update(name.partition(".")[0] for name in names)
            elif isinstance(node, ast.ClassDef):
                self.imported.add(node.name)
            if isinstance(node, ast.arg):
                self.bound.add(node.arg)
            elif isinstance(node, ast.Name) and isinstance(node.ctx, ast.Store):
                self.bound.add(node.id)
        self.nodes = late | self.nodes

    def line(self, number: int) -> str:
        """The line of that number on its own."""
        return _shortened(self.lines[number - 1].strip()) if 0 < number <= len(self.lines) else ""

    def complete(self, place: Source, node: _Node) -> Source:
        """The place with all that its node tells."""
        statement: ast.AST = node
        while not isinstance(statement, ast.stmt):
            statement = self.parents[statement]
        compound = hasattr(statement, "body") or hasattr(statement, "cases")
        return replace(
            place,
            text=place.text if compound else _shortened(self.text(statement)),
            target=self.target(node),
            expression=self.text(node),
            operands=tuple(self.text(operand) for operand in self.operands(node)),
        )

    def text(self, node: ast.stmt | ast.expr) -> str:
        """As written, if it was written on one line; else on one line, as Python writes it."""
        if node.lineno == node.end_lineno:
            line = self.lines[node.lineno - 1].encode()
            return line[node.col_offset : node.end_col_offset].decode()
        try:
            return " ".join(ast.unparse(node).split())
        except RecursionError:  # a sum of a thousand terms
            return self.line(node.lineno)

    def target(self, node: _Node) -> str | None:
        """What the whole value of the node is assigned to; in ``a, b = f(x), g(x)`` one by one."""
        if isinstance(node, ast.AugAssign):
            return self.name(node.target)
        path: list[int] = []  # which element of which tuple
        child, parent = node, self.parents[node]
        while isinstance(parent, ast.Tuple | ast.List):
            before = parent.elts[: parent.elts.index(child) + 1]
            if any(isinstance(element, ast.Starred) for element in before):
                return None
            path.insert(0, len(before) - 1)
            child, parent = parent, self.parents[parent]
        if isinstance(parent, ast.Assign):
            targets = parent.targets
        elif isinstance(parent, ast.AnnAssign | ast.NamedExpr) and parent.value is child:
            targets = [parent.target]
        else:
            return None
        found = (_element(target, path) for target in targets)
        return next((self.name(target) for target in found if target is not None), None)

    def name(self, target: ast.expr) -> str:
        """How a target is called: ``h`` for ``self.h``."""
        return self.text(target).removeprefix("self.")

    def operands(self, node: _Node) -> list[ast.expr]:
        """What the node computes with, a method's receiver first."""
        match node:
            case ast.BinOp(left=left, right=right):
                return [left, right]
            case ast.UnaryOp(operand=operand):
                return [operand]
            case ast.Compare(left=left, comparators=others):
                return [left, *others]
            case ast.Subscript(value=value) | ast.Attribute(value=value):
                return [value]
            case ast.AugAssign(target=target, value=value):
                return [target, value]
            case ast.Call(args=args, keywords=keywords) if _unpacks(args, keywords):
                return []
            case ast.Call(func=function, args=args, keywords=keywords):
                given = [*args, *(keyword.value for keyword in keywords)]
                return [*self.receiver(function), *_each(given)]
        return []

    def receiver(self, function: ast.expr) -> list[ast.expr]:
        """The x of ``x.sum(0)``; none where the dot only leads to a function: ``cr.relu(x)`` with
        an imported ``cr`` or a class, ``self.layer(x)``."""
        if not isinstance(function, ast.Attribute):
            return []
        root = function.value
        while isinstance(root, ast.Attribute):
            root = root.value
        named = isinstance(root, ast.Name) and self.is_imported(root.id)
        plain = isinstance(function.value, ast.Name) and function.value.id == "self"
        return [] if named or plain else [function.value]

    def is_imported(self, name: str) -> bool:
        """Whether a name is that of a module or a class.  A cell of a notebook is a file without
        the imports of other cells: what it does not bind itself is looked up where somebody asks,
        which is another cell."""
        if name in self.imported or name in self.bound:
            return name in self.imported
        frame = user_frame(2)
        return frame is not None and isinstance(frame.f_globals.get(name), ModuleType | type)


_FILES: dict[str, _File] = {}


def _file(filename: str) -> _File:
    """The file as it is now; parsed again only when its lines have changed."""
    linecache.checkcache(filename)
    lines = linecache.getlines(filename)
    if filename not in _FILES or _FILES[filename].lines != lines:
        _FILES[filename] = _File(lines)
    return _FILES[filename]


def _unpacks(args: list[ast.expr], keywords: list[ast.keyword]) -> bool:
    """Whether a call has ``*these`` or ``**those`` arguments, whose number is not written."""
    starred = (a.value for a in args if isinstance(a, ast.Starred))
    listed = all(isinstance(value, ast.List | ast.Tuple) for value in starred)
    return not listed or any(k.arg is None for k in keywords)


def _parsed(lines: list[str]) -> ast.Module:
    """The tree of the lines, empty where they are not Python."""
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # Python has given them when it compiled the file
            return ast.parse("".join(lines))
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        return ast.Module([], [])


def _span(node: ast.stmt | ast.expr) -> Span:
    return node.lineno, node.end_lineno, node.col_offset, node.end_col_offset


def _late_span(node: _Node) -> Span:
    """The span Python records for a method on a later line than its receiver: it starts at the
    name of the method."""
    method = node.func if isinstance(node, ast.Call) else node
    if not isinstance(method, ast.Attribute) or method.end_col_offset is None:
        return _span(node)
    start = method.end_col_offset - len(method.attr)
    return method.end_lineno, node.end_lineno, start, node.end_col_offset


def _each(given: list[ast.expr]) -> Iterator[ast.expr]:
    """Arguments one by one: those in a list as well, an equation or a mode in words left out."""
    for argument in given:
        if isinstance(argument, ast.List | ast.Tuple):
            yield from argument.elts
        elif not (isinstance(argument, ast.Constant) and isinstance(argument.value, str)):
            yield argument


def _element(target: ast.expr, path: list[int]) -> ast.expr | None:
    """The element of nested tuples of targets; None where the target is not that detailed."""
    for index in path:
        elements = target.elts if isinstance(target, ast.Tuple | ast.List) else []
        before = elements[: index + 1]
        if len(before) <= index or any(isinstance(element, ast.Starred) for element in before):
            return None
        target = before[index]
    return target


def _shortened(text: str) -> str:
    return text if len(text) <= _LONGEST else text[: _LONGEST - 1] + "…"
