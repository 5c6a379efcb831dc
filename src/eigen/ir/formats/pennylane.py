"""PennyLane's tapes and QNodes in, tapes out. It needs the extra `pennylane`, which is loaded with this module.

A QNode is asked for its tape, which runs the function that it was made from and nothing else. PennyLane writes the
first wire as the most significant one.
"""

# pyright: reportUnknownMemberType=false, reportUnknownVariableType=false, reportUnknownArgumentType=false
# pyright: reportMissingTypeStubs=false, reportMissingModuleSource=false, reportMissingImports=false
# pyright: reportUnknownParameterType=false, reportUnknownLambdaType=false, reportAttributeAccessIssue=false

from __future__ import annotations

from functools import reduce
from operator import and_, or_
from typing import TYPE_CHECKING, Any

import pennylane as qml

from eigen.ir.circuit import Circuit, CircuitBuilder, Condition, decompose
from eigen.ir.formats import names
from eigen.ir.formats.lowering import alone
from eigen.ir.formats.objects import refused

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from eigen.ir.circuit import Instruction

NAME = "pennylane"
MATRIX_WIRES = 4  # up to here an operation that is no gate of ours is read as its matrix
MAX_DEPTH = 100  # of operations that consist of others

SAME: dict[str, Any] = {
    "X": qml.X,
    "Y": qml.Y,
    "Z": qml.Z,
    "H": qml.Hadamard,
    "S": qml.S,
    "T": qml.T,
    "SX": qml.SX,
    "RX": qml.RX,
    "RY": qml.RY,
    "RZ": qml.RZ,
    "P": qml.PhaseShift,
    "U": qml.U3,
    "CX": qml.CNOT,
    "CY": qml.CY,
    "CZ": qml.CZ,
    "CH": qml.CH,
    "CP": qml.ControlledPhaseShift,
    "CRX": qml.CRX,
    "CRY": qml.CRY,
    "CRZ": qml.CRZ,
    "SWAP": qml.SWAP,
    "ISWAP": qml.ISWAP,
    "RXX": qml.IsingXX,
    "RYY": qml.IsingYY,
    "RZZ": qml.IsingZZ,
    "CCX": qml.Toffoli,
    "CCZ": qml.CCZ,
    "CSWAP": qml.CSWAP,
}
"""Our name, and PennyLane's operation of the same matrix, parameters and order."""
READ: dict[Any, str] = {kind: name for name, kind in SAME.items()} | {qml.U1: "P"}
TURN = {"X": ("H",), "Y": ("Sdg", "H"), "Z": ()}
TURN_BACK = {"X": ("H",), "Y": ("H", "S"), "Z": ()}


def load(
    source: Any,
    *,
    args: Sequence[Any] = (),
    kwargs: Mapping[str, Any] | None = None,
    wires: Sequence[Any] | None = None,
) -> Circuit:
    """The circuit of a tape, or of a QNode called with these arguments.

    Wire k is qubit k where all wires are numbers; others stand in order of appearance, or as in `wires`. Outcomes on
    the way are classical bits in the order in which they are measured; `counts` and `sample` of wires measure these
    into a register `meas`. What else a tape asks for (`expval`, `probs`, `state`, …) is a question to the final state
    and no part of the circuit.
    """
    if isinstance(source, qml.QNode):
        known: Any = source.device.wires  # None for a device of any wires, whatever its annotation says
        wires = list(known) if wires is None and known is not None else wires
        source = qml.workflow.construct_tape(source)(*args, **(kwargs or {}))
    if not isinstance(source, qml.tape.QuantumScript):
        raise refused(NAME, f"a `{type(source).__qualname__}` is neither a tape nor a QNode")
    builder = CircuitBuilder()
    place = _add_wires(builder, list(source.wires), wires)
    reader = _Reader(builder, place)
    reader.declare(source.operations)
    for operation in source.operations:
        reader.operation(operation)
    for question in source.measurements:
        reader.question(question)
    return builder.build()


