"""What clients of a history want: jobs, sweeps, workflows and batches of jobs, drawn from its seed."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from functools import cache
from typing import TYPE_CHECKING, Any

from doubles import house
from eigen.jobspec import Budget, Retry, Timeout
from eigen.jobspec.batch import Entry
from eigen.jobspec.spec import Submission
from eigen.jobspec.sweep import Sweep
from simulation.provider import FORGETFUL, FREE, PAID

if TYPE_CHECKING:
    import random
    from collections.abc import Callable

    from eigen.jobspec import JobSpec
    from eigen.jobspec.workflow.plan import Step

TENANTS = ("acme", "lab")
PROGRAMS = ("bell", "loop", "turned")
TARGETS = (FREE, PAID, FORGETFUL)
MOST_SHOTS = (None, 15, 45, 5000)
POINTS = Sweep({"theta": {"start": 0.0, "stop": 2.0, "num": 3}})


@dataclass(frozen=True)
class Ask:
    """What a job asks for, of that which decides about its results: a program, or the shape of a workflow."""

    program: str
    target: str
    max_shots: int | None = None
    shots: int | None = None
    seed: int | None = 7

    @property
    def is_workflow(self) -> bool:
        """Whether it is a job of jobs."""
        return self.program in SHAPES

    def spec(self) -> JobSpec:
        """The job."""
        budget = Budget(max_shots=self.max_shots)
        if self.is_workflow:
            return replace(SHAPES[self.program](self.target), seed=self.seed, budget=budget)
        swept = {"sweep": POINTS} if self.program == "turned" else {}
        return house.spec(self.program, self.target, seed=self.seed, shots=self.shots, budget=budget, **swept)

    @staticmethod
    def of(spec: JobSpec) -> Ask:
        """What a job of a step asks for."""
        return Ask(program_of(spec.program.sha256), spec.target or "", spec.budget.max_shots, spec.shots, spec.seed)


@cache
def program_of(digest: str) -> str:
    """The program of a digest."""
    return next(name for name in (*PROGRAMS, "division") if house.spec(name).program.sha256 == digest)


def step(name: str, program: str, *needs: str, retry: int = 3, max_shots: int | None = None, **changes: Any) -> Step:
    """A step that tries so often."""
    made = house.step(name, program, *needs, **changes)
    sweep = POINTS if program == "turned" else None
    again, budget = Retry(max_attempts=retry, backoff_seconds=0.5), Budget(max_shots=max_shots)
    return replace(made, job=replace(made.job, sweep=sweep, retry=again, budget=budget))


def chain(target: str) -> JobSpec:
    """One after the other, the second one swept."""
    return house.workflow(step("a", "loop"), step("b", "turned", "a"), target=target)


def fan(target: str) -> JobSpec:
    """Items of which two run at a time, and who gathers them whatever became of them."""
    steps = (
        step("a", "bell"),
        step("each", "bell", "a", foreach=["${steps.a.state}", 1, 2], inputs={"x": "${item}"}),
        step("last", "bell", "each", inputs={"all": "${steps.each.counts}"}, after="any"),
    )
    return house.workflow(*steps, target=target, parallel=2)


def rescue(target: str) -> JobSpec:
    """A step that fails, one that is skipped for that, one that helps and one that comes in any case."""
    steps = (
        step("bad", "division"),
        step("other", "bell", "bad"),
        step("help", "bell", "bad", after="failure", inputs={"code": "${steps.bad.error.code}"}),
        step("always", "bell", "other", after="any"),
    )
    return house.workflow(*steps, target=target)


def choice(target: str) -> JobSpec:
    """Conditions on what came before: one holds, and one does not."""
    steps = (
        step("a", "loop"),
        step("b", "bell", "a", when="steps.a.outputs.optimal_value > 100"),
        step("c", "bell", "a", when="steps.a.outputs.evaluations > 0"),
        step("d", "bell", "b", "c", after="any"),
    )
    return house.workflow(*steps, outputs={"state": "${steps.b.state}", "c": "${steps.c.outputs}"}, target=target)


def budget(target: str) -> JobSpec:
    """More steps, side by side, than a budget of 35 shots is enough for."""
    steps = [step(f"s{number}", "bell", max_shots=20 if number else None) for number in range(4)]
    return replace(house.workflow(*steps, on_failure="continue", target=target), shots=10)


def side_by_side(target: str) -> JobSpec:
    """Two ways, one of which tries only once: when it fails, the other one is stopped."""
    steps = (step("a", "loop", retry=1), step("b", "loop"), step("c", "bell", "b"))
    return house.workflow(*steps, target=target)


SHAPES: dict[str, Callable[[str], JobSpec]] = {
    "chain": chain,
    "fan": fan,
    "rescue": rescue,
    "choice": choice,
    "budget": budget,
    "side-by-side": side_by_side,
}


@dataclass
class Wish:
    """A job that a client wants, and what became of it. `job_id` is what the kernel acknowledged; `batch` the number of
    the batch that it comes with; `decision` what a person says of work that nobody knows of, if anybody does."""

    number: int
    ask: Ask
    tenant: str
    needs: tuple[int, ...] = ()
    retry: int = 3
    priority: int = 50
    queue_seconds: float | None = None
    execution_seconds: float | None = None
    max_seconds: float | None = None
    deadline: float | None = None
    delivery: str | None = None
    decision: str | None = "again"
    batch: int | None = None
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
        job = self.ask.spec()
        return replace(
            job,
            labels={"wish": str(self.number)},
            priority=self.priority,
            retry=Retry(max_attempts=self.retry, backoff_seconds=0.5),
            timeout=Timeout(self.queue_seconds, self.execution_seconds),
            budget=replace(job.budget, max_seconds=self.max_seconds),
            deadline=self.deadline,
            delivery=self.delivery,
            dependencies=job_ids,
        )

    def entry(self) -> Entry:
        """It as one of a batch."""
        job = self.spec()
        return Entry(Submission(job, house.files(job)))


def wishes_of(draw: random.Random) -> list[Wish]:
    """What is wanted in a history."""
    if draw.random() < 0.12:
        tenant, after = draw.choice(TENANTS), draw.choice((0.0, 0.5))
        batch = [
            replace(_wish(draw, number, "plain"), needs=(), batch=0, tenant=tenant, after=after) for number in (0, 1)
        ]
        return [*batch, *(_wish(draw, number, "any") for number in range(2, 2 + draw.choice((0, 1))))]
    first, *others = [_wish(draw, number, "any") for number in range(draw.choice((1, 1, 2, 2, 3)))]
    if not first.ask.is_workflow and draw.random() < 0.25:  # the same again, by others or by the same
        others = [wish if wish.ask.is_workflow else replace(wish, ask=first.ask, after=5.0) for wish in others]
    return [first, *others]


def urgent_wishes(draw: random.Random) -> list[Wish]:
    """A loop that gives way unless it is paid for, and others that come while it runs."""
    first = replace(
        _wish(draw, 0, "plain"),
        ask=Ask("loop", draw.choice((FREE, FREE, FREE, PAID))),
        priority=draw.choice((10, 50)),
        after=0.0,
    )
    others = [_wish(draw, number, "any") for number in range(1, draw.choice((2, 2, 3)))]
    tenant = draw.choice(TENANTS)
    return [first, *(replace(wish, priority=90, tenant=tenant, after=draw.choice((0.05, 0.2, 0.4))) for wish in others)]


def _wish(draw: random.Random, number: int, kind: str) -> Wish:
    def sometimes(chance: float, *values: Any) -> Any:
        return draw.choice(values) if draw.random() < chance else None

    is_workflow = kind == "any" and draw.random() < 0.16
    target = draw.choice((FREE, FREE, PAID, PAID, FORGETFUL))
    program = draw.choice(tuple(SHAPES)) if is_workflow else draw.choice(("bell", "loop", "loop", "turned"))
    max_shots = sometimes(0.08, *MOST_SHOTS[1:]) if target != FORGETFUL and not is_workflow else None
    if program == "budget":
        target, max_shots = draw.choice((FREE, PAID)), 35
    deadline = sometimes(0.15, 0.3, 1.0, 3.0, 20.0, 300.0)
    waits = target == FORGETFUL and deadline is not None and draw.random() < 0.4
    return Wish(
        number,
        Ask(program, target, max_shots),
        draw.choice(TENANTS),
        needs=tuple(other for other in range(number) if draw.random() < 0.25),
        retry=draw.choice((1, 3, 3, 10)),
        priority=draw.choice((50, 50, 10, 90)),
        queue_seconds=sometimes(0.08, 2.0, 20.0, 300.0),
        execution_seconds=sometimes(0.08, 0.1, 1.0, 30.0),
        max_seconds=None if is_workflow else sometimes(0.08, 0.1, 1.0, 30.0),
        deadline=deadline,
        delivery=sometimes(0.3, "at_least_once") if target == FORGETFUL else None,
        decision=None if waits else draw.choice(("again", "again", "give_up")),
        after=draw.choice((0.0, 0.0, 0.5, 5.0)),
        is_cancelled_after=sometimes(0.2, 0.0, 0.1, 1.0, 5.0),
        is_repeated=draw.random() < 0.25,
    )
