"""Who answers questions about sizes that are not decided for all values of their symbols.

By default nobody does, and `size.UndecidedSize` is raised.  A reading that follows each way a
function may go (see `analysis.find`), or that knows the numbers already, answers with `assuming`.
While it does, nothing that was worked out may be kept for later: it holds on one way alone.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

Oracle = Callable[[Any, str], bool]
"""Whether a size, which depends on symbols, is ``"> 0"``, or ``"== 0"``, as a rule asks, or whether
it ``"is 0"``, as Python's == does, which has been False where that is not known."""


class _Asked(threading.local):
    oracle: Oracle | None = None


asked = _Asked()


@contextmanager
def assuming(oracle: Oracle) -> Iterator[None]:
    """Let ``oracle`` answer what is not decided; also whether a size is a number: ``k == 3``.

    >>> from chainrule.core.size import Size
    >>> with assuming(lambda difference, claim: True):
    ...     Size.symbol("B") > Size.symbol("C"), Size.symbol("B") == 3
    (True, True)
    """
    before, asked.oracle = asked.oracle, oracle
    try:
        yield
    finally:
        asked.oracle = before
