"""Going on from a checkpoint: bit for bit, or not at all."""

import pytest

import chainrule as cr
from chainrule.core.errors import ArgumentError, CheckpointError
from chainrule.nn.checkpoint import StateDictError
from chainrule.train import Checkpoints, EarlyStopping
from tests.train.setup import EPOCHS, make, outcome


@pytest.mark.parametrize(
    "options",
    [
        {},
        {"own": True},
        {"every": "batch"},
        {"compile": True},
        {"stopping": None},
        {"stopping": EarlyStopping(patience=1, restore_best=False)},
    ],
    ids=["plain", "own generator", "per batch", "compiled", "no stopping", "stops early"],
)
def test_from_every_step_to_the_same_bits(tmp_path, options):
    trainer, loader, validation = make(tmp_path, **options)
    trainer.fit(loader, EPOCHS, validation)
    expected = outcome(trainer)
    paths = trainer.checkpoints.paths()
    assert len(paths) == trainer.step >= 4
    for path in paths[:: 4 if options else 2]:
        again = {**options}
        if options.get("stopping"):
            again["stopping"] = EarlyStopping(patience=1, restore_best=False)
        other, loader, validation = make(tmp_path / "other", seed=5, **again)
        other.fit(loader, EPOCHS, validation, resume=path)
        assert outcome(other) == expected, path.name


def test_eager_and_compiled_have_the_same_bits(tmp_path):
    found = []
    for compile in (False, True):
        trainer, loader, validation = make(compile=compile)
        trainer.fit(loader, EPOCHS, validation)
        found.append(outcome(trainer))
    assert found[0] == found[1]


def test_a_finished_run_is_finished_and_a_longer_one_goes_on(tmp_path):
    long, loader, validation = make(stopping=None)
    long.fit(loader, 6, validation)
    short, loader, validation = make(tmp_path, stopping=None)
    short.fit(loader, 4, validation)
    again, loader, validation = make(tmp_path, seed=3, stopping=None)
    assert len(again.fit(loader, 4, validation, resume=True)) == 4
    assert outcome(again) == outcome(short)
    again.fit(loader, 6, validation, resume=True)
    assert outcome(again) == outcome(long)


def test_lists_of_batches(tmp_path):
    """They say nothing of where they are: what was done is passed over."""
    trainer, loader, _ = make(tmp_path)
    batches = list(loader)
    trainer.fit(batches, 3)
    expected = outcome(trainer)
    other, _, _ = make(tmp_path / "other", seed=4)
    other.fit(batches, 3, resume=trainer.checkpoints.paths()[5])
    assert outcome(other) == expected


def test_the_seconds_of_all_processes_count(tmp_path):
    trainer, loader, _ = make(tmp_path)
    trainer.fit(loader, 1)
    state = cr.load(trainer.checkpoints.paths()[1])
    state["means"]["seconds"] = 100.0
    cr.save(state, tmp_path / "longer")
    other, loader, _ = make(tmp_path / "other")
    assert other.fit(loader, 1, resume=tmp_path / "longer")[0]["seconds"] > 100


def test_resume_without_a_checkpoint_starts(tmp_path):
    trainer, loader, _ = make(tmp_path / "new")
    assert len(trainer.fit(loader, 1, resume=True)) == 1
    other, loader, _ = make()
    with pytest.raises(ArgumentError, match="resume without checkpoints"):
        other.fit(loader, 1, resume=True)


def test_the_checkpoints_of_another_run_are_not_mixed(tmp_path):
    trainer, loader, _ = make(tmp_path)
    trainer.fit(loader, 1)
    trainer.fit(loader, 1)  # its own
    assert (trainer.epoch, len(trainer.history)) == (2, 2)
    other, loader, _ = make(tmp_path)
    with pytest.raises(ArgumentError) as raised:
        other.fit(loader, 1)
    assert raised.value.fact == (
        f"{tmp_path} has the checkpoints of another run, up to step-00000008.safetensors"
    )


# -- what is kept --------------------------------------------------------------------------------


def test_the_newest_and_the_best_are_kept(tmp_path):
    kept = Checkpoints(tmp_path, every_steps=3, every_epochs=None, keep=2)
    trainer, loader, validation = make(checkpoints=kept)
    trainer.fit(loader, 4, validation)
    names = ["best.safetensors", "step-00000012.safetensors", "step-00000015.safetensors"]
    assert sorted(path.name for path in tmp_path.iterdir()) == names
    best = cr.load(kept.best_path)
    losses = trainer.history["val_loss"]
    assert best["history"][-1]["val_loss"] == min(losses)
    assert best["epoch"] == losses.index(min(losses)) + 1
    for name, x in trainer.model.state_dict().items():  # which has its best weights again
        assert x.tolist() == best["model"][name].tolist()


