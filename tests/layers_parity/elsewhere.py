"""Which layers and functions PyTorch has, and which of them this table leaves to others."""

from __future__ import annotations

import inspect
from typing import Any

import torch

from tests.layers_parity.engine import resolve
from tests.layers_parity.table import Case

TESTED = {
    f"nn.{name}": where
    for where, names in {
        "tests/nn/test_module.py": "Module Parameter ModuleList",
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

ABSENT: dict[str, str] = {}
"""What chainrule does not have, and why."""


def layers() -> set[str]:
    """PyTorch's modules, by name."""
    found = vars(torch.nn).items()
    return {f"nn.{name}" for name, value in found if name[0].isupper() and inspect.isclass(value)}


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
