"""`AsyncGrpcTransport`: a server over gRPC, for asyncio. What is asked is in `calls`; here is how it travels."""

from __future__ import annotations

import asyncio
import random
import time
from contextlib import aclosing
from typing import TYPE_CHECKING, Any, TypeVar

import grpc

from eigen.client import calls
from eigen.client.attempts import FailedError
from eigen.client.following import Cursor, silent
from eigen.client.link import Link
from eigen.errors import EigenError
from eigen.telemetry import span

if TYPE_CHECKING:
    from collections.abc import AsyncGenerator, Mapping, Sequence

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
END: Any = getattr(grpc.aio, "EOF")  # noqa: B009  # the stubs of grpc do not know it


class AsyncGrpcTransport:
    """An `AsyncTransport` to a server: a channel for each event loop, connected when it is first asked something."""

    def __init__(self, server: Server) -> None:
        self._link = Link(server)
        self._channels: dict[asyncio.AbstractEventLoop, tuple[grpc.aio.Channel, dict[str, Stub]]] = {}

    async def submit(self, job: Submission, *, idempotency_key: str | None = None, reservation_id: str = "") -> str:
        """See `Transport.submit`. Without a key it makes one, so that repeating the call is safe."""
        return await self._ask(calls.submit(job, idempotency_key, reservation_id))

    async def submit_all(self, entries: Sequence[Entry], *, idempotency_key: str | None = None) -> tuple[str, ...]:
        """See `GrpcTransport.submit_all`."""
        return await self._ask(calls.submit_all(entries, idempotency_key))

    async def get(self, job_id: str) -> JobView:
        """See `Transport.get`."""
        return await self._ask(calls.get(job_id))

    async def results(self, job_id: str) -> JobResults:
        """See `Transport.results`; what is larger than a message is fetched as a file."""
        return await self._hold(calls.results(job_id))

    async def wait(self, job_id: str) -> None:
        """See `Transport.wait`: through the events from here on."""
        view = await self.get(job_id)
        if view.state.is_terminal:
            return
        async with aclosing(self.watch(job_id, view.event_seq)) as events:
            async for _ in events:
                pass

    async def watch(self, job_id: str, after: int) -> AsyncGenerator[JobEvent]:
        """See `Transport.watch`. A stream that breaks or falls silent is opened anew after the last event."""
        cursor = Cursor(job_id, after)
        attempts = self._link.attempts(time.monotonic(), slow=True)
        while not cursor.ended:
            try:
                async with aclosing(self._stream(cursor)) as events:
                    async for event in events:
                        attempts.succeeded(time.monotonic())
                        yield event
                if not cursor.ended and cursor.covers(await self.get(job_id)):
                    return
            except FailedError as failed:
                await self._pause(attempts, failed)

    async def cancel(self, job_id: str) -> JobView:
        """See `Transport.cancel`."""
        return await self._hold(calls.cancel(job_id))

    async def decide(self, job_id: str, decision: str, *, key: str = "") -> JobView:
        """See `Transport.decide`."""
        return await self._hold(calls.decide(job_id, decision, key))

    async def list(self, query: JobQuery) -> Sequence[JobView]:
        """See `Transport.list`."""
        return await self._hold(calls.list_jobs(query))

    async def logs(self, job_id: str) -> Sequence[Mapping[str, Json]]:
        """See `Transport.logs`."""
        return await self._ask(calls.logs(job_id))

    async def explain(self, job_id: str) -> Mapping[str, Json]:
        """See `Transport.explain`."""
        return await self._ask(calls.explain(job_id))

    async def replay(self, job_id: str, *, idempotency_key: str | None = None) -> JobView:
        """See `Transport.replay`. Without a key it makes one."""
        return await self._ask(calls.replay(job_id, idempotency_key))

    async def resume(self, job_id: str, limits: ResumeLimits, *, idempotency_key: str | None = None) -> JobView:
        """See `Transport.resume`. Without a key it makes one."""
        return await self._ask(calls.resume(job_id, limits, idempotency_key))

    async def verify(self, job_id: str) -> Verification:
        """See `Transport.verify`."""
        return await self._ask(calls.verify(job_id))

    async def artifacts(self, job_id: str) -> tuple[ArtifactInfo, ...]:
        """See `Transport.artifacts`."""
        return await self._ask(calls.artifacts(job_id))

    async def artifact(self, job_id: str, path: str) -> bytes:
        """See `Transport.artifact`; what came is checked against the digest that came with it."""
        return await self._ask(calls.artifact(job_id, path))

    async def devices(self) -> tuple[Device, ...]:
        """See `Transport.devices`."""
        return await self._ask(calls.devices())

    async def device(self, device_id: str) -> Device:
        """See `Transport.device`."""
        return await self._ask(calls.device(device_id))

    async def calibrate(self, device_id: str) -> Mapping[str, Json]:
        """See `Transport.calibrate`."""
        return await self._ask(calls.calibrate(device_id))

    async def reserve(self, device_id: str, ttl_seconds: int, purpose: str) -> Reservation:
        """See `Transport.reserve`."""
        return await self._ask(calls.reserve(device_id, ttl_seconds, purpose))

    async def release(self, reservation_id: str) -> None:
        """See `Transport.release`."""
        await self._ask(calls.release(reservation_id))

    async def compile(self, job: Submission) -> Compilation:
        """See `Transport.compile`."""
        return await self._ask(calls.compile_job(job))

    async def estimate(self, job: Submission, targets: Sequence[str]) -> Estimate:
        """See `Transport.estimate`."""
        return await self._ask(calls.estimate(job, targets))

    async def optimize(self, circuit: bytes, level: int, target: str) -> CompiledDocument:
        """See `Transport.optimize`."""
        return await self._ask(calls.optimize(circuit, level, target))

    async def open_session(self, job: Submission, parameters: Mapping[str, int]) -> Session:
        """See `Transport.open_session`."""
        return await self._ask(calls.open_session(job, parameters))

    async def evaluate(self, session_id: str, values: Mapping[str, Json], *, index: int, gradient: bool) -> Evaluation:
        """See `Transport.evaluate`."""
        return await self._ask(calls.evaluate(session_id, values, index, gradient=gradient))

    async def close_session(self, session_id: str) -> None:
        """See `Transport.close_session`."""
        await self._ask(calls.close_session(session_id))

    async def close(self) -> None:
        """Close the connection of the running loop; the next call opens another one."""
        if held := self._channels.pop(asyncio.get_running_loop(), None):
            await held[0].close()

    # ---- how it travels ----------------------------------------------------------------------------------

    async def _ask(self, call: Call[Answer]) -> Answer:
        """Make a call, again where that is safe and may help, and read its answer."""
        attempts = self._link.attempts(time.monotonic(), slow=call.slow, repeatable=call.repeatable)
        with span(f"client.{call.method}", kind="client"):
            while True:
                try:
                    return call.read(await self._send(call, attempts.remaining(time.monotonic())))
                except FailedError as failed:
                    await self._pause(attempts, failed)

    async def _hold(self, conversation: Conversation[Answer]) -> Answer:
        """Make the calls of a conversation, one after the other."""
        try:
            call = next(conversation)
            while True:
                try:
                    answer = await self._ask(call)
                except EigenError as error:
                    call = conversation.throw(error)
                else:
                    call = conversation.send(answer)
        except StopIteration as end:
            return end.value

    async def _send(self, call: Call[Any], seconds: float) -> Any:
        method = getattr(self._services()[call.service], call.method)
        request = self._link.fill(call, seconds=seconds)
        pending = method(request, timeout=seconds, metadata=self._link.metadata())
        try:
            answer = [response async for response in pending] if call.streams else await pending
        except grpc.RpcError as error:
            raise self._link.failed(error) from None
        self._link.answered = True
        return answer

    async def _stream(self, cursor: Cursor) -> AsyncGenerator[JobEvent]:
        """One stream, from the cursor on, for as long as it speaks."""
        call, seconds = calls.watch(cursor.job_id, cursor.seq), self._link.server.silence_seconds
        with span("client.StreamJobUpdates", kind="client"):
            request = self._link.fill(call, seconds=None)
            stream = self._services()[call.service].StreamJobUpdates(request, metadata=self._link.metadata())
        try:
            while (response := await asyncio.wait_for(stream.read(), seconds)) is not END:
                self._link.answered = True
                event = call.read(response)
                if event is not None and cursor.take(event):
                    yield event
        except TimeoutError:
            raise silent(seconds) from None
        except grpc.RpcError as error:
            raise self._link.failed(error) from None
        finally:
            stream.cancel()

    async def _pause(self, attempts: Attempts, failed: FailedError) -> None:
        answered = self._link.answered
        await asyncio.sleep(
            attempts.wait_seconds(failed, now=time.monotonic(), jitter=random.random(), answered=answered)
        )

    def _services(self) -> dict[str, Stub]:
        """The stubs of the channel of the running loop; those of loops that have ended are dropped."""
        here = asyncio.get_running_loop()
        if here not in self._channels:
            self._channels = {loop: held for loop, held in self._channels.items() if not loop.is_closed()}
            channel = self._connect()
            self._channels[here] = channel, self._link.stubs(channel)
        return self._channels[here][1]

    def _connect(self) -> grpc.aio.Channel:
        address, credentials, options = self._link.server.address, self._link.credentials(), self._link.options()
        if credentials is None:
            return grpc.aio.insecure_channel(address, options)
        return grpc.aio.secure_channel(address, credentials, options)
