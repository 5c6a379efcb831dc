"""`DaskExecutor`: tasks on the workers of a Dask scheduler. The scheduler knows their keys and digests, nothing else.

What travels is the name of one installed function and two digests. A scheduler that dies takes no result along: those
lie in the spool, and what was under way is lost and submitted again. Dask is an extra; nothing of it is imported before
an executor is opened.
"""

from __future__ import annotations

import logging
import threading
from collections import OrderedDict
from contextlib import suppress
from ipaddress import ip_address
from pathlib import Path
from time import monotonic
from typing import TYPE_CHECKING, Any

from eigen.errors import EigenError
from eigen.executors import worker
from eigen.executors.executor import (
    Capacity,
    Outcome,
    TaskState,
    cancelled,
    check_digests,
    check_resources,
    lost,
    not_yet,
)

if TYPE_CHECKING:
    from collections.abc import Mapping

    from eigen.executors.spool import Spool

TRIP_SECONDS = 0.02
"""What a task takes beside its work."""

CONNECT_SECONDS = 5.0
LOOK_SECONDS = 0.05
CAPACITY_SECONDS = 2.0
"""How long what is known of the workers counts."""

KEPT = 10_000
STATES = {
    "pending": TaskState.RUNNING,
    "processing": TaskState.RUNNING,
    "cancelled": TaskState.LOST,
    "lost": TaskState.LOST,
}


class DaskExecutor:
    """Tasks on a cluster whose workers see the same spool. `ca`, `cert` and `key` are PEM files for mutual TLS, which
    an address beyond loopback needs; `slots` bounds the tasks under way, 0: the threads of the workers.

    Raises EIGEN_CONFIG_INVALID, EIGEN_NOT_AVAILABLE without the extra `dask`; connects when it is first needed.
    """

    name = "dask"

    def __init__(
        self, spool: Spool, scheduler: str, *, ca: str = "", cert: str = "", key: str = "", slots: int = 0
    ) -> None:
        self._spool = spool
        self._address = scheduler
        self._slots = slots
        self._security = _security(scheduler, ca, cert, key)
        self._lock = threading.RLock()
        self._client: Any = None
        self._futures: OrderedDict[str, Any] = OrderedDict()
        self._cancelled: set[str] = set()
        self._again: dict[str, str] = {}
        self._workers: tuple[float, dict[str, Any]] = (0.0, {})

    def submit(self, key: str, spec: str, *, resources: Mapping[str, float]) -> str:
        """See `Executor.submit`."""
        check_digests(key, spec)
        with self._lock:
            if self._spool.has_result(key):
                self._cancelled.discard(key)
                return key
            if self.poll(key) is TaskState.RUNNING:
                return key
            client = self._connected()
            if resources:
                self._look(client, fresh=True)
                check_resources(resources, self.capacity().resources, self.name)
            self._cancelled.discard(key)
            with _answering(self._address):
                self._futures[key] = client.submit(
                    worker.run,
                    spec,
                    key,
                    key=f"eigen-{key}{self._again.get(key, '')}",
                    pure=False,
                    retries=0,
                    resources=dict(resources),
                )
            self._futures.move_to_end(key)
            while len(self._futures) > KEPT:
                self._futures.popitem(last=False)
        return key

    def poll(self, handle: str) -> TaskState:
        """See `Executor.poll`."""
        check_digests(handle)
        with self._lock:
            if handle in self._cancelled:
                return TaskState.CANCELLED
            future, client = self._futures.get(handle), self._client
        status: str = "lost" if future is None or client is None or client.status != "running" else future.status
        if STATES.get(status) is TaskState.RUNNING:
            return TaskState.RUNNING
        if self._spool.has_result(handle):
            return TaskState.DONE
        if status == "error":
            return TaskState.LOST if isinstance(_failure(future), WorkerDiedError) else TaskState.FAILED
        if status == "finished":  # its file is on the way through a shared folder, or it is gone
            return TaskState.DONE if self._spool.has_result(handle) else TaskState.LOST
        return STATES.get(status, TaskState.LOST)

    def result(self, handle: str, timeout_sec: float | None = None) -> Outcome:
        """See `Executor.result`."""
        until = None if timeout_sec is None else monotonic() + timeout_sec
        while True:
            state = self.poll(handle)
            if state is TaskState.DONE:
                outcome = self._spool.result(handle)
                if outcome is not None:
                    return outcome
                raise lost(handle, "its result is gone")
            if state is TaskState.CANCELLED:
                raise cancelled(handle)
            if state is TaskState.LOST:
                raise lost(handle, f"the scheduler `{self._address}` does not know it, or its worker is gone")
            if state is TaskState.FAILED:
                error = _failure(self._futures[handle])
                raise error if isinstance(error, EigenError) else lost(handle, str(error)[:300])
            left = LOOK_SECONDS if until is None else min(LOOK_SECONDS, until - monotonic())
            if left <= 0:
                raise not_yet(handle, timeout_sec)
            _wait(self._futures.get(handle), left)

    def cancel(self, handle: str) -> bool:
        """See `Executor.cancel`. What a worker has begun it ends; what it leaves is not read."""
        with self._lock:
            if self.poll(handle) is not TaskState.RUNNING:
                return False
            self._cancelled.add(handle)
            self._again[handle] = f"-{len(self._again)}"  # a cancellation is on its way, and means the old name only
            future = self._futures.pop(handle)
        with suppress(Exception):  # a scheduler that is gone has nothing to cancel
            future.cancel(force=True)
        return True

    def adopt(self, key: str) -> str | None:
        """See `Executor.adopt`. A scheduler forgets the tasks of a client that is gone; what they left is found."""
        check_digests(key)
        return key if self.poll(key) in {TaskState.DONE, TaskState.RUNNING} else None

    def capacity(self) -> Capacity:
        """See `Executor.capacity`."""
        with self._lock, suppress(EigenError):
            self._look(self._connected())
        workers = list(self._workers[1].values())
        tags = {tag for each in workers for tag in each.get("resources", {})}
        resources = {tag: max(float(each.get("resources", {}).get(tag, 0.0)) for each in workers) for tag in tags}
        slots = self._slots or max(1, sum(int(each["nthreads"]) for each in workers))
        return Capacity(slots, TRIP_SECONDS, False, resources=resources)

    def close(self) -> None:
        """See `Executor.close`."""
        with self._lock:
            client, self._client = self._client, None
            self._futures.clear()
        if client is not None:
            _close(client)

    def _connected(self) -> Any:
        """The client; a new one when the scheduler of the last one is gone. EIGEN_SERVER_UNREACHABLE."""
        if self._client is not None and self._client.status == "running":
            return self._client
        if self._client is not None:
            _close(self._client)
            self._client = None
            self._futures.clear()  # lost: another scheduler does not know them
        from distributed import Client

        logging.getLogger("distributed").setLevel(logging.CRITICAL)  # what it says is raised here, too
        with _answering(self._address):
            self._client = Client(
                self._address,
                security=self._security,
                timeout=CONNECT_SECONDS,
                set_as_default=False,
                name="eigen",
            )
        return self._client

    def _look(self, client: Any, *, fresh: bool = False) -> None:
        """See which workers there are."""
        seen, _ = self._workers
        if fresh or not seen or monotonic() - seen > CAPACITY_SECONDS:
            with _answering(self._address):
                found: dict[str, Any] = client.sync(client.scheduler.identity, callback_timeout=CONNECT_SECONDS)
            self._workers = (monotonic(), dict(found["workers"]))


