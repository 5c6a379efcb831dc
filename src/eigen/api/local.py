"""`LocalKernel`: the kernel of this process behind `AsyncKernel`. Synchronous calls run in bounded pools of threads."""

from __future__ import annotations

import asyncio
import threading
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from contextvars import copy_context
from functools import partial
from typing import TYPE_CHECKING, Any, TypeVar

from eigen.api.feed import Feed
from eigen.api.turns import Turns
from eigen.errors import EigenError
from eigen.kernel.devices import Devices
from eigen.kernel.kernel import Kernel
from eigen.kernel.workbench import Workbench

if TYPE_CHECKING:
    from collections.abc import AsyncGenerator, Callable, Mapping, Sequence
    from concurrent.futures import Executor

    from eigen.jobspec import Submission
    from eigen.jobspec.batch import Entry
    from eigen.kernel.ports import Ports
    from eigen.kernel.sessions import Sessions
    from eigen.kernel.workers import Workers
    from eigen.qfs.store import AuditLog, KeyStore
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

T = TypeVar("T")
LOOKING_THREADS = 16
"""Calls of the store at the same time; they take milliseconds."""

DRIVING_THREADS = 4
"""Questions to drivers at the same time; the first one loads them, and one in another process may be away."""

WORKING_THREADS = 4
"""Compilations and evaluations at the same time; they take as long as they take and must not keep others waiting."""

WAITING_WORK = 256
"""Compilations and evaluations of one tenant that wait for their turn."""


