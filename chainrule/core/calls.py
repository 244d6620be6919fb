"""Calls of ops: which arguments are operands, which are attributes, and what they default to."""

from __future__ import annotations

import inspect
from typing import Any, ClassVar

from chainrule.core import dtypes as dt
from chainrule.core.errors import ArgumentError
from chainrule.core.size import asked

REQUIRED: Any = inspect.Parameter.empty
"""The default of an attribute that has none."""
CALLS_KEPT = 1024
"""Attributes of so many different calls are remembered, for each op."""


class Called:
    """What is called with operands and attributes; the parameters of `forward` name them."""

    name: ClassVar[str]
    forward: Any
    keywords: ClassVar[tuple[str, ...]] = ("input", "other")
    inputs: ClassVar[tuple[str, ...]]
    optional: ClassVar[int]
    variadic: ClassVar[bool]
    defaults: ClassVar[dict[str, Any]]
    plain_calls: ClassVar[frozenset[int]]
    bound: dict[Any, dict[str, Any]]

    def canonical(self, attrs: dict[str, Any]) -> dict[str, Any]:
        """Attributes in the one form that nodes store; raises ArgumentError."""
        return attrs

    @classmethod
    def read_forward(cls) -> None:
        """Take operands and attributes from the parameters of ``forward``."""
        parameters = list(inspect.signature(cls.forward).parameters.values())[2:]
        attrs = [p for p in parameters if p.kind is p.KEYWORD_ONLY]
        operands = [p for p in parameters if p.kind is not p.KEYWORD_ONLY]
        cls.variadic = bool(operands) and operands[0].kind is inspect.Parameter.VAR_POSITIONAL
        cls.inputs = tuple(p.name for p in operands)
        cls.optional = sum(p.default is None for p in operands)
        cls.defaults = {p.name: p.default for p in attrs}
        n = len(cls.inputs)
        simple = not cls.variadic and not attrs
        cls.plain_calls = frozenset(range(n - cls.optional, n + 1)) if simple else frozenset()

    def _bind_again(
        self, args: tuple[Any, ...], kwargs: dict[str, Any]
    ) -> tuple[tuple[Any, ...], dict[str, Any]]:
        """`bind`, remembering the attributes of calls with the same keywords."""
        if len(args) != len(self.inputs) or self.optional or self.variadic or asked.oracle:
            return self.bind(args, kwargs)
        key = (dt._default, *kwargs.items(), *map(type, kwargs.values()))
        try:
            attrs = self.bound.get(key)
        except TypeError:  # a list among the attributes
            return self.bind(args, kwargs)
        if attrs is None:
            args, attrs = self.bind(args, kwargs)
            if len(self.bound) > CALLS_KEPT:
                self.bound.clear()
            self.bound[key] = attrs
        return args, attrs

    def bind(
        self, args: tuple[Any, ...], kwargs: dict[str, Any]
    ) -> tuple[tuple[Any, ...], dict[str, Any]]:
        """Sort a call's arguments into operands and attributes; raises ArgumentError."""
        if self.variadic:
            if not args and "tensors" in kwargs:
                args = (kwargs.pop("tensors"),)
            if not args or not isinstance(args[0], list | tuple):
                raise ArgumentError(
                    f"{self.name} takes a list or tuple of tensors first", expected=self.usage()
                )
            operands, rest = list(args[0]), args[1:]
        else:
            n = len(self.inputs)
            operands, rest = list(args[:n]), args[n:]
            if len(operands) < n or self.optional:
                self._complete(operands, kwargs)
        attrs = dict(self.defaults)
        if len(rest) > len(attrs):
            raise ArgumentError(
                f"{self.name} was given {len(operands) + len(rest)} arguments",
                expected=self.usage(),
            )
        attrs.update(zip(attrs, rest, strict=False))
        if kwargs:
            unknown = kwargs.keys() - attrs.keys()
            if unknown:
                raise ArgumentError(
                    f"{self.name} has no argument '{min(unknown)}'", expected=self.usage()
                )
            attrs.update(kwargs)
        for name, value in attrs.items():
            if value is REQUIRED:
                raise ArgumentError(
                    f"{self.name} misses its argument '{name}'", expected=self.usage()
                )
            if type(value) is list:
                attrs[name] = _frozen(value)
        return tuple(operands), self.canonical(attrs)

    def _complete(self, operands: list[Any], kwargs: dict[str, Any]) -> None:
        """Take operands that were given by name; drop optional ones that were given as None."""
        n = len(self.inputs)
        for i in range(len(operands), n):
            word = next((w for w in self._words(i) if w in kwargs), None)
            if word is None:
                break
            operands.append(kwargs.pop(word))
        while operands and operands[-1] is None and len(operands) > n - self.optional:
            operands.pop()
        if len(operands) < n - self.optional:
            raise ArgumentError(
                f"{self.name} misses its operand '{self.inputs[len(operands)]}'",
                expected=self.usage(),
            )

    def _words(self, i: int) -> tuple[str, ...]:
        """The names that operand ``i`` can be given by: PyTorch's, and that of ``forward``."""
        return (*" ".join(self.keywords[i : i + 1]).split(), self.inputs[i])

    def usage(self) -> str:
        """The call as text: ``softmax(x, dim)``."""
        attrs = [n if v is REQUIRED else f"{n}={v!r}" for n, v in self.defaults.items()]
        return f"{self.name}({', '.join([*self.inputs, *attrs])})"


def _frozen(value: Any) -> Any:
    """Lists as tuples, all the way down, so that attributes can be compared and hashed."""
    return tuple(map(_frozen, value)) if isinstance(value, list) else value
