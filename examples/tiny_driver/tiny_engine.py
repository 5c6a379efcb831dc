"""A driver in full: a state-vector simulator of a few gates, in a process of its own. Copy it, and put your engine in.

It declares what it can do, and nothing else is asked of it: circuits come in its gates, angles as numbers once
`bound`, observables as products of Pauli letters.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from eigen_driver import Counts, Device, Engine, Estimate

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from eigen_driver import Circuit, Expectation, Operation, Probability, Sample

PAULI = {
    "X": np.array([[0, 1], [1, 0]], complex),
    "Y": np.array([[0, -1j], [1j, 0]], complex),
    "Z": np.array([[1, 0], [0, -1]], complex),
}
H = (PAULI["X"] + PAULI["Z"]) / np.sqrt(2)
TURN = {"X": H, "Y": H @ np.diag([1, -1j]), "Z": np.eye(2)}
"""What makes a measurement in some basis one in the Z basis."""


class TinyEngine(Engine):
    """One device, `tiny:statevector`."""

    name = "tiny"
    version = "1"

    def devices(self) -> Sequence[Device]:
        """What there is, and what it can do."""
        features = frozenset({"expectation", "exact", "seed"})
        return (Device("tiny:statevector", "A state vector in NumPy", 12, ("H", "X", "RX", "RZ", "CX"), features),)

    def sample(self, device: Device, ask: Sample) -> Counts:
        """Outcomes drawn from the final state; bit k of an outcome is classical bit k."""
        pairs: dict[int, int] = {}  # classical bit -> qubit
        for operation in ask.circuit.operations:
            if operation.name == "MEASURE":
                pairs |= dict(zip(operation.clbits, operation.qubits, strict=True))
        weights = np.abs(final_state(ask.circuit, ask.circuit.bound(ask.values))) ** 2
        drawn = np.random.default_rng(ask.seed).multinomial(ask.shots, weights / weights.sum())
        found: dict[int, int] = {}
        for state in np.flatnonzero(drawn):
            outcome = sum((int(state) >> qubit & 1) << bit for bit, qubit in pairs.items())
            found[outcome] = found.get(outcome, 0) + int(drawn[state])
        return Counts(found, {"seed": ask.seed, "precision": "f64"})

    def expectation(self, device: Device, ask: Expectation) -> Estimate:
        """The sum of what each product of Pauli letters gives."""
        state = final_state(ask.circuit, ask.circuit.bound(ask.values))
        total = 0.0
        for factors, weight in ask.observable.terms:
            turned = state
            for letter, qubit in factors:
                turned = on_qubit(turned, PAULI[letter], qubit)
            total += weight * np.vdot(state, turned).real
        return Estimate(float(total), metadata={"precision": "f64"})

    def probability(self, device: Device, ask: Probability) -> Estimate:
        """The weight of one amplitude; qubit 0 is the last character."""
        state = final_state(ask.circuit, ask.circuit.bound(ask.values))
        return Estimate(float(abs(state[int(ask.bits or "0", 2)]) ** 2), metadata={"precision": "f64"})


def final_state(circuit: Circuit, bound: Mapping[str, float]) -> np.ndarray:
    """The 2^n amplitudes at the end; qubit 0 is the least significant bit of their index."""
    state = np.zeros(1 << circuit.num_qubits, complex)
    state[0] = 1
    for operation in circuit.operations:
        if operation.name == "CX":
            control, target = operation.qubits
            index = np.arange(len(state))
            state = state[np.where(index >> control & 1, index ^ (1 << target), index)]
        elif operation.name == "MEASURE":
            for qubit in operation.qubits:
                state = on_qubit(state, TURN[operation.basis], qubit)
        elif operation.name not in {"BARRIER", "DELAY", "GPHASE"}:
            state = on_qubit(state, matrix(operation, bound), operation.qubits[0])
    return state


def matrix(operation: Operation, bound: Mapping[str, float]) -> np.ndarray:
    """The matrix of a gate of one qubit."""
    if operation.name in {"RX", "RZ"}:
        (angle,) = operation.angles(bound, "theta")
        return np.cos(angle / 2) * np.eye(2) - 1j * np.sin(angle / 2) * PAULI[operation.name[1]]
    return H if operation.name == "H" else PAULI[operation.name]


def on_qubit(state: np.ndarray, gate: np.ndarray, qubit: int) -> np.ndarray:
    """A gate on one qubit of a state."""
    parts = state.reshape(-1, 2, 1 << qubit)
    return np.einsum("ab,ibj->iaj", gate, parts).reshape(-1)
