"""Everything the kernel does to the world, one file per kind. `perform` is the only door: failures become events."""

from __future__ import annotations

from typing import TYPE_CHECKING

from eigen.kernel import logs
from eigen.kernel.effects.verdict import event_of
from eigen.kernel.events import (
    Advance,
    Await,
    AwaitRegion,
    CheckDependencies,
    Compile,
    Execute,
    Place,
    Release,
    Rest,
    Seal,
)
from eigen.kernel.failpoints import hit
from eigen.kernel.lease import LeaseLostError
from eigen.kernel.reservations import any_ended
from eigen.telemetry import observe, span

if TYPE_CHECKING:
    from eigen.kernel.events import Effect, Event
    from eigen.kernel.lease import Lease
    from eigen.kernel.ports import Ports

WORK = (Compile, Place, Execute)
"""The effects that may take their time: they are not begun for a job that is to stop."""

STAGES = (*WORK, Seal)
"""The effects that are timed."""


def perform(ports: Ports, lease: Lease, effect: Effect) -> Event | None:
    """Do what the effect says and return what came of it.

    Raises `LeaseLostError`, and EIGEN_STORE_UNAVAILABLE, which is no verdict on the job: it continues later.
    """
    name, started = type(effect).__name__.lower(), ports.clock.monotonic()
    try:
        if isinstance(effect, WORK):
            lease.check()
            if lease.job.spec.get("replay_of"):  # it is there to do all again
                ports = ports.anew()
        else:
            lease.storing.wait()
        with span(name, parent=lease.job.traceparent, job_id=lease.job.job_id, attempt=lease.job.attempt):
            return _perform(ports, lease, effect)
    except LeaseLostError:
        raise
    except Exception as error:
        return event_of(error, ports, lease)
    finally:
        if isinstance(effect, STAGES):
            seconds = ports.clock.monotonic() - started
            observe("eigen_kernel_stage_duration_seconds", seconds, stage=name)
            if not isinstance(effect, Seal):  # the last line of a job's log says how it ended
                took = f"{name} took {seconds:.6f} s"
                logs.write(ports, lease.job.job_id, "debug", took, extra={"seconds": seconds})


def _perform(ports: Ports, lease: Lease, effect: Effect) -> Event | None:
    match effect:
        case CheckDependencies():
            from eigen.kernel.effects.dependencies import check_dependencies

            return check_dependencies(ports, effect)
        case Compile():
            from eigen.kernel.effects.compile import compile_program

            return compile_program(ports, lease)
        case Place():
            from eigen.kernel.effects.place import place

            return place(ports, lease, effect)
        case Execute():
            from eigen.kernel.effects.execute import execute

            return execute(ports, lease)
        case Seal():
            from eigen.kernel.effects.seal import seal

            seal(ports, lease)
        case Advance():
            from eigen.kernel.effects.steps import advance_steps

            return advance_steps(ports, lease)
        case Rest():
            hit("rest.before")
            ports.jobs.rest(lease.job.job_id, lease.job.fence, ended=effect.ended, until=effect.until)
            hit("rested")
        case Release():
            ports.jobs.release(lease.job.job_id, lease.job.fence)
            hit("released")
        case Await():
            hit("await.before")
            if any_ended(ports.reservations, effect.reservations, ports.clock.now()):
                ports.reservations.wake()
            ports.jobs.release(lease.job.job_id, lease.job.fence)
            hit("awaited")
        case AwaitRegion():
            from eigen.kernel.effects.region import look_again

            hit("region.resting")
            look_again(ports, effect.device_id, effect.seen)
            ports.jobs.release(lease.job.job_id, lease.job.fence)
            hit("region.rested")
        case _:
            raise TypeError(f"`{type(effect).__name__}` belongs in the transaction of the step")
    return None
