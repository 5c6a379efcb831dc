"""The measurements of a tomography: one circuit with open angles, and a sweep over what they stand for.

A turn `U(theta, phi, -phi)` before each measurement takes X, Y or Z to the axis that is measured. It is there in every
setting, also where it turns by nothing, so that noise of the turn is the same in all of them.
"""

from __future__ import annotations

from math import pi
from typing import TYPE_CHECKING, Any

from eigen.errors import EigenError
from eigen.ir.circuit import Affine, CircuitBuilder, core_errors
from eigen.reconstruction.states import LETTERS

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    import numpy as np
    from numpy.typing import NDArray

    from eigen.ir.circuit import Circuit
    from eigen.types import Json

MOST_QUBITS = 6
TURNS = {"X": (-pi / 2, 0.0), "Y": (-pi / 2, pi / 2), "Z": (0.0, 0.0)}
"""`theta` and `phi` of the turn that takes a letter to Z."""


def prepared(circuit: Circuit) -> Circuit:
    """The circuit without the measurements at its end.

    Raises EigenError: EIGEN_CIRCUIT_PARAMETERS for open parameters, EIGEN_SIM_UNSUPPORTED for a circuit that measures
    on the way, resets or decides.
    """
    if circuit.parameters:
        names = ", ".join(f"`{name[:40]}`" for name in circuit.parameters[:5])
        raise EigenError(
            "EIGEN_CIRCUIT_PARAMETERS", f"the circuit has open parameters: {names}", hint="bind them first"
        )
    measured: set[int] = set()
    for place, operation in enumerate(circuit.instructions()):
        if operation.name in {"BARRIER", "DELAY"}:
            continue
        touched = sorted(measured.intersection(operation.qubits))
        if touched:
            message = f"operation {place} (`{operation.name}`) acts on qubit `{touched[0]}` after it was measured"
            raise EigenError("EIGEN_SIM_UNSUPPORTED", message, hint="tomography takes circuits that measure at the end")
        if operation.name == "RESET" or operation.blocks or operation.condition or operation.computation:
            message = f"tomography takes gates without conditions, not operation {place} (`{operation.name}`)"
            raise EigenError("EIGEN_SIM_UNSUPPORTED", message, hint="the state must be that of gates alone")
        if operation.name == "MEASURE":
            measured.update(operation.qubits)
    with core_errors():
        return circuit.without_measurements()


def chosen(circuit: Circuit, qubits: Sequence[int] | None) -> tuple[int, ...]:
    """The qubits whose state is asked for, in the order of the result; all of them when none are named.

    Raises EigenError: EIGEN_USAGE for qubits that are not there or named twice, EIGEN_LIMIT_EXCEEDED beyond 6.
    """
    found = tuple(range(circuit.num_qubits)) if qubits is None else tuple(qubits)
    for place, qubit in enumerate(found):
        if not 0 <= qubit < circuit.num_qubits:
            message = f"there is no qubit `{qubit}` among the {circuit.num_qubits} of the circuit"
            raise EigenError("EIGEN_USAGE", message, hint="qubits count from 0")
        if qubit in found[:place]:
            raise EigenError("EIGEN_USAGE", f"qubit `{qubit}` is named twice")
    if not 1 <= len(found) <= MOST_QUBITS:
        message = f"tomography takes 1 to {MOST_QUBITS} qubits, not `{len(found)}`: the settings are 3^n"
        raise EigenError("EIGEN_LIMIT_EXCEEDED", message, hint="name the qubits whose state you want: `qubits=[0, 1]`")
    return found


def measured(circuit: Circuit, qubits: Sequence[int]) -> Circuit:
    """The circuit with a turn `theta<k>`, `phi<k>` and a measurement into bit k for `qubits[k]`."""
    size, others = len(qubits), circuit.num_clbits
    names = [f"{angle}{k}" for k in range(size) for angle in ("theta", "phi")]
    with core_errors():
        builder = CircuitBuilder(circuit.num_qubits, size + others, parameters=names, name=circuit.name or "tomography")
        builder.append(circuit, list(range(circuit.num_qubits)), list(range(size, size + others)))
        for k, qubit in enumerate(qubits):
            phi = Affine.symbol(f"phi{k}")
            builder.gate("U", [qubit], [Affine.symbol(f"theta{k}"), phi, -phi])
        builder.measure(list(qubits), list(range(size)))
        return builder.build()


def settings(size: int) -> list[str]:
    """The settings of some qubits, such as `XYZ`: character k from the right is the letter of qubit k."""
    return ["".join(LETTERS[s // 3**k % 3] for k in reversed(range(size))) for s in range(3**size)]


def sweep(size: int) -> dict[str, Json]:
    """All settings as the field `sweep` of a job: point s is setting s."""
    parameters: dict[str, Any] = {}
    for k in range(size):
        letters = [setting[-1 - k] for setting in settings(size)]
        parameters[f"theta{k}"] = [TURNS[letter][0] for letter in letters]
        parameters[f"phi{k}"] = [TURNS[letter][1] for letter in letters]
    return {"mode": "zip", "parameters": parameters}


def frequencies(columns: Sequence[Mapping[str, int]], size: int) -> NDArray[np.float64]:
    """What was counted in each setting, as shares of its shots, shape (3^size, 2^size)."""
    import numpy as np

    found = np.zeros((3**size, 2**size))
    for row, counts in zip(found, columns, strict=True):
        for outcome, count in counts.items():
            row[int(outcome, 2) % 2**size] += count
    return found / found.sum(axis=1, keepdims=True)
