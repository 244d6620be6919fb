"""Parameters in a list, or by name."""

from __future__ import annotations

import operator
from collections.abc import Iterable, Iterator, Mapping
from typing import Any, Self

from chainrule.core.errors import DimError
from chainrule.core.tensor import Parameter, Tensor
from chainrule.nn.module import Module


def _owned(x: Any) -> Any:
    """A tensor as a parameter."""
    return Parameter(x) if isinstance(x, Tensor) and not isinstance(x, Parameter) else x


class ParameterList(Module):
    """A list of parameters, which belong to the network; tensors become parameters.

    Raises ArgumentError for what is no tensor, DimError for a number that is not in the list.

    >>> import chainrule as cr
    >>> weights = cr.nn.ParameterList([cr.zeros(2), cr.ones(3)])
    >>> len(weights), [p.shape for p in weights.parameters()]
    (2, [(2,), (3,)])
    """

    def __init__(self, values: Iterable[Any] | None = None) -> None:
        super().__init__()
        self.extend(values or ())

    def _name_at(self, index: int) -> str:
        at = operator.index(index)
        if not -len(self) <= at < len(self):
            raise DimError(f"parameter {at} of a ParameterList of {len(self)}")
        return str(at % len(self))

    def __getitem__(self, index: int | slice) -> Any:
        if isinstance(index, slice):
            return ParameterList(list(self)[index])
        return self._parameters[self._name_at(index)]

    def __setitem__(self, index: int, value: Any) -> None:
        self.register_parameter(self._name_at(index), _owned(value))

    def __len__(self) -> int:
        return len(self._parameters)

    def __iter__(self) -> Iterator[Any]:
        return iter(self._parameters.values())

    def append(self, value: Any) -> Self:
        """Add a parameter at the end."""
        self.register_parameter(str(len(self)), _owned(value))
        return self

    def extend(self, values: Iterable[Any]) -> Self:
        """Add parameters at the end."""
        for value in values:
            self.append(value)
        return self

    def extra_repr(self) -> str:
        return _described(self._parameters)


class ParameterDict(Module):
    """Parameters by name, which belong to the network; tensors become parameters.

    Raises ArgumentError for what is no tensor, KeyError where there is no such parameter.

    >>> import chainrule as cr
    >>> weights = cr.nn.ParameterDict({"left": cr.zeros(2)})
    >>> weights["right"] = cr.ones(3)
    >>> list(weights.state_dict()), weights.left.requires_grad
    (['left', 'right'], True)
    """

    def __init__(self, parameters: Any = None) -> None:
        super().__init__()
        self.update({} if parameters is None else parameters)

    def __getitem__(self, key: str) -> Any:
        return self._parameters[key]

    def __setitem__(self, key: str, value: Any) -> None:
        self.register_parameter(key, _owned(value))

    def __delitem__(self, key: str) -> None:
        del self._parameters[key]

    def __len__(self) -> int:
        return len(self._parameters)

    def __iter__(self) -> Iterator[str]:
        return iter(self._parameters)

    def __contains__(self, key: object) -> bool:
        return key in self._parameters

    def keys(self) -> Any:
        """The names."""
        return self._parameters.keys()

    def values(self) -> Any:
        """The parameters."""
        return self._parameters.values()

    def items(self) -> Any:
        """Names and parameters."""
        return self._parameters.items()

    def get(self, key: str, default: Any = None) -> Any:
        """A parameter, or ``default`` where there is none of this name."""
        return self._parameters.get(key, default)

    def update(self, parameters: Any) -> None:
        """Add the parameters of a dict, another ParameterDict, or pairs."""
        named = isinstance(parameters, Mapping | ParameterDict)
        for name, value in parameters.items() if named else parameters:
            self[name] = value

    def pop(self, key: str) -> Any:
        """Take a parameter out, and return it."""
        value = self[key]
        del self[key]
        return value

    def clear(self) -> None:
        """Take out all parameters."""
        self._parameters.clear()

    def extra_repr(self) -> str:
        return _described(self._parameters)


def _described(parameters: Mapping[str, Any]) -> str:
    """What is printed of parameters: one a line."""
    return "".join(
        f"({name}): Parameter containing: [{p.dtype.name} of size {'x'.join(map(str, p.shape))}]\n"
        for name, p in parameters.items()
    )
