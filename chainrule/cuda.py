"""What scripts ask about GPUs, under the names of ``torch.cuda``: there are none here."""

from __future__ import annotations


def is_available() -> bool:
    """Whether there is a GPU: no.

    >>> import chainrule as cr
    >>> "cuda" if cr.cuda.is_available() else "cpu"
    'cpu'
    """
    return False


def device_count() -> int:
    """How many GPUs there are: none."""
    return 0


def manual_seed(seed: int) -> None:
    """Accepted, as in PyTorch without a GPU: there are no draws to seed."""


def manual_seed_all(seed: int) -> None:
    """Accepted, as in PyTorch without a GPU: there are no draws to seed."""


def empty_cache() -> None:
    """Accepted, as in PyTorch without a GPU: there is no cache."""


__all__ = ["device_count", "empty_cache", "is_available", "manual_seed", "manual_seed_all"]
