"""Cirq's circuits as ours. What Cirq itself takes apart is read so; nothing is run."""

# pyright: reportUnknownMemberType=false, reportUnknownVariableType=false, reportUnknownArgumentType=false
# pyright: reportMissingTypeStubs=false, reportMissingModuleSource=false, reportMissingImports=false
# pyright: reportUnknownParameterType=false, reportUnknownLambdaType=false, reportAttributeAccessIssue=false

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import cirq
import sympy

from eigen.ir.circuit import Circuit, CircuitBuilder, Condition
from eigen.ir.formats import names, symbols
from eigen.ir.formats.cirq.gates import NAME, READ, Pen
from eigen.ir.formats.objects import refused

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

TAG = "eigen:"  # what begins the tag that holds what Cirq has no place for
MAX_DEPTH = 100  # of operations that consist of others
MATRIX_QUBITS = 4  # up to here an operation that is no gate of ours is read as its matrix


def load(source: Any, *, qubit_order: Sequence[Any] | None = None) -> Circuit:
    """The circuit of a `cirq.Circuit`; qubit 0 is the first in `qubit_order`, by default Cirq's own order.

    A measurement with key `k` writes a register `k`, its first qubit bit 0. Moments are not kept.
    """
    if not isinstance(source, cirq.AbstractCircuit):
        raise refused(NAME, f"a `{type(source).__qualname__}` is no Circuit of Cirq")
    operations = list(source.all_operations())
    told = _told(operations[0]) if operations else None
    if told is not None and qubit_order is None:
        qubit_order = operations[0].qubits
        operations = operations[1:]
    order = cirq.QubitOrder.as_qubit_order(qubit_order or cirq.QubitOrder.DEFAULT)
    qubits = order.order_for(source.all_qubits())
    for qubit in qubits:
        if qubit.dimension != 2:
            raise refused(NAME, f"`{qubit}` is no qubit: it has {qubit.dimension} levels")
    reader = _Reader({qubit: index for index, qubit in enumerate(qubits)})
    reader.declare(source, qubits, told)
    for operation in operations:
        reader.operation(operation)
    return reader.builder.build()


def _told(operation: Any) -> dict[str, Any] | None:
    """What `dump` put into the tag of the first operation."""
    for tag in operation.tags:
        if isinstance(tag, str) and tag.startswith(TAG) and isinstance(operation.gate, cirq.IdentityGate):
            return json.loads(tag.removeprefix(TAG))
    return None


