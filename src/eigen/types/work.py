"""What a device is asked to do, and what it gives back."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Mapping

    from eigen.ir import Circuit, Counts, Evolution, Modes, Observable
    from eigen.types.json import Json


@dataclass(frozen=True, slots=True)
class SampleWork:
    """Run a circuit `shots` times with its parameters bound to `values` (in order of `circuit.parameters`)."""

    circuit: Circuit
    values: tuple[float, ...]
    shots: int
    seed: int
    options: Mapping[str, Json] = field(default_factory=dict[str, Any])


@dataclass(frozen=True, slots=True)
class ExpectationWork:
    """Expectation value of an observable after a circuit; `shots=None` asks for the exact value."""

    circuit: Circuit
    values: tuple[float, ...]
    observable: Observable
    shots: int | None
    seed: int
    options: Mapping[str, Json] = field(default_factory=dict[str, Any])


@dataclass(frozen=True, slots=True)
class GradientWork:
    """Exact value and gradient of an expectation with respect to every circuit parameter."""

    circuit: Circuit
    values: tuple[float, ...]
    observable: Observable
    options: Mapping[str, Json] = field(default_factory=dict[str, Any])


@dataclass(frozen=True, slots=True)
class ProbabilityWork:
    """Exact probability of one outcome `bits` (`q[n-1] … q[0]`, all qubits) after a circuit without measurements."""

    circuit: Circuit
    values: tuple[float, ...]
    bits: str
    shots: int | None
    seed: int
    options: Mapping[str, Json] = field(default_factory=dict[str, Any])


@dataclass(frozen=True, slots=True)
class EvolutionWork:
    """Values of an evolution's observables at its times, and `shots` counts of its final state (None: no counts).

    `settings` say how: `method`, `tolerance`, `order`, `steps`, `trajectories`; what is missing is the device's choice.
    """

    evolution: Evolution
    values: tuple[float, ...]
    shots: int | None
    seed: int
    settings: Mapping[str, Json] = field(default_factory=dict[str, Any])
    options: Mapping[str, Json] = field(default_factory=dict[str, Any])


@dataclass(frozen=True, slots=True)
class ModesWork:
    """What a photonic program measures, `shots` times, or the values of its observables (None: it measures nothing)."""

    modes: Modes
    values: tuple[float, ...]
    shots: int | None
    seed: int
    options: Mapping[str, Json] = field(default_factory=dict[str, Any])


CircuitWork = SampleWork | ExpectationWork | GradientWork | ProbabilityWork
Work = CircuitWork | EvolutionWork | ModesWork


@dataclass(frozen=True, slots=True)
class WorkResult:
    """What a device gives back: exactly one of `counts`, `value` (with `gradient` when asked) and, for an evolution,
    `series` (times first, observables second; `counts` beside it when shots were asked for). For a photonic program it
    is `series`, a value for each observable, or `samples`: number k of shot s, as its columns say, at
    `s * len(columns) + k`.

    `standard_error` is there when the value was estimated from shots. `metadata` records the engine, its
    version, precision, seed and everything approximate.
    """

    counts: Counts | None = None
    value: float | None = None
    standard_error: float | None = None
    gradient: tuple[float, ...] | None = None
    execution_time_sec: float = 0.0
    metadata: Mapping[str, Json] = field(default_factory=dict[str, Any])
    series: tuple[float, ...] | None = None
    series_errors: tuple[float, ...] | None = None
    samples: tuple[float, ...] | None = None

    def to_json(self) -> dict[str, Json]:
        """All but how long it took, as JSON values: of work that is done twice they are the same."""
        counts, gradient, series, errors = self.counts, self.gradient, self.series, self.series_errors
        return {
            "counts": None if counts is None else {"bits": counts.num_clbits, "found": counts.to_dict()},
            "value": self.value,
            "standard_error": self.standard_error,
            "gradient": None if gradient is None else list(gradient),
            "series": None if series is None else list(series),
            "series_errors": None if errors is None else list(errors),
            "metadata": dict(self.metadata),
            **({} if self.samples is None else {"samples": list(self.samples)}),
        }

    @staticmethod
    def from_json(value: Mapping[str, Any], seconds: float) -> WorkResult:
        """The result that `to_json` wrote, which took so many seconds; KeyError, TypeError and ValueError for anything
        else."""
        from eigen._core import Counts

        def numbers(name: str) -> tuple[float, ...] | None:
            return None if value.get(name) is None else tuple(value[name])

        counts = value["counts"]
        return WorkResult(
            counts=None if counts is None else Counts.from_dict(counts["found"], counts["bits"]),
            value=value["value"],
            standard_error=value["standard_error"],
            gradient=numbers("gradient"),
            execution_time_sec=seconds,
            metadata=value["metadata"],
            series=numbers("series"),
            series_errors=numbers("series_errors"),
            samples=numbers("samples"),
        )


@dataclass(frozen=True, slots=True)
class LoopWork:
    """A piece of a minimisation of `scale <observable> + offset` over the circuit's parameters, exactly.

    `search` is the checkpoint of an `eigen._core.Search` without its history; `seconds` is about how long it takes.
    """

    circuit: Circuit
    observable: Observable
    search: str
    seconds: float
    scale: float = 1.0
    offset: float = 0.0
    options: Mapping[str, Json] = field(default_factory=dict[str, Any])


@dataclass(frozen=True, slots=True)
class LoopResult:
    """The search as the piece left it, its checkpoint with the values of its new iterations; `metadata` as in
    `WorkResult`."""

    search: str
    evaluations: int
    execution_time_sec: float = 0.0
    metadata: Mapping[str, Json] = field(default_factory=dict[str, Any])
