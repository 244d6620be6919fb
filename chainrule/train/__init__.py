"""Training: a loop with progress, history, validation, early stopping and checkpoints.

>>> import chainrule as cr
>>> from chainrule import nn
>>> _ = cr.manual_seed(0)
>>> x = cr.randn(40, 2)
>>> loader = cr.data.DataLoader(cr.data.TensorDataset(x, x.sum(1, keepdim=True)), batch_size=8)
>>> net = nn.Linear(2, 1)
>>> optimizer = cr.optim.SGD(net.parameters(), lr=0.1)
>>> trainer = cr.train.Trainer(net, nn.functional.mse_loss, optimizer, progress=False)
>>> history = trainer.fit(loader, epochs=20)
>>> len(history), history["loss"][0] > 1, history["loss"][-1] < 0.001
(20, True, True)
"""

from chainrule.train.checkpoints import Checkpoints
from chainrule.train.history import History
from chainrule.train.metrics import accuracy
from chainrule.train.stopping import EarlyStopping
from chainrule.train.trainer import Trainer

__all__ = ["Trainer", "History", "EarlyStopping", "Checkpoints", "accuracy"]
