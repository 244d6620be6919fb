"""NumPy source: the namespace whose arrays are pieces of a program.

Each function of the contract gives the expression that a person would write with NumPy for it:
operators, methods of arrays, functions of ``np``.  What NumPy broadcasts by itself is not written
out.  A few functions have no expression; they are calls of the short functions in
`source_helpers`.

>>> x = Text("x", shape=(2, 3))
>>> print(source.sum(source.multiply(x, 0.5), (1,), False))
(x * 0.5).sum(axis=1)
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from fractions import Fraction
from typing import Any

from chainrule.namespaces.recorder import Recorder

ATOM = 100
"""The precedence of what never needs brackets."""
SUM, PRODUCT, SIGN, POWER = 1, 2, 3, 4


@dataclass(frozen=True)
class Text:
    """An expression: how it is written, how tightly it holds together, and its shape.

    ``short`` is a shorter one that broadcasts to it, ``base`` one of the same entries, row by row,
    in another shape.
    """

    text: str
    precedence: int = ATOM
    shape: tuple[Any, ...] = ()
    short: Text | None = None
    base: Text | None = None

    def __str__(self) -> str:
        return self.text

    def within(self, precedence: int) -> str:
        """The expression, in brackets if it holds together less than ``precedence``."""
        return self.text if self.precedence >= precedence else f"({self.text})"


class Unwritten(ValueError):
    """A function of the contract that has no text in NumPy."""


OPERATORS = {
    "add": ("+", SUM), "subtract": ("-", SUM), "multiply": ("*", PRODUCT),
    "divide": ("/", PRODUCT), "floor_divide": ("//", PRODUCT), "remainder": ("%", PRODUCT),
    "power": ("**", POWER), "equal": ("==", 0), "less": ("<", 0), "less_equal": ("<=", 0),
}  # fmt: skip
"""Between the operands; those of `SUM` and `PRODUCT` are read from the left."""

FUNCTIONS = {
    "absolute": "np.abs({0})", "larger": "np.maximum({0}, {1})", "relu": "np.maximum({0}, 0)",
    "round": "np.rint({0})", "erf": "np.vectorize(math.erf)({0})",
    "erfc": "np.vectorize(math.erfc)({0})", "real": "np.real({0})", "imag": "np.imag({0})",
}  # fmt: skip
"""Element-wise functions that NumPy does not have under the same name."""

PLAIN = {
    "arctan2", "hypot", "maximum", "minimum", "sign", "sqrt", "exp", "expm1", "log", "log1p",
    "log2", "log10", "sin", "cos", "sinh", "cosh", "tanh", "arcsinh", "arccosh", "arctanh",
    "floor", "conj", "logical_not", "logical_and", "logical_or", "bitwise_and", "where",
}  # fmt: skip
"""Those that it has."""


def number(value: Any) -> Text:
    """A number as Python writes it.

    >>> print(number(2.0), number(-0.5), number(Fraction(1, 3)))
    2 -0.5 0.3333333333333333
    """
    if isinstance(value, Fraction):
        value = float(value)
    if isinstance(value, float):
        value = float(value)  # without what a constant knows besides
        words = {"inf": "np.inf", "-inf": "-np.inf", "nan": "np.nan"}
        text = words.get(repr(value), repr(value).removesuffix(".0"))
    else:
        text = repr(value)
    return Text(text, SIGN if text.startswith("-") else ATOM)


def sizes(shape: Sequence[Any]) -> str:
    """A shape as a tuple: ``(2, 3)``, ``(N,)``."""
    words = [str(size) for size in shape]
    return f"({', '.join(words)}{',' if len(words) == 1 else ''})"


def axes(dims: Sequence[int]) -> str:
    """One axis as a number, several as a tuple."""
    return str(dims[0]) if len(dims) == 1 else sizes(dims)


def joint(shapes: Sequence[tuple[Any, ...]]) -> tuple[Any, ...]:
    """The shape that several broadcast to, of which it is known that they do."""
    rank = max(map(len, shapes), default=0)
    full = [(1,) * (rank - len(shape)) + tuple(shape) for shape in shapes]
    return tuple(next((n for n in column if n != 1), 1) for column in zip(*full, strict=True))


def _shortened(operands: Sequence[Text]) -> list[Text]:
    """The operands, as far as possible as what broadcasts to them."""
    found = list(operands)
    wanted = joint([x.shape for x in found])
    for i, operand in enumerate(found):
        short = operand.short
        while short is not None:
            tried = [*found[:i], short, *found[i + 1 :]]
            if joint([x.shape for x in tried]) == wanted:
                found = tried
            short = short.short
    return found


def _elementwise(name: str, operands: Sequence[Text]) -> Text:
    parts = _shortened(operands)
    shape = joint([x.shape for x in parts])
    if name in OPERATORS:
        sign, level = OPERATORS[name]
        chained = level in (SUM, PRODUCT)
        left = parts[0].within(level if chained else level + 1)
        return Text(f"{left} {sign} {parts[1].within(level + 1)}", level, shape)
    words = [x.text for x in parts]
    if name in PLAIN:
        return Text(f"np.{name}({', '.join(words)})", ATOM, shape)
    if name not in FUNCTIONS:
        raise Unwritten(name)
    return Text(FUNCTIONS[name].format(*words), ATOM, shape)


def _called(x: Text, method: str, *arguments: Any, **named: Any) -> Text:
    """A method of an array; what is none yet is made one."""
    words = [*map(str, arguments), *(f"{word}={value}" for word, value in named.items())]
    owner = x.within(ATOM) if x.shape else f"np.asarray({x})"
    return Text(f"{owner}.{method}({', '.join(words)})")


def _reducing(method: str) -> Callable[..., Text]:
    def along(x: Text, dims: Sequence[int], keepdim: bool) -> Text:
        if not dims:
            return x
        left = tuple(n for i, n in enumerate(x.shape) if i not in dims)
        axis = {} if not left else {"axis": axes(dims)}
        made = replace(_called(x, method, **axis), shape=left)
        if not keepdim:
            return made
        return replace(_called(x, method, axis=axes(dims), keepdims=True), base=made)

    return along


def _reshape(x: Text, shape: Sequence[Any]) -> Text:
    start = x.base or x
    if tuple(shape) == x.shape:
        return x
    if tuple(shape) == start.shape:
        return start
    short = start if _leads(start.shape, shape) else None
    if not start.shape:
        made = Text(f"np.reshape({start}, {sizes(shape)})")
    elif (marks := _new_axes(start.shape, shape)) is not None:
        made = Text(f"{start.within(ATOM)}[{marks}]")
    else:
        made = _called(start, "reshape", *(shape or ["()"]))
    return replace(made, short=short, base=start)


def _leads(before: Sequence[Any], after: Sequence[Any]) -> bool:
    """Whether a shape is another one with axes of size 1 in front."""
    new = len(after) - len(before)
    return list(after) == [1] * new + list(before)


def _new_axes(before: Sequence[Any], after: Sequence[Any]) -> str | None:
    """The index that adds axes of size 1, ``:, None``; None where that is not all."""
    marks, at = [], 0
    for size in after:
        if at < len(before) and before[at] == size:
            marks.append(":")
            at += 1
        elif size == 1:
            marks.append("None")
        else:
            return None
    if at < len(before) or "None" not in marks:
        return None
    while marks[-1] == ":":
        marks.pop()
    return ", ".join(marks)


def _permute(x: Text, dims: Sequence[int]) -> Text:
    rank = len(dims)
    if x.base is not None and [d for d in dims if x.shape[d] != 1] == [
        d for d in range(rank) if x.shape[d] != 1
    ]:
        return _reshape(x, tuple(x.shape[d] for d in dims))
    if rank > 1 and list(dims) == list(range(rank))[::-1]:
        return Text(f"{x.within(ATOM)}.T")
    if rank > 2 and list(dims) == [*range(rank - 2), rank - 1, rank - 2]:
        return _called(x, "swapaxes", -1, -2)
    return _called(x, "transpose", *dims)


def _matmul(a: Text, b: Text) -> Text:
    """A product; of vectors, which come as columns and rows, as NumPy has it."""
    made = Text(f"{a.within(PRODUCT)} @ {b.within(SIGN)}", PRODUCT)
    left, right = _vector(a, 1), _vector(b, 0)
    if left is not None and right is not None:
        return Text(f"np.outer({left}, {right})")
    left, right = _vector(a, 0) or a, _vector(b, 1) or b
    shape = (*left.shape[: len(left.shape) - 1], *right.shape[1:])
    if len(left.shape) > 2 or len(right.shape) > 2:
        return made
    return replace(
        made, base=Text(f"{left.within(PRODUCT)} @ {right.within(SIGN)}", PRODUCT, shape)
    )


def _vector(x: Text, at: int) -> Text | None:
    """The vector that a matrix is the row (its axis ``at`` 0 is new) or the column of."""
    base = x.base
    if base is None or len(base.shape) != 1 or len(x.shape) != 2 or x.shape[at] != 1:
        return None
    return base if x.shape[1 - at] == base.shape[0] else None


def _slice(x: Text, index: Sequence[slice]) -> Text:
    return x if whole(index, x.shape) else Text(f"{x.within(ATOM)}[{_span(index, x.shape)}]")


def whole(index: Sequence[slice], shape: Sequence[Any]) -> bool:
    """Whether an index takes every entry of a shape, as it is.

    >>> whole((slice(0, 3, 1),), (3,)), whole((slice(0, 3, 2),), (3,))
    (True, False)
    """
    pairs = zip(index, shape, strict=True)
    return all((part.start, part.stop, part.step) == (0, size, 1) for part, size in pairs)


def _span(index: Sequence[slice], shape: Sequence[Any]) -> str:
    words = []
    for part, size in zip(index, shape, strict=True):
        start = "" if part.start == 0 else str(part.start)
        stop = "" if part.stop == size else str(part.stop)
        words.append(f"{start}:{stop}" + (f":{part.step}" if part.step != 1 else ""))
    return ", ".join(words)


def _place(x: Text, index: Sequence[slice], shape: Sequence[Any]) -> Text:
    if whole(index, shape):
        return x
    return Text(f"place({x}, np.s_[{_span(index, shape)}], {sizes(shape)})")


def _expand(x: Text, shape: Sequence[Any]) -> Text:
    return Text(f"np.broadcast_to({x}, {sizes(shape)})", shape=tuple(shape), short=x)


def _pad(x: Text, widths: Sequence[tuple[int, int]], value: Any) -> Text:
    told = f", constant_values={number(value)}" if value else ""
    return Text(f"np.pad({x}, {sizes([sizes(pair) for pair in widths])}{told})")


def _windows(x: Text, size: Sequence[int], stride: Sequence[int], dilation: Sequence[int]) -> Text:
    wide = [(n - 1) * d + 1 for n, d in zip(size, dilation, strict=True)]
    over = range(-len(size), 0)
    made = f"np.lib.stride_tricks.sliding_window_view({x}, {sizes(wide)}, axis={sizes(over)})"
    if any(n != 1 for n in (*stride, *dilation)):
        made += f"[..., {', '.join(f'::{n}' for n in (*stride, *dilation))}]"
    return Text(made)


def _gather(x: Text, index: Text, dim: int) -> Text:
    whole = [slice(0, n, 1) for n in x.shape]
    read = [s if d == dim else slice(0, n, 1) for d, (s, n) in
            enumerate(zip(whole, index.shape, strict=True))]  # fmt: skip
    part = x if read == whole else Text(f"{x.within(ATOM)}[{_span(read, x.shape)}]")
    return Text(f"np.take_along_axis({part}, {index}, axis={dim})")


def _full(shape: Sequence[Any], value: Any, dtype: str) -> Text:
    one = number(value)
    if not shape:
        return one
    kind = "" if dtype.startswith(("float", "exact")) else f', "{dtype}"'
    if value == 0:
        return Text(f"np.zeros({sizes(shape)}{kind})", short=one)
    return Text(f"np.full({sizes(shape)}, {one}{kind})", short=one)


def _cast(x: Text, dtype: str) -> Text:
    made = _called(x, "astype", f'"{dtype}"')
    return replace(made, short=None if x.short is None else _cast(x.short, dtype))


def _unknown(arrays: Sequence[Text], function: str, orders: Sequence[int]) -> Text:
    name = function + "".join(f"_d{i}" * n for i, n in enumerate(orders))
    return Text(f"{name}({', '.join(x.text for x in arrays)})")


def _refused(name: str) -> Callable[..., Text]:
    def refuse(*operands: Any, **attributes: Any) -> Text:
        raise Unwritten(name)

    return refuse


WRITTEN: dict[str, Callable[..., Text]] = {
    "negative": lambda x: Text(f"-{x.within(SIGN)}", SIGN, x.shape),
    "complex": lambda re, im: Text(f"{re.within(SUM)} + 1j * {im.within(SIGN)}", SUM),
    "sum": _reducing("sum"), "prod": _reducing("prod"),
    "amax": _reducing("max"), "amin": _reducing("min"),
    "argmax": lambda x, dim, keepdim: _reducing("argmax")(x, (dim,), keepdim),
    "argmin": lambda x, dim, keepdim: _reducing("argmin")(x, (dim,), keepdim),
    "argsort": lambda x, dim: _called(x, "argsort", axis=dim, kind='"stable"'),
    "cumsum": lambda x, dim: _called(x, "cumsum", axis=dim),
    "reshape": _reshape, "permute": _permute, "expand": _expand, "slice": _slice,
    "place": _place, "pad": _pad, "windows": _windows,
    "flip": lambda x, dims: Text(f"np.flip({x}, axis={axes(dims)})"),
    "cat": lambda xs, dim: Text(f"np.concatenate({sizes(xs)}, axis={dim})"),
    "fold": lambda x, *numbers: Text(f"fold({x}, {', '.join(map(sizes, numbers))})"),
    "matmul": _matmul,
    "einsum": lambda xs, equation: Text(
        f'np.einsum("{equation}", {", ".join(x.text for x in xs)})'
    ),
    "solve": lambda a, y: Text(f"np.linalg.solve({a}, {y})"),
    "det": lambda a: Text(f"np.linalg.det({a})"),
    "slogdet": lambda a: Text(f"np.stack(np.linalg.slogdet({a}))"),
    "gather": _gather,
    "take": lambda x, index, dim: Text(f"np.take({x}, {index}, axis={dim})"),
    "scatter": lambda x, i, y, dim: Text(f"scatter({x}, {i}, {y}, {dim})"),
    "scatter_add": lambda x, i, y, dim: Text(f"scatter_add({x}, {i}, {y}, {dim})"),
    "index_add": lambda x, i, y, dim: Text(f"index_add({x}, {i}, {y}, {dim})"),
    "full": _full, "cast": _cast, "unknown": _unknown,
    "arange": lambda stop, dtype: Text(f'np.arange({stop}, dtype="{dtype}")'),
    "detach": lambda x: x, "step": lambda x, label: x, "with_value": lambda old, new: new,
    "shift": lambda x, dim: _called(x, "max", axis=dim, keepdims=True),
    "clip_below": lambda x, low: Text(f"np.maximum({x}, {number(low)})"),
    "uniform": _refused("uniform"),
}  # fmt: skip
"""What each function but the element-wise ones is written as."""


def _written(name: str, arrays: tuple[Any, ...], attributes: dict[str, Any]) -> Text:
    """The expression for one call of a function of the contract."""
    operands = [x if isinstance(x, Text) else number(x) for x in arrays]
    if name not in WRITTEN:
        return _elementwise(name, operands)
    several = name in ("cat", "einsum", "unknown")
    given = (operands,) if several else operands
    return WRITTEN[name](*given, *attributes.values())


source = Recorder(_written, _refused("scan"))
"""The namespace whose arrays are `Text`."""

__all__ = ["Text", "Unwritten", "number", "source"]
