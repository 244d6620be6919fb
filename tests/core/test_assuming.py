"""Questions about sizes, answered by whoever asked for it."""

from __future__ import annotations

import pytest

import chainrule as cr
from chainrule.core.assuming import assuming
from chainrule.core.errors import ArgumentError
from chainrule.core.polynomial import on_paper
from chainrule.core.size import OpenSize, Size, UndecidedSize, decide_equal, is_size

B, C = Size.symbol("B"), Size.symbol("C")


def test_what_is_decided_is_not_asked() -> None:
    asked: list[str] = []

    def answer(difference: object, claim: str) -> bool:
        asked.append(f"{difference} {claim}")
        return True

    with assuming(answer):
        assert B + 1 > B and decide_equal(B, B) and not decide_equal(2 * B, 7)
        assert B == B and B != 2 * B + 1
        assert not asked
        assert B > C and B == 3 and decide_equal(B, C) and not B <= C
    assert asked == ["B - C > 0", "B - 3 is 0", "B - C == 0", "B - C > 0"]


def test_afterwards_all_is_as_before() -> None:
    with pytest.raises(KeyError), assuming(lambda difference, claim: False):
        raise KeyError
    assert B != 3
    with pytest.raises(UndecidedSize):
        _ = B < C


def test_what_was_assumed_is_not_kept() -> None:
    x, y = cr.spec("B", 3), cr.spec("C", 3)
    with assuming(lambda difference, claim: claim == "== 0"):
        graph = cr.capture(lambda x, y: x + y, x, y)
    assert graph.outputs[0].shape == (B, 3)
    with pytest.raises(UndecidedSize):
        cr.capture(lambda x, y: x + y, x, y)


def test_an_axis_that_may_be_one() -> None:
    """Each answer is one way to broadcast."""
    x, y = cr.spec("B"), cr.spec(5)
    for is_one, shape in ((True, (5,)), (False, (B,))):
        with assuming(lambda difference, claim, is_one=is_one: is_one or claim == "== 0"):
            assert cr.capture(lambda x, y: x + y, x, y).outputs[0].shape == shape


def test_a_number_is_needed() -> None:
    with pytest.raises(OpenSize, match="the size B is not a number yet") as caught:
        range(B)  # type: ignore[arg-type]
    assert caught.value.open is B


def test_multiples_are_declared() -> None:
    h = Size.symbol("h", multiple_of=4)
    assert (h // 4 * 4 == h, h % 2, (h + 3) // 4 == h // 4) == (True, 0, True)
    assert [str(n) for n in (h, h // 4, 3 * h // 2, h // 8, h * h // 16)] == [
        "h", "h/4", "3*h/2", "floor((h/4)/2)", "h**2/16",
    ]  # fmt: skip
    assert (h // 4).latex() == r"\frac{h}{4}"
    assert (h // 2 + 1).substitute({"h": 12}) == 7
    with pytest.raises(ArgumentError, match="the size h is declared to be a multiple of 4"):
        h.substitute({"h": 6})
    with pytest.raises(ArgumentError, match="the size h is declared to be at least 4"):
        h.substitute({"h": 0})
    with pytest.raises(UndecidedSize, match="for all B >= 1, h >= 4"):
        _ = h < B
    with pytest.raises(ArgumentError, match="a size that is a multiple of 0"):
        Size.symbol("h", multiple_of=0)


def test_windows_are_counted_as_on_paper() -> None:
    k, s = Size.symbol("k"), Size.symbol("s")
    assert str((32 - k) // s + 1) == "floor((32 - k)/s) + 1"


@pytest.mark.parametrize(
    ("value", "least", "whether"),
    [(3, 0, True), (B, 1, True), (True, 0, False), (1.0, 0, False), (-1, 0, False), (0, 1, False)],
)
def test_what_a_size_is(value: object, least: int, whether: bool) -> None:
    assert is_size(value, least) is whether


@pytest.mark.parametrize("stride", [1, 2, 3, Size.symbol("s")])
@pytest.mark.parametrize("room", [0, 1, 7, 32])
def test_what_is_written_is_the_same_number(room: int, stride: int | Size) -> None:
    k, h = Size.symbol("k"), Size.symbol("h")
    for size in (room - k, h - k + room, room + h, -k - room):
        for added in (-2, 0, 1, 26):
            formula = size // stride + added
            written = Size(on_paper(formula.polynomial))  # type: ignore[union-attr]
            for number in range(1, 9):
                values = {"k": number, "h": 3 * number + 1, "s": 4}
                assert written.substitute(values) == formula.substitute(values)  # type: ignore[union-attr]
