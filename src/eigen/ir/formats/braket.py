"""Braket's `Circuit`, in and out. It needs the extra `braket`, which is loaded with this module.

Braket numbers its qubits and names nothing; the first qubit of a matrix is the most significant one.
"""

# pyright: reportUnknownMemberType=false, reportUnknownVariableType=false, reportUnknownArgumentType=false
# pyright: reportMissingTypeStubs=false, reportMissingModuleSource=false, reportMissingImports=false
# pyright: reportUnknownParameterType=false, reportUnknownLambdaType=false, reportAttributeAccessIssue=false

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import braket.circuits as bk
from braket.circuits import Gate
from braket.circuits.measure import Measure

from eigen.ir.circuit import Affine, Circuit, CircuitBuilder, decompose
from eigen.ir.formats import symbols
from eigen.ir.formats.lowering import TURN, TURN_BACK, alone
from eigen.ir.formats.objects import refused

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from eigen.ir.circuit import Instruction

NAME = "braket"
MATRIX_QUBITS = 6  # up to here an operation that is no gate of ours is read as its matrix

PLAIN: dict[Any, str] = {
    Gate.I: "I",
    Gate.X: "X",
    Gate.Y: "Y",
    Gate.Z: "Z",
    Gate.H: "H",
    Gate.S: "S",
    Gate.Si: "Sdg",
    Gate.T: "T",
    Gate.Ti: "Tdg",
    Gate.V: "SX",
    Gate.Vi: "SXdg",
    Gate.Rx: "RX",
    Gate.Ry: "RY",
    Gate.Rz: "RZ",
    Gate.PhaseShift: "P",
    Gate.U: "U",
    Gate.CNot: "CX",
    Gate.CY: "CY",
    Gate.CZ: "CZ",
    Gate.CPhaseShift: "CP",
    Gate.Swap: "SWAP",
    Gate.ISwap: "ISWAP",
    Gate.XX: "RXX",
    Gate.YY: "RYY",
    Gate.ZZ: "RZZ",
    Gate.CCNot: "CCX",
    Gate.CSwap: "CSWAP",
    Gate.GPhase: "GPHASE",
}
"""Braket's gate and our name: the same matrix, parameters and order of qubits."""
WRITE: dict[str, Any] = {ours: theirs for theirs, ours in PLAIN.items()}


def load(source: Any) -> Circuit:
    """The circuit of a Braket `Circuit`; measurement k writes classical bit k.

    Qubits that are not used, below the last one that is, are idle ones here. Result types are questions to the final
    state and no part of the circuit. Refused are noise, pulses, verbatim boxes and parameters that are not affine.
    """
    if not isinstance(source, bk.Circuit):
        raise refused(NAME, f"a `{type(source).__qualname__}` is no Circuit of Braket")
    builder = CircuitBuilder(parameters=sorted(str(parameter) for parameter in source.parameters))
    builder.add_qubits(max((int(qubit) + 1 for qubit in source.qubits), default=0))
    measured = sum(isinstance(item.operator, Measure) for item in source.instructions)
    if measured:
        builder.add_clbits(measured)
    bit = 0
    for item in source.instructions:
        qubits = [int(qubit) for qubit in item.target]
        if isinstance(item.operator, Measure):
            builder.measure(qubits, [bit])
            bit += 1
        elif isinstance(item.operator, Gate):
            _gate(builder, item, qubits)
        else:
            raise refused(NAME, f"`{item.operator.name}` has no counterpart in a circuit")
    return builder.build()


def _gate(builder: CircuitBuilder, item: Any, qubits: list[int]) -> None:
    """A gate with its controls and power; what has no name here by its matrix, while that is small."""
    gate, controls = item.operator, [int(qubit) for qubit in item.control]
    power: Any = item.power
    if isinstance(power, bk.FreeParameterExpression):
        raise refused(NAME, f"the power `{power}` has an open parameter")
    state = "".join(str(bit) for bit in reversed(tuple(item.control_state))) if controls else None
    options: dict[str, Any] = {"num_controls": len(controls), "ctrl_state": state, "power": float(power)}
    name = PLAIN.get(type(gate))
    if name == "GPHASE" and not controls:
        builder.gate(name, [], [value * float(power) for value in _params(gate)])
    elif name is not None:
        builder.gate(name, [*controls, *qubits], _params(gate), **options)
    elif len(qubits) > MATRIX_QUBITS or any(isinstance(value, Affine) for value in _params(gate)):
        raise refused(NAME, f"`{gate.name}` with open parameters, or on so many qubits, has no counterpart here")
    else:
        try:
            matrix = gate.to_matrix()
        except NotImplementedError:
            raise refused(NAME, f"`{gate.name}` has no matrix and no counterpart here") from None
        builder.gate("UNITARY", [*controls, *qubits[::-1]], matrix=matrix, **options)


