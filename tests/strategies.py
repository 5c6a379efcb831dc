"""Hypothesis strategies for circuits and observables, drawn through the gate table."""

from __future__ import annotations

import random

import numpy as np
from hypothesis import settings
from hypothesis import strategies as st

from eigen._core import Affine, Circuit, CircuitBuilder, Condition, GateInfo, Observable, gate_table

GATES = {row.name: row for row in gate_table()}
NUMBERS = st.floats(-7, 7, allow_nan=False).map(lambda x: round(x, 6))
SYMBOLS = ["p0", "p1", "theta[2]"]


def examples(usual: int, soak: int = 5_000) -> settings:
    """So many examples of a law, and `soak` of them under the profile of that name."""
    soaking = settings.default == settings.get_profile("soak")
    return settings(max_examples=soak if soaking else usual)


def width(row: GateInfo) -> int:
    """Number of qubits a gate is drawn on."""
    return {"MCX": 3, "MCP": 3, "PAULI_ROT": 2, "UNITARY": 1}.get(row.name, row.num_qubits or 0)


def lone_gate(row: GateInfo, *, controls: str = "", inverse: bool = False, power: float = 1.0) -> Circuit:
    """One gate of the table on descending qubits, the lowest left idle; `UNITARY` is a random one on two qubits."""
    wide = 2 if row.name == "UNITARY" else width(row)
    rotations = [np.array(_random_rotation(seed)) for seed in (1, 2)]
    swapped = np.eye(4)[[0, 2, 1, 3]]
    builder = CircuitBuilder(wide + len(controls) + 1)
    builder.gate(
        row.name,
        list(range(wide + len(controls), 0, -1)),
        [0.3 + 0.2 * k for k in range(len(row.param_names))],
        num_controls=len(controls),
        ctrl_state=controls or None,
        inverse=inverse,
        power=power,
        matrix=np.kron(*rotations) @ swapped @ np.diag([1, 1, 1, 1j]) if row.name == "UNITARY" else None,
        pauli="XY" if row.name == "PAULI_ROT" else None,
    )
    return builder.build()


@st.composite
def affines(draw: st.DrawFn) -> Affine | float:
    """A number, a symbol, or an affine expression."""
    if draw(st.booleans()):
        return draw(NUMBERS)
    value = Affine.symbol(draw(st.sampled_from(SYMBOLS))) * draw(st.sampled_from([1.0, -1.0, 0.5, 2.25]))
    return value + draw(NUMBERS) if draw(st.booleans()) else value


@st.composite
def conditions(draw: st.DrawFn, num_clbits: int) -> Condition:
    """A condition on the first classical bits."""
    bits = st.integers(0, num_clbits - 1)
    leaf = st.one_of(
        bits.map(Condition.bit),
        st.booleans().map(Condition.const),
        st.tuples(
            st.lists(bits, min_size=1, max_size=3, unique=True),
            st.sampled_from(["==", "!=", "<", "<=", ">", ">="]),
            st.integers(-2, 9),
        ).map(lambda t: Condition.compare(*t)),
    )
    joined = st.recursive(
        leaf,
        lambda inner: st.one_of(
            inner.map(lambda a: ~a),
            st.tuples(inner, inner).map(lambda p: p[0] & p[1]),
            st.tuples(inner, inner).map(lambda p: p[0] | p[1]),
            st.tuples(inner, inner).map(lambda p: p[0] ^ p[1]),
        ),
        max_leaves=4,
    )
    return draw(joined)


def _random_rotation(seed: int) -> list[list[complex]]:
    from eigen._core import gate_matrix

    source = random.Random(seed)
    return gate_matrix("U", [source.uniform(-3, 3) for _ in range(3)])


def _add_gate(draw: st.DrawFn, builder: CircuitBuilder, *, symbolic: bool, condition: Condition | None) -> None:
    n = builder.num_qubits
    rows = [row for row in GATES.values() if width(row) <= n]
    row = draw(st.sampled_from(rows))
    controls = draw(st.sampled_from([0, 0, 0, 1])) if width(row) < n else 0
    qubits = draw(st.permutations(range(n)))[: width(row) + controls]
    params = [draw(affines() if symbolic else NUMBERS) for _ in row.param_names]
    fixed = not row.param_names
    builder.gate(
        row.name,
        qubits,
        params,
        num_controls=controls,
        ctrl_state=draw(st.sampled_from([None, "0", "1"])) if controls else None,
        inverse=draw(st.booleans()),
        power=draw(st.sampled_from([1.0, 1.0, 0.5, -0.3, 2.0])) if fixed else 1.0,
        matrix=_random_rotation(draw(st.integers(0, 999))) if row.name == "UNITARY" else None,
        pauli="".join(draw(st.lists(st.sampled_from("IXYZ"), min_size=2, max_size=2)))
        if row.name == "PAULI_ROT"
        else None,
        condition=condition,
    )


