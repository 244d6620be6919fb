"""What can be said about a network without running it: shapes, parameters, operations, bytes."""

from chainrule.analysis.find import Solution, Solutions, find

__all__ = ["Solution", "Solutions", "find"]
