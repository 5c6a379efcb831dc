"""A compiler or drivers in another process that do not answer: the job rests where it is and goes on later."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from doubles import house
from doubles.clocks import FakeClock
from doubles.flaky import FlakyDriver
from eigen.errors import EigenError
from eigen.kernel.jobs import MAX_LOSSES
from eigen.kernel.worker import Worker
from eigen.types import JobState

if TYPE_CHECKING:
    from conftest import Bench


class Away:
    """Says that a role does not answer, the first `times` times it is asked."""

    def __init__(self, times: int) -> None:
        self.left = times

    def ask(self, *_: object) -> None:
        if self.left > 0:
            self.left -= 1
            raise EigenError("EIGEN_SERVER_UNREACHABLE", "the role `compiler` does not answer")


def without_compiler(bench: Bench, away: Away) -> Bench:
    def compile_program(*args: Any, **options: Any) -> object:
        away.ask()
        return house.compile_by_heart(*args, **options)

    return bench.having(compile=compile_program)


def without_devices(bench: Bench, away: Away) -> Bench:
    class Gone(house.Drivers):
        def devices(self, target: str = "auto") -> Any:
            away.ask()
            return super().devices(target)

    return bench.having(devices=Gone(*house.all_drivers(bench.root)._drivers))


def without_driver(bench: Bench, away: Away) -> Bench:
    return bench.having(devices=house.Drivers(FlakyDriver(away.ask)))


@pytest.mark.parametrize("absent", [without_compiler, without_devices, without_driver])
def test_the_job_ends_well_however_long_it_takes(bench: Bench, absent: Any) -> None:
    clock = FakeClock()
    patient = absent(bench, Away(2 * MAX_LOSSES)).having(clock=clock)
    job_id = patient.submit("bell")
    before = clock.at
    assert Worker(patient.ports).run_until()
    assert patient.kernel.get(job_id).state is JobState.DONE
    assert clock.at - before >= 2 * MAX_LOSSES, "it rests between two looks"
    log = patient.kernel.events(job_id)
    assert [event.seq for event in log] == list(range(1, len(log) + 1))
    assert any("does not answer" in str(line["message"]) for line in patient.kernel.logs(job_id))


def test_it_can_be_cancelled_meanwhile(bench: Bench) -> None:
    away = without_compiler(bench, Away(10**9))
    job_id = away.submit("bell")
    Worker(away.ports).run_next()
    assert away.kernel.get(job_id).state is JobState.COMPILING
    away.kernel.cancel(job_id)
    assert away.kernel.get(job_id).state is JobState.CANCELLED
