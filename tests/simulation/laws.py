"""What holds of every history, whatever went wrong in it."""

from __future__ import annotations

import json
from collections import Counter
from itertools import pairwise
from typing import TYPE_CHECKING

from eigen.kernel.jobs import MOVES
from eigen.kernel.results import RECEIPT, RESULTS, from_bytes
from eigen.types import JobState
from simulation.history import ending, undisturbed
from simulation.world import BrokenLawError

if TYPE_CHECKING:
    from collections.abc import Generator

    from eigen.qfs.store import JobRow
    from simulation.history import History, Wish


def check(history: History) -> None:
    """Raise BrokenLawError with everything that does not hold."""
    wrong = list(broken(history))
    if wrong:
        raise BrokenLawError("\n".join(wrong))


def broken(history: History) -> Generator[str]:
    """What does not hold."""
    memory = history.outside.memory
    for wish in history.wishes:
        if set(wish.answers) != {wish.job_id} or wish.job_id not in memory.jobs:
            yield f"`{wish.key}` is {wish.answers}"
    if len(memory.jobs) != len(history.wishes):
        yield f"there are {len(memory.jobs)} jobs of {len(history.wishes)} requests"
    yield from _payments(history)
    for wish in history.wishes:
        row = memory.jobs[wish.job_id]
        for text in (*_log(history, row), *_end(history, wish, row), *_files(history, row)):
            yield f"{wish}: {text}"
    for tenant, chain in memory.receipts.items():
        linked = all(after.previous == before.sha256 for before, after in pairwise(chain))
        if not linked or not all(entry.holds for entry in chain):
            yield f"the chain of receipts of {tenant} is broken"


def _log(history: History, row: JobRow) -> Generator[str]:
    log = history.outside.memory.events[row.job_id]
    if [event.seq for event in log] != list(range(1, len(log) + 1)):
        yield f"the events are numbered {[event.seq for event in log]}"
    for before, after in pairwise(log):
        if after.state is not before.state and after.state not in MOVES[before.state]:
            yield f"it moved from {before.state} to {after.state}"
    if sum(event.state.is_terminal for event in log) != 1 or not log[-1].state.is_terminal:
        yield f"it ended {[event.state.value for event in log]}"
    last = log[-1]
    if (last.state, last.seq, last.stage, last.message) != (row.state, row.event_seq, row.stage, row.message):
        yield f"its log ends with {last}, its row is {row}"
    if row.owner or not row.sealed:
        yield f"it rests with the owner `{row.owner}`, sealed: {row.sealed}"


def _end(history: History, wish: Wish, row: JobRow) -> Generator[str]:
    """Whether its end is the one of an undisturbed run, or has a cause."""
    expected, journal = undisturbed(wish.program, wish.target, wish.max_shots)
    found = history.outside.store.journal(row.job_id)
    if found != journal[: len(found)]:
        yield f"its journal is {found}"
    code = None if row.error is None else row.error["code"]
    out_of_time = "max_seconds" in str((row.error or {}).get("message"))
    if (row.state, code) == expected[:2] and not out_of_time:
        results = from_bytes(history.outside.artifacts.get(row.job_id, RESULTS))
        if ending(results) != expected or found != journal:
            yield f"it ended with {ending(results)}, undisturbed with {expected}"
        return
    failures = history.outside.provider.failures.get(row.job_id, 0)
    needed = [history.outside.memory.jobs[history.wishes[other].job_id].state for other in wish.needs]
    causes = {
        (JobState.CANCELLED, "EIGEN_RUN_CANCELLED"): wish.was_cancelled,
        (JobState.TIMEOUT, "EIGEN_RUN_TIMEOUT"): wish.queue_seconds or wish.execution_seconds,
        (JobState.ERROR, "EIGEN_RUN_BUDGET"): wish.max_seconds and out_of_time,
        (JobState.ERROR, "EIGEN_DEVICE_FAILED"): failures >= wish.retry,
        (JobState.ERROR, "EIGEN_JOB_DEPENDENCY"): any(state is not JobState.DONE for state in needed),
    }
    if not causes.get((row.state, code)):
        yield f"it ended {row.state} with {row.error} for no reason, after {failures} failures of {wish.retry}"


def _payments(history: History) -> Generator[str]:
    """Each evaluation is paid once, and what was paid for a finished job is what its results say."""
    paid: Counter[tuple[str, str]] = Counter()
    shots: Counter[str] = Counter()
    for piece in history.outside.provider.paid():
        job_id, _, evaluation = piece.key.partition(":")
        paid[job_id, evaluation.partition(":")[0]] += 1
        shots[job_id] += piece.shots
    yield from (f"{job_id}: evaluation {number} was paid {n} times" for (job_id, number), n in paid.items() if n > 1)
    for wish in history.wishes:
        row = history.outside.memory.jobs[wish.job_id]
        recorded = history.outside.store.journal_length(row.job_id)
        evaluations = sum(job_id == row.job_id for job_id, _ in paid)
        if row.state is JobState.DONE and "paid" in wish.target:
            results = from_bytes(history.outside.artifacts.get(row.job_id, RESULTS))
            if shots[row.job_id] != results.metadata["shots_used"]:
                yield f"{wish}: {shots[row.job_id]} shots were paid, {results.metadata['shots_used']} were used"
        elif not (evaluations in {recorded, recorded + 1} if "paid" in wish.target else evaluations == 0):
            yield f"{wish}: {evaluations} evaluations were paid, {recorded} are recorded"


def _files(history: History, row: JobRow) -> Generator[str]:
    """Its receipt is in the ledger once, and is over the files that there are."""
    artifacts = history.outside.artifacts
    known = {info.path: info.sha256 for info in artifacts.list(row.job_id)}
    if RECEIPT not in known:
        yield f"it has no receipt, but {sorted(known)}"
        return
    receipt = json.loads(artifacts.get(row.job_id, RECEIPT))
    entries = [entry for entry in history.outside.memory.receipts.get(row.tenant, ()) if entry.job_id == row.job_id]
    if [entry.sha256 for entry in entries] != [receipt["chain"]["sha256"]]:
        yield f"its receipt is in the ledger {len(entries)} times"
    named = {**receipt["inputs"], **receipt["compiled"], **receipt["results"]}
    if {path: known.get(path) for path in named} != named:
        yield f"its receipt names {named}, there is {known}"
    if receipt["events"]["count"] != row.event_seq or receipt["state"] != row.state.value:
        yield f"its receipt says {receipt['state']} after {receipt['events']['count']} events"
