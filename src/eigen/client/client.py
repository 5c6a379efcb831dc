"""`Client`: submit programs, follow them, read what they left. It speaks to a `Transport` and knows no kernel."""

from __future__ import annotations

from contextlib import closing
from pathlib import Path
from typing import TYPE_CHECKING, Any

from eigen.client import folder as exported
from eigen.client.reading import read_job, read_jobs
from eigen.errors import EigenError
from eigen.telemetry import span
from eigen.types import JobQuery, ResumeLimits

if TYPE_CHECKING:
    from collections.abc import Callable, Generator, Mapping, Sequence
    from types import TracebackType

    from eigen.client.estimating import Judge
    from eigen.client.reading import Job
    from eigen.client.results import Results
    from eigen.client.sessions import HeldSession
    from eigen.client.transport import Compilation, Transport
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


class Client:
    """The way in for programs. Safe to use from several threads.

    >>> with eigen.connect() as client:          # doctest: +SKIP
    ...     job_id = client.submit("bell.eigen.py", shots=100)
    ...     print(client.wait(job_id).counts)
    """

    def __init__(self, transport: Transport, judge: Judge | None = None) -> None:
        self._transport = transport
        self._judge = judge

    def __enter__(self) -> Client:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def close(self) -> None:
        """Release the connection."""
        self._transport.close()

    def submit(
        self,
        job: Job,
        *,
        idempotency_key: str | None = None,
        reservation_id: str = "",
        **fields: Any,
    ) -> str:
        """Submit a job durably and return its id at once.

        `job` is a `Submission`, the path of a job.yaml or of a program, or an object: a `Circuit`, here or of another
        package, or an `Evolution`. `fields` are those of `spec` in job.yaml and win over it (`shots=100`,
        `inputs={"n": 3}`). The same key with the same job returns the same id; with another job it raises
        EIGEN_PUBLIC_IDEMPOTENCY_CONFLICT. `reservation_id` runs it on the
        device that `reserve` holds.
        """
        return self._transport.submit(
            read_job(job, **fields), idempotency_key=idempotency_key, reservation_id=reservation_id
        )

    def submit_many(
        self,
        jobs: Sequence[Job],
        *,
        idempotency_key: str | None = None,
        idempotency_keys: Sequence[str | None] = (),
        reservation_id: str = "",
        **fields: Any,
    ) -> tuple[str, ...]:
        """Submit jobs durably, all of them or none, and return their ids in their order.

        Each is what `submit` takes, and `fields` are for every one of them. The same batch under the same
        `idempotency_key` gives the same ids. `idempotency_keys` are for the jobs one by one: one that was submitted
        under its key before, alone or in any batch, is the job that it was.

        Raises EIGEN_BATCH_REFUSED, whose `details["jobs"]` say by `index` what is wrong with each;
        EIGEN_LIMIT_EXCEEDED for more than 1,000 jobs, or where they are larger than a message; EIGEN_QUOTA_EXCEEDED
        where they are too many together.
        """
        entries = read_jobs(jobs, idempotency_keys, reservation_id, **fields)
        return self._transport.submit_all(entries, idempotency_key=idempotency_key)

    def status(self, job_id: str) -> JobView:
        """The job now; EIGEN_JOB_NOT_FOUND."""
        return self._transport.get(job_id)

    def results(self, job_id: str) -> Results:
        """The results of a finished job; EIGEN_JOB_NOT_FINISHED before."""
        from eigen.client.results import Results

        return Results.of(self._transport.results(job_id))

    def watch(self, job_id: str, *, after: int = 0) -> Generator[JobEvent]:
        """The job's events after sequence number `after`, as they happen; ends with the terminal one.

        Each event comes once and none is left out, also when the connection breaks and the server restarts
        meanwhile. Leaving the loop early and closing the generator stops the watching, not the job.
        """
        return self._transport.watch(job_id, after)

    def wait(self, job_id: str, *, on_event: Callable[[JobEvent], None] | None = None) -> Results:
        """Wait until the job has ended and return its results, whatever its state."""
        if on_event is None:
            self._transport.wait(job_id)
            return self.results(job_id)
        with closing(self.watch(job_id)) as events:
            for event in events:
                on_event(event)
        return self.results(job_id)

    def run(self, job: Job, **fields: Any) -> Results:
        """Submit, wait, and return the results; raises the job's error when it did not succeed."""
        with span("client.run", kind="client"):
            results = self.wait(self.submit(job, **fields))
        if results.error:
            raise EigenError.from_json(results.error)
        return results

    def cancel(self, job_id: str) -> JobView:
        """Ask to stop a job and return how it stands; EIGEN_JOB_FINISHED when it has ended."""
        return self._transport.cancel(job_id)

    def decide(self, job_id: str, decision: str, *, key: str = "") -> JobView:
        """Say what is done about work of which nobody knows whether a device that charges got it, and return how the
        job stands: `again` submits it again and accepts a second charge, `give_up` ends the job with what it has.

        `key` names the submission, as the event that asks for the decision does; by default it is the one asked about
        now. EIGEN_JOB_NOT_UNDECIDED when the job waits for no decision, EIGEN_REQUEST_INVALID for another word.
        """
        return self._transport.decide(job_id, decision, key=key)

    def list(
        self,
        *,
        states: Sequence[JobState] = (),
        limit: int = 50,
        before: str | None = None,
        name: str | None = None,
        workflow: str | None = None,
    ) -> list[JobView]:
        """Jobs, newest first; `before` is the last id of the page before. The jobs of a workflow's steps are listed
        where `workflow` names it, and nowhere else."""
        return [*self._transport.list(JobQuery(tuple(states), name, limit, before, workflow))]

    def logs(self, job_id: str) -> Sequence[Mapping[str, Json]]:
        """The log lines of a job, oldest first."""
        return self._transport.logs(job_id)

    def explain(self, job_id: str) -> Mapping[str, Json]:
        """Why the job runs where it runs."""
        return self._transport.explain(job_id)

    def replay(self, job_id: str, *, idempotency_key: str | None = None) -> JobView:
        """Store a new job that does a finished one again, from its stored inputs and with its seed.

        When it has ended, `metadata["replay"]` of its results has the `verdict`: `identical`, `agrees`, `differs` or
        `not comparable`, the `test` and a `detail`. EIGEN_JOB_NOT_FINISHED.
        """
        return self._transport.replay(job_id, idempotency_key=idempotency_key)

    def resume(self, job_id: str, limits: ResumeLimits | None = None, *, idempotency_key: str | None = None) -> JobView:
        """Store a new job that goes on where a stopped, cancelled, failed or budget-ended one ended, with its journal
        and, where they are given, other limits. EIGEN_JOB_FINISHED when it ran to its end."""
        return self._transport.resume(job_id, limits or ResumeLimits(), idempotency_key=idempotency_key)

    def verify(self, job_id: str) -> Verification:
        """Check all that is kept of a finished job, from its files to its physics; it has a verdict for each check,
        and `holds` when none failed. EIGEN_JOB_NOT_FINISHED."""
        return self._transport.verify(job_id)

    def artifacts(self, job_id: str) -> tuple[ArtifactInfo, ...]:
        """The files of a job."""
        return self._transport.artifacts(job_id)

    def artifact(self, job_id: str, path: str) -> bytes:
        """The bytes of one file of a job, checked against their digest."""
        return self._transport.artifact(job_id, path)

    def export(self, job_id: str, folder: Path | str) -> Path:
        """Write a finished job into a new folder: its files, and what the database keeps of it (`record/`), so that
        `eigen verify FOLDER` checks it anywhere. Returns the folder. EIGEN_JOB_NOT_FINISHED, and EIGEN_USAGE for one
        that is not empty."""
        place = Path(folder)
        record = {path: self.artifact(job_id, path) for path in exported.RECORD}
        exported.make(place)
        for info in self.artifacts(job_id):
            exported.write(place, info.path, self.artifact(job_id, info.path))
        for path, data in record.items():
            exported.write(place, path, data)
        return place

    def devices(self) -> tuple[Device, ...]:
        """Every device there is, with its queue depth and expected wait."""
        return self._transport.devices()

    def device(self, device_id: str) -> Device:
        """One device; EIGEN_DEVICE_UNKNOWN."""
        return self._transport.device(device_id)

    def calibrate(self, device_id: str) -> Mapping[str, Json]:
        """Measure a device; empty when it has nothing to calibrate."""
        return self._transport.calibrate(device_id)

    def reserve(self, device_id: str, *, seconds: int, purpose: str = "") -> Reservation:
        """Hold a device: nobody else's work starts on it until the time is over; EIGEN_DEVICE_RESERVED."""
        return self._transport.reserve(device_id, seconds, purpose)

    def release(self, reservation_id: str) -> None:
        """End a reservation before its time; EIGEN_RESERVATION_NOT_FOUND."""
        self._transport.release(reservation_id)

    def compile(self, job: Job, **fields: Any) -> Compilation:
        """Compile a program without running or keeping anything; EIGEN_LANG_REJECTED with its diagnostics."""
        return self._transport.compile(read_job(job, **fields))

    def estimate(
        self, job: Job, *, targets: Sequence[str] = (), prices: Sequence[Path | str] = (), **fields: Any
    ) -> Estimate:
        """What a job would take on each device, before it is submitted: sizes, time, memory, shots, cost, success.

        `targets` are as in job.yaml, files that describe a device, or shapes such as `line:20`; without them every
        device is looked at. `prices` are price sheets beside those of the data directory. Nothing is run. The kernel
        makes the estimate, with its own devices and prices; where a file of this side is needed, the program is
        compiled there and judged here. What `compile` raises, EIGEN_DEVICE_UNKNOWN, EIGEN_CONFIG_INVALID for a price
        sheet, EIGEN_USAGE for a description.
        """
        from eigen.client.estimating import estimated, needs_files

        asked = read_job(job, **fields)
        if not needs_files(targets, prices):
            return self._transport.estimate(asked, targets)
        if self._judge is None:
            raise EigenError("EIGEN_NOT_AVAILABLE", "a client of its own making has no compiler for estimates of files")
        compiled, devices = self._transport.compile(asked), self._transport.devices()
        return estimated(self._judge, compiled, asked.spec, devices, targets=targets, sheets=prices)

    def optimize(self, circuit: bytes, *, level: int = 1, target: str = "") -> CompiledDocument:
        """A circuit in AQO, simplified (`level` 0 to 3) and, with a `target`, lowered to that device."""
        return self._transport.optimize(circuit, level, target)

    def session(self, job: Job, *, parameters: Mapping[str, int] | Sequence[str], **fields: Any) -> HeldSession:
        """Compile, place and lower a program once, and hold it open for evaluations: use as a context manager.

        `parameters` are inputs of the entry point that stay open: names of numbers, or a mapping from name to
        length (0 is a number). See `HeldSession`.
        """
        from eigen.client.sessions import HeldSession, lengths

        return HeldSession(self._transport, read_job(job, **fields), lengths(parameters))
