"""Errors are compared in full: the fact, what was got and expected, the user's line, a hint."""

from __future__ import annotations

import inspect
import re
from collections.abc import Callable
from typing import Any

import pytest

import chainrule as cr


def mistake(case: Callable[[], Any]) -> Callable[[], None]:
    """Make a test of a function whose last line is a mistake, and whose docstring is what the error
    says: all of it but the line, which must be that last one."""

    def test() -> None:
        with pytest.raises(cr.errors.ChainruleError) as caught:
            case()
        error = caught.value
        lines, first = inspect.getsourcelines(case)
        file = case.__code__.co_filename.rpartition("/")[2]
        assert error.at == f"{file}:{first + len(lines) - 1}   {lines[-1].strip()}"
        told = re.sub(r"\n  at {8}.*", "", f"{type(error).__name__}: {error}", count=1)
        assert flush(told) == flush(case.__doc__ or ""), f"\n{told}"

    return test


def flush(text: str) -> list[str]:
    """The lines without their margins."""
    return [line.strip() for line in text.strip().splitlines()]
