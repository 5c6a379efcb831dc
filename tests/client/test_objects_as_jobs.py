"""What a client takes for a job beside paths: circuits of any package, and evolutions."""

from __future__ import annotations

import pytest

from eigen.client import read_job
from eigen.errors import EigenError
from eigen.ir import CircuitBuilder, Evolution, Observable, load


def test_a_circuit_and_an_evolution_are_jobs_of_their_documents() -> None:
    builder = CircuitBuilder(1, name="mine")
    builder.gate("H", [0])
    circuit = builder.build()
    job = read_job(circuit, shots=7)
    assert (job.spec.name, job.spec.shots, job.spec.program.format) == ("mine", 7, "aqo")
    assert load(job.files[job.spec.program.artifact]) == circuit
    evolution = Evolution([("X0", 0.5)], 1.0, observables=[Observable.pauli("Z")], num_qubits=1)
    job = read_job(evolution)
    assert job.spec.name == "evolution"
    assert Evolution.from_aqo(job.files[job.spec.program.artifact]) == evolution


def test_a_circuit_of_another_package_is_one() -> None:
    qiskit = pytest.importorskip("qiskit")
    bell = qiskit.QuantumCircuit(2)
    bell.h(0)
    bell.cx(0, 1)
    job = read_job(bell)
    assert load(job.files[job.spec.program.artifact]).count_ops() == {"CX": 1, "H": 1}


def test_anything_else_is_refused_by_its_type() -> None:
    with pytest.raises(EigenError, match="`int`") as caught:
        read_job(12)
    assert caught.value.code == "EIGEN_FORMAT_UNSUPPORTED"
