"""Which outcomes may be read where they lie, because nothing measures into the same result before the last use."""

from __future__ import annotations

from collections import Counter, defaultdict
from typing import TYPE_CHECKING

from eigen.ir.formats.qir.flow import Flow
from eigen.ir.formats.qir.gates import MEASURE, MEASURE_AND_RESET, READ, known

if TYPE_CHECKING:
    from collections.abc import Callable

    from eigen.ir.formats.qir.module import Function, Instruction, Module


def measured(instruction: Instruction) -> int | None:
    """The result that a call measures into; None for other calls, -1 where it is no constant."""
    gate = known(instruction.detail) if instruction.name == "call" else None
    if gate is None or gate[0] not in MEASURE | MEASURE_AND_RESET or len(instruction.operands) != 2:
        return None
    operand = instruction.operands[1]
    return operand.value if operand.kind == "pointer" else -1


class Stability:
    """Answers for the reads of one module. `spend` is told the steps."""

    def __init__(self, module: Module, entry: Function, spend: Callable[[int], None]) -> None:
        self._module = module
        self._spend = spend
        self._times: Counter[int] = Counter()
        self._answers: dict[tuple[str, int], bool] = {}
        self._uses: dict[str, dict[str, list[tuple[str, int, str]]]] = {}
        self._makers: dict[str, dict[str, str]] = {}
        for function in module.functions.values():
            cycles = Flow(function, spend).cycles
            for block in function.blocks.values():
                often = 2 if function is not entry or block.name in cycles else 1
                for instruction in block.body:
                    result = measured(instruction)
                    if result is not None:
                        self._times[result] += often

    def is_stable(self, function: Function, block: str, at: int, instruction: Instruction) -> bool:
        """Whether the outcome that a call reads is still there wherever its value is used."""
        result = instruction.operands[0]
        if result.kind == "pointer" and not self._times[-1] and self._times[result.value] <= 1:
            return True
        key = (function.name, instruction.place)
        if key not in self._answers:
            self._answers[key] = self._is_used_at_once(function, block, at, instruction)
        return self._answers[key]

    def _is_used_at_once(self, function: Function, block: str, at: int, instruction: Instruction) -> bool:
        body = function.blocks[block].body
        result = instruction.operands[0]
        own = result.value if result.kind == "pointer" else -1
        end = at + 1
        while end < len(body) and not self._disturbs(body[end], own):
            end += 1
        self._spend(end - at)
        uses = self._uses_in(function)
        work, seen = [instruction.result], {instruction.result}
        while work:
            for place, number, made in uses.get(work.pop(), ()):
                self._spend(1)
                if place != block or not at < number < end:
                    return False
                if made and made not in seen:
                    seen.add(made)
                    work.append(made)
        return True

    def _disturbs(self, instruction: Instruction, own: int) -> bool:
        if instruction.name != "call":
            return False
        result = measured(instruction)
        return instruction.detail in self._module.functions or (
            result is not None and (result in (own, -1) or own == -1)
        )

    def _uses_in(self, function: Function) -> dict[str, list[tuple[str, int, str]]]:
        """Where each value is used: block, number in it (-1 where it leaves the block), and what is made of it."""
        if function.name not in self._uses:
            uses: dict[str, list[tuple[str, int, str]]] = defaultdict(list)
            makers = self._makers[function.name] = dict[str, str]()
            for block in function.blocks.values():
                for place, instruction in [*((-1, phi) for phi in block.phis), *enumerate(block.body)]:
                    makers[instruction.result] = block.name
                    number = -1 if instruction.name in {"store", "ret"} else place
                    for operand in instruction.operands:
                        if operand.kind == "local":
                            uses[operand.value].append((block.name, number, instruction.result))
            self._uses[function.name] = uses
        return self._uses[function.name]

    def is_used_elsewhere(self, function: Function, name: str) -> bool:
        """Whether a value is used in another block than the one that makes it, or by a PHI."""
        uses = self._uses_in(function).get(name, ())
        self._spend(len(uses))
        return any(number < 0 or place != self._makers[function.name].get(name) for place, number, _ in uses)


__all__ = ["READ", "Stability", "measured"]
