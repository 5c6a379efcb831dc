"""The Protocols of storage: what the kernel asks of artifacts and of the job database. No implementation here."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from hashlib import sha256
from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Mapping, Sequence

    from eigen.types import ApiKey, ArtifactInfo, AuditEntry, JobEvent, JobState, Json, Reservation

STOPPING = "stopping"
"""The stage of a workflow that was asked to stop, while its jobs end."""

FAR = 1e18
"""When a job is due that waits for a person, or a workflow for its jobs alone."""

WAITING_RESERVATION = "waiting_reservation"
"""The stage of a job that waits until somebody else's reservation of its device ends."""


WAITING_REGION = "waiting_region"
"""The stage of a job that waits until enough qubits of its device are free."""

AWAITING_DECISION = "awaiting_decision"
"""The stage of a job that waits until a person has decided about work of which nobody knows what became."""

BATCH_MARK = "\x1f"
"""Stands in the idempotency key that a job has from its batch, before its place; those of callers are printable."""

RESTING = (WAITING_RESERVATION, AWAITING_DECISION)
"""The stages of jobs that wait for somebody else: how long is not known."""


class ArtifactStore(Protocol):
    """Level 3 of QFS: files of a job, written once, atomic, checked by digest on every read."""

    def put(self, job_id: str, path: str, data: bytes, *, media_type: str = "application/octet-stream") -> ArtifactInfo:
        """Store bytes; the same bytes again are accepted, others raise EIGEN_QFS_EXISTS."""
        ...

    def get(self, job_id: str, path: str) -> bytes:
        """The bytes; EIGEN_QFS_NOT_FOUND, or EIGEN_QFS_DATA_LOSS when they do not match the recorded digest."""
        ...

    def info(self, job_id: str, path: str) -> ArtifactInfo | None:
        """What is recorded of an artifact, or None."""
        ...

    def put_all(self, job_id: str, files: Mapping[str, bytes]) -> tuple[ArtifactInfo, ...]:
        """Store several files with the guarantees of `put` for each; cheaper than one by one. Media types follow
        from the suffix."""
        ...

    def list(self, job_id: str) -> tuple[ArtifactInfo, ...]:
        """All artifacts of a job, sorted by path."""
        ...

    def faults(self, job_id: str) -> tuple[tuple[str, str], ...]:
        """What is wrong with the files of a job, after every byte was read: path and reason of each. Empty when all
        are as they were stored."""
        ...

    def append_log(self, job_id: str, line: str) -> None:
        """Append one line to the job's log: not an artifact, not digested, lost with the power at worst."""
        ...

    def read_log(self, job_id: str) -> tuple[str, ...]:
        """The whole lines of the job's log; empty when there is none."""
        ...


@dataclass(frozen=True, slots=True)
class SnapshotInfo:
    """A snapshot that is kept: its name within the job, and its bytes."""

    name: str
    size_bytes: int


class SnapshotWriter(Protocol):
    """A snapshot under way, which nobody sees before it is kept. All raise EIGEN_STORE_UNAVAILABLE."""

    def write(self, data: bytes) -> None:
        """Add bytes."""
        ...

    def keep(self) -> None:
        """It is whole: make it durable, under its name."""
        ...

    def discard(self) -> None:
        """Leave nothing of it."""
        ...


class SnapshotReader(Protocol):
    """An open snapshot."""

    def read(self, size: int, /) -> bytes:
        """The next `size` bytes, less only at the end; EIGEN_STORE_UNAVAILABLE."""
        ...

    def close(self) -> None:
        """Let go of it."""
        ...


class SnapshotStore(Protocol):
    """Level 2 of QFS: states of simulators in the middle of their work, by job. Each is written once, under a name that
    nothing else ever has, and is whole or absent; its content proves itself. To lose one costs time and nothing else.
    All raise EIGEN_STORE_UNAVAILABLE."""

    def list(self, job_id: str) -> tuple[SnapshotInfo, ...]:
        """Those of a job, sorted by name."""
        ...

    def has_room(self, size_bytes: int) -> bool:
        """Whether so many bytes more would leave as many free."""
        ...

    def create(self, job_id: str, name: str) -> SnapshotWriter:
        """Begin one; EIGEN_QFS_EXISTS when the name is taken."""
        ...

    def open(self, job_id: str, name: str) -> SnapshotReader:
        """Open one; EIGEN_QFS_NOT_FOUND."""
        ...

    def remove(self, job_id: str, names: Collection[str]) -> None:
        """Remove these, if they are there."""
        ...

    def clear(self, job_id: str) -> None:
        """Remove all of a job, and what crashes left of others."""
        ...


