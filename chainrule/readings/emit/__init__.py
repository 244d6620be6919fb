"""Emitting: a network as code and as formulas of its entries, forward and backward."""

from chainrule.readings.emit.index_form import IndexForm, index_form
from chainrule.readings.emit.numpy_code import NumpyCode, numpy_code
from chainrule.readings.emit.pseudocode import pseudocode

__all__ = ["index_form", "IndexForm", "numpy_code", "NumpyCode", "pseudocode"]
