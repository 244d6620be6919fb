"""What a namespace is: the list of primitives, and who has which.

A namespace is an object with one function per primitive.  Its arrays have ``shape`` (a tuple) and
support nothing else that a caller may rely on: arithmetic goes through the functions.  Conventions
that hold for every function of every namespace:

* dtypes are given by name (``"float32"``); functions never promote: floating operands arrive with
  one dtype.  A Python number may stand for an operand of an element-wise function; it takes the
  dtype of the other operands (``multiply(x, 0.5)``), and is a `Constant` where no decimal is it
  (``multiply(x, PI)``);
* arrays are passed by position, attributes in the table's order or by name, always all of them;
  ``cat``, ``einsum`` and ``unknown`` take theirs as one sequence: ``cat((x, y), dim)``;
* ``dim`` is one non-negative int; ``dims`` a tuple of them;
* an ``index`` is a tuple with one ``slice`` per axis, start, stop and step all written out, the
  step at least 1;
* arrays are never changed: every function returns a new array or a view.
"""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Primitive:
    """One function of the contract: its name, how many arrays it takes (-1: any number), the names
    of its attributes in order, and how many arrays it returns."""

    name: str
    arrays: int
    attributes: tuple[str, ...] = ()
    outputs: int = 1


def _table(text: str) -> dict[str, Primitive]:
    """Read lines of ``name arrays attribute …`` into primitives."""
    rows = (line.split() for line in text.strip().splitlines())
    return {name: Primitive(name, int(n), tuple(attributes)) for name, n, *attributes in rows}


ELEMENTWISE = _table("""
    add 2
    subtract 2
    multiply 2
    divide 2
    power 2
    floor_divide 2
    remainder 2
    arctan2 2
    hypot 2
    maximum 2
    minimum 2
    larger 2
    negative 1
    absolute 1
    sign 1
    relu 1
    sqrt 1
    exp 1
    expm1 1
    log 1
    log1p 1
    log2 1
    log10 1
    sin 1
    cos 1
    sinh 1
    cosh 1
    tanh 1
    arcsinh 1
    arccosh 1
    arctanh 1
    erf 1
    erfc 1
    erfinv 1
    floor 1
    round 1
    conj 1
    real 1
    imag 1
    complex 2
    equal 2
    less 2
    less_equal 2
    logical_not 1
    logical_and 2
    logical_or 2
    bitwise_and 2
    where 3
""")
"""Element-wise, with NumPy's broadcasting. ``complex(re, im)`` joins two real arrays; ``sign`` is 0
at 0 and for NaN; ``relu`` is x where x is positive, else 0, with derivative 0 at 0;
``where(condition, a, b)``; ``maximum`` and ``minimum`` pass NaN on, equal operands sharing the
derivative; ``larger`` is the maximum whose derivative belongs to the first of equal operands.
``floor_divide`` rounds the quotient down and ``remainder`` has the sign of the divisor, as Python's
``//`` and ``%``; ``round`` takes halves to the even number; ``arctan2(y, x)`` is the angle of the
point (x, y); ``erfc`` is 1 - erf, ``erfinv`` the inverse of erf; ``bitwise_and`` takes whole
numbers, or bools."""

REDUCE = _table("""
    sum 1 dims keepdim
    prod 1 dims keepdim
    amax 1 dims keepdim
    amin 1 dims keepdim
    argmax 1 dim keepdim
    argmin 1 dim keepdim
    argsort 1 dim
    cumsum 1 dim
""")
"""``argmax`` and ``argmin`` say where the first maximum or minimum is, int64; ``argsort`` where the
entries stand that come first, second, … in rising order, equal ones as they come and NaN last."""

MOVE = _table("""
    reshape 1 shape
    permute 1 dims
    expand 1 shape
    slice 1 index
    place 1 index shape
    flip 1 dims
    pad 1 widths value
    cat -1 dim
    windows 1 size stride dilation
    fold 1 shape size stride dilation
""")
"""``expand`` broadcasts to ``shape``; ``place(x, index, shape)`` is zeros of ``shape`` with x at
``index`` (the adjoint of ``slice``); ``pad`` takes one (before, after) pair per axis, each at least
0; ``windows`` over the trailing len(size) axes: (*b, *spatial) -> (*b, *out, *size), where
out = (spatial - dilation * (size - 1) - 1) // stride + 1; ``fold(x, shape, …)`` adds windows back
into zeros of ``shape`` (its adjoint)."""

CONTRACT = _table("""
    matmul 2
    einsum -1 equation
    solve 2
    det 1
    slogdet 1
""")
"""``matmul`` takes (*b, m, k) and (*b, k, n), batch axes broadcasting, at least two axes each;
``solve(a, y)`` is the x of ``a x = y``, of (*b, n, n) and (*b, n, k) with the same batch axes, and
fails with ZeroDivisionError for a singular ``a``; ``det`` takes (*b, n, n), and so does
``slogdet``, of real matrices, which gives (2, *b): the signs of the determinants and the logarithms
of their absolute values."""

LOOKUP = _table("""
    gather 2 dim
    scatter 3 dim
    scatter_add 3 dim
    take 2 dim
    index_add 3 dim
""")
"""``gather(x, index, dim)``, ``scatter(x, index, source, dim)`` (x with entries replaced; where an
index comes twice, the last one stays) and ``scatter_add(x, index, source, dim)`` as in PyTorch
(index has x's rank, and may be smaller along every axis but ``dim``); ``take(x, index, dim)``
replaces axis ``dim`` of x by all the axes of ``index``; ``index_add(x, index, source, dim)`` is
its adjoint: x plus ``source`` added at the places ``take`` would read.  Indices are int64 and
never negative."""

SOURCE = _table("""
    full 0 shape value dtype
    arange 0 stop dtype
    uniform 1 shape
""")
"""``full`` and ``arange`` (0, 1, …, stop - 1) make arrays of ``dtype``; ``uniform(state, shape)``
gives float64 draws in [0, 1) from the int64 array ``state = (seed, counter)``."""

STRUCTURAL = _table("""
    cast 1 dtype
    detach 1
    shift 1 dim
    with_value 2
    clip_below 1 low
    step 1 label
    unknown -1 function orders
""")
"""``cast`` changes the dtype; ``detach`` is the identity whose tangent is zero; ``with_value(old,
new)`` has the value of ``new`` and the tangent of ``old``; ``shift(x, dim)`` is a stabiliser,
constant for derivatives: the maximum along ``dim`` (axis kept) in floats, 0 in exact arithmetics;
``clip_below(x, low)``, a stabiliser too, is the maximum of x and ``low`` in floats (its derivative
0 where x is below) and x itself in exact arithmetics; ``step(x, label)`` is the identity, and
marks a quantity that a person would write down while computing the op; ``unknown((x, y), function,
orders)`` is an abstract function of the name ``function``, differentiated so often by each operand.

``scan(body, carry, xs, length)``, not in the table because it takes a function, calls
``carry, y = body(carry, x)`` (tuples of arrays) ``length`` times over the leading axis of each of
``xs`` and returns the last carry and the stacked ys."""

PRIMITIVES: dict[str, Primitive] = {
    **ELEMENTWISE,
    **REDUCE,
    **MOVE,
    **CONTRACT,
    **LOOKUP,
    **SOURCE,
    **STRUCTURAL,
}
"""Every primitive but ``scan``, by name."""


def has(namespace: object, name: str) -> bool:
    """Whether ``namespace`` computes the primitive ``name``."""
    return callable(getattr(namespace, name, None))
