"""Guards: the Python numbers, flags and objects that a captured function read.

A graph is captured for the values they had; when one changes, the function is captured again.  What
a function can read is found by walking from its closure, globals, defaults and bound object through
modules, optimizers, lists and dicts.
"""

from __future__ import annotations

import functools
import operator
import os
import sys
import types
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from fractions import Fraction
from typing import Any

from chainrule.core.dtypes import DType
from chainrule.core.op import Op
from chainrule.core.tensor import Tensor

LENGTH = object()
"""The key under which a guard keeps the length of its holder."""
PLAIN = (bool, int, float, complex, str, bytes, type(None), Fraction, DType)
MOST_GUARDS = 20_000
_OWN = os.path.dirname(os.path.dirname(os.path.abspath(__file__))) + os.sep


@dataclass(frozen=True, eq=False)
class Guard:
    """``holder[key]`` was ``value``; ``where`` says it in words."""

    holder: Any
    key: Any
    value: Any
    where: str

    def holds(self) -> bool:
        """Whether it still is: the same object, or an equal plain value of the same type."""
        try:
            now = _read(self.holder, self.key)
        except (LookupError, ValueError):
            return False
        value = self.value
        if now is value:
            return True
        return type(now) is type(value) and isinstance(value, PLAIN) and now == value


def _read(holder: Any, key: Any) -> Any:
    if key is LENGTH:
        return len(holder)
    if isinstance(holder, dict):
        return dict.__getitem__(holder, key)
    if isinstance(holder, types.CellType):
        return holder.cell_contents
    return holder[key]


class Checklist:
    """Many guards, checked at the speed of one look-up for each holder."""

    def __init__(self, guards: Iterable[Guard]) -> None:
        by_holder: dict[int, list[Guard]] = {}
        for guard in guards:
            by_holder.setdefault(id(guard.holder), []).append(guard)
        self.rows = [_row(group) for group in by_holder.values()]

    def hold(self) -> bool:
        """Whether all guards hold."""
        try:
            for read, holder, length, values, kinds, group in self.rows:
                if length is not None and len(holder) != length:
                    return False
                if read is None:
                    continue
                found = read(holder)
                if all(map(operator.is_, found, values)):
                    continue
                if tuple(map(type, found)) != kinds or not all(g.holds() for g in group):
                    return False
        except (LookupError, ValueError):
            return False
        return True


def _row(group: list[Guard]) -> tuple[Any, ...]:
    """How the guards of one holder are read at once, and what must be found."""
    holder = group[0].holder
    entries = [g for g in group if g.key is not LENGTH]
    length = len(holder) if len(entries) < len(group) else None
    if not entries:
        return None, holder, length, (), (), group
    if isinstance(holder, types.CellType):
        read: Any = _cell_contents
    else:
        keys = [g.key for g in entries]
        read = operator.itemgetter(*keys, keys[0])  # one twice, so that it is a tuple that comes
        entries.append(entries[0])
    values = tuple(g.value for g in entries)
    return read, holder, length, values, tuple(map(type, values)), group


def _cell_contents(cell: types.CellType) -> tuple[Any]:
    return (cell.cell_contents,)


