"""Circuits as lists of operations that can be compared: wires instead of qubits, no barriers."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any

from eigen.ir.circuit import Affine, CircuitBuilder

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from eigen.ir.circuit import Circuit, Instruction

IGNORED = frozenset({"BARRIER", "DELAY", "I"})
BLOCKS = frozenset({"IF", "WHILE", "FOR"})
# Gates that are the same for every order of their qubits, and those for every order but the last one's.
SYMMETRIC = frozenset({"CZ", "CP", "SWAP", "ISWAP", "RXX", "RYY", "RZZ", "CCZ", "MCP"})
LAST_APART = frozenset({"CCX", "MCX"})
PHASE_WIRE = -1
"""Where gates on no qubits act; classical bit k is wire -2 - k."""


@dataclass(frozen=True, slots=True)
class Operation:
    """One operation: `placing` says on which wire each qubit that it names lies. Equal keys mean the same operation.

    `qubits` are the wires of its qubits in the order of its matrix, `wires` all that it touches, ascending; `weight` is
    how many operations it is at most when it runs.
    """

    instruction: Instruction
    placing: Mapping[int, int]
    qubits: tuple[int, ...]
    wires: tuple[int, ...]
    key: tuple[Any, ...]
    is_unitary: bool
    weight: int

    @property
    def clbits(self) -> list[int]:
        """The classical bits that it reads or writes."""
        return [-2 - wire for wire in self.wires if wire < PHASE_WIRE]

    def parameters(self) -> set[str]:
        """The names of its open parameters."""
        return _parameters(self.instruction)


@dataclass(frozen=True, slots=True)
class Reading:
    """A circuit as operations on wires: wire k is qubit k.

    `measured` are the measurements after which nothing happens: classical bit to (wire, basis).
    """

    operations: list[Operation]
    measured: dict[int, tuple[int, str]] = field(default_factory=dict[int, tuple[int, str]])

    @property
    def is_unitary(self) -> bool:
        """Whether nothing but gates is left when the last measurements are taken off."""
        return all(operation.is_unitary for operation in self.operations)

    def with_measurements(self) -> Reading:
        """The same with its last measurements among the operations again."""
        last = [_measurement(clbit, wire, basis) for clbit, (wire, basis) in sorted(self.measured.items())]
        return replace(self, operations=[*self.operations, *last], measured={})


def read(circuit: Circuit, num_qubits: int) -> Reading:
    """A circuit as operations; qubits beyond its own are idle."""
    wire_of = range(num_qubits)
    return _split([place(op, wire_of) for op in circuit.instructions() if op.name not in IGNORED])


def place(instruction: Instruction, wire_of: Sequence[int] | Mapping[int, int]) -> Operation:
    """An instruction on wires."""
    placing = {qubit: wire_of[qubit] for qubit in _qubits(instruction)}
    clbits = sorted(_clbits(instruction))
    wires = (*sorted(placing.values()), *(-2 - clbit for clbit in clbits)) or (PHASE_WIRE,)
    return Operation(
        instruction,
        placing,
        tuple(placing[qubit] for qubit in instruction.qubits),
        wires,
        _key(instruction, placing),
        _is_unitary(instruction),
        _weight(instruction),
    )


def swap(first: int, second: int) -> Operation:
    """A SWAP of two wires."""
    builder = CircuitBuilder(2)
    builder.gate("SWAP", [0, 1])
    return place(builder.build().instructions()[0], [first, second])


def build(operations: Iterable[Operation], wires: Sequence[int], clbits: Sequence[int] = ()) -> Circuit:
    """The circuit of some operations: qubit k is `wires[k]`, classical bit k is `clbits[k]`."""
    builder = CircuitBuilder(len(wires), len(clbits))
    qubit_of = {wire: qubit for qubit, wire in enumerate(wires)}
    clbit_of = {clbit: index for index, clbit in enumerate(clbits)}
    for operation in operations:
        places = {qubit: qubit_of[wire] for qubit, wire in operation.placing.items()}
        append(builder, operation.instruction, places, clbit_of)
    return builder.build()


def append(
    builder: CircuitBuilder, op: Instruction, qubit_of: Mapping[int, int], clbit_of: Mapping[int, int] | None = None
) -> None:
    """Appends an instruction on other qubits and classical bits."""
    qubits = [qubit_of[qubit] for qubit in op.qubits]
    condition = op.condition and _moved(op.condition.to_json(), clbit_of or {})
    if op.name == "MEASURE":
        builder.measure(qubits, [(clbit_of or {})[clbit] for clbit in op.clbits], op.basis, condition=condition)
    elif op.name == "RESET":
        builder.reset(qubits, condition=condition)
    elif op.name == "BARRIER":
        builder.barrier(qubits)
    elif op.name == "DELAY":
        builder.delay(qubits, op.params[0], op.unit)
    elif op.name in BLOCKS:
        _append_blocks(builder, op, qubit_of, clbit_of or {}, condition)
    else:
        builder.gate(
            op.name,
            qubits,
            op.params,
            num_controls=op.num_controls,
            ctrl_state=op.ctrl_state if op.num_controls else None,
            inverse=op.inverse,
            power=op.power,
            condition=condition,
            matrix=op.matrix,
            pauli=op.pauli or None,
        )


def _append_blocks(
    builder: CircuitBuilder, op: Instruction, qubit_of: Mapping[int, int], clbit_of: Mapping[int, int], condition: Any
) -> None:
    if op.name == "IF":
        builder.begin_if(condition)
    elif op.name == "WHILE":
        builder.begin_while(condition, op.bound)
    else:
        builder.begin_for(op.bound)
    for number, block in enumerate(op.blocks):
        if number:
            builder.begin_else()
        for inner in block:
            append(builder, inner, qubit_of, clbit_of)
    builder.end()


def _moved(condition: bytes, clbit_of: Mapping[int, int]) -> Any:
    """A condition on other classical bits."""
    import json

    from eigen.ir.circuit import Condition

    def move(value: Any) -> Any:
        ((key, inner),) = [(k, v) for k, v in value.items() if k not in {"cmp", "value"}]
        if key == "bit":
            return {"bit": clbit_of[inner]}
        if key == "bits":
            return {**value, "bits": [clbit_of[bit] for bit in inner]}
        if key == "not":
            return {"not": move(inner)}
        return value if key == "const" else {key: [move(part) for part in inner]}

    return Condition.from_json(json.dumps(move(json.loads(condition))).encode())


def written_out(operations: Iterable[Operation]) -> list[Operation]:
    """The operations with all FOR blocks of gates written out."""
    out: list[Operation] = []
    for operation in operations:
        if operation.instruction.name != "FOR" or not operation.is_unitary:
            out.append(operation)
            continue
        body = [place(op, operation.placing) for op in operation.instruction.blocks[0] if op.name not in IGNORED]
        out += written_out(body) * operation.instruction.bound
    return out


def _split(operations: list[Operation]) -> Reading:
    """Takes off the measurements after which nothing happens to their wires and classical bits."""
    touched: set[int] = set()
    kept: list[Operation] = []
    measured: dict[int, tuple[int, str]] = {}
    for operation in reversed(operations):
        op = operation.instruction
        is_last = op.name == "MEASURE" and op.condition is None and touched.isdisjoint(operation.wires)
        touched.update(operation.wires)
        if is_last:
            measured.update({clbit: (wire, op.basis) for clbit, wire in zip(op.clbits, operation.qubits, strict=True)})
        else:
            kept.append(operation)
    return Reading(kept[::-1], measured)


def _measurement(clbit: int, wire: int, basis: str) -> Operation:
    builder = CircuitBuilder(1, clbit + 1)
    builder.measure([0], [clbit], basis)
    return place(builder.build().instructions()[0], [wire])


def _qubits(op: Instruction) -> set[int]:
    found = set(op.qubits)
    if op.name in BLOCKS:
        found.update(*(_qubits(inner) for block in op.blocks for inner in block))
    return found


def _clbits(op: Instruction) -> set[int]:
    found = set(op.clbits)
    if op.condition is not None:
        found.update(op.condition.clbits)
    if op.name in BLOCKS:
        found.update(*(_clbits(inner) for block in op.blocks for inner in block))
    return found


def _parameters(op: Instruction) -> set[str]:
    found = {name for value in op.params if isinstance(value, Affine) for name in value.terms}
    if op.name in BLOCKS:
        found.update(*(_parameters(inner) for block in op.blocks for inner in block))
    return found


def _is_unitary(op: Instruction) -> bool:
    if op.condition is not None or op.name in {"MEASURE", "RESET", "IF", "WHILE"}:
        return False
    return op.name != "FOR" or all(_is_unitary(inner) for inner in op.blocks[0])


def _weight(op: Instruction) -> int:
    if op.name not in BLOCKS:
        return 1
    return max(op.bound, 1) * sum(_weight(inner) for block in op.blocks for inner in block) + 1


def _key(op: Instruction, placing: Mapping[int, int]) -> tuple[Any, ...]:
    qubits = tuple(placing[qubit] for qubit in op.qubits)
    if not op.num_controls and op.name in SYMMETRIC:
        qubits = tuple(sorted(qubits))
    elif not op.num_controls and op.name in LAST_APART:
        qubits = (*sorted(qubits[:-1]), qubits[-1])
    condition = op.condition and op.condition.to_json()
    if op.name in BLOCKS:
        inner = tuple(tuple(_key(part, placing) for part in block if part.name not in IGNORED) for block in op.blocks)
        return (op.name, condition, op.bound, inner)
    modifiers = (op.ctrl_state, op.inverse, op.power)
    payload = op.matrix and tuple(map(tuple, op.matrix))
    return (op.name, qubits, op.clbits, op.params, modifiers, condition, op.basis, op.pauli, payload)
