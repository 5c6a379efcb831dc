"""Jobs, reservations and receipts in memory: what `eigen.qfs` promises, without a database, under the same contracts.

Every method is one step that nobody sees the middle of. What a database would keep as text is kept as text.
"""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field, replace
from datetime import datetime
from threading import RLock
from typing import TYPE_CHECKING, Any

from doubles import memory_quotas
from doubles.memory_workflows import MemoryWorkflows
from eigen.errors import EigenError
from eigen.qfs import rows
from eigen.qfs.quotas import Quotas
from eigen.qfs.store import (
    BATCH_MARK,
    FAR,
    RESTING,
    WAITING_RESERVATION,
    IntentState,
    JournalEntry,
    LedgerEntry,
    NewJob,
    Preemption,
    Ran,
    Waiting,
)
from eigen.qfs.turns import before, exchanged, urgency, urgency_since
from eigen.types import JobState

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    from eigen.qfs.store import Intent, JobRow, RegionLease
    from eigen.types import JobEvent, Json, Reservation

KEPT = rows.LEASE_COLUMNS | rows.FIXED_COLUMNS | {"dependencies"}


@dataclass
class Memory:
    """What the three stores of one installation share."""

    monotonic: Callable[[], float]
    lock: RLock = field(default_factory=RLock)
    jobs: dict[str, JobRow] = field(default_factory=dict)
    events: dict[str, list[JobEvent]] = field(default_factory=dict)
    log: list[JobEvent] = field(default_factory=list)
    journal: dict[str, list[tuple[str, str]]] = field(default_factory=dict)
    outcomes: dict[tuple[str, int], tuple[bool, str | None]] = field(default_factory=dict)
    requests: dict[tuple[str, str, str], tuple[str, str]] = field(default_factory=dict)
    turns: dict[str, float] = field(default_factory=dict)
    shares: dict[str, float] = field(default_factory=dict)
    project_turns: dict[str, float] = field(default_factory=dict)
    project_shares: dict[tuple[str, str], float] = field(default_factory=dict)
    urgencies: dict[str, float] = field(default_factory=dict)
    reservations: dict[str, tuple[Reservation, bool]] = field(default_factory=dict)
    receipts: dict[str, list[LedgerEntry]] = field(default_factory=dict)
    intents: dict[str, Intent] = field(default_factory=dict)
    made_way: dict[str, str] = field(default_factory=dict)
    regions: dict[str, RegionLease] = field(default_factory=dict)
    region_waits: dict[str, dict[str, int]] = field(default_factory=dict)


