"""Qulacs: its own circuit objects, the optimiser's levels searched. Double precision only."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
import qulacs
from qulacs import NoiseSimulator, Observable, ParametricQuantumCircuit, QuantumCircuit, QuantumState, gate
from qulacs.circuit import QuantumCircuitOptimizer

from bench.answering import UnsupportedError
from bench.sim.circuit import gate_matrix
from bench.sim.peers.protocol import ERROR_PROBABILITY, Job, Prepared, angle_sets, ising_terms

if TYPE_CHECKING:
    from collections.abc import Mapping

    from bench.sim.circuit import Circuit, Gate

PAULIS = {"X": 1, "Y": 2, "Z": 3}
LETTERS = {"RXX": "XX", "RYY": "YY", "RZZ": "ZZ"}
ANGLE_SETS = 16


class Qulacs:
    name = "qulacs"

    def version(self) -> str:
        return qulacs.__version__

    def settings(self, job: Job) -> list[dict[str, Any]]:
        if job.output in ("energy", "energies", "gradient", "noisy"):
            return [{}]
        return [{"optimize": level} for level in ("light", 2, 3, 4, "no")]

    def facts(self) -> dict[str, Any]:
        return {}

    def prepare(self, job: Job, setting: Mapping[str, Any]) -> Prepared:
        if job.precision != "f64":
            raise UnsupportedError("double precision only")
        circuit, state = job.circuit, QuantumState(job.num_qubits)
        if job.output in ("energy", "energies", "gradient"):
            return _parametric(circuit, job, state)
        if job.output == "noisy":
            simulator = NoiseSimulator(_circuit(circuit, ERROR_PROBABILITY), state)
            return Prepared(lambda k: simulator.execute(job.shots), np.array)
        ours = _circuit(circuit)
        if setting["optimize"] == "light":
            QuantumCircuitOptimizer().optimize_light(ours)
        elif setting["optimize"] != "no":
            QuantumCircuitOptimizer().optimize(ours, setting["optimize"])

        def run(k: int) -> Any:
            state.set_zero_state()
            ours.update_quantum_state(state)
            if job.output == "shots":
                return state.sampling(job.shots, k)
            return state.get_vector() if job.output == "array" else state

        return Prepared(run, lambda raw: raw.get_vector() if job.output == "state" else np.asarray(raw))


def _circuit(circuit: Circuit, noise: float = 0.0) -> QuantumCircuit:
    built = QuantumCircuit(circuit.num_qubits)
    for one in circuit.gates:
        built.add_gate(_gate(one))
        if noise:
            channel = gate.DepolarizingNoise if len(one.qubits) == 1 else gate.TwoQubitDepolarizingNoise
            built.add_gate(channel(*one.qubits, noise))
    return built


def _gate(one: Gate) -> Any:
    qubits = list(one.qubits)
    plain = {"H": gate.H, "X": gate.X, "CX": gate.CNOT, "CZ": gate.CZ, "SWAP": gate.SWAP, "CCX": gate.TOFFOLI}
    if one.name in plain:
        return plain[one.name](*qubits)
    turns = {"RX": gate.RotX, "RY": gate.RotY, "RZ": gate.RotZ, "P": gate.U1}
    if one.name in turns:
        return turns[one.name](qubits[0], one.params[0])
    if one.name in ("CP", "MCP"):
        phase = gate.to_matrix_gate(gate.U1(qubits[-1], one.params[0]))
        for control in qubits[:-1]:
            phase.add_control_qubit(control, 1)
        return phase
    letters = one.pauli or LETTERS.get(one.name)
    if letters:
        return gate.PauliRotation(qubits, [PAULIS[letter] for letter in letters], -one.params[0])
    size = 2 ** len(qubits)
    return gate.DenseMatrix(qubits, np.array(gate_matrix(one)).reshape(size, size))


def _parametric(circuit: Circuit, job: Job, state: QuantumState) -> Prepared:
    """Each rotation is a parameter of Qulacs; its sign of angles is the opposite of ours."""
    built, slots, scales = ParametricQuantumCircuit(circuit.num_qubits), [], []
    turns = {
        "RX": built.add_parametric_RX_gate,
        "RY": built.add_parametric_RY_gate,
        "RZ": built.add_parametric_RZ_gate,
    }
    for one in circuit.gates:
        if one.slot is None:
            built.add_gate(_gate(one))
            continue
        slots.append(one.slot)
        scales.append(-one.scale)
        letters = one.pauli or LETTERS.get(one.name)
        if letters:
            paulis = [PAULIS[letter] for letter in letters]
            built.add_parametric_multi_Pauli_rotation_gate(list(one.qubits), paulis, -one.params[0])
        else:
            turns[one.name](one.qubits[0], -one.params[0])
    observable = Observable(circuit.num_qubits)
    for weight, on in ising_terms(circuit.num_qubits):
        observable.add_operator(weight, " ".join(f"{letter} {qubit}" for qubit, letter in on))
    sets = np.array(angle_sets(circuit, max(ANGLE_SETS, job.batch)))
    values = (sets[:, slots] * np.array(scales)).tolist() if slots else [[]] * len(sets)
    number = len(circuit.angles)

    def bind(k: int) -> None:
        for index, value in enumerate(values[k]):
            built.set_parameter(index, value)

    def energy(k: int) -> float:
        bind(k % ANGLE_SETS if job.output == "energy" else k)
        state.set_zero_state()
        built.update_quantum_state(state)
        return observable.get_expectation_value(state)

    def gradient(k: int) -> np.ndarray:
        bind(k % ANGLE_SETS)
        found = np.zeros(number)
        np.add.at(found, slots, np.array(built.backprop(observable)) * scales)
        return found

    if job.output == "gradient":
        return Prepared(gradient)
    if job.output == "energies":
        return Prepared(lambda k: np.array([energy(number) for number in range(job.batch)]))
    return Prepared(energy)


def peer(name: str) -> Qulacs:
    return Qulacs()
