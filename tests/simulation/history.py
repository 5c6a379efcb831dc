"""One history: jobs, clients that submit, repeat and cancel them, workers that come and go, until all is at rest."""

from __future__ import annotations

import threading
from contextlib import ExitStack, suppress
from dataclasses import dataclass, replace
from functools import cache, partial
from typing import TYPE_CHECKING, Any
from unittest.mock import patch

from doubles import house
from eigen.errors import EigenError
from eigen.kernel import batch, failpoints, reservations, worker
from eigen.kernel.decisions import AGAIN, GIVE_UP
from eigen.kernel.effects import recall
from eigen.kernel.kernel import Kernel
from eigen.kernel.preemption import Preempting
from eigen.kernel.worker import Worker
from eigen.qfs.quotas import quotas_of
from eigen.qfs.store import AWAITING_DECISION
from eigen.types import Caller
from simulation.outside import Outside
from simulation.provider import PAID, PRICE
from simulation.watch import wish_of
from simulation.wishes import TENANTS, Wish, urgent_wishes, wishes_of
from simulation.world import QUIET, Crash, Weather, World

if TYPE_CHECKING:
    from collections.abc import Callable

    from eigen.qfs.store import JobRow
    from simulation.wishes import Ask
    from simulation.world import Actor

LEASE_SECONDS = 3.0
STORMY = Weather()
QUOTAS = "acme.queued=1,lab.queued=1,lab.running=1"
PREEMPT_SECONDS, LOOK_SECONDS = 0.02, 0.03
NOT_NOW = frozenset({"EIGEN_STORE_UNAVAILABLE", "EIGEN_QUOTA_EXCEEDED"})


