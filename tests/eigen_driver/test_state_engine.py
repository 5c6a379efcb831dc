"""An engine of states that needs nothing but NumPy keeps every law of engines, noise included."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
import pytest

from doubles.engine_laws import Bench, EngineLaws, started
from eigen_driver import Device, Expectation, Observable, StateEngine
from eigen_driver.arrays import ArrayState, acted
from eigen_driver.matrices import GATES, matrix_of

if TYPE_CHECKING:
    from collections.abc import Sequence

    from eigen_driver import Operation
    from eigen_driver.state_engine import Question

FEATURES = frozenset({"dynamic", "expectation", "exact", "seed"})


class Matrices(StateEngine):
    """A state vector and a density matrix."""

    name = "matrices"
    options = frozenset({"noise_model"})

    def devices(self) -> Sequence[Device]:
        facts = {"precision": "f64"}
        vector = Device("matrices:vector", "A vector", 8, GATES, FEATURES, properties={**facts, "method": "vector"})
        features = FEATURES | {"noise"}
        return vector, Device("matrices:mixed", "Mixed", 8, GATES, features, properties={**facts, "method": "mixed"})

    def fresh(self, device: Device, ask: Question) -> Any:
        bound, mixed = ask.circuit.bound(ask.values), device.properties["method"] == "mixed"

        class State(ArrayState):
            def apply(self, gate: Operation) -> None:
                matrix = matrix_of(gate, bound)
                rows = [self.axis(qubit) for qubit in reversed(gate.qubits)]
                self.array = acted(self.array, matrix, rows)
                if mixed:
                    self.array = acted(self.array, matrix.conj(), [self.num_qubits + axis for axis in rows])

        array = np.zeros((2,) * ask.circuit.num_qubits * (2 if mixed else 1), complex)
        array[(0,) * array.ndim] = 1.0
        return State(array, mixed=mixed)


@pytest.fixture(params=["matrices:vector", "matrices:mixed"])
def bench(request: pytest.FixtureRequest) -> Bench:
    return Bench.of(started(Matrices()), request.param)


class TestLaws(EngineLaws):
    """Of both."""


def test_results_tell_how_they_were_made(bench: Bench) -> None:
    from eigen.ir import CircuitBuilder

    circuit = bench.read(CircuitBuilder(1).build())
    ask = Expectation(circuit, (), Observable("o", 1, (((("Z", 0),), 2.0), ((), -0.5))))
    found = bench.engine.expectation(bench.device, ask)
    assert found.value == pytest.approx(1.5)
    assert found.metadata == {"precision": "f64", "method": bench.device.properties["method"]}
