"""Finished circuits as values of the language: circuits, and ansaetze, which are circuits with parameters."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, ClassVar

from eigen._core import Affine
from eigen.ir.values import is_dict, is_list, is_tuple
from eigen.lang.binding import bind
from eigen.lang.library.angles import angle_of
from eigen.lang.library.bits import Bits
from eigen.lang.library.guard import guarded
from eigen.lang.library.parameters import Element, bindings_for
from eigen.lang.library.registers import Qubit, Qubits, qubit_indices
from eigen.lang.regions import Dyn
from eigen.lang.values import Builtin, Object, Sym

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from eigen._core import Circuit
    from eigen.lang.context import Context
    from eigen.lang.diagnostics import Span
    from eigen.lang.library.parameters import Bindings
    from eigen.lang.values import Call, Value

_PLAIN = {
    "n_qubits": "num_qubits",
    "num_qubits": "num_qubits",
    "n_clbits": "num_clbits",
    "num_clbits": "num_clbits",
    "depth": "depth",
    "has_measurements": "has_measurements",
    "is_dynamic": "is_dynamic",
    "name": "name",
}


class CircuitValue(Object):
    """A circuit. `bindings` gives values to some of its parameters; the others are free."""

    type_name: ClassVar[str] = "circuit"

    def __init__(self, circuit: Circuit, bindings: Bindings | None = None) -> None:
        self.circuit = circuit
        self.bindings: Bindings = bindings or {}

    @property
    def free(self) -> tuple[str, ...]:
        """The names of the parameters without a value, in order."""
        return tuple(name for name in self.circuit.parameters if name not in self.bindings)

    def attributes(self) -> Iterable[str]:
        """Attributes and methods."""
        return (*_PLAIN, "num_params", "params", "parameter_names", "num_operations", *_METHODS)

    def get_attr(self, ctx: Context, name: str, span: Span) -> Value:
        """Sizes and counts of the circuit; methods that give a changed circuit."""
        if name in _PLAIN:
            return getattr(self.circuit, _PLAIN[name])
        if name in {"num_params", "num_parameters"}:
            return len(self.free)
        if name in {"params", "parameters"}:
            return [Sym(Affine.symbol(free)) for free in self.free]
        if name == "parameter_names":
            return list(self.free)
        if name in {"num_operations", "size"}:
            return len(self.circuit)
        method = _METHODS.get(name)
        if method is None:
            return super().get_attr(ctx, name, span)
        return Builtin(name, lambda inner, call: method(self, inner, call))

    def call(self, ctx: Context, call: Call) -> Value:
        """Write the circuit into the circuit of the given qubits: `circuit(q)`, `ansatz(q, params)`."""
        qubits, params, bits = bind(call, "qubits, params=None, bits=None")
        scope, indices = qubit_indices(ctx, [qubits], call.span)
        if len(indices) != self.circuit.num_qubits:
            ctx.fail(
                "E0802", f"{self.describe()} acts on {self.circuit.num_qubits} qubits, not {len(indices)}", call.span
            )
        values = dict(self.bindings)
        taken = [name for name in self.free if name in scope.parameters]
        if params is None and taken and isinstance(self, AnsatzValue):
            ctx.fail(
                "E0806",
                f"the circuit has a parameter `{taken[0]}` already, which {self.describe()} would share",
                call.span,
                hint="give it parameters of its own: `ansatz(q, Param('b', ansatz.num_params))`",
            )
        if params is not None:
            values.update(inline_bindings(ctx, self.free, params, call.span, owner=self.describe()))
        targets: list[int] | None = None
        if bits is not None and isinstance(bits, Bits) and bits.scope is scope:
            targets = list(bits.indices)
        elif bits is not None:
            ctx.fail("E0801", "`bits` must be classical bits of the same circuit", call.span)
        elif self.circuit.num_clbits:
            targets = list(scope.add_clbits(ctx, self.circuit.num_clbits, None, call.span))
        angles = {
            name: angle_of(
                ctx,
                scope,
                value.value(ctx, call.span) if isinstance(value, Element) else value,
                f"the parameter `{name}`",
                call.span,
            )
            for name, value in values.items()
        }
        scope.append(ctx, self.circuit, indices, targets, angles, call.span)
        return Bits(scope, targets) if targets and bits is None else None

    def binary(self, ctx: Context, op: str, other: Value, reflected: bool, span: Span) -> Value:
        """Equality of circuits."""
        del ctx, span, reflected
        if op in {"==", "!="} and isinstance(other, CircuitValue):
            same = self.circuit == other.circuit and self.bindings == other.bindings
            return same == (op == "==")
        return NotImplemented

    def with_circuit(self, circuit: Circuit, bindings: Mapping[str, Any] | None = None) -> CircuitValue:
        """A changed circuit of the same kind."""
        kept = self.bindings if bindings is None else bindings
        return type(self)(circuit, {name: kept[name] for name in circuit.parameters if name in kept})


class AnsatzValue(CircuitValue):
    """A parametrised circuit to be optimised."""

    type_name: ClassVar[str] = "ansatz"


def inline_bindings(ctx: Context, names: tuple[str, ...], values: Value, span: Span, *, owner: str) -> Bindings:
    """As `bindings_for`, where circuit parameters (`Param`) may stand for numbers too."""
    items = values if is_list(values) or is_tuple(values) else [values]
    if not any(isinstance(item, Sym) for item in items) and not is_dict(values):
        return bindings_for(ctx, names, values, span, owner=owner)
    if is_dict(values):
        symbols = {key: value for key, value in values.items() if isinstance(value, Sym)}
        rest = {key: value for key, value in values.items() if key not in symbols}
        left = [name for name in names if name not in symbols]
        return {**bindings_for(ctx, left, rest, span, owner=owner), **symbols}
    if len(items) != len(names):
        ctx.fail("E0806", f"{owner} has {len(names)} parameters, but {len(items)} values are given", span)
    return dict(zip(names, items, strict=True))


def circuit_of(ctx: Context, value: Value, what: str, span: Span) -> CircuitValue:
    """The circuit that an argument stands for: a circuit, an ansatz, or a circuit function without arguments."""
    if isinstance(value, CircuitValue):
        return value
    from eigen.lang.library.functions import CircuitFunction
    from eigen.lang.reification import describe

    if isinstance(value, CircuitFunction):
        built = ctx.call(value, span=span)
        if isinstance(built, CircuitValue):
            return built
    if isinstance(value, (Qubit, Qubits)):
        ctx.fail(
            "E0801",
            f"{what} must be a circuit, not {describe(value)}",
            span,
            hint="put the gates into a function decorated with `@quantum_circuit` and pass what it returns",
        )
    return ctx.fail("E0801", f"{what} must be a circuit or an ansatz, not {describe(value)}", span)


# ---- methods -----------------------------------------------------------------------------------------------


def _inverse(self: CircuitValue, ctx: Context, call: Call) -> Value:
    bind(call, "")
    return self.with_circuit(guarded(ctx, call.span, self.circuit.inverse))


def _controlled(self: CircuitValue, ctx: Context, call: Call) -> Value:
    count, state = bind(call, "n=1, ctrl_state=None")
    ctx.require_static([count, state], "the number of controls", call.span)
    return self.with_circuit(guarded(ctx, call.span, _controlled_circuit, self.circuit, count, state))


def _controlled_circuit(circuit: Circuit, count: Value, state: Value) -> Circuit:
    from eigen.lang.library.arguments import ArgumentError, integer

    if state is not None and not isinstance(state, str):
        raise ArgumentError("`ctrl_state` must be a string of 0 and 1")
    return circuit.controlled(integer(count, "n", low=1, high=1000), state)


def _power(self: CircuitValue, ctx: Context, call: Call) -> Value:
    from eigen.lang.library.arguments import number

    (exponent,) = bind(call, "k")
    ctx.require_static(exponent, "the exponent", call.span)
    return self.with_circuit(guarded(ctx, call.span, lambda: self.circuit.power(number(exponent, "k"))))


def _bind(self: CircuitValue, ctx: Context, call: Call) -> Value:
    (values,) = bind(call, "values")
    found = bindings_for(ctx, self.free, values, call.span, owner=self.describe())
    later = {name: value for name, value in found.items() if isinstance(value, (Dyn, Element))}
    numbers = {name: float(value) for name, value in found.items() if name not in later}
    bound = guarded(ctx, call.span, partly_bound, self.circuit, numbers) if numbers else self.circuit
    return CircuitValue(bound, {**self.bindings, **later})


def partly_bound(circuit: Circuit, numbers: dict[str, float]) -> Circuit:
    """The circuit with numbers in place of some parameters; the others stay, in their order."""
    from eigen._core import CircuitBuilder

    kept = [name for name in circuit.parameters if name not in numbers]
    builder = CircuitBuilder(name=circuit.name, parameters=kept)
    for name, _, size in circuit.qubit_registers:
        builder.add_qubits(size, name)
    builder.add_qubits(circuit.num_qubits - builder.num_qubits)
    for name, _, size in circuit.clbit_registers:
        builder.add_clbits(size, name)
    builder.add_clbits(circuit.num_clbits - builder.num_clbits)
    builder.append(circuit, list(range(circuit.num_qubits)), None, numbers)
    return builder.build()


def _compose(self: CircuitValue, ctx: Context, call: Call) -> Value:
    other, qubits = bind(call, "other, qubits=None")
    right = circuit_of(ctx, other, "`other`", call.span)
    ctx.require_static(qubits, "qubit positions", call.span)
    places = None if qubits is None else guarded(ctx, call.span, _places, qubits)
    joined = compose(ctx, self, right, places, call.span)
    return CircuitValue(joined.circuit, joined.bindings)


def _places(value: Value) -> list[int]:
    from eigen.lang.library.arguments import integer, sequence

    return [integer(item, f"qubits[{index}]") for index, item in enumerate(sequence(value, "qubits"))]


def compose(
    ctx: Context, left: CircuitValue, right: CircuitValue, qubits: list[int] | None, span: Span
) -> CircuitValue:
    """`left`, then `right`; run-time symbols of both keep apart."""
    renamed = {name: f"{name}'" for name in right.circuit.parameters if name in right.bindings}
    second = guarded(ctx, span, right.circuit.rename_parameters, renamed) if renamed else right.circuit
    joined = guarded(ctx, span, left.circuit.compose, second, qubits)
    later = {renamed[name]: value for name, value in right.bindings.items() if name in renamed}
    return CircuitValue(joined, {**left.bindings, **later})


def _without_measurements(self: CircuitValue, ctx: Context, call: Call) -> Value:
    bind(call, "")
    return self.with_circuit(guarded(ctx, call.span, self.circuit.without_measurements))


def _measure_all(self: CircuitValue, ctx: Context, call: Call) -> Value:
    bind(call, "")
    return self.with_circuit(guarded(ctx, call.span, self.circuit.measure_all))


def _count_ops(self: CircuitValue, ctx: Context, call: Call) -> Value:
    bind(call, "")
    ctx.charge(len(self.circuit))
    return self.circuit.count_ops()


_METHODS = {
    "inverse": _inverse,
    "controlled": _controlled,
    "power": _power,
    "bind": _bind,
    "compose": _compose,
    "without_measurements": _without_measurements,
    "measure_all": _measure_all,
    "count_ops": _count_ops,
}
