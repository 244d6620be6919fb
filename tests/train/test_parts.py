"""Parts of a trainer that are of other kinds, or do not go together."""

import os

import pytest

import chainrule as cr
from chainrule import nn
from chainrule.core.errors import ArgumentError, CheckpointError, GradientError
from chainrule.data import DataLoader
from chainrule.nn import functional as F
from chainrule.train import Checkpoints, Trainer
from tests.train.test_trainer import data, plain


@pytest.mark.parametrize(
    ("use", "fact"),
    [
        (lambda: plain(clip_norm="a"), "clip_norm is 'a'"),
        (lambda: plain(clip_norm=True), "clip_norm is True"),
        (lambda: plain(schedule=3), "the schedule is a int"),
        (
            lambda: plain(schedule=cr.optim.StepLR(plain().optimizer, 1)),
            "the schedule belongs to another optimizer",
        ),
        (
            lambda: Trainer(len, F.mse_loss, plain().optimizer),
            "the model is a builtin_function_or_method",
        ),
        (lambda: Trainer(nn.Linear(1, 1), None, plain().optimizer), "the loss is a NoneType"),
        (lambda: Trainer(nn.Linear(1, 1), F.mse_loss, None), "the optimizer is a NoneType"),
        (
            lambda: plain(metrics={"a": lambda y, d: y}).fit(DataLoader(data(), 6), 1),
            "the metric 'a' is not one number",
        ),
        (
            lambda: plain(metrics={"a": lambda y, d: None}).fit(DataLoader(data(), 6), 1),
            "the metric 'a' is not one number",
        ),
    ],
)
def test_what_is_refused(use, fact):
    with pytest.raises(ArgumentError) as raised:
        use()
    assert raised.value.fact == fact


@pytest.mark.parametrize("compile", [False, True])
@pytest.mark.parametrize(
    ("loss", "got"),
    [
        (lambda y, d: F.cross_entropy(y, d, reduction="none"), "a tensor (6,)"),
        (lambda y, d: 3.0, "a float"),
        (lambda y, d: None, "a NoneType"),
        (lambda y, d: (y.sum(), 1), "a tuple"),
    ],
)
def test_losses_that_are_no_number(loss, got, compile):
    trainer = plain(compile=compile)
    trainer = Trainer(trainer.model, loss, trainer.optimizer, progress=False, compile=compile)
    weights = trainer.model.weight.tolist()
    with pytest.raises(ArgumentError) as raised:
        trainer.fit(DataLoader(data(), 6), 1)
    assert (raised.value.fact, raised.value.got) == ("the loss is not one number", got)
    assert (trainer.model.weight.tolist(), trainer.step) == (weights, 0)


@pytest.mark.parametrize("compile", [False, True])
def test_an_optimizer_of_another_network(compile):
    other = plain()
    trainer = Trainer(
        plain().model, F.cross_entropy, other.optimizer, progress=False, compile=compile
    )
    with pytest.raises(GradientError) as raised:
        trainer.fit(DataLoader(data(), 6), 1)
    assert raised.value.fact == (
        "the loss depends on no parameter of the optimizer, so that nothing is trained"
    )


def test_an_iterator_is_used_up():
    with pytest.raises(ArgumentError) as raised:
        plain().fit(iter([(cr.ones(2, 3), cr.tensor([0, 1]))]), 2)
    assert raised.value.hint == (
        "an iterator is used up after one epoch: give a list or a DataLoader"
    )


def test_a_folder_that_cannot_be_is_refused_before_training(tmp_path):
    (tmp_path / "file").write_text("")
    trainer = plain(checkpoints=Checkpoints(tmp_path / "file" / "run"))
    with pytest.raises(CheckpointError) as raised:
        trainer.fit(DataLoader(data(), 6), 1)
    assert raised.value.fact == f"there can be no folder {tmp_path / 'file' / 'run'}"
    assert trainer.step == 0


def test_a_folder_that_cannot_be_written_to(tmp_path, monkeypatch):
    monkeypatch.setattr(os, "access", lambda path, mode: False)
    with pytest.raises(CheckpointError) as raised:
        plain(checkpoints=Checkpoints(tmp_path)).fit(DataLoader(data(), 6), 1)
    assert raised.value.fact == f"the folder {tmp_path} cannot be written to"
