"""Our circuits as QIR text: the base profile where every measurement can come last, else the adaptive one."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from eigen.errors import EigenError, suggest
from eigen.ir.circuit import Affine, decompose
from eigen.ir.formats import header, names
from eigen.ir.formats.lowering import TURN, TURN_BACK, alone
from eigen.ir.formats.objects import refused
from eigen.ir.formats.qir.cells import Cells, every
from eigen.ir.formats.qir.computation import WORD, Computation, Term, real
from eigen.ir.formats.qir.frame import PROFILES, VERSIONS, Frame
from eigen.ir.formats.qir.gates import PREFIX, RUNTIME, TELL, WRITE

if TYPE_CHECKING:
    from collections.abc import Iterable

    from eigen.ir.circuit import Circuit, Condition, Instruction
    from eigen.ir.formats.qir.cells import Cell

NAME = "qir"
MAX_OPERATIONS = 1_000_000  # written out
ZERO = {"i1": "false", "i64": "0", "double": "0.0"}
BASIS = (*WRITE, "GPHASE")


def dump(circuit: Circuit, *, profile: str | None = None, version: str = "2.0") -> bytes:
    """The QIR program of a circuit in LLVM's text, exact up to the global phase, which QIR does not have.

    `profile` is `base` or `adaptive`; by default the base profile where the circuit fits. `version` 1.0 writes typed
    pointers, as LLVM did to its version 14. Loops of known length are written out. Names that QIR has no place for
    stand in an attribute of the entry point, from which `load` has them back. Raises EIGEN_FORMAT_UNSUPPORTED for
    parameters, delays, barriers on some of the qubits, operations of COMPUTE that LLVM has no instruction for or that
    need more than 64 bits, and what does not fit the profile asked for; EIGEN_USAGE for another profile or version.
    """
    for what, value, known in (("profile", profile or "base", PROFILES), ("version", version, VERSIONS)):
        if value not in known:
            hint = suggest(str(value), list(known)) or f"one of {', '.join(known)}"
            raise EigenError("EIGEN_USAGE", f"there is no {what} `{str(value)[:40]}` of QIR here", hint=hint)
    if circuit.parameters:
        raise refused(NAME, f"QIR has no open parameters, such as `{circuit.parameters[0]}`", "bind them")
    why = _beyond_base(circuit)
    if profile == "base" and why:
        raise refused(NAME, f"the base profile has no {why}", "write the adaptive profile")
    return _Writer(circuit, version, is_base=not why and profile != "adaptive").text().encode()


def _beyond_base(circuit: Circuit) -> str:
    """What of a circuit the base profile does not have; nothing where all measurements can come last."""
    if circuit.computes:
        return "values that are computed"
    done: set[int] = set()
    written: set[int] = set()
    for instruction in circuit.instructions():
        name = instruction.name
        if instruction.blocks or instruction.condition is not None:
            return "branches and loops"
        if name == "RESET":
            return "resets"
        if name == "MEASURE":
            if instruction.basis != "Z" or done.intersection(instruction.qubits) or written & set(instruction.clbits):
                return "operations behind a measurement"
            done.update(instruction.qubits)
            written.update(instruction.clbits)
        elif done.intersection(instruction.qubits) and name != "BARRIER":
            return "operations behind a measurement"
    return ""


class _Writer:
    """Makes the lines of the entry point."""

    def __init__(self, circuit: Circuit, version: str, is_base: bool) -> None:
        self._circuit = circuit
        self._is_base = is_base
        self._left = MAX_OPERATIONS
        self._labels = 0
        self._values = 0
        self._measured: list[str] = []
        self._frame = Frame(version, is_base, _numbers(circuit))
        self._lines: list[str] = []
        self._cells = Cells(circuit)
        self._computation = Computation(self._made, self._term)

    def text(self) -> str:
        """The whole document."""
        circuit, frame = self._circuit, self._frame
        self._say(f"call void {frame.function('void', f'{RUNTIME}initialize', ['text'])}({frame.text} null)", "entry")
        for cell in self._cells:
            self._say(f"{cell.name} = alloca {cell.kind}")
            self._store(cell, ZERO[cell.kind])
        self._say("br label %body")
        self._lines.append("\nbody:")
        self._block(circuit.instructions())
        if self._is_base:
            self._say("br label %measurements")
            self._lines += ["\nmeasurements:", *self._measured]
        self._say("br label %output")
        self._lines.append("\noutput:")
        self._outputs()
        self._say("ret i64 0")
        attributes = {
            "entry_point": "",
            "qir_profiles": "base_profile" if self._is_base else "adaptive_profile",
            "output_labeling_schema": "labels",
            "required_num_qubits": str(circuit.num_qubits),
            "required_num_results": str(self._cells.num_results),
        }
        if header.is_needed(circuit):
            attributes[TELL] = header.told(circuit)
        return frame.document(self._lines, attributes)

    def _say(self, line: str, label: str = "") -> None:
        if label:
            self._lines.append(f"{label}:")
        self._lines.append(f"  {line}")

    def _outputs(self) -> None:
        """The classical bits in order, those of a register as an array; numbers of 64 bits in one piece."""
        frame, first = self._frame, 0
        for name, size in names.runs(self._circuit.clbit_registers, self._circuit.num_clbits):
            records: list[tuple[str, str, str]] = []
            bit = first
            while bit < first + size:
                label = frame.label(f"{name}[{bit - first}]" if name is not None else str(bit))
                cell = self._cells.of(bit)
                if cell is not None and cell.bits == tuple(range(bit, bit + WORD)) and bit + WORD <= first + size:
                    value = f"{cell.kind} {self._load(cell)}"
                    records.append(("double" if cell.kind == "double" else "int", value, f"{frame.text} null"))
                    bit += WORD
                    continue
                value = frame.result(self._cells.result(bit)) if cell is None else f"i1 {self._read(bit)}"
                records.append(("result" if cell is None else "bool", value, label))
                bit += 1
            if name is not None:
                array = frame.function("void", f"{RUNTIME}array_record_output", ["i64", "text"])
                self._say(f"call void {array}(i64 {len(records)}, {frame.label(name)})")
            for kind, value, label in records:
                of = {"result": "result", "bool": "i1", "int": "i64"}.get(kind, kind)
                record = frame.function("void", f"{RUNTIME}{kind}_record_output", [of, "text"])
                self._say(f"call void {record}({value}, {label})")
            first += size

    # ---- operations --------------------------------------------------------------------------------------------

    def _block(self, instructions: Iterable[Instruction]) -> None:
        for instruction in instructions:
            self._left -= 1
            if self._left < 0:
                raise refused(NAME, f"the circuit, written out, is over `{MAX_OPERATIONS}` operations")
            self._instruction(instruction)

    def _instruction(self, instruction: Instruction) -> None:
        name, blocks, condition = instruction.name, instruction.blocks, instruction.condition
        if name == "WHILE":
            self._loop(instruction)
        elif name == "FOR":
            for _ in range(instruction.bound):
                self._left -= 1
                self._block(blocks[0])
        elif condition is not None:
            self._branch(condition, instruction)
        else:
            self._operation(instruction)

    def _branch(self, condition: Condition, instruction: Instruction) -> None:
        self._labels += 1
        number, blocks = self._labels, instruction.blocks
        has_else = len(blocks) > 1
        test = self._condition(condition)
        self._say(f"br i1 {test}, label %then{number}, label %{'else' if has_else else 'end'}{number}")
        self._lines.append(f"\nthen{number}:")
        if blocks:
            self._block(blocks[0])
        else:
            self._operation(instruction)
        if has_else:
            self._say(f"br label %end{number}")
            self._lines.append(f"\nelse{number}:")
            self._block(blocks[1])
        self._say(f"br label %end{number}")
        self._lines.append(f"\nend{number}:")

    def _loop(self, instruction: Instruction) -> None:
        self._labels += 1
        number = self._labels
        assert instruction.condition is not None
        self._say(f"br label %loop{number}")
        self._lines.append(f"\nloop{number}:")
        test = self._condition(instruction.condition)
        bound = self._frame.bound(instruction.bound)
        self._say(f"br i1 {test}, label %round{number}, label %end{number}, {bound}")
        self._lines.append(f"\nround{number}:")
        self._block(instruction.blocks[0])
        self._say(f"br label %loop{number}")
        self._lines.append(f"\nend{number}:")

    def _operation(self, instruction: Instruction) -> None:
        name, qubits, frame = instruction.name, instruction.qubits, self._frame
        if name == "MEASURE":
            for qubit, bit in zip(qubits, instruction.clbits, strict=True):
                self._measure(qubit, bit, instruction.basis)
        elif name == "RESET":
            reset = frame.function("void", f"{PREFIX}reset__body", ["qubit"], "irreversible")
            for qubit in qubits:
                self._say(f"call void {reset}({frame.qubit(qubit)})")
        elif name == "BARRIER":
            if set(qubits) != set(range(self._circuit.num_qubits)):
                raise refused(NAME, "a barrier of QIR is one of all qubits, which this one is not")
            self._say(f"call void {frame.function('void', f'{PREFIX}barrier__body', [])}()")
        elif name == "DELAY":
            raise refused(NAME, "QIR has no `DELAY`")
        elif name == "COMPUTE":
            self._assign(instruction)
        else:
            self._gate(instruction)

    def _measure(self, qubit: int, bit: int, basis: str) -> None:
        frame = self._frame
        measure = frame.function("void", f"{PREFIX}mz__body", ["qubit", "result"], "irreversible")
        line = f"  call void {measure}({frame.qubit(qubit)}, {frame.result(self._cells.result(bit))})"
        if self._is_base:
            self._measured.append(line)
            return
        for gate in TURN[basis]:
            self._call(gate, (qubit,))
        self._lines.append(line)
        for gate in TURN_BACK[basis]:
            self._call(gate, (qubit,))
        cell = self._cells.of(bit)
        if cell is not None:
            self._store(cell, self._outcome(bit))

    def _gate(self, instruction: Instruction) -> None:
        name = instruction.name
        if name == "GPHASE" and not instruction.num_controls:
            return
        is_plain = not instruction.num_controls and not instruction.inverse and instruction.power == 1.0
        if name in WRITE and is_plain:
            self._call(name, instruction.qubits, instruction.params)
            return
        for part in decompose(alone(instruction, self._circuit.num_qubits), BASIS).instructions():
            self._gate(part)

    def _call(self, name: str, qubits: Iterable[int], params: Iterable[float | Affine] = ()) -> None:
        frame = self._frame
        angles = [f"double {real(value)}" for value in params if not isinstance(value, Affine)]
        arguments = [*angles, *map(frame.qubit, qubits)]
        kinds = ["double"] * len(angles) + ["qubit"] * (len(arguments) - len(angles))
        function = frame.function("void", PREFIX + WRITE[name], kinds)
        self._say(f"call void {function}({', '.join(arguments)})")

    # ---- conditions --------------------------------------------------------------------------------------------

    def _condition(self, condition: Condition) -> str:
        """The `i1` of a condition, computed here."""
        return self._truth(json.loads(condition.to_json()))

    def _made(self, what: str) -> str:
        self._left -= 1
        if self._left < 0:
            raise refused(NAME, f"the circuit, written out, is over `{MAX_OPERATIONS}` operations")
        self._values += 1
        self._say(f"%v{self._values} = {what}")
        return f"%v{self._values}"

    def _outcome(self, bit: int) -> str:
        function = self._frame.function("i1", f"{RUNTIME}read_result", ["result"])
        return self._made(f"call i1 {function}({self._frame.result(self._cells.result(bit))})")

    def _read(self, bit: int) -> str:
        """A classical bit, from its result or from memory."""
        cell = self._cells.of(bit)
        if cell is None:
            return self._outcome(bit)
        if cell.kind == "i1":
            return self._load(cell)
        moved = self._shifted(self._load(cell), cell.bits.index(bit))
        return self._made(f"trunc i64 {moved} to i1")

    # ---- numbers -----------------------------------------------------------------------------------------------

    def _load(self, cell: Cell) -> str:
        return self._made(f"load {cell.kind}, {self._frame.address(cell.kind)} {cell.name}")

    def _store(self, cell: Cell, value: str) -> None:
        self._say(f"store {cell.kind} {value}, {self._frame.address(cell.kind)} {cell.name}")

    def _shifted(self, word: str, places: int) -> str:
        return self._made(f"lshr i64 {word}, {places}") if places else word

    def _term(self, bits: list[int], reading: str) -> Term:
        """The value that bits hold."""
        cell, count = self._cells.of(bits[0]), len(bits)
        if reading == "float" and cell is not None:
            return Term("double", self._load(cell))
        if count == 1 and reading == "uint":
            return Term("i1", self._read(bits[0]))
        place = cell.bits.index(bits[0]) if cell is not None and cell.kind == "i64" else -1
        if cell is not None and place >= 0 and cell.bits[place : place + count] == tuple(bits):
            text = self._shifted(self._load(cell), place)
            if place + count < len(cell.bits):
                text = self._made(f"and i64 {text}, {(1 << count) - 1}")
        else:
            text = ""
            for number, bit in enumerate(bits):
                wide = self._made(f"zext i1 {self._read(bit)} to i64")
                moved = self._made(f"shl i64 {wide}, {number}") if number else wide
                text = self._made(f"or i64 {text}, {moved}") if text else moved
        word = Term("i64", text, 0, (1 << count) - 1)
        return self._computation.wrapped(word, count, True) if reading == "int" else word

    def _assign(self, instruction: Instruction) -> None:
        """The value of a COMPUTE to memory; all of it is there before anything is written."""
        bits, computation = instruction.clbits, self._computation
        term = computation.term(json.loads(instruction.computation or "{}"))
        cell = self._cells.of(bits[0])
        assert cell is not None
        if (cell.kind == "double") != (term.kind == "double"):
            raise refused(NAME, f"a fraction and a whole number in the same bits, from `{bits[0]}` on")
        if cell.kind == "double":
            self._store(cell, term.text)
        elif cell.kind == "i64":
            self._store(cell, computation.word(computation.wrapped(term, len(bits), False)).text)
        elif len(bits) == 1:
            self._store(cell, computation.truth(term))
        else:
            word = computation.word(term).text
            parts = [self._made(f"trunc i64 {self._shifted(word, place)} to i1") for place in range(len(bits))]
            for bit, part in zip(bits, parts, strict=True):
                owner = self._cells.of(bit)
                assert owner is not None
                self._store(owner, part)

    # ---- truth -------------------------------------------------------------------------------------------------

    def _truth(self, node: dict[str, Any]) -> str:
        if "bit" in node:
            return self._read(node["bit"])
        if "const" in node:
            return "true" if node["const"] else "false"
        if "not" in node:
            return self._made(f"xor i1 {self._truth(node['not'])}, true")
        if "cmp" in node:
            return self._comparison(node["bits"], node["cmp"], node["value"])
        name, parts = next(iter(node.items()))
        total = self._truth(parts[0])
        for part in parts[1:]:
            total = self._made(f"{name} i1 {total}, {self._truth(part)}")
        return total

    def _comparison(self, bits: list[int], relation: str, value: int) -> str:
        """The unsigned number of some bits, least significant first, compared with a constant, in truth values only:
        whole numbers are an option of the profile that not every machine has."""
        if relation in {"!=", ">=", ">"}:
            opposite = {"!=": "==", ">=": "<", ">": "<="}[relation]
            return self._made(f"xor i1 {self._comparison(bits, opposite, value)}, true")
        if value < 0 or value >> len(bits):
            return "true" if relation != "==" and value > 0 else "false"
        total = "true" if relation != "<" else "false"
        for place, bit in enumerate(bits):
            read, is_one = self._read(bit), value >> place & 1
            if relation == "==" or not is_one:
                same = read if is_one else self._made(f"xor i1 {read}, true")
                total = self._made(f"and i1 {same}, {total}")
            else:
                zero = self._made(f"xor i1 {read}, true")
                total = self._made(f"or i1 {zero}, {total}")
        return total


def _numbers(circuit: Circuit) -> list[str]:
    """The types of numbers that a circuit computes with."""
    if not circuit.computes:
        return []
    told = [instruction.computation or "" for instruction in every(circuit.instructions())]
    return ["i64", "double"] if any('"float"' in text for text in told) else ["i64"]
