"""Whether formulas are equal."""

import time

import pytest
import sympy

from chainrule.papers.solving.equality import equal, time_limit

X, Y = sympy.Symbol("x", real=True), sympy.Symbol("y", positive=True)


@pytest.mark.parametrize(
    ("one", "another", "same"),
    [
        (X + X, 2 * X, True),
        (sympy.sin(X) ** 2 + sympy.cos(X) ** 2, sympy.Integer(1), True),
        (1 / (1 + sympy.exp(-X)), (1 + sympy.tanh(X / 2)) / 2, True),
        (sympy.log(Y**2), 2 * sympy.log(Y), True),
        (X, X**2, False),
        (sympy.sqrt(X**2), X, False),
        (sympy.pi, sympy.Rational(22, 7), False),
        (sympy.sqrt(2) * sympy.sqrt(3), sympy.sqrt(6), True),
        (sympy.exp(X) - 1, sympy.exp(X) - 1 + sympy.Rational(1, 10**9), False),
    ],
)
def test_formulas(one: sympy.Expr, another: sympy.Expr, same: bool) -> None:
    assert equal(one, another, seconds=60) is same


def test_what_takes_too_long_stays_open(monkeypatch: pytest.MonkeyPatch) -> None:
    def slow(expression: sympy.Expr) -> sympy.Expr:
        while True:
            time.sleep(0.01)

    monkeypatch.setattr(sympy, "simplify", slow)
    started = time.perf_counter()
    assert equal(sympy.gamma(X + 1), X * sympy.gamma(X), seconds=0.1) is None
    assert time.perf_counter() - started < 5


def test_the_limit_is_over_with_the_block() -> None:
    with time_limit(0.05):
        pass
    time.sleep(0.1)
