"""A Bell job with its files in the data directory, and in a bucket on loopback: what submission, run and results take
and ask, one job after another, the two kinds in turn. The jobs lie in SQLite either way."""

from __future__ import annotations

import time
from contextlib import ExitStack
from tempfile import TemporaryDirectory
from typing import Any

from bench.report import print_table, save
from bench.s3_server import S3Server, program
from eigen.app import make_registry, open_ports
from eigen.config import Settings
from eigen.jobspec import load_program
from eigen.kernel.kernel import Kernel
from eigen.kernel.worker import Worker

JOBS = 60
BELL = """\
from eigen_lang import QubitRegister, cx, h, hybrid_program, measure_all


@hybrid_program
def main():
    q = QubitRegister(2)
    h(q[0])
    cx(q[0], q[1])
    return measure_all(q)
"""


def main() -> None:
    """Measure, print, save."""
    built = program()
    with ExitStack() as stack:
        source = f"{stack.enter_context(TemporaryDirectory(prefix='bench-'))}/bell.eigen.py"
        with open(source, "w") as file:
            file.write(BELL)
        given: dict[str, dict[str, Any]] = {"data directory": {}}
        if built is None:
            print("S3 is left out: `make s3-server` builds an endpoint")
        else:
            server = S3Server(built)
            stack.callback(server.stop)
            given["S3 on loopback"] = server.settings()
        kernels: dict[str, Kernel] = {}
        for name, files in given.items():
            settings = Settings(qfs_root=stack.enter_context(TemporaryDirectory(prefix="bench-")), **files)
            database, ports = open_ports(settings, make_registry(settings))
            stack.callback(database.close)
            kernels[name] = Kernel(ports)
        found = _measure(kernels, source)
    save("artifacts", {"unit": "s", "jobs": JOBS, "kinds": found})
    rows = [
        [name, *(f"{each[step][share] * 1e3:.1f}" for step in STEPS for share in (0.5, 0.95)), f"{each['requests']:g}"]
        for name, each in found.items()
    ]
    titles = [f"{step} p{share}" for step in STEPS for share in (50, 95)]
    print_table("A Bell job, milliseconds", ["files", *titles, "requests"], rows)


STEPS = ("submit", "run", "results")


def _measure(kernels: dict[str, Kernel], source: str) -> dict[str, Any]:
    job = load_program(source, shots=100, seed=1)
    times: dict[str, dict[str, list[float]]] = {name: {step: [] for step in STEPS} for name in kernels}
    for number in range(JOBS + 3):
        for name, kernel in kernels.items():
            if number == 3:  # what is made once is made by now
                _requests(kernel, clear=True)
            moments = [time.perf_counter()]
            job_id = kernel.submit(job.spec, job.files)
            moments.append(time.perf_counter())
            assert Worker(kernel.ports).run_until(job_id)
            moments.append(time.perf_counter())
            assert kernel.results(job_id).counts is not None
            moments.append(time.perf_counter())
            if number >= 3:
                for step, start, end in zip(STEPS, moments, moments[1:], strict=False):
                    times[name][step].append(end - start)
    return {
        name: {
            **{step: {share: _share(values, share) for share in (0.5, 0.95)} for step, values in steps.items()},
            "requests": _requests(kernels[name]) / JOBS,
        }
        for name, steps in times.items()
    }


def _share(values: list[float], share: float) -> float:
    return sorted(values)[int(share * (len(values) - 1))]


def _requests(kernel: Kernel, *, clear: bool = False) -> int:
    """How often the bucket was asked for files; the parts of logs, which are written behind, are left out."""
    bucket = getattr(kernel.ports.artifacts, "bucket", None)
    if bucket is None:
        return 0
    if clear:
        bucket.requests.clear()
    return bucket.requests.total() - bucket.requests["put"]


if __name__ == "__main__":
    main()
