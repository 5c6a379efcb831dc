"""TensorFlow Quantum as a device, in its environment: values, gradients and counts are those of the native engine, to
single precision. It is heavy, and asked by `make soak`."""

from __future__ import annotations

from math import pi
from typing import TYPE_CHECKING

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from doubles.engine_laws import CHECKS, SHOTS, as_counts, lone, measured
from doubles.hosts import shipped
from eigen._core import decompose
from eigen.drivers.native import NativeDriver
from eigen.drivers.probes import probe
from eigen.errors import EigenError
from eigen.ir import Circuit, CircuitBuilder, Observable
from eigen.types import ExpectationWork, GradientWork, ProbabilityWork, SampleWork
from laws.law_statistics import agree
from oracle import distribution
from strategies import observables, unitary_circuits

if TYPE_CHECKING:
    from collections.abc import Generator, Sequence

    from eigen.drivers.hosts.hosted import HostedDriver

pytestmark = pytest.mark.soak
DEVICE = "tfq:statevector"
SINGLE = 3e-6
"""How far single precision may be off, for an observable of norm one."""
SLOPE = 3e-5
"""Of its derivatives: differences of step 0.005 lose a few of the 24 bits."""


@pytest.fixture(scope="module")
def driver() -> Generator[HostedDriver]:
    made = shipped("tfq")
    yield made
    made.close()


@pytest.fixture(scope="module")
def native() -> NativeDriver:
    made = NativeDriver()
    made.initialize({})
    return made


def lowered(driver: HostedDriver, circuit: Circuit) -> Circuit:
    return decompose(circuit, list(driver.get_devices()[0].gates))


def value(driver: HostedDriver, circuit: Circuit, observable: Observable, values: Sequence[float] = ()) -> float:
    work = ExpectationWork(lowered(driver, circuit), tuple(values), observable, None, 0)
    found = driver.execute_circuit(DEVICE, work).value
    assert found is not None
    return found


def test_its_probes_pass(driver: HostedDriver) -> None:
    probe(driver, driver.get_devices()[0])


@pytest.mark.parametrize("scale", [1.0, -7.3, 1e-7, 1e6])
def test_every_gate_is_that_of_the_table(driver: HostedDriver, native: NativeDriver, scale: float) -> None:
    for name in driver.get_devices()[0].gates:
        circuit = lone(name, scale)
        for label in ("XY", "ZX", "YZ", "ZZ", "XI", "IY"):
            observable = Observable.from_terms(circuit.num_qubits, [(label.rjust(circuit.num_qubits, "X"), 1.0)])
            wanted = native.execute_circuit("sim:statevector", ExpectationWork(circuit, (), observable, None, 0)).value
            assert value(driver, circuit, observable) == pytest.approx(wanted, abs=SINGLE), name


@settings(max_examples=40, suppress_health_check=CHECKS)
@given(st.data())
def test_values_and_gradients_are_those_of_the_native_engine(
    driver: HostedDriver, native: NativeDriver, data: st.DataObject
) -> None:
    circuit = data.draw(unitary_circuits(3, 8, symbolic=True))
    observable = data.draw(observables(circuit.num_qubits))
    values = tuple(data.draw(st.floats(-3, 3)) for _ in circuit.parameters)
    size = 1 + sum(abs(weight) for _, weight in observable.terms)
    wanted = native.execute_circuit("sim:statevector", GradientWork(circuit, values, observable))
    found = driver.execute_circuit(DEVICE, GradientWork(lowered(driver, circuit), values, observable))
    assert found.value == pytest.approx(wanted.value, abs=SINGLE * size)
    steepest = 1 + max((abs(slope) for slope in wanted.gradient or ()), default=0.0)
    assert found.gradient == pytest.approx(wanted.gradient, abs=SLOPE * size * steepest)


@pytest.mark.parametrize("name", ["RX", "RZZ", "P", "CP", "CRY"])
def test_differences_are_put_right(driver: HostedDriver, native: NativeDriver, name: str) -> None:
    """The error that differences make of every derivative is taken out: on average of many, to less than a third of it,
    which is 1e-5 of the derivative for rotations and 4e-5 for phases."""
    builder = CircuitBuilder(2)
    for qubit in range(2):
        builder.gate("U", [qubit], [0.7 + qubit, 0.4, -0.3])
    width = 1 if name in {"RX", "P"} else 2
    builder.gate(name, list(range(width)), ["t"])
    for qubit in range(2):
        builder.gate("U", [qubit], [1.1 - qubit, -0.2, 0.8])
    circuit, observable = builder.build(), Observable.from_terms(2, [("Z0", 1.0), ("X1", 0.5)])
    wanted, found = [], []
    for angle in np.linspace(-3, 3, 61).tolist():
        work = GradientWork(circuit, (angle,), observable)
        wanted += native.execute_circuit("sim:statevector", work).gradient or ()
        theirs = GradientWork(lowered(driver, circuit), (angle,), observable)
        found += driver.execute_circuit(DEVICE, theirs).gradient or ()
    error = 4.1e-5 if name in {"P", "CP"} else 1.03e-5
    assert abs(np.dot(found, wanted) / np.dot(wanted, wanted) - 1) < error / 3


@settings(max_examples=30, suppress_health_check=CHECKS)
@given(st.data())
def test_counts_and_probabilities_are_those_of_the_oracle(driver: HostedDriver, data: st.DataObject) -> None:
    circuit = data.draw(unitary_circuits(3, 8))
    whole = measured(circuit)
    found = driver.execute_circuit(DEVICE, SampleWork(lowered(driver, whole), (), SHOTS, 3)).counts
    assert found is not None
    wanted = distribution(whole)
    agree(as_counts({int(key, 2): n for key, n in found.to_dict().items()}, whole.num_clbits), wanted, SHOTS)
    for bits, odds in wanted.items():
        work = ProbabilityWork(lowered(driver, circuit), (), bits[::-1], None, 0)
        assert driver.execute_circuit(DEVICE, work).value == pytest.approx(odds, abs=SINGLE)


def test_many_values_are_one_batch(driver: HostedDriver) -> None:
    builder = CircuitBuilder(2)
    builder.gate("RX", [0], ["x"])
    builder.gate("CRY", [0, 1], ["y"])
    circuit, observable = builder.build(), Observable.from_terms(2, [("Z0", 1.0), ("Z1 X0", -0.5), ("", 0.25)])
    points = [(0.1 * row, pi - 0.2 * row) for row in range(20)]
    works = [GradientWork(lowered(driver, circuit), point, observable) for point in points]
    handle = driver.submit_batch(DEVICE, "together", works)
    together = driver.results(handle)
    for work, found in zip(works, together, strict=True):
        alone = driver.execute_circuit(DEVICE, work)
        assert (found.value, found.gradient) == (alone.value, alone.gradient)
        assert found.metadata["batch"] == 20


def test_what_decides_on_the_way_is_refused(driver: HostedDriver) -> None:
    builder = CircuitBuilder(1, 1)
    builder.gate("H", [0])
    builder.measure([0], [0])
    builder.gate("H", [0])
    builder.measure([0], [0])
    with pytest.raises(EigenError) as caught:
        driver.execute_circuit(DEVICE, SampleWork(builder.build(), (), 10, 1))
    assert caught.value.code == "EIGEN_SIM_UNSUPPORTED"
