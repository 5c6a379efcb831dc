"""How a client reaches a kernel: the Protocols `Transport` and `AsyncTransport`. No code of theirs is here.

Both say the same; tests/contracts/test_transport.py holds every implementation to it. What a transport raises is an
EigenError with the code and the words of the kernel; a server that does not answer is EIGEN_SERVER_UNREACHABLE.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Protocol

if TYPE_CHECKING:
    from collections.abc import AsyncGenerator, Generator, Mapping, Sequence

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


class Compilation(Protocol):
    """A compiled program: the program itself, its main circuit, and the compiler's report as JSON."""

    @property
    def program(self) -> Any:
        """The `eigen.ir.program.Program`."""
        ...

    @property
    def circuit(self) -> Any:
        """The main `eigen.ir.Circuit`, or None."""
        ...

    @property
    def report(self) -> Mapping[str, Json]:
        """What the compiler did, warnings included."""
        ...


class Transport(Protocol):
    """A kernel, in this process or over a network. Safe to use from several threads."""

    def submit(self, job: Submission, *, idempotency_key: str | None = None, reservation_id: str = "") -> str:
        """Store a job durably and return its id."""
        ...

    def submit_all(self, entries: Sequence[Entry], *, idempotency_key: str | None = None) -> tuple[str, ...]:
        """Store jobs durably, all of them or none, and return their ids in their order; EIGEN_BATCH_REFUSED."""
        ...

    def get(self, job_id: str) -> JobView:
        """The job now; EIGEN_JOB_NOT_FOUND."""
        ...

    def results(self, job_id: str) -> JobResults:
        """The results; EIGEN_JOB_NOT_FINISHED while it runs."""
        ...

    def wait(self, job_id: str) -> None:
        """Return when the job has ended; sees to it that the job is worked."""
        ...

    def watch(self, job_id: str, after: int) -> Generator[JobEvent]:
        """Events after a sequence number, as they happen, to the terminal one; sees to it that the job is worked."""
        ...

    def cancel(self, job_id: str) -> JobView:
        """Ask to stop a job; EIGEN_JOB_FINISHED when it has ended."""
        ...

    def decide(self, job_id: str, decision: str, *, key: str = "") -> JobView:
        """Say what is done about work of which nobody knows what became; EIGEN_JOB_NOT_UNDECIDED."""
        ...

    def list(self, query: JobQuery) -> Sequence[JobView]:
        """Jobs, newest first."""
        ...

    def logs(self, job_id: str) -> Sequence[Mapping[str, Json]]:
        """The log lines of a job."""
        ...

    def explain(self, job_id: str) -> Mapping[str, Json]:
        """Why the job is where it is: placement, rivals, what was compiled."""
        ...

    def replay(self, job_id: str, *, idempotency_key: str | None = None) -> JobView:
        """Store a new job that does a finished one again; EIGEN_JOB_NOT_FINISHED."""
        ...

    def resume(self, job_id: str, limits: ResumeLimits, *, idempotency_key: str | None = None) -> JobView:
        """Store a new job that goes on where one stopped; EIGEN_JOB_FINISHED when it ran to its end."""
        ...

    def verify(self, job_id: str) -> Verification:
        """Check all that is kept of a finished job; EIGEN_JOB_NOT_FINISHED."""
        ...

    def artifacts(self, job_id: str) -> tuple[ArtifactInfo, ...]:
        """The files of a job."""
        ...

    def artifact(self, job_id: str, path: str) -> bytes:
        """The bytes of one file."""
        ...

    def devices(self) -> tuple[Device, ...]:
        """Every device there is."""
        ...

    def device(self, device_id: str) -> Device:
        """One device; EIGEN_DEVICE_UNKNOWN."""
        ...

    def calibrate(self, device_id: str) -> Mapping[str, Json]:
        """Measure a device."""
        ...

    def reserve(self, device_id: str, ttl_seconds: int, purpose: str) -> Reservation:
        """Hold a device; EIGEN_DEVICE_RESERVED when somebody else holds it."""
        ...

    def release(self, reservation_id: str) -> None:
        """End a reservation; EIGEN_RESERVATION_NOT_FOUND."""
        ...

    def compile(self, job: Submission) -> Compilation:
        """Compile without running or keeping anything."""
        ...

    def estimate(self, job: Submission, targets: Sequence[str]) -> Estimate:
        """What a job would take on the devices of the kernel that `targets` name, or on all; nothing is run or kept."""
        ...

    def optimize(self, circuit: bytes, level: int, target: str) -> CompiledDocument:
        """A circuit in AQO, simplified and lowered to a device (`""`: to no device in particular)."""
        ...

    def open_session(self, job: Submission, parameters: Mapping[str, int]) -> Session:
        """Hold a compiled program open; `parameters` are names with lengths, 0 for a number."""
        ...

    def evaluate(self, session_id: str, values: Mapping[str, Json], *, index: int, gradient: bool) -> Evaluation:
        """Run a session's program; the same index has the same seed. EIGEN_SESSION_NOT_FOUND."""
        ...

    def close_session(self, session_id: str) -> None:
        """Forget a session."""
        ...

    def close(self) -> None:
        """Release what is held."""
        ...


class AsyncTransport(Protocol):
    """The same for asyncio; see `Transport` for what each method means."""

    async def submit(self, job: Submission, *, idempotency_key: str | None = None, reservation_id: str = "") -> str: ...

    async def submit_all(self, entries: Sequence[Entry], *, idempotency_key: str | None = None) -> tuple[str, ...]: ...

    async def get(self, job_id: str) -> JobView: ...

    async def results(self, job_id: str) -> JobResults: ...

    async def wait(self, job_id: str) -> None: ...

    def watch(self, job_id: str, after: int) -> AsyncGenerator[JobEvent]: ...

    async def cancel(self, job_id: str) -> JobView: ...

    async def decide(self, job_id: str, decision: str, *, key: str = "") -> JobView: ...

    async def list(self, query: JobQuery) -> Sequence[JobView]: ...

    async def logs(self, job_id: str) -> Sequence[Mapping[str, Json]]: ...

    async def explain(self, job_id: str) -> Mapping[str, Json]: ...

    async def replay(self, job_id: str, *, idempotency_key: str | None = None) -> JobView: ...

    async def resume(self, job_id: str, limits: ResumeLimits, *, idempotency_key: str | None = None) -> JobView: ...

    async def verify(self, job_id: str) -> Verification: ...

    async def artifacts(self, job_id: str) -> tuple[ArtifactInfo, ...]: ...

    async def artifact(self, job_id: str, path: str) -> bytes: ...

    async def devices(self) -> tuple[Device, ...]: ...

    async def device(self, device_id: str) -> Device: ...

    async def calibrate(self, device_id: str) -> Mapping[str, Json]: ...

    async def reserve(self, device_id: str, ttl_seconds: int, purpose: str) -> Reservation: ...

    async def release(self, reservation_id: str) -> None: ...

    async def compile(self, job: Submission) -> Compilation: ...

    async def estimate(self, job: Submission, targets: Sequence[str]) -> Estimate: ...

    async def optimize(self, circuit: bytes, level: int, target: str) -> CompiledDocument: ...

    async def open_session(self, job: Submission, parameters: Mapping[str, int]) -> Session: ...

    async def evaluate(
        self, session_id: str, values: Mapping[str, Json], *, index: int, gradient: bool
    ) -> Evaluation: ...

    async def close_session(self, session_id: str) -> None: ...

    async def close(self) -> None: ...
