"""What the result cache gains and costs: a loop of 20 qubits again, a Bell job with it and without, a look, keeping.

`python bench/result_cache.py [JOBS]`: seconds of the loop on the clock, milliseconds of processor time of a Bell job
(median and least of JOBS, 100 by default), milliseconds of a look and of keeping by the size of the result.
"""

from __future__ import annotations

import os
import re
import statistics
import sys
import tempfile
import time
from pathlib import Path

from eigen.app import connect_with
from eigen.config import load_settings
from eigen.qfs.result_cache import SqlResultCache
from eigen.qfs.sqlite import SqliteDatabase
from eigen.qfs.store import CachedResult

GUIDE = Path(__file__).parents[1] / "docs/guides/caching.md"
BELL = 'OPENQASM 3.0; include "stdgates.inc"; qubit[2] q; bit[2] c; h q[0]; cx q[0], q[1]; c = measure q;'
ROOM = 64 << 20


def main(jobs: int) -> None:
    """Measure in an empty directory."""
    (loop,) = re.findall(r'write_text\("""(.*?)"""\)', GUIDE.read_text(), re.S)
    with tempfile.TemporaryDirectory() as folder:
        os.chdir(folder)
        Path("loop.eigen.py").write_text(loop.replace("qubits: int = 16", "qubits: int = 20"))
        Path("bell.qasm").write_text(BELL)
        clients = {
            name: connect_with(load_settings({"endpoint": "", "qfs_root": name, "result_cache_bytes": room})[0])
            for name, room in (("with", ROOM), ("without", 0))
        }
        for time_ in ("first", "again"):
            started = time.perf_counter()
            results = clients["with"].run("loop.eigen.py")
            print(f"loop, {time_}: {time.perf_counter() - started:.3f} s, {results.metadata.get('cache')}")
        took: dict[str, list[float]] = {name: [] for name in clients}
        for _ in range(jobs):
            for name, client in clients.items():
                started = time.process_time()
                client.run("bell.qasm", shots=100, seed=7)
                took[name].append((time.process_time() - started) * 1e3)
        for name, found in took.items():
            print(f"bell {name} a cache: {statistics.median(found):.2f} ms, least {min(found):.2f} ms")
        database = SqliteDatabase(Path("own.db").absolute())
        cache = SqlResultCache(database, ROOM)
        for size in (200, 100_000, 1_000_000):
            _one_size(cache, size)
        database.close()


def _one_size(cache: SqlResultCache, size: int) -> None:
    kept, looked = [], []
    for number in range(20):
        entry = CachedResult.of("t", f"{size}-{number}", "job", os.urandom(size))
        started = time.perf_counter()
        cache.keep("t", [entry], (), 1.0)
        kept.append((time.perf_counter() - started) * 1e3)
        started = time.perf_counter()
        found = cache.get("t", entry.key)
        looked.append((time.perf_counter() - started) * 1e3)
        assert found is not None
        assert found.holds
    print(f"{size} bytes: keeping {statistics.median(kept):.3f} ms, a look {statistics.median(looked):.3f} ms")


if __name__ == "__main__":
    main(int(sys.argv[1]) if len(sys.argv) > 1 else 100)
