"""Our compiler, as a device's jobs meet it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import eigen
from bench.compile.protocol import Output
from bench.sim.circuit import Circuit, without_pauli_rotations
from bench.sim.native import native
from eigen.ir.targets import Compilation, Target, compile_for
from eigen.ir.targets.target import both_ways

if TYPE_CHECKING:
    from bench.compile.protocol import Device

SEED, THREADS = 1, 2


class Eigen:
    """`eigen.ir.compile_for`; what the peers do not do, comparing the result with the circuit, is left out."""

    name = "eigen"
    settings = ("1", "2", "3")

    def version(self) -> str:
        return eigen.__version__

    def load(self, circuit: Circuit) -> None:
        self.circuit = native(Circuit(circuit.num_qubits, tuple(without_pauli_rotations(circuit))))

    def prepare(self, device: Device, setting: str, trials: int | None) -> None:
        self.level = int(setting)
        self.target = Target(device.num_qubits, both_ways(device.pairs), device.basis)

    def run(self) -> Any:
        return compile_for(self.circuit, self.target, level=self.level, seed=SEED, threads=THREADS, verify="no")

    def read(self, raw: Compilation) -> Output:
        gates = tuple(
            (item.name, tuple(item.qubits), tuple(map(float, item.params))) for item in raw.circuit.instructions()
        )
        return Output(raw.circuit.num_qubits, gates, raw.initial, raw.final)


def compiler() -> Eigen:
    """The compiler."""
    return Eigen()
