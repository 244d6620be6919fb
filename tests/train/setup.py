"""A run with everything in it that has a state, small enough to be repeated often."""

import chainrule as cr
from chainrule import nn
from chainrule.data import DataLoader, TensorDataset
from chainrule.train import Checkpoints, EarlyStopping, Trainer

EPOCHS = 4


def pieces():
    """The training and validation data."""
    x = cr.randn(26, 3, generator=cr.Generator(4))
    y = (x.sum(1) > 0).long() + (x[:, 0] > 1).long()
    return TensorDataset(x[:20], y[:20]), TensorDataset(x[20:], y[20:])


def network():
    return nn.Sequential(
        nn.Linear(3, 8), nn.BatchNorm1d(8), nn.ReLU(), nn.Dropout(0.3), nn.Linear(8, 3)
    )


def make(folder=None, seed=0, own=False, compile=False, every="epoch", **options):
    """A trainer, its loader and its validation data: the same for the same arguments."""
    cr.manual_seed(seed)
    train, test = pieces()
    net = network()
    optimizer = cr.optim.Adam(net.parameters(), lr=0.02, weight_decay=0.01)
    given = {
        "stopping": EarlyStopping(patience=2),
        "checkpoints": folder and Checkpoints(folder, every_steps=1, keep=1000),
        **options,
    }
    trainer = Trainer(
        net, nn.functional.cross_entropy, optimizer, cr.optim.StepLR(optimizer, 2, 0.7),
        schedule_every=every, metrics=[cr.train.accuracy], clip_norm=1.0, compile=compile,
        progress=False, **given,
    )  # fmt: skip
    generator = cr.Generator(seed + 7) if own else None
    loader = DataLoader(train, 6, shuffle=True, generator=generator)
    return trainer, loader, DataLoader(test, 6, shuffle=True)


def outcome(trainer):
    """All that a run leaves behind, as values that can be compared bit for bit."""
    tensors = {name: x.numpy().tobytes() for name, x in trainer.model.state_dict().items()}
    moments = {
        (number, name): x.numpy().tobytes()
        for number, entry in trainer.optimizer.state_dict()["state"].items()
        for name, x in entry.items()
        if isinstance(x, cr.Tensor)
    }
    rows = [{k: x for k, x in row.items() if k != "seconds"} for row in trainer.history]
    group = trainer.optimizer.param_groups[0]["lr"], trainer.schedule.last_epoch
    stopping = trainer.stopping
    stopped = stopping and (stopping.waited, stopping.best.value, stopping.best_epoch)
    draws = cr.ops.creation.random.default_generator.state.tolist()
    return tensors, moments, rows, group, stopped, draws, trainer.step, trainer.epoch
