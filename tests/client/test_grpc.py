"""The client over gRPC against servers that misbehave: what is sent, what is repeated, and how streams go on."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Callable
from typing import Any

import pytest

import eigen
from doubles.scripted_server import ScriptedServer, refuse
from eigen.client.endpoint import Server
from eigen.client.grpc_aio import AsyncGrpcTransport
from eigen.client.grpc_sync import GrpcTransport
from eigen.client.retry import RetryPolicy
from eigen.errors import EigenError
from eigen.jobspec import submission
from eigen.types import JobEvent, JobQuery, JobState, JobView
from eigen.wire.convert.jobs import event_to_wire, job_to_wire
from eigen.wire.messages import jobs as pb

QUICK = RetryPolicy(total_seconds=20, first_contact_seconds=20, initial_seconds=0.001, longest_seconds=0.01)
AT = "2026-01-01T00:00:00.000000Z"
BELL = submission(b"anything", filename="bell.eigen.py")
GONE = EigenError("EIGEN_SERVER_UNREACHABLE", "the server is stopping")


def server_of(scripted: ScriptedServer, **changes: Any) -> Server:
    return Server(f"127.0.0.1:{scripted.port}", **{"secure": False, "retry": QUICK, **changes})


def view(state: JobState = JobState.RUNNING, seq: int = 0) -> JobView:
    return JobView("job_1", "bell", state, "", 0.5, "", AT, AT, "sim:auto", 50, event_seq=seq)


def update(seq: int, *, of: int) -> pb.StreamJobUpdatesResponse:
    state = JobState.DONE if seq == of else JobState.RUNNING
    event = JobEvent("job_1", seq, state, "s", seq / of, f"event {seq}", AT, {"n": seq})
    return pb.StreamJobUpdatesResponse(update=event_to_wire(event))


def asked(scripted: ScriptedServer, question: Callable[[Any], Any], *, aio: bool, **changes: Any) -> Any:
    """The answer through one of the transports; of a stream, the list of its events."""
    if not aio:
        transport = GrpcTransport(server_of(scripted, **changes))
        try:
            answer = question(transport)
            return [*answer] if hasattr(answer, "send") else answer
        finally:
            transport.close()

    async def ask() -> Any:
        other = AsyncGrpcTransport(server_of(scripted, **changes))
        try:
            answer = question(other)
            return [event async for event in answer] if hasattr(answer, "asend") else await answer
        finally:
            await other.close()

    return asyncio.run(ask())


both = pytest.mark.parametrize("aio", [False, True], ids=["sync", "aio"])


@both
def test_a_submission_that_lost_its_answer_is_repeated_with_its_key(aio: bool) -> None:
    def submit(_request: Any, context: Any) -> Any:
        if len(scripted.requests("SubmitJob")) < 3:
            refuse(context, GONE)
        return pb.SubmitJobResponse(job_id="job_1")

    with ScriptedServer({"SubmitJob": submit}) as scripted:
        assert asked(scripted, lambda transport: transport.submit(BELL), aio=aio) == "job_1"
        envelopes = [request.envelope for request in scripted.requests("SubmitJob")]
    assert len(envelopes) == 3
    assert len({envelope.idempotency_key for envelope in envelopes}) == 1
    assert len({envelope.request_id for envelope in envelopes}) == 1
    assert envelopes[0].idempotency_key
    assert envelopes[0].request_id
    assert envelopes[0].contract_version == "1.0.0"
    assert envelopes[0].client_version.startswith("eigen-python/")
    assert 0 < envelopes[0].deadline.seconds <= 60


@both
def test_two_submissions_have_two_keys_and_ones_own_is_kept(aio: bool) -> None:
    with ScriptedServer({"SubmitJob": lambda *_: pb.SubmitJobResponse(job_id="job_1")}) as scripted:
        for key in (None, None, "mine"):
            asked(scripted, lambda transport, key=key: transport.submit(BELL, idempotency_key=key), aio=aio)
        keys = [request.envelope.idempotency_key for request in scripted.requests("SubmitJob")]
    assert keys[2] == "mine"
    assert len(set(keys)) == 3


def test_one_transport_serves_one_event_loop_after_another() -> None:
    with ScriptedServer({"GetJobStatus": lambda *_: pb.GetJobStatusResponse(status=job_to_wire(view()))}) as scripted:
        transport = AsyncGrpcTransport(server_of(scripted))

        async def ask(*, close: bool = False) -> JobView:
            found = await transport.get("job_1")
            if close:
                await transport.close()
            return found

        assert asyncio.run(ask()) == asyncio.run(ask(close=True)) == view()


@both
def test_the_token_and_the_trace_travel_along(aio: bool) -> None:
    from eigen.telemetry import span, traceparent

    with ScriptedServer({"GetJobStatus": lambda *_: pb.GetJobStatusResponse(status=job_to_wire(view()))}) as scripted:
        with span("around"):
            here = traceparent()
            asked(scripted, lambda transport: transport.get("job_1"), aio=aio, token="hush")
        [(_, request, metadata)] = scripted.calls
    assert metadata["authorization"] == "Bearer hush"
    assert metadata["traceparent"] == request.envelope.traceparent
    assert request.envelope.traceparent[3:35] == here[3:35]


@both
def test_errors_come_through_as_they_are(aio: bool) -> None:
    error = EigenError("EIGEN_JOB_NOT_FINISHED", "job `job_1` is RUNNING", where="job_1", details={"n": [1, 2]})
    with ScriptedServer({"GetJobResults": lambda _, context: refuse(context, error)}) as scripted:
        with pytest.raises(EigenError) as caught:
            asked(scripted, lambda transport: transport.results("job_1"), aio=aio)
        assert len(scripted.calls) == 1
    assert caught.value.to_json() == error.to_json()


@both
def test_a_server_that_does_not_answer(aio: bool) -> None:
    scripted = ScriptedServer({})
    scripted.stop()
    with pytest.raises(EigenError) as caught:
        asked(scripted, lambda transport: transport.get("job_1"), aio=aio, retry=RetryPolicy(total_seconds=0.2))
    assert (caught.value.code, caught.value.status.exit) == ("EIGEN_SERVER_UNREACHABLE", 3)
    assert f"127.0.0.1:{scripted.port}" in caught.value.message


@both
def test_an_answer_that_does_not_come_in_time(aio: bool) -> None:
    over = threading.Event()

    def hang(_request: Any, _context: Any) -> Any:
        over.wait(20)
        return pb.GetJobStatusResponse()

    with ScriptedServer({"GetJobStatus": hang}) as scripted:
        with pytest.raises(EigenError) as caught:
            asked(scripted, lambda transport: transport.get("job_1"), aio=aio, timeout=0.1)
        over.set()
    assert caught.value.code == "EIGEN_DEADLINE_EXCEEDED"
    assert caught.value.message == f"`127.0.0.1:{scripted.port}` did not answer in time"


@both
def test_what_must_not_happen_twice_is_not_repeated(aio: bool) -> None:
    with ScriptedServer({"CalibrateDevice": lambda _, context: refuse(context, EigenError(*UNKNOWN))}) as scripted:
        with pytest.raises(EigenError):
            asked(scripted, lambda transport: transport.calibrate("x"), aio=aio)
        assert len(scripted.calls) == 1


UNKNOWN = ("EIGEN_DEVICE_FAILED", "the device burnt down")


@both
def test_a_cancellation_whose_answer_was_lost_is_no_failure(aio: bool) -> None:
    gone: list[int] = []

    def status(_request: Any, _context: Any) -> Any:
        return pb.GetJobStatusResponse(status=job_to_wire(view(JobState.CANCELLED if gone else JobState.RUNNING)))

    def cancel(_request: Any, context: Any) -> Any:
        gone.append(1)
        refuse(context, GONE if len(gone) == 1 else EigenError("EIGEN_JOB_FINISHED", "it has ended"))

    with ScriptedServer({"GetJobStatus": status, "CancelJob": cancel}) as scripted:
        found = asked(scripted, lambda transport: transport.cancel("job_1"), aio=aio)
    assert found.state is JobState.CANCELLED
    assert len(gone) == 2


@both
def test_large_results_are_fetched_as_a_file(aio: bool) -> None:
    from hashlib import sha256

    from eigen.wire.convert.jobs import results_to_wire
    from eigen.wire.messages import types

    results = eigen.client.Results("job_1", JobState.DONE, {"x": 1}, None, (), {"a": 1}, None, AT)
    document = results_to_wire(results).document

    def chunks(request: Any, _context: Any) -> Any:
        assert request.path == "results/results.json"
        yield pb.GetArtifactResponse(
            artifact=types.ArtifactInfo(sha256=sha256(document).hexdigest()), data=document[:10]
        )
        yield pb.GetArtifactResponse(data=document[10:])

    script = {"GetJobResults": lambda *_: results_to_wire(results, limit_bytes=1), "GetArtifact": chunks}
    with ScriptedServer(script) as scripted:
        found = asked(scripted, lambda transport: transport.results("job_1"), aio=aio)
        assert eigen.client.Results.of(found) == results
        document += b" "
        scripted.script["GetArtifact"] = lambda *_: iter([pb.GetArtifactResponse(data=document)])
        with pytest.raises(EigenError) as caught:
            asked(scripted, lambda transport: transport.results("job_1"), aio=aio)
    assert caught.value.code == "EIGEN_QFS_DATA_LOSS"


@both
def test_pages_are_read_until_there_are_enough(aio: bool) -> None:
    def page(request: Any, _context: Any) -> Any:
        start = int(request.page_token or 0)
        size = min(request.page_size, 2)
        jobs = [job_to_wire(view())] * size
        return pb.ListJobsResponse(jobs=jobs, next_page_token=str(start + size) if start + size < 5 else "")

    with ScriptedServer({"ListJobs": page}) as scripted:
        assert len(asked(scripted, lambda transport: transport.list(JobQuery(limit=50)), aio=aio)) == 6
        assert len(asked(scripted, lambda transport: transport.list(JobQuery(limit=3)), aio=aio)) == 3
        assert [request.page_size for request in scripted.requests("ListJobs")][-2:] == [3, 1]


@both
def test_a_stream_that_breaks_goes_on_where_it_was(aio: bool) -> None:
    def stream(request: Any, context: Any) -> Any:
        after = request.last_event_seq
        yield pb.StreamJobUpdatesResponse()  # a heartbeat
        for seq in range(max(after, 1), min(after + 3, 9) + 1):  # says the last one again
            yield update(seq, of=9)
        if after + 3 < 9:
            refuse(context, GONE)

    with ScriptedServer({"StreamJobUpdates": stream}) as scripted:
        events = asked(scripted, lambda transport: transport.watch("job_1", 0), aio=aio)
        cursors = [request.last_event_seq for request in scripted.requests("StreamJobUpdates")]
    assert [event.seq for event in events] == list(range(1, 10))
    assert events[-1].state is JobState.DONE
    assert events[3].data == {"n": 4}
    assert cursors == [0, 3, 6]


@both
def test_a_stream_with_a_gap_is_opened_anew(aio: bool) -> None:
    def stream(request: Any, _context: Any) -> Any:
        yield update(request.last_event_seq + 1, of=4)
        yield update(4, of=4)

    with ScriptedServer({"StreamJobUpdates": stream}) as scripted:
        events = asked(scripted, lambda transport: transport.watch("job_1", 0), aio=aio)
    assert [event.seq for event in events] == [1, 2, 3, 4]


@both
def test_a_silent_stream_is_opened_anew(aio: bool) -> None:
    def stream(request: Any, context: Any) -> Any:
        after = request.last_event_seq
        yield update(after + 1, of=3)
        if after < 2:
            gone = threading.Event()
            context.add_callback(gone.set)
            gone.wait(20)

    with ScriptedServer({"StreamJobUpdates": stream}) as scripted:
        events = asked(scripted, lambda transport: transport.watch("job_1", 0), aio=aio, silence_seconds=0.2)
    assert [event.seq for event in events] == [1, 2, 3]


@both
def test_a_stream_that_ends_early_in_good_order_is_not_believed(aio: bool) -> None:
    def stream(request: Any, _context: Any) -> Any:
        if request.last_event_seq < 2:
            yield update(request.last_event_seq + 1, of=2)

    done = pb.GetJobStatusResponse(status=job_to_wire(view(JobState.DONE, seq=2)))
    with ScriptedServer({"StreamJobUpdates": stream, "GetJobStatus": lambda *_: done}) as scripted:
        assert [event.seq for event in asked(scripted, lambda transport: transport.watch("job_1", 0), aio=aio)] == [
            1,
            2,
        ]
        assert asked(scripted, lambda transport: transport.watch("job_1", 2), aio=aio) == []


@both
def test_a_stream_that_is_refused_is_not_tried_again(aio: bool) -> None:
    def stream(_request: Any, context: Any) -> Any:
        refuse(context, EigenError("EIGEN_STREAM_CURSOR", "the cursor `9` lies outside"))
        yield

    with ScriptedServer({"StreamJobUpdates": stream}) as scripted:
        with pytest.raises(EigenError) as caught:
            asked(scripted, lambda transport: transport.watch("job_1", 9), aio=aio)
        assert len(scripted.calls) == 1
    assert caught.value.code == "EIGEN_STREAM_CURSOR"


def test_a_server_that_comes_back_is_found() -> None:
    script = {"GetJobStatus": lambda *_: pb.GetJobStatusResponse(status=job_to_wire(view()))}
    first = ScriptedServer(script)
    transport = GrpcTransport(server_of(first))
    assert transport.get("job_1") == view()
    first.stop()
    found: list[JobView] = []
    asking = threading.Thread(target=lambda: found.append(transport.get("job_1")))
    asking.start()
    with ScriptedServer(script, address=f"127.0.0.1:{first.port}"):
        asking.join(20)
    transport.close()
    assert found == [view()]
