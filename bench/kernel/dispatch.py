"""Jobs on their way: from the moment a free worker asks for one to the moment the driver is entered, and to the end."""

from __future__ import annotations

import gc
import threading
import time
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from bench.kernel.houses import no_op, tenant
from eigen.app import keep_compiled, make_compiler_pool
from eigen.kernel.kernel import Kernel
from eigen.kernel.workers import Workers
from eigen.types import Caller, JobState

if TYPE_CHECKING:
    from eigen.config import Settings
    from eigen.kernel.ports import Ports
    from eigen.qfs.store import JobRow

ENTRIES = {"submit", "execute_circuit", "advance"}


class Recorder:
    """Stands in the way of the store's claims and steps and of the drivers' entries, and notes the time.

    `seconds` go from the question for a job to the entry of its driver; `ready` are the same without the stage that
    compiles, which a job that is queued again, or goes on after a crash, has behind it.
    """

    def __init__(self, ports: Ports, wanted: int) -> None:
        self.seconds: list[float] = []
        self.ready: list[float] = []
        self.claims: list[float] = []
        self.done = threading.Event()
        self._wanted = wanted
        self._asked = threading.local()
        outside = self

        class Store:
            def __getattr__(self, name: str) -> Any:
                return getattr(ports.jobs, name)

            def claim(self, *words: Any, **options: Any) -> JobRow | None:
                start = time.perf_counter()
                row = ports.jobs.claim(*words, **options)
                if row is not None:
                    outside.claims.append(time.perf_counter() - start)
                    outside._asked.at, outside._asked.compiling = start, 0.0
                return row

            def update(self, row: JobRow, *words: Any, **options: Any) -> bool:
                begun = time.perf_counter()
                if row.state is JobState.QUEUED:
                    outside._asked.compiling += begun
                stored = ports.jobs.update(row, *words, **options)
                if row.state is JobState.COMPILING:
                    outside._asked.compiling -= time.perf_counter()
                return stored

        class Devices:
            def devices(self, target: str = "auto") -> Any:
                return ports.devices.devices(target)

            def driver_for(self, device_id: str) -> Any:
                return _Driver(ports.devices.driver_for(device_id), outside._entered)

        self.ports = replace(ports, jobs=Store(), devices=Devices())  # type: ignore[arg-type]

    def _entered(self) -> None:
        at = getattr(self._asked, "at", None)
        if at is None:
            return
        self._asked.at = None
        seconds = time.perf_counter() - at
        self.seconds.append(seconds)
        self.ready.append(seconds - self._asked.compiling)
        if len(self.seconds) >= self._wanted:
            self.done.set()


class _Driver:
    """A driver whose entries are noted."""

    def __init__(self, driver: Any, entered: Any) -> None:
        self._driver = driver
        self._entered = entered

    def __getattr__(self, name: str) -> Any:
        if name in ENTRIES:
            self._entered()
        return getattr(self._driver, name)


def submit(ports: Ports, count: int) -> list[str]:
    """Submit so many no-op jobs of as many tenants as there are, one after another."""
    spec, files = no_op()
    return [Kernel(ports, Caller(tenant=tenant(number))).submit(spec, files) for number in range(count)]


def dispatched(
    settings: Settings, ports: Ports, count: int, *, workers: int, embedded: bool = False
) -> tuple[Recorder, float]:
    """Work until so many jobs have entered their driver; also the jobs a second. A server compiles in processes of
    its own and searches no garbage in what it loaded at its start, the embedded system compiles in this one; either
    compiles the same program once."""
    pool = make_compiler_pool(settings, spare=workers + 1)
    if not embedded:
        pool.warm()
        ports = keep_compiled(settings, replace(ports.anew(), compile=pool))
        gc.freeze()
    recorder = Recorder(ports, count)
    running = Workers(recorder.ports, workers, lease_seconds=settings.lease_seconds)
    start = time.perf_counter()
    running.start()
    if not recorder.done.wait(600):
        raise SystemExit(f"error: {len(recorder.seconds)} of {count} jobs were dispatched in ten minutes")
    seconds = time.perf_counter() - start
    running.stop()
    running.join(60)
    pool.close()
    gc.unfreeze()
    return recorder, count / seconds
