"""PRISM-Q: circuits by its builder, plain or as a prepared plan, whichever is faster. Double precision only."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
import prism_q

from bench.answering import UnsupportedError
from bench.sim.circuit import gate_matrix
from bench.sim.peers.protocol import ERROR_PROBABILITY, Job, Prepared, angle_sets, ising_terms

if TYPE_CHECKING:
    from collections.abc import Mapping

    from bench.sim.circuit import Circuit

ANGLE_SETS = 16
STATEVECTOR = prism_q.BackendKind.statevector()


class Prism:
    name = "prism-q"

    def version(self) -> str:
        return prism_q.__version__

    def settings(self, job: Job) -> list[dict[str, Any]]:
        return [{"way": "run"}, {"way": "prepared"}] if job.output == "state" else [{}]

    def facts(self) -> dict[str, Any]:
        return {}

    def prepare(self, job: Job, setting: Mapping[str, Any]) -> Prepared:
        if job.precision != "f64":
            raise UnsupportedError("double precision only")
        circuit = job.circuit
        if job.output in ("energy", "energies", "gradient"):
            return _parametric(circuit, job)
        if job.output in ("shots", "noisy"):
            return _sampling(circuit, job)
        built = _builder(circuit).build()
        if job.output == "array":
            return Prepared(lambda k: _simulate(built).state_vector())
        if setting["way"] == "prepared":
            plan = prism_q.PreparedCircuit(built, prism_q.Parameters(0), STATEVECTOR)
            return Prepared(lambda k: plan.run([]), lambda raw: _simulate(built).state_vector())
        return Prepared(lambda k: _simulate(built).run(), lambda raw: _simulate(built).state_vector())


def _simulate(built: Any) -> Any:
    return prism_q.simulate(built).backend(STATEVECTOR).seed(1)


def _builder(circuit: Circuit, *, symbolic: bool = False, clbits: int = 0) -> Any:
    """The circuit; `symbolic`: each gate with a slot becomes a parameter of PRISM-Q, in the order of the gates."""
    builder, parameters = prism_q.CircuitBuilder(circuit.num_qubits, clbits), 0
    plain = {"H": builder.h, "X": builder.x, "CX": builder.cx, "CZ": builder.cz, "SWAP": builder.swap}
    plain["CCX"] = builder.ccx
    turns = {"RX": builder.rx, "RY": builder.ry, "RZ": builder.rz, "P": builder.p, "CP": builder.cphase}
    turns |= {"RZZ": builder.rzz, "RXX": builder.rxx, "RYY": builder.ryy}
    for gate in circuit.gates:
        qubits, size = list(gate.qubits), 2 ** len(gate.qubits)
        if gate.name in plain:
            plain[gate.name](*qubits)
        elif gate.name in turns:
            turns[gate.name](gate.params[0], *qubits)
        elif gate.pauli:
            builder.pauli_rotation(gate.params[0], list(zip(qubits, gate.pauli, strict=True)))
        elif gate.name == "MCP":
            builder.mcu(np.diag([1, np.exp(1j * gate.params[0])]), qubits[:-1], qubits[-1])
        else:
            matrix = np.array(gate_matrix(gate), dtype=complex).reshape(size, size)
            builder.gate(prism_q.Gate.unitary(matrix), qubits[::-1])  # its first qubit is the highest bit
        if symbolic and gate.slot is not None:
            builder.param(parameters)
            parameters += 1
    return builder


def _parametric(circuit: Circuit, job: Job) -> Prepared:
    builder = _builder(circuit, symbolic=True)
    template, parameters = builder.build(), builder.parameters()
    links = parameters.links()
    energy = prism_q.PauliObservable([(weight, list(on)) for weight, on in ising_terms(circuit.num_qubits)])
    plan = prism_q.PreparedCircuit(template, parameters, STATEVECTOR)
    slots = [gate.slot for gate in circuit.gates if gate.slot is not None]
    scales = np.array([gate.scale for gate in circuit.gates if gate.slot is not None])
    sets = np.array(angle_sets(circuit, max(ANGLE_SETS, job.batch)))
    values = sets[:, slots] * scales if slots else np.zeros((len(sets), 0))
    points = values.tolist()

    def gradient(k: int) -> np.ndarray:
        bound = parameters.bind(template, points[k % ANGLE_SETS])
        _, slopes = prism_q.simulate(bound).backend(STATEVECTOR).expectation_gradient(energy, links)
        found = np.zeros(len(circuit.angles))
        np.add.at(found, slots, slopes * scales)
        return found

    if job.output == "gradient":
        return Prepared(gradient)
    if job.output == "energies":
        batch = np.ascontiguousarray(values[: job.batch])
        return Prepared(
            lambda k: plan.observable_expectation_many(batch, energy),
            lambda raw: np.array([found.mean for found in raw]),
        )
    return Prepared(lambda k: plan.observable_expectation(points[k % ANGLE_SETS], energy), lambda raw: raw.mean)


def _sampling(circuit: Circuit, job: Job) -> Prepared:
    built = _builder(circuit, clbits=circuit.num_qubits).measure_all().build()
    noise = None
    if job.output == "noisy":
        single = prism_q.NoiseChannel.pauli(*[ERROR_PROBABILITY / 3] * 3)
        double = prism_q.NoiseChannel.two_qubit_depolarizing(ERROR_PROBABILITY)
        rules = prism_q.NoiseBuilder().after_gates(prism_q.GateFilter().arity(1), single)
        noise = rules.after_gates_joint(prism_q.GateFilter().arity(2), double).build(built)

    def run(k: int) -> Any:
        simulation = prism_q.simulate(built).seed(k)
        if noise is None:
            return simulation.backend(STATEVECTOR).sample_counts(job.shots)
        return simulation.noise(noise).sample_counts(job.shots)

    def read(raw: Any) -> tuple[np.ndarray, np.ndarray]:
        found = raw.counts()
        return np.array([int(key[::-1], 2) for key in found]), np.array(list(found.values()))

    return Prepared(run, read)


def peer(name: str) -> Prism:
    return Prism()
