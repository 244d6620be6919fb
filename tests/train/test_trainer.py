"""The loop: against one written by hand, what it shows, what stops it, what it refuses."""

import math
import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest
from rich.console import Console

import chainrule as cr
from chainrule import nn
from chainrule.core.errors import AnomalyError, ArgumentError, ShapeError
from chainrule.data import DataLoader, TensorDataset
from chainrule.nn import functional as F
from chainrule.train import Checkpoints, EarlyStopping, History, Trainer, accuracy, progress
from tests.train.setup import make, outcome

ROOT = Path(__file__).parents[2]


def data():
    x = cr.randn(20, 3, generator=cr.Generator(1))
    return TensorDataset(x, (x.sum(1) > 0).long())


def plain(lr=0.1, **options):
    cr.manual_seed(0)
    net = nn.Linear(3, 2)
    optimizer = cr.optim.SGD(net.parameters(), lr=lr, momentum=0.5)
    return Trainer(net, F.cross_entropy, optimizer, progress=False, **options)


def by_hand(epochs, clip=None):
    """The same training, as people write it."""
    cr.manual_seed(0)
    net = nn.Linear(3, 2)
    optimizer = cr.optim.SGD(net.parameters(), lr=0.1, momentum=0.5)
    losses = []
    for _ in range(epochs):
        total = 0.0
        for x, y in DataLoader(data(), 6, shuffle=True):
            optimizer.zero_grad()
            loss = F.cross_entropy(net(x), y)
            loss.backward()
            if clip is not None:
                nn.utils.clip_grad_norm_(net.parameters(), clip)
            optimizer.step()
            total += loss.item() * len(y)
        losses.append(total / 20)
    return net, losses


@pytest.mark.parametrize("clip", [None, 0.1])
def test_a_loop_written_by_hand(clip):
    trainer = plain(clip_norm=clip)
    history = trainer.fit(DataLoader(data(), 6, shuffle=True), 3)
    net, losses = by_hand(3, clip)
    assert history["loss"] == losses
    assert trainer.model.weight.tolist() == net.weight.tolist()
    assert (trainer.epoch, trainer.step) == (3, 12)


def test_validation_changes_nothing_and_is_right():
    trainer, loader, validation = make(stopping=None)
    trainer.fit(loader, 1)
    before = outcome(trainer)
    trainer.model[3].eval()
    found = trainer.evaluate(DataLoader(validation.dataset, 4))
    assert [m.training for m in trainer.model] == [True, True, True, False, True]
    trainer.model.eval()
    x, y = validation.dataset.tensors
    with cr.no_grad():
        output = trainer.model(x)
    assert found["loss"] == pytest.approx(F.cross_entropy(output, y).item(), rel=1e-6)
    assert found["accuracy"] == pytest.approx(accuracy(output, y).item())
    assert outcome(trainer) == before


def test_early_stopping_restores_the_best_weights():
    losses = iter([5.0, 3.0, 4.0, 3.0, 2.0])
    weights = []
    trainer = plain(
        lr=0.5,
        stopping=EarlyStopping(patience=2, monitor="val_made_up"),
        metrics={"made_up": lambda y, d: next(losses) if not trainer.model.training else 0.0},
        callbacks=[lambda t: weights.append(t.model.weight.tolist())],
    )
    validation = [(cr.ones(1, 3), cr.tensor([0]))]
    trainer.fit(DataLoader(data(), 20), 10, validation)
    assert trainer.epoch == 4
    assert trainer.stopping.best_epoch == 2
    assert trainer.model.weight.tolist() == weights[1] != weights[3]


def test_best_values():
    stopping = EarlyStopping(patience=2, min_delta=0.5, mode="max", monitor="a")
    net = nn.Linear(1, 1)
    seen = []
    for epoch, value in enumerate([1.0, 1.5, 2.0, math.nan, 2.1]):
        stopping.update({"epoch": epoch, "a": value}, net)
        seen.append((stopping.best_epoch, stopping.waited, stopping.stopped))
    assert seen == [(0, 0, False), (0, 1, False), (2, 0, False), (2, 1, False), (2, 2, True)]


class Plateau:
    """A schedule that watches a value."""

    def __init__(self):
        self.seen = []

    def step(self, metrics, epoch=None):
        self.seen.append(metrics)


