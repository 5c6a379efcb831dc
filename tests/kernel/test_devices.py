"""Devices: the depth of their queue and the expected wait are those of the scheduler's own state."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import pytest

from doubles import house
from doubles.clocks import FakeClock
from doubles.restricted import RestrictedDriver
from eigen.errors import EigenError
from eigen.kernel.devices import Devices
from eigen.kernel.worker import Worker
from eigen.types import OPERATOR, Caller

if TYPE_CHECKING:
    from collections.abc import Mapping

    from conftest import Bench
    from eigen.types import Device, Json

ANNA, BERT = Caller("anna", ("user",), "acme"), Caller("bert", ("user",), "other")
SIM, CHIP = "sim:statevector", "double:chip"


class Busy(RestrictedDriver):
    """A chip with work of its own, which can be measured."""

    def get_devices(self) -> tuple[Device, ...]:
        (chip,) = super().get_devices()
        return (replace(chip, queue_depth=5, estimated_wait_sec=40.0),)

    def calibrate_device(self, device_id: str) -> Mapping[str, Json]:
        if device_id != CHIP:
            raise EigenError("EIGEN_DEVICE_UNKNOWN", f"there is no device `{device_id}`")
        return {"t1_sec": 1e-4}


def depth(bench: Bench, device_id: str = SIM) -> int:
    return Devices(bench.ports).get(OPERATOR, device_id).queue_depth


def test_an_idle_device_is_free(bench: Bench) -> None:
    for device in Devices(bench.ports).list(OPERATOR):
        assert (device.queue_depth, device.estimated_wait_sec) == (0, 0.0)


def test_one_device_is_as_in_the_list(bench: Bench) -> None:
    bench.submit("bell")
    devices = Devices(bench.ports)
    for device in devices.list(OPERATOR):
        assert devices.get(OPERATOR, device.id) == device


def test_a_device_that_is_not_there(bench: Bench) -> None:
    with pytest.raises(EigenError) as caught:
        Devices(bench.ports).get(OPERATOR, "sim:none")
    assert caught.value.code == "EIGEN_DEVICE_UNKNOWN"


def test_a_job_counts_at_the_device_that_its_target_names(bench: Bench) -> None:
    bench.submit("bell")
    bench.submit("bell")
    bench.submit("bell", CHIP)
    assert (depth(bench), depth(bench, CHIP)) == (2, 1)
    while Worker(bench.ports).run_next():
        pass
    assert (depth(bench), depth(bench, CHIP)) == (0, 0)


def test_a_job_of_an_open_target_counts_where_the_last_one_of_it_went(bench: Bench) -> None:
    bench.submit("bell", "sim:auto")
    assert depth(bench) == 0, "nobody knows yet where it goes"
    Worker(bench.ports).run_next()
    bench.submit("bell", "sim:auto")
    assert depth(bench) == 1
    assert depth(bench, CHIP) == 0


def test_the_expected_wait_is_the_jobs_ahead_times_their_mean_time(bench: Bench) -> None:
    clock = FakeClock()
    driver = house.all_drivers(bench.root)
    timed = bench.having(clock=clock, devices=driver)
    for seconds in (4.0, 8.0):
        slow = timed.having(devices=house.Drivers(_Taking(clock, seconds)))
        slow.run(slow.submit("bell"))
    for _ in range(3):
        timed.submit("bell")
    alone, pair = (Devices(timed.ports, workers=count).get(OPERATOR, SIM) for count in (1, 2))
    assert (alone.queue_depth, pair.queue_depth) == (3, 3)
    assert alone.estimated_wait_sec == pytest.approx(3 * 6.0, abs=0.5)
    assert pair.estimated_wait_sec == pytest.approx(3 * 3.0, abs=0.5)


def test_what_the_device_says_of_itself_comes_on_top(bench: Bench) -> None:
    busy = bench.having(devices=house.Drivers(Busy()))
    busy.submit("bell", CHIP)
    chip = Devices(busy.ports).get(OPERATOR, CHIP)
    assert (chip.queue_depth, chip.estimated_wait_sec) == (6, 40.0)


def test_who_is_kept_out_waits_for_the_end_of_the_reservation(bench: Bench) -> None:
    clock = FakeClock()
    devices = Devices(bench.having(clock=clock).ports)
    devices.reserve(ANNA, CHIP, 100)
    clock.pass_(25)
    assert devices.get(BERT, CHIP).estimated_wait_sec == 75.0
    assert devices.get(ANNA, CHIP).estimated_wait_sec == 0.0
    assert devices.get(OPERATOR, CHIP).estimated_wait_sec == 75.0, "the operator's jobs are of the default tenant"


def test_a_snapshot_with_its_load_is_still_the_same_device(bench: Bench) -> None:
    bench.submit("bell")
    (plain,) = (device for device in bench.ports.devices.devices() if device.id == SIM)
    loaded = Devices(bench.ports).get(OPERATOR, SIM)
    assert loaded != plain
    assert loaded.digest == plain.digest


def test_a_device_is_measured(bench: Bench) -> None:
    devices = Devices(bench.having(devices=house.Drivers(Busy())).ports)
    assert devices.calibrate(CHIP) == {"t1_sec": 1e-4}
    with pytest.raises(EigenError) as caught:
        devices.calibrate("double:none")
    assert caught.value.code == "EIGEN_DEVICE_UNKNOWN"


class _Taking(house.NativeDriver):
    """A simulator whose calls take a while of the test's time."""

    def __init__(self, clock: FakeClock, seconds: float) -> None:
        super().__init__()
        self.initialize({})
        self._clock, self._seconds = clock, seconds

    def execute_circuit(self, device_id: str, work: object) -> object:  # type: ignore[override]
        self._clock.pass_(self._seconds)
        return super().execute_circuit(device_id, work)  # type: ignore[arg-type]
