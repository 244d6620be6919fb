"""The attributes of a call that are worth telling, each in the fewest words that say the same."""

from __future__ import annotations

from collections.abc import Callable
from fractions import Fraction
from types import NoneType
from typing import Any

from chainrule.core.dtypes import DType
from chainrule.core.errors import ChainruleError
from chainrule.core.op import REQUIRED, Op
from chainrule.core.size import Size
from chainrule.readings.explain.terms import Call


def told(made: Call) -> dict[str, Any]:
    """What a formula tells of a call: attributes that change numbers and that are not as usual."""
    return unusual(made.op, _telling(made))


def unusual(op: Op, attrs: dict[str, Any]) -> dict[str, Any]:
    """The attributes that are not as usual, in few words: 2 for (2, 2), where it says the same.

    >>> from chainrule.ops.reduce.reductions import sum
    >>> unusual(sum, {"dim": (0,), "keepdim": False, "dtype": None})
    {'dim': 0}
    """
    shown = {k: v for k, v in attrs.items() if v is not None and not _usual(op, attrs, k)}
    return {name: _brief(op, attrs, name) for name in shown}


def _telling(made: Call) -> dict[str, Any]:
    """The attributes that numbers depend on: of a reduction not whether axes of size 1 are kept,
    as no entry does."""
    if made.op.kind != "reduce" or not made.args:
        return made.attrs
    return {k: v for k, v in made.attrs.items() if v is not True or not _about_axes(made, k)}


def _about_axes(made: Call, name: str) -> bool:
    """Whether the result only loses axes of size 1 where the attribute is False."""
    try:
        other = made.op.shape(*(arg.shape for arg in made.args), **{**made.attrs, name: False})
    except ChainruleError:
        return False
    flat = [[n for n in shape if n != 1] for shape in (other, made.shape)]
    return other != made.shape and flat[0] == flat[1]


def _usual(op: Op, attrs: dict[str, Any], name: str) -> bool:
    """Whether the call would say the same without the attribute."""
    usual = op.defaults.get(name, REQUIRED)
    return usual is not REQUIRED and _says_the_same(op, attrs, name, usual)


def _brief(op: Op, attrs: dict[str, Any], name: str) -> Any:
    """The attribute's value; one number where that says the same as several equal ones."""
    value = attrs[name]
    if type(value) is not tuple or hasattr(value, "step") or not value:
        return value
    alike = len(value) == 1 or (type(value[0]) is int and len(set(value)) == 1)
    brief = alike and (len(value) == 1 or _says_the_same(op, attrs, name, value[0]))
    return value[0] if brief and not isinstance(value[0], tuple) else value


def _says_the_same(op: Op, attrs: dict[str, Any], name: str, value: Any) -> bool:
    """Whether the attributes in their canonical form are the same with another value of one."""
    if attrs[name] == value:
        return True
    try:
        return op.canonical({**attrs, name: value}) == attrs
    except (ChainruleError, TypeError, ValueError):
        return False


_PLAIN = (str, int, float, complex, Fraction, Size, NoneType)


def attribute(value: Any, plain: Callable[[Any], str] = repr) -> str:
    """An attribute's value, slices as they stand in an index; a graph is too long to be shown.
    ``plain`` writes what is a number or a word."""
    if isinstance(value, DType):
        return plain(value.name) if plain is not repr else value.name
    if isinstance(value, tuple) and (step := getattr(value, "step", None)):
        return ":".join(map(str, value if step != 1 else value[:2]))
    if isinstance(value, tuple):
        return f"({entries(value, plain=plain)}{',' * (len(value) == 1)})"
    return plain(value) if isinstance(value, _PLAIN) else "…"


def entries(value: Any, of: tuple[Any, ...] = (), plain: Callable[[Any], str] = repr) -> str:
    """An attribute where the notation has brackets of its own: ``x[0, 1:3]``; where it says which
    entries, not the last axes ``of`` the operand, of which all are taken."""
    if type(value) is not tuple:
        return attribute(value, plain)
    parts, sizes = list(value), list(of)
    if len(parts) - parts.count(None) == len(sizes):
        while sizes and len(parts) > 1 and parts[-1] == (0, sizes[-1], 1):
            del parts[-1], sizes[-1]
    return ", ".join(attribute(part, plain) for part in parts)
