"""The table of all optimizers, with an oracle written by hand for each.

An oracle knows nothing of chainrule: it is a function of plain numbers, floats or exact ones.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from fractions import Fraction
from typing import Any

import sympy as sp

Numbers = Any
Oracle = Callable[..., Iterator[Any]]


def exact(x: Any) -> Any:
    """A number as it is written: 0.1 is 1/10."""
    return Fraction(str(x)) if isinstance(x, float) else x


def root(x: Any) -> Any:
    """The square root: of a fraction exactly, as a fraction where it is one."""
    if isinstance(x, float):
        return math.sqrt(x)
    found = sp.sqrt(
        sp.nsimplify(x) if not isinstance(x, Fraction) else sp.Rational(x.numerator, x.denominator)
    )
    return Fraction(int(found.p), int(found.q)) if found.is_Rational else found


def rational(x: Any) -> Any:
    """Fractions as SymPy's, which mixes with roots."""
    return sp.Rational(x.numerator, x.denominator) if isinstance(x, Fraction) else x


def power(base: Any, exponent: Any) -> Any:
    """A power of plain numbers, exact where they are."""
    return base**exponent if isinstance(base, float) else rational(base) ** rational(exponent)


def larger(a: Any, b: Any) -> Any:
    """The larger number."""
    return a if bool(rational(a) >= rational(b)) else b


# -- optimizers ------------------------------------------------------------------------------------
# Each oracle yields p after every step; g(t) is the gradient of step t, counted from 1.


def decayed(p: Any, g: Any, o: dict[str, Any]) -> Any:
    """The gradient that the rules start from."""
    g = -g if o.get("maximize") else g
    coupled = not o.get("decoupled_weight_decay")
    return g + o.get("weight_decay", 0) * p if coupled else g


def shrunk(p: Any, o: dict[str, Any]) -> Any:
    """The parameter after decoupled decay."""
    wd = o.get("weight_decay", 0) if o.get("decoupled_weight_decay") else 0
    return p * (1 - o["lr"] * wd)


def sgd(p: Any, grads: Sequence[Any], o: dict[str, Any]) -> Iterator[Any]:
    mu, v = o.get("momentum", 0), 0
    for t, given in enumerate(grads, 1):
        g = u = decayed(p, given, o)
        if mu and o.get("average"):
            v = mu * v + (1 - mu) * g
            u = v / (1 - power(mu, t)) if o.get("bias_correction") else v
        elif mu:
            v = g if t == 1 else mu * v + (1 - o.get("dampening", 0)) * g
            u = g + mu * v if o.get("nesterov") else v
        p = p - o["lr"] * u
        yield p


def adam(p: Any, grads: Sequence[Any], o: dict[str, Any]) -> Iterator[Any]:
    m = v = top = 0
    b1, b2 = o["betas"]
    for t, given in enumerate(grads, 1):
        g = decayed(p, given, o)
        p = shrunk(p, o)
        m, v = b1 * m + (1 - b1) * g, b2 * v + (1 - b2) * g * g
        top = larger(top, v) if o.get("amsgrad") else v
        c1 = c2 = 1
        if o.get("bias_correction", True):
            c1, c2 = 1 - power(b1, t), 1 - power(b2, t)
        if o.get("eps_inside_root"):
            p = p - o["lr"] * (m / c1) / root(top / c2 + o["eps"])
        else:
            p = p - o["lr"] * (m / c1) / (root(top / c2) + o["eps"])
        yield p


def adamax(p: Any, grads: Sequence[Any], o: dict[str, Any]) -> Iterator[Any]:
    m = u = 0
    b1, b2 = o["betas"]
    for t, given in enumerate(grads, 1):
        g = decayed(p, given, o)
        m = b1 * m + (1 - b1) * g
        u = larger(b2 * u, abs(g) + o["eps"])
        p = p - o["lr"] / (1 - power(b1, t)) * m / u
        yield p


