"""The kernel behind `AsyncKernel`: every method reaches what it names, for the caller it is asked for."""

from __future__ import annotations

import asyncio
import threading
from contextlib import asynccontextmanager
from dataclasses import replace
from inspect import getmembers, isfunction, signature
from typing import TYPE_CHECKING

import pytest

from doubles import house
from eigen.api.kernel import AsyncKernel
from eigen.api.local import LOOKING_THREADS, LocalKernel
from eigen.errors import EigenError
from eigen.jobspec import Submission
from eigen.kernel.sessions import Sessions
from eigen.kernel.workers import Workers
from eigen.qfs.audit import SqlAuditLog
from eigen.qfs.job_store import SqlJobStore
from eigen.qfs.keys import SqlKeyStore
from eigen.qfs.reservations import SqlReservations
from eigen.qfs.sqlite import SqliteDatabase
from eigen.telemetry import span, trace_id
from eigen.types import ApiKey, AuditEntry, Caller, JobQuery, JobState

if TYPE_CHECKING:
    from collections.abc import AsyncGenerator, Callable
    from pathlib import Path

    from eigen.kernel.ports import Ports

ANNA, BERT = Caller("anna", ("user",), "acme"), Caller("bert", ("user",), "other")
KEY = ApiKey("k1", "0" * 64, "bench", "acme", "", ("user",), "2026-01-01T00:00:00Z")


class Local:
    """A local kernel over a directory, with one worker."""

    def __init__(self, root: Path) -> None:
        self.database = SqliteDatabase(root / "eigen.db")
        stores = {"jobs": SqlJobStore(self.database), "reservations": SqlReservations(self.database)}
        self.ports: Ports = house.ports(root, **stores)
        self.workers = Workers(self.ports, 1, lease_seconds=30)
        self.audit_log = SqlAuditLog(self.database)
        self.keys = SqlKeyStore(self.database)
        self.kernel = LocalKernel(
            self.ports,
            sessions=Sessions(self.ports, idle_seconds=60, per_tenant=2),
            keys=self.keys,
            audit_log=self.audit_log,
            workers=self.workers,
        )

    async def ended(self, caller: Caller, job_id: str) -> None:
        async for _ in self.kernel.watch(caller, job_id):
            pass


@asynccontextmanager
async def local(root: Path) -> AsyncGenerator[Local]:
    here = Local(root)
    here.workers.start()
    try:
        yield here
    finally:
        here.workers.stop()
        await here.kernel.close()
        assert here.workers.join(30)
        here.database.close()


def job(program: str = "bell", **changes: object) -> Submission:
    spec = house.spec(program, **changes)
    return Submission(spec, house.files(spec))


def test_it_is_an_async_kernel() -> None:
    for name, wanted in getmembers(AsyncKernel, isfunction):
        if not name.startswith("_"):
            assert signature(getattr(LocalKernel, name)) == signature(wanted), name


def test_a_job_from_its_submission_to_its_files(tmp_path: Path) -> None:
    async def scene() -> None:
        async with local(tmp_path) as here:
            kernel = here.kernel
            await kernel.ready()
            first = await kernel.submit(ANNA, job(), idempotency_key="k")
            assert (first.tenant, first.name) == ("acme", "bell")
            again = await kernel.submit(ANNA, job(), idempotency_key="k")
            assert again.job_id == first.job_id
            events = [event async for event in kernel.watch(ANNA, first.job_id, 1)]
            assert events[-1].state is JobState.DONE
            assert events[0].seq == 2
            results = await kernel.results(ANNA, first.job_id)
            assert sum((results.counts or {}).values()) == 1024
            assert (await kernel.get(ANNA, first.job_id)).event_seq == events[-1].seq
            assert [view.job_id for view in await kernel.list(ANNA, JobQuery(name="bell"))] == [first.job_id]
            assert await kernel.list(ANNA, JobQuery(states=(JobState.ERROR,))) == ()
            assert (await kernel.logs(ANNA, first.job_id))[0]["message"] == "submitted"
            assert (await kernel.explain(ANNA, first.job_id))["placement"]["device_id"] == "sim:statevector"
            paths = {info.path for info in await kernel.artifacts(ANNA, first.job_id)}
            assert "results/results.json" in paths
            assert await kernel.artifact(ANNA, first.job_id, "input/program.eigen.py") == b"bell"

    asyncio.run(scene())


