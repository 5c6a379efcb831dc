"""`SqlJobStore`: the job database of `store.JobStore` in SQL. Every method is one transaction.

Leases and seals need no flush of their own: after a loss of the only host's power no worker lives, and sealing again
writes the same bytes. A body that is run `again` may have been committed the first time, and looks.
"""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime
from typing import TYPE_CHECKING, Any

from sqlalchemy import BigInteger, Float, and_, bindparam, delete, false, func, insert, literal, select, update

from eigen.qfs import event_log, intents, rows, schema, steps, submissions, turns, usage, workflow_rows
from eigen.qfs.claims import Claims
from eigen.qfs.db import again
from eigen.qfs.preemption import Preemptions
from eigen.qfs.prepared import Prepared
from eigen.qfs.quotas import Quotas, check
from eigen.qfs.store import FAR, RESTING, WAITING_RESERVATION, NewJob, Ran, Waiting
from eigen.qfs.workflow_rows import WorkflowRows
from eigen.types import JobState

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from sqlalchemy import ColumnElement, Connection, Select

    from eigen.qfs.db import Database
    from eigen.qfs.store import Intent, IntentState, JobRow, JournalEntry, Preemption
    from eigen.types import JobEvent, Json

JOB = schema.job.c
NEED = schema.dependency.c
OUTCOME = schema.outcome.c
BY_ID = Prepared(select(schema.job).where(JOB.job_id == bindparam("id")))
NEEDED_BY = Prepared(select(NEED.depends_on).where(NEED.job_id == bindparam("id")).order_by(NEED.position))
TERMINAL = tuple(literal(state.value) for state in JobState if state.is_terminal)
ITS = and_(JOB.job_id == bindparam("its_id"), JOB.fence == bindparam("its_fence"))
HELD = and_(ITS, JOB.owner != "")
STEP = Prepared(update(schema.job).where(ITS, JOB.version == bindparam("its_version")), steps.STEPPED)
STEP_AND_TELL = Prepared(steps.step_and_tell())
RELEASE = Prepared(update(schema.job).where(HELD).values(owner="", lease_until=0.0))
CLOSE = Prepared(
    update(schema.job)
    .where(HELD, JOB.state.in_(TERMINAL))
    .values(
        sealed=True,
        owner="",
        lease_until=0.0,
        stored_bytes=func.coalesce(bindparam("its_bytes", type_=BigInteger), JOB.stored_bytes),
    )
)
HOLD = Prepared(select(JOB.job_id).where(HELD).with_for_update(read=True))
"""The row is locked against who would take the job meanwhile: SQLite, where nobody can, has no such words."""
DROP = Prepared(update(schema.outcome).where(OUTCOME.job_id == bindparam("id"), OUTCOME.accepted).values(data=None))
FORGET = Prepared(
    delete(schema.outcome).where(OUTCOME.job_id == bindparam("its_id"), OUTCOME.fence == bindparam("its_fence"))
)
KEEP = Prepared(insert(schema.outcome).inline(), [column.name for column in OUTCOME])
KEPT = Prepared(select(OUTCOME.data).where(OUTCOME.job_id == bindparam("id"), OUTCOME.accepted))
RECORD = Prepared(insert(schema.journal).inline(), [column.name for column in schema.journal.c])
JOURNAL = Prepared(
    select(schema.journal).where(schema.journal.c.job_id == bindparam("id")).order_by(schema.journal.c.position)
)
EVENTS = Prepared(
    select(schema.event)
    .where(schema.event.c.job_id == bindparam("id"), schema.event.c.seq > bindparam("after"))
    .order_by(schema.event.c.seq)
    .limit(bindparam("most"))
)
OWNERS = Prepared(select(JOB.owner).where(JOB.owner != "").distinct().order_by(JOB.owner))
"""What is asked for each job, or by idle workers all the time."""


