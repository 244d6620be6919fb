"""Random bits as a pure function of (seed, counter, position): Philox4x64-10.

One block is the published function of Salmon, Moraes, Dror and Shaw ("Parallel random numbers: as
easy as 1, 2, 3", SC11) at key (seed, 0) and counter (counter, 0, 0, 0), ten rounds, four 64-bit
words; draw i is word i % 4 of the block at counter + i // 4.  Nothing is kept between calls, so
any engine that has the ten rounds makes the same bits, in any order and on any number of threads.
"""

from __future__ import annotations

import threading
from typing import Any

import numpy as np

WORDS = 4
"""64-bit words in a block."""

_MASK = 2**64 - 1
_BUFFER = np.zeros(WORDS, np.uint64)
_thread = threading.local()


def blocks(n: int) -> int:
    """How far ``n`` draws advance the counter.

    >>> blocks(0), blocks(4), blocks(5)
    (0, 1, 2)
    """
    return -(-n // WORDS)


def random_bits(seed: int, counter: int, n: int) -> Any:
    """``n`` random 64-bit words; seed and counter are taken modulo 2**64.

    Draws compose: those after the first 4 k are the draws at ``counter + k``.

    >>> both = random_bits(7, 0, 12)
    >>> bool((both[8:] == random_bits(7, blocks(8), 4)).all())
    True
    """
    return _generator(seed, counter).random_raw(n)


def uniform(seed: int, counter: int, n: int) -> Any:
    """``n`` float64 draws from [0, 1): the upper 53 of each word's bits, times 2**-53.

    >>> uniform(7, 0, 3).round(3).tolist()
    [0.901, 0.777, 0.965]
    """
    bits = random_bits(seed, counter, n)
    bits >>= np.uint64(11)
    return bits * 2.0**-53


def _generator(seed: int, counter: int) -> np.random.Philox:
    """NumPy's generator, one for each thread, set to the block at ``counter``."""
    try:
        generator: np.random.Philox = _thread.generator
    except AttributeError:
        generator = _thread.generator = np.random.Philox(key=0)
    # NumPy steps its 256-bit counter before each block, so it starts one below, with borrow.
    low = (counter - 1) & _MASK
    high = _MASK if counter & _MASK == 0 else 0
    generator.state = {
        "bit_generator": "Philox",
        "state": {
            "counter": np.array([low, high, high, high], np.uint64),
            "key": np.array([seed & _MASK, 0], np.uint64),
        },
        "buffer": _BUFFER,
        "buffer_pos": WORDS,
        "has_uint32": 0,
        "uinteger": 0,
    }
    return generator