@dataclass(frozen=True, slots=True)
class JobRow:
    """A job as the database keeps it.

    `version` counts every update, `fence` every claim. `failures` counts attempts that ended in a retryable failure,
    `losses` claims in a row whose worker vanished without recording an evaluation (while a job compiles or a workflow
    advances, the claim under way counts as one), `evaluations` what the journal held at the last claim. `entropy` seeds
    a job that names no seed. `sealed` says that the files of a finished job are all written. `input_bytes`, `shots` and
    `cost` are what quotas count: the size of its inputs, the shots that it asks for, and what it may cost at most, in
    millionths of the currency of its tariff (None: it does not say; 0 for a step, whose workflow answers for it).
    `deadline` is when it must have ended. `traceparent` is the W3C trace context of its submission.
    Times are Unix seconds, except `lease_until`, which is on the clock that the store keeps its leases by, the same for
    all that open it: the monotonic clock of the only host, or the database server's. No host's calendar breaks or
    prolongs a lease.
    """

    job_id: str
    name: str
    state: JobState
    stage: str
    progress: float
    message: str
    spec: Mapping[str, Json]
    target: str
    priority: int
    created_at: str
    updated_at: str
    version: int = 1
    event_seq: int = 0
    attempt: int = 0
    fence: int = 0
    owner: str = ""
    lease_until: float = 0.0
    cancel_requested: bool = False
    device_id: str = ""
    error: Mapping[str, Json] | None = None
    resumed_from: str = ""
    tenant: str = "default"
    project: str = "default"
    placement: Mapping[str, Json] | None = None
    started_at: float = 0.0
    queued_at: float = 0.0
    queue_until: float | None = None
    not_before: float = 0.0
    failures: int = 0
    losses: int = 0
    evaluations: int = 0
    entropy: int = 0
    sealed: bool = False
    traceparent: str = ""
    reservation_id: str = ""
    subject: str = ""
    input_bytes: int = 0
    shots: int = 0
    deadline: float | None = None
    dependencies: tuple[str, ...] = ()
    workflow: str = ""
    step: str = ""
    item: int = -1
    cost: int | None = None


@dataclass(frozen=True, slots=True)
class StepJobs:
    """The jobs of one step of a workflow, counted: all of them, those that have not ended, those that ended without
    success."""

    step: str
    submitted: int
    waiting: int
    failed: int


@dataclass(frozen=True, slots=True)
class StepJob:
    """A job of a step; `item` is -1 in a step without items, `cancelling` the wish to cancel it."""

    job_id: str
    step: str
    item: int
    state: JobState
    cancelling: bool = False


@dataclass(frozen=True, slots=True)
class Waiting:
    """How many unfinished jobs share a state, a target and a device; `device_id` is empty before one is chosen."""

    state: JobState
    target: str
    device_id: str
    count: int


@dataclass(frozen=True, slots=True)
class Ran:
    """Where a job of some target ran to its end, and for how long."""

    target: str
    device_id: str
    seconds: float


@dataclass(frozen=True, slots=True)
class Preemption:
    """A running job, and the waiting one that it gives way to: for its priority, or for the turn of another tenant."""

    job_id: str
    to: str
    same_tenant: bool


@dataclass(frozen=True, slots=True)
class JournalEntry:
    """One quantum evaluation of a running program, in the order the program asked for it.

    `key` is a digest of what was asked (circuit, values, observable, shots, seed); `value` is its result as
    JSON. On resume the program is run again and answered from these entries.
    """

    index: int
    key: str
    value: Json


class IntentState(StrEnum):
    """What is known of an intended submission: nothing yet, that the device took it, that it refused it, or that it
    was given up and another one was made instead."""

    ASKED = "asked"
    ACCEPTED = "accepted"
    REFUSED = "refused"
    REPEATED = "repeated"


