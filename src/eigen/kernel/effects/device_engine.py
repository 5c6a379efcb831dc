"""`DeviceEngine`: the face the interpreter sees of one device. Circuits and observables are named by index.

What the device cannot do itself is made from what it can: expectation values from grouped samples, gradients from
shifts. Whatever was approximated is kept for the result's metadata.
"""

from __future__ import annotations

from math import isfinite, sqrt
from typing import TYPE_CHECKING, Any, Protocol

from eigen._core import derive_seed
from eigen.errors import EigenError
from eigen.ir import sampling
from eigen.kernel.effects import shift
from eigen.kernel.effects.formula import FormulaPlan
from eigen.types import (
    EvolutionWork,
    ExpectationWork,
    GradientWork,
    LoopWork,
    ModesWork,
    ProbabilityWork,
    SampleWork,
    WorkResult,
)

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from eigen._core import Counts
    from eigen.ir import Circuit, Observable
    from eigen.ir.program import Node, Program
    from eigen.kernel.engine import Values
    from eigen.kernel.ports import Lower, LoweredCircuit
    from eigen.types import Device, Json, LoopResult, Work

MAX_ENGINES = 32


class Hand(Protocol):
    """Hands work to the device and waits for its result; `key` names the work."""

    @property
    def has_loop(self) -> bool:
        """Whether `advance` can be called."""
        ...

    def foresee(self, coming: Iterator[Work], *, nested: bool = False) -> object:
        """Hear of work that `run` will be asked for, in this order; `nested`: before what one has heard of already."""
        ...

    def run(self, key: str, work: Work) -> WorkResult:
        """The result; raises EigenError."""
        ...

    def advance(self, work: LoopWork) -> LoopResult:
        """A piece of a minimisation, which is done again when it is lost; raises EigenError."""
        ...


