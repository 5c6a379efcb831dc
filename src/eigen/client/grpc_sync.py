"""`GrpcTransport`: a server over gRPC, for threads. What is asked and read is in `calls`; here is how it travels."""

from __future__ import annotations

import random
import threading
import time
from collections import deque
from typing import TYPE_CHECKING, Any, TypeVar

import grpc

from eigen.client import calls
from eigen.client.attempts import FailedError
from eigen.client.following import Cursor
from eigen.client.link import Link
from eigen.client.watchdog import Watchdog
from eigen.errors import EigenError
from eigen.telemetry import span

if TYPE_CHECKING:
    from collections.abc import Generator, Mapping, Sequence

    from eigen.client.attempts import Attempts
    from eigen.client.calls import Call, Conversation
    from eigen.client.endpoint import Server
    from eigen.client.transport import Compilation
    from eigen.estimate import Estimate
    from eigen.jobspec import Submission
    from eigen.jobspec.batch import Entry
    from eigen.types import (
        ArtifactInfo,
        CompiledDocument,
        Device,
        Evaluation,
        JobEvent,
        JobQuery,
        JobResults,
        JobView,
        Json,
        Reservation,
        ResumeLimits,
        Session,
        Verification,
    )
    from eigen.wire.stubs import Stub

Answer = TypeVar("Answer")


