"""The role `kernel` as the role `api` sees it: `KernelService` over an `AsyncKernel`. It only translates."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from eigen.jobspec import JobSpec, Submission
from eigen.jobspec.batch import Entry
from eigen.roles.documents import from_document, to_document
from eigen.types import AuditEntry, JobQuery, JobState, ResumeLimits
from eigen.wire.internal import pb
from eigen.wire.plain import from_json, to_json

if TYPE_CHECKING:
    from collections.abc import AsyncGenerator, Sequence

    from eigen.api.kernel import AsyncKernel
    from eigen.types import Caller, CompiledDocument

CHUNK_BYTES = 1 << 20


class KernelServicer:
    """One method for each of KernelService: the request and the caller in, the reply out."""

    for_roles = frozenset({"FindKey", "AnyKey", "Audit", "Ready"})
    """What the role `api` asks for itself, without a caller."""

    def __init__(self, kernel: AsyncKernel) -> None:
        self._kernel = kernel

    async def submit(self, asked: pb.SubmitJobRequest, caller: Caller) -> pb.JobViewReply:
        """Store a job."""
        view = await self._kernel.submit(
            caller,
            submission_of(asked.job),
            idempotency_key=asked.idempotency_key,
            reservation_id=asked.reservation_id,
        )
        return pb.JobViewReply(job_json=to_document(view))

    async def submit_all(self, asked: pb.SubmitJobsRequest, caller: Caller) -> pb.ListJobsReply:
        """Store jobs, all or none."""
        entries = [
            Entry(
                submission_of(entry.job),
                entry.idempotency_key if entry.HasField("idempotency_key") else None,
                entry.reservation_id,
            )
            for entry in asked.jobs
        ]
        views = await self._kernel.submit_all(caller, entries, idempotency_key=asked.idempotency_key)
        return pb.ListJobsReply(jobs_json=_documents(views))

    async def get(self, asked: pb.JobRequest, caller: Caller) -> pb.JobViewReply:
        """The job now."""
        return pb.JobViewReply(job_json=to_document(await self._kernel.get(caller, asked.job_id)))

    async def results(self, asked: pb.JobRequest, caller: Caller) -> pb.JobResultsReply:
        """The results."""
        return pb.JobResultsReply(results_json=to_document(await self._kernel.results(caller, asked.job_id)))

    async def watch(self, asked: pb.WatchRequest, caller: Caller) -> AsyncGenerator[pb.JobEventReply]:
        """Events as they happen."""
        events = self._kernel.watch(caller, asked.job_id, asked.after)
        try:
            async for event in events:
                yield pb.JobEventReply(event_json=to_document(event))
        finally:
            await events.aclose()

    async def cancel(self, asked: pb.JobRequest, caller: Caller) -> pb.JobViewReply:
        """Ask to stop a job."""
        return pb.JobViewReply(job_json=to_document(await self._kernel.cancel(caller, asked.job_id)))

    async def decide(self, asked: pb.DecideRequest, caller: Caller) -> pb.JobViewReply:
        """Say what is done about work of unknown fate."""
        view = await self._kernel.decide(caller, asked.job_id, asked.decision, key=asked.key)
        return pb.JobViewReply(job_json=to_document(view))

    async def list(self, asked: pb.ListJobsRequest, caller: Caller) -> pb.ListJobsReply:
        """Jobs, newest first."""
        query = JobQuery(
            states=tuple(JobState(state) for state in asked.states),
            name=asked.name if asked.HasField("name") else None,
            limit=asked.limit,
            before=asked.before if asked.HasField("before") else None,
            workflow=asked.workflow if asked.HasField("workflow") else None,
        )
        return pb.ListJobsReply(jobs_json=_documents(await self._kernel.list(caller, query)))

    async def logs(self, asked: pb.JobRequest, caller: Caller) -> pb.JsonReply:
        """The log lines."""
        lines = await self._kernel.logs(caller, asked.job_id)
        return pb.JsonReply(json=to_json([dict(line) for line in lines]))

    async def explain(self, asked: pb.JobRequest, caller: Caller) -> pb.JsonReply:
        """Why the job is where it is."""
        return pb.JsonReply(json=to_json(dict(await self._kernel.explain(caller, asked.job_id))))

    async def replay(self, asked: pb.ReplayRequest, caller: Caller) -> pb.JobViewReply:
        """Do a job again."""
        view = await self._kernel.replay(caller, asked.job_id, idempotency_key=asked.idempotency_key)
        return pb.JobViewReply(job_json=to_document(view))

    async def resume(self, asked: pb.ResumeRequest, caller: Caller) -> pb.JobViewReply:
        """Go on with a job."""
        limits = ResumeLimits(**from_json(asked.limits_json))
        view = await self._kernel.resume(caller, asked.job_id, limits, idempotency_key=asked.idempotency_key)
        return pb.JobViewReply(job_json=to_document(view))

    async def verify(self, asked: pb.JobRequest, caller: Caller) -> pb.JsonReply:
        """Check what is kept of a job."""
        return pb.JsonReply(json=to_json((await self._kernel.verify(caller, asked.job_id)).to_json()))

    async def artifacts(self, asked: pb.JobRequest, caller: Caller) -> pb.ArtifactsReply:
        """The files of a job."""
        return pb.ArtifactsReply(artifacts_json=_documents(await self._kernel.artifacts(caller, asked.job_id)))

    async def artifact(self, asked: pb.ArtifactRequest, caller: Caller) -> AsyncGenerator[pb.ArtifactChunk]:
        """The bytes of one file, in pieces."""
        data = await self._kernel.artifact(caller, asked.job_id, asked.path)
        for start in range(0, len(data), CHUNK_BYTES):
            yield pb.ArtifactChunk(data=data[start : start + CHUNK_BYTES])

    async def devices(self, asked: pb.Empty, caller: Caller) -> pb.DevicesReply:
        """Every device."""
        del asked
        return pb.DevicesReply(devices_json=_documents(await self._kernel.devices(caller)))

    async def device(self, asked: pb.DeviceRequest, caller: Caller) -> pb.DeviceReply:
        """One device."""
        return pb.DeviceReply(device_json=to_document(await self._kernel.device(caller, asked.device_id)))

    async def calibrate(self, asked: pb.DeviceRequest, caller: Caller) -> pb.JsonReply:
        """Measure a device."""
        return pb.JsonReply(json=to_json(dict(await self._kernel.calibrate(caller, asked.device_id))))

    async def reserve(self, asked: pb.ReserveRequest, caller: Caller) -> pb.ReservationReply:
        """Hold a device."""
        held = await self._kernel.reserve(caller, asked.device_id, asked.ttl_seconds, asked.purpose)
        return pb.ReservationReply(reservation_json=to_document(held))

    async def release(self, asked: pb.ReleaseRequest, caller: Caller) -> pb.Empty:
        """End a reservation."""
        await self._kernel.release(caller, asked.reservation_id)
        return pb.Empty()

    async def compile(self, asked: pb.CompileJobRequest, caller: Caller) -> pb.CompiledReply:
        """Compile without running."""
        return _compiled(await self._kernel.compile(caller, submission_of(asked.job)))

    async def estimate(self, asked: pb.EstimateJobRequest, caller: Caller) -> pb.JsonReply:
        """What a job would take."""
        found = await self._kernel.estimate(caller, submission_of(asked.job), [*asked.targets])
        return pb.JsonReply(json=to_json(dict(found)))

    async def optimize(self, asked: pb.OptimizeRequest, caller: Caller) -> pb.CompiledReply:
        """Simplify and lower a circuit."""
        document = await self._kernel.optimize(caller, asked.circuit, level=asked.level, target=asked.target)
        return _compiled(document)

    async def open_session(self, asked: pb.OpenSessionRequest, caller: Caller) -> pb.SessionReply:
        """Hold a program open."""
        parameters = {entry.name: entry.length for entry in asked.parameters}
        session = await self._kernel.open_session(caller, submission_of(asked.job), parameters)
        return pb.SessionReply(session_json=to_document(session))

    async def evaluate(self, asked: pb.EvaluateRequest, caller: Caller) -> pb.EvaluationReply:
        """Run a session's program."""
        evaluation = await self._kernel.evaluate(
            caller,
            asked.session_id,
            from_json(asked.values_json),
            index=asked.index if asked.HasField("index") else None,
            gradient=asked.gradient,
        )
        return pb.EvaluationReply(evaluation_json=to_document(evaluation))

    async def close_session(self, asked: pb.SessionRequest, caller: Caller) -> pb.Empty:
        """Forget a session."""
        await self._kernel.close_session(caller, asked.session_id)
        return pb.Empty()

    async def find_key(self, asked: pb.FindKeyRequest) -> pb.ApiKeyReply:
        """An API key by its public part."""
        key = await self._kernel.find_key(asked.key_id)
        return pb.ApiKeyReply(key_json=None if key is None else to_document(key))

    async def any_key(self, asked: pb.Empty) -> pb.AnyKeyReply:
        """Whether there is any API key."""
        del asked
        return pb.AnyKeyReply(any=await self._kernel.any_key())

    async def audit(self, asked: pb.AuditRequest) -> pb.Empty:
        """Add a line to the audit log."""
        await self._kernel.audit(from_document(AuditEntry, asked.entry_json))
        return pb.Empty()

    async def ready(self, asked: pb.Empty) -> pb.Empty:
        """Return when work can be taken."""
        del asked
        await self._kernel.ready()
        return pb.Empty()


def submission_of(message: pb.Submission) -> Submission:
    """The submission that `submission_message` wrote."""
    spec = JobSpec.from_json(from_json(message.spec_json))
    return Submission(spec, dict(message.files), tuple(message.warnings))


def submission_message(job: Submission) -> pb.Submission:
    """A submission as a message."""
    return pb.Submission(spec_json=to_json(job.spec.to_json()), files=job.files, warnings=job.warnings)


def _documents(values: Sequence[Any]) -> list[bytes]:
    return [to_document(value) for value in values]


def _compiled(document: CompiledDocument) -> pb.CompiledReply:
    return pb.CompiledReply(
        program=document.program, circuit=document.circuit, report_json=to_json(dict(document.report))
    )
