"""States of QuTiP's as what an evolution starts from: bits, one Bloch vector for each qubit, or a circuit."""

# pyright: reportUnknownMemberType=false, reportUnknownVariableType=false, reportUnknownArgumentType=false

from __future__ import annotations

import cmath
from math import atan2, pi
from typing import TYPE_CHECKING, Any

from eigen.errors import EigenError
from eigen.ir.circuit import Circuit, CircuitBuilder
from eigen.ir.formats.objects import refused

if TYPE_CHECKING:
    from collections.abc import Sequence

    import numpy as np
    from numpy.typing import NDArray

    Vector = NDArray[np.complex128]

NAME = "qutip"
ROUNDING = 1e-13  # of an amplitude, where a state is recognised
NORM = 1e-9  # how far a norm may be from 1
MAX_QUBITS = 12  # of an entangled state: the circuit has 2^(n+2) gates


def initial_of(state: Any, num_qubits: int) -> str | list[tuple[float, float]] | Circuit:
    """The initial state, up to its global phase, from a ket or from a density matrix that is pure."""
    import numpy as np

    vector = _vector(state, num_qubits)
    norm = float(np.linalg.norm(vector))
    if not abs(norm - 1) <= NORM:
        raise refused(NAME, f"the initial state has the norm `{norm}`, which is not 1", "normalise it: `.unit()`")
    vector = vector / norm
    places = np.flatnonzero(np.abs(vector) > 0)
    if len(places) == 1:
        return format(int(places[0]), f"0{num_qubits}b")
    return _product(vector, num_qubits) or _prepared(vector, num_qubits)


def _vector(state: Any, num_qubits: int) -> Vector:
    """The amplitudes, qubit 0 the least significant bit of the index."""
    import numpy as np

    kind = getattr(state, "type", None)
    if kind not in ("ket", "oper"):
        raise refused(NAME, f"the initial state is no ket and no density matrix, but of the type `{kind}`")
    if state.dims[0] != [2] * num_qubits:
        raise refused(
            NAME, f"the initial state has the dims `{state.dims}`, which are not those of {num_qubits} qubits"
        )
    if kind == "ket":
        amplitudes = state.full()[:, 0]
    else:
        matrix = state.full()
        column = int(np.argmax(np.real(np.diagonal(matrix))))
        amplitudes = matrix[:, column] / np.sqrt(max(np.real(matrix[column, column]), np.finfo(float).tiny))
        if np.abs(np.outer(amplitudes, amplitudes.conj()) - matrix).max() > ROUNDING:
            raise refused(NAME, "the initial state is mixed, and an evolution starts from a pure one")
    return amplitudes.reshape([2] * num_qubits).transpose().reshape(-1)


def _product(vector: Vector, num_qubits: int) -> list[tuple[float, float]] | None:
    """One Bloch vector for each qubit, where the state is a product."""
    import numpy as np

    peak = int(np.argmax(np.abs(vector)))
    angles: list[tuple[float, float]] = []
    made = np.ones(1, dtype=np.complex128)
    for qubit in range(num_qubits):
        zero, one = complex(vector[peak & ~(1 << qubit)]), complex(vector[peak | 1 << qubit])
        polar, azimuth = 2 * atan2(abs(one), abs(zero)), cmath.phase(one * zero.conjugate()) if one and zero else 0.0
        angles.append((polar, azimuth))
        made = np.kron([np.cos(polar / 2), cmath.exp(1j * azimuth) * np.sin(polar / 2)], made)
    turn = vector[peak] / made[peak]
    return angles if np.abs(vector - turn * made).max() <= ROUNDING else None


def _prepared(vector: Vector, num_qubits: int) -> Circuit:
    """A circuit that makes the state from |0…0>, by uniformly controlled rotations (Möttönen et al., 2005)."""
    import numpy as np

    if num_qubits > MAX_QUBITS:
        message = f"an entangled initial state of `{num_qubits}` qubits; a circuit for one is made up to {MAX_QUBITS}"
        raise EigenError("EIGEN_LIMIT_EXCEEDED", message)
    polar: list[NDArray[np.float64]] = []
    azimuth: list[NDArray[np.float64]] = []
    sizes, phases = np.abs(vector), np.angle(vector)
    for _ in range(num_qubits):
        low, high = sizes[0::2], sizes[1::2]
        polar.append(2 * np.arctan2(high, low))
        azimuth.append(phases[1::2] - phases[0::2])
        sizes, phases = np.hypot(low, high), (phases[0::2] + phases[1::2]) / 2
    builder = CircuitBuilder(num_qubits)
    for qubit in reversed(range(num_qubits)):
        _rotate(builder, "RY", qubit, polar[qubit], num_qubits)
    for qubit in reversed(range(num_qubits)):
        _rotate(builder, "RZ", qubit, azimuth[qubit], num_qubits)
    return builder.build()


def _rotate(builder: CircuitBuilder, name: str, qubit: int, angles: Any, num_qubits: int) -> None:
    """A rotation of a qubit by an angle for each state of the qubits above it, in the order of a Gray code."""
    import numpy as np

    if not np.any(angles):
        return
    controls = num_qubits - 1 - qubit
    size = 1 << controls
    signs = np.ones((1, 1))
    for _ in range(controls):
        signs = np.kron([[1.0, 1.0], [1.0, -1.0]], signs)
    shares: Sequence[float] = (signs @ angles / size).tolist()
    for step in range(size):
        builder.gate(name, [qubit], [shares[step ^ step >> 1] % (4 * pi)])
        if controls:
            changed = min(((step + 1) & -(step + 1)).bit_length() - 1, controls - 1)
            builder.gate("CX", [qubit + 1 + changed, qubit])
