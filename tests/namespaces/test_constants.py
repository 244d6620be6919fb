"""Constants: floats to NumPy, of whatever type the other operand has, and exact numbers."""

import copy
from fractions import Fraction

import numpy as np
import pytest
import sympy as sp

import chainrule as cr
from chainrule.namespaces import exact
from chainrule.namespaces.constants import PI, Constant, E, log, sqrt


@pytest.mark.parametrize(
    ("made", "wanted"),
    [
        (PI, sp.pi),
        (E, sp.E),
        (PI / 2, sp.pi / 2),
        (2 / PI, 2 / sp.pi),
        (-PI, -sp.pi),
        (1 - PI, 1 - sp.pi),
        (PI - 1, sp.pi - 1),
        (PI**2, sp.pi**2),
        (2**PI, 2**sp.pi),
        (PI * E, sp.pi * sp.E),
        (PI * Fraction(1, 3), sp.pi / 3),
        (sqrt(2 / PI), sp.sqrt(2 / sp.pi)),
        (log(2 * PI) / 2, sp.log(2 * sp.pi) / 2),
        (log(10), sp.log(10)),
    ],
)
def test_forms_and_floats(made: Constant, wanted: sp.Expr) -> None:
    assert sp.simplify(made.expression(sp) - wanted) == 0
    assert float(made) == pytest.approx(float(wanted), rel=1e-15)
    assert sp.simplify(exact.array(made).item() - wanted) == 0


def test_beside_a_float_it_is_one() -> None:
    for made in (PI * 0.5, 0.5 * PI, PI + 0.0):
        assert type(made) is float
    with pytest.raises(TypeError, match=r"0\.5 of type float is no exact number"):
        sqrt(0.5)


@pytest.mark.parametrize("dtype", ["float16", "float32", "float64"])
def test_it_takes_the_type_of_the_array(dtype: str) -> None:
    x = np.array([1, 2], dtype)
    for made in (x * PI, PI * x, np.multiply(x, PI), np.where(x > 1, x, PI), np.maximum(x, PI)):
        assert made.dtype == dtype
    np.testing.assert_array_equal(x * PI, x * float(PI))


def test_copies_keep_the_form() -> None:
    assert copy.deepcopy(PI) is PI
    function, arguments = PI.__reduce__()
    assert function(*arguments).form == PI.form


def test_pi_and_e_of_tensors() -> None:
    assert (cr.pi, cr.e) == (np.pi, np.e)
    assert cr.tensor(cr.pi).dtype is cr.float32
    x = cr.tensor([1, 2], dtype=cr.exact)
    assert [str(v) for v in (x * cr.pi).tolist()] == ["pi", "2*pi"]
    assert (x * cr.pi).sin().tolist() == [0, 0]
    graph = cr.capture(lambda x: (x * cr.pi).cos(), cr.spec(2))
    assert cr.run(graph, [1, 2], dtype=cr.exact).tolist() == [-1, 1]
