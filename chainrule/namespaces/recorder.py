"""The recording namespace: every primitive is handed on, as a name, operands and attributes.

Running an op's definition with it shows the primitives that the op is made of.  It never looks at
values, so operands may be whatever the caller records: nodes, numbers, symbolic sizes.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from chainrule.namespaces.contract import PRIMITIVES, Primitive

Emit = Callable[[str, tuple[Any, ...], dict[str, Any]], Any]


class Recorder:
    """A namespace whose every function returns ``emit(name, arrays, attributes)``.

    ``scan`` returns ``emit_scan(body, carry, xs, length)``.

    >>> xp = Recorder(lambda *call: call)
    >>> xp.sum("x", (0,), keepdim=True)
    ('sum', ('x',), {'dims': (0,), 'keepdim': True})
    >>> xp.cat(["x", "y"], 1)
    ('cat', ('x', 'y'), {'dim': 1})
    """

    name = "recorder"

    def __init__(self, emit: Emit, emit_scan: Callable[..., Any] | None = None) -> None:
        self._emit = emit
        self._emit_scan = emit_scan
        for primitive in PRIMITIVES.values():
            setattr(self, primitive.name, _recording(emit, primitive))

    def __getattr__(self, name: str) -> Any:
        raise AttributeError(f"the contract of namespaces has no primitive {name!r}")

    def scan(
        self, body: Callable[..., Any], carry: tuple[Any, ...], xs: tuple[Any, ...], length: Any
    ) -> Any:
        if self._emit_scan is None:
            raise NotImplementedError("this recorder was made without emit_scan")
        return self._emit_scan(body, carry, xs, length)


def _recording(emit: Emit, primitive: Primitive) -> Callable[..., Any]:
    """The function that records one primitive."""
    name, count, expected = primitive.name, primitive.arrays, primitive.attributes
    shown = ("array",) * count if count >= 0 else ("arrays",)
    n = len(shown)

    def record(*operands: Any, **named: Any) -> Any:
        arrays, rest = operands[:n], operands[n:]
        attributes = dict(zip(expected, rest, strict=False)) | named
        given = len(rest) + len(named)
        if len(arrays) < n or len(attributes) < given or attributes.keys() != set(expected):
            raise TypeError(
                f"{name}({', '.join((*shown, *expected))}) got {len(operands)} arguments by "
                f"position and ({', '.join(named)}) by name"
            )
        ordered = {key: attributes[key] for key in expected}
        return emit(name, arrays if count >= 0 else tuple(arrays[0]), ordered)

    record.__name__ = name
    return record
