"""pytket, with the passes that its backends run by default at levels 1 and 2: optimise, place and route, optimise."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any

import numpy as np
import pytket
from pytket import OpType, Qubit
from pytket.architecture import Architecture
from pytket.circuit import Circuit as Tket
from pytket.circuit import Op, QControlBox, Unitary1qBox, Unitary2qBox
from pytket.passes import (
    AutoRebase,
    BasePass,
    CliffordSimp,
    CXMappingPass,
    DecomposeBoxes,
    FullPeepholeOptimise,
    KAKDecomposition,
    RemoveRedundancies,
    SequencePass,
    SynthesiseTket,
)
from pytket.placement import GraphPlacement
from pytket.predicates import CompilationUnit

from bench.compile.protocol import Device, Output
from bench.sim.circuit import gate_matrix, without_pauli_rotations

if TYPE_CHECKING:
    from bench.sim.circuit import Circuit, Gate

PLAIN = {
    "H": OpType.H, "S": OpType.S, "X": OpType.X, "RX": OpType.Rx, "RY": OpType.Ry, "RZ": OpType.Rz, "P": OpType.U1,
    "CX": OpType.CX, "CZ": OpType.CZ, "CP": OpType.CU1, "SWAP": OpType.SWAP, "CCX": OpType.CCX,
    "RXX": OpType.XXPhase, "RYY": OpType.YYPhase, "RZZ": OpType.ZZPhase,
}  # fmt: skip
GATES = {"U": OpType.U3, "CX": OpType.CX, "RZ": OpType.Rz, "SX": OpType.SX, "X": OpType.X, "CZ": OpType.CZ}
NAMES = {kind: name for name, kind in GATES.items()}
BIG_ENDIAN = (0, 2, 1, 3)


class Pytket:
    """pytket's passes."""

    name = "pytket"
    settings = ("1", "2")

    def version(self) -> str:
        return pytket.__version__

    def load(self, circuit: Circuit) -> None:
        self.circuit = Tket(circuit.num_qubits)
        for gate in without_pauli_rotations(circuit):
            _append(self.circuit, gate)

    def prepare(self, device: Device, setting: str, trials: int | None) -> None:
        thorough = setting == "2"
        steps: list[BasePass] = [DecomposeBoxes(), FullPeepholeOptimise() if thorough else SynthesiseTket()]
        self.num_qubits = device.num_qubits
        if device.pairs:
            architecture = Architecture([pair for a, b in device.pairs for pair in ((a, b), (b, a))])
            placement = GraphPlacement(architecture)
            steps.append(CXMappingPass(architecture, placement, directed_cx=False, delay_measures=False))
            if thorough:
                steps += [KAKDecomposition(allow_swaps=False), CliffordSimp(allow_swaps=False)]
            steps.append(SynthesiseTket())
        self.steps = SequencePass([*steps, AutoRebase({GATES[name] for name in device.basis}), RemoveRedundancies()])

    def run(self) -> Any:
        unit = CompilationUnit(self.circuit)
        self.steps.apply(unit)
        return unit

    def read(self, raw: CompilationUnit) -> Output:
        circuit = raw.circuit
        gates = tuple(
            (NAMES[command.op.type], tuple(q.index[0] for q in command.qubits), _angles(command.op))
            for command in circuit.get_commands()
            if command.op.type in NAMES
        )
        logical = [Qubit(k) for k in range(self.circuit.n_qubits)]
        # Commands are named by where a wire begins; after implicit swaps it ends under another name.
        wire = {end: start for start, end in circuit.implicit_qubit_permutation().items()}
        first = [raw.initial_map[qubit] for qubit in logical]
        last = [wire.get(raw.final_map[qubit], raw.final_map[qubit]) for qubit in logical]
        return Output(self.num_qubits, gates, tuple(q.index[0] for q in first), tuple(q.index[0] for q in last))


def _append(circuit: Tket, gate: Gate) -> None:
    turns = [angle / math.pi for angle in gate.params]
    if gate.name in PLAIN:
        circuit.add_gate(PLAIN[gate.name], turns, list(gate.qubits))
    elif gate.name == "MCP" and len(gate.qubits) == 2:
        circuit.add_gate(OpType.CU1, turns, list(gate.qubits))
    elif gate.name == "MCP":
        circuit.add_gate(QControlBox(Op.create(OpType.U1, turns), len(gate.qubits) - 1), list(gate.qubits))
    elif len(gate.qubits) == 1:
        circuit.add_gate(Unitary1qBox(np.array(gate_matrix(gate)).reshape(2, 2)), list(gate.qubits))
    else:
        matrix = np.array(gate_matrix(gate)).reshape(4, 4)[np.ix_(BIG_ENDIAN, BIG_ENDIAN)]
        circuit.add_gate(Unitary2qBox(matrix), list(gate.qubits))


def _angles(op: Op) -> tuple[float, ...]:
    return tuple(float(turn) * math.pi for turn in op.params)


def compiler() -> Pytket:
    """The compiler."""
    return Pytket()
