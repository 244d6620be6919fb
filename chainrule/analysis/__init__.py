"""What can be said about a network without running it: shapes, parameters, operations, bytes."""

from chainrule.analysis.blanks import Filling, Fillings, fill_blanks
from chainrule.analysis.convergence import Convergence, convergence
from chainrule.analysis.find import Solution, Solutions, find
from chainrule.analysis.memory import Memory, memory
from chainrule.analysis.placements import Placement, Placements, placements
from chainrule.analysis.receptive import ReceptiveField, receptive_field
from chainrule.analysis.summary import Summary, summary
from chainrule.readings.emit.index_form import IndexForm, index_form
from chainrule.readings.emit.numpy_code import NumpyCode, numpy_code
from chainrule.readings.emit.pseudocode import pseudocode

__all__ = [
    "Convergence", "Filling", "Fillings", "IndexForm", "Memory", "NumpyCode", "Placement",
    "Placements", "ReceptiveField", "Solution", "Solutions", "Summary", "convergence",
    "fill_blanks", "find", "index_form", "memory", "numpy_code", "placements", "pseudocode",
    "receptive_field", "summary",
]  # fmt: skip
