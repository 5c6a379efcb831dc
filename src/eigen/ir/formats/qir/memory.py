"""Memory of a program while it is evaluated: single values by address, and constant arrays."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from eigen.errors import EigenError
from eigen.ir.formats.qir import values
from eigen.ir.formats.qir.state import Known
from eigen.ir.formats.qir.values import UNDEFINED, Address, Cell, Label, Pointer, Value

if TYPE_CHECKING:
    from collections.abc import Sequence

    from eigen.ir.formats.qir.module import Instruction, Module, Operand

MEMORY = {"alloca", "load", "store", "getelementptr"}
ARRAY = re.compile(r"\[(\d{1,9}) x ")


class Memory(Known):
    """What is in memory, by the names of cells. `types` are those of their values."""

    def __init__(self, module: Module) -> None:
        super().__init__()
        self._constants = module.constants
        self.types: dict[str, str] = {}

    def evaluated(self, instruction: Instruction, operands: Sequence[Value]) -> Value:
        """ALLOCA of single values, LOAD, STORE, and addresses in constant arrays. Errors have no place."""
        name = instruction.name
        if name == "alloca":
            cell = str(len(self.types))
            self.types[cell] = instruction.detail
            self.write(cell, UNDEFINED)
            return Cell(cell)
        if name == "getelementptr":
            return _element(instruction, operands)
        address = operands[-1]
        kind = instruction.type if name == "load" else instruction.operands[0].type
        if isinstance(address, Cell) and kind == self.types[address.name]:
            if name == "load":
                return self.values.get(address.name, UNDEFINED)
            self.write(address.name, operands[0])
            return UNDEFINED
        if name == "load" and isinstance(address, Address):
            return self._constant(address, kind)
        raise _unsupported(f"a `{name}` reads or writes what is no single value in memory")

    def _constant(self, address: Address, kind: str) -> Value:
        """An element of a constant array, or a constant number."""
        constant = self._constants[address.name]
        items: tuple[Operand, ...] = constant.value if constant.kind == "array" else (constant,)
        if not 0 <= address.place < len(items) or items[address.place].type != kind:
            message = f"a value is read from beyond the constant `@{address.name[:40]}`"
            raise EigenError("EIGEN_FORMAT_INVALID", message)
        return known(items[address.place])


def known(operand: Operand) -> Value:
    """The value of a constant that names no other."""
    if operand.kind == "int":
        return operand.value & (1 << values.width(operand.type)) - 1 if operand.type[0] == "i" else operand.value
    if operand.kind == "pointer":
        return Pointer(operand.value)
    return operand.value if operand.kind == "float" else UNDEFINED


def _element(instruction: Instruction, operands: Sequence[Value]) -> Value:
    """The address of an element of a constant array; of a string only the first."""
    base, *indices = operands
    if isinstance(base, Label) and not any(indices):
        return base
    if any(not isinstance(index, int) for index in indices):
        raise _unsupported("which element of an array is meant depends on an outcome")
    numbers = [
        values.signed(index, values.width(operand.type))
        for index, operand in zip(indices, instruction.operands[1:], strict=True)
        if isinstance(index, int)
    ]
    array = ARRAY.match(instruction.detail)
    if not isinstance(base, Address) or len(numbers) > 2 or (len(numbers) == 2 and array is None):
        raise _unsupported("an address that is none in a constant array is not read")
    if len(numbers) == 2 and array is not None:
        numbers[0] *= int(array[1])
    return Address(base.name, base.place + sum(numbers))


def _unsupported(message: str) -> EigenError:
    return EigenError("EIGEN_FORMAT_UNSUPPORTED", message)
