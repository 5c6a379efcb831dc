"""Laws of the state machine: it never leaves its table, terminal states are final, the event log has no gaps."""

from __future__ import annotations

from dataclasses import replace

from hypothesis import given
from hypothesis import strategies as st

from doubles import house
from eigen.jobspec import JobSpec, ProgramRef, Retry, Timeout
from eigen.kernel import events, jobs
from eigen.types import JobState

TIMES = st.floats(min_value=0, max_value=4e9, allow_nan=False)
ERRORS = st.sampled_from([{"code": "EIGEN_DEVICE_FAILED", "message": "broke"}, {"code": "EIGEN_INTERNAL"}])
OUTCOMES = st.none() | st.just({"outputs": 1})

EVENTS = st.one_of(
    st.builds(events.Claimed, TIMES, st.integers(0, 50)),
    st.builds(
        events.DependenciesChecked,
        TIMES,
        st.sampled_from([(), ("job_a",)]),
        st.sampled_from([(), (("job_b", "ERROR"),)]),
    ),
    st.builds(events.Compiled, TIMES),
    st.builds(events.Placed, TIMES, st.just({"device_id": "sim:x"})),
    st.builds(events.Progressed, TIMES, st.just("minimize"), st.floats(-1, 2), st.just("42")),
    st.builds(events.Executed, TIMES, st.just({"outputs": 2})),
    st.builds(events.Failed, TIMES, ERRORS, st.booleans(), OUTCOMES),
    st.builds(events.Cancelled, TIMES, OUTCOMES),
    st.builds(events.TimedOut, TIMES, st.just("execution_seconds"), st.just(3.0), OUTCOMES),
    st.builds(events.Stopped, TIMES, TIMES),
    st.builds(events.Preempted, TIMES, st.sampled_from(["", "job_a"])),
    st.builds(events.Withheld, TIMES, TIMES, st.just(("sim:x",)), st.just(("res_a",))),
    st.builds(events.Crowded, TIMES, TIMES, st.just("sim:x"), st.just("it is full")),
)
# A job that goes all the way, with anything in between.
PATHS = st.lists(
    st.one_of(
        EVENTS,
        st.builds(events.Claimed, TIMES, st.just(0)),
        st.builds(events.Compiled, TIMES),
        st.builds(events.Placed, TIMES, st.just({"device_id": "sim:x"})),
        st.builds(events.Withheld, TIMES, TIMES, st.just(("sim:x",)), st.just(("res_a",))),
        st.builds(events.Crowded, TIMES, TIMES, st.just("sim:x"), st.just("it is full")),
    ),
    max_size=60,
)
SPECS = st.builds(
    lambda dependencies, attempts, queue: JobSpec(
        name="law",
        program=ProgramRef(sha256="0" * 64),
        dependencies=dependencies,
        retry=Retry(max_attempts=attempts),
        timeout=Timeout(queue_seconds=queue),
    ),
    st.sampled_from([(), ("job_a", "job_b")]),
    st.integers(1, 4),
    st.none() | st.floats(0, 1e9),
)


@given(SPECS, PATHS, st.lists(st.booleans(), max_size=60))
def test_every_history_follows_the_table(spec: JobSpec, path: list[events.Event], wishes: list[bool]) -> None:
    job, first = jobs.create("job_x", spec, at=0.0, entropy=7)
    log, terminal, kept = [first], 0, 0
    for position, event in enumerate(path):
        if position < len(wishes) and wishes[position]:
            job = replace(job, cancel_requested=True)
        before = job
        job, effects = jobs.step(job, event)
        announced = [effect.event for effect in effects if isinstance(effect, events.Announce)]
        if before.state.is_terminal:
            assert job == before
            assert not announced
        if job.state is not before.state:
            assert job.state in jobs.MOVES[before.state]
            assert announced
            assert announced[-1].state is job.state
        terminal += sum(entry.state.is_terminal for entry in announced)
        kept += sum(isinstance(effect, events.Keep) for effect in effects)
        assert job.event_seq == log[-1].seq + len(announced)
        assert job.progress >= before.progress
        log += announced
    assert [entry.seq for entry in log] == list(range(1, len(log) + 1))
    assert terminal == int(job.state.is_terminal)
    assert kept <= terminal
    if job.state in {JobState.ERROR, JobState.CANCELLED, JobState.TIMEOUT}:
        assert job.error is not None


@given(SPECS, PATHS)
def test_a_step_depends_on_nothing_but_its_arguments(spec: JobSpec, path: list[events.Event]) -> None:
    job, _ = jobs.create("job_x", spec, at=0.0, entropy=7)
    for event in path:
        once, twice = jobs.step(job, event), jobs.step(job, event)
        assert once == twice
        job = once[0]


