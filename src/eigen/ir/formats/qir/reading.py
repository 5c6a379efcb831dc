"""QIR text as ours: the entry point is evaluated while it is read; what outcomes decide becomes blocks and COMPUTE."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from eigen.errors import EigenError
from eigen.ir.formats.qir import values
from eigen.ir.formats.qir.calls import Calls
from eigen.ir.formats.qir.classical import computed
from eigen.ir.formats.qir.emission import MAX_BITS, Emission, read
from eigen.ir.formats.qir.flow import EXIT, Flow
from eigen.ir.formats.qir.gates import BOUND, IGNORED, READ, RECORDS, TELL
from eigen.ir.formats.qir.module import Instruction, Operand
from eigen.ir.formats.qir.parsing import parse
from eigen.ir.formats.qir.stability import Stability, measured
from eigen.ir.formats.qir.tokens import placed_at
from eigen.ir.formats.qir.values import UNDEFINED, Json, Label, Pointer, Truth, Undefined, Value, Word

if TYPE_CHECKING:
    from eigen.ir.circuit import Circuit
    from eigen.ir.formats.qir.module import Function, Module

MAX_STEPS = 200_000
"""How many more steps an evaluation may take than the module has instructions."""
MAX_DEPTH = 60  # of calls, branches and rounds inside each other
MAX_ROUNDS = 1_000_000  # of a loop that comes without a bound
COUNTS = {
    "qubits": ("required_num_qubits", "num_required_qubits", "requiredQubits"),
    "results": ("required_num_results", "num_required_results", "requiredResults"),
}
"""The attributes of an entry point that count, also by their former names."""


def load(data: bytes, *, where: str = "") -> Circuit:
    """The circuit of a QIR program in LLVM's text, of the base or the adaptive profile; of its bitcode with the extra.

    Classical bits, and so the keys of counts, are the recorded outputs in order, the first one bit 0; without any, the
    results. Raises EigenError with line and column: EIGEN_FORMAT_INVALID, EIGEN_FORMAT_UNSUPPORTED for what is in
    neither profile or no circuit can carry, by name, EIGEN_LIMIT_EXCEEDED; of bitcode also EIGEN_NOT_AVAILABLE.
    """
    from eigen.ir.formats.qir import bitcode

    text = bitcode.text_of(data, where) if bitcode.is_bitcode(data) else _decoded(data, where)
    reader = _Reader(parse(text, where), text, where)
    return reader.circuit()


def _decoded(data: bytes, where: str) -> str:
    try:
        return data.decode("utf-8").removeprefix("\ufeff")
    except UnicodeDecodeError:
        raise EigenError("EIGEN_FORMAT_INVALID", "the document is no text in UTF-8", where=where) from None


class _UnevenError(Exception):
    """The rounds of a loop are not alike, so that it can only be written out."""


@dataclass(slots=True)
class _Frame:
    """A function at work. `undo` are the values that were written over, for when a branch ends."""

    function: Function
    flow: Flow
    known: dict[str, Value] = field(default_factory=dict[str, Value])
    undo: list[tuple[str, Value | None]] = field(default_factory=list[tuple[str, "Value | None"]])

    def write(self, name: str, value: Value) -> None:
        self.undo.append((name, self.known.get(name)))
        self.known[name] = value

    def back_to(self, mark: int) -> None:
        """Takes back what was written since the mark."""
        while len(self.undo) > mark:
            name, value = self.undo.pop()
            if value is None:
                del self.known[name]
            else:
                self.known[name] = value


class _Reader:
    """Evaluates a module."""

    def __init__(self, module: Module, text: str, where: str) -> None:
        self._module = module
        self._text = text
        self._where = where
        self._left = MAX_STEPS + module.size
        self._depth = 0
        self._arms = 0
        self._here = 0
        self._made = Emission()
        self._entry = self._entry_point()
        self._here = self._entry.place
        self._flows = {name: Flow(function, self._spend) for name, function in module.functions.items()}
        self._stability = Stability(module, self._entry, self._spend)
        self._loops: set[tuple[str, str]] = set()
        self._calls = Calls(self._made, {kind: self._count(kind) for kind in COUNTS})

    def _entry_point(self) -> Function:
        found = [
            item for item in self._module.functions.values() if {"entry_point", "EntryPoint"} & set(item.attributes)
        ]
        if not found and len(self._module.functions) == 1:
            found = list(self._module.functions.values())
        if len(found) != 1:
            message = f"a program has one function with the attribute `entry_point`, not `{len(found)}`"
            raise EigenError("EIGEN_FORMAT_INVALID", message, where=self._where)
        return found[0]

    def _count(self, kind: str) -> int | None:
        for name in COUNTS[kind]:
            text = self._entry.attributes.get(name)
            if text is not None:
                if not text.isdecimal() or len(text) > 9 or int(text) > MAX_BITS:
                    limit = "EIGEN_LIMIT_EXCEEDED" if text.isdecimal() else "EIGEN_FORMAT_INVALID"
                    raise self._error(limit, f"`{name}` is a number up to {MAX_BITS}, not `{text[:20]}`")
                return int(text)
        return None

    def circuit(self) -> Circuit:
        """The circuit of the entry point."""
        if self._entry.params:
            raise self._error("EIGEN_FORMAT_UNSUPPORTED", "the entry point has parameters, which no profile has")
        code = self._called(self._entry, [])
        if not isinstance(code, int) or code:
            message = "the program ends with an exit code other than 0, or with one that outcomes decide"
            raise self._error("EIGEN_FORMAT_UNSUPPORTED", message)
        told = self._entry.attributes.get(TELL, "")
        return self._made.circuit(*self._calls.totals(), told, self._where)

    def _error(self, code: str, message: str, hint: str = "") -> EigenError:
        """An error where the reader is."""
        return placed_at(self._text, self._here, code, message, self._where, hint)

    def _spend(self, steps: int) -> None:
        self._left -= steps
        if self._left < 0:
            raise self._error(
                "EIGEN_LIMIT_EXCEEDED",
                f"the program, evaluated, takes over `{MAX_STEPS}` steps more than it has instructions",
            )

    def _enter(self) -> None:
        self._depth += 1
        if self._depth > MAX_DEPTH:
            message = f"calls, branches and rounds that outcomes decide are inside each other beyond `{MAX_DEPTH}`"
            raise self._error("EIGEN_LIMIT_EXCEEDED", message)

    # ---- control flow ------------------------------------------------------------------------------------------

    def _called(self, function: Function, arguments: list[Value]) -> Value:
        """What a function returns."""
        self._enter()
        if len(arguments) != len(function.params):
            raise self._error("EIGEN_FORMAT_INVALID", f"`{function.name[:60]}` gets `{len(arguments)}` arguments")
        frame = _Frame(function, self._flows[function.name], dict(zip(function.params, arguments, strict=True)))
        try:
            returned = self._run(frame, function.entry, {}, EXIT)
        except _UnevenError:
            message = "a loop that outcomes end has rounds that are not alike, or more than one way out"
            raise self._error("EIGEN_FORMAT_UNSUPPORTED", message) from None
        self._depth -= 1
        return returned[""]

    def _run(self, frame: _Frame, block: str, arriving: dict[str, Value], stop: str) -> dict[str, Value]:
        """Evaluates blocks until one is next, and gives the values of that one's PHIs; of EXIT the value returned."""
        while block != stop:
            if block == EXIT:
                raise _UnevenError
            for name, value in arriving.items():
                frame.write(name, value)
            self._body(frame, block)
            last = frame.function.blocks[block].body[-1]
            self._here = last.place
            if last.name == "ret":
                value = self._value(frame, last.operands[0]) if last.operands else 0
                block, arriving = EXIT, {"": value}
            elif last.name == "unreachable":
                raise self._error("EIGEN_FORMAT_UNSUPPORTED", "the program comes to `unreachable`")
            else:
                block, arriving = self._next(frame, block, last)
        return arriving

    def _body(self, frame: _Frame, block: str) -> None:
        """What a block does before its terminator."""
        body = frame.function.blocks[block].body
        self._spend(len(body))
        for number in range(len(body) - 1):
            instruction = body[number]
            self._here = instruction.place
            try:
                value = self._evaluated(frame, block, number, instruction)
            except EigenError as error:
                if error.where:
                    raise
                raise self._error(error.code, error.message, error.hint) from None
            if instruction.result:
                frame.write(instruction.result, value)

    def _evaluated(self, frame: _Frame, block: str, number: int, instruction: Instruction) -> Value:
        """The value of an instruction that is no terminator."""
        name = instruction.detail
        if instruction.name == "call" and name in IGNORED:
            return UNDEFINED
        operands = [self._value(frame, operand) for operand in instruction.operands]
        if instruction.name != "call":
            return computed(self._made, instruction, operands)
        if name in self._module.functions:
            return self._called(self._module.functions[name], operands)
        if name in READ and len(operands) == 1:
            value = self._calls.outcome(operands[0])
            if isinstance(value, int) or self._stability.is_stable(frame.function, block, number, instruction):
                return value
            return self._made.kept(value, "i1")
        if name in RECORDS and self._arms:
            message = "an output is recorded only where outcomes decide, which a circuit has no place for"
            raise EigenError("EIGEN_FORMAT_UNSUPPORTED", message)
        return self._calls.call(name, operands, [operand.type for operand in instruction.operands])

    def _next(self, frame: _Frame, block: str, last: Instruction) -> tuple[str, dict[str, Value]]:
        """Where a branch leads, and the values of the PHIs there; what outcomes decide is emitted as blocks."""
        operands = last.operands
        if len(operands) == 1:
            return operands[0].value, self._arriving(frame, operands[0].value, block)
        value = self._value(frame, operands[0])
        if not isinstance(value, int | Truth if last.name == "br" else int | Truth | Word):
            raise self._error("EIGEN_FORMAT_INVALID", "a branch depends on a value that is not defined")
        cases: list[tuple[Value, str]]
        if last.name == "br":
            cases = [(value, operands[1].value)]
            default = operands[2].value
        else:
            default = operands[1].value
            cases = [
                (self._equals(value, operands[0].type, label), operands[place + 1].value)
                for place, label in enumerate(operands)
                if place > 1 and place % 2 == 0
            ]
        self._spend(len(cases))
        if values.is_known(value):
            taken = next((target for test, target in cases if test), default)
            return taken, self._arriving(frame, taken, block)
        join = frame.flow.joins.get(block)
        if join is None:
            raise self._error("EIGEN_FORMAT_UNSUPPORTED", "from a branch that outcomes decide no way leads to an end")
        targets = [*(target for _, target in cases), default]
        back = [
            target for target in targets if block in frame.flow.cycles and frame.flow.comes_back(target, block, join)
        ]
        if back:
            found = self._loop(frame, block, last, back, targets)
            if found is not None:
                return found
        return join, self._branch(frame, block, cases, default, join)

    def _equals(self, value: Value, kind: str, label: Operand) -> Value:
        """Whether the value of a SWITCH is that of a case."""
        number = label.value & (1 << values.width(kind)) - 1
        if isinstance(value, int):
            return int(value == number)
        sides = (Operand("undef", None, kind),) * 2
        return computed(self._made, Instruction("icmp", "", "i1", sides, "eq", self._here), [value, number])

    def _arriving(self, frame: _Frame, target: str, source: str) -> dict[str, Value]:
        """The values of a block's PHIs for who comes from another block."""
        block = frame.function.blocks.get(target)
        if block is None:
            raise self._error("EIGEN_FORMAT_INVALID", f"there is no block `{target[:40]}`")
        found: dict[str, Value] = {}
        for phi in block.phis:
            pairs = zip(phi.operands[::2], phi.operands[1::2], strict=True)
            operand = next((value for value, origin in pairs if origin.value == source), None)
            if operand is None:
                self._here = phi.place
                raise self._error("EIGEN_FORMAT_INVALID", f"a PHI has no value for `{source[:40]}`")
            found[phi.result] = self._value(frame, operand)
        return found

    def _arm(self, frame: _Frame, source: str, target: str, join: str) -> tuple[list[Json], dict[str, Value]]:
        """One way of a branch, as a block of its own."""
        outer, self._made.out = self._made.out, []
        mark = len(frame.undo)
        self._arms += 1
        returned = self._run(frame, target, self._arriving(frame, target, source), join)
        self._arms -= 1
        frame.back_to(mark)
        made, self._made.out = self._made.out, outer
        return made, returned

    def _branch(
        self, frame: _Frame, block: str, cases: list[tuple[Value, str]], default: str, join: str
    ) -> dict[str, Value]:
        """IF and ELSE up to where the ways meet again; values that differ there are kept in bits."""
        self._enter()
        arms = [self._arm(frame, block, target, join) for target in [*(target for _, target in cases), default]]
        kinds = {"": frame.function.type}
        if join != EXIT:
            kinds = {phi.result: phi.type for phi in frame.function.blocks[join].phis}
        merged = {name: self._merged(name, kind, arms) for name, kind in kinds.items() if name in arms[0][1]}
        other = arms[-1][0]
        for (test, _), (then, _) in zip(reversed(cases), reversed(arms[:-1]), strict=True):
            other = _either(values.condition(test), then, other)
        self._made.out += other
        self._depth -= 1
        return merged

    def _merged(self, name: str, kind: str, arms: list[tuple[list[Json], dict[str, Value]]]) -> Value:
        """A value that the ways of a branch give: the same, or one in bits that each way writes."""
        found = [returned[name] for _, returned in arms if not isinstance(returned[name], Undefined)]
        if not found:
            return UNDEFINED
        if all(type(value) is type(found[0]) and value == found[0] for value in found):
            return found[0]
        if (kind != "double" and kind[0] != "i") or any(isinstance(value, Pointer | Label) for value in found):
            message = "which qubit, result or number is meant depends on an outcome"
            raise self._error("EIGEN_FORMAT_UNSUPPORTED", message)
        if kind[0] == "i" and values.width(kind) > 64:
            raise self._error("EIGEN_FORMAT_UNSUPPORTED", f"numbers of the type `{kind[:20]}` are not read")
        bits = self._made.scratch(64 if kind == "double" else values.width(kind))
        for made, returned in arms:
            if not isinstance(returned[name], Undefined):
                made.append({"op": "COMPUTE", "c": bits, "value": values.expression(returned[name])})
        return read(bits, kind)

    def _loop(
        self, frame: _Frame, block: str, last: Instruction, back: list[str], targets: list[str]
    ) -> tuple[str, dict[str, Value]] | None:
        """A loop whose end outcomes decide, as a WHILE after the first round; None where rounds are not alike."""
        key = (frame.function.name, block)
        if last.name != "br" or len(back) != 1 or key in self._loops:
            return None
        inside, outside = back[0], next(target for target in targets if target != back[0])
        number = frame.flow.cycles[block]
        blocks = {name for name, part in frame.flow.cycles.items() if part == number}
        self._spend(len(blocks))
        self._expect_measurements(frame, blocks)
        again = self._again(frame, last, inside)
        outer, self._made.out = self._made.out, []
        mark, depth, arms = len(frame.undo), self._depth, self._arms
        self._loops.add(key)
        self._enter()
        self._arms += 1
        try:
            for name, value in self._run(frame, inside, self._arriving(frame, inside, block), block).items():
                frame.write(name, value)
            self._body(frame, block)
            later = self._again(frame, last, inside)
            is_even = self._is_even(frame, mark, blocks)
        except _UnevenError:
            is_even, later = False, again
        finally:
            self._loops.discard(key)
        frame.back_to(mark)
        self._depth, self._arms = depth, arms
        body, self._made.out = self._made.out, outer
        self._here = last.place
        if not is_even:
            return None
        if not isinstance(again, Truth) or later != again:
            (flag,) = self._made.scratch(1)
            self._made.compute([flag], again)
            body.append({"op": "COMPUTE", "c": [flag], "value": values.expression(later)})
            again = Truth({"bit": flag})
        self._made.add("WHILE", cond=again.condition, max=self._rounds(last), body=body)
        return outside, self._arriving(frame, outside, block)

    def _again(self, frame: _Frame, last: Instruction, inside: str) -> Value:
        """Whether there is another round."""
        value = self._value(frame, last.operands[0])
        return value if last.operands[1].value == inside else values.negated(value)  # type: ignore[arg-type]

    def _is_even(self, frame: _Frame, mark: int, blocks: set[str]) -> bool:
        """Whether a further round would be like the one since the mark: what it left is what it found."""
        before: dict[str, Value | None] = {}
        for name, value in frame.undo[mark:]:
            before.setdefault(name, value)
        self._spend(len(before))
        carried = {
            phi.result
            for name in blocks
            for phi in frame.function.blocks[name].phis
            if any(origin.value not in blocks for origin in phi.operands[1::2])
        }
        return not any(
            frame.known[name] != value
            and (name in carried or self._stability.uses_outside(frame.function, name, blocks))
            for name, value in before.items()
            if value is not None
        )

    def _expect_measurements(self, frame: _Frame, blocks: set[str]) -> None:
        """What a loop measures may have been measured wherever in it something is read."""
        for name in blocks:
            for instruction in frame.function.blocks[name].body:
                result = measured(instruction)
                if result is not None and result >= 0:
                    self._calls.measured.add(result)
                elif result is not None or instruction.detail in self._module.functions:
                    self._calls.is_all_measured = True

    def _rounds(self, last: Instruction) -> int:
        node = (last.notes or {}).get(BOUND, "")
        return min(max(self._module.numbers.get(node, MAX_ROUNDS), 0), (1 << 63) - 1)

    # ---- values and calls --------------------------------------------------------------------------------------

    def _value(self, frame: _Frame, operand: Operand) -> Value:
        kind, value = operand.kind, operand.value
        if kind == "int":
            return value & (1 << values.width(operand.type)) - 1 if operand.type[0] == "i" else value
        if kind == "pointer":
            return Pointer(value)
        if kind == "float":
            return value
        if kind == "local":
            found = frame.known.get(value)
            if found is None:
                raise self._error("EIGEN_FORMAT_INVALID", f"the value `%{value[:40]}` is not there yet")
            return found
        if kind == "global":
            constant = self._module.constants.get(value)
            if constant is None or constant.kind != "string":
                raise self._error("EIGEN_FORMAT_UNSUPPORTED", f"the global value `@{value[:40]}` is no string")
            return Label(constant.value)
        return UNDEFINED


def _either(test: Json, then: list[Json], other: list[Json]) -> list[Json]:
    """An IF; without one way the condition is turned round, without both there is nothing."""
    if then:
        return [{"op": "IF", "cond": test, "then": then, **({"else": other} if other else {})}]
    return [{"op": "IF", "cond": test.get("not", {"not": test}), "then": other}] if other else []