class MemoryJobStore(MemoryWorkflows):
    """See `eigen.qfs.store.JobStore`. Nobody's share is weighted, and quotas are of what is under way."""

    one_host = True

    def __init__(self, memory: Memory, *, quotas: Quotas | None = None) -> None:
        self.memory = memory
        self._quotas = quotas or Quotas()

    def insert(
        self,
        row: JobRow,
        event: JobEvent,
        *,
        idempotency: tuple[str, str] | None = None,
        journal_of: str = "",
        under: int | None = None,
    ) -> str:
        with self.memory.lock:
            if under is not None:
                if not self.holds(row.workflow, under):
                    return ""
                if row.job_id in self.memory.jobs:
                    return row.job_id
            (holder,) = self.insert_all([NewJob(row, event, idempotency, journal_of)])
            return holder

    def _put(self, row: JobRow, event: JobEvent, idempotency: tuple[str, str] | None, journal_of: str) -> str:
        memory = self.memory
        with memory.lock:
            if idempotency is not None and (known := self.requested(row, idempotency)) is not None:
                return known
            served = [job for job in memory.jobs.values() if job.fence and (job.sealed or job.owner)]
            now = max((memory.turns[job.job_id] for job in served), default=0.0)
            memory.turns[row.job_id] = max(memory.shares.get(row.tenant, 0.0), now)
            memory.shares[row.tenant] = memory.turns[row.job_id] + 1.0
            theirs = (memory.project_turns[job.job_id] for job in served if job.tenant == row.tenant)
            project = (row.tenant, row.project)
            memory.project_turns[row.job_id] = max(memory.project_shares.get(project, 0.0), *theirs, 0.0)
            memory.project_shares[project] = memory.project_turns[row.job_id] + 1.0
            memory.urgencies[row.job_id] = urgency(row)
            memory.jobs[row.job_id] = row
            memory.events[row.job_id] = [event]
            memory.log.append(event)
            memory.journal[row.job_id] = list(memory.journal.get(journal_of, ()))
            if idempotency is not None:
                memory.requests[row.tenant, row.project, idempotency[0]] = (idempotency[1], row.job_id)
            return row.job_id

    def insert_all(self, jobs: Sequence[NewJob]) -> tuple[str, ...]:
        with self.memory.lock:
            known = self.all_requested(jobs)
            new = [job.row for job, holder in zip(jobs, known, strict=True) if holder is None]
            for row in new:  # what would be refused, before anything of it is there
                self._check(row)
            self.check_quota(*new)
            return tuple(self._put(job.row, job.event, job.idempotency, job.journal_of) for job in jobs)

    def _check(self, row: JobRow) -> None:
        for other in row.dependencies:
            if other not in self.memory.jobs:
                raise EigenError("EIGEN_JOB_NOT_FOUND", f"the job depends on `{other}`, which does not exist")
        if row.job_id in self.memory.jobs:
            raise EigenError("EIGEN_INTERNAL", f"the job database refused a row: `{row.job_id}` exists")

    def listen(self, heard: Callable[[], object]) -> Callable[[], None]:
        return lambda: None

    def requested(self, row: JobRow, idempotency: tuple[str, str]) -> str | None:
        known = self.memory.requests.get((row.tenant, row.project, idempotency[0]))
        if known is not None and known[0] != idempotency[1]:
            key = idempotency[0].partition(BATCH_MARK)[0]
            message = f"the idempotency key `{key}` was used with another request, for job `{known[1]}`"
            raise EigenError("EIGEN_PUBLIC_IDEMPOTENCY_CONFLICT", message)
        return None if known is None else known[1]

    def all_requested(self, jobs: Sequence[NewJob]) -> Sequence[str | None]:
        return [job.idempotency and self.requested(job.row, job.idempotency) for job in jobs]

    def check_quota(self, *rows: JobRow) -> None:
        limited = [row for row in rows if self._quotas.limits_storing(row.tenant, row.project)]
        memory_quotas.check(self.memory.jobs.values(), limited, self._quotas)

    def get(self, job_id: str) -> JobRow | None:
        return self.memory.jobs.get(job_id)

    def update(
        self,
        row: JobRow,
        events: Sequence[JobEvent],
        *,
        expected_version: int,
        fence: int,
        outcome: Json = None,
        flush: bool = True,
    ) -> bool:
        memory = self.memory
        text = None if outcome is None else rows.to_text(outcome)
        with memory.lock:
            known = memory.jobs.get(row.job_id)
            if known is None or (known.version, known.fence) != (expected_version, fence):
                return False
            kept = {name: getattr(known, name) for name in KEPT}
            memory.jobs[row.job_id] = replace(row, **kept, version=expected_version + 1)
            memory.events[row.job_id] += events
            memory.log += events
            if text is not None:
                memory.outcomes[row.job_id, fence] = (True, text)
            self.wake(row)
            return True

    def claim(self, owner: str, now: float, lease_seconds: float, *, job_id: str | None = None) -> JobRow | None:
        memory = self.memory
        with memory.lock:
            if job_id is not None:
                row = memory.jobs.get(job_id)
                if row is None or not self._needs_work(row, now):
                    return None
                memory.turns[job_id] = memory.project_turns[job_id] = 0.0
                return self._lease(row, owner, lease_seconds)
            found = [row for row in memory.jobs.values() if self._needs_work(row, now)]
            if not found:
                return None
            first = min(found, key=lambda row: (memory.turns[row.job_id], row.job_id))
            of_tenant = [row for row in found if row.tenant == first.tenant]
            following = min(of_tenant, key=lambda row: (memory.project_turns[row.job_id], row.job_id))
            of_project = [row for row in of_tenant if row.project == following.project]
            best = min(of_project, key=lambda row: (memory.urgencies[row.job_id], row.job_id))
            for turns, other in ((memory.turns, first), (memory.project_turns, following)):
                turns[other.job_id], turns[best.job_id] = turns[best.job_id], turns[other.job_id]
            return self._lease(best, owner, lease_seconds)

    def heartbeat(self, job_id: str, fence: int, lease_seconds: float) -> bool:
        return self._with_lease(job_id, fence, lease_until=self.memory.monotonic() + lease_seconds)

    def release(self, job_id: str, fence: int) -> None:
        self._with_lease(job_id, fence, owner="", lease_until=0.0)

    def to_preempt(self, running: Sequence[str], now: float, patience: float) -> Preemption | None:
        memory = self.memory
        with memory.lock:
            held = [row for row in memory.jobs.values() if row.owner and row.lease_until > memory.monotonic()]
            mine = sorted(
                (row for row in held if row.job_id in running),
                key=lambda row: (row.priority, -row.started_at, row.job_id),
            )
            waiting = [
                row
                for row in memory.jobs.values()
                if self._needs_work(row, now)
                and not row.cancel_requested
                and (row.queue_until is None or row.queue_until >= now)
            ]
            waiting = [row for row in waiting if row.job_id not in memory.made_way]
            for project in dict.fromkeys((row.tenant, row.project) for row in mine):
                row = next(row for row in mine if (row.tenant, row.project) == project)
                limit = urgency_since(now, row.priority, row.deadline)
                urgent = [
                    (memory.urgencies[other.job_id], other.job_id)
                    for other in waiting
                    if (other.tenant, other.project) == project and other.priority >= row.priority + 20
                ]
                if urgent and min(urgent)[0] < limit:
                    return Preemption(row.job_id, min(urgent)[1], same_tenant=True)
            patient = [row for row in waiting if max(row.queued_at, row.not_before) <= now - patience]
            found = self._by_share(held, mine, patient, lambda row: row.tenant, memory.turns)
            if found is not None:
                return Preemption(*found, same_tenant=False)
            for tenant in dict.fromkeys(row.tenant for row in mine):
                groups = ([row for row in group if row.tenant == tenant] for group in (held, mine, patient))
                found = self._by_share(*groups, lambda row: row.project, memory.project_turns)
                if found is not None:
                    return Preemption(*found, same_tenant=True)
            return None

    @staticmethod
    def _by_share(
        held: Sequence[JobRow],
        mine: Sequence[JobRow],
        patient: Sequence[JobRow],
        name: Callable[[JobRow], str],
        turns: dict[str, float],
    ) -> tuple[str, str] | None:
        runs = Counter(map(name, held))
        strangers = [row for row in patient if name(row) not in runs]
        if not mine or not strangers:
            return None
        row = max(mine, key=lambda row: runs[name(row)])
        first = min(strangers, key=lambda row: (turns[row.job_id], row.job_id))
        return (row.job_id, first.job_id) if runs[name(row)] > len(held) / (len(runs) + 1) else None

    def give_way(self, preemption: Preemption, fence: int, now: float) -> bool:
        memory, one, other = self.memory, preemption.job_id, preemption.to
        with memory.lock:
            row, waits = memory.jobs.get(one), memory.jobs.get(other)
            if row is None or row.fence != fence or not row.owner:
                return False
            if waits is None or waits.sealed or waits.lease_until > memory.monotonic() or other in memory.made_way:
                return False
            memory.made_way[other] = one
            if row.tenant != waits.tenant:
                memory.turns[one], memory.turns[other] = exchanged(memory.turns[one], memory.turns[other])
            elif row.project != waits.project:
                turns = memory.project_turns
                turns[one], turns[other] = exchanged(turns[one], turns[other])
            else:
                alive = [job for job in memory.jobs.values() if not job.sealed]
                own = [job for job in alive if (job.tenant, job.project) == (row.tenant, row.project)]
                front = min(memory.urgencies[job.job_id] for job in own)
                memory.urgencies[one] = urgency_since(now, row.priority, row.deadline)
                memory.urgencies[other] = before(memory.urgencies[other], front)
            return True

    def seal(self, job_id: str, fence: int, *, keep_outcome: bool = False, stored_bytes: int | None = None) -> bool:
        memory = self.memory
        with memory.lock:
            row = memory.jobs.get(job_id)
            if row is None or not row.state.is_terminal:
                return False
            if not self._with_lease(job_id, fence, sealed=True, owner="", lease_until=0.0):
                return False
            for name, (accepted, _) in memory.outcomes.items():
                if name[0] == job_id and accepted and not keep_outcome:
                    memory.outcomes[name] = (True, None)
            return True

    def break_leases(self, owners: Sequence[str]) -> int:
        memory = self.memory
        with memory.lock:
            theirs = [row for row in memory.jobs.values() if row.owner in owners]
            for row in theirs:
                due = 0.0 if row.stage == WAITING_RESERVATION else row.not_before
                memory.jobs[row.job_id] = replace(row, owner="", lease_until=0.0, not_before=due)
            return len(theirs)

    def owners(self) -> tuple[str, ...]:
        return tuple(sorted({row.owner for row in self.memory.jobs.values() if row.owner}))

    def unfinished(self) -> int:
        return sum(not row.sealed for row in self.memory.jobs.values())

    def request_cancel(self, job_id: str) -> bool:
        memory = self.memory
        with memory.lock:
            row = memory.jobs.get(job_id)
            if row is None or row.state.is_terminal:
                return False
            memory.jobs[job_id] = replace(row, cancel_requested=True)
            return True

    def list(
        self,
        *,
        states: Sequence[JobState] = (),
        limit: int = 50,
        before: str | None = None,
        name: str | None = None,
        tenant: str = "",
        project: str = "",
        workflow: str = "",
    ) -> tuple[JobRow, ...]:
        with self.memory.lock:
            found = [
                row
                for row in self.memory.jobs.values()
                if row.workflow == workflow
                and (not states or row.state in states)
                and (before is None or row.job_id < before)
                and (name is None or row.name == name)
                and (not tenant or row.tenant == tenant)
                and (not project or row.project == project)
            ]
        return tuple(sorted(found, key=lambda row: row.job_id, reverse=True)[:limit])

    def events(self, job_id: str, after_seq: int = 0, limit: int = 1000) -> tuple[JobEvent, ...]:
        found = [event for event in self.memory.events.get(job_id, ()) if event.seq > after_seq]
        return tuple(found[:limit])

    def changes(self, after_id: int, limit: int = 1000) -> tuple[tuple[int, JobEvent], ...]:
        with self.memory.lock:
            return tuple(enumerate(self.memory.log[after_id : after_id + limit], start=after_id + 1))

    def last_change(self) -> int:
        return len(self.memory.log)

    def next_due(self, now: float) -> float | None:
        later = (row for row in self.memory.jobs.values() if not row.sealed and now < row.not_before < FAR)
        return min((row.not_before for row in later if row.stage not in RESTING), default=None)

    def ahead(self, row: JobRow) -> int:
        memory = self.memory

        def place(other: JobRow) -> tuple[float, str]:
            return memory.turns[other.job_id], other.job_id

        def place_in_tenant(other: JobRow) -> tuple[float, str]:
            return memory.project_turns[other.job_id], other.job_id

        with memory.lock:
            if row.job_id not in memory.jobs:
                return 0
            waiting = [other for other in memory.jobs.values() if _waits(other)]
            of_tenant = sorted((other for other in waiting if other.tenant == row.tenant), key=place)
            own = sorted((other for other in of_tenant if other.project == row.project), key=place_in_tenant)
            mine = (memory.urgencies[row.job_id], row.job_id)
            sooner = sum((memory.urgencies[other.job_id], other.job_id) < mine for other in own)
            turn = place_in_tenant(own[sooner] if sooner < len(own) else row)
            sooner = sum(place_in_tenant(other) < turn for other in of_tenant)
            turn = place(of_tenant[sooner] if sooner < len(of_tenant) else row)
            return sum(place(other) < turn for other in waiting)

    def waiting(self) -> tuple[Waiting, ...]:
        alive = (row for row in self.memory.jobs.values() if not row.sealed and not row.state.is_terminal)
        groups = Counter((row.state, row.target, row.device_id) for row in alive)
        return tuple(Waiting(*group, count) for group, count in groups.items())

    def ran(self, limit: int = 200) -> tuple[Ran, ...]:
        done = [row for row in self.memory.jobs.values() if row.state is JobState.DONE]
        done = sorted(done, key=lambda row: row.job_id, reverse=True)[:limit]
        return tuple(
            Ran(
                row.target, row.device_id, max(0.0, datetime.fromisoformat(row.updated_at).timestamp() - row.started_at)
            )
            for row in done
        )

    def journal_append(self, job_id: str, fence: int, entries: Sequence[JournalEntry], *, flush: bool = True) -> bool:
        memory = self.memory
        texts = [(entry.key, rows.to_text(entry.value)) for entry in entries]
        with memory.lock:
            row = memory.jobs.get(job_id)
            if row is None or row.fence != fence or not row.owner:
                return False
            journal = memory.journal[job_id]
            if any(entry.index != len(journal) + place for place, entry in enumerate(entries)):
                raise EigenError("EIGEN_INTERNAL", "the job database refused a row: an entry of the journal exists")
            journal += texts
            return True

    def intend(self, intent: Intent, fence: int, *, instead_of: str = "") -> bool:
        memory = self.memory
        with memory.lock:
            row = memory.jobs.get(intent.job_id)
            if row is None or row.fence != fence or not row.owner:
                return False
            memory.intents[intent.key] = intent
            if instead_of in memory.intents:
                memory.intents[instead_of] = replace(memory.intents[instead_of], state=IntentState.REPEATED)
            return True

    def answered(self, key: str, state: IntentState, handle: str = "") -> None:
        with self.memory.lock:
            known = self.memory.intents.get(key)
            if known is not None:
                now = known.state if known.state is IntentState.REPEATED else state
                self.memory.intents[key] = replace(known, state=now, handle=handle)

    def intents(self, origin: str) -> tuple[Intent, ...]:
        found = (intent for intent in self.memory.intents.values() if intent.origin == origin)
        return tuple(sorted(found, key=lambda intent: (intent.asked_at, intent.key)))

    def journal(self, job_id: str) -> tuple[JournalEntry, ...]:
        found = self.memory.journal.get(job_id, ())
        return tuple(JournalEntry(place, key, rows.from_text(text)) for place, (key, text) in enumerate(found))

    def journal_length(self, job_id: str) -> int:
        return len(self.memory.journal.get(job_id, ()))

    def outcome(self, job_id: str) -> Json:
        for (name, _), (accepted, text) in self.memory.outcomes.items():
            if name == job_id and accepted:
                return None if text is None else rows.from_text(text)
        return None

    def refuse(self, job_id: str, fence: int, outcome: Json) -> None:
        self.memory.outcomes.setdefault((job_id, fence), (False, rows.to_text(outcome)))

    def close(self) -> None:
        return

    def _needs_work(self, row: JobRow, now: float) -> bool:
        if row.sealed or (row.owner and row.lease_until > self.memory.monotonic()):
            return False
        if row.cancel_requested:
            return True
        if memory_quotas.is_full(self.memory.jobs.values(), row, self._quotas, self.memory.monotonic()):
            return False
        if row.queue_until is not None and row.queue_until < now:
            return True
        if row.not_before > now:
            return False
        jobs = self.memory.jobs
        return row.state is not JobState.PENDING or all(jobs[name].state.is_terminal for name in row.dependencies)

    def _lease(self, row: JobRow, owner: str, seconds: float) -> JobRow:
        until = self.memory.monotonic() + seconds
        leased = replace(row, owner=owner, lease_until=until, fence=row.fence + 1)
        self.memory.jobs[row.job_id] = leased
        return leased

    def _with_lease(self, job_id: str, fence: int, **values: Any) -> bool:
        memory = self.memory
        with memory.lock:
            row = memory.jobs.get(job_id)
            if row is None or row.fence != fence or not row.owner:
                return False
            memory.jobs[job_id] = replace(row, **values)
            return True


