"""A blocking `Transport` for asyncio: every call in a thread. It is how the kernel in this process is awaited."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import AsyncGenerator, Mapping, Sequence

    from eigen.client.transport import Compilation, Transport
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


class ThreadedTransport:
    """An `AsyncTransport` over a `Transport`."""

    def __init__(self, transport: Transport) -> None:
        self._transport = transport

    async def submit(self, job: Submission, *, idempotency_key: str | None = None, reservation_id: str = "") -> str:
        return await asyncio.to_thread(
            self._transport.submit, job, idempotency_key=idempotency_key, reservation_id=reservation_id
        )

    async def submit_all(self, entries: Sequence[Entry], *, idempotency_key: str | None = None) -> tuple[str, ...]:
        return await asyncio.to_thread(self._transport.submit_all, entries, idempotency_key=idempotency_key)

    async def get(self, job_id: str) -> JobView:
        return await asyncio.to_thread(self._transport.get, job_id)

    async def results(self, job_id: str) -> JobResults:
        return await asyncio.to_thread(self._transport.results, job_id)

    async def wait(self, job_id: str) -> None:
        """Through the events, so that a cancelled task leaves the job at the next of them."""
        events = self.watch(job_id, 0)
        try:
            async for _ in events:
                pass
        finally:
            await events.aclose()

    async def watch(self, job_id: str, after: int) -> AsyncGenerator[JobEvent]:
        events = self._transport.watch(job_id, after)
        step: asyncio.Task[JobEvent | None] | None = None
        try:
            while True:
                step = asyncio.create_task(asyncio.to_thread(next, events, None))
                event = await asyncio.shield(step)
                if event is None:
                    return
                yield event
        finally:
            if step is not None:
                await asyncio.wait([step])  # a generator that is running cannot be closed
            await asyncio.to_thread(events.close)

    async def cancel(self, job_id: str) -> JobView:
        return await asyncio.to_thread(self._transport.cancel, job_id)

    async def decide(self, job_id: str, decision: str, *, key: str = "") -> JobView:
        return await asyncio.to_thread(self._transport.decide, job_id, decision, key=key)

    async def list(self, query: JobQuery) -> Sequence[JobView]:
        return await asyncio.to_thread(self._transport.list, query)

    async def logs(self, job_id: str) -> Sequence[Mapping[str, Json]]:
        return await asyncio.to_thread(self._transport.logs, job_id)

    async def explain(self, job_id: str) -> Mapping[str, Json]:
        return await asyncio.to_thread(self._transport.explain, job_id)

    async def replay(self, job_id: str, *, idempotency_key: str | None = None) -> JobView:
        return await asyncio.to_thread(self._transport.replay, job_id, idempotency_key=idempotency_key)

    async def resume(self, job_id: str, limits: ResumeLimits, *, idempotency_key: str | None = None) -> JobView:
        return await asyncio.to_thread(self._transport.resume, job_id, limits, idempotency_key=idempotency_key)

    async def verify(self, job_id: str) -> Verification:
        return await asyncio.to_thread(self._transport.verify, job_id)

    async def artifacts(self, job_id: str) -> tuple[ArtifactInfo, ...]:
        return await asyncio.to_thread(self._transport.artifacts, job_id)

    async def artifact(self, job_id: str, path: str) -> bytes:
        return await asyncio.to_thread(self._transport.artifact, job_id, path)

    async def devices(self) -> tuple[Device, ...]:
        return await asyncio.to_thread(self._transport.devices)

    async def device(self, device_id: str) -> Device:
        return await asyncio.to_thread(self._transport.device, device_id)

    async def calibrate(self, device_id: str) -> Mapping[str, Json]:
        return await asyncio.to_thread(self._transport.calibrate, device_id)

    async def reserve(self, device_id: str, ttl_seconds: int, purpose: str) -> Reservation:
        return await asyncio.to_thread(self._transport.reserve, device_id, ttl_seconds, purpose)

    async def release(self, reservation_id: str) -> None:
        await asyncio.to_thread(self._transport.release, reservation_id)

    async def compile(self, job: Submission) -> Compilation:
        return await asyncio.to_thread(self._transport.compile, job)

    async def estimate(self, job: Submission, targets: Sequence[str]) -> Estimate:
        return await asyncio.to_thread(self._transport.estimate, job, targets)

    async def optimize(self, circuit: bytes, level: int, target: str) -> CompiledDocument:
        return await asyncio.to_thread(self._transport.optimize, circuit, level, target)

    async def open_session(self, job: Submission, parameters: Mapping[str, int]) -> Session:
        return await asyncio.to_thread(self._transport.open_session, job, parameters)

    async def evaluate(self, session_id: str, values: Mapping[str, Json], *, index: int, gradient: bool) -> Evaluation:
        return await asyncio.to_thread(self._transport.evaluate, session_id, values, index=index, gradient=gradient)

    async def close_session(self, session_id: str) -> None:
        await asyncio.to_thread(self._transport.close_session, session_id)

    async def close(self) -> None:
        await asyncio.to_thread(self._transport.close)
