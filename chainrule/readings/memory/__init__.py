"""Memory: what a graph keeps for its backward pass, for which op, and what is in use when."""

from chainrule.readings.memory.checkpointing import Saving, checkpointing
from chainrule.readings.memory.held import held
from chainrule.readings.memory.kept import Kept, Reader, kept
from chainrule.readings.memory.liveness import Peak, peak
from chainrule.readings.memory.storage import Storage, storages
from chainrule.readings.memory.training import PARTS, Training, training

__all__ = [
    "PARTS", "Kept", "Peak", "Reader", "Saving", "Storage", "Training", "checkpointing", "held",
    "kept", "peak", "storages", "training",
]  # fmt: skip
