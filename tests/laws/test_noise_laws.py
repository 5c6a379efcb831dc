"""Noisy runs of random circuits are sums over Kraus operators: by matrices, by Aer, and in the mean of trajectories."""

from __future__ import annotations

import json
import math
from dataclasses import dataclass
from typing import TYPE_CHECKING

import aer_peer
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from law_circuits import POINTS, law_circuits, named, size, sums
from law_statistics import agree, outcomes
from qiskit.quantum_info import Kraus

import oracle
from eigen._core import Circuit, Observable, Plan
from strategies import examples

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

ABSOLUTE = 1e-9
MISS = 7.5
"""Standard errors that a mean may miss by: 6.4e-14 where it is normal."""


@dataclass(frozen=True, slots=True)
class Channel:
    """Kraus operators that follow gates on `width` qubits (None: on any): one-qubit ones on each of their qubits."""

    width: int | None
    operators: tuple[np.ndarray, ...]

    @property
    def arity(self) -> int:
        return (len(self.operators[0]) - 1).bit_length()

    def sites(self, qubits: Sequence[int]) -> list[list[int]]:
        if self.width is not None and self.width != len(qubits):
            return []
        return [[qubit] for qubit in qubits] if self.arity == 1 else [list(qubits)]


def isometry(seed: int, arity: int) -> tuple[np.ndarray, ...]:
    """Three operators out of one random isometry."""
    rows = 1 << arity
    numbers = np.random.default_rng(seed).normal(size=(3 * rows, rows, 2)) @ np.array([1, 1j])
    return tuple(np.linalg.qr(numbers)[0].reshape(3, rows, rows))


@st.composite
def one_qubit(draw: st.DrawFn) -> tuple[np.ndarray, ...]:
    """Projections, resets, damping either way, mixtures of unitaries, a coherent error, anything."""
    share = draw(st.sampled_from([0.0, 1e-3, 0.1, 0.5, 0.9, 1.0]))
    lose, keep = math.sqrt(share), math.sqrt(1 - share)
    zero, one = np.diag([1, 0]), np.diag([0, 1])
    down, up = np.array([[0, 1], [0, 0]]), np.array([[0, 0], [1, 0]])
    turn = oracle.u(0.3, 0.7, 0.2)
    kinds = [
        (zero, one),
        (zero, down),
        (np.diag([1, keep]), lose * down),
        (np.diag([keep, 1]), lose * up),
        (lose * oracle.exponential(oracle.X, 0.8), keep * oracle.H),
        (turn @ np.diag([1, keep]) @ turn.conj().T, turn @ (lose * down) @ turn.conj().T),
        (oracle.exponential(oracle.X, share),),
        isometry(draw(st.integers(0, 999)), 1),
    ]
    return draw(st.sampled_from(kinds))


@st.composite
def two_qubit(draw: st.DrawFn) -> tuple[np.ndarray, ...]:
    """Parity, projections of different ranks, products, a decay within a pair, anything."""
    half = math.sqrt(0.5)
    moved = np.zeros((4, 4))
    moved[2, 1] = half
    kinds = [
        (np.diag([1, 0, 0, 1]), np.diag([0, 1, 1, 0])),
        (np.diag([1, 0, 0, 0]), np.diag([0, 1, 1, 1])),
        (np.diag([1, half, 1, 1]), moved),
        tuple(np.kron(a, b) for a in draw(one_qubit()) for b in draw(one_qubit())),
        isometry(draw(st.integers(0, 999)), 2),
    ]
    return draw(st.sampled_from(kinds))


@st.composite
def noises(draw: st.DrawFn) -> list[Channel]:
    ones = st.builds(Channel, st.sampled_from([None, 1, 2]), one_qubit())
    twos = st.builds(Channel, st.just(2), two_qubit())
    return draw(st.lists(st.one_of(ones, twos), min_size=1, max_size=2))


def model(channels: Sequence[Channel]) -> str:
    rules = []
    for channel in channels:
        operators = [
            [[[complex(entry).real, complex(entry).imag] for entry in row] for row in matrix]
            for matrix in channel.operators
        ]
        rules.append({"channel": {"kind": "kraus", "operators": operators}})
        if channel.width is not None:
            rules[-1]["width"] = channel.width
    return json.dumps({"kind": "noise", "version": "1", "rules": rules})


