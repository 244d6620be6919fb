"""Which layers and functions PyTorch has, and which of them this table leaves to others."""

from __future__ import annotations

import inspect
from typing import Any

import torch

from tests.layers_parity.engine import resolve
from tests.layers_parity.table import Case
from tests.torch_parity.rows.all import ROWS as OPS

TESTED = {
    f"nn.{name}": where
    for where, names in {
        "tests/nn/test_module.py": "Module Parameter",
        "tests/nn/test_containers.py": "ModuleDict ModuleList ParameterDict ParameterList",
        "tests/torch_parity (its function is compared), tests/nn/test_loss.py": (
            "BCELoss BCEWithLogitsLoss CosineEmbeddingLoss CosineSimilarity CrossEntropyLoss "
            "GaussianNLLLoss HingeEmbeddingLoss HuberLoss KLDivLoss L1Loss MSELoss "
            "MarginRankingLoss MultiLabelSoftMarginLoss MultiMarginLoss NLLLoss PairwiseDistance "
            "PoissonNLLLoss SmoothL1Loss SoftMarginLoss TripletMarginLoss"
        ),
    }.items()
    for name in names.split()
}
"""What other tests compare with PyTorch, and where."""

ABSENT = {
    name: why
    for why, names in {
        "not written yet": (
            "nn.AdaptiveLogSoftmaxWithLoss nn.CTCLoss nn.LinearCrossEntropyLoss "
            "nn.LinearCrossEntropyOptions nn.MultiLabelMarginLoss "
            "nn.TripletMarginWithDistanceLoss F.conv_tbc F.ctc_loss "
            "F.gumbel_softmax F.linear_cross_entropy F.multilabel_margin_loss F.pdist "
            "F.triplet_margin_with_distance_loss nn.Buffer"
        ),
        "sizes are said when a layer is made": (
            "nn.LazyBatchNorm1d nn.LazyBatchNorm2d nn.LazyBatchNorm3d nn.LazyConv1d nn.LazyConv2d "
            "nn.LazyConv3d nn.LazyConvTranspose1d nn.LazyConvTranspose2d nn.LazyConvTranspose3d "
            "nn.LazyInstanceNorm1d nn.LazyInstanceNorm2d nn.LazyInstanceNorm3d nn.LazyLinear "
            "nn.UninitializedBuffer nn.UninitializedParameter"
        ),
        "windows at random places": (
            "nn.FractionalMaxPool2d nn.FractionalMaxPool3d F.fractional_max_pool2d "
            "F.fractional_max_pool2d_with_indices F.fractional_max_pool3d "
            "F.fractional_max_pool3d_with_indices"
        ),
        "there is one device": "nn.DataParallel nn.SyncBatchNorm",
        "say `return_indices=True`": (
            "F.max_pool1d_with_indices F.max_pool2d_with_indices F.max_pool3d_with_indices "
            "F.adaptive_max_pool1d_with_indices F.adaptive_max_pool2d_with_indices "
            "F.adaptive_max_pool3d_with_indices"
        ),
        "deprecated in PyTorch: say `interpolate`": (
            "F.upsample F.upsample_nearest F.upsample_bilinear"
        ),
        "deprecated in PyTorch, or an old name": "nn.Container nn.NLLLoss2d nn.CrossMapLRN2d",
        "a base class of PyTorch's own": "nn.RNNBase nn.RNNCellBase",
        "a kernel of PyTorch's own": (
            "F.grouped_mm F.scaled_grouped_mm F.scaled_mm F.native_channel_shuffle"
        ),
    }.items()
    for name in names.split()
}
"""What chainrule does not have, and why."""

HELPERS = {"assert_int_or_pair", "boolean_dispatch", "handle_torch_function"}
"""Functions in PyTorch's module that are not of the subject, beside `has_torch_function` …"""

IN_PLACE = {"celu_", "elu_", "hardtanh_", "leaky_relu_", "relu_", "rrelu_", "selu_", "threshold_"}
"""Functions that change their operand."""


def layers() -> set[str]:
    """PyTorch's modules, by name."""
    return {
        f"nn.{name}"
        for name, value in vars(torch.nn).items()
        if name[0].isupper() and inspect.isclass(value)
    }


def functions() -> set[str]:
    """PyTorch's functions of layers that no row of `tests/torch_parity` compares."""
    there = {name for row in OPS for name in row.names}
    found = {
        f"F.{name}"
        for name, value in vars(torch.nn.functional).items()
        if callable(value) and name[0].islower() and not inspect.isclass(value)
    }
    left = found - there - {f"F.{name}" for name in HELPERS | IN_PLACE}
    return {name for name in left if not name.startswith("F.has_torch_function")}


def signature(name: str) -> list[inspect.Parameter]:
    """The parameters of a layer or function, as far as Python knows them."""
    target: Any = resolve(torch, name)
    try:
        found = inspect.signature(target).parameters.values()
    except (TypeError, ValueError):
        return []
    return [p for p in found if p.kind not in (p.VAR_POSITIONAL, p.VAR_KEYWORD)]


def arguments(name: str) -> set[str]:
    """The names of all documented arguments, but for PyTorch's private ones."""
    return {p.name for p in signature(name) if p.name[0] != "_"}


def given(case: Case) -> set[str]:
    """The documented names of what a case gives."""
    positional = [p.name for p in signature(case.name) if p.kind is not p.KEYWORD_ONLY]
    found = {*positional[: len(case.args)], *case.kwargs}
    if case.module and "dtype" in case.kwargs:
        found |= {"dtype"}
    return found
