"""qsim: its circuits are held translated; fusion width and threads searched. Single precision only."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING, Any

import numpy as np
import qsimcirq

from bench.answering import UnsupportedError
from bench.sim.circuit import gate_matrix, without_pauli_rotations
from bench.sim.peers.protocol import Job, Prepared, angle_sets, ising_terms

if TYPE_CHECKING:
    from collections.abc import Mapping

    from bench.sim.circuit import Circuit, Gate

qsim = qsimcirq.qsim_simulator.qsim
ENGINE = qsimcirq.QSimSimulator()._sim_module
ANGLE_SETS = 16


class Qsim:
    name = "qsim"

    def version(self) -> str:
        return qsimcirq.__version__

    def settings(self, job: Job) -> list[dict[str, Any]]:
        threads = (os.cpu_count() or 1,) if job.num_qubits >= 18 else (1, os.cpu_count() or 1)
        return [{"f": width, "t": number} for width in (4, 3, 2, 5) for number in threads]

    def facts(self) -> dict[str, Any]:
        return {"module": ENGINE.__name__}

    def prepare(self, job: Job, setting: Mapping[str, Any]) -> Prepared:
        if job.precision != "f32":
            raise UnsupportedError("single precision only")
        if job.output in ("gradient", "noisy"):
            raise UnsupportedError(f"no {job.output} that holds a translated circuit")
        circuit = job.circuit
        chosen = qsimcirq.QSimOptions(cpu_threads=setting["t"], max_fused_gate_size=setting["f"])
        options: dict[str, Any] = {**chosen.as_dict(), "s": 1}
        if job.output in ("energy", "energies"):
            return _energies(circuit, job, options)
        options["c"] = _circuit(circuit)
        if job.output == "shots":
            return Prepared(lambda k: ENGINE.qsim_sample_final({**options, "s": k}, job.shots), np.array)
        return Prepared(lambda k: ENGINE.qsim_simulate_fullstate(options, 0), lambda raw: raw.view(np.complex64))


def _circuit(circuit: Circuit) -> Any:
    """The circuit in moments, as early as each gate can be: qsim fuses along time."""
    built = qsim.Circuit()
    built.num_qubits = circuit.num_qubits
    free, timed = [0] * circuit.num_qubits, []
    for number, gate in enumerate(without_pauli_rotations(circuit)):
        time = max(free[qubit] for qubit in gate.qubits)
        timed.append((time, number, gate))
        for qubit in gate.qubits:
            free[qubit] = time + 1
    for time, _, gate in sorted(timed, key=lambda entry: entry[:2]):
        _add(built, time, gate)
    return built


def _add(built: Any, time: int, gate: Gate) -> None:
    if gate.name == "CCX":
        qsim.add_gate(qsim.kCCX, time, list(gate.qubits), {"exponent": 1.0, "global_shift": 0.0}, built)
    elif gate.name == "MCP":
        phase = [1, 0, 0, 0, 0, 0, float(np.cos(gate.params[0])), float(np.sin(gate.params[0]))]
        qsim.add_matrix_gate(time, [gate.qubits[-1]], phase, built)
        qsim.control_last_gate(list(gate.qubits[:-1]), [1] * (len(gate.qubits) - 1), built)
    else:
        parts = [part for entry in gate_matrix(gate) for part in (complex(entry).real, complex(entry).imag)]
        qsim.add_matrix_gate(time, list(reversed(gate.qubits)), parts, built)


def _energies(circuit: Circuit, job: Job, options: dict[str, Any]) -> Prepared:
    """qsim holds no parameters: one translated circuit for each set of angles."""
    sum_of_paulis = []
    for weight, on in ising_terms(circuit.num_qubits):
        string = qsim.OpString()
        string.weight = weight
        for qubit, letter in on:
            qsim.add_gate_to_opstring({"X": qsim.kX, "Z": qsim.kZ}[letter], [qubit], string)
        sum_of_paulis.append(string)
    question = [(sum_of_paulis, circuit.num_qubits)]
    count = ANGLE_SETS if job.output == "energy" else job.batch
    held = [_circuit(circuit.bound(point)) for point in angle_sets(circuit, count)]

    def energy(k: int) -> float:
        found = ENGINE.qsim_simulate_expectation_values({**options, "c": held[k % count]}, question, 0)
        return found[0].real

    if job.output == "energies":
        return Prepared(lambda k: np.array([energy(number) for number in range(count)]))
    return Prepared(energy)


def peer(name: str) -> Qsim:
    return Qsim()
