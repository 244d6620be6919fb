"""The same lines run with PyTorch and with chainrule, and what they observe is compared."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

import chainrule as cr


def as_in_pytorch(case: Callable[[Any], Any]) -> Callable[[], None]:
    """Make a test of a function that takes the library and returns what it observed: numbers, flags
    and tensors."""

    @pytest.mark.filterwarnings("ignore:Using backward.. with create_graph")
    def test() -> None:
        torch = pytest.importorskip("torch")
        mine, theirs = plain(case(cr)), plain(case(torch))
        assert mine == theirs, f"{mine} is not {theirs}"

    test.__doc__ = case.__doc__
    return test


def plain(seen: Any) -> Any:
    """Tensors as their numbers and their flag, tuples as lists."""
    if isinstance(seen, list | tuple):
        return [plain(part) for part in seen]
    if hasattr(seen, "requires_grad"):
        return [seen.detach().tolist(), seen.requires_grad]
    return seen


def leaf(lib: Any, *numbers: float) -> Any:
    """A vector that requires a gradient."""
    return lib.tensor(list(numbers) or [1.0, 2.0, 3.0], requires_grad=True)
