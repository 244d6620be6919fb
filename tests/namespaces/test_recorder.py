"""The recorder: what it hands on, and what calls it refuses."""

from typing import Any

import pytest

from chainrule.namespaces.recorder import Recorder

xp: Any = Recorder(lambda *call: call, lambda *call: call)


def test_operands_go_as_they_are() -> None:
    size = object()
    assert xp.add("x", 0.5) == ("add", ("x", 0.5), {})
    assert xp.full((size, 2), value=0, dtype="float32") == (
        "full", (), {"shape": (size, 2), "value": 0, "dtype": "float32"},
    )  # fmt: skip
    assert xp.einsum(iter("xy"), "i,i->") == ("einsum", ("x", "y"), {"equation": "i,i->"})


def test_attributes_come_in_the_order_of_the_table() -> None:
    _, _, attributes = xp.sum("x", keepdim=True, dims=(0,))
    assert list(attributes) == ["dims", "keepdim"]


def test_scan_goes_as_it_is() -> None:
    assert xp.scan(len, ("c",), ("x",), 3) == (len, ("c",), ("x",), 3)
    with pytest.raises(NotImplementedError, match="made without emit_scan"):
        Recorder(print).scan(len, (), (), 3)


@pytest.mark.parametrize(
    ("name", "operands", "named", "message"),
    [
        ("add", ("x",), {}, r"add\(array, array\) got 1 arguments by position and \(\) by"),
        ("add", ("x", "y", "z"), {}, "got 3 arguments by position"),
        ("sum", ("x", (0,)), {}, r"sum\(array, dims, keepdim\) got 2 arguments"),
        ("sum", ("x", (0,)), {"axis": 1}, r"\(axis\) by name"),
        ("sum", ("x", (0,), True), {"dims": (0,)}, r"\(dims\) by name"),
        ("cat", (), {"dim": 0}, r"cat\(arrays, dim\) got 0 arguments"),
        ("cat", (["x"],), {}, r"cat\(arrays, dim\) got 1 arguments"),
    ],
)
def test_a_call_that_does_not_fit(
    name: str, operands: tuple[Any, ...], named: dict[str, Any], message: str
) -> None:
    with pytest.raises(TypeError, match=message):
        getattr(xp, name)(*operands, **named)
