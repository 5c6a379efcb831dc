"""The process in which one engine runs: `python -m bench.sim.worker NAME`, JSON lines on standard input and output.

It prepares a job, runs it, and checks the result against the reference of the cell. The clock is here, around the
engine's call alone.
"""

from __future__ import annotations

import json
import os
import sys
import time
from typing import Any

import numpy as np

from bench.sim.agreement import agreement
from bench.sim.peers import peer
from bench.sim.peers.protocol import Job, Prepared, UnsupportedError


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


def main() -> None:
    """Answer requests until standard input ends. Whatever the engine prints goes to standard error."""
    answers = os.fdopen(os.dup(1), "w")
    os.dup2(2, 1)

    def answer(value: dict[str, Any]) -> None:
        print(json.dumps(value, default=str), file=answers, flush=True)

    try:
        worker = Worker(sys.argv[1])
    except ImportError as error:
        answer({"missing": str(error)})
        return
    answer({"ready": True})
    for line in sys.stdin:
        request = json.loads(line)
        try:
            answer(getattr(worker, request.pop("do"))(**request))
        except UnsupportedError as reason:
            answer({"unsupported": str(reason)})
        except Exception as error:  # a peer's failure is a result of the cell, not the end of the measurement
            answer({"failed": f"{type(error).__name__}: {error}"[:500]})


if __name__ == "__main__":
    main()
