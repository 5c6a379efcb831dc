"""Circuits as Quil, for machines that read it: `program` is run shot for shot, `prepared` are the gates alone.

Classical bit k is `ro[k]`. Conditions are computed into scratch bits by NOT, AND, IOR and XOR; loops are jumps that
count their rounds, and a WHILE that wants to go on beyond its bound sets `over[0]` and halts. Gates that Quil does not
name are defined by their matrices, which Quil reads with the first qubit as the most significant one. The language:
https://github.com/quil-lang/quil.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from eigen_driver.failure import RefusedError
from eigen_driver.matrices import matrix_of
from eigen_driver.walk import AFTER, BEFORE

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from eigen_driver.circuit import Circuit, Condition, Operation

NAMES = {
    "I": "I",
    "X": "X",
    "Y": "Y",
    "Z": "Z",
    "H": "H",
    "S": "S",
    "T": "T",
    "RX": "RX",
    "RY": "RY",
    "RZ": "RZ",
    "P": "PHASE",
    "CX": "CNOT",
    "CZ": "CZ",
    "CP": "CPHASE",
    "SWAP": "SWAP",
    "ISWAP": "ISWAP",
    "CCX": "CCNOT",
    "CSWAP": "CSWAP",
}
"""Gates by their names in Quil's standard gate set."""
ANGLES = {"RX": "theta", "RY": "theta", "RZ": "theta", "P": "lambda", "CP": "lambda"}
BITS = "ro"
OVER = "over"
SCRATCH = "cond"
ROUNDS = "rounds"
MOST_LINES = 2_000_000
SILENT = frozenset({"BARRIER", "DELAY", "GPHASE"})


def program(circuit: Circuit, values: Mapping[str, float]) -> str:
    """All that a circuit does, at these values of its parameters."""
    writer = _Writer(values)
    writer.block(circuit.operations)
    size = max(1, circuit.num_clbits)
    memory = [f"DECLARE {BITS} BIT[{size}]", f"DECLARE {OVER} BIT[1]"]
    if writer.scratch:
        memory.append(f"DECLARE {SCRATCH} BIT[{writer.scratch}]")
    if writer.loops:
        memory.append(f"DECLARE {ROUNDS} INTEGER[{writer.loops}]")
    return _text([*writer.definitions(), *memory, *writer.lines])


def prepared(circuit: Circuit, values: Mapping[str, float]) -> str:
    """The gates of a circuit that is not dynamic, with each qubit named; what is measured in X or Y is turned to Z."""
    writer = _Writer(values)
    writer.lines += [f"I {qubit}" for qubit in range(circuit.num_qubits)]
    for item in circuit.operations:
        if item.name == "MEASURE":
            for qubit in item.qubits:
                writer.turned(qubit, BEFORE[item.basis])
        else:
            writer.block([item])
    return _text([*writer.definitions(), *writer.lines])


def _text(lines: Iterable[str]) -> str:
    return "".join(f"{line}\n" for line in lines)


