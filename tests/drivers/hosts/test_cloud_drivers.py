"""The drivers of cloud services as processes of their own, over local doubles of the services."""

from __future__ import annotations

import os
import signal
from typing import TYPE_CHECKING

import pytest

from doubles.braket_cloud import braket_service
from doubles.hosts import installed, shipped
from doubles.ibm_cloud import MACHINE, ibm_service
from doubles.packages import needed
from eigen.drivers.driver import WorkState
from eigen.drivers.probes import probe
from eigen.errors import EigenError
from eigen.ir import CircuitBuilder, Observable
from eigen.types import ExpectationWork, SampleWork

if TYPE_CHECKING:
    from collections.abc import Iterator

    from doubles.braket_cloud import Service as BraketService
    from doubles.ibm_cloud import Service
    from eigen.drivers.hosts.hosted import HostedDriver
    from eigen.types import Device

installed("ibm_cloud")
installed("braket_cloud")
needed("qiskit-ibm-runtime")
needed("qiskit-aer")
needed("amazon-braket-sdk")


@pytest.fixture(scope="module")
def ibm() -> Iterator[tuple[Service, HostedDriver, Device]]:
    with ibm_service() as (service, settings):
        driver = shipped("ibm_cloud")
        driver.initialize(settings)
        try:
            yield service, driver, driver.get_devices()[0]
        finally:
            driver.close()


@pytest.fixture(scope="module")
def braket() -> Iterator[tuple[BraketService, HostedDriver, Device]]:
    with braket_service() as (service, settings):
        driver = shipped("braket_cloud")
        driver.initialize(settings)
        try:
            yield service, driver, driver.get_devices()[0]
        finally:
            driver.close()


def asked() -> SampleWork:
    builder = CircuitBuilder(7, 2)
    builder.gate("X", [1])
    builder.measure([1], [1])
    return SampleWork(builder.build(), (), 100, 7)


def test_ibm_is_proved_and_pays_nothing_for_it(ibm: tuple[Service, HostedDriver, Device]) -> None:
    service, driver, device = ibm
    assert device.id == f"ibm:{MACHINE}"
    probe(driver, device)
    assert not service.jobs


def test_work_at_ibm_outlives_its_host(ibm: tuple[Service, HostedDriver, Device]) -> None:
    service, driver, device = ibm
    service.queue = True
    handle = driver.submit(device.id, "job-1:1", asked())
    assert driver.poll(handle) is WorkState.QUEUED
    os.kill(driver._places[0].host.pid, signal.SIGKILL)
    service.queue = False
    found = driver.result(handle, 120.0)
    assert found.counts is not None
    assert found.counts.to_dict() == {"10": 100}
    assert (found.execution_time_sec, found.metadata["usage_seconds"]) == (3.0, 3.0)
    assert len(service.jobs) == 1


def test_aws_is_proved_and_pays_nothing_for_it(braket: tuple[BraketService, HostedDriver, Device]) -> None:
    service, driver, device = braket
    assert device.id == "braket:ionq.Forte-1"
    probe(driver, device)
    assert not service.tasks


def test_work_at_aws_outlives_its_host(braket: tuple[BraketService, HostedDriver, Device]) -> None:
    service, driver, device = braket
    service.queue = True
    handle = driver.submit(device.id, "job-1:1", asked())
    assert driver.poll(handle) is WorkState.QUEUED
    os.kill(driver._places[0].host.pid, signal.SIGKILL)
    service.queue = False
    found = driver.result(handle, 120.0)
    assert found.counts is not None
    assert found.counts.to_dict() == {"10": 100}
    assert found.metadata["task"] in service.tasks
    assert len(service.tasks) == 1


def test_an_estimate_is_one_job(ibm: tuple[Service, HostedDriver, Device]) -> None:
    service, driver, device = ibm
    before = len(service.jobs)
    builder = CircuitBuilder(7)
    builder.gate("X", [0])
    observable = Observable.from_terms(7, [("Z0", 0.5), ("Z1", 0.25), ("", 1.0)])
    work = ExpectationWork(builder.build(), (), observable, 50, 5)
    assert driver.execute_circuit(device.id, work).value == 1.0 - 0.5 + 0.25
    assert len(service.jobs) == before + 1


def test_an_option_that_ibm_does_not_have_is_refused_by_name(ibm: tuple[Service, HostedDriver, Device]) -> None:
    service, driver, device = ibm
    before = len(service.jobs)
    work = SampleWork(asked().circuit, (), 10, 1, {"resilience_level": 2})
    with pytest.raises(EigenError, match="resilience_level"):
        driver.submit(device.id, "job-1:2", work)
    assert len(service.jobs) == before
