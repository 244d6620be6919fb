"""Papers in decimals with other numbers than those in print, beside Python's decimals and mpmath.

By hand every number that is written down is rounded: each value with a name, and what a sigmoid
makes of exp(-u) on the way.  An entry of a product of matrices is one number.
"""

from __future__ import annotations

from decimal import ROUND_HALF_EVEN, ROUND_HALF_UP, Decimal
from typing import Any

import mpmath
import pytest

from tests.papers.here import Here, answer, numbers, paper

NET: dict[str, Any] = {
    "x": [-0.5, 1.5],
    "d": 1,
    "into_h1": [[0.3, -1.2], [1.4, 0.7], [-0.6, 2.0]],
    "into_h2": [[1.1, -0.4, 0.2], [0.5, 0.9, -1.5]],
    "into_y": [[-0.8, 1.3]],
    "bias": -0.4,
}
MODES = {"half-up": ROUND_HALF_UP, "half-even": ROUND_HALF_EVEN}


class Hand:
    """Someone who rounds what is written to so many places."""

    def __init__(self, places: int, mode: str) -> None:
        self.digit, self.mode = Decimal(1).scaleb(-places), MODES[mode]

    def write(self, value: Decimal) -> Decimal:
        return value.quantize(self.digit, self.mode) + 0  # no minus zero

    def of(self, function: Any, value: Decimal) -> Decimal:
        with mpmath.workdps(40):
            found = Decimal(mpmath.nstr(function(mpmath.mpf(str(value))), 35))
        return self.write(found)

    def tanh(self, u: Decimal) -> Decimal:
        return self.of(mpmath.tanh, u)

    def sigmoid(self, u: Decimal) -> Decimal:
        return self.write(1 / (1 + self.of(mpmath.exp, -u)))

    def product(self, rows: Any, column: Any, bias: Any = 0) -> list[Decimal]:
        """Each entry of rows @ column + bias, written once."""
        return [self.write(dot(row, column) + Decimal(str(bias))) for row in rows]

    def outer(self, a: Any, b: Any) -> list[list[Decimal]]:
        return [[self.write(p * q) for q in b] for p in a]


def dot(a: Any, b: Any) -> Decimal:
    return sum((p * q for p, q in zip(a, b, strict=True)), Decimal(0))


def decimals(nested: Any) -> Any:
    if isinstance(nested, list):
        return [decimals(one) for one in nested]
    return Decimal(str(nested))


def transposed(rows: Any) -> Any:
    return [list(column) for column in zip(*rows, strict=True)]


def by_hand(hand: Hand, hidden: str) -> dict[str, Any]:
    """Forward and back through the network of question 2."""
    w1, w2, w3 = (decimals(NET[name]) for name in ("into_h1", "into_h2", "into_y"))
    x, d = decimals(NET["x"]), Decimal(NET["d"])
    activation = {"tanh": hand.tanh, "sigmoid": hand.sigmoid}[hidden]
    slope = {"tanh": lambda h: 1 - h * h, "sigmoid": lambda h: h * (1 - h)}[hidden]
    u1 = hand.product(w1, x, NET["bias"])
    h1 = [activation(u) for u in u1]
    u2 = hand.product(w2, h1, NET["bias"])
    h2 = [activation(u) for u in u2]
    u3 = hand.product(w3, h2, NET["bias"])
    y = [hand.sigmoid(u) for u in u3]
    f1, f2 = ([hand.write(slope(h)) for h in layer] for layer in (h1, h2))
    g3 = [hand.write(y[0] - d)]  # what a logistic unit leaves of the cross-entropy
    g2 = [hand.write(a * b) for a, b in zip(hand.product(transposed(w3), g3), f2, strict=True)]
    g1 = [hand.write(a * b) for a, b in zip(hand.product(transposed(w2), g2), f1, strict=True)]
    return {
        "u1": u1, "h1": h1, "u2": u2, "h2": h2, "u3": u3, "y": y,
        "J": hand.write(-hand_log(y[0] if d else 1 - y[0])), "f1": f1, "f2": f2,
        "g3": g3, "g2": g2, "g1": g1, "dW3": hand.outer(h2, g3), "db3": g3,
        "dW2": hand.outer(h1, g2), "db2": g2, "dW1": hand.outer(x, g1), "db1": g1,
    }  # fmt: skip


def hand_log(value: Decimal) -> Decimal:
    with mpmath.workdps(40):
        return Decimal(mpmath.nstr(mpmath.log(mpmath.mpf(str(value))), 35))


@pytest.mark.parametrize("hidden", ["tanh", "sigmoid"])
@pytest.mark.parametrize(("places", "mode"), [(2, "half-up"), (3, "half-even"), (1, "half-up")])
def test_backpropagation_rounded_at_every_step(places: int, mode: str, hidden: str) -> None:
    found = paper("4").solve(
        ["2b", "2c", "2d", "2e", "2f"],
        givens={"2": {**NET, "hidden": hidden}},
        conventions={"rounding": mode},
        arithmetic=f"decimal(places={places})",
        executor=Here(),
    )
    got = {name: value for one in found.parts for name, value in one.answer.items()}
    wanted = by_hand(Hand(places, mode), hidden)
    assert {name: numbers(value) for name, value in got.items()} == {
        name: numbers(value) for name, value in wanted.items()
    }


@pytest.mark.parametrize("places", [2, 4])
def test_a_jordan_network_rounded_at_every_step(places: int) -> None:
    U, W, V = [[-0.7, 0.1], [0.4, 0.6]], [[-1.5, 0.5]], [[0.9], [0.3]]
    x, bias, start = [[2.0, -1.0], [0.5, 3.0]], -0.2, 0.5
    hand, y, outputs = Hand(places, "half-up"), [Decimal(str(start))], []
    rows = [u + w for u, w in zip(transposed(decimals(U)), transposed(decimals(W)), strict=True)]
    for inputs in x:
        u = hand.product(rows, [*decimals(inputs), *y], bias)
        h = [hand.tanh(one) for one in u]
        y = [
            hand.sigmoid(dot(column, h) + Decimal(str(bias))) for column in transposed(decimals(V))
        ]
        outputs += y
    given = {"U": U, "W": W, "V": V, "x": x, "bias": bias, "start": start}
    found = answer("4", "4a", given, arithmetic=f"decimal(places={places})")
    assert numbers(list(found.values())) == numbers(outputs)
