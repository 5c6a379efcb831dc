"""One evaluation on one device: the circuits that it hands over, its seconds, bytes, tasks, and its success."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Protocol

from eigen import _core
from eigen.errors import EigenError
from eigen.estimate.success import Success, UnknownErrorRate, success_of
from eigen.ir import sampling
from eigen.ir.targets.calibration import Calibration
from eigen.ir.targets.schedule import scheduled
from eigen.ir.values import is_dict
from eigen.types.cost_model import CostModel

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from eigen.estimate.demand import Ask
    from eigen.ir import Circuit, NoiseModel, Observable
    from eigen.ir.program import Program
    from eigen.types import Device, Json

GRADIENT = 4.0
"""A gradient by the adjoint method, in evaluations."""
AGAIN_SECONDS = 1e-6
"""What an evaluation of a prepared circuit takes however small it is."""
NOT_GATES = frozenset(
    {"BARRIER", "COMPUTE", "DELAY", "MEASURE", "RESET", "IF", "ELSE", "WHILE", "FOR", "END", "GPHASE"}
)


class Lowered(Protocol):
    """A circuit in a device's terms, with the report of how it came to be."""

    @property
    def circuit(self) -> Circuit:
        """The circuit to run."""
        ...

    @property
    def report(self) -> Mapping[str, Json]:
        """What was done."""
        ...


@dataclass(frozen=True, slots=True)
class Size:
    """A circuit as the device runs it: the qubits that it acts on, gates, gates on two qubits or more, depth, SWAPs
    that were put in, seconds of one shot, and its success; the last two are None with the reason in `why`."""

    circuit: str
    line: int
    qubits: int
    gates: int
    two_qubit_gates: int
    depth: int
    swaps: int
    duration: float | None
    success: Success | None
    why: str = ""

    def to_json(self) -> dict[str, Any]:
        """As a JSON object."""
        value = {name: getattr(self, name) for name in self.__slots__}
        return value | {"success": None if self.success is None else self.success.to_json()}

    @staticmethod
    def from_json(value: Mapping[str, Any]) -> Size:
        """The size that `to_json` wrote."""
        success = value["success"]
        known: dict[str, Any] = {name: value[name] for name in Size.__slots__}
        known["success"] = None if success is None else Success.from_json(success)
        return Size(**known)


@dataclass(frozen=True, slots=True)
class Piece:
    """One evaluation. `seconds` are those of the first one, None with the reason in `why`, and `again` those of each
    further one, for which everything is prepared; `tasks` are the circuits that are handed over."""

    sizes: tuple[Size, ...]
    seconds: float | None
    again: float
    why: str
    bytes: float | None
    tasks: int


