"""Making tensors, against PyTorch; draws against moments; devices and what scripts ask of them."""

from __future__ import annotations

import itertools
import sys
import threading
from typing import Any

import numpy as np
import pytest
import sympy
import torch

import chainrule as cr
from chainrule.core.errors import ArgumentError, CaptureError, ShapeError, ValueCheckError

CALLS: dict[str, Any] = {
    "zeros": lambda t: t.zeros(2, 3, dtype=t.float64, device="cpu"),
    "zeros by size": lambda t: t.zeros(size=(2, 3)),
    "ones": lambda t: t.ones((2, 0), layout=None),
    "full": lambda t: t.full((2,), 3),
    "full of a float": lambda t: t.full((2,), 0.5, requires_grad=True),
    "full of a bool": lambda t: t.full(size=(1, 2), fill_value=True),
    "full of a type": lambda t: t.full((2,), 3, dtype=t.float32),
    "full_like": lambda t: t.full_like(t.ones(2, dtype=t.int64), 7, dtype=t.float32),
    "zeros_like": lambda t: t.zeros_like(t.ones(2, dtype=t.int64), device="cpu"),
    "ones_like": lambda t: t.ones_like(t.zeros(2, 2), dtype=t.bool, requires_grad=False),
    "arange": lambda t: t.arange(5),
    "arange of floats": lambda t: t.arange(0.0, 1.0, 0.25, dtype=t.float64),
    "arange of tensors": lambda t: t.arange(t.tensor(2), t.tensor(5)),
    "linspace": lambda t: t.linspace(-1, 2, 7, dtype=t.float64),
    "linspace of none": lambda t: t.linspace(0, 1, 0),
    "linspace of one": lambda t: t.linspace(3, 1, steps=1),
    "logspace": lambda t: t.logspace(-1, 1, 5, base=2.0, dtype=t.float64),
    "eye": lambda t: t.eye(2, 3, dtype=t.int64),
    "scalar_tensor": lambda t: t.scalar_tensor(3),
    "tensor": lambda t: t.tensor([1, 2], dtype=t.float32, device=t.device("cpu"), pin_memory=False),
    "as_tensor": lambda t: t.as_tensor([1.5], device="cpu"),
    "new_zeros": lambda t: t.ones(1, dtype=t.int64).new_zeros(2, 3),
    "new_ones": lambda t: t.ones(1, dtype=t.float64).new_ones((2,)),
    "new_full": lambda t: t.ones(1, dtype=t.float64).new_full((2,), 4),
    "new_tensor": lambda t: t.ones(1, dtype=t.float64).new_tensor([1, 2]),
    "short names": lambda t: t.zeros(1, dtype=t.long) + t.zeros(1, dtype=t.int),
    "halves": lambda t: t.zeros(1, dtype=t.half) + t.zeros(1, dtype=t.short),
    "doubles": lambda t: t.zeros(1, dtype=t.double) + t.zeros(1, dtype=t.float),
    "to another": lambda t: t.ones(2).to("cpu", t.float64, non_blocking=True),
    "to a copy": lambda t: t.ones(2).to(t.float32, copy=True),
    "bernoulli": lambda t: t.bernoulli(t.tensor([0.0, 1.0])),
}


@pytest.mark.parametrize("name", CALLS)
def test_as_pytorch_makes_it(name: str) -> None:
    ours, theirs = CALLS[name](cr), CALLS[name](torch)
    np.testing.assert_allclose(ours.detach().numpy(), theirs.detach().numpy(), rtol=1e-7)
    assert ours.shape == tuple(theirs.shape)
    assert repr(ours.dtype).partition(".")[2] == repr(theirs.dtype).partition(".")[2]
    assert ours.requires_grad == theirs.requires_grad


