"""`Dispatcher`: which work goes to an executor, in which parts, and how it is brought home whatever is lost.

Work goes when it is expected to take longer than several trips, and fits into the memory of a worker. What is expected
is what the same work took the last time, else what the engine's cost model says; work that neither knows goes. To
processes of this host, which share its processors, work goes only when other work can run beside it.
"""

from __future__ import annotations

import threading
from collections import OrderedDict
from contextlib import suppress
from dataclasses import dataclass
from hashlib import sha256
from time import monotonic
from typing import TYPE_CHECKING

from eigen import _core
from eigen.errors import EigenError
from eigen.executors import tasks
from eigen.executors.batches import batches_of, is_part, is_run_by_shot, together
from eigen.types import EvolutionWork, ExpectationWork, GradientWork, ModesWork

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from eigen.executors.executor import Capacity, Executor
    from eigen.executors.spool import Spool
    from eigen.ir import Observable
    from eigen.types import Device, Work, WorkResult

TRIPS = 4.0
"""Work goes that takes longer than so many trips: at most a fifth of its time is the way."""

MOST_TIMES = 3
"""How often one task is handed over; if its worker is lost each time, the task is what takes it down."""

KEPT = 4096
"""Pieces of work whose times are remembered."""

HERE_INSTEAD = frozenset({"EIGEN_SIM_MEMORY", "EIGEN_LIMIT_EXCEEDED"})
"""Errors that may be a worker's alone, which has less memory than the kernel: the kernel does the work itself."""


class HereInsteadError(Exception):
    """A part of a run that no worker can do."""


class Dispatcher:
    """Brings the work of jobs to one executor. `batch_shots` as in `batches_of`; `resources` what each task needs."""

    def __init__(
        self,
        executor: Executor,
        spool: Spool,
        *,
        resources: Mapping[str, float] | None = None,
        batch_shots: int = 0,
    ) -> None:
        self.executor = executor
        self._spool = spool
        self._resources = dict(resources or {})
        self.batch_shots = batch_shots
        self._lock = threading.Lock()
        self._forgone = 0.0
        self._times: OrderedDict[str, float] = OrderedDict()
        self._expected: OrderedDict[str, tuple[float | None, float | None]] = OrderedDict()
        self._jobs: dict[str, dict[str, str]] = {}

    @property
    def name(self) -> str:
        """The executor's."""
        return self.executor.name

    @property
    def ahead(self) -> int:
        """How many pieces of one job are under way at most."""
        return max(2, 2 * self.executor.capacity().slots)

    def takes(self, device: Device, work: Work, *, alone: bool) -> bool:
        """Whether this work goes; `alone` when nothing of its job can run beside it. Work in parts always goes: it
        must not depend on what was measured whether there are any."""
        if len(batches_of(device, work, self.batch_shots)) > 1:
            return True
        capacity = self.executor.capacity()
        if alone and capacity.is_local:
            return False
        seconds, memory = self._expectation(device, work)
        if memory is not None and capacity.memory_bytes is not None and memory > capacity.memory_bytes:
            return False
        return seconds is None or self._pays(seconds, capacity)

    def _pays(self, seconds: float, capacity: Capacity) -> bool:
        """Whether work of so many seconds is worth the way. Workers are started for long work, or once what would
        have gone adds up to it."""
        if seconds <= TRIPS * capacity.trip_sec:
            return False
        if seconds > TRIPS * capacity.start_sec:
            return True
        with self._lock:
            self._forgone += seconds
            return self._forgone > TRIPS * capacity.start_sec

    def begin(self, job: str, device: Device, work: Work) -> Errand:
        """Hand work over, or find it again: the same work of the same job is the same task, before a crash and after.

        Raises EIGEN_SERVER_UNREACHABLE, EIGEN_EXECUTOR_RESOURCES, EIGEN_STORE_UNAVAILABLE.
        """
        parts = [
            _Part(part, tasks.spec_of(job, device.id, part)) for part in batches_of(device, work, self.batch_shots)
        ]
        with self._lock:
            known = self._jobs.setdefault(job, {})
            for part in parts:
                known[part.key] = part.digest
        for part in parts:
            self._hand_over(part)
        return Errand(self, _name(device, work), work, parts)

    def release(self, job: str) -> None:
        """A job is over: what of it is still under way is cancelled, and its files are removed."""
        with self._lock:
            known = self._jobs.pop(job, {})
        for key, spec in known.items():
            with suppress(EigenError):  # it does not answer: what it does then is in nobody's way
                self.executor.cancel(key)
            self._spool.forget(spec=spec, result=key)

    def close(self) -> None:
        """Let go of the executor."""
        self.executor.close()

    def learn(self, name: str, seconds: float) -> None:
        """Remember how long a piece of work took."""
        with self._lock:
            self._times[name] = seconds
            self._times.move_to_end(name)
            while len(self._times) > KEPT:
                self._times.popitem(last=False)

    def observe(self, device: Device, work: Work, seconds: float) -> None:
        """Remember how long work took that was done in the kernel."""
        self.learn(_name(device, work), seconds)

    def _hand_over(self, part: _Part) -> None:
        adopted = self.executor.adopt(part.key)
        if adopted is not None:
            part.handle = adopted
            return
        part.times += 1
        self._spool.put_spec(part.spec)
        part.handle = self.executor.submit(part.key, part.digest, resources=self._resources)

    def collect(self, part: _Part, until: float, here: Callable[[Work], WorkResult]) -> WorkResult:
        """The result of one part, handed over again when it was lost; what no worker can do is done `here`.

        Raises HereInsteadError for a part of a run, which only the whole of it replaces, EIGEN_RUN_TIMEOUT when it is
        not there in time, and the error that the work ended with.
        """
        while True:
            try:
                outcome = self.executor.result(part.handle, max(0.0, until - monotonic()))
                return tasks.read_result(outcome)
            except EigenError as error:
                if error.code == "EIGEN_QFS_DATA_LOSS":
                    self._spool.forget(result=part.key)
                elif error.code in HERE_INSTEAD:
                    return _done(part.work, here)
                elif error.code not in {"EIGEN_EXECUTOR_LOST", "EIGEN_QFS_NOT_FOUND"}:
                    raise
                if part.times >= MOST_TIMES:
                    return _done(part.work, here)
            self._hand_over(part)

    def _expectation(self, device: Device, work: Work) -> tuple[float | None, float | None]:
        """Seconds and bytes, each None when nothing tells."""
        name = _name(device, work)
        with self._lock:
            known = self._expected.get(name)
            took = self._times.get(name)
        if known is None:
            known = _predicted(device, work)
            with self._lock:
                self._expected[name] = known
                while len(self._expected) > KEPT:
                    self._expected.popitem(last=False)
        return (known[0] if took is None else took), known[1]