class SqlJobStore(WorkflowRows):
    """Jobs, events, journals and outcomes in the tables of `schema`. `weights` of tenants and projects are 1 unless
    given here, and nobody's share of anything is limited but by the `quotas`."""

    def __init__(
        self, database: Database, *, weights: Mapping[str, float] | None = None, quotas: Quotas | None = None
    ) -> None:
        self._database = database
        self._weights: Mapping[str, float] = weights or {}
        self._quotas = quotas or Quotas()
        self._claims = Claims(database, self._quotas)
        self._preemptions = Preemptions(database, self._quotas, self._weights)
        until = database.lease_now + bindparam("seconds", type_=Float)
        self._beat = Prepared(update(schema.job).where(HELD).values(lease_until=until))
        usage.forget(database, self._quotas)
        self._busy = False  # whether the last claim found a job: then the next one most likely does

    @property
    def one_host(self) -> bool:
        """Whether every process that works this store is of this host."""
        return self._database.one_host

    def insert(
        self,
        row: JobRow,
        event: JobEvent,
        *,
        idempotency: tuple[str, str] | None = None,
        journal_of: str = "",
        under: int | None = None,
    ) -> str:
        """Insert a job with its first event, once per idempotency key and once per step and item."""
        (job_id,) = self._insert((NewJob(row, event, idempotency, journal_of),), under)
        return job_id

    def insert_all(self, jobs: Sequence[NewJob]) -> tuple[str, ...]:
        """Insert jobs with their first events, all or none, each once per idempotency key."""
        return self._insert(jobs)

    def _insert(self, jobs: Sequence[NewJob], under: int | None = None) -> tuple[str, ...]:
        # Of several hosts, each takes the turns in a step of its own: else the submissions of a tenant would wait for
        # each other's flushes. Turns that are taken for nothing cost their tenant those turns.
        early = None if self._database.one_host else self._database.write(lambda c: self._turns(c, jobs))

        def submit(connection: Connection) -> tuple[str, ...]:
            if under is not None and not workflow_rows.holds(connection, jobs[0].row.workflow, under):
                return ("",)
            mine = [job.row.job_id for job in jobs]
            there = submissions.stored(connection, mine) if again(connection) or under is not None else ()
            held = submissions.holders(connection, [(job.row, job.idempotency) for job in jobs])
            new = [j for j, holder in zip(jobs, held, strict=True) if holder is None and j.row.job_id not in there]
            submissions.check_dependencies(connection, [*{name for job in new for name in job.row.dependencies}])
            for tenant in dict.fromkeys(j.row.tenant for j in new if self._limits(j.row)):
                self._database.alone(connection, f"quotas.{tenant}")
                if self._quotas.all_queued:
                    self._database.alone(connection, "quotas")
            metered = check(connection, [job.row for job in new if self._limits(job.row)], self._quotas)
            for meter, amount in metered.items():
                meter.put(connection, amount)
            if new:
                order = self._turns(connection, new) if early is None else early[: len(new)]
                submissions.store(connection, new, order)
            return tuple(holder or job_id for holder, job_id in zip(held, mine, strict=True))

        job_ids = self._database.write(submit, flush=under is None)
        self._database.ring()
        return job_ids

    def listen(self, heard: Callable[[], object]) -> Callable[[], None]:
        """Have `heard` called soon after another process stored a job or a wish to cancel one."""
        return self._database.listen(heard)

    def requested(self, row: JobRow, idempotency: tuple[str, str]) -> str | None:
        """The job that an equal earlier request under the key made, or None."""
        (first,) = self._database.read(lambda connection: submissions.holders(connection, [(row, idempotency)]))
        return first

    def all_requested(self, jobs: Sequence[NewJob]) -> Sequence[str | None]:
        """`requested` for each of these jobs."""
        asked = [(job.row, job.idempotency) for job in jobs]
        if not any(idempotency for _, idempotency in asked):
            return [None] * len(asked)
        return self._database.read(lambda connection: submissions.holders(connection, asked))

    def check_quota(self, *rows: JobRow) -> None:
        """EIGEN_QUOTA_EXCEEDED when `insert_all` would raise it now."""
        limited = [row for row in rows if self._limits(row)]
        if limited:
            self._database.read(lambda connection: check(connection, limited, self._quotas))

    def get(self, job_id: str) -> JobRow | None:
        """The row, or None."""
        return self._database.read(lambda connection: _get(connection, job_id))

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
        """Replace a row, append events and keep an outcome iff version and fence still match."""
        columns = rows.job_columns(replace(row, version=expected_version + 1), steps.STEPPED)
        mine = {"its_id": row.job_id, "its_version": expected_version, "its_fence": fence}

        def was_done(connection: Connection) -> bool:
            done = and_(JOB.job_id == row.job_id, JOB.fence == fence, JOB.version == expected_version + 1)
            return again(connection) and _is_there(connection, done)

        def step(connection: Connection) -> bool:
            if STEP.count(connection, columns | mine) != 1:
                return was_done(connection)
            for event in events:
                submissions.TELL.count(connection, rows.event_columns(event))
            if outcome is not None:
                _record_outcome(connection, row.job_id, fence, outcome, accepted=True)
            workflow_rows.wake(connection, row)
            return True

        def at_once(connection: Connection) -> bool:
            told = STEP_AND_TELL.first(connection, steps.given(columns, mine, events[0]))
            return told is not None or was_done(connection)

        wakes = bool(row.workflow) and row.state.is_terminal
        if self._database.kind == "postgresql" and len(events) == 1 and outcome is None and not wakes:
            return self._database.write(at_once, flush=flush, single=True)
        return self._database.write(step, flush=flush)

    def claim(self, owner: str, now: float, lease_seconds: float, *, job_id: str | None = None) -> JobRow | None:
        """Claim the next job that needs work, or this one, and return it with its new fence."""
        # Where nothing is likely to be found, looking first without the write lock keeps idle workers from disturbing
        # the others.
        looks = self._database.one_host and not (self._busy and job_id is None)
        if looks and not self._database.read(lambda connection: self._claims.any(connection, now, job_id)):
            return None

        def take(connection: Connection) -> JobRow | None:
            found = self._claims.take(connection, owner, now, lease_seconds, job_id)
            return None if found is None else _row(found, _needed_by(connection, found["job_id"]))

        row = self._database.write(take, flush=False, single=self._claims.are_single and job_id is None)
        self._busy = row is not None
        return row

    def heartbeat(self, job_id: str, fence: int, lease_seconds: float) -> bool:
        """Extend a lease to so long from now; False when it was lost."""
        return self._change_held(self._beat, {**_its(job_id, fence), "seconds": lease_seconds})

    def release(self, job_id: str, fence: int) -> None:
        """Give a lease back; a lost one is nobody's to give."""
        self._change_held(RELEASE, _its(job_id, fence))

    def to_preempt(self, running: Sequence[str], now: float, patience: float) -> Preemption | None:
        """Which of these running jobs should give way to a waiting one."""
        return self._database.read(lambda connection: self._preemptions.choose(connection, running, now, patience))

    def give_way(self, preemption: Preemption, fence: int, now: float) -> bool:
        """Give the running job's place in the queue to the waiting one, once for each waiting job."""
        return self._database.write(lambda connection: self._preemptions.exchange(connection, preemption, fence, now))

    def seal(self, job_id: str, fence: int, *, keep_outcome: bool = False, stored_bytes: int | None = None) -> bool:
        """Mark a finished job's files as written, drop its kept outcome and give the lease back."""

        def close(connection: Connection) -> bool:
            tenant, project, before = "", "", 0
            if self._quotas.limits_storage() and stored_bytes is not None:
                tenant, project, before = usage.kept_before(connection, job_id)
                self._database.alone(connection, f"quotas.{tenant}")
            if CLOSE.count(connection, _its(job_id, fence) | {"its_bytes": stored_bytes}) != 1:
                own = and_(JOB.job_id == job_id, JOB.fence == fence, JOB.sealed)
                return again(connection) and _is_there(connection, own)
            if tenant and stored_bytes is not None:
                for part in ("", project):
                    usage.Meter(tenant, part, usage.STORAGE).grow(connection, stored_bytes - before)
            if not keep_outcome:
                DROP.count(connection, {"id": job_id})
            return True

        return self._database.write(close, flush=False)

    def break_leases(self, owners: Sequence[str]) -> int:
        """End the leases of owners known to be dead; returns how many."""
        if not owners:
            return 0
        theirs = JOB.owner.in_(list(owners))

        def free(connection: Connection) -> int:
            # Who died on the way to waiting may have missed that the reservation ended: look again.
            waiting = and_(theirs, JOB.stage == WAITING_RESERVATION)
            connection.execute(update(schema.job).where(waiting).values(not_before=0.0))
            return connection.execute(update(schema.job).where(theirs).values(owner="", lease_until=0.0)).rowcount

        return self._database.write(free, flush=False)

    def owners(self) -> tuple[str, ...]:
        """Owners that hold a lease now."""
        return self._database.read(lambda connection: tuple(row["owner"] for row in OWNERS.all(connection)))

    def unfinished(self) -> int:
        """How many jobs still need a worker."""
        query = select(func.count()).where(JOB.sealed == false())
        return self._database.read(lambda connection: connection.execute(query).scalar()) or 0

    def request_cancel(self, job_id: str) -> bool:
        """Record the wish to cancel; False when the job is terminal or unknown."""
        alive = and_(JOB.job_id == job_id, JOB.state.not_in(TERMINAL))
        wish = update(schema.job).where(alive).values(cancel_requested=True)
        wished = self._database.write(lambda connection: connection.execute(wish).rowcount == 1)
        self._database.ring()
        return wished

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
        """Newest first; `before` is a job id for the next page; an empty tenant or project means all of them."""
        query = select(schema.job).where(JOB.workflow == workflow).order_by(JOB.job_id.desc()).limit(limit)
        if states:
            query = query.where(JOB.state.in_([state.value for state in states]))
        if before is not None:
            query = query.where(JOB.job_id < before)
        if name is not None:
            query = query.where(JOB.name == name)
        if tenant:
            query = query.where(JOB.tenant == tenant)
        if project:
            query = query.where(JOB.project == project)

        def page(connection: Connection) -> tuple[JobRow, ...]:
            found = connection.execute(query).mappings().all()
            needed = _dependencies(connection, [columns["job_id"] for columns in found])
            return tuple(_row(columns, needed.get(columns["job_id"], ())) for columns in found)

        return self._database.read(page)

    def events(self, job_id: str, after_seq: int = 0, limit: int = 1000) -> tuple[JobEvent, ...]:
        """The event log after a sequence number."""
        wanted = {"id": job_id, "after": after_seq, "most": limit}
        found = self._database.read(lambda connection: EVENTS.all(connection, wanted))
        return tuple(map(rows.job_event, found))

    def changes(self, after_id: int, limit: int = 1000) -> tuple[tuple[int, JobEvent], ...]:
        """The events of all jobs after a place in the whole log, each with its own."""
        kind = self._database.kind
        return self._database.read(lambda connection: event_log.changes(connection, kind, after_id, limit))

    def last_change(self) -> int:
        """The place of the newest event of all jobs; 0 when there is none."""
        kind = self._database.kind
        return self._database.read(lambda connection: event_log.last(connection, kind))

    def next_due(self, now: float) -> float | None:
        """When the first job that waits for its next attempt is due; None: no such job."""
        waits = and_(JOB.not_before > now, JOB.not_before < FAR)
        later = and_(JOB.sealed == false(), waits, JOB.stage.not_in(RESTING))
        query = select(func.min(JOB.not_before)).where(later)
        return self._database.read(lambda connection: connection.execute(query).scalar())

    def ahead(self, row: JobRow) -> int:
        """How many waiting jobs of all tenants would be claimed before this one, if all were due."""
        return self._database.read(lambda connection: turns.ahead(connection, row.job_id))

    def waiting(self) -> tuple[Waiting, ...]:
        """The jobs that have not ended, counted by state, target and device."""
        alive = and_(JOB.sealed == false(), JOB.state.not_in(TERMINAL))
        group = (JOB.state, JOB.target, JOB.device_id)
        query = select(*group, func.count()).where(alive).group_by(*group)
        found = self._database.read(lambda connection: connection.execute(query).all())
        return tuple(Waiting(JobState(state), target, device, count) for state, target, device, count in found)

    def ran(self, limit: int = 200) -> tuple[Ran, ...]:
        """The newest jobs that ran to their end, newest first."""
        query = (
            select(JOB.target, JOB.device_id, JOB.started_at, JOB.updated_at)
            .where(JOB.state == JobState.DONE.value)
            .order_by(JOB.job_id.desc())
            .limit(limit)
        )
        found = self._database.read(lambda connection: connection.execute(query).all())
        return tuple(
            Ran(target, device, max(0.0, datetime.fromisoformat(ended).timestamp() - started))
            for target, device, started, ended in found
        )

    def journal_append(self, job_id: str, fence: int, entries: Sequence[JournalEntry], *, flush: bool = True) -> bool:
        """Append evaluations durably; False when the lease was lost."""
        columns = [rows.journal_columns(job_id, entry) for entry in entries]

        def append(connection: Connection) -> bool:
            if HOLD.first(connection, _its(job_id, fence)) is None:
                return False
            there = set(connection.execute(_positions(job_id, entries)).scalars()) if again(connection) else set[int]()
            for values in columns:
                if values["position"] not in there:
                    RECORD.count(connection, values)
            return True

        return self._database.write(append, flush=flush)

    def journal(self, job_id: str) -> tuple[JournalEntry, ...]:
        """All evaluations recorded so far, in order."""
        found = self._database.read(lambda connection: JOURNAL.all(connection, {"id": job_id}))
        return tuple(map(rows.journal_entry, found))

    def journal_length(self, job_id: str) -> int:
        """How many evaluations are recorded."""
        query = select(func.count()).where(schema.journal.c.job_id == job_id)
        return self._database.read(lambda connection: connection.execute(query).scalar()) or 0

    def intend(self, intent: Intent, fence: int, *, instead_of: str = "") -> bool:
        """Keep a submission that is about to be made, durably; False when the lease was lost."""

        def keep(connection: Connection) -> bool:
            if HOLD.first(connection, _its(intent.job_id, fence)) is None:
                return False
            intents.keep(connection, intent, instead_of)
            return True

        return self._database.write(keep)

    def answered(self, key: str, state: IntentState, handle: str = "") -> None:
        """Keep, durably, what a device answered."""
        self._database.write(lambda connection: intents.answered(connection, key, state, handle))

    def intents(self, origin: str) -> tuple[Intent, ...]:
        """The submissions of a job and of those that go on for it, in the order of asking."""
        return self._database.read(lambda connection: intents.of(connection, origin))

    def outcome(self, job_id: str) -> Json:
        """The outcome kept with a finished job until it is sealed; None when there is none."""
        data = self._database.read(lambda connection: KEPT.value(connection, {"id": job_id}))
        return None if data is None else rows.from_text(data)

    def refuse(self, job_id: str, fence: int, outcome: Json) -> None:
        """Record the outcome of a lost lease beside the job; the first one of each fence stays."""
        table = schema.outcome.c

        def record(connection: Connection) -> None:
            known = connection.execute(select(table.fence).where(table.job_id == job_id, table.fence == fence)).first()
            if known is None:
                _record_outcome(connection, job_id, fence, outcome, accepted=False)

        self._database.write(record)

    def close(self) -> None:
        """Release the database."""
        self._database.close()

    def _limits(self, row: JobRow) -> bool:
        return self._quotas.limits_storing(row.tenant, row.project)

    def _turns(self, connection: Connection, jobs: Sequence[NewJob]) -> list[tuple[float, float]]:
        return submissions.take_turns(connection, self._database.kind, [job.row for job in jobs], self._weights)

    def _change_held(self, change: Prepared, given: Mapping[str, Any]) -> bool:
        return self._database.write(lambda connection: change.count(connection, given) == 1, flush=False, single=True)


