"""The processors of qutip-qip: circuits compiled to pulses, and the Hamiltonian of the pulses solved.

Their pulses have constant strength, and their pieces are followed exactly by the
eigenvectors of their Hamiltonian. With the options
`t1_ns` and `t2_ns` the master equation is. Times are in ns where the processors' frequencies are read as GHz. What a
circuit measures on its way is a projection between two sequences of pulses (Li et al., Quantum 6, 630 (2022)).
"""

# qutip-qip is loaded when the engine starts.
# pyright: reportUnknownMemberType=false, reportUnknownVariableType=false, reportUnknownArgumentType=false
# pyright: reportUndefinedVariable=false, reportMissingTypeStubs=false, reportMissingImports=false
# pyright: reportAttributeAccessIssue=false

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache
from math import pi, remainder
from typing import TYPE_CHECKING, Any

from eigen_driver import Device, RefusedError

if TYPE_CHECKING:
    from collections.abc import Mapping
    from typing import Self

    from eigen_driver import Operation
    from eigen_driver.state_engine import Question

OPTIONS = frozenset({"schedule", "t1_ns", "t2_ns"})
SCHEDULES = {"asap": "ASAP", "alap": "ALAP", "none": False}
SMALLEST = 1e-9
"""Turns by less than this, in radians, have no pulse."""
KEPT = 64
"""Compiled circuits that are kept."""
TOLERANCE = 1e-10
"""Of each step of an integration."""
MOST_STEPS = 10_000_000
TURNS = {
    "H": (("RZ", pi / 2), ("RX", pi / 2), ("RZ", pi / 2)),
    "S": (("RZ", pi / 2),),
    "Sdg": (("RZ", -pi / 2),),
    "X": (("RX", pi),),
}
"""The gates that measuring needs, as turns that a processor has, the first one first, but for a phase."""


@dataclass(frozen=True)
class Kind:
    """A processor: its class in qutip-qip, its gates, how its qubits lie, and what else it knows."""

    model: str
    title: str
    gates: tuple[str, ...]
    width: int
    is_ring: bool = False
    options: tuple[str, ...] = ()

    def coupling(self) -> tuple[tuple[int, int], ...]:
        """Which qubits have a gate between them."""
        pairs = [(qubit, qubit + 1) for qubit in range(self.width - 1)]
        pairs += [(self.width - 1, 0)] if self.is_ring else []
        return tuple(pair for first, second in pairs for pair in ((first, second), (second, first)))


CHAIN = ("RX", "RZ", "ISWAP")
DECAY = ("schedule", "t1_ns", "t2_ns")
KINDS = {
    "linear_spin_chain": Kind("LinearSpinChain", "a chain of spins", CHAIN, 5, options=DECAY),
    "circular_spin_chain": Kind("CircularSpinChain", "a ring of spins", CHAIN, 5, is_ring=True, options=DECAY),
}
FEATURES = frozenset({"dynamic", "exact", "expectation", "seed"})


def load() -> None:
    """Load qutip-qip."""
    global np, qutip, models, QubitCircuit, state_class
    import numpy as np
    import qutip
    import qutip_qip.device as models
    from qutip_qip.circuit import QubitCircuit

    state_class = _state_class()


def devices(version: str) -> list[Device]:
    """A device for each processor."""
    return [_device(name, kind, version) for name, kind in KINDS.items()]


def fresh(device: Device, ask: Question) -> Any:
    """A processor all of whose qubits are in 0."""
    return state_class(KINDS[device.properties["method"]], ask)


