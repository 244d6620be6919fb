"""Guards: the Python numbers, flags and objects that a captured function read.

A graph is captured for the values they had; when one changes, the function is captured again.  What
a function can read is found by walking from its closure, globals, defaults, bound object and
arguments through classes, modules, optimizers and containers.
"""

from __future__ import annotations

import contextlib
import functools
import operator
import os
import sys
import sysconfig
import types
from collections import deque
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from fractions import Fraction
from typing import Any

import numpy as np

from chainrule.core.dtypes import DType
from chainrule.core.hooks import hooks
from chainrule.core.op import Op
from chainrule.core.tensor import Tensor

LAYOUT = object()
"""The key under which a guard keeps what entries its holder has: see `_layout`."""
PLAIN = (bool, int, float, complex, str, bytes, type(None), Fraction, DType, np.generic)
MOST_GUARDS = 20_000
LARGEST_ARRAY = 2**16
"""NumPy arrays up to this many bytes are compared entry by entry; larger ones are constants."""
_OWN = os.path.dirname(os.path.dirname(os.path.abspath(__file__))) + os.sep
_STANDARD = sysconfig.get_paths()["stdlib"] + os.sep

Entry = tuple[Any, Any, Any, str]
"""A holder, a key, the value there, and words for it."""


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
        except (LookupError, ValueError, AttributeError):
            return False
        value = self.value
        if now is value:
            return True
        if self.key is LAYOUT:
            return bool(now == value)
        return isinstance(value, PLAIN) and type(now) is type(value) and repr(now) == repr(value)

    def restore(self) -> None:
        """Put the value back, where the holder can be written to."""
        holder, key, value = self.holder, self.key, self.value
        with contextlib.suppress(TypeError, AttributeError):
            if key is LAYOUT:
                _lay_out(holder, value)
            elif isinstance(holder, dict):
                dict.__setitem__(holder, key, value)
            elif isinstance(holder, list | deque):
                holder[key] = value
            elif isinstance(holder, types.CellType):
                holder.cell_contents = value
            else:
                setattr(holder, key, value)


def _read(holder: Any, key: Any) -> Any:
    if key is LAYOUT:
        return _layout(holder)(holder)
    if isinstance(holder, dict):
        return dict.__getitem__(holder, key)
    if isinstance(holder, types.CellType):
        return holder.cell_contents
    if isinstance(holder, list | deque | types.MappingProxyType):
        return holder[key]
    return getattr(holder, key)


def _layout(holder: Any) -> Callable[[Any], Any]:
    """What tells which entries a holder has: its keys in order, its entries, or their number."""
    if isinstance(holder, dict):
        return tuple
    if isinstance(holder, set):
        return frozenset
    return _entries if isinstance(holder, np.ndarray) else len


def _entries(array: np.ndarray) -> tuple[Any, ...]:
    return array.shape, array.dtype, array.tobytes()


def _lay_out(holder: Any, layout: Any) -> None:
    """Leave places for the entries that a holder had, and no others."""
    if isinstance(holder, dict):
        for key in [key for key in holder if key not in layout]:
            dict.__delitem__(holder, key)
    elif isinstance(holder, set):
        holder.clear()
        holder.update(layout)
    elif isinstance(holder, list | deque):
        while len(holder) > layout:
            holder.pop()
        holder.extend([None] * (layout - len(holder)))


class Itself:
    """An object as a key: equal to itself only, whatever its class says."""

    __slots__ = ("value",)

    def __init__(self, value: Any) -> None:
        self.value = value

    def __hash__(self) -> int:
        return id(self.value)

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Itself) and other.value is self.value


def told_apart(value: Any) -> Any:
    """A key by which an argument that is no tensor is known again: 0.0 is not -0.0, NaN is NaN."""
    if not isinstance(value, PLAIN):
        return Itself(value)
    return repr(value) if isinstance(value, float | complex | np.generic) else value


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
            for read, holder, measure, layout, values, kinds, group in self.rows:
                if measure is not None and measure(holder) != layout:
                    return False
                if read is None:
                    continue
                found = read(holder)
                if all(map(operator.is_, found, values)):
                    continue
                if tuple(map(type, found)) != kinds or not all(g.holds() for g in group):
                    return False
        except (LookupError, ValueError, AttributeError):
            return False
        return True


