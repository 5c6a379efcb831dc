"""`Snapshots`: states of simulators kept while long work is under way, so that it survives its worker.

Work of which a snapshot is there goes on from it, on whatever worker, to the same bits. A snapshot proves itself: one
that is damaged or of other work is passed over for the one before it, and without any the work begins anew.
"""

from __future__ import annotations

from contextlib import suppress
from hashlib import sha256
from typing import TYPE_CHECKING

from eigen.drivers.driver import SnapshotDriver
from eigen.errors import EigenError
from eigen.kernel import logs
from eigen.kernel.failpoints import hit
from eigen.kernel.lease import LeaseLostError, RunInterruptedError
from eigen.kernel.work_identity import identity_of
from eigen.telemetry import count
from eigen.types import EvolutionWork, GradientWork, ModesWork

if TYPE_CHECKING:
    from collections.abc import Callable

    from eigen.drivers.driver import QDriver
    from eigen.kernel.lease import Lease
    from eigen.kernel.ports import Ports
    from eigen.kernel.snapshot_policy import SnapshotPolicy
    from eigen.qfs.store import SnapshotReader, SnapshotStore, SnapshotWriter
    from eigen.types import Json, Work, WorkResult

FIRST_BYTES_PER_SECOND = 100e6
"""How fast a snapshot is taken to be before the first one."""
KEPT = 2
WIDEST = 60
SMALL_QUBITS = 14
"""States of so many qubits are made again in no time."""


class Snapshots:
    """Those of one run of a job."""

    def __init__(self, ports: Ports, store: SnapshotStore, lease: Lease, policy: SnapshotPolicy) -> None:
        self._ports = ports
        self._lease = lease
        self._told: set[str] = set()
        self._before: list[str] | None = None
        self.store = store
        self.policy = policy
        self.job_id = lease.job.job_id
        self.fence = lease.job.fence
        self.number = self.kept = self.restored = 0
        self.bytes_per_second = FIRST_BYTES_PER_SECOND

    def run(self, driver: QDriver, device_id: str, work: Work) -> WorkResult:
        """The result of the work, as `QDriver.execute_circuit` gives it."""
        if not isinstance(driver, SnapshotDriver) or not self._is_long(work):
            return driver.execute_circuit(device_id, work)
        watching = Watching(self, sha256(f"{device_id} {identity_of(work)}".encode()).hexdigest()[:24])
        try:
            return driver.execute_watched(device_id, work, watching)
        finally:
            watching.close()

    def clock(self) -> float:
        """Monotonic seconds."""
        return self._ports.clock.monotonic()

    def check(self) -> None:
        """See `Lease.check`."""
        self._lease.check()

    def confirm(self, name: str) -> None:
        """After a snapshot was kept: whoever has lost the job takes it away again, for nobody would once the job has
        ended; then `LeaseLostError`."""
        try:
            self._lease.confirm()
        except EigenError:
            return  # a busy or full disk, as of a heart that beats: the next one tells
        except LeaseLostError:
            with suppress(EigenError):
                self.store.remove(self.job_id, [name])
            raise

    def tell_progress(self, done: int, of: int) -> None:
        """Tell the watchers of the job how far the work is."""
        if of:
            self._lease.announce("running", f"{done} of {of} steps of a circuit", progress=min(done / of, 0.99))

    def names(self, identity: str) -> list[str]:
        """The snapshots of the work that earlier attempts left, the newest last."""
        if self._before is None:
            self._before = [info.name for info in self.store.list(self.job_id)]
        return [name for name in self._before if name.startswith(f"{identity}-")]

    def make_room(self, size: int) -> bool:
        """Whether there is room for a snapshot of so many bytes, after older ones than the newest had to go."""
        kept = list(self.store.list(self.job_id))
        total = size + sum(info.size_bytes for info in kept)
        gone: list[str] = []
        while total > self.policy.most_bytes and len(kept) > 1:
            oldest = min(kept, key=lambda info: _age(info.name))
            kept.remove(oldest)
            gone.append(oldest.name)
            total -= oldest.size_bytes
        if total > self.policy.most_bytes:
            self.tell("warning", f"no snapshot is taken: it may have {size} bytes, more than `snapshot_bytes` allows")
            return False
        if gone:
            self.store.remove(self.job_id, gone)
        if self.store.has_room(size):
            return True
        self.tell("warning", "no snapshot is taken: the disk has too little room")
        return False

    def taking(self) -> None:
        """From here on something may have to be removed when the job has ended."""
        self._lease.workspace.has_snapshots = True

    def sweep(self, identity: str) -> None:
        """Let go of all but the newest of this work: what was done before it is recorded, or soon done again."""
        names = sorted((info.name for info in self.store.list(self.job_id)), key=_age)
        own = [name for name in names if name.startswith(f"{identity}-")]
        gone = set(names) - set(own[-KEPT:])
        if gone:
            self.store.remove(self.job_id, sorted(gone))
        hit("snapshot.swept")

    def tell(self, level: str, text: str) -> None:
        """Write a line into the job's log, the same only once."""
        if text not in self._told:
            self._told.add(text)
            logs.write(self._ports, self.job_id, level, text)

    def to_json(self) -> dict[str, Json] | None:
        """For the results: how many were taken, and how often work went on from one, in this attempt; None for none."""
        if not self.kept and not self.restored:
            return None
        return {"taken": self.kept, "restored": self.restored}

    def _is_long(self, work: Work) -> bool:
        if isinstance(work, EvolutionWork | GradientWork | ModesWork):
            return False
        circuit, least = work.circuit, self.policy.least_amplitudes
        if not circuit.is_flat:
            return circuit.num_qubits > SMALL_QUBITS  # how long its loops take, nobody knows
        return len(circuit) << min(circuit.num_qubits, WIDEST) >= least


