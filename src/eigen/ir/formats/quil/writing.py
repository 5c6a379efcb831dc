"""Our circuits as Quil: registers as memory, branches and loops as the jumps that pyQuil writes for them."""

from __future__ import annotations

import json
import re
from math import isfinite
from typing import TYPE_CHECKING, Any

from eigen.ir.circuit import Affine, Circuit, Instruction, decompose
from eigen.ir.formats import header, names
from eigen.ir.formats.lowering import TURN, TURN_BACK, alone
from eigen.ir.formats.objects import refused
from eigen.ir.formats.quil.gates import BOUND, TELL, WRITE

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from eigen.ir.circuit import Condition

NAME = "quil"
IDENTIFIER = re.compile(r"[A-Za-z_](?:\w|-(?=\w))*", re.ASCII)
MAX_OPERATIONS = 2_000_000  # written out
SECONDS = {"ns": 1e-9, "us": 1e-6, "ms": 1e-3, "s": 1.0}


def dump(circuit: Circuit) -> bytes:
    """The Quil program of a circuit, exact; a global phase stands as `PHASE(2γ)` and `RZ(-2γ)` on qubit 0.

    Names that Quil has no place for stand in a pragma, from which `load` has them back. Loops of known length are
    written out. Raises EIGEN_FORMAT_UNSUPPORTED for delays in `dt`, conditions other than bits and their negations
    joined by AND, and parameters with names that Quil does not allow.
    """
    writer = _Writer(circuit)
    lines = writer.block(circuit.instructions())
    return "".join(f"{line}\n" for line in [*writer.head(), *lines]).encode()


