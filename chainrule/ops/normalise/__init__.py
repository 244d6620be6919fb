"""Normalisation: entries brought to mean 0 and variance 1; one op a file."""

from chainrule.ops.normalise.standardize import standardize

__all__ = ["standardize"]
