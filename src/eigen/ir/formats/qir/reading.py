"""QIR text as ours: the entry point is evaluated while it is read; what outcomes decide becomes blocks and COMPUTE."""

from __future__ import annotations

from typing import TYPE_CHECKING

from eigen.errors import EigenError
from eigen.ir.formats.qir import values
from eigen.ir.formats.qir.calls import Calls
from eigen.ir.formats.qir.classical import computed
from eigen.ir.formats.qir.emission import Emission, read
from eigen.ir.formats.qir.entry import entry_point, required
from eigen.ir.formats.qir.flow import EXIT, Flow
from eigen.ir.formats.qir.gates import IGNORED, READ, RECORDS, TELL
from eigen.ir.formats.qir.memory import MEMORY, Memory
from eigen.ir.formats.qir.memory import known as constant_value
from eigen.ir.formats.qir.module import Instruction, Operand
from eigen.ir.formats.qir.parsing import parse
from eigen.ir.formats.qir.rounds import Rounds, UnevenError
from eigen.ir.formats.qir.stability import Stability
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


class _Reader:
    """Evaluates a module."""

    def __init__(self, module: Module, text: str, where: str) -> None:
        self._module = module
        self._text = text
        self._where = where
        self.left = MAX_STEPS + module.size
        self.depth = 0
        self.arms = 0
        self.here = 0
        self.made = Emission()
        self._entry = entry_point(module, where)
        self.here = self._entry.place
        self._flows = {name: Flow(function, self.spend) for name, function in module.functions.items()}
        self._stability = Stability(module, self._entry, self.spend)
        self.memory = Memory(module)
        try:
            self._calls = Calls(self.made, required(self._entry))
        except EigenError as error:
            raise self._error(error.code, error.message) from None
        self._rounds = Rounds(self, module, self._calls, self._stability)

    def circuit(self) -> Circuit:
        """The circuit of the entry point."""
        if self._entry.params:
            raise self._error("EIGEN_FORMAT_UNSUPPORTED", "the entry point has parameters, which no profile has")
        code = self._called(self._entry, [])
        if not isinstance(code, int) or code:
            message = "the program ends with an exit code other than 0, or with one that outcomes decide"
            raise self._error("EIGEN_FORMAT_UNSUPPORTED", message)
        told = self._entry.attributes.get(TELL, "")
        return self.made.circuit(*self._calls.totals(), told, self._where)

    def _error(self, code: str, message: str, hint: str = "") -> EigenError:
        """An error where the reader is."""
        return placed_at(self._text, self.here, code, message, self._where, hint)

    def spend(self, steps: int) -> None:
        """So many steps more; EIGEN_LIMIT_EXCEEDED."""
        self.left -= steps
        if self.left < 0:
            raise self._error(
                "EIGEN_LIMIT_EXCEEDED",
                f"the program, evaluated, takes over `{MAX_STEPS}` steps more than it has instructions",
            )

    def enter(self) -> None:
        """One level deeper; EIGEN_LIMIT_EXCEEDED."""
        self.depth += 1
        if self.depth > MAX_DEPTH:
            message = f"calls, branches and rounds that outcomes decide are inside each other beyond `{MAX_DEPTH}`"
            raise self._error("EIGEN_LIMIT_EXCEEDED", message)

    # ---- control flow ------------------------------------------------------------------------------------------

    def _called(self, function: Function, arguments: list[Value]) -> Value:
        """What a function returns."""
        self.enter()
        if len(arguments) != len(function.params):
            raise self._error("EIGEN_FORMAT_INVALID", f"`{function.name[:60]}` gets `{len(arguments)}` arguments")
        frame = Frame(function, self._flows[function.name], Known(dict(zip(function.params, arguments, strict=True))))
        try:
            returned = self.run(frame, function.entry, {}, EXIT)
        except UnevenError:
            message = "a loop that outcomes end has rounds that are not alike, or more than one way out"
            raise self._error("EIGEN_FORMAT_UNSUPPORTED", message) from None
        self.depth -= 1
        return returned[""]

    def run(self, frame: Frame, block: str, arriving: dict[str, Value], stop: str) -> dict[str, Value]:
        """Evaluates blocks until one is next, and gives the values of that one's PHIs; of EXIT the value returned."""
        while block != stop:
            if block == EXIT:
                raise UnevenError
            for name, value in arriving.items():
                frame.known.write(name, value)
            self.body(frame, block)
            last = frame.function.blocks[block].body[-1]
            self.here = last.place
            if last.name == "ret":
                value = self.value(frame, last.operands[0]) if last.operands else 0
                block, arriving = EXIT, {"": value}
            elif last.name == "unreachable":
                raise self._error("EIGEN_FORMAT_UNSUPPORTED", "the program comes to `unreachable`")
            else:
                block, arriving = self._next(frame, block, last)
        return arriving

    def body(self, frame: Frame, block: str) -> None:
        """What a block does before its terminator."""
        body = frame.function.blocks[block].body
        self.spend(len(body))
        for number in range(len(body) - 1):
            instruction = body[number]
            self.here = instruction.place
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
        operands = [self.value(frame, operand) for operand in instruction.operands]
        if instruction.name in MEMORY:
            return self.memory.evaluated(instruction, operands)
        if instruction.name != "call":
            return computed(self.made, instruction, operands)
        if name in self._module.functions:
            return self._called(self._module.functions[name], operands)
        if name in READ and len(operands) == 1:
            value = self._calls.outcome(operands[0])
            if isinstance(value, int) or self._stability.is_stable(frame.function, block, number, instruction):
                return value
            return self.made.kept(value, "i1")
        if name in RECORDS and self.arms:
            message = "an output is recorded only where outcomes decide, which a circuit has no place for"
            raise EigenError("EIGEN_FORMAT_UNSUPPORTED", message)
        return self._calls.call(name, operands, [operand.type for operand in instruction.operands])

    def _next(self, frame: Frame, block: str, last: Instruction) -> tuple[str, dict[str, Value]]:
        """Where a branch leads, and the values of the PHIs there; what outcomes decide is emitted as blocks."""
        operands = last.operands
        if len(operands) == 1:
            return operands[0].value, self.arriving(frame, operands[0].value, block)
        value = self.value(frame, operands[0])
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
        self.spend(len(cases))
        if values.is_known(value):
            taken = next((target for test, target in cases if test), default)
            return taken, self.arriving(frame, taken, block)
        join = frame.flow.joins.get(block)
        if join is None:
            raise self._error("EIGEN_FORMAT_UNSUPPORTED", "from a branch that outcomes decide no way leads to an end")
        targets = [*(target for _, target in cases), default]
        back = [
            target for target in targets if block in frame.flow.cycles and frame.flow.comes_back(target, block, join)
        ]
        if back:
            found = self._rounds.loop(frame, block, last, back, targets)
            if found is not None:
                return found
        return join, self._branch(frame, block, cases, default, join)

    def _equals(self, value: Value, kind: str, label: Operand) -> Value:
        """Whether the value of a SWITCH is that of a case."""
        number = label.value & (1 << values.width(kind)) - 1
        if isinstance(value, int):
            return int(value == number)
        sides = (Operand("undef", None, kind),) * 2
        return computed(self.made, Instruction("icmp", "", "i1", sides, "eq", self.here), [value, number])

    def arriving(self, frame: Frame, target: str, source: str) -> dict[str, Value]:
        """The values of a block's PHIs for who comes from another block."""
        block = frame.function.blocks.get(target)
        if block is None:
            raise self._error("EIGEN_FORMAT_INVALID", f"there is no block `{target[:40]}`")
        found: dict[str, Value] = {}
        for phi in block.phis:
            pairs = zip(phi.operands[::2], phi.operands[1::2], strict=True)
            operand = next((value for value, origin in pairs if origin.value == source), None)
            if operand is None:
                self.here = phi.place
                raise self._error("EIGEN_FORMAT_INVALID", f"a PHI has no value for `{source[:40]}`")
            found[phi.result] = self.value(frame, operand)
        return found

    def _arm(self, frame: Frame, source: str, target: str, join: str) -> Arm:
        """One way of a branch, as a block of its own."""
        outer, self.made.out = self.made.out, []
        mark, memory = frame.known.mark(), self.memory.mark()
        self.arms += 1
        returned = self.run(frame, target, self.arriving(frame, target, source), join)
        self.arms -= 1
        left = {cell: self.memory.values[cell] for cell in self.memory.before(memory)}
        frame.known.back_to(mark)
        self.memory.back_to(memory)
        made, self.made.out = self.made.out, outer
        return Arm(made, returned, left)

    def _branch(
        self, frame: Frame, block: str, cases: list[tuple[Value, str]], default: str, join: str
    ) -> dict[str, Value]:
        """IF and ELSE up to where the ways meet again; values that differ there are kept in bits."""
        self.enter()
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
            now = self.memory.values.get(cell, UNDEFINED)
            found = [arm.memory.get(cell, now) for arm in arms]
            self.memory.write(cell, self._merged(self.memory.types[cell], found, arms))
        other = arms[-1].out
        for (test, _), arm in zip(reversed(cases), reversed(arms[:-1]), strict=True):
            other = _either(values.condition(test), arm.out, other)
        self.made.out += other
        self.depth -= 1
        return merged

    def _merged(self, kind: str, given: list[Value], arms: list[Arm]) -> Value:
        """A value that the ways of a branch give: the same, or one in bits that each way writes."""
        found = [value for value in given if not isinstance(value, Undefined)]
        if not found:
            return UNDEFINED
        if all(type(value) is type(found[0]) and value == found[0] for value in found):
            return found[0]
        bits = self.variable(kind, found)
        for arm, value in zip(arms, given, strict=True):
            if not isinstance(value, Undefined):
                arm.out.append({"op": "COMPUTE", "c": bits, "value": values.expression(value)})
        return read(bits, kind)

    def variable(self, kind: str, found: Sequence[Value]) -> list[int]:
        """Bits for values of a type that outcomes decide."""
        is_address = any(isinstance(value, Pointer | Label | Cell | Address) for value in found)
        if is_address or (kind != "double" and kind[0] != "i"):
            message = "which qubit, result or number is meant depends on an outcome"
            raise self._error("EIGEN_FORMAT_UNSUPPORTED", message)
        if kind[0] == "i" and values.width(kind) > 64:
            raise self._error("EIGEN_FORMAT_UNSUPPORTED", f"numbers of the type `{kind[:20]}` are not read")
        return self.made.scratch(64 if kind == "double" else values.width(kind))

    # ---- values and calls --------------------------------------------------------------------------------------

    def value(self, frame: Frame, operand: Operand) -> Value:
        """The value of an operand."""
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


def _either(test: Json, then: list[Json], other: list[Json]) -> list[Json]:
    """An IF; without one way the condition is turned round, without both there is nothing."""
    if then:
        return [{"op": "IF", "cond": test, "then": then, **({"else": other} if other else {})}]
    return [{"op": "IF", "cond": test.get("not", {"not": test}), "then": other}] if other else []