def _row(group: list[Guard]) -> tuple[Any, ...]:
    """How the guards of one holder are read at once, and what must be found."""
    holder = group[0].holder
    layouts = [g.value for g in group if g.key is LAYOUT]
    measure, layout = (_layout(holder), layouts[0]) if layouts else (None, None)
    entries = [g for g in group if g.key is not LAYOUT]
    if not entries:
        return None, holder, measure, layout, (), (), group
    if isinstance(holder, types.CellType):
        read: Any = _cell_contents
    else:
        keys = [g.key for g in entries]
        items = isinstance(holder, dict | list | deque | types.MappingProxyType)
        getter = operator.itemgetter if items else operator.attrgetter
        read = getter(*keys, keys[0])  # one twice, so that it is a tuple that comes
        entries.append(entries[0])
    values = tuple(g.value for g in entries)
    return read, holder, measure, layout, values, tuple(map(type, values)), group


def _cell_contents(cell: types.CellType) -> tuple[Any]:
    return (cell.cell_contents,)


class Walk:
    """The guards of a function and of objects given to it; ``tensors`` are those it can reach."""

    def __init__(self, function: Callable[..., Any], given: Iterable[Any] = ()) -> None:
        self.guards: list[Guard] = []
        self.tensors: dict[int, Tensor] = {}
        self._seen: set[int] = set()
        self._kept: list[Any] = []
        waiting = list(self._inside(function, getattr(function, "__name__", "the function")))
        for argument in given:
            if not isinstance(argument, Tensor):
                waiting.extend(self._inside(argument, f"an argument ({type(argument).__name__})"))
        while waiting and len(self.guards) < MOST_GUARDS:
            entry = waiting.pop()
            self.guards.append(Guard(*entry))
            waiting.extend(self._inside(*entry[2:]))

    def restore(self) -> None:
        """Give back to every holder what has changed in it since the walk."""
        changed = [guard for guard in self.guards if not guard.holds()]
        for guard in sorted(changed, key=lambda guard: guard.key is not LAYOUT):
            guard.restore()

    def _inside(self, value: Any, where: str) -> Iterator[Entry]:
        """The entries of ``value`` that a function may read."""
        if isinstance(value, (*PLAIN, Op, types.ModuleType)) or id(value) in self._seen:
            return
        self._seen.add(id(value))
        self._kept.append(value)  # an id stays taken as long as its object lives
        if isinstance(value, Tensor):
            self.tensors[id(value)] = value
            for hook in hooks.get(value._node, {}).values():
                yield from self._inside(hook, f"a hook of {where}")
        elif isinstance(value, tuple):  # which never changes
            for i, part in enumerate(value):
                yield from self._inside(part, f"{where}[{i}]")
        elif isinstance(value, dict):
            yield value, LAYOUT, tuple(value), f"what {where} holds"
            for key in list(value):
                yield value, key, dict.__getitem__(value, key), f"{where}[{key!r}]"
        elif isinstance(value, list | deque):
            yield value, LAYOUT, len(value), f"len({where})"
            for i, part in enumerate(value):
                yield value, i, part, f"{where}[{i}]"
        elif isinstance(value, set | np.ndarray):
            if not isinstance(value, np.ndarray) or value.nbytes <= LARGEST_ARRAY:
                yield value, LAYOUT, _layout(value)(value), f"what {where} holds"
        elif isinstance(value, type):
            yield from self._class(value)
        else:
            yield from self._callable(value, where)

    def _callable(self, value: Any, where: str) -> Iterator[Entry]:
        """What a function, or whatever else can be called or read like one, leads to."""
        if isinstance(value, functools.partial):
            yield from self._inside((value.func, value.args, value.keywords), where)
        elif isinstance(value, property):
            yield from self._inside((value.fget, value.fset), where)
        elif isinstance(value, staticmethod | classmethod):
            yield from self._inside(value.__func__, where)
        elif isinstance(value, types.FunctionType):
            yield from self._function(value, where)
        elif isinstance(value, types.MethodType | types.BuiltinMethodType):
            yield from self._inside(value.__self__, where)
            yield from self._inside(getattr(value, "__func__", None), where)
        else:
            yield from self._object(value, where)

    def _function(self, function: types.FunctionType, where: str) -> Iterator[Entry]:
        """What a function reads: its closure, and, where a user wrote it, defaults and globals."""
        code = function.__code__
        for name, cell in zip(code.co_freevars, function.__closure__ or (), strict=True):
            with contextlib.suppress(ValueError):  # not assigned yet
                yield cell, name, cell.cell_contents, name
        if _foreign(code.co_filename):
            return
        for name in ("__code__", "__defaults__", "__kwdefaults__"):
            yield function, name, getattr(function, name), f"{where}.{name}"
        if function.__dict__:
            yield from self._inside(function.__dict__, where)
        yield from self._globals(function.__globals__, _names_in(code), "")

    def _globals(self, found: dict[str, Any], names: set[str], path: str) -> Iterator[Entry]:
        """The entries of a module's namespace with these names, and of modules among them."""
        for name in names & found.keys():
            value = found[name]
            yield found, name, value, path + name
            if (
                isinstance(value, types.ModuleType)
                and not _library(value)
                and vars(value) is not found
            ):
                yield from self._globals(vars(value), names - {name}, f"{path}{name}.")

    def _object(self, value: Any, where: str) -> Iterator[Entry]:
        """Attributes, and what the class of a user reads."""
        attributes = getattr(value, "__dict__", None)
        if isinstance(attributes, dict):
            if "__wrapped__" in attributes:  # a compiled function
                yield from self._inside(attributes["__wrapped__"], where)
                return
            yield attributes, LAYOUT, tuple(attributes), f"what {where} holds"
            for key in list(attributes):
                yield attributes, key, attributes[key], f"{where}.{key}"
        for base in _written_by_users(type(value)):
            for name, found in vars(base).items():
                if isinstance(found, types.MemberDescriptorType) and hasattr(value, name):
                    yield value, name, getattr(value, name), f"{where}.{name}"  # a slot
        yield from self._inside(type(value), type(value).__name__)

    def _class(self, cls: type) -> Iterator[Entry]:
        """Attributes and methods of a class and of its bases."""
        for base in _written_by_users(cls):
            if base is not cls and id(base) in self._seen:
                continue
            self._seen.add(id(base))
            attributes = vars(base)
            yield attributes, LAYOUT, len(attributes), f"what {base.__name__} holds"
            for key, found in attributes.items():
                if not key.startswith("__") or isinstance(found, types.FunctionType):
                    yield attributes, key, found, f"{base.__name__}.{key}"


def _written_by_users(cls: type) -> list[type]:
    """The class and those bases of it that belong to no library."""
    modules = [(base, sys.modules.get(base.__module__)) for base in cls.__mro__]
    return [base for base, module in modules if module is not None and not _library(module)]


def _library(module: types.ModuleType) -> bool:
    return module.__name__ != "__main__" and _foreign(getattr(module, "__file__", None) or "")


def _foreign(path: str) -> bool:
    """Whether a file belongs to a library: what it says is taken as constant."""
    own = not path or path.startswith((_OWN, _STANDARD))
    return own or "site-packages" in path or "dist-packages" in path


def _names_in(code: types.CodeType) -> set[str]:
    """The global and attribute names that a function, and functions inside it, mention."""
    names = set(code.co_names)
    for constant in code.co_consts:
        if isinstance(constant, types.CodeType):
            names |= _names_in(constant)
    return names
