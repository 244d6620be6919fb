"""Functions that a program in NumPy brings along, for what has no expression there."""

from __future__ import annotations

HELPERS = {
    "place": '''\
def place(x, index, shape):
    """Zeros with x at the index."""
    out = np.zeros(shape, x.dtype)
    out[index] = x
    return out
''',
    "fold": '''\
def fold(x, shape, size, stride, dilation):
    """Windows added back into zeros."""
    out = np.zeros(shape, x.dtype)
    count = x.shape[x.ndim - 2 * len(size) : x.ndim - len(size)]
    for at in np.ndindex(*size):
        rows = zip(at, dilation, stride, count)
        index = tuple(slice(k * d, k * d + s * n, s) for k, d, s, n in rows)
        out[(..., *index)] += x[(..., *at)]
    return out
''',
    "scatter": '''\
def scatter(x, index, source, axis):
    """x with entries of source at the places that the index names."""
    out = x.copy()
    grid = list(np.indices(index.shape))
    grid[axis] = index
    out[tuple(grid)] = source[tuple(map(slice, index.shape))]
    return out
''',
    "scatter_add": '''\
def scatter_add(x, index, source, axis):
    """x plus entries of source at the places that the index names, also where one comes twice."""
    out = x.copy()
    grid = list(np.indices(index.shape))
    grid[axis] = index
    np.add.at(out, tuple(grid), source[tuple(map(slice, index.shape))])
    return out
''',
    "index_add": '''\
def index_add(x, index, source, axis):
    """x plus source where np.take(x, index, axis) reads."""
    out = x.copy()
    np.add.at(out, (slice(None),) * axis + (index,), source)
    return out
''',
}
"""Functions that a program brings along if it calls them."""