def snapshots_of(ports: Ports, lease: Lease) -> Snapshots | None:
    """Those of a run; None where none are taken."""
    store, policy = ports.snapshots, ports.snapshot_policy
    return None if store is None or not policy.seconds else Snapshots(ports, store, lease, policy)


def forget_snapshots(ports: Ports, lease: Lease) -> None:
    """Let go of those of a job that has ended. What cannot be removed is no reason to hold the job back."""
    job = lease.job
    if ports.snapshots is None or (job.fence == 1 and not lease.workspace.has_snapshots):
        return  # nobody had it before, and here were none
    try:
        ports.snapshots.clear(job.job_id)
    except EigenError as error:
        logs.write(ports, job.job_id, "warning", f"snapshots are left behind: {error.message}")


class Watching:
    """The `Watch` of one piece of work. A store that fails fails no work: there is no snapshot then."""

    def __init__(self, all: Snapshots, identity: str) -> None:
        self.every_seconds = all.policy.look_seconds
        self._all = all
        self._identity = identity
        self._names: list[str] | None = None
        self._name = self._written = ""
        self._reader: SnapshotReader | None = None
        self._writer: SnapshotWriter | None = None
        self._begun = self._last = all.clock()
        self._first_done: int | None = None
        self._size = 0
        self._taken_at = 0.0
        self._ending: RunInterruptedError | None = None

    def look(self, done: int, of: int, size_bytes: int) -> bool:
        """See `Watch.look`. A worker that is stopped takes what it has with it."""
        if self._first_done is None:
            self._first_done = done - 1
        try:
            self._all.check()
        except RunInterruptedError as interruption:
            if interruption.reason != "stopped" or not self._is_worth(size_bytes):
                raise
            self._ending = interruption
        self._all.tell_progress(done, of)
        if self._ending is None and not self._is_due(done, of, size_bytes):
            return False
        self._size, self._taken_at = size_bytes, self._all.clock()
        hit("snapshot.wanted")
        self._try(self._create)
        return self._writer is not None or self._give_up()

    def write(self, data: bytes) -> bool:
        """See `Watch.write`."""
        writer = self._writer
        if writer is None:
            return False
        if self._try(lambda: writer.write(data)):
            hit("snapshot.writing")
            return True
        self._discard()
        return self._give_up()

    def keep(self, done: int, of: int) -> None:
        """See `Watch.keep`."""
        writer, self._writer = self._writer, None
        hit("snapshot.written")
        if writer is not None and self._try(writer.keep):
            self._all.confirm(self._written)
            self._all.kept += 1
            count("eigen_kernel_snapshots_total", outcome="taken")
            hit("snapshot.kept")
            self._try(lambda: self._all.sweep(self._identity))
            self._last = self._all.clock()
            self._all.bytes_per_second = self._size / max(self._last - self._taken_at, 1e-6)
        self._give_up()

    def open(self) -> bool:
        """See `Watch.open`."""
        self._close_reader()
        if self._names is None:
            self._names = []
            self._try(self._list)
        while self._names:
            self._name = self._names.pop()
            if self._try(self._open):
                return True
        return False

    def read(self, size: int) -> bytes:
        """See `Watch.read`. What cannot be read ends there."""
        reader, read = self._reader, [b""]
        if reader is None:
            return b""

        def more() -> None:
            read[0] = reader.read(size)

        self._try(more)
        return read[0]

    def opened(self, done: int, of: int, refusal: str | None) -> None:
        """See `Watch.opened`."""
        self._close_reader()
        if refusal is not None:
            count("eigen_kernel_snapshots_total", outcome="refused")
            self._all.tell("warning", f"the snapshot `{self._name}` is passed over: {refusal}")
            return
        self._all.restored += 1
        count("eigen_kernel_snapshots_total", outcome="restored")
        steps = f"{done} of {of} steps" if of else f"{done} steps"
        self._all.tell("info", f"a circuit goes on from its snapshot, after {steps}")
        hit("snapshot.restored")

    def close(self) -> None:
        """Leave nothing open and nothing half written."""
        self._close_reader()
        self._discard()

    def _is_due(self, done: int, of: int, size: int) -> bool:
        seconds, now, policy = size / self._all.bytes_per_second, self._all.clock(), self._all.policy
        if now - self._last < max(policy.seconds, seconds * (1 / policy.most_part - 1)):
            return False
        if not of or self._first_done is None or policy.most_part >= 1:
            return True
        left = (now - self._begun) / (done - self._first_done) * (of - done)
        return left > seconds

    def _is_worth(self, size: int) -> bool:
        """Whether more was done since the last snapshot than another one takes."""
        return self._all.clock() - self._last > size / self._all.bytes_per_second

    def _create(self) -> None:
        if not self._all.make_room(self._size):
            self._last = self._all.clock()
            return
        self._all.number += 1
        self._all.taking()
        self._written = f"{self._identity}-{self._all.fence:08d}-{self._all.number:08d}.snapshot"
        self._writer = self._all.store.create(self._all.job_id, self._written)

    def _list(self) -> None:
        self._names = sorted(self._all.names(self._identity), key=_age)

    def _open(self) -> None:
        self._reader = self._all.store.open(self._all.job_id, self._name)

    def _discard(self) -> None:
        writer, self._writer = self._writer, None
        if writer is not None:
            self._try(writer.discard)

    def _close_reader(self) -> None:
        reader, self._reader = self._reader, None
        if reader is not None:
            reader.close()

    def _give_up(self) -> bool:
        """No more of this snapshot; of a worker that is stopped, no more at all."""
        if self._ending is not None:
            self.close()
            raise self._ending
        return False

    def _try(self, act: Callable[[], object]) -> bool:
        try:
            act()
        except EigenError as error:
            self._last = self._all.clock()
            count("eigen_kernel_snapshots_total", outcome="failed")
            self._all.tell("warning", f"snapshots fail: {error.message}")
            return False
        return True


def _age(name: str) -> str:
    """What sorts snapshots by the attempt that took them, and its count."""
    return name.partition("-")[2]
