"""What numbers an element type can hold: PyTorch's ``finfo`` and ``iinfo``."""

from __future__ import annotations

from typing import Any

import numpy as np

from chainrule.core import dtypes as dt
from chainrule.core.dtypes import DType
from chainrule.core.errors import DTypeError


class finfo:
    """The limits of a floating-point type; of a complex one, those of its parts.

    ``eps`` is the distance from 1 to the next larger number, ``tiny`` (``smallest_normal``) the
    smallest number with all its digits, ``resolution`` 10 to the minus number of decimal digits
    that are sure.  Raises DTypeError for other types.

    >>> import chainrule as cr
    >>> cr.finfo(cr.float32).bits, cr.finfo(cr.float64).eps == 2**-52
    (32, True)
    """

    def __init__(self, type: Any = None) -> None:
        wanted = dt.get_default_dtype() if type is None else type
        if not isinstance(wanted, DType) or wanted.category not in (dt.REAL, dt.COMPLEX):
            raise DTypeError(
                "finfo is about floating-point types",
                got=str(wanted),
                hint="iinfo is about whole numbers",
            )
        found = np.finfo(wanted.numpy)
        self.bits = int(found.bits)
        self.dtype = str(found.dtype)
        self.eps, self.max, self.min = float(found.eps), float(found.max), float(found.min)
        self.tiny = self.smallest_normal = float(found.smallest_normal)
        self.resolution = float(str(found.resolution))

    def __repr__(self) -> str:
        names = ("resolution", "min", "max", "eps", "smallest_normal", "tiny")
        shown = ", ".join(f"{name}={getattr(self, name):g}" for name in names)
        return f"finfo({shown}, dtype={self.dtype})"


class iinfo:
    """The smallest and the largest number of a type of whole numbers.

    Raises DTypeError for other types.

    >>> import chainrule as cr
    >>> cr.iinfo(cr.int64).max == 2**63 - 1
    True
    """

    def __init__(self, type: Any) -> None:
        if not isinstance(type, DType) or type.category != dt.INTEGER:
            raise DTypeError(
                "iinfo is about whole numbers",
                got=str(type),
                hint="finfo is about floating-point types",
            )
        found = np.iinfo(type.numpy)
        self.bits, self.dtype = int(found.bits), type.name
        self.min, self.max = int(found.min), int(found.max)

    def __repr__(self) -> str:
        return f"iinfo(min={self.min}, max={self.max}, dtype={self.dtype})"
