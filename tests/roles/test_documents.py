"""Values of the house between roles: what is written is read back equal."""

from __future__ import annotations

from typing import Any

import pytest

from eigen.roles.documents import from_document, to_document
from eigen.roles.identity import caller_of, metadata_of
from eigen.telemetry import span
from eigen.types import (
    ApiKey,
    ArtifactInfo,
    AuditEntry,
    Caller,
    Device,
    DeviceStatus,
    Evaluation,
    JobEvent,
    JobResults,
    JobState,
    JobView,
    Reservation,
    Session,
)
from eigen.wire.plain import from_json, to_json

AWKWARD: dict[str, Any] = {"deep": [1, 2.5, None, {"π": "\ud800"}], "big": 2**80, "tiny": 5e-324}

VALUES = [
    Device(
        "double:chip",
        "Chip",
        "hardware",
        3,
        gates=("X", "CX"),
        coupling=((0, 1), (1, 2)),
        features=frozenset({"seed", "metered"}),
        status=DeviceStatus.CALIBRATING,
        queue_depth=4,
        estimated_wait_sec=1.5,
        properties=AWKWARD,
    ),
    JobEvent("job_1", 3, JobState.RUNNING, "stage", 0.25, "half of a half", "2026-01-01T00:00:00Z", AWKWARD),
    JobView("job_1", "näme", JobState.ERROR, "error", 1.0, "", "t", "u", "auto", 50, error=AWKWARD, attempts=2),
    JobResults("job_1", JobState.DONE, outputs=[AWKWARD], counts={"00": 3}, circuits=(AWKWARD, {}), metadata=AWKWARD),
    JobResults("job_1", JobState.CANCELLED, error={"code": "EIGEN_RUN_CANCELLED"}),
    ArtifactInfo("results/results.json", "qfs://jobs/1/results/results.json", "00", 12, "application/json"),
    Session("ses_1", "sim:statevector", (("angles", 4), ("x", 0)), "00", True, "t"),
    Evaluation("ses_1", 7, AWKWARD, gradient={"x": [0.5]}, counts={"0": 1}, seed=2**64 - 1),
    Reservation("res_1", "sim:statevector", "t", "p", "s", "why", "t0", "t1"),
    ApiKey("k", "00", "ci", "t", "p", ("user", "readonly"), "t0"),
    AuditEntry("t", "s", "t", "jobs:submit", "näme", "ok", "grpc", "0" * 32),
]


@pytest.mark.parametrize("value", VALUES, ids=lambda value: type(value).__name__)
def test_a_value_comes_back_equal(value: Any) -> None:
    found = from_document(type(value), to_document(value))
    assert found == value
    assert type(found) is type(value)


def test_a_device_keeps_its_digest() -> None:
    device = Device("a:b", "B", "hardware", 2, features=frozenset("ba"), properties={"t1": [1e-300, 3, None]})
    assert from_document(Device, to_document(device)).digest == device.digest


def test_json_keeps_the_order_of_its_keys() -> None:
    assert list(from_json(to_json({"b": 1, "a": 2}))) == ["b", "a"]


@pytest.mark.parametrize(
    "caller",
    [
        Caller(),
        Caller("key:abc", ("user", "readonly"), "acme", "qc"),
        Caller("jürgen, the 1st %2C\n", (), "t,t", " "),
        Caller("", ("a,b", "c%d"), "", ""),
    ],
)
def test_a_caller_survives_the_headers(caller: Caller) -> None:
    metadata = dict(metadata_of(caller))
    assert all(value.isascii() and value.isprintable() for value in metadata.values())
    assert caller_of(metadata) == caller


def test_a_call_of_a_role_for_itself_names_nobody() -> None:
    assert caller_of(dict(metadata_of())) is None


def test_the_current_span_travels() -> None:
    with span("test") as here:
        assert dict(metadata_of())["traceparent"] == here.traceparent