class GrpcTransport:
    """A `Transport` to a server. Connects when it is first asked something."""

    def __init__(self, server: Server) -> None:
        self._link = Link(server)
        self._opening = threading.Lock()
        self._channel: grpc.Channel | None = None
        self._stubs: dict[str, Stub] = {}

    def submit(self, job: Submission, *, idempotency_key: str | None = None, reservation_id: str = "") -> str:
        """See `Transport.submit`. Without a key it makes one, so that repeating the call is safe."""
        return self._ask(calls.submit(job, idempotency_key, reservation_id))

    def submit_all(self, entries: Sequence[Entry], *, idempotency_key: str | None = None) -> tuple[str, ...]:
        """See `Transport.submit_all`. Without a key it makes one, so that repeating the call is safe."""
        return self._ask(calls.submit_all(entries, idempotency_key))

    def get(self, job_id: str) -> JobView:
        """See `Transport.get`."""
        return self._ask(calls.get(job_id))

    def results(self, job_id: str) -> JobResults:
        """See `Transport.results`; what is larger than a message is fetched as a file."""
        return self._hold(calls.results(job_id))

    def wait(self, job_id: str) -> None:
        """See `Transport.wait`: through the events from here on."""
        view = self.get(job_id)
        if not view.state.is_terminal:
            deque(self.watch(job_id, view.event_seq), maxlen=0)

    def watch(self, job_id: str, after: int) -> Generator[JobEvent]:
        """See `Transport.watch`. A stream that breaks or falls silent is opened anew after the last event."""
        cursor = Cursor(job_id, after)
        attempts = self._link.attempts(time.monotonic(), slow=True)
        while not cursor.ended:
            try:
                for event in self._stream(cursor):
                    attempts.succeeded(time.monotonic())
                    yield event
                if not cursor.ended and cursor.covers(self.get(job_id)):
                    return
            except FailedError as failed:
                self._pause(attempts, failed)

    def cancel(self, job_id: str) -> JobView:
        """See `Transport.cancel`."""
        return self._hold(calls.cancel(job_id))

    def decide(self, job_id: str, decision: str, *, key: str = "") -> JobView:
        """See `Transport.decide`."""
        return self._hold(calls.decide(job_id, decision, key))

    def list(self, query: JobQuery) -> Sequence[JobView]:
        """See `Transport.list`."""
        return self._hold(calls.list_jobs(query))

    def logs(self, job_id: str) -> Sequence[Mapping[str, Json]]:
        """See `Transport.logs`."""
        return self._ask(calls.logs(job_id))

    def explain(self, job_id: str) -> Mapping[str, Json]:
        """See `Transport.explain`."""
        return self._ask(calls.explain(job_id))

    def replay(self, job_id: str, *, idempotency_key: str | None = None) -> JobView:
        """See `Transport.replay`. Without a key it makes one."""
        return self._ask(calls.replay(job_id, idempotency_key))

    def resume(self, job_id: str, limits: ResumeLimits, *, idempotency_key: str | None = None) -> JobView:
        """See `Transport.resume`. Without a key it makes one."""
        return self._ask(calls.resume(job_id, limits, idempotency_key))

    def verify(self, job_id: str) -> Verification:
        """See `Transport.verify`."""
        return self._ask(calls.verify(job_id))

    def artifacts(self, job_id: str) -> tuple[ArtifactInfo, ...]:
        """See `Transport.artifacts`."""
        return self._ask(calls.artifacts(job_id))

    def artifact(self, job_id: str, path: str) -> bytes:
        """See `Transport.artifact`; what came is checked against the digest that came with it."""
        return self._ask(calls.artifact(job_id, path))

    def devices(self) -> tuple[Device, ...]:
        """See `Transport.devices`."""
        return self._ask(calls.devices())

    def device(self, device_id: str) -> Device:
        """See `Transport.device`."""
        return self._ask(calls.device(device_id))

    def calibrate(self, device_id: str) -> Mapping[str, Json]:
        """See `Transport.calibrate`."""
        return self._ask(calls.calibrate(device_id))

    def reserve(self, device_id: str, ttl_seconds: int, purpose: str) -> Reservation:
        """See `Transport.reserve`."""
        return self._ask(calls.reserve(device_id, ttl_seconds, purpose))

    def release(self, reservation_id: str) -> None:
        """See `Transport.release`."""
        self._ask(calls.release(reservation_id))

    def compile(self, job: Submission) -> Compilation:
        """See `Transport.compile`."""
        return self._ask(calls.compile_job(job))

    def estimate(self, job: Submission, targets: Sequence[str]) -> Estimate:
        """See `Transport.estimate`."""
        return self._ask(calls.estimate(job, targets))

    def optimize(self, circuit: bytes, level: int, target: str) -> CompiledDocument:
        """See `Transport.optimize`."""
        return self._ask(calls.optimize(circuit, level, target))

    def open_session(self, job: Submission, parameters: Mapping[str, int]) -> Session:
        """See `Transport.open_session`."""
        return self._ask(calls.open_session(job, parameters))

    def evaluate(self, session_id: str, values: Mapping[str, Json], *, index: int, gradient: bool) -> Evaluation:
        """See `Transport.evaluate`."""
        return self._ask(calls.evaluate(session_id, values, index, gradient=gradient))

    def close_session(self, session_id: str) -> None:
        """See `Transport.close_session`."""
        self._ask(calls.close_session(session_id))

    def close(self) -> None:
        """Close the connection; the next call opens another one."""
        with self._opening:
            channel, self._channel, self._stubs = self._channel, None, {}
        if channel is not None:
            channel.close()

    # ---- how it travels ----------------------------------------------------------------------------------

    def _ask(self, call: Call[Answer]) -> Answer:
        """Make a call, again where that is safe and may help, and read its answer."""
        attempts = self._link.attempts(time.monotonic(), slow=call.slow, repeatable=call.repeatable)
        with span(f"client.{call.method}", kind="client"):
            while True:
                try:
                    return call.read(self._send(call, attempts.remaining(time.monotonic())))
                except FailedError as failed:
                    self._pause(attempts, failed)

    def _hold(self, conversation: Conversation[Answer]) -> Answer:
        """Make the calls of a conversation, one after the other."""
        try:
            call = next(conversation)
            while True:
                try:
                    answer = self._ask(call)
                except EigenError as error:
                    call = conversation.throw(error)
                else:
                    call = conversation.send(answer)
        except StopIteration as end:
            return end.value

    def _send(self, call: Call[Any], seconds: float) -> Any:
        method = getattr(self._services()[call.service], call.method)
        request = self._link.fill(call, seconds=seconds)
        try:
            answer = method(request, timeout=seconds, metadata=self._link.metadata())
            answer = [*answer] if call.streams else answer
        except grpc.RpcError as error:
            raise self._link.failed(error) from None
        self._link.answered = True
        return answer

    def _stream(self, cursor: Cursor) -> Generator[JobEvent]:
        """One stream, from the cursor on, for as long as it speaks."""
        call = calls.watch(cursor.job_id, cursor.seq)
        with span("client.StreamJobUpdates", kind="client"):
            request = self._link.fill(call, seconds=None)
            stream = self._services()[call.service].StreamJobUpdates(request, metadata=self._link.metadata())
        with Watchdog(self._link.server.silence_seconds, stream.cancel) as watchdog:
            try:
                for response in stream:
                    watchdog.heard()
                    self._link.answered = True
                    event = call.read(response)
                    if event is not None and cursor.take(event):
                        yield event
            except grpc.RpcError as error:
                raise watchdog.failed() or self._link.failed(error) from None
            finally:
                stream.cancel()

    def _pause(self, attempts: Attempts, failed: FailedError) -> None:
        answered = self._link.answered
        time.sleep(attempts.wait_seconds(failed, now=time.monotonic(), jitter=random.random(), answered=answered))

    def _services(self) -> dict[str, Stub]:
        """The stubs of the channel, which is made by whoever asks first."""
        with self._opening:
            if self._channel is None:
                address, credentials, options = (
                    self._link.server.address,
                    self._link.credentials(),
                    self._link.options(),
                )
                if credentials is None:
                    self._channel = grpc.insecure_channel(address, options)
                else:
                    self._channel = grpc.secure_channel(address, credentials, options)
                self._stubs = self._link.stubs(self._channel)
            return self._stubs