def test_epochs_alone(tmp_path):
    kept = Checkpoints(tmp_path, every_epochs=2, best=False)
    trainer, loader, validation = make(checkpoints=kept, stopping=None)
    trainer.fit(loader, 5, validation)
    assert [path.name for path in kept.paths()] == [
        "step-00000008.safetensors", "step-00000016.safetensors",
    ]  # fmt: skip
    assert len(list(tmp_path.iterdir())) == 2
    assert kept.latest() == kept.paths()[-1]


@pytest.mark.parametrize("name", ["every_steps", "every_epochs", "keep"])
def test_counts(name):
    for value in (0, 1.5, True):
        with pytest.raises(ArgumentError, match=f"{name} is {value}"):
            Checkpoints("a", **{name: value})


# -- what does not fit ---------------------------------------------------------------------------


def refused(tmp_path, change, error=CheckpointError, options=None, fit=None):
    """What is raised for a changed checkpoint, after which nothing must have changed."""
    source, loader, validation = make(tmp_path / "source")
    source.fit(loader, 1, validation)
    state = cr.load(source.checkpoints.paths()[1])
    state = change(state) or state
    path = tmp_path / "changed.safetensors"
    cr.save(state, path)
    trainer, loader, validation = make(seed=9, **(options or {}))
    trainer.fit(loader, 1, validation)
    before, places = outcome(trainer), (loader.state_dict(), validation.state_dict())
    fit = fit or (lambda: trainer.fit(loader, 2, validation, resume=path))
    with pytest.raises(error) as raised:
        fit() if fit.__code__.co_argcount == 0 else fit(trainer, loader, path)
    assert outcome(trainer) == before
    assert (loader.state_dict(), validation.state_dict()) == places
    return raised.value


def test_missing_and_extra_weights(tmp_path):
    def change(state):
        state["model"]["9.weight"] = state["model"].pop("0.weight")

    found = refused(tmp_path, change, StateDictError)
    assert found.got == ("0.weight was not saved; 9.weight was saved, and is not in the module")


def test_a_missing_part(tmp_path):
    assert refused(tmp_path, lambda s: {k: s[k] for k in s if k != "random"}).fact == (
        "changed.safetensors lacks random"
    )


@pytest.mark.parametrize(
    ("part", "value"),
    [
        ("optimizer", {"state": {}}),
        ("optimizer", 3),
        ("schedule", {}),
        ("stopping", {"best": 1.0}),
        ("means", {}),
        ("random", [1, 2, 3]),
        ("random", "x"),
        ("random", [1.5, 2]),
        ("epoch", "x"),
        ("step", None),
        ("history", 3),
        ("loader", {}),
        ("validation", {}),
    ],
)
def test_nonsense_in_a_part(tmp_path, part, value):
    refused(tmp_path, lambda s: {**s, part: value}, cr.errors.ChainruleError)


def test_other_weights_under_the_same_names(tmp_path):
    def change(state):
        state["model"]["0.bias"] = cr.zeros(9)

    assert (
        "0.bias has shape (8,), and (9,) was saved" in refused(tmp_path, change, StateDictError).got
    )


def test_other_moments(tmp_path):
    def change(state):
        state["optimizer"]["state"][0]["exp_avg"] = cr.zeros(9)

    refused(tmp_path, change, cr.errors.ChainruleError)


def test_weights_are_no_checkpoint(tmp_path):
    assert refused(tmp_path, lambda s: s["model"]).fact == (
        "changed.safetensors is no checkpoint of a Trainer"
    )


def test_other_data(tmp_path):
    def fit(trainer, loader, path):
        trainer.fit(cr.data.DataLoader(loader.dataset, 5), 2, loader, resume=path)

    found = refused(tmp_path, lambda s: None, fit=fit)
    assert found.fact == "the data were others when the state was saved; nothing was loaded"


def test_other_parts(tmp_path):
    found = refused(tmp_path, lambda s: None, options={"stopping": None})
    assert found.fact == (
        "the checkpoint was written with a state of the stopping, and the trainer has none"
    )


def test_other_metrics(tmp_path):
    def change(state):
        state["means"]["sums"] = {"loss": 1.0}

    assert refused(tmp_path, change, ArgumentError).fact == (
        "the metrics were others when the checkpoint was written"
    )


def test_damaged_and_missing_files(tmp_path):
    trainer, loader, _ = make(tmp_path)
    trainer.fit(loader, 1)
    latest = trainer.checkpoints.latest()
    latest.write_bytes(latest.read_bytes()[:-5])
    before = outcome(trainer)
    with pytest.raises(CheckpointError, match=r"^step-00000004.safetensors: the file is damaged"):
        trainer.fit(loader, 2, resume=True)
    with pytest.raises(FileNotFoundError):
        trainer.fit(loader, 2, resume=tmp_path / "nothing")
    assert outcome(trainer) == before
