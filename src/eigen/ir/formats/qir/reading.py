"""QIR text as ours: the entry point is evaluated while it is read; what outcomes decide becomes blocks and COMPUTE."""

from __future__ import annotations

from typing import TYPE_CHECKING, TypeAlias

from eigen.errors import EigenError
from eigen.ir.formats.qir import values
from eigen.ir.formats.qir.calls import Calls
from eigen.ir.formats.qir.classical import computed
from eigen.ir.formats.qir.emission import Emission, read
from eigen.ir.formats.qir.entry import entry_point, required
from eigen.ir.formats.qir.flow import EXIT, Flow
from eigen.ir.formats.qir.gates import BOUND, IGNORED, READ, RECORDS, TELL
from eigen.ir.formats.qir.memory import MEMORY, Memory
from eigen.ir.formats.qir.memory import known as constant_value
from eigen.ir.formats.qir.module import Instruction, Operand
from eigen.ir.formats.qir.parsing import parse
from eigen.ir.formats.qir.stability import Stability, measured
from eigen.ir.formats.qir.state import Arm, Frame, Known
from eigen.ir.formats.qir.tokens import placed_at
from eigen.ir.formats.qir.values import (
    UNDEFINED,
    Address,
    Cell,
    Json,
    Label,
    Pointer,
    Truth,
    Undefined,
    Value,
    Word,
)

if TYPE_CHECKING:
    from collections.abc import Sequence

    from eigen.ir.circuit import Circuit
    from eigen.ir.formats.qir.module import Function, Module

MAX_STEPS = 200_000
"""How many more steps an evaluation may take than the module has instructions."""
MAX_DEPTH = 60  # of calls, branches and rounds inside each other
MAX_TRIES = 8
MAX_CARRIED = 64
MAX_ROUNDS = 1_000_000  # of a loop that comes without a bound


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


Place: TypeAlias = "tuple[Known, str]"
"""A value that may differ from round to round: of a function or in memory, and its name there."""


