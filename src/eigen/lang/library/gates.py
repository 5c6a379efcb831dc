"""Every gate of the gate table as a function of the language: angles first, then qubits."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, ClassVar

from eigen._core import CoreError
from eigen.errors import suggest
from eigen.ir.values import is_list, is_tuple
from eigen.lang.binding import bind
from eigen.lang.library.angles import angle_of
from eigen.lang.library.arguments import ArgumentError, sequence
from eigen.lang.library.guard import guarded
from eigen.lang.library.registers import Qubit, Qubits, qubit_indices
from eigen.lang.reification import describe
from eigen.lang.values import Call, Object

if TYPE_CHECKING:
    from collections.abc import Sequence

    from eigen._core import GateInfo
    from eigen.lang.context import Context
    from eigen.lang.diagnostics import Span
    from eigen.lang.values import Value

ALIASES = {"cnot": "cx", "toffoli": "ccx", "fredkin": "cswap", "phase": "p"}
"""Other usual names of gates, beside the lower-case names of the table."""


@dataclass(frozen=True, slots=True)
class Modifiers:
    """What stands before a gate: added controls (and the values they wait for), a power, an inverse."""

    num_controls: int = 0
    ctrl_state: str = ""
    power: float = 1.0
    inverse: bool = False

    def keywords(self) -> dict[str, Any]:
        """As keywords of `CircuitBuilder.gate`."""
        words: dict[str, Any] = {}
        if self.num_controls:
            words["num_controls"] = self.num_controls
            words["ctrl_state"] = self.ctrl_state or None
        if self.inverse:
            words["inverse"] = True
        if self.power != 1.0:
            words["power"] = self.power
        return words


class GateFunction(Object):
    """A gate of the table as a value; `modifiers` come from `control`, `inverse` and `power`."""

    type_name: ClassVar[str] = "gate"
    __slots__ = ("_arity", "_keywords", "angles", "info", "modifiers", "name", "width")

    def __init__(self, name: str, info: GateInfo, modifiers: Modifiers | None = None) -> None:
        self.name = name
        self.info = info
        self.modifiers = modifiers or Modifiers()
        self.angles = angle_names(info)
        own = info.num_qubits
        self.width = None if own is None else own + self.modifiers.num_controls  # with its added controls
        self._keywords = self.modifiers.keywords()
        self._arity = len(self.angles) + self.width if self.width else -1

    def describe(self) -> str:
        """How the value is named in messages."""
        return f"the gate `{self.name}`"

    def call(self, ctx: Context, call: Call) -> Value:
        """Write the gate into the circuit of its qubits."""
        if len(call.args) == self._arity and not call.kwargs and self._write_plain(ctx, call):
            return
        payload, rest = self._payload(ctx, call)
        values, qubits = self._split(ctx, rest)
        if self.name == "gphase":
            qubits = qubits or [ctx.circuit]
        for group in self._groups(ctx, qubits, call.span):
            self._write(ctx, values, group, payload, call)

    def _write_plain(self, ctx: Context, call: Call) -> bool:
        """The short way for numbers and single qubits; False when the call is anything else, or wrong."""
        count = len(self.angles)
        params, qubits = call.args[:count], call.args[count:]
        scope = getattr(qubits[0], "scope", None)
        if scope is None or scope.closed_at is not None or scope is not ctx.circuit:
            return False
        for qubit in qubits:
            if type(qubit) is not Qubit or qubit.scope is not scope:
                return False
        for param in params:
            if type(param) is not float and type(param) is not int:
                return False
        ctx.count_operations(1, call.span)
        try:
            scope.builder.gate(self.info.name, [qubit.index for qubit in qubits], params, **self._keywords)
        except (CoreError, OverflowError, TypeError):  # TypeError: an int beyond the doubles
            return False
        scope.writes += 1
        return True

    def _write(
        self, ctx: Context, values: Sequence[Value], qubits: list[Value], payload: dict[str, Any], call: Call
    ) -> None:
        from eigen.lang.library.scope import Scope

        if len(qubits) == 1 and isinstance(qubits[0], Scope):
            scope, indices = qubits[0], list[int]()
        else:
            scope, indices = qubit_indices(ctx, qubits, call.span)
        self._check_width(ctx, len(indices), call.span)
        if len(set(indices)) != len(indices):
            ctx.fail("E0802", f"{self.describe()} names one qubit twice", call.span)
        params = [
            angle_of(ctx, scope, value, f"the angle `{name}` of {self.describe()}", call.span)
            for name, value in zip(self.angles, values, strict=True)
        ]
        scope.gate(ctx, self.info.name, indices, params, call.span, **self._keywords, **payload)

    def _payload(self, ctx: Context, call: Call) -> tuple[dict[str, Any], Call]:
        """The matrix of `unitary`, or the letters of `pauli_rot`, taken from the front of the arguments."""
        if self.info.name not in ("UNITARY", "PAULI_ROT"):
            return {}, call
        word = "matrix" if self.info.name == "UNITARY" else "pauli"
        given, arguments, kwargs = bind(call, f"{word}, *rest, **named")
        ctx.require_static(given, f"the `{word}` of {self.describe()}", call.span)
        rest = Call(arguments, kwargs, call.span, call.name)
        if word == "matrix":
            return {"matrix": guarded(ctx, call.span, _matrix, given)}, rest
        if not isinstance(given, str):
            ctx.fail("E0802", f"{self.describe()} takes Pauli letters such as `'XZ'` first", call.span)
        return {"pauli": given.upper()}, rest

    def _split(self, ctx: Context, call: Call) -> tuple[list[Value], list[Value]]:
        """The angles (by position or by name) and the qubits of a call."""
        named = dict(call.kwargs)
        values: list[Value] = []
        position = 0
        for name in self.angles:
            if name in named:
                values.append(named.pop(name))
                continue
            if position >= len(call.args):
                ctx.fail("E0802", f"{self.describe()} needs the angle `{name}`", call.span, hint=self._usage())
            value = call.args[position]
            if isinstance(value, (Qubit, Qubits)):
                ctx.fail(
                    "E0802",
                    f"{self.describe()} takes the angle `{name}` before its qubits, not {describe(value)}",
                    call.span_of(position),
                    hint=self._usage(),
                )
            values.append(value)
            position += 1
        for unknown in named:
            hint = suggest(unknown, list(self.angles)) or self._usage()
            ctx.fail("E0401", f"{self.describe()} has no argument `{unknown}`", call.span_of(unknown), hint=hint)
        return values, list(call.args[position:])

    def _groups(self, ctx: Context, qubits: list[Value], span: Span) -> list[list[Value]]:
        """One entry for each application: single-qubit gates act on every qubit, others pair equal registers."""
        if self.width == 1:
            _, indices = qubit_indices(ctx, qubits, span)
            if len(indices) > 1:
                return [[qubit] for value in qubits for qubit in _each(value)]
        sizes = {len(value.indices) if isinstance(value, Qubits) else 1 for value in qubits}
        if len(qubits) == self.width and len(sizes) == 1 and sizes != {1} and len(qubits) > 1:
            columns = [_each(value) for value in qubits]
            return [list(group) for group in zip(*columns, strict=True)]
        return [qubits]

    def _check_width(self, ctx: Context, given: int, span: Span) -> None:
        width = self.width
        least = self.modifiers.num_controls + 1
        if width is not None and given != width:
            plural = "" if width == 1 else "s"
            ctx.fail("E0802", f"{self.describe()} takes {width} qubit{plural}, not {given}", span, hint=self._usage())
        if width is None and given < least:
            ctx.fail("E0802", f"{self.describe()} takes at least {least} qubits, not {given}", span)

    def _usage(self) -> str:
        return f"write `{signature_of(self.name, self.info, added=self.modifiers.num_controls)}`"


def angle_names(info: GateInfo) -> tuple[str, ...]:
    """The parameters of a gate as keywords: `lambda` is a word of Python, so that it is `lam` here."""
    return tuple("lam" if name == "lambda" else name for name in info.param_names)


def _each(value: Value) -> list[Value]:
    if isinstance(value, Qubits):
        return [Qubit(value.scope, index) for index in value.indices]
    if is_list(value) or is_tuple(value):
        return [qubit for item in value for qubit in _each(item)]
    return [value]


def _matrix(value: Value) -> list[list[complex]]:
    rows = [sequence(row, "matrix") for row in sequence(value, "matrix")]
    if any(isinstance(entry, bool) or not isinstance(entry, (int, float, complex)) for row in rows for entry in row):
        raise ArgumentError("`matrix` must hold numbers")
    return [[complex(entry) for entry in row] for row in rows]


def signature_of(name: str, info: GateInfo, *, added: int = 0) -> str:
    """How a gate is called, such as `crx(theta, control, target)`."""
    words: list[str] = {"UNITARY": ["matrix"], "PAULI_ROT": ["pauli"]}.get(info.name, [])
    words = [*words, *angle_names(info)]
    if info.num_qubits is None:
        words.append("*qubits")
    else:
        controls = info.num_controls + added
        targets = info.num_qubits - info.num_controls
        words += ["control"] if controls == 1 else [f"control{k}" for k in range(controls)]
        words += ["qubit" if not controls else "target"] if targets == 1 else [f"qubit{k}" for k in range(targets)]
    return f"{name}({', '.join(words)})"


def gate_functions() -> dict[str, GateFunction]:
    """Every gate by its lower-case name, and by its usual other names."""
    from eigen._core import gate_table

    found = {info.name.lower(): GateFunction(info.name.lower(), info) for info in gate_table()}
    for alias, name in ALIASES.items():
        if name in found:
            found[alias] = GateFunction(alias, found[name].info)
    return found


def gate(ctx: Context, call: Call) -> Value:
    """`gate(name, *angles_and_qubits)`: a gate by its name."""
    name, arguments, named = bind(call, "name, *rest, **named")
    ctx.require_static(name, "the name of a gate", call.span)
    known = gate_functions()
    if not isinstance(name, str) or name.lower() not in known:
        hint = suggest(name.lower(), list(known)) if isinstance(name, str) else ""
        ctx.fail(
            "E0802", f"there is no gate `{name if isinstance(name, str) else describe(name)}`", call.span, hint=hint
        )
    return known[name.lower()].call(ctx, Call(arguments, named, call.span, name.lower()))
