"""pytket's `Circuit`, in and out. It needs the extra `pytket`, which is loaded with this module.

pytket counts angles in half turns, writes the first qubit as the most significant one, and orders bits by the names of
their registers.
"""

# pyright: reportUnknownMemberType=false, reportUnknownVariableType=false, reportUnknownArgumentType=false
# pyright: reportMissingTypeStubs=false, reportMissingModuleSource=false, reportMissingImports=false
# pyright: reportUnknownParameterType=false, reportUnknownLambdaType=false, reportAttributeAccessIssue=false

from __future__ import annotations

import json
from math import pi
from typing import TYPE_CHECKING, Any

import pytket.circuit as tk
from pytket.circuit import OpType
from pytket.pauli import Pauli

from eigen.ir.circuit import Affine, Circuit, CircuitBuilder, Condition, decompose
from eigen.ir.formats import names, symbols
from eigen.ir.formats.lowering import alone
from eigen.ir.formats.objects import refused

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence

    from eigen.ir.circuit import Instruction

NAME = "pytket"
MATRIX_QUBITS = 6  # up to here an operation that is no gate of ours is read as its matrix
MAX_DEPTH = 100  # of boxes inside boxes

Number = float | Affine
Parts = list[tuple[str, list[int], list[Number]]]

PLAIN: dict[Any, tuple[str, int]] = {
    OpType.noop: ("I", 0),
    OpType.X: ("X", 0),
    OpType.Y: ("Y", 0),
    OpType.Z: ("Z", 0),
    OpType.H: ("H", 0),
    OpType.S: ("S", 0),
    OpType.Sdg: ("Sdg", 0),
    OpType.T: ("T", 0),
    OpType.Tdg: ("Tdg", 0),
    OpType.SX: ("SX", 0),
    OpType.SXdg: ("SXdg", 0),
    OpType.Rx: ("RX", 0),
    OpType.Ry: ("RY", 0),
    OpType.Rz: ("RZ", 0),
    OpType.U1: ("P", 0),
    OpType.U3: ("U", 0),
    OpType.CX: ("CX", 0),
    OpType.CY: ("CY", 0),
    OpType.CZ: ("CZ", 0),
    OpType.CH: ("CH", 0),
    OpType.CSX: ("SX", 1),
    OpType.CSXdg: ("SXdg", 1),
    OpType.CS: ("S", 1),
    OpType.CSdg: ("Sdg", 1),
    OpType.CRx: ("CRX", 0),
    OpType.CRy: ("CRY", 0),
    OpType.CRz: ("CRZ", 0),
    OpType.CU1: ("CP", 0),
    OpType.CU3: ("U", 1),
    OpType.SWAP: ("SWAP", 0),
    OpType.ISWAPMax: ("ISWAP", 0),
    OpType.ECR: ("ECR", 0),
    OpType.XXPhase: ("RXX", 0),
    OpType.YYPhase: ("RYY", 0),
    OpType.ZZPhase: ("RZZ", 0),
    OpType.FSim: ("FSIM", 0),
    OpType.CCX: ("CCX", 0),
    OpType.CSWAP: ("CSWAP", 0),
    OpType.Phase: ("GPHASE", 0),
}
"""pytket's gate, and our name and added controls: the same matrix, parameters and order of qubits."""
MANY: dict[Any, str] = {
    OpType.CnX: "X",
    OpType.CnY: "Y",
    OpType.CnZ: "Z",
    OpType.CnRx: "RX",
    OpType.CnRy: "RY",
    OpType.CnRz: "RZ",
}
PARTS: dict[Any, Callable[..., Parts]] = {
    OpType.V: lambda: [("RX", [0], [pi / 2])],
    OpType.Vdg: lambda: [("RX", [0], [-pi / 2])],
    OpType.CV: lambda: [("CRX", [0, 1], [pi / 2])],
    OpType.CVdg: lambda: [("CRX", [0, 1], [-pi / 2])],
    OpType.U2: lambda a, b: [("U", [0], [pi / 2, a, b])],
    OpType.TK1: lambda a, b, c: [("RZ", [0], [c]), ("RX", [0], [b]), ("RZ", [0], [a])],
    OpType.PhasedX: lambda a, b: [("RZ", [0], [-b]), ("RX", [0], [a]), ("RZ", [0], [b])],
    OpType.ZZMax: lambda: [("RZZ", [0, 1], [pi / 2])],
    OpType.ISWAP: lambda a: [("RXX", [0, 1], [a * -0.5]), ("RYY", [0, 1], [a * -0.5])],
    OpType.TK2: lambda a, b, c: [("RXX", [0, 1], [a]), ("RYY", [0, 1], [b]), ("RZZ", [0, 1], [c])],
    OpType.Sycamore: lambda: [("FSIM", [0, 1], [pi / 2, pi / 6])],
    OpType.BRIDGE: lambda: [("CX", [0, 2], [])],
}
"""Gates that are a few of ours, in the order in which they act; parameters in radians."""
LETTERS = {Pauli.I: "I", Pauli.X: "X", Pauli.Y: "Y", Pauli.Z: "Z"}


