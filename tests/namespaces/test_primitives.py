"""Every primitive of the contract, in every namespace: one table of cases, checked five ways."""

from typing import Any

import numpy as np
import pytest

from chainrule.namespaces import exact
from chainrule.namespaces import numpy as floats
from chainrule.namespaces.contract import PRIMITIVES, has
from chainrule.namespaces.dual import Dual, DualArray
from chainrule.namespaces.recorder import Recorder

Case = tuple[tuple[Any, ...], dict[str, Any]]


def case(*arrays: Any, **attributes: Any) -> Case:
    return tuple(map(np.asarray, arrays)), attributes


A = np.array([[0.5, -1.25, 2.0], [3.0, 0.75, -0.5]])
B = np.array([[1.5, -0.25, 1.0], [-2.0, 0.5, 4.0]])
ROW = np.array([2.0, -0.5, 1.25])
POSITIVE = np.array([[0.25, 2.0, 1.0], [9.0, 0.5, 3.0]])
PICTURE = np.array([[[0.5, 1.0, -1.0, 2.0, 0.25], [3.0, -2.0, 1.5, 0.0, 1.0]]])
SQUARE = np.array([[2.0, 0.5, -1.0], [0.25, 3.0, 1.0], [1.5, -0.5, 4.0]])
INDEX = np.array([[2, 0], [1, 1]])
INNER = (slice(0, 2, 1), slice(0, 3, 2))
WINDOW = {"size": (2,), "stride": (1,), "dilation": (2,)}

CASES: dict[str, Case] = {
    "add": case(A, ROW),
    "subtract": case(A, B),
    "multiply": case(ROW, A),
    "divide": case(A, B),
    "power": case(POSITIVE, ROW),
    "floor_divide": case(A, ROW),
    "remainder": case(A, ROW),
    "arctan2": case(A, ROW),
    "hypot": case(A, ROW),
    "maximum": case(A, ROW),
    "minimum": case(A, B),
    "larger": case(A, ROW),
    "negative": case(A),
    "absolute": case(A),
    "sign": case(A),
    "relu": case(A),
    "sqrt": case(POSITIVE),
    "exp": case(A),
    "expm1": case(A),
    "log": case(POSITIVE),
    "log1p": case(POSITIVE),
    "log2": case(POSITIVE),
    "log10": case(POSITIVE),
    "sin": case(A),
    "cos": case(A),
    "sinh": case(A),
    "cosh": case(A),
    "tanh": case(A),
    "arcsinh": case(A),
    "arccosh": case(1 + POSITIVE),
    "arctanh": case(A / 4),
    "erf": case(A),
    "erfc": case(A),
    "erfinv": case(A / 4),
    "floor": case(A + 0.125),
    "round": case(A + 0.125),
    "conj": case(A),
    "real": case(A),
    "imag": case(A),
    "complex": case(A, ROW),
    "equal": case(A, A),
    "less": case(A, B),
    "less_equal": case(A, B),
    "logical_not": case(A > 0),
    "logical_and": case(A > 0, B > 0),
    "bitwise_and": case(INDEX, [[3, -2], [6, 5]]),
    "logical_or": case(A > 0, B > 0),
    "where": case(ROW > 0, A, B),
    "sum": case(A, dims=(0, 1), keepdim=False),
    "prod": case(A, dims=(1,), keepdim=False),
    "amax": case(A, dims=(1,), keepdim=True),
    "amin": case(A, dims=(0, 1), keepdim=False),
    "argmax": case(A, dim=1, keepdim=False),
    "argmin": case(A, dim=1, keepdim=False),
    "argsort": case(A, dim=1),
    "cumsum": case(A, dim=1),
    "reshape": case(A, shape=(3, 2)),
    "permute": case(A, dims=(1, 0)),
    "expand": case(A, shape=(2, 2, 3)),
    "slice": case(A, index=INNER),
    "place": case(A[:, :2], index=INNER, shape=(3, 4)),
    "flip": case(A, dims=(1,)),
    "pad": case(A, widths=((0, 1), (2, 0)), value=0.5),
    "cat": case(A, B, dim=1),
    "windows": case(PICTURE, size=(2, 2), stride=(1, 2), dilation=(1, 1)),
    "fold": case(np.ones((2, 3, 2)) * ROW[:, None], shape=(2, 5), **WINDOW),
    "matmul": case(A, B.T),
    "einsum": case(A, B, ROW, equation="ij,kj,j->ik"),
    "solve": case(SQUARE, A.T),
    "det": case(np.stack([SQUARE, SQUARE.T + 0.5])),
    "slogdet": case(np.stack([SQUARE, SQUARE.T + 0.5])),
    "gather": case(A, INDEX, dim=1),
    "scatter": case(A, INDEX[:1], B, dim=1),
    "scatter_add": case(A, INDEX, B, dim=1),
    "take": case(A, INDEX, dim=1),
    "index_add": case(A, INDEX, np.stack([B[:, :2], A[:, 1:]], 1), dim=1),
    "full": case(shape=(2, 2), value=0.5, dtype="float64"),
    "arange": case(stop=4, dtype="int64"),
    "uniform": case(np.array([7, 3]), shape=(2, 3)),
    "cast": case(A, dtype="float64"),
    "detach": case(A),
    "shift": case(A, dim=1),
    "clip_below": case(A, low=-1),
    "with_value": case(A, B),
    "step": case(A, label="a"),
}