@dataclass(frozen=True, slots=True)
class Intent:
    """A submission to a device that charges: kept before it is made, and what came of it after.

    `key` is the one that the device is given; `origin` the first of the jobs that go on for each other, whose work it
    is; `digest` that of the circuit or evolution. `cost` in `currency` is None where no tariff by the task and shot is
    known. `handle` is the device's answer.
    """

    key: str
    origin: str
    job_id: str
    device_id: str
    digest: str
    shots: int
    cost: float | None
    currency: str
    asked_at: str
    state: IntentState = IntentState.ASKED
    handle: str = ""


@dataclass(frozen=True, slots=True)
class LedgerEntry:
    """A receipt in its tenant's chain, at a `position` from 1 on without gaps.

    `content` is the receipt without chain and signature, as canonical JSON; `previous` is the `sha256` of the entry
    before it, empty for the first one.
    """

    tenant: str
    position: int
    job_id: str
    content: str
    previous: str
    sha256: str

    @staticmethod
    def following(tenant: str, position: int, job_id: str, content: str, previous: str) -> LedgerEntry:
        """The entry after the one whose digest is `previous`."""
        inner = sha256(content.encode()).hexdigest()
        digest = sha256(f"{previous}\n{position}\n{job_id}\n{inner}".encode()).hexdigest()
        return LedgerEntry(tenant, position, job_id, content, previous, digest)

    @property
    def holds(self) -> bool:
        """Whether the digest is that of the rest."""
        return self == LedgerEntry.following(self.tenant, self.position, self.job_id, self.content, self.previous)


@dataclass(frozen=True, slots=True)
class NewJob:
    """A job to be stored with its first event; see `JobStore.insert`."""

    row: JobRow
    event: JobEvent
    idempotency: tuple[str, str] | None = None
    journal_of: str = ""


@dataclass(frozen=True, slots=True)
class CachedResult:
    """The result of an evaluation of the job `job_id`, kept for one tenant under a key that says all it depends on."""

    tenant: str
    key: str
    job_id: str
    data: bytes
    digest: str

    @staticmethod
    def of(tenant: str, key: str, job_id: str, data: bytes) -> CachedResult:
        """An entry with its digest."""
        head = f"{len(tenant)} {tenant} {key} {job_id}\n".encode()
        return CachedResult(tenant, key, job_id, data, sha256(head + data).hexdigest())

    @property
    def holds(self) -> bool:
        """Whether the digest is that of the rest."""
        return self == CachedResult.of(self.tenant, self.key, self.job_id, self.data)


@dataclass(frozen=True, slots=True)
class CacheUse:
    """What a tenant has in the result cache: so many entries, of so many bytes."""

    tenant: str
    entries: int
    bytes: int


class ResultCache(Protocol):
    """Results of evaluations that are found again, by tenant. It holds nothing that could not be made again: all of it
    may be forgotten at any time, and it is within its bound after each call. Raises EIGEN_STORE_UNAVAILABLE."""

    def get(self, tenant: str, key: str) -> CachedResult | None:
        """An entry as it is kept, whether it holds or not."""
        ...

    def keep(self, tenant: str, entries: Sequence[CachedResult], used: Collection[str], at: float) -> None:
        """Keep entries, and that these keys were used; what was used least recently makes room. A key that is there
        stays as it is. `at` is in seconds since the epoch."""
        ...

    def forget(self, tenant: str, key: str) -> None:
        """Let go of an entry, if it is there."""
        ...

    def use(self) -> tuple[CacheUse, ...]:
        """What each tenant has, the most first."""
        ...

    def clear(self, tenant: str | None = None) -> int:
        """Forget everything, or everything of a tenant; how many entries that were."""
        ...


