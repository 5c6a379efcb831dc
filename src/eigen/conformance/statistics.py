"""Whether counts come from a distribution: bounds that hold for every number of shots, so that the rate of false alarms
is known and not an approximation.

`divergence_limit` is theorem 1.2 of R. Agrawal, "Finite-sample concentration of the multinomial in relative entropy",
IEEE Transactions on Information Theory 66 (2020): for n draws of k kinds, n D(p'||p) reaches x > k-1 with a probability
of at most exp(-x) (e x/(k-1))^(k-1), D being the relative entropy in nats of the frequencies to the probabilities.
"""

from __future__ import annotations

from math import log, sqrt
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping

FALSE_ALARM = 1e-9
"""The probability with which one comparison blames a device that is right."""
MOST_COMPARISONS = 900
"""Of all checks on one device: together they blame one that is right with a probability below 1e-6."""
LEAST = 1e-12
"""Probabilities below this one are taken for it: what rounding makes of zero may not be held against a device."""


def divergence(counts: Mapping[str, int], expected: Mapping[str, float]) -> float:
    """n D(p'||p), in nats, of counts to expected probabilities; what is not expected at all counts as `LEAST`."""
    shots = sum(counts.values())
    total = 0.0
    for outcome, count in counts.items():
        if count:
            total += count * log(count / shots / max(expected.get(outcome, 0.0), LEAST))
    return total


def divergence_limit(kinds: int, false_alarm: float = FALSE_ALARM) -> float:
    """The x that n D(p'||p) of honest counts of so many kinds of outcomes reaches with that probability at most."""
    free = kinds - 1
    if free < 1:
        return 1e-6  # one kind: nothing is random, and anything else is wrong
    low, high = float(free), 10.0 * free + 10.0 * -log(false_alarm)
    for _ in range(100):
        middle = (low + high) / 2
        bound = -middle + free * (1.0 + log(middle / free))
        low, high = (middle, high) if bound > log(false_alarm) else (low, middle)
    return high


def variation(counts: Mapping[str, int], expected: Mapping[str, float]) -> float:
    """The total variation distance of frequencies to probabilities."""
    shots = max(1, sum(counts.values()))
    outcomes = set(counts) | set(expected)
    return sum(abs(counts.get(one, 0) / shots - expected.get(one, 0.0)) for one in sorted(outcomes)) / 2


def variation_limit(kinds: int, shots: int, false_alarm: float = FALSE_ALARM) -> float:
    """How far honest frequencies are from their probabilities at most, with the probability of a false alarm: the
    expectation by Jensen's inequality, and what McDiarmid's adds."""
    return sqrt(kinds / (4 * shots)) + sqrt(-log(false_alarm) / (2 * shots))


SIGMAS = 6.2
"""Two sides of a normal distribution beyond it: 5.6e-10."""