def _its(job_id: str, fence: int) -> dict[str, Any]:
    return {"its_id": job_id, "its_fence": fence}


def _record_outcome(connection: Connection, job_id: str, fence: int, outcome: Json, *, accepted: bool) -> None:
    data = rows.to_text(outcome).encode()
    if accepted:  # a refused outcome of the same fence cannot stand beside it
        FORGET.count(connection, _its(job_id, fence))
    KEEP.count(connection, {"job_id": job_id, "fence": fence, "accepted": accepted, "data": data})


def _positions(job_id: str, entries: Sequence[JournalEntry]) -> Select[tuple[int]]:
    """The positions of these entries that are recorded."""
    table = schema.journal.c
    wanted = [entry.index for entry in entries]
    return select(table.position).where(table.job_id == job_id, table.position.in_(wanted))


def _is_there(connection: Connection, condition: ColumnElement[bool]) -> bool:
    return connection.execute(select(JOB.job_id).where(condition)).first() is not None


def _get(connection: Connection, job_id: str) -> JobRow | None:
    columns = BY_ID.first(connection, {"id": job_id})
    if columns is None:
        return None
    return _row(columns, _needed_by(connection, job_id))


def _needed_by(connection: Connection, job_id: str) -> tuple[str, ...]:
    return tuple(row["depends_on"] for row in NEEDED_BY.all(connection, {"id": job_id}))


def _dependencies(connection: Connection, job_ids: Sequence[str]) -> dict[str, tuple[str, ...]]:
    query = select(NEED.job_id, NEED.depends_on).where(NEED.job_id.in_(job_ids)).order_by(NEED.position)
    found: dict[str, tuple[str, ...]] = {}
    for owner, other in connection.execute(query):
        found[owner] = (*found.get(owner, ()), other)
    return found


def _row(columns: Mapping[Any, Any], dependencies: tuple[str, ...]) -> JobRow:
    return rows.job_row(_plain(columns), dependencies)


def _plain(columns: Mapping[Any, Any]) -> dict[str, Any]:
    return {str(name): value for name, value in columns.items()}
