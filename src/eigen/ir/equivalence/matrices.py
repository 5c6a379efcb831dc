"""The matrices of gates, and their action on some bits of an index."""

from __future__ import annotations

from typing import TYPE_CHECKING

from eigen.ir.circuit import gate_matrix

if TYPE_CHECKING:
    from collections.abc import Sequence

    import numpy as np
    from numpy.typing import NDArray

    from eigen.ir.circuit import Instruction

    Operator = NDArray[np.complex128]


def matrix_of(op: Instruction) -> Operator:
    """The matrix of a gate on all its qubits, its parameters being numbers."""
    import numpy as np

    rows = gate_matrix(
        op.name,
        [value for value in op.params if isinstance(value, float)],
        len(op.qubits),
        num_controls=op.num_controls,
        ctrl_state=op.ctrl_state or None,
        inverse=op.inverse,
        power=op.power,
        matrix=op.matrix,
        pauli=op.pauli or None,
    )
    return np.array(rows, dtype=complex)


def distance_from_phase(unitary: Operator) -> float:
    """The least spectral norm of a unitary minus a phase: 2 sin(a/4) for an arc a that holds all its eigenvalues."""
    import numpy as np

    angles = np.sort(np.angle(np.linalg.eigvals(unitary)))
    gaps = np.append(np.diff(angles), angles[0] + 2 * np.pi - angles[-1])
    return float(2 * np.sin(max(2 * np.pi - gaps.max(), 0.0) / 4))


def times(matrix: Operator, operator: Operator, places: Sequence[int]) -> Operator:
    """A matrix on some bits of the row index of an operator."""
    import numpy as np

    width = len(operator).bit_length() - 1
    count = len(places)
    if count == 1:
        return (matrix @ operator.reshape(1 << (width - 1 - places[0]), 2, -1)).reshape(operator.shape)
    if count == width and list(places) == list(range(width)):
        return matrix @ operator
    axes = [width - 1 - place for place in reversed(places)]
    tensor = operator.reshape((2,) * width + (-1,))
    moved = np.tensordot(matrix.reshape((2,) * (2 * count)), tensor, axes=(range(count, 2 * count), axes))
    return np.moveaxis(moved, range(count), axes).reshape(operator.shape)
