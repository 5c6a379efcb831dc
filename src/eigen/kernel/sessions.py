"""`Sessions`: programs held open for the caller's own optimiser, who sends parameter values and nothing else.

A session is compiled, placed and lowered when it is opened. It lives in this process only, until it is closed or
nobody has used it for a while; what is worth keeping is a job.
"""

from __future__ import annotations

from contextlib import contextmanager
from dataclasses import dataclass, field
from threading import Lock
from typing import TYPE_CHECKING

from eigen.errors import EigenError
from eigen.jobspec import JobSpec, ProgramRef, Retry
from eigen.kernel import reservations
from eigen.kernel.clock import job_id_from, rfc3339
from eigen.kernel.effects.place import unbounded
from eigen.kernel.held_program import HeldProgram
from eigen.kernel.resolved import level_of
from eigen.kernel.tenancy import DEFAULT_TENANT, project_of, sees
from eigen.kernel.workbench import Workbench
from eigen.types import Session

if TYPE_CHECKING:
    from collections.abc import Callable, Generator, Mapping

    from eigen.ir.program import Program
    from eigen.jobspec import Submission
    from eigen.kernel.ports import Ports
    from eigen.types import Caller, Device, Evaluation, Json

PREFIX = "ses_"
RESERVATION_SECONDS = 1.0  # how long an evaluation may go on at a device that somebody else has just reserved
DEFAULT_PRIORITY = JobSpec(name="", program=ProgramRef(sha256="")).priority
MAX_INDEX = (1 << 63) - 1


@dataclass(slots=True, eq=False)
class _Entry:
    """An open session. `lock` serialises its evaluations; the other fields are guarded by the table's lock."""

    session_id: str
    tenant: str
    project: str
    used_at: float
    held: HeldProgram | None = None
    lock: Lock = field(default_factory=Lock)
    running: int = 0
    next_index: int = 0
    next_look: float = 0.0
    closed: bool = False


