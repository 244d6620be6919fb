"""Functional forms that no layer tests."""

from __future__ import annotations

import numpy as np
import pytest
import torch

import chainrule as cr
from chainrule.core.errors import ArgumentError


@pytest.mark.parametrize("widths", [(1, 2), (0, 1, 2, 0), (-1, 2), (1, -1, 0, -1), ()])
def test_pad_as_torch_has_it(widths: tuple[int, ...]) -> None:
    x = np.arange(6.0).reshape(2, 3)
    ours = cr.nn.functional.pad(cr.tensor(x), widths, value=-1.5)
    theirs = torch.nn.functional.pad(torch.tensor(x), widths, value=-1.5)
    assert ours.tolist() == theirs.tolist()


def test_pad_refuses() -> None:
    with pytest.raises(ArgumentError, match="3 widths for 1 axes"):
        cr.nn.functional.pad(cr.zeros(2), (1, 1, 1))
    with pytest.raises(ArgumentError, match="no mode 'mirror'"):
        cr.nn.functional.pad(cr.zeros(2), (1, 1), mode="mirror")
