"""Networks: modules, under PyTorch's names.

>>> from chainrule import nn
>>> nn.Sequential(nn.Linear(2, 3), nn.Tanh())
Sequential(
  (0): Linear(in_features=2, out_features=3, bias=True)
  (1): Tanh()
)
"""

from chainrule.core.tensor import Parameter
from chainrule.nn import functional, utils
from chainrule.nn.activation import ReLU, Sigmoid, Softmax, Tanh
from chainrule.nn.batchnorm import BatchNorm1d
from chainrule.nn.containers import ModuleList, Sequential
from chainrule.nn.dropout import Dropout
from chainrule.nn.linear import Linear
from chainrule.nn.loss import (
    BCELoss,
    BCEWithLogitsLoss,
    CrossEntropyLoss,
    GaussianNLLLoss,
    HuberLoss,
    KLDivLoss,
    L1Loss,
    MSELoss,
    MultiLabelSoftMarginLoss,
    NLLLoss,
    PoissonNLLLoss,
    SmoothL1Loss,
)
from chainrule.nn.margin_loss import (
    CosineEmbeddingLoss,
    CosineSimilarity,
    HingeEmbeddingLoss,
    MarginRankingLoss,
    MultiMarginLoss,
    PairwiseDistance,
    SoftMarginLoss,
    TripletMarginLoss,
)
from chainrule.nn.module import Module
from chainrule.nn.shape import Flatten, Identity

__all__ = [
    "Module", "Parameter", "Sequential", "ModuleList", "Identity", "Flatten",
    "Linear", "Tanh", "Sigmoid", "ReLU", "Softmax", "Dropout", "BatchNorm1d",
    "L1Loss", "MSELoss", "SmoothL1Loss", "HuberLoss", "NLLLoss", "CrossEntropyLoss", "BCELoss",
    "BCEWithLogitsLoss", "KLDivLoss", "PoissonNLLLoss", "GaussianNLLLoss",
    "MultiLabelSoftMarginLoss", "HingeEmbeddingLoss", "MarginRankingLoss", "SoftMarginLoss",
    "MultiMarginLoss", "CosineEmbeddingLoss", "TripletMarginLoss", "CosineSimilarity",
    "PairwiseDistance",
    "functional", "utils",
]  # fmt: skip