def both_sides(matrix: np.ndarray, rho: np.ndarray, qubits: Sequence[int]) -> np.ndarray:
    """`K rho K†`, column by column and row by row."""
    left = np.stack([oracle.apply(column, matrix, qubits) for column in rho.T], axis=1)
    return np.stack([oracle.apply(row, matrix.conj(), qubits) for row in left])


def kraus_sum(circuit: Circuit, values: Mapping[str, float], channels: Sequence[Channel]) -> np.ndarray:
    """The density matrix: gates, and what follows them."""
    rho = np.zeros((1 << circuit.num_qubits,) * 2, dtype=complex)
    rho[0, 0] = 1
    for gate in aer_peer.flat(circuit.instructions()):
        rho = both_sides(oracle.gate_matrix(gate, values), rho, gate.qubits)
        for channel in channels:
            for qubits in channel.sites(gate.qubits):
                rho = sum(both_sides(np.asarray(k, complex), rho, qubits) for k in channel.operators)
    return rho


def mean_of(observable: Observable, rho: np.ndarray) -> float:
    return float(np.trace(oracle.observable_matrix(observable) @ rho).real)


@examples(30, soak=2_000)
@given(law_circuits(widths=(1, 4), most_gates=8), POINTS, noises(), st.data())
def test_density_matrices_are_sums_over_kraus_operators(
    circuit: Circuit, point: list[float], channels: list[Channel], data: st.DataObject
) -> None:
    noise, width = {"noise": model(channels)}, circuit.num_qubits
    rho = kraus_sum(circuit, named(point), channels)
    plan = Plan(circuit, engine="density", options=noise, threads=1)
    found = plan.density_matrix(point, range(width))
    np.testing.assert_allclose(found, rho, rtol=0, atol=ABSOLUTE)
    assert abs(np.trace(found) - 1) < ABSOLUTE
    cores = Plan(circuit, engine="density", options=noise, threads=2)
    assert cores.density_matrix(point, range(width)).tobytes() == found.tobytes()
    observable = data.draw(sums(width))
    mean = pytest.approx(mean_of(observable, rho), abs=ABSOLUTE * size(observable))
    assert plan.expectation(point, [observable]) == [mean]
    assert Plan(circuit, engine="pauli", options=noise).expectation(point, [observable]) == [mean]


@examples(15, soak=1_000)
@given(law_circuits(widths=(1, 4), most_gates=8), POINTS, noises())
def test_density_matrices_are_those_of_aer(circuit: Circuit, point: list[float], channels: list[Channel]) -> None:
    plan = Plan(circuit, engine="density", options={"noise": model(channels)})
    theirs = aer_peer.density(
        circuit, named(point), [(channel.width, Kraus(list(channel.operators))) for channel in channels]
    )
    found = plan.density_matrix(point, range(circuit.num_qubits))
    np.testing.assert_allclose(found, theirs, rtol=0, atol=ABSOLUTE)


@pytest.mark.parametrize("method", ["trajectories", "density"])
@examples(15, soak=1_000)
@given(law_circuits(widths=(1, 4), most_gates=8), POINTS, noises(), st.integers(0, 2**63), st.data())
def test_shots_scatter_about_the_density_matrix(
    method: str, circuit: Circuit, point: list[float], channels: list[Channel], seed: int, data: st.DataObject
) -> None:
    shots, options = 2000, {"noise": model(channels), "noise_method": method}
    rho = kraus_sum(circuit, named(point), channels)
    measured = circuit.measure_all()
    counts = Plan(measured, threads=1, options=options).sample(point, shots=shots, seed=seed)
    agree(counts, outcomes(np.diag(rho).real), shots)
    assert Plan(measured, threads=2, options=options).sample(point, shots=shots, seed=seed) == counts
    observable = data.draw(sums(circuit.num_qubits))
    mean, error = Plan(circuit, options=options).sample_expectation(point, observable, shots=shots, seed=seed)
    floor = 0.02 * size(observable)  # an error estimated from few deviating shots is too small
    assert abs(mean - mean_of(observable, rho)) <= MISS * error + floor
