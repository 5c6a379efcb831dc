"""QuEST by its wrapper pyquest, which brings the library as its authors compile it. Double precision only."""

from __future__ import annotations

from importlib.metadata import version
from typing import TYPE_CHECKING, Any

import numpy as np
import pyquest
from pyquest import unitaries
from pyquest.initialisations import ZeroState

from bench.answering import UnsupportedError
from bench.sim.circuit import gate_matrix
from bench.sim.peers.protocol import Job, Prepared

if TYPE_CHECKING:
    from collections.abc import Mapping

    from bench.sim.circuit import Gate

TURNS = {"RX": unitaries.Rx, "RY": unitaries.Ry, "RZ": unitaries.Rz, "P": unitaries.Phase}
LETTERS = {"RXX": "XX", "RYY": "YY", "RZZ": "ZZ"}


class Quest:
    name = "quest"

    def version(self) -> str:
        return version("pyquest")

    def settings(self, job: Job) -> list[dict[str, Any]]:
        return [{}]

    def facts(self) -> dict[str, Any]:
        return {}

    def prepare(self, job: Job, setting: Mapping[str, Any]) -> Prepared:
        if job.precision != "f64" or job.output not in ("state", "array"):
            raise UnsupportedError("states in double precision only")
        register = pyquest.Register(job.num_qubits)
        built = pyquest.Circuit([ZeroState(), *(_operation(gate) for gate in job.circuit.gates)])

        def run(k: int) -> Any:
            register.apply_circuit(built)
            return register[:] if job.output == "array" else None

        return Prepared(run, lambda raw: register[:])


def _operation(gate: Gate) -> Any:
    qubits = list(gate.qubits)
    if gate.name == "H":
        return unitaries.H(qubits[0])
    if gate.name in ("X", "CX"):
        return unitaries.X(qubits[-1], controls=qubits[:-1])
    if gate.name == "CCX":
        return unitaries.U(qubits[-1], matrix=np.array([[0, 1], [1, 0]]), controls=qubits[:-1])
    if gate.name == "CZ":
        return unitaries.Z(qubits[-1], controls=qubits[:-1])
    if gate.name == "SWAP":
        return unitaries.Swap(qubits)
    if gate.name in ("CP", "MCP"):
        return unitaries.Phase(qubits[-1], gate.params[0], controls=qubits[:-1])
    if gate.name in TURNS:
        return TURNS[gate.name](qubits[0], gate.params[0])
    letters = gate.pauli or LETTERS.get(gate.name)
    if letters:
        return unitaries.MultiRotatePauli(
            [getattr(unitaries, letter)(qubit) for qubit, letter in zip(qubits, letters, strict=True)], gate.params[0]
        )
    size = 2 ** len(qubits)
    return unitaries.U(qubits, matrix=np.array(gate_matrix(gate)).reshape(size, size))


def peer(name: str) -> Quest:
    return Quest()
