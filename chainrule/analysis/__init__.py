"""What can be said about a network without running it: shapes, parameters, operations, bytes."""

from chainrule.analysis.memory import Memory, memory
from chainrule.analysis.receptive import ReceptiveField, receptive_field
from chainrule.analysis.summary import Summary, summary

__all__ = ["Memory", "ReceptiveField", "Summary", "memory", "receptive_field", "summary"]
