"""What can be said about a network without running it: shapes, parameters, operations, bytes."""

from chainrule.analysis.convergence import Convergence, convergence
from chainrule.analysis.find import Solution, Solutions, find
from chainrule.analysis.memory import Memory, memory
from chainrule.analysis.placements import Placement, Placements, placements
from chainrule.analysis.receptive import ReceptiveField, receptive_field
from chainrule.analysis.summary import Summary, summary
from chainrule.readings.emit.pseudocode import pseudocode

__all__ = [
    "Convergence", "Memory", "Placement", "Placements", "ReceptiveField", "Solution", "Solutions",
    "Summary", "convergence", "find", "memory", "placements", "pseudocode", "receptive_field",
    "summary",
]  # fmt: skip
