"""The stabilizer device beyond the contract: what it refuses, how wide it goes, what goes on the record."""

from __future__ import annotations

from math import pi

import pytest

from eigen import _core
from eigen.drivers.engines import ENGINES
from eigen.drivers.native import STABILIZER, NativeDriver
from eigen.errors import EigenError
from eigen.types import ExpectationWork, GradientWork, ProbabilityWork, SampleWork


@pytest.fixture
def driver() -> NativeDriver:
    made = NativeDriver()
    made.initialize({})
    return made


def ghz(width: int) -> _core.Circuit:
    builder = _core.CircuitBuilder(width)
    builder.gate("H", [0])
    for qubit in range(width - 1):
        builder.gate("CX", [qubit, qubit + 1])
    return builder.build()


def test_a_gate_that_is_not_clifford_is_refused_by_name_and_place(driver: NativeDriver) -> None:
    builder = _core.CircuitBuilder(3, 1)
    builder.gate("H", [0])
    builder.gate("RZ", [1], [0.3])
    builder.measure([0], [0])
    with pytest.raises(EigenError) as caught:
        driver.execute_circuit(STABILIZER, SampleWork(builder.build(), (), 1, 1))
    assert caught.value.code == "EIGEN_SIM_UNSUPPORTED"
    assert "operation 1: `RZ(0.3)`" in caught.value.message


def test_parameters_may_be_quarter_turns(driver: NativeDriver) -> None:
    builder = _core.CircuitBuilder(1)
    builder.gate("RX", [0], ["a"])
    circuit = builder.build()
    observable = _core.Observable.from_terms(1, [("Z0", 1.0), ("Y0", 0.5)])
    found = [
        driver.execute_circuit(STABILIZER, ExpectationWork(circuit, (k * pi / 2,), observable, None, 1)).value
        for k in range(4)
    ]
    assert found == [1.0, -0.5, -1.0, 0.5]
    with pytest.raises(EigenError, match=r"`RX\(0.1\)`"):
        driver.execute_circuit(STABILIZER, ExpectationWork(circuit, (0.1,), observable, None, 1))
    with pytest.raises(EigenError) as caught:
        driver.execute_circuit(STABILIZER, GradientWork(circuit, (0.0,), observable))
    assert caught.value.code == "EIGEN_SIM_UNSUPPORTED"


def test_a_thousand_qubits(driver: NativeDriver) -> None:
    width = 1000
    circuit = ghz(width)
    every_x = _core.Observable.from_terms(width, [(" ".join(f"X{q}" for q in range(width)), 2.0), ("Z0", 1.0)])
    assert driver.execute_circuit(STABILIZER, ExpectationWork(circuit, (), every_x, None, 1)).value == 2.0
    for bits, expected in (("0" * width, 0.5), ("1" * width, 0.5), ("1" + "0" * (width - 1), 0.0)):
        work = ProbabilityWork(circuit, (), bits, None, 1)
        assert driver.execute_circuit(STABILIZER, work).value == expected
    result = driver.execute_circuit(STABILIZER, SampleWork(circuit.measure_all(), (), 1_000_000, 3))
    assert result.counts is not None
    assert set(result.counts.to_dict()) == {"0" * width, "1" * width}
    assert result.metadata == {
        "engine": "stabilizer",
        "version": _core.__version__,
        "precision": "exact",
        "seed": 3,
    }


def test_the_width_is_what_memory_holds() -> None:
    engine = next(engine for engine in ENGINES if engine.device_id == STABILIZER)
    for memory in (1_000, 1 << 20, 1 << 30):
        width = engine.device(memory).num_qubits
        assert engine.state_bytes(width) <= memory < engine.state_bytes(width + 1)
    assert engine.device(1 << 60).num_qubits == 100_000


def test_no_amplitudes_are_pretended() -> None:
    plan = _core.Plan(ghz(3), engine="stabilizer")
    with pytest.raises(_core.CoreError, match="no amplitudes"):
        plan.state()
    with pytest.raises(_core.CoreError, match="there is no engine `tensor`"):
        _core.Plan(ghz(3), engine="tensor")  # type: ignore[arg-type]
