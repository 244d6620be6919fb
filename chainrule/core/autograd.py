"""Gradients of tensors that were computed, under the names of ``torch.autograd``."""

from chainrule.core.derivatives import grad as grad
from chainrule.core.state import detect_anomaly, enable_grad, no_grad, set_grad_enabled

__all__ = ["detect_anomaly", "enable_grad", "grad", "no_grad", "set_grad_enabled"]
