"""PennyLane's lightning.qubit and lightning.kokkos, through the device itself: no QNode, tapes prepared once."""

from __future__ import annotations

from importlib.metadata import version
from typing import TYPE_CHECKING, Any

import numpy as np
import pennylane as qml
from pennylane.devices import ExecutionConfig
from pennylane.tape import QuantumScript

from bench.answering import UnsupportedError
from bench.sim.circuit import gate_matrix, without_pauli_rotations
from bench.sim.peers.protocol import Job, Prepared, angle_sets, ising_terms

if TYPE_CHECKING:
    from collections.abc import Mapping

    from bench.sim.circuit import Circuit, Gate

ANGLE_SETS = 16
PLAIN = {"H": qml.Hadamard, "X": qml.PauliX, "CX": qml.CNOT, "CZ": qml.CZ, "SWAP": qml.SWAP, "CCX": qml.Toffoli}
TURNS = {"RX": qml.RX, "RY": qml.RY, "RZ": qml.RZ, "P": qml.PhaseShift, "CP": qml.ControlledPhaseShift}
TURNS |= {"RXX": qml.IsingXX, "RYY": qml.IsingYY, "RZZ": qml.IsingZZ}


class Lightning:
    def __init__(self, name: str) -> None:
        self.name = name
        self._device = "lightning.qubit" if name == "lightning" else "lightning.kokkos"

    def version(self) -> str:
        return version("pennylane-lightning")

    def settings(self, job: Job) -> list[dict[str, Any]]:
        return [{}]

    def facts(self) -> dict[str, Any]:
        return {}

    def prepare(self, job: Job, setting: Mapping[str, Any]) -> Prepared:
        if job.output == "noisy":
            raise UnsupportedError("no noise")
        kind = np.complex128 if job.precision == "f64" else np.complex64
        circuit, n = job.circuit, job.num_qubits
        device = qml.device(self._device, wires=n, c_dtype=kind)
        if job.output in ("energy", "energies", "gradient"):
            return _parametric(device, circuit, job)
        operations = [_operation(gate, n) for gate in without_pauli_rotations(circuit)]
        state = _ready(device, QuantumScript(operations, [qml.state()]))
        if job.output == "shots":
            tape = QuantumScript(operations, [qml.sample(wires=range(n))], shots=job.shots)
            return Prepared(_ready(device, tape), lambda raw: np.asarray(raw) @ (1 << np.arange(n)[::-1]))
        if job.output == "array":
            return Prepared(state, np.asarray)
        held = _ready(device, QuantumScript(operations, [qml.expval(qml.PauliZ(0))]))
        return Prepared(held, lambda raw: np.asarray(state(0)))


def _ready(device: Any, tape: QuantumScript) -> Any:
    """The call that executes a tape which has been through the device's preprocessing already."""
    program, config = device.preprocess(ExecutionConfig())
    (ready,), after = program((tape,))
    return lambda k: after((device.execute(ready, config),))[0]


def _operation(gate: Gate, num_qubits: int) -> Any:
    """Wires count from the other end, so that an index of the state means the same as ours."""
    wires = [num_qubits - 1 - qubit for qubit in gate.qubits]
    if gate.name in PLAIN:
        return PLAIN[gate.name](wires=wires)
    if gate.name in TURNS:
        return TURNS[gate.name](gate.params[0], wires=wires)
    if gate.name == "MCP":
        return qml.ctrl(qml.PhaseShift(gate.params[0], wires=wires[-1]), control=wires[:-1])
    size = 2 ** len(wires)
    return qml.QubitUnitary(np.array(gate_matrix(gate)).reshape(size, size), wires=wires[::-1])


def _parametric(device: Any, circuit: Circuit, job: Job) -> Prepared:
    n, gates = circuit.num_qubits, list(without_pauli_rotations(circuit))
    operations = [_operation(gate, n) for gate in gates]
    letters = {"X": qml.PauliX, "Z": qml.PauliZ}
    terms = ising_terms(n)
    products = [qml.prod(*(letters[letter](n - 1 - qubit) for qubit, letter in on)) for _, on in terms]
    tape = QuantumScript(operations, [qml.expval(qml.Hamiltonian([weight for weight, _ in terms], products))])
    number, slots, scales = 0, [], []
    for gate, operation in zip(gates, operations, strict=True):
        if gate.slot is not None:
            slots.append((number, gate.slot))
            scales.append(gate.scale)
        number += operation.num_params
    numbers = [index for index, _ in slots]
    tape.trainable_params = numbers
    wanted = ExecutionConfig(gradient_method="adjoint") if job.output == "gradient" else ExecutionConfig()
    program, config = device.preprocess(device.setup_execution_config(wanted))
    (ready,), _ = program((tape,))
    sets = np.array(angle_sets(circuit, max(ANGLE_SETS, job.batch)))
    order = [slot for _, slot in slots]
    values = (sets[:, order] * np.array(scales)).tolist() if slots else [[]] * len(sets)

    def bound(k: int) -> QuantumScript:
        return ready.bind_new_parameters(values[k], numbers) if slots else ready

    def gradient(k: int) -> np.ndarray:
        slopes = device.compute_derivatives(bound(k % ANGLE_SETS), config)
        found = np.zeros(len(circuit.angles))
        np.add.at(found, order, np.ravel(slopes) * scales)
        return found

    if job.output == "gradient":
        return Prepared(gradient)
    if job.output == "energies":
        return Prepared(
            lambda k: device.execute([bound(number) for number in range(job.batch)], config),
            lambda raw: np.array([float(np.ravel(one)[0]) for one in raw]),
        )
    return Prepared(lambda k: device.execute(bound(k % ANGLE_SETS), config), lambda raw: float(np.ravel(raw)[0]))


def peer(name: str) -> Lightning:
    qml.device("lightning.qubit" if name == "lightning" else "lightning.kokkos", wires=1)
    return Lightning(name)