def _add_wires(builder: CircuitBuilder, used: list[Any], wires: Sequence[Any] | None) -> dict[Any, int]:
    """Qubits for the wires; idle wires between numbered ones are there too."""
    order = list(wires) if wires is not None else used
    if all(isinstance(wire, int) and wire >= 0 for wire in order):
        order = list(range(max(order, default=-1) + 1)) if wires is None else order
        builder.add_qubits(len(order))
    else:
        names.add_named([str(wire) for wire in order], builder.add_qubits)
    missing = [wire for wire in used if wire not in order]
    if missing:
        raise refused(NAME, f"the wire `{missing[0]}` does not stand in `wires`")
    return {wire: index for index, wire in enumerate(order)}


class _Reader:
    """Reads operations into a builder."""

    def __init__(self, builder: CircuitBuilder, place: Mapping[Any, int], depth: int = 0) -> None:
        self._builder = builder
        self._place = place
        self._depth = depth
        self._bits: dict[str, int] = {}

    def declare(self, operations: Iterable[Any]) -> None:
        """The classical bits of outcomes on the way; identities such as `a[0]` name them."""
        told = [str(item.meas_uid) for item in operations if isinstance(item, qml.ops.MidMeasure)]
        if told and all(names.ELEMENT.fullmatch(uid) for uid in told):
            names.add_named(told, self._builder.add_clbits)
        elif told:
            self._builder.add_clbits(len(told))
        self._bits = {uid: index for index, uid in enumerate(told)}

    def question(self, question: Any) -> None:
        """A measurement at the end: outcomes of wires are measured into bits."""
        if not isinstance(question, qml.measurements.CountsMP | qml.measurements.SampleMP) or question.mv is not None:
            return
        if question.obs is not None:
            raise refused(NAME, f"outcomes of the observable `{question.obs}` are no bits", "ask for outcomes of wires")
        qubits = [self._place[wire] for wire in question.wires] or list(range(self._builder.num_qubits))
        first = self._builder.add_clbits(len(qubits), "meas")
        self._builder.measure(qubits, range(first, first + len(qubits)))

    def operation(self, operation: Any) -> None:
        """One operation."""
        kind, wires = type(operation), [self._place[wire] for wire in operation.wires]
        if getattr(operation, "batch_size", None) is not None:
            raise refused(NAME, f"`{operation.name}` has a batch of parameters", "load the tapes one by one")
        if isinstance(operation, qml.ops.MidMeasure):
            self._measure(operation, wires)
        elif isinstance(operation, qml.ops.Conditional):
            self._builder.begin_if(self._condition(operation.meas_val))
            self.operation(operation.base)
            self._builder.end()
        elif isinstance(operation, qml.Barrier):
            self._builder.barrier(wires)
        elif isinstance(operation, qml.operation.Channel | qml.WireCut | qml.Snapshot):
            raise refused(NAME, f"`{operation.name}` has no counterpart in a circuit")
        elif kind in READ:
            self._builder.gate(READ[kind], wires, [float(value) for value in operation.parameters])
        elif not self._named(operation, wires):
            self._composed(operation, wires)

    def _named(self, operation: Any, wires: list[int]) -> bool:
        """Operations whose form differs from ours; False for any other."""
        params = operation.parameters
        if isinstance(operation, qml.Identity):
            for wire in wires:
                self._builder.gate("I", [wire])
        elif isinstance(operation, qml.GlobalPhase):
            self._builder.gate("GPHASE", [], [-float(params[0])])
        elif isinstance(operation, qml.Rot):
            for name, angle in zip(("RZ", "RY", "RZ"), params, strict=True):
                self._builder.gate(name, wires, [float(angle)])
        elif isinstance(operation, qml.MultiRZ | qml.PauliRot) and wires:
            letters = operation.hyperparameters.get("pauli_word", "Z" * len(wires))
            self._builder.gate("PAULI_ROT", wires, [float(params[0])], pauli=letters)
        elif isinstance(operation, qml.ops.Controlled):
            count = len(operation.control_wires)
            state = "".join(str(int(value)) for value in reversed(operation.control_values))
            places = [self._place[wire] for wire in [*operation.control_wires, *operation.base.wires]]
            self._builder.append(self._alone(operation.base).controlled(count, state), places)
        elif isinstance(operation, qml.ops.Adjoint):
            self._builder.append(self._alone(operation.base).inverse(), [self._place[w] for w in operation.base.wires])
        else:
            return False
        return True

    def _alone(self, operation: Any) -> Circuit:
        """An operation as a circuit of its own on its wires."""
        self._deeper(operation)
        builder = CircuitBuilder(len(operation.wires))
        place = {wire: index for index, wire in enumerate(operation.wires)}
        _Reader(builder, place, self._depth).operation(operation)
        self._depth -= 1
        return builder.build()

    def _composed(self, operation: Any, wires: list[int]) -> None:
        """An operation by its matrix while that is small, else by what PennyLane says that it consists of."""
        if 0 < len(wires) <= MATRIX_WIRES and operation.has_matrix:
            matrix: Any = qml.matrix(operation, wire_order=operation.wires)
            self._builder.gate("UNITARY", wires[::-1], matrix=matrix)
            return
        if not operation.has_decomposition:
            raise refused(NAME, f"`{operation.name}` has no counterpart here")
        self._deeper(operation)
        for part in operation.decomposition():
            self.operation(part)
        self._depth -= 1

    def _deeper(self, operation: Any) -> None:
        self._depth += 1
        if self._depth > MAX_DEPTH:
            raise refused(NAME, f"operations inside operations beyond `{MAX_DEPTH}`, at `{operation.name}`")

    def _measure(self, operation: Any, wires: list[int]) -> None:
        if operation.postselect is not None:
            raise refused(NAME, "a measurement that selects its outcome has no counterpart here")
        self._builder.measure(wires, [self._bits[str(operation.meas_uid)]])
        if operation.reset:
            self._builder.reset(wires)

    def _condition(self, value: Any) -> Condition:
        bits = [Condition.bit(self._bits[str(item.meas_uid)]) for item in value.measurements]
        holding = [outcome for outcome, result in value.items() if result]
        rows = [reduce(and_, (b if one else ~b for b, one in zip(bits, row, strict=True))) for row in holding]
        return reduce(or_, rows, Condition.const(False)) if len(rows) < 1 << len(bits) else Condition.const(True)


