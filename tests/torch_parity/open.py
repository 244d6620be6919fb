"""What is open: names that are not there yet, and rows that do not agree yet.

Each entry is tested to be true, so that the lists can only shrink.  They are written by
`python -m tests.torch_parity.refresh`, and that is for whoever made them shorter.
"""

MISSING: set[str] = set()

DISAGREES: dict[str, str] = {}

UNNAMED: dict[str, str] = {}
