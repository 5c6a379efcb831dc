"""Decorated functions: `@quantum_circuit`, `@ansatz`, `@cost_function`, `@hybrid_program`."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, ClassVar

from eigen._core import Affine
from eigen.ir.values import is_list, is_tuple
from eigen.lang.binding import bind
from eigen.lang.library.bits import Bits, Test
from eigen.lang.library.circuits import AnsatzValue, CircuitValue
from eigen.lang.library.registers import MAX_QUBITS, Qubit, Qubits, new_qubits
from eigen.lang.library.scope import Scope
from eigen.lang.values import Builtin, Object, Sym

if TYPE_CHECKING:
    from collections.abc import Callable

    from eigen.lang.context import Context
    from eigen.lang.diagnostics import Span
    from eigen.lang.values import Call, Value


def holds_qubits(value: Value) -> bool:
    """Whether a value is a qubit, a register, or a list with one in it."""
    if isinstance(value, (Qubit, Qubits)):
        return True
    return (is_list(value) or is_tuple(value)) and any(holds_qubits(item) for item in value)


def build_circuit(ctx: Context, name: str, write: Callable[[], Value], span: Span) -> CircuitValue:
    """The circuit that `write` writes into fresh registers."""
    scope = Scope(ctx.region, name=name)
    ctx.push_circuit(scope)
    try:
        result = write()
    finally:
        ctx.pop_circuit()
    _check_result(ctx, result, name, span)
    if not scope.builder.num_qubits:
        ctx.fail(
            "E0801",
            f"the circuit function `{name}` creates no qubits",
            span,
            hint="create a `QubitRegister` in it, or pass it qubits",
        )
    return CircuitValue(scope.build(ctx, span), dict(scope.bindings))


def _check_result(ctx: Context, value: Value, name: str, span: Span) -> None:
    items: list[Any] = list(value) if is_tuple(value) or is_list(value) else [value]
    if any(item is not None and not isinstance(item, (Qubit, Qubits, Bits, Test, Scope)) for item in items):
        ctx.fail(
            "E0807",
            f"the circuit function `{name}` returns a value, but a call without qubits gives its circuit",
            span,
            hint="return nothing (or measured bits) from it",
        )


class FunctionObject(Object):
    """A decorated user function."""

    def __init__(self, function: Value, name: str, span: Span) -> None:
        self.function = function
        self.name = name
        self.span = span

    def describe(self) -> str:
        """How the value is named in messages."""
        return f"the {self.type_name} `{self.name}`"


class CircuitFunction(FunctionObject):
    """`@quantum_circuit`: with qubits it writes its gates there, with classical arguments only it gives a circuit."""

    type_name: ClassVar[str] = "circuit function"

    def call(self, ctx: Context, call: Call) -> Value:
        """Inline the gates, or build the circuit."""
        values = (*call.args, *call.kwargs.values())
        if any(holds_qubits(value) for value in values):
            return ctx.call(self.function, call.args, call.kwargs, span=call.span)
        write = lambda: ctx.call(self.function, call.args, call.kwargs, span=call.span)  # noqa: E731
        return build_circuit(ctx, self.name, write, call.span)


class AnsatzFunction(CircuitFunction):
    """A bare `@ansatz` function `(q, params)`: `Ansatz(function, n_qubits, num_params)` gives its sizes later."""

    type_name: ClassVar[str] = "ansatz function"

    def call(self, ctx: Context, call: Call) -> Value:
        """Inline the gates."""
        if not any(holds_qubits(value) for value in (*call.args, *call.kwargs.values())):
            ctx.fail(
                "E0802",
                f"{self.describe()} is called with qubits and parameters",
                call.span,
                hint=f"write `Ansatz({self.name}, n_qubits=…, num_params=…)` for the ansatz itself",
            )
        return ctx.call(self.function, call.args, call.kwargs, span=call.span)

    def build(self, ctx: Context, n_qubits: Value, num_params: Value, span: Span) -> AnsatzValue:
        """The ansatz on `n_qubits` qubits with parameters p0, p1, …"""
        ctx.require_static([n_qubits, num_params], "the size of an ansatz", span)
        width = _size(ctx, n_qubits, "n_qubits", 1, span)
        count = _size(ctx, num_params, "num_params", 0, span)
        names = [f"p{index}" for index in range(count)]
        scope = Scope(ctx.region, name=self.name, parameters=names)
        ctx.push_circuit(scope)
        try:
            params = [Sym(Affine.symbol(name)) for name in names]
            ctx.call(self.function, (new_qubits(ctx, width, "q", span), params), span=span)
        finally:
            ctx.pop_circuit()
        return AnsatzValue(scope.build(ctx, span), dict(scope.bindings))


@dataclass(slots=True)
class CostVector:
    """The first argument of a cost function that is running; `taken` once an expectation value took it by position."""

    value: Value
    taken: bool = False


class CostFunction(FunctionObject):
    """`@cost_function`: its first argument is the vector that expectation values in it may leave out."""

    type_name: ClassVar[str] = "cost function"

    def call(self, ctx: Context, call: Call) -> Value:
        """Evaluate it; the first argument stands for the parameters of ansaetze that are used without any."""
        values = (*call.args, *call.kwargs.values())
        vector = CostVector(values[0] if values else None)
        ctx.cost_vectors.append(vector)
        try:
            result = ctx.call(self.function, call.args, call.kwargs, span=call.span)
        finally:
            ctx.cost_vectors.pop()
        if vector.taken:
            self._warn_unread(ctx)
        return result

    def _warn_unread(self, ctx: Context) -> None:
        """W014: the first argument reaches the ansatz by position only."""
        parameters = getattr(self.function, "parameters", ())
        if parameters and parameters[0].name not in getattr(self.function, "reads", frozenset[str]()):
            name = parameters[0].name
            ctx.warn(
                "W014",
                f"`{self.name}` does not use its argument `{name}`: it is bound to the ansatz's parameters by position",
                self.span,
                hint=f"write `ExpectationValue(…, params={name})`",
                key=self.name,
            )


def _size(ctx: Context, value: Value, name: str, low: int, span: Span) -> int:
    if isinstance(value, bool) or not isinstance(value, int) or not low <= value <= MAX_QUBITS:
        ctx.fail("E0802", f"`{name}` must be an integer from {low} to {MAX_QUBITS}", span)
    return value


# ---- decorators --------------------------------------------------------------------------------------------


def _name_of(function: Value) -> str:
    return str(getattr(function, "name", "circuit"))


def _user_function(ctx: Context, value: Value, decorator: str, span: Span) -> Value:
    from eigen.lang.reification import describe

    if not isinstance(value, Object) or isinstance(value, (Builtin, CircuitValue)):
        ctx.fail("E0802", f"`@{decorator}` decorates a function, not {describe(value)}", span)
    return value


def quantum_circuit(ctx: Context, call: Call) -> Value:
    """`@quantum_circuit`, with or without parentheses."""
    (function,) = bind(call, "function=None")
    if function is None:
        return Builtin("quantum_circuit", quantum_circuit)
    _user_function(ctx, function, "quantum_circuit", call.span)
    return CircuitFunction(function, _name_of(function), call.span)


def cost_function(ctx: Context, call: Call) -> Value:
    """`@cost_function`, with or without parentheses."""
    (function,) = bind(call, "function=None")
    if function is None:
        return Builtin("cost_function", cost_function)
    _user_function(ctx, function, "cost_function", call.span)
    return CostFunction(function, _name_of(function), call.span)


def ansatz(ctx: Context, call: Call) -> Value:
    """`@ansatz` (sizes later) or `@ansatz(n_qubits=…, num_params=…)` (gives the ansatz itself)."""
    function, n_qubits, num_params = bind(call, "function=None, *, n_qubits=None, num_params=None")
    if function is None:

        def decorate(inner: Context, given: Call) -> Value:
            (decorated,) = bind(given, "function")
            _user_function(inner, decorated, "ansatz", given.span)
            template = AnsatzFunction(decorated, _name_of(decorated), given.span)
            if n_qubits is None and num_params is None:
                return template
            return template.build(inner, n_qubits, num_params, given.span)

        return Builtin("ansatz", decorate)
    _user_function(ctx, function, "ansatz", call.span)
    return AnsatzFunction(function, _name_of(function), call.span)


def make_ansatz(ctx: Context, call: Call) -> Value:
    """`Ansatz(circuit_or_function, n_qubits=None, num_params=None)`."""
    from eigen.lang.reification import describe

    source, n_qubits, num_params = bind(call, "circuit_or_function, n_qubits=None, num_params=None")
    if isinstance(source, AnsatzFunction):
        return source.build(ctx, n_qubits, num_params, call.span)
    if isinstance(source, CircuitValue):
        if n_qubits is not None or num_params is not None:
            ctx.fail("E0802", "a circuit has its sizes already: leave out `n_qubits` and `num_params`", call.span)
        return AnsatzValue(source.circuit, source.bindings)
    if isinstance(source, Object) and not isinstance(source, Builtin):
        function = source.function if isinstance(source, CircuitFunction) else source
        return AnsatzFunction(function, _name_of(source), call.span).build(ctx, n_qubits, num_params, call.span)
    return ctx.fail("E0802", f"an ansatz is made from a function or a circuit, not {describe(source)}", call.span)