class _UnevenError(Exception):
    """The rounds of a loop are not alike, so that it can only be written out."""


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
        self._entry = entry_point(module, where)
        self._here = self._entry.place
        self._flows = {name: Flow(function, self._spend) for name, function in module.functions.items()}
        self._stability = Stability(module, self._entry, self._spend)
        self._loops: set[tuple[str, str]] = set()
        self._uneven: set[tuple[str, str]] = set()
        self._expected: set[tuple[str, int]] = set()
        self._memory = Memory(module)
        try:
            self._calls = Calls(self._made, required(self._entry))
        except EigenError as error:
            raise self._error(error.code, error.message) from None

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
        frame = Frame(function, self._flows[function.name], Known(dict(zip(function.params, arguments, strict=True))))
        try:
            returned = self._run(frame, function.entry, {}, EXIT)
        except _UnevenError:
            message = "a loop that outcomes end has rounds that are not alike, or more than one way out"
            raise self._error("EIGEN_FORMAT_UNSUPPORTED", message) from None
        self._depth -= 1
        return returned[""]

    def _run(self, frame: Frame, block: str, arriving: dict[str, Value], stop: str) -> dict[str, Value]:
        """Evaluates blocks until one is next, and gives the values of that one's PHIs; of EXIT the value returned."""
        while block != stop:
            if block == EXIT:
                raise _UnevenError
            for name, value in arriving.items():
                frame.known.write(name, value)
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

    def _body(self, frame: Frame, block: str) -> None:
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
                frame.known.write(instruction.result, value)

    def _evaluated(self, frame: Frame, block: str, number: int, instruction: Instruction) -> Value:
        """The value of an instruction that is no terminator."""
        name = instruction.detail
        if instruction.name == "call" and name in IGNORED:
            return UNDEFINED
        operands = [self._value(frame, operand) for operand in instruction.operands]
        if instruction.name in MEMORY:
            return self._memory.evaluated(instruction, operands)
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

    def _next(self, frame: Frame, block: str, last: Instruction) -> tuple[str, dict[str, Value]]:
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

    def _arriving(self, frame: Frame, target: str, source: str) -> dict[str, Value]:
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

    def _arm(self, frame: Frame, source: str, target: str, join: str) -> Arm:
        """One way of a branch, as a block of its own."""
        outer, self._made.out = self._made.out, []
        mark, memory = frame.known.mark(), self._memory.mark()
        self._arms += 1
        returned = self._run(frame, target, self._arriving(frame, target, source), join)
        self._arms -= 1
        left = {cell: self._memory.values[cell] for cell in self._memory.before(memory)}
        frame.known.back_to(mark)
        self._memory.back_to(memory)
        made, self._made.out = self._made.out, outer
        return Arm(made, returned, left)

    def _branch(
        self, frame: Frame, block: str, cases: list[tuple[Value, str]], default: str, join: str
    ) -> dict[str, Value]:
        """IF and ELSE up to where the ways meet again; values that differ there are kept in bits."""
        self._enter()
        arms = [self._arm(frame, block, target, join) for target in [*(target for _, target in cases), default]]
        kinds = {"": frame.function.type}
        if join != EXIT:
            kinds = {phi.result: phi.type for phi in frame.function.blocks[join].phis}
        merged = {
            name: self._merged(kind, [arm.returned[name] for arm in arms], arms)
            for name, kind in kinds.items()
            if name in arms[0].returned
        }
        for cell in dict.fromkeys(cell for arm in arms for cell in arm.memory):
            now = self._memory.values.get(cell, UNDEFINED)
            found = [arm.memory.get(cell, now) for arm in arms]
            self._memory.write(cell, self._merged(self._memory.types[cell], found, arms))
        other = arms[-1].out
        for (test, _), arm in zip(reversed(cases), reversed(arms[:-1]), strict=True):
            other = _either(values.condition(test), arm.out, other)
        self._made.out += other
        self._depth -= 1
        return merged

    def _merged(self, kind: str, given: list[Value], arms: list[Arm]) -> Value:
        """A value that the ways of a branch give: the same, or one in bits that each way writes."""
        found = [value for value in given if not isinstance(value, Undefined)]
        if not found:
            return UNDEFINED
        if all(type(value) is type(found[0]) and value == found[0] for value in found):
            return found[0]
        bits = self._variable(kind, found)
        for arm, value in zip(arms, given, strict=True):
            if not isinstance(value, Undefined):
                arm.out.append({"op": "COMPUTE", "c": bits, "value": values.expression(value)})
        return read(bits, kind)

    def _variable(self, kind: str, found: Sequence[Value]) -> list[int]:
        """Bits for values of a type that outcomes decide."""
        is_address = any(isinstance(value, Pointer | Label | Cell | Address) for value in found)
        if is_address or (kind != "double" and kind[0] != "i"):
            message = "which qubit, result or number is meant depends on an outcome"
            raise self._error("EIGEN_FORMAT_UNSUPPORTED", message)
        if kind[0] == "i" and values.width(kind) > 64:
            raise self._error("EIGEN_FORMAT_UNSUPPORTED", f"numbers of the type `{kind[:20]}` are not read")
        return self._made.scratch(64 if kind == "double" else values.width(kind))

    # ---- loops that outcomes end -------------------------------------------------------------------------------

    def _loop(
        self, frame: Frame, block: str, last: Instruction, back: list[str], targets: list[str]
    ) -> tuple[str, dict[str, Value]] | None:
        """A WHILE behind the first round, which is already there; None for a loop that can only be written out.

        What differs from round to round is carried in bits: first nothing, then what turns out to differ.
        """
        key = (frame.function.name, block)
        if last.name != "br" or len(back) != 1 or key in self._loops | self._uneven:
            return None
        inside, outside = back[0], next(target for target in targets if target != back[0])
        number = frame.flow.cycles[block]
        if (frame.function.name, number) not in self._expected:
            self._expected.add((frame.function.name, number))
            self._expect_measurements(frame, [name for name, part in frame.flow.cycles.items() if part == number])
        carried: list[Place] = []
        assumed: dict[str, Value] = {}
        made: list[Json] | None = None
        self._loops.add(key)
        for _ in range(MAX_TRIES):
            count = len(assumed)
            made, differing = self._while(frame, block, last, inside, carried, assumed)
            is_stuck = not differing and len(assumed) == count
            if made is not None or is_stuck or len(carried) + len(differing) > MAX_CARRIED:
                break
            carried += differing
        self._loops.discard(key)
        self._here = last.place
        if made is None:
            self._uneven.add(key)
            return None
        self._made.out += made
        return outside, self._arriving(frame, outside, block)

    def _while(
        self,
        frame: Frame,
        block: str,
        last: Instruction,
        inside: str,
        carried: list[Place],
        assumed: dict[str, Value],
    ) -> tuple[list[Json] | None, list[Place]]:
        """One try at a loop: its operations, or what else must be carried; nothing else is left of a try that fails."""
        known, memory = frame.known, self._memory
        start, out, depth, arms = (known.mark(), memory.mark()), self._made.out, self._depth, self._arms
        made: list[Json] | None = None
        differing: list[Place] = []
        count = len(assumed)
        try:
            self._made.out = before = list[Json]()
            for cell, value in assumed.items():
                memory.write(cell, value)
            bits = [self._carry(frame, place) for place in carried]
            for (owner, name), (variable, kind) in zip(carried, bits, strict=True):
                owner.write(name, read(variable, kind))
            again = self._again(frame, last, inside)
            marks = known.mark(), memory.mark()
            self._made.out = body = list[Json]()
            self._enter()
            self._arms += 1
            for name, value in self._run(frame, inside, self._arriving(frame, inside, block), block).items():
                known.write(name, value)
            self._body(frame, block)
            differing = self._differing(frame, last, marks, carried, assumed)
            self._assign(carried, bits)
            known.back_to(marks[0])
            memory.back_to(marks[1])
            if not differing and isinstance(again, Truth) and len(assumed) == count:
                loop = {"op": "WHILE", "cond": again.condition, "max": self._rounds(last), "body": body}
                made = [*before, loop]
        except (_UnevenError, EigenError):
            if self._left < 0:
                raise
            differing = []
        if made is None:
            known.back_to(start[0])
            memory.back_to(start[1])
        self._made.out, self._depth, self._arms = out, depth, arms
        return made, differing

    def _carry(self, frame: Frame, place: Place) -> tuple[list[int], str]:
        """Bits for something that differs from round to round, which hold what the first round left; and its type."""
        owner, name = place
        kind = self._memory.types[name] if owner is self._memory else self._types(frame)[name]
        value = owner.values[name]
        bits = self._variable(kind, [value])
        if not isinstance(value, Undefined):
            self._made.compute(bits, value)
        return bits, kind

    def _assign(self, carried: list[Place], bits: list[tuple[list[int], str]]) -> None:
        """Writes what a round leaves to where the next one reads it, all at once."""
        new: list[tuple[list[int], Value]] = []
        for (owner, name), (variable, kind) in zip(carried, bits, strict=True):
            value = owner.values[name]
            if not isinstance(value, Undefined) and value != read(variable, kind):
                new.append((variable, value if len(carried) == 1 else self._made.kept(value, kind)))
        for variable, value in new:
            self._made.compute(variable, value)

    def _differing(
        self,
        frame: Frame,
        last: Instruction,
        marks: tuple[int, int],
        carried: list[Place],
        assumed: dict[str, Value],
    ) -> list[Place]:
        """What a round changed that a later one, or what comes after, would see. What was not defined before and is
        known behind the round is `assumed` to have been that all along."""
        found: list[Place] = []
        tests = {operand.value for operand in last.operands if operand.kind == "local"}
        there = {(id(owner), name) for owner, name in carried}
        before = frame.known.before(marks[0])
        self._spend(len(before))
        for name, value in before.items():
            if value is None or (id(frame.known), name) in there or _same(frame.known.values[name], value):
                continue
            if name in tests or self._stability.is_used_elsewhere(frame.function, name):
                found.append((frame.known, name))
        for cell, value in self._memory.before(marks[1]).items():
            now = self._memory.values[cell]
            if value is None or (id(self._memory), cell) in there or _same(now, value):
                continue
            if isinstance(value, Undefined) and values.is_known(now) and cell not in assumed:
                assumed[cell] = now
            else:
                found.append((self._memory, cell))
        return found

    def _again(self, frame: Frame, last: Instruction, inside: str) -> Value:
        """Whether there is another round."""
        value = self._value(frame, last.operands[0])
        return value if last.operands[1].value == inside else values.negated(value)  # type: ignore[arg-type]

    def _expect_measurements(self, frame: Frame, blocks: Sequence[str]) -> None:
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

    def _value(self, frame: Frame, operand: Operand) -> Value:
        kind, value = operand.kind, operand.value
        if kind == "pointer":
            return Pointer(value)
        if kind == "local":
            found = frame.known.values.get(value)
            if found is None:
                raise self._error("EIGEN_FORMAT_INVALID", f"the value `%{value[:40]}` is not there yet")
            return found
        if kind == "global":
            constant = self._module.constants.get(value)
            if constant is None:
                raise self._error("EIGEN_FORMAT_UNSUPPORTED", f"the global value `@{value[:40]}` is no constant")
            return Label(constant.value) if constant.kind == "string" else Address(value, 0)
        return constant_value(operand)

    def _types(self, frame: Frame) -> dict[str, str]:
        """The types of all values of a function that instructions make."""
        if not frame.types:
            for block in frame.function.blocks.values():
                for instruction in (*block.phis, *block.body):
                    frame.types[instruction.result] = instruction.type
        return frame.types


def _same(first: Value, second: Value) -> bool:
    return type(first) is type(second) and first == second


def _either(test: Json, then: list[Json], other: list[Json]) -> list[Json]:
    """An IF; without one way the condition is turned round, without both there is nothing."""
    if then:
        return [{"op": "IF", "cond": test, "then": then, **({"else": other} if other else {})}]
    return [{"op": "IF", "cond": test.get("not", {"not": test}), "then": other}] if other else []
