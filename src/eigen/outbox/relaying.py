"""`Relaying`: the thread that relays to one sink, as long as no other process of the database does.

Nothing waits for it. What fails is tried again after a pause that doubles and is spread; that it began and ended is
logged, and a metric says how many events wait.
"""

from __future__ import annotations

import random
import threading
import time
from typing import TYPE_CHECKING, Protocol

from eigen.errors import EigenError
from eigen.outbox.relay import ReignOverError, Relay
from eigen.telemetry import gauge, log

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from eigen.outbox.relay import Stores
    from eigen.outbox.sink import Message, Sink

LOOK_SECONDS = 0.1
"""Between two looks into the log when there was nothing new."""
FOLLOW_SECONDS = 1.0
"""Between two looks whether the process that relays is still there, and of that one whether its hold still is."""
FIRST_PAUSE, MOST_PAUSE, SPREAD = 0.2, 10.0, 0.5
"""Seconds after a failure, doubled up to the second one; each spread by this share of itself."""
LAG_SECONDS = 1.0
MOST_LAG = 1_000_000
"""The metric counts so far."""


class Hold(Protocol):
    """What one process at a time has."""

    def held(self) -> bool:
        """Whether it is still had."""
        ...

    def release(self) -> None:
        """Let others have it."""
        ...


class _StoppedError(Exception):
    """The thread is to end."""


class Relaying:
    """`lead` makes this process the one that relays to the sink, or says None."""

    def __init__(self, stores: Stores, sink: Sink, lead: Callable[[], Hold | None]) -> None:
        self._stores = stores
        self._sink = sink
        self._lead = lead
        self._stop = threading.Event()
        self._thread = threading.Thread(target=self._run, name=f"relay-{sink.name}", daemon=True)
        self._hold: Hold | None = None
        self._pause = FIRST_PAUSE
        self._away_since: float | None = None
        self._next_lag = self._next_look = 0.0

    def start(self) -> None:
        """Begin."""
        self._thread.start()

    def stop(self) -> None:
        """Ask for the end; what is under way is told again by whoever relays next."""
        self._stop.set()

    def join(self, seconds: float) -> None:
        """Wait for the end."""
        if self._thread.is_alive():
            self._thread.join(seconds)

    def _run(self) -> None:
        while not self._stop.is_set():
            try:
                self._hold = self._lead()
                if self._hold is None:
                    self._stop.wait(FOLLOW_SECONDS)
                    continue
                self._reign()
            except _StoppedError:
                break
            except ReignOverError:
                log("info", "another server tells the events", sink=self._sink.name)
                self._stop.wait(FOLLOW_SECONDS)
            except EigenError as error:
                self._fail(error.message)
            except Exception as error:  # a defect: it must neither end the relay nor be silent
                self._fail(f"defect: {error!r}", error=error)
            finally:
                if self._hold is not None:
                    self._hold.release()
                    self._hold = None
                    gauge("eigen_outbox_lag_events", 0.0, sink=self._sink.name)
        self._sink.close()

    def _reign(self) -> None:
        reign = self._stores.outbox.begin(self._sink.name)
        if self._away_since is None:
            log("info", "this server tells the events", sink=self._sink.name, epoch=reign.epoch)
        relay = Relay(self._stores, self._sink, reign, deliver=self._deliver, monotonic=time.monotonic)
        while not self._stop.is_set():
            more = relay.round()
            self._recovered()
            self._measure(behind=more)
            self._check_hold()
            if not more:
                self._stop.wait(LOOK_SECONDS)

    def _deliver(self, batch: Sequence[Message]) -> Sequence[str]:
        """Give a batch to the sink until it says what became of it."""
        while True:
            try:
                verdicts = self._sink.send(batch)
            except EigenError as error:
                self._fail(error.message)
                self._check_hold()
            else:
                self._recovered()
                return verdicts
            if self._stop.is_set():
                raise _StoppedError

    def _fail(self, why: str, *, error: Exception | None = None) -> None:
        """Say that something fails, when that is new, and pause."""
        if self._away_since is None:
            self._away_since = time.monotonic()
            fields = {} if error is None else {"error": error}
            log("warning", f"events wait: {why}", sink=self._sink.name, **fields)
        self._measure(behind=True)
        self._stop.wait(self._pause * random.uniform(1 - SPREAD, 1 + SPREAD))
        self._pause = min(2 * self._pause, MOST_PAUSE)

    def _recovered(self) -> None:
        self._pause = FIRST_PAUSE
        since, self._away_since = self._away_since, None
        if since is not None:
            seconds = time.monotonic() - since
            log("info", f"events are told again after {seconds:.1f} s", sink=self._sink.name, seconds=seconds)

    def _measure(self, *, behind: bool) -> None:
        """Say how many events wait; counted when there are some."""
        now = time.monotonic()
        if now < self._next_lag:
            return
        self._next_lag = now + LAG_SECONDS
        lag = 0
        if behind and self._hold is not None:
            try:
                lag = self._stores.outbox.lag(self._sink.name, MOST_LAG)
            except EigenError:
                return  # the database is what fails: what was said last stands
        gauge("eigen_outbox_lag_events", float(lag), sink=self._sink.name)

    def _check_hold(self) -> None:
        now = time.monotonic()
        if now < self._next_look:
            return
        self._next_look = now + FOLLOW_SECONDS
        if self._hold is not None and not self._hold.held():
            raise ReignOverError(self._sink.name)