def _params(gate: Any) -> list[float | Affine]:
    values = getattr(gate, "parameters", None) or []
    expressions = [value.expression if isinstance(value, bk.FreeParameterExpression) else value for value in values]
    return [symbols.affine(NAME, value, gate.name) for value in expressions]


# ---- ours as Braket's --------------------------------------------------------------------------------------


def dump(circuit: Circuit, *, names: bool = True) -> Any:
    """The Braket `Circuit`, on qubits 0 … n-1; idle ones get an identity.

    Braket has no names: a circuit with registers, a name or metadata is refused unless `names=False` says that they
    may stay behind. Refused are also resets, barriers, delays, conditions and blocks, and classical bits that are not
    measured once each, in order, at the end of their qubit.
    """
    kept = [name for name, _, _ in (*circuit.qubit_registers, *circuit.clbit_registers)]
    kept += [circuit.name] if circuit.name else []
    kept += list(circuit.metadata)
    if names and kept:
        raise refused(NAME, f"Braket has no names and metadata, such as `{kept[0]}`", "ask for it with `names=False`")
    writer = _Writer(circuit)
    for instruction in circuit.instructions():
        writer.instruction(instruction)
    return writer.made()


class _Writer:
    """Collects instructions."""

    def __init__(self, circuit: Circuit) -> None:
        self._circuit = circuit
        self._made = bk.Circuit()
        self._measured = 0

    def made(self) -> Any:
        """The circuit, with identities before it on qubits that are not used."""
        if self._measured != self._circuit.num_clbits:
            raise refused(NAME, f"nothing is measured into bit `{self._measured}`: Braket has no such bits")
        used = {int(qubit) for qubit in self._made.qubits}
        idle = [qubit for qubit in range(self._circuit.num_qubits) if qubit not in used]
        missing = set(self._circuit.parameters) - {str(parameter) for parameter in self._made.parameters}
        if missing:
            raise refused(NAME, f"nothing depends on parameter `{min(missing)}`, and Braket keeps no such parameter")
        before = bk.Circuit()
        for qubit in idle:
            before.i(qubit)
        return before.add_circuit(self._made) if idle else self._made

    def instruction(self, instruction: Instruction) -> None:
        """One operation of ours."""
        name = instruction.name
        if instruction.condition is not None or instruction.blocks or name in {"RESET", "BARRIER", "DELAY"}:
            what = "conditional operations" if instruction.condition is not None else f"`{name}`"
            raise refused(NAME, f"Braket's circuits have no {what}")
        if name != "MEASURE":
            for item in self._gates(instruction):
                self._add(item)
            return
        for qubit, bit in zip(instruction.qubits, instruction.clbits, strict=True):
            if bit != self._measured:
                raise refused(NAME, f"bit `{bit}` is measured out of its order: Braket numbers outcomes as they come")
            self._measured += 1
            for gate in TURN[instruction.basis]:
                self._add(bk.Instruction(WRITE[gate](), [qubit]))
            try:
                self._made.measure(qubit)
            except ValueError as error:
                raise refused(NAME, f"Braket refuses the measurement: {error}") from None
            for gate in TURN_BACK[instruction.basis]:
                self._add(bk.Instruction(WRITE[gate](), [qubit]))

    def _add(self, item: Any) -> None:
        try:
            self._made.add_instruction(item)
        except ValueError as error:
            raise refused(NAME, f"Braket refuses `{item.operator.name}` here: {error}") from None

    def _gates(self, instruction: Instruction) -> Iterable[Any]:
        name, count = instruction.name, instruction.num_controls
        known = name in WRITE or name == "UNITARY"
        if not known or instruction.inverse or instruction.power != 1.0 or (name == "GPHASE" and count):
            for part in decompose(alone(instruction, self._circuit.num_qubits), list(WRITE)).instructions():
                yield from self._gates(part)
            return
        targets: Sequence[int] = instruction.qubits[count:]
        if name == "UNITARY":
            import numpy as np

            targets, gate = targets[::-1], Gate.Unitary(np.array(instruction.matrix))
        else:
            gate = WRITE[name](*(_expression(value) for value in instruction.params))
        state = [int(bit) for bit in reversed(instruction.ctrl_state)] or None
        yield bk.Instruction(gate, targets, control=instruction.qubits[:count] or None, control_state=state)


def _expression(value: float | Affine) -> Any:
    return bk.FreeParameterExpression(symbols.expression(value)) if isinstance(value, Affine) else value
