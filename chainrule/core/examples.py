"""What an op gives as examples: cases for the tests, and mistakes that people make."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from chainrule.core.dtypes import DType
from chainrule.core.signature import Shape

if TYPE_CHECKING:
    from chainrule.core.tensor import Tensor


@dataclass(frozen=True)
class Example:
    """Operand shapes, their dtypes where not the default, and attributes: a case for the tests."""

    shapes: tuple[Shape, ...]
    attrs: dict[str, Any] = field(default_factory=dict)
    dtypes: tuple[DType | None, ...] = ()


def example(*shapes: Shape, dtypes: tuple[DType | None, ...] = (), **attrs: Any) -> Example:
    """An `Example`, as it is written in a class.

    >>> example((2, 3), dim=1).attrs
    {'dim': 1}
    """
    return Example(shapes, attrs, dtypes)


@dataclass(frozen=True)
class Slip:
    """A common mistake: what the node is replaced by, and the sentence that names it."""

    sentence: str
    replace: Callable[..., Tensor]
