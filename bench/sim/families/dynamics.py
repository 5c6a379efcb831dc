"""Trotterised dynamics of spin chains, first order, twenty steps of 0.1."""

from __future__ import annotations

from random import Random

from bench.sim.circuit import Circuit, Writer

STEPS = 20
STEP = 0.1


def tfim(num_qubits: int) -> Circuit:
    """The Ising chain in a transverse field, Σ ZZ + Σ X, from |0…0>."""
    writer = Writer(num_qubits)
    for _ in range(STEPS):
        for qubit in range(num_qubits - 1):
            writer.add("RZZ", qubit, qubit + 1, params=(2 * STEP,))
        for qubit in range(num_qubits):
            writer.add("RX", qubit, params=(2 * STEP,))
    return writer.done()


def heisenberg(num_qubits: int) -> Circuit:
    """The Heisenberg chain Σ (XX + YY + ZZ) in a random field along Z, from the Néel state; even bonds, then odd."""
    random, writer = Random(f"heisenberg {num_qubits}"), Writer(num_qubits)
    field = [random.uniform(-1, 1) for _ in range(num_qubits)]
    for qubit in range(1, num_qubits, 2):
        writer.add("X", qubit)
    for _ in range(STEPS):
        for first in (0, 1):
            for qubit in range(first, num_qubits - 1, 2):
                for name in ("RXX", "RYY", "RZZ"):
                    writer.add(name, qubit, qubit + 1, params=(2 * STEP,))
        for qubit in range(num_qubits):
            writer.add("RZ", qubit, params=(2 * STEP * field[qubit],))
    return writer.done()
