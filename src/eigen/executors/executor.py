"""The Executor Protocol: what runs tasks outside this process. It knows neither circuits nor jobs.

A task is named by its key and described by a document that lies in the spool; only digests travel, never code. What it
gives is a document in the spool too, written once: whoever finds it there need not ask an executor any more.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from enum import StrEnum
from typing import TYPE_CHECKING, Protocol, runtime_checkable

from eigen.errors import EigenError

if TYPE_CHECKING:
    from collections.abc import Mapping

DIGEST = re.compile(r"[0-9a-f]{64}")


class TaskState(StrEnum):
    """Where a task stands. LOST: nothing runs it any more and it left no result; submitting it again is harmless."""

    WAITING = "WAITING"
    RUNNING = "RUNNING"
    DONE = "DONE"
    FAILED = "FAILED"
    CANCELLED = "CANCELLED"
    LOST = "LOST"


ENDED = frozenset({TaskState.DONE, TaskState.FAILED, TaskState.CANCELLED, TaskState.LOST})


@dataclass(frozen=True, slots=True)
class Outcome:
    """What a task left: a document, the same whenever it runs, and the seconds of work that it took this time."""

    document: bytes
    seconds: float = 0.0


@dataclass(frozen=True, slots=True)
class Capacity:
    """What an executor has.

    `slots` are the tasks that run at a time; `trip_sec` is about what a task takes beside its work, and `start_sec`
    what the first one takes besides, 0 once there are workers; `memory_bytes` is what one task may use, None where
    nobody says. `is_local`: its workers share the processors of this host. `resources` are amounts by tag, each the
    most that a single worker has.
    """

    slots: int
    trip_sec: float
    is_local: bool
    start_sec: float = 0.0
    memory_bytes: int | None = None
    resources: Mapping[str, float] = field(default_factory=dict[str, float])


@runtime_checkable
class Executor(Protocol):
    """Runs tasks. Safe for threads. EIGEN_SERVER_UNREACHABLE where what it speaks to does not answer."""

    name: str

    def submit(self, key: str, spec: str, *, resources: Mapping[str, float]) -> str:
        """Have the task of this key run, described by the document of the digest `spec`, on a worker with these
        resources, and return its handle. A key that is under way or done is not run again; one that was lost,
        cancelled or failed is.

        Raises EIGEN_EXECUTOR_RESOURCES when no worker has the resources; EIGEN_REQUEST_INVALID for what is no sha256.
        """
        ...

    def poll(self, handle: str) -> TaskState:
        """Where the task stands; LOST for a handle that nobody knows."""
        ...

    def result(self, handle: str, timeout_sec: float | None = None) -> Outcome:
        """Wait for what the task leaves, whatever it says.

        Raises EIGEN_RUN_TIMEOUT, EIGEN_RUN_CANCELLED, EIGEN_EXECUTOR_LOST, and what made the task fail before it ran.
        """
        ...

    def cancel(self, handle: str) -> bool:
        """Stop the task; False when it had ended. What it leaves all the same, later, is not read."""
        ...

    def adopt(self, key: str) -> str | None:
        """The handle of a task of this key that is under way or done, whoever submitted it; else None."""
        ...

    def capacity(self) -> Capacity:
        """What there is."""
        ...

    def close(self) -> None:
        """Let go of everything. Tasks on other machines go on."""
        ...


def check_digests(*digests: str) -> None:
    """Refuse what is no sha256 in hexadecimal; EIGEN_REQUEST_INVALID."""
    for digest in digests:
        if DIGEST.fullmatch(digest) is None:
            raise EigenError("EIGEN_REQUEST_INVALID", f"`{digest[:80]}` is no sha256 in hexadecimal")


def check_resources(wanted: Mapping[str, float], there: Mapping[str, float], name: str) -> None:
    """Refuse a task that no worker can take, however long one waits; EIGEN_EXECUTOR_RESOURCES."""
    for tag, amount in sorted(wanted.items()):
        if there.get(tag, 0.0) < amount:
            raise lacking(f"{tag}={amount:g}", f"no worker of the executor `{name}` has it", there)


def lacking(what: str, why: str, there: Mapping[str, float] | None = None) -> EigenError:
    """The error for resources that are not there."""
    listed = ", ".join(f"`{tag}={amount:g}`" for tag, amount in sorted((there or {}).items()))
    return EigenError(
        "EIGEN_EXECUTOR_RESOURCES",
        f"a task needs `{what}`, and {why}",
        hint=f"there is {listed}" if listed else "start workers that have it, or change `executor_resources`",
    )


def lost(handle: str, why: str) -> EigenError:
    """The error for a task whose worker is gone."""
    return EigenError("EIGEN_EXECUTOR_LOST", f"task `{handle[:80]}` was lost: {why}")


def cancelled(handle: str) -> EigenError:
    """The error for a task that was cancelled."""
    return EigenError("EIGEN_RUN_CANCELLED", f"task `{handle[:80]}` was cancelled")


def not_yet(handle: str, seconds: float | None) -> EigenError:
    """The error for a wait that is over."""
    return EigenError("EIGEN_RUN_TIMEOUT", f"task `{handle[:80]}` was not done after `{seconds}` s")
