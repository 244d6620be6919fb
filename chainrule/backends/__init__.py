"""Engines, and `compile`: a whole training step as one function of one graph."""

from chainrule.backends import cudnn, mps, numpy
from chainrule.backends.compiled import BACKENDS, Compiled, compile  # PyTorch's name
from chainrule.core import pullback

pullback.build = numpy.pullback

__all__ = ["BACKENDS", "Compiled", "compile", "cudnn", "mps"]
