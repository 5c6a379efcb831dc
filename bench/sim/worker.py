"""The process in which one engine runs: `python -m bench.sim.worker NAME`, JSON lines on standard input and output.

It prepares a job, runs it, and checks the result against the reference of the cell. The clock is here, around the
engine's call alone.
"""

from __future__ import annotations

import sys
import time
from typing import Any

import numpy as np

from bench.answering import answer_requests
from bench.sim.agreement import agreement
from bench.sim.peers import peer
from bench.sim.peers.protocol import Job, Prepared


class Worker:
    """One engine and the job that it holds."""

    def __init__(self, name: str) -> None:
        self.peer = peer(name)
        self.job: Job | None = None
        self.prepared: Prepared | None = None
        self.call = 0

    def about(self) -> dict[str, Any]:
        return {"name": self.peer.name, "version": self.peer.version(), "numpy": np.__version__}

    def settings(self, job: dict[str, Any]) -> dict[str, Any]:
        return {"settings": self.peer.settings(Job(**job))}

    def prepare(self, job: dict[str, Any], setting: dict[str, Any]) -> dict[str, Any]:
        """Makes a job ready and says how long that took and of which circuit it is."""
        self.prepared = None
        self.job = Job(**job)
        start = time.perf_counter()
        self.prepared = self.peer.prepare(self.job, setting)
        self.call = 0
        return {"seconds": time.perf_counter() - start, "digest": self.job.circuit.digest}

    def run(self, calls: int) -> dict[str, Any]:
        """Seconds of each of some calls, one after the other, on average."""
        assert self.prepared is not None
        run, first = self.prepared.run, self.call
        self.call += calls
        start = time.perf_counter()
        for k in range(first, first + calls):
            run(k)
        return {"seconds": (time.perf_counter() - start) / calls}

    def facts(self) -> dict[str, Any]:
        return {"facts": self.peer.facts()}

    def check(self, reference: str, write: bool) -> dict[str, Any]:
        """Runs call 0 once more; writes its result as the reference or says how well it agrees with it."""
        assert self.prepared is not None
        assert self.job is not None
        result = self.prepared.read(self.prepared.run(0))
        if not write:
            return {"agreement": agreement(self.job, result, np.load(reference, mmap_mode="r"))}
        if isinstance(result, tuple):
            result = np.stack(result)
        np.save(reference, result)
        return {"agreement": {}}

    def forget(self) -> dict[str, Any]:
        self.prepared = None
        return {}


if __name__ == "__main__":
    answer_requests(lambda: Worker(sys.argv[1]))
