"""The kernel behind a role answers as the kernel itself: same values, same errors, for every method."""

from __future__ import annotations

import asyncio
from contextlib import asynccontextmanager
from dataclasses import replace
from inspect import getmembers, isfunction, signature
from typing import TYPE_CHECKING, Any

import pytest

from doubles import house
from eigen.api.kernel import AsyncKernel
from eigen.api.local import LocalKernel
from eigen.config import Settings
from eigen.errors import EigenError
from eigen.jobspec import Submission
from eigen.jobspec.batch import Entry
from eigen.kernel.sessions import Sessions
from eigen.kernel.workers import Workers
from eigen.qfs.audit import SqlAuditLog
from eigen.qfs.job_store import SqlJobStore
from eigen.qfs.keys import SqlKeyStore
from eigen.qfs.reservations import SqlReservations
from eigen.qfs.sqlite import SqliteDatabase
from eigen.roles.kernel_client import RemoteKernel
from eigen.roles.kernel_server import KernelServicer
from eigen.roles.server import RoleServer
from eigen.types import ApiKey, AuditEntry, Caller, JobQuery, JobState
from eigen.wire.internal import pb

if TYPE_CHECKING:
    from collections.abc import AsyncGenerator, Callable
    from pathlib import Path

ANNA, BERT = Caller("änna", ("user",), "acme"), Caller("bert", ("user",), "other")
KEY = ApiKey("k1", "0" * 64, "bench", "acme", "", ("user",), "2026-01-01T00:00:00Z")
ENTRY = AuditEntry("2026-01-01T00:00:00Z", "anna", "acme", "jobs:submit", "bell", "ok", "rest", "0" * 32)


class Pair:
    """One kernel, asked directly (`near`) and through its role (`far`)."""

    def __init__(self, near: LocalKernel, keys: SqlKeyStore, audit_log: SqlAuditLog) -> None:
        self.near, self.keys, self.audit_log = near, keys, audit_log
        self.settings = replace(Settings(), kernel_address="127.0.0.1:0")
        self.far: RemoteKernel
        self.server: RoleServer

    async def start(self) -> None:
        """Answer at the address of the settings, which is kept from now on."""
        self.server = RoleServer(self.settings, "kernel_address", threads=1)
        self.server.add(pb.DESCRIPTOR.services_by_name["KernelService"], KernelServicer(self.near))
        self.settings = replace(self.settings, kernel_address=await self.server.start())

    async def same(self, ask: Callable[[AsyncKernel], Any]) -> Any:
        """The answer, which must be that of both."""
        near, far = await _outcome(ask(self.near)), await _outcome(ask(self.far))
        assert far == near
        return far


async def _outcome(call: Any) -> Any:
    try:
        if hasattr(call, "__aiter__"):
            return [item async for item in call]
        return await call
    except EigenError as error:
        return error.to_json()


@asynccontextmanager
async def pair(root: Path, *, patience: float = 20.0) -> AsyncGenerator[Pair]:
    database = SqliteDatabase(root / "eigen.db")
    ports = house.ports(root, jobs=SqlJobStore(database), reservations=SqlReservations(database))
    workers = Workers(ports, 1, lease_seconds=30)
    sessions = Sessions(ports, idle_seconds=60, per_tenant=5)
    keys, audit_log = SqlKeyStore(database), SqlAuditLog(database)
    near = LocalKernel(ports, sessions=sessions, keys=keys, audit_log=audit_log, workers=workers)
    found = Pair(near, keys, audit_log)
    await found.start()
    found.far = RemoteKernel(found.settings, patience=patience)
    workers.start()
    try:
        yield found
    finally:
        workers.stop()
        await found.far.close()
        await found.server.stop(0.0)
        await near.close()
        assert workers.join(30)
        database.close()


def job(program: str = "bell", **changes: object) -> Submission:
    spec = house.spec(program, **changes)
    return Submission(spec, house.files(spec))


def test_it_is_an_async_kernel() -> None:
    for name, wanted in getmembers(AsyncKernel, isfunction):
        if not name.startswith("_"):
            assert signature(getattr(RemoteKernel, name)) == signature(wanted), name


