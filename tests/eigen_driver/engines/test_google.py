"""Google's machines as devices, over a server that speaks the service's protocol with the machines' own rules."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import pytest

from doubles.engine_laws import Bench, EngineLaws, as_counts, started
from doubles.google_engine import BUSY_SECONDS, CHIPS, CONFIG, PROJECT, RUN, google_engine
from doubles.packages import needed
from eigen.ir import CircuitBuilder
from eigen.ir.targets.calibration import Calibration
from eigen_driver import AwayError, RefusedError, Sample
from eigen_driver.engines.google.service import GoogleEngine
from laws.law_statistics import agree

if TYPE_CHECKING:
    from collections.abc import Generator, Mapping
    from typing import Any

    from doubles.google_engine import QuantumEngine
    from eigen_driver import Counts

needed("cirq-google")

WILLOW, WEBER = (f"google:{chip}" for chip in CHIPS)


class Rehearsed(GoogleEngine):
    """Whose questions are rehearsals."""

    def sample(self, device: Any, ask: Sample) -> Counts:
        (found,) = self.rehearse(device, [ask])
        return found  # type: ignore[return-value]


@pytest.fixture(scope="module")
def served() -> Generator[tuple[str, QuantumEngine]]:
    with google_engine() as found:
        yield found


def settings(address: str) -> dict[str, Any]:
    return {"project_id": PROJECT, "endpoint": address, "plaintext": True}


@pytest.fixture(scope="module", params=[WILLOW, WEBER])
def bench(served: tuple[str, QuantumEngine], request: pytest.FixtureRequest) -> Bench:
    return Bench.of(started(Rehearsed(), settings(served[0])), request.param)


class TestLaws(EngineLaws):
    """Of every device, by its rehearsals: the circuits and the way of reading results are those of the service."""


@pytest.fixture
def engine(served: tuple[str, QuantumEngine]) -> Generator[GoogleEngine]:
    mind = served[1]
    mind.held, mind.lost, mind.down = False, 0, False
    mind.jobs.clear()
    mind.programs.clear()
    yield started(GoogleEngine(), settings(served[0]))  # type: ignore[misc]
    mind.down = False


def asked(engine: GoogleEngine, shots: int = 4000, options: Mapping[str, Any] | None = None) -> tuple[Any, Sample]:
    """A pair of unequal bits, over a coupling of the machine, into bits 4 and 1 of five."""
    mine = Bench.of(engine, WILLOW)
    first, second = mine.device.coupling[0]
    builder = CircuitBuilder(mine.device.num_qubits, 5)
    builder.gate("H", [first])
    builder.gate("CX", [first, second])
    builder.gate("X", [second])
    builder.measure([first, second], [4, 1])
    return mine.device, Sample(mine.read(builder.build()), (), shots, 3, options or {})


def test_a_job_is_run_and_read(engine: GoogleEngine, served: tuple[str, QuantumEngine]) -> None:
    device, ask = asked(engine)
    handle = json.loads(json.dumps(engine.submit(device, "key", [ask, ask])))
    assert engine.poll(handle) == "DONE"
    found = engine.fetch(handle)
    assert found.seconds == 2 * BUSY_SECONDS
    for answer in found.answers:
        assert answer.width == 5  # type: ignore[union-attr]
        agree(as_counts(answer.found, 5), {"10000": 0.5, "00010": 0.5}, 4000)  # type: ignore[union-attr]
    (job, _) = served[1].jobs.values()
    selector = job.scheduling_config.processor_selector.device_config_selector
    assert (selector.run_name, selector.config_alias) == (RUN, CONFIG)


def test_what_measures_nothing_costs_nothing(engine: GoogleEngine, served: tuple[str, QuantumEngine]) -> None:
    device, ask = asked(engine, 10)
    builder = CircuitBuilder(2, 3)
    builder.gate("X", [0])
    silent = Sample(Bench.of(engine, WILLOW).read(builder.build()), (), 7, 3)
    handle = json.loads(json.dumps(engine.submit(device, "key", [silent, ask])))
    assert engine.poll(handle) == "DONE"
    assert len(served[1].jobs) == 1
    first, second = engine.fetch(handle).answers
    assert (first.found, first.width) == ({0: 7}, 3)  # type: ignore[union-attr]
    assert sum(second.found.values()) == 10  # type: ignore[union-attr]
    only = engine.submit(device, "another", [silent])
    assert (engine.poll(only), engine.cancel(only)) == ("DONE", False)


def test_a_key_is_one_job_whoever_submits_it(engine: GoogleEngine, served: tuple[str, QuantumEngine]) -> None:
    device, ask = asked(engine, 10)
    assert engine.adopt("key") is None
    handle = engine.submit(device, "key", [ask])
    other = started(GoogleEngine(), settings(served[0]))
    other.devices()
    assert isinstance(other, GoogleEngine)
    assert other.adopt("key") == handle
    assert other.submit(device, "key", [ask]) == handle
    assert len(served[1].jobs) == 1
    assert other.fetch(handle).answers == engine.fetch(handle).answers


def test_a_lost_answer_costs_no_second_job(engine: GoogleEngine, served: tuple[str, QuantumEngine]) -> None:
    device, ask = asked(engine, 10)
    served[1].lost = 1
    assert engine.poll(engine.submit(device, "key", [ask])) == "DONE"
    assert len(served[1].jobs) == 1
    assert served[1].calls.count("CreateQuantumJob") >= 2


def test_who_died_between_program_and_job_goes_on(engine: GoogleEngine, served: tuple[str, QuantumEngine]) -> None:
    device, ask = asked(engine, 10)
    engine.submit(device, "key", [ask])
    served[1].jobs.clear()
    assert engine.adopt("key") is None
    assert engine.poll(engine.submit(device, "key", [ask])) == "DONE"
    assert len(served[1].programs) == 1


def test_what_waits_is_cancelled_once(engine: GoogleEngine, served: tuple[str, QuantumEngine]) -> None:
    served[1].held = True
    device, ask = asked(engine, 10)
    handle = engine.submit(device, "key", [ask])
    assert engine.poll(handle) == "QUEUED"
    assert engine.cancel(handle)
    assert engine.poll(handle) == "CANCELLED"
    assert not engine.cancel(handle)
    with pytest.raises(RefusedError, match="CANCELLED"):
        engine.fetch(handle)


def test_what_the_machine_does_not_take_is_told(engine: GoogleEngine) -> None:
    mine = Bench.of(engine, WILLOW)
    apart = next(q for q in range(2, 100) if (0, q) not in mine.device.coupling)
    builder = CircuitBuilder(mine.device.num_qubits, 1)
    builder.gate("CZ", [0, apart])
    builder.measure([0], [0])
    handle = engine.submit(mine.device, "key", [Sample(mine.read(builder.build()), (), 5, 3)])
    assert engine.poll(handle) == "FAILED"
    with pytest.raises(RefusedError, match="INVALID_PROGRAM"):
        engine.fetch(handle)


def test_nobody_there_is_no_failure_of_the_work(
    engine: GoogleEngine, served: tuple[str, QuantumEngine], monkeypatch: pytest.MonkeyPatch
) -> None:
    device, ask = asked(engine, 10)
    handle = engine.submit(device, "key", [ask])
    monkeypatch.setattr(engine._client, "max_retry_delay_seconds", 0)  # pyright: ignore[reportPrivateUsage]
    served[1].down = True
    with pytest.raises(AwayError, match="is down"):
        engine.poll(handle)
    served[1].down = False
    assert engine.poll(handle) == "DONE"


def test_another_project_is_refused(served: tuple[str, QuantumEngine]) -> None:
    other = started(GoogleEngine(), {**settings(served[0]), "project_id": "another"})
    with pytest.raises(RefusedError, match="not yours") as error:
        other.devices()
    assert error.value.code == "EIGEN_NOT_AVAILABLE"


def test_devices_are_what_the_service_says(engine: GoogleEngine) -> None:
    willow, weber = engine.devices()
    assert (willow.num_qubits, weber.num_qubits) == (105, 53)
    assert (willow.status, weber.status) == ("ONLINE", "OFFLINE")
    assert {"metered", "deduplicates", "expectation"} == willow.features
    assert willow.queue_depth == 3
    assert all((second, first) in willow.coupling for first, second in willow.coupling)
    told = willow.properties
    found = Calibration.from_json(told["calibration"])
    assert told["calibrated_at"].startswith("2024-08-16")
    assert found.measure == pytest.approx(600e-9)
    pair = willow.coupling[0]
    assert found.gate("CZ", pair) is not None
    errors = {(first, second): error for first, second, error in told["pair_errors"]}
    assert 0.0 < errors[pair] < 0.05
    median = told["metrics"]["two_qubit_parallel_cz_gate_xeb_pauli_error_per_cycle"]
    assert sorted(errors.values())[len(errors) // 2] == pytest.approx(0.8 * median, rel=0.05)
    assert 0.0 < found.qubit(0).one_given_zero < found.qubit(0).zero_given_one
    assert "calibration" not in weber.properties
    assert "never" in told["tried"]
    assert engine.calibrate(WILLOW)["calibrated_at"] == told["calibrated_at"]


def test_a_machine_without_cz_makes_it_of_its_own_gates(served: tuple[str, QuantumEngine]) -> None:
    from cirq import CZ, Circuit, GridQubit, LineQubit, unitary
    from numpy import abs, trace

    from eigen_driver.engines.google.circuits import SQRT_ISWAP, written

    builder = CircuitBuilder(2)
    builder.gate("CZ", [0, 1])
    mine = Bench.of(started(GoogleEngine(), settings(served[0])), WILLOW)
    found = written(mine.read(builder.build()), {}, LineQubit.range(2), SQRT_ISWAP)
    assert isinstance(found, Circuit)
    assert GridQubit(0, 0) not in found.all_qubits()
    assert CZ not in {operation.gate for operation in found.all_operations()}
    assert abs(trace(unitary(found) @ unitary(CZ).conj().T)) == pytest.approx(4.0, abs=1e-7)


@pytest.mark.parametrize(
    ("options", "where"),
    [
        ({"priority": 1000}, "priority"),
        ({"priority": True}, "priority"),
        ({"run_name": "alone"}, "run_name"),
        ({"device_config_name": ""}, "device_config_name"),
    ],
)
def test_options_that_cannot_be_are_refused_by_name(engine: GoogleEngine, options: dict[str, Any], where: str) -> None:
    device, ask = asked(engine, 10, options)
    with pytest.raises(RefusedError) as error:
        engine.submit(device, "key", [ask])
    assert (error.value.code, error.value.where) == ("EIGEN_DEVICE_OPTION", where)


def test_options_travel(engine: GoogleEngine, served: tuple[str, QuantumEngine]) -> None:
    given = {"priority": 7, "snapshot_id": "a-snapshot", "device_config_name": "another"}
    device, ask = asked(engine, 10, given)
    engine.submit(device, "key", [ask])
    (job,) = served[1].jobs.values()
    selector = job.scheduling_config.processor_selector.device_config_selector
    assert (job.scheduling_config.priority, selector.snapshot_id, selector.config_alias) == (7, "a-snapshot", "another")


@pytest.mark.parametrize(
    ("config", "code", "where"),
    [
        ({}, "EIGEN_NOT_AVAILABLE", "project_id"),
        ({"project_id": "a"}, "EIGEN_NOT_AVAILABLE", "credentials_file"),
        ({"project_id": "a", "credentials_file": "/no/such/file"}, "EIGEN_CONFIG_INVALID", "credentials_file"),
        ({"project_id": "a", "plaintext": True, "endpoint": "example.com:443"}, "EIGEN_CONFIG_INVALID", "endpoint"),
        ({"project_id": "a", "token": "b"}, "EIGEN_CONFIG_INVALID", "token"),
    ],
)
def test_settings_that_cannot_be_are_refused_by_name(config: dict[str, Any], code: str, where: str) -> None:
    with pytest.raises(RefusedError) as error:
        started(GoogleEngine(), config)
    assert (error.value.code, error.value.where) == (code, where)