class Walk:
    """The guards of one function; ``tensors`` are those it can reach."""

    def __init__(self, function: Callable[..., Any]) -> None:
        self.guards: list[Guard] = []
        self.tensors: dict[int, Tensor] = {}
        self._seen: set[int] = set()
        self._kept: list[Any] = []
        waiting = list(self._callable(function, getattr(function, "__name__", "the function")))
        while waiting and len(self.guards) < MOST_GUARDS:
            holder, key, value, where = waiting.pop()
            self.guards.append(Guard(holder, key, value, where))
            waiting.extend(self._inside(value, where))

    def _inside(self, value: Any, where: str) -> Iterator[tuple[Any, Any, Any, str]]:
        """The entries of ``value`` that a function may read."""
        if isinstance(value, Tensor):
            self.tensors[id(value)] = value
        if isinstance(value, (*PLAIN, Tensor, Op, type, types.ModuleType)) or id(value) in self._seen:
            return
        self._seen.add(id(value))
        self._kept.append(value)  # an id stays taken as long as its object lives
        if isinstance(value, dict):
            yield value, LENGTH, len(value), f"len({where})"
            for key in list(value):
                yield value, key, dict.__getitem__(value, key), f"{where}[{key!r}]"
        elif isinstance(value, list | tuple):
            yield value, LENGTH, len(value), f"len({where})"
            for i, part in enumerate(value):
                yield value, i, part, f"{where}[{i}]"
        elif callable(value) and _code_of(value) is not None:
            yield from self._callable(value, where)
        else:
            yield from self._object(value, where)

    def _object(self, value: Any, where: str) -> Iterator[tuple[Any, Any, Any, str]]:
        """Attributes, and what the methods of a user's class read."""
        attributes = getattr(value, "__dict__", None)
        if isinstance(attributes, dict) and "__wrapped__" in attributes:  # a compiled function
            yield from self._callable(attributes["__wrapped__"], where)
            return
        if isinstance(attributes, dict):
            for key in list(attributes):
                yield attributes, key, attributes[key], f"{where}.{key}"
        for cls in type(value).__mro__:
            source = sys.modules.get(cls.__module__)
            if id(cls) in self._seen or source is None or _library(source):
                continue
            self._seen.add(id(cls))
            for key, found in vars(cls).items():
                if isinstance(found, PLAIN) and not key.startswith("__"):
                    yield vars(cls), key, found, f"{cls.__name__}.{key}"
                elif isinstance(found, types.FunctionType):
                    yield from self._callable(found, f"{cls.__name__}.{key}")

    def _callable(self, function: Any, where: str) -> Iterator[tuple[Any, Any, Any, str]]:
        """What a function reads: closure, globals by name, defaults, the object it is bound to."""
        if isinstance(function, functools.partial):
            yield from self._inside([function.func, function.args, function.keywords], where)
            return
        bound = getattr(function, "__self__", None)
        if bound is not None and not isinstance(bound, types.ModuleType):
            yield from self._inside([bound], where)
        code = _code_of(function)
        if code is None:
            yield from self._inside([function], where)
            return
        if code.co_filename.startswith(_OWN):
            return
        plain = getattr(function, "__func__", function)
        for name, cell in zip(code.co_freevars, plain.__closure__ or (), strict=True):
            try:
                yield cell, name, cell.cell_contents, name
            except ValueError:
                continue  # not assigned yet
        names = _names_in(code)
        for name in names & plain.__globals__.keys():
            found = plain.__globals__[name]
            yield plain.__globals__, name, found, name
            if isinstance(found, types.ModuleType) and not _library(found):
                yield from _module_numbers(found, names)
        for default in plain.__defaults__ or ():
            yield from self._inside(default, where)
        for default in (plain.__kwdefaults__ or {}).values():
            yield from self._inside(default, where)


def _module_numbers(module: types.ModuleType, names: set[str]) -> Iterator[tuple[Any, Any, Any, str]]:
    for name in names & vars(module).keys():
        if isinstance(vars(module)[name], PLAIN):
            yield vars(module), name, vars(module)[name], f"{module.__name__}.{name}"


def _library(module: types.ModuleType) -> bool:
    path = getattr(module, "__file__", None) or ""
    return not path or path.startswith(_OWN) or "site-packages" in path or "lib/python" in path


def _code_of(function: Any) -> types.CodeType | None:
    code = getattr(getattr(function, "__func__", function), "__code__", None)
    return code if isinstance(code, types.CodeType) else None


def _names_in(code: types.CodeType) -> set[str]:
    """The global and attribute names that a function, and functions inside it, mention."""
    names = set(code.co_names)
    for constant in code.co_consts:
        if isinstance(constant, types.CodeType):
            names |= _names_in(constant)
    return names
