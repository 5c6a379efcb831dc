"""The lowest eigenvalue of a Pauli sum by the Lanczos method, in plain IEEE arithmetic: the same on every host.

Source: C. Lanczos, J. Res. Nat. Bur. Stand. 45, 255 (1950). Without reorthogonalisation, which the lowest
eigenvalue does not need: lost orthogonality only repeats it (C. C. Paige, J. Inst. Maths Applics 18, 341 (1976)).
"""

from __future__ import annotations

from math import sqrt
from typing import TYPE_CHECKING

from eigen.ir.ordered import ordered_sum
from eigen.lang.library.ansatz_circuits import free
from eigen.lang.library.arguments import ArgumentError

if TYPE_CHECKING:
    from eigen._core import Observable
    from eigen.lang.library.ansatz_circuits import Charge

MAX_QUBITS = 12
_STEPS = 200
_TOLERANCE = 1e-13

Vector = list[complex]
Bands = dict[int, Vector]  # x mask -> weight of each target state: (H v)[k] = sum over x of bands[x][k] * v[k ^ x]


def ground_energy(observable: Observable, *, charge: Charge = free) -> float:
    """The lowest eigenvalue of an observable on at most 12 qubits, to about 1e-10 of its norm."""
    if observable.num_qubits > MAX_QUBITS:
        raise ArgumentError(f"an exact energy is computed up to {MAX_QUBITS} qubits, not {observable.num_qubits}")
    size = 1 << observable.num_qubits
    terms = observable.terms
    charge(size * len(terms) // 4)
    bands = _bands(terms, size)
    if set(bands) <= {0}:
        return min((weight.real for weight in bands.get(0, [])), default=0.0)
    return _lanczos(bands, size, ordered_sum(abs(weight) for _, weight in terms), charge)


def _bands(terms: list[tuple[str, float]], size: int) -> Bands:
    """The matrix by its bands: X^x Z^z maps |k ^ x> to (-1)^|(k ^ x) & z| |k>."""
    bands: Bands = {}
    for label, weight in terms:
        x, z, factor = _masks(label, weight)
        band = bands.setdefault(x, [0j] * size)
        for state in range(size):
            band[state] += -factor if ((state ^ x) & z).bit_count() & 1 else factor
    return bands


def _masks(label: str, weight: float) -> tuple[int, int, complex]:
    """The x mask, the z mask and the weight times i for each Y (Y = i X Z)."""
    x = z = 0
    phase = 1 + 0j
    for word in label.split():
        bit = 1 << int(word[1:])
        x |= bit if word[0] in "XY" else 0
        z |= bit if word[0] in "ZY" else 0
        phase *= 1j if word[0] == "Y" else 1
    return x, z, weight * phase


def _apply(bands: Bands, vector: Vector) -> Vector:
    result = [0j] * len(vector)
    for x, band in bands.items():
        moved = vector if not x else [vector[state ^ x] for state in range(len(vector))]
        result = [sum_ + weight * item for sum_, weight, item in zip(result, band, moved, strict=True)]
    return result


def _start(size: int) -> Vector:
    """A fixed vector without symmetry, so that it overlaps with every eigenspace."""
    from eigen._core import Philox

    parts = Philox(0x5EED).uniform(2 * size)
    return [complex(parts[2 * k] + 0.5, parts[2 * k + 1] - 0.5) for k in range(size)]


def _norm(vector: Vector) -> float:
    return sqrt(ordered_sum(a.real * a.real + a.imag * a.imag for a in vector))


def _lanczos(bands: Bands, size: int, bound: float, charge: Charge) -> float:
    """`bound` is at least the norm of the matrix."""
    diagonal: list[float] = []
    beside: list[float] = []
    before: Vector = [0j] * size
    vector, norm, best = _start(size), 0.0, bound
    length = _norm(vector)
    vector = [a / length for a in vector]
    for step in range(min(3 * size + 20, _STEPS)):
        charge((len(bands) + 2) * size // 4)
        image = _apply(bands, vector)
        overlap = ordered_sum(a.real * b.real + a.imag * b.imag for a, b in zip(vector, image, strict=True))
        diagonal.append(overlap)
        image = [a - overlap * b - norm * c for a, b, c in zip(image, vector, before, strict=True)]
        norm = _norm(image)
        previous, best = best, _lowest(diagonal, beside, bound)
        if norm <= _TOLERANCE * bound or (step > 8 and abs(previous - best) <= _TOLERANCE * bound):
            break
        before, vector = vector, [a / norm for a in image]
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
