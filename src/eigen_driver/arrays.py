"""`ArrayState`: a state of `eigen_driver.walk` whose amplitudes, or density matrix, are an array of NumPy.

The array has an axis of length two for each qubit; a density matrix has those of its columns behind those of its rows.
Axis k is qubit k, or, where `little` is set, qubit n-1-k. An engine subclasses it and
says what a gate does to the array.
"""

# pyright: reportUnknownMemberType=false, reportUnknownVariableType=false, reportUnknownArgumentType=false
# pyright: reportAttributeAccessIssue=false

from __future__ import annotations

from copy import copy
from typing import TYPE_CHECKING, Any

import numpy as np

from eigen_driver.walk import BEFORE, turn

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from typing import Self

    from numpy.typing import NDArray

    from eigen_driver.circuit import Operation
    from eigen_driver.noise import Matrix


class ArrayState:
    """See the module. `array` is normalised, and changed in place only where it was copied."""

    def __init__(self, array: NDArray[Any], *, mixed: bool = False, little: bool = False) -> None:
        self.array = array
        self.mixed = mixed
        self.little = little
        self.num_qubits = array.ndim // 2 if mixed else array.ndim

    @property
    def nbytes(self) -> int:
        """Bytes of the array."""
        return self.array.nbytes

    def apply(self, gate: Operation) -> None:
        """What an engine has to say."""
        raise NotImplementedError

    def copy(self) -> Self:
        """Another one with an array of its own."""
        made = copy(self)
        made.array = self.array.copy()
        return made

    def axis(self, qubit: int) -> int:
        """The axis of a qubit; that of a density matrix's columns is `num_qubits` further."""
        return self.num_qubits - 1 - qubit if self.little else qubit

    def probabilities(self) -> NDArray[np.float64]:
        """Of every outcome, by the axes of the qubits; they add up to one."""
        if self.mixed:
            size = 1 << self.num_qubits
            found = self.array.reshape(size, size).diagonal().real.reshape((2,) * self.num_qubits)
        else:
            found = np.abs(self.array) ** 2
        found = np.clip(found, 0.0, None).astype(np.float64, copy=False)
        return found / found.sum()

    def probability(self, bits: str) -> float:
        """Of the outcome `q[n-1] ... q[0]` of all qubits."""
        place = [0] * self.num_qubits
        for qubit, bit in enumerate(reversed(bits)):
            place[self.axis(qubit)] = int(bit)
        return float(self.probabilities()[tuple(place)])

    def mean(self, factors: Sequence[tuple[str, int]]) -> float:
        """The expectation value of a product of Pauli letters, each with its qubit."""
        turned = self.copy()
        for letter, qubit in factors:
            turn(turned, qubit, BEFORE[letter])
        found = turned.probabilities()
        for axis in sorted((self.axis(qubit) for _, qubit in factors), reverse=True):
            found = found.take(0, axis) - found.take(1, axis)
        return float(found.sum())

    def one(self, qubit: int) -> float:
        """The probability of finding a qubit in 1."""
        return float(self.probabilities().take(1, self.axis(qubit)).sum())

    def project(self, qubit: int, outcome: int) -> None:
        """Keep what has this outcome, and normalise."""
        kept = np.zeros_like(self.array)
        chosen: list[Any] = [slice(None)] * self.array.ndim
        chosen[self.axis(qubit)] = outcome
        if self.mixed:
            chosen[self.num_qubits + self.axis(qubit)] = outcome
        part = self.array[tuple(chosen)]
        if self.mixed:
            size = 1 << (self.num_qubits - 1)
            weight = part.reshape(size, size).trace().real
        else:
            weight = np.sqrt(np.vdot(part, part).real)
        kept[tuple(chosen)] = part / weight
        self.array = kept

    def channel(self, operators: Sequence[Matrix], qubits: Sequence[int]) -> None:
        """Act with a channel's Kraus operators on a density matrix: the first qubit is the least significant bit."""
        rows = [self.axis(qubit) for qubit in reversed(qubits)]
        columns = [self.num_qubits + axis for axis in rows]
        found = np.zeros_like(self.array)
        for operator in operators:
            matrix = np.array(operator)
            found += acted(acted(self.array, matrix, rows), matrix.conj(), columns)
        self.array = found

    def draw(self, qubits: Sequence[int], shots: int, random: Any) -> Mapping[int, int]:
        """Counts of measuring these qubits."""
        found = self.probabilities()
        axes = [self.axis(qubit) for qubit in qubits]
        others = [axis for axis in range(self.num_qubits) if axis not in axes]
        marginal = found.transpose(*others, *reversed(axes)).reshape(-1, 1 << len(axes)).sum(axis=0)
        return drawn(marginal, shots, random)


def acted(array: NDArray[Any], matrix: NDArray[Any], axes: Sequence[int]) -> NDArray[Any]:
    """A matrix on these axes, of which the first is the most significant bit of its index."""
    width = len(axes)
    found = np.tensordot(matrix.reshape((2,) * 2 * width), array, (range(width, 2 * width), axes))
    return np.moveaxis(found, range(width), axes)


def drawn(probabilities: NDArray[Any], shots: int, random: Any) -> dict[int, int]:
    """Counts of as many draws, by index; what has no probability does not come."""
    steps = np.cumsum(probabilities, dtype=np.float64)
    places = np.searchsorted(steps / steps[-1], random.random(shots), side="right")
    found, counts = np.unique(places, return_counts=True)
    return dict(zip(found.tolist(), counts.tolist(), strict=True))
