"""Gradients of tensors that were computed, under the names of ``torch.autograd``."""

from chainrule.autograd.function import Function
from chainrule.core.derivatives import grad
from chainrule.core.state import (
    detect_anomaly,
    enable_grad,
    inference_mode,
    no_grad,
    set_detect_anomaly,
    set_grad_enabled,
)

__all__ = [
    "Function", "detect_anomaly", "enable_grad", "grad", "inference_mode", "no_grad",
    "set_detect_anomaly", "set_grad_enabled",
]  # fmt: skip