# ---- ours as PennyLane's -----------------------------------------------------------------------------------


def dump(circuit: Circuit) -> Any:
    """The tape (`QuantumScript`), on wires 0 … n-1, or `a[0]`, … where there are registers.

    Refused are open parameters, names and metadata of circuits, resets, delays, loops and ELSE, and classical bits
    that are not measured once each in their order.
    """
    if circuit.parameters:
        what = f"tapes have numbers only, and parameter `{circuit.parameters[0]}` has no value"
        raise refused(NAME, what, "bind the parameters first")
    if circuit.name or circuit.metadata:
        raise refused(
            NAME, f"tapes have no name and metadata, such as `{circuit.name or next(iter(circuit.metadata))}`"
        )
    writer = _Writer(circuit)
    for instruction in circuit.instructions():
        writer.instruction(instruction)
    return writer.made()


class _Writer:
    """Collects operations on wires."""

    def __init__(self, circuit: Circuit) -> None:
        self._circuit = circuit
        total = circuit.num_qubits
        self._named = bool(circuit.qubit_registers)
        self._wires: list[Any] = list(range(total))
        if self._named:
            self._wires = list(names.of_bits(circuit.qubit_registers, total, "q"))
        self._keys = names.of_bits(circuit.clbit_registers, circuit.num_clbits, "c")
        self._measured: list[Any] = []
        self._operations: list[Any] = []

    def made(self) -> Any:
        """The tape; an identity at its beginning holds wires that would be missing or out of order."""
        if len(self._measured) != self._circuit.num_clbits:
            raise refused(
                NAME, f"nothing is measured into `{self._keys[len(self._measured)]}`: tapes have no such bits"
            )
        used = {wire for operation in self._operations for wire in operation.wires}
        idle = [wire for wire in self._wires if wire not in used]
        first = [qml.Identity(wires=self._wires if self._named else idle)] if idle or self._named else []
        return qml.tape.QuantumScript([*first, *self._operations] if self._wires else self._operations)

    def instruction(self, instruction: Instruction, outer: Condition | None = None) -> None:
        """One operation of ours; what an IF without ELSE holds goes under its condition, one by one."""
        own = instruction.condition
        condition = own if outer is None else outer if own is None else outer & own
        if instruction.name == "IF" and len(instruction.blocks) == 1:
            for inner in instruction.blocks[0]:
                self.instruction(inner, condition)
            return
        if instruction.blocks or instruction.name in {"RESET", "DELAY"}:
            raise refused(NAME, f"tapes have no `{instruction.name}`" + (" of this kind" if instruction.blocks else ""))
        if condition is not None and instruction.name == "MEASURE":
            raise refused(NAME, "tapes have no conditional measurement")
        for operation in self._operation(instruction):
            self._operations.append(operation if condition is None else self._conditional(condition, operation))

    def _operation(self, instruction: Instruction) -> Iterable[Any]:
        wires = [self._wires[index] for index in instruction.qubits]
        if instruction.name == "MEASURE":
            for wire, index in zip(wires, instruction.clbits, strict=True):
                yield from self._measure(wire, index, instruction.basis)
        elif instruction.name == "BARRIER":
            yield qml.Barrier(wires)
        else:
            yield from self._gate(instruction, wires)

    def _measure(self, wire: Any, index: int, basis: str) -> Iterable[Any]:
        if index != len(self._measured):
            raise refused(
                NAME, f"`{self._keys[index]}` is measured out of its order: tapes number outcomes as they come"
            )
        outcome = qml.ops.MidMeasure(wires=[wire], meas_uid=self._keys[index])
        self._measured.append(outcome)
        yield from (_turn(name, wire) for name in TURN[basis])
        yield outcome
        yield from (_turn(name, wire) for name in TURN_BACK[basis])

    def _gate(self, instruction: Instruction, wires: list[Any]) -> Iterable[Any]:
        name, count = instruction.name, instruction.num_controls
        known = name in SAME or name in {"I", "Sdg", "Tdg", "SXdg", "UNITARY", "PAULI_ROT", "GPHASE"}
        if not known or instruction.inverse or instruction.power != 1.0 or (name == "GPHASE" and count):
            for part in decompose(alone(instruction, len(self._wires)), [*SAME, "Sdg", "Tdg", "GPHASE"]).instructions():
                yield from self._operation(part)
            return
        targets, params = wires[count:], [float(value) for value in instruction.params if isinstance(value, float)]
        if name == "GPHASE":
            operation = qml.GlobalPhase(-params[0])
        elif name == "UNITARY":
            import numpy as np

            operation = qml.QubitUnitary(np.array(instruction.matrix), wires=targets[::-1])
        elif name == "PAULI_ROT":
            operation = qml.PauliRot(params[0], instruction.pauli, wires=targets)
        elif name in SAME:
            operation = SAME[name](*params, wires=targets)
        else:
            operation = _turn(name, targets[0])
        values = [value == "1" for value in reversed(instruction.ctrl_state)]
        yield qml.ctrl(operation, control=wires[:count], control_values=values) if count else operation

    def _conditional(self, condition: Condition, operation: Any) -> Any:
        bits = condition.clbits
        if not bits:
            raise refused(NAME, "a condition that reads no bit has no counterpart in a tape")
        if bits[-1] >= len(self._measured):
            raise refused(NAME, f"a condition reads `{self._keys[bits[-1]]}` before it is measured")

        def holds(*outcomes: Any) -> bool:
            read = [False] * (bits[-1] + 1)
            for index, outcome in zip(bits, outcomes, strict=True):
                read[index] = bool(outcome)
            return condition.holds(read)

        value = qml.ops.MeasurementValue([self._measured[index] for index in bits], holds)
        return qml.ops.Conditional(value, operation)


def _turn(name: str, wire: Any) -> Any:
    """A gate of one wire that PennyLane writes as the adjoint of another, or has by name."""
    if name == "I":
        return qml.Identity(wires=[wire])
    if name.endswith("dg"):
        return qml.adjoint(SAME[name.removesuffix("dg")](wires=[wire]))
    return SAME[name](wires=[wire])
