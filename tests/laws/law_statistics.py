"""Whether counts can have come from a distribution."""

from __future__ import annotations

from math import log
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping

    import numpy as np

    from eigen._core import Counts

BOUND = 34.0
"""Of shots times divergence: a share is wrongly refused with 2 exp(-34) = 3.5e-15, 1e6 shares with 3.5e-9."""
ROUNDING = 1e-12


def agree(counts: Counts, expected: Mapping[str, float], shots: int) -> None:
    """Each outcome within its Chernoff bound, `exp(-shots KL(seen, expected))`; nothing that cannot be."""
    seen = counts.to_dict()
    assert sum(seen.values()) == shots
    for bits in {*seen, *expected}:
        p, q = min(max(expected.get(bits, 0.0), 0.0), 1.0), seen.get(bits, 0) / shots
        assert q == 0.0 or p > 0.0, (bits, q)
        if p > 1 - ROUNDING:
            assert q == 1.0, (bits, q)
            continue
        divergence = sum(x * log(x / y) for x, y in ((q, p), (1 - q, 1 - p)) if x > 0)
        assert shots * divergence <= BOUND, (bits, q, p)


def outcomes(probabilities: np.ndarray) -> dict[str, float]:
    """A vector of probabilities by bit string; what is 0 but for rounding is left out."""
    width = (len(probabilities) - 1).bit_length()
    found = {format(index, "b").zfill(width): float(p) for index, p in enumerate(probabilities) if p > ROUNDING}
    return found if width else {"": 1.0}
