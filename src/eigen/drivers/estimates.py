"""Expectation values and probabilities from the counts of an engine that can only sample. It knows no engine."""

from __future__ import annotations

from math import sqrt
from typing import TYPE_CHECKING

from eigen._core import derive_seed
from eigen.drivers.in_process import check_outcome
from eigen.ir import sampling

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from eigen.ir import Circuit, Counts
    from eigen.types import ExpectationWork, ProbabilityWork

    Sample = Callable[[Circuit, Sequence[float], int, int], Counts]  # circuit, values, shots, seed


def sampled_probability(work: ProbabilityWork, shots: int, sample: Sample) -> tuple[float, float]:
    """The share of shots with one outcome, and its standard error."""
    check_outcome(work)
    counts = sample(work.circuit.measure_all(), work.values, shots, work.seed)
    first = work.circuit.num_clbits  # the new bits come after those that the circuit has
    bits = range(first, first + work.circuit.num_qubits)
    mean = counts.marginal(bits).to_dict().get(work.bits, 0) / shots
    return mean, sqrt(mean * (1.0 - mean) / shots)


def sampled_expectation(work: ExpectationWork, shots: int, sample: Sample) -> tuple[float, float]:
    """The mean of an observable from shots shared among its groups of commuting terms, and its standard error."""
    measurement = sampling.measurement(work.circuit, work.observable)
    if not measurement.groups:
        return measurement.constant, 0.0
    mean, variance = measurement.constant, 0.0
    parts = sampling.shares([group.weight for group in measurement.groups], shots)
    for index, (group, part) in enumerate(zip(measurement.groups, parts, strict=True)):
        counts = sample(group.circuit, work.values, part, derive_seed(work.seed, "group", index))
        value, spread = sampling.estimate(group.terms, counts.to_dict())
        mean += value
        variance += spread
    return mean, sqrt(variance)
