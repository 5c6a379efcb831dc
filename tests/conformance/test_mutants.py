"""Each check of the conformance kit finds the fault that it is there for; what a device does without declaring it is
found, too; and a device that is right passes."""

from __future__ import annotations

from dataclasses import replace

import pytest

from doubles.crooked import CROOKED, Crooked, other_gate, without
from doubles.crooked_modes import CROOKED_MODES
from doubles.described_chip import chip, written
from doubles.fock_driver import FockDriver
from doubles.restricted import RestrictedDriver
from eigen.conformance import gates
from eigen.conformance.check import BrokenError, Outcome
from eigen.conformance.running import verdict, verdicts
from eigen.conformance.statistics import MOST_COMPARISONS
from eigen.conformance.subject import Subject
from eigen.conformance.table import CHECKS
from eigen.drivers.driver import QDriver
from eigen.drivers.gaussian import GAUSSIAN, GaussianDriver
from eigen.drivers.native import NativeDriver
from eigen.drivers.null import NullDriver
from eigen.drivers.qvm import QvmDriver

BY_NAME = {check.name: check for check in CHECKS}


def test_every_check_has_a_name_of_its_own_and_a_device_that_fails_it() -> None:
    assert len(BY_NAME) == len(CHECKS)
    assert set(CROOKED) | set(CROOKED_MODES) == set(BY_NAME)


@pytest.mark.parametrize("name", [*CROOKED, *CROOKED_MODES])
def test_a_check_finds_its_fault(name: str) -> None:
    driver = CROOKED[name]() if name in CROOKED else CROOKED_MODES[name]()
    found = verdict(BY_NAME[name], Subject(driver, driver.devices[0]))
    assert found.outcome is Outcome.FAILED
    assert found.why


@pytest.mark.parametrize("name", [row for row in gates.all_gates() if row != "I"])
def test_every_gate_that_is_another_one_is_found(name: str) -> None:
    """Inverted where it is not its own inverse, else left out."""
    driver = Crooked(before=other_gate(name))
    with pytest.raises(BrokenError, match=f"`{name}`"):
        gates.compare_gate(Subject(driver, driver.devices[0]), name)


@pytest.mark.parametrize("name", [row for row in gates.all_gates() if row != "I"])
def test_a_wrong_gate_is_found_in_counts_alone(name: str) -> None:
    driver = Crooked(before=other_gate(name), device=without("exact", "expectation", "gradient"))
    with pytest.raises(BrokenError, match=f"`{name}`"):
        gates.compare_gate(Subject(driver, driver.devices[0]), name)


@pytest.mark.parametrize("name", [check.name for check in CHECKS if check.refuse is not None])
def test_what_is_done_without_being_declared_is_found(name: str) -> None:
    check = BY_NAME[name]
    driver = Crooked(device=without(*check.needs))
    found = verdict(check, Subject(driver, driver.devices[0]))
    assert found.outcome is Outcome.FAILED
    assert "not refused" in found.why


def test_a_device_that_says_closed_only_and_has_collapse_operators_is_found() -> None:
    whole = Crooked()
    device = whole.devices[0]
    closed = replace(device, properties={**device.properties, "closed_only": True})
    found = verdict(BY_NAME["damped_evolution"], Subject(whole, closed))
    assert found.outcome is Outcome.FAILED
    assert "collapse operators is not refused" in found.why


def test_whatever_a_driver_raises_is_a_verdict() -> None:
    def crash(work: object) -> object:
        raise ValueError("engine not found\nsecond line")

    driver = Crooked(before=crash)
    found = {one.check: one for one in verdicts(driver, driver.devices[0], ["order"])}
    assert {one.outcome for one in found.values()} == {Outcome.FAILED}
    assert (
        found["bit_order"].why
        == "raised EIGEN_DEVICE_FAILED: `crooked` failed: ValueError: engine not found second line"
    )


def honest(name: str, folders: pytest.TempPathFactory) -> QDriver:
    if name == "restricted":
        return RestrictedDriver()
    if name == "noisy":
        driver = QvmDriver()
        described = chip("line", [(0, 1), (1, 2), (2, 3), (3, 4)], errors=0.02, features=["dynamic"])
        driver.initialize({"folder": str(written(folders.mktemp("devices"), described))})
        return driver
    fresh = NullDriver() if name == "null:classical" else NativeDriver()
    fresh.initialize({})
    return fresh


@pytest.mark.parametrize(
    "name", ["sim:statevector", "sim:stabilizer", "sim:mps", "null:classical", "restricted", "noisy"]
)
def test_a_device_that_is_right_passes(name: str, tmp_path_factory: pytest.TempPathFactory) -> None:
    driver = honest(name, tmp_path_factory)
    device = next((one for one in driver.get_devices() if one.id == name), driver.get_devices()[0])
    found = list(verdicts(driver, device))
    assert [one.check for one in found] == [check.name for check in CHECKS]
    assert [one for one in found if one.outcome is Outcome.FAILED] == []
    assert sum(one.comparisons for one in found) <= MOST_COMPARISONS
    outcomes = {one.check: one.outcome for one in found}
    for check in CHECKS:  # what is declared is asked, and what is not is refused
        if check.refuse is not None and not check.needs <= device.features:
            assert outcomes[check.name] is Outcome.REFUSED


def test_a_device_without_circuits_is_asked_what_it_has() -> None:
    driver = Crooked(device=lambda device: replace(device, properties={**device.properties, "circuits": False}))
    found = {one.check: one.outcome for one in verdicts(driver, driver.devices[0])}
    assert {name for name, outcome in found.items() if outcome is Outcome.OK} == {
        check.name for check in CHECKS if not check.circuits and not check.modes and check.name != "probes"
    }
    assert Outcome.FAILED not in found.values()


@pytest.mark.parametrize("driver", [GaussianDriver(), FockDriver()], ids=lambda driver: driver.name)
def test_a_device_of_modes_is_asked_about_modes(driver: GaussianDriver | FockDriver) -> None:
    found = list(verdicts(driver, driver.devices[0], ["modes"]))
    assert [one for one in found if one.outcome not in {Outcome.OK, Outcome.NOT_APPLICABLE}] == []
    done = {one.check for one in found if one.outcome is Outcome.OK}
    absent = {"patterns", "nonlinear", "photon_counts", "one_by_one", "thresholds", "cutoff"}
    if isinstance(driver, FockDriver):
        absent = {"order", "idle", "homodyne", "heterodyne", "feed_forward"}
    assert {f"modes_{name}" for name in absent} == {check.name for check in CHECKS if check.modes} - done
    assert sum(one.comparisons for one in found) <= MOST_COMPARISONS


def test_a_device_of_modes_is_asked_nothing_of_circuits() -> None:
    found = {one.check: one.outcome for one in verdicts(GaussianDriver(), GAUSSIAN)}
    assert {name for name, outcome in found.items() if outcome is Outcome.OK} >= {
        check.name for check in CHECKS if check.noun == "truth" and not check.circuits
    }
    assert {found[check.name] for check in CHECKS if check.circuits} == {Outcome.NOT_APPLICABLE}
