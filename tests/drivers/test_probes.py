"""The probe circuits: honest drivers pass, each kind of misbehaviour is refused by the probe made for it."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import pytest

from doubles.metered import MeteredDriver
from doubles.misbehaving import MISBEHAVING
from doubles.restricted import CHIP, RestrictedDriver
from eigen.drivers.native import STATEVECTOR, NativeDriver
from eigen.drivers.null import NullDriver
from eigen.drivers.probes import PROBES, probe
from eigen.errors import EigenError

if TYPE_CHECKING:
    from pathlib import Path

    from eigen.drivers.driver import QDriver


@pytest.mark.parametrize("driver", [NativeDriver(), NullDriver(), RestrictedDriver()], ids=lambda driver: driver.name)
def test_honest_drivers_pass(driver: QDriver) -> None:
    driver.initialize({})
    for device in driver.get_devices():
        probe(driver, device)


@pytest.mark.parametrize("fault", MISBEHAVING)
def test_each_fault_is_refused_by_name(fault: str) -> None:
    name, make = MISBEHAVING[fault]
    driver = make()
    driver.initialize({})
    with pytest.raises(EigenError) as caught:
        probe(driver, driver.get_devices()[0])
    assert caught.value.code == "EIGEN_DRIVER_REJECTED"
    assert caught.value.details == {"probe": name, "device_id": STATEVECTOR}


def test_every_probe_refuses_somebody() -> None:
    caught_by = {name for name, _ in MISBEHAVING.values()}
    assert {question.name for question in PROBES} - caught_by == {"shot_count"}


def test_a_device_that_rounds_large_shot_counts_is_refused() -> None:
    class Rounds(NativeDriver):
        def execute_circuit(self, device_id, work):
            shots = getattr(work, "shots", None)
            return super().execute_circuit(device_id, replace(work, shots=10) if shots == 13 else work)

    driver = Rounds()
    driver.initialize({})
    with pytest.raises(EigenError, match="shot_count"):
        probe(driver, driver.get_devices()[0])


def test_a_claim_that_does_not_hold_is_refused() -> None:
    driver = RestrictedDriver()
    boastful = replace(CHIP, features=CHIP.features | {"dynamic"})
    with pytest.raises(EigenError, match="mid_circuit"):
        probe(driver, boastful)


def test_a_device_that_cannot_be_asked_is_refused() -> None:
    driver = RestrictedDriver()
    with pytest.raises(EigenError, match="its bit order is unproved"):
        probe(driver, replace(CHIP, gates=("RZ",)))


def test_metered_devices_pay_one_shot_a_probe(tmp_path: Path) -> None:
    driver = MeteredDriver(tmp_path / "ledger")
    probe(driver, driver.device)
    shots = [row["shots"] for row in driver.rows()]
    assert set(shots) == {1}
    assert len(shots) == sum(question.counts_only for question in PROBES)