def load(source: Any) -> Circuit:
    """The circuit of a pytket `Circuit`: bits in pytket's order, registers by their names.

    Permutations of wires that pytket keeps aside become SWAPs. Boxes are opened.
    """
    if not isinstance(source, tk.Circuit):
        raise refused(NAME, f"a `{type(source).__qualname__}` is no Circuit of pytket")
    symbols_there = sorted(str(symbol) for symbol in source.free_symbols())
    builder = CircuitBuilder(name=source.name or "", parameters=symbols_there)
    names.add_named([str(qubit) for qubit in source.qubits], builder.add_qubits)
    names.add_named([str(bit) for bit in source.bits], builder.add_clbits)
    places = {bit: index for index, bit in enumerate(source.qubits)}
    clbits = {bit: index for index, bit in enumerate(source.bits)}
    _read(builder, source, places, clbits, 0)
    return builder.build()


def _read(builder: CircuitBuilder, source: Any, qubits: dict[Any, int], clbits: dict[Any, int], depth: int) -> None:
    if depth > MAX_DEPTH:
        raise refused(NAME, f"boxes inside boxes beyond `{MAX_DEPTH}`")
    source = source.copy()
    source.replace_implicit_wire_swaps()
    phase = symbols.affine(NAME, source.phase, "global phase", pi)
    if phase != 0.0:
        builder.gate("GPHASE", [], [phase])
    for command in source.get_commands():
        operation = command.op
        bits = [clbits[bit] for bit in command.args if bit in clbits]
        targets = [qubits[qubit] for qubit in command.qubits]
        if operation.type == OpType.Conditional:
            builder.begin_if(Condition.compare(bits[: operation.width], "==", operation.value))
            _operation(builder, operation.op, targets, bits[operation.width :], depth)
            builder.end()
        else:
            _operation(builder, operation, targets, bits, depth)


def _operation(builder: CircuitBuilder, operation: Any, qubits: list[int], bits: list[int], depth: int) -> None:
    kind = operation.type
    if kind == OpType.Measure:
        builder.measure(qubits, bits)
    elif kind == OpType.Reset:
        builder.reset(qubits)
    elif kind == OpType.Barrier:
        builder.barrier(qubits)
    elif kind == OpType.Conditional or (bits and not hasattr(operation, "get_circuit")):
        raise refused(NAME, f"the classical operation `{operation.get_name()}` has no counterpart here")
    elif kind in PLAIN:
        name, controls = PLAIN[kind]
        params = _radians(operation)
        builder.gate(name, qubits, params, num_controls=controls)
    elif kind in MANY:
        builder.gate(MANY[kind], qubits, _radians(operation), num_controls=len(qubits) - 1)
    elif kind in PARTS:
        for name, places, params in PARTS[kind](*_radians(operation)):
            builder.gate(name, [qubits[place] for place in places], params)
    else:
        _box(builder, operation, qubits, bits, depth)


