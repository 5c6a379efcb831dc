"""A running loop gives way to a more urgent job between two evaluations, and ends as if nobody had come."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from doubles import house
from doubles.clocks import FakeClock
from doubles.flaky import BackgroundDriver, FlakyDriver
from doubles.metered import METERED, MeteredDriver
from eigen.kernel.preemption import Preempting
from eigen.kernel.worker import Worker
from eigen.types import Caller, JobState

if TYPE_CHECKING:
    from pathlib import Path

    from conftest import Bench
    from eigen.drivers.driver import QDriver
    from eigen.types import JobResults

SECONDS = 10.0


class Scene:
    """One worker with a clock of its own. At its third evaluation the loop has run for a minute, an urgent job comes,
    and the queue is looked through twice."""

    def __init__(
        self, bench: Bench, *, seconds: float = SECONDS, busy: bool = True, looks: int = 2, caller: Caller | None = None
    ) -> None:
        self.clock = FakeClock(1_800_000_000.0)
        self.driver: QDriver = FlakyDriver(self.happen)
        self._bench = bench
        self._seconds, self._busy, self._looks = seconds, busy, looks
        self._caller = caller
        self.urgent = ""
        self.open()

    def open(self, driver: QDriver | None = None) -> None:
        self.driver = driver or self.driver
        self.bench = self._bench.having(devices=house.Drivers(self.driver), clock=self.clock)
        self.preempting = Preempting(self.bench.ports, self._seconds)

    def happen(self, number: int) -> None:
        if number != 3 or self.urgent:
            return
        self.clock.pass_(60.0)
        job = house.spec("bell", priority=90)
        kernel = self.bench.kernel if self._caller is None else self.bench.kernel.of(self._caller)
        self.urgent = kernel.submit(job, house.files(job))
        if self._caller is not None:
            self.clock.pass_(11.0)
        for _ in range(self._looks):
            self.preempting.look(busy=self._busy)

    def work(self) -> str | None:
        """Work on the next job until it rests; its id."""
        worker = Worker(self.bench.ports)
        row = worker.claim()
        if row is None:
            return None
        worker.work(row, preempting=self.preempting)
        self.preempting.end(row.job_id)
        return row.job_id

    def stages(self, job_id: str) -> list[str]:
        return [event.stage for event in self.bench.kernel.events(job_id)]


def numbers(results: JobResults) -> object:
    """Everything that a run computed, to the bit."""
    told = ("seed", "evaluations", "shots_used", "minimizations")
    return results.outputs, results.counts, results.circuits, {name: results.metadata.get(name) for name in told}


@pytest.mark.parametrize("program", ["vqe", "vqe-shots", "vqe-gradient"])
def test_a_loop_gives_way_and_goes_on_as_if_nobody_had_come(bench: Bench, program: str) -> None:
    counted = FlakyDriver(lambda _: None)
    alone = bench.having(devices=house.Drivers(counted))
    expected = alone.run(alone.submit(program))
    scene = Scene(bench)
    loop = scene.bench.submit(program)
    assert scene.work() == loop
    row = scene.bench.ports.jobs.get(loop)
    assert row is not None
    assert (row.state, row.stage, row.owner) == (JobState.QUEUED, "preempted", "")
    assert f"`{scene.urgent}`" in row.message
    assert scene.work() == scene.urgent
    assert scene.bench.kernel.get(scene.urgent).state is JobState.DONE
    assert scene.work() == loop
    found = scene.bench.kernel.results(loop)
    assert numbers(found) == numbers(expected)
    assert scene.driver.calls == counted.calls + 1, "the urgent one, and nothing twice"  # type: ignore[attr-defined]
    row = scene.bench.ports.jobs.get(loop)
    assert row is not None
    assert (row.failures, row.losses, row.attempt) == (0, 0, 2)
    told = scene.bench.kernel.explain(loop)["history"]
    assert [entry["state"] for entry in told if "gave way" in entry["message"]] == ["QUEUED"]


def test_a_sweep_gives_way_between_its_points(bench: Bench) -> None:
    alone = bench.having(devices=house.Drivers(FlakyDriver(lambda _: None)))
    expected = alone.run(alone.submit("turned"))
    scene = Scene(bench)
    sweep = scene.bench.submit("turned")
    assert [scene.work() for _ in range(3)] == [sweep, scene.urgent, sweep]
    assert "preempted" in scene.stages(sweep)
    assert scene.bench.kernel.results(sweep).outputs == expected.outputs


@pytest.mark.parametrize(
    "how", [{"seconds": 0.0}, {"busy": False}, {"looks": 1}, {"seconds": 61.0}], ids=["off", "idle", "once", "young"]
)
def test_nobody_gives_way_without_need(bench: Bench, how: dict[str, float]) -> None:
    scene = Scene(bench, **how)  # type: ignore[arg-type]
    loop = scene.bench.submit("vqe")
    assert [scene.work(), scene.work()] == [loop, scene.urgent]
    assert "preempted" not in scene.stages(loop)


def test_work_that_is_paid_for_never_gives_way(bench: Bench, tmp_path: Path) -> None:
    scene = Scene(bench)

    class Paid(MeteredDriver):
        calls = 0

        def submit(self, device_id: str, key: str, work: object) -> str:
            self.calls += 1
            scene.happen(self.calls)
            return super().submit(device_id, key, work)  # type: ignore[arg-type]

    scene.open(Paid(tmp_path / "ledger"))
    loop = scene.bench.submit("vqe-shots", METERED.id)
    urgent = [scene.work(), scene.work()]
    assert urgent == [loop, scene.urgent]
    assert scene.bench.kernel.get(loop).state is JobState.DONE
    assert "preempted" not in scene.stages(loop)


def test_work_that_does_not_repeat_itself_never_gives_way(bench: Bench) -> None:
    scene = Scene(bench)
    scene.open(BackgroundDriver(scene.happen))
    loop = scene.bench.submit("vqe-shots")
    assert [scene.work(), scene.work()] == [loop, scene.urgent]
    assert "preempted" not in scene.stages(loop)


def test_an_attempt_adds_to_the_journal_before_it_gives_way_again(bench: Bench) -> None:
    scene = Scene(bench)
    loop = scene.bench.submit("vqe")
    lengths: list[int] = []
    for _ in range(4):
        scene.urgent = ""
        scene.driver.calls = 2  # type: ignore[attr-defined]
        assert scene.work() == loop
        lengths.append(scene.bench.ports.jobs.journal_length(loop))
        assert scene.work() == scene.urgent
    assert lengths == sorted(set(lengths))
    assert lengths[0] > 0


def test_of_another_tenant_nothing_is_said_but_that_it_is_its_turn(bench: Bench) -> None:
    scene = Scene(bench, caller=Caller("bert", ("user",), "other", "chem"))
    loop = scene.bench.submit("vqe")
    assert [scene.work(), scene.work()] == [loop, scene.urgent]
    (told,) = (event for event in scene.bench.kernel.events(loop) if event.stage == "preempted")
    assert told.message == "gave way: another tenant's turn; the job continues later"
    assert told.data == {"by": None}
    assert scene.urgent not in str(scene.bench.kernel.explain(loop))
    assert scene.work() == loop
    assert scene.bench.kernel.get(loop).state is JobState.DONE
