"""What a QIR program becomes: operations as AQO writes them, bits for what is computed, and the recorded outputs.

While a program is read, result k is bit k and what is computed lies beyond; the recorded bits come first in the end.
"""

from __future__ import annotations

import json
from typing import Any

from eigen.errors import EigenError
from eigen.ir.circuit import Circuit, core_errors
from eigen.ir.formats import header, names
from eigen.ir.formats.qir import values
from eigen.ir.formats.qir.values import MAX_SIZE, Json, Real, Truth, Value, Word

SCRATCH = 1 << 32
"""The first bit that is no result."""
MAX_BITS = 1_000_000
MAX_NAMES = 10_000
"""Registers that labels may make up."""


class Emission:
    """Collects operations. `out` is the list that they go to; blocks have lists of their own."""

    def __init__(self) -> None:
        self.out: list[Json] = []
        self._scratch = 0
        self._outputs: list[int] = []
        self._names: list[str] = []
        self._taken: set[int] = set()
        self._array = ("", 0, 0)
        self.has_records = False

    def add(self, op: str, **members: Any) -> None:
        """An operation."""
        self.out.append({"op": op, **members})

    # ---- computed values ---------------------------------------------------------------------------------------

    def scratch(self, count: int) -> list[int]:
        """New bits that no counts show."""
        first = SCRATCH + self._scratch
        self._scratch += count
        if self._scratch > MAX_BITS:
            message = f"what the program computes takes more than `{MAX_BITS}` classical bits"
            raise EigenError("EIGEN_LIMIT_EXCEEDED", message)
        return list(range(first, first + count))

    def compute(self, bits: list[int], value: Value) -> None:
        """Writes a value to bits."""
        self.add("COMPUTE", c=bits, value=values.expression(value))

    def kept(self, value: Value, kind: str) -> Value:
        """A value in bits of its own, which nothing else writes."""
        bits = self.scratch(64 if kind == "double" else values.width(kind))
        self.compute(bits, value)
        return read(bits, kind)

    def small(self, value: Value, kind: str) -> Value:
        """The value; in bits of its own where its expression has become large."""
        return self.kept(value, kind) if values.size(value) > MAX_SIZE else value

    # ---- outputs -----------------------------------------------------------------------------------------------

    def array(self, label: str, size: int) -> None:
        """The next `size` outputs belong together."""
        self.has_records = True
        self._array = (label, size, 0)

    def record(self, value: Value, kind: str, label: str) -> None:
        """An output: the bits of a value, the least significant first."""
        self.has_records = True
        width, bits = 64 if kind == "double" else values.width(kind), plain_bits(value)
        if bits is None or self._taken.intersection(bits) or len(set(bits)) != len(bits):
            bits = self.scratch(width)
            self.compute(bits, value)
        bits += self.scratch(width - len(bits))  # which nothing writes: zeros
        self._outputs += bits
        self._taken.update(bits)
        if len(self._outputs) > MAX_BITS:
            raise EigenError("EIGEN_LIMIT_EXCEEDED", f"a program records at most `{MAX_BITS}` bits")
        name, size, done = self._array
        if done < size and len(bits) == 1:
            self._array = (name, size, done + 1)
            self._names.append(f"{name}[{done}]" if name else "")
        elif len(bits) == 1:
            self._names.append("" if label.isdecimal() else label)
        else:
            self._names += [f"{label}[{place}]" if label else "" for place in range(len(bits))]

    def circuit(self, num_qubits: int, num_results: int, told: str, where: str) -> Circuit:
        """The circuit. Without records the outputs are the results. `told` is the line of `header`, if there is one.

        Raises EIGEN_FORMAT_INVALID when that line is of another program, and the errors of circuits.
        """
        if not self.has_records:
            self._outputs = list(range(num_results))
            self._names = [""] * num_results
        place = {bit: index for index, bit in enumerate(self._outputs)}
        operations = [_moved(operation, place) for operation in self.out]
        document: Json = {
            "version": "1.1",
            "kind": "circuit",
            "qubits": num_qubits,
            "clbits": len(self._outputs),
            "scratch": len(place) - len(self._outputs),
            "operations": operations,
        }
        document |= self._named(told, num_qubits, where) if told else {"registers": {"q": [], "c": self._registers()}}
        with core_errors(where):
            return Circuit.from_aqo(json.dumps(document, separators=(",", ":")).encode())

    def _registers(self) -> list[Json]:
        """Registers of the labels: a run `a[0]`, `a[1]`, … is one; what has no label of its own is in none."""
        found: list[Json] = []
        start = 0
        taken = {""}
        for name, size in names.registers(self._names):
            if name not in taken and len(found) < MAX_NAMES:
                found.append({"name": name, "start": start, "size": size})
                taken.add(name)
            start += size
        return found

    def _named(self, told: str, num_qubits: int, where: str) -> Json:
        """What the line of `header` says."""
        builder = header.opened(told, where)
        if (builder.num_qubits, builder.num_clbits) != (num_qubits, len(self._outputs)):
            message = f"the attribute `eigen` is of a program with `{builder.num_qubits}` qubits"
            raise EigenError("EIGEN_FORMAT_INVALID", message, where=where)
        named: Json = json.loads(builder.build().to_aqo())
        return {key: named[key] for key in ("name", "metadata", "registers") if key in named}


def read(bits: list[int], kind: str) -> Value:
    """What bits hold, as a value of a type."""
    if kind == "i1":
        return Truth({"bit": bits[0]})
    return Real(values.bits_of(bits, "float")) if kind == "double" else values.placed(tuple(bits))


def plain_bits(value: Value) -> list[int] | None:
    """The bits that a value is read from, where it is nothing else."""
    if isinstance(value, Truth):
        return [value.condition["bit"]] if "bit" in value.condition else None
    if isinstance(value, Word | Real) and "as" in value.expression:
        return list(value.expression["bits"])
    return None


def _moved(node: Json, place: dict[int, int]) -> Json:
    """An operation, a condition or an expression on the final bits; new ones are appended."""

    if "q" in node and "c" not in node:
        return node

    def moved(key: str, value: Any) -> Any:
        if key == "bit":
            return place.setdefault(value, len(place))
        if key == "c" or (key == "bits" and value.__class__ is list):
            return [place.setdefault(index, len(place)) for index in value]
        if key in {"cond", "value", "not"} and value.__class__ is dict:
            return _moved(value, place)
        if key in {"then", "else", "body", "of", "and", "or", "xor"}:
            return [_moved(part, place) for part in value]
        return value

    return {key: moved(key, value) for key, value in node.items()}