def test_schedules():
    for every, steps in (("epoch", 3), ("batch", 12)):
        trainer = plain(schedule_every=every)
        trainer.schedule = cr.optim.StepLR(trainer.optimizer, 1, 0.5)
        history = trainer.fit(DataLoader(data(), 6), 3)
        assert trainer.schedule.last_epoch == steps
        rates = [0.1, 0.05, 0.025] if every == "epoch" else [0.1 * 0.5**i for i in (3, 7, 11)]
        assert history["lr"] == pytest.approx(rates)
    plateau = Plateau()
    trainer = plain(schedule=plateau)
    history = trainer.fit(DataLoader(data(), 6), 2, DataLoader(data(), 6))
    assert plateau.seen == history["val_loss"]
    history = trainer.fit(DataLoader(data(), 6), 1)
    assert plateau.seen[-1] == history["loss"][-1]


@pytest.mark.parametrize("compile", [False, True])
def test_a_loss_that_is_no_number(compile):
    trainer = plain(compile=compile)
    good, bad = (cr.ones(2, 3), cr.tensor([0, 1])), (cr.ones(2, 3) * math.nan, cr.tensor([0, 1]))
    trainer.fit([good], 2)
    weights = trainer.model.weight.tolist()
    with pytest.raises(AnomalyError) as raised:
        trainer.fit([bad, good], 1)
    assert raised.value.fact == "the loss is nan at step 3 (epoch 3, batch 1)"
    if not compile:
        assert trainer.model.weight.tolist() == weights
        assert (trainer.step, trainer.epoch, len(trainer.history)) == (2, 2, 2)
    other = plain(compile=compile, stop_at_nan=False)
    assert math.isnan(other.fit([bad, good], 1)["loss"][0])


def test_batches_of_another_kind():
    trainer = plain(forward=lambda model, batch: (model(batch["x"]), batch["y"]))
    assert len(trainer.fit([{"x": cr.ones(2, 3), "y": cr.tensor([0, 1])}], 1)) == 1
    for batch, got in (({"x": 1}, "a dict"), ([cr.ones(2, 3)], "a list of 1")):
        with pytest.raises(ArgumentError) as raised:
            plain().fit([batch], 1)
        assert raised.value.fact == "a batch is not made of inputs and a target"
        assert raised.value.got == got


@pytest.mark.parametrize(
    ("use", "fact"),
    [
        (lambda: plain(schedule_every="step"), "schedule_every is 'step'"),
        (lambda: plain(clip_norm=0), "clip_norm is 0"),
        (lambda: plain(metrics={"loss": accuracy}), "a metric named 'loss'"),
        (lambda: plain(metrics=[accuracy, accuracy]), "a metric named 'accuracy'"),
        (lambda: plain(metrics={"val_a": accuracy}), "a metric named 'val_a'"),
        (lambda: plain(metrics={"a": 3}), "a metric named 'a'"),
        (lambda: plain().fit([], 0), "epochs is 0"),
        (lambda: plain().fit([], 1), "there is nothing to train on: no batches came"),
        (lambda: plain().evaluate([]), "there is nothing to evaluate on: no batches came"),
        (lambda: EarlyStopping(patience=0), "patience is 0"),
        (lambda: EarlyStopping(mode="best"), "mode is 'best'"),
        (lambda: EarlyStopping(min_delta=-1), "min_delta is -1"),
        (
            lambda: plain(stopping=EarlyStopping(monitor="val_loss")).fit([], 1),
            "the history has no column 'val_loss' to watch",
        ),
        (
            lambda: plain(checkpoints=Checkpoints("x", monitor="a")).fit([], 1),
            "the history has no column 'a' to watch",
        ),
        (lambda: History()["loss"], "the history has no column 'loss'"),
    ],
)
def test_what_is_refused(use, fact):
    with pytest.raises(ArgumentError) as raised:
        use()
    assert raised.value.fact == fact


def test_accuracy():
    scores = cr.tensor([[[0.1, 0.9], [0.2, 0.0]]])  # (n, classes, rest)
    assert accuracy(scores, cr.tensor([[1, 0]])).item() == 1.0
    for target in (cr.tensor([[1.0, 0.0]]), cr.tensor([1])):
        with pytest.raises(ShapeError, match="accuracy takes scores"):
            accuracy(scores, target)


def test_history():
    history = History([{"epoch": 1, "loss": 0.5}, {"epoch": 2, "loss": 1.0, "val_loss": 12345.6}])
    assert history.to_dict() == {
        "epoch": [1, 2], "loss": [0.5, 1.0], "val_loss": [None, 12345.6],
    }  # fmt: skip
    assert str(history).splitlines() == [
        "epoch  loss   val_loss", "    1   0.5           ", "    2     1  1.235e+04",
    ]  # fmt: skip
    assert repr(History()) == "no epochs yet"
    long = repr(History({"epoch": i} for i in range(100))).splitlines()
    assert long[8:11] == ["    7", "    …", "   92"]
    assert len(str(History({"epoch": i} for i in range(100))).splitlines()) == 101


