"""`find` gives what trying everything gives, says how many solutions there are, and shows why."""

from __future__ import annotations

from collections.abc import Callable
from itertools import product
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import chainrule as cr
from chainrule import nn
from chainrule.core.errors import ArgumentError, ChainruleError
from chainrule.nn import functional as F

Ranges = dict[str, Any]


def tried(make: Callable[..., Any], input: Any, output: Any, ranges: Ranges) -> list[Any]:
    """All solutions, by running the network with numbers for each choice."""
    found = []
    for choice in product(*ranges.values()):
        try:
            made = make(**dict(zip(ranges, choice, strict=True)))(cr.zeros(*input))
        except (ChainruleError, ValueError, ZeroDivisionError):
            continue
        if made.shape == output:
            found.append(choice)
    return found


def found(make: Callable[..., Any], input: Any, output: Any, ranges: Ranges) -> list[Any]:
    answer = cr.find(make, input=input, output=output, **ranges)
    return [tuple(one.values()) for one in answer]


def conv(k: Any, s: Any, p: Any, d: Any) -> Any:
    return nn.Conv1d(2, 3, k, s, p, d)


def transposed(k: Any, s: Any, p: Any, o: Any) -> Any:
    return nn.ConvTranspose1d(2, 3, k, s, p, output_padding=o)


def pooled(k: Any, s: Any, p: Any) -> Any:
    return nn.MaxPool1d(k, s, p, ceil_mode=True)


def channels(c: Any, g: Any, m: Any) -> Any:
    return nn.Conv1d(c, m, 2, groups=g)


def widths(a: Any, b: Any, c: Any) -> Any:
    return nn.Sequential(nn.Linear(a, b), nn.LayerNorm(b), nn.ReLU(), nn.Linear(c, b))


def heads(e: Any, n: Any) -> Any:
    attention = nn.MultiheadAttention(e, n, batch_first=True)
    return lambda x: attention(x, x, x)[0]


def recurrent(i: Any, h: Any, n: Any) -> Any:
    net = nn.LSTM(i, h, n, batch_first=True)
    return lambda x: net(x)[0]


def chosen(a: Any, b: Any) -> Any:
    """A function of the user's that asks questions of its own."""
    return nn.AvgPool1d(a) if a > b else nn.Conv1d(2, b, a + 1) if a == 2 else nn.Conv1d(2, a, b)


def stretched(n: Any, m: Any) -> Any:
    """An axis of 1 is repeated."""
    return lambda x: x + cr.zeros(n, m, device=x.device)


SMALL = range(1, 5)
CASES: list[tuple[Any, Any, Any, Ranges]] = [
    (conv, (2, 9), (3, 4), {"k": SMALL, "s": SMALL, "p": range(4), "d": SMALL}),
    (conv, (2, 5), (3, 5), {"k": range(9), "s": range(3), "p": range(4), "d": range(3)}),
    (transposed, (2, 4), (3, 9), {"k": SMALL, "s": SMALL, "p": range(3), "o": range(3)}),
    (pooled, (2, 9), (2, 4), {"k": range(1, 6), "s": SMALL, "p": range(3)}),
    (channels, (6, 4), (4, 3), {"c": range(1, 8), "g": range(1, 7), "m": range(1, 7)}),
    (widths, (2, 3), (2, 4), {"a": SMALL, "b": range(1, 6), "c": range(1, 6)}),
    (heads, (2, 3, 4), (2, 3, 4), {"e": range(1, 7), "n": range(1, 6)}),
    (recurrent, (2, 3, 4), (2, 3, 2), {"i": range(1, 6), "h": SMALL, "n": range(1, 4)}),
    (chosen, (2, 6), (2, 3), {"a": range(1, 6), "b": range(1, 6)}),
    (chosen, (2, 6), (1, 4), {"a": range(1, 6), "b": range(1, 6)}),
    (stretched, (3, 1), (3, 4), {"n": range(1, 5), "m": range(1, 5)}),
    (stretched, (1, 4), (3, 4), {"n": range(1, 5), "m": range(1, 5)}),
]


@pytest.mark.parametrize(("make", "input", "output", "ranges"), CASES)
def test_find_is_trying_everything(make: Any, input: Any, output: Any, ranges: Ranges) -> None:
    expected = tried(make, input, output, ranges)
    assert expected, "a case without a solution proves little"
    assert found(make, input, output, ranges) == expected


