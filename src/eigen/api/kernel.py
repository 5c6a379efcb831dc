"""`AsyncKernel`: the kernel as the public door sees it, in this process (`local`) or in another one.

Every method acts for a `Caller` and sees only what is that caller's; what is not there and what is another tenant's
raise the same error with the same words.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    from collections.abc import AsyncGenerator, Mapping, Sequence

    from eigen.jobspec import Submission
    from eigen.jobspec.batch import Entry
    from eigen.types import (
        ApiKey,
        ArtifactInfo,
        AuditEntry,
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


class AsyncKernel(Protocol):
    """Everything the door can ask for. Each method raises EigenError."""

    async def submit(
        self, caller: Caller, job: Submission, *, idempotency_key: str | None = None, reservation_id: str = ""
    ) -> JobView:
        """Store a job durably, in the caller's tenant and project; see `Kernel.submit`."""
        ...

    async def submit_all(
        self, caller: Caller, entries: Sequence[Entry], *, idempotency_key: str | None = None
    ) -> tuple[JobView, ...]:
        """Store jobs durably, all of them or none; see `Kernel.submit_all`."""
        ...

    async def get(self, caller: Caller, job_id: str) -> JobView:
        """The job now; EIGEN_JOB_NOT_FOUND."""
        ...

    async def results(self, caller: Caller, job_id: str) -> JobResults:
        """The results; EIGEN_JOB_NOT_FINISHED while it runs."""
        ...

    def watch(self, caller: Caller, job_id: str, after: int = 0) -> AsyncGenerator[JobEvent]:
        """Events after a sequence number as they happen, to the terminal one; EIGEN_STREAM_CURSOR."""
        ...

    async def cancel(self, caller: Caller, job_id: str) -> JobView:
        """Ask to stop a job; EIGEN_JOB_FINISHED when it has ended."""
        ...

    async def decide(self, caller: Caller, job_id: str, decision: str, *, key: str = "") -> JobView:
        """Say what is done about work of which nobody knows what became; see `Kernel.decide`."""
        ...

    async def list(self, caller: Caller, query: JobQuery) -> tuple[JobView, ...]:
        """Jobs, newest first."""
        ...

    async def logs(self, caller: Caller, job_id: str) -> Sequence[Mapping[str, Json]]:
        """The log lines of a job, oldest first."""
        ...

    async def explain(self, caller: Caller, job_id: str) -> Mapping[str, Json]:
        """Why the job is where it is."""
        ...

    async def replay(self, caller: Caller, job_id: str, *, idempotency_key: str | None = None) -> JobView:
        """Store a new job that does a finished one again; see `Kernel.replay`."""
        ...

    async def resume(
        self, caller: Caller, job_id: str, limits: ResumeLimits, *, idempotency_key: str | None = None
    ) -> JobView:
        """Store a new job that goes on where one stopped; see `Kernel.resume`."""
        ...

    async def verify(self, caller: Caller, job_id: str) -> Verification:
        """Check all that is kept of a finished job; EIGEN_JOB_NOT_FINISHED."""
        ...

    async def artifacts(self, caller: Caller, job_id: str) -> tuple[ArtifactInfo, ...]:
        """The files of a job."""
        ...

    async def artifact(self, caller: Caller, job_id: str, path: str) -> bytes:
        """The bytes of one file, checked against their digest."""
        ...

    async def devices(self, caller: Caller) -> tuple[Device, ...]:
        """Every device, with its queue depth and expected wait."""
        ...

    async def device(self, caller: Caller, device_id: str) -> Device:
        """One device; EIGEN_DEVICE_UNKNOWN."""
        ...

    async def calibrate(self, caller: Caller, device_id: str) -> Mapping[str, Json]:
        """Measure a device; empty when it has nothing to calibrate. EIGEN_DEVICE_RESERVED when another one holds it."""
        ...

    async def reserve(self, caller: Caller, device_id: str, ttl_seconds: int, purpose: str) -> Reservation:
        """Hold a device for the caller's tenant; EIGEN_DEVICE_RESERVED when another one holds it."""
        ...

    async def release(self, caller: Caller, reservation_id: str) -> None:
        """End a reservation before its time; EIGEN_RESERVATION_NOT_FOUND."""
        ...

    async def compile(self, caller: Caller, job: Submission) -> CompiledDocument:
        """Compile without running or keeping anything; EIGEN_LANG_REJECTED with its diagnostics."""
        ...

    async def estimate(self, caller: Caller, job: Submission, targets: Sequence[str] = ()) -> Mapping[str, Json]:
        """What a job would take on each device, before it is submitted; see `Workbench.estimate`."""
        ...

    async def optimize(self, caller: Caller, circuit: bytes, *, level: int, target: str = "") -> CompiledDocument:
        """A circuit in AQO, simplified and lowered to a device (`""`: to no device in particular)."""
        ...

    async def open_session(self, caller: Caller, job: Submission, parameters: Mapping[str, int]) -> Session:
        """Compile, place and lower a program whose entry point's `parameters` (name: length, 0 for a number) stay
        open."""
        ...

    async def evaluate(
        self,
        caller: Caller,
        session_id: str,
        values: Mapping[str, Json],
        *,
        index: int | None = None,
        gradient: bool = False,
    ) -> Evaluation:
        """Run a session's program at these values. The same `index` has the same seed; None takes the next one."""
        ...

    async def close_session(self, caller: Caller, session_id: str) -> None:
        """Forget a session; one that is not there is no error."""
        ...

    async def find_key(self, key_id: str) -> ApiKey | None:
        """An API key by its public part."""
        ...

    async def any_key(self) -> bool:
        """Whether an API key was ever made: revoked and expired ones count, so that losing the last opens no door."""
        ...

    async def audit(self, entry: AuditEntry) -> None:
        """Add a line to the audit log."""
        ...

    async def ready(self) -> None:
        """Return when the kernel can take work; EIGEN_STORE_UNAVAILABLE or EIGEN_SERVER_UNREACHABLE."""
        ...

    async def close(self) -> None:
        """Release what is held."""
        ...
