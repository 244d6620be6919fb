"""Ops on windows that slide along axes: one family a file.

* `sliding`: the windows themselves and their adjoint;
* `convolution`: products with each window.
"""

from chainrule.ops.window.convolution import conv1d
from chainrule.ops.window.sliding import fold, windows

__all__ = ["conv1d", "fold", "windows"]
