"""Devices of AWS over Braket's SDK, against a local double that speaks its protocol."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import pytest

from doubles.braket_cloud import QPU, SECRET, braket_service
from doubles.packages import needed
from eigen.ir import CircuitBuilder
from eigen_driver import Circuit, RefusedError, Sample
from eigen_driver.away import Away
from eigen_driver.engines.braket_cloud import BraketCloudEngine

if TYPE_CHECKING:
    from collections.abc import Iterator

    from doubles.braket_cloud import Service
    from eigen_driver import Device

needed("amazon-braket-sdk")
DEVICE = "braket:ionq.Forte-1"


@pytest.fixture
def cloud(monkeypatch: pytest.MonkeyPatch) -> Iterator[tuple[Service, BraketCloudEngine, Device]]:
    with braket_service() as (service, settings):
        monkeypatch.setenv("AWS_ENDPOINT_URL_S3", settings["s3_endpoint"])  # so that it is put back
        engine = BraketCloudEngine()
        engine.poll_seconds = 0.01
        engine.start(settings, 1)
        (device,) = engine.devices()
        yield service, engine, device


def flipped(shots: int = 100) -> Sample:
    """Qubit 4 is 1, and goes to bit 2; qubit 1 is 0, and goes to bit 0; qubit 6 is 1, and goes nowhere."""
    builder = CircuitBuilder(8, 3)
    builder.gate("X", [6])
    builder.gate("RX", [4], [3.141592653589793])
    builder.gate("SWAP", [1, 3])
    builder.measure([4, 1], [2, 0])
    built = builder.build()
    return Sample(Circuit.from_aqo(built.digest, built.to_aqo()), (), shots, 7)


def test_tasks_from_end_to_end(cloud: tuple[Service, BraketCloudEngine, Device]) -> None:
    service, engine, device = cloud
    away = Away(engine)
    handle = away.submit("job-1:1", device, [flipped(), flipped(50)])
    first, second = Away(engine).result(handle, 30.0).answers  # by a process that knows the handle alone
    assert dict(first.found) == {4: 100}  # type: ignore[union-attr]
    assert dict(second.found) == {4: 50}  # type: ignore[union-attr]
    assert first.width == 3  # type: ignore[union-attr]
    assert [task["arn"] for task in json.loads(handle)["tasks"]] == list(service.tasks)


def test_what_is_told_of_a_device(cloud: tuple[Service, BraketCloudEngine, Device]) -> None:
    _, _, device = cloud  # one: what takes no circuits is none
    assert (device.id, device.num_qubits, device.max_shots, device.queue_depth) == (DEVICE, 36, 5000, 12)
    assert device.features == {"metered", "deduplicates"}
    assert {"SX", "CX", "RXX"} <= set(device.gates)
    assert "CCX" not in device.gates
    assert device.properties["arn"] == QPU
    assert device.properties["device_cost"] == {"price": 0.08, "unit": "shot"}
    assert device.properties["proved"] == "never run against the service"


@pytest.mark.parametrize("lost", [1, 3])
def test_an_answer_that_is_lost_costs_nothing(cloud: tuple[Service, BraketCloudEngine, Device], lost: int) -> None:
    """The SDK asks again where it may; where it gives up, the next process does, with the same token."""
    service, engine, device = cloud
    service.lose = lost
    asks = [flipped(), flipped(50)]
    if lost == 3:
        with pytest.raises(RefusedError, match="cannot be asked"):
            Away(engine).submit("job-1:1", device, asks)
    else:
        Away(engine).submit("job-1:1", device, asks)
    later = Away(engine)
    assert later.adopt("job-1:1") is None
    handle = later.submit("job-1:1", device, asks)
    assert dict(later.result(handle, 30.0).answers[1].found) == {4: 50}  # type: ignore[union-attr]
    assert len(service.tasks) == 2


def test_what_waits_is_cancelled_and_what_ended_is_not(cloud: tuple[Service, BraketCloudEngine, Device]) -> None:
    service, engine, device = cloud
    away = Away(engine)
    service.queue = True
    handle = away.submit("job-1:1", device, [flipped()])
    assert away.poll(handle) == "QUEUED"
    assert away.cancel(handle)
    assert away.poll(handle) == "CANCELLED"
    assert not away.cancel(handle)
    assert away.poll('{"tasks": [{"arn": "arn:none"}]}') == "UNKNOWN"


def test_failures_are_told_in_words(cloud: tuple[Service, BraketCloudEngine, Device]) -> None:
    service, engine, device = cloud
    away = Away(engine)
    handle = away.submit("job-1:1", device, [flipped()])
    service.fail = "the laser was off"
    with pytest.raises(RefusedError, match="the laser was off"):
        away.result(handle, 30.0)
    service.code = "ThrottlingException"
    assert away.poll(handle) == "RUNNING"
    service.code = "AccessDeniedException"
    with pytest.raises(RefusedError) as caught:
        away.poll(handle)
    assert caught.value.code == "EIGEN_NOT_AVAILABLE"
    assert SECRET not in caught.value.message


def test_settings_are_checked_and_not_shown(monkeypatch: pytest.MonkeyPatch) -> None:
    with pytest.raises(RefusedError) as caught:
        BraketCloudEngine().start({"region": "us-east-1"}, 1)
    assert (caught.value.code, caught.value.where) == ("EIGEN_NOT_AVAILABLE", "bucket")
    with pytest.raises(RefusedError) as caught:
        BraketCloudEngine().start({"region": "us-east-1", "bucket": "b", "secret": SECRET}, 1)
    assert (caught.value.code, caught.value.where) == ("EIGEN_CONFIG_INVALID", "secret")
    assert SECRET not in caught.value.message
    for name in ("AWS_ACCESS_KEY_ID", "AWS_PROFILE"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("AWS_EC2_METADATA_DISABLED", "true")
    monkeypatch.setenv("AWS_SHARED_CREDENTIALS_FILE", "/nowhere")
    monkeypatch.setenv("AWS_CONFIG_FILE", "/nowhere")
    with pytest.raises(RefusedError) as caught:
        BraketCloudEngine().start({"region": "us-east-1", "bucket": "b"}, 1)
    assert caught.value.code == "EIGEN_NOT_AVAILABLE"
    assert "credentials" in caught.value.message


@pytest.mark.parametrize(
    ("operations", "words"),
    [
        (b'{"op":"RESET","q":[0]},{"op":"MEASURE","q":[0],"c":[0]}', "reset"),
        (b'{"op":"MEASURE","q":[0],"c":[0],"basis":"X"}', "basis"),
        (b'{"op":"DELAY","q":[0],"params":{"duration":10.0},"unit":"ns"},{"op":"MEASURE","q":[0],"c":[0]}', "DELAY"),
        (b'{"op":"CCX","q":[0,1,2]},{"op":"MEASURE","q":[0],"c":[0]}', "CCX"),
    ],
)
def test_what_a_device_does_not_do_is_refused_before_it_is_paid(
    cloud: tuple[Service, BraketCloudEngine, Device], operations: bytes, words: str
) -> None:
    service, engine, device = cloud
    circuit = Circuit.from_aqo("0", b'{"qubits":3,"clbits":1,"operations":[%s]}' % operations)
    for call in (engine.submit, lambda device, _, asks: engine.rehearse(device, asks)):
        with pytest.raises(RefusedError, match=words):
            call(device, "job-1:1", [Sample(circuit, (), 10, 1)])
    assert not service.tasks


def test_a_circuit_that_measures_nothing_is_not_submitted(cloud: tuple[Service, BraketCloudEngine, Device]) -> None:
    service, engine, device = cloud
    away = Away(engine)
    ask = Sample(Circuit.from_aqo("0", b'{"qubits":2,"clbits":2,"operations":[{"op":"X","q":[0]}]}'), (), 10, 1)
    (found,) = away.result(away.submit("job-1:1", device, [ask]), 5.0).answers
    assert (dict(found.found), found.width) == ({0: 10}, 2)  # type: ignore[union-attr]
    assert not service.tasks


def test_a_rehearsal_reads_the_same_bits_and_costs_nothing(cloud: tuple[Service, BraketCloudEngine, Device]) -> None:
    service, engine, device = cloud
    (found,) = engine.rehearse(device, [flipped()])
    assert dict(found.found) == {4: 100}  # type: ignore[union-attr]
    assert not service.tasks
