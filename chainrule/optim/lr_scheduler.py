"""Schedules: learning rates that change with the epoch, under PyTorch's names.

Numbers follow PyTorch's.  A schedule can be stepped inside a compiled training step, but for those
that call Python code or judge values, which say so.

>>> import chainrule as cr
>>> optimizer = cr.optim.SGD([cr.nn.Parameter(cr.zeros(1))], lr=1.0)
>>> schedule = cr.optim.lr_scheduler.LinearLR(optimizer, start_factor=0.25, total_iters=3)
>>> schedule.get_last_lr()
[0.25]
"""

from chainrule.optim.combined import ChainedScheduler, SequentialLR
from chainrule.optim.cosine_schedules import CosineAnnealingLR, CosineAnnealingWarmRestarts
from chainrule.optim.cycles import CyclicLR, OneCycleLR
from chainrule.optim.factor_schedules import (
    ConstantLR,
    ExponentialLR,
    LambdaLR,
    LinearLR,
    MultiplicativeLR,
    MultiStepLR,
    PolynomialLR,
    StepLR,
)
from chainrule.optim.plateau import ReduceLROnPlateau
from chainrule.optim.schedule import LRScheduler

Schedule = LRScheduler

__all__ = [
    "ChainedScheduler", "ConstantLR", "CosineAnnealingLR", "CosineAnnealingWarmRestarts",
    "CyclicLR", "ExponentialLR", "LRScheduler", "LambdaLR", "LinearLR", "MultiStepLR",
    "MultiplicativeLR", "OneCycleLR", "PolynomialLR", "ReduceLROnPlateau", "Schedule",
    "SequentialLR", "StepLR",
]  # fmt: skip
