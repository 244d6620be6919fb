"""Functions that stand for unknown smooth ones: sigma, its derivative sigma', partial derivatives.

Such a function has a name and nothing else.  Its derivatives are functions of the same kind, told
apart by their orders: how often it was differentiated by each argument.  In exact arithmetic it is
a function of SymPy's; in floats there is nothing that it could be.
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import cache
from typing import Any

_LETTERS = (
    "alpha α beta β gamma γ delta δ epsilon ε zeta ζ eta η theta θ iota ι kappa κ lambda λ mu μ "
    "nu ν xi ξ pi π rho ρ sigma σ tau τ upsilon υ phi φ chi χ psi ψ omega ω ell ℓ Gamma Γ "
    "Delta Δ Theta Θ Lambda Λ Xi Ξ Pi Π Sigma Σ Phi Φ Psi Ψ Omega Ω"
)
_WORDS = _LETTERS.split()
GREEK = dict(zip(_WORDS[::2], _WORDS[1::2], strict=True))
"""The letters that names spell out.  Each is LaTeX's command of that name, too."""

PRIMES = 3
"""A derivative of higher order is written with its number: σ⁽⁴⁾."""

_LOW = str.maketrans("0123456789", "₀₁₂₃₄₅₆₇₈₉")
_HIGH = str.maketrans("0123456789", "⁰¹²³⁴⁵⁶⁷⁸⁹")


def mark(function: str, orders: Sequence[int], latex: bool = False) -> str:
    r"""How the derivative of these orders is written, in text or in LaTeX.

    >>> mark("sigma", (0,)), mark("sigma", (1,)), mark("ell", (0, 1)), mark("ell", (2, 1))
    ('σ', "σ'", '∂₂ℓ', '∂₁²∂₂ℓ')
    >>> print(mark("sigma", (2,), latex=True), mark("ell", (2, 1), latex=True))
    \sigma'' \partial_{1}^{2}\partial_{2}\ell
    """
    name = _latex_name(function) if latex else GREEK.get(function, function)
    if len(orders) == 1:
        (order,) = orders
        if order <= PRIMES:
            return name + "'" * order
        return f"{name}^{{({order})}}" if latex else f"{name}⁽{str(order).translate(_HIGH)}⁾"
    return "".join(_partial(i, n, latex) for i, n in enumerate(orders, 1) if n) + name


def _partial(argument: int, order: int, latex: bool) -> str:
    """The sign of ``order`` derivatives by one argument."""
    if latex:
        return rf"\partial_{{{argument}}}" + (f"^{{{order}}}" if order > 1 else "")
    high = str(order).translate(_HIGH) if order > 1 else ""
    return f"∂{str(argument).translate(_LOW)}{high}"


def _latex_name(function: str) -> str:
    if function in GREEK:
        return f"\\{function}"
    escaped = function.replace("_", r"\_")
    return function if len(function) == 1 else rf"\operatorname{{{escaped}}}"


def once_more(orders: Sequence[int], argument: int) -> tuple[int, ...]:
    """The orders after one more derivative by an argument.

    >>> once_more((0, 1), 0)
    (1, 1)
    """
    return tuple(n + (i == argument) for i, n in enumerate(orders))


@cache
def symbolic(function: str, orders: tuple[int, ...]) -> Any:
    """The function as SymPy's, of real values; ``sympy.diff`` differentiates it in the same form.

    >>> import sympy
    >>> x = sympy.Symbol("x", real=True)
    >>> symbolic("sigma", (0,))(3 * x).diff(x)
    3*σ'(3*x)
    """
    from sympy.core.function import UndefinedFunction  # only exact arithmetic pays for SymPy

    def fdiff(self: Any, argindex: int = 1) -> Any:
        return symbolic(function, once_more(orders, argindex - 1))(*self.args)

    def in_text(self: Any, printer: Any) -> str:
        return f"{mark(function, orders)}({', '.join(map(printer.doprint, self.args))})"

    def in_latex(self: Any, printer: Any, exp: str | None = None) -> str:
        made = mark(function, orders, latex=True)
        made += rf"\left({', '.join(map(printer.doprint, self.args))}\right)"
        return made if exp is None else rf"{{{made}}}^{{{exp}}}"

    name = function if not any(orders) else mark(function, orders)
    own = {"fdiff": fdiff, "_sympystr": in_text, "_sympyrepr": in_text, "_latex": in_latex}
    return UndefinedFunction(name, __dict__=own, real=True)


def refuse(arrays: Sequence[Any], function: str, orders: tuple[int, ...]) -> Any:
    """Raise ValueError: what is unknown has no numbers.

    >>> refuse((), "sigma", (0,))
    Traceback (most recent call last):
    ValueError: σ is an abstract function: it has no values in floats, only in exact arithmetic
    """
    raise ValueError(
        f"{mark(function, orders)} is an abstract function: it has no values in floats, only in "
        "exact arithmetic"
    )