class _Writer:
    def __init__(self, values: Mapping[str, float]) -> None:
        self._values = values
        self._matrices: dict[str, tuple[str, int]] = {}
        self._labels = 0
        self.lines: list[str] = []
        self.scratch = 0
        self.loops = 0

    def definitions(self) -> list[str]:
        """The gates that were defined by their matrices."""
        return [line for body, (name, _) in self._matrices.items() for line in (f"DEFGATE {name}:", body)]

    def block(self, operations: Sequence[Operation]) -> None:
        """Operations one after the other."""
        for item in operations:
            if len(self.lines) > MOST_LINES:
                raise RefusedError("EIGEN_SIM_UNSUPPORTED", f"the circuit is over `{MOST_LINES}` lines of Quil")
            if item.name == "FOR":
                self._repeat(item)
            elif item.name == "WHILE":
                self._while(item)
            elif item.condition is not None:
                self._branch(item)
            else:
                self._do(item)

    def turned(self, qubit: int, names: Sequence[str]) -> None:
        """Gates of one qubit that turn a basis."""
        for name in names:
            self.lines += [f"Z {qubit}", f"S {qubit}"] if name == "Sdg" else [f"{NAMES[name]} {qubit}"]

    def _do(self, item: Operation) -> None:
        if item.name == "MEASURE":
            for qubit, bit in zip(item.qubits, item.clbits, strict=True):
                self.turned(qubit, BEFORE[item.basis])
                self.lines.append(f"MEASURE {qubit} {BITS}[{bit}]")
                self.turned(qubit, AFTER[item.basis])
        elif item.name == "RESET":
            self.lines += [f"RESET {qubit}" for qubit in item.qubits]
        elif item.name not in SILENT:
            self.lines.append(self._gate(item))

    def _gate(self, item: Operation) -> str:
        if item.name not in NAMES:
            name = self._defined(matrix_of(item, self._values), len(item.qubits))
            return f"{name} {' '.join(map(str, reversed(item.qubits)))}"
        angles = item.angles(self._values, ANGLES[item.name]) if item.name in ANGLES else ()
        told = f"({', '.join(repr(float(angle)) for angle in angles)})" if angles else ""
        return f"{NAMES[item.name]}{told} {' '.join(map(str, item.qubits))}"

    def _defined(self, matrix: Any, width: int) -> str:
        rows = ("    " + ", ".join(_complex(complex(entry)) for entry in row) for row in matrix)
        return self._matrices.setdefault("\n".join(rows), (f"G{len(self._matrices)}", width))[0]

    def _branch(self, item: Operation) -> None:
        """An IF, or an operation with a condition."""
        assert item.condition is not None
        end = self._label("end")
        other = self._label("else") if len(item.blocks) > 1 else end
        self.lines.append(f"JUMP-UNLESS {other} {self._answer(item.condition, 0)}")
        if not item.blocks:
            self._do(item)
        else:
            self.block(item.blocks[0])
        if len(item.blocks) > 1:
            self.lines += [f"JUMP {end}", f"LABEL {other}"]
            self.block(item.blocks[1])
        self.lines.append(f"LABEL {end}")

    def _repeat(self, item: Operation) -> None:
        start, end, count, full = self._loop()
        self.lines += [f"GE {full} {count} {item.bound}", f"JUMP-WHEN {end} {full}"]
        self._round(item, start, end, count)

    def _while(self, item: Operation) -> None:
        assert item.condition is not None
        start, end, count, full = self._loop()
        within = self._label("within")
        self.lines.append(f"JUMP-UNLESS {end} {self._answer(item.condition, 0)}")
        self.lines += [f"GE {full} {count} {item.bound}", f"JUMP-UNLESS {within} {full}"]
        self.lines += [f"MOVE {OVER}[0] 1", "HALT", f"LABEL {within}"]
        self._round(item, start, end, count)

    def _loop(self) -> tuple[str, str, str, str]:
        """Where a loop starts and ends, its count of rounds, and a bit for whether they are over."""
        count = f"{ROUNDS}[{self.loops}]"
        self.loops += 1
        start, end = self._label("start"), self._label("end")
        self.lines += [f"MOVE {count} 0", f"LABEL {start}"]
        return start, end, count, self._bit(0)

    def _round(self, item: Operation, start: str, end: str, count: str) -> None:
        self.block(item.blocks[0])
        self.lines += [f"ADD {count} 1", f"JUMP {start}", f"LABEL {end}"]

    def _label(self, name: str) -> str:
        self._labels += 1
        return f"@{name}{self._labels}"

    def _bit(self, place: int) -> str:
        self.scratch = max(self.scratch, place + 1)
        return f"{SCRATCH}[{place}]"

    def _answer(self, condition: Condition, place: int) -> str:
        """Compute a condition into the scratch bit at `place`, using those behind it."""
        bit = self._bit(place)
        if condition.kind == "const":
            self.lines.append(f"MOVE {bit} {int(bool(condition.value))}")
        elif condition.kind == "bit":
            self.lines.append(f"MOVE {bit} {BITS}[{condition.bits[0]}]")
        elif condition.kind == "compare":
            self._compare(condition, bit, place)
        elif condition.kind == "not":
            self._answer(condition.parts[0], place)
            self.lines.append(f"NOT {bit}")
        else:
            word = {"and": "AND", "or": "IOR", "xor": "XOR"}[condition.kind]
            self._answer(condition.parts[0], place)
            for part in condition.parts[1:]:
                self.lines.append(f"{word} {bit} {self._answer(part, place + 1)}")
        return bit

    def _compare(self, condition: Condition, bit: str, place: int) -> None:
        """The unsigned number of some bits, compared with a constant bit by bit from the least significant one."""
        kind, value, size = condition.comparison, condition.value, len(condition.bits)
        if kind in {"==", "!="}:
            self._equal(condition, bit, place)
            turned = kind == "!="
        else:
            bound = value + 1 if kind in {"<=", ">"} else value  # whether the number is less than that
            self._less(condition.bits, min(max(bound, 0), 1 << size), bit, place)
            turned = kind in {">", ">="}
        if turned:
            self.lines.append(f"NOT {bit}")

    def _equal(self, condition: Condition, bit: str, place: int) -> None:
        value, size = condition.value, len(condition.bits)
        self.lines.append(f"MOVE {bit} {int(0 <= value < 1 << size)}")
        each = self._bit(place + 1)
        for position, source in enumerate(condition.bits):
            self.lines.append(f"MOVE {each} {BITS}[{source}]")
            if not value >> position & 1:
                self.lines.append(f"NOT {each}")
            self.lines.append(f"AND {bit} {each}")

    def _less(self, bits: Sequence[int], bound: int, bit: str, place: int) -> None:
        self.lines.append(f"MOVE {bit} {int(bound == 1 << len(bits))}")
        if bound == 1 << len(bits):
            return
        each = self._bit(place + 1)
        for position, source in enumerate(bits):
            self.lines += [f"MOVE {each} {BITS}[{source}]", f"NOT {each}"]
            self.lines.append(f"{'IOR' if bound >> position & 1 else 'AND'} {bit} {each}")


def _complex(value: complex) -> str:
    real, imaginary = repr(value.real), repr(value.imag)
    return f"{real}{'' if imaginary.startswith('-') else '+'}{imaginary}i"
