"""`Kernel`: submit, look at, cancel. It stores wishes and reads what is stored; `Worker` does the work."""

from __future__ import annotations

from hashlib import sha256
from math import isfinite
from typing import TYPE_CHECKING

from eigen.errors import EigenError
from eigen.kernel import decisions, jobs, logs, record
from eigen.kernel.clock import job_id_from
from eigen.kernel.events import Announce
from eigen.kernel.explanation import explanation
from eigen.kernel.failpoints import hit
from eigen.kernel.intake import again, asked, check_key, check_names, draft, tell_submitted, visible
from eigen.kernel.receipt import FOLDER
from eigen.kernel.repetition import SPEC_FILE, Repetition, resumed
from eigen.kernel.results import document
from eigen.kernel.sealing import final_files, history, results_of
from eigen.kernel.steps_view import count_steps
from eigen.telemetry import span
from eigen.types import OPERATOR, ArtifactInfo, JobState, JobView, ResumeLimits

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from eigen.jobspec import JobSpec
    from eigen.jobspec.batch import Entry
    from eigen.kernel.ports import Ports
    from eigen.qfs.store import JobRow, NewJob
    from eigen.types import Caller, JobEvent, JobResults, Json, Verification

MAX_PAGE = 1000
SEAL_SECONDS, SEAL_POLL_SECONDS = 10.0, 0.02
MAX_LIMIT = 10**12


