"""The generator against the published function, written out here in plain integers."""

import numpy as np
import pytest

from chainrule.namespaces.philox import blocks, random_bits, uniform

MASK = 2**64 - 1
Words = tuple[int, ...]


def philox(counter: Words, key: Words) -> Words:
    """Philox4x64-10 as in the paper: ten rounds, the key bumped between them."""
    a, b, c, d = counter
    k, m = key
    for _ in range(10):
        left, right = 0xD2E7470EE14C6C93 * a, 0xCA5A826395121157 * c
        a, b, c, d = right >> 64 ^ b ^ k, right & MASK, left >> 64 ^ d ^ m, left & MASK
        k, m = (k + 0x9E3779B97F4A7C15) & MASK, (m + 0xBB67AE8584CAA73B) & MASK
    return a, b, c, d


KNOWN = [
    (
        (0, 0, 0, 0), (0, 0),
        (0x16554D9ECA36314C, 0xDB20FE9D672D0FDC, 0xD7E772CEE186176B, 0x7E68B68AEC7BA23B),
    ),
    (
        (MASK,) * 4, (MASK,) * 2,
        (0x87B092C3013FE90B, 0x438C3C67BE8D0224, 0x9CC7D7C69CD777B6, 0xA09CAEBF594F0BA0),
    ),
    (
        (0x243F6A8885A308D3, 0x13198A2E03707344, 0xA4093822299F31D0, 0x082EFA98EC4E6C89),
        (0x452821E638D01377, 0xBE5466CF34E90C6C),
        (0xA528F45403E61D95, 0x38C72DBD566E9788, 0xA5A1610E72FD18B5, 0x57BD43B5E52B7FE6),
    ),
]  # fmt: skip
"""Counter, key and block: the known-answer vectors of the authors' library, Random123."""


@pytest.mark.parametrize(("counter", "key", "block"), KNOWN)
def test_the_published_answers(counter: Words, key: Words, block: Words) -> None:
    assert philox(counter, key) == block


def test_the_first_published_answer() -> None:
    assert tuple(random_bits(0, 0, 4).tolist()) == KNOWN[0][2]


@pytest.mark.parametrize("seed", [0, 1, 2**40 + 5, 2**63 - 1, -1])
@pytest.mark.parametrize("counter", [0, 1, 77, 2**63 - 1, -1, MASK])
def test_blocks_are_the_published_function(seed: int, counter: int) -> None:
    expected = philox((counter & MASK, 0, 0, 0), (seed & MASK, 0))
    assert tuple(random_bits(seed, counter, 4).tolist()) == expected


def test_draws_compose() -> None:
    whole = random_bits(3, 10, 20)
    for n in (0, 4, 12):
        np.testing.assert_array_equal(whole[n:], random_bits(3, 10 + blocks(n), 20 - n))
    np.testing.assert_array_equal(whole[:7], random_bits(3, 10, 7))


def test_uniform_is_the_upper_53_bits() -> None:
    draws = uniform(3, 10, 1000)
    bits = random_bits(3, 10, 1000)
    assert draws.tolist() == [(b >> 11) * 2.0**-53 for b in bits.tolist()]
    assert (draws >= 0).all()
    assert (draws < 1).all()


def test_uniform_looks_uniform() -> None:
    counts = np.histogram(uniform(1, 0, 100_000), bins=20, range=(0, 1))[0]
    assert ((counts - 5000) ** 2 / 5000).sum() < 44  # chi-square, 19 degrees: p = 0.001