@st.composite
def unitary_circuits(
    draw: st.DrawFn, max_qubits: int = 4, max_gates: int = 12, symbolic: bool = False, min_qubits: int = 1
) -> Circuit:
    """Gates only, with controls, inverses and powers."""
    builder = CircuitBuilder(draw(st.integers(min_qubits, max_qubits)))
    for _ in range(draw(st.integers(0, max_gates))):
        _add_gate(draw, builder, symbolic=symbolic, condition=None)
    return builder.build()


def _fill(draw: st.DrawFn, builder: CircuitBuilder, budget: int, depth: int, *, symbolic: bool) -> None:
    qubits, bits = range(builder.num_qubits), range(builder.num_clbits)
    for _ in range(draw(st.integers(0, budget))):
        kind = draw(st.sampled_from(["gate"] * 5 + ["measure", "reset", "barrier", "delay", "if", "for", "while"]))
        if kind in {"if", "for", "while"} and depth == 0:
            kind = "gate"
        if kind == "gate":
            condition = draw(conditions(builder.num_clbits)) if draw(st.integers(0, 4)) == 0 else None
            _add_gate(draw, builder, symbolic=symbolic, condition=condition)
        elif kind == "measure":
            count = draw(st.integers(1, min(len(qubits), len(bits))))
            chosen = draw(st.permutations(qubits))[:count], draw(st.permutations(bits))[:count]
            builder.measure(*chosen, draw(st.sampled_from("XYZ")))
        elif kind == "reset":
            builder.reset([draw(st.sampled_from(qubits))])
        elif kind == "barrier":
            builder.barrier(draw(st.permutations(qubits)))
        elif kind == "delay":
            builder.delay(
                [draw(st.sampled_from(qubits))], draw(st.integers(0, 99)), draw(st.sampled_from(["ns", "dt"]))
            )
        elif kind == "if":
            builder.begin_if(draw(conditions(builder.num_clbits)))
            _fill(draw, builder, 2, depth - 1, symbolic=symbolic)
            if draw(st.booleans()):
                builder.begin_else()
                _fill(draw, builder, 2, depth - 1, symbolic=symbolic)
            builder.end()
        elif kind == "for":
            builder.begin_for(draw(st.integers(0, 2)))
            _fill(draw, builder, 2, depth - 1, symbolic=symbolic)
            builder.end()
        else:
            builder.begin_while(draw(conditions(builder.num_clbits)), draw(st.integers(1, 2)))
            _fill(draw, builder, 2, depth - 1, symbolic=symbolic)
            builder.end()


@st.composite
def circuits(draw: st.DrawFn, max_qubits: int = 4, budget: int = 8, symbolic: bool = True) -> Circuit:
    """Anything a circuit can hold: measurements, conditions, blocks, registers, names, metadata."""
    builder = CircuitBuilder(
        name=draw(st.text(max_size=8)),
        metadata=draw(st.dictionaries(st.text(max_size=5), st.text(max_size=5), max_size=2)),
    )
    builder.add_qubits(draw(st.integers(1, max_qubits)), draw(st.sampled_from([None, "q"])))
    builder.add_clbits(draw(st.integers(1, 3)), draw(st.sampled_from([None, "c"])))
    _fill(draw, builder, budget, 2, symbolic=symbolic)
    return builder.build()


@st.composite
def observables(draw: st.DrawFn, num_qubits: int, max_terms: int = 5) -> Observable:
    """A Pauli sum of a given width."""
    label = st.lists(st.sampled_from("IXYZ"), min_size=num_qubits, max_size=num_qubits).map("".join)
    return Observable.from_terms(num_qubits, draw(st.lists(st.tuples(label, NUMBERS), max_size=max_terms)))
