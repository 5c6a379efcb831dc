"""What runs a task, wherever it is: read its description, do the work, leave the result. Also a command.

`python -m eigen.executors.worker DIGEST [KEY]` runs one task and ends; with `--serve` it runs those that come line by
line on stdin, until that is closed. The spool and the number of threads are those of this host's settings,
`executor_spool` and `threads`, or of the options `--spool` and `--threads`: nobody who hands in a task chooses them.
"""

from __future__ import annotations

import argparse
import json
import os
import sys
import threading
from contextlib import suppress
from functools import cache
from pathlib import Path
from queue import SimpleQueue
from time import perf_counter
from typing import TYPE_CHECKING, Any

from eigen.config import load_settings
from eigen.errors import EigenError
from eigen.executors import tasks
from eigen.executors.executor import Outcome, check_digests
from eigen.executors.spool import Spool, open_spool

if TYPE_CHECKING:
    from collections.abc import Sequence

    from eigen.drivers.registry import Registry

DONE, FAILED = "done", "failed"
MOST_FILE_BYTES = 2 << 30
LOADED_BYTES = 2 << 30
"""Address space that an interpreter with its engines and their threads takes before any work."""


def run(spec: str, key: str) -> int:
    """Run the task that the description of this digest says and leave its result under the key, unless it is there;
    the bytes of the result. The place is that of this host's settings.

    An error of the work is a result too. Raises EIGEN_REQUEST_INVALID, EIGEN_QFS_NOT_FOUND, EIGEN_QFS_DATA_LOSS,
    EIGEN_CONTRACT_VERSION, and EIGEN_QFS_EXISTS when the task has left something else meanwhile.
    """
    settings = load_settings()[0]
    return run_in(_spool(), spec, key, threads=settings.threads, isa=settings.isa)


@cache
def _spool() -> Spool:
    """The spool of this host's settings."""
    return open_spool(load_settings()[0])


def run_in(spool: Spool, spec: str, key: str, *, threads: int, isa: str) -> int:
    """The same with another spool."""
    check_digests(spec, key)
    known = spool.result(key)
    if known is not None:
        return len(known.document)
    device_id, work = tasks.read_spec(spool.spec(spec))
    started = perf_counter()
    try:
        driver = _registry(threads, isa).driver_for(device_id)
        result = driver.execute_circuit(device_id, work)
        document = tasks.result_document(result)
        seconds = result.execution_time_sec
    except EigenError as error:
        document, seconds = tasks.error_document(error), perf_counter() - started
    except MemoryError:
        error = EigenError("EIGEN_SIM_MEMORY", "the task needs more memory than its worker may use")
        document, seconds = tasks.error_document(error), perf_counter() - started
    except Exception as error:  # an engine may raise anything
        message = f"the driver of `{device_id}` failed: {type(error).__name__}: {error}"[:1000]
        document = tasks.error_document(EigenError("EIGEN_DEVICE_FAILED", message))
        seconds = perf_counter() - started
    spool.put_result(key, Outcome(document, seconds))
    return len(document)


@cache
def _registry(threads: int, isa: str) -> Registry:
    """The drivers of this process."""
    from eigen.drivers.registry import Registry

    return Registry({"native": {"threads": threads, "isa": isa}, "qiskit": {"threads": threads}})


def main(words: Sequence[str] | None = None) -> int:
    """The command."""
    parser = argparse.ArgumentParser(prog="eigen.executors.worker", description="runs tasks of Eigen OS")
    parser.add_argument("digest", nargs="?", help="sha256 of the description of the task")
    parser.add_argument("key", nargs="?", help="under which the result is kept; without it the digest")
    parser.add_argument("--spool", type=Path, help="the folder of tasks; without it the setting `executor_spool`")
    parser.add_argument("--threads", type=int, help="threads of one task; without it the setting `threads`")
    parser.add_argument("--memory", type=int, default=0, help="bytes that one task may use; 0: no limit")
    parser.add_argument("--serve", action="store_true", help="run the tasks that come on stdin")
    parser.add_argument("--report", type=Path, help="a file that is told, as JSON, why a task could not be run")
    options = parser.parse_args(words)
    try:
        settings = load_settings()[0]
        spool = Spool(options.spool) if options.spool else open_spool(settings)
        threads: int = settings.threads if options.threads is None else options.threads
        limit(options.memory)
        if options.serve:
            _serve(spool, threads, settings.isa)
            return 0
        if options.digest is None:
            parser.error("a DIGEST or `--serve` is needed")
        run_in(spool, options.digest, options.key or options.digest, threads=threads, isa=settings.isa)
    except EigenError as error:
        sys.stderr.write(error.render() + "\n")
        if options.report:
            _report(options.report, error)
        return error.status.exit
    return 0


def _report(place: Path, error: EigenError) -> None:
    """Leave an error for whoever looks after this process, in at most 4096 bytes: a cluster keeps no more of it."""
    document = {"code": error.code, "message": error.message[:700], "hint": error.hint[:200]}  # 4 bytes a letter
    with suppress(OSError):  # it stands on stderr, too
        place.write_text(json.dumps(document, ensure_ascii=False), encoding="utf-8")


def limit(memory_bytes: int) -> None:
    """Bound what this process may take: memory for one task, the size of a file, and no core dumps."""
    import resource

    bounds = [(resource.RLIMIT_CORE, 0), (resource.RLIMIT_FSIZE, MOST_FILE_BYTES)]
    if memory_bytes:
        bounds.append((resource.RLIMIT_AS, memory_bytes + LOADED_BYTES))
    for what, most in bounds:
        hard = resource.getrlimit(what)[1]
        least = most if hard == resource.RLIM_INFINITY else min(most, hard)
        resource.setrlimit(what, (least, least))


def _serve(spool: Spool, threads: int, isa: str) -> None:
    """Answer each line `SPEC KEY` with a line of JSON, in order. When stdin is closed, whoever asked is gone: the
    process ends at once, whatever it is at."""
    answers = os.fdopen(os.dup(1), "w", encoding="ascii")
    os.dup2(2, 1)  # whatever an engine prints is no answer
    asked: SimpleQueue[str] = SimpleQueue()

    def listen() -> None:
        for line in sys.stdin:
            asked.put(line)
        os._exit(0)

    threading.Thread(target=listen, daemon=True).start()
    _answer(answers, {"state": "ready"})
    while True:
        words = asked.get().split()
        spec, key = (*words, "", "")[:2]
        try:
            size = run_in(spool, spec, key, threads=threads, isa=isa)
        except EigenError as error:
            _answer(answers, {"state": FAILED, "key": key, "error": error.to_json()})
        else:
            _answer(answers, {"state": DONE, "key": key, "bytes": size})


def _answer(answers: Any, value: dict[str, Any]) -> None:
    answers.write(json.dumps(value) + "\n")
    answers.flush()


if __name__ == "__main__":
    sys.exit(main())
