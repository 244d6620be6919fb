"""Examples follow their PyTorch twins: the same file with PyTorch's import lines."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

NAMES = ("cnn_digits", "gru_digits", "transformer_digits", "gpt")


@pytest.mark.parametrize("name", NAMES)
def test_the_first_steps_are_those_of_the_twin(example: Any, name: str) -> None:
    ours, theirs, *_ = example("twin").compare(name, 4)
    assert len(ours) == 4 and ours[-1] != ours[0]
    np.testing.assert_allclose(ours, theirs, rtol=1e-5)


@pytest.mark.slow
@pytest.mark.parametrize("name", NAMES)
def test_after_300_steps_the_loss_is_within_2_percent_of_the_twin(example: Any, name: str) -> None:
    ours, theirs, *_ = example("twin").compare(name, 300)
    assert len(ours) == len(theirs) == 300
    assert ours[-1] == pytest.approx(theirs[-1], rel=0.02)
    assert np.mean(ours[-50:]) == pytest.approx(np.mean(theirs[-50:]), rel=0.02)
    assert np.mean(ours[-50:]) < 0.6 * ours[0]


def test_all_examples_with_a_twin_are_tried(example: Any) -> None:
    assert example("twin").EXAMPLES == NAMES


def test_a_twin_is_pytorch_alone(example: Any) -> None:
    twin = example("twin")
    for name in NAMES:
        module = twin.load(name, twin.TwinLoader)
        assert {module.cr.__name__, module.nn.__name__} == {"torch", "torch.nn"}
        assert module.optim.__name__ == "torch.optim"
        assert module.F.__name__ == "torch.nn.functional"


@pytest.mark.parametrize("name", NAMES)
def test_it_says_how_it_went(example: Any, name: str, capsys: pytest.CaptureFixture[str]) -> None:
    losses = example(name).main(3)
    assert len(losses) == 3
    assert f"loss {losses[0]:.3f} -> {losses[-1]:.3f}" in capsys.readouterr().out


def test_the_comparison_is_a_table(example: Any, capsys: pytest.CaptureFixture[str]) -> None:
    example("twin").main("gru_digits", "6")
    lines = capsys.readouterr().out.splitlines()[-9:]
    assert lines[0].split() == ["step", "chainrule", "PyTorch"]
    assert lines[-1].split()[0] == "time" and lines[-2].split()[0] == "last"


@pytest.mark.slow
@pytest.mark.parametrize(("name", "share"), [("cnn_digits", 0.9), ("gru_digits", 0.85)])
def test_digits_are_read(example: Any, name: str, share: float) -> None:
    module = example(name)
    module.cr.manual_seed(0)
    net = module.Net()
    module.train(net, 300)
    assert module.accuracy(net) > share