@given(SPECS, PATHS)
def test_every_resting_job_can_be_claimed_on(spec: JobSpec, path: list[events.Event]) -> None:
    """Whatever happened, a claim of an unfinished job leads to something to do: no job is stuck."""
    job, _ = jobs.create("job_x", spec, at=0.0, entropy=7)
    for event in path:
        job, _ = jobs.step(job, event)
    _, effects = jobs.step(job, events.Claimed(5e9, 0))
    assert any(not isinstance(effect, (events.Announce, events.Keep)) for effect in effects)


@given(SPECS, PATHS, TIMES, TIMES)
def test_a_job_waits_for_a_reservation_where_it_is_and_says_so_once(
    spec: JobSpec, path: list[events.Event], at: float, until: float
) -> None:
    job, _ = jobs.create("job_x", spec, at=0.0, entropy=7)
    for event in path:
        job, _ = jobs.step(job, event)
    withheld = events.Withheld(at, until, ("sim:x",), ("res_a",))
    after, effects = jobs.step(job, withheld)
    assert after.state is job.state
    if job.state is not JobState.QUEUED:
        assert (after, effects) == (job, ())
        return
    assert after.not_before == max(at, until)
    assert after.stage == "waiting_reservation"
    assert effects[-1] == events.Await(("res_a",))
    again, effects = jobs.step(after, withheld)
    assert effects == (events.Await(("res_a",)),)
    assert again == after


@given(SPECS, st.integers(0, 30))
def test_giving_a_job_back_in_order_is_no_loss(spec: JobSpec, times: int) -> None:
    job, _ = jobs.create("job_x", spec, at=0.0, entropy=7)
    for event in (events.Claimed(0.0), events.DependenciesChecked(0.0)):
        job, _ = jobs.step(job, event)
    assert job.state is JobState.COMPILING
    for _ in range(times):
        job, _ = jobs.step(job, events.Stopped(0.0))
        assert job.losses == 0
        job, effects = jobs.step(job, events.Claimed(0.0))
        assert events.Compile() in effects
    job, _ = jobs.step(job, events.Compiled(0.0))
    assert job.losses == 0


@given(SPECS, st.lists(st.booleans(), max_size=30))
def test_of_a_job_that_compiles_lost_workers_are_counted_and_no_others(spec: JobSpec, lost: list[bool]) -> None:
    job, _ = jobs.create("job_x", spec, at=0.0, entropy=7)
    for event in (events.Claimed(0.0), events.DependenciesChecked(0.0)):
        job, _ = jobs.step(job, event)
    for position, vanished in enumerate(lost):
        if not vanished:
            job, _ = jobs.step(job, events.Stopped(0.0))
        job, _ = jobs.step(job, events.Claimed(0.0))
        if sum(lost[: position + 1]) == jobs.MAX_LOSSES:
            assert job.state is JobState.ERROR
            return
    job, _ = jobs.step(job, events.Compiled(0.0))
    assert (job.state, job.losses) == (JobState.QUEUED, sum(lost))


@given(st.lists(st.booleans(), max_size=30))
def test_of_a_workflow_at_work_lost_workers_are_counted_and_no_others(lost: list[bool]) -> None:
    job, _ = jobs.create("job_x", house.workflow(house.step("a", "bell")), at=0.0, entropy=7)
    job, effects = jobs.step(job, events.Claimed(0.0))
    for position, vanished in enumerate(lost):
        if not vanished:
            job, _ = jobs.step(job, events.Stopped(0.0))
        job, effects = jobs.step(job, events.Claimed(0.0))
        if sum(lost[: position + 1]) == jobs.MAX_LOSSES:
            assert job.state is JobState.ERROR
            return
        assert job.losses == 1 + sum(lost[: position + 1])
        assert events.Advance() in effects


@given(SPECS, st.lists(st.sampled_from(["", "job_a"]), max_size=30))
def test_giving_way_is_neither_a_failure_nor_a_loss(spec: JobSpec, others: list[str]) -> None:
    job, _ = jobs.create("job_x", spec, at=0.0, entropy=7)
    for event in (events.Claimed(0.0), events.DependenciesChecked(0.0), events.Compiled(0.0)):
        job, _ = jobs.step(job, event)
    running = events.Placed(0.0, {"device_id": "sim:x"})
    job, _ = jobs.step(job, running)
    for position, other in enumerate(others):
        job, effects = jobs.step(job, events.Preempted(1e9, other))
        assert (job.state, job.stage, effects[-1]) == (JobState.QUEUED, "preempted", events.Release())
        assert job.queue_until is None, "who has begun is not late to begin"
        told = [effect.event for effect in effects if isinstance(effect, events.Announce)]
        assert [entry.data for entry in told] == [{"by": other or None}]
        assert ("job_a" in job.message) == bool(other)
        assert jobs.step(job, events.Preempted(1e9, other)) == (job, ())
        job, effects = jobs.step(job, events.Claimed(3e9, position))
        assert effects == (events.Place(prefer="sim:x"),)
        job, _ = jobs.step(job, running)
    assert (job.state, job.failures, job.losses) == (JobState.RUNNING, 0, 0)