@dataclass(slots=True)
class _Part:
    """One task of an errand. Its key is the digest of its description, which names the job."""

    work: Work
    spec: bytes
    digest: str = ""
    handle: str = ""
    times: int = 0
    result: WorkResult | None = None

    def __post_init__(self) -> None:
        self.digest = sha256(self.spec).hexdigest()

    @property
    def key(self) -> str:
        return self.digest


@dataclass(slots=True)
class Errand:
    """Work that is under way."""

    _home: Dispatcher
    _name: str
    _work: Work
    _parts: Sequence[_Part]

    def result(self, seconds: float, here: Callable[[Work], WorkResult]) -> WorkResult:
        """Wait for the result; what no worker can do is done by `here`.

        Raises EIGEN_RUN_TIMEOUT after so many seconds, EIGEN_SERVER_UNREACHABLE, and what the work raises.
        """
        until = monotonic() + seconds
        found: list[WorkResult] = []
        try:
            for part in self._parts:
                if part.result is None:
                    part.result = self._home.collect(part, until, here)
                found.append(part.result)
        except HereInsteadError:
            result = None
        else:
            result = together([part.work for part in self._parts], self._work, found)
        if result is None:
            result = here(self._work)
        self._home.learn(self._name, result.execution_time_sec)
        return result


def _done(work: Work, here: Callable[[Work], WorkResult]) -> WorkResult:
    if is_part(work):
        raise HereInsteadError
    return here(work)


def _name(device: Device, work: Work) -> str:
    """What takes the same time each time: the same question about the same circuit, at whatever values."""
    if isinstance(work, EvolutionWork):
        about = f"{work.evolution.digest} {work.shots} {sorted(work.settings.items())}"
    elif isinstance(work, ModesWork):
        about = f"{work.modes.digest} {work.shots}"
    else:
        about = f"{work.circuit.digest} {getattr(work, 'shots', None)}"
    if isinstance(work, ExpectationWork | GradientWork):
        about += f" {work.observable.digest}"
    return f"{device.id} {type(work).__name__} {about} {sorted(work.options.items())}"


def _predicted(device: Device, work: Work) -> tuple[float | None, float | None]:
    """What the engine's cost model says of a run without noise; a gradient counts as four runs."""
    if isinstance(work, EvolutionWork | ModesWork) or "noise_model" in work.options or is_run_by_shot(work):
        return None, None
    shots = None if isinstance(work, GradientWork) else work.shots
    observables: tuple[Observable, ...] = ()
    if isinstance(work, ExpectationWork | GradientWork) and shots is None:
        observables = (work.observable,)
    verdicts = _core.engine_verdicts(work.circuit, shots=shots, observables=observables)
    for engine, seconds, memory, _ in verdicts:
        if engine == device.properties.get("engine") and seconds is not None:
            return (4.0 if isinstance(work, GradientWork) else 1.0) * seconds / device.speed, memory
    return None, None
