"""Events, log lines and files as CloudEvents: which topic, which id, and what becomes of large ones."""

from __future__ import annotations

import json
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from hypothesis import given
from hypothesis import strategies as st
from jsonschema import Draft202012Validator

from eigen.outbox.mapping import Mapper
from eigen.outbox.shapes import json_schema
from eigen.qfs.outbox_store import Told
from eigen.types import ArtifactInfo, JobEvent, JobState

if TYPE_CHECKING:
    from eigen.outbox.sink import Message

TOLD = Told("job_1", "bell", "sim:auto", "acme", "lab", "00-" + "a" * 32 + "-" + "b" * 16 + "-01")
MAPPER = Mapper("urn:uuid:1", 900_000)
VALIDATOR = Draft202012Validator(json_schema(), format_checker=Draft202012Validator.FORMAT_CHECKER)
MOMENT = "2026-11-22T06:00:00.000000Z"


def event(seq: int, state: JobState, stage: str = "", **data: Any) -> JobEvent:
    return JobEvent("job_1", seq, state, stage or state.value.lower(), 0.5, "said", MOMENT, data)


def checked(message: Message) -> dict[str, Any]:
    found = json.loads(message.value)
    VALIDATOR.validate(found)
    return found


def walk(*events: JobEvent) -> list[tuple[str, str, str]]:
    """(topic, kind, id) of what is told of a job."""
    told, found = TOLD, list[tuple[str, str, str]]()
    for each in events:
        messages, told = MAPPER.event(told, each)
        found += [
            (message.topic, str(checked(message)["type"]).removeprefix("org.eigen-os.job."), message.id)
            for message in messages
        ]
    return found


def test_states_attempts_and_progress_have_their_topics() -> None:
    assert walk(
        event(1, JobState.PENDING),
        event(2, JobState.COMPILING),
        event(3, JobState.QUEUED),
        event(4, JobState.QUEUED, "waiting_reservation"),
        event(5, JobState.RUNNING, attempt=1),
        event(6, JobState.RUNNING, "minimize", value=0.25),
        event(7, JobState.QUEUED, "retrying"),
        event(8, JobState.RUNNING, attempt=2),
        event(9, JobState.DONE),
    ) == [
        ("jobs", "pending", "job_1/1"),
        ("jobs", "compiling", "job_1/2"),
        ("jobs", "queued", "job_1/3"),
        ("tasks", "progress", "job_1/4"),
        ("jobs", "running", "job_1/5"),
        ("tasks", "attempt.started", "job_1/5/attempt"),
        ("tasks", "progress", "job_1/6"),
        ("jobs", "queued", "job_1/7"),
        ("tasks", "attempt.ended", "job_1/7/attempt"),
        ("jobs", "running", "job_1/8"),
        ("tasks", "attempt.started", "job_1/8/attempt"),
        ("jobs", "done", "job_1/9"),
        ("tasks", "attempt.ended", "job_1/9/attempt"),
    ]


def test_an_event_says_whose_it_is_and_of_which_trace() -> None:
    (message,), told = MAPPER.event(TOLD, event(1, JobState.PENDING))
    found = checked(message)
    names = ("specversion", "source", "subject", "time", "tenant", "project", "traceparent")
    assert [found[name] for name in names] == ["1.0", "urn:uuid:1", "job_1", MOMENT, "acme", "lab", TOLD.traceparent]
    assert message.key == "job_1"
    assert told.state == "PENDING"
    assert not told.ended


def test_files_of_a_job() -> None:
    info = ArtifactInfo(
        "results/results.json", "qfs://jobs/job_1/results/results.json", "0" * 64, 7, "application/json"
    )
    (message,) = MAPPER.artifacts(TOLD, [info])
    found = checked(message)
    assert found["id"] == "job_1/artifact/results/results.json"
    assert (found["data"]["sha256"], found["data"]["size_bytes"]) == ("0" * 64, 7)


def test_lines_of_a_log_are_events_whatever_they_are() -> None:
    line = json.dumps({"timestamp": MOMENT, "level": "info", "job_id": "job_1", "message": "m", "stage": "run"})
    found = checked(MAPPER.log(TOLD, 3, line))
    assert (found["id"], found["time"]) == ("job_1/log/3", MOMENT)
    assert found["data"] == {
        "job_id": "job_1",
        "number": 3,
        "level": "info",
        "message": "m",
        "fields": {"stage": "run"},
    }
    assert checked(MAPPER.log(TOLD, 4, '{"x": NaN, "y": "\\ud800"}'))["data"]["fields"] == {"x": "NaN", "y": "?"}
    for odd in ("no JSON", "[1]", "3", "[" * 100_000):
        assert checked(MAPPER.log(TOLD, 5, odd))["data"]["message"] == odd


@given(st.text(), st.integers(1, 10**6))
def test_any_line_is_told_within_the_limit(line: str, number: int) -> None:
    mapper = Mapper("urn:uuid:1", 16_384)
    message = mapper.log(TOLD, number, line * 50)
    checked(message)
    assert len(message.value) <= mapper.limit


def test_what_is_too_large_refers_to_its_data() -> None:
    whole = event(7, JobState.RUNNING, "minimize", values=["x" * 100] * 1_000)
    (message,), told = Mapper("urn:uuid:1", 16_384).event(replace(TOLD, state="RUNNING"), whole)
    found = checked(message)
    assert len(message.value) < 16_384
    assert found["dataref"] == "/v1/jobs/job_1/events?after=6&limit=1"
    assert found["data"]["details"] == {}
    assert found["data"]["omitted"]["size_bytes"] > 100_000
    assert found["data"]["state"] == told.state == "RUNNING"
    assert checked(Mapper("urn:uuid:1", 16_384).log(TOLD, 1, "ä" * 20_000))["dataref"] == "/v1/jobs/job_1/logs"


def test_a_dead_letter_names_what_was_refused() -> None:
    (message,), _ = MAPPER.event(TOLD, event(1, JobState.PENDING))
    found = checked(MAPPER.dead_letter(message, "too large"))
    assert found["type"] == "org.eigen-os.job.undeliverable"
    assert found["id"] == "job_1/1/undeliverable"
    assert found["data"] == {
        "job_id": "job_1",
        "id": "job_1/1",
        "topic": "jobs",
        "reason": "too large",
        "size_bytes": len(message.value),
    }