class History:
    """A seed's history. `run` lives it; what it leaves is for `laws`."""

    def __init__(self, seed: int, weather: Weather = STORMY, *, told: Callable[[str], object] | None = None) -> None:
        self.seed = seed
        self.world = World(seed, weather, told=told)
        draw = self.world.draw
        limits, self.preempts = draw.choice(((True, False), (False, True), *((False, False),) * 4))
        self.wishes = urgent_wishes(draw) if self.preempts else wishes_of(draw)
        if limits:
            tenant = draw.choice(TENANTS)
            self.wishes = [replace(wish, tenant=tenant, batch=None) for wish in self.wishes]
        self.workers = 1 if self.preempts else draw.choice((1, 2, 2, 3))
        self.reserves = draw.random() < 0.15
        caches = draw.random() < 0.5
        self.outside = Outside(self.world, quotas=quotas_of(QUOTAS) if limits else None, caches=caches)
        self.meant: set[tuple[str, str, str]] = set()
        self.refused = 0
        self._busy = 0

    def rows(self) -> list[tuple[Wish, JobRow]]:
        """Every job, with the wish that it is of."""
        wishes = {str(wish.number): wish for wish in self.wishes}
        return [(wishes[wish_of(row)], row) for row in self.outside.memory.jobs.values()]

    def run(self) -> History:
        """Live it to the end."""
        world = self.world
        with ExitStack() as changed:
            changed.enter_context(patch.object(worker, "own_name", world.own_name))
            changed.enter_context(patch.object(worker, "dead_among", world.dead_among))
            changed.enter_context(patch.object(batch, "ThreadPoolExecutor", InPlace))
            changed.enter_context(patch.object(recall, "LEAST_AMPLITUDES", 0))
            changed.enter_context(patch.object(recall, "LEAST_SECONDS", -1.0))
            changed.enter_context(patch.object(recall, "SECONDS_PER_BYTE", 0.0))
            changed.enter_context(failpoints.watched(world.step))
            self._begin()
            world.run(lambda: self._busy == 0 and self.outside.store.unfinished() == 0)
        return self

    def _begin(self) -> None:
        together = [wish for wish in self.wishes if wish.batch is not None]
        names = frozenset(str(wish.number) for wish in together)
        self.outside.watch.batches = dict.fromkeys(names, names)
        if together:
            self._client("batch", lambda: self._want_all(together), after=together[0].after)
            if together[0].is_repeated:
                self._client("twin-batch", lambda: self._ask_all(together), after=together[0].after)
        for wish in self.wishes:
            if wish.batch is None:
                self._client(f"client-{wish.number}", lambda wish=wish: self._want(wish), after=wish.after)
                if wish.is_repeated:
                    self._client(f"twin-{wish.number}", lambda wish=wish: self._ask(wish), after=wish.after)
        if self.reserves:
            self._client("holder", self._reserve, after=self.world.draw.choice((0.0, 1.0)))
        self.world.spawn("person", self._decide)
        for number in range(self.workers):
            self._worker(f"worker-{number}")

    # Clients: what they ask for, they ask for until they are answered, by whichever server is there

    def _client(self, name: str, act: Callable[[], object], *, after: float = 0.0) -> None:
        self._busy += 1

        def live(_: Actor) -> None:
            act()
            self._busy -= 1

        self.world.spawn(name, live, after=after)

    def _insist(self, call: Callable[[], Any]) -> Any:
        while True:
            actor = self.world.actor
            assert actor is not None
            try:
                return call()
            except Crash:
                actor.is_dying = False  # the server died, the client did not
            except EigenError as error:
                if error.code not in NOT_NOW:
                    raise
                if error.code == "EIGEN_QUOTA_EXCEEDED":
                    self.refused += 1
                    self.world.sleep(1.0)
            self.world.sleep(0.2)

    def _kernel(self, tenant: str) -> Kernel:
        return Kernel(self.outside.ports, Caller(subject="anna", roles=frozenset({"user"}), tenant=tenant))

    def _ask(self, wish: Wish) -> str:
        while any(not self.wishes[other].job_id for other in wish.needs):
            self.world.sleep(0.3)
        job = wish.spec(tuple(self.wishes[other].job_id for other in wish.needs))
        kernel = self._kernel("" if wish.needs else wish.tenant)  # whoever waits for others must see them
        job_id = self._insist(lambda: kernel.submit(job, house.files(job), idempotency_key=wish.key))
        wish.answers.append(job_id)
        return job_id

    def _want(self, wish: Wish) -> None:
        wish.job_id = self._ask(wish)
        self._cancel(wish)

    def _ask_all(self, wishes: list[Wish]) -> None:
        kernel = self._kernel(wishes[0].tenant)
        views = self._insist(lambda: kernel.submit_all([wish.entry() for wish in wishes], idempotency_key="batch"))
        for wish, view in zip(wishes, views, strict=True):
            wish.answers.append(view.job_id)

    def _want_all(self, wishes: list[Wish]) -> None:
        self._ask_all(wishes)
        for wish in wishes:
            wish.job_id = wish.answers[-1]
        for wish in wishes:
            self._cancel(wish)

    def _cancel(self, wish: Wish) -> None:
        if wish.is_cancelled_after is not None:
            self.world.sleep(wish.is_cancelled_after)
            wish.was_cancelled = True
            try:
                self._insist(lambda: self._kernel("").cancel(wish.job_id))
            except EigenError as error:
                if error.code != "EIGEN_JOB_FINISHED":
                    raise

    def _reserve(self) -> None:
        ports, caller = self.outside.ports, self._kernel("umbrella").caller
        seconds = self.world.draw.choice((2, 30))
        held = self._insist(lambda: reservations.reserve(ports, caller, PAID, seconds, ""))
        if self.world.draw.random() < 0.7:
            self.world.sleep(self.world.draw.choice((0.5, 5.0)))
            try:
                self._insist(lambda: reservations.release(ports, caller, held.reservation_id))
            except EigenError as error:
                if error.code != "EIGEN_RESERVATION_NOT_FOUND":  # it ended by itself, or the answer was lost
                    raise

    # A person, who decides about work of which nobody knows, now and then twice, and now and then about what is past

    def _decide(self, actor: Actor) -> None:
        pause, asked = 0.5, dict[str, list[str]]()
        while True:
            actor.is_idle = True
            self.world.sleep(pause)
            actor.is_idle = False
            pause = min(1.5 * pause, 6.0)
            for wish, row in self.rows():
                if row.stage != AWAITING_DECISION or wish.decision is None:
                    continue
                key = str(self.outside.memory.events[row.job_id][-1].data["key"])
                before = asked.setdefault(row.job_id, [])
                if before and before[-1] != key and self.world.draw.random() < 0.5:
                    self._say(row.job_id, GIVE_UP, before[-1])  # about what was decided otherwise: in vain
                if key not in before:
                    before.append(key)
                    self.meant.add((row.job_id, key, wish.decision))
                if self.world.draw.random() < 0.3:
                    self._client("echo", partial(self._say, row.job_id, wish.decision, key))
                self._say(row.job_id, wish.decision, key)
                pause = 0.5

    def _say(self, job_id: str, decision: str | None, key: str) -> None:
        try:
            self._insist(lambda: self._kernel("").decide(job_id, decision or AGAIN, key=key))
        except EigenError as error:
            if error.code not in {"EIGEN_JOB_NOT_UNDECIDED", "EIGEN_JOB_FINISHED"}:
                raise

    # Workers: one dies, another one starts

    def _worker(self, name: str, *, after: float = 0.0) -> None:
        def live(actor: Actor) -> None:
            try:
                self._work(actor)
            except Crash:
                self._worker(name, after=self.world.draw.choice((0.0, 0.1, 2.0)))
                raise

        self.world.spawn(name, live, after=after)

    def _work(self, actor: Actor) -> None:
        world, pause = self.world, 0.2
        stop = threading.Event()
        it = Worker(self.outside.ports, lease_seconds=LEASE_SECONDS)
        preempting = Preempting(self.outside.ports, PREEMPT_SECONDS) if self.preempts else None
        while True:
            try:
                row = it.claim()
                if row is not None:
                    actor.is_idle, pause = False, 0.2
                    if world.weather.crash and world.draw.random() < 0.03:
                        stop.set()  # an orderly stop: the job goes back
                    self._work_on(it, row, stop, preempting)
                    stop.clear()
                    continue
            except EigenError as error:
                if error.code != "EIGEN_STORE_UNAVAILABLE":
                    raise
                stop.clear()
            actor.is_idle = True
            world.sleep(pause)
            actor.is_idle = False
            pause = min(2 * pause, 6.0)

    def _work_on(self, it: Worker, row: JobRow, stop: threading.Event, preempting: Preempting | None) -> None:
        if preempting is None:
            it.work(row, stop=stop)
            return
        stop_looking = self.world.start("queue", lambda: _look(preempting), LOOK_SECONDS)
        try:
            it.work(row, stop=stop, preempting=preempting)
        finally:
            stop_looking()
            preempting.end(row.job_id)


