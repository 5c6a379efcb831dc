"""Loops that outcomes end: a WHILE whose rounds are alike, with what differs from round to round in bits."""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol, TypeAlias

from eigen.errors import EigenError
from eigen.ir.formats.qir import values
from eigen.ir.formats.qir.emission import read
from eigen.ir.formats.qir.gates import BOUND
from eigen.ir.formats.qir.stability import measured
from eigen.ir.formats.qir.values import Json, Truth, Undefined

if TYPE_CHECKING:
    from collections.abc import Sequence

    from eigen.ir.formats.qir.calls import Calls
    from eigen.ir.formats.qir.emission import Emission
    from eigen.ir.formats.qir.memory import Memory
    from eigen.ir.formats.qir.module import Instruction, Module, Operand
    from eigen.ir.formats.qir.stability import Stability
    from eigen.ir.formats.qir.state import Frame, Known
    from eigen.ir.formats.qir.values import Value

MAX_TRIES = 8
MAX_CARRIED = 64
MAX_ROUNDS = 1_000_000  # of a loop that comes without a bound


Place: TypeAlias = "tuple[Known, str]"
"""A value that may differ from round to round: of a function or in memory, and its name there."""


class UnevenError(Exception):
    """The rounds of a loop are not alike, so that it can only be written out."""


class Evaluator(Protocol):
    """What evaluates the blocks of a round, and where it is."""

    made: Emission
    memory: Memory
    left: int
    depth: int
    arms: int
    here: int

    def run(self, frame: Frame, block: str, arriving: dict[str, Value], stop: str) -> dict[str, Value]:
        """Evaluate blocks until `stop` is next, and give the values of its PHIs."""
        ...

    def body(self, frame: Frame, block: str) -> None:
        """Do what a block does before its terminator."""
        ...

    def arriving(self, frame: Frame, target: str, source: str) -> dict[str, Value]:
        """The values of a block's PHIs for who comes from another block."""
        ...

    def value(self, frame: Frame, operand: Operand) -> Value:
        """The value of an operand."""
        ...

    def variable(self, kind: str, found: Sequence[Value]) -> list[int]:
        """Bits for values of a type that outcomes decide."""
        ...

    def enter(self) -> None:
        """Go one level deeper."""
        ...

    def spend(self, steps: int) -> None:
        """Count steps."""
        ...


class Rounds:
    """The loops of a module, as far as their rounds are alike."""

    def __init__(self, reader: Evaluator, module: Module, calls: Calls, stability: Stability) -> None:
        self._reader = reader
        self._module = module
        self._calls = calls
        self._stability = stability
        self._loops: set[tuple[str, str]] = set()
        self._uneven: set[tuple[str, str]] = set()
        self._expected: set[tuple[str, int]] = set()

    def loop(
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
        self._reader.here = last.place
        if made is None:
            self._uneven.add(key)
            return None
        self._reader.made.out += made
        return outside, self._reader.arriving(frame, outside, block)

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
        reader, known, memory = self._reader, frame.known, self._reader.memory
        start = known.mark(), memory.mark()
        out, depth, arms = reader.made.out, reader.depth, reader.arms
        made: list[Json] | None = None
        differing: list[Place] = []
        count = len(assumed)
        try:
            reader.made.out = before = list[Json]()
            for cell, value in assumed.items():
                memory.write(cell, value)
            bits = [self._carry(frame, place) for place in carried]
            for (owner, name), (variable, kind) in zip(carried, bits, strict=True):
                owner.write(name, read(variable, kind))
            again = self._again(frame, last, inside)
            marks = known.mark(), memory.mark()
            reader.made.out = body = list[Json]()
            reader.enter()
            reader.arms += 1
            for name, value in reader.run(frame, inside, reader.arriving(frame, inside, block), block).items():
                known.write(name, value)
            reader.body(frame, block)
            differing = self._differing(frame, last, marks, carried, assumed)
            self._assign(carried, bits)
            known.back_to(marks[0])
            memory.back_to(marks[1])
            if not differing and isinstance(again, Truth) and len(assumed) == count:
                loop = {"op": "WHILE", "cond": again.condition, "max": self._rounds(last), "body": body}
                made = [*before, loop]
        except (UnevenError, EigenError):
            if reader.left < 0:
                raise
            differing = []
        if made is None:
            known.back_to(start[0])
            memory.back_to(start[1])
        reader.made.out, reader.depth, reader.arms = out, depth, arms
        return made, differing

    def _carry(self, frame: Frame, place: Place) -> tuple[list[int], str]:
        """Bits for something that differs from round to round, which hold what the first round left; and its type."""
        owner, name = place
        kind = self._reader.memory.types[name] if owner is self._reader.memory else self._types(frame)[name]
        value = owner.values[name]
        bits = self._reader.variable(kind, [value])
        if not isinstance(value, Undefined):
            self._reader.made.compute(bits, value)
        return bits, kind

    def _assign(self, carried: list[Place], bits: list[tuple[list[int], str]]) -> None:
        """Writes what a round leaves to where the next one reads it, all at once."""
        new: list[tuple[list[int], Value]] = []
        for (owner, name), (variable, kind) in zip(carried, bits, strict=True):
            value = owner.values[name]
            if not isinstance(value, Undefined) and value != read(variable, kind):
                new.append((variable, value if len(carried) == 1 else self._reader.made.kept(value, kind)))
        for variable, value in new:
            self._reader.made.compute(variable, value)

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
        self._reader.spend(len(before))
        for name, value in before.items():
            if value is None or (id(frame.known), name) in there or _same(frame.known.values[name], value):
                continue
            if name in tests or self._stability.is_used_elsewhere(frame.function, name):
                found.append((frame.known, name))
        for cell, value in self._reader.memory.before(marks[1]).items():
            now = self._reader.memory.values[cell]
            if value is None or (id(self._reader.memory), cell) in there or _same(now, value):
                continue
            if isinstance(value, Undefined) and values.is_known(now) and cell not in assumed:
                assumed[cell] = now
            else:
                found.append((self._reader.memory, cell))
        return found

    def _again(self, frame: Frame, last: Instruction, inside: str) -> Value:
        """Whether there is another round."""
        value = self._reader.value(frame, last.operands[0])
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

    def _types(self, frame: Frame) -> dict[str, str]:
        """The types of all values of a function that instructions make."""
        if not frame.types:
            for block in frame.function.blocks.values():
                for instruction in (*block.phis, *block.body):
                    frame.types[instruction.result] = instruction.type
        return frame.types


def _same(first: Value, second: Value) -> bool:
    return type(first) is type(second) and first == second
