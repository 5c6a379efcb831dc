"""The feed: every watcher gets its job's whole log, once, in order, whoever else watches and whatever happens."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, Any

import pytest

from doubles import house
from eigen.api import feed as feeds
from eigen.api.feed import Feed
from eigen.errors import EigenError
from eigen.kernel.kernel import Kernel
from eigen.kernel.worker import Worker
from eigen.types import Caller

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Coroutine, Iterator
    from pathlib import Path

    from eigen.kernel.ports import Ports
    from eigen.qfs.store import JobStore
    from eigen.types import JobEvent


class Counting:
    """A job store that counts its queries by name and can be told to fail."""

    def __init__(self, store: JobStore) -> None:
        self.calls: list[str] = []
        self.failure: Exception | None = None
        self._store = store

    def __getattr__(self, name: str) -> Any:
        def call(*args: Any, **options: Any) -> Any:
            self.calls.append(name)
            if self.failure is not None and name == "changes":
                raise self.failure
            return getattr(self._store, name)(*args, **options)

        return call


class Stage:
    """A feed over a real store, driven step by step."""

    def __init__(self, ports: Ports) -> None:
        self.ports = ports
        self.store = Counting(ports.jobs)
        self.kernel = Kernel(ports)
        self.feed = Feed(self.store, asyncio.to_thread)  # type: ignore[arg-type]

    def submit(self, program: str = "vqe") -> str:
        job = house.spec(program)
        return self.kernel.submit(job, house.files(job))

    async def work(self, job_id: str | None = None) -> None:
        await asyncio.to_thread(Worker(self.ports).run_until, job_id)

    async def watch(self, job_id: str, after: int = 0) -> list[JobEvent]:
        return [event async for event in self.feed.watch(self.kernel, job_id, after)]

    def log(self, job_id: str) -> list[JobEvent]:
        return list(self.kernel.events(job_id))


@pytest.fixture
def stage(tmp_path: Path) -> Iterator[Stage]:
    ports = house.ports(tmp_path)
    yield Stage(ports)
    ports.jobs.close()


def run(function: Callable[[], Coroutine[Any, Any, None]]) -> None:
    asyncio.run(asyncio.wait_for(function(), 60))


async def until(condition: Callable[[], bool]) -> None:
    while not condition():
        await asyncio.sleep(0)


def test_fifty_watchers_of_ten_jobs_lose_nothing_and_see_nothing_twice(stage: Stage) -> None:
    async def scene() -> None:
        jobs = [stage.submit("vqe" if number % 2 else "bell") for number in range(10)]
        watchers = [asyncio.create_task(stage.watch(job_id)) for job_id in jobs * 5]
        workers = [asyncio.create_task(stage.work()) for _ in range(3)]
        seen = await asyncio.gather(*watchers)
        await asyncio.gather(*workers)
        for job_id, events in zip(jobs * 5, seen, strict=True):
            assert events == stage.log(job_id)
            assert events[-1].state.is_terminal

    run(scene)


def test_two_hundred_watchers_cost_one_query_a_tick(stage: Stage, monkeypatch: pytest.MonkeyPatch) -> None:
    ticks = 0

    async def scene() -> None:
        nonlocal ticks
        jobs = [stage.submit("bell") for _ in range(200)]
        real = asyncio.sleep

        async def sleep(seconds: float) -> None:
            nonlocal ticks
            ticks += seconds == feeds.TICK_SECONDS
            await real(0.001)

        monkeypatch.setattr(feeds.asyncio, "sleep", sleep)
        first = {job_id: asyncio.Event() for job_id in jobs}

        async def watch(job_id: str) -> None:
            async for _ in stage.feed.watch(stage.kernel, job_id, 0):
                first[job_id].set()

        watchers = [asyncio.create_task(watch(job_id)) for job_id in jobs]
        for event in first.values():
            await event.wait()
        stage.store.calls.clear()
        begin = ticks
        await until(lambda: ticks >= begin + 20)
        polled = stage.store.calls.count("changes")
        assert polled == len(stage.store.calls), "nobody asks but the poller"
        assert polled <= ticks - begin + 1
        for watcher in watchers:
            watcher.cancel()
        await asyncio.gather(*watchers, return_exceptions=True)

    run(scene)


def test_nobody_watching_costs_nothing(stage: Stage) -> None:
    async def scene() -> None:
        job_id = stage.submit("bell")
        await stage.work(job_id)
        assert await stage.watch(job_id) == stage.log(job_id)
        poller = stage.feed._poller
        assert poller is not None
        await poller
        stage.store.calls.clear()
        await asyncio.sleep(0.1)
        assert stage.store.calls == []

    run(scene)


def test_a_watcher_resumes_where_it_was(stage: Stage) -> None:
    async def scene() -> None:
        job_id = stage.submit("vqe")
        await stage.work(job_id)
        log = stage.log(job_id)
        for after in range(len(log)):
            assert await stage.watch(job_id, after) == log[after:]
        assert await stage.watch(job_id, len(log)) == []

    run(scene)


def test_an_ended_job_has_no_more_to_say(stage: Stage) -> None:
    """A cursor at the terminal event is an answer, not a wait."""

    async def scene() -> None:
        job_id = stage.submit("bell")
        await stage.work(job_id)
        assert await stage.watch(job_id, stage.kernel.get(job_id).event_seq) == []

    run(scene)


@pytest.mark.parametrize("after", [-1, 2])
def test_a_cursor_outside_the_log_is_refused(stage: Stage, after: int) -> None:
    async def scene() -> None:
        job_id = stage.submit("bell")
        with pytest.raises(EigenError) as caught:
            await stage.watch(job_id, after)
        assert caught.value.code == "EIGEN_STREAM_CURSOR"

    run(scene)


def test_what_a_caller_may_not_see_it_may_not_watch(stage: Stage) -> None:
    async def scene() -> None:
        job_id = stage.submit("bell")
        stranger = stage.kernel.of(Caller("bert", ("user",), "other"))
        with pytest.raises(EigenError) as caught:
            await anext(stage.feed.watch(stranger, job_id, 0))
        assert caught.value.code == "EIGEN_JOB_NOT_FOUND"
        assert stage.feed._watchers == {}

    run(scene)


def test_a_slow_watcher_reads_from_the_store_what_it_did_not_keep(
    stage: Stage, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(feeds, "BACKLOG", 2)

    async def scene() -> None:
        job_id = stage.submit("vqe")
        stream = stage.feed.watch(stage.kernel, job_id, 0)
        seen = [await anext(stream)]
        await stage.work(job_id)
        (watcher,) = stage.feed._watchers[job_id]
        await until(lambda: bool(watcher.news) and watcher.news[-1].state.is_terminal)
        assert len(watcher.news) == 2
        seen += [event async for event in stream]
        assert seen == stage.log(job_id)

    run(scene)


def test_a_server_that_stops_tells_the_watchers_to_come_back(stage: Stage) -> None:
    async def scene() -> None:
        job_id = stage.submit("bell")
        stream = stage.feed.watch(stage.kernel, job_id, 0)
        assert (await anext(stream)).seq == 1
        following: Awaitable[JobEvent] = asyncio.ensure_future(anext(stream))
        await asyncio.sleep(0)
        await stage.feed.close()
        for asked in (following, stage.watch(job_id)):
            with pytest.raises(EigenError) as caught:
                await asked
            assert caught.value.code == "EIGEN_SERVER_UNREACHABLE"
        again = Feed(stage.ports.jobs, asyncio.to_thread)
        rest = asyncio.create_task(_collect(again, stage.kernel, job_id, after=1))
        await stage.work(job_id)
        assert await rest == stage.log(job_id)[1:]

    run(scene)


@pytest.mark.parametrize(
    ("failure", "code"),
    [
        (EigenError("EIGEN_STORE_UNAVAILABLE", "the disk is gone"), "EIGEN_STORE_UNAVAILABLE"),
        (ZeroDivisionError("a defect"), "EIGEN_INTERNAL"),
    ],
    ids=["store", "defect"],
)
def test_a_poller_that_fails_ends_the_streams_and_the_next_one_begins_anew(
    stage: Stage, failure: Exception, code: str
) -> None:
    async def scene() -> None:
        job_id = stage.submit("bell")
        stream = stage.feed.watch(stage.kernel, job_id, 0)
        await anext(stream)
        stage.store.failure = failure
        with pytest.raises(EigenError) as caught:
            await anext(stream)
        assert caught.value.code == code
        stage.store.failure = None
        watching = asyncio.create_task(stage.watch(job_id, 1))
        await stage.work(job_id)
        assert await watching == stage.log(job_id)[1:]

    run(scene)


async def _collect(feed: Feed, kernel: Kernel, job_id: str, *, after: int) -> list[JobEvent]:
    return [event async for event in feed.watch(kernel, job_id, after)]
