"""Dense matrices of an evolution, by formulas that share nothing with the engine."""

from __future__ import annotations

import numpy as np
import scipy.linalg

from eigen.ir import Observable

Array = np.ndarray

X = np.array([[0, 1], [1, 0]], dtype=complex)
Y = np.array([[0, -1j], [1j, 0]], dtype=complex)
Z = np.diag([1, -1]).astype(complex)
LOWER = np.array([[0, 1], [0, 0]], dtype=complex)
LETTERS = {"I": np.eye(2, dtype=complex), "X": X, "Y": Y, "Z": Z}


def embedded(operators: dict[int, Array], num_qubits: int) -> Array:
    """The product of one-qubit operators; qubit 0 is the least significant bit."""
    out = np.eye(1, dtype=complex)
    for qubit in reversed(range(num_qubits)):
        out = np.kron(out, operators.get(qubit, LETTERS["I"]))
    return out


def pauli(label: str, num_qubits: int) -> Array:
    """The matrix of a label as in `X0 Z3`."""
    return embedded({int(word[1:]): LETTERS[word[0]] for word in label.split()}, num_qubits)


def jump(label: str, num_qubits: int) -> Array:
    """The matrix of a collapse operator."""
    if label[:2] in {"S-", "S+"}:
        return embedded({int(label[2:]): LOWER if label[1] == "-" else LOWER.T}, num_qubits)
    if label[0] == "N":
        return embedded({int(label[1:]): LOWER.T @ LOWER}, num_qubits)
    return pauli(label, num_qubits)


def lindbladian(hamiltonian: Array, collapse: list[tuple[Array, float]]) -> Array:
    """The superoperator on row-major density matrices."""
    one = np.eye(len(hamiltonian))
    out = -1j * (np.kron(hamiltonian, one) - np.kron(one, hamiltonian.T))
    for operator, rate in collapse:
        weight = operator.conj().T @ operator
        out += rate * np.kron(operator, operator.conj())
        out -= rate / 2 * (np.kron(weight, one) + np.kron(one, weight.T))
    return out


def evolved(hamiltonian: Array, time: float, state: Array) -> Array:
    """exp(-i H t) psi."""
    values, vectors = np.linalg.eigh(hamiltonian)
    return vectors @ (np.exp(-1j * time * values) * (vectors.conj().T @ state))


def mixed(hamiltonian: Array, collapse: list[tuple[Array, float]], time: float, rho: Array) -> Array:
    """The solution of the Lindblad equation."""
    power = scipy.linalg.expm(time * lindbladian(hamiltonian, collapse))
    return (power @ rho.reshape(-1)).reshape(rho.shape)


def ising(num_qubits: int, field: float = 0.8) -> Observable:
    """The transverse-field Ising chain with open ends."""
    bonds = [(f"Z{k} Z{k + 1}", -1.0) for k in range(num_qubits - 1)]
    return Observable.from_terms(num_qubits, bonds + [(f"X{k}", -field) for k in range(num_qubits)])


def basis(bits: str) -> Array:
    """A basis state, qubit 0 rightmost."""
    out = np.zeros(1 << len(bits), dtype=complex)
    out[int(bits, 2)] = 1
    return out
