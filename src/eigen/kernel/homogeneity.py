"""Whether counts of several devices can come from one distribution: the chi-square test of homogeneity. Pure.

Pearson, Biometrika 8, 250 (1911). The chi-square limit holds where each expected count is 5 or more (Cochran,
Biometrics 10, 417, 1954): rarer outcomes share a bin. Which ones do follows from how often each came in all, on
whatever device, which does not change the distribution of the test when the devices agree.
"""

from __future__ import annotations

from dataclasses import dataclass
from math import erfc, exp, lgamma, log, sqrt
from typing import TYPE_CHECKING

from eigen.ir.ordered import ordered_sum

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from eigen.types import Json

METHOD = "chi-square test of homogeneity"
LEAST_EXPECTED = 5.0
MOST_BINS = 4096


@dataclass(frozen=True, slots=True)
class Homogeneity:
    """What the test found. With fewer than two bins, or one device, there is nothing to compare: `p_value` is 1."""

    statistic: float
    degrees_of_freedom: int
    bins: int
    p_value: float

    def to_json(self) -> dict[str, Json]:
        """As a JSON object, with the name of the method."""
        return {
            "method": METHOD,
            "statistic": self.statistic,
            "degrees_of_freedom": self.degrees_of_freedom,
            "bins": self.bins,
            "p_value": self.p_value,
        }


def homogeneity(samples: Sequence[Mapping[str, int]]) -> Homogeneity:
    """The test over counts by outcome, one mapping for each device; those without counts are left out."""
    sizes = [size for sample in samples if (size := sum(sample.values()))]
    bins = _binned([sample for sample in samples if sum(sample.values())], sizes)
    if len(sizes) < 2 or len(bins) < 2:
        return Homogeneity(0.0, 0, len(bins), 1.0)
    freedom = (len(sizes) - 1) * (len(bins) - 1)
    whole = sum(sizes)
    terms: list[float] = []
    for row in bins:
        together = sum(row)
        for count, size in zip(row, sizes, strict=True):
            expected = together * size / whole
            terms.append((count - expected) ** 2 / expected)
    statistic = ordered_sum(terms)
    return Homogeneity(statistic, freedom, len(bins), survival(statistic, freedom))


def survival(statistic: float, freedom: int) -> float:
    """The probability that a chi-square variable of so many degrees of freedom is as large: the finite sums of
    Abramowitz and Stegun, 26.4.4 and 26.4.5."""
    half = statistic / 2.0
    if half <= 0.0:
        return 1.0
    start = 0.5 * (freedom % 2)
    powers = [start + step for step in range(freedom // 2)]
    terms = [exp(power * log(half) - half - lgamma(power + 1.0)) for power in powers]
    return min(1.0, ordered_sum(sorted(terms)) + (erfc(sqrt(half)) if start else 0.0))


def _binned(samples: Sequence[Mapping[str, int]], sizes: Sequence[int]) -> list[tuple[int, ...]]:
    """The counts of each bin, by device. From the rarest outcome on, neighbours share a bin until 5 are expected of it
    on the device with the fewest shots; what is left at the end joins the last bin."""
    if not sizes:
        return []
    together: dict[str, int] = {}
    for sample in samples:
        for outcome, count in sample.items():
            together[outcome] = together.get(outcome, 0) + count
    whole = sum(sizes)
    least = max(LEAST_EXPECTED * whole / min(sizes), whole / MOST_BINS)
    bins: list[list[int]] = []
    held, row = 0, [0] * len(sizes)
    for outcome in sorted(together, key=lambda outcome: (together[outcome], outcome)):
        held += together[outcome]
        row = [count + sample.get(outcome, 0) for count, sample in zip(row, samples, strict=True)]
        if held >= least:
            bins.append(row)
            held, row = 0, [0] * len(sizes)
    if held and bins:
        bins[-1] = [one + other for one, other in zip(bins[-1], row, strict=True)]
    elif held:
        bins.append(row)
    return [tuple(each) for each in bins]
