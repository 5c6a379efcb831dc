"""Stim's circuits as ours: each measurement writes the next classical bit, as in Stim's record."""

from __future__ import annotations

import json
import re
from typing import TYPE_CHECKING, Any

from eigen.errors import EigenError
from eigen.ir.circuit import Circuit, CircuitBuilder, Condition, core_errors
from eigen.ir.formats import header, names
from eigen.ir.formats.lowering import TURN, TURN_BACK
from eigen.ir.formats.places import at
from eigen.ir.formats.stim.gates import MEASURED, NOISE, NOTES, ONE, PARTS, ROTATIONS, TAG, TWO
from eigen.ir.formats.stim.text import Line, parse

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

MAX_OPERATIONS = 2_000_000
MAX_QUBITS = 1_000_000
QUBIT = re.compile(r"(!?)(\d{1,16})")
RECORD = re.compile(r"rec\[-([1-9]\d{0,15})\]")
FACTOR = re.compile(r"(!?)([XYZxyz])(\d{1,16})")


def load(data: bytes, *, where: str = "") -> Circuit:
    """The circuit of a Stim document; measurement k of the record is classical bit k.

    A REPEAT without measurements and feedback is a FOR, any other is written out. Detectors, observables and
    coordinates are kept as metadata; TICK is a barrier on all qubits. Raises EigenError with line and column:
    EIGEN_FORMAT_INVALID; EIGEN_FORMAT_UNSUPPORTED for noise, sweep bits and MPAD, by name; EIGEN_LIMIT_EXCEEDED.
    """
    try:
        text = data.decode("utf-8")
    except UnicodeDecodeError:
        raise EigenError("EIGEN_FORMAT_INVALID", "the document is no text in UTF-8", where=where) from None
    reader = _Reader(where)
    lines = parse(text, where)
    told = lines[0].tag if lines and lines[0].name == "I" and lines[0].tag.startswith(TAG) else ""
    reader.prepare(lines[1:] if told else lines, told.removeprefix(TAG), lines[0].line if told else 0)
    reader.block(lines[1:] if told else lines)
    with core_errors(where):
        return reader.built()


