"""Decision processes: values by linear equations, against sums, iteration and brute force."""

from __future__ import annotations

from fractions import Fraction
from itertools import product
from typing import Any

import numpy as np
import pytest

import chainrule as cr
from chainrule import rl
from chainrule.core.errors import ArgumentError, DimError, ShapeError, ValueCheckError


def drawn(seed: int, s: int = 4, a: int = 3) -> dict[str, Any]:
    """Tables of a process that anything can happen in."""
    draw = np.random.default_rng(seed)
    transitions = draw.dirichlet(np.ones(s), size=(s, a))
    return {"transitions": transitions, "rewards": draw.normal(size=(s, a, s)), "discount": 0.8}


def gridworld(discount: Any = 1, dtype: Any = None) -> rl.MDP:
    """A corridor 0 … 4: left or right, slipping back with probability 1/4; 4 is the goal."""
    P = [[[0] * 5 for _ in range(2)] for _ in range(5)]
    for s in range(4):
        for a, to in enumerate((max(s - 1, 0), s + 1)):
            P[s][a][to] += Fraction(3, 4)
            P[s][a][max(s - 1, 0)] += Fraction(1, 4)
    return rl.MDP(P, [[-1, -1]] * 5, discount, start=2, terminal=[4], dtype=dtype or cr.exact)


@pytest.mark.parametrize("seed", range(3))
def test_the_value_is_the_discounted_sum(seed: int) -> None:
    given = drawn(seed)
    pi = np.random.default_rng(seed + 9).dirichlet(np.ones(3), size=4)
    P = np.einsum("sa,sat->st", pi, given["transitions"])
    r = np.einsum("sa,sat,sat->s", pi, given["transitions"], given["rewards"])
    wanted = sum(0.8**t * np.linalg.matrix_power(P, t) @ r for t in range(300))
    mdp = rl.MDP(**given)
    found = mdp.value(cr.tensor(pi))
    np.testing.assert_allclose(found.numpy(), wanted, rtol=1e-12)
    Q = mdp.action_values(found).numpy()
    np.testing.assert_allclose((pi * Q).sum(1), wanted, rtol=1e-12)


def test_exact_values_are_fractions() -> None:
    mdp = gridworld(discount=Fraction(1, 2))
    right = mdp.value(cr.tensor([1] * 5)).tolist()
    P = [[Fraction(0)] * 5 for _ in range(5)]
    for s in range(4):
        P[s][s + 1] += Fraction(3, 4)
        P[s][max(s - 1, 0)] += Fraction(1, 4)
    for s in range(5):  # Bellman's equation, entry by entry
        wanted = (s < 4) * -1 + Fraction(1, 2) * sum(P[s][t] * right[t] for t in range(5))
        assert right[s] == wanted
    assert right[4] == 0


def test_a_symbol_may_be_a_probability() -> None:
    p = cr.symbols("p")
    one, none = cr.ones_like(p), cr.zeros_like(p)
    P = cr.stack([cr.stack([1 - p, p]), cr.stack([none, one])])[:, None]
    mdp = rl.MDP(P, cr.tensor([[1], [0]], dtype=cr.exact), 1, terminal=[1])
    waits = mdp.value(cr.tensor([0, 0]))[0]
    assert str(waits.item()) == "1/p"


def test_the_value_is_differentiable_by_the_policy() -> None:
    mdp = rl.MDP(**drawn(3), start=[0.25] * 4)
    logits = cr.tensor(np.random.default_rng(1).normal(size=(4, 3)), requires_grad=True)
    assert cr.autograd.gradcheck(lambda z: mdp.objective(z.softmax(-1)), (logits,))


@pytest.mark.parametrize("seed", range(4))
def test_both_iterations_find_the_best_of_all_policies(seed: int) -> None:
    mdp = rl.MDP(**drawn(seed))
    every = [mdp.value(cr.tensor(actions)).numpy() for actions in product(range(3), repeat=4)]
    best = np.max(every, 0)
    by_policy, by_value = rl.policy_iteration(mdp), rl.value_iteration(mdp, 1e-9)
    np.testing.assert_allclose(by_policy.values.numpy(), best, rtol=1e-12)
    np.testing.assert_allclose(by_value.values.numpy(), best, atol=1e-9)
    assert by_policy.actions.tolist() == by_value.actions.tolist()
    assert by_policy.steps < 10 < by_value.steps


@pytest.mark.parametrize("discount", [1, Fraction(9, 10)])
def test_the_exact_plan_walks_to_the_goal(discount: Any) -> None:
    mdp = gridworld(discount)
    plan = rl.policy_iteration(mdp)
    assert plan.actions.tolist()[:4] == [1] * 4
    values = plan.values.tolist()
    assert values == mdp.action_values(plan.values).max(1).values.tolist()
    assert all(isinstance(v, int | Fraction) for v in values)
    floats = rl.value_iteration(gridworld(discount, cr.float64), 1e-12)
    np.testing.assert_allclose(floats.values.numpy(), [float(v) for v in values], atol=1e-9)


