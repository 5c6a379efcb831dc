"""MQT DDSIM: decision diagrams, for circuits with structure. It has no dense gates."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
from mqt import ddsim
from mqt.core.ir import QuantumComputation

from bench.answering import UnsupportedError
from bench.sim.circuit import without_pauli_rotations
from bench.sim.peers.protocol import Job, Prepared

if TYPE_CHECKING:
    from collections.abc import Mapping

    from bench.sim.circuit import Circuit

NAMES = ("h", "x", "rx", "ry", "rz", "p", "cx", "cz", "cp", "swap", "rxx", "ryy", "rzz")


class Ddsim:
    name = "ddsim"

    def version(self) -> str:
        return ddsim.__version__

    def settings(self, job: Job) -> list[dict[str, Any]]:
        return [{}]

    def facts(self) -> dict[str, Any]:
        return {}

    def prepare(self, job: Job, setting: Mapping[str, Any]) -> Prepared:
        if job.precision != "f64" or job.output not in ("state", "shots"):
            raise UnsupportedError("states and shots in double precision only")
        built = _circuit(job.circuit)
        if job.output == "shots":
            built.measure_all()
            return Prepared(lambda k: ddsim.CircuitSimulator(built, seed=k).simulate(job.shots), _outcomes)

        def run(k: int) -> Any:
            simulator = ddsim.CircuitSimulator(built, seed=1)
            simulator.simulate(0)
            return simulator

        return Prepared(run, lambda raw: np.asarray(raw.get_constructed_dd().get_vector()))


def _circuit(circuit: Circuit) -> QuantumComputation:
    built = QuantumComputation(circuit.num_qubits)
    for gate in without_pauli_rotations(circuit):
        if gate.name.lower() in NAMES:
            getattr(built, gate.name.lower())(*gate.params, *gate.qubits)
        elif gate.name == "CCX":
            built.mcx(set(gate.qubits[:2]), gate.qubits[2])
        elif gate.name == "MCP":
            built.mcp(gate.params[0], set(gate.qubits[:-1]), gate.qubits[-1])
        else:
            raise UnsupportedError(f"no gate {gate.name}")
    return built


def _outcomes(raw: dict[str, int]) -> tuple[np.ndarray, np.ndarray]:
    return np.array([int(key, 2) for key in raw]), np.array(list(raw.values()))


def peer(name: str) -> Ddsim:
    return Ddsim()