class _Reader:
    """Reads lines into a builder."""

    def __init__(self, where: str) -> None:
        self._where = where
        self._builder = CircuitBuilder()
        self._measured = 0
        self._left = MAX_OPERATIONS
        self._shift: list[float] = []
        self._notes: dict[str, list[Any]] = {}

    def prepare(self, lines: Sequence[Line], told: str, line: int) -> None:
        """Qubits and classical bits, before any operation: counted, not expanded."""
        if told:
            self._builder = header.opened(told, f"{self._where}:{line}" if self._where else f"line {line}")
            return
        qubits, measured, _ = self._counted(lines)
        self._builder.add_qubits(qubits)
        if measured:
            self._builder.add_clbits(measured)

    def built(self) -> Circuit:
        """The circuit, with what was noted about it as metadata."""
        circuit = self._builder.build()
        if not self._notes:
            return circuit
        notes = {key: json.dumps(value, separators=(",", ":")) for key, value in self._notes.items()}
        named = CircuitBuilder(name=circuit.name, metadata={**circuit.metadata, **notes})
        names.add_runs(names.runs(circuit.qubit_registers, circuit.num_qubits), named.add_qubits)
        names.add_runs(names.runs(circuit.clbit_registers, circuit.num_clbits), named.add_clbits)
        named.append(circuit, range(circuit.num_qubits), range(circuit.num_clbits))
        return named.build()

    def _counted(self, lines: Iterable[Line]) -> tuple[int, int, int]:
        """Qubits, measurements and operations of lines; beyond the limits an error."""
        qubits = measured = operations = 0
        for line in lines:
            if line.name == "REPEAT":
                inner = self._counted(line.body)
                rounds = self._rounds(line)
                again = rounds if _must_be_written_out(line.body) else 1
                qubits = max(qubits, inner[0])
                measured, operations = measured + rounds * inner[1], operations + again * inner[2]
            else:
                used = [int(part) for target in line.targets for part in re.findall(r"(?<![-\d])\d{1,16}", target)]
                qubits = max([qubits, *(number + 1 for number in used)])
                measured += _outcomes(line)
                operations += 1 + len(line.targets)
            if operations > MAX_OPERATIONS or measured > MAX_OPERATIONS:
                raise self._limit(line, f"the circuit, written out, is over `{MAX_OPERATIONS}` operations")
            if qubits > MAX_QUBITS:
                raise self._limit(line, f"a circuit has at most {MAX_QUBITS} qubits, not `{qubits}`")
        return qubits, measured, operations

    def block(self, lines: Iterable[Line]) -> None:
        """The lines of the document or of a block."""
        for line in lines:
            self._left -= 1 + len(line.targets)
            if self._left < 0:
                raise self._limit(line, f"the circuit, written out, is over `{MAX_OPERATIONS}` operations")
            try:
                with core_errors():
                    self._line(line)
            except EigenError as error:
                if error.where:
                    raise
                raise at(line.line, line.column, error.code, error.message, where=self._where) from None

    def _line(self, line: Line) -> None:
        name = line.name
        if name == "REPEAT":
            self._repeat(line)
        elif name in NOISE:
            hint = "leave it out and give the device a noise model"
            raise self._unsupported(line, f"`{name}` is noise, which is no part of a circuit here", hint)
        elif name in NOTES or name == "SHIFT_COORDS":
            self._note(line)
        elif name == "TICK":
            if self._builder.num_qubits:
                self._builder.barrier(range(self._builder.num_qubits))
        elif name in MEASURED or name in {"MXX", "MYY", "MZZ", "MPP"}:
            self._measurement(line)
        elif name in {"SPP", "SPP_DAG"}:
            self._products(line)
        elif line.arguments and name in {*ONE, *TWO, *PARTS, *ROTATIONS}:
            raise self._invalid(line, f"`{name}` takes no argument")
        elif name in ONE:
            for qubit, _ in self._qubits(line, inverted=False):
                for gate in ONE[name]:
                    self._builder.gate(gate, [qubit])
        elif name in TWO or name in PARTS or name in ROTATIONS:
            self._pairs(line)
        elif name == "MPAD":
            raise self._unsupported(line, "`MPAD` has no counterpart here: classical bits come from measurements")
        else:
            raise self._invalid(line, f"there is no gate `{name[:40]}`")

    # ---- gates -------------------------------------------------------------------------------------------------

    def _pairs(self, line: Line) -> None:
        targets = line.targets
        if len(targets) % 2:
            raise self._invalid(line, f"`{line.name}` takes pairs of targets")
        for first, second in zip(targets[::2], targets[1::2], strict=True):
            if "rec[" in first or "rec[" in second or "sweep" in first or "sweep" in second:
                self._feedback(line, first, second)
                continue
            (a, _), (b, _) = self._qubits(line, (first, second), inverted=False)
            if line.name in TWO:
                for pair in ([a], [b]) if line.name == "II" else ([a, b],):
                    self._builder.gate(TWO[line.name], pair, inverse=line.name.endswith("_DAG"))
            elif line.name in ROTATIONS:
                letters, angle = ROTATIONS[line.name]
                self._builder.gate("PAULI_ROT", [a, b], [angle], pauli=letters)
            else:
                for gate, places in PARTS[line.name]:
                    self._builder.gate(gate, [(a, b)[place] for place in places])

    def _feedback(self, line: Line, first: str, second: str) -> None:
        """A Pauli under an outcome: CX, CY or CZ whose control is of the record; CZ, XCZ and YCZ also the other way."""
        if "sweep" in first or "sweep" in second:
            raise self._unsupported(line, "sweep bits have no counterpart here")
        letter = {"CX": "X", "CY": "Y", "CZ": "Z", "XCZ": "X", "YCZ": "Y"}.get(line.name)
        if letter is None:
            raise self._invalid(line, f"`{line.name}` does not take outcomes as targets")
        record, target = (second, first) if line.name in {"XCZ", "YCZ"} else (first, second)
        if line.name == "CZ" and "rec[" not in record:
            record, target = target, record
        condition = Condition.bit(self._record(line, record))
        if "rec[" in target:
            raise self._unsupported(line, "a gate between two outcomes does nothing that a circuit here can say")
        ((qubit, _),) = self._qubits(line, (target,), inverted=False)
        self._builder.gate(letter, [qubit], condition=condition)

    def _products(self, line: Line) -> None:
        """SPP: a quarter turn about a product, up to its phase."""
        for target in line.targets:
            letters, qubits, is_inverted = self._factors(line, target)
            turn = 1.5707963267948966 * (-1 if is_inverted else 1) * (1 if line.name == "SPP" else -1)
            self._builder.gate("PAULI_ROT", qubits, [turn], pauli=letters)

    # ---- measurements ------------------------------------------------------------------------------------------

    def _measurement(self, line: Line) -> None:
        if line.arguments:
            hint = "leave the argument out and give the device a noise model"
            raise self._unsupported(line, f"`{line.name}` with a probability is noise", hint)
        if line.name == "MPP":
            for target in line.targets:
                self._product(*self._factors(line, target))
        elif line.name in {"MXX", "MYY", "MZZ"}:
            if len(line.targets) % 2:
                raise self._invalid(line, f"`{line.name}` takes pairs of targets")
            found = self._qubits(line)
            for (a, not_a), (b, not_b) in zip(found[::2], found[1::2], strict=True):
                self._product(line.name[1:], [a, b], not_a != not_b)
        else:
            kind, basis = MEASURED[line.name]
            for qubit, is_inverted in self._qubits(line, inverted=kind != "R"):
                self._single(kind, basis, qubit, is_inverted)

    def _single(self, kind: str, basis: str, qubit: int, is_inverted: bool) -> None:
        """A measurement, a reset, or both; the outcome of an inverted one is flipped, its state is not."""
        flip = "Z" if basis == "X" else "X"
        if kind != "R":
            if is_inverted:
                self._builder.gate(flip, [qubit])
            self._builder.measure([qubit], [self._next_bit()], basis)
            if is_inverted and kind == "M":
                self._builder.gate(flip, [qubit])
        if kind != "M":
            self._builder.reset([qubit])
            for gate in TURN_BACK[basis]:
                self._builder.gate(gate, [qubit])

    def _product(self, letters: str, qubits: Sequence[int], is_inverted: bool) -> None:
        """The parity of Paulis, gathered on the last qubit and given back."""
        last = qubits[-1]
        for letter, qubit in zip(letters, qubits, strict=True):
            for gate in TURN[letter]:
                self._builder.gate(gate, [qubit])
        for qubit in qubits[:-1]:
            self._builder.gate("CX", [qubit, last])
        self._single("M", "Z", last, is_inverted)
        for qubit in reversed(qubits[:-1]):
            self._builder.gate("CX", [qubit, last])
        for letter, qubit in zip(letters, qubits, strict=True):
            for gate in TURN_BACK[letter]:
                self._builder.gate(gate, [qubit])

    def _next_bit(self) -> int:
        self._measured += 1
        return self._measured - 1

    # ---- blocks and notes --------------------------------------------------------------------------------------

    def _rounds(self, line: Line) -> int:
        target = line.targets[0] if len(line.targets) == 1 else ""
        if not re.fullmatch(r"[1-9]\d{0,17}", target):
            raise self._invalid(line, "`REPEAT` takes one count, from 1 up")
        return int(target)

    def _repeat(self, line: Line) -> None:
        rounds = self._rounds(line)
        if _must_be_written_out(line.body):
            for _ in range(rounds):
                self.block(line.body)
            return
        self._builder.begin_for(rounds)
        self.block(line.body)
        self._builder.end()

    def _note(self, line: Line) -> None:
        """What says something about the circuit: kept with classical bits by number and coordinates added up."""
        if line.name == "SHIFT_COORDS":
            width = max(len(self._shift), len(line.arguments))
            both = (
                [*self._shift, *[0.0] * (width - len(self._shift))],
                [*line.arguments, *[0.0] * (width - len(line.arguments))],
            )
            self._shift = [a + b for a, b in zip(*both, strict=True)]
            return
        key = NOTES[line.name]
        if line.name == "OBSERVABLE_INCLUDE":
            entry: list[Any] = [[int(value) for value in line.arguments] or [0]]
        else:
            shift = [*self._shift, *[0.0] * len(line.arguments)]
            entry = [[value + shift[index] for index, value in enumerate(line.arguments)]]
        if line.name == "QUBIT_COORDS":
            entry.append([qubit for qubit, _ in self._qubits(line, inverted=False)])
        else:
            entry.append([self._record(line, target) for target in line.targets])
        self._notes.setdefault(key, []).append(entry)

    # ---- targets -----------------------------------------------------------------------------------------------

    def _qubits(
        self, line: Line, targets: Sequence[str] | None = None, *, inverted: bool = True
    ) -> list[tuple[int, bool]]:
        """Qubits, and whether a `!` stands before each."""
        found: list[tuple[int, bool]] = []
        for target in line.targets if targets is None else targets:
            part = QUBIT.fullmatch(target)
            if part is None or (part[1] and not inverted):
                raise self._invalid(line, f"`{target[:40]}` is no target of `{line.name}`")
            number = int(part[2])
            if number >= self._builder.num_qubits:
                raise self._invalid(line, f"qubit `{number}` is beyond the `{self._builder.num_qubits}` that are told")
            found.append((number, bool(part[1])))
        return found

    def _factors(self, line: Line, target: str) -> tuple[str, list[int], bool]:
        """Letters, qubits and sign of a product such as `X0*!Y1`."""
        letters, numbers, signs = "", list[str](), 0
        for factor in target.split("*"):
            part = FACTOR.fullmatch(factor)
            if part is None:
                raise self._invalid(line, f"`{target[:40]}` is no product of Paulis")
            signs, letters = signs + bool(part[1]), letters + part[2].upper()
            numbers.append(part[3])
        qubits = [qubit for qubit, _ in self._qubits(line, numbers)]
        if len(set(qubits)) != len(qubits):
            raise self._unsupported(line, f"`{target[:40]}` names a qubit twice")
        return letters, qubits, bool(signs % 2)

    def _record(self, line: Line, target: str) -> int:
        """The classical bit of `rec[-k]`."""
        part = RECORD.fullmatch(target)
        if part is None:
            raise self._invalid(line, f"`{target[:40]}` is no outcome such as `rec[-1]`")
        back = int(part[1])
        if back > self._measured:
            raise self._invalid(line, f"`rec[-{back}]` lies before the first of `{self._measured}` outcomes")
        return self._measured - back

    def _invalid(self, line: Line, message: str) -> EigenError:
        return at(line.line, line.column, "EIGEN_FORMAT_INVALID", message, where=self._where)

    def _unsupported(self, line: Line, message: str, hint: str = "") -> EigenError:
        return at(line.line, line.column, "EIGEN_FORMAT_UNSUPPORTED", message, where=self._where, hint=hint)

    def _limit(self, line: Line, message: str) -> EigenError:
        return at(line.line, line.column, "EIGEN_LIMIT_EXCEEDED", message, where=self._where)


def _outcomes(line: Line) -> int:
    if line.name in {"MXX", "MYY", "MZZ"}:
        return len(line.targets) // 2
    return len(line.targets) if line.name == "MPP" or MEASURED.get(line.name, ("R",))[0] != "R" else 0


def _must_be_written_out(lines: Sequence[Line]) -> bool:
    """Whether each round writes or reads outcomes of its own, or shifts coordinates."""
    for line in lines:
        if _outcomes(line) or line.name in NOTES or line.name == "SHIFT_COORDS" or _must_be_written_out(line.body):
            return True
        if any(target.startswith("rec[") for target in line.targets):
            return True
    return False
