"""Laws: an energy is the same alone and among others, bit for bit; gradients are those of the energy."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import eigen
from eigen.ir import Affine, Circuit, CircuitBuilder, Observable
from oracle import expectation
from strategies import observables

NAMES = ("a", "b", "c", "d")
FIXED = {"H": 1, "S": 1, "SX": 1, "X": 1, "Y": 1, "Z": 1, "T": 1, "CX": 2, "CY": 2, "CZ": 2, "SWAP": 2, "ISWAP": 2}
TURNS = {"RX": 1, "RY": 1, "RZ": 1, "P": 1, "RXX": 2, "RYY": 2, "RZZ": 2, "RZX": 2, "CRX": 2, "CP": 2}


@st.composite
def ansatzes(draw: st.DrawFn, most_qubits: int = 6) -> Circuit:
    """Rotations with affine angles between fixed gates."""
    width = draw(st.integers(1, most_qubits))
    builder = CircuitBuilder(width, parameters=NAMES)
    for _ in range(draw(st.integers(0, 24))):
        name = draw(st.sampled_from(sorted(FIXED | TURNS)))
        size = FIXED.get(name, 0) or TURNS[name]
        if size > width:
            continue
        angle = Affine.symbol(draw(st.sampled_from(NAMES))) * draw(st.sampled_from([1.0, -1.0, 0.5])) + 0.25
        builder.gate(name, draw(st.permutations(range(width)))[:size], [angle] if name in TURNS else [])
    return builder.build()


@given(ansatzes(), st.data(), st.integers(1, 20), st.integers(0, 2**32))
@settings(max_examples=100)
def test_a_batch_is_its_members(circuit: Circuit, data: st.DataObject, count: int, seed: int) -> None:
    observable = data.draw(observables(circuit.num_qubits, max_terms=8))
    sets = np.random.default_rng(seed).uniform(-4, 4, (count, len(NAMES)))
    energy = eigen.compile(circuit, observable)
    batch = energy.energies(sets)
    energies, slopes = energy.gradients(sets)
    assert batch.tolist() == energies.tolist() == [energy(values) for values in sets]
    assert np.array_equal(eigen.compile(circuit, observable, threads=3).gradients(sets)[1], slopes)
    for k, values in enumerate(sets):
        value, slope = energy.energy_grad(values)
        assert value == batch[k]
        assert slope == pytest.approx(slopes[k], abs=1e-12)
        assert np.array_equal(energy.gradients(sets[k : k + 1])[1][0], slopes[k])


@given(ansatzes(most_qubits=4), st.data(), st.lists(st.floats(-9, 9), min_size=4, max_size=4))
def test_energies_and_slopes_are_those_of_the_state(circuit: Circuit, data: st.DataObject, values: list[float]) -> None:
    observable = data.draw(observables(circuit.num_qubits))

    def at(point: list[float]) -> float:
        return expectation(circuit, observable, dict(zip(NAMES, point, strict=True)))

    value, slopes = eigen.compile(circuit, observable).energy_grad(values)
    scale = 1 + sum(abs(weight) for _, weight in observable.terms)
    assert value == pytest.approx(at(values), abs=1e-12 * scale)
    step = 1e-4
    for k, slope in enumerate(slopes):
        ends = [[v + h * (j == k) for j, v in enumerate(values)] for h in (step, -step)]
        assert slope == pytest.approx((at(ends[0]) - at(ends[1])) / (2 * step), abs=2e-5 * scale)


@pytest.mark.parametrize("width", [9, 13, 19])
def test_wider_states_keep_the_law(width: int) -> None:
    """Eight sets side by side, one set a core, and all cores on one set."""
    builder = CircuitBuilder(width)
    for layer in range(2):
        for qubit in range(width):
            builder.gate("RY", [qubit], [f"y{layer}_{qubit}"])
            builder.gate("RZ", [qubit], [f"z{layer}_{qubit}"])
        for qubit in range(width - 1):
            builder.gate("CX", [qubit, qubit + 1])
    terms = [(f"Z{q} Z{q + 1}", -1.0) for q in range(width - 1)] + [(f"X{q}", -0.7) for q in range(width)]
    circuit, observable = builder.build(), Observable.from_terms(width, terms)
    energy = eigen.compile(circuit, observable)
    sets = np.random.default_rng(width).uniform(-3, 3, (9, len(energy.parameters)))
    batch = energy.energies(sets)
    energies, slopes = energy.gradients(sets)
    assert batch.tolist() == [energy(values) for values in sets]
    assert energies == pytest.approx(batch, abs=1e-12)
    alone = eigen.compile(circuit, observable, threads=1).gradients(sets[:2])
    assert (alone[0].tolist(), alone[1].tolist()) == (energies[:2].tolist(), slopes[:2].tolist())
    direction = np.random.default_rng(1).uniform(-1, 1, len(energy.parameters))
    step = 1e-4
    for k in (0, 8):
        ends = energy.energies(np.stack([sets[k] + step * direction, sets[k] - step * direction]))
        assert slopes[k] @ direction == pytest.approx((ends[0] - ends[1]) / (2 * step), abs=1e-5)
        assert energy.energy_grad(sets[k])[1] == pytest.approx(slopes[k], abs=1e-11)
