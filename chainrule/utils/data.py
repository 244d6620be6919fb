"""Data sets and loaders under PyTorch's path: the public names of `chainrule.data`.

>>> from chainrule.utils.data import DataLoader, TensorDataset
>>> import chainrule as cr
>>> [x.tolist() for (x,) in DataLoader(TensorDataset(cr.arange(3)), batch_size=2)]
[[0, 1], [2]]
"""

from chainrule import data as _data
from chainrule.data import *  # noqa: F403

__all__ = list(_data.__all__)
