"""PyTorch's path to data sets: the same objects as under `chainrule.data`."""

import chainrule as cr
from chainrule.utils import data
from chainrule.utils.data import DataLoader, Dataset, TensorDataset, random_split


def test_the_names_are_those_of_the_floor_of_data() -> None:
    assert data.__all__ == list(cr.data.__all__)
    assert all(getattr(data, name) is getattr(cr.data, name) for name in data.__all__)
    assert cr.utils.data is data
    assert issubclass(TensorDataset, Dataset)
    assert len(DataLoader(random_split(TensorDataset(cr.ones(4)), [2, 2])[0])) == 2