class WorkerDiedError(Exception):
    """A task whose worker died, as far as Dask tells."""


class _answering:  # noqa: N801  (a context manager)
    """Whatever Dask raises because nobody answers is EIGEN_SERVER_UNREACHABLE."""

    def __init__(self, address: str) -> None:
        self._address = address

    def __enter__(self) -> None:
        return None

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: object) -> None:
        if isinstance(error, Exception) and not isinstance(error, EigenError):
            message = f"the Dask scheduler `{self._address}` does not answer: {type(error).__name__}"
            raise EigenError("EIGEN_SERVER_UNREACHABLE", message, hint="check `dask_scheduler`, and its TLS") from error


def _wait(future: Any, seconds: float) -> None:
    """Wait until Dask says that a future has ended."""
    import distributed

    with suppress(Exception):  # it timed out, or was cancelled: whoever asks looks again
        distributed.wait(future, timeout=seconds)  # pyright: ignore[reportUnknownMemberType]


def _failure(future: Any) -> Exception:
    """Why a future failed: our error, or a loss."""
    from distributed.scheduler import KilledWorker

    try:
        error = future.exception(timeout=CONNECT_SECONDS)
    except Exception as cause:
        return WorkerDiedError(f"{type(cause).__name__}")
    if isinstance(error, EigenError):
        return error
    if isinstance(error, KilledWorker):
        return WorkerDiedError("its workers died")
    return EigenError("EIGEN_DEVICE_FAILED", f"a worker could not run the task: {type(error).__name__}: {error}"[:1000])


def _close(client: Any) -> None:
    with suppress(Exception):  # whatever is wrong with a connection that is given up
        client.close(timeout=1.0)


def _security(address: str, ca: str, cert: str, key: str) -> Any:
    """What Dask needs to speak TLS with both certificates; None for plain TCP on loopback."""
    scheme, mark, rest = address.partition("://")
    if not mark or scheme not in {"tls", "tcp"} or not rest.rpartition(":")[2].isdigit():
        message = f"`dask_scheduler` is `tls://HOST:PORT`, or `tcp://` on loopback, not `{address[:80]}`"
        raise EigenError("EIGEN_CONFIG_INVALID", message)
    try:
        import distributed
    except ImportError:
        message = "the executor `dask` needs the extra `dask`"
        raise EigenError("EIGEN_NOT_AVAILABLE", message, hint="pip install 'eigen-os[dask]'") from None
    if scheme == "tcp":
        if not _is_loopback(rest.rpartition(":")[0]):
            message = f"`{address[:80]}` is beyond loopback: whoever reaches it without TLS runs what he likes there"
            raise EigenError("EIGEN_CONFIG_INVALID", message, hint="use `tls://`, `dask_ca`, `dask_cert`, `dask_key`")
        return None
    for name, path in (("dask_ca", ca), ("dask_cert", cert), ("dask_key", key)):
        if not path or not Path(path).is_file():
            message = f"`tls://` needs `{name}`, and there is no file `{path}`" if path else f"`tls://` needs `{name}`"
            raise EigenError("EIGEN_CONFIG_INVALID", message)
    return distributed.Security(tls_ca_file=ca, tls_client_cert=cert, tls_client_key=key, require_encryption=True)


def _is_loopback(host: str) -> bool:
    try:
        return ip_address(host.strip("[]")).is_loopback
    except ValueError:
        return host == "localhost"
