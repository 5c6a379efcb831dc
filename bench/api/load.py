"""Clients that ask as fast as they are answered: latencies and throughput of one operation."""

from __future__ import annotations

import asyncio
import os
import threading
import time
from contextlib import suppress
from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from pathlib import Path

    from bench.api.surfaces import AsyncDoor, Door

WARM_UP = 2
FSYNCS = 200


@dataclass(frozen=True, slots=True)
class Figures:
    """Latencies of single requests in seconds, and requests a second of all clients together."""

    requests: int
    p50: float
    p99: float
    per_sec: float

    @staticmethod
    def of(latencies: Sequence[float], seconds: float) -> Figures:
        """The figures of some requests that took `seconds` together."""
        ordered = sorted(latencies)
        count = len(ordered)
        return Figures(count, ordered[count // 2], ordered[min(count - 1, int(count * 0.99))], count / seconds)

    def to_json(self) -> dict[str, float]:
        """For the raw numbers."""
        return asdict(self)


def run_threads(
    connect: Callable[[], Door], clients: int, requests: int, operation: str, ids: Sequence[str] = ()
) -> tuple[Figures, list[str]]:
    """`requests` of one operation from threads with a connection each; also the ids of submitted jobs."""
    latencies: list[float] = []
    made: list[str] = []
    failures: list[BaseException] = []
    ready = threading.Barrier(clients + 1)

    def client() -> None:
        door = connect()
        try:
            for _ in range(WARM_UP):
                made.append(door.submit()) if operation == "submit" else door.status(ids[0])
            ready.wait()
            own: list[float] = []
            for number in range(requests // clients):
                start = time.perf_counter()
                if operation == "submit":
                    made.append(door.submit())
                else:
                    door.status(ids[number % len(ids)])
                own.append(time.perf_counter() - start)
            latencies.extend(own)
        except BaseException as error:
            failures.append(error)
            ready.abort()
        finally:
            door.close()

    threads = [threading.Thread(target=client) for _ in range(clients)]
    for thread in threads:
        thread.start()
    with suppress(threading.BrokenBarrierError):  # what broke it is in `failures`
        ready.wait()
    start = time.perf_counter()
    for thread in threads:
        thread.join()
    seconds = time.perf_counter() - start
    if failures:
        raise failures[0]
    return Figures.of(latencies, seconds), made


def run_async(
    connect: Callable[[], AsyncDoor], clients: int, requests: int, operation: str, ids: Sequence[str] = ()
) -> tuple[Figures, list[str]]:
    """The same from tasks of one event loop, with a connection each."""
    made: list[str] = []

    async def ask(door: AsyncDoor, number: int) -> None:
        if operation == "submit":
            made.append(await door.submit())
        else:
            await door.status(ids[number % len(ids)])

    async def client(door: AsyncDoor) -> list[float]:
        own: list[float] = []
        for number in range(requests // clients):
            start = time.perf_counter()
            await ask(door, number)
            own.append(time.perf_counter() - start)
        return own

    async def main() -> Figures:
        doors = [connect() for _ in range(clients)]
        try:
            for door in doors:
                for _ in range(WARM_UP):
                    await ask(door, 0)
            start = time.perf_counter()
            latencies: list[list[float]] = await asyncio.gather(*(client(door) for door in doors))
            return Figures.of([one for own in latencies for one in own], time.perf_counter() - start)
        finally:
            for door in doors:
                await door.close()

    return asyncio.run(main()), made


def fsync_pair(home: Path) -> Figures:
    """What two small files cost that are to survive a power cut: the floor of a submission."""
    latencies: list[float] = []
    begun = time.perf_counter()
    for number in range(FSYNCS):
        start = time.perf_counter()
        for half in "ab":
            with (home / f"{number}{half}").open("wb") as file:
                file.write(b"x" * 1000)
                file.flush()
                os.fsync(file.fileno())
        latencies.append(time.perf_counter() - start)
    return Figures.of(latencies, time.perf_counter() - begun)


def time_calls(call: Callable[[Any], object], arguments: Sequence[Any], rounds: int) -> tuple[float, float]:
    """Median and 99th percentile of a call's seconds, after some that do not count."""
    for argument in arguments[:20]:
        call(argument)
    latencies: list[float] = []
    for number in range(rounds):
        start = time.perf_counter()
        call(arguments[number % len(arguments)])
        latencies.append(time.perf_counter() - start)
    figures = Figures.of(latencies, 1.0)
    return figures.p50, figures.p99