def _state_class() -> Any:
    """The states, once NumPy is there."""
    from eigen_driver.arrays import ArrayState

    class State(ArrayState):
        """The array of a processor, and gates that have had no pulses yet. Axis k is qubit k."""

        def __init__(self, kind: Kind, ask: Question) -> None:
            self._kind = kind
            self._bound = ask.circuit.bound(ask.values)
            self._waiting: list[tuple[str, tuple[int, ...], float]] = []
            options = _checked(kind, ask.options)
            self._schedule = SCHEDULES[options.pop("schedule", "asap")]
            decay = {name.removesuffix("_ns"): float(options[name]) for name in DECAY[1:] if name in options}
            self._params = tuple(decay.items())
            self.facts: dict[str, Any] = {"pulses_ns": 0.0}
            width = kind.width if kind.is_ring else max(2, ask.circuit.num_qubits)
            self._levels = [2] * width
            mixed = bool(decay)
            array = np.zeros(self._levels * (2 if mixed else 1), complex)
            array[(0,) * array.ndim] = 1.0
            super().__init__(array, mixed=mixed)
            self.num_qubits = width

        def apply(self, gate: Operation) -> None:
            """Wait with it until somebody looks."""
            if gate.name not in self._kind.gates:
                self._waiting += [(name, gate.qubits, angle) for name, angle in TURNS[gate.name]]
                return
            angle = gate.angles(self._bound, "theta")[0] if gate.params else 0.0
            self._waiting.append((gate.name, gate.qubits, remainder(angle, 2 * pi)))

        def probabilities(self) -> Any:
            self._settle()
            found = self.array
            if self.mixed:
                size = int(np.prod(self._levels))
                odds = found.reshape(size, size).diagonal().real.reshape(self._levels)
            else:
                odds = np.abs(found) ** 2
            odds = np.clip(odds, 0.0, None)
            return odds / odds.sum()

        def probability(self, bits: str) -> float:
            return super().probability(bits.rjust(self.num_qubits, "0"))

        def project(self, qubit: int, outcome: int) -> None:
            self._settle()
            for axis in (qubit, qubit + self.num_qubits) if self.mixed else (qubit,):
                chosen: list[Any] = [slice(None)] * self.array.ndim
                chosen[axis] = slice(1, None) if outcome == 0 else 0
                self.array[tuple(chosen)] = 0.0
            if self.mixed:
                size = int(np.prod(self._levels))
                self.array = self.array / self.array.reshape(size, size).trace().real
            else:
                self.array = self.array / np.sqrt(np.vdot(self.array, self.array).real)

        def copy(self) -> Self:
            self._settle()  # so that no copy has to do it again
            made = super().copy()
            made._waiting = []
            return made

        def _settle(self) -> None:
            """Have the processor do what waits."""
            waiting = [item for item in self._waiting if len(item[1]) > 1 or abs(item[2]) >= SMALLEST]
            self._waiting = []
            if not waiting:
                return
            processor = compiled(self._kind, self.num_qubits, self._schedule, self._params, tuple(waiting))
            self.facts["pulses_ns"] = max(self.facts["pulses_ns"], float(processor.get_full_tlist()[-1]))
            if self.mixed:
                self._integrate(processor)
            else:
                self._follow(processor)

        def _follow(self, processor: Any) -> None:
            """Through pieces in which nothing changes, exactly."""
            dims, times, strengths = processor.dims, processor.get_full_tlist(), processor.get_full_coeffs()
            acting = [at for at, row in enumerate(strengths) if np.any(row)]
            operators = {at: processor.pulses[at].get_ideal_qobj(dims).full() for at in acting}
            drift = sum(each.get_qobj(dims).full() for each in processor._get_drift_obj().drift_hamiltonians)
            ket = self.array.reshape(-1)
            for place, length in enumerate(np.diff(times)):
                whole = sum((strengths[at, place] * operators[at] for at in acting if strengths[at, place]), drift)
                energies, vectors = np.linalg.eigh(whole)
                ket = vectors @ (np.exp(-1j * energies * length) * (vectors.conj().T @ ket))
            self.array = ket.reshape(self.array.shape)

        def _integrate(self, processor: Any) -> None:
            """By the master equation."""
            size = int(np.prod(self._levels))
            start = qutip.Qobj(self.array.reshape(size, size), dims=[self._levels] * 2)
            options = {"method": "vern9", "atol": TOLERANCE, "rtol": TOLERANCE, "nsteps": MOST_STEPS}
            options |= {"store_states": False, "store_final_state": True}
            solved = processor.run_state(init_state=start, options=options)
            self.array = solved.final_state.full().reshape(self.array.shape)

    return State


@lru_cache(maxsize=KEPT)
def compiled(
    kind: Kind,
    width: int,
    schedule: str | bool,
    params: tuple[tuple[str, Any], ...],
    gates: tuple[tuple[str, tuple[int, ...], float], ...],
) -> Any:
    """A processor that has these gates as pulses: compiling takes longer than following them."""
    processor, circuit = getattr(models, kind.model)(width, **dict(params)), QubitCircuit(width)
    for name, qubits, angle in gates:
        if name == "ISWAP":
            circuit.add_gate("ISWAP", targets=list(qubits))
        else:
            circuit.add_gate(name, targets=list(qubits), arg_value=angle)
    processor.load_circuit(circuit, schedule_mode=schedule)
    return processor


def _checked(kind: Kind, options: Mapping[str, Any]) -> dict[str, Any]:
    """The options of a question; RefusedError EIGEN_DEVICE_OPTION for those that make no sense."""
    for name in DECAY[1:]:
        value = options.get(name, 1.0)
        if isinstance(value, bool) or not isinstance(value, int | float) or not 0.0 < value < 1e15:
            message = f"option `{name}` is a time in ns above 0, not `{value!s:.40}`"
            raise RefusedError("EIGEN_DEVICE_OPTION", message, where=name)
    if "t1_ns" in options and options.get("t2_ns", 0.0) > 2 * options["t1_ns"]:
        raise RefusedError("EIGEN_DEVICE_OPTION", "option `t2_ns` is at most twice `t1_ns`", where="t2_ns")
    if options.get("schedule", "asap") not in SCHEDULES:
        message = f"option `schedule` is {', '.join(SCHEDULES)}, not `{options['schedule']!s:.40}`"
        raise RefusedError("EIGEN_DEVICE_OPTION", message, where="schedule")
    return dict(options)


def _device(name: str, kind: Kind, version: str) -> Device:
    features = FEATURES
    properties = {
        "engine": "qutip",
        "method": name,
        "precision": "f64",
        "approximate": True,
        "version": version,
        "options": list(kind.options),
    }
    title = f"qutip-qip, {kind.title}"
    return Device(f"qutip:{name}", title, kind.width, kind.gates, features, kind.coupling(), properties=properties)
