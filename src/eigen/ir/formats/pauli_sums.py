"""Matrices on qubits as sums of Pauli strings, from the entries that are not zero."""

# pyright: reportUnknownMemberType=false, reportUnknownVariableType=false, reportUnknownArgumentType=false
# pyright: reportMissingTypeStubs=false

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from eigen.errors import EigenError

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

MAX_WORK = 1 << 26
"""Entries that are looked at: diagonals (flips of bits) with something in them, times the dimension."""
MAX_QUBITS = 24


def pauli_terms(matrix: Any, num_qubits: int) -> dict[str, complex]:
    """Label to weight of a square matrix: what SciPy reads as a sparse matrix, qubit 0 the most significant factor.

    An entry <j^x| M |j> belongs to strings that flip the bits x; over j they are a Walsh-Hadamard transform of the
    weights. What is left of a weight that the transform's own rounding could have made is zero. The identity is "".
    Raises EIGEN_LIMIT_EXCEEDED.
    """
    import numpy as np

    if num_qubits > MAX_QUBITS:
        raise EigenError(
            "EIGEN_LIMIT_EXCEEDED", f"a matrix on `{num_qubits}` qubits, and at most {MAX_QUBITS} are read"
        )
    from scipy import sparse

    entries = sparse.coo_matrix(matrix)
    entries.sum_duplicates()
    rows, columns = entries.row.astype(np.int64), entries.col.astype(np.int64)
    flips = rows ^ columns
    dimension = 1 << num_qubits
    found = np.unique(flips)
    if len(found) * dimension > MAX_WORK:
        work = len(found) * dimension
        raise EigenError(
            "EIGEN_LIMIT_EXCEEDED", f"the matrix takes `{work}` entries to read as Pauli strings, of {MAX_WORK}"
        )
    terms: dict[str, complex] = {}
    for flip in found.tolist():
        here = flips == flip
        values = np.zeros(dimension, dtype=np.complex128)
        values[columns[here]] = entries.data[here]
        weights = _transform(values, num_qubits) / dimension
        rounding = (num_qubits + 1) * np.finfo(float).eps * np.abs(values).max()
        for phase in np.flatnonzero(np.abs(weights) > rounding).tolist():
            turn = (-1j) ** (flip & phase).bit_count()
            terms[_label(flip, phase, num_qubits)] = _cleaned(complex(weights[phase]) * turn, rounding)
    return terms


def _transform(values: NDArray[np.complex128], num_qubits: int) -> NDArray[np.complex128]:
    """The sums of values over j with the signs (-1)^(z·j), for all z."""
    import numpy as np

    for bit in range(num_qubits):
        pairs = values.reshape(-1, 2, 1 << bit)
        values = np.stack((pairs[:, 0] + pairs[:, 1], pairs[:, 0] - pairs[:, 1]), axis=1).reshape(-1)
    return values


def _cleaned(weight: complex, rounding: float) -> complex:
    """The weight without a real or imaginary part that rounding made."""
    real, imaginary = (part if abs(part) > rounding else 0.0 for part in (weight.real, weight.imag))
    return complex(real, imaginary)


def _label(flip: int, phase: int, num_qubits: int) -> str:
    letters = {(1, 0): "X", (1, 1): "Y", (0, 1): "Z"}
    places = ((qubit, num_qubits - 1 - qubit) for qubit in range(num_qubits))
    pairs = ((qubit, (flip >> bit & 1, phase >> bit & 1)) for qubit, bit in places)
    return " ".join(f"{letters[pair]}{qubit}" for qubit, pair in pairs if pair != (0, 0))