def _box(builder: CircuitBuilder, operation: Any, qubits: list[int], bits: list[int], depth: int) -> None:
    """A box by its kind, by its matrix while that is small, else by what it consists of."""
    kind = operation.type
    if kind == OpType.PauliExpBox:
        letters = "".join(LETTERS[pauli] for pauli in operation.get_paulis())
        angle = symbols.affine(NAME, operation.get_phase(), "PauliExpBox", pi)
        if set(letters) <= {"I"}:
            builder.gate("GPHASE", [], [angle * -0.5])
        else:
            builder.gate("PAULI_ROT", qubits, [angle], pauli=letters)
    elif kind == OpType.QControlBox:
        count = operation.get_n_controls()
        made = CircuitBuilder(len(qubits) - count)
        _operation(made, operation.get_op(), list(range(len(qubits) - count)), [], depth + 1)
        state = "".join(str(int(bit)) for bit in reversed(operation.get_control_state_bits()))
        builder.append(made.build().controlled(count, state), qubits)
    elif kind in (OpType.Unitary1qBox, OpType.Unitary2qBox, OpType.Unitary3qBox):
        builder.gate("UNITARY", qubits[::-1], matrix=operation.get_matrix())
    elif hasattr(operation, "get_circuit"):
        inner = operation.get_circuit()
        places = dict(zip(inner.qubits, qubits, strict=True))
        _read(builder, inner, places, dict(zip(inner.bits, bits, strict=True)), depth + 1)
    elif not bits and len(qubits) <= MATRIX_QUBITS and not operation.free_symbols():
        try:
            matrix = operation.get_unitary()
        except RuntimeError:
            raise refused(NAME, f"`{operation.get_name()}` has no counterpart here") from None
        builder.gate("UNITARY", qubits[::-1], matrix=matrix)
    else:
        raise refused(NAME, f"`{operation.get_name()}` has no counterpart here")


def _radians(operation: Any) -> list[Number]:
    return [symbols.affine(NAME, value, operation.get_name(), pi) for value in operation.params]


# ---- ours as pytket's --------------------------------------------------------------------------------------

WRITE: dict[str, Any] = {name: kind for kind, (name, controls) in PLAIN.items() if not controls}
TURN = {"X": (OpType.H,), "Y": (OpType.Sdg, OpType.H), "Z": ()}
TURN_BACK = {"X": (OpType.H,), "Y": (OpType.H, OpType.S), "Z": ()}
UNITARIES = {1: tk.Unitary1qBox, 2: tk.Unitary2qBox, 3: tk.Unitary3qBox}
PAULIS = {letter: pauli for pauli, letter in LETTERS.items()}


def dump(circuit: Circuit) -> Any:
    """The pytket `Circuit`. Bits of a circuit without registers are those of pytket's own `q` and `c`.

    Refused are registers whose order is not that of their names (pytket sorts), bits beside registers, metadata,
    declared parameters that nothing depends on, blocks of control flow, conditions other than the value of some bits,
    and delays.
    """
    if circuit.metadata:
        raise refused(NAME, f"pytket has no metadata, such as `{next(iter(circuit.metadata))}`")
    made = tk.Circuit(0, name=circuit.name or None)
    qubits = _bits(circuit.qubit_registers, circuit.num_qubits, "q", made.add_q_register)
    clbits = _bits(circuit.clbit_registers, circuit.num_clbits, "c", made.add_c_register)
    if made.qubits != qubits or made.bits != clbits:
        raise refused(NAME, "pytket orders registers by their names, which is not their order here")
    writer = _Writer(made, qubits, clbits)
    for instruction in circuit.instructions():
        writer.instruction(instruction)
    missing = set(circuit.parameters) - {str(symbol) for symbol in made.free_symbols()}
    if missing:
        raise refused(NAME, f"nothing depends on parameter `{min(missing)}`, and pytket keeps no such parameter")
    return made


