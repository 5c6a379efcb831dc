"""Circuits over the whole gate table for the laws of the engines: families of gates, angles where formulas change.

Each family leads the planners elsewhere: words of fixed gates, diagonals, permutations, long strings, two-qubit gates.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
from hypothesis import note
from hypothesis import strategies as st

from eigen._core import Affine, Circuit, CircuitBuilder, Observable
from strategies import GATES

if TYPE_CHECKING:
    from collections.abc import Sequence

SYMBOLS = ("a", "b", "c")
PI = math.pi
EDGES = (0.0, PI, -PI, PI / 2, -PI / 2, PI / 4, 2 * PI, 4 * PI, 3 * PI / 2, PI - 1e-15, 1e-9, 1e-16, 5e-324, 0.5, 1.0)
"""Angles where a coefficient vanishes, a gate becomes another one, or rounding begins."""

FAMILIES: dict[str, str] = {
    "all": " ".join(GATES),
    "words": "S Sdg T Tdg RX RY RZ P H SX SXdg X Y Z U GPI GPI2 CX CZ RZZ",
    "diagonals": "S T RZ P CP CRZ RZZ CZ CCZ MCP GPHASE Z H RX PAULI_ROT",
    "phases": "GPHASE GPHASE P CP MCP RZ X H",
    "permutations": "X CX SWAP CCX MCX CSWAP ISWAP Y CY H T RX",
    "rotations": "RX RY RZ RXX RYY RZZ RZX PAULI_ROT MS FSIM XXPLUSYY CRX CRY CX",
    "wide": "PAULI_ROT MCX MCP H RX UNITARY CSWAP U",
    "ladders": "RY RZ RX CX CZ RZZ RXX H I",
    "pairs": "ECR ISWAP FSIM XXPLUSYY MS RZX RYY CU CH CSWAP UNITARY RX",
    "clifford": "H S Sdg X Y Z SX SXdg CX CY CZ SWAP ISWAP ECR I",
}
GENERAL = tuple(name for name in FAMILIES if name != "clifford")
ANGLES = st.one_of(st.sampled_from(EDGES), st.floats(-7, 7).map(lambda x: round(x, 6)))


@dataclass(frozen=True, slots=True)
class Made:
    """How one call of `CircuitBuilder.gate` reads."""

    name: str
    qubits: Sequence[int]
    params: Sequence[Any]
    modifiers: dict[str, Any]


@st.composite
def parameters(draw: st.DrawFn, symbolic: bool) -> Affine | float:
    """A number, or an affine expression in one or two symbols."""
    if not symbolic or draw(st.integers(0, 4)) < 2:
        return draw(ANGLES)
    value = Affine(draw(ANGLES) if draw(st.booleans()) else 0.0)
    for name in draw(st.sampled_from([("a",), ("b",), ("c",), ("a", "b"), ("b", "c")])):
        value = value + Affine.symbol(name) * draw(st.sampled_from([1.0, -1.0, 0.5, 2.0, -0.25]))
    return value


def unitary(seed: int, width: int) -> np.ndarray:
    """A diagonal, a permutation with phases, a product, or anything unitary."""
    source, size = np.random.default_rng(seed), 1 << width

    def haar(of: int) -> np.ndarray:
        return np.linalg.qr(source.normal(size=(of, of)) + 1j * source.normal(size=(of, of)))[0]

    if seed % 4 == 0:
        return np.diag(np.exp(1j * source.uniform(-3, 3, size)))
    if seed % 4 == 1:
        return np.diag(source.choice([1, 1j, -1], size)) @ np.eye(size)[source.permutation(size)]
    return np.kron(haar(size // 2), haar(2)) if seed % 4 == 2 and width > 1 else haar(size)


def own_qubits(draw: st.DrawFn, name: str, width: int) -> int:
    """On how many qubits a gate is drawn, added controls not counted."""
    fixed = GATES[name].num_qubits
    if fixed is not None:
        return fixed
    if name == "UNITARY":
        return draw(st.integers(1, 3))
    least = 2 if name in {"MCX", "MCP"} else 1
    return draw(st.integers(least, max(least, width)))


@st.composite
def gates(draw: st.DrawFn, width: int, family: str, symbolic: bool, plain: bool = False) -> Made | None:
    """One gate, without a power where it is to be plain; None where the gate drawn is wider than the circuit."""
    name = draw(st.sampled_from(FAMILIES[family].split()))
    own = own_qubits(draw, name, width)
    if own > width:
        return None
    fixed, clifford = not GATES[name].param_names, family == "clifford"
    controls = 0 if clifford else min(draw(st.sampled_from([0, 0, 0, 0, 1, 1, 1, 2, 3])), width - own)
    modifiers: dict[str, Any] = {"num_controls": controls, "inverse": draw(st.integers(0, 3)) == 0}
    if controls:
        modifiers["ctrl_state"] = draw(st.text("01", min_size=controls, max_size=controls))
    if not clifford and not plain and draw(st.integers(0, 6)) == 0:
        modifiers["power"] = draw(st.sampled_from([2.0, 3.0, 0.5, -1.0, 0.0, 0.3, -0.5] if fixed else [2.0, -0.5, 0.0]))
    if name == "UNITARY":
        modifiers["matrix"] = unitary(draw(st.integers(0, 9999)), own)
    if name == "PAULI_ROT":
        letters = draw(st.sampled_from(["IXYZ", "Z", "XY", "X"]))
        modifiers["pauli"] = draw(st.text(letters, min_size=own, max_size=own))
    qubits = draw(st.permutations(range(width)))[: own + controls]
    return Made(name, qubits, [draw(parameters(symbolic)) for _ in GATES[name].param_names], modifiers)


def append(builder: CircuitBuilder, gate: Made) -> None:
    builder.gate(gate.name, gate.qubits, gate.params, **gate.modifiers)


@st.composite
def law_circuits(
    draw: st.DrawFn,
    widths: tuple[int, int] = (1, 8),
    most_gates: int = 24,
    symbolic: bool = True,
    families: Sequence[str] = GENERAL,
    plain: bool = False,
) -> Circuit:
    """Gates of one family, some undone at once. With symbols all of `SYMBOLS` are parameters.

    Some gates are powers and some lie in FOR blocks, unless the circuit is to be `plain`.
    """
    width, family = draw(st.integers(*widths)), draw(st.sampled_from(families))
    builder = CircuitBuilder(width, parameters=SYMBOLS if symbolic else None)
    for _ in range(draw(st.integers(0, most_gates))):
        made = draw(gates(width, family, symbolic, plain))
        if made is None:
            continue
        rounds = 1 if plain else draw(st.sampled_from([1] * 16 + [0, 2, 3]))
        if rounds != 1:
            builder.begin_for(rounds)
        append(builder, made)
        if draw(st.integers(0, 9)) == 0:
            modifiers = made.modifiers | {"inverse": not made.modifiers["inverse"]}
            append(builder, Made(made.name, made.qubits, made.params, modifiers))
        if rounds != 1:
            builder.end()
    circuit = builder.build()
    note(circuit.to_aqo().decode())  # the form to keep of one that breaks a law
    return circuit


POINTS = st.lists(ANGLES, min_size=len(SYMBOLS), max_size=len(SYMBOLS))
"""Values of all symbols."""


def named(point: Sequence[float]) -> dict[str, float]:
    return dict(zip(SYMBOLS, point, strict=True))


@st.composite
def sums(draw: st.DrawFn, width: int, most_terms: int = 6) -> Observable:
    """Pauli sums of words of different kinds; some weights are tiny or 0."""
    weights = st.one_of(st.sampled_from([1.0, -1.0, 0.5, 1e-12, 0.0]), st.floats(-2, 2))
    letters = st.sampled_from(["IXYZ", "IZ", "IX", "IIIIIXYZ"])
    terms = [
        (draw(st.text(draw(letters), min_size=width, max_size=width)), draw(weights))
        for _ in range(draw(st.integers(0, most_terms)))
    ]
    return Observable.from_terms(width, terms)


def size(observable: Observable) -> float:
    """1 and the sum of the weights: what errors of expectation values are measured by."""
    return 1 + sum(abs(weight) for _, weight in observable.terms)
