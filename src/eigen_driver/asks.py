"""What an engine is asked, and what it answers."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from eigen_driver.circuit import Circuit
    from eigen_driver.modes import Modes
    from eigen_driver.observable import Observable


@dataclass(frozen=True)
class Sample:
    """`Counts` of the classical bits after `shots` runs of a circuit at these values of its parameters."""

    circuit: Circuit
    values: tuple[float, ...]
    shots: int
    seed: int
    options: Mapping[str, Any] = field(default_factory=dict[str, Any])


@dataclass(frozen=True)
class Expectation:
    """The exact expectation value (`Estimate`) of an observable after a circuit without measurements."""

    circuit: Circuit
    values: tuple[float, ...]
    observable: Observable
    options: Mapping[str, Any] = field(default_factory=dict[str, Any])


@dataclass(frozen=True)
class Gradient:
    """The exact expectation value and its derivatives by each parameter (`Estimate` with `gradient`)."""

    circuit: Circuit
    values: tuple[float, ...]
    observable: Observable
    options: Mapping[str, Any] = field(default_factory=dict[str, Any])


@dataclass(frozen=True)
class Probability:
    """The exact probability (`Estimate`) of the outcome `bits`, `q[n-1] ... q[0]`, of all qubits."""

    circuit: Circuit
    values: tuple[float, ...]
    bits: str
    options: Mapping[str, Any] = field(default_factory=dict[str, Any])


@dataclass(frozen=True)
class Evolve:
    """Values of an evolution's observables at its times (`Series`). `document` is its AQO, as JSON values."""

    document: Mapping[str, Any]
    values: tuple[float, ...]
    shots: int | None
    seed: int
    settings: Mapping[str, Any] = field(default_factory=dict[str, Any])
    options: Mapping[str, Any] = field(default_factory=dict[str, Any])


@dataclass(frozen=True)
class RunModes:
    """What a photonic program measures (`Samples`) in `shots` shots; where it measures nothing (None), the values of
    its observables (`Series`)."""

    modes: Modes
    values: tuple[float, ...]
    shots: int | None
    seed: int
    options: Mapping[str, Any] = field(default_factory=dict[str, Any])


Ask = Sample | Expectation | Gradient | Probability | Evolve | RunModes


@dataclass(frozen=True)
class Counts:
    """How often each outcome came, by the integer whose bit k is classical bit k. `width` is how many bits there are,
    where the question is not at hand any more."""

    found: Mapping[int, int]
    metadata: Mapping[str, Any] = field(default_factory=dict[str, Any])
    width: int | None = None


@dataclass(frozen=True)
class Estimate:
    """A value; `error` where it was estimated, `gradient` where it was asked for."""

    value: float
    error: float | None = None
    gradient: tuple[float, ...] | None = None
    metadata: Mapping[str, Any] = field(default_factory=dict[str, Any])


@dataclass(frozen=True)
class Series:
    """Values of a photonic program's observables, or of those of an evolution at its times, times first, with their
    errors where they were estimated, and counts of the final state where shots were asked for."""

    values: tuple[float, ...]
    errors: tuple[float, ...] | None = None
    counts: Counts | None = None
    metadata: Mapping[str, Any] = field(default_factory=dict[str, Any])


@dataclass(frozen=True)
class Samples:
    """What a photonic program measured: a row for each shot, a number for each of its columns."""

    rows: Sequence[Sequence[float]]
    metadata: Mapping[str, Any] = field(default_factory=dict[str, Any])


Answer = Counts | Estimate | Series | Samples
