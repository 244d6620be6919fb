"""Normalisation: entries brought to mean 0 and variance 1; one op a file.

* `grouped`: what the norms with statistics of their own share;
* `batch`: each channel, over the batch;
* `layer`: the last axes of each example;
* `group`: groups of channels of each example, or each channel of it (instance normalisation);
* `rms`: the last axes of each example, by the root of their mean square;
* `response`: each channel by those around it;
* `standardize`: with statistics that are given.
"""

from chainrule.ops.normalise.batch import batch_norm
from chainrule.ops.normalise.group import group_norm, instance_norm
from chainrule.ops.normalise.grouped import checked_eps
from chainrule.ops.normalise.layer import layer_norm, trailing
from chainrule.ops.normalise.response import local_response_norm
from chainrule.ops.normalise.rms import rms_norm
from chainrule.ops.normalise.standardize import standardize

__all__ = [
    "batch_norm", "checked_eps", "group_norm", "instance_norm", "layer_norm", "local_response_norm",
    "rms_norm", "standardize", "trailing",
]  # fmt: skip
