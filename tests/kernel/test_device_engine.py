"""What a device cannot do is made from what it can: samples in groups, shifts, observables moved with their qubits."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import pytest

from doubles.restricted import CHIP, RestrictedDriver
from eigen.compiler.lower import lower
from eigen.drivers.native import STATEVECTOR, NativeDriver
from eigen.errors import EigenError
from eigen.ir import Affine, Circuit, CircuitBuilder, Observable, sampling
from eigen.ir.program import Program, Region
from eigen.kernel.effects import shift
from eigen.kernel.effects.device_engine import DeviceEngine
from eigen.kernel.effects.submission import Submission
from eigen.types import ExpectationWork, GradientWork, JobState

if TYPE_CHECKING:
    from conftest import Bench
    from eigen.drivers.driver import QDriver
    from eigen.types import Device, Work, WorkResult

OBSERVABLE = Observable.from_terms(
    3, [("Z0 Z1", 0.7), ("X0 X2", -0.4), ("Y1", 0.9), ("Z2", 0.3), ("X1 Y2", 0.2), ("", 1.5)]
)
VALUES = (0.3, -1.1)
SHOTS = 20_000


def ansatz() -> Circuit:
    """Three qubits; both parameters occur several times, with factors and offsets, and far qubits interact."""
    builder = CircuitBuilder(3, parameters=["a", "b"])
    builder.gate("RY", [0], ["a"])
    builder.gate("RX", [1], [Affine(0.4, {"a": -2.0, "b": 0.5})])
    builder.gate("CX", [0, 2])
    builder.gate("RZZ", [1, 2], ["b"])
    builder.gate("U", [2], ["a", 0.2, Affine(0.0, {"b": 3.0})])
    builder.gate("CP", [2, 0], ["b"])
    builder.gate("RX", [0], [0.25], inverse=True)
    return builder.build()


class Freely:
    """A lease that nothing ends."""

    def check(self) -> None:
        """Go on."""


def engine(driver: QDriver, device: Device, circuit: Circuit, observable: Observable = OBSERVABLE) -> DeviceEngine:
    program = Program((circuit,), (observable,), Region((), (), ()))
    low = [lower(circuit, device, level=1)]
    submission = Submission(driver, device, Freely(), name="job")  # type: ignore[arg-type]
    return DeviceEngine(program, device, low, submission, lower=lower, level=1, options={})


def native() -> NativeDriver:
    driver = NativeDriver()
    driver.initialize({})
    return driver


class Without(NativeDriver):
    """The native engine as a device with other features, gates or couplings."""

    def __init__(self, **changes: object) -> None:
        super().__init__()
        self.initialize({})
        self.device = replace(self.devices[0], **changes)  # type: ignore[arg-type]

    def get_devices(self) -> tuple[Device, ...]:
        return (self.device,)


def exact(circuit: Circuit, observable: Observable = OBSERVABLE) -> float:
    value = native().execute_circuit(STATEVECTOR, ExpectationWork(circuit, VALUES, observable, None, 0)).value
    assert value is not None
    return value


def test_sampled_expectation_on_a_chip_that_only_counts() -> None:
    """Gates, couplings and swaps of the chip included; within 6 standard errors (a chance of 2e-9 to fail)."""
    value, error = engine(RestrictedDriver(), CHIP, ansatz()).expectation(0, 0, VALUES, SHOTS, 5, key="0")
    assert error is not None
    assert 0.001 < error < 0.02
    assert abs(value - exact(ansatz())) < 6 * error


def test_groups_share_circuits_and_shots() -> None:
    found = sampling.measurement(ansatz(), OBSERVABLE)
    assert found.constant == 1.5
    assert sum(len(group.terms) for group in found.groups) == 5
    assert len(found.groups) < 5
    parts = sampling.shares([group.weight for group in found.groups], 1000)
    assert sum(parts) == 1000
    assert sampling.shares([1.0, 1.0, 1e-9], 10) == (5, 4, 1)  # a group is never left out


def test_estimates_are_means_of_parities() -> None:
    counts = {"00": 30, "01": 10, "11": 60}
    assert sampling.estimate([((0, 1), 2.0)], counts) == (pytest.approx(1.6), pytest.approx((4 - 1.6**2) / 100))
    assert sampling.estimate([((0,), 1.0)], counts)[0] == pytest.approx(-0.4)
    assert sampling.estimate([((1,), 1.0)], counts)[0] == pytest.approx(-0.2)


def test_a_constant_observable_needs_no_shots() -> None:
    constant = Observable.from_terms(3, [("", 2.5)])
    assert engine(RestrictedDriver(), CHIP, ansatz(), constant).expectation(0, 0, VALUES, 100, 5, key="0") == (2.5, 0.0)


def test_an_exact_value_from_a_chip_that_counts_is_refused() -> None:
    face = engine(RestrictedDriver(), CHIP, ansatz())
    for attempt in (
        lambda: face.expectation(0, 0, VALUES, None, 5, key="0"),
        lambda: face.probability(0, "010", VALUES, None, 5, key="0"),
    ):
        with pytest.raises(EigenError) as error:
            attempt()
        assert error.value.code == "EIGEN_DEVICE_OPTION"
    assert not face.has_gradient(0, 0)


def test_observables_and_outcomes_move_with_their_qubits() -> None:
    """A line of five qubits makes the compiler swap; the values must not notice."""
    driver = Without(gates=("RZ", "SX", "X", "CX"), coupling=CHIP.coupling, num_qubits=5)
    circuit = ansatz()
    low = lower(circuit, driver.device, level=1)
    assert tuple(low.qubit_map) != tuple(range(3)), "the test needs a circuit that is swapped about"
    face = engine(driver, driver.device, circuit)
    assert face.expectation(0, 0, VALUES, None, 0, key="0")[0] == pytest.approx(exact(circuit), abs=1e-9)
    plain = engine(native(), native().get_devices()[0], circuit)
    for outcome in range(8):
        bits = f"{outcome:03b}"
        here, error = face.probability(0, bits, VALUES, None, 0, key="0")
        assert error is None
        assert here == pytest.approx(plain.probability(0, bits, VALUES, None, 0, key="0")[0], abs=1e-9)


def test_sampled_probability_on_a_chip() -> None:
    plain = engine(native(), native().get_devices()[0], ansatz())
    chip = engine(RestrictedDriver(), CHIP, ansatz())
    for outcome in range(8):
        bits = f"{outcome:03b}"
        wanted, _ = plain.probability(0, bits, VALUES, None, 0, key="0")
        share, error = chip.probability(0, bits, VALUES, SHOTS, outcome, key="0")
        assert error is not None
        assert abs(share - wanted) < 6 * max(error, 1e-3)


def test_shifts_give_the_exact_gradient() -> None:
    driver = Without(features=native().get_devices()[0].features - {"gradient"})
    face = engine(driver, driver.device, ansatz())
    assert face.has_gradient(0, 0)
    value, slopes = face.gradient(0, 0, VALUES, key="0")
    adjoint = native().execute_circuit(STATEVECTOR, GradientWork(ansatz(), VALUES, OBSERVABLE))
    assert adjoint.gradient is not None
    assert value == pytest.approx(adjoint.value, abs=1e-12)
    assert slopes == pytest.approx(adjoint.gradient, abs=1e-12)
    assert face.metadata()["approximations"] == ["gradients of circuit 0 by parameter-shift (exact rule)"]


def test_where_the_rule_does_not_hold_there_is_no_exact_gradient() -> None:
    builder = CircuitBuilder(2, parameters=["a"])
    builder.gate("H", [0])
    builder.gate("CRX", [0, 1], ["a"])
    circuit = builder.build()
    assert shift.shift_plan(circuit) is None
    driver = Without(features=native().get_devices()[0].features - {"gradient"})
    observable = Observable.from_terms(2, [("Z1", 1.0), ("Y1", 0.5)])
    assert not engine(driver, driver.device, circuit, observable).has_gradient(0, 0)


class Refusing(NativeDriver):
    """Declares gradients and cannot give them for this circuit."""

    def execute_circuit(self, device_id: str, work: Work) -> WorkResult:
        if isinstance(work, GradientWork):
            raise EigenError("EIGEN_SIM_UNSUPPORTED", "not this one")
        return super().execute_circuit(device_id, work)


def test_a_refused_gradient_is_replaced_and_declared() -> None:
    builder = CircuitBuilder(2, parameters=["a"])
    builder.gate("H", [0])
    builder.gate("CRX", [0, 1], ["a"])
    observable = Observable.from_terms(2, [("Z1", 1.0), ("Y1", 0.5)])
    driver = Refusing()
    driver.initialize({})
    face = engine(driver, driver.get_devices()[0], builder.build(), observable)
    _, (slope,) = face.gradient(0, 0, (0.8,), key="0")
    adjoint = native().execute_circuit(STATEVECTOR, GradientWork(builder.build(), (0.8,), observable)).gradient
    assert adjoint is not None
    assert slope == pytest.approx(adjoint[0], abs=1e-8)
    assert "finite-differences" in face.metadata()["approximations"][0]


def test_a_job_runs_on_the_chip(bench: Bench) -> None:
    results = bench.run(bench.submit("vqe-shots", "double:chip"))
    assert results.state is JobState.DONE
    assert results.metadata["device_id"] == "double:chip"
    stored = {info.path for info in bench.kernel.artifacts(results.job_id)}
    assert any(path.startswith("compiled/lowered/") for path in stored)
