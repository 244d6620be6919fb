"""Ops on windows that slide along axes: one family a file.

* `sliding`: the windows themselves and their adjoint;
* `convolution`: products with each window; `transposed`: their adjoints as ops of their own;
* `pooling`, what pooling ops share, and `lines`, the windows along one axis: `max_pooling`,
  `average_pooling`, `adaptive_pooling`.
"""

from chainrule.ops.window.adaptive_pooling import (
    adaptive_avg_pool1d,
    adaptive_avg_pool2d,
    adaptive_avg_pool3d,
    adaptive_max_pool1d,
    adaptive_max_pool1d_with_indices,
    adaptive_max_pool2d,
    adaptive_max_pool2d_with_indices,
    adaptive_max_pool3d,
    adaptive_max_pool3d_with_indices,
)
from chainrule.ops.window.average_pooling import avg_pool1d, avg_pool2d, avg_pool3d
from chainrule.ops.window.columns import col2im, im2col
from chainrule.ops.window.convolution import conv1d, conv2d, conv3d
from chainrule.ops.window.max_pooling import (
    max_pool1d,
    max_pool1d_with_indices,
    max_pool2d,
    max_pool2d_with_indices,
    max_pool3d,
    max_pool3d_with_indices,
)
from chainrule.ops.window.power_pooling import lp_pool1d, lp_pool2d, lp_pool3d
from chainrule.ops.window.sliding import fold, windows
from chainrule.ops.window.transposed import conv_transpose1d, conv_transpose2d, conv_transpose3d
from chainrule.ops.window.unpooling import max_unpool1d, max_unpool2d, max_unpool3d

__all__ = [
    "adaptive_avg_pool1d", "adaptive_avg_pool2d", "adaptive_avg_pool3d", "adaptive_max_pool1d",
    "adaptive_max_pool1d_with_indices", "adaptive_max_pool2d", "adaptive_max_pool2d_with_indices",
    "adaptive_max_pool3d", "adaptive_max_pool3d_with_indices", "avg_pool1d", "avg_pool2d",
    "avg_pool3d", "col2im", "conv1d", "conv2d", "conv3d", "conv_transpose1d", "conv_transpose2d",
    "conv_transpose3d", "fold", "im2col", "lp_pool1d", "lp_pool2d", "lp_pool3d", "max_pool1d",
    "max_pool1d_with_indices", "max_pool2d", "max_pool2d_with_indices", "max_pool3d",
    "max_pool3d_with_indices", "max_unpool1d", "max_unpool2d", "max_unpool3d", "windows",
]  # fmt: skip
