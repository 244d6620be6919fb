"""Saving and loading: safetensors files, never pickles.

>>> import io, chainrule as cr
>>> file = io.BytesIO()
>>> cr.save({"weight": cr.ones(2), "epoch": 3}, file)
>>> _ = file.seek(0)
>>> cr.load(file)
{'weight': tensor([1., 1.]), 'epoch': 3}
"""

from chainrule.saving.api import load, save
from chainrule.saving.write import write_whole

__all__ = ["save", "load", "write_whole"]
