"""Supervised learning: a quantum model, its training as a `minimize` stage over mini-batches, and the score of both."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, ClassVar

from eigen._core import Affine, Observable
from eigen.lang.binding import bind
from eigen.lang.library.circuits import CircuitValue
from eigen.lang.library.expectation import expectation, unmeasured
from eigen.lang.library.feature_maps import FeatureMap
from eigen.lang.library.functions import AnsatzFunction, CircuitFunction
from eigen.lang.library.observables import ObservableValue
from eigen.lang.library.parameters import bindings_for
from eigen.lang.library.registers import new_qubits
from eigen.lang.library.scope import Scope
from eigen.lang.values import Builtin, Object, Sym

if TYPE_CHECKING:
    from collections.abc import Iterable

    from eigen.lang.context import Context
    from eigen.lang.diagnostics import Span
    from eigen.lang.regions import Dyn
    from eigen.lang.values import Call, Value


@dataclass(frozen=True, slots=True)
class ModelParts:
    """What a quantum model is made of."""

    feature_map: Value  # FeatureMap or circuit function (q, x)
    ansatz: CircuitValue
    readout: Observable


class QuantumModel(Object):
    """f(x; w) = the expectation value of `readout` after `feature_map(x)`, then `ansatz(w)`."""

    type_name: ClassVar[str] = "quantum model"

    def __init__(self, parts: ModelParts) -> None:
        self.parts = parts

    @property
    def num_params(self) -> int:
        """The number of weights."""
        return len(self.parts.ansatz.free)

    @property
    def num_qubits(self) -> int:
        """The number of qubits."""
        return self.parts.ansatz.circuit.num_qubits

    def attributes(self) -> Iterable[str]:
        """Attributes and methods."""
        return ("num_params", "n_qubits", "num_qubits", "predict")

    def get_attr(self, ctx: Context, name: str, span: Span) -> Value:
        """`num_params`, `n_qubits`, `predict(x, weights)`."""
        if name == "num_params":
            return self.num_params
        if name in {"n_qubits", "num_qubits"}:
            return self.num_qubits
        if name != "predict":
            return super().get_attr(ctx, name, span)

        def predict(inner: Context, call: Call) -> Value:
            features, weights, shots = bind(call, "x, weights, shots=None")
            return self.score(inner, features, weights, shots, call.span)

        return Builtin("predict", predict, "predict(x, weights, shots=None)")

    def score(self, ctx: Context, features: Value, weights: Value, shots: Value, span: Span) -> Dyn:
        """f(x; w) for one row of features, static or known only at run time."""
        circuit = self._circuit(ctx, features, span)
        own = bindings_for(ctx, self.parts.ansatz.free, weights, span, owner="the model")
        named = {f"w:{name}": value for name, value in own.items()}
        readout = ObservableValue(self.parts.readout)
        return expectation(ctx, circuit, readout, {**circuit.bindings, **named}, shots, span)

    def _circuit(self, ctx: Context, features: Value, span: Span) -> CircuitValue:
        """The circuit of one row. Weights keep free symbols `w:…`, so that one circuit serves all rows."""
        ansatz = self.parts.ansatz
        names = [f"w:{name}" for name in ansatz.free]
        scope = Scope(ctx.region, name="model")
        ctx.push_circuit(scope)
        try:
            q = new_qubits(ctx, self.num_qubits, "q", span)
            ctx.call(self.parts.feature_map, (q, features), span=span)
            if names:
                ctx.call(ansatz, (q, [Sym(Affine.symbol(name)) for name in names]), span=span)
            else:
                ctx.call(ansatz, (q,), span=span)
        finally:
            ctx.pop_circuit()
        return CircuitValue(scope.build(ctx, span), dict(scope.bindings))


def quantum_model(ctx: Context, call: Call) -> Value:
    """`QuantumModel(feature_map, ansatz, readout=None)`."""
    from eigen.lang.library.observables import observable_of
    from eigen.lang.reification import describe

    feature_map, ansatz, readout = bind(call, "feature_map, ansatz, readout=None")
    if not isinstance(ansatz, CircuitValue):
        hint = "write `Ansatz(function, n_qubits, num_params)`" if isinstance(ansatz, AnsatzFunction) else ""
        ctx.fail("E0813", f"`ansatz` must be an ansatz or a circuit, not {describe(ansatz)}", call.span, hint=hint)
    circuit = unmeasured(ctx, ansatz, "a model", call.span)
    if not isinstance(feature_map, (FeatureMap, CircuitFunction)):
        ctx.fail(
            "E0813",
            f"`feature_map` must be a feature map or a `@quantum_circuit` function (q, x), not {describe(feature_map)}",
            call.span,
            hint="write `angle_encoding(n_qubits)`",
        )
    width = circuit.circuit.num_qubits
    if isinstance(feature_map, FeatureMap) and feature_map.n_qubits != width:
        ctx.fail("E0813", f"the feature map has {feature_map.n_qubits} qubits, but the ansatz has {width}", call.span)
    if readout is None:
        found = Observable.from_terms(width, [("Z0", 1.0)])
    else:
        found = observable_of(ctx, readout, width, call.span)
    return QuantumModel(ModelParts(feature_map, circuit, found))