@settings(deadline=None)
@given(st.data())
def test_find_is_trying_everything_for_drawn_questions(data: st.DataObject) -> None:
    make, ranges = data.draw(st.sampled_from([
        (conv, {"k": range(1, 5), "s": range(1, 4), "p": range(3), "d": range(1, 3)}),
        (transposed, {"k": range(1, 5), "s": range(1, 4), "p": range(3), "o": range(2)}),
        (pooled, {"k": range(1, 5), "s": range(1, 5), "p": range(3)}),
    ]))  # fmt: skip
    channels_, length = (2, 3), data.draw(st.integers(1, 12))
    wanted = (channels_[make is not pooled], data.draw(st.integers(1, 12)))
    ranges = {n: data.draw(st.lists(st.sampled_from(r), min_size=1, unique=True).map(sorted))
              for n, r in ranges.items()}  # fmt: skip
    assert found(make, (2, length), wanted, ranges) == tried(make, (2, length), wanted, ranges)


def test_totals_are_conditions_too() -> None:
    def make(w: Any, d: Any) -> Any:
        return nn.Sequential(*(nn.Linear(w, w) for _ in range(d)))

    def count(w: int, d: int) -> int:
        return sum(p.numel() for p in make(w, d).parameters())

    ranges = {"w": range(1, 20), "d": range(1, 6)}
    expected = [(w, d) for w in range(1, 20) for d in range(1, 6) if count(w, d) == 60]
    answer = cr.find(make, parameters=60, **ranges)
    assert [tuple(one.values()) for one in answer] == expected == [(3, 5), (4, 3), (5, 2)]
    assert "parameters: 3*w**2 + 3*w = 3*4**2 + 3*4 = 60" in str(answer)
    shared = nn.Linear(3, 3)
    assert cr.find(nn.Sequential(shared, shared), parameters=12).unique  # counted once


def test_operations_are_conditions_too() -> None:
    answer = cr.find(
        lambda m, k: nn.Conv1d(2, m, k, bias=False), input=(2, 9),
        operations={"multiply": 2 * 3 * 4 * 6}, m=range(1, 30), k=range(1, 10),
    )  # fmt: skip
    assert [tuple(one.values()) for one in answer] == [
        (m, k) for m in range(1, 30) for k in range(1, 10) if 2 * m * k * (10 - k) == 144
    ]
    assert "operations 'multiply': " in str(answer)


def test_operations_as_a_convention_counts_them() -> None:
    """A filter of 27 weights at 30 x 30 places, 8 of them, with a bias."""

    def make(n: Any) -> Any:
        return nn.Conv2d(3, n, 3)

    macs = 8 * 27 * 900
    asked: Any = {"input": "3,32,32", "n": range(1, 100)}
    assert cr.find(make, operations=macs, **asked).only["n"] == 8
    double = cr.find(make, operations=2 * macs, convention=cr.Convention(mac=2), **asked)
    assert double.only["n"] == 8
    exact = cr.find(make, operations=2 * macs, **asked,
                    convention=cr.Convention(inner="2n-1", bias=True))  # fmt: skip
    assert exact.only["n"] == 8  # n products, n - 1 sums, and the bias
    assert "operations: 24300*n = 24300*8 = 194400" in str(cr.find(make, operations=macs, **asked))
    assert str(double).splitlines()[2] == f"  operations  {2 * macs}, {cr.Convention(mac=2)}"


def test_relations_can_be_declared() -> None:
    def make(k: Any, p: Any) -> Any:
        return nn.Conv1d(1, 1, k, stride=2, padding=p)

    ranges = {"k": range(1, 10), "p": range(5)}
    even = cr.find(make, input=(1, 16), output=(1, 8), where=lambda k: k % 2 == 0, **ranges)
    assert even and all(one["k"] % 2 == 0 for one in even)
    both = cr.find(make, input=(1, 16), output=(1, 8), **ranges,
                   where=[lambda k: k % 2 == 1, lambda k, p: k == 2 * p + 1])  # fmt: skip
    assert [one["k"] for one in both] == [1, 3, 5, 7, 9]
    none = cr.find(make, input=(1, 16), output=(1, 8), where=lambda k: k > 10, **ranges)
    count = len(cr.find(make, input=(1, 16), output=(1, 8), **ranges))
    text = f"{count} choices fit, and none of them has the declared relations"
    assert none.because == (text,)


