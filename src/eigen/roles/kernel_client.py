"""`RemoteKernel`: the kernel in another process, as an `AsyncKernel`.

While the kernel role restarts, calls wait for it and streams resume after the last event they handed out. What could
be done twice by asking twice carries a key (submit), or is asked once (reserve).
"""

from __future__ import annotations

import asyncio
import uuid
from typing import TYPE_CHECKING, Any

from eigen.errors import EigenError
from eigen.roles.calls import PATIENCE_SECONDS, AsyncRole, Patience
from eigen.roles.documents import from_document, to_document
from eigen.roles.kernel_server import submission_message
from eigen.types import (
    ApiKey,
    ArtifactInfo,
    CompiledDocument,
    Device,
    Evaluation,
    JobEvent,
    JobResults,
    JobState,
    JobView,
    Reservation,
    Session,
    Verification,
)
from eigen.wire.internal import pb
from eigen.wire.plain import from_json, to_json

if TYPE_CHECKING:
    from collections.abc import AsyncGenerator, Mapping, Sequence

    from eigen.config import Settings
    from eigen.jobspec import Submission
    from eigen.jobspec.batch import Entry
    from eigen.types import AuditEntry, Caller, JobQuery, Json, ResumeLimits

SERVICE = pb.DESCRIPTOR.services_by_name["KernelService"]
READY_SECONDS = 2.0
"""How long the kernel may take to say that it is ready."""