class MemoryReservations:
    """See `eigen.qfs.store.ReservationStore`."""

    def __init__(self, memory: Memory) -> None:
        self.memory = memory

    def reserve(self, wanted: Reservation) -> Reservation:
        with self.memory.lock:
            for held in self._active(wanted.created_at):
                if held.device_id == wanted.device_id:
                    return wanted if held.reservation_id == wanted.reservation_id else held
            self.memory.reservations[wanted.reservation_id] = (wanted, False)
            return wanted

    def extend(self, reservation_id: str, expires_at: str, purpose: str, at: str) -> bool:
        with self.memory.lock:
            for held in self._active(at):
                if held.reservation_id == reservation_id:
                    moved = replace(held, expires_at=expires_at, purpose=purpose)
                    self.memory.reservations[reservation_id] = (moved, False)
                    self.wake()
                    return True
        return False

    def get(self, reservation_id: str) -> Reservation | None:
        held, released = self.memory.reservations.get(reservation_id, (None, True))
        return None if released else held

    def device_of(self, reservation_id: str) -> str:
        known = self.memory.reservations.get(reservation_id)
        return "" if known is None else known[0].device_id

    def active(self, at: str) -> tuple[Reservation, ...]:
        with self.memory.lock:
            return tuple(sorted(self._active(at), key=lambda held: held.device_id))

    def release(self, reservation_id: str) -> bool:
        with self.memory.lock:
            held = self.get(reservation_id)
            if held is None:
                return False
            self.memory.reservations[reservation_id] = (held, True)
            self.wake()
            return True

    def wake(self) -> None:
        jobs = self.memory.jobs
        with self.memory.lock:
            for row in list(jobs.values()):
                if not row.sealed and row.stage == WAITING_RESERVATION:
                    jobs[row.job_id] = replace(row, not_before=0.0)

    def _active(self, at: str) -> Iterator[Reservation]:
        for held, released in self.memory.reservations.values():
            if not released and held.expires_at > at:
                yield held


class MemoryLedger:
    """See `eigen.qfs.store.Ledger`."""

    def __init__(self, memory: Memory) -> None:
        self.memory = memory

    def enter(self, tenant: str, job_id: str, content: str) -> LedgerEntry:
        with self.memory.lock:
            known = self.get(job_id)
            if known is not None:
                return known
            chain = self.memory.receipts.setdefault(tenant, [])
            previous = chain[-1].sha256 if chain else ""
            chain.append(LedgerEntry.following(tenant, len(chain) + 1, job_id, content, previous))
            return chain[-1]

    def get(self, job_id: str) -> LedgerEntry | None:
        found = (entry for chain in self.memory.receipts.values() for entry in chain if entry.job_id == job_id)
        return next(found, None)

    def entries(self, tenant: str, after: int = 0, limit: int = 1000) -> tuple[LedgerEntry, ...]:
        return tuple(self.memory.receipts.get(tenant, [])[after : after + limit])


def _waits(row: JobRow) -> bool:
    return not (row.sealed or row.owner or row.state.is_terminal or row.state is JobState.RUNNING)
