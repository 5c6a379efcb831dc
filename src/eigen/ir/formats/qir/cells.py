"""Where the classical bits of a circuit lie in a QIR program: in results, or in memory where something is computed."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from eigen.ir.formats.objects import refused

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from eigen.ir.circuit import Circuit, Instruction

NAME = "qir"
ROOTS = {"sqrt", "exp", "log", "sin", "cos", "tan", "arcsin", "arccos", "arctan", "floor", "ceiling", "float"}
"""Operations on one value whose result is a fraction."""
COMPARISONS = {"==", "!=", "<", "<="}


@dataclass(frozen=True, slots=True)
class Cell:
    """A value in memory, its bits lowest first: `i1`, `i64` for up to 64 bits without a sign, or `double`."""

    kind: str
    bits: tuple[int, ...]

    @property
    def name(self) -> str:
        """Its address."""
        return f"%c{self.bits[0]}"


class Cells:
    """The cells of a circuit by bit, and the results of the bits that only measurements write."""

    def __init__(self, circuit: Circuit) -> None:
        self._of: dict[int, Cell] = {}
        written: dict[tuple[int, ...], bool] = {}
        read: dict[tuple[int, ...], bool] = {}
        measured: set[int] = set()
        for instruction in every(circuit.instructions()) if circuit.computes else ():
            if instruction.name == "MEASURE":
                measured.update(instruction.clbits)
            if instruction.computation is not None:
                value = json.loads(instruction.computation)
                target = instruction.clbits
                written[target] = written.get(target, False) or is_fraction(value)
                for bits, is_real in _reads(value):
                    read[bits] = read.get(bits, False) or is_real
        written.update({bits: True for bits, is_real in read.items() if is_real and bits not in written})
        owners: dict[int, set[tuple[int, ...]]] = {}
        for target in written:
            for bit in target:
                owners.setdefault(bit, set()).add(target)
        for target, is_real in written.items():
            is_alone = all(len(owners[bit]) == 1 for bit in target) and measured.isdisjoint(target)
            if is_alone and (is_real or len(target) > 1):
                self._add(Cell("double" if is_real else "i64", target))
        rest = {bit for bit in owners if bit not in self._of}
        rest.update(bit for bit in range(circuit.num_clbits, circuit.num_clbits + circuit.num_scratch))
        for bit in sorted(rest):
            if bit not in self._of and (bit in owners or bit not in measured):
                self._add(Cell("i1", (bit,)))
        bits = measured.union(bit for bit in range(circuit.num_clbits) if bit not in self._of)
        self._results = {bit: result for result, bit in enumerate(sorted(bits))}
        self._check(written, read)

    def _add(self, cell: Cell) -> None:
        self._of.update(dict.fromkeys(cell.bits, cell))

    def _check(self, written: dict[tuple[int, ...], bool], read: dict[tuple[int, ...], bool]) -> None:
        """Fractions are written and read whole."""
        for bits, is_real in [*written.items(), *read.items()]:
            cells = {self._of.get(bit) for bit in bits}
            doubles = {cell for cell in cells if cell is not None and cell.kind == "double"}
            is_whole = len(cells) == 1 and all(cell.bits == bits for cell in doubles)
            if is_real != bool(doubles) or not (is_whole or not doubles):
                message = f"bits from `{bits[0]}` on are used as a fraction and as something else, which QIR cannot say"
                raise refused(NAME, message)

    def __iter__(self) -> Iterator[Cell]:
        return iter(dict.fromkeys(self._of.values()))

    def of(self, bit: int) -> Cell | None:
        """The cell that a bit lies in; None for one that is a result."""
        return self._of.get(bit)

    def result(self, bit: int) -> int:
        """The number of the result that a bit is measured into."""
        return self._results[bit]

    @property
    def num_results(self) -> int:
        """How many results there are."""
        return len(self._results)


def every(instructions: Iterable[Instruction]) -> Iterator[Instruction]:
    """All operations, those inside of blocks included."""
    for instruction in instructions:
        yield instruction
        for block in instruction.blocks:
            yield from every(block)


def is_fraction(node: dict[str, Any]) -> bool:
    """Whether the value of an expression, as AQO writes it, is a fraction."""
    if "do" not in node:
        return "float" in node or node.get("as") == "float"
    name = node["do"]
    if name in ROOTS:
        return True
    return name not in {*COMPARISONS, "int", "not", "wrap", "popcount", "invert"} and is_fraction(node["of"][0])


def _reads(node: dict[str, Any]) -> Iterator[tuple[tuple[int, ...], bool]]:
    """The bits that an expression reads together, and whether as a fraction."""
    if "as" in node:
        yield tuple(node["bits"]), node["as"] == "float"
    for part in node.get("of", ()):
        yield from _reads(part)
