"""Circuits of Stim as ours: gates, measurements, resets and Paulis on outcomes; noise is left to a model."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from eigen import _core

if TYPE_CHECKING:
    import stim
    from numpy.typing import NDArray

GATES = {"H": "H", "S": "S", "S_DAG": "Sdg", "SQRT_X": "SX", "X": "X", "Y": "Y", "Z": "Z", "I": "I"}
PAIRS = {"CX": "CX", "CY": "CY", "CZ": "CZ", "SWAP": "SWAP", "ISWAP": "ISWAP"}
IGNORED = {"TICK", "DETECTOR", "OBSERVABLE_INCLUDE", "QUBIT_COORDS", "SHIFT_COORDS"}
NOISES = {"DEPOLARIZE1", "DEPOLARIZE2", "X_ERROR"}


def from_stim(circuit: stim.Circuit) -> _core.Circuit:
    """Measurement number k becomes classical bit k."""
    builder = _core.CircuitBuilder(circuit.num_qubits, circuit.num_measurements)
    measured = 0
    for step in circuit.flattened():
        targets = step.targets_copy()
        qubits = [target.value for target in targets]
        if step.name in GATES:
            for qubit in qubits:
                builder.gate(GATES[step.name], [qubit])
        elif step.name in PAIRS:
            for first, second in zip(targets[::2], targets[1::2], strict=True):
                if first.is_measurement_record_target:
                    condition = _core.Condition.bit(measured + first.value)
                    builder.gate(PAIRS[step.name][1:], [second.value], condition=condition)
                else:
                    builder.gate(PAIRS[step.name], [first.value, second.value])
        elif step.name in {"M", "MX", "MY", "MR"}:
            basis = {"MX": "X", "MY": "Y"}.get(step.name, "Z")
            for qubit in qubits:
                builder.measure([qubit], [measured], basis=basis)
                measured += 1
                if step.name == "MR":
                    builder.reset([qubit])
        elif step.name == "R":
            for qubit in qubits:
                builder.reset([qubit])
        else:
            assert step.name in IGNORED | NOISES, step.name
    return builder.build()


def with_noise(circuit: stim.Circuit, p1: float, p2: float, measure: float, reset: float) -> stim.Circuit:
    """The noise of `depolarizing(p1, p2) + measure(measure) + reset(reset)` written out."""
    import stim

    out = stim.Circuit()
    for step in circuit.flattened():
        for targets in step.target_groups():
            qubits = [target.value for target in targets]
            if step.name in {"M", "MX", "MY", "MR"}:
                out.append("X_ERROR", qubits, measure)
            out.append(step.name, targets)
            if step.name in GATES and p1:
                out.append("DEPOLARIZE1", qubits, p1)
            elif step.name in PAIRS and p2:
                out.append("DEPOLARIZE2", qubits, p2)
            elif step.name in {"R", "MR"}:
                out.append("X_ERROR", qubits, reset)
    return out


def unpacked(bits: NDArray[np.uint8], num_clbits: int) -> NDArray[np.bool_]:
    """One column for each classical bit."""
    return np.unpackbits(bits, axis=1, count=num_clbits, bitorder="little").astype(bool)