class JobStore(Protocol):
    """The job database. Every method is one transaction; a lost race returns False or None, never raises.

    A database that cannot be used raises EIGEN_STORE_UNAVAILABLE.
    """

    @property
    def one_host(self) -> bool:
        """Whether every process that works this store is of this host, so that the names of owners tell of any of
        them whether it lives."""
        ...

    def insert(
        self,
        row: JobRow,
        event: JobEvent,
        *,
        idempotency: tuple[str, str] | None = None,
        journal_of: str = "",
        under: int | None = None,
    ) -> str:
        """Insert a job with its first event; with `(key, request_hash)` an equal earlier request returns its
        job id and another payload raises EIGEN_PUBLIC_IDEMPOTENCY_CONFLICT. Returns the job id that holds.
        The job of a step is stored `under` the fence of its workflow's lease, once: an empty id says that this was
        lost, and without flush, for the workflow would submit it again.
        EIGEN_QUOTA_EXCEEDED for one that is more than its tenant or project may have under way, keep, or submit in the
        hour, day or month of its `created_at`; EIGEN_LIMIT_EXCEEDED for one that always will be.

        The journal of the job `journal_of` is the beginning of the new one's. A dependency that does not exist raises
        EIGEN_JOB_NOT_FOUND.
        """
        ...

    def insert_all(self, jobs: Sequence[NewJob]) -> tuple[str, ...]:
        """Insert jobs as `insert` does, all of them or, when it raises, none; the ids that hold, in their order.
        Quotas count them together. No two have the same idempotency key."""
        ...

    def listen(self, heard: Callable[[], object]) -> Callable[[], None]:
        """Have `heard` called, in some thread, soon after another process stored a job or a wish to cancel one, until
        what is returned is called. A hint: it may come late, too often or not at all, and nothing may rest on it."""
        ...

    def requested(self, row: JobRow, idempotency: tuple[str, str]) -> str | None:
        """The job that an equal earlier request under the key made, or None; the error of `insert` for another
        payload. A look ahead: only `insert` decides."""
        ...

    def all_requested(self, jobs: Sequence[NewJob]) -> Sequence[str | None]:
        """`requested` for each of these jobs; None for one without a key."""
        ...

    def check_quota(self, *rows: JobRow) -> None:
        """EIGEN_QUOTA_EXCEEDED when `insert_all` of these would raise it now. A look ahead: only that decides."""
        ...

    def get(self, job_id: str) -> JobRow | None:
        """The row, or None."""
        ...

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
        """Replace a row and append events (and the outcome of a finished job) iff version and fence still match.
        Without `flush` it survives a loss of power from the next flushed write on.

        The lease (`owner`, `lease_until`, `fence`), `cancel_requested` and `sealed` have their own methods and are
        not written. The end of a job of a workflow makes that due, in the same transaction.
        """
        ...

    def claim(self, owner: str, now: float, lease_seconds: float, *, job_id: str | None = None) -> JobRow | None:
        """Claim the next job that needs work at `now` (Unix seconds), or this one: fence + 1.

        A job needs work when it is not sealed, not leased (or its lease ran out) and either cancelled by wish or
        due (`not_before`) with every dependency ended. Tenants take turns, each by its weight, however many jobs it has
        queued, and the projects of a tenant take its turns likewise; of a project's jobs the oldest goes first, where a
        point of priority counts as a minute of age. An owner
        claims the next job after it gave the last one back. Whose running jobs are as many as it may have is passed
        over, but for those that are to be cancelled.
        """
        ...

    def heartbeat(self, job_id: str, fence: int, lease_seconds: float) -> bool:
        """Extend a lease to so long from now; False when it was lost."""
        ...

    def release(self, job_id: str, fence: int) -> None:
        """Give a lease back."""
        ...

    def to_preempt(self, running: Sequence[str], now: float, patience: float) -> Preemption | None:
        """Which of these running jobs should give way, and to which waiting one that could be claimed at `now` (Unix
        seconds); None: none. Either to the most urgent job of its own project whose priority is 20 points higher or
        more, or to a tenant, or else a project of its tenant, that runs nothing and has waited for `patience` seconds,
        while its own runs more than its share of what runs, by weight. Nobody gives way to the same job twice."""
        ...

    def give_way(self, preemption: Preemption, fence: int, now: float) -> bool:
        """Before the running job gives its lease back: put it where the waiting one goes first. Of one project, it
        waits from `now` on as one submitted then; of two, they change places in the queue. False, and nothing is
        changed, when the lease was lost, or the waiting job is not free any more or somebody gave way to it before."""
        ...

    def seal(self, job_id: str, fence: int, *, keep_outcome: bool = False, stored_bytes: int | None = None) -> bool:
        """Mark a finished job's files as written, drop its kept outcome and give the lease back. `stored_bytes` are the
        sizes of all its files: what a quota of storage counts from now on, instead of its inputs."""
        ...

    def break_leases(self, owners: Sequence[str]) -> int:
        """End the leases of owners known to be dead; returns how many. Those of their jobs that wait for a reservation
        are due at once."""
        ...

    def owners(self) -> tuple[str, ...]:
        """Owners that hold a lease now."""
        ...

    def unfinished(self) -> int:
        """How many jobs still need a worker."""
        ...

    def request_cancel(self, job_id: str) -> bool:
        """Record the wish to cancel; False when the job is terminal or unknown."""
        ...

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
        """Newest first; `before` is a job id for the next page (ids sort by time). An empty tenant or project means
        all of them. The jobs of steps are only among those of their `workflow`."""
        ...

    def step_jobs(self, workflow: str) -> tuple[StepJobs, ...]:
        """The jobs of a workflow, counted by step; a step without jobs is not there."""
        ...

    def jobs_of(
        self, workflow: str, *, step: str = "", alive: bool = False, limit: int = 1_000_000
    ) -> tuple[StepJob, ...]:
        """The jobs of a workflow or of one step of it, by step and item; `alive`: those that are not sealed."""
        ...

    def rest(self, job_id: str, fence: int, *, ended: int, until: float) -> None:
        """Give the lease of a workflow back. It is due when a job of it ends, at once when more than `ended` of them
        have by now, and at the moment `until` in any case. A wish to cancel that its stage tells of was seen."""
        ...

    def events(self, job_id: str, after_seq: int = 0, limit: int = 1000) -> tuple[JobEvent, ...]:
        """The event log after a sequence number."""
        ...

    def changes(self, after_id: int, limit: int = 1000) -> tuple[tuple[int, JobEvent], ...]:
        """The events of all jobs after a place in the whole log, each with its own. Whoever goes on after the last
        place misses no event, however late its transaction commits."""
        ...

    def last_change(self) -> int:
        """The place of the newest event of all jobs that `changes` tells of; 0 when there is none."""
        ...

    def next_due(self, now: float) -> float | None:
        """When the first job that waits for its next attempt is due (Unix seconds, after `now`); None: no such job.
        One that waits for a reservation to end does not count."""
        ...

    def ahead(self, row: JobRow) -> int:
        """How many waiting jobs of all tenants would be claimed before this one, if all were due."""
        ...

    def waiting(self) -> tuple[Waiting, ...]:
        """The jobs that have not ended, counted by state, target and device."""
        ...

    def ran(self, limit: int = 200) -> tuple[Ran, ...]:
        """The newest jobs that ran to their end, newest first."""
        ...

    def journal_append(self, job_id: str, fence: int, entries: Sequence[JournalEntry], *, flush: bool = True) -> bool:
        """Append evaluations durably; False when the lease was lost. Without `flush` they survive a loss of power from
        the next `update` on."""
        ...

    def journal(self, job_id: str) -> tuple[JournalEntry, ...]:
        """All evaluations recorded so far, in order."""
        ...

    def journal_length(self, job_id: str) -> int:
        """How many evaluations are recorded."""
        ...

    def intend(self, intent: Intent, fence: int, *, instead_of: str = "") -> bool:
        """Keep a submission that is about to be made, durably; the one under the key `instead_of` counts as repeated
        from then on. One that was refused is asked again. False when the lease was lost: then it is not to be made."""
        ...

    def answered(self, key: str, state: IntentState, handle: str = "") -> None:
        """Keep, durably, what a device answered; whoever has the job now. One that counts as repeated stays so."""
        ...

    def intents(self, origin: str) -> tuple[Intent, ...]:
        """The submissions of a job and of those that go on for it, in the order of asking."""
        ...

    def outcome(self, job_id: str) -> Json:
        """The outcome kept with a finished job until it is sealed; None when there is none."""
        ...

    def refuse(self, job_id: str, fence: int, outcome: Json) -> None:
        """Record the outcome of a lost lease beside the job; it is never applied."""
        ...

    def close(self) -> None:
        """Release the database."""
        ...