def nadam(p: Any, grads: Sequence[Any], o: dict[str, Any]) -> Iterator[Any]:
    m = v = 0
    product: Any = 1
    b1, b2 = o["betas"]
    base = exact(0.96) if isinstance(b1, Fraction) else 0.96

    def mu(t: int) -> Any:
        return b1 * (1 - power(base, t * o["momentum_decay"]) / 2)

    for t, given in enumerate(grads, 1):
        g = decayed(p, given, o)
        p = shrunk(p, o)
        product = product * mu(t)
        m, v = b1 * m + (1 - b1) * g, b2 * v + (1 - b2) * g * g
        size = root(v / (1 - power(b2, t))) + o["eps"]
        p = p - o["lr"] * (1 - mu(t)) / (1 - product) * g / size
        p = p - o["lr"] * mu(t + 1) / (1 - product * mu(t + 1)) * m / size
        yield p


def radam(p: Any, grads: Sequence[Any], o: dict[str, Any]) -> Iterator[Any]:
    m = v = 0
    b1, b2 = o["betas"]
    for t, given in enumerate(grads, 1):
        g = decayed(p, given, o)
        p = shrunk(p, o)
        m, v = b1 * m + (1 - b1) * g, b2 * v + (1 - b2) * g * g
        c2 = 1 - power(b2, t)
        far = 2 / (1 - b2) - 1
        near = far - 2 * t * power(b2, t) / c2
        scale: Any = 1
        if near > 5:
            scale = root((near - 4) * (near - 2) * far / ((far - 4) * (far - 2) * near))
            scale = scale * root(c2) / (root(v) + o["eps"])
        p = p - o["lr"] * m / (1 - power(b1, t)) * scale
        yield p


def adagrad(p: Any, grads: Sequence[Any], o: dict[str, Any]) -> Iterator[Any]:
    total = o.get("initial_accumulator_value", 0)
    for t, given in enumerate(grads, 1):
        g = decayed(p, given, o)
        total = total + g * g
        p = p - o["lr"] / (1 + (t - 1) * o.get("lr_decay", 0)) * g / (root(total) + o["eps"])
        yield p


def rmsprop(p: Any, grads: Sequence[Any], o: dict[str, Any]) -> Iterator[Any]:
    v = mean = ball = 0
    alpha, mu = o["alpha"], o.get("momentum", 0)
    for given in grads:
        g = decayed(p, given, o)
        v, mean = alpha * v + (1 - alpha) * g * g, alpha * mean + (1 - alpha) * g
        ball = mu * ball + g / (root(v - mean * mean if o.get("centered") else v) + o["eps"])
        p = p - o["lr"] * ball
        yield p


def adadelta(p: Any, grads: Sequence[Any], o: dict[str, Any]) -> Iterator[Any]:
    v = d = 0
    rho, eps = o["rho"], o["eps"]
    for given in grads:
        g = decayed(p, given, o)
        v = rho * v + (1 - rho) * g * g
        u = root(d + eps) / root(v + eps) * g
        d = rho * d + (1 - rho) * u * u
        p = p - o["lr"] * u
        yield p


@dataclass(frozen=True)
class Rule:
    """An optimizer with options, its oracle, and whether PyTorch has it."""

    name: str
    oracle: Oracle
    options: dict[str, Any]
    torch: bool = True
    defaults: dict[str, Any] = field(default_factory=dict)
    """What the oracle must be told that the optimizer knows by itself."""
    exact_steps: int = 3

    @property
    def id(self) -> str:
        """The row in words."""
        return "-".join([self.name, *(f"{k}={v}" for k, v in self.options.items() if k != "lr")])


