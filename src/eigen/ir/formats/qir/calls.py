"""Calls of QIR's quantum instructions and of its runtime, as operations. Errors have no place; who calls knows it."""

from __future__ import annotations

from math import isfinite
from typing import TYPE_CHECKING

from eigen._core import gate_table
from eigen.errors import EigenError
from eigen.ir.formats.qir import values
from eigen.ir.formats.qir.emission import MAX_BITS, SCRATCH, read
from eigen.ir.formats.qir.gates import EQUAL, FIXED, GATES, MEASURE, MEASURE_AND_RESET, PARTS, RECORDS, known
from eigen.ir.formats.qir.values import UNDEFINED, Json, Label, Pointer, Real, Truth, Value, Word

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from eigen.ir.formats.qir.emission import Emission

PARAMETERS = {gate.name: gate.param_names for gate in gate_table()}
NAMES = {*GATES, *PARTS, *MEASURE, *MEASURE_AND_RESET, "reset", "barrier"}


class Calls:
    """Emits what is called. `required` are the numbers of qubits and results that the entry point says, or None.

    `measured` are the results that a measurement may have written by now.
    """

    def __init__(self, emission: Emission, required: Mapping[str, int | None]) -> None:
        self._made = emission
        self._required = required
        self._most = {"qubits": 0, "results": 0}
        self.measured: set[int] = set()
        self.is_all_measured = False

    def totals(self) -> tuple[int, int]:
        """How many qubits and results there are."""
        found = [self._most[kind] if count is None else count for kind, count in self._required.items()]
        return found[0], found[1]

    def call(self, name: str, arguments: Sequence[Value], types: Sequence[str]) -> Value:
        """One call; its value is undefined where it has none."""
        if name in FIXED:
            return Pointer(SCRATCH + FIXED[name])
        if name in EQUAL and len(arguments) == 2:
            return self._equal(arguments)
        if name in RECORDS and len(arguments) in {1, 2}:
            self._record(RECORDS[name], arguments, types[0])
        else:
            self._quantum(name, arguments)
        return UNDEFINED

    def outcome(self, result: Value) -> Value:
        """What was measured into a result, read where it lies; 0 before any measurement."""
        bit = self._number(result, "results")
        return read([bit], "i1") if bit in self.measured or self.is_all_measured else 0

    def _equal(self, arguments: Sequence[Value]) -> Value:
        """`result_equal`: of the results that are fixed, the number tells the value."""
        parts: list[Value] = []
        for argument in arguments:
            if isinstance(argument, Pointer) and argument.number >= SCRATCH:
                parts.append(argument.number - SCRATCH)
                continue
            value = self.outcome(argument)
            parts.append(value if isinstance(value, int) else self._made.kept(value, "i1"))
        differ = values.truth("xor", *parts)
        assert differ is not None
        return values.negated(differ)

    def _record(self, kind: str, arguments: Sequence[Value], type_: str) -> None:
        value = arguments[0]
        label = arguments[1].text if len(arguments) > 1 and isinstance(arguments[1], Label) else b""
        text = label.split(b"\0")[0].decode("utf-8", "replace")
        if kind == "array" and isinstance(value, int):
            self._made.array(text, value)
        elif kind in {"array", "tuple"}:
            self._made.array("", 0)
        elif kind == "result":
            self._made.record(read([self._number(value, "results")], "i1"), "i1", text)
        elif not isinstance(value, int | float | Truth | Word | Real):
            raise _invalid("an output is recorded that is not defined")
        elif type_ != "double" and (type_[0] != "i" or values.width(type_) > 64):
            raise _unsupported(f"outputs of the type `{type_[:20]}` are not read")
        else:
            self._made.record(value, type_, text)

    def _quantum(self, name: str, arguments: Sequence[Value]) -> None:
        gate = known(name)
        if gate is None or gate[0] not in NAMES:
            raise _unsupported(f"the function `{name[:80]}` has no counterpart here")
        short, is_inverse = gate
        if short in MEASURE or short in MEASURE_AND_RESET:
            self._measure(short, arguments)
        elif short == "reset":
            self._made.add("RESET", q=[self._number(argument, "qubits") for argument in arguments])
        elif short == "barrier":
            qubits = [self._number(argument, "qubits") for argument in arguments]
            qubits = qubits or list(range(self._required["qubits"] or self._most["qubits"]))
            if qubits:
                self._made.add("BARRIER", q=qubits)
        else:
            self._gate(short, is_inverse, arguments)

    def _measure(self, name: str, arguments: Sequence[Value]) -> None:
        if self._made.has_records:
            raise _invalid("a measurement comes after the output was recorded")
        if len(arguments) != 2:
            hint = "compile to the base or the adaptive profile"
            message = "a measurement takes a qubit and a result here"
            raise EigenError("EIGEN_FORMAT_UNSUPPORTED", message, hint=hint)
        qubit, result = self._number(arguments[0], "qubits"), self._number(arguments[1], "results")
        self.measured.add(result)
        self._made.add("MEASURE", q=[qubit], c=[result])
        if name in MEASURE_AND_RESET:
            self._made.add("RESET", q=[qubit])

    def _gate(self, name: str, is_inverse: bool, arguments: Sequence[Value]) -> None:
        count, width = GATES[name][1:] if name in GATES else PARTS[name][:2]
        if len(arguments) != count + width:
            raise _invalid(f"`{name}` takes `{count}` angles and `{width}` qubits, not `{len(arguments)}` values")
        angles = [_angle(name, argument) for argument in arguments[:count]]
        qubits = [self._number(argument, "qubits") for argument in arguments[count:]]
        if width > 1 and len(set(qubits)) != width:
            raise _invalid(f"`{name}` acts on one qubit twice")
        if name in PARTS:
            parts = PARTS[name][2](angles)
            for ours, angle in [(ours, -angle) for ours, angle in reversed(parts)] if is_inverse else parts:
                self._made.add(ours, q=qubits, params={"theta": angle})
            return
        ours = GATES[name][0]
        more: Json = {"params": dict(zip(PARAMETERS[ours], angles, strict=True))} if angles else {}
        if is_inverse:
            more["inv"] = True
        self._made.add(ours, q=qubits, **more)

    def _number(self, value: Value, kind: str) -> int:
        """The number of a qubit or a result, within what the entry point requires."""
        if not isinstance(value, Pointer):
            raise _invalid(f"one of the {kind} is no pointer")
        required = self._required[kind]
        limit = MAX_BITS if required is None else required
        if not 0 <= value.number < limit:
            raise _invalid(f"a number of {kind} is beyond the `{limit}` that the entry point requires")
        self._most[kind] = max(self._most[kind], value.number + 1)
        return value.number


def _angle(name: str, value: Value) -> float:
    if isinstance(value, float) and isfinite(value):
        return value
    message = f"an angle of `{name}` is no finite number that is known while the program is read"
    raise _invalid(message) if values.is_known(value) else _unsupported(message)


def _unsupported(message: str) -> EigenError:
    return EigenError("EIGEN_FORMAT_UNSUPPORTED", message)


def _invalid(message: str) -> EigenError:
    return EigenError("EIGEN_FORMAT_INVALID", message)
