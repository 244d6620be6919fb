"""The table of all schedules, with their first rates as a person would work them out."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from fractions import Fraction
from typing import Any

import sympy as sp

from tests.optim.table import exact


@dataclass(frozen=True)
class Plan:
    """A schedule: how it is made with a library's names, its first four rates from the rate 1, and
    whether it can be part of a captured step."""

    id: str
    make: Callable[[Any, Any], Any]
    rates: Sequence[Any]
    captured: bool = True
    momentum: bool = False
    metrics: Sequence[float] = ()


def third(n: int) -> Fraction:
    """Some thirds, by way of the default factor as it is written."""
    return n * exact(1 / 3)


def wave(part: Any, low: Any = 0, high: Any = 1) -> Any:
    """Half a wave of the cosine from high to low, a part of the way down."""
    return low + (high - low) * (1 + sp.cos(sp.pi * part)) / 2


R, F = sp.Rational, Fraction
LOSSES = (3.0, 2.0, 2.0, 2.5, 1.9999, 1.0, 1.0, 1.0, 1.0, 0.5, 0.6, 0.7, 0.8, 0.9, 1.0, 1.1, 1.2)
SCHEDULES = [
    Plan("StepLR", lambda s, o: s.StepLR(o, 2, 0.5), (1, 1, F(1, 2), F(1, 2))),
    Plan("StepLR-default", lambda s, o: s.StepLR(o, 3), (1, 1, 1, F(1, 10))),
    Plan(
        "MultiStepLR",
        lambda s, o: s.MultiStepLR(o, [1, 3, 3, 7], 0.5),
        (1, F(1, 2), F(1, 2), F(1, 8)),
    ),
    Plan(
        "ExponentialLR",
        lambda s, o: s.ExponentialLR(o, 0.9),
        (1, F(9, 10), F(81, 100), F(729, 1000)),
    ),
    Plan("ConstantLR", lambda s, o: s.ConstantLR(o, 0.25, 2), (F(1, 4), F(1, 4), 1, 1)),
    Plan(
        "LinearLR", lambda s, o: s.LinearLR(o, 0.25, 0.75, 2), (F(1, 4), F(1, 2), F(3, 4), F(3, 4))
    ),
    Plan(
        "LinearLR-default",
        lambda s, o: s.LinearLR(o),
        [third(1) + t * (1 - third(1)) / 5 for t in range(4)],
    ),
    Plan("PolynomialLR", lambda s, o: s.PolynomialLR(o, 4, 2.0), (1, F(9, 16), F(1, 4), F(1, 16))),
    Plan("PolynomialLR-short", lambda s, o: s.PolynomialLR(o, 2), (1, F(1, 2), 0, 0)),
    Plan(
        "CosineAnnealingLR",
        lambda s, o: s.CosineAnnealingLR(o, 6, 0.25),
        [wave(R(t, 6), R(1, 4)) for t in range(4)],
    ),
    Plan(
        "CosineAnnealingLR-short", lambda s, o: s.CosineAnnealingLR(o, 2), (1, R(1, 2), 0, R(1, 2))
    ),
    Plan(
        "CosineAnnealingWarmRestarts",
        lambda s, o: s.CosineAnnealingWarmRestarts(o, 2, 2, 0.5),
        [wave(x, R(1, 2)) for x in (0, R(1, 2), 0, R(1, 4))],
    ),
    Plan(
        "CosineAnnealingWarmRestarts-equal",
        lambda s, o: s.CosineAnnealingWarmRestarts(o, 3),
        [wave(x) for x in (0, R(1, 3), R(2, 3), 0)],
    ),
    Plan(
        "OneCycleLR",
        lambda s, o: s.OneCycleLR(o, max_lr=1.0, total_steps=40, pct_start=0.1),
        momentum=True,
        rates=[wave(1 - R(t, 3), R(1, 25)) for t in range(4)],
    ),
    Plan(
        "OneCycleLR-linear",
        lambda s, o: s.OneCycleLR(
            o,
            1.0,
            epochs=20,
            steps_per_epoch=2,
            pct_start=0.25,
            anneal_strategy="linear",
            div_factor=10.0,
            three_phase=True,
        ),
        momentum=True,
        rates=[F(1, 10) + F(t, 9) * F(9, 10) for t in range(4)],
    ),
    Plan(
        "OneCycleLR-rate-alone",
        lambda s, o: s.OneCycleLR(o, 1.0, 40, cycle_momentum=False),
        [wave(1 - R(t, 11), R(1, 25)) for t in range(4)],
    ),
    Plan(
        "CyclicLR",
        lambda s, o: s.CyclicLR(o, 0.25, 1.0, 4),
        momentum=True,
        rates=[F(1, 4) + F(3, 16) * t for t in range(4)],
    ),
    Plan(
        "CyclicLR-triangular2",
        lambda s, o: s.CyclicLR(o, 0.25, 1.0, 2, 1, "triangular2"),
        momentum=True,
        rates=(F(1, 4), F(5, 8), 1, F(1, 4)),
    ),
    Plan(
        "CyclicLR-exp_range",
        lambda s, o: s.CyclicLR(o, 0.25, 1.0, 2, mode="exp_range", gamma=0.5, cycle_momentum=False),
        (F(1, 4), F(1, 4) + F(3, 8) / 2, F(1, 4) + F(3, 4) / 4, F(1, 4) + F(3, 8) / 8),
    ),
    Plan(
        "CyclicLR-scale_fn",
        lambda s, o: s.CyclicLR(
            o, 0.25, 1.0, 2, scale_fn=lambda n: 0.5**n, scale_mode="iterations"
        ),
        (F(1, 4), F(1, 4) + F(3, 8) / 2, F(1, 4) + F(3, 4) / 4, F(1, 4) + F(3, 8) / 8),
        captured=False,
        momentum=True,
    ),
    Plan(
        "LambdaLR",
        lambda s, o: s.LambdaLR(o, lambda t: 0.5**t),
        (1, F(1, 2), F(1, 4), F(1, 8)),
        captured=False,
    ),
    Plan(
        "MultiplicativeLR",
        lambda s, o: s.MultiplicativeLR(o, [lambda t: 0.5 + t / 4]),
        (1, F(3, 4), F(3, 4), F(15, 16)),
        captured=False,
    ),
    Plan(
        "SequentialLR",
        lambda s, o: s.SequentialLR(
            o,
            [s.LinearLR(o, 0.5, total_iters=4), s.ExponentialLR(o, 0.9), s.CosineAnnealingLR(o, 8)],
            [2, 9],
        ),
        (F(1, 2), F(5, 8), 1, F(9, 10)),
    ),
    Plan(
        "SequentialLR-of-python",
        lambda s, o: s.SequentialLR(
            o, [s.ConstantLR(o, 0.5, 9), s.LambdaLR(o, lambda t: 1 / 2**t)], [2]
        ),
        (F(1, 2), F(1, 2), 1, F(1, 2)),
        captured=False,
    ),
    Plan(
        "SequentialLR-restarts",
        lambda s, o: s.SequentialLR(
            o,
            [
                s.StepLR(o, 1, 0.5),
                s.CosineAnnealingWarmRestarts(o, 2),
                s.MultiStepLR(o, [1, 4]),
                s.PolynomialLR(o, 6),
            ],
            [1, 6, 12],
        ),
        (1, 1, R(1, 2), 1),
    ),
    Plan(
        "ChainedScheduler",
        lambda s, o: s.ChainedScheduler([s.ConstantLR(o, 0.5, 2), s.ExponentialLR(o, 0.5)]),
        (F(1, 2), F(1, 4), F(1, 4), F(1, 8)),
    ),
    Plan(
        "ReduceLROnPlateau",
        lambda s, o: s.ReduceLROnPlateau(o, factor=0.5, patience=1, cooldown=2, min_lr=0.2),
        (1, 1, 1, F(1, 2)),
        captured=False,
        metrics=(2.0, 2.0, 2.0, 2.5, *LOSSES[4:]),
    ),
    Plan(
        "ReduceLROnPlateau-max",
        lambda s, o: s.ReduceLROnPlateau(o, "max", 0.5, 0, 0.3, "abs"),
        (1, 1, F(1, 2), F(1, 4)),
        captured=False,
        metrics=(1.0, 1.0, 1.2, 1.5, *LOSSES[4:]),
    ),
    Plan(
        "ReduceLROnPlateau-abs",
        lambda s, o: s.ReduceLROnPlateau(o, "min", 0.5, 2, 0.1, "abs"),
        (1, 1, 1, 1),
        captured=False,
        metrics=LOSSES,
    ),
]
