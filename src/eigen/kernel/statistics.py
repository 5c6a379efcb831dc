"""Whether counts fit a distribution, or one another: tests whose rate of false alarms is bounded for any sample size.

The statistic is that of the G-test, shots times the relative entropy. Its tail is not taken from the chi-square limit,
which is wrong far out, but from the bound of Agrawal (IEEE Trans. Inf. Theory 66, 6297, 2020), which always holds.
Pure.
"""

from __future__ import annotations

from dataclasses import dataclass
from hashlib import sha256
from math import exp, inf, log, sqrt
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

FALSE_ALARM = 1e-7
"""How often a verification, or a comparison of two runs, calls something wrong that is right, at most."""

LEAST_EXPECTED = 5.0  # outcomes that are expected less often stand in one bin
SHOTS_PER_BUCKET = 20
MAX_BUCKETS = 4096


@dataclass(frozen=True, slots=True)
class Tested:
    """What a test found: the statistic (shots times relative entropy, in nats), the bins, and a bound on the
    probability of a statistic as large when all is right."""

    statistic: float
    bins: int
    p_value: float


def fits(counts: Mapping[int, int], probabilities: Sequence[float]) -> Tested:
    """Whether counts by index fit the probabilities of the indices. Outcomes that are hardly expected share a bin."""
    shots = sum(counts.values())
    bins: list[tuple[int, float]] = []
    rare, rare_count = 0.0, 0
    for index, probability in enumerate(probabilities):
        if shots * probability >= LEAST_EXPECTED:
            bins.append((counts.get(index, 0), probability))
        else:
            rare += max(probability, 0.0)
    rare_count = shots - sum(count for count, _ in bins)
    bins.append((rare_count, rare))
    total = sum(probability for _, probability in bins)
    statistic = 0.0
    for count, probability in bins:
        if count:
            statistic += count * log(count / shots * total / probability) if probability > 0.0 else inf
    return Tested(statistic, len(bins), tail(statistic, len(bins)))


def alike(first: Mapping[str, int], second: Mapping[str, int]) -> Tested:
    """Whether two sets of counts can come from one distribution, however the two depend on each other.

    Outcomes fall into buckets by their sha256, as many as the shots bear: what a bucket holds does not depend on what
    was counted, so that the bound holds.
    """
    totals = sum(first.values()), sum(second.values())
    outcomes = set(first) | set(second)
    width = max((len(bits) for bits in outcomes), default=0)
    buckets = max(2, min(1 << min(width, 12), min(totals) // SHOTS_PER_BUCKET, MAX_BUCKETS))
    folded = [[0] * buckets, [0] * buckets]
    for row, counts in zip(folded, (first, second), strict=True):
        for bits, count in counts.items():
            row[_bucket(bits, buckets)] += count
    statistic = 0.0
    for one, other in zip(*folded, strict=True):
        together = (one + other) / (totals[0] + totals[1])
        for count, shots in ((one, totals[0]), (other, totals[1])):
            if count:
                statistic += count * log(count / shots / together)
    # Twice the one-sample statistic at most, by Cauchy and Schwarz: no independence of the two is needed.
    return Tested(statistic, buckets, tail(statistic / 2.0, buckets))


def tail(statistic: float, bins: int) -> float:
    """A bound on the probability that shots times relative entropy is as large, over so many bins."""
    freedom = bins - 1
    if statistic <= freedom or freedom == 0:
        return 0.0 if statistic == inf else 1.0
    if statistic == inf:
        return 0.0
    return min(1.0, exp(freedom * (1.0 + log(statistic / freedom)) - statistic))


def widest_error(weight: float, shots: int, false_alarm: float) -> float:
    """How far an expectation value from shots lies from the exact one at most, but for a probability of `false_alarm`.

    Hoeffding's inequality for groups of terms that share the shots in proportion to their weights, of `weight` in all;
    rounding a share down halves it at worst.
    """
    return 2.0 * weight * sqrt(log(2.0 / false_alarm) / shots)


def _bucket(bits: str, buckets: int) -> int:
    """A small alphabet needs no digest: its outcomes are its buckets."""
    if 1 << len(bits) <= buckets:
        return int(bits or "0", 2)
    return int.from_bytes(sha256(bits.encode()).digest()[:8]) % buckets
