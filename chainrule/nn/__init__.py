"""Networks: modules, under PyTorch's names.

>>> from chainrule import nn
>>> nn.Sequential(nn.Linear(2, 3), nn.Tanh())
Sequential(
  (0): Linear(in_features=2, out_features=3, bias=True)
  (1): Tanh()
)
"""

from chainrule.core.tensor import Parameter
from chainrule.nn import functional, init, utils
from chainrule.nn.activation import ReLU, Sigmoid, Softmax, Tanh
from chainrule.nn.batchnorm import BatchNorm1d
from chainrule.nn.containers import ModuleList, Sequential
from chainrule.nn.dropout import Dropout
from chainrule.nn.linear import Linear
from chainrule.nn.loss import BCELoss, CrossEntropyLoss, MSELoss
from chainrule.nn.module import Module
from chainrule.nn.shape import Flatten, Identity

__all__ = [
    "Module", "Parameter", "Sequential", "ModuleList", "Identity", "Flatten",
    "Linear", "Tanh", "Sigmoid", "ReLU", "Softmax", "Dropout", "BatchNorm1d",
    "CrossEntropyLoss", "MSELoss", "BCELoss",
    "functional", "init", "utils",
]  # fmt: skip
