"""The measured circuits are what their names say, in our gates and in the matrices that peers are given."""

from __future__ import annotations

import math
from random import Random

import numpy as np
import pytest
from bench.sim.circuit import Circuit, Gate, gate_matrix
from bench.sim.families import FAMILIES
from bench.sim.families.algorithms import GROVER_ROUNDS
from bench.sim.families.ansatz import cubic_graph
from bench.sim.families.dynamics import STEP, STEPS
from bench.sim.native import native

from eigen import _core
from oracle import exponential, product

Array = np.ndarray
PAULIS = {"RXX": "XX", "RYY": "YY", "RZZ": "ZZ"}


def state(circuit: Circuit) -> Array:
    """The final state by our engine."""
    return _core.Plan(native(circuit)).state()


def matrix(gate: Gate) -> Array:
    """The matrix of any gate of the list, from `gate_matrix` where it has one."""
    size = 2 ** len(gate.qubits)
    if gate.name == "PAULI_ROT":
        return exponential(product(gate.pauli), gate.params[0] / 2)
    if gate.name == "MCP":
        return np.diag([*[1] * (size - 1), np.exp(1j * gate.params[0])])
    if gate.name == "CCX":
        return np.eye(8)[[0, 1, 2, 7, 4, 5, 6, 3]]
    return np.array(gate_matrix(gate), dtype=complex).reshape(size, size)


def independent(circuit: Circuit) -> Array:
    """The final state by tensor contraction of the matrices."""
    n = circuit.num_qubits
    psi = np.zeros((2,) * n, dtype=complex)
    psi[(0,) * n] = 1
    for gate in circuit.gates:
        k = len(gate.qubits)
        axes = [n - 1 - q for q in reversed(gate.qubits)]
        psi = np.tensordot(matrix(gate).reshape((2,) * 2 * k), psi, (range(k, 2 * k), axes))
        psi = np.moveaxis(psi, range(k), axes)
    return psi.reshape(-1)


@pytest.mark.parametrize("name", [family.name for family in FAMILIES.values() if not family.records])
@pytest.mark.parametrize("width", [4, 6, 8])
def test_our_circuit_and_the_matrices_are_one(name: str, width: int) -> None:
    circuit = FAMILIES[name].build(width)
    assert FAMILIES[name].build(width).digest == circuit.digest
    found = state(circuit)
    assert np.allclose(found, independent(circuit), atol=1e-12)
    assert np.allclose(_core.Plan(native(circuit, symbolic=True)).state(circuit.angles), found, atol=1e-12)


def test_other_angles_give_another_circuit() -> None:
    circuit = FAMILIES["qaoa"].build(6)
    angles = [0.1 * k for k in range(len(circuit.angles))]
    bound = circuit.bound(angles)
    assert bound.digest != circuit.digest
    assert np.allclose(state(bound), _core.Plan(native(circuit, symbolic=True)).state(angles), atol=1e-12)


@pytest.mark.parametrize("width", [4, 7])
def test_qft_is_the_fourier_transform(width: int) -> None:
    circuit = FAMILIES["qft"].build(width)
    product_state = state(Circuit(width, circuit.gates[: 2 * width]))
    assert np.allclose(state(circuit), np.fft.ifft(product_state, norm="ortho"), atol=1e-12)


def test_trotter_circuits_come_near_the_exact_dynamics() -> None:
    width, time = 4, STEP * STEPS
    letters = [product("I" * q + "ZZ" + "I" * (width - 2 - q)) for q in range(width - 1)]
    field = [product("I" * q + "X" + "I" * (width - 1 - q)) for q in range(width)]
    exact = exponential(sum(letters) + sum(field), time)[:, 0]
    assert abs(np.vdot(exact, state(FAMILIES["tfim"].build(width)))) ** 2 > 0.95


def test_heisenberg_and_uccsd_conserve_the_number_of_ones() -> None:
    for name in ("heisenberg", "uccsd"):
        weights = np.abs(state(FAMILIES[name].build(8))) ** 2
        ones = np.array([k.bit_count() for k in range(256)])
        assert weights[ones == 4].sum() == pytest.approx(1, abs=1e-12)
        assert (weights > 1e-9).sum() > 30


def test_phase_estimation_peaks_at_the_phase() -> None:
    width = 9
    weights = np.abs(state(FAMILIES["qpe"].build(width))) ** 2
    peak = int(weights.argmax()) & (2 ** (width - 1) - 1)
    assert peak == round((math.sqrt(2) - 1) * 2 ** (width - 1))


def test_the_adder_adds() -> None:
    width = 10
    bits = width // 2 - 1
    circuit = FAMILIES["adder"].build(width)
    b = sum(1 << (g.qubits[0] - 1) // 2 for g in circuit.gates if g.name == "X")
    weights = np.abs(state(circuit)) ** 2
    found = np.flatnonzero(weights > 1e-12)
    assert len(found) == 2**bits
    for index in found:
        a = sum((int(index) >> (2 * k + 2) & 1) << k for k in range(bits))
        total = sum((int(index) >> (2 * k + 1) & 1) << k for k in range(bits)) + ((int(index) >> width - 1) << bits)
        assert total == a + b


def test_grover_finds_the_item() -> None:
    width = 8
    weights = np.abs(state(FAMILIES["grover"].build(width))) ** 2
    angle = math.asin(2 ** (-width / 2))
    assert weights.max() == pytest.approx(math.sin((2 * GROVER_ROUNDS + 1) * angle) ** 2, abs=1e-12)


def test_cubic_graphs_are_cubic() -> None:
    edges = cubic_graph(12, Random(1))
    assert all(sum(vertex in edge for edge in edges) == 3 for vertex in range(12))
    with pytest.raises(ValueError, match="`5`"):
        cubic_graph(5, Random(1))


def test_checks_of_the_surface_code_commute_and_are_measured_alike() -> None:
    """Without noise the first round's X checks are random, and every check repeats from then on."""
    distance, shots = 3, 200
    circuit = FAMILIES["surface-code"].build(2 * distance**2 - 1)
    bits = _core.Plan(native(circuit), engine="stabilizer").sample_bits(shots=shots, seed=1)
    records = np.unpackbits(bits, axis=1, bitorder="little")[:, : distance**2 - 1 + distance**2 + 2 * (distance**2 - 1)]
    rounds = records[:, : distance * (distance**2 - 1)].reshape(shots, distance, distance**2 - 1)
    assert (rounds == rounds[:, :1]).all()
    means = rounds[:, 0].mean(axis=0)
    assert ((means == 0) | (abs(means - 0.5) < 0.25)).all()
    assert (means == 0).sum() == (distance**2 - 1) // 2
    with pytest.raises(ValueError, match="`50`"):
        FAMILIES["surface-code"].build(50)