@dataclass(slots=True)
class Pieces:
    """The pieces of one program on one device. `lower` compiles for the device; `noise` is what is simulated, and
    `noise_method` how the state vector does it."""

    program: Program
    device: Device
    lower: Callable[[Circuit, Device], Lowered]
    noise: NoiseModel | None = None
    noise_method: str = "auto"
    _calibration: Calibration | None = None
    _sizes: dict[str, Size] = field(default_factory=dict[str, Size])

    def __post_init__(self) -> None:
        """Read the calibration, where there is one."""
        document: Any = self.device.properties.get("calibration")
        self._calibration = Calibration.from_json(document) if is_dict(document) else None

    @property
    def is_noisy(self) -> bool:
        """Whether noise is simulated."""
        return self.noise is not None

    def piece(self, ask: Ask) -> Piece:
        """The piece of a stage. Raises EIGEN_COMPILER_UNSUPPORTED when the device cannot express it."""
        if ask.stage == "evolve":
            return Piece((), None, 0.0, "an evolution chooses its steps when it runs", None, 1)
        if ask.stage == "modes":
            return Piece((), None, 0.0, "nobody has measured how long photonic programs take", None, 1)
        circuit = self.program.circuits[ask.index]
        circuits = self._handed_over(ask, circuit)
        sizes = tuple(self._size(each, ask) for each in circuits[:1])
        known = self.device.properties
        if known.get("estimated") is True or (self.is_noisy and known.get("estimated_noise") is True):
            return self._simulated(ask, circuit, sizes)
        model = CostModel.of(self.device)
        if model is not None:
            return self._fitted(model, ask, circuit, sizes, len(circuits))
        seconds, why = self._shot_seconds(sizes, circuits, ask.shots)
        return Piece(sizes, seconds, seconds or 0.0, why, None, len(circuits))

    def _fitted(self, model: CostModel, ask: Ask, circuit: Circuit, sizes: tuple[Size, ...], count: int) -> Piece:
        """Seconds by the cost model that was measured on this host; groups of terms share the shots."""
        if self.is_noisy or circuit.is_dynamic:
            what = "noise" if self.is_noisy else "circuits whose outcomes decide on their way"
            return Piece(sizes, None, 0.0, f"what was measured on this host says nothing of {what}", None, count)
        size, states = sizes[0], max(count, self._groups(ask))
        terms = 0
        if ask.shots is None and ask.observable is not None:
            terms = self.program.observables[ask.observable].num_terms
        again = self._with_slope(
            ask,
            states * model.seconds(circuit.num_qubits, size.gates, shots=-(-(ask.shots or 0) // states), terms=terms),
        )
        why = model.in_words() + (
            f"; {model.start:.2g} s to start its process come to it" if model.start >= 0.05 else ""
        )
        return Piece(sizes, again + states * model.first, again, why, None, count)

    def _handed_over(self, ask: Ask, circuit: Circuit) -> Sequence[Circuit]:
        """The circuits that the device gets."""
        if ask.stage == "run" or ask.shots is None:
            return [circuit]
        if ask.stage == "probability":
            return [sampling.measured(circuit, [(qubit, "Z") for qubit in range(circuit.num_qubits)])]
        if "expectation" in self.device.features or ask.observable is None:
            return [circuit]
        groups = sampling.measurement(circuit, self.program.observables[ask.observable]).groups
        return [group.circuit for group in groups] or [circuit]

    def _size(self, circuit: Circuit, ask: Ask) -> Size:
        if circuit.digest not in self._sizes:
            self._sizes[circuit.digest] = self._measured(circuit, ask)
        return self._sizes[circuit.digest]

    def _measured(self, circuit: Circuit, ask: Ask) -> Size:
        lowered = self.lower(circuit, self.device)
        low, counts = lowered.circuit, lowered.circuit.count_ops()
        gates = sum(count for name, count in counts.items() if name not in NOT_GATES)
        success, duration, why = self._outlook(low)
        return Size(
            circuit.digest,
            ask.line,
            len({qubit for operation in low.instructions() for qubit in _qubits(operation)}),
            gates,
            _entangling(low.instructions()),
            low.depth,
            int(lowered.report.get("swaps_inserted", 0)),
            duration,
            success,
            why,
        )

    def _outlook(self, low: Circuit) -> tuple[Success | None, float | None, str]:
        """Success and duration, as far as the device's calibration goes."""
        if self._calibration is not None:
            try:
                found = success_of(low, self._calibration)
            except UnknownErrorRate as reason:
                return None, None, str(reason)
            return found, found.duration, ""
        durations: Any = self.device.properties.get("durations")
        if is_dict(durations) and durations:
            try:
                return None, scheduled(low, durations, "asap").duration, "no calibration"
            except EigenError as error:
                return None, None, f"no calibration; {error.message}"
        return None, None, "no calibration"

    def _shot_seconds(
        self, sizes: Sequence[Size], circuits: Sequence[Circuit], shots: int | None
    ) -> tuple[float | None, str]:
        """Seconds on a device that takes shots one after the other."""
        known = self.device.properties
        duration = sizes[0].duration if sizes else None
        if isinstance(known.get("shot_sec"), (int, float)):
            duration = float(known["shot_sec"])
        if duration is None or shots is None:
            return None, self._unpredicted()
        task, shot = float(known.get("task_overhead_sec", 0.0)), float(known.get("shot_overhead_sec", 0.0))
        beside = "" if task or shot else "; what the device needs besides is not known"
        why = f"{duration * 1e6:.3g} µs a shot by its schedule{beside}"
        return len(circuits) * task + shots * (duration + shot), why

    def _unpredicted(self) -> str:
        """Why there are no seconds."""
        if self.device.backend_type != "simulator":
            return "nothing tells how long a shot takes"
        return "the engine has no cost model"

    def _simulated(self, ask: Ask, circuit: Circuit, sizes: tuple[Size, ...]) -> Piece:
        """Seconds and bytes that the engine's cost model says."""
        seconds, memory, why = self._verdict(ask, circuit, prepared=False)
        if seconds is None:
            return Piece(sizes, None, 0.0, why, None, 1)
        again, _, _ = self._verdict(ask, circuit, prepared=True)
        groups = self._groups(ask)
        seconds *= groups
        marginal = seconds if again is None else min(groups * again + AGAIN_SECONDS, seconds)
        return Piece(sizes, self._with_slope(ask, seconds), self._with_slope(ask, marginal), why, memory, 1)

    def _groups(self, ask: Ask) -> int:
        """The states that are made for one value: from shots, one for each group of terms that commute."""
        if ask.stage != "expectation" or ask.shots is None or ask.observable is None:
            return 1
        return max(1, len(self.program.observables[ask.observable].groups()))

    def _verdict(self, ask: Ask, circuit: Circuit, *, prepared: bool) -> tuple[float | None, float | None, str]:
        """Seconds on this host, bytes, and what they rest on."""
        observables: tuple[Observable, ...] = ()
        if ask.observable is not None and ask.shots is None:
            observables = (self.program.observables[ask.observable],)
        known: dict[str, Any] = {"shots": ask.shots, "observables": observables, "prepared": prepared}
        known["memory_limit_bytes"] = int(self.device.properties.get("memory_bytes", 2**64 - 1))
        if self.noise is None:
            rows = _core.engine_verdicts(circuit, **known)
        else:
            rows = _core.engine_verdicts_with_noise(circuit, self.noise, method=self.noise_method, **known)
        for engine, seconds, memory, why in rows:
            if engine == self.device.properties.get("engine"):
                return None if seconds is None else seconds / self.device.speed, memory, why
        return None, None, "the engine has no cost model"

    def _with_slope(self, ask: Ask, seconds: float) -> float:
        """An evaluation with its gradient: by the adjoint method, or by two shifts of each parameter."""
        if not ask.slope:
            return seconds
        if "gradient" in self.device.features:
            return GRADIENT * seconds
        return (2 * len(self.program.circuits[ask.index].parameters) + 1) * seconds


def _qubits(operation: _core.Instruction) -> tuple[int, ...]:
    """The qubits that an operation acts on, those of its blocks included."""
    if operation.name == "BARRIER":
        return ()
    inner = tuple(qubit for block in operation.blocks for each in block for qubit in _qubits(each))
    return operation.qubits + inner


def _entangling(operations: Sequence[_core.Instruction]) -> int:
    """Gates on two qubits or more; a block counts once."""
    own = sum(1 for each in operations if len(each.qubits) > 1 and each.name not in NOT_GATES)
    return own + sum(_entangling(block) for each in operations for block in each.blocks)
