"""What an exception means for a job: which event it becomes. Nothing that a program does ends in a traceback."""

from __future__ import annotations

from typing import TYPE_CHECKING

from eigen._core import CoreError
from eigen.errors import EigenError
from eigen.kernel import logs
from eigen.kernel.events import Cancelled, Failed, Preempted, Stopped, TimedOut, Undecided
from eigen.kernel.jobs import DEADLINE
from eigen.kernel.lease import RunInterruptedError, UndecidedError
from eigen.kernel.preemption import PreemptedError

if TYPE_CHECKING:
    from collections.abc import Mapping

    from eigen.kernel.events import Event
    from eigen.kernel.lease import Lease
    from eigen.kernel.ports import Ports
    from eigen.types import Json

RETRYABLE = frozenset({"EIGEN_DEVICE_FAILED"})

AWAY_SECONDS = 2.0
"""How long a job rests when the compiler or the drivers, in processes of their own, do not answer."""


def event_of(
    error: Exception, ports: Ports, lease: Lease, *, outcome: Mapping[str, Json] | None = None, evaluations: int = 0
) -> Event:
    """The event for an exception; `outcome` holds the partial results there are, of so many recorded evaluations.

    Raises EIGEN_STORE_UNAVAILABLE on: a full disk says nothing about the job. Nor does EIGEN_SERVER_UNREACHABLE:
    the job rests.
    """
    at = ports.clock.now()
    if isinstance(error, PreemptedError):
        return Preempted(at, error.by)
    if isinstance(error, RunInterruptedError):
        return _interruption(error, at, outcome)
    if isinstance(error, UndecidedError):
        return Undecided(at, error.about)
    cause = error_of(error)
    if cause.code == "EIGEN_STORE_UNAVAILABLE":
        raise cause
    if cause.code == "EIGEN_SERVER_UNREACHABLE":
        return _away(cause, ports, lease)
    if cause.code == "EIGEN_INTERNAL":
        _log_defect(error, ports, lease)
    retryable = cause.code in RETRYABLE
    return Failed(at, cause.to_json(), retryable=retryable, outcome=outcome, evaluations=evaluations)


def error_of(error: Exception) -> EigenError:
    """What a user is told of an exception; a defect of ours is EIGEN_INTERNAL."""
    if isinstance(error, EigenError):
        return error
    if isinstance(error, CoreError):
        return EigenError.from_core(error)
    if isinstance(error, (MemoryError, RecursionError)):
        what = "memory" if isinstance(error, MemoryError) else "nesting"
        return EigenError("EIGEN_LIMIT_EXCEEDED", f"the program needs more {what} than there is")
    return EigenError("EIGEN_INTERNAL", f"{type(error).__name__}: {error}")


def _away(error: EigenError, ports: Ports, lease: Lease) -> Event:
    """Another process is away, which says nothing about the job either: it goes on when that one is back."""
    logs.write(ports, lease.job.job_id, "warning", error.message)
    at = ports.clock.now()
    return Stopped(at, until=at + AWAY_SECONDS, message=f"{error.message}; the job continues later")


def _interruption(error: RunInterruptedError, at: float, outcome: Mapping[str, Json] | None) -> Event:
    match error.reason:
        case "cancelled":
            return Cancelled(at, outcome)
        case "timeout":
            return TimedOut(at, "execution_seconds", error.limit, outcome)
        case "deadline":
            return TimedOut(at, DEADLINE, error.limit, outcome)
        case "stopped":
            return Stopped(at)
        case _:
            budget = EigenError("EIGEN_RUN_BUDGET", f"the job reached `budget.max_seconds` of {error.limit:g} s")
            return Failed(at, budget.to_json(), outcome=outcome)


def _log_defect(error: Exception, ports: Ports, lease: Lease) -> None:
    from traceback import format_exception

    trace = "".join(format_exception(error))
    logs.write(ports, lease.job.job_id, "error", f"defect: {error!r}", extra={"traceback": trace})
