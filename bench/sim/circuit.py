"""A circuit as a neutral list of gates, from which our circuit and each peer's own are built. It computes nothing.

Angles are those of OpenQASM; in matrices and indices `qubits[0]` is the least significant bit.
"""

from __future__ import annotations

import cmath
import math
from dataclasses import dataclass, replace
from hashlib import sha256
from itertools import pairwise
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

Matrix = tuple[complex, ...]


@dataclass(frozen=True, slots=True)
class Gate:
    """One gate by its name in our gate table.

    `matrix` (row-major) belongs to UNITARY, `pauli` (first letter on `qubits[0]`) to PAULI_ROT. Where `slot` is given
    the one angle is `scale` times that parameter of the circuit.
    """

    name: str
    qubits: tuple[int, ...]
    params: tuple[float, ...] = ()
    slot: int | None = None
    scale: float = 1.0
    matrix: Matrix | None = None
    pauli: str = ""


@dataclass(frozen=True, slots=True)
class Circuit:
    """Gates on qubits that begin in |0>; `angles` are the values of the parameters that slots name."""

    num_qubits: int
    gates: tuple[Gate, ...]
    angles: tuple[float, ...] = ()

    @property
    def digest(self) -> str:
        """The same for every process that built the same circuit."""
        lines = (f"{g.name} {g.qubits} {g.params} {g.slot} {g.scale} {g.matrix} {g.pauli}" for g in self.gates)
        return sha256("\n".join((str(self.num_qubits), *lines)).encode()).hexdigest()

    def bound(self, angles: Sequence[float]) -> Circuit:
        """The circuit with other values of its parameters."""
        gates = (g if g.slot is None else replace(g, params=(g.scale * angles[g.slot],)) for g in self.gates)
        return Circuit(self.num_qubits, tuple(gates), tuple(angles))


class Writer:
    """Collects the gates of a circuit."""

    def __init__(self, num_qubits: int) -> None:
        self.num_qubits = num_qubits
        self.gates: list[Gate] = []
        self.angles: list[float] = []

    def add(self, name: str, *qubits: int, params: tuple[float, ...] = ()) -> None:
        self.gates.append(Gate(name, qubits, params))

    def parameter(self, value: float) -> int:
        """A new parameter of the circuit: its slot."""
        self.angles.append(value)
        return len(self.angles) - 1

    def turn(self, name: str, *qubits: int, slot: int, scale: float = 1.0, pauli: str = "") -> None:
        """A gate of one angle, which is `scale` times a parameter."""
        self.gates.append(Gate(name, qubits, (scale * self.angles[slot],), slot, scale, pauli=pauli))

    def unitary(self, matrix: Matrix, *qubits: int) -> None:
        self.gates.append(Gate("UNITARY", qubits, matrix=matrix))

    def done(self) -> Circuit:
        return Circuit(self.num_qubits, tuple(self.gates), tuple(self.angles))


def gate_matrix(gate: Gate) -> Matrix:
    """The matrix of a gate of one or two qubits, row-major; what builds the gates that a peer has no name for."""
    if gate.matrix is not None:
        return gate.matrix
    root = math.sqrt(0.5)
    fixed: dict[str, Matrix] = {
        "H": (root, root, root, -root),
        "X": (0, 1, 1, 0),
        "CX": (1, 0, 0, 0, 0, 0, 0, 1, 0, 0, 1, 0, 0, 1, 0, 0),
        "CZ": _diagonal(1, 1, 1, -1),
        "SWAP": (1, 0, 0, 0, 0, 0, 1, 0, 0, 1, 0, 0, 0, 0, 0, 1),
    }
    if gate.name in fixed:
        return fixed[gate.name]
    angle = gate.params[0]
    c, s = math.cos(angle / 2), math.sin(angle / 2)
    minus, plus = cmath.exp(-0.5j * angle), cmath.exp(0.5j * angle)
    match gate.name:
        case "RX":
            return (c, -1j * s, -1j * s, c)
        case "RY":
            return (c, -s, s, c)
        case "RZ":
            return (minus, 0, 0, plus)
        case "P":
            return (1, 0, 0, cmath.exp(1j * angle))
        case "CP":
            return _diagonal(1, 1, 1, cmath.exp(1j * angle))
        case "RZZ":
            return _diagonal(minus, plus, plus, minus)
        case "RXX":
            return (c, 0, 0, -1j * s, 0, c, -1j * s, 0, 0, -1j * s, c, 0, -1j * s, 0, 0, c)
        case "RYY":
            return (c, 0, 0, 1j * s, 0, c, -1j * s, 0, 0, -1j * s, c, 0, 1j * s, 0, 0, c)
        case "FSIM":
            c, s = math.cos(angle), -1j * math.sin(angle)
            return (1, 0, 0, 0, 0, c, s, 0, 0, s, c, 0, 0, 0, 0, cmath.exp(-1j * gate.params[1]))
    raise ValueError(f"no matrix is written down for `{gate.name}`")


def without_pauli_rotations(circuit: Circuit) -> Iterator[Gate]:
    """The gates with each Pauli rotation written as a ladder of CX around one RZ, for peers that have none."""
    for gate in circuit.gates:
        if not gate.pauli:
            yield gate
            continue
        before, after = [], []
        for qubit, letter in zip(gate.qubits, gate.pauli, strict=True):
            if letter == "X":
                before.append(Gate("H", (qubit,)))
                after.append(Gate("H", (qubit,)))
            elif letter == "Y":
                before.append(Gate("RX", (qubit,), (math.pi / 2,)))
                after.append(Gate("RX", (qubit,), (-math.pi / 2,)))
        chain = [Gate("CX", pair) for pair in pairwise(gate.qubits)]
        turn = Gate("RZ", gate.qubits[-1:], gate.params, gate.slot, gate.scale)
        yield from (*before, *chain, turn, *reversed(chain), *after)


def _diagonal(*entries: complex) -> Matrix:
    size = len(entries)
    return tuple(entries[row] if row == column else 0 for row in range(size) for column in range(size))
