"""What holds of every history, whatever went wrong in it."""

from __future__ import annotations

import json
from collections import Counter
from itertools import pairwise
from typing import TYPE_CHECKING

from eigen.kernel.jobs import MOVES
from eigen.kernel.results import RECEIPT, RESULTS, from_bytes
from eigen.types import JobState
from simulation import workflow_laws
from simulation.history import ending, undisturbed
from simulation.provider import FORGETFUL, FREE, PRICE
from simulation.watch import SHORT
from simulation.world import BrokenLawError

if TYPE_CHECKING:
    from collections.abc import Generator

    from eigen.qfs.store import JobRow
    from simulation.history import History
    from simulation.wishes import Wish

DECIDED, AWAITED = "decided", "awaiting_decision"


def check(history: History) -> None:
    """Raise BrokenLawError with everything that does not hold."""
    wrong = list(broken(history))
    if wrong:
        raise BrokenLawError("\n".join(wrong))


def broken(history: History) -> Generator[str]:
    """What does not hold."""
    memory = history.outside.memory
    yield from history.outside.watch.broken
    yield from history.outside.provider.broken
    for wish in history.wishes:
        if set(wish.answers) != {wish.job_id} or wish.job_id not in memory.jobs:
            yield f"`{wish.key}` is {wish.answers}"
    count = sum(not row.workflow for row in memory.jobs.values())
    if count != len(history.wishes):
        yield f"there are {count} jobs of {len(history.wishes)} requests"
    for wish, row in history.rows():
        laws = (_log(history, row), _files(history, row), _decisions(history, wish, row), _times(history, wish, row))
        found = [text for law in laws for text in law]
        if row.spec.get("workflow") is not None:
            found += workflow_laws.broken(history, wish, row)
        else:
            found += [*_end(history, wish, row), *_payments(history, row)]
        yield from (f"{wish}: {row.job_id}: {text}" for text in found)
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
    expected = undisturbed(workflow_laws.ask_of(row) if row.workflow else wish.ask)
    found = history.outside.store.journal(row.job_id)
    if found != expected.journal[: len(found)]:
        yield f"its journal is {found}"
    code = None if row.error is None else row.error["code"]
    if (row.state, code) == expected.ending[:2] and not workflow_laws.out_of_time(row):
        results = from_bytes(history.outside.artifacts.get(row.job_id, RESULTS))
        if ending(results) != expected.ending or found != expected.journal:
            yield f"it ended with {ending(results)}, undisturbed with {expected.ending}"
        yield from _kept_results(history, row, results.metadata.get("cache"))
    elif not workflow_laws.has_cause(history, wish, row):
        failures = history.outside.provider.failures.get(row.job_id, 0)
        yield f"it ended {row.state} with {row.error} for no reason, after {failures} failures"


def _kept_results(history: History, row: JobRow, cache: dict[str, list[dict[str, str]]] | None) -> Generator[str]:
    """Nobody is answered with what another tenant asked, and nothing that is paid for is."""
    for origin in (cache or {}).get("origins", ()):
        other = history.outside.memory.jobs[origin["job_id"]]
        if other.tenant != row.tenant or row.spec["target"] != FREE or other.spec["target"] != FREE:
            yield f"its results are those of {other.job_id} of {other.tenant}"


def _times(history: History, wish: Wish, row: JobRow) -> Generator[str]:
    """No deadline is moved, and whoever gives way charges nothing and comes further each time."""
    whole = history.outside.memory.jobs[wish.job_id]
    if (row.deadline is None) != (wish.deadline is None):
        yield f"its deadline is {row.deadline}"
    if row.deadline is not None and whole.deadline is not None and abs(row.deadline - whole.deadline) > SHORT:
        yield f"its deadline is {row.deadline}, that of its workflow {whole.deadline}"
    gave_way = sum(event.stage == "preempted" for event in history.outside.memory.events[row.job_id])
    if gave_way and (row.spec["target"] != FREE or not history.preempts):
        yield "it gave way"
    if gave_way > history.outside.store.journal_length(row.job_id):
        yield f"it gave way {gave_way} times"


def _decisions(history: History, wish: Wish, row: JobRow) -> Generator[str]:
    """Each is of a question that was asked, of one that a person meant, and once; without one nothing that may have
    been paid for is submitted again."""
    log = history.outside.memory.events[row.job_id]
    decided = [(event.data["key"], event.data["decision"]) for event in log if event.stage == DECIDED]
    asked = [event.data["key"] for event in log if event.stage == AWAITED]
    for before, event in pairwise(log):
        if event.stage == DECIDED and (before.stage, before.data["key"]) != (AWAITED, event.data["key"]):
            yield f"a decision about {event.data['key']} was applied after {before}"
    for key, decision in decided:
        if (row.job_id, key, decision) not in history.meant:
            yield f"nobody decided `{decision}` about {key}"
    if len({key for key, _ in decided}) != len(decided):
        yield f"decisions were applied twice: {decided}"
    if asked and (wish.delivery == "at_least_once" or row.spec["target"] != FORGETFUL):
        yield f"a person was asked about {asked}"
    again = {key for key, decision in decided if decision == "again"}
    repeated = {each.key for each in history.outside.store.intents(row.job_id) if each.state.value == "repeated"}
    if wish.delivery != "at_least_once" and not repeated <= again:
        yield f"{sorted(repeated - again)} were submitted again, and nobody said so"


def _payments(history: History, row: JobRow) -> Generator[str]:
    """Each evaluation is paid once, and what was paid for a finished job is what its results say; where work that may
    have been paid for was submitted again, what was paid is at most what the results say that it cost."""
    paid: Counter[str] = Counter()
    shots = 0
    for piece in history.outside.provider.paid():
        job_id, _, evaluation = piece.key.partition(":")
        if job_id == row.job_id:
            paid[evaluation.partition(":")[0]] += 1
            shots += piece.shots
    target, recorded = row.spec["target"], history.outside.store.journal_length(row.job_id)
    repeated = sum(each.state.value == "repeated" for each in history.outside.store.intents(row.job_id))
    if paid.total() > len(paid) + repeated:
        yield f"its evaluations were paid {dict(paid)} times"
    if row.state is JobState.DONE and target != FREE:
        results = from_bytes(history.outside.artifacts.get(row.job_id, RESULTS))
        used, cost = results.metadata["shots_used"], results.metadata["cost"]
        if not used <= shots <= cost["shots"] or cost["amount"] != PRICE * cost["shots"]:
            yield f"{shots} shots were paid, {used} were used, and {cost} is told"
        if (cost["shots"] != used) is not bool(repeated):
            yield f"{repeated} pieces were submitted again, {used} shots were used, and {cost} is told"
    elif not (len(paid) in {recorded, recorded + 1} if target != FREE else not paid):
        yield f"{len(paid)} evaluations were paid, {recorded} are recorded"


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
