"""Random circuits to cut: any gate of the table on neighbours, so that few cuts part them."""

from __future__ import annotations

import random

from eigen.ir import Affine, Circuit, CircuitBuilder, Observable, gate_table

ROWS = [row for row in gate_table() if row.num_qubits in {1, 2}]


def neighbours(seed: int, num_qubits: int, num_gates: int) -> Circuit:
    """Gates with numbers, symbols and affine angles, some inverted or raised to a power, and a Pauli rotation."""
    draw = random.Random(seed)
    builder = CircuitBuilder(num_qubits, parameters=["a", "b"])
    for _ in range(num_gates):
        row = draw.choice(ROWS)
        first = draw.randrange(num_qubits - 1)
        qubits = [first, first + 1][: row.num_qubits]
        if draw.random() < 0.5:
            qubits.reverse()
        angles = [draw.uniform(-3, 3), "a", Affine.symbol("b") * 0.7 + 0.2]
        builder.gate(
            row.name,
            qubits,
            [draw.choice(angles) for _ in row.param_names],
            inverse=draw.random() < 0.2,
            power=0.5 if not row.param_names and draw.random() < 0.2 else 1.0,
        )
    if num_qubits > 2:
        at = draw.randrange(num_qubits - 2)
        builder.gate("PAULI_ROT", [at, at + 1, at + 2], ["a"], pauli=draw.choice(["XIZ", "IIY", "XYI", "XZY"]))
    return builder.build()


def observable(seed: int, num_qubits: int, num_terms: int = 4) -> Observable:
    """Random Pauli strings, the identity among them."""
    draw = random.Random(seed)
    strings = ["".join(draw.choice("IIXYZ") for _ in range(num_qubits)) for _ in range(num_terms)]
    return Observable.from_terms(num_qubits, [("", 0.3)] + [(string, draw.uniform(-1, 1)) for string in strings])


def chain(num_qubits: int, angles: list[float], layers: int = 1) -> Circuit:
    """`RZZ` along a line, between turns about X and Y."""
    builder = CircuitBuilder(num_qubits)
    for layer in range(layers):
        for qubit in range(num_qubits):
            builder.gate("RY", [qubit], [0.4 + 0.1 * qubit + layer])
            builder.gate("RX", [qubit], [0.9 - 0.05 * qubit])
        for qubit in range(num_qubits - 1):
            builder.gate("RZZ", [qubit, qubit + 1], [angles[qubit]])
    return builder.build()
