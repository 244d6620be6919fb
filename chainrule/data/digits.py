"""Handwritten digits: 1797 images of 8 by 8 pixels, which scikit-learn brings along."""

from __future__ import annotations

from chainrule.core.tensor import Tensor
from chainrule.data.dataset import TensorDataset
from chainrule.data.sets import load
from chainrule.ops.creation import randperm
from chainrule.ops.creation.random import Generator


def load_digits() -> tuple[Tensor, Tensor]:
    """Images (1797, 64), float32 from 0 to 1, and the digits (1797) they show, int64.

    Raises ImportError without scikit-learn.  Of Alpaydin and Kaynak, Optical Recognition of
    Handwritten Digits, UCI Machine Learning Repository (1998).

    >>> import chainrule as cr
    >>> [tuple(t.shape) for t in cr.data.load_digits()]
    [(1797, 64), (1797,)]
    """
    return load("digits")


def split_digits(test: int = 360, seed: int = 0) -> tuple[TensorDataset, TensorDataset]:
    """Training and test set: the same ones for the same ``seed``.

    >>> import chainrule as cr
    >>> [len(part) for part in cr.data.split_digits()]
    [1437, 360]
    """
    images, digits = load_digits()
    order = randperm(len(digits), generator=Generator(seed))
    kept, held_out = order[test:], order[:test]
    return TensorDataset(images[kept], digits[kept]), TensorDataset(
        images[held_out], digits[held_out]
    )