def test_sizes_of_the_input_are_unknown_too() -> None:
    net = nn.Conv2d(1, 4, 5, stride=3)
    answer = cr.find(net, input=("B", 1, "h", "h"), output=("B", 4, 10, 10), h=range(2, 100, 2))
    assert [one["h"] for one in answer] == [32, 34]
    row = "axes 2, 3: floor((h - 2)/3) = floor((34 - 2)/3) = 10   (32/3 is rounded down to 10)"
    assert row in str(answer)
    assert cr.find(net, input=(1, 30, 30), output=("C", None, None), C=range(9)).only["C"] == 4


def test_a_choice_must_hold_for_all_values_of_the_letters() -> None:
    def keep(k: Any, p: Any) -> Any:
        return nn.Conv1d(1, 1, k, padding=p)

    ranges = {"k": range(1, 8), "p": range(4)}
    answer = cr.find(keep, input=("B", 1, "n"), output=("B", 1, "n"), **ranges)
    assert [tuple(one.values()) for one in answer] == [(1, 0), (3, 1), (5, 2), (7, 3)]


def test_letters_can_be_what_is_looked_for() -> None:
    def head(a: Any, b: Any, c: Any) -> Any:
        return nn.Sequential(nn.AvgPool2d(a), nn.Flatten(), nn.Linear(b, c))

    letters = ["B", "C", "h", "n"]
    answer = cr.find(head, input=("B", "C", "h", "h"), output=("B", "n"),
                     a=letters, b=letters, c=letters)  # fmt: skip
    assert {name: str(value) for name, value in answer.only.items()} == {
        "a": "h", "b": "C", "c": "n",
    }  # fmt: skip


def test_letters_that_stay_open_do_not_hide_solutions() -> None:
    def make(h: Any, n: Any) -> Any:
        return nn.TransformerEncoderLayer(64, n, dim_feedforward=h, batch_first=True)

    answer = cr.find(make, input=("B", "T", 64), output=("B", "T", 64), parameters=49_984,
                     h=range(1, 513), n=range(1, 9))  # fmt: skip
    assert [tuple(one.values()) for one in answer] == [(256, n) for n in (1, 2, 4, 8)]


def test_whole_numbers_as_inputs() -> None:
    def make(V: Any, d: Any) -> Any:
        return nn.Sequential(nn.Embedding(V, d), nn.Linear(d, 7))

    answer = cr.find(make, input="B,5:int64", output=("B", 5, 7), parameters=100 * 12 + 13 * 7,
                     V=range(1, 201), d=range(1, 65))  # fmt: skip
    assert {"V": 100, "d": 12} in [dict(one) for one in answer]
    assert all(V * d + 7 * d + 7 == 1291 for V, d in (one.values() for one in answer))


def test_large_ranges_take_no_longer() -> None:
    def make(n: Any, d: Any, k: Any) -> Any:
        return nn.Conv2d(d, n, k)

    wide = range(1, 4097)
    answer = cr.find(make, input=(512, 300, 300), output=(1000, 99, 99), n=wide, d=wide, k=wide)
    assert dict(answer.only) == {"n": 1000, "d": 512, "k": 202}


def test_the_text() -> None:
    def make(k: Any, s: Any) -> Any:
        return nn.Conv2d(3, 16, k, stride=s)

    asked: Any = {"input": (1, 3, 32, 32), "k": range(1, 8), "s": range(1, 4)}
    one = cr.find(make, output=(1, 16, 13, 13), **asked)
    first, last = (
        f"axes 2, 3: floor((32 - k)/s) + 1 = floor((32 - {k})/2) + 1 = {n}   "
        f"({32 - k}/2 is rounded down to {n - 1})"
        for k, n in ((1, 16), (7, 13))
    )
    assert str(cr.find(make, output=(1, 16, 16, 16), **asked)).splitlines() == [
        "Find k in 1..7, s in 1..3",
        "  input   (1, 3, 32, 32)",
        "  output  (1, 16, 16, 16)",
        "2 solutions",
        "  k = 1, s = 2",
        "    " + first,
        "  k = 2, s = 2",
        "    axes 2, 3: floor((32 - k)/s) + 1 = floor((32 - 2)/2) + 1 = 16",
    ]
    assert (one.verdict, len(one), dict(one.only)) == ("unique", 1, {"k": 7, "s": 2})
    assert one.to_dict() == {
        "verdict": "unique",
        "because": [],
        "unknowns": {"k": "1..7", "s": "1..3"},
        "solutions": [{"values": {"k": 7, "s": 2}, "working": [last]}],
    }
    many = cr.find(make, output=(1, 16, None, None), **asked)
    assert len(many) == 21 and str(many).endswith("… and 1 more")