def test_jobs_are_the_same_from_both_sides(tmp_path: Path) -> None:
    async def scene() -> None:
        async with pair(tmp_path) as both:
            kernel = both.far
            await kernel.ready()
            view = await kernel.submit(ANNA, job(), idempotency_key="k")
            name = view.job_id
            assert (view.tenant, view.state) == ("acme", JobState.PENDING)
            assert (await kernel.submit(ANNA, job(), idempotency_key="k")).job_id == name
            refused = await both.same(lambda k: k.submit(ANNA, job("vqe"), idempotency_key="k"))
            assert refused["code"] == "EIGEN_PUBLIC_IDEMPOTENCY_CONFLICT"
            events = [event async for event in kernel.watch(ANNA, name)]
            assert events[-1].state is JobState.DONE
            entries = [Entry(job(), "k"), Entry(job(), "l"), Entry(job())]
            first, *others = await kernel.submit_all(ANNA, entries, idempotency_key="m")
            assert first.job_id == name
            assert len({view.job_id for view in (first, *others)}) == 3
            again = await kernel.submit_all(ANNA, entries, idempotency_key="m")
            assert [view.job_id for view in again] == [view.job_id for view in (first, *others)]
            for view in others:
                assert [event async for event in kernel.watch(ANNA, view.job_id)][-1].state is JobState.DONE
            for ask in (
                lambda k: k.submit_all(ANNA, entries, idempotency_key="m"),
                lambda k: k.submit_all(ANNA, [Entry(job(), "k", "res_1"), Entry(job("vqe"), "")]),
                lambda k: k.submit_all(ANNA, []),
                lambda k: k.submit(ANNA, job(), idempotency_key="k"),
                lambda k: k.watch(ANNA, name),
                lambda k: k.watch(ANNA, name, 2),
                lambda k: k.watch(ANNA, name, 99),
                lambda k: k.get(ANNA, name),
                lambda k: k.results(ANNA, name),
                lambda k: k.list(ANNA, JobQuery()),
                lambda k: k.list(ANNA, JobQuery((JobState.DONE,), "bell", 1, name)),
                lambda k: k.logs(ANNA, name),
                lambda k: k.explain(ANNA, name),
                lambda k: k.artifacts(ANNA, name),
                lambda k: k.artifact(ANNA, name, "results/results.json"),
                lambda k: k.artifact(ANNA, name, "no/such"),
                lambda k: k.cancel(ANNA, name),
            ):
                await both.same(ask)
            for ask in (
                lambda k: k.get(BERT, name),
                lambda k: k.results(BERT, name),
                lambda k: k.watch(BERT, name),
                lambda k: k.cancel(BERT, name),
                lambda k: k.artifact(BERT, name, "results/results.json"),
            ):
                assert (await both.same(ask))["code"] == "EIGEN_JOB_NOT_FOUND"

    asyncio.run(scene())


def test_devices_programs_and_sessions_are_the_same(tmp_path: Path) -> None:
    async def scene() -> None:
        async with pair(tmp_path) as both:
            await both.same(lambda k: k.devices(ANNA))
            await both.same(lambda k: k.device(ANNA, "double:chip"))
            assert (await both.same(lambda k: k.device(ANNA, "no:device")))["code"] == "EIGEN_DEVICE_UNKNOWN"
            await both.same(lambda k: k.calibrate(ANNA, "sim:density"))
            held = await both.far.reserve(ANNA, "double:chip", 60, "why")
            assert (await both.same(lambda k: k.reserve(BERT, "double:chip", 60, "")))[
                "code"
            ] == "EIGEN_DEVICE_RESERVED"
            assert (await both.same(lambda k: k.release(BERT, held.reservation_id)))["code"].endswith("NOT_FOUND")
            await both.far.release(ANNA, held.reservation_id)
            compiled = await both.same(lambda k: k.compile(ANNA, job()))
            assert (await both.same(lambda k: k.compile(ANNA, job("nonsense"))))["code"] == "EIGEN_LANG_REJECTED"
            await both.same(lambda k: k.optimize(ANNA, compiled.circuit, level=1, target="double:chip"))
            session = await both.far.open_session(ANNA, job(), {})
            name = session.session_id
            answer = await both.far.evaluate(ANNA, name, {})
            assert answer.index == 0
            again = await both.near.evaluate(ANNA, name, {}, index=0)
            assert (again.counts, again.seed, again.outputs) == (answer.counts, answer.seed, answer.outputs)
            await both.same(lambda k: k.evaluate(ANNA, name, {}, gradient=True))
            await both.far.close_session(ANNA, name)
            assert (await both.same(lambda k: k.evaluate(ANNA, name, {})))["code"] == "EIGEN_SESSION_NOT_FOUND"

    asyncio.run(scene())


