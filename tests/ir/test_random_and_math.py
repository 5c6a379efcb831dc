"""Randomness and mathematics of the core: written out again in Python, and known laws."""

from __future__ import annotations

import math as libm
import struct
from hashlib import sha256

import pytest

from eigen._core import CoreError, Philox, derive_seed
from eigen._core import math as exact


def philox_words(seed: int, stream: int, count: int) -> list[int]:
    """64-bit words of the stream, written from the paper: key = seed, counter = (block, stream)."""
    mask, words, block = 0xFFFFFFFF, [], 0
    while len(words) < count:
        a, b, c, d = block & mask, block >> 32, stream & mask, stream >> 32
        k0, k1 = seed & mask, seed >> 32
        for _ in range(10):
            left, right = 0xD2511F53 * a, 0xCD9E8D57 * c
            a, b, c, d = (right >> 32) ^ b ^ k0, right & mask, (left >> 32) ^ d ^ k1, left & mask
            k0, k1 = (k0 + 0x9E3779B9) & mask, (k1 + 0xBB67AE85) & mask
        words += [a | b << 32, c | d << 32]
        block += 1
    return words[:count]


@pytest.mark.parametrize(("seed", "stream"), [(0, 0), (1234, 5), (2**64 - 1, 2**63 + 17)])
def test_streams_are_those_of_the_paper(seed: int, stream: int) -> None:
    expected = [(word >> 11) / 2**53 for word in philox_words(seed, stream, 7)]
    assert Philox(seed, stream).uniform(7) == expected


def test_derived_seeds_are_a_hash_of_the_path() -> None:
    text = b"eigen.seed.v1" + struct.pack("<Q", 7) + b"s" + struct.pack("<Q", 5) + b"shots"
    digest = sha256(text + b"i" + (3).to_bytes(16, "little", signed=True)).digest()
    assert derive_seed(7, "shots", 3) == int.from_bytes(digest[:8], "little")


def test_the_counter_counts_and_streams_differ() -> None:
    source = Philox(1)
    source.uniform(5)
    assert source.counter == 5
    assert Philox(1, 0).uniform(4) != Philox(1, 1).uniform(4)
    assert Philox(1).uniform(6)[:3] == Philox(1).uniform(3)
    assert len(Philox(1).normal(5)) == 5


def test_permutations_and_integers_are_in_range() -> None:
    assert sorted(Philox(3).permutation(50)) == list(range(50))
    draws = Philox(3).integers(-2, 3, 2000)
    assert set(draws) == {-2, -1, 0, 1, 2}
    with pytest.raises(CoreError) as caught:
        Philox(3).integers(3, 3, 1)
    assert caught.value.code == "EIGEN_RANDOM_INVALID"


def test_integers_are_unbiased() -> None:
    # 60,000 draws of 6: each count is within 5.2 standard deviations (91.3) except with probability 2.4e-6 in all.
    draws = Philox(99).integers(0, 6, 60_000)
    assert all(abs(draws.count(face) - 10_000) < 5.2 * 91.3 for face in range(6))


def test_derived_seeds_depend_on_every_step() -> None:
    seeds = {
        derive_seed(1),
        derive_seed(1, "a"),
        derive_seed(1, "a", 1),
        derive_seed(1, "a", "1"),
        derive_seed(2, "a", 1),
    }
    assert len(seeds) == 5
    with pytest.raises(TypeError):
        derive_seed(1, 2.5)  # type: ignore[arg-type]


@pytest.mark.parametrize("name", ["sin", "cos", "tan", "atan", "sinh", "tanh", "exp", "log1p", "sqrt", "erf", "gamma"])
def test_functions_agree_with_the_host(name: str) -> None:
    for x in (0.1, 0.5, 1.0, 2.5, 10.0):
        assert libm.isclose(getattr(exact, name)(x), getattr(libm, name)(x), rel_tol=1e-14)


def test_domain_errors_are_nan() -> None:
    assert libm.isnan(exact.sqrt(-1.0))
    assert libm.isnan(exact.acos(2.0))
    assert exact.pow(2.0, 10.0) == 1024.0
    assert exact.atan2(1.0, 1.0) == libm.pi / 4
