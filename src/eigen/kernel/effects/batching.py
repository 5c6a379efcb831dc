"""`Batching`: evaluations of one run that travel to a device in one request, where each trip costs something.

What will be asked for soon is known from the lookahead. It waits until the first of it is asked for, and goes then,
all together; each answer is handed out, and recorded, when its evaluation comes. A batch is as large as about half a
second of work, so that no more than that is done again after a crash; nothing is sent to a device that charges. A
batch that fails is forgotten, and its evaluations are made one by one, so that an error is that of its own evaluation.
"""

from __future__ import annotations

from typing import TYPE_CHECKING
from uuid import uuid4

from eigen.errors import EigenError
from eigen.kernel.driver_calls import calling
from eigen.types import ExpectationWork, ProbabilityWork, SampleWork

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from eigen.drivers.driver import BatchDriver, QDriver
    from eigen.types import Device, Work, WorkResult

BATCH_SECONDS = 0.5
"""What the work of one batch should take."""

FIRST_SIZE = 4
"""Pieces of the first batch, when nobody knows yet how long one takes."""

MOST = 64
GROWTH = 4
"""So many times the size of one batch is at most that of the next."""

FIRST_QUBITS = 16
"""Wider circuits are not sent together before it was seen how long one takes."""

MOST_OPERATIONS = 20_000
MOST_SHOTS = 100_000
"""Larger work goes alone: a batch is one message."""


class Batching:
    """An `Elsewhere` of one run. `requests` counts the batches."""

    name = "batches"
    batch_shots = 0

    def __init__(self, driver: QDriver, batches: BatchDriver, device: Device, clock: Callable[[], float]) -> None:
        self._driver = driver
        self._batches = batches
        self._device = device
        self._clock = clock
        self._size = FIRST_SIZE
        self._seen = False
        self._waiting: list[Errand] = []
        self._sent: list[Batch] = []
        self.requests = 0

    @property
    def ahead(self) -> int:
        """How many pieces may be waiting or under way: one batch."""
        return self._size

    def takes(self, device: Device, work: Work, *, alone: bool) -> bool:
        """Whether the work goes with others."""
        if alone or not isinstance(work, SampleWork | ExpectationWork | ProbabilityWork):
            return False
        small = len(work.circuit) <= MOST_OPERATIONS and (work.shots or 0) <= MOST_SHOTS
        return small and (self._seen or work.circuit.num_qubits <= FIRST_QUBITS)

    def begin(self, job: str, device: Device, work: Work) -> Errand:
        """Have it wait for the others."""
        errand = Errand(self, work)
        self._waiting.append(errand)
        return errand

    def observe(self, device: Device, work: Work, seconds: float) -> None:
        """Hear how long work took that went alone."""
        self._fit(seconds)

    def release(self, job: str) -> None:
        """What is under way is not needed any more."""
        self.close()

    def close(self) -> None:
        """Stop what nobody will ask for."""
        self._waiting.clear()
        for batch in self._sent:
            batch.stop()
        self._sent.clear()

    def send(self) -> None:
        """Send what waits."""
        waiting, self._waiting = self._waiting, []
        batch = Batch(self, [errand.work for errand in waiting])
        for place, errand in enumerate(waiting):
            errand.batch, errand.place = batch, place
        self._sent = [known for known in self._sent if known.is_under_way]
        self._sent.append(batch)
        self.requests += 1

    def submit(self, works: Sequence[Work]) -> str:
        """Hand a batch to the driver."""
        with calling(self._driver, "submit_batch", self._device.id):
            return self._batches.submit_batch(self._device.id, uuid4().hex, works)

    def results(self, handle: str, seconds: float) -> tuple[WorkResult, ...]:
        """Wait for a batch."""
        return self._batches.results(handle, seconds)

    def cancel(self, handle: str) -> None:
        """Stop a batch."""
        self._driver.cancel(handle)

    def now(self) -> float:
        """Seconds, monotonic."""
        return self._clock()

    def took(self, seconds: float, pieces: int) -> None:
        """Hear how long a batch took."""
        self._fit(seconds / pieces)

    def _fit(self, seconds: float) -> None:
        """Choose the size of the next batch, for pieces that take so long."""
        self._seen = True
        wanted = MOST if seconds <= 0 else int(BATCH_SECONDS / seconds)
        self._size = max(1, min(wanted, MOST, GROWTH * self._size))


class Batch:
    """Work that travels together."""

    def __init__(self, home: Batching, works: Sequence[Work]) -> None:
        self._home = home
        self._works = works
        self._handle: str | None = None
        self._found: tuple[WorkResult, ...] | None = None
        self._failed = False
        self._began = home.now()

    @property
    def is_under_way(self) -> bool:
        """Whether its results are still to come."""
        return self._handle is not None and self._found is None and not self._failed

    def results(self, seconds: float) -> tuple[WorkResult, ...] | None:
        """The results, None when it failed; EIGEN_RUN_TIMEOUT when they are not there in time."""
        if self._found is None and not self._failed:
            try:
                if self._handle is None:
                    self._handle = self._home.submit(self._works)
                self._found = self._home.results(self._handle, seconds)
            except EigenError as error:
                if error.code == "EIGEN_RUN_TIMEOUT":
                    raise
                self._failed = True
            self._home.took(self._home.now() - self._began, len(self._works))
        return self._found

    def stop(self) -> None:
        """Stop it, if it is under way."""
        if self._handle is not None and self.is_under_way:
            self._home.cancel(self._handle)


class Errand:
    """One piece of work that waits for its batch, or is in one."""

    def __init__(self, home: Batching, work: Work) -> None:
        self.work = work
        self.batch: Batch | None = None
        self.place = 0
        self._home = home

    def result(self, seconds: float, here: Callable[[Work], WorkResult]) -> WorkResult:
        """Its result; made by `here` when its batch failed. Raises EIGEN_RUN_TIMEOUT, and what the work raises."""
        if self.batch is None:
            self._home.send()
        assert self.batch is not None
        found = self.batch.results(seconds)
        return here(self.work) if found is None else found[self.place]
