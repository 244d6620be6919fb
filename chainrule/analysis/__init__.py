"""What can be said about a network without running it: shapes, parameters, operations, bytes."""

from chainrule.analysis.find import Solution, Solutions, find
from chainrule.analysis.summary import Summary, summary

__all__ = ["Solution", "Solutions", "Summary", "find", "summary"]
