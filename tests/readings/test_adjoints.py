"""Adjoint equations: as a person writes them, and true: put into numbers they are the gradients."""

from __future__ import annotations

import json
from typing import Any

import numpy as np
import pytest

import chainrule as cr
from chainrule.core.errors import ArgumentError
from chainrule.nn import functional as F


def network(v1: Any, v2: Any, v3: Any) -> Any:
    v4 = v1 @ v2
    v5 = v4.exp()
    v6 = v4 + v5
    v7 = F.mse_loss(v6, v3)
    return v7  # noqa: RET504  the equations call it so


D = "d"
THROUGH = {
    "v7": "1",
    "v6": "v̄7 @ ∂v7/∂v6",
    "v5": "v̄6 @ ∂v6/∂v5",
    "v4": "v̄6 @ ∂v6/∂v4 + v̄5 @ ∂v5/∂v4",
    "v3": "v̄7 @ ∂v7/∂v3",
    "v2": "v̄4 @ ∂v4/∂v2",
    "v1": "v̄4 @ ∂v4/∂v1",
}
CLOSED = {
    "v7": "1",
    "v6": "2 / d * (v6 - v3)",
    "v5": "2 / d * (v6 - v3)",
    "v4": "2 / d * (v6 - v3) * (1 + v5)",
    "v3": "-(2 / d * (v6 - v3))",
    "v2": "v1ᵀ @ (2 / d * (v6 - v3) * (1 + v5))",
    "v1": "(2 / d * (v6 - v3) * (1 + v5)) @ v2ᵀ",
}


def test_the_equations_of_a_network_with_a_letter_for_its_size() -> None:
    found = cr.adjoints(network, (1, D), (D, D), cr.spec(1, D))
    assert {name: row.chain_rule for name, row in found.items()} == THROUGH
    assert {name: row.closed for name, row in found.items()} == CLOSED
    assert [str(row.shape) for row in found.values()][-2:] == ["(d, d)", "(1, d)"]
    assert list(found) == list(THROUGH) and found.loss == "v7"


BY_HAND = {
    "v6": lambda v: 2 / v["d"] * (v["v6"] - v["v3"]),
    "v5": lambda v: 2 / v["d"] * (v["v6"] - v["v3"]),
    "v4": lambda v: 2 / v["d"] * (v["v6"] - v["v3"]) * (1 + v["v5"]),
    "v3": lambda v: -(2 / v["d"] * (v["v6"] - v["v3"])),
    "v2": lambda v: v["v1"].T @ (2 / v["d"] * (v["v6"] - v["v3"]) * (1 + v["v5"])),
    "v1": lambda v: (2 / v["d"] * (v["v6"] - v["v3"]) * (1 + v["v5"])) @ v["v2"].T,
}
"""The closed forms, read as NumPy."""


def test_closed_forms_are_the_gradients() -> None:
    draw = np.random.default_rng(0)
    v1, v2, v3 = (
        cr.tensor(draw.normal(size=shape), requires_grad=True) for shape in ((1, 3), (3, 3), (1, 3))
    )
    v4 = v1 @ v2
    v5 = v4.exp()
    v6 = v4 + v5
    v7 = F.mse_loss(v6, v3)
    tensors = {"v1": v1, "v2": v2, "v3": v3, "v4": v4, "v5": v5, "v6": v6}
    values = {name: x.detach().numpy() for name, x in tensors.items()} | {"d": 3}
    for name, grad in zip(tensors, cr.autograd.grad(v7, list(tensors.values())), strict=True):
        np.testing.assert_allclose(BY_HAND[name](values), grad.numpy(), rtol=1e-12)
    of_numbers = {name: text.replace("2 / d", "2 / 3") for name, text in CLOSED.items()}
    for found in (cr.adjoints(network, v1, v2, v3), cr.adjoints(v7)):
        assert {name: row.closed for name, row in found.items()} == of_numbers


def test_the_chain_rule_of_each_value_counts_all_its_consumers() -> None:
    x = cr.tensor([1.0, 2.0], requires_grad=True)
    h = x.exp()
    a = h * h
    b = h + 1
    J = (a * b + h).sum()
    found = cr.adjoints(J)
    assert found["h"].chain_rule.endswith("b̄ @ ∂b/∂h + ā @ ∂a/∂h")
    assert found["h"].chain_rule.count("@") == 3
    assert found["x"].chain_rule == "h̄ @ ∂h/∂x"


def test_what_is_printed_and_json() -> None:
    found = cr.adjoints(lambda w, x: (x @ w).sum(), ("n",), (3, "n"))
    lines = str(found).splitlines()
    assert lines[0] == f"Adjoints of {found.loss}, through those of its consumers"
    assert lines[-1].strip() == "w̄ = xᵀ @ [1]₃ₓ₁"
    data = json.loads(json.dumps(found.to_dict()))
    assert [row["of"] for row in data["adjoints"]] == list(found)
    assert data["adjoints"][-1]["shape"] == ["n"]
    with pytest.raises(KeyError, match="no value is called 'z'"):
        found["z"]


def test_common_factors_go_before_brackets_and_numbers_before_them() -> None:
    u = cr.tensor([1.0, 2.0], requires_grad=True)
    h = u.exp()
    J = (u * h * 3).sum()
    assert cr.adjoints(J)["u"].closed == "3 * h * (1 + u)"


def test_factors_that_cannot_be_exchanged_stay_in_their_terms() -> None:
    def loss(w: cr.Tensor, x: cr.Tensor) -> cr.Tensor:
        return (x @ w).exp().sum() + (x @ w).sin().sum()

    assert cr.adjoints(loss, (4,), (3, 4))["w"].closed == "xᵀ @ cos(v6) + xᵀ @ v4"


def test_nothing_is_computed_for_a_function() -> None:
    huge = 10**6
    found = cr.adjoints(lambda W, x: (W @ x).exp().sum(), (huge, "n"), ("n",))
    assert found["W"].shape[0] == huge


@pytest.mark.parametrize(
    ("call", "told"),
    [
        (lambda: cr.adjoints(cr.tensor([1.0, 2.0], requires_grad=True) * 2), "of one number"),
        (lambda: cr.adjoints(cr.tensor(1.0)), "requires a gradient"),
        (lambda: cr.adjoints(cr.tensor(1.0, requires_grad=True)), "requires a gradient"),
        (lambda: cr.adjoints(lambda x: 3, (2,)), "one number"),
        (lambda: cr.adjoints(lambda x: x, (2,)), "one number"),
        (lambda: cr.adjoints(3), "not of int"),
        (lambda: cr.adjoints(cr.tensor(1.0, requires_grad=True) * 2, (2,)), "has its own"),
    ],
)  # fmt: skip
def test_what_has_no_adjoints(call: Any, told: str) -> None:
    with pytest.raises(ArgumentError, match=told):
        call()
