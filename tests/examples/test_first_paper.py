"""A teacher's first paper: it is read, solved, and right for other givens too, by PyTorch."""

import random
from functools import cache

import pytest
import torch
from torch.nn import functional as F

from chainrule.papers import load, problems
from chainrule.papers.expressions import approximate, parse
from chainrule.papers.ranges import other
from tests.papers.here import ROOT, Here

FILE = ROOT / "examples" / "first_paper.md"
TRIES = 6
"""A given that should change an answer has so many other values to do it."""


@cache
def paper():
    return load(FILE)


@cache
def base():
    return paper().solve(executor=Here())


def question_of(id):
    return next(q for q in paper().questions if any(part.id == id for part in q.parts))


def answer(id, givens):
    question = question_of(id)
    solved = paper().solve([id], givens={question.id: givens}, executor=Here())[id]
    assert solved.status == "answered", solved.error
    return solved.answer


PARTS = "1a 1b 1c 2a 2b 3a 3b 4 5a 5b 6".split()  # noqa: SIM905


def test_every_part_is_answered_as_published():
    assert problems(FILE) == []
    assert [(part.id, part.agreement) for part in base().parts] == [(id, "agrees") for id in PARTS]


@pytest.mark.parametrize("id", PARTS)
def test_answers_change_with_what_they_depend_on_and_with_nothing_else(id):
    question = question_of(id)
    unaffected = next(part for part in question.parts if part.id == id).asked.unaffected
    for name, given in question.givens.items():
        rng = random.Random(7)
        found = [answer(id, {name: other(given, rng)}) for _ in range(TRIES)]
        changes = any(one != base()[id].answer for one in found)
        assert changes == (name not in unaffected), name


def floats(value):
    """Numbers of a given, or of an answer, as a tensor."""
    if isinstance(value, dict):
        value = list(value.values())
    if isinstance(value, list):
        return torch.stack([floats(part) for part in value])
    number = approximate(parse(value)) if isinstance(value, str) else value
    number = number if isinstance(number, int | float) else _float(number)
    return torch.tensor(float(number), dtype=torch.float64)


def _float(number):
    return approximate(number) if hasattr(number, "parts") else float(number)


def block(x, groups):
    x = floats(x)[None].requires_grad_()
    normed = F.group_norm(x, groups, eps=0)
    y = x + normed.relu()
    (y[0] * torch.arange(1, 7)).sum().backward()
    return torch.stack([normed[0], y[0]]), x.grad[0]


def gru(x, h, w):
    cell = torch.nn.GRUCell(1, 1, bias=False, dtype=torch.float64)
    for parameter in cell.parameters():
        parameter.data.fill_(float(w))
    return cell(floats([[x]]), floats([[h]]))[0, 0]


def steps(start, rate, decay):
    theta = floats(start).requires_grad_()
    adamw = torch.optim.AdamW([theta], lr=float(rate), eps=0, weight_decay=float(decay))
    path = []
    for _ in range(2):
        adamw.zero_grad()
        (theta**2 / 2).backward()
        adamw.step()
        path.append(theta.item())
    return floats(path)


def attention(Q, K, V):
    q, k, v = (floats(part)[None] for part in (Q, K, V))
    return F.scaled_dot_product_attention(q, k, v, is_causal=True, scale=1)[0, :, 0]


def policy(theta, a, G, b):
    theta = floats(theta).requires_grad_()
    theta.log_softmax(0)[a].backward()
    return (G - b) * theta.grad


ORACLES = {
    "1a": lambda g: block(g["x"], g["groups"])[0],
    "1b": lambda g: block(g["x"], g["groups"])[1],
    "1c": lambda g: 2 * g["channels"] + 9 * g["channels"] ** 2,
    "2a": lambda g: gru(g["x"], g["h"], g["w"]),
    "2b": lambda g: 3 * g["units"] * (g["n"] + g["units"] + 2),
    "3b": lambda g: F.conv_transpose1d(floats([[g["r"]]]), floats([[[1, 2, 1]]]), stride=2)[0, 0],
    "4": lambda g: steps(g["start"], g["rate"], g["decay"]),
    "5a": lambda g: attention(g["Q"], g["K"], g["V"]),
    "6": lambda g: policy(g["theta"], g["a"], g["G"], g["b"]),
}


@pytest.mark.parametrize("id", ORACLES)
@pytest.mark.parametrize("seed", [1, 2])
def test_other_givens_are_answered_as_pytorch_has_it(id, seed):
    rng = random.Random(seed)
    givens = {name: other(given, rng) for name, given in question_of(id).givens.items()}
    wanted = torch.as_tensor(ORACLES[id](givens), dtype=torch.float64)
    torch.testing.assert_close(floats(answer(id, givens)), wanted.detach(), rtol=1e-9, atol=1e-9)


@pytest.mark.parametrize("seed", range(4))
def test_the_shape_of_a_transposed_convolution(seed):
    rng = random.Random(seed)
    givens = {name: other(given, rng) for name, given in question_of("3a").givens.items()}
    size, kernel, stride, padding = (givens[n] for n in ("size", "kernel", "stride", "padding"))
    layer = torch.nn.ConvTranspose2d(8, 16, kernel, stride=stride, padding=padding)
    shape = list(layer(torch.zeros(3, 8, size, size)).shape)
    assert answer("3a", givens) == ["B", *shape[1:]]
