"""Laws: what goes to the wire, through its bytes, and back is what it was."""

from __future__ import annotations

import gc
from dataclasses import fields
from datetime import UTC, datetime
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from eigen.errors import EigenError
from eigen.types import (
    ArtifactInfo,
    CompiledDocument,
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
from eigen.wire import messages
from eigen.wire.convert import devices, jobs, sessions
from eigen.wire.convert.values import JSON_DEPTH, from_json, struct_of, to_json, value_of, whole_seconds

words = st.text(st.characters(exclude_categories=["Cs"]), max_size=12)
moments = st.datetimes(datetime(1970, 1, 1), datetime(9000, 1, 1), timezones=st.just(UTC)).map(
    lambda moment: moment.isoformat(timespec="microseconds").replace("+00:00", "Z")
)
maybe_moments = moments | st.just("")
small = st.integers(0, 2**31 - 1)
numbers = st.floats(allow_nan=False, allow_infinity=False)
values = st.recursive(
    st.none() | st.booleans() | st.integers(-(2**70), 2**70) | numbers | words,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(words, inner, max_size=3),
    max_leaves=8,
)
objects = st.dictionaries(words, values, max_size=3)
errors = st.none() | st.fixed_dictionaries({"code": words, "message": words}, optional={"details": objects})
counts = st.dictionaries(st.text("01", min_size=1, max_size=4), st.integers(0, 2**62), max_size=3)
states = st.sampled_from(JobState)


def every(kind: Any, **parts: Any) -> st.SearchStrategy[Any]:
    """Values of a class, each field drawn: one that was added and forgotten on the wire must not hide in a default."""
    assert parts.keys() == {entry.name for entry in fields(kind)}
    return st.builds(kind, **parts)


views = every(
    JobView,
    job_id=words,
    name=words,
    state=states,
    stage=words,
    progress=st.floats(0, 1),
    message=words,
    created_at=moments,
    updated_at=moments,
    target=words,
    priority=st.integers(0, 100),
    device_id=words,
    error=errors,
    event_seq=st.integers(0, 2**63),
    attempts=small,
    resumed_from=words,
    replay_of=words,
    tenant=words,
    project=words,
    reservation_id=words,
    steps=small,
    workflow=words,
    step=words,
    item=st.integers(-1, 2**31),
)
events = every(
    JobEvent,
    job_id=words,
    seq=st.integers(1, 2**63),
    state=states,
    stage=words,
    progress=st.floats(0, 1),
    message=words,
    timestamp=moments,
    data=objects,
)
artifacts = every(ArtifactInfo, path=words, ref=words, sha256=words, size_bytes=st.integers(0, 2**62), media_type=words)
results = every(
    JobResults,
    job_id=words,
    state=states.filter(lambda state: state.is_terminal),
    outputs=values,
    counts=st.none() | counts,
    circuits=st.lists(st.fixed_dictionaries({"label": words, "counts": counts}), max_size=2).map(tuple),
    metadata=objects,
    error=errors,
    completed_at=maybe_moments,
)
qubits = st.integers(0, 1000)
all_devices = every(
    Device,
    id=words,
    name=words,
    backend_type=words,
    num_qubits=qubits,
    gates=st.lists(words, max_size=3).map(tuple),
    coupling=st.lists(st.tuples(qubits, qubits), max_size=3).map(tuple),
    features=st.frozensets(words, max_size=3),
    max_shots=st.integers(1, 2**40),
    status=st.sampled_from(DeviceStatus),
    queue_depth=small,
    estimated_wait_sec=st.floats(0, 1e12),
    properties=objects,
)
reservations = every(
    Reservation,
    reservation_id=words,
    device_id=words,
    tenant=words,
    project=words,
    subject=words,
    purpose=words,
    created_at=moments,
    expires_at=moments,
)
all_sessions = every(
    Session,
    session_id=words,
    device_id=words,
    parameters=st.lists(st.tuples(words, st.integers(0, 100)), max_size=3).map(tuple),
    program_sha256=words,
    has_gradient=st.booleans(),
    expires_at=moments,
    seed=st.integers(0, 2**64 - 1),
)
arguments = st.dictionaries(words, numbers | st.lists(numbers, max_size=3), max_size=3)
evaluations = every(
    Evaluation,
    session_id=words,
    index=st.integers(0, 2**63),
    outputs=values,
    gradient=st.none() | arguments,
    counts=st.none() | counts,
    seed=st.integers(0, 2**64 - 1),
    metadata=objects,
)
compiled = every(
    CompiledDocument, program=st.binary(max_size=9), circuit=st.none() | st.binary(max_size=9), report=objects
)

PAIRS: dict[str, tuple[Any, Any, Any]] = {
    "job": (views, jobs.job_to_wire, jobs.job_from_wire),
    "event": (events, jobs.event_to_wire, jobs.event_from_wire),
    "artifact": (artifacts, jobs.artifact_to_wire, jobs.artifact_from_wire),
    "results": (results, jobs.results_to_wire, jobs.results_from_wire),
    "log": (objects, jobs.log_to_wire, jobs.log_from_wire),
    "rationale": (
        st.fixed_dictionaries({"placement": st.none() | objects, "state": words, "reason_codes": st.lists(words)}),
        jobs.rationale_to_wire,
        jobs.rationale_from_wire,
    ),
    "device": (all_devices, devices.device_to_wire, devices.device_from_wire),
    "reservation": (reservations, devices.reservation_to_wire, devices.reservation_from_wire),
    "session": (all_sessions, sessions.session_to_wire, sessions.session_from_wire),
    "evaluation": (evaluations, sessions.evaluation_to_wire, sessions.evaluation_from_wire),
    "compiled": (compiled, sessions.compiled_to_wire, sessions.compiled_from_wire),
}


@pytest.mark.parametrize("name", PAIRS)
@given(data=st.data())
def test_round_trip(name: str, data: st.DataObject) -> None:
    strategy, write, read = PAIRS[name]
    value = data.draw(strategy)
    message = write(value)
    assert read(type(message).FromString(message.SerializeToString())) == value


@given(arguments)
def test_values_round_trip(given_values: dict[str, Any]) -> None:
    assert sessions.values_from_wire(sessions.values_to_wire(given_values)) == given_values


@given(objects)
def test_a_struct_says_what_doubles_can(value: dict[str, Any]) -> None:
    message = struct_of(value)
    if message is None:
        return
    assert value_of(type(message).FromString(message.SerializeToString())) == _in_doubles(value)


def _in_doubles(value: Any) -> Any:
    if isinstance(value, dict):
        return {key: _in_doubles(item) for key, item in value.items()}
    if isinstance(value, list):
        return [_in_doubles(item) for item in value]
    if isinstance(value, bool) or not isinstance(value, int | float):
        return value
    return float(value)


@pytest.mark.parametrize(
    ("seconds", "shown"), [(0.0, 0), (0.2, 1), (-1.0, 0), (1e300, 2**31 - 1), (float("inf"), 2**31 - 1)]
)
def test_waits_are_rounded_up(seconds: float, shown: int) -> None:
    assert whole_seconds(seconds) == shown


def test_a_struct_leaves_out_what_it_cannot_carry() -> None:
    deep: Any = 1
    for _ in range(20):
        deep = [deep]
    assert struct_of(deep) is None
    assert struct_of([0] * 20_000) is None
    assert struct_of(10**400) is None
    message = struct_of([1, "a"])
    assert message is not None
    assert value_of(message) == {"value": [1, "a"]}


def test_large_results_are_named_by_reference() -> None:
    found = JobResults("job_1", JobState.DONE, outputs=["x" * 100] * 100, completed_at="2026-01-01T00:00:00.000000Z")
    kept = ArtifactInfo(
        "results/results.json", "qfs://jobs/job_1/results/results.json", "0" * 64, 1, "application/json"
    )
    message = jobs.results_to_wire(found, (kept,), limit_bytes=5_000)
    assert message.truncated
    assert not message.document
    assert message.results_ref == kept.ref
    assert [artifact.path for artifact in message.artifacts] == [kept.path]
    whole = jobs.results_to_wire(found, (kept,), limit_bytes=50_000)
    assert not whole.truncated
    assert jobs.results_from_wire(whole) == found


@pytest.mark.parametrize(
    "read",
    [
        lambda: jobs.job_from_wire(messages.types.JobStatus(state=77)),  # type: ignore[arg-type]
        lambda: jobs.job_from_wire(messages.types.JobStatus()),
        lambda: devices.device_from_wire(messages.types.DeviceInfo(status=77)),  # type: ignore[arg-type]
        lambda: jobs.results_from_document(b"[1]"),
        lambda: jobs.results_from_document(b"{"),
        lambda: jobs.log_from_wire(messages.jobs.GetJobLogsResponse(document=b"[" * 100_000)),
    ],
)
def test_answers_that_the_contract_does_not_know(read: Any) -> None:
    with pytest.raises(EigenError) as caught:
        read()
    assert caught.value.code == "EIGEN_CONTRACT_VERSION"


def test_finalizers_have_room_on_the_stack_while_an_answer_is_read(monkeypatch: pytest.MonkeyPatch) -> None:
    """Each list that is read may start the garbage collector: were it read as deep as the stack is, what runs then
    would fail in the place of the answer."""
    failed: list[object] = []
    monkeypatch.setattr("sys.unraisablehook", failed.append)

    def down(frames: int) -> None:
        if frames:
            down(frames - 1)

    class Finalized:
        def __init__(self) -> None:
            self.itself = self

        def __del__(self) -> None:
            down(30)

    before = gc.get_threshold()
    gc.collect()
    gc.freeze()  # what other tests left is not looked through again each time
    try:
        for allocations in range(500, 1100, 5):
            gc.collect()
            Finalized()
            gc.set_threshold(allocations, 1000, 1000)
            with pytest.raises(EigenError):
                from_json(b"[" * 100_000)
    finally:
        gc.set_threshold(*before)
        gc.unfreeze()
    assert failed == []


@pytest.mark.parametrize("inner", [b'"["', b'"\\"[[{"', b"1"])
def test_an_answer_nests_as_deep_as_values_do(inner: bytes) -> None:
    deep = b"[" * JSON_DEPTH + inner + b"]" * JSON_DEPTH
    assert to_json(from_json(deep)) == deep
    with pytest.raises(EigenError, match="nests deeper than"):
        from_json(b"[" + deep + b"]")
