"""One cell: every setting of every compiler runs once and is checked, then all run again in turn while time is left."""

from __future__ import annotations

import math
import os
import tempfile
import time
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

from bench.compile.agreement import agreement
from bench.compile.compilers import ENVIRONMENTS, OURS, RAISED, SETTINGS
from bench.compile.devices import device
from bench.line import LateError, Line, MissingError

if TYPE_CHECKING:
    from collections.abc import Callable, Collection

    from bench.compile.protocol import Job

THREADS = 2
ROUNDS = 5
DEFAULT_TRIALS = 20
MOST_TRIALS = 1000
START_SECONDS = 60.0


class Remote:
    """A compiler in its process, started again after it was late."""

    def __init__(self, name: str) -> None:
        self.name = name
        self._line: Line | None = None
        self._loaded: Job | None = None

    def ask(self, job: Job, do: str, timeout: float, **request: Any) -> dict[str, Any]:
        """An answer with the circuit of the job loaded. Raises LateError and MissingError."""
        if self._line is None:
            self._line = Line("bench.compile.worker", self.name, ENVIRONMENTS[self.name], THREADS)
            self._loaded = None
        if self._loaded is None or (self._loaded.family, self._loaded.num_qubits) != (job.family, job.num_qubits):
            self._loaded = None
            if "digest" not in (told := self._asked("load", START_SECONDS, job=job.to_json())):
                return told
            self._loaded = job
        return self._asked(do, timeout, **request)

    def _asked(self, do: str, timeout: float, **request: Any) -> dict[str, Any]:
        assert self._line is not None
        try:
            answer = self._line.ask({"do": do, **request}, timeout)
        except LateError:
            self.end()
            raise
        if answer is None:
            self.end()
            return {"failed": "the process ended"}
        return answer

    def end(self) -> None:
        """Ends the process."""
        if self._line is not None:
            self._line.end()
        self._line = None


@dataclass
class Rival:
    """One setting of one compiler in one cell."""

    remote: Remote
    setting: str
    trials: int | None = None
    record: dict[str, Any] = field(default_factory=dict)
    samples: list[float] = field(default_factory=list)

    @property
    def name(self) -> str:
        """Such as `qiskit-2`."""
        return f"{self.remote.name}-{RAISED if self.trials else self.setting}"

    @property
    def runs(self) -> bool:
        return "why" not in self.record


def measure(
    job: Job, remotes: Collection[Remote], limit: float, left_out: Callable[[str], str], *, rounds: int = ROUNDS
) -> dict[str, Any]:
    """The record of a cell: for each setting its samples and counts, or why there are none, within `limit` seconds.

    `left_out` says why a setting is not tried, or nothing.
    """
    rivals = [Rival(remote, setting) for remote in remotes for setting in SETTINGS[remote.name]]
    start, load = time.monotonic(), os.getloadavg()
    deadline = start + limit
    with tempfile.TemporaryDirectory() as folder:
        for rival in rivals:
            _first(rival, job, deadline, Path(folder) / "compiled.json", left_out(rival.name))
        if raised := _raised(rivals):
            _first(raised, job, deadline, Path(folder) / "compiled.json", "")
            rivals.append(raised)
    for number in range(1, rounds):
        for rival in rivals if number % 2 == 0 else reversed(rivals):
            if rival.runs and time.monotonic() + max(rival.samples) < deadline:
                _attempt(rival, lambda r: _sample(r, job, deadline))
    for rival in rivals:
        rival.record["seconds"] = rival.samples
    return {"rivals": {rival.name: rival.record for rival in rivals}, "load": [load, os.getloadavg()]}


def _attempt(rival: Rival, what: Callable[[Rival], None]) -> None:
    try:
        what(rival)
    except LateError:
        rival.record["why"] = "did not end in the time of the cell"
    except MissingError as reason:
        rival.record["why"] = f"not installed: {reason}"


def _first(rival: Rival, job: Job, deadline: float, path: Path, left_out: str) -> None:
    if left_out:
        rival.record["why"] = left_out
        return
    _attempt(rival, lambda r: r.record.update(r.remote.ask(job, "about", START_SECONDS)))
    if rival.runs:
        _attempt(rival, lambda r: _sample(r, job, deadline))
    if rival.runs:
        _attempt(rival, lambda r: _check(r, job, deadline, path))


def _check(rival: Rival, job: Job, deadline: float, path: Path) -> None:
    counts = rival.remote.ask(job, "read", max(START_SECONDS, deadline - time.monotonic()), path=str(path))
    if why := counts.pop("failed", ""):
        rival.record["why"] = why
        return
    rival.record |= {**counts, "agreement": agreement(job.circuit, path)}


def _sample(rival: Rival, job: Job, deadline: float) -> None:
    left = deadline - time.monotonic()
    if left <= 0:
        raise LateError
    chip = device(job.topology, job.num_qubits, job.basis)
    described = {"num_qubits": chip.num_qubits, "pairs": chip.pairs, "basis": chip.basis}
    rival.record["late_after"] = left  # until it is known that it was not late
    answer = rival.remote.ask(job, "run", left, device=described, setting=rival.setting, trials=rival.trials)
    del rival.record["late_after"]
    if why := answer.get("unsupported") or answer.get("failed"):
        rival.record["why"] = why
        return
    rival.samples.append(answer["seconds"])


def _raised(rivals: list[Rival]) -> Rival | None:
    """Qiskit's level 3 with as many trials as take our level 3's time; None where its own already take longer."""
    ours = next((r for r in rivals if r.remote.name == OURS and r.setting == "3" and r.samples), None)
    theirs = next((r for r in rivals if r.remote.name == "qiskit" and r.setting == "3" and r.samples), None)
    if ours is None or theirs is None or ours.samples[0] <= theirs.samples[0]:
        return None
    trials = min(MOST_TRIALS, math.ceil(DEFAULT_TRIALS * ours.samples[0] / theirs.samples[0]))
    return Rival(theirs.remote, "3", trials)
