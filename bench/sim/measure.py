"""One cell: every engine prepares the job, is checked against ours, and then runs in turn with the others."""

from __future__ import annotations

import os
import shutil
import tempfile
import time
from dataclasses import dataclass, field
from itertools import product
from pathlib import Path
from typing import TYPE_CHECKING, Any

from bench.sim.workers import CORES, LateError, MissingError, Remote

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from bench.sim.peers.protocol import Job

ROUNDS = 5
SAMPLE_SECONDS = 0.02
SEARCH_SHARE = 0.1
"""Of a cell's time, for the search of one engine's settings; the first setting is always tried."""
OUT_OF_REACH = 0.25
"""An engine of which one run is foreseen to take more than this share of a cell's time is left out, and told."""
READY_SHARE = 0.7
"""Of a cell's time, by when the engines must be ready: the rest is for those that are."""
PAUSE_SECONDS = 0.004
"""Between two engines: the threads of one stop waiting for work that will not come."""


@dataclass
class Rival:
    """One engine in one cell."""

    remote: Remote
    record: dict[str, Any] = field(default_factory=dict)
    calls: int = 1
    samples: list[float] = field(default_factory=list)

    @property
    def runs(self) -> bool:
        return "why" not in self.record


def measure(
    job: Job, remotes: Sequence[Remote], limit: float, foreseen: Callable[[str], float | None], *, rounds: int = ROUNDS
) -> dict[str, Any]:
    """The cell's record: for each engine its samples or why there are none, within `limit` seconds.

    `foreseen` tells what one run of an engine may take. The first remote gives the reference of the others.
    """
    rivals = [Rival(remote) for remote in remotes]
    for rival in rivals:
        _attempt(rival, lambda r: _start(r, job))
    start, load = time.monotonic(), os.getloadavg()
    ready_by, deadline = start + READY_SHARE * limit, start + limit
    with tempfile.TemporaryDirectory(dir=_room(16 << job.num_qubits)) as folder:
        reference = Path(folder) / "reference.npy"
        for rival in rivals:
            if rival.runs:
                _attempt(rival, lambda r: _make_ready(r, job, reference, ready_by, limit, foreseen(r.remote.name)))
    _take_turns([rival for rival in rivals if rival.runs], deadline, rounds)
    for rival in rivals:
        if rival.runs:
            _attempt(rival, lambda r: r.record.update(r.remote.ask("facts", 5), seconds=r.samples))
    return {"engines": {r.remote.name: r.record for r in rivals}, "load": [load, os.getloadavg()]}


def _room(needed: int) -> str | None:
    """Where the reference goes: in memory if it leaves half of that free, for a disk may take longer than the cell."""
    shared = Path("/dev/shm")
    return str(shared) if shared.is_dir() and shutil.disk_usage(shared).free > 2 * needed else None


def _attempt(rival: Rival, what: Callable[[Rival], None]) -> None:
    try:
        what(rival)
    except LateError:
        rival.record["why"] = "did not end in the time of the cell"
    except MissingError as reason:
        rival.record["why"] = f"not installed: {reason}"


def _start(rival: Rival, job: Job) -> None:
    """The processes, whose start belongs to no cell."""
    for threads in _threads(job):
        rival.remote.use(threads)
    rival.record |= rival.remote.ask("about", 30)


def _make_ready(rival: Rival, job: Job, reference: Path, deadline: float, limit: float, foreseen: float | None) -> None:
    """The best setting, the agreement with the reference, and how many calls make a sample."""
    if foreseen is not None and foreseen > OUT_OF_REACH * limit:
        rival.record["why"] = f"left out: {foreseen:.0f} s a run foreseen"
        return
    settings = _request(rival, deadline, "settings", job=job.to_json()).get("settings", [])
    best: tuple[float, dict[str, Any], int] | None = None
    stop = time.monotonic() + SEARCH_SHARE * limit
    for threads, setting in product(_threads(job), settings):
        if best is not None and time.monotonic() > stop:
            break
        seconds = _try(rival, deadline, job, setting, threads)
        if seconds is not None and (best is None or seconds < best[0]):
            best = (seconds, setting, threads)
    if best is None:
        return
    seconds, setting, threads = best
    rival.record.pop("why", None)
    rival.record |= {"setting": setting, "threads": threads}
    rival.remote.use(threads)
    ready = _request(rival, deadline, "prepare", job=job.to_json(), setting=setting)
    rival.record |= {"prepare_seconds": ready.get("seconds"), "digest": ready.get("digest")}
    checked = _request(rival, deadline, "check", reference=str(reference), write=not reference.exists())
    rival.record["agreement"] = checked.get("agreement")
    rival.calls = max(1, int(SAMPLE_SECONDS / seconds))


def _threads(job: Job) -> tuple[int, ...]:
    """Threads of a process: one for small states, where more only wait for each other; both are tried in between."""
    if job.num_qubits < 12:
        return (1,)
    return (CORES, 1) if job.num_qubits < 16 else (CORES,)


def _try(rival: Rival, deadline: float, job: Job, setting: dict[str, Any], threads: int) -> float | None:
    """Seconds of a call in one setting, the first calls of which do not count."""
    rival.remote.use(threads)
    if "seconds" not in _request(rival, deadline, "prepare", job=job.to_json(), setting=setting):
        return None
    first = _request(rival, deadline, "run", calls=1).get("seconds")
    if first is None or first > 1.0:
        return first
    calls = max(1, min(50, int(SAMPLE_SECONDS / first)))
    return min(_request(rival, deadline, "run", calls=calls).get("seconds", first) for _ in range(2))


def _request(rival: Rival, deadline: float, do: str, **request: Any) -> dict[str, Any]:
    """An answer; a refusal or failure is written down as the reason why there is no figure."""
    left = deadline - time.monotonic()
    if left <= 0:
        raise LateError
    answer = rival.remote.ask(do, left, **request)
    if why := answer.get("unsupported") or answer.get("failed"):
        rival.record["why"] = why
    return answer


def _take_turns(rivals: list[Rival], deadline: float, rounds: int) -> None:
    """A B B A A B …, until each has its samples or the time is over, of which who has one takes a fair part at most."""
    for number in range(rounds):
        for rival in rivals if number % 2 == 0 else reversed(rivals):
            longest = max(rival.samples, default=0.0) * rival.calls
            if rival.runs and longest * len(rivals) < deadline - time.monotonic():
                time.sleep(PAUSE_SECONDS)
                _attempt(rival, lambda r: _sample(r, deadline))


def _sample(rival: Rival, deadline: float) -> None:
    seconds = _request(rival, deadline, "run", calls=rival.calls).get("seconds")
    if seconds is not None:
        rival.samples.append(seconds)