def test_a_waiting_job_is_cancelled_once(tmp_path: Path) -> None:
    async def scene() -> None:
        async with local(tmp_path) as here:
            blocker = await here.kernel.submit(ANNA, job("vqe"))
            waiting = await here.kernel.submit(ANNA, job(dependencies=(blocker.job_id,)))
            assert (await here.kernel.cancel(ANNA, waiting.job_id)).state is JobState.CANCELLED
            with pytest.raises(EigenError) as caught:
                await here.kernel.cancel(ANNA, waiting.job_id)
            assert caught.value.code == "EIGEN_JOB_FINISHED"

    asyncio.run(scene())


def test_another_tenant_sees_nothing(tmp_path: Path) -> None:
    async def scene() -> None:
        async with local(tmp_path) as here:
            kernel = here.kernel
            mine = (await kernel.submit(ANNA, job())).job_id
            await here.ended(ANNA, mine)
            calls = [
                kernel.get(BERT, mine),
                kernel.results(BERT, mine),
                anext(kernel.watch(BERT, mine)),
                kernel.cancel(BERT, mine),
                kernel.logs(BERT, mine),
                kernel.explain(BERT, mine),
                kernel.artifacts(BERT, mine),
                kernel.artifact(BERT, mine, "job.yaml"),
            ]
            for error in await asyncio.gather(*calls, return_exceptions=True):
                assert isinstance(error, EigenError)
                assert error.code == "EIGEN_JOB_NOT_FOUND"
            assert await kernel.list(BERT, JobQuery()) == ()

    asyncio.run(scene())


def test_devices_are_listed_held_and_released(tmp_path: Path) -> None:
    async def scene() -> None:
        async with local(tmp_path) as here:
            kernel = here.kernel
            ids = [device.id for device in await kernel.devices(ANNA)]
            assert "sim:statevector" in ids
            assert (await kernel.device(ANNA, "double:chip")).id == "double:chip"
            assert await kernel.calibrate(ANNA, "sim:density") == {}
            held = await kernel.reserve(ANNA, "double:chip", 60, "tuning")
            with pytest.raises(EigenError) as caught:
                await kernel.reserve(BERT, "double:chip", 60, "")
            assert caught.value.code == "EIGEN_DEVICE_RESERVED"
            done = await kernel.submit(ANNA, job(target="auto"), reservation_id=held.reservation_id)
            await here.ended(ANNA, done.job_id)
            assert (await kernel.get(ANNA, done.job_id)).device_id == "double:chip"
            await kernel.release(ANNA, held.reservation_id)
            assert (await kernel.reserve(BERT, "double:chip", 60, "")).tenant == "other"

    asyncio.run(scene())


def test_compiling_keeps_nothing(tmp_path: Path) -> None:
    async def scene() -> None:
        async with local(tmp_path) as here:
            compiled = await here.kernel.compile(ANNA, job())
            assert compiled.circuit is not None
            better = await here.kernel.optimize(ANNA, compiled.circuit, level=1, target="double:chip")
            assert better.report["device_id"] == "double:chip"
            with pytest.raises(EigenError) as caught:
                await here.kernel.compile(ANNA, job("nonsense"))
            assert caught.value.code == "EIGEN_LANG_REJECTED"
            assert await here.kernel.list(ANNA, JobQuery()) == ()

    asyncio.run(scene())


def test_sessions_are_the_tenants(tmp_path: Path) -> None:
    async def scene() -> None:
        async with local(tmp_path) as here:
            session = await here.kernel.open_session(ANNA, job(), {})
            answer = await here.kernel.evaluate(ANNA, session.session_id, {}, index=3)
            assert answer.index == 3
            assert sum((answer.counts or {}).values()) == 1024
            with pytest.raises(EigenError) as caught:
                await here.kernel.evaluate(BERT, session.session_id, {})
            assert caught.value.code == "EIGEN_SESSION_NOT_FOUND"
            await here.kernel.close_session(ANNA, session.session_id)
            with pytest.raises(EigenError):
                await here.kernel.evaluate(ANNA, session.session_id, {})

    asyncio.run(scene())


