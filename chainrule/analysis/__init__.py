"""What can be said about a network: its shapes, parameters, operations and bytes, what makes them
true, where an iteration converges, and its code."""

from chainrule.analysis.blanks import Filling, Fillings, fill_blanks
from chainrule.analysis.convergence import Convergence, convergence
from chainrule.analysis.find import Solution, Solutions, find
from chainrule.analysis.memory import Memory, memory
from chainrule.analysis.placements import Placement, Placements, placements
from chainrule.analysis.receptive import ReceptiveField, receptive_field
from chainrule.analysis.summary import Summary, summary
from chainrule.readings.emit import IndexForm, NumpyCode, index_form, numpy_code, pseudocode

__all__ = [
    "Convergence", "convergence", "fill_blanks", "Filling", "Fillings", "find", "index_form",
    "IndexForm", "Memory", "memory", "numpy_code", "NumpyCode", "Placement", "Placements",
    "placements", "pseudocode", "receptive_field", "ReceptiveField", "Solution", "Solutions",
    "Summary", "summary",
]  # fmt: skip
