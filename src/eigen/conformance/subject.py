"""`Subject`: a device under test, and how it is asked. It sees lowered circuits only, as every device does."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any
from uuid import uuid4

from eigen import _core
from eigen.compiler.lower import Lowered, lower
from eigen.conformance import oracle
from eigen.conformance.check import BrokenError, InapplicableError
from eigen.conformance.statistics import (
    SIGMAS,
    divergence,
    divergence_limit,
    variation,
    variation_limit,
)
from eigen.errors import EigenError
from eigen.types import ExpectationWork, GradientWork, ProbabilityWork, SampleWork

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from eigen.drivers.driver import QDriver
    from eigen.ir import Circuit, Observable
    from eigen.types import Device, Json, Work, WorkResult

LIMIT_SECONDS = 120.0
"""What one piece of work may take."""
NOISY_SHOTS = 1001
UNSUPPORTED = ("EIGEN_SIM_UNSUPPORTED", "EIGEN_COMPILER_UNSUPPORTED")
OPTION = ("EIGEN_DEVICE_OPTION",)
MOST_SHOWN = 4


class Subject:
    """A driver and one of its devices. `comparisons` counts the statistical ones, for the rate of false alarms."""

    def __init__(self, driver: QDriver, device: Device, *, limit_seconds: float = LIMIT_SECONDS) -> None:
        self.driver = driver
        self.device = device
        self.comparisons = 0
        self._limit = limit_seconds

    def has(self, *features: str) -> bool:
        """Whether it declares all of these features."""
        return set(features) <= self.device.features

    @property
    def takes_circuits(self) -> bool:
        """Whether it is a device of qubits and gates."""
        return self.device.properties.get("circuits") is not False and not self.has("modes")

    @property
    def is_clifford(self) -> bool:
        """Whether it runs Clifford circuits only."""
        return self.device.properties.get("clifford_only") is True

    @property
    def is_noisy(self) -> bool:
        """Whether it says that it makes errors."""
        return "calibration" in self.device.properties

    @property
    def is_exact(self) -> bool:
        """Whether it gives exact expectation values."""
        return self.has("expectation", "exact")

    @property
    def tolerance(self) -> float:
        """How far an exact value may be off: by its precision, as it declares it."""
        told = self.device.properties
        if told.get("precision") in {"f64", "exact"} and not told.get("approximate"):
            return 1e-9
        return 1e-6 if told.get("precision") == "f64" else 1e-4

    def width(self, wanted: int) -> int:
        """So many qubits, or as many as there are."""
        return min(wanted, self.device.num_qubits)

    def lower(self, circuit: Circuit, values: Sequence[float] = ()) -> Lowered:
        """A circuit in the device's terms; `InapplicableError` where they do not go as far."""
        try:
            lowered = lower(circuit, self.device, level=0)
        except EigenError as error:
            if error.code != "EIGEN_COMPILER_UNSUPPORTED":
                raise
            raise InapplicableError(error.message) from error
        if self.is_clifford and (reason := _core.not_clifford(lowered.circuit.bind(list(values)))):
            raise InapplicableError(f"it runs Clifford circuits only: {reason}")
        return lowered

    def can(self, circuit: Circuit, values: Sequence[float] = ()) -> bool:
        """Whether a circuit can be lowered to it."""
        try:
            self.lower(circuit, values)
        except InapplicableError:
            return False
        return True

    def ask(self, work: Work) -> WorkResult:
        """The result of one piece of work; `BrokenError` where none comes in time."""
        handle = self.driver.submit(self.device.id, uuid4().hex, work)
        try:
            return self.driver.result(handle, self._limit)
        except EigenError as error:
            if error.code != "EIGEN_RUN_TIMEOUT":
                raise
            self.driver.cancel(handle)
            raise BrokenError(f"no answer within {self._limit:.0f} s") from error

    def refusal(
        self, work: Work | Callable[[], object], *codes: str, naming: str = "", what: str = "the work"
    ) -> EigenError:
        """The error that it refuses work with: of one of `codes`, any where none is named; it says `naming`."""
        try:
            answer = work() if callable(work) else self.ask(work)
        except EigenError as error:
            if codes and error.code not in codes:
                message = f"{what} is refused with {error.code}, not {' or '.join(codes)}: {error.message}"
                raise BrokenError(message) from error
            if naming not in error.message:
                raise BrokenError(f"the refusal does not name `{naming}`: {error.message}") from error
            return error
        raise BrokenError(f"{what} is not refused: {shown(answer)}")

    # Samples

    def sample(
        self,
        circuit: Circuit,
        values: Sequence[float] = (),
        *,
        shots: int = 50,
        seed: int = 7,
        options: Mapping[str, Json] | None = None,
    ) -> dict[str, int]:
        """Counts of a circuit, which is lowered: as many as asked for, of keys as wide as its classical bits."""
        lowered = self.lower(circuit, values).circuit
        found = self.ask(SampleWork(lowered, tuple(values), shots, seed, options or {})).counts
        if found is None:
            raise BrokenError("no counts came for shots")
        if found.num_clbits != circuit.num_clbits:
            raise BrokenError(f"outcomes have {found.num_clbits} bits where the circuit has {circuit.num_clbits}")
        if found.shots != shots:
            raise BrokenError(f"{shots} shots gave {found.shots} outcomes")
        return found.to_dict()

    def always(self, circuit: Circuit, outcome: str, values: Sequence[float] = (), *, shots: int = 50) -> None:
        """Every shot gives `outcome`; of a device that makes errors, most do."""
        counts = self.sample(circuit, values, shots=NOISY_SHOTS if self.is_noisy else shots)
        if self.is_noisy:
            if max(counts, key=lambda bits: counts[bits]) != outcome:
                raise BrokenError(f"`{outcome}` must be the most frequent outcome, got {shown(counts)}")
        elif set(counts) != {outcome}:
            raise BrokenError(f"every shot must give `{outcome}`, got {shown(counts)}")

    def follows(
        self,
        circuit: Circuit,
        expected: Mapping[str, float] | None = None,
        values: Sequence[float] = (),
        *,
        shots: int = 4000,
        seed: int = 11,
        what: str = "",
        options: Mapping[str, Json] | None = None,
    ) -> None:
        """Its counts come from `expected`, by default from the distribution of the circuit."""
        ideal = oracle.distribution(circuit, values) if expected is None else expected
        counts = self.sample(circuit, values, shots=min(shots, self.device.max_shots), seed=seed, options=options)
        self.compare(counts, ideal, what=what, errors=self.errors_of(circuit, values))

    def compare(
        self, counts: Mapping[str, int], ideal: Mapping[str, float], *, what: str = "", errors: float = 0.0
    ) -> None:
        """Counts come from a distribution, or are as near to it as the share `errors` of wrong shots lets them be."""
        self.comparisons += 1
        before = f"{what}: " if what else ""
        if errors:
            distance = variation(counts, ideal)
            limit = errors + variation_limit(max(len(ideal), len(counts)), sum(counts.values()))
            if distance > limit:
                raise BrokenError(f"{before}{distance:.3f} of the shots are wrong, {limit:.3f} may be: {shown(counts)}")
            return
        found, limit = divergence(counts, ideal), divergence_limit(max(len(ideal), 1))
        if found > limit:
            raise BrokenError(
                f"{before}counts {shown(counts)} where {shown(ideal)} are expected: relative entropy {found:.1f}, "
                f"at most {limit:.1f} but for one time in 10^9"
            )

    def errors_of(self, circuit: Circuit, values: Sequence[float] = ()) -> float:
        """The share of shots that a device with a calibration may have wrong: half as much again as its calibration
        predicts, and a twentieth; 0 for one that makes no errors."""
        if not self.is_noisy:
            return 0.0
        from eigen.estimate.success import UnknownErrorRate, success_of
        from eigen.ir.targets.target import snapshot_calibration

        calibration = snapshot_calibration(self.device.properties)
        if calibration is None:
            return 0.5
        try:
            wrong = 1.0 - success_of(self.lower(circuit, values).circuit.bind(list(values)), calibration).value
        except UnknownErrorRate:
            return 0.5
        return min(0.9, 1.5 * wrong + 0.05)

    # Values

    def expectation(
        self, circuit: Circuit, observable: Observable, values: Sequence[float] = (), *, shots: int | None = None
    ) -> WorkResult:
        """An expectation value after a circuit, which is lowered."""
        lowered = self.lower(circuit, values)
        moved = lowered.observable(observable)
        return self.ask(ExpectationWork(lowered.circuit, tuple(values), moved, shots, 5))

    def exact(self, circuit: Circuit, observable: Observable, values: Sequence[float] = (), *, what: str = "") -> None:
        """The exact expectation value is that of the oracle."""
        expected = oracle.expectation(circuit, observable, values)
        scale = max(1.0, sum(abs(weight) for _, weight in observable.terms))
        found = self.expectation(circuit, observable, values)
        self.close(found.value, expected, scale, what or "the expectation value")
        if found.standard_error is not None:
            raise BrokenError(f"{what or 'the expectation value'} is exact and has a standard error")

    def probability(
        self, circuit: Circuit, bits: str, values: Sequence[float] = (), *, shots: int | None = None
    ) -> WorkResult:
        """The probability of an outcome `q[n-1]…q[0]` of the qubits of a circuit, which is lowered."""
        lowered = self.lower(circuit, values)
        places = ["0"] * lowered.circuit.num_qubits
        for qubit, bit in enumerate(reversed(bits)):
            places[lowered.qubit_map[qubit]] = bit
        return self.ask(ProbabilityWork(lowered.circuit, tuple(values), "".join(reversed(places)), shots, 5))

    def gradient(self, circuit: Circuit, observable: Observable, values: Sequence[float]) -> WorkResult:
        """A gradient."""
        lowered = self.lower(circuit, values)
        return self.ask(GradientWork(lowered.circuit, tuple(values), lowered.observable(observable)))

    def close(self, found: float | None, expected: float, scale: float, what: str) -> None:
        """A value is the expected one, as far as the device is precise."""
        if found is None or not abs(found - expected) <= self.tolerance * scale:
            raise BrokenError(f"{what} is {expected:.12g}, got {found if found is None else f'{found:.12g}'}")

    def within(self, result: WorkResult, expected: float, what: str) -> None:
        """An estimate is within its error of the expected value."""
        self.comparisons += 1
        value, error = result.value, result.standard_error
        if value is None or error is None or not error >= 0.0:
            raise BrokenError(f"{what}: an estimate from shots has a value and a standard error, got {value}, {error}")
        if not abs(value - expected) <= SIGMAS * error + self.tolerance:
            raise BrokenError(f"{what} is {expected:.6g}, estimated {value:.6g} with a standard error of {error:.2g}")


def shown(answer: Any) -> str:
    """An answer in short."""
    if isinstance(answer, dict):
        rows = sorted(answer.items(), key=lambda row: -row[1])  # pyright: ignore[reportUnknownVariableType, reportUnknownMemberType, reportUnknownArgumentType, reportUnknownLambdaType]
        words = [f"`{key}`: {value:.4g}" for key, value in rows[:MOST_SHOWN]]  # pyright: ignore[reportUnknownVariableType]
        return "{" + ", ".join(words) + (", …}" if len(rows) > MOST_SHOWN else "}")  # pyright: ignore[reportUnknownArgumentType]
    return str(answer)[:200]


def builder(qubits: int, clbits: int = 0) -> _core.CircuitBuilder:
    """A builder with unnamed registers."""
    return _core.CircuitBuilder(qubits, clbits)
