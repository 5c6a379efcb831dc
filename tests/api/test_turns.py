"""Places for long work: who gets the next one."""

from __future__ import annotations

import asyncio
import threading
from typing import TYPE_CHECKING

import pytest

from doubles.front_door import FrontDoor, at_the_door, document
from eigen.api.local import WORKING_THREADS
from eigen.api.turns import Turns
from eigen.errors import EigenError
from eigen.jobspec import from_document
from eigen.types import Caller

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable
    from pathlib import Path

ACME, RIVAL = (Caller(subject=name, roles=("user",), tenant=name) for name in ("acme", "rival"))


class Hall:
    """Tenants that take places, and the order in which they got them."""

    def __init__(self, places: int, *, waiting: int = 100) -> None:
        self.turns = Turns(places, waiting=waiting)
        self.inside: list[str] = []
        self.tasks: list[asyncio.Task[None]] = []

    async def come(self, *tenants: str) -> None:
        """Each asks for a place and keeps it."""
        self.tasks += [asyncio.create_task(self._enter(tenant)) for tenant in tenants]
        await asyncio.sleep(0)
        await asyncio.sleep(0)

    async def _enter(self, tenant: str) -> None:
        await self.turns.take(tenant)
        self.inside.append(tenant)

    async def leave(self, tenant: str) -> None:
        self.turns.give(tenant)
        await asyncio.sleep(0)


def run(scenario: Callable[[], Awaitable[None]]) -> None:
    asyncio.run(asyncio.wait_for(scenario(), 30))


def test_one_tenant_cannot_take_every_place() -> None:
    async def scenario() -> None:
        hall = Hall(4)
        await hall.come(*["acme"] * 10, "rival")
        assert hall.inside == ["acme"] * 3 + ["rival"]

    run(scenario)


def test_a_free_place_goes_to_whom_has_the_least() -> None:
    async def scenario() -> None:
        hall = Hall(3)
        await hall.come(*["acme"] * 5, "rival", "rival", "third")
        assert hall.inside == ["acme", "acme", "rival"]
        await hall.leave("acme")
        await hall.leave("acme")
        await hall.leave("rival")
        assert sorted(hall.inside[3:]) == ["acme", "rival", "third"]

    run(scenario)


def test_a_single_place_is_for_everybody() -> None:
    async def scenario() -> None:
        hall = Hall(1)
        await hall.come("acme", "acme", "rival")
        for _ in range(2):
            await hall.leave(hall.inside[-1])
        assert sorted(hall.inside) == ["acme", "acme", "rival"]

    run(scenario)


def test_who_waits_is_counted() -> None:
    async def scenario() -> None:
        hall = Hall(2, waiting=2)
        await hall.come(*["acme"] * 3)
        with pytest.raises(EigenError, match="the limit is 2") as caught:
            await hall.turns.take("acme")
        assert caught.value.code == "EIGEN_LIMIT_EXCEEDED"
        await hall.come("rival")
        assert hall.inside == ["acme", "rival"]

    run(scenario)


def test_who_goes_away_while_waiting_leaves_no_place_lost() -> None:
    async def scenario() -> None:
        hall = Hall(2)
        await hall.come("acme", "acme", "acme")
        hall.tasks[1].cancel()  # waits
        hall.turns.give("acme")  # calls the third one
        hall.tasks[2].cancel()  # called, and gone before it heard of it
        await asyncio.sleep(0)
        await hall.come("acme", "rival")
        assert hall.inside == ["acme", "acme", "rival"]

    run(scenario)


def test_who_waits_when_the_server_stops_is_told() -> None:
    async def scenario() -> None:
        hall = Hall(2)
        await hall.come("acme", "acme")
        hall.turns.close(EigenError("EIGEN_SERVER_UNREACHABLE", "the server is stopping"))
        with pytest.raises(EigenError, match="stopping"):
            await hall.tasks[1]

    run(scenario)


def test_a_tenant_that_compiles_without_end_keeps_no_other_from_compiling(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    busy, go = threading.Semaphore(0), threading.Event()

    async def scenario(door: FrontDoor) -> None:
        compile_really = door.kernel._workbench.compile
        job = from_document(document())

        def compile_(submission: object, **_: object) -> object:
            if submission is job:
                return compile_really(job)
            busy.release()
            go.wait(30)
            raise EigenError("EIGEN_LANG_REJECTED", "at last")

        monkeypatch.setattr(door.kernel._workbench, "compile", compile_)
        asking = [asyncio.create_task(door.kernel.compile(ACME, from_document(document()))) for _ in range(20)]
        for _ in range(WORKING_THREADS - 1):
            await asyncio.to_thread(busy.acquire, timeout=30)
        for task in asking:
            task.cancel()  # nobody listens any more, and the work goes on
        asking += [asyncio.create_task(door.kernel.compile(ACME, from_document(document()))) for _ in range(20)]
        assert (await asyncio.wait_for(door.kernel.compile(RIVAL, job), 30)).program
        go.set()
        await asyncio.gather(*asking, return_exceptions=True)

    at_the_door(tmp_path, scenario, workers=0)
