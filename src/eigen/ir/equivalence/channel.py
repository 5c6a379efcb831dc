"""Small circuits that measure, reset and branch, as the channels that they are: every history, for every input."""

from __future__ import annotations

from itertools import product
from typing import TYPE_CHECKING, cast

from eigen.ir.equivalence.certificate import Finding
from eigen.ir.equivalence.matrices import matrix_of, times

if TYPE_CHECKING:
    from collections.abc import Sequence

    import numpy as np
    from numpy.typing import NDArray

    from eigen.ir.circuit import Circuit, Instruction

    Operator = NDArray[np.complex128]
    Bits = tuple[bool, ...]
    History = tuple[Operator, Bits]

MOST_QUBITS = 6
MOST_CLBITS = 6
"""Classical bits whose values at the start are all tried."""
MOST_ENTRIES = 1 << 22
"""Entries of the operators of all histories of a circuit together."""
NOTHING = 1e-13
"""Histories whose operator has a smaller 2-norm do not happen."""


class TooManyHistoriesError(Exception):
    """There are more histories than are followed."""


def compare_channels(a: Circuit, b: Circuit, tolerance: float, *, any_bits: bool) -> Finding:
    """Both as channels from all qubits to all qubits and classical bits; raises TooManyHistoriesError.

    The classical bits are 0 at the start or, with `any_bits`, take all values; the error is then the largest.

    The operators of all histories that leave the same classical bits are the Kraus operators of one outcome. The error
    is half the trace norm of the difference of the normalised Choi states, a lower bound on the diamond distance; times
    2^n it is an upper bound.
    """
    error, histories = 0.0, [0, 0]
    for start in product((False, True), repeat=a.num_clbits if any_bits else 0):
        bits = start or (False,) * a.num_clbits
        first, second = _Walk(a.num_qubits).outcomes(a, bits), _Walk(b.num_qubits).outcomes(b, bits)
        norms = [
            _trace_norm(first.get(outcome, []), second.get(outcome, []))
            for outcome in sorted(first.keys() | second.keys(), key=str)
        ]
        error = max(error, float(sum(norms)) / (2 << a.num_qubits))
        histories = [
            total + sum(map(len, side.values())) for total, side in zip(histories, (first, second), strict=True)
        ]
    told = f"{histories[0]} and {histories[1]} histories, followed for every input"
    return Finding("channel", error <= tolerance, error, True, details=(told,))


def _trace_norm(first: list[Operator], second: list[Operator]) -> float:
    """The trace norm of `sum of |K><K|` of one side minus that of the other."""
    import numpy as np

    columns = np.array([operator.reshape(-1) for operator in (*first, *second)]).T
    signs = np.array([1.0] * len(first) + [-1.0] * len(second))
    triangle = cast("Operator", np.linalg.qr(columns, mode="r"))
    return float(np.abs(np.linalg.eigvalsh((triangle * signs) @ triangle.conj().T)).sum())


class _Walk:
    """Follows all histories of a circuit at once, operation by operation."""

    def __init__(self, num_qubits: int) -> None:
        self.num_qubits = num_qubits
        self.stopped: list[History] = []

    def outcomes(self, circuit: Circuit, bits: Bits) -> dict[Bits | str, list[Operator]]:
        """The operators by the classical bits that they leave; those that exceed the bound of a WHILE by `bound`."""
        import numpy as np

        dimension = 1 << self.num_qubits
        start = np.eye(dimension, dtype=complex)
        found: dict[Bits | str, list[Operator]] = {}
        for operator, left in self.run(circuit.instructions(), [(start, bits)]):
            found.setdefault(left, []).append(operator)
        for operator, _ in self.stopped:
            found.setdefault("bound", []).append(operator)
        return found

    def run(self, instructions: Sequence[Instruction], histories: list[History]) -> list[History]:
        """The histories after some instructions."""
        for op in instructions:
            histories = self.step(op, histories)
            if len(histories) << (2 * self.num_qubits) > MOST_ENTRIES:
                raise TooManyHistoriesError
        return histories

    def step(self, op: Instruction, histories: list[History]) -> list[History]:
        """The histories after one instruction."""
        if op.name in {"BARRIER", "DELAY"}:
            return histories
        if op.name == "FOR":
            for _ in range(op.bound):
                histories = self.run(op.blocks[0], histories)
            return histories
        if op.name == "WHILE":
            return self.repeat(op, histories)
        meant = [history for history in histories if op.condition is None or op.condition.holds(history[1])]
        others = [history for history in histories if op.condition is not None and not op.condition.holds(history[1])]
        if op.name == "IF":
            then, *otherwise = op.blocks
            return self.run(then, meant) + self.run(otherwise[0] if otherwise else [], others)
        if op.name == "MEASURE":
            for qubit, clbit in zip(op.qubits, op.clbits, strict=True):
                meant = self.measure(meant, qubit, clbit, op.basis)
        elif op.name == "RESET":
            for qubit in op.qubits:
                meant = self.reset(meant, qubit)
        else:
            meant = self.gate(op, meant)
        return meant + others

    def repeat(self, op: Instruction, histories: list[History]) -> list[History]:
        """A WHILE: histories that want another round after its last one have no end."""
        done: list[History] = []
        condition = op.condition
        assert condition is not None
        for _ in range(op.bound):
            done += [history for history in histories if not condition.holds(history[1])]
            histories = [history for history in histories if condition.holds(history[1])]
            if not histories:
                return done
            histories = self.run(op.blocks[0], histories)
        self.stopped += [history for history in histories if condition.holds(history[1])]
        return done + [history for history in histories if not condition.holds(history[1])]

    def gate(self, op: Instruction, histories: list[History]) -> list[History]:
        """A gate on all histories."""
        if not histories:
            return []
        matrix = matrix_of(op)
        return [(times(matrix, operator, op.qubits), bits) for operator, bits in histories]

    def measure(self, histories: list[History], qubit: int, clbit: int, basis: str) -> list[History]:
        """Both outcomes of each history that has both."""
        turn = _TURNS[basis]
        kept: list[History] = []
        for operator, bits in histories:
            for outcome in (0, 1):
                column = [turn[0][outcome], turn[1][outcome]]
                projector = _outer(column, column)
                left = times(projector, operator, [qubit])
                if _size(left) > NOTHING:
                    kept.append((left, (*bits[:clbit], bool(outcome), *bits[clbit + 1 :])))
        return kept

    def reset(self, histories: list[History], qubit: int) -> list[History]:
        """The qubit found in |0>, and found in |1> and flipped."""
        kept: list[History] = []
        for operator, bits in histories:
            for outcome in (0, 1):
                found = [0.0, 0.0]
                found[outcome] = 1.0
                left = times(_outer([1.0, 0.0], found), operator, [qubit])
                if _size(left) > NOTHING:
                    kept.append((left, bits))
        return kept


_ROOT = 0.5**0.5
_TURNS: dict[str, tuple[tuple[complex, complex], tuple[complex, complex]]] = {
    "X": ((_ROOT, _ROOT), (_ROOT, -_ROOT)),
    "Y": ((_ROOT, _ROOT), (1j * _ROOT, -1j * _ROOT)),
    "Z": ((1.0, 0.0), (0.0, 1.0)),
}
"""The eigenstates of each Pauli basis as columns: outcome 0, outcome 1."""


def _outer(ket: Sequence[complex], bra: Sequence[complex]) -> Operator:
    import numpy as np

    return np.outer(np.array(ket, dtype=complex), np.array(bra, dtype=complex).conj())


def _size(operator: Operator) -> float:
    import numpy as np

    return float(np.linalg.norm(operator))