class RemoteKernel:
    """Asks the role `kernel`. `patience` is how long it may be away before that is an error."""

    def __init__(self, settings: Settings, *, patience: float = PATIENCE_SECONDS) -> None:
        self._role = AsyncRole(settings, "kernel_address", SERVICE)
        self._patience = patience

    async def submit(
        self, caller: Caller, job: Submission, *, idempotency_key: str | None = None, reservation_id: str = ""
    ) -> JobView:
        """See `AsyncKernel.submit`. Without a key of the caller's it goes under one of its own."""
        request = pb.SubmitJobRequest(
            job=submission_message(job),
            idempotency_key=_key(idempotency_key),
            reservation_id=reservation_id,
        )
        return from_document(JobView, (await self._ask("Submit", request, caller)).job_json)

    async def submit_all(
        self, caller: Caller, entries: Sequence[Entry], *, idempotency_key: str | None = None
    ) -> tuple[JobView, ...]:
        """See `AsyncKernel.submit_all`. Without a key of the caller's it goes under one of its own."""
        asked = [
            pb.BatchEntry(
                job=submission_message(entry.job),
                idempotency_key=entry.idempotency_key,
                reservation_id=entry.reservation_id,
            )
            for entry in entries
        ]
        request = pb.SubmitJobsRequest(jobs=asked, idempotency_key=_key(idempotency_key))
        reply = await self._ask("SubmitAll", request, caller)
        return tuple(from_document(JobView, data) for data in reply.jobs_json)

    async def get(self, caller: Caller, job_id: str) -> JobView:
        """See `AsyncKernel.get`."""
        return from_document(JobView, (await self._ask("Get", pb.JobRequest(job_id=job_id), caller)).job_json)

    async def results(self, caller: Caller, job_id: str) -> JobResults:
        """See `AsyncKernel.results`."""
        reply = await self._ask("Results", pb.JobRequest(job_id=job_id), caller)
        return from_document(JobResults, reply.results_json)

    async def watch(self, caller: Caller, job_id: str, after: int = 0) -> AsyncGenerator[JobEvent]:
        """See `AsyncKernel.watch`. A stream that breaks is taken up again after the last event handed out."""
        waits = Patience(self._patience)
        while True:
            replies = self._role.stream("Watch", pb.WatchRequest(job_id=job_id, after=after), caller)
            try:
                async for reply in replies:
                    event = from_document(JobEvent, reply.event_json)
                    if event.seq > after:
                        after = event.seq
                        yield event
                    waits = Patience(self._patience)
                return
            except EigenError as error:
                pause = waits.after(error)
            finally:
                await replies.aclose()
            await asyncio.sleep(pause)

    async def cancel(self, caller: Caller, job_id: str) -> JobView:
        """See `AsyncKernel.cancel`. A job that is found cancelled when the kernel is back was cancelled by this."""
        request = pb.JobRequest(job_id=job_id)
        waits = Patience(self._patience)
        again = False
        while True:
            try:
                reply = await self._role.call("Cancel", request, caller, patience=0.0)
                return from_document(JobView, reply.job_json)
            except EigenError as error:
                if error.code == "EIGEN_JOB_FINISHED" and again:
                    view = await self.get(caller, job_id)
                    if view.state is JobState.CANCELLED:
                        return view
                pause = waits.after(error)
            again = True
            await asyncio.sleep(pause)

    async def decide(self, caller: Caller, job_id: str, decision: str, *, key: str = "") -> JobView:
        """See `AsyncKernel.decide`. Without a key it is made once: the second time it could be about something else."""
        request = pb.DecideRequest(job_id=job_id, decision=decision, key=key)
        patience = self._patience
        reply = await self._role.call("Decide", request, caller, patience=patience, repeatable=bool(key))
        return from_document(JobView, reply.job_json)

    async def list(self, caller: Caller, query: JobQuery) -> tuple[JobView, ...]:
        """See `AsyncKernel.list`."""
        request = pb.ListJobsRequest(
            states=[state.value for state in query.states],
            name=query.name,
            limit=query.limit,
            before=query.before,
            workflow=query.workflow,
        )
        reply = await self._ask("List", request, caller)
        return tuple(from_document(JobView, data) for data in reply.jobs_json)

    async def logs(self, caller: Caller, job_id: str) -> Sequence[Mapping[str, Json]]:
        """See `AsyncKernel.logs`."""
        return tuple(from_json((await self._ask("Logs", pb.JobRequest(job_id=job_id), caller)).json))

    async def explain(self, caller: Caller, job_id: str) -> Mapping[str, Json]:
        """See `AsyncKernel.explain`."""
        return from_json((await self._ask("Explain", pb.JobRequest(job_id=job_id), caller)).json)

    async def replay(self, caller: Caller, job_id: str, *, idempotency_key: str | None = None) -> JobView:
        """See `AsyncKernel.replay`. Without a key of the caller's it goes under one of its own."""
        request = pb.ReplayRequest(job_id=job_id, idempotency_key=_key(idempotency_key))
        return from_document(JobView, (await self._ask("Replay", request, caller)).job_json)

    async def resume(
        self, caller: Caller, job_id: str, limits: ResumeLimits, *, idempotency_key: str | None = None
    ) -> JobView:
        """See `AsyncKernel.resume`. Without a key of the caller's it goes under one of its own."""
        request = pb.ResumeRequest(
            job_id=job_id, limits_json=to_json(limits.to_json()), idempotency_key=_key(idempotency_key)
        )
        return from_document(JobView, (await self._ask("Resume", request, caller)).job_json)

    async def verify(self, caller: Caller, job_id: str) -> Verification:
        """See `AsyncKernel.verify`."""
        return Verification.from_json(from_json((await self._ask("Verify", pb.JobRequest(job_id=job_id), caller)).json))

    async def artifacts(self, caller: Caller, job_id: str) -> tuple[ArtifactInfo, ...]:
        """See `AsyncKernel.artifacts`."""
        reply = await self._ask("Artifacts", pb.JobRequest(job_id=job_id), caller)
        return tuple(from_document(ArtifactInfo, data) for data in reply.artifacts_json)

    async def artifact(self, caller: Caller, job_id: str, path: str) -> bytes:
        """See `AsyncKernel.artifact`."""
        waits = Patience(self._patience)
        while True:
            replies = self._role.stream("Artifact", pb.ArtifactRequest(job_id=job_id, path=path), caller)
            try:
                return b"".join([reply.data async for reply in replies])
            except EigenError as error:
                pause = waits.after(error)
            finally:
                await replies.aclose()
            await asyncio.sleep(pause)

    async def devices(self, caller: Caller) -> tuple[Device, ...]:
        """See `AsyncKernel.devices`."""
        reply = await self._ask("Devices", pb.Empty(), caller)
        return tuple(from_document(Device, data) for data in reply.devices_json)

    async def device(self, caller: Caller, device_id: str) -> Device:
        """See `AsyncKernel.device`."""
        reply = await self._ask("Device", pb.DeviceRequest(device_id=device_id), caller)
        return from_document(Device, reply.device_json)

    async def calibrate(self, caller: Caller, device_id: str) -> Mapping[str, Json]:
        """See `AsyncKernel.calibrate`."""
        return from_json((await self._ask("Calibrate", pb.DeviceRequest(device_id=device_id), caller)).json)

    async def reserve(self, caller: Caller, device_id: str, ttl_seconds: int, purpose: str) -> Reservation:
        """See `AsyncKernel.reserve`. Asked once: a connection that breaks leaves open whether the device is held."""
        request = pb.ReserveRequest(device_id=device_id, ttl_seconds=ttl_seconds, purpose=purpose)
        reply = await self._role.call("Reserve", request, caller, patience=self._patience, repeatable=False)
        return from_document(Reservation, reply.reservation_json)

    async def release(self, caller: Caller, reservation_id: str) -> None:
        """See `AsyncKernel.release`."""
        await self._ask("Release", pb.ReleaseRequest(reservation_id=reservation_id), caller)

    async def compile(self, caller: Caller, job: Submission) -> CompiledDocument:
        """See `AsyncKernel.compile`."""
        return _compiled(await self._ask("Compile", pb.CompileJobRequest(job=submission_message(job)), caller))

    async def estimate(self, caller: Caller, job: Submission, targets: Sequence[str] = ()) -> Mapping[str, Json]:
        """See `AsyncKernel.estimate`."""
        request = pb.EstimateJobRequest(job=submission_message(job), targets=targets)
        return from_json((await self._ask("Estimate", request, caller)).json)

    async def optimize(self, caller: Caller, circuit: bytes, *, level: int, target: str = "") -> CompiledDocument:
        """See `AsyncKernel.optimize`."""
        request = pb.OptimizeRequest(circuit=circuit, level=level, target=target)
        return _compiled(await self._ask("Optimize", request, caller))

    async def open_session(self, caller: Caller, job: Submission, parameters: Mapping[str, int]) -> Session:
        """See `AsyncKernel.open_session`."""
        opened = [pb.OpenParameter(name=name, length=length) for name, length in parameters.items()]
        request = pb.OpenSessionRequest(job=submission_message(job), parameters=opened)
        return from_document(Session, (await self._ask("OpenSession", request, caller)).session_json)

    async def evaluate(
        self,
        caller: Caller,
        session_id: str,
        values: Mapping[str, Json],
        *,
        index: int | None = None,
        gradient: bool = False,
    ) -> Evaluation:
        """See `AsyncKernel.evaluate`."""
        request = pb.EvaluateRequest(
            session_id=session_id, values_json=to_json(dict(values)), index=index, gradient=gradient
        )
        return from_document(Evaluation, (await self._ask("Evaluate", request, caller)).evaluation_json)

    async def close_session(self, caller: Caller, session_id: str) -> None:
        """See `AsyncKernel.close_session`."""
        await self._ask("CloseSession", pb.SessionRequest(session_id=session_id), caller)

    async def find_key(self, key_id: str) -> ApiKey | None:
        """See `AsyncKernel.find_key`."""
        reply = await self._ask("FindKey", pb.FindKeyRequest(key_id=key_id))
        return from_document(ApiKey, reply.key_json) if reply.HasField("key_json") else None

    async def any_key(self) -> bool:
        """See `AsyncKernel.any_key`."""
        return (await self._ask("AnyKey", pb.Empty())).any

    async def audit(self, entry: AuditEntry) -> None:
        """See `AsyncKernel.audit`. A restart in the middle may leave an entry twice, never none."""
        await self._ask("Audit", pb.AuditRequest(entry_json=to_document(entry)))

    async def ready(self) -> None:
        """See `AsyncKernel.ready`; without patience."""
        try:
            await self._role.call("Ready", pb.Empty(), patience=0.0, timeout=READY_SECONDS)
        except EigenError as error:
            if error.code != "EIGEN_DEADLINE_EXCEEDED":
                raise
            raise EigenError("EIGEN_SERVER_UNREACHABLE", error.message) from None

    async def close(self) -> None:
        """See `AsyncKernel.close`."""
        await self._role.close()

    async def _ask(self, method: str, request: Any, caller: Caller | None = None) -> Any:
        return await self._role.call(method, request, caller, patience=self._patience)


def _key(given: str | None) -> str:
    return uuid.uuid4().hex if given is None else given


def _compiled(reply: Any) -> CompiledDocument:
    circuit = reply.circuit if reply.HasField("circuit") else None
    return CompiledDocument(reply.program, circuit, from_json(reply.report_json))
