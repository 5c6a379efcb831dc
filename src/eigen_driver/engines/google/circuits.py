"""Circuits in the gates of Google's machines, gate by gate, so that nothing is merged or left out: turns about Z are
virtual, every other gate of one qubit is a PhasedXZ, CZ is the machine's own or two square roots of iSWAP.

Classical bit k is measured under the key `ck`, in a last moment of its own.
"""

# Cirq is loaded when the engine starts.
# pyright: reportUnknownMemberType=false, reportUnknownVariableType=false, reportUnknownArgumentType=false
# pyright: reportMissingTypeStubs=false, reportMissingImports=false, reportUnknownLambdaType=false

from __future__ import annotations

from math import pi
from typing import TYPE_CHECKING, Any

from eigen_driver.circuit import Operation
from eigen_driver.failure import RefusedError
from eigen_driver.matrices import matrix_of
from eigen_driver.walk import BEFORE

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from eigen_driver import Circuit

TURNS = {"Z": pi, "S": pi / 2, "Sdg": -pi / 2, "T": pi / 4, "Tdg": -pi / 4}
"""Fixed turns about Z."""
ANGLES = {"RZ": "theta", "P": "lambda"}
SINGLE = ("I", "X", "Y", "H", "SX", "SXdg", "RX", "RY", "U", *TURNS, *ANGLES)
SILENT = frozenset({"BARRIER", "DELAY", "GPHASE"})
CZ, SQRT_ISWAP = "cz", "sqrt_iswap"


def written(circuit: Circuit, values: Mapping[str, float], qubits: Sequence[Any], native: str) -> Any:
    """A circuit of Cirq's, where qubit k is `qubits[k]`; `native` is the two-qubit gate that CZ is made of."""
    import cirq

    if circuit.is_dynamic:
        raise RefusedError("EIGEN_SIM_UNSUPPORTED", "this machine measures at the end, and decides nothing on the way")
    pairs: dict[int, int] = {}
    gates: list[Any] = []
    for item in circuit.operations:
        if item.name == "MEASURE":
            pairs |= dict(zip(item.clbits, item.qubits, strict=True))
            for qubit in item.qubits:
                for name in BEFORE[item.basis]:
                    gates += _single(Operation(name, (qubit,)), {}, qubits[qubit])
        elif item.name not in SILENT:
            gates += _gate(item, values, [qubits[qubit] for qubit in item.qubits], native)
    measured = [cirq.measure(qubits[qubit], key=f"c{bit}") for bit, qubit in sorted(pairs.items())]
    found = cirq.Circuit(gates)
    return found + cirq.Moment(measured) if measured else found


def read(measurements: Mapping[str, Any]) -> dict[int, int]:
    """Counts of results: arrays of shape (shots, 1) by the key of each classical bit."""
    import numpy as np

    bits = sorted(int(key[1:]) for key in measurements)
    rows = np.concatenate([np.asarray(measurements[f"c{bit}"]).reshape(-1, 1) for bit in bits], axis=1)
    found, counts = np.unique(rows, axis=0, return_counts=True)
    return {
        sum(int(value) << bit for value, bit in zip(row, bits, strict=True)): int(count)
        for row, count in zip(found, counts, strict=True)
    }


def _gate(item: Operation, values: Mapping[str, float], qubits: Sequence[Any], native: str) -> Iterator[Any]:
    import cirq

    if item.name == "CZ" and native == CZ:
        yield cirq.CZ(*qubits)
    elif item.name == "CZ":
        first, second = qubits
        for operation in cirq.two_qubit_matrix_to_sqrt_iswap_operations(first, second, cirq.unitary(cirq.CZ)):
            if len(operation.qubits) == 2:
                yield operation
            else:
                yield _phased(cirq.unitary(operation), operation.qubits[0])
    else:
        yield from _single(item, values, qubits[0])


def _single(item: Operation, values: Mapping[str, float], qubit: Any) -> Iterator[Any]:
    import cirq

    if item.name in TURNS or item.name in ANGLES:
        angle = TURNS[item.name] if item.name in TURNS else item.angles(values, ANGLES[item.name])[0]
        yield (cirq.Z ** (angle / pi))(qubit)
    else:
        yield _phased(matrix_of(item, values), qubit)


def _phased(matrix: Any, qubit: Any) -> Any:
    """A unitary of one qubit, up to a phase, as one gate."""
    import cirq

    return cirq.PhasedXZGate.from_matrix(matrix)(qubit)
