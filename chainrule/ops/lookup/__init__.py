"""Ops that read and write by an index: one family a file.

* `primitive`: gather, scatter, take, of which the others are made;
* `indexing`: ``x[…]`` and ``x[…] = y``; `picking` and `scattering`: functions of several of these.
"""
