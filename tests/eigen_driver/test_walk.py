"""The walk of circuits that measure on their way: the distribution is that of the oracle, whatever is divided when."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

import oracle
from doubles.engine_laws import as_counts
from eigen.ir import CircuitBuilder
from eigen_driver import Circuit, walk
from eigen_driver.arrays import ArrayState, acted, drawn
from laws.law_statistics import agree
from strategies import circuits, examples

if TYPE_CHECKING:
    from typing import Self

    from eigen.ir import Circuit as Ours
    from eigen_driver import Operation

SHOTS = 4000


class Tensor(ArrayState):
    """Gates by their matrices. `copies` counts the states that live beside the first one."""

    copies = 0
    most = 0

    def apply(self, gate: Operation) -> None:
        from eigen._core import gate_matrix

        angles = gate.angles({}, "theta", "phi", "lambda") if gate.name == "U" else ()
        matrix = np.array(gate_matrix(gate.name, list(angles)))
        rows = [self.axis(qubit) for qubit in reversed(gate.qubits)]
        self.array = acted(self.array, matrix, rows)
        if self.mixed:
            self.array = acted(self.array, matrix.conj(), [self.num_qubits + axis for axis in rows])

    def copy(self) -> Self:
        Tensor.copies += 1
        Tensor.most = max(Tensor.most, Tensor.copies)
        return super().copy()  # type: ignore[return-value]

    def __del__(self) -> None:
        Tensor.copies -= 1


def start(num_qubits: int, *, mixed: bool, little: bool) -> Tensor:
    array = np.zeros((2,) * num_qubits * (2 if mixed else 1), dtype=complex)
    array[(0,) * array.ndim] = 1.0
    Tensor.copies += 1  # of which `__del__` takes one away
    return Tensor(array, mixed=mixed, little=little)


def read(circuit: Ours) -> Circuit:
    from eigen._core import decompose

    simple = decompose(circuit, ["U", "CX"])
    return Circuit.from_aqo(simple.digest, simple.to_aqo())


@pytest.mark.parametrize("mixed", [False, True])
@pytest.mark.parametrize("kept_bytes", [1, 1 << 30])
@examples(60)
@given(circuit=circuits(3, 8, symbolic=False), little=st.booleans())
def test_counts_are_those_of_the_oracle(circuit: Ours, little: bool, mixed: bool, kept_bytes: int) -> None:
    state = start(circuit.num_qubits, mixed=mixed, little=little)
    shots = SHOTS if kept_bytes > 1 else SHOTS // 8
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(walk, "KEPT_BYTES", kept_bytes)
        try:
            wanted = oracle.distribution(circuit)
            found = walk.sample(read(circuit), state, shots, np.random.default_rng(5))
        except (oracle.LoopBoundError, walk.RefusedError):
            return
    agree(as_counts(found, circuit.num_clbits), wanted, shots)


def repeated(rounds: int) -> Circuit:
    """Fair coins, one after the other, on one qubit: every shot takes a way of its own."""
    document = {"qubits": 1, "clbits": rounds, "operations": []}
    for bit in range(rounds):
        document["operations"] += [{"op": "H", "q": [0]}, {"op": "MEASURE", "q": [0], "c": [bit]}]  # type: ignore[operator]
    return Circuit.from_aqo("0", json.dumps(document).encode())


@pytest.mark.parametrize("kept", [0, 3, 24])
def test_few_states_are_kept(kept: int, monkeypatch: pytest.MonkeyPatch) -> None:
    state = start(1, mixed=False, little=False)
    monkeypatch.setattr(walk, "KEPT_BYTES", kept * state.nbytes)
    Tensor.copies = Tensor.most = 1
    found = walk.sample(repeated(40), state, 1000, np.random.default_rng(1))
    assert sum(found.values()) == 1000
    assert len(found) > 990  # two of a thousand shots agree with probability 1e6 / 2^41
    assert Tensor.most <= min(kept, 10) + 3


def test_shots_that_agree_share_their_state() -> None:
    """A million shots of one measurement that decides."""
    source = [
        {"op": "H", "q": [0]},
        {"op": "MEASURE", "q": [0], "c": [0]},
        {"op": "X", "q": [1], "if": {"bit": 0}},
        {"op": "MEASURE", "q": [1], "c": [1]},
    ]
    circuit = Circuit.from_aqo("0", json.dumps({"qubits": 2, "clbits": 2, "operations": source}).encode())
    state = start(2, mixed=False, little=False)
    Tensor.copies = Tensor.most = 1
    found = walk.sample(circuit, state, 1_000_000, np.random.default_rng(1))
    assert set(found) == {0, 3}
    assert abs(found[0] - 500_000) < 3500  # 7 sigma
    assert Tensor.most == 2


def test_a_measurement_that_is_decided_by_the_bit_it_writes() -> None:
    """The condition is asked once, though the first qubit changes its answer."""
    source = [
        {"op": "X", "q": [0]},
        {"op": "X", "q": [1]},
        {"op": "MEASURE", "q": [0, 1], "c": [0, 1], "if": {"not": {"bit": 0}}},
    ]
    circuit = Circuit.from_aqo("0", json.dumps({"qubits": 2, "clbits": 2, "operations": source}).encode())
    assert walk.sample(circuit, start(2, mixed=False, little=False), 9, np.random.default_rng(1)) == {3: 9}


def test_what_measures_nothing_gives_zeros() -> None:
    circuit = CircuitBuilder(1, 3)
    circuit.gate("H", [0])
    assert walk.sample(read(circuit.build()), start(1, mixed=False, little=False), 7, None) == {0: 7}


def test_what_has_no_probability_is_not_drawn() -> None:
    class Edges:
        def random(self, shots: int) -> np.ndarray:
            return np.array([0.0, 0.5, 1 - 2**-53][:shots])

    assert drawn(np.array([0.0, 1.0, 0.0, 1.0, 0.0]), 3, Edges()) == {1: 1, 3: 2}
