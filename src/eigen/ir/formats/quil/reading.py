"""Quil as ours: memory of bits as classical registers, memory of reals as parameters, structured jumps as blocks."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from eigen.errors import EigenError
from eigen.ir.circuit import Affine, Circuit, CircuitBuilder, Condition, core_errors
from eigen.ir.formats import header
from eigen.ir.formats.places import at
from eigen.ir.formats.quil import definitions
from eigen.ir.formats.quil.expressions import Expressions
from eigen.ir.formats.quil.gates import BOUND, ELSEWHERE, NOISY_PRAGMAS, PARTS, PLAIN, TELL
from eigen.ir.formats.quil.text import Statement, statements

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from eigen.ir.formats.quil.definitions import Definition
    from eigen.ir.formats.quil.expressions import Value

MAX_OPERATIONS = 2_000_000
MAX_BITS = 1_000_000
MAX_DEPTH = 100  # of circuits, controls and branches inside each other
MAX_ROUNDS = 1_000_000  # of a loop that comes without a bound
SECONDS = "s"


def load(data: bytes, *, where: str = "") -> Circuit:
    """The circuit of a Quil program; jumps must be those of branches and loops, as pyQuil writes them.

    A loop gets a bound of 1,000,000 rounds unless a pragma tells one. Other pragmas are advice to Rigetti's compiler
    and are left out. Raises EigenError with line and column: EIGEN_FORMAT_INVALID, EIGEN_FORMAT_UNSUPPORTED for what
    circuits do not have, by name, EIGEN_LIMIT_EXCEEDED.
    """
    reader = _Reader(statements(data, where), where)
    reader.declare()
    reader.block(0, len(reader.lines))
    with core_errors(where):
        return reader.builder.build()


class _Reader:
    """Reads statements into a builder."""

    def __init__(self, found: Sequence[Statement], where: str) -> None:
        self._where = where
        self._bits: dict[str, tuple[int, int]] = {}
        self._reals: dict[str, int] = {}
        self._defined: dict[str, Definition] = {}
        self._sizes: dict[str, int] = {}
        self._left = MAX_OPERATIONS
        self._depth = 0
        self.builder = CircuitBuilder()
        self.lines = self._undefined(found)
        self._labels: dict[str, int] = {}

    def _undefined(self, found: Sequence[Statement]) -> list[Statement]:
        """The statements outside of definitions, which are kept aside."""
        lines: list[Statement] = []
        index = 0
        while index < len(found):
            head = found[index]
            index += 1
            if head.name not in {"DEFGATE", "DEFCIRCUIT"}:
                lines.append(head)
                continue
            first = index
            while index < len(found) and found[index].is_inner:
                index += 1
            with self._placed(head):
                made = definitions.read(head, found[first:index])
            self._defined[made.name] = made
        return lines

    def declare(self) -> None:
        """Memory, labels and qubits, before any operation."""
        told = ""
        for index, line in enumerate(self.lines):
            with self._placed(line):
                words = [token.text for token in line.tokens]
                if line.name == "DECLARE":
                    self._declare(words)
                elif line.name == "PRAGMA" and words[1:2] == [TELL]:
                    told = _unquoted(line)
                elif line.name == "LABEL":
                    if len(words) != 2 or words[1] in self._labels:
                        raise _invalid(f"the label `{words[-1][:40]}` is none, or is set twice")
                    self._labels[words[1]] = index
        with self._placed(self.lines[0] if self.lines else None):
            self._open(told)

    def _open(self, told: str) -> None:
        total = sum(size for _, size in self._bits.values())
        if told:
            self.builder = header.opened(told, self._where)
            if self.builder.num_clbits != total:
                raise _invalid(f"`{total}` bits are declared, and `{self.builder.num_clbits}` told by the pragma")
            return
        names = [name if size == 1 else f"{name}[{k}]" for name, size in self._reals.items() for k in range(size)]
        self.builder = CircuitBuilder(parameters=names)
        self.builder.add_qubits(self._num_qubits())
        for name, (_, size) in self._bits.items():
            self.builder.add_clbits(size, name)

    def _num_qubits(self) -> int:
        """One more than the largest number that stands where a qubit does."""
        most = 0
        for line in [*self.lines, *(line for item in self._defined.values() for line in item.body)]:
            if line.name in {"DECLARE", "PRAGMA"}:
                continue
            depth = 0
            for token in line.tokens[:-1] if line.name == "DELAY" else line.tokens:  # which ends with seconds
                depth += (token.text in "([") - (token.text in ")]") if token.kind == "mark" else 0
                if token.kind == "number" and not depth and token.text.isdecimal():
                    most = max(most, int(token.text[:16]) + 1)
        if most > MAX_BITS:
            message = f"a circuit has at most {MAX_BITS} qubits, not `{most}`"
            raise EigenError("EIGEN_LIMIT_EXCEEDED", message)
        return most

    def _declare(self, words: list[str]) -> None:
        name, kind = words[1] if len(words) > 2 else "", words[2] if len(words) > 2 else ""
        size = words[4] if words[3:4] == ["["] and words[5:6] == ["]"] else "1"
        if not name or not size.isdecimal() or len(words) not in {3, 6}:
            message = "a declaration is `DECLARE name TYPE[size]`"
            raise EigenError("EIGEN_FORMAT_UNSUPPORTED" if "SHARING" in words else "EIGEN_FORMAT_INVALID", message)
        if name in self._bits or name in self._reals:
            raise _invalid(f"`{name[:40]}` is declared twice")
        count = int(size[:16])
        if not 0 < count + sum(size for _, size in self._bits.values()) <= MAX_BITS or not count:
            raise EigenError("EIGEN_LIMIT_EXCEEDED", f"memory has 1 to {MAX_BITS} cells, not `{size[:20]}`")
        if kind == "BIT":
            self._bits[name] = (sum(size for _, size in self._bits.values()), count)
        elif kind == "REAL":
            self._reals[name] = count
        else:
            raise EigenError("EIGEN_FORMAT_UNSUPPORTED", f"memory of the type `{kind[:40]}` has no counterpart here")

    # ---- control flow ------------------------------------------------------------------------------------------

    def block(self, start: int, end: int) -> None:
        """The statements from `start` to before `end`."""
        self._depth += 1
        if self._depth > MAX_DEPTH:
            raise self._at(start, "EIGEN_LIMIT_EXCEEDED", f"branches inside branches beyond `{MAX_DEPTH}`")
        index = start
        while index < end:
            line = self.lines[index]
            with self._placed(line):
                if line.name == "LABEL":
                    index = self._loop(index, end)
                elif line.name in {"JUMP-WHEN", "JUMP-UNLESS"}:
                    index = self._branch(index, end)
                elif line.name == "HALT" and index == len(self.lines) - 1:
                    index += 1
                elif line.name in {"JUMP", "HALT"}:
                    raise _unstructured(line.name)
                else:
                    self.statement(line)
                    index += 1
        self._depth -= 1

    def _conditions(self, index: int, end: int) -> tuple[Condition | None, int, int]:
        """What must hold for the jumps from `index` on, all to one label, not to be taken; the label; what is next."""
        found: Condition | None = None
        label = ""
        while index < end and self.lines[index].name in {"JUMP-WHEN", "JUMP-UNLESS"}:
            line = self.lines[index]
            target = line.tokens[1].text if len(line.tokens) > 2 else ""
            if found is not None and target != label:
                break
            bit = Condition.bit(self._bit(line, 2))
            bit = bit if line.name == "JUMP-UNLESS" else ~bit
            label, found = target, bit if found is None else found & bit
            index += 1
        return found, self._labels.get(label, -1), index

    def _loop(self, index: int, end: int) -> int:
        """A label: the head of a loop when the statement before its exit jumps back to it, else nothing."""
        condition, exit_, body = self._conditions(index + 1, end)
        label = self.lines[index].tokens[1].text
        last = self.lines[exit_ - 1] if body < exit_ else None
        if condition is None or last is None or last.name != "JUMP" or last.tokens[-1].text != label or exit_ >= end:
            return index + 1
        self.builder.begin_while(condition, self._rounds(index))
        self.block(body, exit_ - 1)
        self.builder.end()
        return exit_ + 1

    def _rounds(self, index: int) -> int:
        before = self.lines[index - 1] if index else None
        if before is None or before.name != "PRAGMA" or before.tokens[1:2] == () or before.tokens[1].text != BOUND:
            return MAX_ROUNDS
        text = _unquoted(before)
        if not text.isdecimal() or not 0 < len(text) < 10:
            raise _invalid("the bound of a loop is no number")
        return int(text)

    def _branch(self, index: int, end: int) -> int:
        """A branch; with an ELSE when the statement before its label jumps further down."""
        condition, other, body = self._conditions(index, end)
        if condition is None or not body <= other <= end or other >= len(self.lines):
            raise _unstructured(self.lines[index].name)
        last = self.lines[other - 1] if body < other else None
        self.builder.begin_if(condition)
        if last is not None and last.name == "JUMP":
            after = self._labels.get(last.tokens[-1].text, -1)
            if not other < after <= end:
                raise _unstructured("JUMP")
            self.block(body, other - 1)
            self.builder.begin_else()
            self.block(other + 1, after)
            other = after
        else:
            self.block(body, other)
        self.builder.end()
        return other + 1 if other < end else other

    # ---- statements --------------------------------------------------------------------------------------------

    def statement(self, line: Statement, names: Mapping[str, int] | None = None, formals: Any = None) -> None:
        """One statement; in a circuit that was defined, `names` are its qubits and `formals` its parameters."""
        self._left -= 1
        if self._left < 0:
            message = f"the program, written out, is over `{MAX_OPERATIONS}` operations"
            raise EigenError("EIGEN_LIMIT_EXCEEDED", message)
        name, words = line.name, [token.text for token in line.tokens]
        if name in {"DECLARE", "NOP"}:
            return
        if name == "PRAGMA":
            if words[1:2] and words[1] in NOISY_PRAGMAS:
                hint = "leave it out and give the device a noise model"
                raise EigenError("EIGEN_FORMAT_UNSUPPORTED", f"`PRAGMA {words[1]}` is noise", hint=hint)
            return
        if name in ELSEWHERE:
            raise EigenError("EIGEN_FORMAT_UNSUPPORTED", f"`{name}` has no counterpart in a circuit")
        if name in {"JUMP", "JUMP-WHEN", "JUMP-UNLESS", "LABEL", "HALT"}:
            raise _unstructured(name)
        if name == "MEASURE":
            if len(words) < 3:
                message = "a measurement whose outcome is dropped has no counterpart here"
                raise EigenError("EIGEN_FORMAT_UNSUPPORTED", message, hint="measure into a declared bit")
            self.builder.measure([self._qubit(words[1], names)], [self._bit(line, 2)])
        elif name in {"RESET", "FENCE"}:
            qubits = [self._qubit(word, names) for word in words[1:]] or list(range(self.builder.num_qubits))
            if qubits:
                (self.builder.reset if name == "RESET" else self.builder.barrier)(qubits)
        elif name == "DELAY":
            self._delay(line, names, formals)
        else:
            self._gate(line, names, formals)

    def _delay(self, line: Statement, names: Mapping[str, int] | None, formals: Any) -> None:
        """`DELAY q … seconds`; without qubits it would be one of all frames, which are none of ours."""
        count = 1
        while count < len(line.tokens) - 1 and self._is_qubit(line.tokens[count].text, names):
            count += 1
        if count == 1:
            raise _invalid("a delay names qubits and a duration in seconds")
        reading = Expressions(line.tokens[count:], formals or {}, self._reals)
        value = reading.value()
        if reading.peek():
            raise _invalid("a delay ends with its duration")
        qubits = [self._qubit(token.text, names) for token in line.tokens[1:count]]
        self.builder.delay(qubits, value if isinstance(value, Affine) else complex(value).real, SECONDS)

    def _gate(self, line: Statement, names: Mapping[str, int] | None, formals: Any) -> None:
        reading = Expressions(line.tokens, formals or {}, self._reals)
        modifiers: list[str] = []
        while reading.peek() in {"CONTROLLED", "DAGGER", "FORKED"}:
            modifiers.append(reading.peek())
            reading.position += 1
        if "FORKED" in modifiers:
            raise EigenError("EIGEN_FORMAT_UNSUPPORTED", "the modifier `FORKED` has no counterpart here")
        if len(modifiers) > MAX_DEPTH:
            raise EigenError("EIGEN_LIMIT_EXCEEDED", f"more than `{MAX_DEPTH}` modifiers on one gate")
        name = reading.peek()
        reading.position += 1
        values: list[Value] = []
        if reading.take("("):
            while not reading.take(")"):
                values.append(reading.value())
                if not reading.take(",") and reading.peek() != ")":
                    raise _invalid(f"the parameters of `{name[:40]}` are not closed")
        qubits = [self._qubit(token.text, names) for token in line.tokens[reading.position :]]
        definition = self._defined.get(name)
        if definition is not None and definition.kind == "CIRCUIT":
            if modifiers:
                raise EigenError("EIGEN_FORMAT_UNSUPPORTED", f"`{name[:40]}` is a circuit, which takes no modifiers")
            self._open_circuit(definition, values, qubits)
        elif not modifiers and definition is None and name in PLAIN:
            self.builder.gate(PLAIN[name], qubits, [_real(value) for value in values])
        else:
            self._composed(name, definition, values, qubits, modifiers)

    def _composed(
        self, name: str, definition: Definition | None, values: list[Value], qubits: list[int], modifiers: list[str]
    ) -> None:
        """A gate with modifiers, of several parts, or defined in the document."""
        if definition is not None:
            made = definition.gate(values)
        elif name in PLAIN or name in PARTS:
            made = _standard(name, len(qubits) - modifiers.count("CONTROLLED"), [_real(value) for value in values])
        else:
            raise _invalid(f"there is no gate `{name[:40]}`")
        for modifier in reversed(modifiers):
            made = made.inverse() if modifier == "DAGGER" else made.controlled(1)
        if made.num_qubits != len(qubits):
            raise _invalid(f"`{name[:40]}` acts on `{made.num_qubits}` qubits here, not on `{len(qubits)}`")
        self.builder.append(made, qubits)

    def _open_circuit(self, definition: Definition, values: list[Value], qubits: list[int]) -> None:
        if len(values) != len(definition.formals) or len(qubits) != len(definition.qubits):
            raise _invalid(f"`{definition.name[:40]}` takes other parameters or qubits")
        if self._size(definition) > self._left:
            message = f"the program, written out, is over `{MAX_OPERATIONS}` operations"
            raise EigenError("EIGEN_LIMIT_EXCEEDED", message)
        self._depth += 1
        names = dict(zip(definition.qubits, qubits, strict=True))
        for line in definition.body:
            self.statement(line, names, dict(zip(definition.formals, values, strict=True)))
        self._depth -= 1

    def _size(self, definition: Definition, depth: int = 0) -> int:
        """How many statements a circuit is, written out; each definition is counted once."""
        if depth > MAX_DEPTH:
            raise EigenError("EIGEN_LIMIT_EXCEEDED", f"circuits inside circuits beyond `{MAX_DEPTH}`")
        if definition.name not in self._sizes:
            inner = [self._defined.get(line.name) for line in definition.body]
            sizes = [self._size(item, depth + 1) for item in inner if item is not None and item.kind == "CIRCUIT"]
            self._sizes[definition.name] = len(definition.body) + sum(sizes)
        return self._sizes[definition.name]

    # ---- places ------------------------------------------------------------------------------------------------

    def _is_qubit(self, word: str, names: Mapping[str, int] | None) -> bool:
        return word.isdecimal() or (names is not None and word in names)

    def _qubit(self, word: str, names: Mapping[str, int] | None) -> int:
        if names is not None and word in names:
            return names[word]
        if not word.isdecimal() or len(word) > 16:
            raise _invalid(f"`{word[:40]}` is no qubit")
        if int(word) >= self.builder.num_qubits:
            raise _invalid(f"qubit `{word}` is beyond the `{self.builder.num_qubits}` that are told")
        return int(word)

    def _bit(self, line: Statement, position: int) -> int:
        """The classical bit that the tokens from `position` on name."""
        words = [token.text for token in line.tokens[position:]]
        index = "0" if len(words) == 1 else words[2] if words[1:2] == ["["] and words[3:] == ["]"] else ""
        first, size = self._bits.get(words[0] if words else "", (0, 0))
        if not index.isdecimal() or len(index) > 9 or int(index) >= size:
            raise _invalid(f"`{''.join(words)[:40]}` is no declared bit")
        return first + int(index)

    def _at(self, index: int, code: str, message: str) -> EigenError:
        line = self.lines[min(index, len(self.lines) - 1)]
        return at(line.line, line.tokens[0].column, code, message, where=self._where)

    def _placed(self, line: Statement | None) -> _Placed:
        return _Placed(line, self._where)


class _Placed:
    """Gives errors that have no place the one of a statement."""

    def __init__(self, line: Statement | None, where: str) -> None:
        self._line = line
        self._where = where

    def __enter__(self) -> None:
        return None

    def __exit__(self, kind: object, error: BaseException | None, trace: object) -> None:
        from eigen.ir.circuit import CoreError

        if isinstance(error, CoreError):
            error = EigenError.from_core(error)
        if self._line is None or not isinstance(error, EigenError) or error.where:
            return
        line, column = self._line.line, self._line.tokens[0].column
        raise at(line, column, error.code, error.message, where=self._where, hint=error.hint) from None


def _standard(name: str, width: int, values: list[float | Affine]) -> Circuit:
    """A gate of the standard as a circuit of its own."""
    if name in PLAIN:
        builder = CircuitBuilder(max(width, 0))
        builder.gate(PLAIN[name], range(width), values)
        return builder.build()
    count, numbers, parts = PARTS[name]
    if len(values) != numbers:
        raise _invalid(f"`{name}` takes `{numbers}` parameters, not `{len(values)}`")
    builder = CircuitBuilder(count)
    for gate, places, params, state in parts(values):
        builder.gate(gate, places, params, num_controls=len(state), ctrl_state=state or None)
    return builder.build()


def _real(value: Value) -> float | Affine:
    if isinstance(value, Affine):
        return value
    if complex(value).imag:
        raise _invalid("a parameter is no real number")
    return complex(value).real


def _unquoted(line: Statement) -> str:
    """The string at the end of a pragma."""
    token = line.tokens[-1]
    return token.text[1:-1].replace('\\"', '"').replace("\\\\", "\\") if token.kind == "string" else token.text


def _invalid(message: str) -> EigenError:
    return EigenError("EIGEN_FORMAT_INVALID", message)


def _unstructured(name: str) -> EigenError:
    message = f"`{name}` here is no part of a branch or a loop: programs of free jumps have no counterpart"
    return EigenError("EIGEN_FORMAT_UNSUPPORTED", message, hint="write it as pyQuil's if_then or while_do does")