# -- what is shown -------------------------------------------------------------------------------


def shown(**options):
    """What a run writes to a console."""
    console = Console(record=True, width=120, file=open(os.devnull, "w"), **options)  # noqa: SIM115
    made = progress.Bar(console) if console.is_terminal else progress.Lines(console)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("chainrule.train.trainer.display", lambda wanted: made)
        plain().fit(DataLoader(data(), 6), 2)
    console.file.close()
    return console.export_text()


def test_a_line_for_each_epoch():
    lines = shown().splitlines()
    assert [line.split("loss")[0] for line in lines] == ["epoch 1/2  ", "epoch 2/2  "]


def test_a_bar_on_a_terminal(monkeypatch):
    monkeypatch.setattr(progress, "SLOWEST", 0)
    text = shown(force_terminal=True)
    assert "epoch 1/2" in text
    bar = [line for line in text.splitlines() if "left" in line]
    assert any("loss 0." in line and "lr 0.1" in line and "/8" in line for line in bar)


def test_output_that_is_no_terminal(capsys):
    trainer = plain()
    trainer.progress = True
    trainer.fit(DataLoader(data(), 6), 1)
    assert capsys.readouterr().out.startswith("epoch 1/1  loss ")
    trainer.progress = False
    trainer.fit(DataLoader(data(), 6), 1)
    assert capsys.readouterr().out == ""


# -- Ctrl-C --------------------------------------------------------------------------------------


def interrupting(batches, at, times=1):
    """The batches, with Ctrl-C while one of them is being made."""
    for i, batch in enumerate(batches):
        if i == at:
            for _ in range(times):
                os.kill(os.getpid(), signal.SIGINT)
        yield batch


class Interrupting:
    """A loader that is interrupted in its first pass."""

    def __init__(self, batches):
        self.batches, self.at = batches, 1

    def __iter__(self):
        at, self.at = self.at, -1
        return interrupting(self.batches, at)


def test_ctrl_c_finishes_the_step(tmp_path):
    whole, loader, _ = make(stopping=None)
    batches = list(loader)
    whole.fit(batches, 2)
    trainer, loader, _ = make(tmp_path, stopping=None)
    list(loader)
    trainer.checkpoints.every_steps = None
    with pytest.raises(KeyboardInterrupt) as raised:
        trainer.fit(Interrupting(batches), 2)
    latest = trainer.checkpoints.latest()
    assert latest.name == "step-00000002.safetensors"
    text = "training was interrupted after step 2, in epoch 1; fit(..., resume=True) goes on from"
    assert raised.value.__notes__ == [f"{text} {latest}"]
    assert signal.getsignal(signal.SIGINT) is signal.default_int_handler
    trainer.fit(batches, 2, resume=True)
    assert outcome(trainer) == outcome(whole)


def test_a_second_ctrl_c_is_at_once():
    trainer = plain()
    with pytest.raises(KeyboardInterrupt) as raised:
        trainer.fit(interrupting([(cr.ones(1, 3), cr.tensor([0]))] * 3, 1, times=2), 1)
    assert raised.value.__notes__ == [
        "training was interrupted after step 1, in epoch 1; there is no checkpoint"
    ]


def test_another_handler_stays():
    seen = []
    before = signal.signal(signal.SIGINT, lambda *_: seen.append(1))
    try:
        plain().fit(interrupting([(cr.ones(1, 3), cr.tensor([0]))] * 3, 1), 1)
    finally:
        signal.signal(signal.SIGINT, before)
    assert seen == [1]


def test_ctrl_c_in_a_script(tmp_path):
    """What somebody sees who stops a script."""
    script = f"""
import os, signal
import chainrule as cr
net = cr.nn.Linear(1, 1)
trainer = cr.train.Trainer(net, cr.nn.functional.mse_loss, cr.optim.SGD(net.parameters(), 0.1),
    checkpoints=cr.train.Checkpoints({str(tmp_path)!r}),
    callbacks=[lambda t: os.kill(os.getpid(), signal.SIGINT)])
trainer.fit([(cr.ones(2, 1), cr.zeros(2, 1))], 5)
"""
    done = subprocess.run(
        [sys.executable, "-c", script], cwd=ROOT, capture_output=True, text=True, check=False
    )
    assert done.returncode == -signal.SIGINT
    assert done.stdout.startswith("epoch 1/5  loss ")
    text = "training was interrupted after step 1, in epoch 2; fit(..., resume=True) goes on from"
    path = f"{tmp_path}/step-00000001.safetensors"
    assert done.stderr.splitlines()[-2:] == ["KeyboardInterrupt", f"{text} {path}"]
