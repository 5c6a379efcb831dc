"""`evolve`: the dynamics of a state under a Hamiltonian, as a quantum stage."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from eigen._core import Affine, Evolution
from eigen.ir.values import is_dict, is_list, is_tuple
from eigen.lang.binding import bind
from eigen.lang.library.arguments import ArgumentError, choice, integer, number, numbers, show
from eigen.lang.library.bits import stage_arguments
from eigen.lang.library.circuits import circuit_of
from eigen.lang.library.drives import DriveValue
from eigen.lang.library.expectation import check_shots, cost_vector, unmeasured
from eigen.lang.library.guard import guarded
from eigen.lang.library.observables import ObservableValue, from_terms
from eigen.lang.library.parameters import bindings_for
from eigen.lang.regions import Dyn
from eigen.lang.values import Sym

if TYPE_CHECKING:
    from eigen._core import Circuit, Coefficient, Observable
    from eigen.lang.context import Context
    from eigen.lang.diagnostics import Span
    from eigen.lang.library.parameters import Bindings
    from eigen.lang.values import Call, Value

METHODS = ("auto", "krylov", "chebyshev", "magnus", "trotter", "density", "trajectories")
SIGNATURE = (
    "hamiltonian, time, times=None, observables=None, initial=None, collapse=None, params=None, shots=None, "
    "method='auto', tolerance=1e-10, order=2, steps=0, trajectories=1000"
)


def evolve(ctx: Context, call: Call) -> Value:
    """`evolve(hamiltonian, time, …)`: values of observables at times, and counts of the final state."""
    given: tuple[Any, ...] = bind(call, SIGNATURE)
    hamiltonian, time, times, observables, initial, collapse, params, shots, *chosen = given
    return _Writer(ctx, call.span).write(
        (hamiltonian, time, times), observables, initial, collapse, params, shots, chosen
    )


class _Writer:
    """One evolution as it is read; `bindings` gives values to the parameters that stand for run-time numbers."""

    def __init__(self, ctx: Context, span: Span) -> None:
        self.ctx = ctx
        self.span = span
        self.bindings: Bindings = {}

    def write(
        self,
        what: tuple[Value, Value, Value],
        observables: Value,
        initial: Value,
        collapse: Value,
        params: Value,
        shots: Value,
        chosen: list[Value],
    ) -> Dyn:
        """The `evolve` stage."""
        ctx, span = self.ctx, self.span
        hamiltonian, time, times = what
        ctx.require_static([time, times], "the time of an evolution", span, hint="scale the Hamiltonian instead")
        ctx.require_static(chosen, "how an evolution is computed", span)
        settings = guarded(ctx, span, _settings, *chosen)
        parts = self._terms(hamiltonian)
        recorded = self._observables(observables)
        start = self._initial(initial)
        jumps = self._collapse(collapse)
        terms = [(label, value) for observable, factor in parts for label, value in _scaled(observable, factor)]
        ctx.charge(len(terms))
        width = max([1, *(part.num_qubits for part, _ in parts), *(item.num_qubits for item in recorded)])
        if start is not None:
            width = max(width, len(start) if isinstance(start, str) else start.num_qubits)
        evolution = guarded(
            ctx,
            span,
            Evolution,
            terms,
            guarded(ctx, span, number, time, "time"),
            times=None if times is None else guarded(ctx, span, numbers, times, "times"),
            initial=start,
            observables=recorded,
            collapse=jumps,
            num_qubits=width,
        )
        return self._emit(evolution, params, shots, settings)

    def _emit(self, evolution: Evolution, params: Value, shots: Value, settings: dict[str, Any]) -> Dyn:
        ctx, span = self.ctx, self.span
        free = [name for name in evolution.parameters if name not in self.bindings]
        if free and params is None:
            params = cost_vector(ctx, "the evolution", len(free), span)
        if free or params is not None:
            self.bindings |= bindings_for(ctx, free, params, span, owner="the evolution")
        attrs = {
            "evolution": ctx.add_evolution(evolution),
            "shots": check_shots(ctx, shots, span),
            "settings": settings,
        }
        return ctx.emit(
            "evolve",
            stage_arguments(ctx, evolution, self.bindings, span),
            attrs=attrs,
            type="record:evolution",
            span=span,
            origin="`evolve`",
            lengths={"times": len(evolution.times), "final": len(evolution.observables)},
        )

    def _terms(self, value: Value) -> list[tuple[Observable, Any]]:
        """An observable, or pairs (observable, coefficient)."""
        if isinstance(value, ObservableValue):
            return [(value.observable, 1.0)]
        if not (is_list(value) or is_tuple(value)):
            value = [(value, 1.0)]
        pairs: list[tuple[Observable, Any]] = []
        for item in value:
            pair = item if (is_list(item) or is_tuple(item)) and len(item) == 2 else (item, 1.0)
            pairs.append((self._observable(pair[0]), self._coefficient(pair[1])))
        return pairs

    def _observable(self, value: Value) -> Observable:
        if isinstance(value, ObservableValue):
            return value.observable
        self.ctx.require_static(value, "an observable", self.span)
        return guarded(self.ctx, self.span, from_terms, value, None)

    def _coefficient(self, value: Value) -> float | Affine | Coefficient:
        if isinstance(value, DriveValue):
            return value.coefficient
        if isinstance(value, Sym):
            return value.affine
        if isinstance(value, Dyn):
            name = f"@evolve{len(self.bindings)}"
            self.bindings[name] = value
            return Affine.symbol(name)
        return guarded(self.ctx, self.span, number, value, "a coefficient")

    def _observables(self, value: Value) -> list[Observable]:
        if value is None:
            return []
        items = value if is_list(value) or is_tuple(value) else [value]
        return [self._observable(item) for item in items]

    def _initial(self, value: Value) -> str | Circuit | None:
        if value is None or isinstance(value, str):
            return value
        circuit = unmeasured(
            self.ctx, circuit_of(self.ctx, value, "`initial`", self.span), "an initial state", self.span
        )
        self.bindings.update(circuit.bindings)
        return circuit.circuit

    def _collapse(self, value: Value) -> list[tuple[str, Any]]:
        if value is None:
            return []
        pairs: list[tuple[str, Any]] = []
        for item in guarded(self.ctx, self.span, _pairs, value):
            rate = self._coefficient(item[1])
            if isinstance(item[1], DriveValue):
                self.ctx.fail("E0403", "the rate of a collapse operator does not change with time", self.span)
            pairs.append((item[0], rate))
        return pairs


def _pairs(value: Any) -> list[Any]:
    items = list(value.items()) if is_dict(value) else value
    if not (is_list(items) or is_tuple(items)) or not all(
        (is_list(item) or is_tuple(item)) and len(item) == 2 and isinstance(item[0], str) for item in items
    ):
        raise ArgumentError(
            f"`collapse` is a list of pairs (operator, rate), not `{show(value)}`", "write `[('S-0', 0.1)]`"
        )
    return list(items)


def _scaled(observable: Observable, factor: Any) -> list[tuple[str, Any]]:
    """The terms of an observable, each times a coefficient."""
    if isinstance(factor, float) and factor == 1.0:
        return list(observable.terms)
    return [(label, factor if weight == 1.0 else factor * weight) for label, weight in observable.terms]


def _settings(method: Any, tolerance: Any, order: Any, steps: Any, trajectories: Any) -> dict[str, Any]:
    return {
        "method": choice(method, "method", METHODS),
        "tolerance": number(tolerance, "tolerance"),
        "order": integer(order, "order", low=1, high=12),
        "steps": integer(steps, "steps", low=0, high=10_000_000),
        "trajectories": integer(trajectories, "trajectories", low=2, high=10_000_000),
    }