replay = Recorder(lambda name, arrays, attributes: call(floats, name, arrays, attributes))
NAMESPACES = [floats, exact, Dual(floats), Dual(exact), Dual(Dual(floats)), replay, Dual(replay)]


def call(xp: Any, name: str, arrays: tuple[Any, ...], attributes: dict[str, Any]) -> Any:
    """Call a primitive by its row of the contract."""
    operands = (arrays,) if PRIMITIVES[name].arrays < 0 else arrays
    return getattr(xp, name)(*operands, **attributes)


def is_float(x: Any) -> bool:
    return x.dtype.kind == "f"


def directions(arrays: tuple[Any, ...]) -> list[Any]:
    """A direction for each operand, None for those without derivatives."""
    rng = np.random.default_rng(5)
    return [rng.normal(size=x.shape).round(2) if is_float(x) else None for x in arrays]


def along(xp: Any, name: str, convert: Any = np.asarray) -> DualArray:
    """The primitive in dual numbers, along the directions of the table."""
    arrays, attributes = CASES[name]
    pairs = zip(arrays, directions(arrays), strict=True)
    duals = [x if d is None else xp.array(convert(x), convert(d)) for x, d in pairs]
    return call(xp, name, tuple(duals), attributes)


def as_floats(x: Any) -> Any:
    """An exact result in floats."""
    if x.dtype != object:
        return x
    return exact.cast(x, "complex128")


def test_the_table_is_complete() -> None:
    without_numbers = {"unknown"}
    assert CASES.keys() == PRIMITIVES.keys() - without_numbers


@pytest.mark.parametrize("xp", NAMESPACES, ids=lambda xp: xp.name)
def test_every_namespace_has_every_primitive(xp: Any) -> None:
    assert [name for name in [*PRIMITIVES, "scan"] if not has(xp, name)] == []


@pytest.mark.parametrize("name", CASES)
def test_attributes_go_by_position_or_by_name(name: str) -> None:
    arrays, attributes = CASES[name]
    assert PRIMITIVES[name].attributes == tuple(attributes)
    operands = (arrays,) if PRIMITIVES[name].arrays < 0 else arrays
    for xp in (floats, exact, Dual(floats)):
        by_position = getattr(xp, name)(*operands, *attributes.values())
        by_name = call(xp, name, arrays, attributes)
        np.testing.assert_equal(*(getattr(v, "primal", v) for v in (by_position, by_name)))


@pytest.mark.parametrize("name", CASES)
def test_operands_stay_as_they_are(name: str) -> None:
    arrays, attributes = CASES[name]
    before = [x.copy() for x in arrays]
    call(floats, name, arrays, attributes)
    np.testing.assert_equal(list(arrays), before)


@pytest.mark.parametrize("name", CASES)
def test_exact_equals_float(name: str) -> None:
    arrays, attributes = CASES[name]
    if attributes.get("dtype") == "float64":
        attributes = {**attributes, "dtype": "exact"}
    expected = call(floats, name, arrays, CASES[name][1])
    given = tuple(exact.array(x) if is_float(x) else x for x in arrays)
    result = call(exact, name, given, attributes)
    if name == "shift":
        expected = np.zeros_like(expected)
    elif name == "clip_below":
        expected = arrays[0]
    assert result.shape == np.shape(expected)
    assert isinstance(result, np.ndarray)
    np.testing.assert_allclose(as_floats(result), expected, rtol=1e-12, atol=1e-12)


