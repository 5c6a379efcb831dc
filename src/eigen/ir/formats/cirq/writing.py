"""Our circuits as Cirq's, on `LineQubit`s, or on `NamedQubit`s where there are registers."""

# pyright: reportUnknownMemberType=false, reportUnknownVariableType=false, reportUnknownArgumentType=false
# pyright: reportMissingTypeStubs=false, reportMissingModuleSource=false, reportMissingImports=false
# pyright: reportUnknownParameterType=false, reportUnknownLambdaType=false, reportAttributeAccessIssue=false

from __future__ import annotations

import cmath
import json
from math import pi
from typing import TYPE_CHECKING, Any

import cirq
import sympy

from eigen.ir.circuit import decompose
from eigen.ir.formats import names, symbols
from eigen.ir.formats.cirq.gates import NAME, TURN, TURN_BACK, WRITE
from eigen.ir.formats.cirq.reading import TAG
from eigen.ir.formats.lowering import alone
from eigen.ir.formats.objects import refused

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from eigen.ir.circuit import Circuit, Instruction


def dump(circuit: Circuit) -> Any:
    """The `cirq.Circuit`, on `LineQubit`s 0 … n-1, or on `NamedQubit`s `a[0]`, … where there are registers.

    Refused are loops and ELSE, classical bits that are written twice, conditions other than on bits and their
    negations joined by AND, conditional measurements, barriers, delays in `dt`, and open parameters of a global phase.
    """
    writer = _Writer(circuit)
    for instruction in circuit.instructions():
        writer.instruction(instruction)
    return writer.made()


class _Writer:
    """Collects operations; each goes into the earliest moment that is free for it."""

    def __init__(self, circuit: Circuit) -> None:
        self._circuit = circuit
        total = circuit.num_qubits
        labels = names.of_bits(circuit.qubit_registers, total, "q")
        named = bool(circuit.qubit_registers)
        self._qubits: list[Any] = [cirq.NamedQubit(x) for x in labels] if named else cirq.LineQubit.range(total)
        self._keys = names.of_bits(circuit.clbit_registers, circuit.num_clbits, "c")
        self._written: set[int] = set()
        self._operations: list[Any] = []

    def made(self) -> Any:
        """The circuit, with an identity before it that tells what has no other place."""
        circuit = self._circuit
        idle = set(self._qubits) - {qubit for operation in self._operations for qubit in operation.qubits}
        plain = not circuit.qubit_registers and not circuit.num_clbits and not circuit.name and not circuit.metadata
        if not self._qubits or (plain and not idle and list(circuit.parameters) == sorted(circuit.parameters)):
            return cirq.Circuit(self._operations)
        told = {
            "name": circuit.name,
            "metadata": circuit.metadata,
            "parameters": circuit.parameters,
            "qubits": names.runs(circuit.qubit_registers, circuit.num_qubits),
            "clbits": names.runs(circuit.clbit_registers, circuit.num_clbits),
        }
        first = cirq.IdentityGate(len(self._qubits)).on(*self._qubits).with_tags(TAG + json.dumps(told))
        return cirq.Circuit(first, *self._operations)

    def instruction(self, instruction: Instruction, controls: Sequence[Any] = ()) -> None:
        """One operation of ours. What an IF without ELSE holds goes under its condition, one by one."""
        condition = instruction.condition
        own = [] if condition is None else self._controls(json.loads(condition.to_json()))
        if instruction.name == "IF" and len(instruction.blocks) == 1:
            for inner in instruction.blocks[0]:
                self.instruction(inner, [*controls, *own])
            return
        if instruction.blocks:
            raise refused(NAME, f"Cirq has no `{instruction.name}` with blocks of this kind")
        both = [*controls, *own]
        if both and instruction.name == "MEASURE":
            raise refused(NAME, "Cirq has no conditional measurement")
        for operation in self._operation(instruction):
            self._operations.append(operation.with_classical_controls(*both) if both else operation)

    def _operation(self, instruction: Instruction) -> Iterable[Any]:
        name, qubits = instruction.name, [self._qubits[index] for index in instruction.qubits]
        if name == "MEASURE":
            for qubit, index in zip(qubits, instruction.clbits, strict=True):
                yield from self._measure(qubit, index, instruction.basis)
        elif name == "RESET":
            yield from (cirq.reset(qubit) for qubit in qubits)
        elif name == "DELAY" and instruction.unit != "dt":
            picos = {"ns": 1e3, "us": 1e6, "ms": 1e9, "s": 1e12}[instruction.unit]
            duration = cirq.Duration(picos=symbols.expression(instruction.params[0], 1 / picos))
            yield from (cirq.WaitGate(duration).on(qubit) for qubit in qubits)
        elif name in {"BARRIER", "DELAY"}:
            raise refused(NAME, f"Cirq has no `{name}`" + (" in `dt`" if name == "DELAY" else ""))
        else:
            yield from self._gate(instruction, qubits)

    def _measure(self, qubit: Any, index: int, basis: str) -> Iterable[Any]:
        if index in self._written:
            raise refused(NAME, f"`{self._keys[index]}` is written twice, and Cirq keeps both")
        self._written.add(index)
        yield from (WRITE[name]().on(qubit) for name in TURN[basis])
        yield cirq.measure(qubit, key=cirq.MeasurementKey(self._keys[index]))
        yield from (WRITE[name]().on(qubit) for name in TURN_BACK[basis])

    def _gate(self, instruction: Instruction, qubits: Sequence[Any]) -> Iterable[Any]:
        name, count = instruction.name, instruction.num_controls
        known = name in WRITE or name in {"UNITARY", "FSIM", "GPHASE"}
        if not known or instruction.inverse or instruction.power != 1.0 or (name == "GPHASE" and count):
            basis = [*WRITE, "FSIM", "GPHASE"]
            for part in decompose(alone(instruction, len(self._qubits)), basis).instructions():
                yield from self._operation(part)
            return
        if name == "GPHASE":
            phase = symbols.expression(instruction.params[0])
            if isinstance(phase, sympy.Basic):
                raise refused(NAME, f"Cirq has no global phase with an open parameter, such as `{phase}`")
            yield cirq.global_phase_operation(cmath.exp(1j * phase))
            return
        targets = qubits[count:]
        if name == "UNITARY":
            import numpy as np

            operation = cirq.MatrixGate(np.array(instruction.matrix)).on(*targets[::-1])
        elif name == "FSIM":
            operation = cirq.FSimGate(*map(symbols.expression, instruction.params)).on(*targets)
        else:
            operation = WRITE[name](*(symbols.expression(value, pi) for value in instruction.params)).on(*targets)
        values = [int(value) for value in reversed(instruction.ctrl_state)]
        yield operation.controlled_by(*qubits[:count], control_values=values) if count else operation

    def _controls(self, node: dict[str, Any]) -> list[Any]:
        """The classical controls that say the same as a condition."""
        if "bit" in node:
            return [cirq.KeyCondition(cirq.MeasurementKey(self._read(node["bit"])))]
        if "not" in node and "bit" in node["not"]:
            key = sympy.Symbol(self._read(node["not"]["bit"]))
            return [cirq.SympyCondition(sympy.Eq(key, 0))]
        if "and" in node:
            return [control for part in node["and"] for control in self._controls(part)]
        raise refused(NAME, "Cirq's classical controls are bits joined by AND, which this condition is not")

    def _read(self, index: int) -> str:
        if index not in self._written:
            raise refused(NAME, f"a condition reads `{self._keys[index]}` before it is measured")
        return self._keys[index]