def test_keys_and_the_audit_log(tmp_path: Path) -> None:
    async def scene() -> None:
        async with pair(tmp_path) as both:
            assert await both.same(lambda k: k.any_key()) is False
            both.keys.add(KEY)
            assert await both.same(lambda k: k.any_key()) is True
            assert await both.same(lambda k: k.find_key("k1")) == KEY
            assert await both.same(lambda k: k.find_key("k2")) is None
            await both.far.audit(ENTRY)
            assert both.audit_log.newest(10) == (ENTRY,)

    asyncio.run(scene())


def test_calls_wait_for_a_kernel_that_restarts_and_streams_resume(tmp_path: Path) -> None:
    async def scene() -> None:
        async with pair(tmp_path) as both:
            blocker = (await both.far.submit(ANNA, job("vqe"))).job_id
            stream = both.far.watch(ANNA, blocker)
            events = [await anext(stream)]
            await both.server.stop(0.0)
            asking = asyncio.ensure_future(both.far.submit(ANNA, job()))
            with pytest.raises(EigenError) as caught:
                await both.far.ready()
            assert caught.value.code == "EIGEN_SERVER_UNREACHABLE"
            await both.start()
            view = await asking
            assert view.name == "bell"
            assert view.state not in {JobState.ERROR, JobState.CANCELLED, JobState.TIMEOUT}  # it may have begun
            events += [event async for event in stream]
            assert [event.seq for event in events] == list(range(1, len(events) + 1))
            assert events[-1].state is JobState.DONE
            assert len(await both.far.list(ANNA, JobQuery())) == 2

    asyncio.run(scene())


def test_a_kernel_that_stays_away_is_an_error_in_the_end(tmp_path: Path) -> None:
    async def scene() -> None:
        async with pair(tmp_path, patience=0.2) as both:
            await both.server.stop(0.0)
            for call in (
                both.far.get(ANNA, "job_1"),
                anext(both.far.watch(ANNA, "job_1")),
                both.far.artifact(ANNA, "job_1", "x"),
                both.far.cancel(ANNA, "job_1"),
                both.far.reserve(ANNA, "double:chip", 1, ""),
            ):
                with pytest.raises(EigenError) as caught:
                    await call
                assert caught.value.code == "EIGEN_SERVER_UNREACHABLE"
                assert "`kernel`" in caught.value.message
            await both.start()

    asyncio.run(scene())


class LosesAnswers(KernelServicer):
    """Does what it is asked, and says nothing about it the first time."""

    def __init__(self, kernel: AsyncKernel) -> None:
        super().__init__(kernel)
        self.lost = 0

    async def cancel(self, asked: pb.JobRequest, caller: Caller) -> pb.JobViewReply:
        """The first answer is lost on the way."""
        reply = await super().cancel(asked, caller)
        self.lost += 1
        if self.lost == 1:
            raise EigenError("EIGEN_SERVER_UNREACHABLE", "the connection broke")
        return reply


def test_a_cancel_whose_answer_was_lost_is_no_error(tmp_path: Path) -> None:
    async def scene() -> None:
        async with pair(tmp_path) as both:
            await both.server.stop(0.0)
            both.server = RoleServer(both.settings, "kernel_address", threads=1)
            both.server.add(pb.DESCRIPTOR.services_by_name["KernelService"], LosesAnswers(both.near))
            await both.server.start()
            blocker = await both.far.submit(ANNA, job("vqe"))
            waiting = await both.far.submit(ANNA, job(dependencies=(blocker.job_id,)))
            assert (await both.far.cancel(ANNA, waiting.job_id)).state is JobState.CANCELLED
            with pytest.raises(EigenError) as caught:
                await both.far.cancel(ANNA, waiting.job_id)
            assert caught.value.code == "EIGEN_JOB_FINISHED"

    asyncio.run(scene())
