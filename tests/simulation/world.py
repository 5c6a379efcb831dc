"""`World`: who runs next, what time it is, and what goes wrong. Every step of every actor passes here.

Actors are coroutines with stacks of their own (greenlets), one at a time: at each call of a port and at each failpoint
the world may let another one go on, stop the whole process of this one for a while (it comes back as a zombie), move
the calendar, or crash it. All of it is drawn from one seed.
"""

from __future__ import annotations

import random
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from greenlet import GreenletExit, getcurrent, greenlet

from eigen.errors import EigenError

START = 1_800_000_000.0
MOST_STEPS = 60_000
"""A history that has not ended by then never does."""


class Crash(BaseException):
    """The process of the actor is gone."""


class BrokenLawError(AssertionError):
    """Something happened that may not happen, whatever goes wrong."""


@dataclass(frozen=True, slots=True)
class Weather:
    """How bad the days are: probabilities for each step, and how much of each there is in one history."""

    switch: float = 0.25
    crash: float = 0.006
    freeze: float = 0.006
    calendar: float = 0.002
    store: float = 0.012
    provider: float = 0.06
    crashes: int = 6
    freezes: int = 4
    store_faults: int = 8
    provider_faults: int = 6


QUIET = Weather(0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0, 0, 0, 0)


@dataclass(eq=False)
class Actor:
    """One process of the installation, or one client: what it runs, and how it stands."""

    name: str
    can_crash: bool
    wakes_at: float = 0.0
    frozen_until: float = 0.0
    is_dying: bool = False
    is_idle: bool = False
    owners: list[str] = field(default_factory=list)
    job_id: str = ""
    fence: int = 0
    claimed_at: float = 0.0
    family: list[Actor] = field(default_factory=list)
    beats: dict[int, tuple[float, float, Callable[[], bool]]] = field(default_factory=dict)
    greenlet: Any = None