@pytest.mark.parametrize("name", [n for n in CASES if n != "uniform"])
def test_exact_is_numpy_on_ordinary_arrays(name: str) -> None:
    arrays, attributes = CASES[name]
    expected = call(floats, name, arrays, attributes)
    result = call(exact, name, arrays, attributes)
    assert result.dtype == expected.dtype
    np.testing.assert_array_equal(result, expected)


@pytest.mark.parametrize("name", [n for n in CASES if n not in ("detach", "shift", "with_value")])
def test_dual_is_the_slope(name: str) -> None:
    arrays, attributes = CASES[name]
    result = along(Dual(floats), name)
    tangent = np.zeros(result.shape) if result.tangent is None else result.tangent
    ds = directions(arrays)

    def moved(h: float) -> Any:
        shifted = (x if d is None else x + h * d for x, d in zip(arrays, ds, strict=True))
        return call(floats, name, tuple(shifted), attributes)

    np.testing.assert_array_equal(result.primal, moved(0.0))
    assert tangent.shape == result.primal.shape
    if result.primal.dtype.kind in "fc":
        h = 1e-6
        slope = (moved(h) - moved(-h)) / (2 * h)
        np.testing.assert_allclose(tangent, slope, rtol=1e-6, atol=1e-8)
    else:
        assert result.tangent is None


def test_with_value_joins_a_value_and_another_tangent() -> None:
    xp = Dual(floats)
    joined = xp.with_value(xp.array(A, B), xp.array(B, A))
    np.testing.assert_array_equal(joined.primal, B)
    np.testing.assert_array_equal(joined.tangent, B)


@pytest.mark.parametrize("name", [n for n in CASES if n != "clip_below"])
def test_dual_over_exact_is_exact(name: str) -> None:
    expected = along(Dual(floats), name)
    result = along(Dual(exact), name, exact.array)
    assert (result.tangent is None) == (expected.tangent is None)
    if result.tangent is not None:
        tangent = as_floats(result.tangent)
        np.testing.assert_allclose(tangent, expected.tangent, rtol=1e-12, atol=1e-12)


@pytest.mark.parametrize("name", CASES)
def test_dual_over_dual_is_the_second_slope(name: str) -> None:
    arrays, attributes = CASES[name]
    inner = Dual(floats)
    outer = Dual(inner)
    ds = directions(arrays)

    def first(h: float) -> Any:
        pairs = zip(arrays, ds, strict=True)
        duals = (x if d is None else inner.array(x + h * d, d) for x, d in pairs)
        tangent = call(inner, name, tuple(duals), attributes).tangent
        return 0.0 if tangent is None else tangent

    pairs = zip(arrays, ds, strict=True)
    duals = (x if d is None else outer.array(inner.array(x, d), inner.array(d)) for x, d in pairs)
    result = call(outer, name, tuple(duals), attributes)
    tangent = getattr(result.tangent, "tangent", None)
    h = 1e-6
    slope = (first(h) - first(-h)) / (2 * h)
    found = 0.0 if tangent is None else tangent
    np.testing.assert_allclose(found, slope, rtol=1e-5, atol=1e-7)


@pytest.mark.parametrize("name", CASES)
def test_recorder_emits_each_primitive_once(name: str) -> None:
    arrays, attributes = CASES[name]
    calls: list[Any] = []
    xp = Recorder(lambda *told: calls.append(told) or "result")  # type: ignore[func-returns-value]
    assert call(xp, name, arrays, attributes) == "result"
    ((told, operands, named),) = calls
    assert told == name
    assert operands == arrays
    assert named == attributes
    assert list(named) == list(PRIMITIVES[name].attributes)


@pytest.mark.parametrize("name", CASES)
def test_dual_over_the_recorder_records_the_derivative(name: str) -> None:
    recorded, computed = along(Dual(replay), name), along(Dual(floats), name)
    np.testing.assert_array_equal(recorded.primal, computed.primal)
    np.testing.assert_equal(recorded.tangent, computed.tangent)