def _look(preempting: Preempting) -> bool:
    with suppress(EigenError):
        preempting.look(busy=True)
    return True


class InPlace:
    """What a pool of threads is asked to do, done at once by who asks."""

    def __init__(self, *_: object) -> None:
        return

    def __enter__(self) -> InPlace:
        return self

    def __exit__(self, *_: object) -> None:
        return

    def submit(self, act: Callable[..., object], *args: object) -> Done:
        """Do it."""
        return Done(act(*args))


@dataclass(frozen=True)
class Done:
    """What came of it."""

    value: object

    def result(self) -> object:
        """It."""
        return self.value


@dataclass(frozen=True)
class Undisturbed:
    """How a job ends when nothing goes wrong: its results without their times, its journal, and of a workflow how each
    step was recorded."""

    ending: Any
    journal: tuple[Any, ...]
    records: dict[str, Any]


@cache
def undisturbed(ask: Ask) -> Undisturbed:
    """What becomes of a job alone in the world."""
    history = History(0, QUIET)
    history.wishes = [Wish(0, ask, "acme", decision=None)]
    history.workers, history.reserves, history.preempts = 1, False, False
    history.outside = Outside(history.world)
    history.run()
    job_id = history.wishes[0].job_id
    kept = Kernel(replace(history.outside.ports)).results(job_id)
    journal = history.outside.store.journal(job_id)
    return Undisturbed(ending(kept), journal, records(journal) if ask.is_workflow else {})


def ending(results: Any) -> Any:
    """What a run must repeat. What work cost that was submitted twice is told apart."""
    told = ("seed", "evaluations", "shots_used", "minimizations", "cost", "workflow", "sweep")
    code = None if results.error is None else results.error["code"]
    kept = {name: results.metadata.get(name) for name in told}
    if results.metadata.get("delivery", {}).get("repeated"):
        shots = kept["shots_used"]
        kept["cost"] = {**kept["cost"], "tasks": kept["evaluations"], "shots": shots, "amount": PRICE * shots}
    return results.state, code, results.outputs, results.circuits, kept


def records(journal: tuple[Any, ...]) -> dict[str, Any]:
    """How the steps of a workflow were recorded, without times, ids, and what work cost that was submitted twice."""
    told = ("state", "outputs", "counts", "jobs", "shots_used")
    return {
        entry.value["step"]: (
            entry.key,
            *(entry.value.get(name) for name in told),
            (entry.value["error"] or {}).get("code"),
        )
        for entry in journal
    }
