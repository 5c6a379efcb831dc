"""`measure`, `measure_all`, `reset`, `barrier` and `delay`."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from eigen.ir.values import is_list, is_tuple
from eigen.lang.binding import bind
from eigen.lang.library.arguments import choice, number
from eigen.lang.library.bits import Bit, Bits, new_bits
from eigen.lang.library.guard import guarded
from eigen.lang.library.registers import Qubit, check_name, check_size, new_qubits, qubit_indices
from eigen.lang.library.scope import Scope

if TYPE_CHECKING:
    from eigen.lang.context import Context
    from eigen.lang.diagnostics import Span
    from eigen.lang.values import Call, Value

_BASES = ("x", "y", "z")
_UNITS = ("ns", "us", "ms", "s", "dt")


def quantum_register(ctx: Context, call: Call) -> Value:
    """`QubitRegister(size, name=None)`."""
    size, name = bind(call, "size, name=None")
    count = check_size(ctx, size, "quantum register", call.span)
    return new_qubits(ctx, count, check_name(ctx, name, call.span), call.span)


def classical_register(ctx: Context, call: Call) -> Value:
    """`ClassicalRegister(size, name=None)`."""
    size, name = bind(call, "size, name=None")
    return new_bits(ctx, size, name, call.span)


def measure(ctx: Context, call: Call) -> Value:
    """`measure(qubits, bits=None, basis="Z")`."""
    qubits, bits, basis = bind(call, "qubits, bits=None, basis='Z'")
    scope, indices = qubit_indices(ctx, [qubits], call.span)
    return _measure(ctx, scope, indices, bits, basis, single=isinstance(qubits, Qubit), span=call.span)


def measure_all(ctx: Context, call: Call) -> Value:
    """`measure_all(qubits=None, basis="Z")`: every qubit of the circuit, or of the given register."""
    qubits, basis = bind(call, "qubits=None, basis='Z'")
    if qubits is not None:
        scope, indices = qubit_indices(ctx, [qubits], call.span)
        return _measure(ctx, scope, indices, None, basis, single=False, span=call.span)
    current = ctx.circuit
    if not isinstance(current, Scope) or not current.builder.num_qubits:
        ctx.fail("E0801", "there is no qubit to measure", call.span, hint="create a `QubitRegister` first")
    return _measure(ctx, current, list(range(current.builder.num_qubits)), None, basis, single=False, span=call.span)


def _measure(
    ctx: Context, scope: Scope, indices: list[int], bits: Value, basis: Value, *, single: bool, span: Span
) -> Value:
    ctx.require_static(basis, "the basis of a measurement", span)
    word = guarded(ctx, span, choice, basis, "basis", _BASES).upper()
    if bits is None:
        targets = list(scope.add_clbits(ctx, len(indices), None, span))
    else:
        targets = _bit_indices(ctx, scope, bits, span)
    if len(targets) != len(indices):
        ctx.fail("E0802", f"{len(indices)} qubits are measured into {len(targets)} bits", span)
    scope.measure(ctx, indices, targets, word, span)
    return Bit(scope, targets[0]) if single else Bits(scope, targets)


def _bit_indices(ctx: Context, scope: Scope, value: Value, span: Span) -> list[int]:
    if is_list(value) or is_tuple(value):
        return [index for item in value for index in _bit_indices(ctx, scope, item, span)]
    if not isinstance(value, (Bit, Bits)):
        ctx.fail("E0801", "a measurement writes into classical bits", span, hint="write `measure(q, c)`")
    if value.scope is not scope:
        ctx.fail("E0803", "the qubit and the classical bit belong to different circuits", span)
    return [value.index] if isinstance(value, Bit) else list(value.indices)


def reset(ctx: Context, call: Call) -> Value:
    """`reset(*qubits)`."""
    scope, indices = qubit_indices(ctx, bind(call, "*qubits")[0], call.span)
    scope.other(ctx, "reset", indices, span=call.span)


def barrier(ctx: Context, call: Call) -> Value:
    """`barrier(*qubits)`: all qubits of the circuit when none is named."""
    (qubits,) = bind(call, "*qubits")
    current = ctx.circuit
    if not qubits and isinstance(current, Scope) and current.builder.num_qubits:
        scope, indices = current, list(range(current.builder.num_qubits))
    else:
        scope, indices = qubit_indices(ctx, qubits, call.span)
    scope.other(ctx, "barrier", indices, span=call.span)


def delay(ctx: Context, call: Call) -> Value:
    """`delay(duration, *qubits, unit="ns")`."""
    values: tuple[Any, ...] = bind(call, "duration, *qubits, unit='ns'")
    duration, qubits, unit = values
    ctx.require_static([duration, unit], "a delay", call.span)
    length = guarded(ctx, call.span, number, duration, "duration")
    word = guarded(ctx, call.span, choice, unit, "unit", _UNITS)
    scope, indices = qubit_indices(ctx, qubits, call.span)
    scope.other(ctx, "delay", indices, length, word, span=call.span)
