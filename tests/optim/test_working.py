"""The working of a step: it is the step that is made, whatever the rules are."""

from __future__ import annotations

import json
from fractions import Fraction
from typing import Any

import numpy as np
import pytest

import chainrule as cr
from chainrule import nn, optim
from chainrule.core.errors import ArgumentError
from chainrule.core.op import registry
from chainrule.optim.rules import Rule as Operation
from chainrule.optim.transform import Transform
from tests.optim.table import OPTIMIZERS, Rule

RULES = pytest.mark.parametrize("rule", OPTIMIZERS, ids=lambda rule: rule.id)


def pair(rule: Rule, dtype: Any) -> tuple[Any, Any, Any]:
    """A named and a nameless parameter with gradients, after one step of their optimizer."""
    w = cr.named(nn.Parameter(cr.tensor([[3, -1], [0.5, 2]], dtype=dtype)), "w")
    b = nn.Parameter(cr.tensor([1, 2], dtype=dtype))
    optimizer = getattr(optim, rule.name)([w, b], **rule.options)
    for _ in range(2):
        w.grad = cr.tensor([[1, -2], [0.5, 4]], dtype=dtype)
        b.grad = cr.tensor([-1, 3], dtype=dtype)
        optimizer.step()
        if dtype is cr.exact:  # the roots of a second step are long
            break
    return w, b, optimizer


@pytest.mark.parametrize("dtype", [cr.float64, cr.float32], ids=["float64", "float32"])
@RULES
def test_the_working_is_that_of_the_step(rule: Rule, dtype: Any) -> None:
    w, b, optimizer = pair(rule, dtype)
    before = [w.tolist(), b.tolist(), sorted(optimizer.state_dict()["state"])]
    told = optimizer.explain()
    assert str(told)
    assert before == [w.tolist(), b.tolist(), sorted(optimizer.state_dict()["state"])]
    assert [p.name for p in told] == ["w", "p₁"]
    assert told["w"].step == 3
    optimizer.step()
    for p, found in zip((w, b), told, strict=True):
        np.testing.assert_array_equal(found[-1].value, p.detach().numpy())
        assert found[0].name == "gradient"
        state = [x for x in optimizer.state[p].values() if isinstance(x, cr.Tensor)]
        values = [row.value for row in found]
        for kept in state:
            assert any(np.array_equal(kept.numpy(), value) for value in values)


@pytest.mark.parametrize("rule", [r for r in OPTIMIZERS if r.name != "NAdam"], ids=lambda r: r.id)
def test_exact_working_has_exact_numbers(rule: Rule) -> None:
    w = nn.Parameter(cr.tensor([3], dtype=cr.exact))
    w.grad = cr.tensor([2], dtype=cr.exact)
    optimizer = getattr(optim, rule.name)([w], **rule.options)
    told = optimizer.explain()
    optimizer.step()
    assert told["p"]["p"].value.tolist() == w.detach().tolist()
    for row in (*told[0], *told[0].numbers):
        assert not any(isinstance(x, float) for x in np.ravel(row.value).tolist())


