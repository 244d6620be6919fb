"""Modules made of modules: one after the other, or a list."""

from __future__ import annotations

import operator
from collections.abc import Iterable, Iterator, Mapping
from itertools import groupby
from typing import Any, Self

from chainrule.core.errors import DimError
from chainrule.nn.module import Module


class _Numbered(Module):
    """Modules with the names "0", "1", … (or other names, given in a dict)."""

    def _fill(self, modules: Any) -> None:
        named = modules.items() if isinstance(modules, Mapping) else enumerate(modules)
        for name, module in named:
            self.add_module(str(name), module)

    def _part(self, chosen: dict[str, Module]) -> Any:
        """Some of the modules, in a container of the same kind."""
        raise NotImplementedError

    def _name_at(self, index: int) -> str:
        at = operator.index(index)
        if not -len(self) <= at < len(self):
            raise DimError(f"module {at} of a {type(self).__name__} of {len(self)}")
        return list(self._modules)[at]

    def __getitem__(self, index: int | slice) -> Any:
        if isinstance(index, slice):
            return self._part(dict(list(self._modules.items())[index]))
        return self._modules[self._name_at(index)]

    def __setitem__(self, index: int, module: Module) -> None:
        setattr(self, self._name_at(index), module)

    def __delitem__(self, index: int) -> None:
        delattr(self, self._name_at(index))
        kept = list(self)
        self._modules.clear()
        self._fill(kept)

    def __len__(self) -> int:
        return len(self._modules)

    def __iter__(self) -> Iterator[Any]:
        return iter(self._modules.values())

    def append(self, module: Module) -> Self:
        """Add a module at the end."""
        self.add_module(str(len(self)), module)
        return self

    def extend(self, modules: Iterable[Module]) -> Self:
        """Add modules at the end."""
        for module in modules:
            self.append(module)
        return self


class Sequential(_Numbered):
    """Modules applied one after the other, each to the result of the one before.

    >>> from chainrule import nn
    >>> nn.Sequential(nn.Linear(2, 3), nn.Tanh())[0]
    Linear(in_features=2, out_features=3, bias=True)
    """

    def __init__(self, *modules: Module | Mapping[str, Module]) -> None:
        super().__init__()
        named = len(modules) == 1 and isinstance(modules[0], Mapping)
        self._fill(modules[0] if named else modules)

    def _part(self, chosen: dict[str, Module]) -> Sequential:
        return Sequential(chosen)

    def forward(self, x: Any) -> Any:
        for module in self._modules.values():
            x = module(x)
        return x


class ModuleList(_Numbered):
    """A list whose modules belong to the network; it computes nothing by itself.

    >>> from chainrule import nn
    >>> len(nn.ModuleList([nn.Tanh(), nn.Tanh()]).append(nn.ReLU()))
    3
    """

    def __init__(self, modules: Iterable[Module] = ()) -> None:
        super().__init__()
        self._fill(modules)

    def _part(self, chosen: dict[str, Module]) -> ModuleList:
        return ModuleList(chosen.values())

    def __repr__(self) -> str:
        lines, at = [], 0
        for text, alike in groupby(map(repr, self)):  # equal neighbours stand on one line
            count = len(list(alike))
            name = f"({at})" if count == 1 else f"({at}-{at + count - 1})"
            lines.append(f"{name}: {text}" if count == 1 else f"{name}: {count} x {text}")
            at += count
        inside = "\n".join(lines).replace("\n", "\n  ")
        return f"{type(self).__name__}(\n  {inside}\n)" if lines else f"{type(self).__name__}()"


class ModuleDict(Module):
    """Modules by name, which belong to the network; it computes nothing by itself.

    The names are attributes, too.  Raises ArgumentError for a name that is taken or is none, and
    KeyError where there is no such module.

    >>> from chainrule import nn
    >>> choices = nn.ModuleDict({"up": nn.Linear(2, 3), "act": nn.Tanh()})
    >>> list(choices), choices["act"] is choices.act
    (['up', 'act'], True)
    """

    def __init__(self, modules: Any = None) -> None:
        super().__init__()
        self.update({} if modules is None else modules)

    def __getitem__(self, key: str) -> Any:
        return self._modules[key]

    def __setitem__(self, key: str, module: Module) -> None:
        self.add_module(key, module)

    def __delitem__(self, key: str) -> None:
        del self._modules[key]

    def __len__(self) -> int:
        return len(self._modules)

    def __iter__(self) -> Iterator[str]:
        return iter(self._modules)

    def __contains__(self, key: object) -> bool:
        return key in self._modules

    def keys(self) -> Any:
        """The names."""
        return self._modules.keys()

    def values(self) -> Any:
        """The modules."""
        return self._modules.values()

    def items(self) -> Any:
        """Names and modules."""
        return self._modules.items()

    def update(self, modules: Any) -> None:
        """Add the modules of a dict, another ModuleDict, or pairs; a name that is there gets the
        new module."""
        named = isinstance(modules, Mapping | ModuleDict)
        for name, module in modules.items() if named else modules:
            self[name] = module

    def pop(self, key: str) -> Any:
        """Take a module out, and return it."""
        module = self[key]
        del self[key]
        return module

    def clear(self) -> None:
        """Take out all modules."""
        self._modules.clear()
