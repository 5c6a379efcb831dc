"""Qiskit's preset pass managers at levels 1 to 3; the Rust parts take the threads that the environment allows."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import qiskit
from qiskit.transpiler import CouplingMap, generate_preset_pass_manager
from qiskit.transpiler.preset_passmanagers import builtin_plugins

from bench.compile.protocol import Device, Output
from bench.sim.peers.qiskit_circuit import circuit_of

if TYPE_CHECKING:
    from qiskit import QuantumCircuit

    from bench.sim.circuit import Circuit

SEED = 1
_TRIALS = builtin_plugins._get_trial_count


class Qiskit:
    """Qiskit's transpiler."""

    name = "qiskit"
    settings = ("1", "2", "3")

    def version(self) -> str:
        return qiskit.__version__

    def load(self, circuit: Circuit) -> None:
        self.num_qubits = circuit.num_qubits
        self.circuit = circuit_of(circuit)

    def prepare(self, device: Device, setting: str, trials: int | None) -> None:
        # The number of trials of SABRE, for layouts and for routings, is no option of the preset managers.
        builtin_plugins._get_trial_count = _TRIALS if trials is None else lambda *_: trials
        level: Any = int(setting)
        self.manager = generate_preset_pass_manager(
            optimization_level=level,
            coupling_map=CouplingMap([list(pair) for a, b in device.pairs for pair in ((a, b), (b, a))])
            if device.pairs
            else None,
            basis_gates=[name.lower() for name in device.basis],
            seed_transpiler=SEED,
        )

    def run(self) -> Any:
        return self.manager.run(self.circuit)

    def read(self, raw: QuantumCircuit) -> Output:
        index = {qubit: k for k, qubit in enumerate(raw.qubits)}
        gates = tuple(
            (
                item.operation.name.upper(),
                tuple(index[q] for q in item.qubits),
                tuple(map(float, item.operation.params)),
            )
            for item in raw.data
        )
        here = tuple(range(self.num_qubits))
        if raw.layout is None:
            return Output(raw.num_qubits, gates, here, here)
        initial = tuple(raw.layout.initial_index_layout(filter_ancillas=True))
        return Output(raw.num_qubits, gates, initial, tuple(raw.layout.final_index_layout(filter_ancillas=True)))


def compiler() -> Qiskit:
    """The compiler."""
    return Qiskit()
