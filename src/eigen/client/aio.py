"""`AsyncClient`: the same as `Client`, for asyncio."""

from __future__ import annotations

import asyncio
from contextlib import aclosing
from pathlib import Path
from typing import TYPE_CHECKING, Any

from eigen.client import folder as exported
from eigen.client.reading import read_job, read_jobs
from eigen.errors import EigenError
from eigen.telemetry import span
from eigen.types import JobQuery, ResumeLimits

if TYPE_CHECKING:
    from collections.abc import AsyncGenerator, Callable, Mapping, Sequence
    from types import TracebackType

    from eigen.client.estimating import Judge
    from eigen.client.reading import Job
    from eigen.client.results import Results
    from eigen.client.sessions import AsyncHeldSession
    from eigen.client.transport import AsyncTransport, Compilation
    from eigen.estimate import Estimate
    from eigen.types import (
        ArtifactInfo,
        CompiledDocument,
        Device,
        JobEvent,
        JobState,
        JobView,
        Json,
        Reservation,
        Verification,
    )


class AsyncClient:
    """The way in for asyncio programs; each method is that of `Client`, to be awaited.

    >>> async with eigen.connect_async() as client:          # doctest: +SKIP
    ...     job_id = await client.submit("bell.eigen.py", shots=100)
    ...     async for event in client.watch(job_id):
    ...         print(event.state)
    """

    def __init__(self, transport: AsyncTransport, judge: Judge | None = None) -> None:
        self._transport = transport
        self._judge = judge

    async def __aenter__(self) -> AsyncClient:
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self.close()

    async def close(self) -> None:
        """Release the connection."""
        await self._transport.close()

    async def submit(
        self,
        job: Job,
        *,
        idempotency_key: str | None = None,
        reservation_id: str = "",
        **fields: Any,
    ) -> str:
        """See `Client.submit`."""
        return await self._transport.submit(
            read_job(job, **fields), idempotency_key=idempotency_key, reservation_id=reservation_id
        )

    async def submit_many(
        self,
        jobs: Sequence[Job],
        *,
        idempotency_key: str | None = None,
        idempotency_keys: Sequence[str | None] = (),
        reservation_id: str = "",
        **fields: Any,
    ) -> tuple[str, ...]:
        """See `Client.submit_many`."""
        entries = read_jobs(jobs, idempotency_keys, reservation_id, **fields)
        return await self._transport.submit_all(entries, idempotency_key=idempotency_key)

    async def status(self, job_id: str) -> JobView:
        """See `Client.status`."""
        return await self._transport.get(job_id)

    async def results(self, job_id: str) -> Results:
        """See `Client.results`."""
        from eigen.client.results import Results

        return Results.of(await self._transport.results(job_id))

    def watch(self, job_id: str, *, after: int = 0) -> AsyncGenerator[JobEvent]:
        """See `Client.watch`."""
        return self._transport.watch(job_id, after)

    async def wait(self, job_id: str, *, on_event: Callable[[JobEvent], None] | None = None) -> Results:
        """See `Client.wait`."""
        if on_event is None:
            await self._transport.wait(job_id)
            return await self.results(job_id)
        async with aclosing(self.watch(job_id)) as events:
            async for event in events:
                on_event(event)
        return await self.results(job_id)

    async def run(self, job: Job, **fields: Any) -> Results:
        """See `Client.run`."""
        with span("client.run", kind="client"):
            results = await self.wait(await self.submit(job, **fields))
        if results.error:
            raise EigenError.from_json(results.error)
        return results

    async def cancel(self, job_id: str) -> JobView:
        """See `Client.cancel`."""
        return await self._transport.cancel(job_id)

    async def decide(self, job_id: str, decision: str, *, key: str = "") -> JobView:
        """See `Client.decide`."""
        return await self._transport.decide(job_id, decision, key=key)

    async def list(
        self,
        *,
        states: Sequence[JobState] = (),
        limit: int = 50,
        before: str | None = None,
        name: str | None = None,
        workflow: str | None = None,
    ) -> list[JobView]:
        """See `Client.list`."""
        return [*await self._transport.list(JobQuery(tuple(states), name, limit, before, workflow))]

    async def logs(self, job_id: str) -> Sequence[Mapping[str, Json]]:
        """See `Client.logs`."""
        return await self._transport.logs(job_id)

    async def explain(self, job_id: str) -> Mapping[str, Json]:
        """See `Client.explain`."""
        return await self._transport.explain(job_id)

    async def replay(self, job_id: str, *, idempotency_key: str | None = None) -> JobView:
        """See `Client.replay`."""
        return await self._transport.replay(job_id, idempotency_key=idempotency_key)

    async def resume(
        self, job_id: str, limits: ResumeLimits | None = None, *, idempotency_key: str | None = None
    ) -> JobView:
        """See `Client.resume`."""
        return await self._transport.resume(job_id, limits or ResumeLimits(), idempotency_key=idempotency_key)

    async def verify(self, job_id: str) -> Verification:
        """See `Client.verify`."""
        return await self._transport.verify(job_id)

    async def artifacts(self, job_id: str) -> tuple[ArtifactInfo, ...]:
        """See `Client.artifacts`."""
        return await self._transport.artifacts(job_id)

    async def artifact(self, job_id: str, path: str) -> bytes:
        """See `Client.artifact`."""
        return await self._transport.artifact(job_id, path)

    async def export(self, job_id: str, folder: Path | str) -> Path:
        """See `Client.export`."""
        place = Path(folder)
        record = {path: await self.artifact(job_id, path) for path in exported.RECORD}
        await asyncio.to_thread(exported.make, place)
        for info in await self.artifacts(job_id):
            await asyncio.to_thread(exported.write, place, info.path, await self.artifact(job_id, info.path))
        for path, data in record.items():
            await asyncio.to_thread(exported.write, place, path, data)
        return place

    async def devices(self) -> tuple[Device, ...]:
        """See `Client.devices`."""
        return await self._transport.devices()

    async def device(self, device_id: str) -> Device:
        """See `Client.device`."""
        return await self._transport.device(device_id)

    async def calibrate(self, device_id: str) -> Mapping[str, Json]:
        """See `Client.calibrate`."""
        return await self._transport.calibrate(device_id)

    async def reserve(self, device_id: str, *, seconds: int, purpose: str = "") -> Reservation:
        """See `Client.reserve`."""
        return await self._transport.reserve(device_id, seconds, purpose)

    async def release(self, reservation_id: str) -> None:
        """See `Client.release`."""
        await self._transport.release(reservation_id)

    async def compile(self, job: Job, **fields: Any) -> Compilation:
        """See `Client.compile`."""
        return await self._transport.compile(read_job(job, **fields))

    async def estimate(
        self, job: Job, *, targets: Sequence[str] = (), prices: Sequence[Path | str] = (), **fields: Any
    ) -> Estimate:
        """See `Client.estimate`; what is judged here is judged in a thread."""
        import asyncio

        from eigen.client.estimating import estimated, needs_files

        asked = read_job(job, **fields)
        if not needs_files(targets, prices):
            return await self._transport.estimate(asked, targets)
        if self._judge is None:
            raise EigenError("EIGEN_NOT_AVAILABLE", "a client of its own making has no compiler for estimates of files")
        compiled, devices = await self._transport.compile(asked), await self._transport.devices()
        return await asyncio.to_thread(
            estimated, self._judge, compiled, asked.spec, devices, targets=targets, sheets=prices
        )

    async def optimize(self, circuit: bytes, *, level: int = 1, target: str = "") -> CompiledDocument:
        """See `Client.optimize`."""
        return await self._transport.optimize(circuit, level, target)

    def session(self, job: Job, *, parameters: Mapping[str, int] | Sequence[str], **fields: Any) -> AsyncHeldSession:
        """See `Client.session`; it opens when `async with` is entered."""
        from eigen.client.sessions import AsyncHeldSession, lengths

        return AsyncHeldSession(self._transport, read_job(job, **fields), lengths(parameters))