def _bits(spans: Iterable[tuple[str, int, int]], total: int, own: str, add: Callable[[str, int], Any]) -> list[Any]:
    spans = sorted(spans, key=lambda span: span[1]) or ([(own, 0, total)] if total else [])
    if sum(size for _, _, size in spans) != total:
        raise refused(NAME, "pytket has no bits outside registers beside registers")
    try:
        return [bit for name, _, size in spans for bit in add(name, size).to_list()]
    except RuntimeError as error:
        raise refused(NAME, f"pytket refuses a register: {error}") from None


class _Writer:
    """Writes operations into a circuit of pytket's."""

    def __init__(self, made: Any, qubits: Sequence[Any], clbits: Sequence[Any]) -> None:
        self._made = made
        self._qubits = qubits
        self._clbits = clbits

    def instruction(self, instruction: Instruction) -> None:
        """One operation of ours."""
        if instruction.blocks or instruction.name == "DELAY":
            raise refused(NAME, f"pytket has no `{instruction.name}`")
        name, qubits = instruction.name, [self._qubits[index] for index in instruction.qubits]
        told = {} if instruction.condition is None else self._condition(instruction.condition)
        if name == "MEASURE":
            for qubit, index in zip(qubits, instruction.clbits, strict=True):
                for kind in TURN[instruction.basis]:
                    self._made.add_gate(kind, [qubit], **told)
                self._made.Measure(qubit, self._clbits[index], **told)
                for kind in TURN_BACK[instruction.basis]:
                    self._made.add_gate(kind, [qubit], **told)
        elif name == "RESET":
            for qubit in qubits:
                self._made.Reset(qubit, **told)
        elif name == "BARRIER":
            self._made.add_barrier(qubits)
        else:
            self._gate(instruction, qubits, told)

    def _gate(self, instruction: Instruction, qubits: list[Any], told: dict[str, Any]) -> None:
        name, count = instruction.name, instruction.num_controls
        plain = not instruction.inverse and instruction.power == 1.0
        width = len(qubits) - count
        known = name in WRITE or name == "PAULI_ROT" or (name == "UNITARY" and width in UNITARIES)
        if not known or not plain or (name == "GPHASE" and count):
            for part in decompose(alone(instruction, len(self._qubits)), list(WRITE)).instructions():
                self._gate(part, [self._qubits[index] for index in part.qubits], told)
            return
        params = [symbols.expression(value, pi) for value in instruction.params]
        if name == "GPHASE" and not told:
            self._made.add_phase(params[0])
            return
        if name == "UNITARY":
            import numpy as np

            qubits = qubits[:count] + qubits[count:][::-1]
            operation = UNITARIES[width](np.array(instruction.matrix))
        elif name == "PAULI_ROT":
            operation = tk.PauliExpBox([PAULIS[letter] for letter in instruction.pauli], params[0])
        else:
            operation = tk.Op.create(WRITE[name], params)
        if count:
            state = [value == "1" for value in reversed(instruction.ctrl_state)]
            operation = tk.QControlBox(operation, count, state)
        self._made.add_gate(operation, qubits, **told)

    def _condition(self, condition: Condition) -> dict[str, Any]:
        """The arguments that make an operation conditional."""
        node = json.loads(condition.to_json())
        if "bit" in node:
            return {"condition_bits": [self._clbits[node["bit"]]], "condition_value": 1}
        if "not" in node and "bit" in node["not"]:
            return {"condition_bits": [self._clbits[node["not"]["bit"]]], "condition_value": 0}
        if node.get("cmp") == "==":
            return {"condition_bits": [self._clbits[k] for k in node["bits"]], "condition_value": node["value"]}
        raise refused(NAME, "pytket's conditions are the value of some bits, which this one is not")
