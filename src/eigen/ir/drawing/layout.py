"""Where each operation of a circuit stands in its picture: columns of cells on wires, no character, no pixel."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from eigen.ir.drawing.labels import marks_of, text_of_condition

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from eigen._core import Circuit, Instruction


@dataclass(frozen=True, slots=True)
class Item:
    """One drawn operation: what stands on which wire, and the classical bits it reads or writes.

    `marks` maps a wire to `●` (control), `○` (control on zero), `⊕`, `×`, or the text of a box. `kind` is
    `gate`, or `open`, `middle` and `close` for the borders of a control-flow box.
    """

    marks: dict[int, str]
    clbits: tuple[int, ...] = ()
    kind: str = "gate"

    @property
    def span(self) -> range:
        """The wires from the first to the last that the item touches."""
        return range(min(self.marks), max(self.marks) + 1)


@dataclass(frozen=True, slots=True)
class Layout:
    """Columns of items; items of one column do not overlap. `omitted` operations were beyond the limit."""

    labels: tuple[str, ...]
    columns: tuple[tuple[Item, ...], ...]
    omitted: int = 0


def lay_out(circuit: Circuit, *, max_operations: int = 2_000) -> Layout:
    """The picture of a circuit, as early as possible from left to right; the first `max_operations` operations."""
    items: list[Item] = []
    _collect(circuit.instructions(), items, max_operations)
    wires = [0] * max(circuit.num_qubits, 1)
    bits: dict[int, int] = {}
    columns: list[list[Item]] = []
    for item in items:
        column = max((wires[wire] for wire in item.span), default=0)
        column = max([column, *(bits.get(bit, 0) for bit in item.clbits)])
        while len(columns) <= column:
            columns.append([])
        columns[column].append(item)
        for wire in item.span:
            wires[wire] = column + 1
        for bit in item.clbits:
            bits[bit] = column + 1
    drawn = sum(1 for item in items if item.kind in {"gate", "open"})
    return Layout(_wire_labels(circuit), tuple(tuple(column) for column in columns), max(0, len(circuit) - drawn))


def _wire_labels(circuit: Circuit) -> tuple[str, ...]:
    labels = [f"q{index}" for index in range(circuit.num_qubits)]
    for name, start, size in circuit.qubit_registers:
        for offset in range(size):
            labels[start + offset] = f"{name}[{offset}]" if size > 1 else name
    return tuple(labels)


def _collect(instructions: Sequence[Instruction], items: list[Item], limit: int) -> None:
    for instruction in instructions:
        if len(items) >= limit:
            return
        if not instruction.blocks:
            if instruction.qubits:
                items.append(Item(marks_of(instruction), _bits_of(instruction)))
            continue
        touched = _touched(instruction.blocks)
        if not touched:
            continue
        items.append(Item(_border(touched, _heading(instruction)), _bits_of(instruction), "open"))
        for position, block in enumerate(instruction.blocks):
            if position:
                items.append(Item(_border(touched, "else"), (), "middle"))
            _collect(block, items, limit)
        items.append(Item(_border(touched, ""), (), "close"))


def _border(wires: range, text: str) -> dict[int, str]:
    return {wire: text if wire == wires.start else "" for wire in wires}


def _touched(blocks: Iterable[Sequence[Instruction]]) -> range:
    """All wires between the first and the last that some operation of the blocks touches."""
    found: set[int] = set()
    for block in blocks:
        for instruction in block:
            found.update(instruction.qubits)
            found.update(_touched(instruction.blocks))
    return range(min(found), max(found) + 1) if found else range(0)


def _heading(instruction: Instruction) -> str:
    if instruction.name == "FOR":
        return f"repeat {instruction.bound}"
    word = {"IF": "if", "WHILE": "while"}.get(instruction.name, instruction.name.lower())
    return f"{word} {text_of_condition(instruction.condition)}"


def _bits_of(instruction: Instruction) -> tuple[int, ...]:
    read = instruction.condition.clbits if instruction.condition is not None else ()
    return (*instruction.clbits, *read)