class _Reader:
    """Reads operations into a builder. `place` numbers the qubits, `bits` the bits of each measurement key."""

    def __init__(self, place: dict[Any, int], depth: int = 0) -> None:
        self.builder = CircuitBuilder()
        self._place = place
        self._bits: dict[str, list[int]] = {}
        self._written: set[str] = set()
        self._depth = depth

    def declare(self, source: Any, qubits: Sequence[Any], told: dict[str, Any] | None) -> None:
        """The bits, before any operation."""
        if told is not None:
            self.builder = CircuitBuilder(name=told["name"], metadata=told["metadata"], parameters=told["parameters"])
            names.add_runs(told["qubits"], self.builder.add_qubits)
            names.add_runs(told["clbits"], self.builder.add_clbits)
            keys = names.of_bits(names.spans(told["clbits"]), self.builder.num_clbits, "c")
            self._bits = {key: [index] for index, key in enumerate(keys)}
            return
        self.builder = CircuitBuilder(parameters=sorted(map(str, cirq.parameter_symbols(source))))
        if list(qubits) == cirq.LineQubit.range(len(qubits)):
            self.builder.add_qubits(len(qubits))
        else:
            names.add_named([str(qubit) for qubit in qubits], self.builder.add_qubits)
        keys: list[str] = []
        for operation in _measurements(source):
            key, width = str(cirq.measurement_key_obj(operation)), len(operation.qubits)
            if key in self._bits:
                raise refused(NAME, f"the key `{key}` is measured twice")
            self._bits[key] = list(range(len(keys), len(keys) + width))
            keys += [key] if width == 1 else [f"{key}[{index}]" for index in range(width)]
        names.add_named(keys, self.builder.add_clbits)

    def operation(self, operation: Any) -> None:
        """One operation, whatever it is wrapped in."""
        operation = operation.untagged
        condition: Condition | None = None
        if isinstance(operation, cirq.ClassicallyControlledOperation):
            condition = self._condition(operation.classical_controls)
            operation = operation.without_classical_controls().untagged
            self.builder.begin_if(condition)
        self._unconditional(operation)
        if condition is not None:
            self.builder.end()

    def _unconditional(self, operation: Any) -> None:
        gate, qubits = operation.gate, [self._place[qubit] for qubit in operation.qubits]
        if isinstance(operation, cirq.CircuitOperation):
            if operation.repeat_until is not None:
                raise refused(NAME, "`repeat_until` has no bound and is not carried")
            self._inside(operation.mapped_circuit(deep=True).all_operations(), operation)
        elif isinstance(gate, cirq.MeasurementGate):
            self._measure(operation, gate, qubits)
        elif isinstance(gate, cirq.ResetChannel):
            self.builder.reset(qubits)
        elif isinstance(gate, cirq.WaitGate):
            self.builder.delay(qubits, symbols.affine(NAME, gate.duration.total_picos(), "wait") / 1000, "ns")
        elif isinstance(gate, cirq.ControlledGate) or isinstance(operation, cirq.ControlledOperation):
            self._controlled(operation, qubits)
        elif not self._gate(gate, qubits):
            self._unknown(operation, qubits)

    def _inside(self, operations: Iterable[Any], whole: Any) -> None:
        self._depth += 1
        if self._depth > MAX_DEPTH:
            raise refused(NAME, f"operations inside operations beyond `{MAX_DEPTH}`, at `{whole}`")
        for operation in operations:
            self.operation(operation)
        self._depth -= 1

    def _measure(self, operation: Any, gate: Any, qubits: Sequence[int]) -> None:
        key = str(cirq.measurement_key_obj(operation))
        if gate.confusion_map:
            raise refused(NAME, f"the measurement `{key}` has a confusion map, which is noise")
        if key in self._written:
            raise refused(NAME, f"the key `{key}` is measured twice")
        self._written.add(key)
        flipped = [qubit for qubit, flip in zip(qubits, gate.full_invert_mask(), strict=True) if flip]
        for qubit in flipped:
            self.builder.gate("X", [qubit])
        self.builder.measure(qubits, self._bits[key])
        for qubit in flipped:
            self.builder.gate("X", [qubit])

    def _condition(self, controls: Iterable[Any]) -> Condition:
        total = Condition.const(True)
        for control in controls:
            total = total & self._one(control)
        return total

    def _one(self, control: Any) -> Condition:
        if isinstance(control, cirq.KeyCondition) and control.index == -1:
            return Condition.compare(self._known(control.key), "!=", 0)
        test: Any = getattr(control, "expr", None)
        if _is_equality(test):
            bits = self._known(test.lhs)[::-1]  # Cirq reads the first qubit as the most significant bit
            value: Any = test.rhs
            return Condition.compare(bits, "==" if isinstance(test, sympy.Eq) else "!=", int(value))
        raise refused(NAME, f"the classical control `{control}` has no counterpart here")

    def _known(self, key: Any) -> list[int]:
        if str(key) not in self._bits:
            raise refused(NAME, f"nothing measures the key `{key}`")
        return self._bits[str(key)]

    def _controlled(self, operation: Any, qubits: Sequence[int]) -> None:
        whole = operation.gate if operation.gate is not None else operation
        inner = operation.gate.sub_gate if operation.gate is not None else operation.sub_operation
        count = len(operation.qubits) - len(inner.qubits if operation.gate is None else operation.qubits)
        count = whole.num_controls() if operation.gate is not None else count
        targets = operation.qubits[count:]
        sub = inner if operation.gate is None else inner.on(*targets)
        reader = _Reader({qubit: index for index, qubit in enumerate(targets)}, self._depth + 1)
        reader.builder = CircuitBuilder(len(targets))
        if self._depth > MAX_DEPTH:
            raise refused(NAME, f"operations inside operations beyond `{MAX_DEPTH}`, at `{operation}`")
        reader.operation(sub)
        made = reader.builder.build()
        for values in whole.control_values.expand():
            self.builder.append(made.controlled(count, "".join(str(value) for value in reversed(values))), qubits)

    def _gate(self, gate: Any, qubits: Sequence[int]) -> bool:
        """A gate of the table; False where it has no row."""
        for kind, write in READ.items():
            if isinstance(gate, kind):
                write(Pen(self.builder, qubits), gate)
                return True
        return False

    def _unknown(self, operation: Any, qubits: Sequence[int]) -> None:
        """An operation by its matrix while that is small, else by what Cirq says that it consists of."""
        if len(qubits) <= MATRIX_QUBITS and not cirq.is_parameterized(operation):
            matrix = cirq.unitary(operation, None)
            if matrix is not None:
                self.builder.gate("UNITARY", qubits[::-1], matrix=matrix)
                return
        parts = cirq.decompose_once(operation, None)
        if parts is None:
            raise refused(NAME, f"`{operation}` has no counterpart here")
        self._inside(parts, operation)


def _measurements(source: Any) -> Iterable[Any]:
    """The measurements of a circuit in order, those of circuits inside it included."""
    for operation in source.all_operations():
        bare = operation.without_classical_controls().untagged
        if isinstance(bare, cirq.CircuitOperation):
            yield from _measurements(bare.mapped_circuit(deep=True))
        elif isinstance(bare.gate, cirq.MeasurementGate):
            yield bare


def _is_equality(test: Any) -> bool:
    """Whether an expression of SymPy's compares a key with a number for equality or its contrary."""
    return isinstance(test, sympy.Eq | sympy.Ne) and isinstance(test.lhs, sympy.Symbol) and bool(test.rhs.is_Integer)