FACTS: dict[str, Any] = {
    "device": lambda t: str(t.ones(2).device),
    "type of device": lambda t: t.device("cpu").type,
    "equal": lambda t: (t.device("cpu") == t.ones(1).device, t.device("cpu:0") == t.device("cpu")),
    "index": lambda t: (t.device("cpu", 0).index, str(t.device("cpu:0")), repr(t.device("cpu"))),
    "is_cuda": lambda t: t.ones(2).is_cuda,
    "available": lambda t: (t.cuda.is_available(), t.cuda.device_count()),
    "mps": lambda t: t.backends.mps.is_available(),
    "sizes": lambda t: (t.ones(2, 3).nelement(), t.ones(2, 3).ndimension(), t.numel(t.ones(2, 3))),
    "bytes": lambda t: (t.ones(2, dtype=t.int16).element_size(), t.ones(2).itemsize,
                        t.ones(2).nbytes),
    "stride": lambda t: (t.ones(2, 3).stride(), t.ones(2, 3).t().stride(), t.ones(2, 3).stride(0)),
    "is_tensor": lambda t: (t.is_tensor(t.ones(1)), t.is_tensor([1])),
    "kinds": lambda t: (t.is_floating_point(t.ones(1)), t.is_complex(t.ones(1))),
    "sparse": lambda t: t.ones(1).is_sparse,
    "seed": lambda t: (t.manual_seed(7).initial_seed(), t.initial_seed()),
    "seed of one": lambda t: t.Generator("cpu").manual_seed(3).initial_seed(),
    "negative seed": lambda t: t.Generator(device="cpu").manual_seed(-1).initial_seed(),
}  # fmt: skip


@pytest.mark.parametrize("name", FACTS)
def test_as_pytorch_answers(name: str) -> None:
    assert FACTS[name](cr) == FACTS[name](torch)


def test_accepted_without_effect() -> None:
    cr.cuda.manual_seed(1)
    cr.cuda.manual_seed_all(1)
    cr.cuda.empty_cache()
    cr.use_deterministic_algorithms(True)
    cr.backends.cudnn.benchmark = False
    assert not cr.backends.cudnn.is_available()
    assert not cr.backends.mps.is_built()
    assert hash(cr.device("cpu")) == hash(cr.device(cr.device("cpu")))


def test_empty_tensors_are_zeros() -> None:
    assert cr.empty(2).tolist() == cr.empty_like(cr.ones(2)).tolist() == [0, 0]
    assert cr.ones(1).new_empty(2).tolist() == [0, 0]


# -- draws -----------------------------------------------------------------------------------------

N = 20_000


def moments(x: Any, mean: float, variance: float) -> None:
    """Within five standard errors."""
    x = x.detach().numpy().astype(float).ravel()
    assert abs(x.mean() - mean) < 5 * np.sqrt(variance / x.size)
    spread = np.sqrt(((x - x.mean()) ** 4).mean() / x.size)
    assert abs(x.var() - variance) < 5 * spread


@pytest.mark.parametrize(
    ("draw", "mean", "variance"),
    [
        (lambda: cr.rand(N), 0.5, 1 / 12),
        (lambda: cr.randn(size=(N,), dtype=cr.float64), 0, 1),
        (lambda: cr.randint(2, 8, (N,)), 4.5, 35 / 12),
        (lambda: cr.randint(6, size=(N,), dtype=cr.float32), 2.5, 35 / 12),
        (lambda: cr.randint_like(cr.zeros(N), 6), 2.5, 35 / 12),
        (lambda: cr.normal(2.0, 3.0, (N,)), 2, 9),
        (lambda: cr.normal(cr.full((N,), 2.0), 3.0), 2, 9),
        (lambda: cr.normal(2.0, cr.full((N,), 3.0)), 2, 9),
        (lambda: cr.zeros(N).normal_(1, 2), 1, 4),
        (lambda: cr.zeros(N).uniform_(-1, 3), 1, 16 / 12),
        (lambda: cr.zeros(N).uniform_(**{"from": -1, "to": 3}), 1, 16 / 12),
        (lambda: cr.zeros(N).bernoulli_(0.3), 0.3, 0.21),
        (lambda: cr.zeros(N).bernoulli_(cr.tensor(0.3)), 0.3, 0.21),
        (lambda: cr.zeros(N).exponential_(2.0), 0.5, 0.25),
        (lambda: cr.zeros(N, dtype=cr.int64).random_(6), 2.5, 35 / 12),
        (lambda: cr.zeros(N).random_(2, 8), 4.5, 35 / 12),
        (lambda: cr.zeros(N, dtype=cr.bool).random_().float(), 0.5, 0.25),
        (lambda: cr.zeros(N, dtype=cr.uint8).random_().float() / 255, 0.5 - 0.5 / 255, 1 / 12),
        (lambda: cr.multinomial(cr.tensor([1.0, 0.0, 3.0]), N, replacement=True) / 2, 0.75, 3 / 16),
    ],
)
def test_draws(draw: Any, mean: float, variance: float) -> None:
    cr.manual_seed(11)
    moments(draw(), mean, variance)


