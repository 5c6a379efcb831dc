"""The native device beyond the contract: threads, kept plans, memory, and what goes on the record."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from eigen import _core
from eigen.drivers import native
from eigen.drivers.native import STATEVECTOR, NativeDriver
from eigen.errors import EigenError
from eigen.types import ExpectationWork, GradientWork, ProbabilityWork, SampleWork


@pytest.fixture
def driver() -> NativeDriver:
    made = NativeDriver()
    made.initialize({})
    return made


def entangled(width: int) -> _core.Circuit:
    builder = _core.CircuitBuilder(width, width)
    for qubit in range(width):
        builder.gate("RY", [qubit], [0.3 + 0.2 * qubit])
        builder.gate("CX", [qubit, (qubit + 1) % width])
    return builder.build()


def test_results_do_not_depend_on_threads(driver: NativeDriver) -> None:
    circuit = entangled(16)
    observable = _core.Observable.from_terms(16, [("Z0 X7", 0.5), ("Y15", -1.0), ("Z3", 0.25)])
    sample = SampleWork(circuit.measure_all(), (), 1000, 5)
    value = ExpectationWork(circuit, (), observable, None, 5)
    results = []
    for threads in (1, 2, 3, 8):
        options = {"threads": threads}
        counts = driver.execute_circuit(STATEVECTOR, replace(sample, options=options)).counts
        results.append((counts, driver.execute_circuit(STATEVECTOR, replace(value, options=options)).value))
    assert all(result == results[0] for result in results)


@pytest.mark.parametrize("threads", [-1, 1025, 1.5, "2", True])
def test_impossible_threads_are_refused(driver: NativeDriver, threads: object) -> None:
    with pytest.raises(EigenError) as caught:
        driver.execute_circuit(STATEVECTOR, SampleWork(entangled(2), (), 1, 1, {"threads": threads}))
    assert caught.value.code == "EIGEN_DEVICE_OPTION"
    with pytest.raises(EigenError, match="threads"):
        NativeDriver().initialize({"threads": threads})


def test_what_does_not_fit_is_refused_before_it_is_allocated(driver: NativeDriver) -> None:
    builder = _core.CircuitBuilder(44, 1)
    builder.gate("H", [0])
    for qubit in range(43):
        builder.gate("CX", [qubit, qubit + 1])
    builder.measure([0], [0])
    with pytest.raises(EigenError) as caught:
        driver.execute_circuit(STATEVECTOR, SampleWork(builder.build(), (), 1, 1))
    assert caught.value.code == "EIGEN_SIM_MEMORY"
    assert driver.get_devices()[0].num_qubits < 44


def test_plans_are_kept_within_bounds(driver: NativeDriver, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(native, "PLAN_CACHE_BYTES", 10_000)
    made: list[str] = []
    real = _core.Plan

    class CountingPlan:
        def __init__(self, circuit: _core.Circuit, **chosen: Any) -> None:
            made.append(circuit.digest)
            plan = real(circuit, **chosen)
            self.sample, self.facts = plan.sample, plan.facts

    monkeypatch.setattr(native._core, "Plan", CountingPlan)
    circuits = [entangled(width).measure_all() for width in (2, 3, 2, 3, 4, 5, 6, 2)]
    for circuit in circuits:
        driver.execute_circuit(STATEVECTOR, SampleWork(circuit, (), 1, 1))
    digests = [circuit.digest for circuit in circuits]
    # The repeated two were kept; by the end the first one had made room for the others.
    assert made == [digests[0], digests[1], digests[4], digests[5], digests[6], digests[7]]


def test_one_large_plan_is_still_kept(driver: NativeDriver, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(native, "PLAN_CACHE_BYTES", 1)
    work = SampleWork(entangled(3).measure_all(), (), 1, 1)
    driver.execute_circuit(STATEVECTOR, work)
    (kept,) = driver._plans.values()
    driver.execute_circuit(STATEVECTOR, work)
    assert next(iter(driver._plans.values())) is kept


def test_the_record(driver: NativeDriver) -> None:
    result = driver.execute_circuit(STATEVECTOR, SampleWork(entangled(2).measure_all(), (), 3, 9))
    assert result.metadata == {
        "engine": "statevector",
        "version": _core.__version__,
        "precision": "f64",
        "seed": 9,
        "instruction_set": _core.instruction_set(),
        "passes": 1,
        "threads": 1,
    }
    assert result.execution_time_sec > 0
    observable = _core.Observable.from_terms(2, [("Z0", 1.0)])
    exact = driver.execute_circuit(STATEVECTOR, ExpectationWork(entangled(2), (), observable, None, 9))
    assert "seed" not in exact.metadata


def test_single_precision_is_an_option_that_the_record_names(driver: NativeDriver) -> None:
    observable = _core.Observable.from_terms(12, [("X0 X11", 1.0), ("Z3", 0.5)])
    values = [
        driver.execute_circuit(
            STATEVECTOR, ExpectationWork(entangled(12), (), observable, None, 9, options={"precision": precision})
        )
        for precision in ("f64", "f32")
    ]
    assert [result.metadata["precision"] for result in values] == ["f64", "f32"]
    assert values[0].value == pytest.approx(values[1].value, abs=1e-5)
    for options, complaint in (
        ({"precision": "f16"}, "there is no precision `f16`"),
        ({"precision": "f32", "noise_model": "depolarizing(0.1)"}, "runs with noise are in double precision"),
    ):
        with pytest.raises(EigenError, match=complaint):
            driver.execute_circuit(STATEVECTOR, SampleWork(entangled(2).measure_all(), (), 3, 9, options=options))


def test_a_probability_from_shots_has_an_error_bar(driver: NativeDriver) -> None:
    builder = _core.CircuitBuilder(2, 3)
    builder.gate("RY", [1], [1.0])
    circuit = builder.build()
    exact = driver.execute_circuit(STATEVECTOR, ProbabilityWork(circuit, (), "10", None, 1)).value
    result = driver.execute_circuit(STATEVECTOR, ProbabilityWork(circuit, (), "10", 10_000, 1))
    assert exact == pytest.approx(0.22984884706593015, abs=1e-12)
    assert abs(result.value - exact) < 6.5 * result.standard_error


@pytest.mark.parametrize("bits", ["1", "111", "1x", ""])
@pytest.mark.parametrize("shots", [None, 10])
def test_an_outcome_names_every_qubit(driver: NativeDriver, bits: str, shots: int | None) -> None:
    with pytest.raises(EigenError) as caught:
        driver.execute_circuit(STATEVECTOR, ProbabilityWork(entangled(2), (), bits, shots, 1))
    assert caught.value.code == "EIGEN_SIM_UNSUPPORTED"


@pytest.mark.parametrize("seed", [-1, 2**64])
def test_a_seed_is_64_bits(driver: NativeDriver, seed: int) -> None:
    with pytest.raises(EigenError) as caught:
        driver.execute_circuit(STATEVECTOR, SampleWork(entangled(2).measure_all(), (), 1, seed))
    assert (caught.value.code, f"`{seed}`" in caught.value.message) == ("EIGEN_DEVICE_OPTION", True)


@pytest.mark.parametrize("value", [float("nan"), float("inf")])
def test_values_are_finite(driver: NativeDriver, value: float) -> None:
    builder = _core.CircuitBuilder(1)
    builder.gate("RX", [0], ["a"])
    observable = _core.Observable.from_terms(1, [("Z0", 1.0)])
    for work in (
        ExpectationWork(builder.build(), (value,), observable, None, 1),
        GradientWork(builder.build(), (value,), observable),
    ):
        with pytest.raises(EigenError) as caught:
            driver.execute_circuit(STATEVECTOR, work)
        assert caught.value.code in {"EIGEN_CIRCUIT_PARAMETERS", "EIGEN_SIM_UNSUPPORTED"}


def test_an_observable_wider_than_the_circuit_is_refused(driver: NativeDriver) -> None:
    observable = _core.Observable.from_terms(3, [("Z2", 1.0)])
    with pytest.raises(EigenError) as caught:
        driver.execute_circuit(STATEVECTOR, ExpectationWork(entangled(2), (), observable, None, 1))
    assert caught.value.code == "EIGEN_SIM_UNSUPPORTED"
