"""The right answers: a dense state vector, slow, from the matrices of the gate table and nothing else.

Qubit 0 is the least significant bit of a state's index; the first qubit of a gate is that of its matrix.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from eigen import _core

if TYPE_CHECKING:
    from collections.abc import Sequence

    import numpy as np
    from numpy.typing import NDArray

    from eigen.ir import Circuit, Observable

    Array = NDArray[np.complex128]

QUIET = frozenset({"BARRIER", "DELAY"})
BEFORE = {"X": ("H",), "Y": ("Sdg", "H"), "Z": ()}
"""What turns a measurement in a basis into one in the Z basis, in order."""


def applied(state: Array, matrix: Array, qubits: Sequence[int]) -> Array:
    """A state of 2^n amplitudes after a matrix on some qubits."""
    import numpy as np

    width = len(state).bit_length() - 1
    axes = [width - 1 - qubit for qubit in reversed(qubits)]
    tensor = np.moveaxis(state.reshape((2,) * width), axes, range(len(axes)))
    shape = tensor.shape
    turned = (matrix @ tensor.reshape(len(matrix), -1)).reshape(shape)
    return np.moveaxis(turned, range(len(axes)), axes).reshape(-1)


def matrix_of(item: _core.Instruction) -> Array:
    """The matrix of a gate whose parameters are numbers."""
    import numpy as np

    found = _core.gate_matrix(
        item.name,
        [float(value) for value in item.params],  # pyright: ignore[reportArgumentType]
        len(item.qubits),
        matrix=item.matrix,
        pauli=item.pauli or None,
        inverse=item.inverse,
        power=item.power,
        num_controls=item.num_controls,
        ctrl_state=item.ctrl_state or None,
    )
    return np.array(found, dtype=np.complex128)


def run(circuit: Circuit, values: Sequence[float] = ()) -> tuple[Array, dict[int, int]]:
    """The state before its final measurements, turned to the Z basis, and the qubit that each classical bit reads."""
    import numpy as np

    state = np.zeros(1 << circuit.num_qubits, dtype=np.complex128)
    state[0] = 1.0
    reads: dict[int, int] = {}
    for item in circuit.bind(list(values)).instructions():
        if item.name == "MEASURE":
            reads |= dict(zip(item.clbits, item.qubits, strict=True))
            for qubit in item.qubits:
                for name in BEFORE[item.basis]:
                    state = applied(state, np.array(_core.gate_matrix(name)), (qubit,))
        elif item.name not in QUIET:
            state = applied(state, matrix_of(item), item.qubits)
    return state, reads


def distribution(circuit: Circuit, values: Sequence[float] = ()) -> dict[str, float]:
    """The probabilities of the outcomes `c[n-1]…c[0]` of a circuit that measures at its end, but for zeros."""
    state, reads = run(circuit, values)
    return read_out((abs(state) ** 2).tolist(), reads, circuit.num_clbits)


def read_out(weights: Sequence[float], reads: dict[int, int], clbits: int) -> dict[str, float]:
    """Outcomes from the probabilities of basis states; `reads` says which qubit each classical bit reads."""
    found: dict[str, float] = {}
    for index, weight in enumerate(weights):
        if weight > 1e-15:
            outcome = "".join(str(index >> reads[bit] & 1) if bit in reads else "0" for bit in reversed(range(clbits)))
            found[outcome] = found.get(outcome, 0.0) + weight
    return found


def expectation(circuit: Circuit, observable: Observable, values: Sequence[float] = ()) -> float:
    """The exact expectation value after a circuit without measurements."""
    import numpy as np

    state, _ = run(circuit, values)
    total = 0.0
    for label, weight in observable.terms:
        turned = state
        for factor in label.split():
            turned = applied(turned, np.array(_core.gate_matrix(factor[0])), (int(factor[1:]),))
        total += weight * float(np.vdot(state, turned).real)
    return total