class Ledger(Protocol):
    """The receipts of ended jobs, one chain of digests for each tenant. Entries are added and read; nothing changes
    one."""

    def enter(self, tenant: str, job_id: str, content: str) -> LedgerEntry:
        """Add a job's receipt to the end of its tenant's chain, durably. A job has one entry: what it has already is
        returned, whatever the content."""
        ...

    def get(self, job_id: str) -> LedgerEntry | None:
        """The entry of a job, or None."""
        ...

    def entries(self, tenant: str, after: int = 0, limit: int = 1000) -> tuple[LedgerEntry, ...]:
        """The entries of a tenant's chain after a position, in order."""
        ...


class ReservationStore(Protocol):
    """The reservations of devices. Moments are RFC 3339 texts of one width, which sort as they follow."""

    def reserve(self, wanted: Reservation) -> Reservation:
        """Keep a reservation from its `created_at` on, unless another one of the device is still active then: that
        one is returned. Decided in one transaction."""
        ...

    def extend(self, reservation_id: str, expires_at: str, purpose: str, at: str) -> bool:
        """Give an active reservation another end and purpose; False when it is no longer active."""
        ...

    def get(self, reservation_id: str) -> Reservation | None:
        """The reservation while it is not released, or None; it may have expired."""
        ...

    def device_of(self, reservation_id: str) -> str:
        """The device that a reservation was made for, over or not; empty for one that never was."""
        ...

    def active(self, at: str) -> tuple[Reservation, ...]:
        """The reservations that hold at that moment: at most one a device."""
        ...

    def release(self, reservation_id: str) -> bool:
        """End a reservation and wake the jobs that wait for one; False when there was none to end."""
        ...

    def wake(self) -> None:
        """Let every job that waits for a reservation look again."""
        ...


