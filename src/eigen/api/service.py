"""`Service`: what every surface calls. It checks the permission, keeps the audit log and asks the kernel.

Surfaces translate their wire form to these calls and back; nothing of theirs comes in here.
"""

from __future__ import annotations

from asyncio import shield
from collections import Counter
from contextlib import asynccontextmanager, contextmanager
from dataclasses import asdict
from datetime import UTC, datetime
from typing import TYPE_CHECKING

from eigen.api.permissions import require
from eigen.errors import EigenError
from eigen.jobspec.batch import named
from eigen.telemetry import log, trace_id
from eigen.types import AuditEntry

if TYPE_CHECKING:
    from collections.abc import AsyncGenerator, Generator, Mapping, Sequence

    from eigen.api.kernel import AsyncKernel
    from eigen.jobspec import Submission
    from eigen.jobspec.batch import Entry
    from eigen.types import (
        ArtifactInfo,
        Caller,
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

MAX_TARGET_CHARACTERS = 200


class Service:
    """The operations of the public door, each for one caller. Everything raises EigenError."""

    def __init__(self, kernel: AsyncKernel, *, streams_per_tenant: int = 100) -> None:
        self.kernel = kernel
        self._streams_per_tenant = streams_per_tenant
        self._streams: Counter[str] = Counter()

    async def submit(
        self,
        caller: Caller,
        job: Submission,
        *,
        idempotency_key: str | None = None,
        reservation_id: str = "",
        surface: str = "",
    ) -> JobView:
        """Store a job; it survives any crash once this returns."""
        async with self._acting(caller, "jobs:submit", job.spec.name, surface):
            return await self.kernel.submit(caller, job, idempotency_key=idempotency_key, reservation_id=reservation_id)

    async def submit_all(
        self, caller: Caller, entries: Sequence[Entry], *, idempotency_key: str | None = None, surface: str = ""
    ) -> tuple[JobView, ...]:
        """Store jobs, all of them or none; one line of the audit log is for all."""
        async with self._acting(caller, "jobs:submit", named(entries), surface):
            return await self.kernel.submit_all(caller, entries, idempotency_key=idempotency_key)

    async def get(self, caller: Caller, job_id: str) -> JobView:
        """The job now."""
        require(caller, "jobs:read")
        return await self.kernel.get(caller, job_id)

    async def results(self, caller: Caller, job_id: str) -> JobResults:
        """The results of an ended job."""
        require(caller, "jobs:read")
        return await self.kernel.results(caller, job_id)

    async def watch(self, caller: Caller, job_id: str, after: int = 0) -> AsyncGenerator[JobEvent]:
        """The job's events after a sequence number, to the terminal one; EIGEN_LIMIT_EXCEEDED when the caller's tenant
        watches as much as it may."""
        require(caller, "jobs:read")
        with self._stream_of(caller.tenant):
            events = self.kernel.watch(caller, job_id, after)
            try:
                async for event in events:
                    yield event
            finally:
                await events.aclose()

    async def cancel(self, caller: Caller, job_id: str, *, surface: str = "") -> JobView:
        """Ask to stop a job."""
        async with self._acting(caller, "jobs:cancel", job_id, surface):
            return await self.kernel.cancel(caller, job_id)

    async def decide(self, caller: Caller, job_id: str, decision: str, *, key: str = "", surface: str = "") -> JobView:
        """Say what is done about work of which nobody knows what became."""
        async with self._acting(caller, "jobs:decide", job_id, surface):
            return await self.kernel.decide(caller, job_id, decision, key=key)

    async def list(self, caller: Caller, query: JobQuery) -> tuple[JobView, ...]:
        """Jobs, newest first."""
        require(caller, "jobs:read")
        return await self.kernel.list(caller, query)

    async def logs(self, caller: Caller, job_id: str) -> Sequence[Mapping[str, Json]]:
        """The log lines of a job."""
        require(caller, "jobs:read")
        return await self.kernel.logs(caller, job_id)

    async def explain(self, caller: Caller, job_id: str) -> Mapping[str, Json]:
        """Why the job is where it is."""
        require(caller, "jobs:read")
        return await self.kernel.explain(caller, job_id)

    async def replay(
        self, caller: Caller, job_id: str, *, idempotency_key: str | None = None, surface: str = ""
    ) -> JobView:
        """Store a new job that does a finished one again."""
        async with self._acting(caller, "jobs:submit", job_id, surface):
            return await self.kernel.replay(caller, job_id, idempotency_key=idempotency_key)

    async def resume(
        self,
        caller: Caller,
        job_id: str,
        limits: ResumeLimits,
        *,
        idempotency_key: str | None = None,
        surface: str = "",
    ) -> JobView:
        """Store a new job that goes on where one stopped."""
        async with self._acting(caller, "jobs:submit", job_id, surface):
            return await self.kernel.resume(caller, job_id, limits, idempotency_key=idempotency_key)

    async def verify(self, caller: Caller, job_id: str) -> Verification:
        """Check all that is kept of a finished job."""
        require(caller, "jobs:read")
        return await self.kernel.verify(caller, job_id)

    async def artifacts(self, caller: Caller, job_id: str) -> tuple[ArtifactInfo, ...]:
        """The files of a job."""
        require(caller, "jobs:read")
        return await self.kernel.artifacts(caller, job_id)

    async def artifact(self, caller: Caller, job_id: str, path: str) -> bytes:
        """The bytes of one file of a job."""
        require(caller, "jobs:read")
        return await self.kernel.artifact(caller, job_id, path)

    async def devices(self, caller: Caller) -> tuple[Device, ...]:
        """Every device."""
        require(caller, "devices:list")
        return await self.kernel.devices(caller)

    async def device(self, caller: Caller, device_id: str) -> Device:
        """One device."""
        require(caller, "devices:read")
        return await self.kernel.device(caller, device_id)

    async def calibrate(self, caller: Caller, device_id: str, *, surface: str = "") -> Mapping[str, Json]:
        """Measure a device."""
        async with self._acting(caller, "devices:calibrate", device_id, surface):
            return await self.kernel.calibrate(caller, device_id)

    async def reserve(
        self, caller: Caller, device_id: str, ttl_seconds: int, purpose: str = "", *, surface: str = ""
    ) -> Reservation:
        """Hold a device for the caller's tenant."""
        async with self._acting(caller, "devices:reserve", device_id, surface):
            return await self.kernel.reserve(caller, device_id, ttl_seconds, purpose)

    async def release(self, caller: Caller, reservation_id: str, *, surface: str = "") -> None:
        """End a reservation before its time."""
        async with self._acting(caller, "devices:reserve", reservation_id, surface):
            await self.kernel.release(caller, reservation_id)

    async def compile(self, caller: Caller, job: Submission) -> CompiledDocument:
        """Compile without running or keeping anything."""
        require(caller, "jobs:compile")
        return await self.kernel.compile(caller, job)

    async def estimate(self, caller: Caller, job: Submission, targets: Sequence[str] = ()) -> Mapping[str, Json]:
        """What a job would take on each device."""
        require(caller, "jobs:compile")
        require(caller, "devices:list")
        return await self.kernel.estimate(caller, job, targets)

    async def optimize(self, caller: Caller, circuit: bytes, *, level: int, target: str = "") -> CompiledDocument:
        """A circuit, simplified and lowered to a device."""
        require(caller, "jobs:compile")
        return await self.kernel.optimize(caller, circuit, level=level, target=target)

    async def open_session(
        self, caller: Caller, job: Submission, parameters: Mapping[str, int], *, surface: str = ""
    ) -> Session:
        """Hold a compiled program open for evaluations."""
        async with self._acting(caller, "jobs:evaluate", job.spec.name, surface):
            return await self.kernel.open_session(caller, job, parameters)

    async def evaluate(
        self,
        caller: Caller,
        session_id: str,
        values: Mapping[str, Json],
        *,
        index: int | None = None,
        gradient: bool = False,
    ) -> Evaluation:
        """Run a session's program at these values."""
        require(caller, "jobs:evaluate")
        return await self.kernel.evaluate(caller, session_id, values, index=index, gradient=gradient)

    async def close_session(self, caller: Caller, session_id: str) -> None:
        """Forget a session."""
        require(caller, "jobs:evaluate")
        await self.kernel.close_session(caller, session_id)

    async def ready(self) -> None:
        """Return when work can be taken."""
        await self.kernel.ready()

    @contextmanager
    def _stream_of(self, tenant: str) -> Generator[None]:
        """Room for one more event stream of a tenant."""
        if self._streams[tenant] >= self._streams_per_tenant:
            message = f"the limit `streams_per_tenant` of {self._streams_per_tenant} open event streams is reached"
            raise EigenError("EIGEN_LIMIT_EXCEEDED", message, hint="close a stream, or ask for the status instead")
        self._streams[tenant] += 1
        try:
            yield
        finally:
            self._streams[tenant] -= 1
            if not self._streams[tenant]:
                del self._streams[tenant]

    @asynccontextmanager
    async def _acting(self, caller: Caller, permission: str, target: str, surface: str) -> AsyncGenerator[None]:
        """Whatever changes something: allowed or refused, done or failed, it stands in the audit log."""
        outcome = "ok"
        try:
            require(caller, permission)
            yield
        except EigenError as error:
            outcome = error.code
            raise
        except BaseException as error:
            outcome = type(error).__name__
            raise
        finally:
            entry = AuditEntry(
                at=datetime.now(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z"),
                subject=caller.subject,
                tenant=caller.tenant,
                action=permission,
                target=target[:MAX_TARGET_CHARACTERS],
                outcome=outcome,
                surface=surface,
                trace_id=trace_id(),
            )
            await shield(self._note(entry))  # a caller that goes away does not go unrecorded

    async def _note(self, entry: AuditEntry) -> None:
        """Add the entry. What was done is done and what failed has failed: that no line of it could be written is
        told to the operator, not to the caller."""
        try:
            await self.kernel.audit(entry)
        except Exception as error:
            log("error", "the audit log cannot be written", error=error, **asdict(entry))
