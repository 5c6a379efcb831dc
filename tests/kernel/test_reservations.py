"""Reservations: who may hold a device, whose jobs it takes meanwhile, and what the others wait for."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import pytest

from doubles import house
from doubles.clocks import FakeClock
from eigen.errors import EigenError
from eigen.jobspec import Timeout
from eigen.kernel import reservations
from eigen.kernel.clock import rfc3339
from eigen.kernel.devices import Devices
from eigen.kernel.jobs import MAX_LOSSES
from eigen.kernel.worker import Worker
from eigen.types import OPERATOR, Caller, JobState

if TYPE_CHECKING:
    from conftest import Bench
    from eigen.types import Reservation

DEVICE, OTHER = "sim:statevector", "double:chip"
ANNA = Caller("anna", ("user",), "acme", "chem")
AMIR = Caller("amir", ("user",), "acme", "bio")
BERT = Caller("bert", ("user",), "other")


@pytest.fixture
def clock() -> FakeClock:
    return FakeClock()


@pytest.fixture
def bench(bench: Bench, clock: FakeClock) -> Bench:
    return bench.having(clock=clock)


def hold(bench: Bench, caller: Caller = ANNA, *, device: str = DEVICE, seconds: int = 100) -> Reservation:
    return Devices(bench.ports).reserve(caller, device, seconds, "calibration run")


def submit(bench: Bench, caller: Caller, *, target: str = DEVICE, reservation_id: str = "", **options: object) -> str:
    job = house.spec("bell", target, **options)
    return bench.kernel.of(caller).submit(job, house.files(job), reservation_id=reservation_id)


def work(bench: Bench) -> None:
    """Everything that can be done now; time stands still."""
    worker = Worker(bench.ports)
    while worker.run_next():
        pass


def refusal(function: object, *args: object, **options: object) -> EigenError:
    with pytest.raises(EigenError) as caught:
        function(*args, **options)  # type: ignore[operator]
    return caught.value


def test_a_reservation_says_who_holds_what_until_when(bench: Bench, clock: FakeClock) -> None:
    held = hold(bench)
    assert held.reservation_id.startswith("res_")
    assert (held.device_id, held.tenant, held.project, held.subject) == (DEVICE, "acme", "chem", "anna")
    assert (held.created_at, held.expires_at) == (rfc3339(clock.at), rfc3339(clock.at + 100))
    assert held.purpose == "calibration run"


def test_a_device_has_one_holder(bench: Bench, clock: FakeClock) -> None:
    held = hold(bench)
    error = refusal(hold, bench, BERT)
    assert error.code == "EIGEN_DEVICE_RESERVED"
    assert held.expires_at in error.message
    for secret in (held.reservation_id, "acme", "anna", "calibration"):
        assert secret not in str(error.to_json())
    clock.pass_(100)
    assert hold(bench, BERT).tenant == "other"


def test_reserving_again_moves_the_end_later_never_earlier(bench: Bench, clock: FakeClock) -> None:
    held = hold(bench, seconds=100)
    assert hold(bench, AMIR, seconds=10) == held
    clock.pass_(50)
    longer = hold(bench, AMIR, seconds=100)
    assert longer == replace(held, expires_at=rfc3339(clock.at + 100))
    assert bench.ports.reservations.active(rfc3339(clock.at)) == (longer,)


def test_the_operator_holds_for_the_default_tenant(bench: Bench) -> None:
    assert hold(bench, OPERATOR).tenant == "default"
    assert refusal(hold, bench, ANNA).code == "EIGEN_DEVICE_RESERVED"


@pytest.mark.parametrize("seconds", [0, -1, 7 * 86_400 + 1])
def test_a_reservation_has_a_sensible_length(bench: Bench, seconds: int) -> None:
    error = refusal(hold, bench, seconds=seconds)
    assert error.code == "EIGEN_REQUEST_INVALID"
    assert f"`{seconds}`" in error.message


@pytest.mark.parametrize("purpose", ["x" * 201, "a\nb", "\x1b[31m"])
def test_a_purpose_is_short_and_printable(bench: Bench, purpose: str) -> None:
    error = refusal(Devices(bench.ports).reserve, ANNA, DEVICE, 10, purpose)
    assert error.code == "EIGEN_REQUEST_INVALID"


def test_what_is_no_device_cannot_be_reserved(bench: Bench) -> None:
    assert refusal(hold, bench, device="sim:none").code == "EIGEN_DEVICE_UNKNOWN"


def test_only_the_holder_releases_and_only_once(bench: Bench) -> None:
    held = hold(bench)
    devices = Devices(bench.ports)
    foreign = refusal(devices.release, BERT, held.reservation_id)
    unknown = refusal(devices.release, BERT, "res_none")
    assert foreign.code == unknown.code == "EIGEN_RESERVATION_NOT_FOUND"
    assert str(foreign.to_json()).replace(held.reservation_id, "res_none") == str(unknown.to_json())
    devices.release(AMIR, held.reservation_id)  # the same tenant
    assert refusal(devices.release, ANNA, held.reservation_id).code == "EIGEN_RESERVATION_NOT_FOUND"
    assert hold(bench, BERT).tenant == "other"


def test_the_holders_jobs_run_and_the_others_wait_where_they_are(bench: Bench) -> None:
    held = hold(bench)
    mine, theirs = submit(bench, ANNA), submit(bench, BERT)
    work(bench)
    assert bench.kernel.get(mine).state is JobState.DONE
    waiting = bench.kernel.get(theirs)
    assert (waiting.state, waiting.stage) == (JobState.QUEUED, "waiting_reservation")
    event = bench.kernel.events(theirs)[-1]
    assert event.data == {"devices": [DEVICE], "until": held.expires_at}
    for secret in (held.reservation_id, "acme", "anna"):
        assert secret not in str(event)
    explained = bench.kernel.of(BERT).explain(theirs)
    assert explained["queue"] == {
        "name": DEVICE,
        "ahead": 0,
        "priority": 50,
        "undecided": None,
        "deadline": None,
        "not_before": held.expires_at,
        "reserved": True,
    }


def test_a_waiting_job_goes_on_when_the_reservation_expires(bench: Bench, clock: FakeClock) -> None:
    hold(bench, seconds=100)
    theirs = submit(bench, BERT)
    work(bench)
    clock.pass_(99)
    assert Worker(bench.ports).claim() is None, "nobody looks before the end"
    clock.pass_(1)
    work(bench)
    assert bench.kernel.get(theirs).state is JobState.DONE
    log = bench.kernel.events(theirs)
    assert [event.seq for event in log] == list(range(1, len(log) + 1))


def test_a_waiting_job_goes_on_when_the_reservation_is_released(bench: Bench) -> None:
    held = hold(bench)
    theirs = submit(bench, BERT)
    work(bench)
    Devices(bench.ports).release(ANNA, held.reservation_id)
    work(bench)
    assert bench.kernel.get(theirs).state is JobState.DONE


def test_a_longer_reservation_is_waited_for_without_a_word(bench: Bench, clock: FakeClock) -> None:
    hold(bench, seconds=100)
    theirs = submit(bench, BERT)
    work(bench)
    count = bench.kernel.get(theirs).event_seq
    for _ in range(2 * MAX_LOSSES):
        clock.pass_(100)
        hold(bench, ANNA, seconds=100)
        work(bench)
    assert bench.kernel.get(theirs).event_seq == count
    clock.pass_(100)
    work(bench)
    assert bench.kernel.get(theirs).state is JobState.DONE


def test_a_release_between_the_look_and_the_commit_is_not_missed(bench: Bench) -> None:
    """The reservation ends after the worker saw it and before the job is stored as waiting for it."""
    held = hold(bench)
    theirs = submit(bench, BERT)
    real = bench.ports.jobs.update

    class Releasing:
        def __getattr__(self, name: str) -> object:
            return getattr(bench.ports.jobs, name)

        def update(self, row: object, *args: object, **rest: object) -> bool:
            if getattr(row, "stage", "") == "waiting_reservation":
                bench.ports.reservations.release(held.reservation_id)
            return real(row, *args, **rest)  # type: ignore[arg-type]

    racing = bench.having(jobs=Releasing())
    work(racing)
    assert bench.kernel.get(theirs).state is JobState.DONE


def test_a_job_that_may_run_elsewhere_does_and_the_rationale_says_why(bench: Bench) -> None:
    held = hold(bench)
    theirs = submit(bench, BERT, target="auto")
    work(bench)
    done = bench.kernel.of(BERT).get(theirs)
    assert done.state is JobState.DONE
    assert done.device_id != DEVICE
    rivals = {rival["device_id"]: rival["reason"] for rival in bench.kernel.explain(theirs)["placement"]["rivals"]}
    assert rivals[DEVICE] == f"is reserved until {held.expires_at}"


def test_a_job_that_fits_nowhere_fails_at_once_reserved_or_not(bench: Bench) -> None:
    hold(bench, device=OTHER)
    job = house.spec("bell", OTHER, noise_model="thermal")
    job_id = bench.kernel.of(BERT).submit(job, house.files(job))
    work(bench)
    error = bench.kernel.get(job_id).error
    assert error is not None
    assert error["code"] == "EIGEN_ROUTER_NO_DEVICE"
    assert "noise model" in error["message"]


def test_a_job_of_a_reservation_runs_on_its_device(bench: Bench) -> None:
    held = hold(bench, device=OTHER)
    mine = submit(bench, ANNA, target="auto", reservation_id=held.reservation_id)
    work(bench)
    assert bench.kernel.get(mine).device_id == OTHER
    explained = bench.kernel.explain(mine)
    assert "RESERVATION" in explained["reason_codes"]
    assert all(held.reservation_id in rival["reason"] for rival in explained["placement"]["rivals"])


def test_a_target_that_excludes_the_reserved_device_is_refused_by_name(bench: Bench) -> None:
    held = hold(bench, device=OTHER)
    mine = submit(bench, ANNA, target=DEVICE, reservation_id=held.reservation_id)
    work(bench)
    error = bench.kernel.get(mine).error
    assert error is not None
    assert error["code"] == "EIGEN_ROUTER_NO_DEVICE"
    assert held.reservation_id in error["message"]


def test_a_job_names_a_reservation_that_its_tenant_holds_now(bench: Bench, clock: FakeClock) -> None:
    held = hold(bench)
    errors = [refusal(submit, bench, BERT, reservation_id=held.reservation_id)]
    errors.append(refusal(submit, bench, ANNA, reservation_id="res_none"))
    clock.pass_(100)
    errors.append(refusal(submit, bench, ANNA, reservation_id=held.reservation_id))
    assert {error.code for error in errors} == {"EIGEN_RESERVATION_NOT_FOUND"}
    words = {str(error.to_json()).replace(held.reservation_id, "res_none") for error in errors}
    assert len(words) == 1
    assert bench.kernel.list() == ()


def test_the_same_key_with_another_reservation_is_another_request(bench: Bench, clock: FakeClock) -> None:
    held = hold(bench)
    job = house.spec("bell", DEVICE)
    kernel = bench.kernel.of(ANNA)
    asked = {"idempotency_key": "k", "reservation_id": held.reservation_id}
    first = kernel.submit(job, house.files(job), **asked)
    clock.pass_(1000)
    assert kernel.submit(job, house.files(job), **asked) == first, "also when the reservation is over"
    error = refusal(kernel.submit, job, house.files(job), idempotency_key="k")
    assert error.code == "EIGEN_PUBLIC_IDEMPOTENCY_CONFLICT"


def test_a_job_whose_reservation_ran_out_in_the_queue_keeps_its_device_and_waits_like_anybody(
    bench: Bench, clock: FakeClock
) -> None:
    held = hold(bench, seconds=10)
    mine = submit(bench, ANNA, target="auto", reservation_id=held.reservation_id)
    clock.pass_(10)
    hold(bench, BERT, seconds=10)
    work(bench)
    assert bench.kernel.get(mine).stage == "waiting_reservation"
    clock.pass_(10)
    work(bench)
    assert bench.kernel.get(mine).device_id == DEVICE


def test_waiting_for_a_reservation_counts_as_waiting_in_the_queue(bench: Bench, clock: FakeClock) -> None:
    hold(bench, seconds=100)
    theirs = submit(bench, BERT, timeout=Timeout(queue_seconds=20.0))
    work(bench)
    clock.pass_(21)
    work(bench)
    assert bench.kernel.get(theirs).state is JobState.TIMEOUT


def test_a_waiting_job_can_be_cancelled(bench: Bench) -> None:
    hold(bench)
    theirs = submit(bench, BERT)
    work(bench)
    bench.kernel.of(BERT).cancel(theirs)
    assert bench.kernel.get(theirs).state is JobState.CANCELLED


def test_working_until_idle_does_not_wait_for_somebodys_reservation(bench: Bench, clock: FakeClock) -> None:
    hold(bench, seconds=100)
    submit(bench, BERT)
    before = clock.at
    assert Worker(bench.ports).run_until()
    assert clock.at == before


def test_who_stands_in_the_way(bench: Bench) -> None:
    held = hold(bench)
    assert reservations.against(bench.ports, "other") == {DEVICE: held}
    assert reservations.against(bench.ports, "acme") == {}
