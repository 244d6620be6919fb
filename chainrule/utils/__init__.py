"""What PyTorch keeps under ``torch.utils``: data sets and loaders."""

from chainrule.utils import data

__all__ = ["data"]
