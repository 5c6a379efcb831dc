"""Thousands of histories of the real kernel among treacherous ports: every law holds, and wrong kernels are found.

A seed that breaks a law is told step by step by `PYTHONPATH=tests:. python -m simulation SEED`.
"""

from __future__ import annotations

import gc
import os
import time
from collections import Counter
from concurrent.futures import ProcessPoolExecutor
from functools import cache
from multiprocessing import get_context
from typing import TYPE_CHECKING, Any

import pytest

from eigen.kernel.results import RESULTS, from_bytes
from eigen.qfs.store import IntentState
from eigen.types import JobState
from simulation.feature_mutations import FEATURE_MUTATIONS
from simulation.history import History, undisturbed
from simulation.laws import check
from simulation.mutations import MUTATIONS
from simulation.provider import PAID
from simulation.wishes import MOST_SHOTS, PROGRAMS, SHAPES, TARGETS, Ask

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator

    from eigen.qfs.store import JobRow
    from simulation.wishes import Wish

SHARES, SEEDS = 8, 250
SOAK_SEEDS = int(os.environ.get("EIGEN_SOAK_SEEDS", "100000"))
ENOUGH = 2_000
"""A kernel that is wrong in one place is found within so many histories."""


def first_broken(seeds: Iterable[int]) -> tuple[int, str] | None:
    """The first seed whose history breaks a law, and which."""
    gc.disable()  # a history leaves cycles behind; one look at the end is enough
    try:
        for seed in seeds:
            try:
                check(History(seed).run())
            except Exception as error:
                return seed, f"{type(error).__name__}: {error}"
            if seed % 50 == 0:
                gc.collect()
    finally:
        gc.enable()
    return None


def replay(found: tuple[int, str] | None, mutation: str = "") -> str:
    """How to see it again."""
    assert found is not None
    return f"{found[1]}\nPYTHONPATH=tests:. python -m simulation {found[0]} {mutation}"


@pytest.mark.parametrize("share", range(SHARES))
def test_every_law_holds_in_every_history(share: int) -> None:
    found = first_broken(range(share * SEEDS, (share + 1) * SEEDS))
    assert found is None, replay(found)


@pytest.mark.soak
def test_every_law_holds_in_a_hundred_thousand_histories(capsys: pytest.CaptureFixture[str]) -> None:
    chunks = [range(first, min(first + 500, SOAK_SEEDS)) for first in range(0, SOAK_SEEDS, 500)]
    began = time.monotonic()
    with ProcessPoolExecutor(os.cpu_count(), mp_context=get_context("fork")) as pool:
        broken = [found for found in pool.map(first_broken, chunks) if found is not None]
    with capsys.disabled():
        print(f"\n{SOAK_SEEDS} histories in {time.monotonic() - began:.0f} s, {len(broken)} broke a law")
    assert not broken, "\n".join(map(replay, broken))


@pytest.mark.parametrize("mutation", [*MUTATIONS, *FEATURE_MUTATIONS], ids=lambda mutation: mutation.__name__)
def test_a_kernel_that_is_wrong_in_one_place_is_found(mutation: Callable[[], Any]) -> None:
    warm()
    with mutation():
        found = first_broken(range(ENOUGH))
    assert found is not None


def test_a_seed_has_one_history() -> None:
    for seed in range(20):
        one, other = list[str](), list[str]()
        for told in (one, other):
            History(seed, told=told.append).run()
        assert one == other


@cache
def some() -> list[History]:
    """Enough to see what there is."""
    return [History(seed).run() for seed in range(400)]


def test_histories_are_as_bad_as_they_are_meant_to_be() -> None:
    """Crashes, zombies, calendars, stores and providers: each goes wrong in many histories, and most jobs end well."""
    histories = some()
    for kind in ("crash", "freeze", "calendar", "store", "provider"):
        assert sum(history.world.counts[kind] > 0 for history in histories) > 20, kind
    ends = [row.state.value for history in histories for row in history.outside.memory.jobs.values()]
    assert ends.count("DONE") > len(ends) // 3
    refused = [
        True for history in histories for accepted, _ in history.outside.memory.outcomes.values() if not accepted
    ]
    assert refused, "no verdict came too late"
    attempts = [row.attempt for history in histories for row in history.outside.memory.jobs.values()]
    assert max(attempts) > 2


def test_histories_have_what_a_kernel_can_do() -> None:
    """Workflows that end in each way, sweeps, jobs that give way, miss a deadline, wait for a person, are answered from
    the cache, come in a batch or have to wait for a quota: each is in some."""
    found = Counter(kind for each in some() for wish, row in each.rows() for kind in kinds(each, wish, row))
    assert set(found) == KINDS, found


KINDS = {
    *(
        "a workflow DONE",
        "a workflow ERROR",
        "a workflow CANCELLED",
        "a workflow TIMEOUT",
        "a step CANCELLED",
        "a step TIMEOUT",
    ),
    *("a sweep", "preempted", "awaiting_decision", "again", "give_up", "repeated", "a deadline", "cached", "a batch"),
    "a quota",
}


def kinds(history: History, wish: Wish, row: JobRow) -> Iterator[str]:
    """What a job is an example of."""
    if row.spec.get("workflow") is not None:
        yield f"a workflow {row.state.value}"
    elif row.workflow and row.state in {JobState.CANCELLED, JobState.TIMEOUT}:
        yield f"a step {row.state.value}"
    log = history.outside.memory.events[row.job_id]
    yield from {event.stage for event in log} & {"preempted", "awaiting_decision"}
    yield from {event.data["decision"] for event in log if event.stage == "decided"}
    if any(each.state is IntentState.REPEATED for each in history.outside.store.intents(row.job_id)):
        yield "repeated"
    if "deadline" in row.message:
        yield "a deadline"
    if row.state is JobState.DONE and row.spec.get("sweep"):
        yield "a sweep"
    if row.state is JobState.DONE:
        results = from_bytes(history.outside.artifacts.get(row.job_id, RESULTS))
        yield from ["cached"] if "cache" in results.metadata else []
    if wish.batch is not None:
        yield "a batch"
    if history.refused:
        yield "a quota"


def test_an_undisturbed_history_is_one_attempt() -> None:
    alone = undisturbed(Ask("loop", PAID))
    assert (alone.ending[0].value, alone.ending[1]) == ("DONE", None)
    assert len(alone.journal) > 4


def warm() -> None:
    """What the laws compare with, made by a kernel that is right."""
    for program in PROGRAMS:
        for target in TARGETS:
            for shots in MOST_SHOTS:
                undisturbed(Ask(program, target, shots))
    for shape in SHAPES:
        for target in TARGETS:
            undisturbed(Ask(shape, target, 35 if shape == "budget" else None))
