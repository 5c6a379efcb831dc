"""Feature maps: circuits that write a vector of features into the angles of gates."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, ClassVar

from eigen.lang.binding import bind
from eigen.lang.library.angles import angle_of
from eigen.lang.library.ansatz_circuits import entangled_pairs
from eigen.lang.library.arguments import choice, integer, number
from eigen.lang.library.guard import guarded
from eigen.lang.library.registers import qubit_indices
from eigen.lang.values import Object

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence

    from eigen.lang.context import Context
    from eigen.lang.diagnostics import Span
    from eigen.lang.library.scope import Scope
    from eigen.lang.values import Call, Value

    Encoder = Callable[["Pen", Sequence[Value]], None]

_PI = 3.141592653589793
MAX_QUBITS = 10_000


class Pen:
    """Writes gates whose angles are computed from features, static or known only at run time."""

    def __init__(self, ctx: Context, scope: Scope, qubits: Sequence[int], span: Span) -> None:
        self.ctx = ctx
        self.scope = scope
        self.qubits = qubits
        self.span = span

    def gate(self, name: str, places: Iterable[int], *angles: Value) -> None:
        """One gate on the map's qubits `places`."""
        params = [angle_of(self.ctx, self.scope, angle, "a feature", self.span) for angle in angles]
        self.scope.gate(self.ctx, name, [self.qubits[place] for place in places], params, self.span)

    def compute(self, symbol: str, op: str, left: Value, right: Value) -> Value:
        """Arithmetic on features."""
        from eigen.lang.evaluate.operate import binary

        return binary(self.ctx, symbol, op, left, right, self.span)

    def scaled(self, value: Value, factor: float) -> Value:
        """A feature times a number."""
        return value if factor == 1.0 else self.compute("*", "mul", value, factor)


class FeatureMap(Object):
    """A feature map of `n_qubits` features; called as `map(q, x)` it writes its gates."""

    type_name: ClassVar[str] = "feature map"

    def __init__(self, name: str, n_qubits: int, encode: Encoder) -> None:
        self.name = name
        self.n_qubits = n_qubits
        self.encode = encode

    def attributes(self) -> Iterable[str]:
        """`n_qubits`, `n_features`, `name`."""
        return ("n_qubits", "num_qubits", "n_features", "name")

    def get_attr(self, ctx: Context, name: str, span: Span) -> Value:
        """Its size or name."""
        if name in {"n_qubits", "num_qubits", "n_features"}:
            return self.n_qubits
        return self.name if name == "name" else super().get_attr(ctx, name, span)

    def call(self, ctx: Context, call: Call) -> Value:
        """`map(q, x)`."""
        from eigen.lang.evaluate.access import iterate

        qubits, features = bind(call, "qubits, features")
        scope, indices = qubit_indices(ctx, [qubits], call.span)
        values = iterate(ctx, features, call.span)
        if len(indices) != self.n_qubits or len(values) != self.n_qubits:
            ctx.fail(
                "E0802",
                f"`{self.name}` writes {self.n_qubits} features on {self.n_qubits} qubits, "
                f"not {len(values)} features on {len(indices)} qubits",
                call.span,
            )
        self.encode(Pen(ctx, scope, indices, call.span), values)


def angle_encoding(ctx: Context, call: Call) -> Value:
    """`angle_encoding(n_qubits, rotation="ry", repetitions=1, scale=1.0)`."""
    n_qubits, rotation, repetitions, scale = bind(call, "n_qubits, rotation='ry', repetitions=1, scale=1.0")
    ctx.require_static([n_qubits, rotation, repetitions, scale], "an option of a feature map", call.span)
    size = guarded(ctx, call.span, integer, n_qubits, "n_qubits", low=1, high=MAX_QUBITS)
    gate = guarded(ctx, call.span, choice, rotation, "rotation", ("rx", "ry", "rz", "p"))
    rounds = guarded(ctx, call.span, integer, repetitions, "repetitions", low=1, high=1000)
    factor = guarded(ctx, call.span, number, scale, "scale")

    def encode(pen: Pen, features: Sequence[Value]) -> None:
        angles = [pen.scaled(feature, factor) for feature in features]
        for turn in range(rounds):
            for place, angle in enumerate(angles):
                if gate in {"rz", "p"}:
                    pen.gate("h", [place])
                pen.gate(gate, [place], angle)
            if turn + 1 < rounds:
                for pair in entangled_pairs("circular", size):
                    pen.gate("cz", pair)

    return FeatureMap("angle_encoding", size, encode)


def zz_feature_map(ctx: Context, call: Call) -> Value:
    """`zz_feature_map(n_qubits, repetitions=2, entanglement="full")`."""
    n_qubits, repetitions, entanglement = bind(call, "n_qubits, repetitions=2, entanglement='full'")
    ctx.require_static([n_qubits, repetitions, entanglement], "an option of a feature map", call.span)
    size = guarded(ctx, call.span, integer, n_qubits, "n_qubits", low=1, high=MAX_QUBITS)
    rounds = guarded(ctx, call.span, integer, repetitions, "repetitions", low=1, high=1000)
    pairs: list[Any] = guarded(ctx, call.span, entangled_pairs, entanglement, size, ctx.charge)

    def encode(pen: Pen, features: Sequence[Value]) -> None:
        single = [pen.scaled(feature, 2.0) for feature in features]
        gaps = [pen.compute("-", "sub", _PI, feature) for feature in features]
        double = [pen.scaled(pen.compute("*", "mul", gaps[i], gaps[j]), 2.0) for i, j in pairs]
        for _ in range(rounds):
            for place, angle in enumerate(single):
                pen.gate("h", [place])
                pen.gate("p", [place], angle)
            for pair, angle in zip(pairs, double, strict=True):
                pen.gate("cx", pair)
                pen.gate("p", [pair[1]], angle)
                pen.gate("cx", pair)

    return FeatureMap("zz_feature_map", size, encode)