@dataclass(frozen=True, slots=True)
class RegionLease:
    """The qubits of a shared device that a job has, while it holds its own lease under that fence."""

    device_id: str
    job_id: str
    fence: int
    tenant: str
    qubits: frozenset[int]


class Taking(StrEnum):
    """What became of the wish for a region: it is had, other jobs are in its way, or an older job comes first."""

    TAKEN = "taken"
    CONFLICT = "conflict"
    BEHIND = "behind"


class RegionStore(Protocol):
    """Which qubits of shared devices jobs have, and who waits for some."""

    def leases(self, device_id: str) -> tuple[RegionLease, ...]:
        """The regions of a device that are had now, by job."""
        ...

    def take(self, wanted: RegionLease, blocked: Collection[int], *, across_tenants: bool, patience: int) -> Taking:
        """Have a region instead of what the job had before, unless other jobs have any of the `blocked` qubits, or any
        qubit at all of another tenant and not `across_tenants`. A job that waits and was passed over `patience` times
        comes before every other one. Decided in one transaction."""
        ...

    def wait(self, device_id: str, job_id: str) -> None:
        """Keep that a job waits for qubits of the device, until it has some or its stage is another one."""
        ...

    def release(self, job_id: str, fence: int) -> None:
        """Give back what a job took under this fence, and wake the first of those that wait for the device."""
        ...

    def wake(self, device_id: str) -> None:
        """Let the first of the jobs that wait for qubits of the device look again."""
        ...


class KeyStore(Protocol):
    """The API keys: digests of secrets, never a secret. A key is never deleted, so that its id stays explainable."""

    def add(self, key: ApiKey) -> None:
        """Keep a new key; EIGEN_INTERNAL when its id is taken."""
        ...

    def find(self, key_id: str) -> ApiKey | None:
        """The key of that id, revoked and expired ones too, or None."""
        ...

    def list(self) -> tuple[ApiKey, ...]:
        """Every key, oldest first."""
        ...

    def revoke(self, key_id: str, at: str) -> bool:
        """Revoke a key from now on; False when there is none of that id, or it is revoked already."""
        ...

    def any(self) -> bool:
        """Whether a key was ever made; a revoked or expired one counts."""
        ...


class AuditLog(Protocol):
    """Who did what to what, and how it ended. Entries are added and read; nothing changes one."""

    def append(self, entry: AuditEntry) -> None:
        """Add an entry, durably."""
        ...

    def newest(self, limit: int, *, tenant: str | None = None) -> tuple[AuditEntry, ...]:
        """The last `limit` entries, of one tenant or of all, newest first."""
        ...
