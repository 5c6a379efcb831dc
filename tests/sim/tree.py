"""A slow, obviously right simulator: dense gate matrices on a NumPy state, and every branch of every measurement."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from eigen import _core

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from numpy.typing import NDArray

_H = np.array([[1, 1], [1, -1]]) / np.sqrt(2)
_TO_Z = {"X": _H, "Y": _H @ np.diag([1, -1j]), "Z": np.eye(2)}


@dataclass
class Branch:
    """One history: its state (norm 1), its probability and its classical bits."""

    state: NDArray[np.complex128]
    probability: float
    bits: list[bool]


def apply(state: NDArray[np.complex128], matrix: object, qubits: Sequence[int]) -> NDArray[np.complex128]:
    """A matrix on some qubits; `qubits[0]` is the least significant bit of its index."""
    n, k = state.size.bit_length() - 1, len(qubits)
    axes = [n - 1 - q for q in reversed(qubits)]
    tensor = np.moveaxis(state.reshape((2,) * n), axes, range(k)) if n else state.reshape(())
    moved = (np.asarray(matrix) @ tensor.reshape(2**k, -1)).reshape((2,) * n)
    return np.moveaxis(moved, range(k), axes).reshape(-1)


def state(circuit: _core.Circuit, values: Sequence[float] = ()) -> NDArray[np.complex128]:
    """The final state of a circuit without measurements."""
    (branch,) = _run(circuit, values)
    return branch.state


def distribution(circuit: _core.Circuit, values: Sequence[float] = ()) -> dict[str, float]:
    """The probability of every key that can come."""
    out: dict[str, float] = {}
    for branch in _run(circuit, values):
        key = "".join("1" if bit else "0" for bit in reversed(branch.bits))
        out[key] = out.get(key, 0.0) + branch.probability
    return out


def _run(circuit: _core.Circuit, values: Sequence[float]) -> list[Branch]:
    start = np.zeros(2**circuit.num_qubits, dtype=complex)
    start[0] = 1
    branches = [Branch(start, 1.0, [False] * circuit.num_clbits)]
    named = dict(zip(circuit.parameters, values, strict=True))
    return _block(branches, circuit.instructions(), named)


def _block(branches: list[Branch], block: Sequence[_core.Instruction], named: dict[str, float]) -> list[Branch]:
    for instruction in block:
        branches = [after for branch in branches for after in _step(branch, instruction, named)]
    return branches


def _step(branch: Branch, instruction: _core.Instruction, named: dict[str, float]) -> list[Branch]:
    holds = instruction.condition is None or instruction.condition.holds(branch.bits)
    match instruction.name:
        case "IF":
            chosen = instruction.blocks[0] if holds else [i for other in instruction.blocks[1:] for i in other]
            return _block([branch], chosen, named)
        case "FOR":
            return _block([branch], list(instruction.blocks[0]) * instruction.bound, named)
        case "WHILE":
            done, going = [], [branch]
            assert instruction.condition is not None
            for _ in range(instruction.bound):
                done += [b for b in going if not instruction.condition.holds(b.bits)]
                going = [b for b in going if instruction.condition.holds(b.bits)]
                going = _block(going, instruction.blocks[0], named)
            assert not any(instruction.condition.holds(b.bits) for b in going), "the loop's bound is reached"
            return done + going
        case _ if not holds:
            return [branch]
        case "BARRIER" | "DELAY":
            return [branch]
        case "MEASURE":
            branches = [branch]
            for qubit, clbit in zip(instruction.qubits, instruction.clbits, strict=True):
                branches = [a for b in branches for a in _measure(b, qubit, clbit, _TO_Z[instruction.basis])]
            return branches
        case "RESET":
            branches = [branch]
            for qubit in instruction.qubits:
                branches = [a for b in branches for a in _reset(b, qubit)]
            return branches
        case _:
            matrix = _matrix(instruction, named)
            return [Branch(apply(branch.state, matrix, instruction.qubits), branch.probability, branch.bits)]


def _matrix(instruction: _core.Instruction, named: dict[str, float]) -> list[list[complex]]:
    params = [p.value(named) if isinstance(p, _core.Affine) else p for p in instruction.params]
    return _core.gate_matrix(
        instruction.name,
        params,
        len(instruction.qubits),
        num_controls=instruction.num_controls,
        ctrl_state=instruction.ctrl_state or None,
        inverse=instruction.inverse,
        power=instruction.power,
        matrix=instruction.matrix,
        pauli=instruction.pauli or None,
    )


def _measure(branch: Branch, qubit: int, clbit: int, to_z: NDArray[np.complex128]) -> Iterator[Branch]:
    turned = apply(branch.state, to_z, [qubit])
    for outcome in (0, 1):
        part = apply(turned, np.diag([1 - outcome, outcome]), [qubit])
        weight = float(np.vdot(part, part).real)
        if weight > 1e-15:
            bits = [*branch.bits[:clbit], bool(outcome), *branch.bits[clbit + 1 :]]
            back = apply(part / np.sqrt(weight), to_z.conj().T, [qubit])
            yield Branch(back, branch.probability * weight, bits)


def _reset(branch: Branch, qubit: int) -> Iterator[Branch]:
    for matrix in ([[1, 0], [0, 0]], [[0, 1], [0, 0]]):
        part = apply(branch.state, np.array(matrix), [qubit])
        weight = float(np.vdot(part, part).real)
        if weight > 1e-15:
            yield Branch(part / np.sqrt(weight), branch.probability * weight, branch.bits)
