"""What can be said about a network without running it: shapes, parameters, operations, bytes."""

from chainrule.analysis.blanks import Filling, Fillings, fill_blanks
from chainrule.analysis.find import Solution, Solutions, find
from chainrule.analysis.memory import Memory, memory
from chainrule.analysis.placements import Placement, Placements, placements
from chainrule.analysis.receptive import ReceptiveField, receptive_field
from chainrule.analysis.summary import Summary, summary

__all__ = [
    "Filling", "Fillings", "Memory", "Placement", "Placements", "ReceptiveField", "Solution",
    "Solutions", "Summary", "fill_blanks", "find", "memory", "placements", "receptive_field",
    "summary",
]  # fmt: skip
