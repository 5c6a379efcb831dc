"""A job whose program was compiled before leaves the same files, and one that repeats another compiles anew."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

from doubles import house
from eigen.app import keep_compiled
from eigen.config import Settings
from eigen.types import JobState

if TYPE_CHECKING:
    from conftest import Bench
    from eigen.compiler import Compiled


class Counted:
    def __init__(self) -> None:
        self.calls = 0

    def __call__(self, source: str, **asked: Any) -> Compiled:
        self.calls += 1
        return house.compile_by_heart(source, **asked)


def keeping(bench: Bench, settings: Settings) -> tuple[Bench, Counted]:
    counted = Counted()
    ports = keep_compiled(settings, replace(bench.ports, compile=counted))
    return bench.having(compile=ports.compile, lower=ports.lower, compile_anew=counted), counted


def files_of(bench: Bench, job_id: str) -> dict[str, bytes]:
    return {
        info.path: bench.kernel.artifact(job_id, info.path)
        for info in bench.kernel.artifacts(job_id)
        if info.path.startswith("compiled/")
    }


def test_files_are_those_without(bench: Bench) -> None:
    kept, counted = keeping(bench, Settings())
    for program, target in (("vqe-shots", "sim:statevector"), ("bell", "double:chip"), ("turned", "sim:statevector")):
        plain = bench.submit(program, target)
        whole = bench.run(plain)
        counted.calls = 0
        jobs = [kept.submit(program, target) for _ in range(3)]
        for job_id in jobs:
            results = kept.run(job_id)
            assert (results.state, results.outputs, results.counts) == (whole.state, whole.outputs, whole.counts)
            assert files_of(bench, job_id) == files_of(bench, plain)
            assert bench.kernel.verify(job_id).holds
        once = counted.calls
        kept.run(kept.submit(program, target))
        assert counted.calls == once


def test_a_replay_compiles_anew(bench: Bench) -> None:
    kept, counted = keeping(bench, Settings())
    first = kept.submit("bell")
    assert kept.run(first).state is JobState.DONE
    again = kept.kernel.replay(first)
    assert kept.run(again).metadata["replay"]["verdict"] == "identical"
    assert counted.calls == 2


def test_without_room_everything_is_compiled(bench: Bench) -> None:
    kept, counted = keeping(bench, Settings(compiled_cache_bytes=0))
    for _ in range(2):
        kept.run(kept.submit("bell"))
    assert counted.calls == 2
