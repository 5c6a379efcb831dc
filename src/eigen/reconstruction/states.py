"""Density matrices from the frequencies of Pauli measurements, and back. Pure functions of arrays.

Frequencies have an axis for settings and one for outcomes: `frequencies[s, o]`, shape (3^n, 2^n). The letter of qubit k
in setting s is `XYZ[(s // 3^k) % 3]`, its outcome the bit k of o. Qubit 0 is the least significant bit of an index of a
state.
"""

from __future__ import annotations

from functools import cache
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    Real = NDArray[np.float64]
    Complex = NDArray[np.complex128]

LETTERS = "XYZ"


@cache
def _paulis() -> Complex:
    """X, Y and Z, shape (3, 2, 2)."""
    import numpy as np

    return np.array([[[0, 1], [1, 0]], [[0, -1j], [1j, 0]], [[1, 0], [0, -1]]], dtype=np.complex128)


@cache
def _effects() -> Complex:
    """`effects[l, b]` projects on the outcome b of letter l, shape (3, 2, 2, 2)."""
    import numpy as np

    signs = np.array([1.0, -1.0])[None, :, None, None]
    return (np.eye(2) + signs * _paulis()[:, None]) / 2


@cache
def _duals() -> Complex:
    """What an outcome adds to the linear inversion, shape (3, 2, 2, 2)."""
    import numpy as np

    signs = np.array([1.0, -1.0])[None, :, None, None]
    return (np.eye(2) / 3 + signs * _paulis()[:, None]) / 2


def pauli_expectations(frequencies: Real) -> Real:
    """The expectation value of each Pauli string, shape (..., 4^n), each the mean over all settings that have it.

    Digit k of the index to base 4 is the letter of qubit k in `IXYZ`. `frequencies` may have axes before its last two.
    """
    import numpy as np

    size = frequencies.shape[-1].bit_length() - 1
    batch = frequencies.shape[:-2]
    found = frequencies.reshape(-1, 3**size, 2**size, 1)
    for left in range(size - 1, -1, -1):
        parts = found.reshape(len(found), 3, 3**left, 2, 2**left, -1)
        # The identity is measured in each setting of a qubit, a letter in its own.
        same = (parts[:, :, :, 0] + parts[:, :, :, 1]).mean(axis=1)
        differs = parts[:, :, :, 0] - parts[:, :, :, 1]
        found = np.stack([same, differs[:, 0], differs[:, 1], differs[:, 2]], axis=-1)
        found = found.reshape(len(found), 3**left, 2**left, -1)
    return found.reshape(*batch, 4**size)


def from_expectations(values: Real) -> Complex:
    """`2^-n sum_P <P> P`, shape (..., 2^n, 2^n), of expectation values as `pauli_expectations` lays them out."""
    import numpy as np

    size = (values.shape[-1].bit_length() - 1) // 2
    batch = values.shape[:-1]
    found = values.reshape(-1, 4**size, 1, 1).astype(np.complex128)
    for left in range(size - 1, -1, -1):
        rows = found.shape[-1]
        same, x, y, z = np.moveaxis(found.reshape(len(found), 4, 4**left, rows, rows), 1, 0) / 2
        blocks = np.empty((len(same), 4**left, rows, 2, rows, 2), dtype=np.complex128)
        blocks[..., 0, :, 0] = same + z
        blocks[..., 0, :, 1] = x - 1j * y
        blocks[..., 1, :, 0] = x + 1j * y
        blocks[..., 1, :, 1] = same - z
        found = blocks.reshape(len(same), 4**left, 2 * rows, 2 * rows)
    return found.reshape(*batch, 2**size, 2**size)


def linear_inversion(frequencies: Real) -> Complex:
    """The matrix with the expectation values that were found, shape (..., 2^n, 2^n): trace 1 and Hermitian, not always
    positive; unbiased."""
    return from_expectations(pauli_expectations(frequencies))


def born(matrix: Complex) -> Real:
    """The probabilities of a density matrix, as frequencies are laid out, shape (3^n, 2^n)."""
    return _contracted(matrix, _effects())


def weights(matrix: Complex) -> Real:
    """`w` with `Tr(matrix linear_inversion(f)) = sum w f` for all frequencies f, shape (3^n, 2^n)."""
    return _contracted(matrix, _duals())


def _contracted(matrix: Complex, operators: Complex) -> Real:
    """The traces of a matrix with each product of operators on single qubits."""
    import numpy as np

    size = len(matrix).bit_length() - 1
    found = matrix.reshape(1, 1, 2**size, 2**size)
    for left in range(size - 1, -1, -1):
        settings, outcomes = found.shape[:2]
        parts = found.reshape(settings, outcomes, 2, 2**left, 2, 2**left)
        found = np.einsum("soirjc,lbji->slobrc", parts, operators, optimize=True)
        found = found.reshape(settings * 3, outcomes * 2, 2**left, 2**left)
    return np.ascontiguousarray(found[:, :, 0, 0].real)


def nearest_state(matrix: Complex) -> Complex:
    """The density matrix with the least Frobenius distance to a Hermitian matrix of trace 1, shape (..., d, d).

    Its eigenvectors are those of the matrix, its eigenvalues the nearest point of the simplex (Smolin, Gambetta and
    Smith, Phys. Rev. Lett. 108, 070502 (2012)).
    """
    import numpy as np

    values, vectors = np.linalg.eigh((matrix + np.conj(np.swapaxes(matrix, -1, -2))) / 2)
    kept = nearest_probabilities(values)
    found: Complex = np.multiply(vectors, kept[..., None, :], dtype=np.complex128) @ np.conj(
        np.swapaxes(vectors, -1, -2)
    )
    return found


def nearest_probabilities(values: Real) -> Real:
    """The probabilities nearest to real numbers that add up to 1; `values[..., k]` ascend with k.

    The smallest ones become 0, and what they lack is taken from the others alike.
    """
    import numpy as np

    many = values.shape[-1]
    falling = values[..., ::-1]
    left: Real = np.arange(1.0, many + 1)
    shares: Real = (1.0 - np.cumsum(falling, axis=-1)) / left
    last = np.sum(falling + shares > 0, axis=-1, keepdims=True) - 1
    shift = np.take_along_axis(shares, np.maximum(last, 0), axis=-1)
    kept = np.maximum(values + shift, 0.0)
    return kept / kept.sum(axis=-1, keepdims=True)


def purity(matrix: Complex) -> float:
    """`Tr rho^2`, from 2^-n to 1."""
    import numpy as np

    return float(np.sum(np.abs(matrix) ** 2))


def fidelity(matrix: Complex, ideal: Complex) -> Real:
    """`(Tr sqrt(sqrt(ideal) rho sqrt(ideal)))^2`, shape (...): `<psi|rho|psi>` where the ideal state is pure."""
    import numpy as np

    values, vectors = np.linalg.eigh(ideal)
    if is_pure(ideal):
        psi = vectors[:, -1]
        return np.einsum("i,...ij,j->...", psi.conj(), matrix, psi).real
    root = (vectors * np.sqrt(np.maximum(values, 0.0))) @ vectors.conj().T
    inner = np.linalg.eigvalsh(root @ matrix @ root)
    return np.sqrt(np.maximum(inner, 0.0)).sum(axis=-1) ** 2


def is_pure(matrix: Complex) -> bool:
    """Whether a density matrix is that of one state vector, up to rounding."""
    return purity(matrix) > 1 - 1e-9
