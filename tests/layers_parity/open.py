"""What is open: names that are not there yet, and rows that do not agree yet.

Each entry is tested to be true, so that the lists can only shrink.  They are written by
`python -m tests.layers_parity.refresh`, and that is for whoever made them shorter.
"""

# fmt: off
MISSING = {
    "F.grid_sample", "F.affine_grid",
}
# fmt: on

DISAGREES: dict[str, str] = {}