class Kernel:
    """The jobs of one data directory, as one caller sees them: what is another tenant's is not there."""

    def __init__(self, ports: Ports, caller: Caller = OPERATOR) -> None:
        self.ports = ports
        self.caller = caller

    def of(self, caller: Caller) -> Kernel:
        """The same jobs as this caller sees them."""
        return Kernel(self.ports, caller)

    def submit(
        self,
        spec: JobSpec,
        files: Mapping[str, bytes],
        *,
        idempotency_key: str | None = None,
        reservation_id: str = "",
    ) -> str:
        """Store a job and return its id; when this returns, the job survives any crash.

        It belongs to the caller's tenant (`default` for the operator) and project (else its namespace).
        With a reservation it runs on the device that is reserved; EIGEN_RESERVATION_NOT_FOUND when the caller's
        tenant holds none of that id now.

        `files` are its inputs by artifact path: the program at `spec.program.artifact`, each data set at its own,
        and `input/job.yaml` when there is one. With an idempotency key the same request gives the same job.
        Raises EIGEN_INPUT_DIGEST for a program of another digest, EIGEN_QFS_NOT_FOUND for a missing one,
        EIGEN_JOBSPEC_INVALID for a key that is empty, longer than 256 characters or not printable,
        EIGEN_QUOTA_EXCEEDED when the tenant or the project has as much under way as it may.
        """
        return self.submitted(spec, files, idempotency_key=idempotency_key, reservation_id=reservation_id).job_id

    def submitted(
        self,
        spec: JobSpec,
        files: Mapping[str, bytes],
        *,
        idempotency_key: str | None = None,
        reservation_id: str = "",
    ) -> JobView:
        """The same, and the job as it was stored: it is not read again."""
        check_key(idempotency_key)
        repetition, digest = asked(self.ports, self.caller, spec, files, reservation_id)
        return self._store(repetition, digest, idempotency_key, reservation_id)

    def submit_all(self, entries: Sequence[Entry], *, idempotency_key: str | None = None) -> tuple[JobView, ...]:
        """Store jobs, all of them or none, and return them in their order; see `batch.submit_all`."""
        from eigen.kernel.batch import submit_all

        return submit_all(self, entries, idempotency_key)

    def replay(self, job_id: str, *, idempotency_key: str | None = None) -> str:
        """Store a new job that does a finished one again, from its stored inputs, with its seed and entropy; its id.

        When it has ended, `replay` in the metadata of its results says whether the two agree. EIGEN_JOB_NOT_FOUND,
        EIGEN_JOB_NOT_FINISHED, EIGEN_QFS_DATA_LOSS.
        """
        return self.replayed(job_id, idempotency_key=idempotency_key).job_id

    def replayed(self, job_id: str, *, idempotency_key: str | None = None) -> JobView:
        """The same, and the job as it was stored."""
        check_key(idempotency_key)
        return self._store(*again(self.ports, self.caller, job_id), idempotency_key)

    def resume(self, job_id: str, limits: ResumeLimits | None = None, *, idempotency_key: str | None = None) -> str:
        """Store a new job that goes on where a stopped, cancelled or failed one ended, by its journal; its id.

        EIGEN_JOB_NOT_FOUND, EIGEN_JOB_NOT_FINISHED, EIGEN_JOB_FINISHED when it ran to its end, EIGEN_RUN_BUDGET when
        it would stop at once again, EIGEN_QFS_DATA_LOSS.
        """
        return self.resumed(job_id, limits, idempotency_key=idempotency_key).job_id

    def resumed(
        self, job_id: str, limits: ResumeLimits | None = None, *, idempotency_key: str | None = None
    ) -> JobView:
        """The same, and the job as it was stored."""
        check_key(idempotency_key)
        limits = limits or ResumeLimits()
        _check_limits(limits)
        row = self._row(job_id)
        repetition = resumed(self.ports, row, limits)
        wanted = sha256(document({"resumed_from": row.job_id, "limits": limits.to_json()})).hexdigest()
        return self._store(repetition, wanted, idempotency_key)

    def _store(self, wanted: Repetition, digest: str, key: str | None, reservation_id: str = "") -> JobView:
        with span("submit") as submission:
            stored = self._submit(wanted, None if key is None else (key, digest), reservation_id)
            submission.set(job_id=stored.job_id)
            return stored

    def _submit(self, wanted: Repetition, request: tuple[str, str] | None, reservation_id: str) -> JobView:
        now = self.ports.clock.now()
        job_id = job_id_from(now, self.ports.entropy.bits(80))
        new = draft(self.ports, self.caller, job_id, now, wanted, request, reservation_id)
        if request is not None and (known := self.ports.jobs.requested(new.row, request)) is not None:
            return self.get(known)
        check_names(self.ports, self.caller, new.row)
        self.ports.jobs.check_quota(new.row)  # before anything of it is stored
        self.ports.artifacts.put_all(job_id, {**wanted.files, SPEC_FILE: document(wanted.spec.to_json())})
        hit("submit.files-stored")
        holder = self.ports.jobs.insert(new.row, new.event, idempotency=request, journal_of=wanted.journal_of)
        hit("submit.committed")
        return told(self, new, holder)

    def get(self, job_id: str) -> JobView:
        """The job as it stands; EIGEN_JOB_NOT_FOUND."""
        return view(self._row(job_id))

    def results(self, job_id: str) -> JobResults:
        """The results of an ended job, whatever its end; EIGEN_JOB_NOT_FINISHED, EIGEN_QFS_DATA_LOSS."""
        row = self._row(job_id)
        if not row.state.is_terminal:
            raise EigenError("EIGEN_JOB_NOT_FINISHED", f"job `{job_id}` is {row.state.value}", where=job_id)
        return results_of(self.ports, row)

    def cancel(self, job_id: str) -> None:
        """Ask a job to stop. One that no worker holds has ended when this returns; a running one ends between two
        evaluations. EIGEN_JOB_FINISHED when it had ended before."""
        row = self._row(job_id)
        if row.state.is_terminal or not self.ports.jobs.request_cancel(job_id):
            raise EigenError("EIGEN_JOB_FINISHED", f"job `{job_id}` has ended with {self._row(job_id).state.value}")
        hit("cancel.wished")
        from eigen.kernel.worker import Worker

        Worker(self.ports).settle(job_id)

    def decide(self, job_id: str, decision: str, *, key: str = "") -> None:
        """Say what is done about work of which nobody knows what became: `again` submits it again, and may be charged a
        second time; `give_up` ends the job with EIGEN_RUN_UNDECIDED and what it has. The event log says who decided.
        With the `key` of a submission only about that one, and saying the same again is no error.

        EIGEN_JOB_NOT_FOUND, EIGEN_JOB_NOT_UNDECIDED, EIGEN_JOB_FINISHED, EIGEN_REQUEST_INVALID.
        """
        decisions.check(decision)
        while True:
            row = self._row(job_id)
            about = decisions.asked(self.ports.jobs.events(job_id, row.event_seq - 1)) if decisions.awaits(row) else {}
            if not about or key not in ("", about["key"]):
                if key and decisions.decisions(history(self.ports, job_id)).get(key, {}).get("decision") == decision:
                    return
                raise decisions.refusal(row)
            event = decisions.decided(self.ports.clock.now(), decision, self.caller.subject, about)
            job, effects = jobs.step(row, event)
            told = [effect.event for effect in effects if isinstance(effect, Announce)]
            if self.ports.jobs.update(job, told, expected_version=row.version, fence=row.fence):
                hit("decide.kept")
                logs.write(self.ports, job_id, "info", job.message, stage=job.stage, extra=told[0].data)
                return

    def list(
        self,
        *,
        states: Sequence[JobState] = (),
        limit: int = 50,
        before: str | None = None,
        name: str | None = None,
        workflow: str | None = None,
    ) -> tuple[JobView, ...]:
        """Jobs, newest first; `before` is the last job id of the page before. Those of steps are among the jobs of
        their `workflow` alone; EIGEN_JOB_NOT_FOUND when there is no such job."""
        if workflow is not None:
            self._row(workflow)
        limit = min(max(limit, 0), MAX_PAGE)
        mine = {"tenant": self.caller.tenant, "project": self.caller.project}
        mine["workflow"] = workflow or ""
        found = self.ports.jobs.list(states=states, limit=limit, before=before, name=name, **mine)
        return tuple(view(row) for row in found)

    def events(self, job_id: str, after: int = 0, *, limit: int = 1000) -> tuple[JobEvent, ...]:
        """The events after sequence number `after`; EIGEN_STREAM_CURSOR when it lies outside the log."""
        row = self._row(job_id)
        if not 0 <= after <= row.event_seq:
            message = f"the cursor `{after}` lies outside the event log of `{job_id}`, which has {row.event_seq} events"
            raise EigenError("EIGEN_STREAM_CURSOR", message)
        return self.ports.jobs.events(job_id, after, limit)

    def explain(self, job_id: str) -> dict[str, Json]:
        """Why the job is where it is: target, placement with reasons and rivals, queue, trace, and the moves so far."""
        row = self._row(job_id)
        return explanation(self.ports, row, waits_for=self._waits_for(row), files=self._files(row))

    def verify(self, job_id: str) -> Verification:
        """Check all that is kept of a finished job; EIGEN_JOB_NOT_FINISHED while it runs.

        The files of one that ended a moment ago are waited for; EIGEN_JOB_NOT_FINISHED too when nobody writes them.
        """
        row = self._sealed(job_id)
        if not row.sealed:
            state = "being sealed" if row.state.is_terminal else row.state.value
            raise EigenError("EIGEN_JOB_NOT_FINISHED", f"job `{job_id}` is {state}", where=job_id)
        from eigen.kernel.verification import verify
        from eigen.kernel.verification.evidence import evidence_of

        return verify(evidence_of(self.ports, row))

    def logs(self, job_id: str) -> tuple[Mapping[str, Json], ...]:
        """The lines of the job's log."""
        self._row(job_id)
        return logs.read(self.ports, job_id)

    def artifacts(self, job_id: str) -> tuple[ArtifactInfo, ...]:
        """The files kept of the job; EIGEN_QFS_DATA_LOSS."""
        files = self._files(self._row(job_id))
        if not any(path.startswith("input/") for path in files):  # a job is stored after its inputs
            raise EigenError("EIGEN_QFS_DATA_LOSS", f"the files of job `{job_id}` are gone from the data directory")
        return tuple(info for _, info in sorted(files.items()))

    def artifact(self, job_id: str, path: str) -> bytes:
        """One file, checked by its digest, or one of the record (`record/…`) that is made of what the database keeps
        of an ended job; EIGEN_QFS_NOT_FOUND, EIGEN_QFS_PATH, EIGEN_QFS_DATA_LOSS."""
        if path.startswith(record.FOLDER):
            return self._recorded(job_id, path)
        coming = self._coming(self._row(job_id))
        try:
            return self.ports.artifacts.get(job_id, path)
        except EigenError as error:
            if error.code != "EIGEN_QFS_NOT_FOUND":
                raise
            data = coming.get(path) or coming.get(FOLDER + path)
            if data is not None:
                return data
            self.artifacts(job_id)
            raise

    def _recorded(self, job_id: str, path: str) -> bytes:
        row = self._sealed(job_id)
        if not row.sealed:
            raise EigenError("EIGEN_JOB_NOT_FINISHED", f"job `{job_id}` is {row.state.value}", where=job_id)
        ports = self.ports
        files = record.record(row, ports.artifacts.list(job_id), history(ports, job_id), ports.jobs.journal(job_id))
        if path not in files:
            raise EigenError("EIGEN_QFS_NOT_FOUND", f"job `{job_id}` has no record `{path[:80]}`")
        return files[path]

    def _files(self, row: JobRow) -> dict[str, ArtifactInfo]:
        """What is stored of a job or about to be, by path."""
        coming = {path: _info(row.job_id, path, data) for path, data in self._coming(row).items()}
        return coming | {info.path: info for info in self.ports.artifacts.list(row.job_id)}

    def _coming(self, row: JobRow) -> dict[str, bytes]:
        """The files that a job which ended a moment ago is about to get. To be asked for before the stored ones, which
        are there before the outcome that these are made of is dropped."""
        if row.sealed or not row.state.is_terminal:
            return {}
        return final_files(self.ports, row)

    def _sealed(self, job_id: str) -> JobRow:
        """The row; of a job that has ended, once its files are written or have been waited for in vain."""
        clock = self.ports.clock
        until = clock.monotonic() + SEAL_SECONDS
        row = self._row(job_id)
        while row.state.is_terminal and not row.sealed and clock.monotonic() < until:
            clock.sleep(SEAL_POLL_SECONDS)
            row = self._row(job_id)
        return row

    def _row(self, job_id: str) -> JobRow:
        return visible(self.ports, self.caller, job_id)

    def _waits_for(self, row: JobRow) -> list[str]:
        """The jobs that must end first. Their ids stand in the job itself, whoever may see the jobs."""
        rows = ((name, self.ports.jobs.get(name)) for name in row.dependencies)
        return [name for name, other in rows if other is not None and not other.state.is_terminal]


