"""Our compiler, as a device's jobs meet it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import eigen
from bench.compile.protocol import Output
from bench.sim.circuit import Circuit, without_pauli_rotations
from bench.sim.native import native
from eigen import _core
from eigen.compiler.lower import lower
from eigen.types import Device as Snapshot

if TYPE_CHECKING:
    from bench.compile.protocol import Device


class Eigen:
    """Our passes, alone where all qubits are coupled."""

    name = "eigen"
    settings = ("1", "2", "3")

    def version(self) -> str:
        return eigen.__version__

    def load(self, circuit: Circuit) -> None:
        plain = Circuit(circuit.num_qubits, tuple(without_pauli_rotations(circuit)))
        self.circuit = native(plain)

    def prepare(self, device: Device, setting: str, trials: int | None) -> None:
        self.device, self.level = device, int(setting)
        both = tuple(pair for a, b in device.pairs for pair in ((a, b), (b, a)))
        gates = (*device.basis, "GPHASE")
        self.snapshot = Snapshot("bench", "bench", "simulator", device.num_qubits, gates, both)

    def run(self) -> Any:
        if self.device.pairs:
            return lower(self.circuit, self.snapshot, level=self.level)
        circuit, places = _core.elide_swaps(self.circuit)
        return _core.optimise(circuit, self.level, self.snapshot.gates)[0], places

    def read(self, raw: Any) -> Output:
        circuit, final = raw if isinstance(raw, tuple) else (raw.circuit, raw.qubit_map)
        initial = range(self.circuit.num_qubits)
        gates = tuple(
            (item.name, tuple(item.qubits), tuple(map(float, item.params)))
            for item in circuit.instructions()
            if item.name != "GPHASE"
        )
        return Output(circuit.num_qubits, gates, tuple(initial), tuple(final))


def compiler() -> Eigen:
    """The compiler."""
    return Eigen()
