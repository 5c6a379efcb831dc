"""A module of LLVM, as far as QIR uses it: functions of blocks of instructions. Nothing is interpreted here."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Mapping


class Operand(NamedTuple):
    """A value as it is written. `kind` is `local` and `global` (a name), `int`, `float`, `pointer` (the number that a
    constant pointer was made of), `string` (bytes), `array` (operands), `block` (a name) or `undef`."""

    kind: str
    value: Any
    type: str
    """`void`, `i64`, `double`, `ptr` for every pointer, or a text that only tells aggregates apart."""


class Instruction(NamedTuple):
    """One instruction. `detail` is the callee, the predicate of a comparison or the type of a cast; the operands of
    PHI, BR and SWITCH are values and blocks in turn, in the order in which LLVM writes them."""

    name: str
    result: str
    type: str
    operands: tuple[Operand, ...]
    detail: str
    place: int
    """Where it begins in the text."""
    notes: Mapping[str, str] | None = None
    """Metadata that hang on it: kind to the name of the node."""


@dataclass(slots=True)
class Block:
    """A basic block: its PHIs, what it does, and the terminator at the end of that."""

    name: str
    phis: list[Instruction] = field(default_factory=list[Instruction])
    body: list[Instruction] = field(default_factory=list[Instruction])

    def successors(self) -> list[str]:
        """The blocks that may come next, in the order of the terminator."""
        return [operand.value for operand in self.body[-1].operands if operand.kind == "block"]


@dataclass(slots=True)
class Function:
    """A function with a body."""

    name: str
    type: str
    params: list[str]
    place: int
    blocks: dict[str, Block] = field(default_factory=dict[str, Block])
    groups: list[str] = field(default_factory=list[str])
    attributes: dict[str, str] = field(default_factory=dict[str, str])

    @property
    def entry(self) -> str:
        """The first block."""
        return next(iter(self.blocks))


@dataclass(slots=True)
class Module:
    """What a document defines."""

    functions: dict[str, Function] = field(default_factory=dict[str, Function])
    constants: dict[str, Operand] = field(default_factory=dict[str, Operand])
    """Global constants that are a string, a number or an array of numbers and pointers."""
    groups: dict[str, dict[str, str]] = field(default_factory=dict[str, dict[str, str]])
    size: int = 0
    """How many instructions there are."""
    numbers: dict[str, int] = field(default_factory=dict[str, int])
    """The whole number that a metadata node begins with, where it does."""