def test_keys_and_the_audit_log(tmp_path: Path) -> None:
    async def scene() -> None:
        async with local(tmp_path) as here:
            assert not await here.kernel.any_key()
            here.keys.add(KEY)
            assert await here.kernel.any_key()
            assert await here.kernel.find_key("k1") == KEY
            assert await here.kernel.find_key("k2") is None
            entry = AuditEntry("2026-01-01T00:00:00Z", "anna", "acme", "jobs:submit", "bell", "ok", "rest", "0" * 32)
            await here.kernel.audit(entry)
            assert here.audit_log.newest(10) == (entry,)

    asyncio.run(scene())


def test_a_drained_kernel_ends_its_streams_and_answers_on(tmp_path: Path) -> None:
    async def scene() -> None:
        async with local(tmp_path) as here:
            here.workers.stop()
            assert here.workers.join(30)
            waiting = await here.kernel.submit(ANNA, job())
            stream = here.kernel.watch(ANNA, waiting.job_id)
            await anext(stream)
            following = asyncio.ensure_future(anext(stream))
            await asyncio.sleep(0)
            await here.kernel.drain()
            with pytest.raises(EigenError) as caught:
                await following
            assert caught.value.code == "EIGEN_SERVER_UNREACHABLE"
            assert (await here.kernel.get(ANNA, waiting.job_id)).state is JobState.PENDING

    asyncio.run(scene())


def test_a_closed_kernel_says_so(tmp_path: Path) -> None:
    async def scene() -> None:
        async with local(tmp_path) as here:
            await here.kernel.close()
            for call in (here.kernel.ready(), here.kernel.devices(ANNA), here.kernel.compile(ANNA, job())):
                with pytest.raises(EigenError) as caught:
                    await call
                assert caught.value.code == "EIGEN_SERVER_UNREACHABLE"

    asyncio.run(scene())


def test_a_store_that_is_gone_is_not_ready(tmp_path: Path) -> None:
    async def scene() -> None:
        async with local(tmp_path) as here:
            await here.kernel.ready()

            def gone() -> int:
                raise EigenError("EIGEN_STORE_UNAVAILABLE", "the disk is gone")

            here.ports.jobs.last_change = gone  # type: ignore[method-assign]
            with pytest.raises(EigenError) as caught:
                await here.kernel.ready()
            assert caught.value.code == "EIGEN_STORE_UNAVAILABLE"

    asyncio.run(scene())


def test_long_work_does_not_keep_short_questions_waiting(tmp_path: Path) -> None:
    """More compilations than there are threads of either kind, and the store answers at once."""
    release = threading.Event()
    begun = threading.Semaphore(0)

    async def scene() -> None:
        async with local(tmp_path) as here:

            def slow(*args: object, **options: object) -> object:
                begun.release()
                assert release.wait(30)
                return house.compile_by_heart(*args, **options)  # type: ignore[arg-type]

            here.kernel._workbench._ports = replace(here.ports, compile=slow)  # type: ignore[arg-type]
            compiling = [asyncio.ensure_future(here.kernel.compile(ANNA, job())) for _ in range(2 * LOOKING_THREADS)]
            await asyncio.to_thread(begun.acquire)
            assert (await here.kernel.submit(ANNA, job())).job_id
            assert await here.kernel.devices(ANNA)
            release.set()
            assert len(await asyncio.gather(*compiling)) == 2 * LOOKING_THREADS

    asyncio.run(scene())


def test_a_compilation_whose_caller_is_gone_is_ended(tmp_path: Path) -> None:
    begun, ended = threading.Event(), threading.Event()

    async def scene() -> None:
        async with local(tmp_path) as here:

            def endless(*_: object, check: Callable[[], object], **__: object) -> object:
                begun.set()
                try:
                    while True:
                        check()
                        ended.wait(0.01)
                finally:
                    ended.set()

            here.kernel._workbench._ports = replace(here.ports, compile=endless)  # type: ignore[arg-type]
            compiling = asyncio.ensure_future(here.kernel.compile(ANNA, job()))
            assert await asyncio.to_thread(begun.wait, 30)
            compiling.cancel()
            assert await asyncio.to_thread(ended.wait, 30)

    asyncio.run(scene())


def test_a_call_in_a_thread_stands_under_the_callers_span(tmp_path: Path) -> None:
    async def scene() -> None:
        async with local(tmp_path) as here:
            with span("request", kind="server"):
                here_id = trace_id()
                job_id = (await here.kernel.submit(ANNA, job())).job_id
            assert (await here.kernel.explain(ANNA, job_id))["trace_id"] == here_id

    asyncio.run(scene())
