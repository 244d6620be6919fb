"""Optimizers, under PyTorch's names: chains of small transforms, each an op.

>>> import chainrule as cr
>>> net = cr.nn.Linear(2, 1)
>>> cr.optim.Adam(net.parameters(), lr=0.01).param_groups[0]["betas"]
(0.9, 0.999)
"""

from chainrule.optim import lr_scheduler
from chainrule.optim.adam import Adam, Adamax, AdamW, NAdam, RAdam
from chainrule.optim.lr_scheduler import Schedule, StepLR
from chainrule.optim.optimizer import Optimizer
from chainrule.optim.scaled import Adadelta, Adagrad, RMSprop
from chainrule.optim.sgd import SGD
from chainrule.optim.transform import Transform

__all__ = [
    "Optimizer", "SGD", "Adadelta", "Adagrad", "Adam", "Adamax", "AdamW", "NAdam", "RAdam",
    "RMSprop", "Schedule", "StepLR", "Transform", "lr_scheduler",
]  # fmt: skip
