"""Qiskit Aer's state vector: fusion and threads searched; parameters bound by Aer itself."""

from __future__ import annotations

import os
from itertools import product
from typing import TYPE_CHECKING, Any

import numpy as np
import qiskit_aer
from qiskit.circuit import ParameterVector
from qiskit.quantum_info import SparsePauliOp
from qiskit_aer import AerSimulator
from qiskit_aer.noise import NoiseModel, pauli_error

from bench.answering import UnsupportedError
from bench.sim.peers.protocol import ERROR_PROBABILITY, Job, Prepared, angle_sets, ising_terms
from bench.sim.peers.qiskit_circuit import circuit_of

if TYPE_CHECKING:
    from collections.abc import Mapping

    from bench.sim.circuit import Circuit

ANGLE_SETS = 16


class Aer:
    name = "aer"

    def version(self) -> str:
        return qiskit_aer.__version__

    def settings(self, job: Job) -> list[dict[str, Any]]:
        threads = os.cpu_count() or 1
        if job.output == "noisy":
            return [{"method": method, "threads": threads} for method in ("statevector", "density_matrix")]
        if job.num_qubits < 14:
            return [{"fusion": 0, "threads": 1}, {"fusion": 5, "threads": 1}]
        return [{"fusion": width, "threads": threads} for width in (5, 4, 3, 2, 0)]

    def facts(self) -> dict[str, Any]:
        return {}

    def prepare(self, job: Job, setting: Mapping[str, Any]) -> Prepared:
        if job.output == "gradient":
            raise UnsupportedError("no gradients")
        simulator = AerSimulator(
            method=setting.get("method", "statevector"),
            precision="double" if job.precision == "f64" else "single",
            max_parallel_threads=setting["threads"],
        )
        if fusion := setting.get("fusion", 5):
            simulator.set_options(fusion_enable=True, fusion_max_qubit=fusion, fusion_threshold=2)
        else:
            simulator.set_options(fusion_enable=False)
        circuit = job.circuit
        if job.output in ("energy", "energies"):
            return _energies(simulator, circuit, job)
        if job.output in ("shots", "noisy"):
            return _sampling(simulator, circuit, job)
        held, saved = circuit_of(circuit), circuit_of(circuit)
        saved.save_statevector()
        if job.output == "state":  # something must be saved: one amplitude
            held.save_amplitudes([0])
        else:
            held.save_statevector()
        return Prepared(
            lambda k: simulator.run(held).result(),
            lambda raw: np.asarray((simulator.run(saved).result() if job.output == "state" else raw).get_statevector()),
        )


def _energies(simulator: AerSimulator, circuit: Circuit, job: Job) -> Prepared:
    angles = ParameterVector("t", len(circuit.angles))
    built = circuit_of(circuit, angles)
    terms = [
        ("".join(letter for _, letter in on), [qubit for qubit, _ in on], weight)
        for weight, on in ising_terms(circuit.num_qubits)
    ]
    built.save_expectation_value(SparsePauliOp.from_sparse_list(terms, circuit.num_qubits), range(circuit.num_qubits))
    sets = angle_sets(circuit, max(ANGLE_SETS, job.batch))

    def bind(points: list[tuple[float, ...]]) -> list[dict[Any, list[float]]]:
        return [{angle: [point[index] for point in points] for index, angle in enumerate(angles)}] if angles else None

    if job.output == "energies":
        batch = bind(sets[: job.batch])
        return Prepared(
            lambda k: simulator.run([built], parameter_binds=batch).result(),
            lambda raw: np.array([raw.data(number)["expectation_value"] for number in range(job.batch)]),
        )
    single = [bind([point]) for point in sets[:ANGLE_SETS]]
    return Prepared(
        lambda k: simulator.run([built], parameter_binds=single[k % ANGLE_SETS]).result(),
        lambda raw: float(raw.data(0)["expectation_value"]),
    )


def _sampling(simulator: AerSimulator, circuit: Circuit, job: Job) -> Prepared:
    built = circuit_of(circuit)
    if job.output == "noisy":
        noise = NoiseModel()
        for size in (1, 2):
            names = {gate.name.lower() for gate in circuit.gates if len(gate.qubits) == size and gate.matrix is None}
            paulis = ["".join(letters) for letters in product("IXYZ", repeat=size)][1:]
            each = ERROR_PROBABILITY / len(paulis)
            error = pauli_error([("I" * size, 1 - ERROR_PROBABILITY), *((pauli, each) for pauli in paulis)])
            noise.add_all_qubit_quantum_error(error, list(names))
        simulator.set_options(noise_model=noise)
    built.measure_all()

    def read(raw: Any) -> tuple[np.ndarray, np.ndarray]:
        found = raw.get_counts()
        return np.array([int(key, 2) for key in found]), np.array(list(found.values()))

    return Prepared(lambda k: simulator.run(built, shots=job.shots, seed_simulator=k).result(), read)


def peer(name: str) -> Aer:
    return Aer()
