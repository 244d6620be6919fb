"""Ops on windows that slide along axes: one family a file.

* `sliding`: the windows themselves and their adjoint;
* `columns`: windows of images as columns of a matrix, and back;
* `convolution`: products with each window; `transposed`: their adjoints as ops of their own.
"""

from chainrule.ops.window.columns import col2im, im2col
from chainrule.ops.window.convolution import conv1d, conv2d, conv3d
from chainrule.ops.window.sliding import fold, windows
from chainrule.ops.window.transposed import conv_transpose1d, conv_transpose2d, conv_transpose3d

__all__ = ["col2im", "conv1d", "conv2d", "conv3d", "conv_transpose1d", "conv_transpose2d",
           "conv_transpose3d", "fold", "im2col", "windows"]  # fmt: skip
