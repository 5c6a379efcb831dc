"""Random circuits for Hypothesis: the whole gate table with modifiers and symbols; measurements and control flow."""

from __future__ import annotations

from typing import TYPE_CHECKING

from hypothesis import strategies as st

from eigen import _core

if TYPE_CHECKING:
    from collections.abc import Callable

_TABLE = _core.gate_table()
_SYMBOLS = ("a", "b", "c")
_angles = st.floats(-7, 7, allow_nan=False).map(lambda x: round(x, 6))
_small = st.floats(-2, 2, allow_nan=False).map(lambda x: round(x, 3))


@st.composite
def parameters(draw: st.DrawFn, symbolic: bool) -> float | _core.Affine:
    """A number, or an affine expression in up to two of the symbols."""
    number = draw(_angles)
    if not symbolic or draw(st.booleans()):
        return number
    names = draw(st.lists(st.sampled_from(_SYMBOLS), min_size=1, max_size=2))
    return sum((_core.Affine.symbol(name) * (draw(_small) + 0.5) for name in names), _core.Affine(number))


@st.composite
def gates(draw: st.DrawFn, width: int, symbolic: bool = False) -> Callable[[_core.CircuitBuilder], None]:
    """A gate of the table with random qubits, parameters, controls, inverse and power."""
    info = draw(st.sampled_from(_TABLE))
    own = info.num_qubits if info.num_qubits is not None else draw(st.integers(max(1, info.num_controls + 1), 4))
    if info.name in ("MCX", "MCP"):
        own = max(own, 2)
    if own > width:
        return lambda builder: builder.gate("H", [0])
    controls = draw(st.integers(0, min(2, width - own)))
    qubits = draw(st.permutations(range(width)))[: own + controls]
    matrix = (
        _core.gate_matrix("PAULI_ROT", [draw(_angles)], own, pauli="XYZX"[:own]) if info.name == "UNITARY" else None
    )
    pauli = draw(st.text("IXYZ", min_size=own, max_size=own)) if info.name == "PAULI_ROT" else None
    params = [draw(parameters(symbolic)) for _ in info.param_names]
    state = draw(st.none() | st.text("01", min_size=controls, max_size=controls)) if controls else None
    inverse, power = draw(st.booleans()), draw(st.sampled_from([1.0, 1.0, 2.0, 3.0]))

    def add(builder: _core.CircuitBuilder) -> None:
        builder.gate(
            info.name,
            qubits,
            params,
            num_controls=controls,
            ctrl_state=state,
            inverse=inverse,
            power=power,
            matrix=matrix,
            pauli=pauli,
        )

    return add


@st.composite
def unitary_circuits(draw: st.DrawFn, symbolic: bool = False, most_qubits: int = 6) -> _core.Circuit:
    """A circuit of gates only."""
    width = draw(st.sampled_from(range(most_qubits, 0, -1)))
    builder = _core.CircuitBuilder(width, 0, parameters=_SYMBOLS if symbolic else None)
    for add in draw(st.lists(gates(width, symbolic), min_size=4, max_size=16)):
        add(builder)
    return builder.build()


@st.composite
def conditions(draw: st.DrawFn, num_clbits: int) -> _core.Condition:
    """A condition on one or several bits."""
    bit = _core.Condition.bit(draw(st.integers(0, num_clbits - 1)))
    other = _core.Condition.bit(draw(st.integers(0, num_clbits - 1)))
    bits = draw(st.lists(st.integers(0, num_clbits - 1), min_size=1, max_size=3, unique=True))
    compared = _core.Condition.compare(bits, draw(st.sampled_from(["==", "<", ">="])), draw(st.integers(0, 3)))
    return draw(st.sampled_from([bit, ~bit, bit & other, bit | other, bit ^ other, compared]))


@st.composite
def dynamic_circuits(draw: st.DrawFn, most_measurements: int = 6) -> _core.Circuit:
    """Measurements in any basis, resets, conditional gates, IF and FOR blocks, between random gates."""
    width, num_clbits = draw(st.integers(1, 4)), draw(st.integers(1, 4))
    builder = _core.CircuitBuilder(width, num_clbits)
    left = most_measurements
    qubit, clbit = st.integers(0, width - 1), st.integers(0, num_clbits - 1)
    for kind in draw(st.lists(st.sampled_from(["gate", "gate", "measure", "reset", "when", "if", "for"]), max_size=12)):
        builder.gate("RY", [draw(qubit)], [draw(_angles)])
        if kind == "gate":
            draw(gates(width))(builder)
        elif kind == "measure" and left > 0:
            left -= 1
            condition = draw(st.none() | conditions(num_clbits))
            builder.measure([draw(qubit)], [draw(clbit)], draw(st.sampled_from("XYZ")), condition=condition)
        elif kind == "reset" and left > 0:
            left -= 1
            builder.reset([draw(qubit)])
        elif kind == "when":
            builder.gate("SX", [draw(qubit)], condition=draw(conditions(num_clbits)))
        elif kind == "if":
            builder.begin_if(draw(conditions(num_clbits)))
            draw(gates(width))(builder)
            if draw(st.booleans()):
                builder.begin_else()
                builder.gate("H", [draw(qubit)])
            builder.end()
        elif kind == "for" and left >= 2:
            left -= 2
            builder.begin_for(2)
            draw(gates(width))(builder)
            builder.measure([draw(qubit)], [draw(clbit)])
            builder.end()
    count = draw(st.integers(0, min(width, num_clbits)))
    if count:
        builder.measure(
            draw(st.permutations(range(width)))[:count],
            draw(st.permutations(range(num_clbits)))[:count],
            draw(st.sampled_from("XYZ")),
        )
    return builder.build()
