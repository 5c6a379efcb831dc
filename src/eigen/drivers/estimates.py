"""Expectation values and probabilities from the counts of an engine that can only sample. It knows no engine."""

from __future__ import annotations

from dataclasses import dataclass
from math import sqrt
from typing import TYPE_CHECKING

from eigen._core import derive_seed
from eigen.drivers.in_process import check_outcome
from eigen.ir import sampling
from eigen.types import ProbabilityWork, SampleWork

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from eigen.ir import Circuit, Counts
    from eigen.types import ExpectationWork

    Sample = Callable[[Circuit, Sequence[float], int, int], Counts]  # circuit, values, shots, seed


@dataclass(frozen=True, slots=True)
class Sampled:
    """What an estimate from shots takes: circuits to sample (`works`), and what their counts come to."""

    works: tuple[SampleWork, ...]
    value: Callable[[Sequence[Counts]], tuple[float, float]]
    """The mean and its standard error, from the counts of each work, in their order."""


def sampled(work: ExpectationWork | ProbabilityWork, shots: int) -> Sampled:
    """An estimate as samples; EIGEN_SIM_UNSUPPORTED for an outcome that is none."""
    return _probability(work, shots) if isinstance(work, ProbabilityWork) else _expectation(work, shots)


def sampled_probability(work: ProbabilityWork, shots: int, sample: Sample) -> tuple[float, float]:
    """The share of shots with one outcome, and its standard error."""
    return _by(sample, _probability(work, shots))


def sampled_expectation(work: ExpectationWork, shots: int, sample: Sample) -> tuple[float, float]:
    """The mean of an observable from shots shared among its groups of commuting terms, and its standard error."""
    return _by(sample, _expectation(work, shots))


def _by(sample: Sample, found: Sampled) -> tuple[float, float]:
    return found.value([sample(work.circuit, work.values, work.shots, work.seed) for work in found.works])


def _probability(work: ProbabilityWork, shots: int) -> Sampled:
    check_outcome(work)
    first = work.circuit.num_clbits  # the new bits come after those that the circuit has
    bits = range(first, first + work.circuit.num_qubits)

    def value(counts: Sequence[Counts]) -> tuple[float, float]:
        mean = counts[0].marginal(bits).to_dict().get(work.bits, 0) / shots
        return mean, sqrt(mean * (1.0 - mean) / shots)

    return Sampled((SampleWork(work.circuit.measure_all(), work.values, shots, work.seed, work.options),), value)


def _expectation(work: ExpectationWork, shots: int) -> Sampled:
    measurement = sampling.measurement(work.circuit, work.observable)

    def value(counts: Sequence[Counts]) -> tuple[float, float]:
        mean, variance = measurement.constant, 0.0
        for group, found in zip(measurement.groups, counts, strict=True):
            part, spread = sampling.estimate(group.terms, found.to_dict())
            mean += part
            variance += spread
        return mean, sqrt(variance)

    parts = sampling.shares([group.weight for group in measurement.groups], shots) if measurement.groups else ()
    works = tuple(
        SampleWork(group.circuit, work.values, part, derive_seed(work.seed, "group", index), work.options)
        for index, (group, part) in enumerate(zip(measurement.groups, parts, strict=True))
    )
    return Sampled(works, value)
