"""Asking a device: `run`, `sample`, `ExpectationValue`, `probability` and `overlap` write the quantum stages."""

from __future__ import annotations

from typing import TYPE_CHECKING

from eigen.lang.binding import bind
from eigen.lang.library.bits import emit_run, stage_arguments
from eigen.lang.library.circuits import CircuitValue, circuit_of, compose
from eigen.lang.library.guard import guarded
from eigen.lang.library.observables import observable_of
from eigen.lang.library.parameters import bindings_for

if TYPE_CHECKING:
    from eigen.lang.context import Context
    from eigen.lang.diagnostics import Span
    from eigen.lang.library.parameters import Bindings
    from eigen.lang.regions import Dyn
    from eigen.lang.values import Call, Value

MAX_SHOTS = 10_000_000


def check_shots(ctx: Context, value: Value, span: Span) -> int | None:
    """A number of shots: None or an integer from 1 to 10^7, known at compile time."""
    ctx.require_static(value, "the number of shots", span)
    if value is None:
        return None
    if isinstance(value, bool) or not isinstance(value, int) or not 1 <= value <= MAX_SHOTS:
        ctx.fail("E0403", f"`shots` must be None or an integer from 1 to {MAX_SHOTS}", span)
    return value


def values_for(ctx: Context, circuit: CircuitValue, params: Value, span: Span) -> Bindings:
    """A value for every parameter of a circuit: its bindings, and `params` or a cost function's vector for the rest."""
    if params is None and not circuit.free:
        return dict(circuit.bindings)
    if params is None:
        params = cost_vector(ctx, circuit.describe(), len(circuit.free), span)
    found = bindings_for(ctx, circuit.free, params, span, owner=circuit.describe())
    return {**circuit.bindings, **found}


def cost_vector(ctx: Context, owner: str, count: int, span: Span) -> Value:
    """The first argument of the cost function around; E0806 outside one."""
    if not ctx.cost_vectors or ctx.cost_vectors[-1].value is None:
        ctx.fail(
            "E0806",
            f"{owner} has {count} free parameters and no values for them",
            span,
            hint="pass them: `params=[…]` (only in a `@cost_function` its first argument is taken)",
        )
    vector = ctx.cost_vectors[-1]
    vector.taken = True
    return vector.value


def unmeasured(ctx: Context, circuit: CircuitValue, what: str, span: Span) -> CircuitValue:
    """The circuit without its final measurements; E0809 when measurements decide what happens in it."""
    if not circuit.circuit.has_measurements and not circuit.circuit.is_dynamic:
        return circuit
    if circuit.circuit.is_dynamic:
        ctx.fail(
            "E0809",
            f"{what} needs a circuit without mid-circuit measurement, reset or conditions",
            span,
            hint="sample it: `run(circuit).expectation()`",
        )
    return circuit.with_circuit(guarded(ctx, span, circuit.circuit.without_measurements))


def run(ctx: Context, call: Call) -> Value:
    """`run(circuit, params=None, shots=None)`."""
    source, params, shots = bind(call, "circuit, params=None, shots=None")
    return sampled(ctx, source, params, shots, call.span)


def sample(ctx: Context, call: Call) -> Value:
    """`sample(circuit, params=None, shots=None)`: the counts of a run."""
    source, params, shots = bind(call, "circuit, params=None, shots=None")
    result = sampled(ctx, source, params, shots, call.span)
    return ctx.emit("getattr", [result], attrs={"name": "counts"}, type="counts", span=call.span)


def sampled(ctx: Context, source: Value, params: Value, shots: Value, span: Span) -> Dyn:
    """The run of a circuit; one without measurements is measured on all qubits."""
    circuit = circuit_of(ctx, source, "`circuit`", span)
    if not circuit.circuit.has_measurements:
        circuit = circuit.with_circuit(guarded(ctx, span, circuit.circuit.measure_all))
    values = values_for(ctx, circuit, params, span)
    return emit_run(ctx, circuit.circuit, values, check_shots(ctx, shots, span), span)


def expectation_value(ctx: Context, call: Call) -> Value:
    """`ExpectationValue(circuit_or_ansatz, observable, params=None, shots=None)`."""
    source, observable, params, shots = bind(call, "circuit_or_ansatz, observable, params=None, shots=None")
    given = circuit_of(ctx, source, "`circuit_or_ansatz`", call.span)
    circuit = unmeasured(ctx, given, "an expectation value", call.span)
    return expectation(ctx, circuit, observable, values_for(ctx, circuit, params, call.span), shots, call.span)


def expectation(
    ctx: Context, circuit: CircuitValue, observable: Value, values: Bindings, shots: Value, span: Span
) -> Dyn:
    """The `expectation` stage."""
    found = observable_of(ctx, observable, circuit.circuit.num_qubits, span)
    attrs = {
        "circuit": ctx.add_circuit(circuit.circuit),
        "observable": ctx.add_observable(found),
        "shots": check_shots(ctx, shots, span),
    }
    arguments = stage_arguments(ctx, circuit.circuit, values, span)
    return ctx.emit("expectation", arguments, attrs=attrs, type="float", span=span, origin="`ExpectationValue`")


def probability(ctx: Context, call: Call) -> Value:
    """`probability(circuit, bits, params=None, shots=None)`."""
    source, bits, params, shots = bind(call, "circuit, bits, params=None, shots=None")
    given = circuit_of(ctx, source, "`circuit`", call.span)
    circuit = unmeasured(ctx, given, "a probability", call.span)
    ctx.require_static(bits, "the outcome", call.span)
    width = circuit.circuit.num_qubits
    if not isinstance(bits, str) or len(bits) != width or bits.strip("01"):
        ctx.fail(
            "E0809",
            f"`bits` must be a string of {width} characters 0 and 1, one for each qubit",
            call.span,
            hint="qubit 0 is the rightmost character",
        )
    return _probability(ctx, circuit, bits, values_for(ctx, circuit, params, call.span), shots, call.span)


def _probability(ctx: Context, circuit: CircuitValue, bits: str, values: Bindings, shots: Value, span: Span) -> Dyn:
    attrs = {
        "circuit": ctx.add_circuit(circuit.circuit),
        "bits": bits,
        "shots": check_shots(ctx, shots, span),
    }
    arguments = stage_arguments(ctx, circuit.circuit, values, span)
    return ctx.emit("probability", arguments, attrs=attrs, type="float", span=span, origin="`probability`")


def overlap(ctx: Context, call: Call) -> Value:
    """`overlap(a, b, params_a=None, params_b=None, shots=None)`: |<a|b>|^2."""
    first, second, params_a, params_b, shots = bind(call, "a, b, params_a=None, params_b=None, shots=None")
    a = unmeasured(ctx, circuit_of(ctx, first, "`a`", call.span), "an overlap", call.span)
    b = unmeasured(ctx, circuit_of(ctx, second, "`b`", call.span), "an overlap", call.span)
    width = a.circuit.num_qubits
    if b.circuit.num_qubits != width:
        ctx.fail("E0809", f"the circuits have {width} and {b.circuit.num_qubits} qubits", call.span)
    left = CircuitValue(a.circuit, values_for(ctx, a, params_a, call.span))
    undone = guarded(ctx, call.span, b.circuit.inverse)
    right = CircuitValue(undone, values_for(ctx, b, params_b, call.span))
    both = compose(ctx, left, right, list(range(width)), call.span)
    return _probability(ctx, both, "0" * width, both.bindings, shots, call.span)
