"""Circuits as OpenQASM 3 of Amazon Braket: on the qubits that they use, the first of them 0."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from eigen_driver.failure import RefusedError
from eigen_driver.matrices import PARAMETERS

if TYPE_CHECKING:
    from eigen_driver.asks import Sample
    from eigen_driver.engine import Device

GATES = {
    "I": "i",
    "X": "x",
    "Y": "y",
    "Z": "z",
    "H": "h",
    "S": "s",
    "Sdg": "si",
    "T": "t",
    "Tdg": "ti",
    "SX": "v",
    "SXdg": "vi",
    "RX": "rx",
    "RY": "ry",
    "RZ": "rz",
    "P": "phaseshift",
    "CX": "cnot",
    "CY": "cy",
    "CZ": "cz",
    "CP": "cphaseshift",
    "SWAP": "swap",
    "ISWAP": "iswap",
    "ECR": "ecr",
    "RXX": "xx",
    "RYY": "yy",
    "RZZ": "zz",
    "CCX": "ccnot",
    "CSWAP": "cswap",
}
"""Gates by Braket's names for them."""
HEADER = {"name": "braket.ir.openqasm.program", "version": "1"}


@dataclass(frozen=True)
class Program:
    """OpenQASM of a circuit. `places` pairs each measured qubit of the program with its classical bit, in the order of
    the measurements; none where nothing is measured."""

    source: str
    num_qubits: int
    num_clbits: int
    places: tuple[tuple[int, int], ...]

    @property
    def document(self) -> dict[str, Any]:
        """As a task's action."""
        return {"braketSchemaHeader": HEADER, "source": self.source, "inputs": {}}


def program_of(device: Device, ask: Sample) -> Program:
    """The program of a circuit at its values; RefusedError for what the device does not do."""
    circuit, bound = ask.circuit, ask.circuit.bound(ask.values)
    if circuit.is_dynamic:
        message = f"`{device.id}` cannot measure in mid-circuit, reset or branch"
        raise RefusedError("EIGEN_SIM_UNSUPPORTED", message)
    used = sorted({qubit for operation in circuit.operations for qubit in operation.qubits})
    names = {qubit: place for place, qubit in enumerate(used)}
    lines: list[str] = []
    places: list[tuple[int, int]] = []
    for item in circuit.operations:
        qubits = [names[qubit] for qubit in item.qubits]
        if item.name in {"BARRIER", "GPHASE"}:
            continue
        if item.name == "MEASURE":
            if item.basis != "Z":
                message = f"`{device.id}` measures in the Z basis, not in `{item.basis}`"
                raise RefusedError("EIGEN_COMPILER_UNSUPPORTED", message)
            places += zip(qubits, item.clbits, strict=True)
            continue
        if item.name not in GATES or item.name not in device.gates or item.controls or item.inverse or item.power != 1:
            message = f"`{device.id}` has no `{item.name}`" + (" with modifiers" if item.name in device.gates else "")
            raise RefusedError("EIGEN_COMPILER_UNSUPPORTED", message)
        angles = ", ".join(repr(float(angle)) for angle in item.angles(bound, *PARAMETERS.get(item.name, ())))
        operands = ", ".join(f"q[{qubit}]" for qubit in qubits)
        lines.append(f"{GATES[item.name]}{f'({angles})' if angles else ''} {operands};")
    measured = list(dict.fromkeys(qubit for qubit, _ in places))
    head = ["OPENQASM 3.0;", f"bit[{len(measured)}] b;", f"qubit[{len(used)}] q;"]
    tail = [f"b[{place}] = measure q[{qubit}];" for place, qubit in enumerate(measured)]
    return Program("\n".join([*head, *lines, *tail]), len(used), circuit.num_clbits, tuple(places))
