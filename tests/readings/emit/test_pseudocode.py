"""Pseudocode of functions in pieces: read back as numbers, it is what the function computes."""

from __future__ import annotations

import math
import re
from collections.abc import Callable
from fractions import Fraction
from typing import Any

import pytest

import chainrule as cr
from chainrule.analysis import pseudocode
from chainrule.core.errors import ArgumentError
from chainrule.nn import functional as F

POINTS = [-21.0, -7.0, -3.0, -1.5, -1.0, -0.5, 0.0, 0.25, 0.5, 1.0, 2.0, 3.0, 5.0, 6.0, 21.0]
FUNCTIONS: dict[str, Callable[[Any], Any]] = {
    "leaky": lambda x: F.leaky_relu(x, 0.1),
    "where": lambda x: cr.where(x > 0, x, 0.1 * x),
    "maximum": lambda x: cr.maximum(0.1 * x, x),
    "relu": F.relu,
    "relu6": F.relu6,
    "hardtanh": F.hardtanh,
    "hardswish": F.hardswish,
    "hardsigmoid": F.hardsigmoid,
    "elu": F.elu,
    "abs": cr.abs,
    "sign": cr.sign,
    "softshrink": F.softshrink,
    "hardshrink": F.hardshrink,
    "clamp": lambda x: x.clamp(-1, 2),
    "threshold": lambda x: F.threshold(x, 0.5, 2.0),
    "huber": lambda x: F.huber_loss(x, 0 * x, reduction="none"),
    "softplus": F.softplus,
    "silu": F.silu,
    "a gap": lambda x: cr.where(x == 1, 7, x * x),
    "a product": lambda x: cr.where(x * (x - 2) > 0, x, -x) + F.relu(x + 1),
}


def told(text: str, x: float) -> float:
    """The value of pseudocode at a number, by its own lines: the first case that holds."""
    lines = [line.strip() for line in text.splitlines()[1:]]
    condition = "if True:"
    for line in lines:
        if line.startswith("return ") and _value(re.sub(r"^(el)?if |:$", "", condition), x):
            return float(_value(line.removeprefix("return "), x))
        condition = "if True:" if line == "else:" else line
    raise AssertionError(f"no case at {x}: {text}")


def _value(text: str, x: float) -> Any:
    names = {"x": x, "exp": math.exp, "log": math.log, "erf": math.erf, "sqrt": math.sqrt}
    return eval(text, {"__builtins__": {}}, names)


@pytest.mark.parametrize("name", FUNCTIONS)
def test_it_says_what_the_function_computes(name: str) -> None:
    f = FUNCTIONS[name]
    for fn in (f, cr.grad(f)):
        text = pseudocode(fn, name="f")
        for x in POINTS:
            wanted = fn(cr.tensor(x, dtype=cr.float64)).item()
            assert told(text, x) == pytest.approx(wanted, abs=1e-12), (x, text)


def test_a_leaky_rectifier_and_its_slope() -> None:
    def lrelu(x: Any) -> Any:
        return cr.where(x > 0, x, Fraction(1, 10) * x)

    assert pseudocode(lrelu).splitlines() == [
        "def lrelu(x):", "    if x > 0:", "        return x", "    else:", "        return 0.1*x"
    ]  # fmt: skip
    assert pseudocode(cr.grad(lrelu), name="dlrelu").splitlines() == [
        "def dlrelu(x):", "    if x > 0:", "        return 1", "    else:", "        return 0.1"
    ]  # fmt: skip


def test_a_tie_has_a_case_of_its_own() -> None:
    text = pseudocode(cr.grad(FUNCTIONS["maximum"]))
    assert "elif x == 0:\n        return 0.55" in text


def test_pieces_that_continue_each_other_are_one() -> None:
    text = pseudocode(lambda x: cr.where(x * x > 4, x, cr.where(x * x > 1, x, 0 * x)))
    cases = ["if x < -1:", "return x", "elif x <= 1:", "return 0", "else:", "return x"]
    assert [line.strip() for line in text.splitlines()][1:] == cases
    assert pseudocode(cr.tanh) == "def tanh(x):\n    return tanh(x)"


def test_names_and_numbers() -> None:
    text = pseudocode(lambda u: u * u / 3 + 0.125, argument="u")
    assert text == "def f(u):\n    return u**2/3 + 0.125"
    k = cr.symbols("k")
    text = pseudocode(lambda x: cr.where(x > 0, x, k * x), name="prelu")
    assert "return k*x" in text


def test_refusals() -> None:
    with pytest.raises(ArgumentError, match="makes a number of a number"):
        pseudocode(lambda x: cr.stack([x, x]))
    with pytest.raises(ArgumentError, match="makes a number of a number"):
        pseudocode(lambda x: 3)
    with pytest.raises(ArgumentError, match="a function of one number has one argument"):
        pseudocode(cr.tanh, argument="x y")
    k = cr.symbols("k")
    with pytest.raises(ArgumentError, match="where the pieces end is not known: k < x"):
        pseudocode(lambda x: cr.where(x > k, x, 0 * x))
