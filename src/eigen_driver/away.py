"""`Away`: the work of a `RemoteEngine`, which its service keeps; here are only its names."""

from __future__ import annotations

import json
import threading
import time
from collections import OrderedDict
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

from eigen_driver.failure import RefusedError
from eigen_driver.remote import ENDED, AwayError, widths

if TYPE_CHECKING:
    from collections.abc import Generator, Mapping, Sequence

    from eigen_driver.asks import Ask
    from eigen_driver.engine import Device
    from eigen_driver.remote import Fetched, Handle, RemoteEngine

KEPT = 10_000
"""Keys whose handles are remembered; of others the service is asked."""
MOST_CHARACTERS = 64 << 10
"""Of a handle."""
SLOWER = 1.5
SLOWEST = 10.0
STATES = ENDED | {"QUEUED", "RUNNING", "UNKNOWN"}


class Away:
    """Safe for threads. One call of the engine at a time; nobody holds up another one while waiting for results."""

    def __init__(self, engine: RemoteEngine) -> None:
        self._engine = engine
        self._known: OrderedDict[str, str] = OrderedDict()
        self._asking = threading.RLock()

    def devices(self) -> Sequence[Device]:
        """As the engine tells them."""
        with self._guarded():
            return self._engine.devices()

    def calibrate(self, device_id: str) -> Mapping[str, Any]:
        """What the engine measures, or asks the service for."""
        with self._guarded():
            return self._engine.calibrate(device_id)

    def submit(self, key: str, device: Device, asks: Sequence[Ask]) -> str:
        """The handle of the work of a key, which is submitted once."""
        with self._guarded():
            known = self._known.get(key) or self._found(key)
            return known or self._keep(key, self._engine.submit(device, key, asks))

    def adopt(self, key: str) -> str | None:
        """The handle of a key that was submitted, here or earlier."""
        with self._guarded():
            return self._known.get(key) or self._found(key)

    def poll(self, handle: str) -> str:
        """Where it stands; RUNNING while nobody can be asked."""
        named = _read(handle)
        if named is None:
            return "UNKNOWN"
        try:
            with self._guarded(away=True):
                state = self._engine.poll(named)
        except AwayError:
            return "RUNNING"
        if state not in STATES:
            raise RefusedError("EIGEN_DEVICE_FAILED", f"the service says `{state[:40]}` of work")
        return state

    def result(self, handle: str, timeout: float | None) -> Fetched:
        """What came of it; TimeoutError while it goes on, or nobody can be asked."""
        named = _read(handle)
        until = None if timeout is None else time.monotonic() + timeout
        pause = self._engine.poll_seconds
        while True:
            state = self.poll(handle)
            if named is None or state == "UNKNOWN":
                raise RefusedError("EIGEN_DEVICE_FAILED", "the service has no such work (any more)")
            if state == "CANCELLED":
                raise RefusedError("EIGEN_RUN_CANCELLED", "the work was cancelled")
            if state in ENDED:
                try:
                    return self._fetched(named)
                except AwayError:
                    pass
            left = None if until is None else until - time.monotonic()
            if left is not None and left <= 0.0:
                raise TimeoutError
            time.sleep(pause if left is None else min(pause, left))
            pause = min(pause * SLOWER, self._engine.poll_seconds * SLOWEST)

    def cancel(self, handle: str) -> bool:
        """Whether the service was asked to stop it; False when it had ended."""
        named = _read(handle)
        if named is None:
            return False
        with self._guarded():
            return self._engine.cancel(named)

    def _fetched(self, named: Handle) -> Fetched:
        with self._guarded(away=True):
            found = self._engine.fetch(named)
        if not widths(found.answers):
            raise RefusedError("EIGEN_DEVICE_FAILED", "the service's counts do not say how many bits they have")
        return found

    def _found(self, key: str) -> str | None:
        found = self._engine.adopt(key)
        return None if found is None else self._keep(key, found)

    def _keep(self, key: str, handle: Handle) -> str:
        text = json.dumps(handle, sort_keys=True)
        self._known[key] = text
        if len(self._known) > KEPT:
            self._known.popitem(last=False)
        return text

    @contextmanager
    def _guarded(self, *, away: bool = False) -> Generator[None]:
        """One call at a time, whose failures show no secret."""
        with self._asking:
            try:
                yield
            except AwayError as error:
                told = self._engine.concealed(str(error))[:1000]
                if away:
                    raise AwayError(told) from None
                raise RefusedError("EIGEN_DEVICE_FAILED", f"the service cannot be asked: {told}") from None
            except RefusedError as error:
                hide = self._engine.concealed
                told = hide(error.message)
                raise RefusedError(error.code, told, where=hide(error.where), hint=hide(error.hint)) from None
            except Exception as error:
                told = self._engine.concealed(f"{type(error).__name__}: {error}")[:1000]
                raise RefusedError("EIGEN_DEVICE_FAILED", told) from None


def is_away(handle: str) -> bool:
    """Whether a handle names work at a service, and not in this process."""
    return handle.startswith("{")


def _read(handle: str) -> Handle | None:
    try:
        found = json.loads(handle) if len(handle) <= MOST_CHARACTERS else None
    except (ValueError, RecursionError):
        return None
    return found if isinstance(found, dict) else None  # pyright: ignore[reportUnknownVariableType]
