"""What a workflow decides, over random graphs, ends and orders: laws of `advance` alone, without a kernel."""

from __future__ import annotations

import random
from dataclasses import dataclass, field

from hypothesis import given
from hypothesis import strategies as st

from doubles import house
from eigen.jobspec.workflow.plan import ANY, CONTINUE, FAILURE, STOP, SUCCESS, Step
from eigen.kernel.workflow import DONE, FAILED, SKIPPED, Standing, Tally, advance, outputs_of, record_of
from strategies import examples


@dataclass
class World:
    """Jobs of a workflow that end in the order in which a seeded chance ends them; an item's fate is its own."""

    steps: tuple[Step, ...]
    on_failure: str
    parallel: int
    fates: dict[str, list[str]]
    order: random.Random
    stop_after: int = 10**9
    records: dict[str, dict[str, object]] = field(default_factory=dict)
    jobs: dict[str, list[str]] = field(default_factory=dict)
    began: list[tuple[str, frozenset[str]]] = field(default_factory=list)
    most: int = 0
    ended: int = 0

    def standing(self) -> Standing:
        spec = house.workflow(*self.steps, on_failure=self.on_failure, parallel=self.parallel)
        tallies = {
            name: Tally(len(jobs), jobs.count("RUNNING"), sum(state in FAILED for state in jobs))
            for name, jobs in self.jobs.items()
        }
        return Standing(spec, self.records, tallies, stopping=self.ended >= self.stop_after)

    def run(self) -> None:
        """To the end; a world that never ends fails."""
        for _ in range(2_000):
            decision = advance(self.standing())
            for record in decision.records:
                self._record(record)
            for each in decision.ended:
                jobs = self.jobs.get(each.step, [])
                assert "RUNNING" not in jobs
                whole = len(jobs) == (1 if each.total is None else each.total) and each.error is None
                failed = [state for state in jobs if state in FAILED]
                state = failed[0] if failed else DONE if whole else "CANCELLED"
                self._record(record_of(each.step, state, outputs=list(jobs), jobs=len(jobs)))
            for wanted in decision.submit:
                jobs = self.jobs.setdefault(wanted.step, [])
                assert len(jobs) == (wanted.index or 0), "an item is submitted once, in order"
                jobs.append("RUNNING")
                self.began.append((wanted.step, frozenset(self.records)))
            running = [
                (name, k) for name, jobs in self.jobs.items() for k, state in enumerate(jobs) if state == "RUNNING"
            ]
            self.most = max(self.most, len(running))
            if decision.finished:
                assert not running
                return
            if decision.records or decision.ended:
                continue
            assert running, "it waits for nothing"
            name, item = self.order.choice(sorted(running))
            stopped = name in decision.cancel and self.order.random() < 0.7
            self.jobs[name][item] = "CANCELLED" if stopped else self.fates[name][item]
            self.ended += 1
        raise AssertionError("it does not end")

    def _record(self, record: dict[str, object]) -> None:
        name = str(record["step"])
        assert name not in self.records, "a step ends once"
        self.records[name] = record


@st.composite
def worlds(draw: st.DrawFn, *, failing: bool = True, stopping: bool = False) -> World:
    count = draw(st.integers(1, 6))
    names = [f"s{index}" for index in range(count)]
    steps: list[Step] = []
    fates: dict[str, list[str]] = {}
    for index, name in enumerate(names):
        needs = draw(st.lists(st.sampled_from(names[:index]), unique=True)) if index else []
        items = draw(st.none() | st.lists(st.integers(0, 3), max_size=4))
        after = draw(st.sampled_from([SUCCESS, SUCCESS, FAILURE, ANY])) if failing else SUCCESS
        when = draw(st.sampled_from([None, None, "1 < 2", "2 < 1"])) if failing else None
        steps.append(house.step(name, "bell", *needs, foreach=items, after=after, when=when))
        ends = [DONE, DONE, DONE, "ERROR", "TIMEOUT"] if failing else [DONE]
        fates[name] = draw(st.lists(st.sampled_from(ends), min_size=4, max_size=4))
    draw(st.randoms(use_true_random=False)).shuffle(steps)  # the order written is not the order of needs
    return World(
        tuple(steps),
        draw(st.sampled_from([STOP, CONTINUE])),
        draw(st.integers(1, 4)),
        fates,
        random.Random(draw(st.integers(0, 2**32))),
        stop_after=draw(st.integers(0, 8)) if stopping else 10**9,
    )


@examples(150)
@given(worlds())
def test_every_workflow_ends_and_no_step_begins_before_its_needs(world: World) -> None:
    world.run()
    assert set(world.records) == {step.name for step in world.steps}
    assert world.most <= world.parallel
    plan = {step.name: step for step in world.steps}
    for name, recorded in world.began:
        assert recorded >= set(plan[name].needs)
    for step in world.steps:
        states = [world.records[need]["state"] for need in step.needs]
        if step.after == SUCCESS and any(state != DONE for state in states):
            assert world.records[step.name]["state"] == SKIPPED
            assert step.name not in world.jobs
        if step.after == FAILURE and not FAILED.intersection(states):
            assert world.records[step.name]["state"] == SKIPPED


@examples(100)
@given(worlds(stopping=True))
def test_a_workflow_that_is_stopped_begins_nothing_more_and_ends(world: World) -> None:
    before = len(world.began)
    world.run()
    if world.stop_after == 0:
        assert before == len(world.began) == 0
    assert set(world.records) == {step.name for step in world.steps}


@examples(60)
@given(worlds(failing=False), st.lists(st.integers(0, 2**32), min_size=2, max_size=2))
def test_the_order_in_which_jobs_end_changes_nothing(world: World, seeds: list[int]) -> None:
    found = []
    for seed in seeds:
        again = World(world.steps, world.on_failure, world.parallel, world.fates, random.Random(seed))
        again.run()
        found.append((outputs_of(again.standing()), again.jobs))
        assert all(record["state"] == DONE for record in again.records.values())
    assert found[0] == found[1]


def test_each_item_has_a_seed_of_its_own_and_a_name() -> None:
    steps = (house.step("a", "bell", foreach=[5, 6], inputs={"x": "${item}", "k": "${index}"}), house.step("b", "bell"))
    decision = advance(Standing(house.workflow(*steps)))
    assert [wanted.spec.name for wanted in decision.submit] == ["w/a[0]", "w/a[1]", "w/b"]
    assert [wanted.spec.inputs for wanted in decision.submit] == [{"x": 5, "k": 0}, {"x": 6, "k": 1}, {}]
    seeds = [wanted.spec.seed for wanted in decision.submit]
    assert len(set(seeds)) == 3
    assert None not in seeds
    assert [wanted.spec.seed for wanted in advance(Standing(house.workflow(*steps))).submit] == seeds


def test_more_jobs_than_a_workflow_may_have_are_an_error() -> None:
    many = list(range(10_000))
    steps = [house.step(f"s{index}", "bell", foreach=many) for index in range(11)]
    tallies = {f"s{index}": Tally(10_000, 0, 0) for index in range(10)}
    records = {name: record_of(name, DONE) for name in tallies}
    decision = advance(Standing(house.workflow(*steps), records, tallies))
    (ended,) = decision.ended
    assert ended.step == "s10"
    assert ended.error is not None
    assert ended.error.code == "EIGEN_LIMIT_EXCEEDED"
