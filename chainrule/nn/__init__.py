"""Networks: modules, under PyTorch's names.

>>> from chainrule import nn
>>> nn.Sequential(nn.Linear(2, 3), nn.Tanh())
Sequential(
  (0): Linear(in_features=2, out_features=3, bias=True)
  (1): Tanh()
)
"""

from chainrule.core.tensor import Parameter
from chainrule.nn import functional, init, penalties, utils
from chainrule.nn.activation.modules import (
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
    Softmax2d,
    Softmin,
    Softplus,
    Softsign,
    Tanh,
    Tanhshrink,
)
from chainrule.nn.activation.rectifiers import (
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
from chainrule.nn.containers import ModuleDict, ModuleList, Sequential
from chainrule.nn.convolution.conv import (
    Conv1d,
    Conv2d,
    Conv3d,
    ConvTranspose1d,
    ConvTranspose2d,
    ConvTranspose3d,
)
from chainrule.nn.convolution.padding import (
    CircularPad1d,
    CircularPad2d,
    CircularPad3d,
    ConstantPad1d,
    ConstantPad2d,
    ConstantPad3d,
    ReflectionPad1d,
    ReflectionPad2d,
    ReflectionPad3d,
    ReplicationPad1d,
    ReplicationPad2d,
    ReplicationPad3d,
    ZeroPad1d,
    ZeroPad2d,
    ZeroPad3d,
)
from chainrule.nn.convolution.unfolding import (
    ChannelShuffle,
    Fold,
    PixelShuffle,
    PixelUnshuffle,
    Unfold,
)
from chainrule.nn.dropout.modules import (
    AlphaDropout,
    Dropout,
    Dropout1d,
    Dropout2d,
    Dropout3d,
    FeatureAlphaDropout,
    MaskDropout,
)
from chainrule.nn.linear import Bilinear, Linear
from chainrule.nn.loss.margins import (
    CosineEmbeddingLoss,
    CosineSimilarity,
    HingeEmbeddingLoss,
    MarginRankingLoss,
    MultiMarginLoss,
    PairwiseDistance,
    SoftMarginLoss,
    TripletMarginLoss,
)
from chainrule.nn.loss.modules import (
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
from chainrule.nn.module import Module
from chainrule.nn.normalise.batchnorm import BatchNorm1d, BatchNorm2d, BatchNorm3d
from chainrule.nn.normalise.groupnorm import GroupNorm
from chainrule.nn.normalise.instancenorm import InstanceNorm1d, InstanceNorm2d, InstanceNorm3d
from chainrule.nn.normalise.layernorm import LayerNorm
from chainrule.nn.normalise.localresponse import LocalResponseNorm
from chainrule.nn.normalise.rmsnorm import RMSNorm
from chainrule.nn.normalise.scaleshift import ScaleShift
from chainrule.nn.parameter_containers import ParameterDict, ParameterList
from chainrule.nn.pooling.adaptive import (
    AdaptiveAvgPool1d,
    AdaptiveAvgPool2d,
    AdaptiveAvgPool3d,
    AdaptiveMaxPool1d,
    AdaptiveMaxPool2d,
    AdaptiveMaxPool3d,
)
from chainrule.nn.pooling.power import LPPool1d, LPPool2d, LPPool3d
from chainrule.nn.pooling.unpooling import MaxUnpool1d, MaxUnpool2d, MaxUnpool3d
from chainrule.nn.pooling.windows import (
    AvgPool1d,
    AvgPool2d,
    AvgPool3d,
    MaxPool1d,
    MaxPool2d,
    MaxPool3d,
)
from chainrule.nn.recurrent import GRU, LSTM, RNN, GRUCell, JordanRNN, LSTMCell, RNNCell
from chainrule.nn.resizing.upsampling import Upsample, UpsamplingBilinear2d, UpsamplingNearest2d
from chainrule.nn.shape import Flatten, Identity, Unflatten
from chainrule.nn.transformer.attention import MultiheadAttention
from chainrule.nn.transformer.embedding import Embedding
from chainrule.nn.transformer.embedding_bag import EmbeddingBag
from chainrule.nn.transformer.layers import TransformerDecoderLayer, TransformerEncoderLayer
from chainrule.nn.transformer.positions import LearnedPositions, SinusoidalPositions
from chainrule.nn.transformer.rotary import RotaryEmbedding
from chainrule.nn.transformer.stacks import Transformer, TransformerDecoder, TransformerEncoder

__all__ = [
    "AdaptiveAvgPool1d", "AdaptiveAvgPool2d", "AdaptiveAvgPool3d", "AdaptiveMaxPool1d",
    "AdaptiveMaxPool2d", "AdaptiveMaxPool3d", "AlphaDropout", "AvgPool1d", "AvgPool2d", "AvgPool3d",
    "BatchNorm1d", "BatchNorm2d", "BatchNorm3d", "BCELoss", "BCEWithLogitsLoss", "Bilinear", "CELU",
    "ChannelShuffle", "CircularPad1d", "CircularPad2d", "CircularPad3d", "ConstantPad1d",
    "ConstantPad2d", "ConstantPad3d", "Conv1d", "Conv2d", "Conv3d", "ConvTranspose1d",
    "ConvTranspose2d", "ConvTranspose3d", "CosineEmbeddingLoss", "CosineSimilarity",
    "CrossEntropyLoss", "Dropout", "Dropout1d", "Dropout2d", "Dropout3d", "ELU", "Embedding",
    "EmbeddingBag", "FeatureAlphaDropout", "Flatten", "Fold", "functional", "GaussianNLLLoss",
    "GELU", "GLU", "GroupNorm", "GRU", "GRUCell", "Hardshrink", "Hardsigmoid", "Hardswish",
    "Hardtanh", "HingeEmbeddingLoss", "HuberLoss", "Identity", "init", "InstanceNorm1d",
    "InstanceNorm2d", "InstanceNorm3d", "JordanRNN", "KLDivLoss", "L1Loss", "LayerNorm",
    "LeakyReLU", "LearnedPositions", "Linear", "LocalResponseNorm", "LogSigmoid", "LogSoftmax",
    "LPPool1d", "LPPool2d", "LPPool3d", "LSTM", "LSTMCell", "MarginRankingLoss", "MaskDropout",
    "MaxPool1d", "MaxPool2d", "MaxPool3d", "MaxUnpool1d", "MaxUnpool2d", "MaxUnpool3d", "Mish",
    "Module", "ModuleDict", "ModuleList", "MSELoss", "MultiheadAttention",
    "MultiLabelSoftMarginLoss", "MultiMarginLoss", "NLLLoss", "PairwiseDistance", "Parameter",
    "ParameterDict", "ParameterList", "penalties", "PixelShuffle", "PixelUnshuffle",
    "PoissonNLLLoss", "PReLU", "ReflectionPad1d", "ReflectionPad2d", "ReflectionPad3d", "ReLU",
    "ReLU6", "ReplicationPad1d", "ReplicationPad2d", "ReplicationPad3d", "RMSNorm", "RNN",
    "RNNCell", "RotaryEmbedding", "RReLU", "ScaleShift", "SELU", "Sequential", "Sigmoid", "SiLU",
    "SinusoidalPositions", "SmoothL1Loss", "SoftMarginLoss", "Softmax", "Softmax2d", "Softmin",
    "Softplus", "Softshrink", "Softsign", "Tanh", "Tanhshrink", "Threshold", "Transformer",
    "TransformerDecoder", "TransformerDecoderLayer", "TransformerEncoder",
    "TransformerEncoderLayer", "TripletMarginLoss", "Unflatten", "Unfold", "Upsample",
    "UpsamplingBilinear2d", "UpsamplingNearest2d", "utils", "ZeroPad1d", "ZeroPad2d", "ZeroPad3d",
]  # fmt: skip