ADAM = {"betas": (0.9, 0.999), "eps": 1e-8}
RMS = {"alpha": 0.99, "eps": 1e-8}
OPTIMIZERS = [
    Rule("SGD", sgd, {"lr": 0.1}),
    Rule("SGD", sgd, {"lr": 0.1, "momentum": 0.9}),
    Rule("SGD", sgd, {"lr": 0.1, "momentum": 0.9, "dampening": 0.5}),
    Rule("SGD", sgd, {"lr": 0.1, "momentum": 0.9, "nesterov": True, "weight_decay": 0.01}),
    Rule("SGD", sgd, {"lr": 0.01, "weight_decay": 0.1, "maximize": True}),
    Rule("SGD", sgd, {"lr": 0.1, "momentum": 0.9, "average": True}, torch=False),
    Rule("SGD", sgd, {"lr": 0.1, "momentum": 0.9, "average": True, "bias_correction": True,
                      "weight_decay": 0.1}, torch=False),
    Rule("Adam", adam, {"lr": 0.05}, defaults=ADAM),
    Rule("Adam", adam, {"lr": 0.05, "betas": (0.5, 0.9), "eps": 1e-3, "weight_decay": 0.01}),
    Rule("Adam", adam, {"lr": 0.01, "maximize": True}, defaults=ADAM),
    Rule("Adam", adam, {"lr": 0.05, "amsgrad": True, "betas": (0.5, 0.9)}, defaults={"eps": 1e-8}),
    Rule("Adam", adam, {"lr": 0.05, "weight_decay": 0.1, "decoupled_weight_decay": True},
         defaults=ADAM),
    Rule("Adam", adam, {"lr": 0.05, "eps": 0.25, "eps_inside_root": True}, torch=False,
         defaults={"betas": (0.9, 0.999)}),
    Rule("Adam", adam, {"lr": 0.05, "bias_correction": False}, torch=False, defaults=ADAM),
    Rule("Adam", adam, {"lr": 0.05, "bias_correction": False, "eps_inside_root": True,
                        "amsgrad": True}, torch=False, defaults=ADAM),
    Rule("AdamW", adam, {"lr": 0.05},
         defaults={**ADAM, "weight_decay": 0.01, "decoupled_weight_decay": True}),
    Rule("AdamW", adam, {"lr": 0.05, "weight_decay": 0.5, "amsgrad": True, "maximize": True},
         defaults={**ADAM, "decoupled_weight_decay": True}),
    Rule("Adamax", adamax, {"lr": 0.05}, defaults=ADAM),
    Rule("Adamax", adamax, {"lr": 0.05, "betas": (0.5, 0.75), "eps": 1e-2, "weight_decay": 0.1,
                            "maximize": True}),
    Rule("NAdam", nadam, {"lr": 0.05}, defaults={**ADAM, "momentum_decay": 4e-3},
         exact_steps=1),  # its momentums are 250th roots
    Rule("NAdam", nadam, {"lr": 0.05, "momentum_decay": 1.0, "weight_decay": 0.1,
                          "decoupled_weight_decay": True}, defaults=ADAM),
    Rule("RAdam", radam, {"lr": 0.05}, defaults=ADAM),
    Rule("RAdam", radam, {"lr": 0.05, "betas": (0.5, 0.75), "weight_decay": 0.1},
         defaults={"eps": 1e-8}),
    Rule("RAdam", radam, {"lr": 0.05, "weight_decay": 0.1, "decoupled_weight_decay": True,
                          "maximize": True}, defaults=ADAM),
    Rule("Adagrad", adagrad, {"lr": 0.1}, defaults={"eps": 1e-10}),
    Rule("Adagrad", adagrad, {"lr": 0.1, "lr_decay": 0.5, "weight_decay": 0.1,
                              "initial_accumulator_value": 0.25, "eps": 1e-3}),
    Rule("RMSprop", rmsprop, {"lr": 0.01}, defaults=RMS),
    Rule("RMSprop", rmsprop, {"lr": 0.01, "alpha": 0.75, "eps": 1e-2, "weight_decay": 0.1,
                              "momentum": 0.5}),
    Rule("RMSprop", rmsprop, {"lr": 0.01, "centered": True, "alpha": 0.5, "maximize": True},
         defaults={"eps": 1e-8}),
    Rule("RMSprop", rmsprop, {"lr": 0.01, "centered": True, "momentum": 0.9, "eps": 1e-2},
         defaults={"alpha": 0.99}),
    Rule("Adadelta", adadelta, {}, defaults={"lr": 1.0, "rho": 0.9, "eps": 1e-6}),
    Rule("Adadelta", adadelta, {"lr": 0.5, "rho": 0.75, "eps": 1e-2, "weight_decay": 0.1}),
]  # fmt: skip
