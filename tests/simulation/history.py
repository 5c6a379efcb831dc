"""One history: jobs, clients that submit, repeat and cancel them, workers that come and go, until all is at rest."""

from __future__ import annotations

import threading
from dataclasses import dataclass, field, replace
from functools import cache
from typing import TYPE_CHECKING, Any

from doubles import house
from eigen.errors import EigenError
from eigen.jobspec import Budget, Retry, Timeout
from eigen.kernel import failpoints, reservations, worker
from eigen.kernel.kernel import Kernel
from eigen.kernel.worker import Worker
from eigen.types import Caller
from simulation.outside import FREE, PAID, Outside
from simulation.world import QUIET, Crash, Weather, World

if TYPE_CHECKING:
    from collections.abc import Callable

    from eigen.jobspec import JobSpec
    from simulation.world import Actor

LEASE_SECONDS = 3.0
STORMY = Weather()
TENANTS = ("acme", "lab")


@dataclass
class Wish:
    """A job that a client wants, and what became of it. `job_id` is what the kernel acknowledged."""

    number: int
    program: str
    target: str
    tenant: str
    needs: tuple[int, ...] = ()
    retry: int = 3
    queue_seconds: float | None = None
    execution_seconds: float | None = None
    max_shots: int | None = None
    max_seconds: float | None = None
    after: float = 0.0
    is_cancelled_after: float | None = None
    is_repeated: bool = False
    job_id: str = ""
    was_cancelled: bool = False
    answers: list[str] = field(default_factory=list)

    @property
    def key(self) -> str:
        """Its idempotency key."""
        return f"wish-{self.number}"

    def spec(self, job_ids: tuple[str, ...] = ()) -> JobSpec:
        """The job that is asked for."""
        return house.spec(
            self.program,
            self.target,
            retry=Retry(max_attempts=self.retry, backoff_seconds=0.5),
            timeout=Timeout(self.queue_seconds, self.execution_seconds),
            budget=Budget(max_shots=self.max_shots, max_seconds=self.max_seconds),
            dependencies=job_ids,
        )


class History:
    """A seed's history. `run` lives it; what it leaves is for `laws`."""

    def __init__(self, seed: int, weather: Weather = STORMY, *, told: Callable[[str], object] | None = None) -> None:
        self.seed = seed
        self.world = World(seed, weather, told=told)
        self.outside = Outside(self.world)
        draw = self.world.draw
        self.wishes = [self._wish(number) for number in range(draw.choice((1, 1, 2, 2, 3)))]
        self.workers = draw.choice((1, 2, 2, 3))
        self.reserves = draw.random() < 0.15
        self._busy = 0

    def _wish(self, number: int) -> Wish:
        draw = self.world.draw

        def sometimes(chance: float, *values: Any) -> Any:
            return draw.choice(values) if draw.random() < chance else None

        return Wish(
            number,
            draw.choice(("bell", "loop", "loop")),
            draw.choice((FREE, PAID, PAID)),
            draw.choice(TENANTS),
            needs=tuple(other for other in range(number) if draw.random() < 0.25),
            retry=draw.choice((1, 3, 3, 10)),
            queue_seconds=sometimes(0.08, 2.0, 20.0, 300.0),
            execution_seconds=sometimes(0.08, 0.1, 1.0, 30.0),
            max_shots=sometimes(0.08, 15, 45, 5000),
            max_seconds=sometimes(0.08, 0.1, 1.0, 30.0),
            after=draw.choice((0.0, 0.0, 0.5, 5.0)),
            is_cancelled_after=sometimes(0.2, 0.0, 0.1, 1.0, 5.0),
            is_repeated=draw.random() < 0.25,
        )

    def run(self) -> History:
        """Live it to the end."""
        world = self.world
        before = worker.own_name, worker.dead_among
        worker.own_name, worker.dead_among = world.own_name, world.dead_among
        try:
            with failpoints.watched(world.step):
                self._begin()
                world.run(lambda: self._busy == 0 and self.outside.store.unfinished() == 0)
        finally:
            worker.own_name, worker.dead_among = before
        return self

    def _begin(self) -> None:
        for wish in self.wishes:
            self._client(f"client-{wish.number}", lambda wish=wish: self._want(wish), after=wish.after)
            if wish.is_repeated:
                self._client(f"twin-{wish.number}", lambda wish=wish: self._ask(wish), after=wish.after)
        if self.reserves:
            self._client("holder", self._reserve, after=self.world.draw.choice((0.0, 1.0)))
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
                if error.code != "EIGEN_STORE_UNAVAILABLE":
                    raise
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
        while True:
            try:
                row = it.claim()
                if row is not None:
                    actor.is_idle, pause = False, 0.2
                    if world.weather.crash and world.draw.random() < 0.03:
                        stop.set()  # an orderly stop: the job goes back
                    it.work(row, stop=stop)
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


@cache
def undisturbed(program: str, target: str, max_shots: int | None) -> tuple[Any, tuple[Any, ...]]:
    """How such a job ends when nothing goes wrong: its results without their times, and its journal."""
    history = History(0, QUIET)
    history.wishes = [Wish(0, program, target, "acme", max_shots=max_shots)]
    history.workers, history.reserves = 1, False
    history.run()
    job_id = history.wishes[0].job_id
    kept = Kernel(replace(history.outside.ports)).results(job_id)
    return ending(kept), history.outside.store.journal(job_id)


def ending(results: Any) -> Any:
    """What a run must repeat."""
    told = ("seed", "evaluations", "shots_used", "minimizations", "cost")
    code = None if results.error is None else results.error["code"]
    kept = {name: results.metadata.get(name) for name in told}
    return results.state, code, results.outputs, results.circuits, kept