class DeviceEngine:
    """Evaluations of one program on one device. `key` names an evaluation, the same in every attempt."""

    def __init__(
        self,
        program: Program,
        device: Device,
        lowered: Sequence[LoweredCircuit],
        submission: Hand,
        *,
        lower: Lower,
        level: int,
        options: Mapping[str, Json],
    ) -> None:
        self._program = program
        self._device = device
        self._lowered = tuple(lowered)
        self._submission = submission
        self._lower = lower
        self._level = level
        self._options = options
        self._digest = device.digest
        self._measured: dict[tuple[int, int], sampling.Measurement] = {}
        self._mapped: dict[tuple[int, int], Observable] = {}
        self._plans: dict[int, tuple[shift.ShiftPlan, LoweredCircuit] | None] = {}
        self._others: dict[str, Circuit] = {}
        self._loopless: set[tuple[int, int]] = set()
        self._engines: list[dict[str, Json]] = []
        self._approximations: list[str] = []
        self.seconds = 0.0
        self.evaluations = 0

    def sample(self, circuit: int, values: Values, shots: int, seed: int, *, key: str) -> Counts:
        """Counts of a circuit with measurements."""
        return self._sample(self._lowered[circuit].circuit, values, shots, seed, key)

    def expectation(
        self, circuit: int, observable: int, values: Values, shots: int | None, seed: int, *, key: str
    ) -> tuple[float, float | None]:
        """Expectation value and its standard error (None when exact)."""
        if "expectation" in self._device.features:
            low, target = self._lowered[circuit].circuit, self._observable(circuit, observable)
            work = ExpectationWork(low, tuple(values), target, shots, seed, self._options)
            return self._value(work, key, shots)
        return self._sampled_expectation(circuit, observable, values, self._needed(shots), seed, key)

    def probability(
        self, circuit: int, bits: str, values: Values, shots: int | None, seed: int, *, key: str
    ) -> tuple[float, float | None]:
        """Probability of one outcome of all qubits, and its standard error (None when exact)."""
        low = self._lowered[circuit]
        if shots is None and "exact" in self._device.features:
            wide = _spread(bits, low)
            work = ProbabilityWork(low.circuit, tuple(values), wide, None, seed, self._options)
            return self._value(work, key, None)
        shots = self._needed(shots)
        basis = [(qubit, "Z") for qubit in range(len(bits))]
        measured = self._other(sampling.measured(self._program.circuits[circuit], basis))
        counts = self._sample(measured, values, shots, seed, key).to_dict()
        share = counts.get(bits, 0) / shots
        return share, sqrt(share * (1 - share) / shots)

    def works(self, node: Node, values: Values, shots: int | None, seed: int) -> list[Work]:
        """The work that the evaluation of a `run`, `expectation` or `probability` stage will hand over."""
        circuit: int = node.attrs["circuit"]
        low, exact = self._lowered[circuit], "exact" in self._device.features
        if node.op == "run" and shots is not None:
            return [self._sampling(low.circuit, values, shots, seed)]
        if node.op == "expectation":
            observable: int = node.attrs["observable"]
            if "expectation" in self._device.features:
                target = self._observable(circuit, observable)
                return [ExpectationWork(low.circuit, tuple(values), target, shots, seed, self._options)]
            if shots is not None:
                return [work for _, work in self._groups(self._measurement(circuit, observable), values, shots, seed)]
        if node.op == "probability" and shots is None and exact:
            wide = _spread(node.attrs["bits"], low)
            return [ProbabilityWork(low.circuit, tuple(values), wide, None, seed, self._options)]
        return []

    def load(self, stage: str, index: int, observable: int | None, shots: int | None) -> tuple[int, int]:
        """Circuits that one evaluation hands over, and their shots in all."""
        features, drawn = self._device.features, shots or 0
        if stage == "expectation" and observable is not None and shots is not None and "expectation" not in features:
            groups = len(self._measurement(index, observable).groups)
            return groups, drawn if groups else 0
        if stage == "gradient" and "gradient" not in features:
            found = self._plan(index)
            size = len(self._program.circuits[index].parameters) if found is None else len(found[0].angles)
            return 1 + 2 * size, 0
        if stage == "evolve" and "evolution" not in features:
            return self._formula_load(index, shots)
        return 1, drawn

    def _formula_load(self, evolution: int, shots: int | None) -> tuple[int, int]:
        """That of an evolution by product formulas: every observable at every time is measured for itself."""
        asked, drawn = self._program.evolutions[evolution], shots or 0
        final = 0 if shots is None else 1
        values = len(asked.times) * len(asked.observables)
        if {"exact", "expectation"} <= self._device.features:
            return values + final, drawn
        groups = sum(len(observable.groups()) for observable in asked.observables)
        return len(asked.times) * groups + final, values * drawn + drawn

    def evolve(
        self, evolution: int, values: Values, shots: int | None, seed: int, *, settings: Mapping[str, Json], key: str
    ) -> WorkResult:
        """Values of an evolution's observables at its times, by the device itself or by a product formula."""
        asked = self._program.evolutions[evolution]
        if "evolution" in self._device.features:
            result = self._run(EvolutionWork(asked, tuple(values), shots, seed, settings, self._options), key)
            expected = len(asked.times) * len(asked.observables)
            if result.series is None or len(result.series) != expected or not all(map(isfinite, result.series)):
                raise self._broken(f"{expected} finite values")
            return result
        plan = FormulaPlan(asked.bind(values), settings)
        self._declare(f"evolution {evolution} by {plan.sentence}")
        return self._by_formula(plan, shots, seed, key)

    def modes(self, modes: int, values: Values, shots: int | None, seed: int, *, key: str) -> WorkResult:
        """What a photonic program measures, or the values of its observables."""
        asked = self._program.modes[modes]
        result = self._run(ModesWork(asked, tuple(values), shots, seed, self._options), key)
        numbers = result.series if shots is None else result.samples
        expected = len(asked.observables) if shots is None else shots * len(asked.columns)
        if numbers is None or len(numbers) != expected or not all(map(isfinite, numbers)):
            raise self._broken(f"{expected} finite values")
        return result

    def _by_formula(self, plan: FormulaPlan, shots: int | None, seed: int, key: str) -> WorkResult:
        """Each time by a circuit of its own; values are exact where the device has them, else from the shots."""
        found: list[tuple[float, float | None]] = []
        for row, circuit in enumerate(plan.circuits()):
            low = self._lower(circuit, self._device, level=self._level)
            for column, observable in enumerate(plan.evolution.observables):
                name = f"{key}:t{row}o{column}"
                own = derive_seed(seed, "value", row, column)
                if "exact" in self._device.features and "expectation" in self._device.features:
                    work = ExpectationWork(low.circuit, (), low.observable(observable), None, own, self._options)
                    found.append(self._value(work, name, None))
                else:
                    measurement = sampling.measurement(circuit, observable)
                    found.append(self._measure(measurement, (), self._needed(shots), own, name))
        counts = None
        if shots is not None:
            counts = self._sample(self._other(plan.final().measure_all()), (), shots, seed, f"{key}:final")
        errors = [error or 0.0 for _, error in found]
        return WorkResult(
            counts=counts,
            series=tuple(value for value, _ in found),
            series_errors=tuple(errors) if any(errors) else None,
        )

    def has_gradient(self, circuit: int, observable: int) -> bool:
        """Whether exact gradients exist: from the device, or by the parameter-shift rule."""
        if "exact" not in self._device.features or "expectation" not in self._device.features:
            return False
        return "gradient" in self._device.features or self._plan(circuit) is not None

    def gradient(self, circuit: int, observable: int, values: Values, *, key: str) -> tuple[float, Values]:
        """The exact expectation value and its gradient with respect to every circuit parameter."""
        if "gradient" in self._device.features:
            low, target = self._lowered[circuit].circuit, self._observable(circuit, observable)
            try:
                result = self._run(GradientWork(low, tuple(values), target, self._options), key)
            except EigenError as error:
                if error.code != "EIGEN_SIM_UNSUPPORTED":
                    raise
            else:
                if result.value is None or result.gradient is None or not all(map(isfinite, result.gradient)):
                    raise self._broken("a finite gradient")
                return result.value, result.gradient
        return self._shifted(circuit, observable, values, key)

    def has_loop(self, circuit: int, observable: int) -> bool:
        """Whether the device may take a minimisation of this expectation value further by itself."""
        wanted = {"loop", "exact", "expectation"} <= self._device.features
        return wanted and self._submission.has_loop and (circuit, observable) not in self._loopless

    def advance(
        self, circuit: int, observable: int, search: str, *, scale: float, offset: float, seconds: float
    ) -> tuple[str, int]:
        """A piece of a minimisation: the search's new state and the evaluations it took."""
        low, target = self._lowered[circuit].circuit, self._observable(circuit, observable)
        try:
            result = self._submission.advance(LoopWork(low, target, search, seconds, scale, offset, self._options))
        except EigenError as error:
            if error.code == "EIGEN_SIM_UNSUPPORTED":
                self._loopless.add((circuit, observable))
            raise
        self.seconds += result.execution_time_sec
        self.evaluations += result.evaluations
        self._note_engine(result.metadata)
        return result.search, result.evaluations

    def metadata(self) -> dict[str, Json]:
        """What is on the record of the evaluations made so far in this attempt."""
        found: dict[str, Any] = {
            "device_id": self._device.id,
            "device_digest": self._digest,
            "engines": self._engines,
            "execution_time_sec": self.seconds,
            "evaluations": self.evaluations,
        }
        if self._approximations:
            found["approximations"] = self._approximations
        return found

    def _run(self, work: Work, key: str) -> WorkResult:
        result = self._submission.run(key, work)
        self.seconds += result.execution_time_sec
        self.evaluations += 1
        self._note_engine(result.metadata)
        return result

    def _note_engine(self, metadata: Mapping[str, Json]) -> None:
        """Keep what the device says of itself, once; what belongs to one evaluation only is left out."""
        engine = {name: value for name, value in metadata.items() if name not in {"seed", "handle"}}
        if engine and engine not in self._engines and len(self._engines) < MAX_ENGINES:
            self._engines.append(engine)

    def _value(
        self, work: ExpectationWork | ProbabilityWork, key: str, shots: int | None
    ) -> tuple[float, float | None]:
        if shots is None and "exact" not in self._device.features:
            raise _not_exact(self._device)
        result = self._run(work, key)
        if result.value is None or not isfinite(result.value):
            raise self._broken("a finite value")
        return result.value, result.standard_error

    def _sample(self, circuit: Circuit, values: Sequence[float], shots: int, seed: int, key: str) -> Counts:
        return self._counts(self._sampling(circuit, values, shots, seed), key)

    def _sampling(self, circuit: Circuit, values: Sequence[float], shots: int, seed: int) -> SampleWork:
        return SampleWork(circuit, tuple(values), shots, seed, self._options)

    def _counts(self, work: SampleWork, key: str) -> Counts:
        result = self._run(work, key)
        if result.counts is None:
            raise self._broken("counts")
        return result.counts

    def _sampled_expectation(
        self, circuit: int, observable: int, values: Sequence[float], shots: int, seed: int, key: str
    ) -> tuple[float, float]:
        return self._measure(self._measurement(circuit, observable), values, shots, seed, key)

    def _measurement(self, circuit: int, observable: int) -> sampling.Measurement:
        """The circuits to sample for an observable."""
        name = (circuit, observable)
        if name not in self._measured:
            logical, target = self._program.circuits[circuit], self._program.observables[observable]
            self._measured[name] = sampling.measurement(logical, target)
        return self._measured[name]

    def _measure(
        self, measurement: sampling.Measurement, values: Sequence[float], shots: int, seed: int, key: str
    ) -> tuple[float, float]:
        mean, variance = measurement.constant, 0.0
        if not measurement.groups:
            return mean, 0.0
        works = self._groups(measurement, values, shots, seed)
        if len(works) > 1:
            self._submission.foresee(iter([work for _, work in works]), nested=True)
        for index, (group, work) in enumerate(works):
            counts = self._counts(work, f"{key}:g{index}")
            value, spread = sampling.estimate(group.terms, counts.to_dict())
            mean += value
            variance += spread
        return mean, sqrt(variance)

    def _groups(
        self, measurement: sampling.Measurement, values: Sequence[float], shots: int, seed: int
    ) -> list[tuple[sampling.Group, SampleWork]]:
        """What each group of terms that are measured together takes."""
        parts = sampling.shares([group.weight for group in measurement.groups], shots)
        return [
            (group, self._sampling(self._other(group.circuit), values, part, derive_seed(seed, "group", index)))
            for index, (group, part) in enumerate(zip(measurement.groups, parts, strict=True))
        ]

    def _shifted(
        self, circuit: int, observable: int, values: Sequence[float], key: str
    ) -> tuple[float, tuple[float, ...]]:
        count = 0

        def work_at(low: LoweredCircuit, point: Sequence[float]) -> ExpectationWork:
            target = low.observable(self._program.observables[observable])
            return ExpectationWork(low.circuit, tuple(point), target, None, 0, self._options)

        def evaluate(low: LoweredCircuit, point: Sequence[float]) -> float:
            nonlocal count
            count += 1
            return self._value(work_at(low, point), f"{key}:d{count}", None)[0]

        found = self._plan(circuit)
        plan, low = (None, self._lowered[circuit]) if found is None else found
        points = shift.difference_points(values) if plan is None else plan.points(values)
        self._submission.foresee((work_at(low, point) for point in points), nested=True)
        value = evaluate(self._lowered[circuit], values)
        if plan is None:
            self._declare(f"gradients of circuit {circuit} by {shift.DIFFERENCES} of step {shift.STEP:g}")
            return value, shift.central_differences(lambda point: evaluate(low, point), values)
        self._declare(f"gradients of circuit {circuit} by {shift.SHIFT_RULE} (exact rule)")
        return value, plan.gradient(lambda point: evaluate(low, point), values)

    def _plan(self, circuit: int) -> tuple[shift.ShiftPlan, LoweredCircuit] | None:
        if circuit not in self._plans:
            plan = shift.shift_plan(self._program.circuits[circuit])
            low = None if plan is None else self._lower(plan.circuit, self._device, level=self._level)
            self._plans[circuit] = None if plan is None or low is None else (plan, low)
        return self._plans[circuit]

    def _declare(self, sentence: str) -> None:
        if sentence not in self._approximations:
            self._approximations.append(sentence)

    def _observable(self, circuit: int, observable: int) -> Observable:
        name = (circuit, observable)
        if name not in self._mapped:
            self._mapped[name] = self._lowered[circuit].observable(self._program.observables[observable])
        return self._mapped[name]

    def _other(self, circuit: Circuit) -> Circuit:
        """A circuit made here, in the device's terms."""
        if circuit.digest not in self._others:
            self._others[circuit.digest] = self._lower(circuit, self._device, level=self._level).circuit
        return self._others[circuit.digest]

    def _needed(self, shots: int | None) -> int:
        if shots is None:
            raise _not_exact(self._device)
        return shots

    def _broken(self, what: str) -> EigenError:
        return EigenError("EIGEN_DEVICE_FAILED", f"device `{self._device.id}` answered without {what}")


def _not_exact(device: Device) -> EigenError:
    return EigenError(
        "EIGEN_DEVICE_OPTION", f"device `{device.id}` has no exact values (`shots=None`)", hint="give a number of shots"
    )


def _spread(bits: str, low: LoweredCircuit) -> str:
    """An outcome of the logical qubits as one of all physical qubits; the others end in 0."""
    outcome = ["0"] * low.circuit.num_qubits
    for logical, bit in enumerate(reversed(bits)):
        outcome[low.qubit_map[logical]] = bit
    return "".join(reversed(outcome))
