"""IBM's machines over the SDK's REST client, against a local double that speaks its protocol."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from doubles.ibm_cloud import MACHINE, TOKEN, ibm_service
from doubles.packages import needed
from eigen.ir import CircuitBuilder
from eigen_driver import Circuit, Expectation, Observable, RefusedError, Sample
from eigen_driver.away import Away
from eigen_driver.engines.qiskit.cloud import IbmCloudEngine

if TYPE_CHECKING:
    from collections.abc import Iterator

    from doubles.ibm_cloud import Service

needed("qiskit-ibm-runtime")
needed("qiskit-aer")
DEVICE = f"ibm:{MACHINE}"


@pytest.fixture
def cloud(monkeypatch: pytest.MonkeyPatch) -> Iterator[tuple[Service, IbmCloudEngine]]:
    with ibm_service() as (service, settings):
        monkeypatch.setenv("IAM_URL", settings["iam_url"])  # so that it is put back
        yield service, started(settings)


def started(settings: dict[str, str]) -> IbmCloudEngine:
    engine = IbmCloudEngine()
    engine.poll_seconds = 0.01
    engine.start(settings, 1)
    return engine


def flipped(**options: Any) -> Sample:
    """Qubit 1 is 1; it goes to bit 2, qubit 3 to bit 0, and bit 1 stays empty."""
    builder = CircuitBuilder(7, 3)
    builder.gate("X", [1])
    builder.gate("CX", [1, 3])
    builder.gate("X", [3])
    builder.measure([1, 3], [2, 0])
    built = builder.build()
    return Sample(Circuit.from_aqo(built.digest, built.to_aqo()), (), 200, 7, options)


def test_a_job_from_end_to_end(cloud: tuple[Service, IbmCloudEngine]) -> None:
    service, engine = cloud
    away, (device,) = Away(engine), engine.devices()
    handle = away.submit("job-1:1", device, [flipped(), flipped()])
    found = away.result(handle, 30.0)
    first, second = found.answers
    assert first == second
    assert dict(first.found) == {4: 200}  # type: ignore[union-attr]
    assert first.width == 3  # type: ignore[union-attr]
    assert first.metadata["usage_seconds"] == found.seconds == 3.0
    (job,) = service.jobs.values()
    assert job["shots"] == [200, 200]
    assert job["options"] == {}


def test_what_is_told_of_a_machine(cloud: tuple[Service, IbmCloudEngine]) -> None:
    service, engine = cloud
    (device,) = engine.devices()
    assert (device.id, device.num_qubits, device.status) == (DEVICE, 7, "ONLINE")
    assert device.features == {"metered", "deduplicates"}
    assert set(device.gates) == {"CX", "I", "RZ", "SX", "X"}
    assert set(device.coupling) == {tuple(pair) for pair in service.configuration["coupling_map"]}
    calibration = device.properties["calibration"]
    t1 = next(row["value"] for row in service.properties["qubits"][0] if row["name"] == "T1")
    assert calibration["qubits"][0]["t1_ns"] == pytest.approx(1e3 * t1)
    assert device.properties["proved"] == "never run against the service"
    assert engine.calibrate(DEVICE) == {"calibrated_at": service.properties["last_update_date"]}


def test_an_answer_that_is_lost_costs_nothing(cloud: tuple[Service, IbmCloudEngine]) -> None:
    service, engine = cloud
    (device,) = engine.devices()
    service.lose = 1
    with pytest.raises(RefusedError, match="cannot be asked"):
        Away(engine).submit("job-1:1", device, [flipped()])
    assert len(service.jobs) == 1
    later = Away(engine)  # of the next process: it knows nothing
    handle = later.adopt("job-1:1")
    assert handle is not None
    assert later.submit("job-1:1", device, [flipped()]) == handle
    assert dict(later.result(handle, 30.0).answers[0].found) == {4: 200}  # type: ignore[union-attr]
    assert later.adopt("job-1:2") is None
    assert len(service.jobs) == 1


def test_what_waits_is_cancelled_and_what_ended_is_not(cloud: tuple[Service, IbmCloudEngine]) -> None:
    service, engine = cloud
    away, (device,) = Away(engine), engine.devices()
    service.queue = True
    handle = away.submit("job-1:1", device, [flipped()])
    assert away.poll(handle) == "QUEUED"
    assert away.cancel(handle)
    assert away.poll(handle) == "CANCELLED"
    assert not away.cancel(handle)
    assert away.poll('{"job": "c9"}') == "UNKNOWN"


def test_failures_are_told_in_words(cloud: tuple[Service, IbmCloudEngine]) -> None:
    service, engine = cloud
    away, (device,) = Away(engine), engine.devices()
    handle = away.submit("job-1:1", device, [flipped()])
    service.fail = "Error 1234: the pulse was late"
    with pytest.raises(RefusedError, match="the pulse was late"):
        away.result(handle, 30.0)
    service.status = 429
    assert away.poll(handle) == "RUNNING"
    with pytest.raises(TimeoutError):
        away.result(handle, 0.05)


def test_a_token_that_is_not_known_is_named_and_not_shown(cloud: tuple[Service, IbmCloudEngine]) -> None:
    with ibm_service() as (_, settings), pytest.warns(UserWarning, match="access token") as said:  # noqa: PT031
        wrong = settings | {"token": "wrong-key-4711"}
        with pytest.raises(RefusedError) as caught:
            started(wrong)
    assert caught.value.code == "EIGEN_NOT_AVAILABLE"
    assert all("wrong-key-4711" not in str(each.message) for each in said)
    assert "wrong-key-4711" not in caught.value.message
    engine = cloud[1]
    assert TOKEN not in engine.concealed(f"token {TOKEN}")
    for settings, code in (({"token": "x"}, "EIGEN_NOT_AVAILABLE"), ({"tokn": "x"}, "EIGEN_CONFIG_INVALID")):
        with pytest.raises(RefusedError) as caught:
            IbmCloudEngine().start(settings, 1)
        assert caught.value.code == code


def test_options_reach_the_sampler(cloud: tuple[Service, IbmCloudEngine]) -> None:
    service, engine = cloud
    (device,) = engine.devices()
    asked = flipped(
        dynamical_decoupling="XY4", twirl_gates=True, twirl_measurements=False, twirl_randomizations=16,
        twirl_strategy="all", max_execution_seconds=60,
    )  # fmt: skip
    engine.submit(device, "job-1:1", [asked])
    (job,) = service.jobs.values()
    assert job["options"] == {
        "dynamical_decoupling": {"enable": True, "sequence_type": "XY4"},
        "twirling": {"enable_gates": True, "enable_measure": False, "num_randomizations": 16, "strategy": "all"},
    }
    assert job["seconds"] == 60


@pytest.mark.parametrize(
    "options",
    [
        {"dynamical_decoupling": "XX4"},
        {"twirl_gates": 1},
        {"twirl_randomizations": 0},
        {"twirl_randomizations": True},
        {"twirl_strategy": "none"},
        {"max_execution_seconds": 1e9},
    ],
)
def test_options_of_other_values_are_refused_by_name(
    cloud: tuple[Service, IbmCloudEngine], options: dict[str, Any]
) -> None:
    service, engine = cloud
    (device,) = engine.devices()
    for call in (lambda: engine.submit(device, "job-1:1", [flipped(**options)]),
                 lambda: engine.rehearse(device, [flipped(**options)])):  # fmt: skip
        with pytest.raises(RefusedError) as caught:
            call()
        assert caught.value.code == "EIGEN_DEVICE_OPTION"
        assert caught.value.where == next(iter(options))
    assert not service.jobs


def test_what_the_machine_does_not_do_is_refused_before_it_is_paid(cloud: tuple[Service, IbmCloudEngine]) -> None:
    service, engine = cloud
    (device,) = engine.devices()
    documents = {
        b'{"qubits":7,"clbits":1,"operations":[{"op":"RESET","q":[0]},{"op":"MEASURE","q":[0],"c":[0]}]}': "reset",
        b'{"qubits":7,"clbits":1,"operations":[{"op":"MEASURE","q":[0],"c":[0],"basis":"X"}]}': "basis",
        b'{"qubits":7,"clbits":1,"operations":[{"op":"CX","q":[0,6]},{"op":"MEASURE","q":[0],"c":[0]}]}': "couple",
    }
    for document, words in documents.items():
        ask = Sample(Circuit.from_aqo("0", document), (), 10, 1)
        with pytest.raises(RefusedError, match=words):
            engine.submit(device, "job-1:1", [ask])
    observable = Observable.from_json("0", b'{"qubits":7,"terms":[["Z0",1.0]]}')
    with pytest.raises(RefusedError, match="counts shots only"):
        engine.submit(device, "job-1:1", [Expectation(flipped().circuit, (), observable)])
    assert not service.jobs


def test_a_circuit_that_measures_nothing_is_not_submitted(cloud: tuple[Service, IbmCloudEngine]) -> None:
    service, engine = cloud
    away, (device,) = Away(engine), engine.devices()
    ask = Sample(Circuit.from_aqo("0", b'{"qubits":7,"clbits":2,"operations":[{"op":"X","q":[0]}]}'), (), 10, 1)
    (found,) = away.result(away.submit("job-1:1", device, [ask]), 5.0).answers
    assert (dict(found.found), found.width) == ({0: 10}, 2)  # type: ignore[union-attr]
    assert not service.jobs


def test_a_rehearsal_reads_the_same_bits_and_costs_nothing(cloud: tuple[Service, IbmCloudEngine]) -> None:
    service, engine = cloud
    (device,) = engine.devices()
    (found,) = engine.rehearse(device, [flipped()])
    assert dict(found.found) == {4: 200}  # type: ignore[union-attr]
    assert not service.jobs