class World:
    """One history under way."""

    def __init__(self, seed: int, weather: Weather, *, told: Callable[[str], object] | None = None) -> None:
        self.draw = random.Random(seed)
        self.weather = weather
        self.time = 1_000.0
        self.offset = START - self.time
        self.actors: list[Actor] = []
        self.dead: set[str] = set()
        self.sees_dead = self.draw.random() < 0.5
        self.counts = {"crash": 0, "freeze": 0, "store": 0, "provider": 0, "calendar": 0}
        self.steps = 0
        self.numbers = 0
        self.is_over = False
        self._told = told
        self._hub = getcurrent()
        self._by_greenlet: dict[Any, Actor] = {}

    # Actors

    def spawn(self, name: str, run: Callable[[Actor], object], *, after: float = 0.0, can_crash: bool = True) -> Actor:
        """Have an actor begin after so many seconds."""
        actor = Actor(name, can_crash, wakes_at=self.time + after)
        actor.greenlet = greenlet(lambda: self._live(actor, run), parent=self._hub)
        self._by_greenlet[actor.greenlet] = actor
        actor.family.append(actor)
        self.actors.append(actor)
        return actor

    def beside(self, name: str, act: Callable[[], object]) -> Callable[[], object]:
        """Have something done beside the actor, in the same process; what is returned waits for its end."""
        parent = self.actor
        assert parent is not None
        child = self.spawn(f"{parent.name}/{name}", lambda _: act(), can_crash=parent.can_crash)
        child.family, child.frozen_until = parent.family, parent.frozen_until
        parent.family.append(child)

        def wait() -> None:
            while child in self.actors:
                self.sleep(0.002)

        return wait

    def _live(self, actor: Actor, run: Callable[[Actor], object]) -> None:
        try:
            run(actor)
        except Crash:
            self.tell(f"{actor.name} is gone")
        finally:
            self.actors.remove(actor)
            actor.family.remove(actor)
            del self._by_greenlet[actor.greenlet]

    def run(self, is_over: Callable[[], bool]) -> None:
        """Let everybody live until it is over and nobody is in the middle of anything."""
        while True:
            ready = [each for each in self.actors if each.wakes_at <= self.time and each.frozen_until <= self.time]
            if self.steps > MOST_STEPS:
                raise BrokenLawError("the history does not end")
            if all(each.is_idle for each in self.actors) and is_over():
                break
            if not ready:
                self._pass_to_next()
                continue
            actor = ready[self.draw.randrange(len(ready))] if len(ready) > 1 else ready[0]
            actor.greenlet.switch()
        self.is_over = True
        for actor in list(self.actors):
            actor.greenlet.throw(GreenletExit)

    def _pass_to_next(self) -> None:
        """Nobody can go on now: time passes until somebody can, and hearts beat on the way."""
        moments = [max(each.wakes_at, each.frozen_until) for each in self.actors]
        if not moments:
            raise BrokenLawError("nobody is left")
        self.pass_(max(min(moments) - self.time, 0.0))

    @property
    def actor(self) -> Actor | None:
        """Who runs now."""
        return self._by_greenlet.get(getcurrent())

    # Time

    def now(self) -> float:
        """The calendar, which jumps."""
        return self.time + self.offset

    def monotonic(self) -> float:
        """What never jumps."""
        return self.time

    def sleep(self, seconds: float) -> None:
        """The actor rests."""
        actor = self.actor
        if actor is None:
            self.pass_(seconds)
            return
        self._die_on(actor)
        actor.wakes_at = self.time + seconds
        self._hub.switch()
        self._die_on(actor)

    def pass_(self, seconds: float) -> None:
        """Time passes; hearts of processes that live beat in their time."""
        until = self.time + seconds
        while True:
            due = [
                (at, number, actor)
                for actor in self.actors
                for number, (at, _, _) in actor.beats.items()
                if at <= until and actor.frozen_until <= at
            ]
            if not due:
                break
            at, number, actor = min(due, key=lambda entry: entry[:2])
            self.time = max(self.time, at)
            _, every, beat = actor.beats[number]
            actor.beats[number] = (self.time + every, every, beat)
            if not beat():
                actor.beats.pop(number, None)
        self.time = until

    # The heart of the leases

    def start(self, name: str, beat: Callable[[], bool], seconds: float) -> Callable[[], None]:
        """See `eigen.kernel.heart.Heart`."""
        actor = self.actor
        assert actor is not None
        self.numbers += 1
        number = self.numbers
        actor.beats[number] = (self.time + seconds, seconds, beat)
        return lambda: actor.beats.pop(number, None) and None

    # Chance

    def bits(self, count: int) -> int:
        """See `eigen.kernel.clock.Entropy`."""
        return self.draw.getrandbits(count)

    # What may happen at every step

    def step(self, label: str) -> None:
        """An actor is about to do something."""
        actor = self.actor
        if actor is None or self.is_over:
            return
        self._die_on(actor)
        self.steps += 1
        if self._told is not None:
            self.tell(f"{actor.name}: {label}")
        weather, chance = self.weather, self.draw.random()
        bound = weather.crash
        if chance < bound:
            if actor.can_crash and self.counts["crash"] < weather.crashes:
                self.counts["crash"] += 1
                self.crash(actor)
            return
        bound += weather.freeze
        if chance < bound:
            if self.counts["freeze"] < weather.freezes:
                self.counts["freeze"] += 1
                until = self.time + self.draw.choice((0.5, 3.2, 3.5, 4.0, 7.0, 40.0))
                for each in actor.family:
                    each.frozen_until = until
                self.tell(f"{actor.name} stands still until {actor.frozen_until:.3f}")
                self._switch(actor)
            return
        bound += weather.calendar
        if chance < bound:
            if self.counts["calendar"] < 3:
                self.counts["calendar"] += 1
                self.offset += self.draw.choice((-3600.0, -30.0, -1.0, 1.0, 30.0, 3600.0))
                self.tell(f"the calendar jumps to {self.now():.3f}")
            return
        if chance < bound + weather.switch:
            actor.wakes_at = self.time + self.draw.choice((0.0, 0.0, 0.0, 0.001, 0.05))
            self._switch(actor)

    def crash(self, actor: Actor) -> None:
        """The end of a process, here and now."""
        for each in actor.family:
            each.is_dying = True
            each.beats.clear()
            self.dead.update(each.owners)
            each.owners.clear()
        self.tell(f"{actor.name} crashes")
        raise Crash

    def fails(self, kind: str) -> bool:
        """Whether a call of this kind goes wrong now."""
        chance, most = (
            (self.weather.store, self.weather.store_faults)
            if kind == "store"
            else (self.weather.provider, self.weather.provider_faults)
        )
        if self.is_over or self.counts[kind] >= most or self.draw.random() >= chance:
            return False
        self.counts[kind] += 1
        return True

    def tell(self, text: str) -> None:
        """Write a line of the history."""
        if self._told is not None:
            self._told(f"{self.time:10.3f} {text}")

    def _switch(self, actor: Actor) -> None:
        self._hub.switch()
        self._die_on(actor)

    def _die_on(self, actor: Actor) -> None:
        """What is dead does nothing any more, whatever its `finally` says."""
        if actor.is_dying:
            raise Crash

    # Owners of leases, as `eigen.kernel.owner` tells them

    def own_name(self) -> str:
        """A name for one more worker of the process that runs."""
        self.numbers += 1
        actor = self.actor
        name = f"{'nobody' if actor is None else actor.name}#{self.numbers}"
        if actor is not None:
            actor.owners.append(name)
        return name

    def dead_among(self, owners: Any, *, one_host: bool) -> tuple[str, ...]:
        """The owners that are gone, on a host where one can tell."""
        return tuple(name for name in owners if name in self.dead) if self.sees_dead else ()


def unavailable(what: str) -> EigenError:
    """What a store says that cannot be used."""
    return EigenError("EIGEN_STORE_UNAVAILABLE", f"the simulated {what} cannot be used")
