"""`control`, `inverse` and `power` of gates, circuits and circuit functions."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any, ClassVar

from eigen.ir.values import is_list, is_tuple
from eigen.lang.binding import bind
from eigen.lang.library.angles import angle_of
from eigen.lang.library.arguments import ArgumentError, integer, number
from eigen.lang.library.circuits import CircuitValue
from eigen.lang.library.functions import AnsatzFunction, CircuitFunction
from eigen.lang.library.gates import GateFunction
from eigen.lang.library.guard import guarded
from eigen.lang.library.registers import Qubit, Qubits, qubit_indices
from eigen.lang.library.scope import Scope
from eigen.lang.values import Builtin, Object

if TYPE_CHECKING:
    from collections.abc import Callable

    from eigen._core import Circuit
    from eigen.lang.context import Context
    from eigen.lang.values import Call, Value

    Transform = Callable[[Circuit], Circuit]


class ModifiedFunction(Object):
    """A circuit function whose circuit is changed before it is written; `controls` qubits come first in a call."""

    type_name: ClassVar[str] = "circuit function"

    def __init__(self, function: Value, name: str, controls: int, transform: Transform) -> None:
        self.function = function
        self.name = name
        self.controls = controls
        self.transform = transform

    def describe(self) -> str:
        """How the value is named in messages."""
        return f"the circuit function `{self.name}`"

    def call(self, ctx: Context, call: Call) -> Value:
        """Write the function's gates on its own, change that circuit, and put it in place."""
        outer, indices = qubit_indices(ctx, _qubits_in([*call.args, *call.kwargs.values()]), call.span)
        if len(set(indices)) != len(indices):
            ctx.fail("E0802", f"{self.describe()} names one qubit twice", call.span)
        if len(indices) <= self.controls:
            ctx.fail("E0802", f"{self.describe()} needs {self.controls} controls and one more qubit", call.span)
        args, taken = _take_controls(ctx, list(call.args), self.controls, call)
        inner = Scope(ctx.region, name=self.name)
        places = {index: place for place, index in enumerate(i for i in indices if i not in taken)}
        inner.add_qubits(ctx, len(places), "q", call.span)
        moved: list[Value] = [_moved(value, outer, inner, places) for value in args]
        kwargs = {name: _moved(value, outer, inner, places) for name, value in call.kwargs.items()}
        ctx.push_circuit(inner)
        try:
            ctx.call(self.function, moved, kwargs, span=call.span)
        finally:
            ctx.pop_circuit()
        circuit = guarded(ctx, call.span, self.transform, inner.build(ctx, call.span))
        symbols = {
            name: angle_of(ctx, outer, value, f"the parameter `{name}`", call.span)
            for name, value in inner.bindings.items()
            if name in circuit.parameters
        }
        outer.append(ctx, circuit, [*taken, *places], [] if not circuit.num_clbits else None, symbols, call.span)


def _qubits_in(values: list[Any]) -> list[Value]:
    found: list[Value] = []
    for value in values:
        if isinstance(value, (Qubit, Qubits)):
            found.append(value)
        elif is_list(value) or is_tuple(value):
            found += _qubits_in(list(value))
    return found


def _take_controls(ctx: Context, args: list[Value], count: int, call: Call) -> tuple[list[Value], list[int]]:
    """The arguments behind the controls, and the control qubits."""
    taken: list[int] = []
    while len(taken) < count:
        if not args or not isinstance(args[0], (Qubit, Qubits, list, tuple)):
            ctx.fail("E0802", f"the first {count} qubits of a controlled function are its controls", call.span)
        _, indices = qubit_indices(ctx, [args[0]], call.span)
        if len(taken) + len(indices) > count:
            ctx.fail("E0802", f"the controls must be {count} qubits given before the function's arguments", call.span)
        taken += indices
        args = args[1:]
    return args, taken


def _moved(value: Value, outer: Scope, inner: Scope, places: dict[int, int]) -> Value:
    """The value with qubits of the outer circuit replaced by those of the inner one."""
    if isinstance(value, Qubit):
        return Qubit(inner, places[value.index]) if value.scope is outer and value.index in places else value
    if isinstance(value, Qubits):
        return Qubits(inner, [places.get(index, 0) for index in value.indices], value.name)
    if is_list(value):
        return [_moved(item, outer, inner, places) for item in value]
    return tuple(_moved(item, outer, inner, places) for item in value) if is_tuple(value) else value


def _apply(
    ctx: Context, call: Call, target: Value, word: str, controls: int, gate: Callable[[GateFunction], GateFunction],
    transform: Transform,
) -> Value:  # fmt: skip
    if isinstance(target, GateFunction):
        return gate(target)
    if isinstance(target, CircuitValue):
        return target.with_circuit(guarded(ctx, call.span, transform, target.circuit))
    if isinstance(target, AnsatzFunction | CircuitFunction):
        return ModifiedFunction(target.function, target.name, controls, transform)
    if isinstance(target, ModifiedFunction):
        first = target.transform
        return ModifiedFunction(
            target.function, target.name, controls + target.controls, lambda circuit: transform(first(circuit))
        )
    if isinstance(target, Object) and not isinstance(target, Builtin) and target.type_name == "function":
        return ModifiedFunction(target, str(getattr(target, "name", "function")), controls, transform)
    from eigen.lang.reification import describe

    return ctx.fail(
        "E0802", f"`{word}` takes a gate, a circuit or a circuit function, not {describe(target)}", call.span
    )


def control(ctx: Context, call: Call) -> Value:
    """`control(gate, n=1, ctrl_state=None)`; the control qubits come first in the call of the result."""
    target, n, state = bind(call, "gate, n=1, ctrl_state=None")
    ctx.require_static([n, state], "the number of controls", call.span)
    count = guarded(ctx, call.span, integer, n, "n", low=1, high=1000)
    text = guarded(ctx, call.span, _state, state, count)

    def on_gate(gate: GateFunction) -> GateFunction:
        old = gate.modifiers
        inner = old.ctrl_state or "1" * old.num_controls
        both = f"{inner}{text}"  # written like bit strings: the first control is the rightmost character
        added = count + old.num_controls
        changed = replace(old, num_controls=added, ctrl_state="" if both == "1" * added else both)
        return GateFunction(gate.name, gate.info, changed)

    return _apply(ctx, call, target, "control", count, on_gate, lambda circuit: circuit.controlled(count, text))


def _state(value: Value, count: int) -> str:
    if value is None:
        return "1" * count
    if isinstance(value, str) and len(value) == count and not value.strip("01"):
        return value
    raise ArgumentError(f"`ctrl_state` must be {count} characters of 0 and 1")


def inverse(ctx: Context, call: Call) -> Value:
    """`inverse(gate)`."""
    (target,) = bind(call, "gate")

    def on_gate(gate: GateFunction) -> GateFunction:
        return GateFunction(gate.name, gate.info, replace(gate.modifiers, inverse=not gate.modifiers.inverse))

    return _apply(ctx, call, target, "inverse", 0, on_gate, lambda circuit: circuit.inverse())


def power(ctx: Context, call: Call) -> Value:
    """`power(gate, k)`."""
    target, k = bind(call, "gate, k")
    ctx.require_static(k, "the exponent", call.span)
    exponent = guarded(ctx, call.span, number, k, "k")

    def on_gate(gate: GateFunction) -> GateFunction:
        both = guarded(ctx, call.span, number, gate.modifiers.power * exponent, "k")
        return GateFunction(gate.name, gate.info, replace(gate.modifiers, power=both))

    return _apply(ctx, call, target, "power", 0, on_gate, lambda circuit: circuit.power(exponent))
