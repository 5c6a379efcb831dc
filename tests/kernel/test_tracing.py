"""One trace per job, from its submission to the driver's return, whoever works it and however often it is taken up."""

from __future__ import annotations

import os
import threading
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import pytest

from doubles import house
from doubles.flaky import BackgroundDriver, FlakyDriver, failing
from eigen.jobspec import Retry
from eigen.kernel.worker import Worker
from eigen.telemetry import exposition, span
from eigen.telemetry.metrics import turn_off, turn_on
from eigen.telemetry.trace import record_with
from eigen.types import JobState

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from conftest import Bench


@dataclass
class Recorded:
    """A span as it was recorded."""

    name: str
    kind: str
    parent: str
    context: str
    attributes: Mapping[str, object]
    ended: bool = False
    error: BaseException | None = None

    def trace_context(self) -> str:
        return self.context

    def set(self, name: str, value: object) -> None: ...

    def end(self, error: BaseException | None) -> None:
        self.ended, self.error = True, error


@dataclass
class Tape:
    """Keeps every span."""

    spans: list[Recorded] = field(default_factory=list)

    def begin(self, name: str, kind: str, parent: str, attributes: Mapping[str, object]) -> Recorded:
        trace = parent[3:35] or os.urandom(16).hex()
        recorded = Recorded(name, kind, parent, f"00-{trace}-{os.urandom(8).hex()}-01", dict(attributes))
        self.spans.append(recorded)
        return recorded

    def close(self) -> None: ...

    def named(self, name: str) -> list[Recorded]:
        return [entry for entry in self.spans if entry.name == name]


@pytest.fixture
def tape() -> Iterator[Tape]:
    tape = Tape()
    before = record_with(tape)
    yield tape
    record_with(before)


@pytest.fixture
def metrics() -> Iterator[None]:
    turn_on()
    yield
    turn_off()


def test_the_stages_of_a_job_stand_under_its_submission(bench: Bench, tape: Tape) -> None:
    with span("request", kind="server"):
        job_id = bench.submit("bell")
    bench.run(job_id)
    (request,), (submitted,) = tape.named("request"), tape.named("submit")
    assert submitted.parent == request.context
    row = bench.ports.jobs.get(job_id)
    assert row is not None
    assert row.traceparent == submitted.context
    for name in ("compile", "place", "execute", "seal"):
        (stage,) = tape.named(name)
        assert stage.parent == submitted.context
        assert stage.attributes["job_id"] == job_id
        assert stage.ended
        assert stage.error is None
    (call,) = tape.named("driver.execute_circuit")
    assert call.parent == tape.named("execute")[0].context
    assert (call.kind, call.attributes) == ("client", {"device_id": "sim:statevector", "driver": "native"})
    assert len({entry.context[3:35] for entry in tape.spans}) == 1


def test_work_that_is_submitted_and_waited_for_is_traced_too(bench: Bench, tape: Tape) -> None:
    background = bench.having(devices=house.Drivers(BackgroundDriver()))
    background.run(background.submit("bell"))
    execute = tape.named("execute")[0].context
    assert [entry.parent for entry in tape.named("driver.submit") + tape.named("driver.result")] == [execute] * 2


def test_a_job_that_goes_on_elsewhere_stays_in_its_trace(bench: Bench, tape: Tape) -> None:
    """The first worker stops in the middle, another process would find nothing but the row."""
    stop = threading.Event()
    slow = bench.having(devices=house.Drivers(FlakyDriver(lambda number: stop.set() if number == 3 else None)))
    job_id = slow.submit("vqe-shots")
    Worker(slow.ports).run_until(job_id, stop=stop)
    assert bench.kernel.get(job_id).state is JobState.QUEUED
    bench.run(job_id)
    (submitted,) = tape.named("submit")
    assert [entry.parent for entry in tape.named("execute")] == [submitted.context] * 2
    assert len({entry.context[3:35] for entry in tape.spans}) == 1


def test_every_line_of_the_jobs_log_names_the_trace(bench: Bench) -> None:
    job_id = bench.submit("vqe")
    bench.run(job_id)
    trace = bench.kernel.explain(job_id)["trace_id"]
    assert len(trace) == 32
    assert {line.get("trace_id") for line in bench.kernel.logs(job_id)} == {trace}


def test_two_jobs_are_two_traces(bench: Bench) -> None:
    jobs = [bench.submit("bell") for _ in range(2)]
    assert len({bench.kernel.explain(job_id)["trace_id"] for job_id in jobs}) == 2


def test_the_metrics_of_the_kernel(bench: Bench, metrics: None) -> None:
    job_id = bench.submit("bell")
    bench.run(job_id)
    text = exposition().decode()
    for move in ('from="",to="PENDING"', 'from="PENDING",to="COMPILING"', 'from="RUNNING",to="DONE"'):
        assert f"eigen_kernel_job_state_transitions_total{{{move}}} 1.0" in text
    for stage in ("compile", "place", "execute", "seal"):
        assert f'eigen_kernel_stage_duration_seconds_count{{stage="{stage}"}} 1.0' in text
    call = 'driver="native",op="execute_circuit"'
    assert f'eigen_driver_requests_total{{{call},success="true"}} 1.0' in text
    assert f"eigen_driver_request_duration_seconds_count{{{call}}} 1.0" in text
    assert job_id not in text


def test_a_call_that_fails_is_counted_as_one(bench: Bench, metrics: None, tape: Tape) -> None:
    flaky = bench.having(devices=house.Drivers(failing(1)))
    flaky.run(flaky.submit("bell", retry=Retry(max_attempts=2, backoff_seconds=0.0)))
    text = exposition().decode()
    for success in ("false", "true"):
        assert f'op="execute_circuit",success="{success}"}} 1.0' in text
    assert [entry.error is None for entry in tape.named("driver.execute_circuit")] == [False, True]
    assert 'from="RUNNING",to="QUEUED"' in text
