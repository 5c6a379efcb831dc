"""The lowest eigenvalue of a Pauli sum by the Lanczos method, in plain IEEE arithmetic: the same on every host.

Source: C. Lanczos, J. Res. Nat. Bur. Stand. 45, 255 (1950), with full reorthogonalisation.
"""

from __future__ import annotations

from math import sqrt
from typing import TYPE_CHECKING

from eigen.lang.library.ansatz_circuits import free
from eigen.lang.library.arguments import ArgumentError

if TYPE_CHECKING:
    from eigen._core import Observable
    from eigen.lang.library.ansatz_circuits import Charge

MAX_QUBITS = 12
_STEPS = 160
_TOLERANCE = 1e-13

Vector = list[complex]
Term = tuple[int, int, complex]  # x mask, z mask, coefficient times the i of each Y


def ground_energy(observable: Observable, *, charge: Charge = free) -> float:
    """The lowest eigenvalue of an observable on at most 12 qubits, to about 1e-10 of its norm."""
    if observable.num_qubits > MAX_QUBITS:
        raise ArgumentError(
            f"the exact ground energy is computed up to {MAX_QUBITS} qubits, not {observable.num_qubits}"
        )
    size = 1 << observable.num_qubits
    terms = [_term(label, weight) for label, weight in observable.terms]
    if all(not x for x, _, _ in terms):
        charge(size * len(terms) // 16)
        return min(sum(w.real * _sign(z & state) for _, z, w in terms) for state in range(size))
    return _lanczos(terms, size, charge)


def _term(label: str, weight: float) -> Term:
    x = z = 0
    phase = 1 + 0j
    for word in label.split():
        bit = 1 << int(word[1:])
        x |= bit if word[0] in "XY" else 0
        z |= bit if word[0] in "ZY" else 0
        phase *= 1j if word[0] == "Y" else 1
    return x, z, weight * phase


def _sign(bits: int) -> float:
    return -1.0 if bits.bit_count() & 1 else 1.0


def _apply(terms: list[Term], vector: Vector) -> Vector:
    """H v: X^x Z^z maps |k> to (-1)^|k & z| |k xor x>."""
    result = [0j] * len(vector)
    for x, z, weight in terms:
        for state, amplitude in enumerate(vector):
            result[state ^ x] += weight * amplitude * _sign(state & z)
    return result


def _dot(left: Vector, right: Vector) -> complex:
    return sum((a.conjugate() * b for a, b in zip(left, right, strict=True)), 0j)


def _start(size: int) -> Vector:
    """A fixed vector without symmetry, so that it overlaps with every eigenspace."""
    from eigen._core import Philox

    parts = Philox(0x5EED).uniform(2 * size)
    vector = [complex(parts[2 * k] + 0.5, parts[2 * k + 1] - 0.5) for k in range(size)]
    return _normalised(vector)[0]


def _normalised(vector: Vector) -> tuple[Vector, float]:
    norm = sqrt(sum(a.real * a.real + a.imag * a.imag for a in vector))
    return ([a / norm for a in vector] if norm else vector), norm


def _lanczos(terms: list[Term], size: int, charge: Charge) -> float:
    basis = [_start(size)]
    diagonal: list[float] = []
    beside: list[float] = []
    bound = sum(abs(weight) for _, _, weight in terms)
    best = bound
    for step in range(min(size, _STEPS)):
        charge((len(terms) + len(basis)) * size // 16)
        image = _apply(terms, basis[-1])
        diagonal.append(_dot(basis[-1], image).real)
        for _ in range(2):  # twice is enough (Parlett, The Symmetric Eigenvalue Problem, section 6.9)
            for known in basis:
                overlap = _dot(known, image)
                image = [a - overlap * b for a, b in zip(image, known, strict=True)]
        following, norm = _normalised(image)
        previous, best = best, _lowest(diagonal, beside, bound)
        if norm <= _TOLERANCE * bound or (step > 8 and abs(previous - best) <= _TOLERANCE * bound):
            break
        basis.append(following)
        beside.append(norm)
    return best


def _lowest(diagonal: list[float], beside: list[float], bound: float) -> float:
    """The lowest eigenvalue of a symmetric tridiagonal matrix by bisection on Sturm counts."""
    low, high = -bound, min(diagonal)
    while True:
        middle = low + (high - low) / 2
        if middle in (low, high):
            return middle
        if _has_eigenvalue_below(diagonal, beside, middle):
            high = middle
        else:
            low = middle


def _has_eigenvalue_below(diagonal: list[float], beside: list[float], value: float) -> bool:
    pivot = 1.0
    for index, entry in enumerate(diagonal):
        pivot = entry - value - (beside[index - 1] * beside[index - 1] / pivot if index else 0.0)
        if pivot < 0:
            return True
        pivot = pivot or 1e-300
    return False
