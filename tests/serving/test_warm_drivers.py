"""Drivers that a server starts with itself, and ends with itself."""

from __future__ import annotations

import asyncio
import os
import shutil
import time
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from eigen.config import Settings
from eigen.drivers.hosts.entries import FOLDER
from eigen.drivers.hosts.host import Host
from eigen.errors import EigenError
from eigen.serving.house import House
from eigen.serving.inner import DriversRole

if TYPE_CHECKING:
    from collections.abc import Callable

TINY = Path(__file__).parents[2] / "examples" / "tiny_driver"


@pytest.fixture
def started(monkeypatch: pytest.MonkeyPatch) -> list[Host]:
    """The hosts that were started."""
    found: list[Host] = []
    greet = Host._greet  # pyright: ignore[reportPrivateUsage]

    def greeted(host: Host, config: dict[str, object]) -> object:
        found.append(host)
        return greet(host, config)  # type: ignore[arg-type]

    monkeypatch.setattr(Host, "_greet", greeted)
    return found


def settings(folder: Path, **given: object) -> Settings:
    shutil.copytree(TINY, folder / FOLDER / "tiny")
    return Settings(qfs_root=str(folder), drivers_address="127.0.0.1:0", **given)  # type: ignore[arg-type]


def house(given: Settings) -> tuple[Callable[[], None], Callable[[], None]]:
    made = House(given)

    async def close() -> None:
        await made.drain()
        await made.close(time.monotonic() + 5.0)

    return made.start, lambda: asyncio.run(close())


def test_a_server_starts_them_and_ends_them(tmp_path: Path, started: list[Host]) -> None:
    begin, end = house(settings(tmp_path, driver_warm=" tiny ", driver_cpus=1))
    begin()
    while not started:
        time.sleep(0.01)
    assert len(os.sched_getaffinity(started[0].pid)) == 1
    end()
    assert started[0].over is not None
    assert len(started) == 1


def test_the_role_that_has_the_drivers_does_so_too(tmp_path: Path, started: list[Host]) -> None:
    async def live() -> None:
        role = DriversRole(settings(tmp_path, driver_warm="tiny"))
        await role.start()
        while not started:
            await asyncio.sleep(0.01)
        await role.stop(1.0)

    asyncio.run(live())
    assert started[0].over is not None


def test_none_is_started_that_nobody_named(tmp_path: Path, started: list[Host]) -> None:
    begin, end = house(settings(tmp_path))
    begin()
    end()
    assert started == []


def test_a_driver_that_there_is_not_is_an_error_of_the_settings(tmp_path: Path) -> None:
    begin, end = house(settings(tmp_path, driver_warm="tinny"))
    with pytest.raises(EigenError, match="`tinny`") as error:
        begin()
    assert (error.value.code, error.value.hint) == ("EIGEN_CONFIG_INVALID", "did you mean `tiny`?")
    end()
