"""The tensor-network device beyond the contract: wide shallow circuits, slices, refusals with numbers."""

from __future__ import annotations

import random

import pytest

from eigen import _core
from eigen.drivers.native import MPS, TENSOR_NETWORK, NativeDriver
from eigen.errors import EigenError
from eigen.types import ExpectationWork, GradientWork, SampleWork


@pytest.fixture
def driver() -> NativeDriver:
    made = NativeDriver()
    made.initialize({})
    return made


def grid(rows: int, columns: int, depth: int) -> _core.Circuit:
    """Random gates on every qubit and CZ between neighbours on a grid, layer by layer."""
    draw = random.Random(4)
    builder = _core.CircuitBuilder(rows * columns)
    for layer in range(depth):
        for qubit in range(rows * columns):
            builder.gate("U", [qubit], [3 * draw.random() for _ in range(3)])
        for qubit in range(rows * columns):
            row, column = divmod(qubit, columns)
            if layer % 2 == 0 and row + 1 < rows and row % 2 == layer // 2 % 2:
                builder.gate("CZ", [qubit, qubit + columns])
            if layer % 2 == 1 and column + 1 < columns and column % 2 == layer // 2 % 2:
                builder.gate("CZ", [qubit, qubit + 1])
    return builder.build()


def test_amplitudes_with_and_without_slices_agree_with_the_state_vector() -> None:
    circuit = grid(4, 4, 10)
    expected = _core.Plan(circuit).amplitude([], 12345)
    whole = _core.Plan(circuit, engine="tn")
    sliced = _core.Plan(circuit, engine="tn", options={"memory_bytes": 16_000})
    assert whole.amplitude([], 12345) == pytest.approx(expected, abs=1e-12)
    assert sliced.amplitude([], 12345) == pytest.approx(expected, abs=1e-12)
    assert whole.facts()["slices"] == 1
    slices = sliced.facts()["slices"]
    assert isinstance(slices, int)
    assert slices > 1


def test_a_wide_circuit_answers_local_questions(driver: NativeDriver) -> None:
    circuit = grid(10, 10, 3)
    for label in ("Z44", "X55 Y56", "Y0"):
        work = ExpectationWork(circuit, (), _core.Observable.from_terms(100, [(label, 1.0)]), None, 1)
        network = driver.execute_circuit(TENSOR_NETWORK, work)
        chain = driver.execute_circuit(MPS, work)
        assert network.value == pytest.approx(chain.value, abs=1e-5)
        assert network.metadata["contraction_width"] < 20


def test_what_is_too_much_is_refused_with_its_figures() -> None:
    plan = _core.Plan(grid(6, 6, 12), engine="tn", options={"max_operations": 20.0})
    with pytest.raises(_core.CoreError, match=r"width \d+: it needs 2\^\d+ amplitudes.*limit 2\^20"):
        plan.amplitude([], 0)


def test_measurements_on_the_way_and_gradients_are_refused(driver: NativeDriver) -> None:
    builder = _core.CircuitBuilder(1, 2)
    builder.measure([0], [0])
    builder.gate("H", [0])
    builder.measure([0], [1])
    with pytest.raises(EigenError, match="measure at the end only"):
        driver.execute_circuit(TENSOR_NETWORK, SampleWork(builder.build(), (), 1, 1))
    open_angle = _core.CircuitBuilder(1)
    open_angle.gate("RX", [0], ["a"])
    observable = _core.Observable.from_terms(1, [("Z0", 1.0)])
    with pytest.raises(EigenError, match="no gradients"):
        driver.execute_circuit(TENSOR_NETWORK, GradientWork(open_angle.build(), (0.3,), observable))


def test_shots_of_a_wide_shallow_circuit(driver: NativeDriver) -> None:
    circuit = grid(5, 5, 2)
    work = SampleWork(circuit.measure_all(), (), 500, 3)
    counts = driver.execute_circuit(TENSOR_NETWORK, work).counts
    assert counts is not None
    assert driver.execute_circuit(TENSOR_NETWORK, work).counts == counts
    exact = _core.Plan(circuit, engine="tn").probabilities([], [12])[1]
    ones = sum(count for text, count in counts.to_dict().items() if text[-13] == "1")
    assert abs(ones - 500 * exact) < 6.5 * (500 * exact * (1 - exact)) ** 0.5
