"""A provider of paid shots as a process of its own: slow at times, forgetful of answers, and exact in its ledger.

`python -m doubles.provider_process LEDGER SEED` prints its address as JSON and serves HTTP on loopback until it
is killed. A key is run and paid once; whoever sends it again gets the same handle. Work of other keys than those of
probes is answered late, and now and then the answer is lost after the work was done and paid. The ledger has a line of
JSON for each paid piece of work and is read again at the start.
"""

from __future__ import annotations

import json
import os
import random
import sys
import threading
import time
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

from eigen.drivers.native import STATEVECTOR, NativeDriver
from eigen.ir import Circuit
from eigen.types import SampleWork

PROBE = "probe-"
LOST_SHARE = 0.03
SLOWEST_SECONDS = 0.03


class Provider:
    """The provider: its engine, its ledger, and its bad days."""

    def __init__(self, ledger: Path, seed: int) -> None:
        self._engine = NativeDriver()
        self._engine.initialize({"threads": 1})
        self._lock = threading.Lock()
        self._draw = random.Random(seed)
        self._by_key = {row["key"]: row for row in read_ledger(ledger)}
        self._by_handle = {row["handle"]: row for row in self._by_key.values()}
        self._ready: dict[str, float] = {}
        self._file = os.open(ledger, os.O_WRONLY | os.O_APPEND | os.O_CREAT, 0o644)

    def submit(self, asked: Any) -> dict[str, Any]:
        """The handle of the work under its key; new work is run and paid."""
        with self._lock:
            row = self._by_key.get(asked["key"])
            if row is None:
                row = self._run(asked)
                os.write(self._file, json.dumps(row).encode() + b"\n")
                os.fsync(self._file)
                self._by_key[row["key"]] = self._by_handle[row["handle"]] = row
                self._ready[row["handle"]] = time.monotonic() + self._delay(asked["key"])
        return {"handle": row["handle"]}

    def adopt(self, asked: Any) -> dict[str, Any]:
        """The handle of a key, or null."""
        row = self._by_key.get(asked["key"])
        return {"handle": None if row is None else row["handle"]}

    def result(self, asked: Any) -> dict[str, Any]:
        """The counts of a handle, or that they are not ready."""
        row = self._by_handle.get(asked["handle"])
        if row is None:
            return {"state": "unknown"}
        if time.monotonic() < self._ready.get(row["handle"], 0.0):
            return {"state": "running"}
        return {"state": "done", "counts": row["counts"], "clbits": row["clbits"]}

    def loses(self, asked: Any) -> bool:
        """Whether the answer to this never arrives."""
        key = asked.get("key") or self._by_handle.get(asked["handle"], {}).get("key", "")
        return not key.startswith(PROBE) and self._draw.random() < LOST_SHARE

    def _delay(self, key: str) -> float:
        return 0.0 if key.startswith(PROBE) else self._draw.uniform(0.0, SLOWEST_SECONDS)

    def _run(self, asked: Any) -> dict[str, Any]:
        circuit = Circuit.from_aqo(asked["circuit"].encode())
        work = SampleWork(circuit, tuple(asked["values"]), asked["shots"], asked["seed"])
        counts = self._engine.execute_circuit(STATEVECTOR, work).counts
        assert counts is not None
        return {
            "key": asked["key"],
            "handle": f"paid-{len(self._by_key) + 1}",
            "shots": asked["shots"],
            "counts": counts.to_dict(),
            "clbits": circuit.num_clbits,
        }


def read_ledger(ledger: Path) -> list[dict[str, Any]]:
    """Every paid piece of work, oldest first; a last line that was cut off is none."""
    if not ledger.exists():
        return []
    text = ledger.read_text()
    return [json.loads(line) for line in text[: text.rfind("\n") + 1].splitlines()]


class Door(BaseHTTPRequestHandler):
    """POST /submit, /adopt and /result with JSON."""

    provider: Provider
    protocol_version = "HTTP/1.1"
    timeout = 60

    def do_POST(self) -> None:
        asked = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
        answer = getattr(self.provider, self.path.removeprefix("/"))(asked)
        if self.provider.loses(asked):
            self.close_connection = True
            return
        body = json.dumps(answer).encode()
        self.send_response(200)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_: object) -> None:
        return


class Server(ThreadingHTTPServer):
    """Clients that are killed in the middle of a call are nothing to talk about."""

    daemon_threads = True

    def handle_error(self, *_: object) -> None:
        return


def main(ledger: str, seed: str) -> None:
    Door.provider = Provider(Path(ledger), int(seed))
    server = Server(("127.0.0.1", 0), Door)
    print(json.dumps({"address": f"127.0.0.1:{server.server_address[1]}"}), flush=True)
    server.serve_forever()


if __name__ == "__main__":
    main(*sys.argv[1:])