def told(kernel: Kernel, new: NewJob, holder: str) -> JobView:
    """A job that was just stored, with the first line of its log; or the one that holds its request already."""
    if holder != new.row.job_id:
        return kernel.get(holder)
    tell_submitted(kernel.ports, new.row)
    return view(new.row)


def view(row: JobRow) -> JobView:
    """What anyone may see of a row."""
    return JobView(
        job_id=row.job_id,
        name=row.name,
        state=row.state,
        stage=row.stage,
        progress=row.progress,
        message=row.message,
        created_at=row.created_at,
        updated_at=row.updated_at,
        target=row.target,
        priority=row.priority,
        device_id=row.device_id,
        error=row.error,
        event_seq=row.event_seq,
        attempts=row.attempt,
        resumed_from=row.resumed_from,
        tenant=row.tenant,
        project=row.project,
        reservation_id=row.reservation_id,
        replay_of=str(row.spec.get("replay_of") or ""),
        steps=count_steps(row),
        workflow=row.workflow,
        step=row.step,
        item=row.item,
    )


def _info(job_id: str, path: str, data: bytes) -> ArtifactInfo:
    """What will be recorded of a JSON file."""
    return ArtifactInfo(path, f"qfs://jobs/{job_id}/{path}", sha256(data).hexdigest(), len(data), "application/json")


def _check_limits(limits: ResumeLimits) -> None:
    for name, value in limits.to_json().items():
        if not (isfinite(value) and 0 <= value <= MAX_LIMIT):
            message = f"`{name}` lies between 0 (no limit) and {MAX_LIMIT:,}, not at `{value}`"
            raise EigenError("EIGEN_REQUEST_INVALID", message, where=name)
