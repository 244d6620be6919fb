"""Data: sets of examples, and batches of them."""

from chainrule.data.collate import default_collate, default_convert
from chainrule.data.dataset import (
    ConcatDataset,
    Dataset,
    IterableDataset,
    Subset,
    TensorDataset,
    random_split,
)
from chainrule.data.digits import load_digits, split_digits
from chainrule.data.loader import DataLoader
from chainrule.data.sampler import (
    BatchSampler,
    RandomSampler,
    Sampler,
    SequentialSampler,
    SubsetRandomSampler,
    WeightedRandomSampler,
)
from chainrule.data.sets import load
from chainrule.data.text import Vocabulary, load_text

__all__ = ["Dataset", "TensorDataset", "Subset", "ConcatDataset", "IterableDataset",
           "random_split", "DataLoader", "default_collate", "default_convert",
           "Sampler", "SequentialSampler", "RandomSampler", "SubsetRandomSampler",
           "WeightedRandomSampler", "BatchSampler", "load", "load_digits", "split_digits",
           "load_text", "Vocabulary"]  # fmt: skip