def test_draws_without_replacement_are_different_and_in_proportion() -> None:
    cr.manual_seed(2)
    weights = cr.tensor([[1.0, 2.0, 0.0, 5.0]]).expand(4000, 4)
    drawn = cr.multinomial(weights, 2).numpy()
    assert drawn.shape == (4000, 2)
    assert (drawn[:, 0] != drawn[:, 1]).all()
    assert (drawn != 2).all()
    # The second index is drawn from what is left: P(0 first or second) = 1/8 + 2/8/6 + 5/8/3.
    share = (drawn == 0).any(1).mean()
    p = 1 / 8 + 2 / 8 / 6 + 5 / 8 / 3
    assert abs(share - p) < 5 * np.sqrt(p * (1 - p) / 4000)


def test_threads_get_different_draws() -> None:
    found: list[tuple[float, ...]] = []

    def draw() -> None:
        found.extend(tuple(cr.rand(2).tolist()) for _ in range(200))

    threads = [threading.Thread(target=draw) for _ in range(4)]
    before = sys.getswitchinterval()
    sys.setswitchinterval(1e-6)
    try:
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
    finally:
        sys.setswitchinterval(before)
    assert len(set(found)) == len(found) == 800


def test_a_permutation_is_drawn_in_a_compiled_function_too() -> None:
    mixed = cr.compile(lambda x: x[cr.randperm(len(x))])
    x = cr.arange(9.0)
    cr.manual_seed(3)
    eager = [x[cr.randperm(9)].tolist() for _ in range(2)]
    cr.manual_seed(3)
    assert [mixed(x).tolist() for _ in range(2)] == eager
    assert eager[0] != eager[1]
    assert sorted(eager[0]) == x.tolist()


def test_multinomial_says_that_it_needs_values() -> None:
    with pytest.raises(CaptureError, match=r"^multinomial\(\) needs a value"):
        cr.compile(lambda x: cr.multinomial(x, 1))(cr.ones(3))


def test_the_options_of_draws() -> None:
    generator = cr.Generator().manual_seed(5)
    first = cr.randperm(6, generator=generator, dtype=cr.int32)
    assert sorted(first.tolist()) == list(range(6))
    assert first.dtype is cr.int32
    assert cr.rand_like(cr.zeros(2, dtype=cr.float64), device="cpu").dtype is cr.float64
    assert cr.randn_like(cr.zeros(2), requires_grad=True).is_leaf
    assert cr.multinomial(cr.ones(3), 3).tolist() != [] and cr.randint(3).shape == ()


def test_states() -> None:
    generator = cr.Generator()
    generator.seed()
    place = generator.get_state()
    assert (place.dtype, place.shape) == (cr.uint8, (16,))
    first = cr.rand(3, generator=generator).tolist()
    generator.set_state(place)
    assert cr.rand(3, generator=generator).tolist() == first
    assert cr.seed() == cr.initial_seed()
    assert generator.device == cr.device("cpu")


