"""Our circuits as QuTiP's."""

# pyright: reportUnknownMemberType=false, reportUnknownVariableType=false, reportUnknownArgumentType=false
# pyright: reportMissingTypeStubs=false, reportMissingImports=false

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from qutip import Qobj
from qutip_qip.circuit import QubitCircuit
from qutip_qip.operations import Gate

from eigen.ir.circuit import Affine, decompose
from eigen.ir.formats.lowering import TURN, TURN_BACK, alone
from eigen.ir.formats.objects import refused
from eigen.ir.formats.qutip.circuits.gates import CONTROLS, WRITE

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from eigen.ir.circuit import Circuit, Condition, Instruction

NAME = "qutip"


def dump(circuit: Circuit, *, names: bool = True) -> Any:
    """The `QubitCircuit`; matrices are `user_gates` named `UNITARY_0`, ….

    QuTiP has no names: a circuit with registers, a name or metadata is refused unless `names=False` says that they
    may stay behind. Refused are also open parameters, resets, barriers, delays, loops and ELSE, conditions other than
    the values of bits, and conditional measurements.
    """
    kept = [name for name, _, _ in (*circuit.qubit_registers, *circuit.clbit_registers)]
    kept += [circuit.name] if circuit.name else []
    kept += list(circuit.metadata)
    if names and kept:
        raise refused(NAME, f"QuTiP has no names and metadata, such as `{kept[0]}`", "ask for it with `names=False`")
    if circuit.parameters:
        raise refused(NAME, f"QuTiP's circuits have numbers, and no open parameter such as `{circuit.parameters[0]}`")
    writer = _Writer(circuit)
    for instruction in circuit.instructions():
        writer.instruction(instruction, {})
    return writer.made


class _Writer:
    """Writes operations into a circuit of QuTiP's."""

    def __init__(self, circuit: Circuit) -> None:
        self.made: Any = QubitCircuit(circuit.num_qubits, num_cbits=circuit.num_clbits)
        self._num_qubits = circuit.num_qubits

    def instruction(self, instruction: Instruction, outer: Mapping[int, int]) -> None:
        """One operation of ours, where bits have the values of `outer`."""
        name, own = instruction.name, _values(instruction.condition)
        if name == "IF":
            self._branch(instruction, own, outer)
            return
        wanted = _both(own, outer)
        if wanted is None:
            return
        if instruction.blocks or name in {"RESET", "BARRIER", "DELAY", "COMPUTE"}:
            raise refused(NAME, f"QuTiP's circuits have no `{name}`")
        if name == "MEASURE":
            self._measure(instruction, wanted)
        else:
            self._gate(instruction, wanted)

    def _branch(self, instruction: Instruction, own: Mapping[int, int], outer: Mapping[int, int]) -> None:
        """What an IF holds goes under its condition, one by one; what its ELSE holds under the other value of a bit."""
        if len(instruction.blocks) > 1 and len(own) != 1:
            raise refused(NAME, "QuTiP has no ELSE, and only of one bit is there another value")
        others = {bit: 1 - value for bit, value in own.items()}
        for block, values in zip(instruction.blocks, (own, others), strict=False):
            wanted = _both(values, outer)
            if wanted is not None:
                for inner in block:
                    self.instruction(inner, wanted)

    def _measure(self, instruction: Instruction, wanted: Mapping[int, int]) -> None:
        if wanted:
            raise refused(NAME, "QuTiP has no conditional measurement")
        for qubit, bit in zip(instruction.qubits, instruction.clbits, strict=True):
            for gate in TURN[instruction.basis]:
                self._add(gate, [qubit], [], wanted)
            self.made.add_measurement(f"M{bit}", targets=[qubit], classical_store=bit)
            for gate in TURN_BACK[instruction.basis]:
                self._add(gate, [qubit], [], wanted)

    def _gate(self, instruction: Instruction, wanted: Mapping[int, int]) -> None:
        import numpy as np

        name, count = instruction.name, instruction.num_controls
        if instruction.inverse or instruction.power != 1.0 or count or (name not in WRITE and name != "UNITARY"):
            for part in decompose(alone(instruction, self._num_qubits), list(WRITE)).instructions():
                self._gate(part, wanted)
            return
        if name != "UNITARY":
            params = [value for value in instruction.params if not isinstance(value, Affine)]
            self._add(name, instruction.qubits, params, wanted)
            return
        width = len(instruction.qubits)
        matrix = Qobj(np.array(instruction.matrix), dims=[[2] * width] * 2)
        label = f"UNITARY_{len(self.made.user_gates)}"
        self.made.user_gates[label] = matrix
        self.made.add_gate(label, targets=list(instruction.qubits[::-1]), **_controls(wanted))

    def _add(self, name: str, qubits: Any, params: Sequence[float], wanted: Mapping[int, int]) -> None:
        """A gate by our name. QuTiP has S† only as a phase."""
        import numpy as np

        if name == "Sdg":
            name, params = "P", [-np.pi / 2]
        places, count = [int(qubit) for qubit in qubits], CONTROLS.get(name, 0)
        value = None if not params else params[0]
        under = {"controls": places[:count]} if count else {}
        targets = places[count:] or None
        if name in {"I", "P", "GPHASE"}:
            self.made.gates.append(Gate(WRITE[name], targets=targets, arg_value=value, **_controls(wanted)))
        else:
            self.made.add_gate(WRITE[name], targets=targets, arg_value=value, **under, **_controls(wanted))


def _both(own: Mapping[int, int], outer: Mapping[int, int]) -> dict[int, int] | None:
    """The values that two conditions want; None where they want a bit to be 0 and 1, which it never is."""
    if any(outer.get(bit, value) != value for bit, value in own.items()):
        return None
    return {**outer, **own}


def _controls(wanted: Mapping[int, int]) -> dict[str, Any]:
    """The classical controls of a gate; the first one is the most significant bit of their value."""
    if not wanted:
        return {}
    bits = list(wanted)
    value = int("".join(str(wanted[bit]) for bit in bits), 2)
    return {"classical_controls": bits, "classical_control_value": value}


def _values(condition: Condition | None) -> dict[int, int]:
    """The values that a condition wants of bits."""
    if condition is None:
        return {}
    wanted: dict[int, int] = {}
    waiting: list[dict[str, Any]] = [json.loads(condition.to_json())]
    while waiting:
        node = waiting.pop()
        inner = node.get("not", {})
        if "bit" in node:
            found = {node["bit"]: 1}
        elif "bit" in inner:
            found = {inner["bit"]: 0}
        elif node.get("cmp") == "==":
            found = {bit: node["value"] >> place & 1 for place, bit in enumerate(node["bits"])}
        elif "and" in node:
            waiting += node["and"]
            continue
        else:
            raise refused(NAME, "QuTiP's gates wait for the values of bits, which this condition does not say")
        for bit, value in found.items():
            if wanted.setdefault(bit, value) != value:
                raise refused(NAME, f"a condition wants bit `{bit}` to be 0 and 1")
    return wanted