def test_the_sizes_that_had_to_agree_are_shown() -> None:
    def make(c: Any, f: Any) -> Any:
        return nn.Sequential(nn.Conv1d(c, 4, 3), nn.Flatten(0), nn.Linear(f, 2))

    text = str(cr.find(make, input=(3, 9), output=(2,), c=range(1, 9), f=range(1, 99)))
    assert "    sizes that must agree: c = 3\n" in text
    assert "    sizes that must agree: f = 28" in text


def test_none_because() -> None:
    def make(k: Any, s: Any) -> Any:
        return nn.Conv1d(3, 16, k, stride=s)

    def why(output: Any, **ranges: Any) -> list[str]:
        answer = cr.find(make, input=(3, 32), output=output, **ranges)
        assert (answer.verdict, len(answer), bool(answer)) == ("none", 0, False)
        return str(answer).splitlines()[3:]

    some = {"k": range(1, 8), "s": range(1, 4)}
    assert why((16, 100), **some) == [
        "none, because", "  axis 1, floor((32 - k)/s) + 1, is from 9 to 32, not 100",
    ]  # fmt: skip
    assert why((8, 30), **some) == ["none, because", "  axis 0 is 16, not 8"]
    assert why((16, 20), **some) == [
        "none, because", "  axis 1, floor((32 - k)/s) + 1, is never 20",
    ]  # fmt: skip
    assert why((16, 1), k=range(33, 40), s=[1]) == [
        "none, because",
        "  k = 33, s = 1 is refused: a window of 33 does not fit into an axis of 32",
    ]
    assert why((16, 1, 1), **some) == [
        "none, because",
        "  k = 1, s = 1 is refused: the output has 2 axes, (16, 32), not 3",
    ]
    with pytest.raises(ArgumentError, match="there is not one solution: none"):
        _ = cr.find(make, input=(3, 32), output=(8, 30), **some).only


def test_conditions_that_can_be_met_but_not_together() -> None:
    answer = cr.find(lambda k, s: nn.Conv2d(1, 1, k, s), input=(1, 9, 20), output=(1, 3, 4),
                     k=range(1, 9), s=range(1, 9))  # fmt: skip
    assert answer.because == (
        "each of axis 0 = 1, axis 1 = 3, axis 2 = 4 can be had, but not all at once",
    )


@pytest.mark.parametrize(
    ("values", "text"),
    [
        ({"s": [0]}, "stride is 0, expected whole numbers from 1"),
        ({"s": [-1]}, "stride is -1, expected whole numbers from 1"),
        ({"g": [2]}, "in_channels is 3, and groups is 2"),
        ({"k": [9]}, "a window of 9 does not fit into an axis of 8"),
        ({"k": [4], "d": [3]}, "a window of 10 (kernel 4, dilation 3) does not fit"),
        ({"p": [-1]}, "padding is -1, expected whole numbers from 0"),
    ],
)  # fmt: skip
def test_nonsense_is_refused_with_the_rule_and_the_numbers(values: Ranges, text: str) -> None:
    def make(k: Any, s: Any, p: Any, d: Any, g: Any) -> Any:
        return nn.Conv1d(3, 6, k, s, p, d, g)

    ranges: Ranges = {"k": [3], "s": [1], "p": [0], "d": [1], "g": [1]} | values
    answer = cr.find(make, input=(3, 8), output=(6, 6), **ranges)
    assert not answer and text in answer.because[0]


def test_totals_beyond_any_solution() -> None:
    answer = cr.find(lambda h: nn.Linear(h, 2 * h), parameters=10**9, h=range(1, 1000))
    assert answer.because == ("parameters, 2*h**2 + 2*h, is from 4 to 1998000, not 1000000000",)


def test_nothing_assumed_is_kept() -> None:
    """Rules that held on one way alone are asked again by the next."""
    cr.find(lambda c: nn.Conv1d(c, 4, 1), input=(7, 5), output=(4, 5), c=range(1, 9))
    x, weight = cr.spec(7, 5), cr.spec(4, "c", 1)
    with pytest.raises(ChainruleError, match="cannot decide"):
        cr.capture(lambda x, w: F.conv1d(x, w), x, weight)