@pytest.mark.parametrize(
    ("error", "fact", "call"),
    [
        (ArgumentError, "there is no device 'cuda'", lambda: cr.zeros(2, device="cuda")),
        (ArgumentError, "there is no device 'cuda:0'", lambda: cr.device("cuda:0")),
        (ArgumentError, "there is no device 'cpu:x'", lambda: cr.device("cpu:x")),
        (ArgumentError, "there is no device 'cuda'", lambda: cr.ones(1).cuda()),
        (ArgumentError, "there is no device 'cuda'", lambda: cr.tensor([1], device="cuda")),
        (ArgumentError, "there is no device 'cuda'", lambda: cr.Generator("cuda")),
        (ArgumentError, "there is no device 'cuda'", lambda: cr.nn.Linear(1, 1, device="cuda")),
        (ArgumentError, "zeros has no argument 'dtpye'", lambda: cr.zeros(2, dtpye=cr.int64)),
        (ArgumentError, "a size is negative: (-1, 2)", lambda: cr.rand(-1, 2)),
        (ArgumentError, "a size is negative: (-1, -1)", lambda: cr.eye(-1)),
        (ArgumentError, "not a number: 'x'", lambda: cr.scalar_tensor("x")),
        (ArgumentError, "a number of steps is from 0, not -1", lambda: cr.linspace(0, 1, -1)),
        (ArgumentError, "draws are floating, not int64", lambda: cr.rand(2, dtype=cr.int64)),
        (ArgumentError, "there is no whole number from 2 to 1", lambda: cr.randint(2, 2, (1,))),
        (ValueCheckError, "a standard deviation is negative", lambda: cr.normal(0.0, -1.0, (2,))),
        (ValueCheckError, "a standard deviation is negative: -1",
         lambda: cr.zeros(2).normal_(0, -1)),
        (ArgumentError, "normal() of two numbers needs a size", lambda: cr.normal(0.0, 1.0)),
        (ArgumentError, "num_samples is 0", lambda: cr.multinomial(cr.ones(2), 0)),
        (ArgumentError, "3 different indices cannot be drawn",
         lambda: cr.multinomial(cr.tensor([1.0, 0.0, 1.0]), 3)),
        (ShapeError, "weights have one or two axes, and entries, not (1, 1, 1)",
         lambda: cr.multinomial(cr.ones(1, 1, 1), 1)),
        (ArgumentError, "weights are floating, not int64",
         lambda: cr.multinomial(cr.ones(2, dtype=cr.int64), 1)),
        (ValueCheckError, "weights are finite, not negative, and not all 0",
         lambda: cr.multinomial(cr.tensor([-1.0, 2.0]), 1)),
        (ArgumentError, "uniform_ from 1.0 to 0.0: the end comes before the start",
         lambda: cr.zeros(1).uniform_(1.0, 0.0)),
        (ArgumentError, "uniform_ has no argument 'high'", lambda: cr.zeros(1).uniform_(high=2)),
        (ValueCheckError, "a rate is positive, not 0", lambda: cr.zeros(1).exponential_(0)),
        (ArgumentError, "the state of a generator is a tensor of 16 bytes",
         lambda: cr.set_rng_state(cr.zeros(3))),
        (ArgumentError, "profile is 'long'", lambda: cr.set_printoptions(profile="long")),
    ],
)  # fmt: skip
def test_mistakes(error: Any, fact: str, call: Any) -> None:
    with pytest.raises(error) as raised:
        call()
    assert raised.value.fact == fact


def test_how_tensors_print() -> None:
    try:
        cr.set_printoptions(precision=2, sci_mode=True)
        assert repr(cr.tensor(1234.5)) == "tensor(1.23e+03)"
        cr.set_printoptions(sci_mode=False)
        assert repr(cr.tensor([1e-5])) == "tensor([0.00])"
        cr.set_printoptions(profile="short", threshold=3, edgeitems=1)
        assert repr(cr.arange(9)) == "tensor([0, ..., 8])"
        cr.set_printoptions(threshold=float("inf"), linewidth=20)
        assert repr(cr.arange(9)).count("\n") > 0
    finally:
        cr.set_printoptions(profile="default")
    assert repr(cr.tensor(1 / 3)) == "tensor(0.3333)"


@pytest.mark.parametrize("dtype", ["int64", "int32", "int8"])
def test_ranges_of_whole_numbers_are_pytorchs(dtype: str) -> None:
    """Cut off first, not last; and from the nearer end, by steps of one rounding."""
    ends = (-3.7, -2.5, -1, -0.5, 0, 0.4, 1.9, 5, 7.6, 100)
    kinds = {"dtype": getattr(torch, dtype)}, {"dtype": getattr(cr, dtype)}
    for start, end in itertools.product(ends, ends):
        for steps in (0, 1, 2, 4, 7, 10):
            wanted = torch.linspace(start, end, steps, **kinds[0]).tolist()
            assert cr.linspace(start, end, steps, **kinds[1]).tolist() == wanted
        for step in (-2.5, -1, 1.0, 1.5, 3.3):
            if (end - start) * step > 0:
                wanted = torch.arange(start, end, step, **kinds[0]).tolist()
                assert cr.arange(start, end, step, **kinds[1]).tolist() == wanted


@pytest.mark.parametrize("entry", [sympy.Symbol("x"), sympy.I, 1j])
def test_an_entry_that_has_no_value_in_the_type_is_named(entry: Any) -> None:
    with pytest.raises(ArgumentError, match="an entry has no value in float64") as caught:
        cr.tensor([[1], [entry]], dtype=cr.float64)
    assert caught.value.got == str(entry)
    with pytest.raises(ArgumentError, match="nested lists of unequal lengths"):
        cr.tensor([[1], [2, 3]], dtype=cr.float64)