def test_value_iteration_stops_after_steps() -> None:
    plan = rl.value_iteration(gridworld(), steps=2)
    assert plan.values.tolist() == [-2, -2, -2, Fraction(-5, 4), 0] and plan.steps == 2


@pytest.mark.parametrize(
    ("options", "error", "words"),
    [
        ({"transitions": [[0.5, 0.5]]}, ShapeError, "transitions of shape"),
        ({"transitions": [[[0.5, 0.6]], [[0, 1]]]}, ValueCheckError, r"transitions\[0, 0\] are no"),
        ({"transitions": [[[1.5, -0.5]], [[0, 1]]]}, ValueCheckError, "no probabilities"),
        ({"rewards": [[1.0, 2.0]]}, ShapeError, "rewards of shape"),
        ({"discount": 1.5}, ArgumentError, "a discount is 1.5"),
        ({"discount": True}, ArgumentError, "a discount is True"),
        ({"discount": "half"}, ArgumentError, "a discount is 'half'"),
        ({"discount": cr.tensor([0.5, 0.5])}, ArgumentError, "a discount is one number"),
        ({"discount": cr.tensor(1.5)}, ArgumentError, "a discount is 1.5"),
        ({"terminal": 1}, ArgumentError, "terminal is 1"),
        ({"start": 2}, DimError, "start: state 2 of 2"),
        ({"start": [0.5, 0.6]}, ValueCheckError, "start are no probabilities"),
        ({"start": [1.0]}, ShapeError, "start of shape"),
        ({"start": 1}, ValueCheckError, "a state that is terminal"),
        ({"terminal": [-1]}, DimError, "terminal: state -1 of 2"),
        ({"terminal": [True]}, ArgumentError, "not True"),
        ({"states": [[1.0]]}, ShapeError, "what a policy sees of 2 states"),
    ],
)  # fmt: skip
def test_tables_that_fit_nowhere(options: dict[str, Any], error: type, words: str) -> None:
    good: dict[str, Any] = {
        "transitions": [[[0.5, 0.5]], [[0.0, 1.0]]], "rewards": [[1.0], [0.0]], "terminal": [1],
    }  # fmt: skip
    rl.MDP(**good)
    with pytest.raises(error, match=words):
        rl.MDP(**good | options)


def test_what_has_no_end_has_no_value(monkeypatch: pytest.MonkeyPatch) -> None:
    P = [[[1, 0, 0], [0, 1, 0]], [[1, 0, 0], [0, 0, 1]], [[0, 0, 1]] * 2]
    mdp = rl.MDP(P, [[1, 1]] * 3, terminal=[2])
    with pytest.raises(ValueCheckError, match="from state 0 no terminal state is reached"):
        mdp.value(cr.tensor([0, 1, 0]))
    assert mdp.value(cr.tensor([1, 1, 0])).tolist() == [2, 1, 0]
    monkeypatch.setattr(rl.planning, "SWEEPS", 50)
    with pytest.raises(ValueCheckError, match="the values still change after 50 sweeps"):
        rl.value_iteration(rl.MDP([[[1.0]]], [[1.0]]), tolerance=1e-3)


def test_what_the_tables_say_of_an_end_is_not_read() -> None:
    nan = float("nan")
    tables = [[[0.0, 1.0]], [[nan, 2.0]]], [[3.0], [nan]]
    mdp = rl.MDP(*tables, terminal=[np.int64(1)], start=np.int64(0))
    assert mdp.value(cr.tensor([0, 0])).tolist() == [3.0, 0.0]


@pytest.mark.parametrize("row", [[0.9, 0.9], [1.5, -0.5], [float("nan"), 1.0]])
def test_a_policy_that_is_none(row: list[float]) -> None:
    good = [0.5, 0.5]
    mdp = gridworld(Fraction(1, 2), cr.float64)
    with pytest.raises(ValueCheckError, match="no probabilities in state 1") as caught:
        mdp.value(cr.tensor([good, row, good, good, good]))
    assert caught.value.hint == "logits.softmax(-1)"
    mdp.value(cr.tensor([good, good, good, good, row]))  # state 4 is the end


def test_a_policy_of_another_size() -> None:
    with pytest.raises(ShapeError, match="a policy of shape"):
        gridworld().value(cr.tensor([[1, 0]]))
    with pytest.raises(ArgumentError, match="steps is 0"):
        rl.value_iteration(gridworld(), steps=0)
    with pytest.raises(ArgumentError, match="a tolerance of -1"):
        rl.value_iteration(gridworld(), tolerance=-1)


def test_the_value_is_explained_under_the_names_of_textbooks() -> None:
    mdp = gridworld(Fraction(1, 2))
    with cr.record():
        V = mdp.value(cr.tensor([1] * 5))
    told = str(cr.explain(V))
    for part in (" P = ", " r = ", "γ * P", "I - ", ") @ r"):
        assert part in told


def test_it_says_what_it_is() -> None:
    assert repr(gridworld(Fraction(1, 2))) == "MDP(5 states, 2 actions, discount 1/2)"