class LocalKernel:
    """The kernel in this process. `workers` are those of this process, if there are any; they hear of new jobs.

    It owns its threads, streams and sessions, not the ports and stores it is handed.
    """

    def __init__(
        self,
        ports: Ports,
        *,
        sessions: Sessions,
        keys: KeyStore,
        audit_log: AuditLog,
        workers: Workers | None = None,
    ) -> None:
        self._ports = ports
        self._kernel = Kernel(ports)
        self._workers = workers
        self._devices = Devices(ports, workers=1 if workers is None else workers.count)
        self._workbench = Workbench(ports)
        self._sessions = sessions
        self._keys = keys
        self._audit_log = audit_log
        self._looking = ThreadPoolExecutor(LOOKING_THREADS, "looking")
        self._driving = ThreadPoolExecutor(DRIVING_THREADS, "driving")
        self._working = ThreadPoolExecutor(WORKING_THREADS, "working")
        self._turns = Turns(WORKING_THREADS, waiting=WAITING_WORK)
        self._closed = False
        self._feed = Feed(ports.jobs, self._look)

    async def submit(
        self, caller: Caller, job: Submission, *, idempotency_key: str | None = None, reservation_id: str = ""
    ) -> JobView:
        """See `AsyncKernel.submit`."""
        submit = partial(self._kernel.of(caller).submitted, job.spec, job.files, reservation_id=reservation_id)
        return await self._store(partial(submit, idempotency_key=idempotency_key))

    async def submit_all(
        self, caller: Caller, entries: Sequence[Entry], *, idempotency_key: str | None = None
    ) -> tuple[JobView, ...]:
        """See `AsyncKernel.submit_all`."""
        submit = partial(self._kernel.of(caller).submit_all, entries)
        return await self._store(partial(submit, idempotency_key=idempotency_key))

    async def _store(self, submit: Callable[[], T]) -> T:
        """Store what is new, and tell the workers of it."""

        def store() -> T:
            stored = submit()
            if self._workers is not None:
                self._workers.poke()
            return stored

        return await self._look(store)

    async def get(self, caller: Caller, job_id: str) -> JobView:
        """See `AsyncKernel.get`."""
        return await self._look(self._kernel.of(caller).get, job_id)

    async def results(self, caller: Caller, job_id: str) -> JobResults:
        """See `AsyncKernel.results`."""
        return await self._look(self._kernel.of(caller).results, job_id)

    async def watch(self, caller: Caller, job_id: str, after: int = 0) -> AsyncGenerator[JobEvent]:
        """See `AsyncKernel.watch`; EIGEN_SERVER_UNREACHABLE when `drain` comes before the job has ended."""
        events = self._feed.watch(self._kernel.of(caller), job_id, after)
        try:
            async for event in events:
                yield event
        finally:
            await events.aclose()

    async def cancel(self, caller: Caller, job_id: str) -> JobView:
        """See `AsyncKernel.cancel`."""
        kernel = self._kernel.of(caller)

        def cancel() -> JobView:
            kernel.cancel(job_id)
            return kernel.get(job_id)

        return await self._look(cancel)

    async def decide(self, caller: Caller, job_id: str, decision: str, *, key: str = "") -> JobView:
        """See `AsyncKernel.decide`."""
        kernel = self._kernel.of(caller)

        def decide() -> JobView:
            kernel.decide(job_id, decision, key=key)
            if self._workers is not None:
                self._workers.poke()
            return kernel.get(job_id)

        return await self._look(decide)

    async def list(self, caller: Caller, query: JobQuery) -> tuple[JobView, ...]:
        """See `AsyncKernel.list`."""
        return await self._look(self._kernel.of(caller).list, **query.to_arguments())

    async def logs(self, caller: Caller, job_id: str) -> Sequence[Mapping[str, Json]]:
        """See `AsyncKernel.logs`."""
        return await self._look(self._kernel.of(caller).logs, job_id)

    async def explain(self, caller: Caller, job_id: str) -> Mapping[str, Json]:
        """See `AsyncKernel.explain`."""
        return await self._look(self._kernel.of(caller).explain, job_id)

    async def replay(self, caller: Caller, job_id: str, *, idempotency_key: str | None = None) -> JobView:
        """See `AsyncKernel.replay`."""
        return await self._store(partial(self._kernel.of(caller).replayed, job_id, idempotency_key=idempotency_key))

    async def resume(
        self, caller: Caller, job_id: str, limits: ResumeLimits, *, idempotency_key: str | None = None
    ) -> JobView:
        """See `AsyncKernel.resume`."""
        return await self._store(
            partial(self._kernel.of(caller).resumed, job_id, limits, idempotency_key=idempotency_key)
        )

    async def verify(self, caller: Caller, job_id: str) -> Verification:
        """See `AsyncKernel.verify`."""
        return await self._work(caller, self._kernel.of(caller).verify, job_id)

    async def artifacts(self, caller: Caller, job_id: str) -> tuple[ArtifactInfo, ...]:
        """See `AsyncKernel.artifacts`."""
        return await self._look(self._kernel.of(caller).artifacts, job_id)

    async def artifact(self, caller: Caller, job_id: str, path: str) -> bytes:
        """See `AsyncKernel.artifact`."""
        return await self._look(self._kernel.of(caller).artifact, job_id, path)

    async def devices(self, caller: Caller) -> tuple[Device, ...]:
        """See `AsyncKernel.devices`."""
        return await self._drive(self._devices.list, caller)

    async def device(self, caller: Caller, device_id: str) -> Device:
        """See `AsyncKernel.device`."""
        return await self._drive(self._devices.get, caller, device_id)

    async def calibrate(self, caller: Caller, device_id: str) -> Mapping[str, Json]:
        """See `AsyncKernel.calibrate`."""
        return await self._drive(self._devices.calibrate, device_id, caller)

    async def reserve(self, caller: Caller, device_id: str, ttl_seconds: int, purpose: str) -> Reservation:
        """See `AsyncKernel.reserve`."""
        return await self._drive(self._devices.reserve, caller, device_id, ttl_seconds, purpose)

    async def release(self, caller: Caller, reservation_id: str) -> None:
        """See `AsyncKernel.release`."""
        await self._look(self._devices.release, caller, reservation_id)

    async def compile(self, caller: Caller, job: Submission) -> CompiledDocument:
        """See `AsyncKernel.compile`."""
        return await self._while_wanted(caller, self._workbench.compile, job)

    async def estimate(self, caller: Caller, job: Submission, targets: Sequence[str] = ()) -> Mapping[str, Json]:
        """See `AsyncKernel.estimate`."""
        devices = await self.devices(caller)
        return await self._while_wanted(caller, self._workbench.estimate, job, devices, targets)

    async def optimize(self, caller: Caller, circuit: bytes, *, level: int, target: str = "") -> CompiledDocument:
        """See `AsyncKernel.optimize`."""
        return await self._work(caller, self._workbench.optimize, circuit, level=level, target=target)

    async def open_session(self, caller: Caller, job: Submission, parameters: Mapping[str, int]) -> Session:
        """See `AsyncKernel.open_session`."""
        return await self._while_wanted(caller, self._sessions.open, caller, job, parameters)

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
        evaluate = self._sessions.evaluate
        return await self._work(caller, evaluate, caller, session_id, values, index=index, gradient=gradient)

    async def close_session(self, caller: Caller, session_id: str) -> None:
        """See `AsyncKernel.close_session`."""
        await self._look(self._sessions.close, caller, session_id)

    async def find_key(self, key_id: str) -> ApiKey | None:
        """See `AsyncKernel.find_key`. Every request asks: microseconds, for which no other thread is woken."""
        return self._keys.find(key_id)

    async def any_key(self) -> bool:
        """See `AsyncKernel.any_key`."""
        return self._keys.any()

    async def audit(self, entry: AuditEntry) -> None:
        """See `AsyncKernel.audit`."""
        await self._look(self._audit_log.append, entry)

    async def ready(self) -> None:
        """Return when the store answers; EIGEN_STORE_UNAVAILABLE."""
        await self._look(self._ports.jobs.last_change)

    async def drain(self) -> None:
        """End the event streams of jobs that have not ended, so that their clients come back elsewhere."""
        await self._feed.close()

    async def close(self) -> None:
        """End the streams, the sessions and the threads. Work that goes on is not waited for: nobody hears of it."""
        await self.drain()
        self._closed = True
        self._sessions.close_all()
        self._turns.close(_stopping())
        for pool in (self._driving, self._working):
            pool.shutdown(wait=False, cancel_futures=True)
        await asyncio.to_thread(self._looking.shutdown)

    async def _look(self, function: Callable[..., Any], *args: Any, **options: Any) -> Any:
        return await self._run(self._looking, function, *args, **options)

    async def _drive(self, function: Callable[..., Any], *args: Any, **options: Any) -> Any:
        return await self._run(self._driving, function, *args, **options)

    async def _work(self, caller: Caller, function: Callable[..., Any], *args: Any, **options: Any) -> Any:
        """Long work, when it is the caller's turn. Its place is free when the work has ended, not when the caller has
        gone away."""
        self._check_open()
        loop, tenant = asyncio.get_running_loop(), caller.tenant
        await self._turns.take(tenant)
        try:
            self._check_open()
            work = self._working.submit(copy_context().run, partial(function, *args, **options))
        except BaseException:
            self._turns.give(tenant)
            raise

        def ended(_: object) -> None:
            with suppress(RuntimeError):  # the loop has ended before the work
                loop.call_soon_threadsafe(self._turns.give, tenant)

        work.add_done_callback(ended)
        return await asyncio.wrap_future(work)

    async def _while_wanted(self, caller: Caller, function: Callable[..., Any], *args: Any) -> Any:
        """Long work that looks now and then whether its caller still waits for it."""
        gone = threading.Event()

        def check() -> None:
            if gone.is_set():
                raise EigenError("EIGEN_RUN_CANCELLED", "nobody waits for the answer any more")

        try:
            return await self._work(caller, function, *args, check=check)
        finally:
            gone.set()

    async def _run(self, pool: Executor, function: Callable[..., Any], *args: Any, **options: Any) -> Any:
        """Call a function in a thread, within a copy of this context: its spans stand under the caller's."""
        self._check_open()
        call = partial(copy_context().run, function, *args, **options)
        return await asyncio.get_running_loop().run_in_executor(pool, call)

    def _check_open(self) -> None:
        if self._closed:
            raise _stopping()


def _stopping() -> EigenError:
    return EigenError("EIGEN_SERVER_UNREACHABLE", "the server is stopping")