class _Writer:
    """Makes lines."""

    def __init__(self, circuit: Circuit) -> None:
        self._circuit = circuit
        self._labels = 0
        self._left = MAX_OPERATIONS
        self._matrices: dict[str, str] = {}
        self._cells = self._memory()
        self._width = 0

    def _memory(self) -> list[str]:
        """The cell of each classical bit; registers whose names Quil does not allow get others."""
        self._declared: list[str] = []
        cells: list[str] = []
        taken = {name for name, _ in names.registers(self._circuit.parameters)}
        for number, (name, size) in enumerate(names.runs(self._circuit.clbit_registers, self._circuit.num_clbits)):
            label = name or "ro"
            if IDENTIFIER.fullmatch(label) is None or label in taken or label.upper() in {"PI", "I"}:
                label = f"bits{number}"
            taken.add(label)
            self._declared.append(f"DECLARE {label} BIT[{size}]")
            cells += [f"{label}[{index}]" for index in range(size)]
        return cells

    def head(self) -> list[str]:
        """Names, memory and the matrices that were met."""
        circuit = self._circuit
        runs = names.runs(circuit.clbit_registers, circuit.num_clbits)
        plain = circuit.name or circuit.metadata or circuit.qubit_registers or self._width != circuit.num_qubits
        kept = [f"DECLARE {name} BIT[{size}]" for name, size in runs]
        lines: list[str] = []
        if plain or kept != self._declared or len(circuit.parameters) > 1:
            told = header.told(circuit).replace("\\", "\\\\").replace('"', '\\"')
            lines.append(f'PRAGMA {TELL} "{told}"')
        lines += self._declared
        for name, size in names.registers(circuit.parameters):
            if IDENTIFIER.fullmatch(name) is None or name.upper() in {"PI", "I"}:
                raise refused(NAME, f"Quil does not allow the name `{name}` of a parameter", "rename it")
            lines.append(f"DECLARE {name} REAL[{size}]")
        for body, name in self._matrices.items():
            lines += [f"DEFGATE {name} AS MATRIX:", body]
        return lines

    def block(self, instructions: Iterable[Instruction]) -> list[str]:
        """The lines of some instructions."""
        return [line for instruction in instructions for line in self._instruction(instruction)]

    def _instruction(self, instruction: Instruction) -> list[str]:
        self._left -= 1
        if self._left < 0:
            raise refused(NAME, f"the circuit, written out, is over `{MAX_OPERATIONS}` operations")
        self._width = max([self._width, *(qubit + 1 for qubit in instruction.qubits)])
        name, blocks, condition = instruction.name, instruction.blocks, instruction.condition
        if name == "WHILE":
            return self._loop(instruction)
        if name == "FOR":
            return [line for _ in range(instruction.bound) for line in self.block(blocks[0])]
        if name == "IF" and condition is not None:
            return self._branch(condition, self.block(blocks[0]), self.block(blocks[1]) if len(blocks) > 1 else [])
        lines = self._operation(instruction)
        return lines if condition is None else self._branch(condition, lines, [])

    def _branch(self, condition: Condition, then: list[str], other: list[str]) -> list[str]:
        self._labels += 1
        end = f"@END{self._labels}"
        if not other:
            return [*_jumps(condition, end, self._cells), *then, f"LABEL {end}"]
        skip = f"@ELSE{self._labels}"
        jumps = _jumps(condition, skip, self._cells)
        return [*jumps, *then, f"JUMP {end}", f"LABEL {skip}", *other, f"LABEL {end}"]

    def _loop(self, instruction: Instruction) -> list[str]:
        self._labels += 1
        start, end = f"@START{self._labels}", f"@END{self._labels}"
        assert instruction.condition is not None
        jumps = _jumps(instruction.condition, end, self._cells)
        body = self.block(instruction.blocks[0])
        bound = f'PRAGMA {BOUND} "{instruction.bound}"'
        return [bound, f"LABEL {start}", *jumps, *body, f"JUMP {start}", f"LABEL {end}"]

    def _operation(self, instruction: Instruction) -> list[str]:
        name, qubits = instruction.name, instruction.qubits
        if name == "MEASURE":
            return [
                line
                for pair in zip(qubits, instruction.clbits, strict=True)
                for line in self._measure(*pair, instruction.basis)
            ]
        if name == "RESET":
            return [f"RESET {qubit}" for qubit in qubits]
        if name == "BARRIER":
            return [f"FENCE {' '.join(map(str, qubits))}"]
        if name == "DELAY":
            if instruction.unit not in SECONDS:
                raise refused(NAME, f"a delay in `{instruction.unit}` has no counterpart in Quil")
            duration = _expression(instruction.params[0] * SECONDS[instruction.unit])
            return [f"DELAY {' '.join(map(str, qubits))} {duration}"]
        return self._gate(instruction)

    def _measure(self, qubit: int, bit: int, basis: str) -> list[str]:
        before = [f"{WRITE[gate]} {qubit}" for gate in TURN[basis]]
        after = [f"{WRITE[gate]} {qubit}" for gate in TURN_BACK[basis]]
        return [*before, f"MEASURE {qubit} {self._cells[bit]}", *after]

    def _gate(self, instruction: Instruction) -> list[str]:
        name, count = instruction.name, instruction.num_controls
        if name == "GPHASE" and not count:
            return self._phase(instruction.params[0] * (-1.0 if instruction.inverse else 1.0) * instruction.power)
        if (name not in WRITE and name != "UNITARY") or instruction.power != 1.0:
            parts = decompose(alone(instruction, self._circuit.num_qubits), [*WRITE, "GPHASE"]).instructions()
            return [line for part in parts for line in self._gate(part)]
        controls, targets = instruction.qubits[:count], instruction.qubits[count:]
        theirs = WRITE.get(name) or self._matrix(instruction)
        if name == "UNITARY":
            targets = targets[::-1]
        params = f"({', '.join(map(_expression, instruction.params))})" if instruction.params else ""
        head = "CONTROLLED " * count + ("DAGGER " if instruction.inverse else "") + theirs + params
        flips = [f"X {q}" for q, state in zip(controls, reversed(instruction.ctrl_state), strict=True) if state == "0"]
        return [*flips, f"{head} {' '.join(map(str, [*controls, *targets]))}", *flips]

    def _phase(self, angle: float | Affine) -> list[str]:
        if not self._circuit.num_qubits:
            raise refused(NAME, "Quil has no global phase, and there is no qubit that could carry it")
        self._width = max(self._width, 1)
        return [f"PHASE({_expression(angle * 2.0)}) 0", f"RZ({_expression(angle * -2.0)}) 0"] if angle != 0.0 else []

    def _matrix(self, instruction: Instruction) -> str:
        rows = ["    " + ", ".join(_complex(value) for value in row) for row in instruction.matrix or ()]
        body = "\n".join(rows)
        return self._matrices.setdefault(body, f"UNITARY{len(self._matrices)}")


def _jumps(condition: Condition, label: str, cells: Sequence[str]) -> list[str]:
    """Jumps to a label that are taken unless a condition holds."""
    literals = _literals(json.loads(condition.to_json()))
    return [f"JUMP-{'UNLESS' if value else 'WHEN'} {label} {cells[bit]}" for bit, value in literals]


def _literals(node: dict[str, Any]) -> list[tuple[int, bool]]:
    """The bits whose values are what a condition says."""
    if "bit" in node:
        return [(node["bit"], True)]
    if "not" in node and "bit" in node["not"]:
        return [(node["not"]["bit"], False)]
    if "and" in node:
        return [literal for part in node["and"] for literal in _literals(part)]
    if node.get("cmp") == "==" and 0 <= node["value"] < 1 << len(node["bits"]):
        return [(bit, bool(node["value"] >> place & 1)) for place, bit in enumerate(node["bits"])]
    raise refused(NAME, "a condition that is no AND of bits and their negations has no counterpart in jumps")


def _expression(value: float | Affine) -> str:
    if not isinstance(value, Affine):
        return repr(float(value))
    parts = [f"{factor!r}*{name}" if factor != 1.0 else name for name, factor in value.terms.items()]
    if value.constant or not parts:
        parts.append(repr(value.constant))
    return "+".join(parts).replace("+-", "-")


def _complex(value: complex) -> str:
    if not (isfinite(value.real) and isfinite(value.imag)):
        raise refused(NAME, "a matrix has entries that are no numbers")
    return f"{value.real!r}{value.imag:+}i" if value.imag else repr(value.real)
