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
from chainrule.nn.activation import (
    CELU,
    ELU,
    GELU,
    GLU,
    SELU,
    LogSigmoid,
    LogSoftmax,
    Mish,
    Sigmoid,
    SiLU,
    Softmax,
    Softmin,
    Softplus,
    Softsign,
    Tanh,
    Tanhshrink,
)
from chainrule.nn.batchnorm import BatchNorm1d
from chainrule.nn.containers import ModuleList, Sequential
from chainrule.nn.dropout import Dropout
from chainrule.nn.linear import Linear
from chainrule.nn.loss import BCELoss, CrossEntropyLoss, MSELoss
from chainrule.nn.module import Module
from chainrule.nn.rectifier import (
    Hardshrink,
    Hardsigmoid,
    Hardswish,
    Hardtanh,
    LeakyReLU,
    PReLU,
    ReLU,
    ReLU6,
    RReLU,
    Softshrink,
    Threshold,
)
from chainrule.nn.shape import Flatten, Identity

__all__ = [
    "Module", "Parameter", "Sequential", "ModuleList", "Identity", "Flatten",
    "Linear", "Tanh", "Sigmoid", "ReLU", "Softmax", "Dropout", "BatchNorm1d",
    "CELU", "ELU", "GELU", "GLU", "Hardshrink", "Hardsigmoid", "Hardswish", "Hardtanh",
    "LeakyReLU", "LogSigmoid", "LogSoftmax", "Mish", "PReLU", "ReLU6", "RReLU", "SELU", "SiLU",
    "Softmin", "Softplus", "Softshrink", "Softsign", "Tanhshrink", "Threshold",
    "CrossEntropyLoss", "MSELoss", "BCELoss",
    "functional", "init", "utils",
]  # fmt: skip
