"""Data: sets of examples, and batches of them."""

from chainrule.data.dataset import Dataset, Subset, TensorDataset, random_split
from chainrule.data.digits import load_digits, split_digits
from chainrule.data.loader import DataLoader, default_collate

__all__ = ["Dataset", "TensorDataset", "Subset", "random_split", "DataLoader", "default_collate",
           "load_digits", "split_digits"]  # fmt: skip