class Sessions:
    """The open sessions of one kernel. Safe for threads; those of one session wait for each other.

    A session ends `idle_seconds` after its last evaluation; a tenant has at most `per_tenant` at a time.
    """

    def __init__(self, ports: Ports, *, idle_seconds: float, per_tenant: int) -> None:
        self._ports = ports
        self._idle = idle_seconds
        self._per_tenant = per_tenant
        self._lock = Lock()
        self._entries: dict[str, _Entry] = {}

    def open(
        self,
        caller: Caller,
        submission: Submission,
        parameters: Mapping[str, int],
        *,
        check: Callable[[], object] | None = None,
    ) -> Session:
        """Compile with these `parameters` open (name to length, 0 for a number), place and lower. What `check` raises
        ends it.

        Raises EIGEN_LIMIT_EXCEEDED for one session too many, EIGEN_REQUEST_INVALID for what a session cannot do,
        EIGEN_LANG_REJECTED, EIGEN_ROUTER_NO_DEVICE, EIGEN_DEVICE_RESERVED.
        """
        spec = submission.spec
        _refuse_queueing(spec)
        entry = self._admit(caller, spec)
        try:
            program = Workbench(self._ports).program(submission, parameters, check=check).program
            device = self._place(program, spec, entry.tenant)
            level = level_of(spec, program)
            lowered = tuple(
                self._ports.lower(circuit, device, level=level, options=spec.compiler) for circuit in program.circuits
            )
            held = HeldProgram(self._ports, program, spec, device, lowered, ask=lambda: self._look(entry))
        except BaseException:
            self._forget(entry)
            raise
        with self._lock:
            entry.held, entry.used_at = held, self._ports.clock.monotonic()
        return Session(
            session_id=entry.session_id,
            device_id=device.id,
            parameters=program.parameters,
            program_sha256=program.digest,
            has_gradient=not held.gradient_reason,
            expires_at=rfc3339(self._ports.clock.now() + self._idle),
            seed=held.seed,
        )

    def evaluate(
        self,
        caller: Caller,
        session_id: str,
        values: Mapping[str, Json],
        *,
        index: int | None = None,
        gradient: bool = False,
    ) -> Evaluation:
        """Run the program at these values. The same `index` has the same seed; None takes the next one.

        Raises EIGEN_SESSION_NOT_FOUND with the same words for a session that never was, is over, or is somebody
        else's; EIGEN_REQUEST_INVALID for values that do not fit; else what a job raises.
        """
        if index is not None and not 0 <= index <= MAX_INDEX:
            message = f"the index of an evaluation is a whole number from 0 to {MAX_INDEX}, not `{index}`"
            raise EigenError("EIGEN_REQUEST_INVALID", message, where="index")
        with self._using(caller, session_id) as (entry, held), entry.lock:
            number = entry.next_index if index is None else index
            entry.next_index = max(entry.next_index, number + 1)
            self._look(entry)
            return held.evaluate(session_id, values, index=number, gradient=gradient)

    def close(self, caller: Caller, session_id: str) -> None:
        """Forget a session; an evaluation under way ends at its next piece of work. One that is not there is no
        error."""
        with self._lock:
            entry = self._entries.get(session_id)
        if entry is not None and sees(caller, entry.tenant, entry.project):
            self._forget(entry)

    def close_all(self) -> None:
        """Forget every session, as the process is about to end."""
        with self._lock:
            entries = list(self._entries.values())
        for entry in entries:
            self._forget(entry)

    # ---- the table ---------------------------------------------------------------------------------------

    def _admit(self, caller: Caller, spec: JobSpec) -> _Entry:
        """A place in the table, taken before the work of opening begins."""
        now = self._ports.clock.now()
        session_id = job_id_from(now, self._ports.entropy.bits(80), prefix=PREFIX)
        tenant = caller.tenant or DEFAULT_TENANT
        entry = _Entry(session_id, tenant, project_of(caller, spec), self._ports.clock.monotonic())
        with self._lock:
            self._expire()
            count = 1 + sum(other.tenant == tenant for other in self._entries.values())
            if count > self._per_tenant:
                message = f"sessions of one tenant: `{count}` is beyond the limit {self._per_tenant}"
                hint = f"close one; a session ends {self._idle:g} s after its last evaluation"
                raise EigenError("EIGEN_LIMIT_EXCEEDED", message, hint=hint)
            self._entries[session_id] = entry
        return entry

    @contextmanager
    def _using(self, caller: Caller, session_id: str) -> Generator[tuple[_Entry, HeldProgram]]:
        """An open session of the caller's, which does not expire meanwhile."""
        with self._lock:
            self._expire()
            entry = self._entries.get(session_id)
            if entry is None or entry.held is None or not sees(caller, entry.tenant, entry.project):
                raise _unknown(session_id)
            entry.running += 1
            held = entry.held
        try:
            yield entry, held
        finally:
            with self._lock:
                entry.running -= 1
                entry.used_at = self._ports.clock.monotonic()

    def _expire(self) -> None:
        """Forget what nobody uses; an open one that is still being made is in use."""
        oldest = self._ports.clock.monotonic() - self._idle
        for entry in list(self._entries.values()):
            if entry.used_at < oldest and not entry.running and entry.held is not None:
                entry.closed = True
                del self._entries[entry.session_id]

    def _forget(self, entry: _Entry) -> None:
        with self._lock:
            entry.closed = True
            self._entries.pop(entry.session_id, None)

    def _look(self, entry: _Entry) -> None:
        """Before each piece of work: whether the session is still there, and its device still for its tenant."""
        if entry.closed:
            raise _unknown(entry.session_id)
        now = self._ports.clock.monotonic()
        if entry.held is None or now < entry.next_look:
            return
        entry.next_look = now + RESERVATION_SECONDS
        device = entry.held.device.id
        holder = reservations.against(self._ports, entry.tenant).get(device)
        if holder is not None:
            raise _reserved(device, holder.expires_at)

    # ---- opening -----------------------------------------------------------------------------------------

    def _place(self, program: Program, spec: JobSpec, tenant: str) -> Device:
        """The device, as for a job, but never one that charges: what is paid for belongs into a journal."""
        target = spec.target or program.target_or(self._ports.default_target)
        devices = self._ports.devices.devices(target)
        held = reservations.against(self._ports, tenant)
        unpriced = unbounded(devices, spec.budget.max_cost)
        withheld = unpriced | {name: f"is reserved until {entry.expires_at}" for name, entry in held.items()}
        try:
            placement = self._ports.route(program, spec, devices, target=target, withheld=withheld)
        except EigenError as error:
            if error.code != "EIGEN_ROUTER_NO_DEVICE" or not held:
                raise
            free = self._ports.route(program, spec, devices, target=target, withheld=unpriced)
            raise _reserved(free.device_id, held[free.device_id].expires_at) from None
        device = next((device for device in devices if device.id == placement.device_id), None)
        if device is None:
            raise EigenError("EIGEN_DEVICE_UNKNOWN", f"there is no device `{placement.device_id}`")
        if "metered" in device.features:
            message = f"device `{device.id}` charges for shots, and a session keeps no journal of what was paid for"
            raise EigenError("EIGEN_NOT_AVAILABLE", message, hint="submit a job", where="target")
        if self._ports.sharing is not None and "regions" in device.features:
            message = (
                f"device `{device.id}` is shared by regions, which end with a job: a session would never give one back"
            )
            raise EigenError("EIGEN_NOT_AVAILABLE", message, hint="submit a job", where="target")
        return device


def _refuse_queueing(spec: JobSpec) -> None:
    """A session waits for nothing and is not tried again: what asks for that is refused by name."""
    asked = {
        "dependencies": bool(spec.dependencies),
        "priority": spec.priority != DEFAULT_PRIORITY,
        "runtime.retry": spec.retry != Retry(),
        "runtime.timeout.queue_seconds": spec.timeout.queue_seconds is not None,
    }
    if spec.sweep is not None:
        hint = "submit the sweep as a job, or evaluate the session at each of its points"
        raise EigenError("EIGEN_REQUEST_INVALID", "a session takes its values one by one", where="sweep", hint=hint)
    for name, given in asked.items():
        if given:
            message = f"`{name}` is about a job in the queue; a session is open at once"
            raise EigenError("EIGEN_REQUEST_INVALID", message, where=name)


def _unknown(session_id: str) -> EigenError:
    shown = ascii(session_id[:80])[1:-1]
    return EigenError("EIGEN_SESSION_NOT_FOUND", f"there is no session `{shown}`", where=shown)


def _reserved(device_id: str, until: str) -> EigenError:
    return EigenError("EIGEN_DEVICE_RESERVED", f"device `{device_id}` is reserved until {until}", where=device_id)
