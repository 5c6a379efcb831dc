"""`Client`: submit programs, follow them, read what they left. It speaks to a `Transport` and knows no kernel."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Protocol

from eigen.errors import EigenError
from eigen.jobspec import Submission

if TYPE_CHECKING:
    from collections.abc import Callable, Generator, Mapping, Sequence
    from pathlib import Path
    from types import TracebackType

    from eigen.types import ArtifactInfo, Device, JobEvent, JobResults, JobState, JobView, Json


class Compilation(Protocol):
    """A compiled program: the program itself, its main circuit, and the compiler's report as JSON."""

    @property
    def program(self) -> Any:
        """The `eigen.ir.Program`."""
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
    """How a client reaches a kernel: in this process, or over a network."""

    def submit(self, job: Submission, *, idempotency_key: str | None = None) -> str:
        """Store a job durably and return its id."""
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

    def list(self, *, states: Sequence[JobState], limit: int, before: str | None, name: str | None) -> list[JobView]:
        """Jobs, newest first."""
        ...

    def logs(self, job_id: str) -> Sequence[Mapping[str, Json]]:
        """The log lines of a job."""
        ...

    def explain(self, job_id: str) -> Mapping[str, Json]:
        """Why the job is where it is: placement, rivals, what was compiled."""
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

    def calibrate(self, device_id: str) -> Mapping[str, Json]:
        """Measure a device."""
        ...

    def compile(self, job: Submission) -> Compilation:
        """Compile without running or keeping anything."""
        ...

    def close(self) -> None:
        """Release what is held."""
        ...


class Client:
    """The way in for programs.

    >>> with eigen.connect() as client:          # doctest: +SKIP
    ...     job_id = client.submit("bell.eigen.py", shots=100)
    ...     print(client.wait(job_id).counts)
    """

    def __init__(self, transport: Transport) -> None:
        self._transport = transport

    def __enter__(self) -> Client:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def close(self) -> None:
        """Release the connection."""
        self._transport.close()

    def submit(self, job: Submission | Path | str, *, idempotency_key: str | None = None, **fields: Any) -> str:
        """Submit a job durably and return its id at once.

        `job` is a `Submission`, or the path of a job.yaml or of a program; `fields` are those of `spec` in
        job.yaml and win over it (`shots=100`, `inputs={"n": 3}`). The same key with the same job returns the
        same id; with another job it raises EIGEN_PUBLIC_IDEMPOTENCY_CONFLICT.
        """
        return self._transport.submit(read_job(job, **fields), idempotency_key=idempotency_key)

    def status(self, job_id: str) -> JobView:
        """The job now."""
        return self._transport.get(job_id)

    def results(self, job_id: str) -> JobResults:
        """The results of a finished job; EIGEN_JOB_NOT_FINISHED before."""
        return self._transport.results(job_id)

    def watch(self, job_id: str, *, after: int = 0) -> Generator[JobEvent]:
        """The job's events after sequence number `after`, as they happen; ends with the terminal one."""
        return self._transport.watch(job_id, after)

    def wait(self, job_id: str, *, on_event: Callable[[JobEvent], None] | None = None) -> JobResults:
        """Wait until the job has ended and return its results, whatever its state."""
        if on_event is None:
            self._transport.wait(job_id)
        else:
            for event in self.watch(job_id):
                on_event(event)
        return self.results(job_id)

    def run(self, job: Submission | Path | str, **fields: Any) -> JobResults:
        """Submit, wait, and return the results; raises the job's error when it did not succeed."""
        results = self.wait(self.submit(job, **fields))
        if results.error:
            raise EigenError.from_json(results.error)
        return results

    def cancel(self, job_id: str) -> JobView:
        """Ask to stop a job and return how it stands; EIGEN_JOB_FINISHED when it has ended."""
        return self._transport.cancel(job_id)

    def list(
        self,
        *,
        states: Sequence[JobState] = (),
        limit: int = 50,
        before: str | None = None,
        name: str | None = None,
    ) -> list[JobView]:
        """Jobs, newest first; `before` is the last id of the page before."""
        return self._transport.list(states=states, limit=limit, before=before, name=name)

    def logs(self, job_id: str) -> Sequence[Mapping[str, Json]]:
        """The log lines of a job, oldest first."""
        return self._transport.logs(job_id)

    def explain(self, job_id: str) -> Mapping[str, Json]:
        """Why the job runs where it runs."""
        return self._transport.explain(job_id)

    def artifacts(self, job_id: str) -> tuple[ArtifactInfo, ...]:
        """The files of a job."""
        return self._transport.artifacts(job_id)

    def artifact(self, job_id: str, path: str) -> bytes:
        """The bytes of one file of a job, checked against their digest."""
        return self._transport.artifact(job_id, path)

    def devices(self) -> tuple[Device, ...]:
        """Every device there is."""
        return self._transport.devices()

    def calibrate(self, device_id: str) -> Mapping[str, Json]:
        """Measure a device; empty when it has nothing to calibrate."""
        return self._transport.calibrate(device_id)

    def compile(self, job: Submission | Path | str, **fields: Any) -> Compilation:
        """Compile a program without running or keeping anything; EIGEN_LANG_REJECTED with its diagnostics."""
        return self._transport.compile(read_job(job, **fields))


def read_job(job: Submission | Path | str, **fields: Any) -> Submission:
    """The submission of a path or of a submission, with `fields` of `spec` on top."""
    from eigen.jobspec import load_job, load_program, with_overrides

    if not isinstance(job, Submission):
        name = str(job)
        job = load_job(name) if name.endswith((".yaml", ".yml")) else load_program(name)
    given = {key: value for key, value in fields.items() if value is not None}
    return with_overrides(job, given) if given else job