def test_every_number_is_there_as_formula_substitution_and_value() -> None:
    w = cr.named(nn.Parameter(cr.tensor([1], dtype=cr.exact)), "w")
    optimizer = optim.Adam([w], lr=0.1, eps=0.0, weight_decay=0.5, decoupled_weight_decay=True)
    w.grad = cr.tensor([2], dtype=cr.exact)
    told = optimizer.explain()
    assert told.text(90).splitlines() == [
        "w, step 1 of Adam: lr = 1/10, beta1 = 9/10, gain1 = 1/10, beta2 = 999/1000,",
        "  gain2 = 1/1000, eps = 0, correction1 = 1/10, correction2 = 1/1000, decay = 1/2",
        "        gradient = [2]",
        "              m′ = beta1 * m + gain1 * gradient = 9/10 * [0] + 1/10 * [2] = [1/5]",
        "              v′ = beta2 * v + gain2 * (gradient * gradient)",
        "                 = 999/1000 * [0] + 1/1000 * ([2] * [2])",
        "                 = [1/250]",
        "               m̂ = m′ / correction1 = [1/5] / (1/10) = [2]",
        "               v̂ = v′ / correction2 = [1/250] / (1/1000) = [4]",
        "            root = sqrt(v̂) = sqrt([4]) = [2]",
        "     denominator = root + eps = [2] + 0 = [2]",
        "          update = m̂ / denominator = [2] / [2] = [1]",
        "  decayed update = update + decay * w = [1] + 1/2 * [1] = [3/2]",
        "              w′ = w - lr * decayed update = [1] - 1/10 * [3/2] = [17/20]",
    ]  # fmt: skip
    assert told["w"]["m"] == told["w"]["m′"] == told[0][1]
    assert told["w"]["beta1"].value.item() == Fraction(9, 10)
    assert len(told) == 1
    assert len(told[0]) == 10
    plain = json.loads(json.dumps(told.to_dict()))
    assert plain["parameters"][0]["rows"][-1] == {
        "name": "w′", "formula": "w - lr * decayed update",
        "substitution": "[1] - 1/10 * [3/2]", "value": ["17/20"],
    }  # fmt: skip


def test_parameters_without_gradient_have_no_table_and_late_ones_their_own_step() -> None:
    net = nn.Sequential(nn.Linear(2, 1), nn.Linear(1, 1))
    net(cr.ones(1, 2)).sum().backward()
    optimizer = optim.SGD(net.parameters(), lr=0.5, momentum=0.5)
    optimizer.zero_grad()
    net[0].weight.grad = cr.ones(1, 2)
    optimizer.step()
    net[1].weight.grad = cr.ones(1, 1)
    told = optimizer.explain()
    assert [p.step for p in told] == [2, 1]
    assert len(told) == 2


def test_what_is_not_there_is_named() -> None:
    w = cr.named(nn.Parameter(cr.ones(1)), "w")
    w.grad = cr.ones(1)
    told = optim.SGD([w], lr=0.5).explain()
    with pytest.raises(ArgumentError) as raised:
        told["b"]
    assert raised.value.fact == "there is no parameter 'b' with a gradient"
    assert raised.value.expected == "w"
    with pytest.raises(ArgumentError) as raised:
        told["w"]["velocity"]
    assert raised.value.fact == "the step of w has no row 'velocity'"
    assert raised.value.expected == "gradient, w′, lr"


def test_a_rule_of_ones_own_is_explained_like_any_other() -> None:
    class SignStep(Operation):
        """The sign of a running mean."""

        name = "zq_sign_step"
        signature = "=s, =s, -> =s, =s"
        outputs = ("update", "drift")

        def forward(self, xp: Any, gradient: Any, drift: Any, keep: Any) -> Any:
            drift = xp.step(xp.add(xp.multiply(keep, drift), gradient), "raw drift")
            return xp.sign(drift), drift

    try:

        class Signs(Transform):
            """By signs alone."""

            rule = registry["zq_sign_step"]
            state = ("drift",)
            makes = "direction"

            def numbers(self, group: Any, step: Any) -> tuple[Any, ...]:
                return (group["keep"],)

        class Lion(optim.Optimizer):
            """An optimizer of a user."""

            chain = (Signs(),)

        w = cr.named(nn.Parameter(cr.tensor([1.0, 2.0])), "drift")  # a name that the rule has too
        w.grad = cr.tensor([-3.0, 4.0])
        told = Lion([w], {"lr": 0.5, "keep": 0.25}).explain()
        assert [row.name for row in told[0]] == ["gradient", "drift′", "direction", "parameter′"]
        assert told[0]["drift"].formula == "keep * drift + gradient"
        assert told[0]["parameter"].value.tolist() == [1.5, 1.5]
    finally:
        del registry["zq_sign_step"]
